"""How a database is opened, by its URL: called by the settings for those of the site, by `dbmove` for the one to move to;
and for how long it may work, by the commands that are no page."""

from typing import Any

import environ
from django.db import connection

SQLITE_OPTIONS = {
    # IMMEDIATE and 20 s: with SQLite's defaults more than half of all read-then-write transactions fail under load.
    "timeout": 20,
    "transaction_mode": "IMMEDIATE",
    "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;PRAGMA journal_size_limit=67108864;",
}
POSTGRESQL_OPTIONS = {
    "connect_timeout": 2,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 2,
    "tcp_user_timeout": 5000,
    # Compiling a query costs more than any of ours takes; what many rows are looked up by stays exact.
    "options": "-c statement_timeout=15000 -c lock_timeout=5000 -c idle_in_transaction_session_timeout=60000"
    " -c jit=off -c work_mem=32MB",
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
        return config | {"OPTIONS": SQLITE_OPTIONS}
    # Each connection that is kept is asked first whether it still stands: servers restart.
    options = POSTGRESQL_OPTIONS | {"target_session_attrs": session} | config.get("OPTIONS", {})
    return config | {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True, "OPTIONS": options}


def lift_statement_timeout() -> None:
    """A page that asks too much is stopped by PostgreSQL; a worker may take its time, on every connection of this process."""
    if connection.vendor == "postgresql":
        connection.close()
        given = connection.settings_dict["OPTIONS"]  # every thread's connection is made from these
        given["options"] = f"{given.get('options', '')} -c statement_timeout=0"
