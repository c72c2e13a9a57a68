"""A secret address opens one list with its parameters to a program, with its owner's rights of today, and nothing else."""

import datetime as dt
import logging
import re
from io import StringIO

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tanxun.listing.keys import AccessKey
from tanxun.listing.secrecy import HideKeys
from tests import factory

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner():
    return factory.user("consultant")


@pytest.fixture
def signed_in(client, owner):
    client.force_login(owner)
    client.cookies["django_language"] = "en"
    return client


@pytest.fixture
def program():
    """Knows nothing but the address."""
    return Client()


def made(client, address, **more):
    """The path of the secret address that was made, as the page shows it this once."""
    answer = client.post("/account/addresses/add/", {"address": address, **more})
    assert answer.status_code == 200
    return re.search(r"http://127\.0\.0\.1:8000(/feeds/[\w-]+/[\w.]+)", answer.content.decode())[1]


def test_it_opens_the_list_without_sign_in(signed_in, program):
    kept = factory.statement(is_body_undisclosed=True)
    factory.statement()
    path = made(signed_in, "/statements.atom?body=undisclosed")
    answer = program.get(path)
    assert answer.status_code == 200
    assert f"statements/{kept.pk}" in answer.content.decode()
    assert answer.content.decode().count("<entry>") == 1
    assert not answer.cookies
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["X-Robots-Tag"] == "noindex"
    assert "private" in answer.headers["Cache-Control"]
    assert path.split("/")[2] not in answer.content.decode()


def test_a_calendar_with_its_webcal_link_and_reminder(signed_in, program):
    factory.statement(valid_until=timezone.localdate() + dt.timedelta(days=40))
    page = signed_in.post("/account/addresses/add/", {"address": "/expiring.ics?kind=expiry", "remind": "30"}).content.decode()
    path = re.search(r'href="webcal://127\.0\.0\.1:8000(/feeds/[\w-]+/expiring\.ics)"', page)[1]
    text = program.get(path).content.decode()
    assert text.count("BEGIN:VEVENT") == text.count("BEGIN:VALARM") == 1


def test_it_opens_nothing_else(signed_in, program):
    """ALR-02"""
    path = made(signed_in, "/statements.atom?body=undisclosed")
    key = path.split("/")[2]
    factory.statement()
    assert "<entry>" not in program.get(f"{path}?body=sgs").content.decode()
    for other in ("statements.ics", "policies.atom", "statements.csv", "statements/", "../statements/", "nonsense"):
        assert program.get(f"/feeds/{key}/{other}").status_code == 404
    assert program.get("/statements.atom").status_code == 401
    assert program.post(path).status_code in (403, 405)


@pytest.mark.parametrize("what", ["wrong", "revoked", "expired", "disabled", "demoted", "deleted", "token"])
def test_keys_that_open_nothing(signed_in, program, owner, what):
    """ALR-02"""
    path = made(signed_in, "/statements.atom")
    key = AccessKey.objects.get()
    assert program.get(path).status_code == 200
    if what == "wrong":
        path = path.replace(path.split("/")[2], "A" * 43)
    elif what == "revoked":
        signed_in.post(f"/account/addresses/{key.pk}/revoke/")
    elif what == "expired":
        AccessKey.objects.update(expires_at=timezone.now())
    elif what == "token":
        AccessKey.objects.update(kind=AccessKey.Kind.TOKEN)
    elif what == "deleted":
        owner.delete()
    else:
        owner.is_active, owner.role = what != "disabled", "reader" if what == "demoted" else owner.role
        owner.save()
    answer = program.get(path)
    assert answer.status_code == 404
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["X-Robots-Tag"] == "noindex"


def test_the_key_is_shown_once_and_kept_nowhere(signed_in):
    path = made(signed_in, "/statements.atom", label="飞书阅读器")
    key = path.split("/")[2]
    page = signed_in.get("/account/addresses/").content.decode()
    assert "飞书阅读器" in page
    assert key not in page
    assert f"{key[:6]}…" in page
    assert key not in str(AccessKey.objects.values())


