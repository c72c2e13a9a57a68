"""What can be wrong with stored data though nobody sees it: asked by `check_data`. Each check gives its faults in words."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from django.apps import apps
from django.db import connections
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tanxun.records import sealing, seals
from tanxun.records.attachments import keeping
from tanxun.records.models import DerivedModel
from tanxun.search.index import drifted
from tanxun.search.texts import searched_models

BATCH = 1_000
SHOWN = 20  # of each kind: a damaged table may have a million
Check = Callable[[str], Iterator[str]]


def database_file(using: str) -> Iterator[str]:
    """SQLite's own look at every page and index. PostgreSQL watches its files itself (data checksums, pg_amcheck)."""
    if connections[using].vendor == "sqlite":
        with connections[using].cursor() as cursor:
            cursor.execute("PRAGMA integrity_check")
            yield from (text for (text,) in cursor.fetchall() if text != "ok")


def ties(using: str) -> Iterator[str]:
    """Foreign keys that lead nowhere: SQLite would keep them where a tool wrote past it; PostgreSQL lets none in."""
    if connections[using].vendor == "sqlite":
        with connections[using].cursor() as cursor:
            cursor.execute("PRAGMA foreign_key_check")
            words = _("%(table)s, row %(row)s: what it points to in %(parent)s is gone")
            yield from (words % {"table": table, "row": row, "parent": parent} for table, row, parent, _fk in cursor.fetchall())


def derived_columns(using: str) -> Iterator[str]:
    """Columns that are computed from others and say something else than these do."""
    for model in apps.get_models():
        if issubclass(model, DerivedModel) and model.derived_fields and model._meta.managed:
            yield from _misderived(model, using)


def _misderived(model: type[DerivedModel], using: str) -> Iterator[str]:
    rows = model._base_manager.using(using).order_by("pk").iterator(chunk_size=BATCH)
    while batch := [row for _number, row in zip(range(BATCH), rows, strict=False)]:
        if suspects := _wrong(model, batch):  # looked at again: what they copy may have been written between the two readings
            found = _wrong(model, list(model._base_manager.using(using).filter(pk__in=list(suspects)).order_by("pk")))
            yield from (f"{model._meta.label} {key}: {', '.join(names)}" for key, names in found.items())


def _wrong(model: type[DerivedModel], rows: list[DerivedModel]) -> dict[Any, list[str]]:
    """The columns of each row that say something else than what they are computed from."""
    names = tuple(model.derived_fields)
    stored = [[getattr(row, name) for name in names] for row in rows]
    model.derive_all(rows)
    pairs = zip(rows, stored, strict=True)
    found = {
        row.pk: [name for name, was in zip(names, before, strict=True) if getattr(row, name) != was] for row, before in pairs
    }
    return {key: wrong for key, wrong in found.items() if wrong}


def search_index(using: str) -> Iterator[str]:
    """Entries that are missing, out of date, or of records that are gone; `reindex` mends them."""
    for model in searched_models():
        yield from (f"{model._meta.label} {key}: {kind}" for kind, key in drifted(model, using))


def sealed_history(using: str) -> Iterator[str]:
    """Histories whose entries could be changed; `migrate` seals them again."""
    words = _("%(table)s: its entries can be changed or deleted; run manage.py migrate")
    with connections[using].cursor() as cursor:
        there = set(connections[using].introspection.table_names(cursor))
    yield from (words % {"table": table} for table in sorted(set(sealing.histories()) & there - sealing.standing(using)))


def seals_of_history(using: str) -> Iterator[str]:
    """Entries that were changed, taken away or slipped in below the last seal, and seals that were."""
    yield from seals.faults(using)


def attachments(using: str) -> Iterator[str]:
    """Rows without their file, files that changed, files and attachments that belong to nothing."""
    yield from keeping.faults(using)


CHECKS: dict[Check, Any] = {
    database_file: gettext_lazy("Database file"),
    ties: gettext_lazy("Links between records"),
    derived_columns: gettext_lazy("Computed columns"),
    search_index: gettext_lazy("Search index"),
    sealed_history: gettext_lazy("History"),
    seals_of_history: gettext_lazy("Seals of the history"),
    attachments: gettext_lazy("Attachments"),
}
