"""One parameter of a list's query string: how it is read, what it refuses, which rows it asks for. Pages declare these filters.

Every parameter arrives as a list of texts and is parsed by its filter alone; what no filter understands is refused.
"""

from __future__ import annotations

import copy
import datetime as dt
import re
from collections.abc import Callable
from typing import Any

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Count, ExpressionWrapper, F, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from tanxun.search import question

MAX_VALUES = 200
MAX_TEXT = 200
KEY = re.compile(r"[0-9]{1,18}")  # what a database can hold as the key of a record
WITHOUT_NUL = r"^[^\u0000]*$"  # halves of surrogates are no text in an address, and many readers of patterns know none
Tally = dict[str, int]
# What chat programs and campaigns add to a shared link; it says nothing about the list.
DECORATION = re.compile(r"utm_.*|from|isappinstalled|nsukey|scene|clicktime|enterid|sharer_.*")


class ValuesWidget(forms.Widget):
    """All values of a parameter; an empty one counts as absent."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[str]:
        return [value for value in data.getlist(name) if value]


class ParameterField(forms.Field):
    """A list of texts → what the filter's `parse` makes of them: a list where the filter takes many, else one value or None."""

    widget = ValuesWidget

    def __init__(self, *, parse: Callable[[str], Any], takes_many: bool, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.parse, self.takes_many = parse, takes_many

    def clean(self, value: list[str]) -> Any:
        if len(value) > MAX_VALUES:
            raise ValidationError(_("At most %(count)s values.") % {"count": MAX_VALUES})
        if len(value) > 1 and not self.takes_many:
            raise ValidationError(_("Give this only once."))
        if any("\0" in text for text in value):
            raise ValidationError(_("NUL characters cannot be read."))
        parsed = [self.parse(text) for text in dict.fromkeys(value)]
        return parsed if self.takes_many else next(iter(parsed), None)


class Parameter(django_filters.Filter):
    """A filter that takes texts. Subclasses say how one is parsed and which condition the parsed values make."""

    field_class = ParameterField
    takes_many = False
    control = "hidden"  # how the filter form shows it: hidden, search, checkboxes, tree, select, number, date, flag, mark
    is_looked_up = False  # whether each row is looked up elsewhere (search index, other tables), so that counting takes long

    @property
    def field(self) -> ParameterField:
        if not hasattr(self, "_field"):
            self._field = ParameterField(parse=self.parse, takes_many=self.takes_many, label=self.label, required=False)
        return self._field

    def __deepcopy__(self, memo: Any) -> Parameter:
        """For one question: what is set anew for it (options, form field) is replaced there, and nothing is changed in place."""
        return copy.copy(self)

    def companions(self, name: str) -> dict[str, Parameter]:
        """Further parameters that come with this one, by name."""
        return {}

    def parse(self, text: str) -> Any:
        """The value of `text`. Raises ValidationError for what it does not understand."""
        raise NotImplementedError

    def condition(self, value: Any) -> Q:
        """Which rows the parsed value (a list where the filter takes many) asks for."""
        return Q(**{f"{self.field_name}__{self.lookup_expr}": value})

    def filter(self, qs: QuerySet, value: Any) -> QuerySet:
        return qs if value in (None, []) else self.get_method(qs)(self.condition(value))

    def tally(self, rows: QuerySet, unit: str) -> Tally:
        """How many of `rows` each choice of this filter leads to, by its text in the address; 0 may be missing.

        `unit` is what is counted: "pk" the rows themselves, else the different values of that path.
        """
        return {}

    def words(self, text: str) -> str:
        """How a value of the address reads to a person."""
        return text

    def schema(self) -> dict[str, Any]:
        """JSON Schema of one value, as far as it can say which ones are understood: for the description of the API."""
        return {"type": "string", "pattern": WITHOUT_NUL, "maxLength": MAX_TEXT}


def counted(unit: str, condition: Q | None = None) -> Count:
    """The number of rows, or of different values of the path `unit`, that fulfil `condition`."""
    return Count(unit, distinct=unit != "pk", filter=condition)


class OfGroup(ExpressionWrapper):
    """An expression over nothing but what rows are grouped by: worked out once a group, where Min() of it would be for each
    row, and as one more term to group by would keep an index from giving the groups in order.
    """

    def get_group_by_cols(self) -> list[Any]:
        return []


def tally_conditions(rows: QuerySet, unit: str, conditions: dict[str, Q]) -> Tally:
    """How many of `rows` fulfil each condition, by one query."""
    if not conditions:
        return {}
    found = rows.order_by().aggregate(**{f"n{number}": counted(unit, one) for number, one in enumerate(conditions.values())})
    return dict(zip(conditions, found.values(), strict=True))


def is_narrowed(rows: QuerySet) -> bool:
    """Whether anything is asked of them beside the manager's own condition."""
    return len(rows.query.where.children) > 1


def tally_by(rows: QuerySet, path: str, unit: str) -> QuerySet:
    """How many of `rows` by each value of `path`. A date by days and not by years: an index holds them in order.

    Of a narrowed list an index by `path` would be the wrong way: SQLite would walk all of it for a few rows. An expression
    keeps it off.
    """
    value = Coalesce(path, path) if is_narrowed(rows) else F(path)
    return rows.order_by().annotate(counted_by=value).values_list("counted_by").annotate(n=counted(unit))


class SearchFilter(Parameter):
    """Full text, by `queryset.search()` of tanxun.search."""

    control = "search"
    is_looked_up = True

    def parse(self, text: str) -> str:
        question.parse(text)
        return text

    def filter(self, qs: Any, value: str | None) -> QuerySet:
        return qs.search(value) if value else qs


class WholeNumberFilter(Parameter):
    """A whole number from `low` to `high`, in ASCII digits. `condition` makes the rows' condition of it."""

    control = "number"

    def __init__(
        self,
        *,
        low: int,
        high: int,
        condition: Callable[[int], Q] | None = None,
        shows: bool = True,
        unit: Any = "",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.low, self.high, self.unit, self._condition = low, high, unit, condition
        self.control = "number" if shows else "hidden"

    def parse(self, text: str) -> int:
        if not re.fullmatch(r"[0-9]{1,9}", text, re.ASCII) or not self.low <= int(text) <= self.high:
            raise ValidationError(_("Give a whole number from %(low)s to %(high)s.") % {"low": self.low, "high": self.high})
        return int(text)

    def words(self, text: str) -> str:
        return f"{super().words(text)} {self.unit}" if self.unit else super().words(text)

    def schema(self) -> dict[str, Any]:
        return {"type": "integer", "minimum": self.low, "maximum": self.high}

    def condition(self, value: int) -> Q:
        return self._condition(value) if self._condition else super().condition(value)


class FlagFilter(Parameter):
    """`1` asks for the rows of `condition`, `0` for the others."""

    control = "flag"

    def __init__(self, *, condition: Callable[[], Q], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._condition = condition

    def parse(self, text: str) -> bool:
        if text not in ("0", "1"):
            raise ValidationError(_("Give 1 or 0."))
        return text == "1"

    def condition(self, value: bool) -> Q:
        return self._condition() if value else ~self._condition()

    def tally(self, rows: QuerySet, unit: str) -> Tally:
        return tally_conditions(rows, unit, {"1": self.condition(True), "0": self.condition(False)})

    def words(self, text: str) -> str:
        return str(_("yes") if text == "1" else _("no"))

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "enum": ["0", "1"]}


class SinceVisitFilter(Parameter):
    """`1` asks for the rows that came in since the visitor's last visit to this list; nobody's visit is known: none."""

    control = "mark"

    def parse(self, text: str) -> bool:
        if text != "1":
            raise ValidationError(_("Give 1."))
        return True

    def condition(self, value: bool) -> Q:
        mark = self.parent.habit.mark
        return Q(pk__in=[]) if mark is None else Q(pk__gt=mark)

    def tally(self, rows: QuerySet, unit: str) -> Tally:
        return tally_conditions(rows, unit, {"1": self.condition(True)})

    def words(self, text: str) -> str:
        return str(_("since my last visit"))

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "enum": ["1"]}


class SelectedFilter(Parameter):
    """Records by their keys, `3,5,8`: the rows that somebody ticked. The form sends a 0 too, so that no tick is no row."""

    def parse(self, text: str) -> list[int]:
        keys = list(dict.fromkeys(text.split(",")))
        if not all(KEY.fullmatch(key) for key in keys):
            raise ValidationError(_("Give the numbers of records, with commas between them."))
        if len(keys) > MAX_VALUES:
            raise ValidationError(_("At most %(count)s values.") % {"count": MAX_VALUES})
        if not (chosen := [int(key) for key in keys if int(key)]):
            raise ValidationError(_("Tick at least one row."))
        return chosen

    def condition(self, value: list[int]) -> Q:
        return Q(pk__in=value)

    def words(self, text: str) -> str:
        count = len(set(text.split(",")) - {"0"})
        return ngettext("%(count)s row", "%(count)s rows", count) % {"count": count}

    def schema(self) -> dict[str, Any]:
        # Looked for ahead: one of them, at least, is not 0.
        return {"type": "string", "pattern": rf"^(?=.*[1-9]){KEY.pattern}(,{KEY.pattern}){{0,{MAX_VALUES - 1}}}$"}


class WeekFilter(Parameter):
    """An ISO week, `2026-W03`, by the week that a record belongs to: its Monday and Sunday."""

    def parse(self, text: str) -> tuple[dt.date, dt.date]:
        try:
            if not (parts := re.fullmatch(r"(\d{4})-W(\d\d)", text, re.ASCII)):
                raise ValueError(text)
            monday = dt.date.fromisocalendar(int(parts[1]), int(parts[2]), 1)
            return monday, monday + dt.timedelta(days=6)
        except (ValueError, OverflowError):
            raise ValidationError(_("Give a week as 2026-W03.")) from None

    def condition(self, value: tuple[dt.date, dt.date]) -> Q:
        return Q(**{f"{self.field_name}__range": value})

    def schema(self) -> dict[str, Any]:
        # Some years have a week 53; that is understood, too.
        return {"type": "string", "pattern": "^[1-8][0-9]{3}-W(0[1-9]|[1-4][0-9]|5[0-2])$", "example": "2026-W03"}


class DateFilter(Parameter):
    """A day as YYYY-MM-DD."""

    control = "date"

    def parse(self, text: str) -> dt.date:
        try:
            if not re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII):
                raise ValueError(text)
            return dt.date.fromisoformat(text)
        except ValueError:
            raise ValidationError(_("Give a date as YYYY-MM-DD.")) from None

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "format": "date"}
