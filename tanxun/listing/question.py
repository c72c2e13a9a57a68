"""The whole query string of a list: the base of every page's FilterSet."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .habits import HABIT, Habits
from .options import DateRangeFilter, Option, RowChoiceFilter
from .parameters import Parameter, SelectedFilter, SinceVisitFilter, Tally

SELECTED = "id"


class FilterSet(django_filters.FilterSet):
    """The base of every page's filters: adds companions (`name!`, `name_after` …) and refuses what it does not know."""

    @classmethod
    def get_filters(cls) -> dict[str, Parameter]:
        filters = super().get_filters()
        for name in ("new", SELECTED):
            filters[name] = filters.pop(name)  # last in the form
        return {
            name: parameter
            for declared, filter_ in filters.items()
            for name, parameter in ({declared: filter_} | filter_.companions(declared)).items()
        }

    computed: tuple[str, ...] = ()  # filters that read what the page's `prepare` adds

    new = SinceVisitFilter(label=gettext_lazy("New"))
    id = SelectedFilter(label=gettext_lazy("Selected"))

    def __init__(self, data: QueryDict, queryset: QuerySet, habit: QuerySet | None = None) -> None:
        super().__init__(data, queryset)
        self.habit = Habits()
        self.read_options(habit)

    def read_options(self, habit: QuerySet | None) -> None:
        """Give every RowChoiceFilter its options, and read the visitor's habit, by one query for all of them."""
        names = [name for name, filter_ in self.filters.items() if isinstance(filter_, RowChoiceFilter) and not filter_.exclude]
        asked = {} if habit is None else {HABIT: habit}
        for number, name in enumerate(names):
            rows = self.filters[name].option_rows(number, [*self.data.getlist(name), *self.data.getlist(f"{name}!")])
            if rows is not None:
                asked[number] = rows
        if not asked:
            return
        first, *others = asked.values()
        found: dict[int, dict[str, Option]] = {number: {} for number in asked}
        for number, _rank, key, value, label in sorted(first.union(*others), key=lambda row: (row[1], row[4])):
            if number == HABIT:
                self.habit = Habits.read(key, label)
                continue
            earlier = found[number].get(value)
            found[number][value] = Option(value, label, (*(earlier.keys if earlier else ()), key))
        for number in asked.keys() - {HABIT}:
            options = found[number]
            for name in (names[number], f"{names[number]}!"):
                self.filters[name].options = options

    def filter_queryset(self, queryset: QuerySet) -> QuerySet:
        return self.narrowed(queryset)

    def narrowed(self, queryset: QuerySet, leave_out: str = "") -> QuerySet:
        """The rows of `queryset` that all parameters ask for, or all but those of the filter `leave_out`."""
        for name, value in self.values(leave_out).items():
            queryset = self.filters[name].filter(queryset, value)
        return queryset

    def values(self, leave_out: str = "") -> dict[str, Any]:
        """The parsed parameters by name, without those of the filter `leave_out` (its companions go with it)."""
        gone = {leave_out, *self.base_filters[leave_out].companions(leave_out)} if leave_out else set()
        return {name: value for name, value in self.form.cleaned_data.items() if name not in gone}

    def counted(self, name: str, queryset: QuerySet) -> tuple[QuerySet, str]:
        """The rows that the choices of the filter `name` are counted over, and the path of what is counted ("pk": the rows)."""
        return self.narrowed(queryset, name), "pk"

    def tally(self, name: str, queryset: QuerySet) -> Tally:
        """How many of `queryset` each choice of that filter would list, were it chosen alone and all else kept."""
        rows, unit = self.counted(name, queryset)
        return self.filters[name].tally(rows, unit)

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
