"""What a sheet that does not update says otherwise than the records it repeats: conflicts that a person decides."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import islice
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from certifications.conflicts import hides_body, note
from certifications.models import Conflict, Standard, VerificationStatement

from .findings import POINTERS, in_words
from .staging import one_of

CHUNK = 500
# Where a record was read, and words about it: two sources put the same fact differently.
NOT_FACTS = {"source_note", "source_url", "summary"}
# Kept by their slugs, which no one renames; the others by name.
BY_SLUG = {"statement_type_id", "programme_id"}
Said = tuple[int, str, Any]  # key of the record, column, what the sheet has in it


def note_disagreements(found: Sequence[Said], source: str, moment: dt.datetime) -> None:
    """Keep each of `found` as a conflict of the sheet `source` with its record, once what the sheet brought is written. By the
    moment of its import they are known again."""
    facts = iter(each for each in found if each[1] not in NOT_FACTS)
    while chunk := list(islice(facts, CHUNK)):
        with translation.override(settings.LANGUAGE_CODE):
            note(conflicts(chunk, source), moment)


def conflicts(found: Iterable[Said], source: str) -> Iterator[Conflict]:
    rows = VerificationStatement.objects.filter(pk__in=one_of({key for key, _name, _value in found}))
    records = {row.pk: row for row in rows.prefetch_related("products", "standards")}
    for key, name, value in found:
        if record := records.get(key):
            field, kept, other = name.removesuffix("_id"), held(record, name), plain(name, value)
            words = "; ".join(map(str, other)) if isinstance(other, list) else in_words(name, value)
            yield Conflict(
                statement=record,
                field=field,
                kept=kept,
                kept_source=record.source_note,
                other=words,
                other_source=source,
                value=other,
            )


def held(record: VerificationStatement, name: str) -> str:
    """What the record holds, in words."""
    if name == "verification_body_id" and hides_body(record):
        return _("undisclosed")
    if name in ("products", "standards"):
        return "; ".join(str(each) for each in getattr(record, name).all())
    return in_words(name, getattr(record, name))


def plain(name: str, value: Any) -> Any:
    """A value as `certifications.conflicts.take_other` writes it: names in place of keys."""
    if name == "standards":
        return sorted(str(each) for each in Standard.objects.filter(pk__in=value))
    if name in POINTERS:
        found = POINTERS[name]._base_manager.get(pk=value)
        return found.slug if name in BY_SLUG else found.name  # type: ignore[attr-defined]
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    return value.isoformat() if isinstance(value, dt.date) else value
