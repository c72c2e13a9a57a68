"""What a search asks of the lists: its words that name a place or an industry as filters, for the search page to link to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from certifications.due import AHEAD, OVERDUE
from certifications.tally import RowCount, tally
from tanxun.listing.page import find
from tanxun.records.models import Industry
from tanxun.regions.models import place_words
from tanxun.regions.names import Division, load
from tanxun.search.fold import fold
from tanxun.search.question import Term

MOST = 3  # a word that may mean more places or industries than this is too vague for a filter
COUNTED = 500  # no further: who is due is asked of each company by itself
DUE = [OVERDUE, *AHEAD]
# (key, label, list, what it asks beside the words)
LISTS: tuple[tuple[str, Any, str, dict[str, list[str]]], ...] = (
    ("companies", _("Companies"), "companies", {}),
    ("due", _("Companies with a statement overdue or due within 90 days"), "companies", {"due": DUE}),
    ("statements", _("Statements"), "statements", {}),
    ("policies", _("Policies"), "policies", {}),
)


@dataclass(frozen=True)
class Link:
    """A list, how many rows it has with these filters, and its address."""

    key: str
    label: str
    count: RowCount
    url: str


@dataclass(frozen=True)
class Shortcut:
    """`words` say how the search was understood: [(name of the filter, what it was set to)]."""

    words: list[tuple[str, str]]
    links: list[Link]


def shortcut(terms: Iterable[Term]) -> Shortcut | None:
    """Lists filtered by the places and industries that `terms` name, searched for the rest; None where none is named.

    Two queries: the industries, and the counts.
    """
    industries = list(Industry.objects.values_list("code", "name", "name_en"))
    places: list[Division] = []
    trades: list[tuple[str, str]] = []
    rest: list[str] = []
    for term in terms:
        here, trade = (), []
        if not term.is_phrase and not term.is_excluded:
            here, trade = understood(fold(term.text), industries)
        places += here
        trades += trade
        if not here and not trade:
            rest.append(f"{'-' if term.is_excluded else ''}" + (f'"{term.text}"' if term.is_phrase else term.text))
    if not places and not trades:
        return None
    asked = {"region": [place.code for place in places], "industry": [code for code, _name in trades], "q": [" ".join(rest)]}
    named = [(_("Region"), place_words(place.code)) for place in places] + [(_("Industry"), name) for _code, name in trades]
    words = [(str(label), name) for label, name in dict.fromkeys(named)]
    return Shortcut(words, links(asked))


Named = tuple[tuple[Division, ...], list[tuple[str, str]]]


def understood(text: str, industries: list[tuple[str, str, str]]) -> Named:
    """The places and industries that one word names: 昆山, 纺织, or both as one word (昆山纺织)."""
    if here := few(load().lookup_path(text)):
        return here, []
    if trade := industries_of(text, industries):
        return (), trade
    name, here = load().prefix(text)
    trade = industries_of(text.removeprefix(name), industries) if few(here) else []
    return (here, trade) if trade else ((), [])


def few(places: tuple[Division, ...]) -> tuple[Division, ...]:
    return places if len(places) <= MOST else ()


def industries_of(text: str, industries: list[tuple[str, str, str]]) -> list[tuple[str, str]]:
    """(code, name) of the industry called `text`, else of the few that have it in their names."""
    if len(text) < (4 if text.isascii() else 2):
        return []
    if exact := [(code, name) for code, name, name_en in industries if text in (name, fold(name_en))]:
        return exact[:1]
    found = [(code, name) for code, name, name_en in industries if text in name or text in fold(name_en)]
    return found if len(found) <= MOST else []


def links(asked: dict[str, list[str]]) -> list[Link]:
    """The lists that understand what is asked and have rows for it."""
    queries, rows = {}, {}
    for key, _label, slug, further in LISTS:
        query = QueryDict(mutable=True)
        for name, values in (asked | further).items():
            if kept := [value for value in values if value]:
                query.setlist(name, kept)
        queries[key] = query
        rows[key] = find(slug).rows(query).narrowed
    counts = tally(COUNTED, **rows)
    return [
        Link(key, str(label), counts[key], f"{reverse(slug)}?{queries[key].urlencode()}")
        for key, label, slug, _further in LISTS
        if counts[key]
    ]
