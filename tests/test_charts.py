"""Charts over the current list: every bar, segment and tile leads to as many rows as it says."""

import datetime as dt
import re

import pytest
from django.conf import settings
from django.http import QueryDict
from django.utils.module_loading import import_string

from tanxun.listing.charts import TILES, BarChart, Shape, drawings
from tanxun.listing.facets import figures
from tanxun.listing.page import find
from tests import factory as f
from tests.test_facets import fill

pytestmark = pytest.mark.django_db

PAGES = import_string(settings.LIST_PAGES)
ASKED = {
    "statements": [
        "",
        "region=320500",
        "region=320583&region=330000&region!=330100",
        "region!=320583&region=320000",
        "region=none",
        "type=ghg_verification&type=green_factory&body!=sgs",
        "validity!=undated&issued_after=2024-03-01&issued_before=2025-12-31",
        "body=undisclosed&body=none",
        "q=样例&issued=this_year",
    ],
    "companies": ["", "region=320000&type=green_factory", "industry=C", "type!=green_factory"],
    "bodies": ["", "kind=certification_body"],
    "policies": ["", "level=city", "region=320500&region!=320583", "region=320500&scope=applies", "topic=x"],
    "targets": ["", "year=2030&year=2031", "region=320500&region!=320583", "topic=x", "year=none", "base!=total"],
    "incentives": ["", "open=1", "region=320500&scope=applies", "kind=none", "topic!=x&issued_after=2025-01-01"],
}


def drawn(slug, query):
    rows = find(slug).rows(QueryDict(query))
    return {drawing.name: drawing for drawing in drawings(rows, figures(rows))}


@pytest.mark.parametrize("page", [page for page in PAGES if page.charts], ids=lambda page: page.slug)
def test_every_mark_leads_to_as_many_rows_as_it_says(page):
    fill()
    f.body("bv", kind="testing_body")
    checked = 0
    for query in ASKED[page.slug]:
        for drawing in drawn(page.slug, query).values():
            for mark in {id(mark): mark for mark in (*drawing.shapes, *drawing.table)}.values():
                assert bool(mark.href) == bool(mark.count)
                if mark.href:
                    address, _, there = mark.href.partition("?")
                    assert address == f"/{page.slug}/"
                    found = find(page.slug).rows(QueryDict(there)).found.count()
                    assert found == mark.count, (query, drawing.name, mark.label, there)
                    checked += 1
    assert checked > (10 if page.slug != "bodies" else 1)


def test_the_marks_of_a_chart_add_up_to_the_list():
    fill()
    for query in ASKED["statements"]:
        total = find("statements").rows(QueryDict(query)).found.count()
        charts = drawn("statements", query)
        for name in ("issued", "validity", "type", "body"):
            assert sum(mark.count for mark in charts[name].table) == total, (query, name)


def test_undisclosed_is_a_bar_of_its_own_however_many_bodies_there_are():
    for number in range(12):
        for _each in range(2):
            f.statement(verification_body=f.body(f"body-{number}"))
    f.statement(verification_body=None, is_body_undisclosed=True)
    chart = drawn("statements", "")["body"]
    assert len(chart.shapes) == 8
    assert chart.left_out == 5
    assert [mark.count for mark in chart.shapes if mark.value == "undisclosed"] == [1]


def test_a_list_that_asks_what_applies_in_a_place_has_no_map():
    fill()
    assert "region" in drawn("policies", "region=320500")
    assert "region" not in drawn("policies", "region=320500&scope=applies")


def test_an_empty_list_has_no_charts():
    f.statement()
    assert drawn("statements", "q=没有这样的") == {}


def test_industries_are_drawn_by_division_and_none_twice():
    fill()
    for query in ("", "industry=C", "industry=C17"):
        bars = {mark.value: mark.count for mark in drawn("companies", query)["industry"].table}
        assert set(bars) == {"": {"C39", "C17", "none"}, "industry=C": {"C39", "C17"}, "industry=C17": {"C17"}}[query]
        assert sum(bars.values()) == find("companies").rows(QueryDict(query)).found.count()
    assert "industry" not in drawn("companies", "industry=C17&industry!=C")


def test_a_company_of_a_whole_section_has_its_bar_and_the_bars_add_up():
    fill()
    for _each in range(2):
        f.statement(company=f.company(industry=f.industry("C39").parent))
    for query in ("", "industry=C", "industry=C39", "industry!=C17", "industry=C&industry!=C39", "industry=none"):
        bars = drawn("companies", query)["industry"].table
        assert sum(bar.count for bar in bars) == find("companies").rows(QueryDict(query)).found.count(), query
        for bar in bars:
            assert find("companies").rows(QueryDict(bar.href.partition("?")[2])).found.count() == bar.count, (query, bar.label)
    assert {bar.value: bar.count for bar in drawn("companies", "industry=C")["industry"].table}["C"] == 2


def test_every_province_has_its_own_tile():
    assert len(TILES) == 34
    assert len(set(TILES.values())) == 34


def test_old_years_and_many_of_them():
    for year in range(2005, 2026):
        f.statement(issued_on=dt.date(year, 6, 1))
    chart = drawn("statements", "")["issued"]
    assert [mark.label for mark in chart.table] == [str(year) for year in range(2005, 2026)]
    assert [mark.label for mark in chart.shapes] == [str(year) for year in range(2016, 2026)]


def test_the_drawing_is_plain_svg_with_a_table_beside_it(client):
    fill()
    client.force_login(f.user("reader"))
    html = client.get("/statements/overview/", headers={"HX-Request": "true"}).content.decode()
    assert html.count("<svg") == html.count("<table") == 5
    assert "style=" not in html
    assert 'role="img"' not in html  # it would hide the links in it
    numbers = re.findall(r'\b(?:x|y|width|height)="([^"]*)"', html)
    assert all(re.fullmatch(r"-?\d+(\.\d+)?", number) for number in numbers), "a number written in the reader's language"


def test_names_are_shown_harmless(client):  # SEC-24
    f.statement(statement_type=f.statement_type("odd", name="<b>x</b>"))
    client.force_login(f.user("reader"))
    html = client.get("/statements/overview/").content.decode()
    assert "<b>x</b>" not in html
    assert "&lt;b&gt;x" in html


def test_long_names_of_bars_are_told_apart():
    names = ("Manufacture of Tobacco", "Manufacture of Textile", "Manufacture of Furniture")
    drawing = BarChart("industry", "By industry").placed([Shape(name, name, 1, "") for name in names])
    assert tuple(shape.short for shape in drawing.shapes) == names
    for shape in drawing.shapes:
        assert shape.x + shape.width + 40 <= drawing.width


@pytest.mark.parametrize(("language", "short", "named"), [("en", "ZJ", "Zhejiang (ZJ): 1"), ("zh-hans", "浙江", "浙江省: 1")])
def test_a_tile_has_the_language_of_the_page(client, language, short, named):
    f.statement(company=f.company(region=f.region("330000")))
    client.force_login(f.user("reader"))
    client.cookies["django_language"] = language
    html = client.get("/statements/overview/").content.decode()
    assert f">{short}</text>" in html
    assert f'aria-label="{named}"' in html
