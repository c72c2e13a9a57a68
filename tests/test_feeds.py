"""Every list is an Atom feed with the same parameters: read back by an independent parser, well-formed whatever a record holds,
and answered with 304 while nothing was written.
"""

import datetime as dt

import feedparser
import pytest
import time_machine
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from tanxun.listing.agenda import EPOCH
from tanxun.listing.feeds import Entry, atom
from tanxun.listing.page import find, pages
from tests import factory

pytestmark = pytest.mark.django_db
HOSTILE = "<b>]]>&amp; \u202e\"'é\u0301 <script>alert(1)</script>"


@pytest.fixture
def reader(client):
    client.force_login(factory.user())
    client.cookies["django_language"] = "en"
    return client


def read(answer):
    """The feed as feedparser understands it, which must find nothing wrong with it."""
    assert answer.status_code == 200
    etree.fromstring(answer.content)
    parsed = feedparser.parse(answer.content)
    assert not parsed.bozo, parsed.get("bozo_exception")
    assert parsed.version == "atom10"
    return parsed


def test_every_list_has_one(reader):
    factory.incentive(), factory.target(), factory.statement(), factory.digest()
    for page in pages():
        found = read(reader.get(f"/{page.slug}.atom"))
        assert len(found.entries) == (2 if page.slug == "policies" else 1), page.slug
        for entry in found.entries:
            path = entry.link.removeprefix("http://127.0.0.1:8000")
            assert reader.get(path).status_code == 200
            assert entry.id.startswith(f"tag:127.0.0.1,2026:{page.slug}/")
            assert entry.title


def test_it_follows_the_parameters_of_the_list_and_refuses_what_the_list_refuses(reader):
    kept = factory.statement(statement_type=factory.statement_type("green_factory"), is_body_undisclosed=True)
    factory.statement()
    found = read(reader.get("/statements.atom?type=green_factory"))
    assert [entry.link.rsplit("/", 2)[1] for entry in found.entries] == [str(kept.pk)]
    assert "/statements/?type=green_factory" in found.feed.link
    assert reader.get("/statements.atom?type=nonsense").status_code == 400
    assert set(reader.get("/statements.atom?colour=red").json()) == {"colour"}


def test_the_newest_fifty_by_when_they_came_in(reader):
    late = dt.date(2026, 6, 1)
    made = [factory.policy(issued_on=late - dt.timedelta(days=number)) for number in range(52)]
    found = read(reader.get("/policies.atom"))
    assert [entry.id.rsplit("/")[-1] for entry in found.entries] == [str(one.pk) for one in reversed(made[2:])]


def test_an_entry_tells_the_columns_in_words(reader):
    statement = factory.statement(company=factory.company("苏州某某"), certificate_number="A-1", emissions_tco2e=1200)
    (entry,) = read(reader.get("/statements.atom")).entries
    assert entry.title.startswith("苏州某某 · ")
    assert "A-1" in entry.summary
    assert "tCO₂e" in entry.summary
    assert "SGS" in entry.summary
    only = read(reader.get("/statements.atom?columns=company,type,certificate_number")).entries[0]
    assert "SGS" not in only.summary
    assert entry.id == only.id == f"tag:127.0.0.1,2026:statements/{statement.pk}"


def test_an_undisclosed_body_stays_unsaid(reader):
    factory.statement(is_body_undisclosed=True)
    (entry,) = read(reader.get("/statements.atom")).entries
    assert "未披露" in entry.summary or "undisclosed" in entry.summary


def test_the_id_stays_and_the_moment_moves(reader):
    """The address of an entry may change, its name may not; its moment is that of the record."""
    with time_machine.travel("2026-03-01T08:00:00Z", tick=False):
        policy = factory.policy("旧标题")
    before = read(reader.get("/policies.atom")).entries[0]
    with time_machine.travel("2026-03-05T08:00:00Z", tick=False):
        policy.headline = "新标题"
        policy.save()
    after = read(reader.get("/policies.atom")).entries[0]
    assert (before.id, before.published) == (after.id, after.published)
    assert (before.updated[:10], after.updated[:10]) == ("2026-03-01", "2026-03-05")
    assert after.title == "新标题"


def test_a_deleted_record_is_gone(reader):
    policy = factory.policy()
    policy.remove("entered twice")
    assert read(reader.get("/policies.atom")).entries == []


def test_markup_in_a_record_is_text(reader):  # SEC-27
    """ALR-06"""
    factory.policy(HOSTILE, park_name=HOSTILE)
    (entry,) = read(reader.get("/policies.atom?columns=headline,park")).entries
    assert entry.title_detail.type == "text/plain"
    document = etree.fromstring(reader.get("/policies.atom?columns=headline,park").content)
    names = {"a": "http://www.w3.org/2005/Atom"}
    assert document.findtext("a:entry/a:title", namespaces=names) == " ".join(HOSTILE.split())
    assert "<script" not in document.findtext("a:entry/a:summary", namespaces=names)


