"""How many rows several querysets have, by one query, counted as far as the lists count: for boards and links to lists."""

from typing import NamedTuple

from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.models import QuerySet

from tanxun.listing.paging import COUNT_LIMIT


class RowCount(NamedTuple):
    """A number of rows, as far as it was counted: 10,000+ where there are more."""

    value: int
    limit: int = COUNT_LIMIT

    def __bool__(self) -> bool:
        return self.value > 0

    @property
    def is_capped(self) -> bool:
        return self.value > self.limit

    def __str__(self) -> str:
        return f"{self.limit:,}+" if self.is_capped else f"{self.value:,}"


def tally(limit: int | None = None, /, **querysets: QuerySet) -> dict[str, RowCount]:
    """{name: RowCount} of each queryset, counted to one more than `limit` (None: that of the lists).

    Scalar subqueries of one SELECT without a table: it answers on an empty site too.
    An order that a queryset was given is kept, and says where to look first for what is counted no further than the limit.
    """
    limit = COUNT_LIMIT if limit is None else limit
    names, parts, values = [], [], []
    for name, queryset in querysets.items():
        ordered = queryset if queryset.query.order_by else queryset.order_by()
        rows = ordered.values("pk")[: limit + 1]
        try:
            sql, params = rows.query.sql_with_params()
        except EmptyResultSet:
            continue
        names.append(name)
        parts.append(f"(SELECT COUNT(*) FROM ({sql}) AS counted)")  # noqa: S608 - a compiled queryset
        values += params
    if not parts:
        return dict.fromkeys(querysets, RowCount(0, limit))
    using = next(iter(querysets.values())).db
    with connections[using].cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(parts)}", values)
        found = dict(zip(names, cursor.fetchone(), strict=True))
    return {name: RowCount(found.get(name, 0), limit) for name in querysets}
