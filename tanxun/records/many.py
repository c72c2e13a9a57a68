"""Many records removed, restored or confirmed, in batches: one entry in the history for each, as if it was done one by one."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from .models import CONFIRMED, LONGEST_REASON, FieldStatus
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
    for waiting in _batches(keys):
        with transaction.atomic():
            batch = _locked(model, waiting, read_with, deleted_at__isnull=True)
            refused = held(model, batch, kept_by)
            gone = [row for key, row in batch.items() if key not in refused]
            _write(model, gone, _bin_values(model, timezone.now(), reason), reason, user)
        yield gone, refused


def restore_many(
    model: Any, keys: Iterable[Any], user: Any, *, read_with: Iterable[str] = ()
) -> Iterator[tuple[list, dict[Any, str]]]:
    """Batch for batch, each in a transaction of its own: (the records that were restored, {record: why it was not})."""
    for waiting in _batches(keys):
        with transaction.atomic():
            batch = _locked(model, waiting, read_with, deleted_at__isnull=False)
            reasons = model.kept_in_bin(list(batch.values())) if batch else {}
            refused = {batch[key]: reason for key, reason in reasons.items()}
            back, taken = _restored(model, [row for key, row in batch.items() if key not in reasons], user)
        yield back, refused | taken


def _restored(model: Any, rows: list, user: Any) -> tuple[list, dict[Any, str]]:
    """(who is back, {record: why it is not}): halved until those stand alone whose number or name another record has taken."""
    try:
        with transaction.atomic():
            _write(model, rows, _bin_values(model, None, ""), "", user)
    except IntegrityError:
        if len(rows) == 1:
            return [], {rows[0]: _("another record has taken its number or name.")}
        middle = len(rows) // 2
        (first, not_first), (second, not_second) = (_restored(model, half, user) for half in (rows[:middle], rows[middle:]))
        return first + second, not_first | not_second
    return rows, {}


def confirm_many(model: Any, keys: Iterable[Any], user: Any, *, also: Iterable[str] = ()) -> int:
    """Still true today, each batch in a transaction of its own; how many were. `also` names other days that are today then."""
    days, done = ("confirmed_on", *also), 0
    for waiting in _batches(keys):
        with transaction.atomic():
            rows = list(_locked(model, waiting, (), deleted_at__isnull=True).values())
            _write(model, rows, dict.fromkeys(days, timezone.localdate()), "" if also else CONFIRMED, user)
            done += len(rows)
    return done


def be_sure_of_many(model: Any, keys: Iterable[Any], user: Any) -> int:
    """Every field of these is confirmed, each batch in a transaction of its own; how many records had one that was not said."""
    done = 0
    for waiting in _batches(keys):
        alike = defaultdict(list)
        with transaction.atomic():
            for row in _locked(model, waiting, (), deleted_at__isnull=True).values():
                if set(row.field_status.values()) != {FieldStatus.CONFIRMED.value}:
                    alike[tuple(row.field_status)].append(row)
            for names, rows in alike.items():
                _write(model, rows, {"field_status": dict.fromkeys(names, FieldStatus.CONFIRMED.value)}, "", user)
                done += len(rows)
    return done


def restore(record: Any) -> str:
    """Take one out of the bin; why it stays there, or ""."""
    try:
        with transaction.atomic():
            record.restore()
    except IntegrityError:
        return _("another record has taken its number or name.")
    except ValidationError as refusal:
        return " ".join(refusal.messages)
    return ""


def _batches(keys: Iterable[Any]) -> Iterator[list]:
    waiting = list(keys)
    return (waiting[start : start + BATCH] for start in range(0, len(waiting), BATCH))


def _locked(model: Any, keys: list, read_with: Iterable[str], **state: bool) -> dict[Any, Any]:
    rows = model.with_deleted.filter(pk__in=keys, **state).select_related(*read_with or (None,)).select_for_update(of=("self",))
    return {row.pk: row for row in rows.order_by("pk")}


def _bin_values(model: Any, moment: dt.datetime | None, reason: str) -> dict[str, Any]:
    """Removed at a moment for a reason, or no more."""
    values = {"deleted_at": moment, "deleted_reason": reason[:200]}
    has_moment = "updated_at" in {field.name for field in model._meta.concrete_fields}
    return values | ({"updated_at": timezone.now()} if has_moment else {})


def _write(model: Any, rows: list, values: dict[str, Any], reason: str, user: Any) -> None:
    for row in rows:
        vars(row).update(values)
    model.with_deleted.filter(pk__in=[row.pk for row in rows]).update(**values)
    _note(model, rows, signature(reason[:LONGEST_REASON]), user)


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
