"""What every answer carries, whatever it is: the strict headers and its number (CWE-693, 1021)."""

import pytest
from django.contrib.staticfiles.finders import find
from django.core.exceptions import BadRequest, PermissionDenied
from django.test import Client
from django.urls import include, path

from tanxun.site import views
from tests import factory
from tests.tokens import bearing, token


def failing(error):
    def view(request):
        raise error

    view.login_required = False
    return view


handler400, handler403, handler404, handler500 = views.bad_request, views.forbidden, views.not_found, views.broken
urlpatterns = [
    path("bad/", failing(BadRequest())),
    path("denied/", failing(PermissionDenied())),
    path("broken/", failing(RuntimeError())),
    path("", include("tanxun.urls")),
]
ANSWERS = {
    "/": 200,
    "/statements/": 200,
    "/statements.csv": 200,
    "/statements.atom": 200,
    "/expiring.ics": 200,
    "/statements/?nonsense=1": 400,
    "/statements": 301,
    "/nothing/": 404,
    "/api/v1/statements/": 401,
    "/api/v1/docs/": 200,
    "/admin/": 200,
    "/livez": 200,
    "/i18n/setlang/": 302,
    "/bad/": 400,
    "/denied/": 403,
    "/broken/": 500,
    "/static/tanxun/site.css": 200,
}

pytestmark = [pytest.mark.django_db, pytest.mark.any_engine, pytest.mark.urls(__name__)]


@pytest.fixture
def https(settings):
    """A visitor of a site behind https, a superuser."""
    settings.SECURE_HSTS_SECONDS = 31536000
    settings.WHITENOISE_AUTOREFRESH = settings.WHITENOISE_USE_FINDERS = True
    client = Client(raise_request_exception=False)
    client.force_login(factory.superuser())
    return client


@pytest.mark.parametrize("address", ANSWERS)
def test_every_answer_carries_the_strict_headers(https, address):
    """SEC-43"""
    assert find("tanxun/site.css")
    answer = https.get(address, secure=True)
    assert answer.status_code == ANSWERS[address]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["Referrer-Policy"] in {"same-origin", "no-referrer"}
    assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=31536000")
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy


@pytest.mark.parametrize("address", ["/", "/accounts/login/", "/livez", "/api/v1/statements/", "/static/tanxun/site.css"])
@pytest.mark.parametrize("host", ["testserver", "evil.example"])
def test_who_comes_by_http_gets_the_policy_too(settings, host, address):
    """SEC-43: what leads to https, what refuses a program that came without, and what refuses a host."""
    settings.SECURE_SSL_REDIRECT = True
    answer = Client(raise_request_exception=False).get(address, headers={"host": host})
    led = 403 if address.startswith("/api/") else 301
    assert answer.status_code == (400 if host == "evil.example" else led)
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Frame-Options"] == "DENY"


def test_what_is_sent_again_as_unchanged_carries_them_too(https):
    """SEC-43"""
    first = https.get("/statements.atom", secure=True)
    again = https.get("/statements.atom", secure=True, headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
    assert "default-src 'none'" in again.headers["Content-Security-Policy"]


def test_an_answer_to_a_program_carries_them_too():
    """SEC-43"""
    answer = Client().get("/api/v1/statements/", headers=bearing(token()))
    assert answer.status_code == 200
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("proxies", "given", "is_taken"),
    [
        (["127.0.0.1"], "0123456789abcdef", True),
        (["127.0.0.1"], "x" * 65, False),
        (["127.0.0.1"], "a\nb forged line", False),
        ([], "0123456789abcdef", False),
    ],
)
def test_every_answer_has_a_number_of_its_own_or_that_of_our_proxy(settings, proxies, given, is_taken):
    """OPS-13"""
    settings.TRUSTED_PROXIES = proxies
    number = Client().get("/livez", headers={"X-Request-ID": given}).headers["X-Request-ID"]
    assert (number == given) is is_taken
    assert len(number) == 16
    assert Client().get("/livez").headers["X-Request-ID"] != number
