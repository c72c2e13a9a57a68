"""What stands in the log: which request, who asked, what went wrong once; and never a secret (CWE-117, 532)."""

import logging
from contextlib import contextmanager
from io import StringIO

import pytest
from django.test import Client
from django.urls import include, path

from tanxun.listing.keys import AccessKey
from tanxun.site import views
from tests import factory
from tests.tokens import bearing, token

pytestmark = [pytest.mark.django_db, pytest.mark.any_engine, pytest.mark.urls(__name__)]
SECRET = "Pa55-word-of-wang"


def broken(request):
    raise RuntimeError("the fault itself")


broken.login_required = False
handler404, handler500 = views.not_found, views.broken
urlpatterns = [path("broken/", broken), path("", include("tanxun.urls"))]


@contextmanager
def log():
    """What the site's own handler would write, from now on."""
    written = StringIO()
    handler = logging.StreamHandler(written)
    own = next(one for one in logging.getLogger().handlers if one.name == "console")
    handler.formatter, handler.filters = own.formatter, own.filters
    logging.getLogger().addHandler(handler)
    try:
        yield written
    finally:
        logging.getLogger().removeHandler(handler)


@pytest.fixture
def visitor():
    client = Client(raise_request_exception=False)
    client.cookies["django_language"] = "en"
    return client


def test_a_line_names_the_request_the_user_and_the_token(visitor):
    """OPS-13"""
    user = factory.user()
    text = token(user)
    with log() as written:
        visitor.force_login(user)
        number = visitor.get("/nothing/").headers["X-Request-ID"]
        other = Client().get("/api/v1/statements/?nonsense=1", headers=bearing(text)).headers["X-Request-ID"]
    first, second = written.getvalue().splitlines()
    assert f" request={number} user={user.pk} " in first
    assert f" request={other} " in second
    assert f" token={AccessKey.objects.get().pk} " in second


def test_a_fault_is_logged_once_and_its_page_says_the_number(visitor):
    """OPS-14"""
    with log() as written:
        answer = visitor.get("/broken/")
    assert answer.status_code == 500
    assert f"<code>{answer.headers['X-Request-ID']}</code>" in answer.content.decode()
    assert "the fault itself" not in answer.content.decode()
    assert written.getvalue().count("the fault itself") == 2  # its traceback shows the line that raised it, then the fault
    assert written.getvalue().count(f" request={answer.headers['X-Request-ID']} ") == 1


def test_no_secret_stands_in_it(visitor, settings):
    """OPS-13: whatever fails while it is sent."""
    settings.AXES_ENABLED, settings.AXES_FAILURE_LIMIT = True, 2
    factory.user(username="wang")
    text = token()
    with log() as written:
        for _try in range(3):
            visitor.post("/accounts/login/", {"username": "wang", "password": SECRET})
        visitor.force_login(factory.user(username="li"))
        session = visitor.cookies["sessionid"].value
        visitor.post("/broken/", {"password": SECRET, "key": text})
        visitor.get("/broken/", headers={"Authorization": f"Bearer {text}"})
        Client().get("/nothing/", headers=bearing(text))
        Client().get("/api/v1/nothing/", headers=bearing(text[:-1]))
        for door in ("feeds", "accounts/new/Mg", "alerts/confirm", "alerts/stop"):
            Client().options(f"/{door}/{text}/")
            Client().get(f"/{door}/{text}/nothing")
    lines = written.getvalue()
    assert "Locking out" in lines
    assert "the fault itself" in lines
    assert lines.count("/…/") == 2 * 4
    for secret in (SECRET, text, text[:-1], session):
        assert secret not in lines


def test_no_line_can_be_forged_by_an_address(visitor):
    """OPS-13; CWE-117"""
    with log() as written:
        visitor.get("/nothing%0A2026-01-01 00:00:00,000 ERROR forged/")
    assert len(written.getvalue().splitlines()) == 1
