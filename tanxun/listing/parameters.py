"""What the query string of a list may say: the base FilterSet and its kinds of filter, which the pages of both apps declare.

Every parameter arrives as a list of texts and is parsed by its filter alone; what no filter understands is refused.
"""

from __future__ import annotations

import copy
import datetime as dt
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import CharField, F, IntegerField, Q, QuerySet, Value
from django.db.models.functions import Cast, Coalesce, NullIf
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from tanxun.regions.models import Region
from tanxun.regions.names import code_range, load

MAX_VALUES = 200
MAX_SEARCH_LENGTH = 200
MAX_SEARCH_WORDS = 10
NONE = "none"
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


class Option(NamedTuple):
    """A choice of a filter: the text in the address, the words on the page, and the keys of the rows it stands for."""

    value: str
    label: str
    keys: tuple[str, ...] = ()


class Parameter(django_filters.Filter):
    """A filter that takes texts. Subclasses say how one is parsed and which condition the parsed values make."""

    field_class = ParameterField
    takes_many = False
    control = "hidden"  # how the filter form shows it: hidden, search, checkboxes, select, number, date, flag

    @property
    def field(self) -> ParameterField:
        if not hasattr(self, "_field"):
            self._field = ParameterField(parse=self.parse, takes_many=self.takes_many, label=self.label, required=False)
        return self._field

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

    def words(self, text: str) -> str:
        """How a value of the address reads to a person."""
        return text


class SearchFilter(Parameter):
    """Full text, by `queryset.search()` of tanxun.search."""

    control = "search"

    def parse(self, text: str) -> str:
        if len(text) > MAX_SEARCH_LENGTH:
            raise ValidationError(_("At most %(count)s characters.") % {"count": MAX_SEARCH_LENGTH})
        if len(text.split()) > MAX_SEARCH_WORDS:
            raise ValidationError(_("At most %(count)s words.") % {"count": MAX_SEARCH_WORDS})
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

    def words(self, text: str) -> str:
        return str(_("yes") if text == "1" else _("no"))


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


