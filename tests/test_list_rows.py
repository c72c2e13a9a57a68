"""One query string, many representations: page, CSV, XLSX and command hold the same records in the same order."""

import csv
import io
import re
from itertools import chain, product

import pytest
from django.conf import settings
from django.core.management import call_command
from django.utils.module_loading import import_string
from python_calamine import CalamineWorkbook

from tests import factory as f

pytestmark = pytest.mark.django_db

PAGES = [page.slug for page in import_string(settings.LIST_PAGES)]
SEVERAL = {
    "statements": ["", "type=ghg_verification", "region=320500", "sort=company", "sort=-dated_on", "body=undisclosed&q=样例"],
    "companies": ["", "region=320000", "sort=-name", "type=ghg_verification", "statements_min=0"],
    "bodies": ["", "sort=-name", "kind=certification_body"],
    "policies": ["", "level=province", "region=320000&scope=applies", "sort=dated_on"],
    "targets": ["", "year=2030", "sort=-value", "indicator=产能&region=320000", "topic=product-carbon-footprint"],
    "incentives": ["", "open=1", "sort=amount", "kind=one_off&topic=none", "q=样例"],
    "digests": ["", "sort=-week", "q=样例"],
}


@pytest.fixture
def manager(client):
    """A manager's client over 36 statements and 24 policies that share their dates."""
    places = [f.region("320583"), f.region("330100"), None]
    for number in range(12):
        company = f.company(region=places[number % 3])
        kinds = ["ghg_verification", "product_carbon_footprint", "green_factory"]
        for kind in kinds:
            unnamed = {"verification_body": None, "is_body_undisclosed": True} if number % 4 == 0 else {}
            made = f.statement(company=company, statement_type=f.statement_type(kind), **unnamed)
            made.products.set([f.product(company, f"产品{kind}"), f.product(company, f"另一产品{kind}")])
        whole = f.policy(issuers=[f.issuing_body(), f.issuing_body("江苏省发展和改革委员会")], topics=[f.topic()])
        local = f.policy(region=places[number % 2], issuers=[f.issuing_body()])
        f.digest()
        for policy in (whole, local):
            f.target(policy, indicator="样例产能", value=number, unit=("万千瓦", "吉瓦")[number % 2], year=2030)
            f.incentive(policy, amount=number, currency=("CNY", "%")[number % 2], kind="one_off")
    f.company("没有声明的企业")
    client.force_login(f.user("manager"))
    return client


def ids_on_pages(client, slug, query):
    """All ids in the order of the pages, by following the links that a reader follows."""
    found, address = [], f"/{slug}/?{query}"
    while address:
        html = client.get(address).content.decode()
        found += [int(number) for number in re.findall(r'<tr role="row" data-id="(\d+)"', html)]
        link = re.search(r'href="(\?[^"]*)" rel="next"', html)
        address = f"/{slug}/{link[1]}".replace("&amp;", "&") if link else ""
    return found


def ids_of(links):
    return [int(link.rstrip("/").rsplit("/", 1)[1]) for link in links]


def test_page_csv_xlsx_and_command_agree(manager, tmp_path):
    assert set(SEVERAL) == set(PAGES)
    for slug, query in chain.from_iterable(product([slug], queries) for slug, queries in SEVERAL.items()):
        shown = ids_on_pages(manager, slug, query)
        text = b"".join(manager.get(f"/{slug}.csv?{query}").streaming_content)
        rows = list(csv.reader(io.StringIO(text.decode("utf-8-sig"), newline="")))
        assert ids_of(row[-1] for row in rows[1:]) == shown, (slug, query)
        book = CalamineWorkbook.from_filelike(io.BytesIO(manager.get(f"/{slug}.xlsx?{query}").content))
        sheet = book.get_sheet_by_index(0).to_python()
        assert sheet[0] == rows[0]
        assert ids_of(row[-1] for row in sheet[1:]) == shown, (slug, query)
        file = tmp_path / "list.csv"
        call_command("export", slug, filter=query, output=str(file), lang="zh-hans")
        assert file.read_bytes() == text
        assert len(set(shown)) == len(shown) > 0


def test_the_reader_sees_the_same_number_that_the_list_holds(manager):
    html = manager.get("/statements/?type=ghg_verification").content.decode()
    assert "<strong>12</strong>" in html
    assert len(ids_on_pages(manager, "statements", "type=ghg_verification")) == 12


def test_no_row_comes_twice_or_never_where_rows_tie_and_new_ones_come(manager):
    first = ids_on_pages(manager, "statements", "sort=dated_on&per_page=25")[:25]
    before = set(ids_on_pages(manager, "statements", "sort=dated_on"))
    f.statement()
    after = ids_on_pages(manager, "statements", "sort=dated_on")
    assert after[:25] == first
    assert before < set(after)


def test_past_the_end_comes_the_last_page(manager):
    last = manager.get("/statements/?page=2").content.decode()
    beyond = manager.get("/statements/?page=999999999").content.decode()
    numbers = re.compile(r'data-id="(\d+)"')
    assert numbers.findall(last) == numbers.findall(beyond) != []


def test_the_count_stops_at_its_limit(manager, monkeypatch):
    monkeypatch.setattr("tanxun.listing.paging.COUNT_LIMIT", 30)
    response = manager.get("/statements/?page=2")
    assert response.context["found"].is_capped
    assert response.context["found"].count == 30
    assert len(ids_on_pages(manager, "statements", "")) == 36


def test_a_list_page_takes_four_queries_whatever_its_rows(client, manager, django_assert_max_num_queries):
    for role in ("reader", "editor", "manager"):
        client.force_login(f.user(role))
        for slug in PAGES:
            for query in ("", "per_page=100", {"bodies": "kind=exchange", "digests": "year=2026"}.get(slug, "region=320000")):
                with django_assert_max_num_queries(4, info=f"{role}: /{slug}/?{query}"):
                    assert client.get(f"/{slug}/?{query}").status_code == 200


def test_search_asks_few_more_synonyms_vocabularies_and_how_common_it_is(manager, django_assert_max_num_queries):
    for slug in PAGES:
        manager.get(f"/{slug}/?q=样")  # writes what this very transaction has made
        for query in ("q=样", "q=sgs+样例+-碳足迹", "q=%22样例科技%22"):
            with django_assert_max_num_queries(9, info=f"/{slug}/?{query}"):
                assert manager.get(f"/{slug}/?{query}").status_code == 200


def test_a_company_in_the_address_costs_no_further_query(manager, django_assert_max_num_queries):
    company = f.company("按编号找的企业")
    made = f.statement(company=company)
    with django_assert_max_num_queries(4):
        html = manager.get(f"/statements/?company={company.pk}").content.decode()
    assert f'data-id="{made.pk}"' in html
    assert "按编号找的企业<span" in html


def test_a_new_type_is_a_choice_at_once(manager):
    assert manager.get("/statements/?type=water_footprint").status_code == 400
    f.statement_type("water_footprint", name="水足迹")
    html = manager.get("/statements/?type=water_footprint").content.decode()
    assert "水足迹" in html
