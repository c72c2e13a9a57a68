"""Whether this process can do its work: for /readyz, and for what pages answer while it cannot."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.recorder import MigrationRecorder
from django.utils.translation import gettext as _

from tanxun.databases import MISSING, let_go, number_of

from .start import pending_migrations

SQLITE_WAIT_MS = 1500


def unready() -> str:
    """Why the site cannot work now, in one sentence without names or versions; "" when it can."""
    try:
        with short_wait():
            if pending_migrations():
                return _("The database is not migrated.")
            # Changes no row, yet asks for the right to write: a read-only copy, a full disk or a stuck writer refuses it.
            MigrationRecorder.Migration.objects.filter(pk=0).update(name="")
    except ImportError:
        return _("New files have come in under the running site: start it again.")
    except DatabaseError:
        let_go()  # the next who asks may reach another server
        return _("The database cannot be written.")
    return ""


def is_behind(fault: BaseException | None) -> bool:
    """Whether something failed for a table or column that a migration still has to make: the site was started before it."""
    try:
        return number_of(fault) in MISSING and bool(pending_migrations())
    except DatabaseError:
        return False


@contextmanager
def short_wait() -> Iterator[None]:
    """SQLite waits for another writer only as long as a health check may take."""
    if connection.vendor != "sqlite":
        yield
        return
    usual = int(settings.DATABASES["default"]["OPTIONS"]["timeout"] * 1000)
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA busy_timeout={SQLITE_WAIT_MS}")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"PRAGMA busy_timeout={usual}")
