"""What must hold between rows and files: asked by `check_data`, mended once a day by every worker (settings.WORKER_DUTIES)."""

import datetime as dt
import hashlib
import os
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

from django.contrib.contenttypes.models import ContentType
from django.db import DEFAULT_DB_ALIAS, close_old_connections, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from .models import UNDO_DAYS, Attachment, StoredFile, folder

# What no row names may be on its way in, or be needed by a backup that is being written: it stays for so long.
AGE = dt.timedelta(days=1)
PAUSE = dt.timedelta(days=1)
_last: list[float] = []


def daily(go_on: Callable[[], bool] = lambda: True) -> None:
    """In the thread of a worker: clean up, once in a day of this process."""
    if not _last or time.monotonic() - _last[0] > PAUSE.total_seconds():
        close_old_connections()
        clean_up(go_on)
        _last[:] = [time.monotonic()]


def clean_up(go_on: Callable[[], bool] = lambda: True) -> int:
    """Let files go that nobody can ask for any more, then those that no row names. How many left the disk."""
    since = timezone.now() - dt.timedelta(days=UNDO_DAYS)
    for key in unneeded(since).values_list("pk", flat=True):
        if go_on():
            let_go(key, since)
    gone = 0
    for path in orphans():
        with suppress(OSError):
            path.unlink()
            gone += 1
    return gone


def unneeded(since: dt.datetime, using: str = DEFAULT_DB_ALIAS):
    """Stored files all of whose attachments were removed before `since`."""
    needed = Attachment.with_deleted.using(using).filter(Q(deleted_at=None) | Q(deleted_at__gt=since))
    return StoredFile.objects.using(using).exclude(key=None).exclude(pk__in=needed.values("file"))


def let_go(pk: int, since: dt.datetime) -> None:
    """The row stays and says what it was. The file follows a day later, as one that no row names: a backup that was begun
    before still finds it.
    """
    with transaction.atomic():
        if StoredFile.objects.select_for_update().filter(pk=pk).exists() and (file := unneeded(since).filter(pk=pk).first()):
            with suppress(OSError):
                os.utime(file.path)
            StoredFile.objects.filter(pk=pk).update(key=None)


def files() -> Iterator[Path]:
    """Every file in the folder, whole or not."""
    for path in folder().rglob("*") if folder().is_dir() else ():
        if path.is_file():
            yield path


def orphans(using: str = DEFAULT_DB_ALIAS) -> list[Path]:
    """Files that no row names, but for those of the last day."""
    before = time.time() - AGE.total_seconds()
    old = []
    for path in files():
        with suppress(FileNotFoundError):  # let go meanwhile
            if path.stat().st_mtime < before:
                old.append(path)
    keys = set(StoredFile.objects.using(using).exclude(key=None).values_list("key", flat=True))
    return [path for path in old if path.name not in keys]


def faults(using: str = DEFAULT_DB_ALIAS) -> Iterator[str]:
    """Rows without a file, files that are not what their row says, files without a row, attachments of nothing."""
    for file in StoredFile.objects.using(using).exclude(key=None).order_by("pk").iterator():
        if fault := fault_of(file):
            names = Attachment.with_deleted.using(using).filter(file=file).values_list("pk", flat=True)
            yield f"records.StoredFile {file.pk} (records.Attachment {', '.join(map(str, names)) or '–'}): {fault}"
    for path in orphans(using):
        yield _("%(file)s: no row names this file") % {"file": path.relative_to(folder().parent)}
    yield from parentless(using)


def fault_of(file: StoredFile) -> str:
    """What is wrong with it on the disk, or ""."""
    try:
        with file.path.open("rb") as stored:
            digest = hashlib.file_digest(stored, "sha256").hexdigest()
    except FileNotFoundError:
        return _("its file is missing")
    except OSError as error:
        return _("its file cannot be read: %(reason)s") % {"reason": error.strerror}
    return "" if digest == file.digest else _("its file was changed")


def parentless(using: str) -> Iterator[str]:
    """Attachments whose record is not there any more, not even hidden."""
    rows = Attachment.with_deleted.using(using).order_by()
    for key in rows.values_list("content_type", flat=True).distinct():
        model = ContentType.objects.db_manager(using).get_for_id(key).model_class()
        mine = rows.filter(content_type=key)
        lost = mine if model is None else mine.exclude(object_id__in=model._base_manager.using(using).values("pk"))
        for pk in lost.values_list("pk", flat=True):
            yield _("records.Attachment %(key)s: its record is gone") % {"key": pk}
