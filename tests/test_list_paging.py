"""Walking a list by cursor: both ways and from the end, over ties, under changes; a place of another list is refused."""

import datetime as dt
import re

import pytest
from django.conf import settings
from django.http import QueryDict
from django.utils.module_loading import import_string

from certifications.models import VerificationStatement
from tanxun.listing.page import find
from tests import factory as f

pytestmark = pytest.mark.django_db

PAGES = import_string(settings.LIST_PAGES)


@pytest.fixture
def reader(client):
    client.force_login(f.user("reader"))
    client.cookies["django_language"] = "en"
    return client


@pytest.fixture
def many(reader):
    """70 statements of 35 companies on 3 days, and as many policies, each with its figures: most tie with many others."""
    kinds = [f.statement_type(slug) for slug in ("ghg_verification", "product_carbon_footprint", "green_factory")]
    for number in range(70):
        company = f.company(f"样例{'甲乙丙丁戊'[number % 5]}科技") if number % 2 == 0 else company  # noqa: F821
        day = dt.date(2026, 1, 1 + number % 3)
        f.statement(company=company, statement_type=kinds[number % 3], issued_on=day)
        policy = f.policy(f"样例通知{number}", issued_on=day)
        f.target(policy, value=(None, 1, 20)[number % 3], unit="家", indicator=f"样例指标{number % 4}")
        f.incentive(policy, amount=number % 5, currency="CNY")
        f.digest()
        f.body(f"body-{number}", name=f"样例机构{number % 7}")
    return reader


def html_of(client, address):
    response = client.get(address)
    assert response.status_code == 200, address
    return response.content.decode()


def ids(html):
    return [int(number) for number in re.findall(r'<tr role="row" data-id="(\d+)"', html)]


def turn(html, label):
    """The address behind a turn of the page, or "" where it leads nowhere."""
    found = re.search(rf'<a class="button small" href="(\?[^"]*)"[^>]*>{label}</a>', html)
    return found[1].replace("&amp;", "&") if found else ""


def walk(client, slug, query, label):
    """The ids of each page, by following one turn from the page of `query` until it leads nowhere."""
    pages, query = [], f"?{query}"
    while query:
        html = html_of(client, f"/{slug}/{query}")
        pages.append(ids(html))
        query = turn(html, label)
    return pages


def in_order(slug, query):
    return list(find(slug).rows(QueryDict(query)).found.values_list("pk", flat=True))


@pytest.mark.parametrize("slug", [page.slug for page in PAGES])
def test_every_row_comes_once_and_in_order_whichever_way_one_walks(many, slug):
    for query in ("", *(f"sort={sign}{key}" for key in find(slug).sort_paths() for sign in ("", "-"))):
        whole = in_order(slug, query)
        assert len(whole) >= 35, query
        forward = walk(many, slug, query, "Next")
        assert [row for page in forward for row in page] == whole, query
        last = turn(html_of(many, f"/{slug}/?{query}"), "Last")
        backward = walk(many, slug, last.removeprefix("?"), "Previous")
        assert backward == forward[::-1], query
        assert walk(many, slug, last.removeprefix("?"), "First") == [forward[-1], forward[0]], query


def test_a_ranked_search_is_walked_in_its_rank(many):
    query = "q=样例甲科技"
    whole = in_order("statements", query)
    assert len(whole) > 10
    assert [row for page in walk(many, "statements", query, "Next") for row in page] == whole
    ranked = in_order("companies", "q=样例")
    forward = walk(many, "companies", "q=样例", "Next")
    assert [row for page in forward for row in page] == ranked
    last = turn(html_of(many, "/companies/?q=样例"), "Last")
    assert walk(many, "companies", last.removeprefix("?"), "Previous") == forward[::-1]


@pytest.mark.parametrize(("before", "after"), [(100, 20), (20, 100)], ids=["few grow many", "many grow few"])
@pytest.mark.parametrize("query", ["q=样例", "q=样例甲科技"])
def test_a_search_that_others_write_into_is_walked_to_its_end(many, monkeypatch, before, after, query):
    """It ranks what it finds while that is few, and is sorted as the list where it is many; what ranks may come twice."""
    for number in range(60):
        f.statement(company=f.company(f"样例甲科技{number}"))
    whole = in_order("companies", query)
    monkeypatch.setattr("tanxun.search.queries.COMMON", before)
    html = html_of(many, f"/companies/?{query}")
    shown, onward, last = ids(html), turn(html, "Next"), turn(html, "Last")
    back = turn(html_of(many, f"/companies/{last}"), "Previous")
    monkeypatch.setattr("tanxun.search.queries.COMMON", after)
    following = [key for page in walk(many, "companies", onward.removeprefix("?"), "Next") for key in page]
    assert {*shown, *following} == set(whole)
    assert len(following) == len(set(following))
    assert ids(html_of(many, f"/companies/{last}"))
    first = turn(html_of(many, f"/companies/{back}"), "First") or back
    assert len(ids(html_of(many, f"/companies/{first}"))) == 25


