"""Taking back a whole import: what it added and nobody has touched since is deleted, softly and with a reason."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone

from certifications.models import Company, VerificationStatement

from .staging import Model, Stage, run


def take_back(moment: dt.datetime, user: int | None, reason: str) -> tuple[int, int]:
    """Delete the statements that an import of that moment added, then its companies that no live statement points to.

    What was changed since is kept, as is what the import changed in older records. Call it in a transaction.
    Gives how many statements were deleted and how many of the import's are kept.
    """
    now = timezone.now()
    added = _added(VerificationStatement, "stage_undone_statement", moment)
    run(f"DELETE FROM {added.name} WHERE deleted_at IS NOT NULL")
    before = added.size()
    _keep_touched(added, moment)
    deleted = added.size()
    _delete(added, now, user, reason)
    companies = _added(Company, "stage_undone_company", moment)
    _keep_touched(companies, moment)
    held = f"SELECT 1 FROM {added.table} AS live WHERE live.deleted_at IS NULL"
    ways = " OR ".join(f"live.{column} = {companies.name}.id" for column in ("company_id", "consultant_id"))
    companies.discard(f"deleted_at IS NOT NULL OR EXISTS ({held} AND ({ways}))")
    _delete(companies, now, user, reason)
    return deleted, before - deleted


def _added(model: Model, name: str, moment: dt.datetime) -> Stage:
    stage = Stage(model, name)
    history = model.history.model._meta.db_table  # type: ignore[attr-defined]
    keys = f"SELECT past.id FROM \"{history}\" AS past WHERE past.history_date = %s AND past.history_type = '+'"
    stage.gather(f"id IN ({keys})", [moment])
    return stage


def _keep_touched(stage: Stage, moment: dt.datetime) -> None:
    history = stage.model.history.model._meta.db_table  # type: ignore[attr-defined]
    later = f'SELECT 1 FROM "{history}" AS past WHERE past.id = {stage.name}.id AND past.history_date > %s'
    run(f"DELETE FROM {stage.name} WHERE EXISTS ({later})", [stage.moment(moment)])


def _delete(stage: Stage, now: dt.datetime, user: int | None, reason: str) -> None:
    mine = f"id IN (SELECT id FROM {stage.name})"
    setting = "deleted_at = %s, deleted_reason = %s, updated_at = %s"
    run(f"UPDATE {stage.table} SET {setting} WHERE {mine}", [stage.moment(now), reason[:200], stage.moment(now)])
    stage.write_history("~", now, user, reason)
