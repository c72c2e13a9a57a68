"""The whole site in one file and back: `backup`, `restore`, and the copy that `start` makes before it migrates.

A ZIP of tables as JSON lines and of the stored files, taken from one snapshot while the site is in use. Its comment seals it:
the SHA-256 of every byte before. A file whose seal does not hold is refused before anything is touched. The secret key and
sign-ins are not in it; it is not encrypted.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import json
import os
import shutil
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cached_property
from pathlib import Path
from typing import Any, BinaryIO

from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import connections, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.models import Max
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext as _

from tanxun.alerts.models import Message
from tanxun.alerts.models import State as Delivery
from tanxun.databases import database
from tanxun.jobs.models import Job, State
from tanxun.listing.freshness import Moved
from tanxun.listing.snapshot import snapshot
from tanxun.search import index
from tanxun.search.models import Mark
from tanxun.search.texts import searched_models

from . import sso, tables

FORMAT = 1
SEAL = hashlib.sha256().digest_size * 2
MANIFEST, TABLES, MEDIA = "manifest.json", "tables/", "media/"
UNFINISHED = ".part"
BLOCK = 1024 * 1024
LAST = "last_backup"
Say = Callable[[str], Any]


class BackupError(Exception):
    """Why a file cannot be written or restored, in words for the person at the terminal."""


def write(path: Path, say: Say, using: str = "default") -> int:
    """Write the backup to `path`, whole or not at all; the number of rows in it. Raises BackupError and OSError."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        part.touch(mode=0o600)  # nobody else reads it while it is written, either
        with snapshot(using, is_patient=True), zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as file:
            written = _write_tables(file, say, using)
            media = _write_media(file)
            file.writestr(MANIFEST, json.dumps(_manifest(written, media, using), ensure_ascii=False, indent=1))
            file.comment = b"0" * SEAL
        _seal(part)
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)
    settings.DATA_DIR.joinpath(LAST).write_text(timezone.now().isoformat(), encoding="ascii")
    return sum(entry["rows"] for entry in written.values())


def not_in_it(using: str) -> str:
    """In words, what stands in the database and only the extra sso has models for, so that no backup holds it; or ""."""
    with connections[using].cursor() as cursor:
        for table in sso.left_behind(using):
            cursor.execute(f"SELECT 1 FROM {connections[using].ops.quote_name(table)} LIMIT 1")  # noqa: S608 - our own names
            if cursor.fetchone():
                return _("Second factors or accounts of a sign-in server stand here, and only the extra sso can copy them.")
    return ""


def _write_tables(file: zipfile.ZipFile, say: Say, using: str) -> dict[str, dict[str, Any]]:
    written: dict[str, dict[str, Any]] = {}
    for model in tables.kept_models(_schema(using)):
        stream, found = tables.of_database(using)(model), tables.Tally()
        with file.open(f"{TABLES}{model._meta.label}.jsonl", "w", force_zip64=True) as member:
            for line in stream.lines:
                member.write(f"{line}\n".encode())
                found = found.plus(line)
        written[model._meta.label] = {
            "columns": stream.columns,
            "rows": found.rows,
            "sum": f"{found.sum:x}",
            "last_key": stream.last_key,
        }
        if found.rows:
            say(f"{model._meta.label}: {found.rows:,}")
    return written


def _schema(using: str) -> Any:
    """The models as the database has them: today's, or those of an earlier Tanxun before its migrations are applied."""
    loader = MigrationLoader(connections[using])
    applied = [key for key in loader.applied_migrations if key in loader.graph.nodes]
    return apps if len(applied) == len(loader.graph.nodes) else loader.project_state(applied).apps


def _write_media(file: zipfile.ZipFile) -> dict[str, str]:
    """The stored files, each with its hash. What is on its way in, or goes just now, no row of the snapshot names."""
    root, written = Path(settings.MEDIA_ROOT), {}
    for path in sorted(root.rglob("*")) if root.is_dir() else ():
        if path.is_file() and path.suffix != UNFINISHED:
            name = path.relative_to(root).as_posix()
            with suppress(FileNotFoundError), path.open("rb") as stored:
                written[name] = _copied(stored, file, MEDIA + name)
    return written


def _copied(stored: BinaryIO, file: zipfile.ZipFile, name: str) -> str:
    """Put it into the archive under that name; the hash of what was read."""
    digest = hashlib.sha256()
    with file.open(name, "w", force_zip64=True) as member:
        while block := stored.read(BLOCK):
            digest.update(block)
            member.write(block)
    return digest.hexdigest()


def _manifest(written: dict[str, Any], media: dict[str, str], using: str) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "made_at": timezone.now().isoformat(),
        "engine": connections[using].vendor,
        "migrations": sorted(".".join(key) for key in MigrationLoader(connections[using]).applied_migrations),
        "tables": written,
        "media": media,
    }


def _seal(path: Path) -> None:
    with path.open("r+b") as file:
        digest = _hash_before_seal(file)
        file.seek(-SEAL, os.SEEK_END)
        file.write(digest.encode())
        file.flush()
        os.fsync(file.fileno())


