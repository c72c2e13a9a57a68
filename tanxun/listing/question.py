"""The whole query string of a list: the base of every page's FilterSet."""

from __future__ import annotations

import django_filters
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _

from .options import DateRangeFilter, Option, RowChoiceFilter
from .parameters import Parameter


class FilterSet(django_filters.FilterSet):
    """The base of every page's filters: adds companions (`name!`, `name_after` …) and refuses what it does not know."""

    @classmethod
    def get_filters(cls) -> dict[str, Parameter]:
        return {
            name: parameter
            for declared, filter_ in super().get_filters().items()
            for name, parameter in ({declared: filter_} | filter_.companions(declared)).items()
        }

    def __init__(self, data: QueryDict, queryset: QuerySet) -> None:
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
