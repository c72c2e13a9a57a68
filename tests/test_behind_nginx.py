"""The shipped nginx.conf, by a real nginx with TLS before the real site: who, how long, how slow (CWE-290, 400, 444)."""

import re
import shutil
import socket
import ssl
import subprocess
from contextlib import closing
from pathlib import Path

import pytest
import urllib3
from django.conf import settings

from certifications.sheets import guard as sheets
from tanxun.digest import sources
from tanxun.listing import attachments
from tanxun.urls import WITH_ATTACHMENTS
from tests.proxied import NAME, Proxy
from tests.running import ROOT, RunningSite, free_port

pytestmark = [pytest.mark.program("nginx"), pytest.mark.program("openssl"), pytest.mark.any_engine]
VISITOR, OTHER = "127.0.0.2", "127.0.0.3"  # all of 127.0.0.0/8 is this machine
SECRET = "x7Q-" * 10
SECRETS = [
    *(f"/{feeds}/{SECRET}/statements.atom" for feeds in ("feeds", "%66eeds")),
    *(f"/{door}/{SECRET}/" for door in ("accounts/new/Mg", "alerts/confirm", "alerts/stop")),
    f"/accounts/company/back/?code={SECRET}",
]


def pool(proxy, source=VISITOR):
    return urllib3.HTTPSConnectionPool(
        "127.0.0.1",
        proxy.secure,
        ca_certs=str(proxy.folder / "fullchain.pem"),
        server_hostname=NAME,
        assert_hostname=NAME,
        source_address=(source, 0),
        retries=False,
    )


def said_to(proxy, sent):
    """What comes back to these very bytes, over TLS."""
    with proxy.connect() as secure:
        secure.sendall(sent)
        return secure.recv(4000)


class Visitor:
    """A browser of sorts: keeps its cookies, sends what a form sends."""

    def __init__(self, proxy, source=VISITOR, **headers):
        self.pool, self.headers, self.cookies = pool(proxy, source), {"Host": NAME, **headers}, {}

    def ask(self, method, path, fields=None, **headers):
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        headers = self.headers | {"Cookie": cookies, "Referer": f"https://{NAME}/"} | headers
        given = {"fields": fields, "encode_multipart": False} if fields else {}
        answer = self.pool.request(method, path, headers=headers, redirect=False, **given)
        self.set = answer.headers.getlist("Set-Cookie")
        for line in self.set:
            name, _equals, value = line.partition(";")[0].partition("=")
            self.cookies[name] = value
        return answer

    def sign_in(self, password, **headers):
        page = self.ask("GET", "/accounts/login/").data.decode()
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)[1]
        fields = {"csrfmiddlewaretoken": token, "username": "admin", "password": password}
        return self.ask("POST", "/accounts/login/", fields, **headers).status


@pytest.fixture(scope="module")
def proxy(tmp_path_factory, blank):
    folder = tmp_path_factory.mktemp("nginx")
    settings = {"SITE_URL": f"https://{NAME}", "TRUSTED_PROXIES": "127.0.0.1"}
    with RunningSite(folder / "data", "--no-sample", like=blank, **settings) as site:
        proxy = Proxy(folder, site.port).start()
        proxy.site = site
        yield proxy
        proxy.stop()


@pytest.fixture(scope="module")
def admin(proxy):
    visitor = Visitor(proxy, OTHER)
    assert visitor.sign_in(proxy.site.accounts["admin"]) == 302
    visitor.made_at_sign_in = visitor.set
    return visitor


def test_people_come_in_over_https_with_cookies_that_are_shut_in(proxy, admin):
    """SEC-31, SEC-43"""
    [session] = [line for line in admin.made_at_sign_in if line.startswith("__Host-sessionid=")]
    assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= set(session.split("; "))
    page = admin.ask("GET", "/statements/")
    assert page.status == 200
    assert page.headers["Strict-Transport-Security"].startswith("max-age=31536000")
    assert page.headers.getlist("Strict-Transport-Security") == [page.headers["Strict-Transport-Security"]]
    assert "nginx/" not in page.headers.get("Server", "")
    static = re.search(r'href="(/static/tanxun/site\.[0-9a-f]+\.css)"', page.data.decode())[1]
    assert "immutable" in admin.ask("GET", static).headers["Cache-Control"]


