"""One person's habits with one list, as the page needs them: columns, default filter, and what they have seen."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any, NamedTuple

from django.contrib.auth import get_user_model
from django.db.models import CharField, IntegerField, QuerySet, Subquery, Value
from django.db.models.functions import Cast, Coalesce, JSONObject
from django.utils import timezone

from .models import VISIT_GAP, Habit

HABIT = -1  # the number of the habit's row among the options that it is read with


class Visit(NamedTuple):
    """Somebody who is signed in, at one list: all that the query for their habit is made of."""

    page: str
    pk: int
    role: str
    is_superuser: bool

    @property
    def is_authenticated(self) -> bool:
        return True

    @classmethod
    def of(cls, user: Any, page: str) -> Visit | None:
        """None for a stranger."""
        if user is None or not user.is_authenticated:
            return None
        return cls(page, user.pk, user.role, user.is_superuser)


class Default(NamedTuple):
    """The saved filter that a list opens with."""

    pk: int
    name: str
    query: str


class Habits(NamedTuple):
    """Keys of the chosen columns; rows with a key above `mark` are new (None: no visit is known). `newest` is the highest key
    there is, read with the rest: what came in later is not seen by who looks at the page now.
    """

    columns: tuple[str, ...] = ()
    mark: int | None = None
    default: Default | None = None
    newest: int = 0

    @property
    def has_new(self) -> bool:
        return self.mark is not None and self.newest > self.mark

    @classmethod
    def read(cls, newest: str | None, text: str) -> Habits:
        """What `habit_row` wrote."""
        highest = int(newest or 0)
        if not text:
            return cls(newest=highest)
        found = json.loads(text)
        default = Default(found["default"], found["name"], found["query"]) if found["default"] else None
        mark = found["latest"] if has_ended(found["visited"]) else found["seen"]
        return cls(tuple(filter(None, found["columns"].split(","))), mark, default, highest)


def has_ended(visited: str | None) -> bool:
    """Whether that was so long ago (a moment as JSON has it, UTC where it names no zone) that a new visit begins."""
    if not visited:
        return False
    moment = dt.datetime.fromisoformat(visited)
    return (moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)) < timezone.now() - VISIT_GAP


def habit_row(visit: Visit, records: QuerySet) -> QuerySet:
    """The key of the newest of `records` and the habit, if there is one, as a row in the shape of `option_rows`, so that one
    query brings all.
    """
    text = JSONObject(
        columns="columns",
        seen="seen_key",
        latest="latest_key",
        visited="visited_at",
        default="usable_filter",
        name="default_filter__name",
        query="default_filter__query",
    )
    habit = Habit.of(visit, visit.page).values_list(Cast(text, CharField()))
    newest = records.order_by("-pk").values("pk")[:1]
    rows = get_user_model().objects.filter(pk=visit.pk).order_by()
    return rows.values_list(
        Value(HABIT, output_field=IntegerField()),
        Value(0, output_field=IntegerField()),
        Cast(Subquery(newest), CharField()),
        Value("", output_field=CharField()),
        Coalesce(Subquery(habit), Value(""), output_field=CharField()),
    )
