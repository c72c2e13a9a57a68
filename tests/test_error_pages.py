"""What is shown when something is wrong, and the health addresses: in the site's look, without the database, echoing nothing."""

import pytest
from django.core.exceptions import BadRequest, PermissionDenied
from django.db import OperationalError, connection
from django.test import Client
from django.urls import include, path

from tanxun.site import health, views
from tests import factory

STRICT = ("default-src 'none'", "script-src 'self'", "style-src 'self'", "frame-ancestors 'none'")


def failing(error):
    def view(request):
        raise error

    view.login_required = False
    return view


handler400, handler403, handler404, handler500 = views.bad_request, views.forbidden, views.not_found, views.broken
urlpatterns = [
    path("bad/", failing(BadRequest("secret-text"))),
    path("denied/", failing(PermissionDenied("secret-text"))),
    path("broken/", failing(RuntimeError("secret-text"))),
    path("", include("tanxun.urls")),
]


@pytest.fixture
def visitor():
    client = Client(raise_request_exception=False)
    client.cookies["django_language"] = "en"
    return client


def no_database(execute, sql, params, many, context):
    raise AssertionError(f"a query: {sql}")


@pytest.mark.urls(__name__)
@pytest.mark.django_db
@pytest.mark.parametrize(
    ("url", "status", "heading"),
    [
        ("/bad/", 400, "This request cannot be answered"),
        ("/denied/", 403, "Your role may not do this"),
        ("/secret-text/<b>", 404, "There is nothing here"),
        ("/broken/", 500, "Something went wrong on our side"),
    ],
)
def test_plain_pages_without_database_or_echo(visitor, url, status, heading):  # SEC-29
    with connection.execute_wrapper(no_database):
        answer = visitor.get(url)
    page = answer.content.decode()
    assert answer.status_code == status
    assert heading in page
    assert "secret-text" not in page
    assert "Traceback" not in page
    assert 'href="/static/tanxun/site.css"' in page
    assert all(rule in answer.headers["Content-Security-Policy"] for rule in STRICT)
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["X-Frame-Options"] == "DENY"


@pytest.mark.urls(__name__)
@pytest.mark.django_db
def test_without_static_files_the_words_stand_alone(visitor, settings, tmp_path):
    settings.STATIC_ROOT = tmp_path
    backend = "whitenoise.storage.CompressedManifestStaticFilesStorage"
    settings.STORAGES = settings.STORAGES | {"staticfiles": {"BACKEND": backend}}
    answer = visitor.get("/broken/")
    assert answer.status_code == 500
    assert answer.headers["Content-Type"].startswith("text/plain")
    assert "Something went wrong on our side" in answer.content.decode()


@pytest.mark.django_db
def test_a_form_without_its_token_is_refused_politely():  # SEC-28
    client = Client(enforce_csrf_checks=True)
    client.cookies["django_language"] = "en"
    answer = client.post("/accounts/login/", {"username": "wang"})
    assert answer.status_code == 403
    assert "The form could not be accepted" in answer.content.decode()


@pytest.mark.django_db
def test_signed_in_pages_carry_the_strict_headers_and_are_not_kept(client):  # SEC-45
    client.force_login(factory.user())
    for url in ("/", factory.statement().get_absolute_url()):
        answer = client.get(url)
        assert all(rule in answer.headers["Content-Security-Policy"] for rule in STRICT)
        assert "unsafe" not in answer.headers["Content-Security-Policy"]
        assert "no-store" in answer.headers["Cache-Control"]
        assert answer.headers["Referrer-Policy"] == "same-origin"


@pytest.mark.django_db
def test_livez_asks_nothing_of_the_database(visitor):  # OPS-15
    with connection.execute_wrapper(no_database):
        answer = visitor.get("/livez")
    assert (answer.status_code, answer.content) == (200, b"ok")


@pytest.mark.django_db
def test_readyz_when_all_is_well(visitor):
    answer = visitor.get("/readyz")
    assert (answer.status_code, answer.content) == (200, b"ok")


@pytest.mark.django_db
def test_readyz_before_migrate(visitor, monkeypatch):
    monkeypatch.setattr(health, "pending_migrations", lambda: 3)
    answer = visitor.get("/readyz")
    assert (answer.status_code, answer.content) == (503, b"The database is not migrated.")


@pytest.mark.django_db
def test_readyz_with_a_database_that_refuses_to_write(visitor):  # OPS-15
    def read_only(execute, sql, params, many, context):
        if sql.lstrip().upper().startswith("UPDATE"):
            raise OperationalError("attempt to write a readonly database, version 3.40.1")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(read_only):
        answer = visitor.get("/readyz")
    assert (answer.status_code, answer.content) == (503, b"The database cannot be written.")