def _hash_before_seal(file: BinaryIO) -> str:
    left = file.seek(0, os.SEEK_END) - SEAL
    file.seek(0)
    digest = hashlib.sha256()
    while left > 0 and (block := file.read(min(BLOCK, left))):
        digest.update(block)
        left -= len(block)
    return digest.hexdigest()


class Archive:
    """A backup whose seal holds. Raises BackupError where `path` is none, was cut or changed, or is of a newer Tanxun."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            with path.open("rb") as file:
                if file.seek(0, os.SEEK_END) < SEAL:
                    raise BackupError(_("%(file)s is no backup of Tanxun.") % {"file": path.name})
                file.seek(-SEAL, os.SEEK_END)
                seal = file.read().decode("ascii", "replace")
                if not zipfile.is_zipfile(file):
                    raise BackupError(_("%(file)s is no backup of Tanxun, or its end is missing.") % {"file": path.name})
                if _hash_before_seal(file) != seal:
                    raise BackupError(_("%(file)s was changed or cut after it was made.") % {"file": path.name})
            self.file = zipfile.ZipFile(path)
            self.manifest = json.loads(self.file.read(MANIFEST))
        except OSError as error:
            raise BackupError(f"{path}: {error.strerror or error}") from None
        except (zipfile.BadZipFile, KeyError, ValueError, RuntimeError):  # the last: of members that ask for a password
            raise BackupError(_("%(file)s is no backup of Tanxun.") % {"file": path.name}) from None
        if self.manifest.get("format") != FORMAT or self._unknown_migrations():
            raise BackupError(_("%(file)s is of a newer Tanxun: update this one first.") % {"file": path.name})
        if self._needs_extra():
            words = _("%(file)s holds second factors or accounts of a sign-in server: switch them on here, too (extra sso).")
            raise BackupError(words % {"file": path.name})

    def _unknown_migrations(self) -> set[str]:
        known = {".".join(key) for key in MigrationLoader(None, ignore_no_migrations=True).disk_migrations}
        return {name for name in set(self.manifest["migrations"]) - known if name.split(".")[0] not in sso.LABELS}

    def _needs_extra(self) -> bool:
        """Whether rows would be lost that a site without the extra has no tables for."""
        held = {label for label, entry in self.manifest["tables"].items() if entry["rows"]}
        return any(label.split(".")[0] in sso.LABELS for label in held - {one._meta.label for one in tables.kept_models()})

    @cached_property
    def is_older(self) -> bool:
        """Whether its tables are those of an earlier schema."""
        known = {".".join(key) for key in MigrationLoader(None, ignore_no_migrations=True).disk_migrations}
        return bool(known - set(self.manifest["migrations"]))

    def lines(self, label: str) -> Iterator[str]:
        with self.file.open(f"{TABLES}{label}.jsonl") as member:
            for line in io.TextIOWrapper(member, encoding="utf-8", newline="\n"):
                yield line.rstrip("\n")

    def stream(self, model: tables.Model) -> tables.Stream:
        """What the file has for a table of today's; nothing for one that it does not know."""
        entry = self.manifest["tables"].get(model._meta.label)
        if entry is None:
            return tables.Stream((), ())
        return tables.Stream(entry["columns"], self.lines(model._meta.label), entry["last_key"])

    def tally(self, label: str) -> tables.Tally:
        entry = self.manifest["tables"].get(label, {"rows": 0, "sum": "0"})
        return tables.Tally(entry["rows"], int(entry["sum"], 16))


def restore(archive: Archive, say: Say, using: str = "default") -> int:
    """Let the site hold what `archive` holds; the number of rows. Old data or new data stand, never a mix.

    Files are put beside those that stand, then the rows change in one transaction, then what nobody names any more goes.
    Raises BackupError where what stands afterwards is not what the file says.
    """
    media = _unpack_media(archive)
    if archive.is_older:
        with _brought_up(archive, say) as scratch:
            rows = copy(tables.of_database(scratch), lambda model: tables.tally(model, scratch), using, say, give_up)
    else:
        rows = copy(archive.stream, lambda model: archive.tally(model._meta.label), using, say, give_up)
    _drop_media(keep=media)
    return rows


def copy(
    streams: Callable[[tables.Model], tables.Stream],
    expected: Callable[[tables.Model], tables.Tally],
    using: str,
    say: Say,
    settle: Callable[[str], Any] = lambda using: None,
) -> int:
    """Fill `using` from the streams, look that every table is as expected, `settle` it, and write its search index anew."""
    total = 0
    with transaction.atomic(using=using):
        tables.replace(streams, using, lambda label, rows: say(f"{label}: {rows:,}") if rows else None)
        for model in tables.kept_models():
            found, wanted = tables.tally(model, using), expected(model)
            if found != wanted:
                words = _("%(table)s came out otherwise than it went in (%(found)d of %(wanted)d rows): nothing was changed.")
                raise BackupError(words % {"table": model._meta.label, "found": found.rows, "wanted": wanted.rows})
            total += found.rows
        settle(using)
        for model in searched_models():  # who is ended before the index stands leaves it to the next start
            index.mark_rows(model, f"SELECT {model._meta.pk.column} AS id FROM {model._meta.db_table}", using)  # noqa: S608
        last = Mark.objects.using(using).aggregate(last=Max("pk"))["last"] or 0
    Moved(using)()  # what was kept of lists and figures is of the data before
    for _model, _found in index.mend(using):
        pass
    Mark.objects.using(using).filter(pk__lte=last).delete()
    return total


