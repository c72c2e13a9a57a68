"""The home board: its figures equal the lists behind them, each role sees its queues, and an empty site says how to begin."""

import datetime as dt
import re

import pytest
from django.utils import timezone

from tanxun.digest.models import Draft, Newsletter
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
            factory.statement(company=elsewhere, statement_type=certificate, issued_on=dt.date(2023, 5, 1), valid_until=due)
    factory.statement(is_body_undisclosed=True, issued_on=today)
    factory.statement(statement_type=factory.statement_type("green_factory"), verification_body=None)
    factory.statement(issued_on=today).remove("entered twice")
    factory.policy(issued_on=today)
    factory.policy(issued_on=dt.date(2024, 1, 1))


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


def test_every_figure_equals_the_list_behind_it(client, records):
    board = tiles(read(client, "/"))
    assert len(board) == 12
    for url, count in board.items():
        assert listed(url) == count, url
    assert board["/statements/?validity=expiring"] == 3
    assert board["/statements/?validity=expired"] == 2
    assert board["/statements/"] == 16
    assert board["/statements/?issued=this_week"] == 1
    assert board["/policies/?issued=this_week"] == 1
    assert board["/statements/?body=undisclosed"] == 1
    assert board["/companies/"] == 3
    assert board["/companies/?region=none"] == 2


def test_only_reviewers_see_the_drafts(client, records):
    draft()
    assert "/review/" not in tiles(read(client, "/"))
    assert tiles(read(client, "/", factory.user("editor")))["/review/"] == 1


def test_the_latest_records_lead_to_their_pages(client, records):
    page = read(client, "/")
    assert len(set(re.findall(r'href="/statements/\d+/"', page))) == 8
    assert len(set(re.findall(r'href="/policies/\d+/"', page))) == 2
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
    client.force_login(factory.user("editor"))
    with django_assert_max_num_queries(11):
        client.get("/")
