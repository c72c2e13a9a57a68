"""What a form wrote: seen at the database, so that no view and no bulk write can pass by it unseen."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from django.apps import apps
from django.db.models import Max

from certifications.models import CompanyNote
from certifications.sheets.tasks import bring_in, undo
from tanxun.digest.models import NewsItem
from tanxun.digest.tasks import accept_all
from tanxun.jobs.models import Job

WRITING = re.compile(r'\s*(?:INSERT(?: OR \w+)? INTO|UPDATE|DELETE FROM)\s+"?(\w+)', re.IGNORECASE)
NO_FACTS = (CompanyNote,)  # a consultant's own words about a company
WORK = (bring_in, undo, accept_all)  # what writes records later, in the background


@cache
def facts() -> tuple[Any, ...]:
    """The models of what the site tells as true: everything with a history in both apps, and market news."""
    models = [model for label in ("certifications", "policies") for model in apps.get_app_config(label).get_models()]
    kept = [model for model in models if hasattr(model._meta, "simple_history_manager_attribute")]
    return (*(model for model in kept if model not in NO_FACTS), NewsItem)


@cache
def _tables() -> tuple[frozenset[str], dict[str, Any]]:
    """The tables of all facts, with those of their many-to-many rows; and of each history its model."""
    own = {model._meta.db_table for model in facts()}
    own |= {each.remote_field.through._meta.db_table for model in facts() for each in model._meta.many_to_many}
    histories = {model.history.model._meta.db_table: model for model in facts()}
    return frozenset(own | set(histories)), histories


class Watch:
    """An `execute_wrapper`. `wrote` says whether a fact was written; `floors` has the newest entry of each history before it
    was first added to; `job` is the kind of work that was started.
    """

    def __init__(self) -> None:
        self.wrote = False
        self.floors: dict[Any, int] = {}
        self.job = ""

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        found = WRITING.match(sql)
        if found:
            self._note(found[1], params, many)
        return execute(sql, params, many, context)

    def _note(self, table: str, params: Any, many: bool) -> None:
        tables, histories = _tables()
        if table in histories and (model := histories[table]) not in self.floors:
            self.floors[model] = model.history.aggregate(last=Max("history_id"))["last"] or 0
        if table == Job._meta.db_table and not many:
            kinds = {work.module_path for work in WORK} & {value for value in params or () if isinstance(value, str)}
            self.job = next(iter(kinds), self.job)
        self.wrote = self.wrote or table in tables or bool(self.job)