def test_without_tls_people_are_led_and_programs_refused(proxy):
    plain = urllib3.HTTPConnectionPool("127.0.0.1", proxy.plain, retries=False)
    led = plain.request("GET", "/statements/?q=a", headers={"Host": NAME}, redirect=False)
    assert (led.status, led.headers["Location"]) == (301, f"https://{NAME}/statements/?q=a")
    for address in ("/api/v1/statements/", *SECRETS[:2]):
        assert plain.request("GET", address, headers={"Host": NAME}, redirect=False).status == 403, address
    for words in ("Bearer x", "bearer  x"):
        headers = {"Host": NAME, "Authorization": words}
        assert plain.request("GET", "/statements.jsonl", headers=headers, redirect=False).status == 403
    with pytest.raises(urllib3.exceptions.ProtocolError):
        plain.request("GET", "/", headers={"Host": "evil.example"}, redirect=False)


def test_the_address_of_the_visitor_cannot_be_forged(proxy):
    """SEC-33, SEC-41: guessing is counted by the real address, whatever the headers say; another visitor is not shut out."""
    thief = Visitor(proxy, "127.0.0.4")
    answers = []
    for number in range(11):
        forged = f"198.51.100.{number}"
        headers = {
            "X-Forwarded-For": forged,
            "X-Real-IP": forged,
            "Forwarded": f"for={forged}",
            "X-Forwarded-Host": "evil.example",
        }
        answers.append(thief.sign_in(f"wrong-{number}", **headers))
    assert answers[0] == 200
    assert answers[-1] == 429
    assert thief.sign_in(proxy.site.accounts["admin"]) == 429
    assert Visitor(proxy, "127.0.0.5", **{"X-Forwarded-For": "127.0.0.4"}).sign_in(proxy.site.accounts["admin"]) == 302


def test_its_log_names_the_request_and_no_secret_address(proxy):
    """OPS-13"""
    visitor = Visitor(proxy, Referer=f"https://{NAME}{SECRETS[0]}")
    numbers = [visitor.ask("GET", address).headers["X-Request-ID"] for address in SECRETS]
    visitor.ask("GET", "/livez")  # by the same connection: what was asked before is written
    log = (proxy.folder / "access.log").read_text()
    assert [log.count(number) for number in numbers] == [1] * len(SECRETS)
    assert SECRET not in log
    assert "/livez" in log


def test_nor_do_they_stand_in_its_logs_without_tls_by_another_name_or_with_the_site_away(tmp_path):
    """OPS-13"""
    proxy = Proxy(tmp_path, free_port()).start()
    plain = urllib3.HTTPConnectionPool("127.0.0.1", proxy.plain, retries=False)
    try:
        visitor = Visitor(proxy)
        for address in SECRETS:
            assert visitor.ask("GET", address).status == 503
            plain.request("GET", address, headers={"Host": NAME}, redirect=False)
            with pytest.raises(urllib3.exceptions.ProtocolError):
                plain.request("GET", address, headers={"Host": "evil.example"}, redirect=False)
        visitor.ask("GET", "/livez")
    finally:
        proxy.stop()
    access, errors = (Path(tmp_path / name).read_text() for name in ("access.log", "error.log"))
    assert access.count("/feeds/...") == 6
    assert SECRET not in access
    assert SECRET not in errors


@pytest.mark.parametrize(("length", "status"), [(8_192, 200), (66_000, 414)])
def test_a_long_address_is_answered_and_not_dropped(admin, length, status):
    """FLT-24"""
    assert admin.ask("GET", f"/statements/?region=320583&utm_source={'x' * (length - 40)}").status == status


ROOM = {
    "/accounts/login/": settings.DATA_UPLOAD_MAX_MEMORY_SIZE,
    "/imports/": sheets.MAX_BYTES,
    "/review/": sources.MAX_FILE_BYTES,
    **{f"/{slug}/1/attachments/": attachments.MOST_BYTES for slug in WITH_ATTACHMENTS},
}


