"""Values of the entry forms as one line of words: for the review desk, the accuracy of the reader and conflicts of sources."""

from __future__ import annotations

from typing import Any

from django import forms


def worded(asked: forms.Field | None, value: str) -> str:
    """The label of a coded value; any other value as it is."""
    if not isinstance(asked, forms.ChoiceField) or isinstance(asked, forms.ModelChoiceField):
        return value
    return str(dict(asked.choices).get(value, value))  # type: ignore[arg-type]


TABLE_COLUMNS = {
    "documents": ("title", "number"),
    "targets": ("indicator", "value", "unit", "year"),
    "incentives": ("amount", "currency", "sentence"),
    "links": ("kind", "title"),
}


def shown(value: Any) -> str:
    """A value of the form as one line of words."""
    if isinstance(value, dict):
        return " ".join(
            trimmed(value[name]) for names in TABLE_COLUMNS.values() if set(names) <= set(value) for name in names
        ).strip()
    if isinstance(value, list | tuple):
        return "；".join(shown(each) for each in value)
    return trimmed(value)


def trimmed(value: Any) -> str:
    """Figures without the zeros that a column adds; nothing for None."""
    if value is None:
        return ""
    text = str(value)
    is_figure = "." in text and text.replace(".", "", 1).lstrip("-").isdigit()
    return text.rstrip("0").rstrip(".") if is_figure else text
