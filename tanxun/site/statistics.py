"""The statistics page: what there is by month, province, topic and level; targets by year; how much each body issues.

Counted by the filters of the lists, so that each number is the number of rows of the list that it leads to; kept until
something is written.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar

from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from certifications.models import StatementType
from certifications.statement_columns import UNDISCLOSED
from policies.figure_pages import IncentivePage, incentive_name
from policies.views import money
from tanxun.listing import freshness
from tanxun.listing.access import ReaderRequiredMixin
from tanxun.listing.charts import BarChart, Chart, ColumnChart, Drawing, Shape, TileMap
from tanxun.listing.facets import Figures
from tanxun.listing.options import NONE
from tanxun.listing.page import find
from tanxun.listing.parameters import Tally
from tanxun.regions.models import place_words
from tanxun.regions.names import load

MONTHS, BODIES, NEWEST = 12, 10, 5
STATEMENTS, POLICIES, TARGETS, INCENTIVES = "statements", "policies", "targets", "incentives"
DATES = {STATEMENTS: "dated_on", POLICIES: "dated_on", TARGETS: "policy__dated_on", INCENTIVES: "policy__dated_on"}


@dataclass(frozen=True)
class Number:
    """How many rows a list has, and its address. `share` is what part (percent) of something it is, where that is asked."""

    count: int
    url: str
    share: float | None = None

    @property
    def text(self) -> str:
        return f"{self.count:,}"


@dataclass(frozen=True)
class Table:
    """Numbers by something: one line for each value of it, one column for each list, and the charts of the same numbers."""

    key: str
    title: str
    heads: tuple[str, ...]
    lines: list[tuple[str, list[Number]]]
    drawings: list[Drawing] = field(default_factory=list)
    note: str = ""

    @property
    def rows(self) -> list[tuple[str, list[tuple[str, Number]]]]:
        """The lines, each number with the head of its column."""
        return [(label, list(zip(self.heads[1:], numbers, strict=False))) for label, numbers in self.lines]

    @property
    def has_shares(self) -> bool:
        return any(number.share is not None for _label, numbers in self.lines for number in numbers)


@dataclass(frozen=True)
class MonthChart(ColumnChart):
    """Standing bars by month."""

    room: ClassVar[int] = MONTHS


class Source:
    """One whole list, counted by its own filters."""

    def __init__(self, slug: str) -> None:
        self.slug, self.rows = slug, find(slug).rows(QueryDict())
        self.title = str(self.rows.page.title)

    @cached_property
    def by_month(self) -> Counter[tuple[int, int]]:
        found: Counter[tuple[int, int]] = Counter()
        for day, count in self.rows.filters.by_value(self.rows.narrowed, DATES[self.slug], "pk"):
            found[day.year, day.month] += count
        return found

    @property
    def total(self) -> int:
        return self.by_month.total()

    def tally(self, name: str) -> Tally:
        """By the choices of a filter, by one or two queries."""
        return self.rows.filters.tally(name, self.rows.base(name))

    @cached_property
    def by_topic(self) -> Tally:
        """Statements by the topics of their types: to count the types alone, an index is enough."""
        if self.slug != STATEMENTS:
            return self.tally("topic")
        topics = dict(StatementType.objects.values_list("slug", "topic__slug"))
        found: Counter[str] = Counter()
        for slug, count in self.tally("type").items():
            found[topics.get(slug) or NONE] += count
        return dict(found)

    def number(self, count: int, share: float | None = None, **params: Any) -> Number:
        """`count` with the address of the list that has so many rows."""
        query = urlencode(params, doseq=True)
        return Number(count, f"{reverse(self.slug)}{'?' if query else ''}{query}", share)

    def words(self, name: str, value: str) -> str:
        return str(self.rows.filters.filters[name].words(value))

    def drawn(self, chart: Chart, tally: Tally) -> list[Drawing]:
        """The chart of a tally, as the list draws it; nothing where there is nothing to draw."""
        drawing = chart.drawing(self.rows, Figures(0, {chart.key: tally}, {}))
        return [self.named(drawing)] if drawing else []

    def named(self, drawing: Drawing) -> Drawing:
        """Under the title of the list, and with a name that no other list's drawing has."""
        drawing.name, drawing.title = f"{self.slug}-{drawing.name}", self.title
        return drawing


def statistics() -> dict[str, Any]:
    """What the page shows but the newest incentives, in the language of the moment."""
    return freshness.kept(f"statistics:{timezone.localdate()}:{get_language()}", counted)


def counted() -> dict[str, Any]:
    sources = [Source(slug) for slug in (STATEMENTS, POLICIES, TARGETS, INCENTIVES)]
    statements, _policies, targets, incentives = sources
    totals = [(source.title, source.number(source.total)) for source in sources]
    is_open = incentives.number(incentives.tally("open")["1"], open="1")
    return {
        "totals": [*totals, (_("Incentives open for applications"), is_open)],
        "tables": [by_month(sources), by_province(sources), by_topic(sources), by_level(sources[1:]), by_year(targets)],
        "bodies": by_body(statements),
    }


def last_months() -> list[tuple[dt.date, dt.date]]:
    """First and last day of this month and those before it, the oldest first."""
    spans, last = [], timezone.localdate()
    last = (last.replace(day=28) + dt.timedelta(days=4)).replace(day=1) - dt.timedelta(days=1)
    for _month in range(MONTHS):
        spans.append((last.replace(day=1), last))
        last = last.replace(day=1) - dt.timedelta(days=1)
    return spans[::-1]


