"""One person's habits with one list, as the page needs them: columns, default filter, and what they have seen."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from django.db.models import CharField, F, IntegerField, QuerySet, Value
from django.db.models.functions import Cast, JSONObject

from .models import Habit

HABIT = -1  # the number of the habit's row among the options that it is read with


class Default(NamedTuple):
    """The saved filter that a list opens with."""

    pk: int
    name: str
    query: str


class Habits(NamedTuple):
    """Keys of the chosen columns; rows with a key above `mark` are new (None: no visit is known)."""

    columns: tuple[str, ...] = ()
    mark: int | None = None
    default: Default | None = None

    @classmethod
    def read(cls, text: str) -> Habits:
        """What `habit_row` wrote."""
        found = json.loads(text)
        default = Default(found["default"], found["name"], found["query"]) if found["default"] else None
        return cls(tuple(filter(None, found["columns"].split(","))), found["mark"], default)


def habit_row(user: Any, page: str) -> QuerySet | None:
    """The habit as a row in the shape of `option_rows`, so that one query brings both. None for a stranger."""
    if user is None or not user.is_authenticated:
        return None
    text = JSONObject(
        columns="columns", mark="mark", default="usable_filter", name="default_filter__name", query="default_filter__query"
    )
    return Habit.of(user, page).values_list(
        Value(HABIT, output_field=IntegerField()),
        Value(0, output_field=IntegerField()),
        Cast("pk", CharField()),
        Cast(F("page"), CharField()),
        Cast(text, CharField()),
    )
