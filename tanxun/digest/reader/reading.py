"""What the reader returns: plain frozen values, each tied to the words it was read from."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Generic, Literal, TypeVar

Kind = Literal["policy", "statement", "report", "other"]
Section = Literal["national", "local", "industry", "other"]
Level = Literal["national", "province", "city", "county", "park"]
Comparator = Literal[">=", "~", "=", "<="]
Confidence = Literal["stated", "inferred", "uncertain"]
Stage = Literal["consultation", "trial", "in_force", "amended", "repealed"]
Precision = Literal["day", "month", "year"]
Base = Literal["new", "total", "per_year"]
Gift = Literal["one_off", "yearly", "share", "loan"]
LinkKind = Literal["implements", "amends", "replaces", "repeals", "interprets", "local_version_of"]

T = TypeVar("T")


@dataclass(frozen=True)
class Span:
    """Half-open character range [start, end) in `Reading.text`."""

    start: int
    end: int


@dataclass(frozen=True)
class Read(Generic[T]):
    """One value read from the text.

    `spans` point at the words that say it (empty only when nothing printed says it, as for a section
    told by content). `reason` is a short Chinese phrase for the reviewer, wanted when the value is not `stated`.
    `candidates` holds the other possible values when the text leaves it open.
    """

    value: T
    spans: tuple[Span, ...] = ()
    confidence: Confidence = "stated"
    reason: str = ""
    candidates: tuple[T, ...] = ()


@dataclass(frozen=True)
class RegionName:
    """A division as the text supports it: GB/T 2260 code, and the name to show (a park shows its own)."""

    code: str
    name: str


@dataclass(frozen=True)
class Document:
    title: str
    number: str | None = None


@dataclass(frozen=True)
class Target:
    indicator: str
    value: Decimal | None
    unit: str | None
    comparator: Comparator
    year: int | None
    base: Base | None = None


@dataclass(frozen=True)
class Incentive:
    """`unit` is CNY, HKD, MOP or %; `amount` is None for a reward without a figure. `cap` is a sum: of a share too.

    `who` and `evidence` are words of the text, `topics` slugs of what the evidence is about.
    """

    amount: Decimal | None
    unit: str | None
    kind: Gift | None = None
    cap: Decimal | None = None
    who: str = ""
    evidence: str = ""
    topics: tuple[str, ...] = ()
    apply_by: dt.date | None = None


@dataclass(frozen=True)
class When:
    """A date as far as it is printed: of a month or a year its first day, its last where something ends then."""

    day: dt.date
    precision: Precision = "day"

    def __str__(self) -> str:
        """2026-03-05, 2026-03 or 2026."""
        return self.day.isoformat()[: {"day": 10, "month": 7, "year": 4}[self.precision]]


@dataclass(frozen=True)
class Link:
    """What a policy does to the document of another one; `title` without 《》."""

    kind: LinkKind
    title: str


@dataclass(frozen=True)
class Quantity:
    value: Decimal
    unit: str


@dataclass(frozen=True)
class PolicyReading:
    documents: tuple[Read[Document], ...] = ()
    issuers: tuple[Read[str], ...] = ()
    declared_issuer_count: Read[int] | None = None
    lead_region: Read[RegionName] | None = None
    level: Read[Level] | None = None
    issued_on: Read[dt.date] | Read[When] | None = None
    key_points: tuple[Read[str], ...] = ()
    targets: tuple[Read[Target], ...] = ()
    incentives: tuple[Read[Incentive], ...] = ()
    topics: tuple[Read[str], ...] = ()
    stage: Read[Stage] | None = None
    form: Read[str] | None = None
    content_type: Read[str] | None = None
    signed_on: Read[When] | None = None
    in_force_on: Read[When] | None = None
    expires_on: Read[When] | None = None
    comment_by: Read[When] | None = None
    apply_by: Read[When] | None = None
    links: tuple[Read[Link], ...] = ()


@dataclass(frozen=True)
class StatementReading:
    """One company x one statement. `body` is None and `body_undisclosed` set where the text hides the body's name.

    `more` has what only labelled lines say (period, end of validity, list …) by the name of its column.
    """

    company: Read[str]
    short_name: Read[str] | None = None
    region: Read[RegionName] | None = None
    statement_type: Read[str] | None = None
    products: tuple[Read[str], ...] = ()
    body: Read[str] | None = None
    body_undisclosed: Read[bool] | None = None
    standards: tuple[Read[str], ...] = ()
    categories: Read[tuple[int, ...]] | None = None
    scopes: Read[tuple[int, ...]] | None = None
    certificate_number: Read[str] | None = None
    result: Read[Quantity] | None = None
    consultant: Read[str] | None = None
    announced_on: Read[dt.date] | None = None
    more: tuple[tuple[str, Read[str]], ...] = ()


@dataclass(frozen=True)
class Item:
    """One sub-heading of the body with its text. `span` covers heading and text, `body` the text alone.

    `needs_person` says in words why the item could not be read as what it seems to be (else empty).
    An item that is half policy, half statement carries both and says so in `needs_person`. `announced_on` is of a piece of
    news, where a labelled line tells it.
    """

    order: int
    section: Read[Section]
    kind: Read[Kind]
    headline: Read[str]
    span: Span
    body: Span
    policy: PolicyReading | None = None
    statements: tuple[StatementReading, ...] = ()
    announced_on: Read[dt.date] | None = None
    needs_person: str = ""


@dataclass(frozen=True)
class Reading:
    """A whole issue. `text` is the cleaned text that every span points into (see `reader.clean`)."""

    text: str
    reference_date: dt.date
    title: Read[str] | None = None
    published_on: Read[dt.date] | None = None
    items: tuple[Item, ...] = ()
    toc: tuple[Read[str], ...] = ()
    toc_only: tuple[Read[str], ...] = ()
    notes: tuple[str, ...] = field(default=())
