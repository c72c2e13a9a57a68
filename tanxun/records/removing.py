"""Many records into the bin at once, in batches: one entry in the history for each, as if they were removed one by one."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.db import transaction
from django.utils import timezone

from .models import LONGEST_REASON
from .past import kept_relations
from .proposals import signature

BATCH = 500


def held(model: Any, keys: Iterable[Any], kept_by: Iterable[str]) -> set[Any]:
    """Which of these other records point to, by one of the relations `kept_by`."""
    wanted, found = set(keys), set()
    for name in kept_by:
        relation = model._meta.get_field(name)
        field = relation.field.name
        rows = relation.related_model._default_manager.filter(**{f"{field}__in": wanted}).order_by()
        found |= set(rows.values_list(field, flat=True).distinct()) & wanted
    return found


def remove_many(
    model: Any, keys: Iterable[Any], reason: str, user: Any, *, kept_by: Iterable[str] = (), read_with: Iterable[str] = ()
) -> Iterator[tuple[list, set]]:
    """Batch for batch, each in a transaction of its own: (the records that were removed, the keys that others hold).

    The records come with their relations `read_with`, so that they can be named without a query each.
    """
    waiting = list(keys)
    for start in range(0, len(waiting), BATCH):
        with transaction.atomic():
            rows = model.with_deleted.filter(pk__in=waiting[start : start + BATCH], deleted_at__isnull=True)
            rows = rows.select_related(*read_with).select_for_update(of=("self",))
            batch = {row.pk: row for row in rows.order_by("pk")}
            refused = held(model, batch, kept_by)
            gone = [row for key, row in batch.items() if key not in refused]
            values = {"deleted_at": timezone.now(), "deleted_reason": reason[:200]}
            if "updated_at" in {field.name for field in model._meta.concrete_fields}:
                values["updated_at"] = values["deleted_at"]
            for row in gone:
                vars(row).update(values)
            model.with_deleted.filter(pk__in=[row.pk for row in gone]).update(**values)
            _note(model, gone, signature(reason[:LONGEST_REASON]), user)
        yield gone, refused


def _note(model: Any, rows: list, reason: str, user: Any) -> None:
    """One entry for each, with its many-to-many rows: without them it would read as if these had gone."""
    entries = model.history.bulk_history_create(rows, BATCH, update=True, default_user=user, default_change_reason=reason)
    of_row = {entry.instance.pk: entry.pk for entry in entries}
    for relation in kept_relations(model):
        kept = getattr(model.history.model, relation.name).model
        own, through = f"{relation.m2m_field_name()}_id", relation.remote_field.through
        names = [field.attname for field in through._meta.concrete_fields]
        found = through._base_manager.filter(**{f"{own}__in": list(of_row)}).values(*names)
        kept._base_manager.bulk_create([kept(history_id=of_row[one[own]], **one) for one in found], BATCH)
