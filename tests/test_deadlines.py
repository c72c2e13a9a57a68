"""Days to come of policies on the due board and the home board: to comment by, to apply by, targets of the year that ends."""

import datetime as dt
import re

import pytest
from django.http import QueryDict
from django.utils import timezone

from policies.deadlines import deadlines, target_year
from tanxun.listing.page import find
from tests import factory as f
from tests.reading import listed, read, words

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def at(monkeypatch):
    """Sets the day that it is."""

    def set_to(day):
        monkeypatch.setattr(timezone, "localdate", lambda *args: day)

    set_to(dt.date(2026, 3, 16))
    return set_to


@pytest.mark.parametrize("kind", ["comment", "apply"])
@pytest.mark.parametrize(("left", "is_ahead"), [(-1, False), (0, True), (1, True), (90, True), (91, False)])
def test_a_deadline_counts_from_today_to_the_end_of_the_window(client, kind, left, is_ahead):
    day = timezone.localdate() + dt.timedelta(days=left)
    policy = f.policy("样例征求意见", **({"comment_by": day} if kind == "comment" else {}))
    if kind == "apply":
        f.incentive(policy, apply_by=day)
    assert [(one.day, one.kind, one.days_left) for one in deadlines(90, 5)] == ([(day, kind, left)] if is_ahead else [])
    assert ("样例征求意见" in read(client, "/expiring/?kind=deadline")) is is_ahead
    has_one = find("policies").rows(QueryDict("has=deadline")).found.exists()
    assert has_one is (left >= 0)


def test_a_deadline_known_to_its_month_is_shown_so_and_counts_to_the_last_day(client):
    f.policy("按月截止", comment_by=dt.date(2026, 3, 31), precisions={"comment_by": "month"})
    f.policy("按日截止", comment_by=dt.date(2026, 3, 30))
    assert [one.known for one in deadlines(90, 5)] == ["2026-03-30", "2026-03"]
    page = words(read(client, "/expiring/"))
    assert '<time datetime="2026-03">2026-03</time>' in page
    assert "15 days left" in page


def test_incentives_of_one_policy_and_day_are_one_deadline():
    policy, day = f.policy(), dt.date(2026, 4, 1)
    for _each in range(3):
        f.incentive(policy, apply_by=day)
    assert len(deadlines(90, 5)) == 1


@pytest.mark.parametrize(
    ("day", "days", "year"),
    [
        (dt.date(2026, 10, 1), 90, None),
        (dt.date(2026, 10, 2), 90, 2026),
        (dt.date(2026, 12, 31), 30, 2026),
        (dt.date(2027, 1, 1), 90, None),
        (dt.date(2026, 12, 1), 30, 2026),
        (dt.date(2026, 11, 30), 30, None),
    ],
)
def test_targets_fall_due_with_their_year(at, day, days, year):
    at(day)
    assert target_year(days) == year


@pytest.fixture
def targets():
    """Three targets of this year in 昆山 and Jiangsu, one of Zhejiang, one of the nation; others of later years or deleted."""
    kunshan = f.policy(region=f.region(), level="county")
    for policy in (kunshan, kunshan, f.policy(region=f.region("320000")), f.policy(region=f.region("330000")), f.policy()):
        f.target(policy, year=2026)
        f.target(policy, year=2030)
    gone = f.policy()
    f.target(gone, year=2026)
    gone.remove("entered twice")


@pytest.mark.parametrize(
    ("query", "count"), [("", 5), ("region=320583", 4), ("region=330000&kind=deadline", 2), ("within=30", 5)]
)
def test_the_board_says_how_many_targets_the_year_has_and_leads_to_them(client, at, targets, query, count):
    at(dt.date(2026, 12, 15))
    page = words(read(client, f"/expiring/?{query}"))
    [(address, shown)] = re.findall(r'href="(/targets/[^"]+)">(\d+) targets of 2026', page)
    assert int(shown) == count == listed(address.replace("&amp;", "&"))
    assert '<time datetime="2026-12-31">' in page
    [address] = re.findall(r'href="(/incentives/[^"]+)"', page.split("<main")[1])
    assert client.get(address.replace("&amp;", "&")).status_code == 200


def test_targets_do_not_drown_other_deadlines(client, at, targets):
    at(dt.date(2026, 12, 15))
    f.policy("元旦后截止样例", comment_by=dt.date(2027, 1, 8))
    for _each in range(30):
        f.target(year=2026)
    page = words(read(client, "/expiring/?kind=deadline"))
    assert "元旦后截止样例" in page
    assert page.count("targets of 2026") == 1


@pytest.mark.parametrize("query", ["kind=expiry", "type=carbon_label", "region=none", "within=30"])
def test_no_targets_where_they_are_not_asked_for(client, at, targets, query):
    at(dt.date(2026, 11, 15))
    f.statement_type("carbon_label")
    assert "targets of 2026" not in read(client, f"/expiring/?{query}")
    at(dt.date(2026, 3, 16))
    assert "targets of" not in read(client, "/expiring/")
