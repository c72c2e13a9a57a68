"""Checks of what the site stands on: packages, the SQLite build and its journal, the folder's disk, the age of the backup; and no
sample account in production. Run by `check --database default` (accounts by `check --deploy`); `start` says each in a line."""

import datetime as dt
import os
import re
import shutil
import sqlite3
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning
from django.db import DatabaseError, connections
from django.utils.translation import gettext as _

from . import sso

# The WAL-reset fix came with 3.51.3 and was carried back to these branches.
FIXED_BRANCHES = {(3, 50): 7, (3, 44): 6}
ROOM = 10**9
OLDEST_BACKUP = dt.timedelta(hours=26)
# Their locks do not hold between machines, and SQLite's memory of its journal is shared by none of them.
OF_A_NETWORK = {
    "nfs",
    "nfs4",
    "cifs",
    "smb3",
    "smbfs",
    "9p",
    "afs",
    "ceph",
    "lustre",
    "glusterfs",
    "fuse.sshfs",
    "fuse.glusterfs",
}
MOUNTS = Path("/proc/self/mounts")  # there, too, where a service sees of /proc only processes
# Below these, each has a fault by which a visitor gets at what is not theirs; an environment made by hand may have them.
FLOORS = {"django": "5.2.11", "django-filter": "2.4", "djangorestframework": "3.15.2", "urllib3": "2.5"}


def sqlite_is_fixed(version: tuple[int, ...] = sqlite3.sqlite_version_info) -> bool:
    """Whether this SQLite is free of the WAL-reset bug (two checkpoints during a third connection's commit may corrupt)."""
    return version >= (3, 51, 3) or version[2] >= FIXED_BRANCHES.get(version[:2], 10**6)


def ground(app_configs, databases=None, **kwargs):
    return list(worries()) if "default" in (databases or []) else []


def worries() -> Iterator[CheckMessage]:
    """What stands against trusting this machine with the data, each with what to do."""
    yield from of_packages()
    if connections["default"].vendor == "sqlite":
        yield from of_sqlite()
    if (free := room()) is not None and free < ROOM:
        text = _("%(folder)s has %(free)s MB left.") % {"folder": settings.DATA_DIR, "free": free // 10**6}
        yield Warning(text, hint=_("Make room: a full disk stops all writing."), id="tanxun.W004")
    yield from of_backup()
    yield from of_factors()


def of_packages() -> Iterator[CheckMessage]:
    for name, floor in FLOORS.items():
        if numbers(found := version(name)) < numbers(floor):
            text = _("%(name)s %(version)s has known faults that a visitor can use.") % {"name": name, "version": found}
            yield Error(text, hint=_("Install what requirements.txt names."), id="tanxun.E008")


def numbers(text: str) -> tuple[int, ...]:
    return tuple(map(int, re.findall(r"\d+", text)[:3]))


def of_sqlite() -> Iterator[CheckMessage]:
    if not sqlite_is_fixed():
        text = _("SQLite %(version)s has the WAL-reset bug, which can corrupt a database in rare cases.")
        hint = _("Use SQLite 3.51.3 or newer, or PostgreSQL.")
        yield Warning(text % {"version": sqlite3.sqlite_version}, hint=hint, id="tanxun.W001")
    if (kind := journal()) not in ("wal", "memory"):
        text = _("The journal of SQLite is “%(kind)s”: readers and writers wait for each other.") % {"kind": kind}
        yield Warning(text, hint=_("Put the data folder on a disk that SQLite can keep a WAL on."), id="tanxun.W002")
    if (kind := file_system(settings.DATA_DIR)) in OF_A_NETWORK:
        text = _("The data folder is on a network file system (%(kind)s), where SQLite can be corrupted.") % {"kind": kind}
        yield Warning(text, hint=_("Move it to a disk of this machine, or use PostgreSQL."), id="tanxun.W003")


def of_backup() -> Iterator[CheckMessage]:
    from .backup import age
    from .tables import has_records

    try:
        if not has_records("default"):
            return
    except DatabaseError:  # not migrated, or not reachable: nothing to keep
        return
    if (old := age()) is None or old > OLDEST_BACKUP:
        text = _("The last backup is %(hours)s hours old.") % {"hours": int(old.total_seconds() // 3600)} if old else ""
        hint = _("Run “manage.py backup FILE” every night, and keep the files on another machine.")
        yield Warning(text or _("No backup was ever made here."), hint=hint, id="tanxun.W005")


def of_factors() -> Iterator[CheckMessage]:
    try:
        count = sso.unasked("default")
    except DatabaseError:
        return
    if count:
        text = _("%(count)s accounts have a second factor that is not asked for: the password alone opens them.") % {
            "count": count
        }
        yield Warning(text, hint=_("Set SECOND_FACTOR=1, with the extra sso."), id="tanxun.W007")


def journal() -> str:
    """The journal mode of SQLite, "" where the database cannot be asked."""
    try:
        with connections["default"].cursor() as cursor:
            return str(cursor.execute("PRAGMA journal_mode").fetchone()[0])
    except DatabaseError:
        return ""


def room() -> int | None:
    """Bytes free for DATA_DIR, or for the folder that it would be made in."""
    folder = settings.DATA_DIR
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        return None


def file_system(folder: Path) -> str:
    """What the innermost mount above `folder` is; "" where the system does not tell (Linux does)."""
    try:
        mounts = [line.split() for line in MOUNTS.read_text(encoding="utf-8").splitlines()]
    except OSError:
        return ""
    above = [(len(place), kind) for _device, place, kind, *_rest in mounts if os.path.commonpath((place, folder)) == place]
    return max(above, default=(0, ""))[1]


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