def by_month(sources: list[Source]) -> Table:
    lines, drawings = [], []
    for first, last in last_months():
        span = {"issued_after": first.isoformat(), "issued_before": last.isoformat()}
        numbers = [source.number(source.by_month[first.year, first.month], **span) for source in sources]
        lines.append((f"{first:%Y-%m}", numbers))
    for column, source in enumerate(sources):
        shapes = [
            Shape(month, month, numbers[column].count, numbers[column].url if numbers[column].count else "", month[-2:])
            for month, numbers in lines
        ]
        if any(shape.count for shape in shapes):
            drawings.append(source.named(MonthChart("months", "").placed(shapes)))
    note = _("By the date of the statement or policy; targets and incentives by that of their policy.")
    return Table("months", _("By month"), heads(_("Month"), sources), lines[::-1], drawings, note)


def heads(first: str, sources: Iterable[Source]) -> tuple[str, ...]:
    return (first, *(source.title for source in sources))


def by_province(sources: list[Source]) -> Table:
    tallies = [source.tally("region") for source in sources]
    provinces = [
        division.code for division in load() if not division.parent and any(tally.get(division.code) for tally in tallies)
    ]
    provinces.sort(key=lambda code: ([-tally.get(code, 0) for tally in tallies], code))
    lines = [(place_words(code), numbers("region", code, sources, tallies)) for code in provinces]
    if any(tally.get(NONE) for tally in tallies):
        lines.append((_("nationwide, or no place stated"), numbers("region", NONE, sources, tallies)))
    drawings = [
        drawing
        for source, tally in zip(sources[:2], tallies, strict=False)
        for drawing in source.drawn(TileMap("region", ""), tally)
    ]
    return Table("provinces", _("By province"), heads(_("Province"), sources), lines, drawings)


def numbers(name: str, value: str, sources: list[Source], tallies: list[Tally]) -> list[Number]:
    """One line: how many each list has of that choice."""
    return [source.number(tally.get(value, 0), **{name: value}) for source, tally in zip(sources, tallies, strict=True)]


def by_topic(sources: list[Source]) -> Table:
    tallies = [source.by_topic for source in sources]
    order = {slug: -sum(tally.get(slug, 0) for tally in tallies[1:]) for slug in sources[1].rows.filters.filters["topic"].options}
    slugs = [value for value in (*sorted(order, key=order.__getitem__), NONE) if any(tally.get(value) for tally in tallies)]
    drawings = [
        drawing
        for source, tally in zip(sources[:2], tallies, strict=False)
        for drawing in source.drawn(BarChart("topic", ""), tally)
    ]
    lines = [(sources[1].words("topic", value), numbers("topic", value, sources, tallies)) for value in slugs]
    note = _("A policy may have several topics; a statement has that of its type.")
    return Table("topics", _("By topic"), heads(_("Topic"), sources), lines, drawings, note)


def by_level(sources: list[Source]) -> Table:
    tallies = [source.tally("level") for source in sources]
    levels = [value for value in sources[0].rows.filters.filters["level"].options if any(tally.get(value) for tally in tallies)]
    lines = [(sources[0].words("level", value), numbers("level", value, sources, tallies)) for value in levels]
    drawings = sources[0].drawn(BarChart("level", ""), tallies[0])
    return Table("levels", _("By level"), heads(_("Level"), sources), lines, drawings)


def by_year(targets: Source) -> Table:
    tally = targets.tally("year")
    lines = [
        (targets.words("year", value), numbers("year", value, [targets], [tally])) for value in sorted(tally) if tally[value]
    ]
    drawings = targets.drawn(ColumnChart("year", ""), tally)
    return Table("years", _("Targets by year"), heads(_("Target year"), [targets]), lines, drawings)


def by_body(statements: Source) -> Table:
    """Shares of all statements that a verification body issued, named or not; lists that no body certified are beside that."""
    tally = statements.tally("body")
    hidden, apart = tally.get(UNDISCLOSED, 0), tally.get(NONE, 0)
    known = statements.total - hidden - apart
    named = sorted((slug for slug in tally if slug not in (UNDISCLOSED, NONE)), key=lambda slug: (-tally[slug], slug))
    shown = [slug for slug in named[:BODIES] if tally[slug]]
    rest = known - sum(tally[slug] for slug in shown)

    def part(count: int, **params: Any) -> list[Number]:
        return [statements.number(count, count / (known + hidden) * 100 if known + hidden else 0.0, **params)]

    lines = [
        (_("named in the source"), part(known, **{"body!": [UNDISCLOSED, NONE]})),
        (_("not disclosed"), part(hidden, body=UNDISCLOSED)),
        *((statements.words("body", slug), part(tally[slug], body=slug)) for slug in shown),
    ]
    if rest:
        lines.append((_("other bodies"), part(rest, **{"body!": [*shown, UNDISCLOSED, NONE]})))
    if apart:
        lines.append((_("lists that no body certified (not counted in the shares)"), [statements.number(apart, body=NONE)]))
    drawings = statements.drawn(BarChart("body", "", always=UNDISCLOSED), {name: n for name, n in tally.items() if name != NONE})
    return Table("bodies", _("Share of the bodies"), (_("Body"), statements.title, _("Share")), lines, drawings)


class StatisticsView(ReaderRequiredMixin, TemplateView):
    """Every number leads to the list that has so many rows."""

    template_name = "site/statistics.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        newest = IncentivePage.queryset.select_related("policy__region").order_by(*IncentivePage.ordering)[:NEWEST]
        shown = [
            (one, incentive_name(one.who_qualifies, one.sentence) or _("Incentive"), money(one.amount, one.currency))
            for one in newest
        ]
        return super().get_context_data(newest=shown, **statistics(), **kwargs)
