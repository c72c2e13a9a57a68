"""The statistics page: every number is the number of rows of the list that it leads to."""

import datetime as dt
import re

import pytest
from django.core.cache import cache
from django.utils import timezone
from lxml import html

from policies.models import Policy
from tests import factory as f
from tests.reading import listed, read, select, words
from tests.test_facets import fill

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_cache():
    cache.clear()


@pytest.fixture
def records():
    fill()
    national = f.policy(level="national", stage="repealed", topics=[f.topic("x", "样")])
    f.incentive(national)
    f.target(national, year=2060)
    gone = f.policy(region=f.region())
    f.target(gone, year=2030)
    f.incentive(gone)
    gone.remove("entered twice")
    f.statement().remove("entered twice")
    for number in range(12):
        f.statement(verification_body=f.body(f"body-{number}"), company=f.company(region=f.region("310000")))


def linked(page):
    """(address, number) of every link to a list whose words are a number."""
    found = []
    for link in select(html.fromstring(page), "main a[href]"):
        text = " ".join(link.text_content().split())
        label = link.get("aria-label") or ""
        if match := re.match(r"([\d,]+)(?: |$)", text) or re.search(r": ([\d,]+)$", label):
            found.append((link.get("href"), int(match[1].replace(",", ""))))
    return found


def test_every_number_equals_the_list_it_leads_to(client, records):
    found = linked(read(client, "/statistics/"))
    assert len(found) > 60
    for address, count in found:
        assert listed(address) == count, address
    of_lists = {address.partition("?")[0] for address, _count in found}
    assert of_lists == {"/statements/", "/policies/", "/targets/", "/incentives/"}
    asked = {name for address, _count in found for name in re.findall(r"[?&]([\w!%]+)=", address)}
    assert {"region", "topic", "level", "issued_after", "year", "body", "open"} <= asked


def subject(page, key):
    """The lines of one table: {first cell: [other cells]}."""
    [section] = [one for one in select(html.fromstring(page), "section.subject") if one.get("aria-labelledby") == f"of-{key}"]
    lines = [[" ".join(cell.text_content().split()) for cell in row.iter("td")] for row in select(section, "tbody tr")]
    return {line[0]: line[1:] for line in lines if line}


def test_months_are_the_last_twelve_also_over_the_turn_of_the_year(client, monkeypatch):
    monkeypatch.setattr(timezone, "localdate", lambda *args: dt.date(2026, 2, 28))
    for day in (dt.date(2026, 2, 28), dt.date(2026, 2, 1), dt.date(2025, 12, 31), dt.date(2025, 3, 1), dt.date(2025, 2, 28)):
        f.statement(issued_on=day)
        f.incentive(f.policy(issued_on=day))
    months = subject(read(client, "/statistics/"), "months")
    assert list(months) == ["2026-02", "2026-01", *(f"2025-{month:02}" for month in range(12, 2, -1))]
    assert months["2026-02"] == ["2", "2", "0", "2"]
    assert months["2025-12"] == months["2025-03"] == ["1", "1", "0", "1"]


def test_shares_are_of_all_that_a_body_issued_known_or_not(client):
    for body in ("sgs", "sgs", "sgs", "cti"):
        f.statement(verification_body=f.body(body))
    f.statement(verification_body=None, is_body_undisclosed=True)
    for _each in range(7):
        f.statement(verification_body=None, statement_type=f.statement_type("green_factory"))
    shares = subject(read(client, "/statistics/"), "bodies")
    assert shares["named in the source"] == ["4", "80.0%"]
    assert shares["not disclosed"] == ["1", "20.0%"]
    assert shares["SGS"] == ["3", "60.0%"]
    assert shares["lists that no body certified (not counted in the shares)"] == ["7", "–"]


def test_bodies_below_the_first_ten_stand_together(client, records):
    shares = subject(read(client, "/statistics/"), "bodies")
    assert shares["other bodies"][0] != "0"
    named = [line for name, line in shares.items() if name not in ("named in the source", "not disclosed") and line[1] != "–"]
    assert sum(int(count) for count, _share in named) == int(shares["named in the source"][0])


def test_topics_of_statements_are_those_of_their_types(client):
    f.statement(statement_type=f.statement_type("ghg_verification", topic=f.topic("x", "样题")))
    f.policy(topics=[f.topic("x", "样题"), f.topic("y", "另题")])
    topics = subject(read(client, "/statistics/"), "topics")
    assert topics["样题"] == ["1", "1", "0", "0"]
    assert topics["另题"] == ["0", "1", "0", "0"]


def test_each_chart_stands_beside_its_table(client, records):
    page = html.fromstring(read(client, "/statistics/"))
    for section in select(page, "section.subject"):
        assert select(section, "tbody tr"), section.get("aria-labelledby")
    assert len(select(page, "section.subject svg")) >= 8
    names = [element.get("id") for element in page.iter() if element.get("id")]
    assert len(names) == len(set(names))
    assert not [element for element in page.iter() if element.get("style")]


def test_what_is_written_counts_at_once(client, records):
    before = dict(linked(read(client, "/statistics/")))["/policies/"]
    Policy.objects.first().remove("entered twice")
    assert dict(linked(read(client, "/statistics/")))["/policies/"] == before - 1


def test_the_newest_incentives_lead_to_their_pages(client, records):
    newest = f.incentive(f.policy(issued_on=timezone.localdate()), amount=200_000, currency="CNY", who_qualifies="获评企业")
    page = words(read(client, "/statistics/"))
    assert f'<a href="{newest.get_absolute_url()}"><span title="200,000 CNY">200,000 CNY</span> · 获评企业</a>' in page


def test_an_empty_site_has_its_statistics_too(client):
    page = read(client, "/statistics/")
    assert set(linked(page)) == {(f"/{slug}/", 0) for slug in ("statements", "policies", "targets", "incentives")} | {
        ("/incentives/?open=1", 0)
    }


def test_reading_needs_sign_in_unless_it_is_public(client, settings):
    assert client.get("/statistics/").url == "/accounts/login/?next=/statistics/"
    settings.PUBLIC_READ = True
    assert client.get("/statistics/").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_it_is_counted_once_until_something_is_written(client, django_assert_max_num_queries):
    f.statement()
    f.target()
    client.force_login(f.user())
    with django_assert_max_num_queries(40):
        client.get("/statistics/")
    with django_assert_max_num_queries(4):  # signing in, the version of the data, the newest incentives
        client.get("/statistics/")
