"""Figures of a list are kept until something is written: a watch on every database connection moves one token after each write.

Whatever way a write takes (save, bulk, raw SQL), it passes the connection. The token moves after the commit, in a statement
of its own: within the transaction it would be one row that all writers wait for.
"""

from __future__ import annotations

import datetime as dt
import logging
import re
import secrets
import time
from collections.abc import Callable
from typing import Any, TypeVar

from django.core.cache import cache
from django.db import DatabaseError, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils import timezone

from .models import DataVersion

T = TypeVar("T")
KEEP_SECONDS = 24 * 60 * 60
log = logging.getLogger(__name__)
WRITE = re.compile(
    r'\s*(?:insert(?:\s+or\s+\w+)?\s+into|replace\s+into|update|delete\s+from|truncate(?:\s+table)?)\s+"?(\w+)', re.I
)
# Tables that no figure and no answer of the API is made from: sessions and sign-ins, the admin's log, the queue and its jobs,
# accounts, alerts, this app's own, marks of forms, the team's notes, how far an import is, and temporary ones (`stage_`).
SILENT = re.compile(
    r"django_|jobs_|axes_|auth_|site_|listing_|alerts_|records_formtoken|stage_"
    r"|certifications_(?:(?:historical)?companynote|sheetimport|headmeaning)\b"
)


def watch(connection: BaseDatabaseWrapper, **kwargs: Any) -> None:
    """Receiver of `connection_created`."""
    if not any(isinstance(wrapper, WriteWatch) for wrapper in connection.execute_wrappers):
        connection.execute_wrappers.append(WriteWatch())


class WriteWatch:
    """Wraps every statement of a connection."""

    def __call__(self, execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: dict[str, Any]) -> Any:
        result = execute(sql, params, many, context)
        written = WRITE.match(sql) if isinstance(sql, str) else None
        if written and not SILENT.match(written[1]):
            connection = context["connection"]
            if not is_writing(connection.alias):
                transaction.on_commit(Moved(connection.alias), using=connection.alias)
        return result


class Moved:
    """Moves the token of a database; what waits for the commit of a transaction that has written."""

    def __init__(self, alias: str) -> None:
        self.alias = alias

    def __call__(self) -> None:
        token = f"{int(time.time()):08x}{secrets.token_hex(12)}"
        try:
            if not DataVersion.objects.using(self.alias).filter(pk=1).update(token=token):
                DataVersion.objects.using(self.alias).create(pk=1, token=token)
        except DatabaseError:
            # While the very first migrations run the table is not there yet, nor are any figures kept.
            if DataVersion._meta.db_table in connections[self.alias].introspection.table_names():
                log.warning("The version of the data could not be moved", exc_info=True)


def is_writing(alias: str = "default") -> bool:
    """Whether the open transaction has written: it sees what others do not see yet, so it neither reads nor fills the cache."""
    return any(isinstance(waiting[1], Moved) for waiting in connections[alias].run_on_commit)


def kept(name: str, count: Callable[[], T]) -> T:
    """What `count` answers, from the cache unless something was written since. `name` says what it depends on beside the data."""
    if is_writing():
        return count()
    key = f"{name}:{version()}"
    if (found := cache.get(key)) is None:
        found = count()
        cache.set(key, found, KEEP_SECONDS)
    return found


def version() -> str:
    """The token of the data as it stands; "" before the first write."""
    return DataVersion.objects.values_list("token", flat=True).filter(pk=1).first() or ""


def moved_at(token: str) -> dt.datetime | None:
    """When a version of the data began: its token opens with the second. None before the first write, and for what is no time."""
    try:
        moment = dt.datetime.fromtimestamp(int(token[:8], 16), dt.UTC)
    except ValueError:
        return None
    return moment if moment <= timezone.now() else None
