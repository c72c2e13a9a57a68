"""A file holds what the screen shows for the same address: the same records in the same order, columns and number (EXP-09);
and there is no file of HTML (EXP-04)."""

import csv
import html
import io
import re
from urllib.parse import urlencode

import pytest
from django.db import connection
from hypothesis import HealthCheck, given
from hypothesis import settings as effort
from hypothesis import strategies as st

from tanxun.listing.files import TYPES
from tanxun.listing.page import find, pages
from tests.test_list_rows import ids_on_pages, manager  # noqa: F401 - a fixture

pytestmark = pytest.mark.django_db
SLUGS = [page.slug for page in pages()]
# What differs by the database is the order, and that is asked by every one of these.
ENOUGH = effort(max_examples=200 if connection.vendor == "sqlite" else 60, deadline=None, suppress_health_check=list(HealthCheck))
TEXTS = ("样例", "苏州", "昆山 样例", "-样例", '"电子"', "产能", "2030", "SGS", "gongsi", "不在任何地方")
DAYS = ("2025-01-01", "2026-01-16", "2026-06-01", "2030-01-01")
ROW = r'<tr role="row" data-id="(\d+)"'
PLACES = ("320000", "320500", "320583", "330100", "310000")


@pytest.fixture
def offered(manager):  # noqa: F811
    """{slug: {name: values}} as the form of each list offers them."""
    return {slug: choices(slug, manager.get(f"/{slug}/").content.decode()) for slug in SLUGS}


def choices(slug, page):
    found = {}
    known = find(slug).filterset_class.base_filters
    for name, value in re.findall(r'<input type="(?:checkbox|radio)" name="([\w!]+)" value="([^"]+)"', page):
        found.setdefault(name, []).append(html.unescape(value))
    for name, options in re.findall(r'(?s)<select name="([\w!]+)"[^>]*>(.*?)</select>', page):
        found.setdefault(name, []).extend(filter(None, re.findall(r'<option value="([^"]*)"', options)))
    usual = {"q": TEXTS, "issued_after": DAYS, "issued_before": DAYS, "region": PLACES}
    asked = {name: values for name, values in found.items() if name.removesuffix("!") in known and name not in ("new", "id")}
    return asked | {name: list(values) for name, values in usual.items() if name in known}


@st.composite
def questions(draw, offered):
    """Any list with some of the filters that it offers, any order, any columns in any order."""
    slug = draw(st.sampled_from(SLUGS))
    names = draw(st.lists(st.sampled_from(sorted(offered[slug])), max_size=3, unique=True))
    asked = [(name, draw(st.sampled_from(offered[slug][name]))) for name in names]
    page = find(slug)
    if sort := draw(st.none() | st.sampled_from(sorted(page.sort_paths()))):
        asked.append(("sort", draw(st.sampled_from(("", "-"))) + sort))
    keys = draw(st.lists(st.sampled_from([column.key for column in page.columns]), min_size=1, max_size=6, unique=True))
    asked.append(("columns", draw(st.sampled_from(("all", ",".join(keys))))))
    return slug, urlencode(asked)


def test_a_file_is_the_list_on_the_screen_for_any_filter(manager, offered):  # noqa: F811
    """EXP-09"""
    sizes = []

    @ENOUGH
    @given(st.data())
    def holds(data):
        slug, query = data.draw(questions(offered))
        screen = manager.get(f"/{slug}/?{query}&per_page=100")
        file = manager.get(f"/{slug}.csv?{query}")
        assert screen.status_code == file.status_code, query
        if screen.status_code == 400:  # a choice and its opposite, from after to: refused alike
            return
        shown = screen.content.decode()
        heads, *rows = csv.reader(io.StringIO(b"".join(file.streaming_content).decode("utf-8-sig")))
        assert [address.rsplit("/", 2)[1] for *_cells, address in rows] == re.findall(ROW, shown)
        for row in re.split(ROW, shown.partition("</tbody>")[0])[2::2]:
            assert re.findall(r'data-label="([^"]*)"', row) == heads[:-1]
        assert int(re.search(r"<strong>([\d,]+)</strong>", shown)[1]) == len(rows)
        sizes.append(len(rows))

    holds()
    assert max(sizes) > 25  # and not always nothing
    assert sum(map(bool, sizes)) > 20


@pytest.mark.any_engine
def test_there_is_no_file_of_html(manager):  # noqa: F811
    """EXP-04"""
    assert not {"html", "htm"} & set(TYPES)
    assert not [kind for kind in TYPES.values() if "html" in kind]
    for slug in SLUGS:
        assert manager.get(f"/{slug}.html").status_code == 404
        assert manager.post(f"/{slug}/export/", {"ending": "html", "query": ""}).status_code == 404
