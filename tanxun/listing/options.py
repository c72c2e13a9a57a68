"""Filters that offer a choice: of fixed words, of the rows of another table, of spans of days."""

from __future__ import annotations

import copy
import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.db.models import CharField, Count, F, IntegerField, Q, QuerySet, Value
from django.db.models.functions import Cast, Coalesce, NullIf
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from .parameters import KEY, MAX_VALUES, DateFilter, Parameter, Tally, tally_by, tally_conditions

NONE = "none"


class Option(NamedTuple):
    """A choice of a filter: the text in the address, the words on the page, and the keys of the rows it stands for."""

    value: str
    label: str
    keys: tuple[str, ...] = ()


@dataclass(frozen=True)
class Part:
    """What a chart draws of a filter: the rows of the choice `value` but those of the choices `without`."""

    value: str
    words: str
    count: int
    without: tuple[str, ...] = ()


class ChoiceFilter(Parameter):
    """Some of a fixed set of values. `name!` excludes them, `none` asks for rows without any.

    `further` adds values that are conditions of their own, as {value: (label, condition)}. A `folded` control is closed
    in the form until something is chosen in it.
    """

    takes_many = True

    def __init__(
        self,
        *,
        choices: Iterable[tuple[str, Any]] = (),
        further: dict[str, tuple[Any, Q]] | None = None,
        control: str = "checkboxes",
        folded: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.further, self.control, self.folded = further or {}, control, folded
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

    def may_be_empty(self) -> bool:
        """Whether `none` may find anything, by the fields on the way; what is computed is never empty."""
        model: Any = self.model
        for step in self.field_name.split("__"):
            if step not in {field.name for field in model._meta.get_fields()}:
                return False
            field = model._meta.get_field(step)
            if field.null or field.many_to_many or field.blank:
                return True
            model = field.related_model
        return False

    def tally(self, rows: QuerySet, unit: str) -> Tally:
        """By one query, and where `further` shares the empty rows with `none` by a second."""
        tally = self.tally_options(rows, unit)
        if self.further:
            apart = {text: condition for text, (_label, condition) in self.further.items()}
            tally |= tally_conditions(rows, unit, apart | {NONE: self.empty()})
        return tally

    def tally_options(self, rows: QuerySet, unit: str) -> Tally:
        """The options and `none`."""
        found = self.tally_keys(rows, unit)
        return {text: found[text] for text in self.options} | {NONE: found[None] + found[""]}

    def tally_keys(self, rows: QuerySet, unit: str) -> Counter[Any]:
        """How many rows by the value of the field, as text; None where there is none."""
        found = tally_by(rows, str(self.field_name), unit)
        return Counter({key if key is None else str(key): n for key, n in found})

    def shown_options(self) -> list[Option]:
        """The choices that the filter form offers."""
        return [*(Option(value, label) for value, (label, _rows) in self.further.items()), *self.options.values()]

    def parts(self, tally: Tally) -> Iterator[Part]:
        """All rows in parts, of which no two hold the same row as far as the field has one value; some may hold none."""
        for value in (*(option.value for option in self.shown_options()), NONE):
            yield Part(value, str(self.words(value)), tally.get(value, 0))

    def covers(self, chosen: Iterable[str], text: str) -> bool:
        """Whether all rows of a choice are among those of `chosen`."""
        return text in chosen

    def words(self, text: str) -> str:
        if text in self.further:
            return str(self.further[text][0])
        return str(self.options[text].label if text in self.options else _("not stated") if text == NONE else text)

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "enum": list(dict.fromkeys([*self.further, *self.options, NONE]))}


