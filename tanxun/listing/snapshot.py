"""One view of the data for all that a file reads, however long that takes and whatever is written meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connections, transaction


@contextmanager
def snapshot(using: str, *, is_patient: bool = False) -> Iterator[None]:
    """All queries to the database `using` see the same moment. PostgreSQL's time limit for statements does not hold for them.

    `is_patient`: it may be long between two of them; else a reader who does not fetch on is given up after a minute.
    Inside somebody's transaction it is theirs that decides what is seen.
    """
    connection = connections[using]
    if connection.in_atomic_block:
        yield
    elif connection.vendor == "postgresql":
        with transaction.atomic(using=using), connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            cursor.execute("SET LOCAL statement_timeout = 0")
            if is_patient:
                cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
            cursor.execute("SET LOCAL datestyle = 'ISO'")
            yield
    else:
        # Not `atomic`: that begins IMMEDIATE, and every writer would wait for the reader of a file.
        connection.ensure_connection()
        connection.connection.execute("BEGIN")
        try:
            yield
        finally:
            connection.connection.rollback()
