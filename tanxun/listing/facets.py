"""Counts beside the choices of a list's filters, exact, following the whole query string; kept until something is written.

They never stand in the way of the page: it fetches them by a request of its own (views.Overview).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any, NamedTuple

from django.utils import timezone
from django.utils.translation import get_language

from . import freshness
from .page import OWN_PARAMETERS, Rows
from .parameters import Tally


class Figures(NamedTuple):
    """`total` is the number of rows; `tallies` the count of every choice by filter; `drawn` what charts count beside that."""

    total: int
    tallies: dict[str, Tally]
    drawn: dict[str, Tally]


def figures(rows: Rows, everything: bool = False) -> Figures:
    """Each facet counted without its own filter. Folded ones are left out, until somebody opens them, unless `everything`."""
    names = [name for name in rows.page.facets if everything or not is_folded(rows, name)]

    def count() -> Figures:
        tallies = {name: rows.filters.tally(name, rows.base(name)) for name in names}
        drawn = {chart.key: chart.tally(rows) for chart in rows.page.charts if chart.key not in tallies}
        whole = next((drawn[chart.key] for chart in rows.page.charts if chart.counts_each_row_once), None)
        return Figures(rows.held.count() if whole is None else sum(whole.values()), tallies, drawn)

    return kept(rows, "everything" if everything else "", count)


def tally_of(rows: Rows, name: str) -> Tally:
    """The counts of one facet."""
    return kept(rows, name, lambda: rows.filters.tally(name, rows.base(name)))


def total_of(rows: Rows) -> int:
    """How many rows there are, all counted."""
    return int(kept(rows, "total", rows.held.count))


def is_folded(rows: Rows, name: str) -> bool:
    """Whether the form shows that facet closed: nothing is chosen in it, and its declaration says so."""
    filter_ = rows.filters.filters[name]
    return getattr(filter_, "folded", False) and not (name in rows.params or f"{name}!" in rows.params)


def kept(rows: Rows, part: str, count: Callable[[], Any]) -> Any:
    """What `count` answers, from the cache unless something was written since."""
    return freshness.kept(f"figures:{asked_for(rows)}:{part}", count)


def kept_text(rows: Rows, draw: Callable[[], str]) -> str:
    """What `draw` makes of the figures, with links that carry the whole address on: the same for all who speak the language."""
    shown = hashlib.sha256(f"{get_language()} {rows.query_string()}".encode()).hexdigest()
    return str(kept(rows, shown, draw))


def asked_for(rows: Rows) -> str:
    """What the figures depend on beside the data: the day, the parameters, and whose visit `new` speaks of."""
    asked = sorted((name, sorted(texts)) for name, texts in rows.params.lists() if name not in OWN_PARAMETERS)
    mark = rows.habit.mark if "new" in rows.params else None
    return hashlib.sha256(repr((rows.page.slug, timezone.localdate(), mark, asked)).encode()).hexdigest()
