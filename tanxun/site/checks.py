"""Start-up checks of the site: the SQLite build, and no sample account in production."""

import sqlite3

from django.core.checks import Error, Warning
from django.db import DatabaseError, connections

# The WAL-reset fix came with 3.51.3 and was carried back to these branches.
FIXED_BRANCHES = {(3, 50): 7, (3, 44): 6}


def sqlite_is_fixed(version: tuple[int, ...] = sqlite3.sqlite_version_info) -> bool:
    """Whether this SQLite is free of the WAL-reset bug (two checkpoints during a third connection's commit may corrupt)."""
    return version >= (3, 51, 3) or version[2] >= FIXED_BRANCHES.get(version[:2], 10**6)


def sqlite_version(app_configs, databases=None, **kwargs):
    uses_sqlite = any(connections[alias].vendor == "sqlite" for alias in databases or [])
    if not uses_sqlite or sqlite_is_fixed():
        return []
    return [
        Warning(
            f"SQLite {sqlite3.sqlite_version} has the WAL-reset bug, which can corrupt a database in rare cases.",
            hint="Use SQLite 3.51.3 or newer, or PostgreSQL.",
            id="tanxun.W001",
        )
    ]


def sample_accounts(app_configs, **kwargs):
    from .samples import SAMPLE_ACCOUNTS, User

    try:
        left = list(User.objects.filter(username__in=SAMPLE_ACCOUNTS, is_active=True).values_list("username", flat=True))
    except DatabaseError:  # not migrated, or not reachable: nothing can sign in
        return []
    if not left:
        return []
    return [
        Error(
            f"Sample accounts exist: {', '.join(left)}.", hint="Delete them before the site is used for real.", id="tanxun.E001"
        )
    ]
