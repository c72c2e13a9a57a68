"""Hostile query strings (trust.md FLT; CWE-20, 89, 209, 400, 1333): every list, the due board, search, parts and forms.

What is refused is refused everywhere alike: 400, the error beside its field, no rows, nothing written, on both databases.
Cases go by the kind of a filter, so a new filter and a new list are tried without a word here.
"""

import re
import time

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from django.utils.module_loading import import_string
from hypothesis import HealthCheck, given
from hypothesis import settings as effort
from hypothesis import strategies as st

from certifications.board import DuePage
from policies.figure_pages import IndicatorFilter
from tanxun.listing.models import SavedFilter
from tanxun.listing.options import ChoiceFilter, OneChoiceFilter
from tanxun.listing.page import OWN_PARAMETERS, InvalidParametersError
from tanxun.listing.parameters import (
    DateFilter,
    FlagFilter,
    SearchFilter,
    SelectedFilter,
    SinceVisitFilter,
    WeekFilter,
    WholeNumberFilter,
)
from tests import factory as f
from tests.effort import examples

pytestmark = pytest.mark.django_db

HUGE = "9" * 30
NUL = ["%00", "a%00b"]
NUMBERS = [HUGE, f"-{HUGE}", "2147483648", "9223372036854775808", "1e400", "NaN", "Infinity", "1_000", "１２", "٣", "null"]
NUMBERS += ["-1", "0x10", "1.0", "%2B1", "1 "]
DATES = ["0000-00-00", "10000-01-01", "2026-02-30", "2026-1-1", "2026-01-01T00:00:00%2B99:99", "9999-12-31T23:59:59"]
DATES += ["abc", "２０２６-01-01", "20260101", HUGE]
WORDS = ["~nonsense~", "%ED%A0%80", "%FF", "%EF%BF%BE", "'", "x" * 5000]
REGEX = ["(", "[", "*", "(?P<x", "a{99999}", "[[:foo:]]", "(a%2B)%2B$"]

