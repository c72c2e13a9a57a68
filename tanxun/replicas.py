"""Which database a request reads, where DATABASE_REPLICA_URL names standbys of PostgreSQL: the router and middleware of settings.

A replica answers only those who wrote nothing that it does not have yet: the position of the write-ahead log after their writes
stands in their cookie and is held against what the replica has replayed. Without replicas no request passes through here.
"""

from __future__ import annotations

import itertools
import logging
import re
import threading
import time
from collections import deque
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, TypeVar

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS as PRIMARY
from django.db import DatabaseError, InterfaceError, OperationalError, connections
from django.http import HttpRequest, HttpResponseBase
from django.template.response import SimpleTemplateResponse

log = logging.getLogger(__name__)
View = TypeVar("View", bound=Callable[..., Any])
COOKIE = f"{'__Host-' if settings.IS_HTTPS else ''}written"
SALT = "tanxun.replicas"
AWAY_SECONDS = 5  # for which a replica with a fault is not asked again
NEVER = 2**63 - 1  # a position that no log reaches
CANCELLED = "57014"  # what PostgreSQL says of a query that ran into its limit of time
# Rights, sessions and the queue are never read late.
JOBS = {"jobs", "django_tasks_db"}
AT_PRIMARY = JOBS | {"admin", "auth", "axes", "sessions"}
READING = re.compile(r"[\s(]*(?:select|show|set|savepoint|release|rollback|explain|declare)\b", re.I)


@dataclass
class Asked:
    """What is known of the request that this thread answers: where it reads, and whether it must leave a mark."""

    alias: str = PRIMARY
    has_written: bool = False
    has_seen_jobs: bool = False

    def notice(self, execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: dict[str, Any]) -> Any:
        """Wraps every statement to the primary."""
        self.has_written |= not (isinstance(sql, str) and READING.match(sql))
        return execute(sql, params, many, context)


current: ContextVar[Asked | None] = ContextVar("asked", default=None)


def may_read_replica(view: View) -> View:
    """Marks a view whose GET writes nothing and may show the data as they were REPLICA_LAG_SECONDS ago."""
    view.may_read_replica = True  # type: ignore[attr-defined]
    return view


class ReplicaRouter:
    """Reading goes where the middleware decided, all else to the primary: writes, transactions, commands, jobs."""

    def db_for_read(self, model: Any, **hints: Any) -> str:
        asked, label = current.get(), model._meta.app_label
        if asked is None:
            return PRIMARY
        # Somebody who sees a job done looks for what it wrote next.
        asked.has_seen_jobs |= label in JOBS
        is_late = asked.has_written or label in AT_PRIMARY or connections[PRIMARY].in_atomic_block
        return PRIMARY if is_late else asked.alias

    def db_for_write(self, model: Any, **hints: Any) -> str:
        return PRIMARY

    def allow_relation(self, one: Any, other: Any, **hints: Any) -> bool:
        return True  # the same rows, read here or there

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool | None:
        return None if db == PRIMARY else False


class ReplicaMiddleware:
    """Decides where a request reads, leaves the mark of its writes, and asks the primary again where a replica fails."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        asked, wrappers = Asked(), connections[PRIMARY].execute_wrappers
        before = current.set(asked)
        # Not by `execute_wrapper`: it would take away the last one, which may have come in meanwhile.
        wrappers.append(asked.notice)
        try:
            response = self.get_response(request)
            if asked.has_written or asked.has_seen_jobs:
                leave_mark(response)
            return response
        finally:
            wrappers.remove(asked.notice)
            current.reset(before)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> None:
        asked = current.get()
        if asked and request.method in ("GET", "HEAD") and getattr(view, "may_read_replica", False):
            bool(request.user)  # who asks is read now, from the primary
            asked.alias = choose(int(request.get_signed_cookie(COOKIE, default="0", salt=SALT) or 0))

    def process_exception(self, request: HttpRequest, fault: Exception) -> HttpResponseBase | None:
        """A page that reads only may begin anew."""
        asked, match = current.get(), request.resolver_match
        is_lost = isinstance(fault, OperationalError | InterfaceError) and getattr(fault.__cause__, "sqlstate", "") != CANCELLED
        if not asked or not match or asked.alias == PRIMARY or not is_lost:
            return None
        REPLICAS[asked.alias].leave_out(fault)
        asked.alias = PRIMARY
        answer: HttpResponseBase = match.func(request, *match.args, **match.kwargs)
        # What was lost while a page was drawn is drawn here: Django takes the answer as it is then.
        return answer.render() if isinstance(answer, SimpleTemplateResponse) else answer


def leave_mark(response: HttpResponseBase) -> None:
    """The position of the log after all that the request wrote; where it cannot be had, one that keeps to the primary."""
    try:
        mark = written()
    except DatabaseError as fault:
        log.warning("The position of the log cannot be had: %s", fault)
        mark = NEVER
    response.set_signed_cookie(COOKIE, str(mark), salt=SALT, httponly=True, samesite="Lax", secure=settings.IS_HTTPS)


def written() -> int:
    """How far the primary's log is written, in bytes."""
    return position(PRIMARY, "pg_current_wal_lsn()")


def position(alias: str, of: str) -> int:
    with connections[alias].cursor() as cursor:
        cursor.execute(f"SELECT ({of} - '0/0'::pg_lsn)::bigint")
        return int(cursor.fetchone()[0] or 0)


class Bound:
    """What of the primary's log every reader must see: what was written REPLICA_LAG_SECONDS ago,
    as far as this process asked then."""

    def __init__(self) -> None:
        self.samples: deque[tuple[float, int]] = deque()
        self.lock = threading.Lock()

    def now(self) -> tuple[float, int]:
        """The age of the sample in seconds and the position. After a pause it is the present."""
        with self.lock:
            now = time.monotonic()
            while self.samples and now - self.samples[0][0] > settings.REPLICA_LAG_SECONDS:
                self.samples.popleft()
            if not self.samples or now - self.samples[-1][0] > settings.REPLICA_LAG_SECONDS / 2:
                self.samples.append((now, written()))
            taken, found = self.samples[0]
            return now - taken, found


class Replica:
    """One standby, as this process knows it."""

    def __init__(self, alias: str) -> None:
        self.alias = alias
        self.away_until = 0.0

    def has(self, mark: int) -> bool:
        """Whether it answers, is no further behind than anybody may read, and has replayed the log up to `mark`."""
        if time.monotonic() < self.away_until:
            return False
        age, least = BOUND.now()
        was_open = connections[self.alias].connection is not None
        try:
            replayed = position(self.alias, "CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() END")
        except DatabaseError as fault:
            connections[self.alias].close()
            if was_open:  # perhaps only that connection is gone: a new one tells
                return self.has(mark)
            self.leave_out(fault)
            return False
        if not replayed or (replayed < least and age > 1):
            self.leave_out("it lags behind" if replayed else "it is no standby")
        return replayed >= max(least, mark)

    def leave_out(self, why: object) -> None:
        self.away_until = time.monotonic() + AWAY_SECONDS
        connections[self.alias].close()
        log.warning("%s is left out for %s seconds: %s", self.alias, AWAY_SECONDS, " ".join(str(why).split()))


BOUND = Bound()
REPLICAS = {alias: Replica(alias) for alias in settings.DATABASES if alias != PRIMARY}
turns = itertools.count()


def choose(mark: int) -> str:
    """The alias to read from for somebody whose last write was at `mark`: one replica after the other, else the primary."""
    names = list(REPLICAS)
    start = next(turns) % len(names)
    return next((name for name in (*names[start:], *names[:start]) if REPLICAS[name].has(mark)), PRIMARY)
