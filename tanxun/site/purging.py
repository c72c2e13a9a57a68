"""The bin emptied of what has lain in it for long: the records go, their histories stay, with a last entry that says who, when
and why. Asked by the command `purge_bin` alone: a manager's decision, by no schedule of ours. It cannot be undone.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import models, router, transaction
from django.db.models.deletion import Collector, ProtectedError, RestrictedError
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from certifications.models import Company, NotTheSame, VerificationBody, VerificationStatement
from policies.models import IssuingBody, Policy
from tanxun.alerts.models import Subscription
from tanxun.digest.models import NewsItem
from tanxun.digest.review import acting_as
from tanxun.records.models import LONGEST_REASON, Attachment, Proposal, bin_key

# In this order: what points to others goes before them.
KINDS: tuple[Any, ...] = (VerificationStatement, NewsItem, Policy, Company, VerificationBody, IssuingBody)
# Rows between a record that goes and one that stays, which say nothing without the first.
MEANINGLESS_ALONE = (NotTheSame, Subscription)
DAYS = 365
Say = Callable[[str], Any]


class HeldError(Exception):
    """Something that stays points to the record; the message says what."""


class UndoneError(Exception):
    """Ends a trial: nothing of it is kept."""


@dataclass
class Purged:
    """How many of each kind went, and with how many rows of theirs; what held others, and how many."""

    gone: Counter[str] = field(default_factory=Counter)
    parts: int = 0
    held: Counter[tuple[str, str]] = field(default_factory=Counter)  # (kind, by what)


def purge(days: int, user: Any, reason: str, *, for_good: bool, say: Say = lambda _text: None) -> Purged:
    """Remove for good what was put into the bin more than `days` ago and is pointed to by nothing that stays.

    Each record with its parts in a transaction of its own, so that a purge that is broken off has done some and no half. A trial
    does just the same in one that is undone: it tells exactly what would go.
    """
    before = timezone.now() - dt.timedelta(days=days)
    try:
        with acting_as(user):
            if for_good:
                return _all(before, reason, say)
            with transaction.atomic():
                told = _all(before, reason, say)
                raise UndoneError
    except UndoneError:
        return told


def _all(before: dt.datetime, reason: str, say: Say) -> Purged:
    """Again and again, while it makes room: the second of two that stand on each other goes after the first."""
    done = Purged()
    while True:
        done.held.clear()
        count = done.gone.total()
        for kind in KINDS:
            keys = list(old(kind, before).order_by("-pk").values_list("pk", flat=True))
            for number, key in enumerate(keys, 1):
                _one(kind, key, before, reason, done)
                if number % 100 == 0:
                    say(f"{capfirst(kind._meta.verbose_name_plural)}: {number}/{len(keys)}")
        if done.gone.total() == count:
            return done


def old(kind: Any, before: dt.datetime) -> models.QuerySet[Any]:
    return kind.with_deleted.filter(deleted_at__lt=before)


def _one(kind: Any, key: int, before: dt.datetime, reason: str, done: Purged) -> None:
    try:
        with transaction.atomic():
            record = old(kind, before).select_for_update(of=("self",)).filter(pk=key).first()
            if record is None:
                return  # taken out at this moment, or gone with another
            done.parts += _remove(record, before, reason)
    except HeldError as holder:
        done.held[kind._meta.label, str(holder)] += 1
    else:
        done.gone[kind._meta.label] += 1


def _remove(record: Any, before: dt.datetime, reason: str) -> int:
    """How many rows went with it. Raises HeldError."""
    if Proposal.objects.waiting().touching(bin_key(record)).exists():
        raise HeldError(_("a change that waits for approval"))
    parts = sum(_let_go(each, reason) for each in attachments(record))
    for holder in holders(record, before):
        raise HeldError(holder)
    record._change_reason = reason[:LONGEST_REASON]
    _count, by_model = record.delete()
    return parts + sum(number for label, number in by_model.items() if label != record._meta.label)


def attachments(record: Any) -> models.QuerySet[Attachment]:
    """Its own, removed ones too. Their files leave the disk when the worker next cleans up."""
    kind = ContentType.objects.get_for_model(type(record))
    return Attachment.with_deleted.filter(content_type=kind, object_id=record.pk)


def _let_go(part: Any, reason: str) -> int:
    part._change_reason = reason[:LONGEST_REASON]
    return part.delete()[0]


def holders(record: Any, before: dt.datetime) -> Iterator[str]:
    """What would be torn by its going: rows that stay and point to it, or that stand between it and a record that stays."""
    collector = Collector(using=router.db_for_write(type(record)), origin=record)
    try:
        collector.collect([record])
    except (ProtectedError, RestrictedError) as error:
        rows = error.protected_objects if isinstance(error, ProtectedError) else error.restricted_objects
        yield str(next(iter(rows))._meta.verbose_name)
        return
    for (changed, _value), rows in collector.field_updates.items():
        if any(query.exists() if isinstance(query, models.QuerySet) else query for query in rows):
            yield str(changed.model._meta.verbose_name)
    for model, instances in collector.data.items():
        yield from _between(model, instances, record, before)
    for query in collector.fast_deletes:
        yield from _between(query.model, query, record, before)


def _between(model: Any, rows: Any, record: Any, before: dt.datetime) -> Iterator[str]:
    """Names what ties the record to another one that stays."""
    if model is type(record) or model in MEANINGLESS_ALONE:
        return
    ends = [each for each in model._meta.concrete_fields if each.is_relation and each.related_model in KINDS]
    for row in rows:
        for end in ends:
            key, other = getattr(row, end.attname), end.related_model
            is_itself = other is type(record) and key == record.pk
            if key is not None and not is_itself and not old(other, before).filter(pk=key).exists():
                yield f"{model._meta.verbose_name} ({other._meta.verbose_name})"
                return
