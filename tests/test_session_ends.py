"""Sessions end by themselves: without a visit for too long, and at last however they are used (CWE-613)."""

import time

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.test import Client

from tests import factory

pytestmark = [pytest.mark.django_db, pytest.mark.any_engine]
HOUR = 3600


@pytest.fixture(autouse=True)
def _as_shipped(settings):
    settings.SESSION_COOKIE_AGE, settings.SESSION_IDLE_HOURS = 14 * 24 * HOUR, 72


def signed_in():
    factory.user("reader", username="wang")
    client = Client()
    client.post("/accounts/login/", {"username": "wang", "password": "pass-word-1"})
    assert is_in(client)
    return client


def is_in(client):
    return client.get("/statements/").status_code == 200


def at(hours):
    return time_machine.travel(time.time() + hours * HOUR, tick=False)


def test_who_is_away_for_longer_signs_in_again():
    client = signed_in()
    with at(71):
        assert is_in(client)
    with at(71 + 73):
        assert not is_in(client)
        assert not Session.objects.exists()
    assert not is_in(client)


def test_the_longest_session_ends_though_it_is_used():
    client = signed_in()
    for day in range(1, 14):
        with at(24 * day):
            assert is_in(client), day
    with at(24 * 14 + 1):
        assert not is_in(client)


def test_signing_in_again_makes_another_session():
    client = signed_in()
    old = client.cookies["sessionid"].value
    with at(80):
        client.post("/accounts/login/", {"username": "wang", "password": "pass-word-1"})
        assert is_in(client)
        assert client.cookies["sessionid"].value != old


@pytest.mark.parametrize("forged", ["", "x", "eyJhdCI6OTk5OTk5OTk5OX0:x", "other"])
def test_a_mark_that_is_gone_forged_or_anothers_lengthens_nothing(forged):
    client = signed_in()
    with at(60):
        other = Client()
        other.post("/accounts/login/", {"username": "wang", "password": "pass-word-1"})
        with at(1):
            assert is_in(other)
        assert is_in(client)
        assert client.cookies["seen"]["httponly"]
        client.cookies["seen"] = other.cookies["seen"].value if forged == "other" else forged
    with at(60 + 71):
        assert not is_in(client)


def test_a_visit_writes_nothing_into_the_database(django_assert_num_queries):
    client = signed_in()
    with at(30):
        before = Session.objects.get().session_data
        assert is_in(client)
        assert client.cookies["seen"].value
        assert Session.objects.get().session_data == before
        first = client.cookies["seen"].value
        assert is_in(client)
        assert client.cookies["seen"].value == first, "not with every answer"


def test_signing_out_takes_the_mark_along():
    client = signed_in()
    with at(1):
        assert is_in(client)
        assert client.cookies["seen"].value
    with at(3):
        answer = client.post("/accounts/logout/")
        assert answer.cookies["seen"].value == ""
        assert answer.cookies["seen"]["max-age"] == 0
        assert "seen" not in client.post("/accounts/logout/").cookies
