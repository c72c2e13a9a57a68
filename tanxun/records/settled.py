"""Up to which key every row of a table is there to be read. Asked by the planner of hooks and by the seals of the history."""

from __future__ import annotations

from typing import Any

from django.db import OperationalError, connections, transaction
from django.db.models import Model, QuerySet

LOCK = "300ms"


def settled(model: type[Model], using: str = "default") -> int | None:
    """A key below which no row can come in any more; None where that cannot be known now.

    Keys are given when a row is written, and rows are seen when they are committed: PostgreSQL may show 11 before 10. In the
    moment in which nobody writes that table all that are there are seen. SQLite has one writer at a time anyhow.
    """
    connection = connections[using]
    rows: QuerySet[Any] = model._base_manager.using(using).order_by("-pk").values_list("pk", flat=True)
    if connection.vendor != "postgresql":
        return rows.first() or 0
    try:
        with transaction.atomic(using=using), connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL lock_timeout = '{LOCK}'")
            cursor.execute(f"LOCK TABLE {connection.ops.quote_name(model._meta.db_table)} IN SHARE MODE")
            return rows.first() or 0
    except OperationalError:
        return None  # a long import, or PostgreSQL is vacuuming it: in a minute again
