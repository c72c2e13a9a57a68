"""Writes the index: what was marked at commit, the rest by a queued task; finds and mends drift for `manage.py reindex`."""

from __future__ import annotations

import logging
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from django.apps import apps
from django.db import DatabaseError, connections, models, transaction
from django.db.models import Max, Min

from .engines import engine_of, table_of
from .models import Mark
from .texts import Entry, entries, searched_models
from .watch import dependants

log = logging.getLogger(__name__)
AT_COMMIT = 1_000
BATCH = 1_000
AT_ONCE = 25  # marks written in one transaction, where others wait for it
LOCK = 7_270_311
BREATH = 0.11  # seconds between two of these, at most: who waits for the lock of SQLite looks for it every 0.1 s in the end
WRITTEN, STANDSTILL = 0.5, 5.0  # seconds: what a commit's own entries take at most; what the worker takes for a batch
Model = type[models.Model]


class Pending:
    """The marks of one transaction, written when it commits. It stands among the connection's `run_on_commit`.

    Where an earlier commit's writing failed or never came to be (its process ended there), this one makes up for it.
    """

    def __init__(self, using: str) -> None:
        self.using = using
        self.marks: list[int] = []

    def __call__(self) -> None:
        marks, self.marks = self.marks, []
        if not marks:
            return
        try:
            own = len(marks) <= AT_COMMIT and write_marks(marks, self.using, most=AT_COMMIT)
            left = list(Mark.objects.using(self.using).values_list("pk", flat=True)[: AT_ONCE + 1])
            if own and (not left or (len(left) <= AT_ONCE and write_marks(left, self.using, most=AT_ONCE))):
                return
        except DatabaseError:  # the change itself stands; its marks too
            log.exception("The search index could not be written at commit: left to the worker")
        leave_to_worker()


def leave_to_worker(**kwargs: Any) -> None:
    """Tell the worker where marks stand: after a change, and after every migrate. Who cannot be told finds them at the next."""
    from .tasks import write_index

    try:
        if Mark.objects.exists():
            write_index.enqueue()
    except DatabaseError:
        log.exception("The worker could not be told of the search index: its marks stand until the next change")


def mark(model: Model, keys: Iterable[int], using: str, spreads: bool = False) -> None:
    """Note, in the running transaction, that the entries of these rows (or, `spreads`, of all found by them) must be written."""
    rows = [Mark(model=model._meta.label_lower, object_id=key, spreads=spreads) for key in dict.fromkeys(keys)]
    if not rows:
        return
    with transaction.atomic(using=using, savepoint=False):
        made = Mark.objects.using(using).bulk_create(rows, batch_size=BATCH)
        waiting = _waiting(using)
        if not waiting:
            transaction.on_commit(Pending(using), using=using)
            waiting = _waiting(using)
        waiting[0][1].marks += [row.pk for row in made]


def mark_rows(model: Model, keys: str, using: str = "default", *, spreads: bool = False) -> None:
    """The same for the rows whose keys the SQL `keys` selects, too many to name; who asks for it writes them by `write_all`."""
    head = "INSERT INTO search_mark (model, object_id, spreads)"
    with connections[using].cursor() as cursor:
        label = model._meta.label_lower
        cursor.execute(f"{head} SELECT %s, own.id, %s FROM ({keys}) AS own", [label, spreads])  # noqa: S608 - our own names


def _waiting(using: str) -> list[tuple[set[str], Pending]]:
    """What the running transaction has marked so far, with the savepoints that would take it back; none or one."""
    waiting: list[Any] = connections[using].run_on_commit
    return [(sids, each) for sids, each, _robust in waiting if isinstance(each, Pending)]


def write_marks(marks: list[int], using: str, most: int | None = None) -> bool:
    """Write the entries that these marks ask for, delete the marks; False, and nothing done, where there are more than `most`."""
    with transaction.atomic(using=using):
        lock(using)
        standing = Mark.objects.using(using).filter(pk__in=marks)
        due: dict[Model, set[int]] = defaultdict(set)
        for model, keys in asked_by(standing, using):
            due[model].update(keys)
            if most is not None and sum(map(len, due.values())) > most:
                return False
        for model, keys in due.items():
            settle(model, keys, using)
        standing.delete()
    return True


