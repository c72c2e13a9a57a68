"""Dates that may be known to the month or year only: the field that takes them. Asked by the forms and the admin."""

import calendar
import datetime as dt
import re
import unicodedata

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from tanxun.records.days import check_year
from tanxun.records.models import Precision

PRINTED = re.compile(r"(?P<year>\d{4})\s*(?:[-/.年]\s*(?:(?P<month>\d{1,2})\s*(?:[-/.月]\s*(?:(?P<day>\d{1,2})\s*日?\s*)?)?)?)?")


def parsed(text: str, ends: bool = False) -> tuple[dt.date, str]:
    """The day and how exactly it is known, of 2026-03-05, 2026/3/5, 2026年3月5日, 2026-03, 2026年3月 or 2026.

    Of a month or year the first day, the last where something `ends` then. Raises ValueError for anything else.
    """
    found = PRINTED.fullmatch(unicodedata.normalize("NFKC", text).strip())
    if not found:
        raise ValueError(text)
    year, month, day = (int(found[name]) if found[name] else None for name in ("year", "month", "day"))
    if day is not None:
        return dt.date(year, month, day), Precision.DAY.value
    if month is not None:
        last = calendar.monthrange(year, month)[1] if 1 <= month <= 12 and year else 1
        return dt.date(year, month, last if ends else 1), Precision.MONTH.value
    return (dt.date(year, 12, 31) if ends else dt.date(year, 1, 1)), Precision.YEAR.value


class LooseDateField(forms.DateField):
    """A day, a month or a year; cleaned to a date, with `precision` beside it. What it is shown with is text or a date."""

    widget = forms.TextInput(attrs={"inputmode": "text", "autocomplete": "off", "placeholder": "2026-03-05"})
    default_validators = [check_year]
    default_error_messages = {"invalid": _("Give a day, a month or a year, such as 2026-03-05, 2026-03 or 2026.")}

    def __init__(self, *, ends=False, **kwargs):
        self.ends, self.precision = ends, Precision.DAY.value
        super().__init__(**{"required": False} | kwargs)

    def read(self, value):
        """The date and its precision, or None; raises ValidationError."""
        if value in self.empty_values:
            return None
        if isinstance(value, dt.datetime):
            value = value.date()
        if isinstance(value, dt.date):
            return value, Precision.DAY.value
        try:
            return parsed(str(value), self.ends)
        except ValueError:
            raise ValidationError(self.error_messages["invalid"], code="invalid") from None

    def clean(self, value):
        found = self.read(value)
        day, self.precision = found or (None, Precision.DAY.value)
        self.validate(day)
        self.run_validators(day)
        return day

    def prepare_value(self, value):
        return value.isoformat() if isinstance(value, dt.date) else value

    def has_changed(self, initial, data):
        try:
            return self.read(initial) != self.read(data)
        except ValidationError:
            return True


def loose_precisions(form: forms.Form) -> dict[str, str]:
    """{name: month or year} of the dates of a cleaned `form` that are not known to the day."""
    fields = {name: field for name, field in form.fields.items() if isinstance(field, LooseDateField)}
    return {
        name: field.precision
        for name, field in fields.items()
        if form.cleaned_data.get(name) and field.precision != Precision.DAY
    }