@settings(max_examples=150, deadline=None)
@given(title=st.text(st.characters(), max_size=40), text=st.text(st.characters(), max_size=60))
def test_whatever_the_text_it_is_well_formed(title, text):
    """ALR-06: NUL, controls, lone surrogates, ]]> and the rest."""
    rows = find("policies").rows(QueryDict(""))
    entry = Entry("policies/1", f"{title}\0]]>\ud800", "/policies/1/", EPOCH, EPOCH, [("x", f"{text}\x0b\ufffe<br>")])
    document = etree.fromstring(atom(rows, [entry]).encode())
    parsed = feedparser.parse(atom(rows, [entry]).encode())
    assert not parsed.bozo
    assert document.find("{*}entry/{*}id").text == "tag:127.0.0.1,2026:policies/1"
    assert document.find("{*}entry/{*}title").text.endswith("]]>")


def test_the_due_board_has_one(reader):
    soon = dt.date.today() + dt.timedelta(days=20)
    factory.statement(valid_until=soon, company=factory.company("到期公司"))
    factory.policy("征求意见", comment_by=soon)
    factory.statement(valid_until=soon + dt.timedelta(days=100))
    found = read(reader.get("/expiring.atom"))
    assert len(found.entries) == 2
    assert any("到期公司" in entry.title for entry in found.entries)
    assert len(read(reader.get("/expiring.atom?kind=deadline")).entries) == 1
    assert reader.get("/expiring.atom?within=31").status_code == 400


def test_pages_name_their_feed(reader):
    factory.statement()
    page = reader.get("/statements/?type=ghg_verification").content.decode()
    assert 'type="application/atom+xml"' in page
    assert 'href="/statements.atom?type=ghg_verification"' in page
    assert 'href="/statements.ics?type=ghg_verification"' in page
    assert 'href="/expiring.ics?within=30"' in reader.get("/expiring/?within=30").content.decode()
    assert ".ics" not in reader.get("/bodies/").content.decode()


def test_who_may_not_read_is_answered_401_after_the_parameters(client, settings):
    for name in ("statements.atom", "statements.ics", "expiring.atom", "expiring.ics"):
        assert client.get(f"/{name}").status_code == 401
        assert client.get(f"/{name}?colour=red").status_code == 400
    settings.PUBLIC_READ = True
    for name in ("statements.atom", "policies.ics", "expiring.atom", "expiring.ics"):
        answer = client.get(f"/{name}")
        assert answer.status_code == 200
        assert "sessionid" not in answer.cookies


def test_nothing_new_is_304_without_a_write_and_by_few_queries(client, settings):
    """ALR-12 (its speed is measured by `tests/load`)"""
    settings.PUBLIC_READ = True
    factory.statement()
    first = client.get("/statements.atom")
    for name in ("/statements.atom", "/statements.ics", "/expiring.ics"):
        mark = client.get(name).headers["ETag"]
        with CaptureQueriesContext(connection) as asked:
            again = client.get(name, HTTP_IF_NONE_MATCH=mark)
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["ETag"] == mark
        assert len(asked) == 1
        assert asked[0]["sql"].lstrip().upper().startswith("SELECT")
    assert client.get("/statements.atom?type=ghg_verification", HTTP_IF_NONE_MATCH=first.headers["ETag"]).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_a_write_or_a_new_day_ends_that(client, settings):
    settings.PUBLIC_READ = True
    factory.statement()
    mark = client.get("/statements.atom").headers["ETag"]
    assert client.get("/statements.atom", HTTP_IF_NONE_MATCH=mark).status_code == 304
    factory.policy()
    assert client.get("/statements.atom", HTTP_IF_NONE_MATCH=mark).status_code == 200
    mark = client.get("/statements.atom").headers["ETag"]
    with time_machine.travel(dt.datetime.now(dt.UTC) + dt.timedelta(days=1)):
        tomorrow = client.get("/statements.atom", HTTP_IF_NONE_MATCH=mark)
        assert tomorrow.status_code == 200
        since = tomorrow.headers["Last-Modified"]
        assert client.get("/statements.atom", HTTP_IF_MODIFIED_SINCE=since).status_code == 304
    assert "ETag" not in client.get("/statements.atom?new=1").headers


def test_a_feed_costs_the_same_queries_whatever_its_length(reader):
    factory.statement(), factory.policy()
    counts = []
    for _round in range(2):
        with CaptureQueriesContext(connection) as asked:
            reader.get("/statements.atom"), reader.get("/policies.atom")
        counts.append(len(asked))
        for _more in range(5):
            factory.statement(products=[factory.product(factory.company())]), factory.policy()
    assert counts[0] == counts[1]


def test_an_empty_feed_is_the_same_each_time(reader):
    assert reader.get("/bodies.atom").content == reader.get("/bodies.atom").content
    assert reverse("bodies-atom") == "/bodies.atom"