class RowChoiceFilter(ChoiceFilter):
    """Some rows of another table, named by `value` (a slug, a code, the key). The FilterSet reads the options of all such
    filters in one query, so that what staff just added is there.

    `key` is what the filtered column holds of a row. With `only_given` the table is too large for a list of options: only the
    rows named in the address are read.
    """

    def __init__(
        self,
        *,
        rows: Callable[[], QuerySet],
        value: str = "slug",
        text: str = "name",
        text_en: str = "",
        rank: str = "",
        key: str = "pk",
        only_given: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.rows, self.value, self.text, self.text_en, self.key = rows, value, text, text_en, key
        self.rank, self.only_given = rank, only_given
        if only_given:
            self.control = "hidden"

    def asked(self, given: list[str]) -> tuple[str, ...] | None:
        """Which rows to read options of, by what names them; None for all."""
        if not self.only_given:
            return None
        return tuple(text for text in given if KEY.fullmatch(text))[:MAX_VALUES]

    def option_rows(self, number: int, asked: tuple[str, ...] | None) -> QuerySet:
        """(number, rank, key, value, label) of every option that is `asked`."""
        rows = self.rows().order_by()
        if asked is not None:
            rows = rows.filter(**{f"{self.value}__in": asked})
        text: Any = F(self.text)
        if self.text_en and (get_language() or "").startswith("en"):
            text = Coalesce(NullIf(F(self.text_en), Value("")), F(self.text))
        rank: Any = F(self.rank) if self.rank else Value(0)
        return rows.values_list(
            Value(number, output_field=IntegerField()),
            Cast(rank, IntegerField()),
            Cast(self.key, CharField()),
            Cast(self.value, CharField()),
            Cast(text, CharField()),
        )

    def chosen(self, options: Sequence[Option]) -> Q:
        return self.once(Q(**{f"{self.field_name}__in": [key for option in options for key in option.keys]}))

    def once(self, wanted: Q) -> Q:
        """`wanted`, without a row coming once for every match."""
        return Q(pk__in=self.model._base_manager.filter(wanted).values("pk")) if self.is_to_many() else wanted

    def is_to_many(self) -> bool:
        return bool(self.model._meta.get_field(self.field_name.split("__")[0]).many_to_many)

    def tally_options(self, rows: QuerySet, unit: str) -> Tally:
        """An option that stands for several rows is counted by itself: a record that has two of them is one record."""
        found = self.tally_keys(rows, unit)
        tally = {text: found[option.keys[0]] for text, option in self.options.items() if len(option.keys) == 1}
        if several := [key for option in self.options.values() if len(option.keys) > 1 for key in option.keys]:
            named = rows.filter(**{f"{self.field_name}__in": several}).order_by().values_list(f"{self.field_name}__{self.value}")
            tally |= dict(named.annotate(n=Count(unit, distinct=True)))
        return tally | {NONE: found[None]}

    def empty(self) -> Q:
        return self.once(Q(**{f"{self.field_name}__isnull": True}))

    def schema(self) -> dict[str, Any]:
        """Of a large table not every row is named: any of its keys will do."""
        return {"type": "string", "pattern": f"^({KEY.pattern}|{NONE})$"} if self.only_given else super().schema()


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

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "enum": list(self.options)}

    def tally(self, rows: QuerySet, unit: str) -> Tally:
        return tally_conditions(rows, unit, {text: self.condition(text) for text in self.options}) if self.applies else {}


PERIODS = (
    ("this_week", _("this week")),
    ("last_week", _("last week")),
    ("this_month", _("this month")),
    ("last_90_days", _("last 90 days")),
    ("this_year", _("this year")),
)
# Of days to come, as the due board counts them.
PERIODS_AHEAD = (
    ("this_week", _("this week")),
    ("this_month", _("this month")),
    ("next_30_days", _("next 30 days")),
    ("next_90_days", _("next 90 days")),
    ("this_year", _("this year")),
)


def days_of(period: str) -> tuple[dt.date, dt.date]:
    """First and last day of one of PERIODS or PERIODS_AHEAD, as of today; weeks begin on Monday."""
    today = timezone.localdate()
    first = today.replace(day=1)
    monday = today - dt.timedelta(days=today.weekday())
    return {
        "this_week": (monday, monday + dt.timedelta(days=6)),
        "last_week": (monday - dt.timedelta(days=7), monday - dt.timedelta(days=1)),
        "this_month": (first, (first + dt.timedelta(days=32)).replace(day=1) - dt.timedelta(days=1)),
        "last_90_days": (today - dt.timedelta(days=89), today),
        "next_30_days": (today, today + dt.timedelta(days=30)),
        "next_90_days": (today, today + dt.timedelta(days=90)),
        "this_year": (today.replace(month=1, day=1), today.replace(month=12, day=31)),
    }[period]


class DateRangeFilter(OneChoiceFilter):
    """`name` takes one of `periods`; `name_after` and `name_before` (both inclusive) come with it, labelled by `ends`.

    Of days that may be missing `none` among the periods asks for the rows without one.
    """

    def __init__(
        self,
        *,
        periods: Iterable[tuple[str, Any]] = PERIODS,
        ends: tuple[Any, Any] = (_("Dated from"), _("Dated to")),
        **kwargs: Any,
    ) -> None:
        super().__init__(choices=periods, applies=self.of_period, **kwargs)
        self.ends = ends

    def of_period(self, period: str) -> Q:
        return self.empty() if period == NONE else Q(**{f"{self.field_name}__range": days_of(period)})

    def empty(self) -> Q:
        return Q(**{f"{self.field_name}__isnull": True})

    def parse(self, text: str) -> str:
        return text if text in self.options else super().parse(text)

    def companions(self, name: str) -> dict[str, Parameter]:
        after = DateFilter(field_name=self.field_name, lookup_expr="gte", label=self.ends[0])
        before = DateFilter(field_name=self.field_name, lookup_expr="lte", label=self.ends[1])
        return {f"{name}_after": after, f"{name}_before": before}

    def tally(self, rows: QuerySet, unit: str) -> Tally:
        if unit != "pk":
            return super().tally(rows, unit)
        days = dict(self.parent.by_value(rows, str(self.field_name), unit))
        missing = {NONE: days.pop(None, 0)} if NONE in self.options else {}
        spans = {period: days_of(period) for period in self.options if period != NONE}
        return {
            period: sum(n for day, n in days.items() if first <= day <= last) for period, (first, last) in spans.items()
        } | missing
