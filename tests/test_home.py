"""The home board: its figures equal the lists behind them, each role sees its queues, and an empty site says how to begin."""

import datetime as dt
import re

import pytest
from django.utils import timezone

from certifications.models import CompanyNote
from tanxun.digest.models import Draft, Newsletter
from tanxun.listing.options import days_of
from tests import factory
from tests.reading import listed, read, words

pytestmark = pytest.mark.django_db


@pytest.fixture
def records():
    """Statements of every validity, in and out of this week; companies with and without region and statements; policies."""
    today = timezone.localdate()
    soon, past, far = (today + dt.timedelta(days=days) for days in (30, -10, 900))
    elsewhere = factory.company(region=factory.region("320583"), industry=factory.industry())
    factory.company("没有声明的样例公司")
    certificate = factory.statement_type("carbon_label")
    for due, count in ((soon, 3), (past, 2), (far, 4), (None, 5)):
        for _each in range(count):
            holder = factory.company(region=factory.region("320583"), industry=factory.industry())
            factory.statement(company=holder, statement_type=certificate, issued_on=dt.date(2023, 5, 1), valid_until=due)
    factory.statement(is_body_undisclosed=True, issued_on=today)
    factory.statement(statement_type=factory.statement_type("green_factory"), verification_body=None)
    factory.statement(issued_on=today).remove("entered twice")
    for _each in range(2):
        factory.statement(company=elsewhere, issued_on=days_of("last_week")[0])
    factory.policy("征求意见样例政策", issued_on=dt.date(2024, 2, 1), comment_by=today + dt.timedelta(days=10))
    factory.target(factory.policy(issued_on=today))
    for _each in range(2):
        factory.incentive(factory.policy(issued_on=dt.date(2024, 1, 1)))
    factory.target().policy.remove("entered twice")


def draft(**kwargs):
    newsletter = Newsletter.objects.create(text="x", text_hash=Newsletter.hash_of("x"), reference_date=dt.date(2026, 1, 16))
    values = {
        "newsletter": newsletter,
        "order": 1,
        "kind": "policy",
        "section": "national",
        "headline": "一条",
        "start": 0,
        "end": 1,
    }
    return Draft.objects.create(**values | kwargs)


def tiles(page):
    """{address: figure} of every tile and count on the board."""
    page = words(page)
    found = re.findall(r'href="([^"]+)"><strong>(\d+)</strong>', page)
    found += re.findall(r'<li><a href="([^"]+)">[^<]*</a> <span class="number">(\d+)<', page)
    return {url.replace("&amp;", "&"): int(count) for url, count in found}


@pytest.mark.parametrize(("role", "figures"), [("reader", 13), ("consultant", 13), ("editor", 18)])
def test_every_figure_equals_the_list_behind_it(client, records, role, figures):
    board = tiles(read(client, "/", factory.user(role)))
    assert len(board) == figures
    for url, count in board.items():
        if url != "/review/":
            assert listed(url) == count, url
    assert board["/statements/?due=30"] == 3
    assert board["/statements/?due=overdue"] == 2
    assert board["/statements/"] == 18
    assert board["/statements/?issued=this_week"] == 1
    assert board["/statements/?issued=last_week"] == 2
    assert board["/policies/?issued=this_week"] == 1
    assert board["/policies/?has=deadline"] == 1
    assert board["/companies/"] == 17
    assert board["/targets/"] == 1
    assert board["/incentives/"] == 2


def test_staff_see_what_the_records_do_not_say(client, records):
    board = tiles(read(client, "/", factory.user("editor")))
    assert board["/statements/?body=undisclosed"] == 1
    assert board["/statements/?validity=undated"] == listed("/statements/?validity=undated") > 0
    assert board["/companies/?region=none"] == 2
    assert board["/companies/?industry=none"] == 2
    assert "Data gaps" not in read(client, "/")