# By the kind of a filter: what every filter of that kind refuses, under the id of its row in trust.md.
OF_KIND = {
    IndicatorFilter: {"FLT-01": NUL, "FLT-03": ["x" * 201, "x" * 100_000, "x" * 1_000_000]},
    SearchFilter: {
        "FLT-01": NUL,
        "FLT-03": ["x" * 201, "x" * 100_000, "x" * 1_000_000],
        "FLT-04": ["a+" * 11, "a+" * 2000, '"a"+' * 2000],
    },
    WholeNumberFilter: {"FLT-01": NUL, "FLT-05": NUMBERS, "FLT-14": REGEX},
    DateFilter: {"FLT-01": NUL, "FLT-09": DATES},
    FlagFilter: {"FLT-01": NUL, "FLT-05": ["2", "-1", "１", "true", HUGE]},
    SinceVisitFilter: {"FLT-01": NUL, "FLT-05": ["0", "2", "１", HUGE]},
    SelectedFilter: {
        "FLT-01": NUL,
        "FLT-05": [HUGE, "-1", "1e3", "１", "1.0", "0", "1,", "1;2", "null"],
        "FLT-17": [",".join(map(str, range(1, 2000)))],
    },
    WeekFilter: {
        "FLT-01": NUL,
        "FLT-09": ["2026-W00", "2026-W54", "9999-W52", "0000-W01", "2026W03", "2026-w03", "２026-W03", HUGE],
    },
    ChoiceFilter: {"FLT-01": NUL, "FLT-02": WORDS, "FLT-05": NUMBERS, "FLT-14": REGEX},
    OneChoiceFilter: {"FLT-01": NUL, "FLT-02": WORDS, "FLT-05": NUMBERS, "FLT-14": REGEX},
}
# What no list understands, whatever its filters.
OWN = {
    "FLT-08": {"issued__year": ["0", "-1", "10000", "2147483648", HUGE], "year": ["0"]},
    "FLT-09": {"created__gte": ["9999-12-31T23:59:59"]},
    "FLT-11": {"page": ["0", "-1", HUGE, "9" * 5000, "abc", "last", *NUL, "１", "1_000", "1e400", "NaN", "٣"]},
    "FLT-12": {"per_page": ["-1", "0", "1", "1000000000", HUGE, "abc", "%00", "26"]},
    "API-12": {"cursor": ["0", "last", HUGE, "%00", "x" * 5000, "W1tdLDEsLTFd", "W1tdLDEsLTFd.x", "..", "%ED%A0%80", "٣"]},
    "FLT-13": {
        "sort": ["nonsense", "--dated_on", "-", "?", "pk", "company__owner__password", "x" * 5000, "%00", "a," * 5000],
        "columns": ["nonsense", "company,", "%00", "name;kind", "--", "ALL", "pk", "company__owner__password", "x" * 5000],
    },
    "FLT-14": {f"{path}__{lookup}": REGEX for path in ("title", "name") for lookup in ("regex", "iregex")},
    "FLT-15": {"name__iregex": ["(a%2B)%2B$"]},
    "FLT-16": {name: ["1"] for name in ("title]", "a.b", 'x"+--', "__class__", "n" * 200_000, "%00", "q%00", "ｑ", "Q", "q[]")},
    "FLT-18": {
        "owner__password__startswith": ["p"],
        "company__owner__email": ["a@example.com"],
        "company__name__icontains": ["x", "x" * 1_000_000],
    },
}
HARMLESS = {
    "FLT-02": {"q": ["%ED%A0%80", "%FF", "%EF%BF%BE", "%E2%80%AE"]},
    "FLT-21": {"q": ["%25", "_", "%5C", "'", '"', "%27%20OR%201=1--", "{{7*7}}", "<script>", "ＡＢＣ１２", "崑山"]},
}
PAGED = {
    "FLT-11": {"page": ["", "999999999", "01"]},
    "decoration": {"utm_source": ["x"], "from": ["timeline"], "sharer_id": ["x"]},
}
PAGES = {page.slug: page for page in (*import_string(settings.LIST_PAGES), DuePage)}
BOARD = DuePage.slug
FILTERS = [(slug, name) for slug, page in PAGES.items() for name in page.filterset_class.base_filters]


@pytest.fixture
def manager(client):
    company = f.company("苏州样例科技", region=f.region(), industry=f.industry())
    f.statement(company=company, products=[f.product(company)], standards=[f.standard()])
    policy = f.policy(region=f.region(), topics=[f.topic()])
    f.target(policy, indicator="苏州样例科技", value=3, unit="家", year=2030)
    f.incentive(policy, who_qualifies="苏州样例科技", amount=3, currency="CNY")
    client.force_login(f.user("manager"))
    client.cookies["django_language"] = "en"
    return client


def representations(slug, number, is_drawn=True):
    """One of the files and parts in turn, and the page itself where it is to be drawn, which takes longest: all ask one door."""
    if slug == BOARD:
        return [f"/{slug}/"]
    parts = [f"/{slug}/overview/{name}/" for name in PAGES[slug].facets]
    others = [f"/{slug}.csv", f"/{slug}.xlsx", *parts]
    return [others[number % len(others)], *([f"/{slug}/{('', 'overview/')[number % 2]}"] if is_drawn else [])]


def refused(client, slug, cases):
    """Asserts that each (id, name, value) is refused: all at the door of the page, the first of an id by its addresses too."""
    asked = set()
    for number, (case, name, value) in enumerate(cases):
        with pytest.raises(InvalidParametersError):
            PAGES[slug]().rows(QueryDict(f"{name}={value}"))
        for address in [] if case in asked else representations(slug, number, not asked):
            refused_at(client, address, name, value)
        asked.add(case)


def refused_at(client, address, name, value):
    """In words, in time and without rows."""
    started = time.thread_time()
    answer = client.get(f"{address}?{name}={value}")
    said = (address, name[:60], value[:60])
    assert answer.status_code == 400, (*said, answer.status_code)
    assert time.thread_time() - started < 2, said
    if answer.headers["Content-Type"] == "application/json":
        assert all(isinstance(messages, list) and messages for messages in answer.json().values()), said
    else:
        html = answer.content.decode()
        assert "苏州样例科技" not in html, said
        assert "<tbody" not in html, said
        assert answer.context["problems"], said


