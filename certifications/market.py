"""Who issues how much: every body's share of the statements and its trend by year, what is undisclosed as a part of its own.

List memberships that name no body are no part of it: who recognised them is not a verification body (contract).
"""

import datetime as dt
from dataclasses import dataclass

from django.core.cache import cache
from django.db.models import Count, Q, Subquery
from django.urls import reverse
from django.utils import timezone

from .models import VerificationBody, VerificationStatement

YEARS = 6
KEPT_SECONDS = 600


@dataclass(frozen=True)
class Year:
    """One year of a part: how many statements, which share (percent) of that year's, and the list of them.

    `height` and `rest` draw the share against the part's best year.
    """

    year: int
    count: int
    share: float
    url: str
    best: float

    @property
    def height(self) -> str:
        return f"{percent(self.share, self.best):.1f}%"

    @property
    def rest(self) -> str:
        return f"{100 - percent(self.share, self.best):.1f}%"


@dataclass(frozen=True)
class Part:
    """A body (None: undisclosed) with its rank, its share (percent) of all statements and its last YEARS years, oldest first."""

    body: VerificationBody | None
    rank: int
    count: int
    share: float
    url: str
    years: tuple[Year, ...]

    @property
    def width(self) -> str:
        return f"{self.share:.1f}%"


@dataclass(frozen=True)
class Market:
    """All counts of the market: `rows` is (body's key or None, all, one count for each of the last years), the largest first."""

    rows: list[tuple[int | None, ...]]

    @property
    def totals(self) -> list[int]:
        """What the shares are shares of: all statements, then those of each year."""
        return [sum(column) for column in zip(*(counts for _key, *counts in self.rows), strict=True)]

    @property
    def total(self) -> int:
        return self.totals[0]

    def part_of(self, body: VerificationBody) -> Part | None:
        """The part of one body; None for a body without statements."""
        ranked = {key: (rank, counts) for rank, (key, *counts) in enumerate(self.rows, 1)}
        return part(body, *ranked[body.pk], self.totals) if body.pk in ranked else None

    def parts(self) -> list[Part]:
        """All parts, by one query for the bodies."""
        bodies = VerificationBody.with_deleted.in_bulk([key for key, *_counts in self.rows if key])
        return [part(bodies.get(key), rank, counts, self.totals) for rank, (key, *counts) in enumerate(self.rows, 1)]


def last_years() -> list[int]:
    this = timezone.localdate().year
    return list(range(this - YEARS + 1, this + 1))


def market() -> Market:
    """Counted over all statements, and kept until one of them is written."""
    years, key = last_years(), f"market-{last_written()}-{timezone.localdate().year}"
    if (rows := cache.get(key)) is None:
        by_year = {f"y{year}": Count("pk", filter=Q(dated_on__range=days_of(year))) for year in years}
        named = VerificationStatement.objects.filter(Q(verification_body__isnull=False) | Q(is_body_undisclosed=True)).order_by()
        rows = list(named.values_list("verification_body").annotate(all=Count("pk"), **by_year))
        rows.sort(key=lambda row: (-row[1], row[0] or 0))
        cache.set(key, rows, KEPT_SECONDS)
    return Market(rows)


def last_written() -> str:
    """Changes with every statement that is written, one at a time (its history) or many at once (its key)."""
    history = VerificationStatement.history.order_by("-pk").values("pk")[:1]
    newest = VerificationStatement.with_deleted.order_by("-pk").values_list("pk", Subquery(history))[:1]
    return "-".join(str(key) for row in newest for key in row)


def days_of(year: int) -> tuple[dt.date, dt.date]:
    return dt.date(year, 1, 1), dt.date(year, 12, 31)


def part(body: VerificationBody | None, rank: int, counts: list[int], totals: list[int]) -> Part:
    url = f"{reverse('statements')}?body={body.slug if body else 'undisclosed'}"
    shares = [percent(count, total) for count, total in zip(counts[1:], totals[1:], strict=True)]
    years = []
    for year, count, share in zip(last_years(), counts[1:], shares, strict=True):
        first, last = days_of(year)
        years.append(Year(year, count, share, f"{url}&issued_after={first}&issued_before={last}", max(shares)))
    return Part(body, rank, counts[0], percent(counts[0], totals[0]), url, tuple(years))


def percent(count: float, total: float) -> float:
    return count / total * 100 if total else 0.0
