"""SEC-42: what is asked of the outside never reaches the inside, and never takes longer or more than it may."""

import gzip
import ipaddress
import socket
import ssl
import subprocess
import threading
import time

import pytest
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from tanxun import web
from tests.receivers import Receiver, trickle
from tests.running import free_port

pytestmark = pytest.mark.any_engine


@pytest.fixture(autouse=True)
def english():
    with override("en"):
        yield


@pytest.fixture
def allow(settings):
    def allowed(*receivers):
        settings.OUTGOING_HOSTS = [f"127.0.0.1:{receiver.port}" for receiver in receivers]

    return allowed


@pytest.fixture
def quick(monkeypatch):
    """The same rule with less waiting."""
    monkeypatch.setattr(web, "SECONDS", 0.5)


@pytest.fixture
def names(monkeypatch):
    """A name server whose answers change with every question; gives the list of questions."""
    asked, system = [], socket.getaddrinfo

    def answering(*answers):
        def look_up(host, port, *args, **kwargs):
            if not str(host).endswith(".example"):
                return system(host, port, *args, **kwargs)
            asked.append(host)
            found = answers[min(len(asked), len(answers)) - 1]
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in found]

        monkeypatch.setattr(socket, "getaddrinfo", look_up)
        return asked

    return answering


INSIDE = [
    "127.0.0.1", "127.1", "0.0.0.1", "10.0.0.5", "172.16.3.4", "192.168.1.1", "169.254.169.254", "100.64.0.1", "224.0.0.1",
    "240.0.0.1", "255.255.255.255", "198.18.0.1", "192.0.2.1", "2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1", "017700000001",
    "[::1]", "[::]", "[fe80::1]", "[fc00::1]", "[fec0::1]", "[ff02::1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]",
    "[::ffff:10.0.0.5]", "[::127.0.0.1]", "[64:ff9b::127.0.0.1]", "[64:ff9b::a00:5]", "[64:ff9b:1::7f00:1]", "[2002:7f00:1::]",
    "[2001:0:7f00:1::]", "[2001:db8::1]", "localhost", "LOCALHOST.", "１２７.０.０.１",
]  # fmt: skip


@pytest.mark.parametrize("host", INSIDE)
def test_addresses_of_the_inside_are_refused_however_they_are_written(host):
    for scheme in ("http", "https"):
        with pytest.raises(web.WebError) as fault:
            web.fetch(f"{scheme}://{host}/latest/meta-data/")
        # "017700000001" is a name to some systems and an address to others; neither gets through.
        assert isinstance(fault.value, web.RefusedError) or "no host" in str(fault.value)


@given(st.integers(0, 2**32 - 1).map(ipaddress.IPv4Address))
def test_wrapped_in_ipv6_an_address_is_as_allowed_as_by_itself(plain):
    def allowed(address):
        try:
            web.refuse_inside(address)
        except web.RefusedError:
            return False
        return True

    for wrapped in (f"::ffff:{plain}", f"64:ff9b::{plain}"):
        assert allowed(ipaddress.ip_address(wrapped)) == allowed(plain)
    assert not allowed(plain) or plain.is_global
    assert not allowed(ipaddress.IPv6Address(int(plain)))  # ::a.b.c.d


@pytest.mark.parametrize("host", ["1.1.1.1", "[2606:4700::1111]", "example.com", "工信部.example"])
def test_addresses_of_the_internet_are_not_refused_before_they_are_looked_up(host):
    assert web.check(f"https://{host}/feed.xml?a=1").hostname


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd", "gopher://example.com/", "ftp://example.com/", "javascript:alert(1)", "//example.com/", "", "http://",
        "http://user:password@example.com/", "http://user@example.com/", "http://example.com:22/", "https://example.com:8443/",
        "http://example.com:99999/", "http://exa mple.com/", "http://example.com/\r\nHost: inside", "http://example.com\\@10.0.0.1/",
        "http://[::1", "http://" + "a" * 3000,
    ],
)  # fmt: skip
def test_other_schemes_ports_and_credentials_are_refused(url):
    with pytest.raises(web.RefusedError) as fault:
        web.fetch(url)
    assert "\n" not in str(fault.value)