def invalid(filter_):
    """(id, values) that the filter must refuse, by its nearest kind."""
    kind = next((kind for kind in type(filter_).__mro__ if kind in OF_KIND), None)
    assert kind, f"say in OF_KIND what a {type(filter_).__name__} refuses"
    yield from OF_KIND[kind].items()


@pytest.mark.parametrize(("slug", "name"), FILTERS)
def test_every_filter_refuses_what_its_kind_cannot_read(manager, slug, name):
    """FLT-19: a filter of a new kind fails until its invalid values are named."""
    filters = PAGES[slug]().rows(QueryDict()).filters.filters
    for _case, values in invalid(filters[name]):
        for value in values:
            with pytest.raises(ValidationError):
                filters[name].field.clean(QueryDict(f"{name}={value}").getlist(name))
        refused_at(manager, representations(slug, len(name), is_drawn=False)[0], name, values[0])
    refused_at(manager, f"/{slug}/", name, values[-1])


@pytest.mark.parametrize("slug", PAGES)
@pytest.mark.parametrize("case", OWN)
def test_what_no_list_understands_is_refused(manager, slug, case):
    refused(manager, slug, [(case, name, value) for name, values in OWN[case].items() for value in values])


@pytest.mark.parametrize("slug", PAGES)
def test_an_error_stands_beside_its_field(manager, slug):
    """Every field that the form shows carries the error that it is described by."""
    filters = PAGES[slug].filterset_class.base_filters
    html = manager.get(f"/{slug}/?{'&'.join(f'{name}=%00' for name in filters)}").content.decode()
    shown = [name for name in filters if re.search(rf'<(input (?!type="hidden")|select )[^>]*name="{name}"', html)]
    assert len(shown) >= 3
    for name in shown:
        assert f'id="e-{name}"' in html, name
        assert f'href="#e-{name}"' in html, name


@pytest.mark.parametrize("slug", [slug for slug in PAGES if slug != BOARD])
def test_harmless_strange_values_are_answered(manager, slug):
    cases = [(name, v) for group in (*HARMLESS.values(), *PAGED.values()) for name, values in group.items() for v in values]
    for number, (name, value) in enumerate(cases):
        address = f"/{slug}{('/', '.csv', '/overview/', '.xlsx')[number % 4]}"
        response = manager.get(f"{address}?{name}={value}")
        assert response.status_code == 200, (address, name, value)
        b"".join(response)
        assert PAGES[slug]().rows(QueryDict(f"{name}={value}")).one_page().number == 1


@pytest.mark.parametrize("slug", [slug for slug in PAGES if slug != BOARD])
def test_signs_of_a_pattern_are_taken_at_their_word(manager, slug):
    """FLT-21: none of them stands for anything else than itself."""
    for text in ("%25", "_", "%5C", "'", "*", ".*", "苏%25科", "苏_样"):
        assert not manager.get(f"/{slug}/?q={text}").context["found"].rows, text


def floods():
    yield "FLT-16", "&".join(f"p{number}=1" for number in range(10_000))
    yield "FLT-17", "&".join(["q=a"] * 1000)
    yield "FLT-17", "&".join(["sort=name"] * 300)
    yield "FLT-11", "page=1&page=2"
    for count in (201, 70_000, 300_000):
        yield "FLT-07", "&".join(f"region={number}" for number in range(count))
        yield "FLT-06", "&".join(f"type={HUGE}{number}" for number in range(count))


@pytest.mark.parametrize("slug", PAGES)
def test_floods_of_parameters_are_refused(manager, slug):
    for number, (case, query) in enumerate(floods()):
        for address in representations(slug, number):
            started = time.thread_time()
            assert manager.get(f"{address}?{query}").status_code == 400, (case, address, query[:40])
            assert time.thread_time() - started < 2, (case, address, query[:40])


