"""The full name of a division inside a query: the shipped table's words for a code, in the words of the database at hand."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import CharField, Func

from .names import load


class FullName(Func):
    """江苏省苏州市昆山市 for the code 320583; NULL for a code that the shipped table does not know."""

    function = "tanxun_full_name"
    arity = 1
    output_field = CharField()

    def as_postgresql(self, compiler: Any, connection: BaseDatabaseWrapper, **extra: Any) -> tuple[str, list[Any]]:
        # The planner reads the whole table once, as a constant; a join with the stored regions would not know former wording.
        sql, params = self.as_sql(compiler, connection, template="(%%s::jsonb ->> %(expressions)s)", **extra)
        return sql, [json.dumps(full_names(), ensure_ascii=False), *params]


@cache
def full_names() -> dict[str, str]:
    """Full name by code."""
    return {division.code: load().full_name(division.code) for division in load()}


def add_to_connection(connection: BaseDatabaseWrapper, **kwargs: Any) -> None:
    """SQLite asks this process for the name; called whenever a connection is made."""
    if connection.vendor == "sqlite":
        connection.connection.create_function("tanxun_full_name", 1, lambda code: full_names().get(code), deterministic=True)