@pytest.mark.parametrize(("address", "most"), ROOM.items())
def test_a_body_that_is_too_long_is_refused_before_it_is_read(proxy, address, most):
    """UPL-03: more than a form, only where files come in; as much as the site itself takes there."""

    def first(length):
        head = f"POST {address} HTTP/1.1\r\nHost: {NAME}\r\nExpect: 100-continue\r\nContent-Length: {length}\r\n\r\n"
        return said_to(proxy, head.encode())

    assert first(most).startswith(b"HTTP/1.1 100 ")
    refused = first(most * 6 // 5)
    assert refused.startswith(b"HTTP/1.1 413 ")
    assert "内容太大" in refused.decode()


def test_a_message_with_two_lengths_is_refused(proxy):
    head = f"POST /accounts/login/ HTTP/1.1\r\nHost: {NAME}\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n"
    assert said_to(proxy, f"{head}0\r\n\r\n".encode()).startswith(b"HTTP/1.1 400 ")


def test_visitors_who_send_slowly_keep_nobody_waiting(proxy, admin):
    """LOAD-06, a few of the five hundred: their heads and bodies never end."""
    head = f"GET /statements/ HTTP/1.1\r\nHost: {NAME}\r\nX-Slow: "
    body = f"POST /accounts/login/ HTTP/1.1\r\nHost: {NAME}\r\nCookie: __Host-csrftoken={'a' * 32}\r\n"  # so that it is read
    body += "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 9000\r\n\r\na"
    slow = []
    for number in range(60):
        slow.append(proxy.connect("127.0.0.6"))
        slow[-1].sendall((head if number % 2 else body).encode())
    try:
        for _time in range(5):
            assert admin.ask("GET", "/statements/").status == 200
    finally:
        for one in slow:
            one.close()


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
def test_old_tls_is_refused(proxy):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
    plain = socket.create_connection(("127.0.0.1", proxy.secure))
    with closing(plain), pytest.raises(ssl.SSLError, match="ALERT_PROTOCOL_VERSION"):  # said by the server
        context.wrap_socket(plain, server_hostname=NAME)


def test_a_cipher_without_forward_secrecy_is_refused(proxy):
    context = ssl.create_default_context(cafile=str(proxy.folder / "fullchain.pem"))
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers("AES128-GCM-SHA256")
    plain = socket.create_connection(("127.0.0.1", proxy.secure))
    with closing(plain), pytest.raises(ssl.SSLError, match="HANDSHAKE_FAILURE"):  # said by the server
        context.wrap_socket(plain, server_hostname=NAME)


def test_no_folder_is_listed(admin):
    for address in ("/static/", "/static/tanxun/", "/media/", "/.git/", "/data/"):
        assert admin.ask("GET", address).status == 404, address


DEBIANS = Path("/etc/nginx")


@pytest.mark.skipif(not (DEBIANS / "sites-enabled").exists(), reason="nginx is not Debian's here, whose folders these are")
def test_it_stands_in_the_folders_of_debian_once_its_example_is_gone(tmp_path):
    """As the header of the file says; nothing is served."""
    place, proxy = tmp_path / "etc", Proxy(tmp_path, free_port())
    shutil.copytree(DEBIANS, place)
    main = (place / "nginx.conf").read_text(encoding="utf-8").replace("/etc/nginx", str(place))
    (place / "nginx.conf").write_text(re.sub(r"/run/|/var/log/nginx/", f"{tmp_path}/", main), encoding="utf-8")
    (place / "conf.d" / "tanxun.conf").write_text(proxy.shipped(), encoding="utf-8")
    example = place / "sites-enabled" / "default"
    example.unlink(missing_ok=True)
    example.write_text(f"server {{ listen 127.0.0.1:{proxy.plain} default_server; server_name _; }}", encoding="utf-8")
    test = ["nginx", "-t", "-c", str(place / "nginx.conf"), "-e", f"{tmp_path}/errors"]
    said = subprocess.run(test, capture_output=True, text=True, check=False)
    assert "duplicate default server" in said.stderr
    example.unlink()
    said = subprocess.run(test, capture_output=True, text=True, check=False)
    assert said.returncode == 0, said.stderr
    step = f"rm {DEBIANS}/sites-enabled/default"
    assert all(step in (ROOT / name).read_text(encoding="utf-8") for name in ("deploy/nginx.conf", "README.md"))


def test_while_the_site_is_started_anew_it_says_so(tmp_path):
    proxy = Proxy(tmp_path, free_port()).start()
    try:
        answer = Visitor(proxy).ask("GET", "/statements/")
    finally:
        proxy.stop()
    assert (answer.status, answer.headers["Retry-After"]) == (503, "5")
    assert "正在启动" in answer.data.decode()
