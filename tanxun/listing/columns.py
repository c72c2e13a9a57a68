"""A column of a list page: which ORM paths it reads, and what its values become on a page and in a file."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import Case, Expression, F, IntegerField, JSONField, QuerySet, Subquery, Value, When
from django.db.models.lookups import GreaterThan
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tanxun.records.models import Precision
from tanxun.regions.names import load
from tanxun.search.queries import sample

from .figures import figure
from .wording import Figure, Joined, Worded, is_english, plain

NOT_STATED = gettext_lazy("not stated")
KINDS = ("text", "link", "date", "number", "badge", "list")


class InOrder(Subquery):
    """The values of a queryset with the one column `item`, as a list in its order: such a column costs no further query."""

    output_field = JSONField()

    def as_sql(self, compiler: Any, connection: Any, template: str | None = None, **extra_context: Any) -> Any:
        gather = "jsonb_agg" if connection.vendor == "postgresql" else "json_group_array"
        template = f"(SELECT {gather}(item) FROM (%(subquery)s) AS items)"  # noqa: S608 - our own two words
        return super().as_sql(compiler, connection, template=template, **extra_context)


class CountOf(Subquery):
    """How many rows a queryset has, as a number inside another query."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) AS counted)"
    output_field = IntegerField()


def count_to(rows: QuerySet, limit: int) -> Any:
    """How many `rows` are, counted to one more than `limit`, inside another query."""

    def counted(some: QuerySet) -> CountOf:
        return CountOf(some.order_by().values("pk")[: limit + 1])

    few = sample(rows)
    if few is None:
        return counted(rows)
    return Case(When(GreaterThan(counted(few), limit), then=Value(limit + 1)), default=counted(rows))


class Marked(NamedTuple):
    """A value and a small word beside it: 推算, 当周, 另 5 个未列出."""

    value: Any
    note: Any


def in_language(name: str | None, name_en: str | None) -> str:
    """The English name where English is spoken and there is one, else the Chinese."""
    return (is_english() and name_en) or name or ""


def known_day(day: dt.date | None, precision: str | None) -> dt.date | str | None:
    """A day as far as it is known: 2026-03 or 2026 where only its month or its year is."""
    length = {"month": len("2026-03"), "year": len("2026")}.get(precision or "")
    return day.isoformat()[:length] if day and length else day


def dated(day: dt.date, precision: str) -> Marked:
    """The same, with a word where the day only stands for its week."""
    return Marked(known_day(day, precision), _("that week") if precision == Precision.WEEK else "")


def region_words(code: str | None, name: str | None, name_en: str | None) -> str:
    """江苏省苏州市 by the shipped table, else the stored name; in English the division's own name."""
    if not code:
        return ""
    return in_language(load().full_name(code) or name, name_en)


def number_text(value: Any) -> str:
    """A number without trailing zeros, exact: Decimal("1200.5000") → 1200.5, Decimal("1E+3") → 1000."""
    text = format(value, "f") if isinstance(value, Decimal) else str(value)
    return text.rstrip("0").rstrip(".") if "." in text else text


@dataclass(frozen=True)
class Column:
    """One column. `key` is its stable name in addresses and files, `label` its head.

    `path` is the ORM path of the value, `aside` further paths that `value(path, *aside)` gets to make the value of.
    `many` gives a queryset over OuterRef("pk") with the one column `item`; its values stand in the cell in that order.
    `text` gives what files hold, as an expression that says the same as `value` (see `wording`); without it, that is `path`.
    `link` names the detail address, `link_path` the path of the id that it takes. `sort` is the path to order by.
    `choices` words a coded value; `missing` is what a page says of an absent one. A column that is not `shown` stands in
    exports only. `code` gives the slug or code that programs know the value by, `about` says more than the label can.
    """

    key: str
    label: Any
    path: str = ""
    kind: str = "text"
    aside: tuple[str, ...] = ()
    value: Callable[..., Any] | None = None
    text: Callable[[], Any] | None = None
    many: Callable[[], QuerySet] | None = None
    link: str = ""
    link_path: str = "pk"
    sort: str = ""
    unit: str = ""
    choices: Sequence[tuple[str, Any]] = ()
    shown: bool = True
    missing: Any = NOT_STATED
    code: Callable[[], Any] | None = None
    about: Any = ""
    words: dict[str, Any] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "words", dict(self.choices))

    @property
    def fields(self) -> tuple[str, ...]:
        """The paths that a row holds for this column, in this order."""
        own = f"{self.key}_in_order" if self.many else self.path
        return (own, *self.aside, self.link_path) if self.link else (own, *self.aside)

    def read(self, values: Sequence[Any]) -> Marked:
        """The value of this column's part of a row."""
        shown = values[: 1 + len(self.aside)]
        value = self.value(*shown) if self.value else shown[0]
        marked = value if isinstance(value, Marked) else Marked(value, "")
        if self.words and marked.value:
            return Marked(self.words.get(marked.value, marked.value), marked.note)
        return marked

    def in_file(self, *, typed: bool) -> Expression | F | Joined:
        """What stands in a file, as an expression: text, except that `typed` leaves dates and numbers what they are."""
        if self.kind in ("date", "number"):
            value = self.text() if self.text else F(self.path)
            return value if typed else plain(value) if self.kind == "date" else Figure(value)
        if self.text:
            return self.text()
        if self.many:
            return Joined(self.many())
        return Worded(self.path, self.choices) if self.choices else plain(F(self.path))

    @property
    def head(self) -> str:
        """The label with its unit."""
        return f"{self.label} ({self.unit})" if self.unit else str(self.label)


def shown(value: Any) -> str:
    """What stands on a page."""
    if value is None:
        return ""
    if isinstance(value, list):
        return _(", ").join(map(str, value))
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return figure(value)
    return str(value)
