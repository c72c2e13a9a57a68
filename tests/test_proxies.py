"""Forwarded headers count from the proxies that are named, and from nobody else."""

import pytest
from django.http import HttpResponse
from django.test import Client, RequestFactory

from tanxun.site.middleware import TrustedProxyMiddleware

PROXY, VISITOR, FORGED = "10.0.0.7", "203.0.113.9", "198.51.100.1"


@pytest.mark.parametrize(
    ("proxies", "sender", "chain", "address", "is_secure"),
    [
        ([], VISITOR, FORGED, VISITOR, False),
        ([PROXY], VISITOR, FORGED, VISITOR, False),
        ([PROXY], PROXY, VISITOR, VISITOR, True),
        ([PROXY], PROXY, f"{FORGED}, {VISITOR}", VISITOR, True),
        ([PROXY, "10.0.0.8"], PROXY, f"{VISITOR}, 10.0.0.8", VISITOR, True),
    ],
)
def test_only_named_proxies_are_believed(settings, proxies, sender, chain, address, is_secure):  # SEC-41
    settings.TRUSTED_PROXIES = proxies
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    request = RequestFactory().get("/", REMOTE_ADDR=sender, HTTP_X_FORWARDED_FOR=chain, HTTP_X_FORWARDED_PROTO="https")
    TrustedProxyMiddleware(lambda _request: HttpResponse())(request)
    assert (request.META["REMOTE_ADDR"], request.is_secure()) == (address, is_secure)


@pytest.mark.parametrize(
    ("chain", "address"),
    [
        (f"{VISITOR}:51234", VISITOR),
        (f"{FORGED}, {VISITOR}:51234", VISITOR),
        (f"{VISITOR}, 10.0.0.8:443", VISITOR),
        (f"::ffff:{VISITOR}", VISITOR),
        (f"[::ffff:{VISITOR}]:51234", VISITOR),
        ("2001:db8::9", "2001:db8::9"),
        ("2001:DB8:0:0::9", "2001:db8::9"),
        ("[2001:db8::9]", "2001:db8::9"),
        (f"{FORGED}, [2001:db8::9]:51234", "2001:db8::9"),
        ("unknown", PROXY),
        (f"{FORGED}, unknown", PROXY),
        (f"{FORGED}, {VISITOR} or so", PROXY),
        (f"{FORGED}, [2001:db8::9]x", PROXY),
        (f"{FORGED}, 203.0.113.900:80", PROXY),
        (f"{FORGED}, {VISITOR}:", PROXY),
    ],
)
@pytest.mark.parametrize("sender", [PROXY, f"::ffff:{PROXY}"])
def test_a_proxy_may_add_the_port_and_what_is_no_address_is_none(settings, sender, chain, address):  # SEC-41
    """However an address is written it is the same one; with rubbish the request is the proxy's, and nobody's of their choice."""
    settings.TRUSTED_PROXIES = [PROXY, "10.0.0.8"]
    request = RequestFactory().get("/", REMOTE_ADDR=sender, HTTP_X_FORWARDED_FOR=chain)
    TrustedProxyMiddleware(lambda _request: HttpResponse())(request)
    assert request.META["REMOTE_ADDR"] == (sender if address == PROXY else address)


@pytest.mark.any_engine
@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "127.0.0.1:80@evil.example", "evil.example:8000", "[::1", " "]
)
@pytest.mark.parametrize("path", ["/", "/accounts/login/", "/api/v1/statements/", "/statements.csv", "/livez"])
def test_another_host_is_refused(host, path):  # SEC-41
    """With 400, nothing of it said back, and nobody led there, for pages, programs and files."""
    answer = Client(raise_request_exception=False).get(path, headers={"host": host})
    assert answer.status_code == 400
    assert "evil" not in answer.content.decode()
    assert "Location" not in answer.headers


@pytest.mark.any_engine
@pytest.mark.parametrize("proxies", [[], ["127.0.0.1"]])
def test_another_host_named_by_a_proxy_changes_nothing(settings, proxies):  # SEC-41
    """Not even from a proxy of ours: the host is that of the request alone."""
    settings.TRUSTED_PROXIES = proxies
    answer = Client().get("/", headers={"X-Forwarded-Host": "evil.example", "X-Forwarded-Port": "81"})
    assert (answer.status_code, answer["Location"]) == (302, "/accounts/login/?next=/")
    request = RequestFactory().get("/", headers={"X-Forwarded-Host": "evil.example"})
    TrustedProxyMiddleware(lambda _request: HttpResponse())(request)
    assert request.build_absolute_uri() == "http://testserver/"
