"""How a database is opened, by its URL: called by the settings for those of the site, by `dbmove` for the one to move to;
for how long it may work, by the commands that are no page; and what its errors mean, by all that goes on after one."""

from typing import Any

import environ
from django.db import InterfaceError, InternalError, OperationalError, connection, connections

SQLITE_OPTIONS = {
    # IMMEDIATE and 20 s: with SQLite's defaults more than half of all read-then-write transactions fail under load.
    "timeout": 20,
    "transaction_mode": "IMMEDIATE",
    # 32 MB of pages for each connection: what counts read, again and again.
    "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;PRAGMA journal_size_limit=67108864;"
    "PRAGMA cache_size=-32768;",
}
# Compiling a query costs more than any of ours takes; what many rows are looked up by stays exact.
SESSION = "-c jit=off -c work_mem=32MB"
POSTGRESQL_OPTIONS = {
    "connect_timeout": 2,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 2,
    "tcp_user_timeout": 5000,
    "options": f"-c statement_timeout=15000 -c lock_timeout=5000 -c idle_in_transaction_session_timeout=60000 {SESSION}",
}


def database(url: str, session: str = "read-write") -> dict[str, Any]:
    """The entry of DATABASES for `url`; options in the URL count before ours. `session` is what PostgreSQL's server must be.

    Raises ValueError where the URL names no database that we know.
    """
    engine, _rest, place = url.partition("://")
    if engine not in {"sqlite", "postgres", "postgresql"} or not place.strip("/"):
        raise ValueError(f"{engine[:20]}: give sqlite:///FILE or postgres://USER:PASSWORD@HOST:PORT/NAME.")
    config: dict[str, Any] = environ.Env.db_url_config(url)
    if engine == "sqlite":
        # Kept for the next page: opening reads the whole schema, and forgets all pages read.
        return config | {"CONN_MAX_AGE": 60, "OPTIONS": SQLITE_OPTIONS}
    # Each connection that is kept is asked first whether it still stands: servers restart.
    options = POSTGRESQL_OPTIONS | {"target_session_attrs": session} | config.get("OPTIONS", {})
    return config | {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True, "OPTIONS": options}


def lift_statement_timeout() -> None:
    """A page that asks too much is stopped by PostgreSQL; a worker may take its time, on every connection of this process."""
    if connection.vendor == "postgresql":
        connection.close()
        given = connection.settings_dict["OPTIONS"]  # every thread's connection is made from these
        given["options"] = f"{given.get('options', '')} -c statement_timeout=0"


def take_time(using: str, **_sent: Any) -> None:
    """Before migrations, which rewrite whole tables: no limit of time for one statement of PostgreSQL."""
    _set_timeout(using, "SET statement_timeout = 0")


def be_quick(using: str, **_sent: Any) -> None:
    """After them the limit of the connection holds again."""
    _set_timeout(using, "RESET statement_timeout")


def _set_timeout(using: str, statement: str) -> None:
    if connections[using].vendor == "postgresql":
        with connections[using].cursor() as cursor:
            cursor.execute(statement)


# By its own number (SQLite: busy, locked, out of memory, read-only, input and output, full, cannot open) or its class
# (PostgreSQL: connection, transaction taken back, resources, in use, stopped by an operator); all else is a fault of ours.
OF_SQLITE = {5, 6, 7, 8, 10, 13, 14}
OF_POSTGRESQL = {"08", "40", "53", "55", "57"}
READ_ONLY = "25006"  # a server that was the primary until now
FULL = {"13", "53100"}
MISSING = {"1", "42P01", "42703"}  # a table or a column; SQLite has the number for any wrong SQL
# Over as soon as there is a new connection: to the server that started again, or to the one that is the primary now.
PASSING = {READ_ONLY, "25P03", "53300", "57P01", "57P02", "57P03"}


def number_of(fault: BaseException | None) -> str:
    """SQLite's number or PostgreSQL's five signs; "" where the server was not even reached."""
    cause = getattr(fault, "__cause__", None)
    number = getattr(cause, "sqlite_errorcode", None)
    return str(number & 0xFF) if number is not None else getattr(cause, "sqlstate", None) or ""


def is_unavailable(fault: BaseException | None) -> bool:
    """Whether the database could not do its part, and may be able to at another time."""
    number = number_of(fault)
    if isinstance(fault, InternalError):
        return number in PASSING
    if not isinstance(fault, OperationalError | InterfaceError):
        return False
    if number.isdigit() and len(number) < 5:
        return int(number) in OF_SQLITE
    return not number or number[:2] in OF_POSTGRESQL or number in PASSING


def is_passing(fault: BaseException | None) -> bool:
    """Whether the same may succeed at once: a server was lost or left, a deadlock was cut; no limit of time ran out."""
    number = number_of(fault)
    return is_unavailable(fault) and (not number or number[:2] in {"08", "40"} or number in PASSING)


def let_go() -> None:
    """No connection that failed is used again: the next use opens its own."""
    for one in connections.all(initialized_only=True):
        if not one.in_atomic_block:
            one.close()
