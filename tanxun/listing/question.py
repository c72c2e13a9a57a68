"""The whole query string of a list: the base of every page's FilterSet."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import django_filters
from django.db import connections
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL
from django.http import QueryDict
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from .habits import HABIT, Habits, Visit, habit_row
from .held import keys_of
from .options import DateRangeFilter, Option, RowChoiceFilter
from .parameters import Parameter, SelectedFilter, SinceVisitFilter, Tally, tally_by

SEARCH, SELECTED = "q", "id"
FEW, FEW_LOOKED_UP = 20_000, 100_000  # rows that are counted by their keys: more where it is dear to find them again
KEPT = 512  # statements for options: of every list, for everybody at work, in two languages; some 4 KB each

Asked = dict[str, tuple[str, ...] | None]  # the rows that options are read of, by filter: their keys, or None for all


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

    def __init__(self, data: QueryDict, queryset: QuerySet, visit: Visit | None = None) -> None:
        super().__init__(data, queryset)
        self.habit = Habits()
        self.options_read: list[tuple[Any, ...]] = []
        self.read_options(visit)
        self.keys: dict[tuple[str, ...], RawSQL | None] = {}
        self.counted_by_value: dict[str, list[tuple[Any, int]]] = {}

    def read_options(self, visit: Visit | None) -> None:
        """Give every RowChoiceFilter its options, and read the visitor's habit, by one query for all of them."""
        asked = {
            name: filter_.asked([*self.data.getlist(name), *self.data.getlist(f"{name}!")])
            for name, filter_ in self.filters.items()
            if isinstance(filter_, RowChoiceFilter) and not filter_.exclude
        }
        asked = {name: keys for name, keys in asked.items() if keys is None or keys}
        if not asked and visit is None:
            return
        found: list[dict[str, Option]] = [{} for _name in asked]
        for row in sorted(self._option_rows(asked, visit), key=lambda row: (row[1], row[4])):
            number, _rank, key, value, label = row
            if number == HABIT:
                self.habit = Habits.read(key, label)
                continue
            self.options_read.append(row)
            earlier = found[number].get(value)
            found[number][value] = Option(value, label, (*(earlier.keys if earlier else ()), key))
        for name, options in zip(asked, found, strict=True):
            for each in (name, f"{name}!"):
                self.filters[each].options = options

    def _option_rows(self, asked: Asked, visit: Visit | None) -> list[tuple[Any, ...]]:
        alias = self.queryset.db
        statement = self.option_statement(tuple(asked.items()), visit, self.queryset, alias=alias, language=get_language() or "")
        with connections[alias].cursor() as cursor:
            cursor.execute(*statement)
            return cursor.fetchall()

    @classmethod
    @lru_cache(maxsize=KEPT)
    def option_statement(
        cls,
        asked: tuple[tuple[str, tuple[str, ...] | None], ...],
        visit: Visit | None,
        records: QuerySet,
        *,
        alias: str,
        language: str,
    ) -> tuple[str, tuple[Any, ...]]:
        """SQL and parameters that bring the options of the filters that are `asked` and the visitor's habit with `records`.

        Making it costs a third of a page; kept by all that it is made of, so that only what it finds is ever new.
        """
        parts = [] if visit is None else [habit_row(visit, records)]
        parts += [cls.base_filters[name].option_rows(number, keys) for number, (name, keys) in enumerate(asked)]
        sql, params = parts[0].union(*parts[1:]).query.get_compiler(using=alias).as_sql()
        return sql, tuple(params)

    def filter_queryset(self, queryset: QuerySet) -> QuerySet:
        return self.narrowed(queryset)

    def narrowed(self, queryset: QuerySet, *leave_out: str) -> QuerySet:
        """The rows of `queryset` that all parameters ask for, or all but those of the filters `leave_out`."""
        for name, value in self.values(*leave_out).items():
            queryset = self.filters[name].filter(queryset, value)
        return queryset

    def values(self, *leave_out: str) -> dict[str, Any]:
        """The parsed parameters by name, without those of the filters `leave_out` (their companions go with them)."""
        gone = {name for left in leave_out for name in (left, *self.base_filters[left].companions(left))}
        return {name: value for name, value in self.form.cleaned_data.items() if name not in gone}

    def held(self, queryset: QuerySet, *leave_out: str) -> QuerySet:
        """As `narrowed`, by the keys of the rows where that pays (held.py)."""
        asked = tuple(name for name, value in self.values(*leave_out).items() if value not in (None, []))
        if not asked:
            return self.narrowed(queryset, *leave_out)
        rows = queryset
        if SEARCH in asked and len(asked) > 1:  # the dearest part, and the same for all that is counted
            rows = self.filters[SEARCH].filter(queryset, self.form.cleaned_data[SEARCH])
            rows, leave_out = self._by_keys(queryset, rows, (SEARCH, ""), FEW_LOOKED_UP), (*leave_out, SEARCH)
        most = FEW_LOOKED_UP if any(self.filters[name].is_looked_up for name in asked) else FEW
        return self._by_keys(queryset, self.narrowed(rows, *leave_out), asked, most)

    def _by_keys(self, queryset: QuerySet, rows: QuerySet, name: tuple[str, ...], most: int) -> QuerySet:
        """The `rows` of `queryset`, whose keys are kept under `name`, by these; themselves where they are more than `most`."""
        if name not in self.keys:
            self.keys[name] = keys_of(rows, most)
        keys = self.keys[name]
        return rows if keys is None else queryset.filter(pk__in=keys)

    def counted(self, name: str, queryset: QuerySet) -> tuple[QuerySet, str]:
        """The rows that the choices of the filter `name` are counted over, and the path of what is counted ("pk": the rows)."""
        return self.held(queryset, name), "pk"

    def tally(self, name: str, queryset: QuerySet) -> Tally:
        """How many of `queryset` each choice of that filter would list, were it chosen alone and all else kept."""
        rows, unit = self.counted(name, queryset)
        return self.filters[name].tally(rows, unit)

    def by_value(self, rows: QuerySet, path: str, unit: str) -> list[tuple[Any, int]]:
        """As `tally_by`, which costs a walk over all rows: asked once where a facet and a chart count the same."""
        asked = tally_by(rows, path, unit)
        question = str(asked.query)
        if question not in self.counted_by_value:
            self.counted_by_value[question] = list(asked)
        return self.counted_by_value[question]

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