def asked_by(marks: Iterable[Mark], using: str) -> Iterator[tuple[Model, Iterable[int]]]:
    """The entries that the marks are about, by model."""
    changed: dict[tuple[str, bool], list[int]] = defaultdict(list)
    for one in marks:
        changed[one.model, one.spreads].append(one.object_id)
    for (label, spreads), keys in changed.items():
        model = apps.get_model(label)
        if spreads:
            yield from ((found, rows.values_list("pk", flat=True)) for found, rows in dependants(model, keys, using))
        else:
            yield model, keys


def write_all(using: str = "default", say: Callable[[int], Any] = lambda done: None) -> int:
    """Write everything that is marked, in small transactions; the number of marks done, also told after each.

    On SQLite it rests between them as long as each took, or nobody else would get the lock.
    """
    done = 0
    while batch := list(Mark.objects.using(using).order_by("pk")[:AT_ONCE]):
        began = time.monotonic()
        with transaction.atomic(using=using):
            lock(using)
            for model, keys in asked_by([one for one in batch if one.spreads], using):
                rows = (Mark(model=model._meta.label_lower, object_id=key) for key in keys)
                Mark.objects.using(using).bulk_create(rows, batch_size=BATCH)
            for model, keys in asked_by([one for one in batch if not one.spreads], using):
                settle(model, keys, using)
            Mark.objects.using(using).filter(pk__in=[one.pk for one in batch]).delete()
        done += len(batch)
        say(done)
        if connections[using].vendor == "sqlite":
            time.sleep(min(BREATH, time.monotonic() - began))
    return done


def lock(using: str) -> None:
    """One writer of the index at a time, to the end of the transaction: no older reading comes after a newer one."""
    if connections[using].vendor == "postgresql":  # SQLite lets one writer in anyway
        with connections[using].cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])


def settle(model: Model, keys: Iterable[int], using: str) -> None:
    """Write the entries of these records and delete every mark that stood for them: what it speaks of is read after it."""
    keys = list(keys)
    for start in range(0, len(keys), BATCH):
        marks = Mark.objects.using(using).filter(model=model._meta.label_lower, spreads=False)
        marks.filter(object_id__in=keys[start : start + BATCH]).delete()
    write(model, keys, using)


def write(model: Model, keys: Iterable[int], using: str) -> None:
    """Read the records afresh and write their entries; entries of records that are gone go."""
    connection, table = connections[using], table_of(model)
    ordered = sorted(set(keys))
    with connection.cursor() as cursor:
        for start in range(0, len(ordered), BATCH):
            batch = ordered[start : start + BATCH]
            found = entries(model, batch, using)
            engine_of(connection).delete(cursor, table, batch)
            engine_of(connection).insert(cursor, table, found)


class Drift(models.TextChoices):
    MISSING = "missing"
    STALE = "stale"
    ORPHAN = "orphan"


def drifted(model: Model, using: str = "default") -> Iterator[tuple[Drift, int]]:
    """Every entry that is not what it should be, and how: never written, out of date, or of a record that is gone.

    Entries are written after their records, so what seems wrong is looked at again once that is done.
    """
    has_waited = False
    for low, high in _ranges(model, using):
        first = {(kind, key) for kind, key, _entry in _differences(model, low, high, using)}
        if first:
            if not has_waited:
                _wait_for_writing(using)
                has_waited = True
            again = {(kind, key) for kind, key, _entry in _differences(model, low, high, using)}
            yield from sorted(first & again)


_left_standing: dict[str, int] = {}  # marks that nobody wrote while they were waited for, by database: waited for once


