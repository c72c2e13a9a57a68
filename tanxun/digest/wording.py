"""Values of the entry forms in words: for the review desk, the accuracy of the reader and conflicts of sources."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms

from policies.forms import ROWS
from policies.models import Target
from tanxun.listing.figures import figure


def worded(asked: forms.Field | None, value: str) -> str:
    """The label of a coded value; any other value as it is."""
    if not isinstance(asked, forms.ChoiceField) or isinstance(asked, forms.ModelChoiceField):
        return value
    return str(dict(asked.choices).get(value, value))  # type: ignore[arg-type]


# The columns of the small tables that a line of words has, a cell with its label where the value alone would not say what it is.
TABLE_COLUMNS = {
    "documents": ("title", "number"),
    "targets": ("indicator", "comparator", "value", "unit", "base", "year"),
    "incentives": ("amount", "currency", "kind", "cap", "apply_by", "sentence"),
    "links": ("kind", "title"),
}
LABELLED = {"cap", "apply_by"}
# The column that only rows of that table have.
MARKS = {"indicator": "targets", "amount": "incentives", "number": "documents", "title": "links"}


def shown(value: Any) -> str:
    """A value of the form as one line of words, of a small table a line for each row."""
    if isinstance(value, dict):
        return row_shown(value)
    if isinstance(value, list | tuple):
        divider = "\n" if any(isinstance(each, dict) for each in value) else "；"
        return divider.join(shown(each) for each in value)
    return trimmed(value)


def row_shown(row: dict[str, Any]) -> str:
    """A row of a small table; "" for any other value of several parts."""
    name = next((name for mark, name in MARKS.items() if mark in row), "")
    return " ".join(filter(None, (cell(name, column, row.get(column)) for column in TABLE_COLUMNS.get(name, ()))))


def cell(name: str, column: str, value: Any) -> str:
    text = trimmed(value)
    if not text or is_default(name, column, value):
        return ""
    asked = ROWS[name].form.base_fields[column]
    if isinstance(asked, forms.DecimalField):
        text = figure(Decimal(text))
    return f"{asked.label} {text}" if column in LABELLED else worded(asked, text)


def is_default(name: str, column: str, value: Any) -> bool:
    """What goes without saying: a figure is reached exactly."""
    return (name, column, value) == ("targets", "comparator", Target.Comparator.EXACTLY)


def trimmed(value: Any) -> str:
    """Figures without the zeros that a column adds; nothing for None."""
    if value is None:
        return ""
    text = str(value)
    is_figure = "." in text and text.replace(".", "", 1).lstrip("-").isdigit()
    return text.rstrip("0").rstrip(".") if is_figure else text
