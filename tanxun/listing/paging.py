"""One page of a list by one query, from wherever the address points: a page number, a cursor, the end. Called by `Rows`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import BooleanField, Expression, QuerySet, Subquery, Value
from django.utils.translation import gettext as _

from tanxun.search.queries import COUNTED

from .columns import count_to
from .cursor import END, Cursor

if TYPE_CHECKING:
    from .page import Rows

COUNT_LIMIT = 10_000
NEIGHBOURS = 2


@dataclass(frozen=True)
class OnePage:
    """One page of rows. `count` is at most what `count_limit` says; where `is_capped`, there are more.

    `row` is the number of its first row, or (negative) that of its last row counted from the end. `places` are the values
    of its rows in the list's order; whether rows lie `before` and `after` it is known where somebody came from there, too.
    """

    rows: list[tuple[Any, ...]]
    places: list[tuple[Any, ...]]
    row: int
    per_page: int
    count: int
    is_capped: bool
    before: bool
    after: bool

    @property
    def shown_count(self) -> str:
        return f"{self.count:,}"

    @property
    def is_from_end(self) -> bool:
        return self.row < 0

    @property
    def first_row(self) -> int:
        """Counted from the end where `is_from_end`."""
        return len(self.rows) - self.row - 1 if self.is_from_end else self.row

    @property
    def last_row(self) -> int:
        return -self.row if self.is_from_end else self.row + len(self.rows) - 1

    @property
    def number(self) -> int | None:
        """The number of this page, where it is known and the page begins where that number says."""
        whole, part = divmod(self.row - 1, self.per_page)
        return None if self.is_from_end or part else whole + 1

    @property
    def numbers(self) -> list[int]:
        """The numbers of the pages round this one, as far as they are counted."""
        here, last = self.number, -(-self.count // self.per_page)
        return [n for n in range(here - NEIGHBOURS, here + NEIGHBOURS + 1) if 0 < n <= last] if here else []

    @property
    def previous(self) -> Cursor | None:
        """What lies before; None where nothing does, or the first page."""
        row = self.row - (len(self.rows) if self.is_from_end else self.per_page)
        return Cursor(self.places[0], True, row) if self.before and (row > 1 or self.is_from_end) else None

    @property
    def next(self) -> Cursor | None:
        """What lies after; None where nothing does."""
        row = self.row + len(self.rows)
        return Cursor(self.places[-1], False, min(row, -1) if self.is_from_end else row) if self.after else None


class Has(Subquery):
    """Whether there is a row, of a queryset that keeps its order and its limits."""

    template = "EXISTS (%(subquery)s)"
    output_field = BooleanField()


class OrElse(Expression):
    """The keys of `rows`; where it has none, those of `others`."""

    def __init__(self, rows: QuerySet, others: QuerySet) -> None:
        super().__init__()
        self.parts: list[Any] = [Subquery(rows), Subquery(others), Has(rows)]

    def get_source_expressions(self) -> list[Any]:
        return self.parts

    def set_source_expressions(self, exprs: Any) -> None:
        self.parts = list(exprs)

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        (rows, *found), (others, *last), (has, *asked) = map(compiler.compile, self.parts)
        sql = f"(SELECT * FROM {rows} AS here UNION ALL SELECT * FROM {others} AS there WHERE NOT {has})"  # noqa: S608 - compiled
        return sql, tuple(param for params in (*found, *last, *asked) for param in params)


def count_limit(rows: Rows) -> int:
    """How far rows are counted before a page is shown: less far where a filter has to look each of them up elsewhere."""
    filters = rows.filters.filters
    return COUNTED if any(filters[name].is_looked_up for name in rows.params if name in filters) else COUNT_LIMIT


def one_page(rows: Rows) -> OnePage:
    """The rows that the address asks for, with the capped count, by one query.

    Where a cursor or a page number points past all rows, the page at that end comes in its stead.
    """
    cursor, size = rows.cursor, rows.per_page
    start = 0 if cursor else (rows.number - 1) * size
    is_back = bool(cursor and cursor.is_back)
    found = rows.ranked.filter(rows.order.beyond(cursor)) if cursor else rows.ranked
    keys = (found.reverse() if is_back else found).values("pk")[start : start + size + 1]
    others = (rows.ranked if is_back else rows.ranked.reverse()).values("pk")[: size + 1]
    read = _read(rows, keys, others if cursor or start else None)
    if read and not read[0][-2]:
        cursor, start, is_back = (None, 0, False) if is_back else (END, 0, True)
    return _page(rows, read, cursor, start, is_back)


def _read(rows: Rows, keys: QuerySet, others: QuerySet | None) -> list[tuple[Any, ...]]:
    """The rows of `keys`, else of `others`, in order: key, columns, place in the order, whether they are of `keys`, count."""
    # The keys are found first and alone; joins and lists are made for the rows of this page only.
    wanted = keys if others is None else OrElse(keys, others)
    queryset = rows.page.with_lists(rows.prepared.filter(pk__in=wanted), rows.columns).order_by(*rows.order.ordering)
    queryset = queryset.annotate(
        **rows.order.computed,
        **rows.codes,
        is_found=Value(True) if others is None else Has(keys),
        found_count=count_to(rows.narrowed, count_limit(rows)),
    )
    return list(queryset.values_list("pk", *rows.paths, *rows.order.names, "is_found", "found_count"))


def _page(rows: Rows, read: list[tuple[Any, ...]], cursor: Cursor | None, start: int, is_back: bool) -> OnePage:
    """What was read, without the one row more that says whether there are further ones that way."""
    size, count, limit = rows.per_page, read[0][-1] if read else 0, count_limit(rows)
    is_end, is_capped = cursor == END, count > limit
    has_more = len(read) > size
    shown = read[-size:] if is_back else read[:size]
    if is_end and count and not is_capped:
        # The last page holds as many rows as if all were numbered.
        shown = shown[-((count - 1) % size + 1) :]
        has_more = count > len(shown)
    before, after = (has_more, not is_end) if is_back else (bool(cursor or start), has_more)
    row = cursor.row if cursor else start + 1
    if not before:
        row = 1
    elif not (after or is_capped):
        row = count - len(shown) + 1
    width = len(rows.order.terms)
    places = [one[-2 - width : -2] for one in shown]
    return OnePage([one[: -2 - width] for one in shown], places, row, size, min(count, limit), is_capped, before, after)


def turns(rows: Rows, one: OnePage) -> list[tuple[str, str, str]]:
    """(rel, label, address) of first, previous, next and last page; the address is empty where there is none."""
    first = f"?{rows.query_string(page='1')}"

    def to(cursor: Cursor) -> str:
        return f"?{rows.query_string(cursor=rows.order.text(cursor))}"

    return [
        ("first", _("First"), first if one.before else ""),
        ("prev", _("Previous"), (to(one.previous) if one.previous else first) if one.before else ""),
        ("next", _("Next"), to(one.next) if one.next else ""),
        ("last", _("Last"), to(END) if one.after else ""),
    ]


def numbered(rows: Rows, one: OnePage) -> list[tuple[int, bool, str]]:
    """(number, is this page, address) of the pages round this one."""
    return [(number, number == one.number, f"?{rows.query_string(page=str(number))}") for number in one.numbers]
