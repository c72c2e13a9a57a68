"""Floods and patterns cost no more than their length, and every filter has what it takes beside what it refuses.

Times are held against those of a harmless question of the same size, so that a slow machine changes nothing; `-s` prints them
(goals on a quiet machine: FLT-07 0.5 s, FLT-15 50 ms).
"""

import time

import pytest
from django.contrib import admin
from django.http import QueryDict

from certifications.concern import MatchFilter
from policies.figure_pages import IndicatorFilter
from tanxun.listing.options import ChoiceFilter
from tanxun.listing.page import InvalidParametersError
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
from tests.statuses import a_text_of
from tests.test_list_hostile import BOARD, FILTERS, OF_KIND, PAGES, invalid, manager  # noqa: F401 - a fixture
from tests.tokens import bearing, token

pytestmark = pytest.mark.django_db
TURNS = 3
TRIFLE = 0.05
CATASTROPHE = "(a%2B)%2B$"
HARMLESS = "aaaaaaaaa"

# By the kind of a filter: a value that every filter of that kind takes.
TAKES = {
    IndicatorFilter: lambda one: "绿色工厂",
    SearchFilter: lambda one: "苏州",
    WholeNumberFilter: lambda one: str(one.high),
    DateFilter: lambda one: "2026-01-01",
    FlagFilter: lambda one: "1",
    SinceVisitFilter: lambda one: "1",
    SelectedFilter: lambda one: "1,2",
    WeekFilter: lambda one: "2026-W03",
    MatchFilter: lambda one: str(one.rows().order_by().values_list(one.value, flat=True).first()),
    ChoiceFilter: lambda one: next(iter([*one.options, *one.further]), "none"),
}


NEEDS = {"evidence": "policy"}  # filters that say something only beside another one


def valid(filter_):
    """A value that the filter must take, by its nearest kind."""
    kind = next((kind for kind in type(filter_).__mro__ if kind in TAKES), None)
    assert kind, f"say in TAKES what a {type(filter_).__name__} takes"
    return TAKES[kind](filter_)


def seconds(client, address, **headers):
    """Of this thread, the least of some turns; the answer must be a refusal."""
    found = []
    for _turn in range(TURNS):
        started = time.thread_time()
        status = client.get(address, headers=headers).status_code
        found.append(time.thread_time() - started)
        assert status in (302, 400), (address[:80], status)
    return min(found)


@pytest.mark.parametrize(("slug", "name"), FILTERS)
def test_every_filter_takes_a_valid_value_and_refuses_an_invalid_one(manager, slug, name):  # noqa: F811
    """FLT-19: a filter of a new kind fails until both are named; one of a known kind is tried as soon as it is declared."""
    one = PAGES[slug]().rows(QueryDict()).filters.filters[name]
    asked = QueryDict(mutable=True)
    if name in NEEDS:
        asked[NEEDS[name]] = valid(PAGES[slug]().rows(QueryDict()).filters.filters[NEEDS[name]])
    asked[name] = value = valid(one)
    assert PAGES[slug]().rows(asked).one_page().number == 1, value
    refused = [text for _case, values in invalid(one) for text in values]
    assert refused
    with pytest.raises(InvalidParametersError):
        PAGES[slug]().rows(QueryDict(f"{name}={refused[0]}"))


def test_a_filter_of_an_unnamed_kind_fails():
    """FLT-19: the tests above cannot pass it over."""
    from tanxun.listing.parameters import Parameter

    class NewFilter(Parameter):
        """As somebody may add it tomorrow."""

    for asked in (valid, lambda one: list(invalid(one))):
        with pytest.raises(AssertionError, match="NewFilter"):
            asked(NewFilter())
    assert set(TAKES) - {MatchFilter} <= set(OF_KIND)


@pytest.mark.any_engine  # refused before a database is asked
@pytest.mark.parametrize("slug", ["statements", "companies", "policies"])
def test_a_list_of_values_without_end_is_refused_in_time_that_grows_with_it(manager, slug):  # noqa: F811
    """FLT-07: 300,000 values take about as much longer than 70,000 as they are more."""
    few, many = ("&".join(f"region={number}" for number in range(count)) for count in (70_000, 300_000))
    for ending in ("/", ".csv"):
        answer = manager.get(f"/{slug}{ending}?{many}", headers={"Accept-Language": "en"})
        assert answer.status_code == 400
        taken, longer = (seconds(manager, f"/{slug}{ending}?{query}") for query in (few, many))
        print(f"/{slug}{ending}: 70,000 values {taken:.3f} s, 300,000 {longer:.3f} s")
        assert longer <= 9 * max(taken, TRIFLE)


def pattern_addresses():
    """(address, lookups): every list with its representations, the API, and every list of the admin with a field of its own."""
    for slug in PAGES:
        if slug != BOARD:
            for address in (f"/{slug}/", f"/{slug}.csv", f"/{slug}.atom", f"/api/v1/{slug}/"):
                yield address, ("name__iregex", "title__regex")
    for model in admin.site._registry:
        yield f"/admin/{model._meta.app_label}/{model._meta.model_name}/", (f"{a_text_of(model)}__iregex",)


@pytest.mark.any_engine  # refused before a database is asked
def test_no_pattern_is_ever_tried(client, manager, settings):  # noqa: F811
    """FLT-15: one that would take for ever takes as long as a word, wherever it is asked for and by whatever lookup."""
    settings.API_BURST = 10_000
    root = f.superuser()
    client.force_login(root)
    f.company("a" * 40 + "b")
    bearer, worst = bearing(token(root)), 0.0
    for address, lookups in pattern_addresses():
        for lookup in lookups:
            word, pattern = (seconds(client, f"{address}?{lookup}={text}", **bearer) for text in (HARMLESS, CATASTROPHE))
            worst = max(worst, pattern)
            assert pattern <= 5 * max(word, TRIFLE), address
    print(f"the longest of all refusals of a pattern: {worst * 1000:.0f} ms")


NUMBERS = [
    (slug, name) for slug, name in FILTERS if isinstance(PAGES[slug].filterset_class.base_filters[name], WholeNumberFilter)
]


@pytest.mark.parametrize("number", [2**31, 2**40, 2**63, 2**64])
def test_a_number_that_a_column_cannot_hold_is_refused_alike(client, settings, number):
    """API-04: on either database, by every filter that takes numbers, in the API and on the page; as a key it is not found."""
    settings.API_BURST = 10_000
    root = f.superuser()
    client.force_login(root)
    headers = bearing(token(root))
    asked = [(slug, name) for slug, name in NUMBERS if slug != BOARD]
    assert asked
    for slug, name in asked:
        assert client.get(f"/api/v1/{slug}/?{name}={number}", headers=headers).status_code == 400, (slug, name)
        assert client.get(f"/{slug}/?{name}={number}").status_code == 400, (slug, name)
    for slug in {slug for slug, _name in asked} | {"statements", "companies"}:
        assert client.get(f"/api/v1/{slug}/{number}/", headers=headers).status_code == 404, slug