def _wait_for_writing(using: str) -> None:
    """Until no mark stands, or their number has not fallen for a while: nobody writes them."""
    time.sleep(WRITTEN)
    least, since = Mark.objects.using(using).count(), time.monotonic()
    while least and least != _left_standing.get(using):
        time.sleep(WRITTEN)
        if (left := Mark.objects.using(using).count()) < least:
            least, since = left, time.monotonic()
        elif time.monotonic() - since > STANDSTILL:
            _left_standing[using] = least


def _differences(model: Model, low: int, high: int, using: str) -> Iterator[tuple[Drift, int, Entry | None]]:
    """The drifted entries with keys from `low` to `high`, and what each should be: None where there is no record."""
    connection, table = connections[using], table_of(model)
    with connection.cursor() as cursor:
        stored = {entry.key: entry for entry in engine_of(connection).stored(cursor, table, low, high)}
    keys = model._base_manager.using(using).filter(pk__range=(low, high)).values_list("pk", flat=True)
    for entry in entries(model, keys, using):
        kept = stored.pop(entry.key, None)
        if kept != entry:
            yield (Drift.STALE if kept else Drift.MISSING), entry.key, entry
    yield from ((Drift.ORPHAN, key, None) for key in stored)


def _ranges(model: Model, using: str) -> Iterator[tuple[int, int]]:
    """Ranges of keys that hold at most BATCH records, and together every key that the table or its index has."""
    rows = model._base_manager.using(using)
    engine = engine_of(connections[using])
    with connections[using].cursor() as cursor:
        cursor.execute(f"SELECT min({engine.key}), max({engine.key}) FROM {table_of(model)}")  # noqa: S608 - our own names
        indexed = cursor.fetchone()
    span: dict[str, Any] = rows.aggregate(first=Min("pk"), last=Max("pk"))
    known = [key for key in (*indexed, span["first"], span["last"]) if key is not None]
    low, end = min(known, default=0), max(known, default=-1)
    while low <= end:
        last = rows.filter(pk__gte=low).order_by("pk").values_list("pk", flat=True)[BATCH - 1 : BATCH].first()
        high = end if last is None else last
        yield low, high
        low = high + 1


def mend(using: str = "default") -> Iterator[tuple[Model, Counter[str]]]:
    """Put every drifted entry right; (model, how many of each kind of drift) for every searched model.

    What is compared is written: each range of keys in a transaction of its own, in which nobody else writes the index.
    """
    for model in searched_models():
        with filling(model, using):
            found = Counter(kind.value for low, high in _ranges(model, using) for kind in _mend_range(model, low, high, using))
        yield model, found


@contextmanager
def filling(model: Model, using: str) -> Iterator[None]:
    """Around the writing of a whole table: where it begins empty, what costs most is made once at the end."""
    connection, table = connections[using], table_of(model)
    engine = engine_of(connection)
    with transaction.atomic(using=using), connection.cursor() as cursor:
        lock(using)
        cursor.execute(f"SELECT 1 FROM {table} LIMIT 1")  # noqa: S608 - our own names
        if cursor.fetchone() is None:
            engine.before_filling(cursor, table)
    yield
    with transaction.atomic(using=using), connection.cursor() as cursor:
        lock(using)
        engine.after_filling(cursor, table)


def complete(using: str = "default") -> None:
    """What a filling that was ended did not come to make. Where nothing is missing it waits for nobody."""
    connection = connections[using]
    engine = engine_of(connection)
    for table in map(table_of, searched_models()):
        with connection.cursor() as cursor:
            if not engine.is_whole(cursor, table):
                with transaction.atomic(using=using):
                    lock(using)
                    engine.after_filling(cursor, table)


def _mend_range(model: Model, low: int, high: int, using: str) -> list[Drift]:
    connection, table = connections[using], table_of(model)
    engine = engine_of(connection)
    with transaction.atomic(using=using), connection.cursor() as cursor:
        lock(using)
        found = list(_differences(model, low, high, using))
        engine.delete(cursor, table, [key for kind, key, _entry in found if kind != Drift.MISSING])
        engine.insert(cursor, table, [entry for _kind, _key, entry in found if entry])
    return [kind for kind, _key, _entry in found]