def give_up(using: str) -> None:
    """Jobs and messages that were under way when the copy was made may be done since: nobody does them a second time unasked."""
    from django_tasks import TaskResultStatus
    from django_tasks_db.models import DBTaskResult

    words = _("The site was restored from a backup: start it again if it is still wanted.")
    Job.objects.using(using).open().update(state=State.CANCELLED, error=words, finished_at=Now())
    Message.objects.using(using).open().update(state=Delivery.GIVEN_UP, error=words, token=None)
    open_states = (TaskResultStatus.READY, TaskResultStatus.RUNNING)
    DBTaskResult.objects.using(using).filter(status__in=open_states).delete()


@contextmanager
def _brought_up(archive: Archive, say: Say) -> Iterator[str]:
    """A scratch database with the archive's rows, migrated from its schema to today's; its alias."""
    alias = "scratch"
    with tempfile.TemporaryDirectory(prefix="restore-", dir=settings.DATA_DIR) as folder:
        add_database(alias, f"sqlite:///{folder}/scratch.sqlite3")
        try:
            say(_("The backup is of an earlier Tanxun: its schema is brought up to today's"))
            _fill_old_schema(archive, alias)
            call_command("migrate", database=alias, interactive=False, verbosity=0)
            yield alias
        finally:
            drop_database(alias)


def _fill_old_schema(archive: Archive, alias: str) -> None:
    connection = connections[alias]
    executor = MigrationExecutor(connection)
    graph = executor.loader.graph
    done = {tuple(name.split(".", 1)) for name in archive.manifest["migrations"]} & set(graph.nodes)
    state = executor.migrate([key for key in done if not {child.key for child in graph.node_map[key].children} & done])
    with transaction.atomic(using=alias), connection.cursor() as cursor:
        labels = archive.manifest["tables"]
        known = {one._meta.label: one for one in state.apps.get_models(include_auto_created=True)}
        for label in labels:
            if label in known:
                cursor.execute(f"DELETE FROM {connection.ops.quote_name(known[label]._meta.db_table)}")  # noqa: S608
        for label, entry in labels.items():
            if label in known:
                stream = tables.Stream(entry["columns"], archive.lines(label), entry["last_key"])
                tables.insert(cursor, connection, known[label], stream)
                tables.set_last_key(known[label], stream.last_key, alias)


def add_database(alias: str, url: str) -> None:
    """Open one more database under that name. Raises ValueError for a URL that names none."""
    connections.databases[alias] = database(url)
    connections.configure_settings(connections.databases)


def drop_database(alias: str) -> None:
    connections[alias].close()
    del connections[alias]
    del connections.databases[alias]


def _unpack_media(archive: Archive) -> set[str]:
    """Put the files of the archive in place that do not stand there as they are; the names of all."""
    root, wanted = Path(settings.MEDIA_ROOT).resolve(), archive.manifest["media"]
    for name, digest in wanted.items():
        path = (root / name).resolve()
        if not path.is_relative_to(root):
            raise BackupError(_("%(file)s is no backup of Tanxun.") % {"file": archive.path.name})
        if path.is_file() and hashlib.file_digest(path.open("rb"), "sha256").hexdigest() == digest:
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f"{path.name}{UNFINISHED}")
        with archive.file.open(MEDIA + name) as member, part.open("wb") as file:
            shutil.copyfileobj(member, file)
        os.replace(part, path)
    return set(wanted)


def _drop_media(keep: set[str]) -> None:
    root = Path(settings.MEDIA_ROOT)
    for path in root.rglob("*") if root.is_dir() else ():
        if path.is_file() and path.relative_to(root).as_posix() not in keep:
            path.unlink()


def set_aside(before: str) -> Path:
    """A backup in the data folder of what stands now, before what cannot be taken back."""
    folder = settings.DATA_DIR / "backups"
    folder.mkdir(mode=0o700, exist_ok=True)
    path = folder / f"before-{before}-{timezone.localtime():%Y%m%d-%H%M%S}.zip"
    write(path, lambda line: None)
    return path


def age() -> dt.timedelta | None:
    """How long ago the last backup was made here; None where none was."""
    try:
        made_at = dt.datetime.fromisoformat(settings.DATA_DIR.joinpath(LAST).read_text(encoding="ascii").strip())
    except (OSError, ValueError):
        return None
    return timezone.now() - made_at
