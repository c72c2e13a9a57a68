"""Seals over the histories: by them it is found that an entry was changed, taken away or slipped in, whoever did it.

A seal holds hashes of all entries since the one before it, and the hash of that one: a chain. Made by `seal_history` every
night and anew by `site.erasing`; asked for by `check_data`. Writers are not held up: a seal reads what they have committed.

Whoever can write the database can write seals too. So the line that `seal_history` prints belongs on another machine: a chain
that was written anew does not hold that seal any more.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from itertools import islice
from typing import Any, NamedTuple

from django.apps import apps
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from simple_history.models import HistoricalChanges

from .cells import as_line, writer
from .settled import settled

PART = 500  # entries that share a hash: a fault is told this closely
READ = 2_000
Model = type[models.Model]
Parts = list[list[Any]]  # of one table: [highest key, number of entries, their hash], …


class Seal(models.Model):
    """`tables` holds what it says of each history: {"table": {"columns": [...], "parts": [[key, entries, hash], …]}}.

    `begins_anew`: it speaks of every entry there is, and those before it are only links of the chain: entries were changed for
    the `reason` that stands here. `entries` counts all since then.
    """

    made_at = models.DateTimeField(gettext_lazy("made at"))
    begins_anew = models.BooleanField(default=False)
    reason = models.CharField(max_length=200, blank=True)
    entries = models.PositiveBigIntegerField(default=0)
    tables = models.JSONField(default=dict)
    before = models.CharField(max_length=64, blank=True, unique=True)  # two at once: the second is refused
    digest = models.CharField(max_length=64)

    class Meta:
        ordering = ("pk",)
        verbose_name, verbose_name_plural = gettext_lazy("seal of the history"), gettext_lazy("seals of the history")

    def __str__(self) -> str:
        return f"{self.pk} {self.made_at:%Y-%m-%d %H:%M} {self.digest}"

    def hashed(self) -> str:
        """What `digest` has to be."""
        told = [self.before, self.made_at.isoformat(), self.begins_anew, self.reason, self.entries, self.tables]
        return _hash(json.dumps(told, ensure_ascii=False, separators=(",", ":"), sort_keys=True))


class Covered(NamedTuple):
    """What the chain says of one history: per seal the columns it read and its parts."""

    seals: list[tuple[list[str], Parts]]

    @property
    def upto(self) -> int:
        return self.seals[-1][1][-1][0] if self.seals else 0


def histories() -> dict[str, Model]:
    """Every history by its table, those of many-to-many rows included."""
    kept = (model for model in apps.get_models() if issubclass(model, HistoricalChanges))
    return {model._meta.db_table: model for model in sorted(kept, key=lambda one: one._meta.db_table)}


def make(using: str = "default", *, anew: bool = False, reason: str = "") -> tuple[Seal | None, list[str]]:
    """A seal over the entries since the last one, or over all of them; and the histories that are left for the next seal since
    somebody was writing them. No seal where there is nothing new. Raises IntegrityError where two are made at once.

    Outside of a transaction, but for who has just changed entries: it would keep writers waiting.
    """
    last = Seal.objects.using(using).order_by("pk").last()
    seal = Seal(made_at=timezone.now(), begins_anew=anew or last is None, reason=reason[:200])
    seal.before = last.digest if last else ""
    before = {} if seal.begins_anew else covered(using)
    busy = []
    for table, model in histories().items():
        after, upto = before[table].upto if table in before else 0, settled(model, using)
        if upto is None:
            busy.append(table)
        elif upto > after:
            columns = [field.attname for field in model._meta.concrete_fields if not field.generated]
            seal.tables[table] = {"columns": columns, "parts": list(parts_of(model, columns, after, upto, using))}
    if not seal.tables and not anew:
        return None, busy
    seal.entries = sum(part[1] for told in seal.tables.values() for part in told["parts"])
    if last and not seal.begins_anew:
        seal.entries += last.entries
    seal.digest = seal.hashed()
    seal.save(using=using, force_insert=True)
    return seal, busy


def parts_of(model: Model, columns: list[str], after: int, upto: int, using: str) -> Iterator[list[Any]]:
    """The entries above `after` up to `upto`, in order of their keys, PART by PART."""
    lines = keyed(model, columns, after, upto, using)
    while batch := list(islice(lines, PART)):
        yield [batch[-1][0], len(batch), _hash("\n".join(line for _key, line in batch))]


def keyed(model: Model, columns: list[str], after: int, upto: int, using: str) -> Iterator[tuple[int, str]]:
    """(key, line) of entries; the memory they take does not grow with their number."""
    writers = [writer(model._meta.get_field(name)) for name in columns]  # type: ignore[arg-type]
    rows = model._base_manager.using(using).filter(pk__gt=after, pk__lte=upto).order_by("pk").values_list("pk", *columns)
    for key, *cells in rows.iterator(chunk_size=READ):
        yield key, as_line(writers, cells)


def covered(using: str = "default") -> dict[str, Covered]:
    """What the seals since the last that began anew say, by table."""
    seals = Seal.objects.using(using).order_by("pk")
    first = seals.filter(begins_anew=True).values_list("pk", flat=True).last() or 0
    found: dict[str, Covered] = {}
    for told in seals.filter(pk__gte=first).values_list("tables", flat=True).iterator():
        for table, said in told.items():
            found.setdefault(table, Covered([])).seals.append((said["columns"], said["parts"]))
    return found


def faults(using: str = "default") -> Iterator[str]:
    """What is not as it was sealed: of the chain itself, then of each history."""
    yield from broken_links(using)
    known = histories()
    for table, said in covered(using).items():
        if table not in known:
            yield _("%(table)s: this history was sealed and is not there any more") % {"table": table}
            continue
        after = 0
        for columns, parts in said.seals:
            there = {field.attname for field in known[table]._meta.concrete_fields}
            if gone := [name for name in columns if name not in there]:
                words = _("%(table)s: sealed with columns that are no more (%(names)s); make a seal anew: seal_history --renew")
                yield words % {"table": table, "names": ", ".join(gone)}
                break
            yield from _differences(known[table], columns, after, parts, using)
            after = parts[-1][0]


def broken_links(using: str = "default") -> Iterator[str]:
    """Seals that were changed, and places where one was taken out."""
    before = ""
    for seal in Seal.objects.using(using).order_by("pk").iterator(chunk_size=20):
        if seal.before != before:
            yield _("seal %(number)s: one before it was changed or taken away") % {"number": seal.pk}
        if seal.hashed() != seal.digest:
            yield _("seal %(number)s: it was changed itself") % {"number": seal.pk}
        before = seal.digest


def _differences(model: Model, columns: list[str], after: int, parts: Parts, using: str) -> Iterator[str]:
    """One walk over the entries that one seal spoke of; the places where they are others now."""
    lines = keyed(model, columns, after, parts[-1][0], using)
    waiting = next(lines, None)
    for upto, count, digest in parts:
        mine: list[str] = []
        while waiting and waiting[0] <= upto:
            mine.append(waiting[1])
            waiting = next(lines, None)
        if len(mine) != count:
            words = _("%(table)s, entries %(first)s to %(last)s: %(now)s are there, %(then)s were sealed")
        elif _hash("\n".join(mine)) != digest:
            words = _("%(table)s, entries %(first)s to %(last)s: at least one is not as it was sealed")
        else:
            words = ""
        if words:
            told = {"table": model._meta.db_table, "first": after + 1, "last": upto, "now": len(mine), "then": count}
            yield words % told
        after = upto


def holds(digest: str, using: str = "default") -> bool:
    """Whether a seal that was kept elsewhere is still one of the chain."""
    return Seal.objects.using(using).filter(digest=digest).exists()


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