def test_a_receiver_of_the_inside_is_asked_only_where_the_owner_named_it(settings):
    with Receiver() as one, Receiver() as other:
        settings.OUTGOING_HOSTS = [f"127.0.0.1:{one.port}"]
        assert web.fetch(one.url).body == b"ok"
        with pytest.raises(web.RefusedError, match="ports"):
            web.fetch(other.url)
        settings.OUTGOING_HOSTS = ["127.0.0.1"]  # without a port: the usual ones
        with pytest.raises(web.RefusedError, match="ports"):
            web.fetch(one.url)
        assert not other.requests
        ((method, path, headers, body),) = one.requests
    assert (method, path, body) == ("GET", "/", b"")
    assert not {"Cookie", "Authorization", "Referer"} & set(headers)


def test_a_redirect_is_checked_as_the_first_address_is(allow):
    with Receiver() as secret, Receiver(lambda request: (302, {"Location": targets[len(one.requests) - 1]}, b"")) as one:
        allow(one)
        targets = [secret.url, "http://[::ffff:127.0.0.1]/", "file:///etc/passwd", "http://169.254.169.254/a", "//10.0.0.1/"]
        for _target in targets:
            with pytest.raises(web.RefusedError):
                web.fetch(one.url)
        assert not secret.requests
        assert len(one.requests) == 5


def test_three_redirects_are_followed_and_no_fourth(allow):
    def count_down(request):
        left = int(request.path.rpartition("/")[2])
        return (302, {"Location": f"/feeds/{left - 1}"}, b"") if left else (200, {}, b"arrived")

    with Receiver(count_down) as one:
        allow(one)
        answer = web.fetch(f"{one.url}feeds/3")
        assert (answer.body, answer.url) == (b"arrived", f"{one.url}feeds/0")
        with pytest.raises(web.WebError, match="more than 3"):
            web.fetch(f"{one.url}feeds/4")


def test_what_is_posted_is_not_carried_to_another_address(allow):
    with Receiver() as other, Receiver(lambda request: (307, {"Location": other.url}, b"")) as one:
        allow(one, other)
        assert web.post(one.url, b"secret", {}).status == 307
        assert not other.requests


def test_a_name_is_looked_up_once_and_that_address_is_connected_to(names, settings):
    """A name server that answers otherwise the second time (re-binding) is not asked a second time."""
    with Receiver(lambda request: (200, {}, b"first"), "127.0.0.1") as first:
        asked = names(["127.0.0.1"], ["127.0.0.2"])
        settings.OUTGOING_HOSTS = [f"feeds.example:{first.port}"]
        assert web.fetch(f"http://feeds.example:{first.port}/").body == b"first"
        assert asked == ["feeds.example"]
        assert first.requests[0][2]["Host"] == f"feeds.example:{first.port}"


@pytest.mark.parametrize("answers", [["127.0.0.1"], ["93.184.215.14", "10.0.0.1"], ["10.0.0.1", "93.184.215.14"]])
def test_a_name_with_one_address_inside_is_refused_whole(names, answers):
    asked = names(answers)
    with pytest.raises(web.RefusedError):
        web.fetch("http://feeds.example/")
    assert asked == ["feeds.example"]


def test_every_address_of_a_host_is_tried(names, settings):
    with Receiver() as one:
        names(["127.0.0.3", "127.0.0.1"])  # nobody listens at the first
        settings.OUTGOING_HOSTS = [f"feeds.example:{one.port}"]
        assert web.fetch(f"http://feeds.example:{one.port}/").status == 200


def test_a_body_without_end_is_cut_off_by_its_size(allow):
    def flood(request):
        trickle(request, piece=b"x" * 100_000, pause=0, times=1000)

    with Receiver(flood) as one:
        allow(one)
        with pytest.raises(web.WebError, match="2 MB"):
            web.fetch(one.url)


