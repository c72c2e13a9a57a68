"""Taking back a whole import: what it added and nobody has touched since is deleted, softly and with a reason."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import NamedTuple

from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.utils import timezone

from certifications.models import Company, Conflict, VerificationStatement
from tanxun.records.models import Attachment

from .staging import Model, Stage, index, run


class Back(NamedTuple):
    """How many of what an import added go, and how many stay."""

    statements: int
    kept_statements: int
    companies: int
    kept_companies: int


def take_back(moment: dt.datetime, user: int | None, reason: str) -> Back:
    """Delete the statements that an import of that moment added, then its companies that no live statement points to.

    What was changed since, or has been given something of its own (a note, a file, a link, a follower …), is kept, as is what
    the import changed in older records. Call it in a transaction.
    """
    statements, companies, back = _found(moment)
    now = timezone.now()
    for stage in (statements, companies):
        _delete(stage, now, user, reason)
    return back


def foreseen(moment: dt.datetime) -> Back:
    """What taking it back now would come to. Writes nothing but temporary tables."""
    return _found(moment)[2]


def _found(moment: dt.datetime) -> tuple[Stage, Stage, Back]:
    """The statements and the companies that go."""
    statements = _added(VerificationStatement, "stage_undone_statement", moment)
    all_statements = statements.size()
    _keep_touched(statements, moment)
    index(statements.name, "id")
    companies = _added(Company, "stage_undone_company", moment)
    all_companies = companies.size()
    _keep_touched(companies, moment)
    goes = f"EXISTS (SELECT 1 FROM {statements.name} AS gone WHERE gone.id = live.id)"
    held = f"SELECT 1 FROM {statements.table} AS live WHERE live.deleted_at IS NULL AND NOT {goes}"
    for column in ("company_id", "consultant_id"):
        companies.discard(f"EXISTS ({held} AND live.{column} = {companies.name}.id)")
    gone = statements.size(), companies.size()
    return statements, companies, Back(gone[0], all_statements - gone[0], gone[1], all_companies - gone[1])


def _added(model: Model, name: str, moment: dt.datetime) -> Stage:
    stage = Stage(model, name)
    history = model.history.model._meta.db_table  # type: ignore[attr-defined]
    keys = f"SELECT past.id FROM \"{history}\" AS past WHERE past.history_date = %s AND past.history_type = '+'"
    stage.gather(f"id IN ({keys}) AND deleted_at IS NULL", [moment])
    return stage


def _keep_touched(stage: Stage, moment: dt.datetime) -> None:
    for later in _later(stage):
        run(f"DELETE FROM {stage.name} WHERE EXISTS ({later})", [stage.moment(moment)] if "%s" in later else [])


def _later(stage: Stage) -> Iterator[str]:
    """SQL: what tells that somebody has been at a staged row since a moment: its own history, that of what points to it, or a
    row that points to it and keeps no history. Conflicts come from sheets and issues; statements hold companies (`_found`).
    """
    quote = connection.ops.quote_name
    ways = [(stage.model, "id")]
    for relation in stage.model._meta.related_objects:
        if relation.related_model not in (Conflict, *([VerificationStatement] if stage.model is Company else [])):
            ways.append((relation.related_model, relation.field.column))
    for model, column in (*ways, (Attachment, "object_id")):
        has_history = hasattr(model, "history")
        table = model.history.model._meta.db_table if has_history else model._meta.db_table
        later = f"SELECT 1 FROM {quote(table)} AS past WHERE past.{quote(column)} = {stage.name}.id"
        if model is Attachment:
            later += f" AND past.content_type_id = {ContentType.objects.get_for_model(stage.model).pk}"
        yield later + (" AND past.history_date > %s" if has_history else "")


def _delete(stage: Stage, now: dt.datetime, user: int | None, reason: str) -> None:
    mine = f"id IN (SELECT id FROM {stage.name})"
    setting = "deleted_at = %s, deleted_reason = %s, updated_at = %s"
    run(f"UPDATE {stage.table} SET {setting} WHERE {mine}", [stage.moment(now), reason[:200], stage.moment(now)])
    stage.write_history("~", now, user, reason)