def test_two_hundred_values_are_taken_and_no_more(manager):
    some = "&".join(["region=320000"] * 200)
    assert manager.get(f"/statements/?{some}").status_code == 200
    assert manager.get(f"/statements/?{some}&region=320000").status_code == 400
    assert manager.get(f"/statements.csv?{some}&region=320000").json().keys() == {"region"}


@pytest.mark.parametrize(("slug", "name"), [(slug, name[:-6]) for slug, name in FILTERS if name.endswith("_after")])
def test_a_span_is_asked_for_in_its_order(manager, slug, name):
    """FLT-10: one end alone is fine, both in order are fine, swapped they are refused."""
    for query in (f"{name}_after=2026-01-01", f"{name}_before=2026-01-01", f"{name}_after=0001-01-01&{name}_before=9999-12-31"):
        assert manager.get(f"/{slug}/?{query}").status_code == 200, query
    refused(manager, slug, [("FLT-10", f"{name}_after=2026-02-01&{name}_before", "2026-01-31")])


@pytest.mark.parametrize("slug", PAGES)
def test_nothing_is_echoed_unescaped(manager, slug):
    html = manager.get(f"/{slug}/", {"<script>alert(1)</script>": "1", "q": "<b>x</b>", "type": "<i>y"}).content.decode()
    assert "<script>alert" not in html
    assert "<b>x</b>" not in html
    assert "<i>y" not in html


names = st.sampled_from(sorted({name for _slug, name in FILTERS} | set(OWN_PARAMETERS))) | st.text(max_size=12)
values = st.text(max_size=40) | st.sampled_from(["1", "none", "", "320000", "2026-01-01", *NUMBERS])


@pytest.mark.parametrize("slug", PAGES)
def test_random_questions_are_answered_or_refused(manager, slug):
    """FLT-20: two thousand for each list a night."""

    @effort(max_examples=examples(10, 2000), deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(st.tuples(names, values), max_size=4))
    def asked(pairs):
        query = {}
        for name, value in pairs:
            query.setdefault(name, []).append(value)
        assert manager.get(f"/{slug}/", query).status_code in (200, 400)

    asked()


def test_a_refusal_asks_the_tables_for_nothing(manager):
    """FLT-13, 14, 18: no SQL is made of what is refused."""
    with CaptureQueriesContext(connection) as asked:
        manager.get("/statements/?sort=company__owner__password&title__iregex=(a%2B)%2B$&company__name__icontains=xyz")
    conditions = [query["sql"].partition(" WHERE ")[2] for query in asked]
    assert conditions
    assert not [sql for sql in conditions if "password" in sql or "a+)+" in sql or "xyz" in sql]


SEARCHES = [value for values in OF_KIND[SearchFilter].values() for value in values]


@pytest.mark.parametrize("text", SEARCHES, ids=lambda text: text[:12])
def test_the_search_page_refuses_the_same(manager, text):
    answer = manager.get(f"/search/?q={text}")
    assert answer.status_code == 400
    assert 'id="q-errors"' in answer.content.decode()
    assert "苏州样例科技" not in answer.content.decode()


@pytest.mark.parametrize("text", [value for group in HARMLESS.values() for values in group.values() for value in values])
def test_the_search_page_answers_the_harmless(manager, text):
    assert manager.get(f"/search/?q={text}").status_code == 200


@pytest.mark.parametrize("text", [*NUL, *WORDS, *NUMBERS, "%25", "_", "<b>", "999999", "32", "x" * 100_000])
def test_the_tree_answers_whatever_it_is_asked(manager, text):
    """A name may be anything but NUL; a division must be one. Beside the two nothing is understood."""
    for address, status in (
        (f"named={text}", 400 if text in NUL else 200),
        (f"within={text}", 400),
        (f"named=昆山&within={text}", 400),
        (f"named=昆山&named={text}", 400),
        (f"named=昆山&region={text}", 400),
    ):
        response = manager.get(f"/places/?{address}")
        assert response.status_code == status, address
        if status == 200:
            assert "<input" not in response.content.decode()
            assert "<b>" not in response.content.decode()
        else:
            assert response.headers["Content-Type"] == "application/json"


