"""Who issues how much: every body's share of the statements and its trend by year, what is undisclosed as a part of its own.

List memberships that name no body are no part of it: who recognised them is not a verification body (contract).
"""

import datetime as dt
from dataclasses import dataclass

from django.db.models import Count, Q
from django.urls import reverse
from django.utils import timezone

from tanxun.listing import freshness

from .models import VerificationBody, VerificationStatement

YEARS = 6


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
    def share_words(self) -> str:
        """The share without decimals; what there is, is never 0%."""
        return f"{self.share:.0f}%" if round(self.share) or not self.count else "<1%"

    @property
    def height(self) -> str:
        return f"{percent(self.share, self.best):.1f}%"

    @property
    def rest(self) -> str:
        return f"{100 - percent(self.share, self.best):.1f}%"


@dataclass(frozen=True)
class Part:
    """A body (None: undisclosed) with its rank, its share (percent) of all statements and its last YEARS years, oldest first.

    `width` draws the share against the largest part's, `best`.
    """

    body: VerificationBody | None
    rank: int
    count: int
    share: float
    url: str
    years: tuple[Year, ...]
    best: float

    @property
    def width(self) -> str:
        return f"{percent(self.share, self.best):.1f}%"


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

    @property
    def largest(self) -> int:
        """How many statements the largest part has."""
        return self.rows[0][1] or 0

    def part_of(self, body: VerificationBody) -> Part | None:
        """The part of one body; None for a body without statements."""
        ranked = {key: (rank, counts) for rank, (key, *counts) in enumerate(self.rows, 1)}
        return part(body, *ranked[body.pk], self.totals, self.largest) if body.pk in ranked else None

    def parts(self) -> list[Part]:
        """All parts, by one query for the bodies."""
        bodies = VerificationBody.with_deleted.in_bulk([key for key, *_counts in self.rows if key])
        ranked = enumerate(self.rows, 1)
        return [part(bodies.get(key), rank, counts, self.totals, self.largest) for rank, (key, *counts) in ranked]


def last_years() -> list[int]:
    this = timezone.localdate().year
    return list(range(this - YEARS + 1, this + 1))


def market() -> Market:
    """Counted over all statements, and kept until something is written."""
    return Market(freshness.kept(f"market:{timezone.localdate().year}", counted))


def counted() -> list[tuple[int | None, ...]]:
    """The rows of the market."""
    by_year = {f"y{year}": Count("pk", filter=Q(dated_on__range=days_of(year))) for year in last_years()}
    named = VerificationStatement.objects.filter(Q(verification_body__isnull=False) | Q(is_body_undisclosed=True)).order_by()
    rows = named.values_list("verification_body").annotate(all=Count("pk"), **by_year)
    return sorted(rows, key=lambda row: (-row[1], row[0] or 0))


def days_of(year: int) -> tuple[dt.date, dt.date]:
    return dt.date(year, 1, 1), dt.date(year, 12, 31)


def part(body: VerificationBody | None, rank: int, counts: list[int], totals: list[int], largest: int) -> Part:
    url = f"{reverse('statements')}?body={body.slug if body else 'undisclosed'}"
    shares = [percent(count, total) for count, total in zip(counts[1:], totals[1:], strict=True)]
    years = []
    for year, count, share in zip(last_years(), counts[1:], shares, strict=True):
        first, last = days_of(year)
        years.append(Year(year, count, share, f"{url}&issued_after={first}&issued_before={last}", max(shares)))
    share, best = (percent(count, totals[0]) for count in (counts[0], largest))
    return Part(body, rank, counts[0], share, url, tuple(years), best)


def percent(count: float, total: float) -> float:
    return count / total * 100 if total else 0.0