def test_a_packed_body_counts_as_what_it_unpacks_to(allow):
    packed = gzip.compress(b"0" * 50_000_000)
    said = {"/": packed, "/small": gzip.compress("碳".encode())}
    with Receiver(lambda request: (200, {"Content-Encoding": "gzip"}, said[request.path])) as one:
        allow(one)
        assert len(packed) < 100_000
        with pytest.raises(web.WebError, match="2 MB"):
            web.fetch(one.url)
        assert web.fetch(f"{one.url}small").body.decode() == "碳"


@pytest.mark.parametrize(
    "head", [b"HTTP/1.1 200 OK\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\n", b"HTTP/1.1 200 OK\r\nX-A: "]
)
def test_who_sends_a_byte_now_and_then_is_cut_off_in_time(allow, quick, head):
    with Receiver(lambda request: trickle(request, head)) as one:
        allow(one)
        began = time.monotonic()
        with pytest.raises(web.WebError, match=r"within 0\.5 seconds"):
            web.fetch(one.url)
        assert time.monotonic() - began < 4


def test_redirects_share_one_limit_of_time(allow, quick):
    def slow(request):
        time.sleep(0.3)
        return 302, {"Location": "/again"}, b""

    with Receiver(slow) as one:
        allow(one)
        with pytest.raises(web.WebError, match=r"within 0\.5 seconds"):
            web.fetch(one.url)
        assert len(one.requests) == 2


def test_a_name_server_that_is_silent_takes_no_longer(monkeypatch, quick):
    """Whoever asks goes on; what waits for the name server ends with its answer, however late, without a word."""
    answers, over = threading.Event(), threading.Event()

    def silent(*args, **kwargs):
        answers.wait(30)
        over.set()
        raise socket.gaierror("late, and no")

    monkeypatch.setattr(socket, "getaddrinfo", silent)
    with pytest.raises(web.WebError, match=r"within 0\.5 seconds"):
        web.fetch("http://feeds.example/")
    assert not over.is_set()
    answers.set()
    assert over.wait(10)


def test_faults_are_told_in_one_line_without_the_secrets_of_the_address(settings, allow):
    port = free_port()
    settings.OUTGOING_HOSTS = [f"127.0.0.1:{port}"]
    with pytest.raises(web.WebError, match="cannot be reached") as fault:
        web.fetch(f"http://127.0.0.1:{port}/robot?access_token=abc123")
    assert "abc123" not in str(fault.value)
    with pytest.raises(web.WebError, match="no host"):
        web.fetch("http://no-such-host.invalid/?access_token=abc123")
    with Receiver(lambda request: trickle(request, b"not HTTP at all\r\n\r\n", times=1)) as one:
        allow(one)
        with pytest.raises(web.WebError, match="broke off"):
            web.fetch(one.url)


def test_a_server_that_speaks_no_tls_is_not_blamed_for_its_certificate(settings):
    with Receiver() as one:
        settings.OUTGOING_HOSTS = [f"127.0.0.1:{one.port}"]
        with pytest.raises(web.WebError, match="broke off"):
            web.fetch(f"https://127.0.0.1:{one.port}/")


@pytest.mark.program("openssl")
def test_the_certificate_must_be_of_a_known_authority_and_of_that_host(tmp_path, monkeypatch, settings):
    made = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
    made += ["-keyout", str(tmp_path / "key"), "-out", str(tmp_path / "cert")]
    subprocess.run([*made, "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"], check=True, capture_output=True)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(tmp_path / "cert", tmp_path / "key")
    with Receiver(tls=server) as one:
        settings.OUTGOING_HOSTS = [f"127.0.0.1:{one.port}", f"localhost:{one.port}"]
        with pytest.raises(web.WebError, match="certificate"):
            web.fetch(f"https://localhost:{one.port}/")
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "cert"))
        assert web.fetch(f"https://localhost:{one.port}/").body == b"ok"
        with pytest.raises(web.WebError, match="certificate"):
            web.fetch(f"https://127.0.0.1:{one.port}/")
        assert len(one.requests) == 1