def test_the_tree_refuses_in_words_what_asks_for_nothing(manager):
    manager.cookies["django_language"] = "en"
    assert manager.get("/places/?within=999999").json() == {"within": ["There is no such region code: 999999."]}
    assert manager.get("/places/?foo=1&named=苏州").json() == {"foo": ["There is no such parameter."]}
    for address in ("", "?named=", "?utm_source=x", "?named=苏州&within=320000"):
        assert list(manager.get(f"/places/{address}").json()) == ["named"], address
    assert manager.get("/places/?within=320000&named=&utm_source=x&from=timeline").status_code == 200


@pytest.mark.parametrize("number", [HUGE, "9223372036854775808", "0", "%00", "１", "-1"])
def test_numbers_of_records_that_cannot_be_are_not_found(manager, number):
    """The details and the saved filters, as API-17 of paths."""
    for address in ("statements", "companies", "bodies", "policies", "targets", "incentives", "news", "saved", "review"):
        for ending in ("", "edit/") if address == "saved" else ("",):
            assert manager.get(f"/{address}/{number}/{ending}").status_code == 404, (address, number)


HOSTILE_FORMS = {
    "name": ["a\0b", "x" * 61, "x" * 1_000_000, "", " "],
    "query": [
        "q=%00",
        "type=~nonsense~",
        f"period={HUGE}",
        "company__owner__password=p",
        "x" * 200_000 + "=1",
        "&".join(["q=a"] * 1000),
    ],
    "list": ["\0", "nonsense", "x" * 100_000, "../admin"],
    "shared_with_role": ["\0", "root", HUGE],
    "people": ["\0", HUGE, "9223372036854775808", "-1", "abc", "١"],
}


@pytest.mark.parametrize(("field", "value"), [(field, value) for field, vs in HOSTILE_FORMS.items() for value in vs], ids=repr)
def test_the_forms_of_saved_filters_save_nothing_hostile(manager, field, value):
    form = {"list": "statements", "name": "样例", "query": "type=ghg_verification"}
    answer = manager.post("/saved/add/", form | {field: value})
    assert answer.status_code in (400, 404)
    assert not SavedFilter.objects.exists()
    if field in ("name", "shared_with_role", "people"):
        assert answer.context["form"].errors.keys() == {field}
        assert "errorlist" in answer.content.decode()


@pytest.mark.parametrize("slug", [slug for slug in PAGES if slug != BOARD])
def test_the_choice_of_columns_takes_nothing_hostile(manager, slug):
    for query in HOSTILE_FORMS["query"]:
        assert manager.post(f"/{slug}/columns/", {"query": query, "columns": "name", "keep": "1"}).status_code == 404
        assert manager.get(f"/{slug}/columns/?q=%00").status_code == 404
    for column in ("\0", "nonsense", "x" * 100_000, "company__owner__password"):
        assert manager.post(f"/{slug}/columns/", {"columns": column, "keep": "1"}).status_code == 400


def test_a_saved_filter_of_what_is_no_more_opens_with_a_notice(manager):
    """FLT-23."""
    kept = SavedFilter.objects.create(owner=f.user("manager", username="x"), page="statements", name="旧", query="colour=red")
    kept.people.set([manager.session["_auth_user_id"]])
    answer = manager.get(f"/saved/{kept.pk}/", follow=True)
    assert answer.status_code == 400
    assert "colour" in answer.content.decode()


def test_rows_that_come_in_while_the_pages_are_walked_double_and_hide_none(manager):
    """FLT-22: equal dates and names, and a tie-breaker that is unique."""
    company = f.company("同名")
    before = [f.statement(company=company).pk for _number in range(60)]
    seen = []
    for page in (1, 2, 3):
        seen += [row[0] for row in manager.get(f"/statements/?sort=company&page={page}").context["found"].rows]
        f.statement(company=company)
    assert len(seen) == len(set(seen))
    assert set(before) <= set(seen)