def test_what_comes_or_goes_moves_no_other_row_over_a_turn(many):
    whole = in_order("statements", "")
    html = html_of(many, "/statements/")
    assert ids(html) == whole[:25]
    for day in (1, 2, 3):
        f.statement(issued_on=dt.date(2026, 1, day))  # among the ties, before and after the turn
    VerificationStatement.objects.get(pk=whole[3]).remove("wrong")
    VerificationStatement.objects.get(pk=whole[24]).remove("the very row that the turn stands at")
    VerificationStatement.with_deleted.filter(pk=whole[10]).delete()
    following = html_of(many, f"/statements/{turn(html, 'Next')}")
    third = html_of(many, f"/statements/{turn(following, 'Next')}")
    assert [pk for pk in ids(following) + ids(third) if pk in whole] == whole[25:]
    assert ids(html_of(many, f"/statements/{turn(third, 'Previous')}")) == ids(following)
    back = ids(html_of(many, f"/statements/{turn(following, 'Previous')}"))
    assert set(whole[:25]) - {whole[3], whole[10], whole[24]} < set(back)
    assert back == in_order("statements", "")[:25]


def test_where_a_place_has_nothing_beyond_it_any_more_the_page_at_that_end_comes(many):
    whole = in_order("statements", "")
    html = html_of(many, "/statements/?page=2")
    onward = turn(html, "Next")
    for pk in whole[50:]:
        VerificationStatement.objects.get(pk=pk).remove("gone")
    assert ids(html_of(many, f"/statements/{onward}")) == whole[25:50]
    back = turn(html, "Previous")
    assert ids(html_of(many, f"/statements/{back}")) == whole[:25]


def test_the_words_say_which_rows_they_are(many, monkeypatch):
    def words(address):
        html = html_of(many, f"/statements/{address}")
        return re.search(r'<p class="muted">\s*(Rows .*?)\s*</p>', html, re.DOTALL)[1], html

    text, html = words("")
    assert text == "Rows 1–25"
    assert words(turn(html, "Next"))[0] == "Rows 26–50"
    text, html = words(turn(html, "Last"))
    assert text == "Rows 51–70"
    assert words(turn(html, "Previous"))[0] == "Rows 26–50"
    monkeypatch.setattr("tanxun.listing.paging.COUNT_LIMIT", 30)
    text, html = words("")
    assert text == "Rows 1–25"
    text, html = words(turn(html, "Last"))
    assert text == "Rows 25–1 from the end"
    text, html = words(turn(html, "Previous"))
    assert text == "Rows 50–26 from the end"
    assert words(turn(html, "Previous"))[0] == "Rows 1–20"


def test_pages_by_number_are_offered_as_far_as_they_are_counted(many, monkeypatch):
    def numbers(address):
        html = html_of(many, f"/statements/{address}")
        part = re.search(r'<ul class="numbers".*?</ul>', html, re.DOTALL)
        return re.findall(r'href="([^"]*)"([^>]*)>(\d+)<', part[0]) if part else []

    assert [(to, bool(here), number) for to, here, number in numbers("")] == [
        ("?page=1", True, "1"),
        ("?page=2", False, "2"),
        ("?page=3", False, "3"),
    ]
    monkeypatch.setattr("tanxun.listing.paging.COUNT_LIMIT", 30)
    assert [number for _to, _here, number in numbers("")] == ["1", "2"]


@pytest.mark.parametrize("query", ["page=2", "page=999999999", "cursor", "last"])
def test_every_way_to_a_page_takes_four_queries(many, query, django_assert_max_num_queries):
    html = html_of(many, "/statements/?region=none")
    turns = {"cursor": turn(html, "Next"), "last": turn(html, "Last")}
    address = turns.get(query) or f"?region=none&{query}"
    with django_assert_max_num_queries(4):
        found = ids(html_of(many, f"/statements/{address}"))
    assert found == in_order("statements", "")[25:50] if query in ("page=2", "cursor") else in_order("statements", "")[50:]


def cursor_of(html, label="Next"):
    return re.search(r"cursor=([^&]*)", turn(html, label))[1]


def test_a_changed_or_foreign_place_is_refused_in_words(many):
    cursor = cursor_of(html_of(many, "/statements/"))
    ranked = cursor_of(html_of(many, "/companies/?q=样例"))
    refused = [
        f"/statements/?cursor={cursor[:-1]}{'A' if cursor[-1] != 'A' else 'B'}",
        f"/statements/?cursor=A{cursor}",
        f"/statements/?cursor={cursor[1:]}",
        f"/statements/?cursor={cursor.split('.')[0]}",
        f"/statements/?cursor={cursor}&sort=company",
        f"/statements/?cursor={cursor}&sort=dated_on",
        f"/statements/?cursor={cursor}&page=2",
        f"/statements/?cursor={cursor}&cursor={cursor}",
        f"/policies/?cursor={cursor}",
        f"/companies/?cursor={ranked}",
        f"/companies/?cursor={ranked}&q=科技",
        f"/companies/?cursor={cursor_of(html_of(many, '/companies/'))}&q=样例",
        *(
            f"/statements/?cursor={text}"
            for text in ("%00", "x", "..", "1", "a" * 100_000, "%ED%A0%80", "碳", "-1", "null", "[]")
        ),
    ]
    for address in refused:
        response = many.get(address)
        assert response.status_code == 400, address[:100]
        assert [name for name, _label, _message in response.context["problems"]] == ["cursor"], address[:100]
        assert "<tbody" not in response.content.decode()
    assert many.get(f"/statements/?cursor={cursor}&per_page=50").status_code == 200
    assert many.get(f"/statements/?cursor={cursor}&columns=company").status_code == 200


def test_a_filter_or_another_size_begins_at_the_first_page_again(many):
    html = html_of(many, f"/statements/{turn(html_of(many, '/statements/'), 'Next')}")
    for address in re.findall(r'<a class="size" href="([^"]*)"', html):
        assert "cursor" not in address
    assert 'name="cursor"' not in html