def test_the_key_stands_in_no_log(signed_in, program):
    path = made(signed_in, "/statements.atom")
    signed_in.post(f"/account/addresses/{AccessKey.objects.get().pk}/revoke/")
    written = StringIO()
    handler = logging.StreamHandler(written)
    (own,) = [one for one in logging.getLogger().handlers if any(isinstance(each, HideKeys) for each in one.filters)][:1]
    handler.filters = own.filters
    logging.getLogger("django.request").addHandler(handler)
    try:
        program.get(path)
        program.get(f"{path}/?x=1")
    finally:
        logging.getLogger("django.request").removeHandler(handler)
    assert "/feeds/…" in written.getvalue()
    assert path.split("/")[2] not in written.getvalue()


def test_last_use_is_listed_and_a_304_writes_nothing(signed_in, program):
    """ALR-12: the queries of a poll are few, whatever the list holds, and none writes."""
    path = made(signed_in, "/statements.atom")
    assert "never yet" in signed_in.get("/account/addresses/").content.decode()
    mark = program.get(path).headers["ETag"]
    used = AccessKey.objects.get().last_used_at
    assert used
    assert "never yet" not in signed_in.get("/account/addresses/").content.decode()
    AccessKey.objects.update(last_used_at=used - dt.timedelta(days=2))
    with CaptureQueriesContext(connection) as asked:
        assert program.get(path, HTTP_IF_NONE_MATCH=mark).status_code == 304
    assert len(asked) <= 4
    assert all(one["sql"].lstrip().upper().startswith("SELECT") for one in asked)


def test_nobody_lists_or_revokes_anothers(signed_in, program):
    """SEC-02."""
    made(signed_in, "/statements.atom", label="mine alone")
    other = Client()
    other.force_login(factory.user("manager"))
    assert "mine alone" not in other.get("/account/addresses/").content.decode()
    assert other.post(f"/account/addresses/{AccessKey.objects.get().pk}/revoke/").status_code == 404
    assert AccessKey.objects.get().revoked_at is None
    assert program.get("/account/addresses/").status_code == 302


def test_who_may_not_subscribe_is_offered_nothing(client):
    client.force_login(factory.user("reader"))
    assert "/account/addresses/" not in client.get("/statements/").content.decode()
    assert client.get("/account/addresses/").status_code == 403
    assert client.post("/account/addresses/add/", {"address": "/statements.atom"}).status_code == 403


@pytest.mark.parametrize(
    "address",
    [
        "",
        "/",
        "/statements/",
        "/statements.csv",
        "/statements.atom?colour=red",
        "/companies.ics",
        "//evil.example/x.atom",
        "http://[",
        "/policies.atom?remind=7",
        "/statements.ics?remind=no",
        "/account/addresses/",
        "\0",
        "/statements.atom?q=" + "x" * 5000,
    ],
)
def test_only_a_feed_or_calendar_that_answers_gets_an_address(signed_in, address):
    assert signed_in.post("/account/addresses/add/", {"address": address}).status_code == 404
    assert not AccessKey.objects.exists()


def test_there_is_a_limit_and_revoking_makes_room(signed_in, owner):
    for _each in range(50):
        AccessKey.make(owner, AccessKey.Kind.ADDRESS, "x", address="/statements.atom")
    assert signed_in.post("/account/addresses/add/", {"address": "/statements.atom"}).status_code == 409
    assert AccessKey.objects.count() == 50
    AccessKey.objects.first().revoke()
    assert signed_in.post("/account/addresses/add/", {"address": "/statements.atom"}).status_code == 200


def test_lists_saved_filters_and_the_due_board_lead_there(signed_in):
    factory.statement(valid_until=timezone.localdate() + dt.timedelta(days=40))
    page = signed_in.get("/statements/?type=ghg_verification").content.decode()
    assert 'name="address" value="/statements.atom?type=ghg_verification"' in page
    assert 'name="address" value="/statements.ics?type=ghg_verification"' in page
    assert 'name="address" value="/expiring.ics"' in signed_in.get("/expiring/").content.decode()
    signed_in.post("/saved/add/", {"list": "statements", "query": "type=ghg_verification", "name": "mine"})
    assert 'name="address" value="/statements.atom?type=ghg_verification"' in signed_in.get("/saved/").content.decode()


def test_what_a_shared_filter_asks_of_my_visits_is_asked_of_mine(signed_in, program, owner):
    """`new=1` speaks of the owner's visits, and is not answered with 304, since a visit writes nothing that lists show."""
    path = made(signed_in, "/statements.atom?new=1")
    factory.statement()
    answer = program.get(path)
    assert answer.status_code == 200
    assert "ETag" not in answer.headers
