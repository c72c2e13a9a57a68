"""Counts beside the choices of a list's filters, exact, following the whole query string; kept until something is written.

They never stand in the way of the page: it fetches them by a request of its own (views.Overview).
"""

from __future__ import annotations

import hashlib
from typing import NamedTuple

from django.core.cache import cache
from django.utils import timezone

from . import freshness
from .page import OWN_PARAMETERS, Rows
from .parameters import Tally

KEEP_SECONDS = 24 * 60 * 60


class Figures(NamedTuple):
    """`total` is the number of rows; `tallies` the count of every choice by filter; `drawn` what charts count beside that."""

    total: int
    tallies: dict[str, Tally]
    drawn: dict[str, Tally]


def figures(rows: Rows) -> Figures:
    """Each facet counted without its own filter. From the cache unless something was written since."""
    if freshness.is_writing():
        return count(rows)
    key = cache_key(rows)
    if (found := cache.get(key)) is None:
        found = count(rows)
        cache.set(key, found, KEEP_SECONDS)
    return Figures(*found)


def count(rows: Rows) -> Figures:
    base = rows.prepared.order_by()
    tallies = {name: rows.filters.tally(name, base) for name in rows.page.facets}
    drawn = {chart.key: chart.tally(rows) for chart in rows.page.charts if chart.key not in tallies}
    return Figures(rows.found.order_by().count(), tallies, drawn)


def cache_key(rows: Rows) -> str:
    """What the figures depend on: the version of the data, the day, the parameters, and whose visit `new` speaks of."""
    asked = sorted((name, sorted(texts)) for name, texts in rows.params.lists() if name not in OWN_PARAMETERS)
    mark = rows.habit.mark if "new" in rows.params else None
    text = repr((rows.page.slug, freshness.version(), timezone.localdate(), mark, asked))
    return f"figures:{hashlib.sha256(text.encode()).hexdigest()}"
