"""The rows of a question by their keys, for several counts of the same rows.

They are then looked for once, and no database walks an index of all rows because that has what is counted in order. The keys
stay one value, which no row of Python stands for: SQLite lets other threads in after each row, and comes back when they do.
"""

from __future__ import annotations

from typing import Any

from django.db import connections
from django.db.models import Aggregate, Count, QuerySet, TextField
from django.db.models.expressions import RawSQL


class AllKeys(Aggregate):
    """The values of all rows as one: JSON on SQLite, an array on PostgreSQL."""

    function = "JSON_GROUP_ARRAY"
    output_field = TextField()

    def as_postgresql(self, compiler: Any, connection: Any) -> Any:
        return self.as_sql(compiler, connection, function="ARRAY_AGG")


def keys_of(rows: QuerySet, most: int) -> RawSQL | None:
    """What follows a `pk__in` for these rows; None where they are more than `most`."""
    found = rows.order_by().values("pk")[: most + 1].aggregate(count=Count("pk"), keys=AllKeys("pk"))
    if found["count"] > most:
        return None
    is_array = connections[rows.db].vendor == "postgresql"
    sql, none = ("SELECT unnest(%s::bigint[])", []) if is_array else ("SELECT value FROM json_each(%s)", "[]")
    return RawSQL(sql, [found["keys"] or none])  # noqa: S611 - one of the two
