"""The pages of verification bodies: names, accreditations, shares and trend, and counts that lead to equal lists."""

import datetime as dt
import re

import pytest
from django.core.cache import cache
from django.utils import timezone

from certifications.market import Year
from certifications.models import BodyAccreditation, BodyAlias, VerificationStatement
from tests import factory
from tests.reading import listed, read, words

pytestmark = pytest.mark.django_db


@pytest.fixture
def body():
    body = factory.body("tuv-rheinland", full_name="莱茵检测样例公司", lookup_url="https://register.example/?q={number}")
    BodyAlias.objects.create(body=body, name="莱茵")
    BodyAccreditation.objects.create(body=body, accreditor="CNAS", number="C000-V", scope="ISO 14065")
    return body


def test_names_and_accreditations(client, body):
    page = words(read(client, body.get_absolute_url()))
    for text in ("莱茵检测样例公司", ">莱茵<", "CNAS C000-V", "ISO 14065", 'href="https://register.example/?q="'):
        assert text in page, text


def test_a_body_of_which_only_the_name_is_known(client):
    page = words(read(client, factory.body("new-one", is_confirmed=False).get_absolute_url()))
    assert "not yet confirmed" in page
    assert "No statement of this body is known." in page
    assert page.count("not stated") >= 4


def test_counts_by_type_equal_the_lists_they_lead_to(client, body):
    for slug, count in (("ghg_verification", 3), ("product_carbon_footprint", 2)):
        for _each in range(count):
            factory.statement(verification_body=body, statement_type=factory.statement_type(slug))
    factory.statement(verification_body=factory.body("sgs"))
    VerificationStatement.objects.filter(verification_body=body).first().remove("twice")
    page = words(read(client, body.get_absolute_url()))
    found = re.findall(r'href="(/statements/\?body=tuv-rheinland&amp;type=(\w+))">[^<]*</a> <span class="number">(\d+)<', page)
    assert {slug: int(count) for _url, slug, count in found} == {"ghg_verification": 3, "product_carbon_footprint": 1}
    for url, _slug, count in found:
        assert listed(url.replace("&amp;", "&")) == int(count)


@pytest.fixture
def shared(body, monkeypatch):
    """Statements of two bodies and of undisclosed ones over three years; a list membership that counts for nobody."""
    monkeypatch.setattr(timezone, "localdate", lambda *args: dt.date(2026, 3, 16))
    cache.clear()
    for year, counts in ((2024, (3, 1, 0)), (2025, (1, 1, 2)), (2026, (0, 2, 0)), (2015, (1, 0, 0))):
        for who, count in zip((body, factory.body("sgs"), None), counts, strict=True):
            for _each in range(count):
                whom = {"verification_body": who} if who else {"is_body_undisclosed": True}
                factory.statement(issued_on=dt.date(year, 2, 3), **whom)
    factory.statement(statement_type=factory.statement_type("green_factory"), verification_body=None)
    return body


def linked(page):
    """{address: figure} of the links on a page that lead to statements."""
    found = re.findall(r'<a href="(/statements/[^"]+)">(\d+)</a>', words(page))
    found += re.findall(r'<a href="(/statements/[^"]+)" aria-label="\d+: (\d+) statements', words(page))
    return {url.replace("&amp;", "&"): int(count) for url, count in found}


def test_shares_by_year_equal_the_lists_they_lead_to(client, shared):
    for address in ("/bodies/share/", shared.get_absolute_url()):
        figures = linked(read(client, address))
        assert figures
        for url, count in figures.items():
            assert listed(url) == count, url


def test_undisclosed_is_a_part_of_its_own_and_memberships_are_none(client, shared):
    page = words(read(client, "/bodies/share/"))
    rows = re.findall(
        r'<td data-label="Body">(?:<a[^>]*>)?([^<]+)<.*?href="[^"]*">(\d+)</a>.*?<span class="number">([\d.]+)%', page
    )
    assert rows == [("TÜV莱茵", "5", "45.5"), ("SGS", "4", "36.4"), ("undisclosed", "2", "18.2")]


@pytest.mark.parametrize(("count", "share", "said"), [(1, 0.42, "<1%"), (0, 0.0, "0%"), (3, 12.6, "13%"), (9, 100.0, "100%")])
def test_what_there_is_is_never_nothing_percent(count, share, said):
    assert Year(2026, count, share, "", max(share, 1)).share_words == said


def test_a_body_without_statements_links_to_none(client, body):
    assert f"body={body.slug}" not in words(read(client, body.get_absolute_url())).split("Verification body")[0]


def test_the_page_of_a_body_says_its_share_and_each_year(client, shared):
    page = words(read(client, shared.get_absolute_url()))
    assert "45.5% of 11 statements, place 1 of 3" in page
    assert re.findall(r'aria-label="(\d{4}: [^"]*)"', page) == [
        "2021: 0 statements, 0.0% of the year",
        "2022: 0 statements, 0.0% of the year",
        "2023: 0 statements, 0.0% of the year",
        "2024: 3 statements, 75.0% of the year",
        "2025: 1 statements, 25.0% of the year",
        "2026: 0 statements, 0.0% of the year",
    ]


def test_a_write_is_counted_at_once(client, shared):
    assert linked(read(client, "/bodies/share/"))["/statements/?body=sgs"] == 4
    made = factory.statement(verification_body=factory.body("sgs"))
    assert linked(read(client, "/bodies/share/"))["/statements/?body=sgs"] == 5
    made.remove("twice")
    assert linked(read(client, "/bodies/share/"))["/statements/?body=sgs"] == 4


@pytest.mark.django_db(transaction=True)
def test_a_write_of_many_at_once_is_counted_at_once(client, shared):
    assert linked(read(client, "/bodies/share/"))["/statements/?body=sgs"] == 4
    assert linked(read(client, "/bodies/share/"))["/statements/?body=sgs"] == 4
    VerificationStatement.objects.filter(verification_body__slug="sgs").update(verification_body=shared)
    assert "/statements/?body=sgs" not in linked(read(client, "/bodies/share/"))


def test_without_statements_the_shares_say_what_to_do(client):
    cache.clear()
    assert "Nothing here yet" in read(client, "/bodies/share/")
    assert 'href="/review/"' in read(client, "/bodies/share/", factory.user("editor"))


def test_a_deleted_body_is_not_found(client, body):
    body.remove("entered twice")
    read(client, f"/bodies/{body.pk}/", status=404)


def test_the_number_of_queries_does_not_grow(client, body, django_assert_max_num_queries):
    for serial in range(12):
        factory.statement(verification_body=body, statement_type=factory.statement_type(f"kind-{serial}"))
    client.force_login(factory.user())
    cache.clear()
    for address, queries in ((body.get_absolute_url(), 9), (body.get_absolute_url(), 8), ("/bodies/share/", 4)):
        with django_assert_max_num_queries(queries):
            client.get(address)
