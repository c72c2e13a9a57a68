"""Forwarded headers count from the proxies that are named, and from nobody else."""

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

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