def test_no_figure_is_counted_further_than_the_lists_count(client, records, monkeypatch):
    monkeypatch.setattr("certifications.tally.COUNT_LIMIT", 10)
    page = words(read(client, "/"))
    assert 'href="/statements/">Statements</a> <span class="number">10+<' in page
    assert 'href="/statements/?due=30"><strong>3<' in page


def test_what_falls_due_next_stands_first_and_what_was_renewed_not_at_all(client, records):
    today = timezone.localdate()
    label = factory.statement_type("carbon_label")
    renewed = factory.company("已续证样例公司")
    factory.statement(company=renewed, statement_type=label, valid_until=today + dt.timedelta(days=2))
    factory.statement(company=renewed, statement_type=label, valid_until=today + dt.timedelta(days=720))
    first = factory.company("先到期样例公司")
    factory.statement(company=first, statement_type=label, valid_until=today + dt.timedelta(days=1))
    page = words(read(client, "/"))
    due = page[page.index("<h2>Due next") : page.index("<h2>Latest statements")]
    assert due.index("先到期样例公司") < due.index("苏州样例")
    assert "已续证样例公司" not in due


def test_notes_to_follow_up_this_week(client, records):
    monday, sunday = days_of("this_week")
    company = factory.company("待回访样例公司")
    mine, other = factory.user("consultant"), factory.user("editor")
    for by, text, day in ((mine, "我的", monday), (other, "同事的", sunday), (mine, "下周的", sunday + dt.timedelta(days=1))):
        CompanyNote.objects.create(company=company, written_by=by, text=text, follow_up_on=day)
    CompanyNote.objects.create(company=company, written_by=mine, text="办完的", follow_up_on=monday, done_at=timezone.now())
    page = words(read(client, "/", mine))
    assert 'href="#follow-ups"><strong>1<' in page
    assert "我的" in page
    assert not [text for text in ("同事的", "下周的", "办完的") if text in page]
    assert 'href="#follow-ups"><strong>2<' in words(read(client, "/", other))
    assert "#follow-ups" not in read(client, "/")


def test_deadlines_of_policies_stand_with_the_days_left(client, records):
    page = words(read(client, "/"))
    assert "征求意见样例政策" in page
    assert "10 days left" in page


def test_newsletters_that_wait_for_review(client, records):
    draft(headline="一条")
    page = words(read(client, "/", factory.user("editor")))
    assert "<h2>Waiting for review" in page
    assert '<span class="number">1 draft<' in page
    assert "Waiting for review" not in read(client, "/")


def test_only_reviewers_see_the_drafts(client, records):
    """NWS-13."""
    draft()
    assert "/review/" not in tiles(read(client, "/"))
    assert tiles(read(client, "/", factory.user("editor")))["/review/"] == 1


def test_the_latest_records_lead_to_their_pages(client, records):
    page = read(client, "/")
    assert len(set(re.findall(r'href="/statements/\d+/"', page))) == 6
    assert len(set(re.findall(r'href="/policies/\d+/"', page))) == 4
    assert "undisclosed" in page


def test_an_empty_site_says_how_to_begin(client):
    editor = read(client, "/", factory.user("editor"))
    assert "Nothing on record yet" in editor
    assert 'href="/review/"' in editor
    assert "import_newsletter" in editor
    assert "import_newsletter" not in read(client, "/")


def test_a_waiting_draft_is_not_an_empty_site(client):
    draft()
    assert "Nothing on record yet" not in read(client, "/", factory.user("editor"))


def test_the_number_of_queries_is_fixed(client, records, django_assert_max_num_queries):
    draft()
    for role, queries in (("reader", 10), ("consultant", 11), ("editor", 12)):  # two of them for signing in, two for rights
        user = factory.user(role)
        CompanyNote.objects.create(
            company=factory.company(), written_by=user, text="回访", follow_up_on=timezone.localdate() - dt.timedelta(days=1)
        )
        client.force_login(user)
        with django_assert_max_num_queries(queries):
            client.get("/")
