"""What columns hold in a file, as SQL expressions: the database words labels, dates, numbers and lists itself.

Declarations of pages use them where a column's words are made of more than its path; `Column.in_file()` does for the rest.
A test holds every column of every page to what Python says of the same values.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.db.models import Case, CharField, Expression, F, Func, IntegerField, Subquery, TextField, Value, When
from django.db.models.functions import Cast, Coalesce, Concat, NullIf, Substr
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from tanxun.regions.words import FullName

HOLE = "\0"


class Worded(Func):
    """A coded value by its label; a value without a label as it is."""

    output_field = TextField()

    def __init__(self, path: Any, choices: Iterable[tuple[Any, Any]]) -> None:
        super().__init__(path)
        self.labels = [str(part) for value, label in choices if value for part in (value, label)]

    def as_sql(self, compiler: Any, connection: Any, *args: Any, **extra: Any) -> tuple[str, Any]:
        sql, params = compiler.compile(self.source_expressions[0])
        whens = " WHEN %s THEN %s" * (len(self.labels) // 2)
        return f"CASE {sql}{whens} ELSE {sql} END", [*params, *self.labels, *params]


class Joined(Subquery):
    """The values of a queryset with the one column `item` as one text, in its order; NULL where there are none."""

    output_field = TextField()

    def as_sql(self, compiler: Any, connection: Any, template: str | None = None, **extra: Any) -> tuple[str, tuple[Any, ...]]:
        gather = "string_agg(item::text" if connection.vendor == "postgresql" else "group_concat(item"
        template = f"(SELECT {gather}, %%s) FROM (%(subquery)s) AS items)"  # noqa: S608 - our own two words
        sql, params = super().as_sql(compiler, connection, template=template, **extra)
        return sql, (_(", "), *params)


class Items(Func):
    """A stored JSON list as one text, in its order; NULL where it is empty."""

    output_field = TextField()

    def as_sqlite(self, compiler: Any, connection: Any, **extra: Any) -> tuple[str, Any]:
        return self._gathered(compiler, "SELECT group_concat(value, %s) FROM json_each({})")

    def as_postgresql(self, compiler: Any, connection: Any, **extra: Any) -> tuple[str, Any]:
        elements = "jsonb_array_elements_text(NULLIF({}, 'null'::jsonb)) WITH ORDINALITY AS items(item, place)"
        return self._gathered(compiler, f"SELECT string_agg(item, %s ORDER BY place) FROM {elements}")  # noqa: S608

    def _gathered(self, compiler: Any, template: str) -> tuple[str, Any]:
        sql, params = compiler.compile(self.source_expressions[0])
        return f"({template.format(sql)})", [_(", "), *params]


class Figure(Func):
    """A number without trailing zeros. PostgreSQL writes the text; SQLite, which keeps no decimals, hands over the number."""

    def as_sql(self, compiler: Any, connection: Any, *args: Any, **extra: Any) -> tuple[str, Any]:
        return compiler.compile(self.source_expressions[0])

    def as_postgresql(self, compiler: Any, connection: Any, **extra: Any) -> tuple[str, Any]:
        sql, params = self.as_sql(compiler, connection, **extra)
        return f"trim_scale(({sql})::numeric)::text", params


class DaysUntil(Func):
    """How many days from `today` to the day at a path; less than 0 where it has passed."""

    output_field = IntegerField()

    def __init__(self, path: Any, today: dt.date) -> None:
        super().__init__(path, Value(today.isoformat(), output_field=TextField()))

    def as_sqlite(self, compiler: Any, connection: Any, **extra: Any) -> tuple[str, Any]:
        (day, params), (today, more) = (compiler.compile(part) for part in self.source_expressions)
        return f"CAST(julianday({day}) - julianday({today}) AS integer)", [*params, *more]

    def as_postgresql(self, compiler: Any, connection: Any, **extra: Any) -> tuple[str, Any]:
        return super().as_sql(compiler, connection, template="(%(expressions)s::date)", arg_joiner=" - ", **extra)


def plain(value: Any) -> Expression:
    """A value as text; a day as YYYY-MM-DD."""
    return Cast(value, TextField())


def day_text(path: str, precision: str) -> Expression:
    """`columns.known_day` in SQL: the precision stands at a path of its own."""
    day = plain(path)
    loose = [When(**{precision: word}, then=Substr(day, 1, length)) for word, length in (("month", 7), ("year", 4))]
    return Case(*loose, default=day, output_field=TextField())


def filled(text: str, name: str, expression: Any) -> Expression:
    """A sentence with an expression in the place of its %(name)s."""
    before, after = (text % {name: HOLE}).split(HOLE)
    return Concat(Value(before), Cast(expression, TextField()), Value(after), output_field=TextField())


def given(path: Any) -> Expression:
    """What stands there, NULL where that is nothing."""
    return NullIf(path, Value(""), output_field=CharField())


def name_in_language(name: str = "name", name_en: str = "name_en") -> Expression:
    """The English name where English is spoken and there is one, else the Chinese: `columns.in_language` in SQL."""
    if is_english():
        return Coalesce(given(name_en), F(name), output_field=CharField())
    return Coalesce(F(name), Value(""), output_field=CharField())


def region_text(path: str = "region") -> Expression:
    """`columns.region_words` in SQL."""
    full = Coalesce(FullName(F(f"{path}_id")), F(f"{path}__name"), output_field=CharField())
    return Coalesce(given(f"{path}__name_en"), full, output_field=CharField()) if is_english() else full


def first_given(*parts: Any) -> Expression:
    """The first that is not NULL."""
    return Coalesce(*parts, Value(""), output_field=TextField())


def only_if(then: Any, **condition: Any) -> Expression:
    """`then` where the condition holds, else NULL."""
    return Case(When(**condition, then=then), output_field=TextField())


def is_english() -> bool:
    return (get_language() or "").startswith("en")
