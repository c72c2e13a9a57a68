"""What a row says to programs: the members of its JSON object, their types and what they mean. For the API and the dump.

Words as on the page, beside them codes and keys to work with; exact numbers; what is not stated is null.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from functools import partial
from typing import Any, NamedTuple

from django.db.models import DecimalField
from django.utils.translation import gettext as _

from .columns import Column, number_text
from .cursor import fields_of
from .page import ListPage, Rows

DECIMAL = r"^-?[0-9]+(\.[0-9]+)?$"
DAY = r"^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$"
Made = Callable[[Sequence[Any]], Any]


class Member(NamedTuple):
    """One member: `schema` is its JSON Schema without the null that every member but `id` and `url` may be."""

    key: str
    label: str
    schema: dict[str, Any]
    unit: str = ""
    about: str = ""
    values: tuple[tuple[str, str], ...] = ()


def objects(rows: Rows) -> Callable[[Sequence[Any]], dict[str, Any]]:
    """Makes the object of a row of `one_page`, `one_row` or `dumped`, of rows that are `for_programs`."""
    address, makers = rows.page.record_address, list(_makers(rows))

    def made(row: Sequence[Any]) -> dict[str, Any]:
        return {"id": row[0], "url": address % {"key": row[0]}} | {key: make(row) for key, make in makers}

    return made


def _makers(rows: Rows) -> Iterator[tuple[str, Made]]:
    """The members in order, each with what makes its value of a whole row."""
    start, codes = 1, {name: place - len(rows.codes) for place, name in enumerate(rows.codes)}
    for column in rows.columns:
        end = start + len(column.fields)
        yield column.key, partial(_part, _told(column), start, end)
        if column.choices:
            yield f"{column.key}_key", partial(_stated, start)
        elif column.code:
            yield f"{column.key}_key", partial(_stated, codes[f"code_of_{column.key}"])
        if has_key(column):
            yield f"{column.key}_id", partial(_stated, end - 1)
        start = end


def _part(make: Made, start: int, end: int, row: Sequence[Any]) -> Any:
    return make(row[start:end])


def _stated(place: int, row: Sequence[Any]) -> Any:
    return None if row[place] == "" else row[place]


def _told(column: Column) -> Made:
    """What makes the value of a column's part of a row."""
    if column.kind == "date":
        return (lambda values: _day(column.read(values).value)) if column.text else (lambda values: _day(values[0]))
    if column.kind == "number":
        return lambda values: number_text(values[0]) if isinstance(values[0], Decimal) else values[0]
    if column.kind == "list":
        return lambda values: [str(one) for one in column.read(values).value or ()]
    return lambda values: str(value) if (value := column.read(values).value) not in (None, "") else None


def _day(day: dt.date | str | None) -> str | None:
    return day.isoformat() if isinstance(day, dt.date) else day or None


def has_key(column: Column) -> bool:
    """Whether it leads to another record, whose key is told, too."""
    return bool(column.link) and column.link_path != "pk"


def members(page: ListPage) -> Iterator[Member]:
    """Everything that a row of the list can hold."""
    yield Member("id", _("Key"), {"type": "integer", "minimum": 1}, about=_("Stays the same as long as the record is there."))
    yield Member("url", _("Link"), {"type": "string", "format": "uri"}, about=_("The page of the record on this site."))
    for column in page.all_columns:
        yield from members_of(page, column)


def members_of(page: ListPage, column: Column) -> Iterator[Member]:
    label = str(column.label)
    yield Member(column.key, label, _schema(page, column), column.unit, str(column.about))
    if column.choices:
        values = tuple((str(value), str(words)) for value, words in column.choices if value != "")
        # Not an enum: a later version may know more, and a reader should not break on it.
        about = _("The code of the same.")
        yield Member(f"{column.key}_key", label, {"type": "string"}, about=about, values=values)
    elif column.code:
        about = _("The code of the same, as the filters take it.")
        yield Member(f"{column.key}_key", label, {"type": "string"}, about=about)
    if has_key(column):
        yield Member(f"{column.key}_id", label, {"type": "integer"}, about=_("The key of that record."))


def _schema(page: ListPage, column: Column) -> dict[str, Any]:
    if column.kind == "date":
        return {"type": "string", "pattern": DAY} if column.text else {"type": "string", "format": "date"}
    if column.kind == "number":
        return {"type": "string", "pattern": DECIMAL} if is_decimal(page, column.path) else {"type": "integer"}
    if column.kind == "list":
        return {"type": "array", "items": {"type": "string"}}
    return {"type": "string"}


def is_decimal(page: ListPage, path: str) -> bool:
    """Whether the number at that path has places after the point."""
    computed = page.prepare(page.queryset.all(), {}).query.annotations.get(path)
    if computed is not None:
        return isinstance(computed.output_field, DecimalField)
    *_earlier, field = fields_of(page.queryset.model, path)
    return isinstance(field, DecimalField)


def type_words(member: Member) -> str:
    """Its type in words, for the codebook."""
    schema = member.schema
    if schema.get("pattern") == DECIMAL:
        return _("exact number, as text")
    if schema.get("pattern") == DAY:
        return _("date, or its year or month where no more is known")
    if schema.get("format") == "date":
        return _("date (YYYY-MM-DD)")
    words = {"integer": _("whole number"), "array": _("list of texts")}
    return words.get(schema["type"], _("text"))


def codebook(page: ListPage) -> dict[str, Any]:
    """All members in words. What is not stated is null everywhere, and an empty list in a list."""
    return {
        "list": page.slug,
        "title": str(page.title),
        "columns": [
            {
                "key": member.key,
                "label": member.label,
                "type": type_words(member),
                "unit": member.unit or None,
                "description": member.about or None,
                "values": [{"key": key, "label": label} for key, label in member.values] or None,
            }
            for member in members(page)
        ],
    }
