"""How often a token may ask (trust.md API-13), and what is asked again without having changed."""

import threading
from datetime import timedelta

import pytest
import time_machine
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st

from tanxun.listing.bearer import Allowance
from tanxun.listing.keys import AccessKey
from tests import factory as f
from tests.tokens import bearing, some_of_everything, token

pytestmark = pytest.mark.django_db
ADDRESS = "/api/v1/statements/"


@pytest.fixture
def strict(settings):
    settings.API_BURST, settings.API_REQUESTS_PER_MINUTE = 5, 6


def test_who_asks_too_often_waits_and_nobody_else(client, strict):
    """API-13: 429 with Retry-After; other tokens of the same person, and people, go on."""
    user = f.user("manager")
    eager, other = (bearing(token(user, ["read", "export"])) for _number in range(2))
    assert [client.get(ADDRESS, headers=eager).status_code for _number in range(7)] == [200] * 5 + [429] * 2
    answer = client.get(ADDRESS, headers=eager)
    assert 1 <= int(answer.headers["Retry-After"]) <= 10
    assert "wait" in answer.json()["detail"][0]
    for address in (f"{ADDRESS}1/", "/api/v1/policies/", "/statements.jsonl", f"{ADDRESS}?nonsense=1"):
        assert client.get(address, headers=eager).status_code == 429, address
    assert client.get(ADDRESS, headers=other).status_code == 200
    client.force_login(user)
    assert client.get("/statements/").status_code == 200
    assert client.get("/statements.csv").status_code == 200


def test_a_secret_address_waits_likewise_and_no_other(client, strict):
    user = f.user("consultant")
    eager, other = (
        f"/feeds/{AccessKey.make(user, AccessKey.Kind.ADDRESS, name, address=f'/{name}')[1]}/{name}"
        for name in ("statements.atom", "policies.ics")
    )
    assert [client.get(eager).status_code for _number in range(7)] == [200] * 5 + [429] * 2
    answer = client.get(eager)
    assert 1 <= int(answer.headers["Retry-After"]) <= 10
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert client.get(other).status_code == 200


class Clock:
    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


@effort(max_examples=100, deadline=None)
@given(st.lists(st.floats(0, 30), max_size=60))
def test_no_more_than_the_burst_and_what_time_gives_back(pauses):
    """Whatever the pauses: in any stretch no more than the burst and a share for each second; after the wait told, it goes on."""
    clock = Clock()
    allowance, allowed = Allowance(clock), []
    for pause in pauses:
        clock.now += pause
        seconds = allowance.wait("one")
        if seconds:
            clock.now += seconds
            assert allowance.wait("one") == 0
        allowed.append(clock.now)
    price = 60 / settings.API_REQUESTS_PER_MINUTE
    for first in range(len(allowed)):
        for last in range(first, len(allowed)):
            assert last - first + 1 <= settings.API_BURST + (allowed[last] - allowed[first]) / price + 1e-6


def test_threads_share_one_account(strict):
    allowance, said = Allowance(lambda: 0.0), []
    threads = [threading.Thread(target=lambda: said.append(allowance.wait("one"))) for _number in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(said)[:6] == [0] * 5 + [10]


def test_what_has_not_changed_is_not_sent_again(client, django_assert_num_queries):
    some_of_everything()
    headers = bearing(token())
    for address in (ADDRESS, f"{ADDRESS}?columns=all&sort=company", f"{ADDRESS}codebook/", "/api/v1/schema/", "/api/v1/"):
        first = client.get(address, headers=headers)
        assert first.headers["Cache-Control"] == "private, no-cache"
        with CaptureQueriesContext(connection) as asked:
            again = client.get(address, headers=headers | {"If-None-Match": first.headers["ETag"]})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["ETag"] == first.headers["ETag"]
        assert len(asked) <= 3
        assert not [query for query in asked if not query["sql"].startswith(("SELECT", "(SELECT"))]
        assert client.get(address, headers=headers | {"If-None-Match": '"other"'}).content == first.content


def test_every_write_makes_the_answer_a_new_one(client):
    statement = some_of_everything()
    headers = bearing(token())
    for change in (
        f.statement,
        lambda: type(statement).objects.filter(pk=statement.pk).update(summary="x"),
        statement.delete,
        f.policy,
    ):
        before = client.get(ADDRESS, headers=headers)
        commit(change)
        after = client.get(ADDRESS, headers=headers | {"If-None-Match": before.headers["ETag"]})
        assert after.status_code == 200
        assert after.headers["ETag"] != before.headers["ETag"]


def commit(change):
    """The version moves when a transaction ends, which one of a test never does."""
    from tanxun.listing.freshness import Moved

    change()
    Moved("default")()


def test_tomorrow_is_another_day(client):
    """What is valid today may be expired tomorrow, though nobody writes."""
    statement = f.statement(statement_type=f.statement_type("carbon_label"), valid_until=timezone.localdate())
    address = f"{ADDRESS}{statement.pk}/"
    headers = bearing(token(expires_at=None))
    before = client.get(address, headers=headers)
    assert before.json()["validity_key"] == "expiring"
    with time_machine.travel(timezone.now() + timedelta(days=1)):
        after = client.get(address, headers=headers | {"If-None-Match": before.headers["ETag"]})
    assert after.json()["validity_key"] == "expired"


def test_an_answer_is_known_by_its_address_and_its_language(client):
    some_of_everything()
    text = token()
    tags = {
        client.get(address, headers=bearing(text, language)).headers["ETag"]
        for address in (ADDRESS, f"{ADDRESS}?per_page=50", "/api/v1/policies/")
        for language in ("en", "zh")
    }
    assert len(tags) == 6