class ChoiceFilter(Parameter):
    """Some of a fixed set of values. `name!` excludes them, `none` asks for rows without any.

    `further` adds values that are conditions of their own, as {value: (label, condition)}.
    """

    takes_many = True

    def __init__(
        self,
        *,
        choices: Iterable[tuple[str, Any]] = (),
        further: dict[str, tuple[Any, Q]] | None = None,
        control: str = "checkboxes",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.further, self.control = further or {}, control
        self.options = {value: Option(value, label) for value, label in choices}

    def companions(self, name: str) -> dict[str, Parameter]:
        other = copy.copy(self)
        other.exclude, other.control = True, "hidden"
        return {f"{name}!": other}

    def parse(self, text: str) -> str:
        if text not in self.options and text not in self.further and text != NONE:
            raise ValidationError(_("There is no such choice: %(value)s.") % {"value": text[:60]})
        return text

    def condition(self, value: Any) -> Q:
        wanted = Q()
        if known := [self.options[text] for text in value if text in self.options]:
            wanted |= self.chosen(known)
        for text in value:
            if text in self.further:
                wanted |= self.further[text][1]
        return wanted | self.empty() if NONE in value else wanted

    def chosen(self, options: Sequence[Option]) -> Q:
        return Q(**{f"{self.field_name}__in": [option.value for option in options]})

    def empty(self) -> Q:
        return Q(**{self.field_name: ""})

    def shown_options(self) -> list[Option]:
        """The choices that the filter form offers."""
        return [*(Option(value, label) for value, (label, _rows) in self.further.items()), *self.options.values()]

    def words(self, text: str) -> str:
        if text in self.further:
            return str(self.further[text][0])
        return str(self.options[text].label if text in self.options else _("not stated") if text == NONE else text)


class RowChoiceFilter(ChoiceFilter):
    """Some rows of another table, named by `value` (a slug, a code, the key). The FilterSet reads the options of all such
    filters in one query, so that what staff just added is there.

    With `only_given` the table is too large for a list of options: only the rows named in the address are read.
    """

    def __init__(
        self,
        *,
        rows: Callable[[], QuerySet],
        value: str = "slug",
        text: str = "name",
        text_en: str = "",
        rank: str = "",
        only_given: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.rows, self.value, self.text, self.text_en = rows, value, text, text_en
        self.rank, self.only_given = rank, only_given
        if only_given:
            self.control = "hidden"

    def option_rows(self, number: int, given: list[str]) -> QuerySet | None:
        """(number, rank, key, value, label) of every option; None where there is nothing to read."""
        rows = self.rows().order_by()
        if self.only_given:
            known = [text for text in given if re.fullmatch(r"[0-9]{1,18}", text, re.ASCII)]
            if not known:
                return None
            rows = rows.filter(**{f"{self.value}__in": known[:MAX_VALUES]})
        text: Any = F(self.text)
        if self.text_en and (get_language() or "").startswith("en"):
            text = Coalesce(NullIf(F(self.text_en), Value("")), F(self.text))
        rank: Any = F(self.rank) if self.rank else Value(0)
        return rows.values_list(
            Value(number, output_field=IntegerField()),
            Cast(rank, IntegerField()),
            Cast("pk", CharField()),
            Cast(self.value, CharField()),
            Cast(text, CharField()),
        )

    def chosen(self, options: Sequence[Option]) -> Q:
        keys = [key for option in options for key in option.keys]
        wanted = Q(**{f"{self.field_name}__in": keys})
        if self._is_to_many():
            # In a subquery: joined, a row would come once for every match.
            return Q(pk__in=self.model._base_manager.filter(wanted).values("pk"))
        return wanted

    def _is_to_many(self) -> bool:
        return bool(self.model._meta.get_field(self.field_name.split("__")[0]).many_to_many)

    def empty(self) -> Q:
        return Q(**{f"{self.field_name}__isnull": True})


class IndustryFilter(RowChoiceFilter):
    """A code of GB/T 4754; a section means all its divisions."""

    def chosen(self, options: Sequence[Option]) -> Q:
        codes = [option.value for option in options]
        return Q(**{f"{self.field_name}__in": codes}) | Q(**{f"{self.field_name}__parent__in": codes})


class RegionFilter(ChoiceFilter):
    """A GB/T 2260 code: that division and all below it, as one index range.

    With `scope`, the name of a parameter: `within` (the default), `exact`, or `applies` (what holds in that place: its own
    and the divisions above it, national included).
    """

    def __init__(self, *, scope: str = "", **kwargs: Any) -> None:
        super().__init__(control="select", **kwargs)
        self.scope = scope

    def parse(self, text: str) -> str:
        known = text == NONE or load().get(text) is not None
        if not known and not (re.fullmatch(r"[0-9]{6}", text, re.ASCII) and Region.objects.filter(pk=text).exists()):
            raise ValidationError(_("There is no such region code: %(value)s.") % {"value": text[:60]})
        return text

    def condition(self, value: list[str]) -> Q:
        wanted = self.empty() if NONE in value else Q()
        scope = self.parent.form.cleaned_data.get(self.scope) if self.scope else None
        for code in value:
            if code != NONE:
                wanted |= self._of_place(code, scope or "within")
        return wanted

    def _of_place(self, code: str, scope: str) -> Q:
        if scope == "within":
            return Q(**{f"{self.field_name}__code__range": code_range(code)})
        if scope == "exact":
            return Q(**{self.field_name: code})
        return Q(**{f"{self.field_name}__in": {code, f"{code[:4]}00", f"{code[:2]}0000"}}) | self.empty()

    def empty(self) -> Q:
        return Q(**{f"{self.field_name}__isnull": True})

    def words(self, text: str) -> str:
        return super().words(text) if text == NONE else load().full_name(text) or text


class OneChoiceFilter(ChoiceFilter):
    """One of a fixed set, without exclusion. `applies` makes the condition, or None where another filter reads the value;
    `default` is the value that absence means.
    """

    takes_many = False

    def __init__(self, *, applies: Callable[[str], Q] | None = None, default: str = "", **kwargs: Any) -> None:
        super().__init__(control="select", **kwargs)
        self.applies, self.default = applies, default

    def companions(self, name: str) -> dict[str, Parameter]:
        return {}

    def shown_options(self) -> list[Option]:
        return [option for option in super().shown_options() if option.value != self.default]

    def parse(self, text: str) -> Any:
        if text == NONE:
            raise ValidationError(_("There is no such choice: %(value)s.") % {"value": text})
        return super().parse(text)

    def condition(self, value: Any) -> Q:
        return self.applies(value) if self.applies else Q()


PERIODS = (
    ("this_week", _("this week")),
    ("last_week", _("last week")),
    ("this_month", _("this month")),
    ("last_90_days", _("last 90 days")),
    ("this_year", _("this year")),
)


def days_of(period: str) -> tuple[dt.date, dt.date]:
    """First and last day of one of PERIODS, as of today; weeks begin on Monday."""
    today = timezone.localdate()
    first = today.replace(day=1)
    monday = today - dt.timedelta(days=today.weekday())
    return {
        "this_week": (monday, monday + dt.timedelta(days=6)),
        "last_week": (monday - dt.timedelta(days=7), monday - dt.timedelta(days=1)),
        "this_month": (first, (first + dt.timedelta(days=32)).replace(day=1) - dt.timedelta(days=1)),
        "last_90_days": (today - dt.timedelta(days=89), today),
        "this_year": (today.replace(month=1, day=1), today.replace(month=12, day=31)),
    }[period]


class DateRangeFilter(OneChoiceFilter):
    """`name` takes one of PERIODS; `name_after` and `name_before` (both inclusive) come with it."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(choices=PERIODS, **kwargs)

    def companions(self, name: str) -> dict[str, Parameter]:
        after = DateFilter(field_name=self.field_name, lookup_expr="gte", label=_("Dated from"))
        before = DateFilter(field_name=self.field_name, lookup_expr="lte", label=_("Dated to"))
        return {f"{name}_after": after, f"{name}_before": before}

    def condition(self, value: str) -> Q:
        return Q(**{f"{self.field_name}__range": days_of(value)})


class FilterSet(django_filters.FilterSet):
    """The base of every page's filters: adds companions (`name!`, `name_after` …) and refuses what it does not know."""

    @classmethod
    def get_filters(cls) -> dict[str, Parameter]:
        return {
            name: parameter
            for declared, filter_ in super().get_filters().items()
            for name, parameter in ({declared: filter_} | filter_.companions(declared)).items()
        }

    def __init__(self, data: QueryDict, queryset: models.QuerySet) -> None:
        super().__init__(data, queryset)
        self.read_options()

    def read_options(self) -> None:
        """Give every RowChoiceFilter its options, by one query for all of them."""
        names = [name for name, filter_ in self.filters.items() if isinstance(filter_, RowChoiceFilter) and not filter_.exclude]
        asked = {}
        for number, name in enumerate(names):
            rows = self.filters[name].option_rows(number, [*self.data.getlist(name), *self.data.getlist(f"{name}!")])
            if rows is not None:
                asked[number] = rows
        if not asked:
            return
        first, *others = asked.values()
        found: dict[int, dict[str, Option]] = {number: {} for number in asked}
        for number, _rank, key, value, label in sorted(first.union(*others), key=lambda row: (row[1], row[4])):
            earlier = found[number].get(value)
            found[number][value] = Option(value, label, (*(earlier.keys if earlier else ()), key))
        for number, options in found.items():
            for name in (names[number], f"{names[number]}!"):
                self.filters[name].options = options

    def problems(self) -> dict[str, list[str]]:
        """What is wrong with the parameters of this page's filters, by name; empty when all is understood."""
        errors = {name: [str(text) for text in texts] for name, texts in self.errors.items()}
        for name, filter_ in self.filters.items():
            if isinstance(filter_, DateRangeFilter) and not errors:
                first, last = (self.form.cleaned_data[f"{name}_{end}"] for end in ("after", "before"))
                if first and last and first > last:
                    errors[f"{name}_before"] = [str(_("The end lies before the start."))]
        return errors

    def given(self) -> list[tuple[str, Parameter, list[str]]]:
        """(name, filter, values) of every parameter that is set, in the order of the declaration."""
        texts = ((name, filter_, list(dict.fromkeys(self.data.getlist(name)))) for name, filter_ in self.filters.items())
        return [(name, filter_, values) for name, filter_, values in texts if values]
