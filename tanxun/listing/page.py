"""The list page: declared once by an app, it answers one query string with the same rows in every representation.

`ListPage.rows(params)` is the single door: clean → validate → filter → search → order → values.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

import django_tables2
from django.conf import settings
from django.core.exceptions import TooManyFieldsSent, ValidationError
from django.db.models import F, QuerySet, Value
from django.http import QueryDict
from django.urls import reverse
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from tanxun.search.matching import REST

from .columns import Column, InOrder
from .cursor import Cursor, Order
from .habits import Visit
from .paging import COUNT_LIMIT, OnePage, one_page
from .parameters import DECORATION
from .question import SELECTED, FilterSet
from .wording import filled

if TYPE_CHECKING:
    from .agenda import Event
    from .feeds import Entry
    from .layouts import Layout

PAGE_SIZES = (25, 50, 100)
PLACES = ("page", "cursor")
MOST_PARAMETERS = 1_000  # of one question; forms may be longer
OWN_PARAMETERS = ("sort", *PLACES, "per_page", "columns")
ALL = "all"


class InvalidParametersError(Exception):
    """The query string was refused. `errors` names what is wrong by parameter; `rows` still knows the form."""

    def __init__(self, errors: dict[str, list[str]], rows: Rows) -> None:
        super().__init__(errors)
        self.errors, self.rows = errors, rows


class UnknownPageError(LookupError):
    """There is no list page of that name."""


class ListPage:
    """What an app declares. `columns` in order; `ordering` ends in the key; `detail` is the address name of one record;
    `address_name` that of the list where it is not its slug.

    `facets` names the filters whose choices are counted, `charts` what is drawn of them, `layouts` the workbooks made of it,
    `edit` is the address name of what staff change ticked rows with, `making` the address name and the words of where they make
    what is listed. `entry` names the columns that make the title of a row
    where it stands alone (the first column unless said), `came_in` and `changed` are the paths of the moments of both.
    `entries` gives what the feed of a question holds, where that is not the newest rows; `agenda` its days to come: a list
    without one has no calendar. Both are functions of the class, not methods.
    """

    slug: str
    address_name: str = ""
    title: Any
    queryset: QuerySet
    filterset_class: type[FilterSet]
    ordering: tuple[str, ...]
    columns: tuple[Column, ...]
    detail: str
    empty_hint: Any = ""
    facets: tuple[str, ...] = ()
    charts: tuple[Any, ...] = ()
    layouts: tuple[Layout, ...] = ()
    edit: str = ""
    making: tuple[str, Any] | None = None
    entry: tuple[str, ...] = ()
    came_in: str = "created_at"
    changed: str = "updated_at"
    entries: Callable[[Rows], list[Entry]] | None = None
    agenda: Callable[[Rows], list[Event]] | None = None

    def prepare(self, queryset: QuerySet, cleaned: dict[str, Any]) -> QuerySet:
        """Add what columns and filters compute (annotations); `cleaned` holds the parsed parameters."""
        return queryset

    def columns_for(self, params: QueryDict) -> tuple[Column, ...]:
        """The columns of the page where neither the address nor the visitor chose any."""
        return self.shown_columns

    def private(self, rows: Rows, keys: Sequence[int], user: Any) -> tuple[Any, dict[int, str]] | None:
        """A last column for this visitor alone: its label, and the text of the rows by key. Pages show it, no file holds it."""
        return None

    def rows(self, params: QueryDict, user: Any = None) -> Rows:
        """The rows that `params` ask for, seen by `user` (their columns, what is new to them).

        Raises InvalidParametersError, or TooManyFieldsSent; nothing is dropped silently but DECORATIONs.
        """
        if sum(len(values) for _name, values in params.lists()) > MOST_PARAMETERS:
            raise TooManyFieldsSent
        rows = Rows(self, given(params), user)
        if errors := rows.problems():
            raise InvalidParametersError(errors, rows)
        return rows

    def rows_of_nothing(self) -> Rows:
        """The list before anybody asked it for anything, to look at its filters with their choices."""
        return Rows(self, QueryDict())

    def table(self, sort: str, keys: Sequence[str]) -> django_tables2.Table:
        """The head of the list: order and visibility of columns, `th` attributes and sort links. It never holds rows."""
        others = [column.key for column in self.columns if column.key not in keys]
        return self.table_class(data=[], order_by=sort, order_by_field="sort", sequence=list(keys), exclude=others)

    @cached_property
    def table_class(self) -> type[django_tables2.Table]:
        columns = {}
        for column in self.columns:
            head = {"scope": "col", "role": "columnheader", "class": column.kind}
            columns[column.key] = django_tables2.Column(
                verbose_name=column.label, orderable=bool(column.sort), attrs={"th": head}
            )
        return type(f"{type(self).__name__}Table", (django_tables2.Table,), columns)

    @cached_property
    def shown_columns(self) -> tuple[Column, ...]:
        return tuple(column for column in self.columns if column.shown)

    @cached_property
    def all_columns(self) -> tuple[Column, ...]:
        """Shown ones first: what an export holds."""
        return (*self.shown_columns, *(column for column in self.columns if not column.shown))

    def chosen_columns(self, keys: Iterable[str]) -> tuple[Column, ...]:
        """The columns with these keys, in this order; unknown keys are left out."""
        by_key = {column.key: column for column in self.columns}
        return tuple(by_key[key] for key in dict.fromkeys(keys) if key in by_key)

    def with_lists(self, queryset: QuerySet, columns: Sequence[Column]) -> QuerySet:
        """Adds the lists of the columns over many rows."""
        return queryset.annotate(**{column.fields[0]: InOrder(column.many()) for column in columns if column.many})

    @property
    def record_address(self) -> str:
        """The whole address of a record, with %(key)s in the place of its key."""
        return f"{settings.SITE_URL}{reverse(self.detail, args=[0])}".replace("%", "%%").replace("/0/", "/%(key)s/")

    def sort_paths(self) -> dict[str, str]:
        return {column.key: column.sort for column in self.columns if column.sort}


class Rows:
    """A page and its parameters, ready to be asked for one page of rows or for all of them."""

    def __init__(self, page: ListPage, params: QueryDict, user: Any = None) -> None:
        self.page, self.params = page, params
        self.filters = page.filterset_class(params, page.queryset, Visit.of(user, page.slug))
        self.habit = self.filters.habit
        self.codes: dict[str, Any] = {}

    def problems(self) -> dict[str, list[str]]:
        """Errors by parameter; empty when every parameter is understood."""
        errors = self.filters.problems()
        for name in self.params:
            if name not in self.filters.filters and name not in OWN_PARAMETERS:
                errors[name[:100]] = [_("There is no such parameter.")]
        for name, understands in self._own_parameters().items():
            values = self.params.getlist(name)
            if len(values) > 1:
                errors[name] = [_("Give this only once.")]
            elif values and (message := understands(values[0])):
                errors[name] = [message]
        if unknown := [key for key in self.column_keys if key != ALL and not self.page.chosen_columns([key])]:
            errors["columns"] = [_("There is no such column: %(value)s.") % {"value": unknown[0][:60]}]
        if "cursor" in self.params and not errors:
            errors |= self._problems_of_place()
        return errors

    def _problems_of_place(self) -> dict[str, list[str]]:
        if "page" in self.params:
            return {"cursor": [_("Give a page or a place, not both.")]}
        try:
            _place = self.cursor
        except ValidationError as error:
            return {"cursor": error.messages}
        return {}

    @property
    def column_keys(self) -> list[str]:
        """The keys that the address asks for, by `columns=a,b` or `columns=a&columns=b`."""
        return [key for text in self.params.getlist("columns") for key in text.split(",")]

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        """The columns of the page: those of the address, else those that the visitor chose, else those of the declaration."""
        if keys := self.column_keys:
            return self.page.all_columns if ALL in keys else self.page.chosen_columns(keys)
        return self.page.chosen_columns(self.habit.columns) or self.page.columns_for(self.params)

    @property
    def file_columns(self) -> tuple[Column, ...]:
        """The columns of a file: those of the address, else all."""
        return self.columns if self.column_keys else self.page.all_columns

    def _own_parameters(self) -> dict[str, Callable[[str], str]]:
        """For each parameter of the machine what is wrong with a text, "" for nothing."""
        sizes, keys = [str(size) for size in PAGE_SIZES], self.page.sort_paths()
        return {
            "cursor": lambda text: "",  # read last, when the order is known
            "page": lambda text: "" if re.fullmatch(r"0*[1-9][0-9]{0,14}", text, re.ASCII) else _("Give a page number from 1."),
            "per_page": lambda text: "" if text in sizes else _("Give one of %(values)s.") % {"values": ", ".join(sizes)},
            "sort": lambda text: "" if text.removeprefix("-") in keys else _("The list cannot be sorted by this."),
        }

    @property
    def number(self) -> int:
        return int(self.params.get("page", 1))

    @property
    def per_page(self) -> int:
        return int(self.params.get("per_page", PAGE_SIZES[0]))

    @property
    def ordering(self) -> tuple[str, ...]:
        """Always ends in the key, so that no row comes twice or never. Rows that tie stand as in the page's own order, all of
        it turned where that falls and the chosen one rises: an order that goes one way is one walk over an index.
        """
        if not (sort := self.params.get("sort", "")):
            return self.page.ordering
        minus = "-" if sort.startswith("-") else ""
        paths = (self.page.sort_paths()[sort.removeprefix("-")], *(path.removeprefix("-") for path in self.page.ordering))
        return tuple(f"{minus}{path}" for path in dict.fromkeys(paths))

    @cached_property
    def prepared(self) -> QuerySet:
        return self.page.prepare(self.page.queryset.all(), self.filters.form.cleaned_data).order_by(*self.ordering)

    @cached_property
    def found(self) -> QuerySet:
        """The records that the parameters ask for, in order, with all that `prepare` adds."""
        return self._in_order(self.filters.filter_queryset(self.prepared))

    def _in_order(self, rows: QuerySet) -> QuerySet:
        """The chosen order, else what search ranks first where it finds few, else the list's: begun in that it goes on in it."""
        place = self.params.get("cursor", "")
        is_own = "sort" in self.params or (place and self._ordered_by(self.ordering).made(place))
        return rows.order_by(*self.ordering) if is_own else rows

    def base(self, counted: str = "") -> QuerySet:
        """All records in no order, to be narrowed or counted (by the filter `counted`).

        With what `prepare` adds only where a filter reads it: its joins keep a count from being answered by an index alone.
        """
        computed = self.filters.computed
        is_needed = counted in computed or any(self.params.get(name) for name in computed)
        return self.prepared.order_by() if is_needed else self.page.queryset.order_by()

    @cached_property
    def ranked(self) -> QuerySet:
        """The same records as `found`, in its order, without what only columns need."""
        return self._in_order(self.filters.filter_queryset(self.base().order_by(*self.ordering)))

    @cached_property
    def narrowed(self) -> QuerySet:
        """The same records in no order: to be counted."""
        return self.ranked.order_by()

    @property
    def held(self) -> QuerySet:
        """The same records again, for one of several counts."""
        return self.filters.held(self.base()).order_by()

    def are_many(self) -> bool:
        """Whether there are more than a page counts."""
        return self.narrowed[: COUNT_LIMIT + 1].count() > COUNT_LIMIT

    @cached_property
    def order(self) -> Order:
        """What the rows are ordered by."""
        return self._ordered_by(tuple(self.ranked.query.order_by))

    def _ordered_by(self, terms: tuple[Any, ...]) -> Order:
        """That order of what is searched for here: a place of one question is none of another."""
        return Order(self.page.queryset.model, terms, f"{self.page.slug}/{self.params.get('q', '')}")

    @property
    def cursor(self) -> Cursor | None:
        """The place that the address names. Raises ValidationError where it is none in the list as it is sorted now.

        Of a search that found few, and was ranked, and finds many now, the place of the same row in the list's order.
        """
        if not (text := self.params.get("cursor", "")):
            return None
        ranked = self._ordered_by((Value(REST), *self.ordering))
        if "sort" not in self.params and self.order.ordering == self.ordering and ranked.made(text):
            return ranked.read(text).unranked()
        return self.order.read(text)

    def one_page(self) -> OnePage:
        """The rows of the page that the address asks for, with the capped count, by one query."""
        return one_page(self)

    @property
    def paths(self) -> list[str]:
        """What the columns read, and the codes of their values where programs ask."""
        return [*(path for column in self.columns for path in column.fields), *self.codes]

    def for_programs(self, *, is_file: bool = False) -> Rows:
        """The same rows with codes beside their words; nobody's habit decides which columns. A file has all."""
        if is_file or not self.column_keys:
            self.columns = self.file_columns if is_file else self.page.columns_for(self.params)
        self.codes = {f"code_of_{column.key}": column.code() for column in self.columns if column.code}
        return self

    def one_row(self, key: int) -> tuple[Any, ...] | None:
        """What `one_page` holds of a row, of the record with that key, whichever rows the parameters ask for."""
        found = self.page.with_lists(self.prepared.filter(pk=key), self.columns).annotate(**self.codes)
        return found.values_list("pk", *self.paths).first()

    def dumped(self) -> QuerySet:
        """All rows in order, each as in `one_page`."""
        return self.page.with_lists(self.found, self.columns).annotate(**self.codes).values_list("pk", *self.paths)

    def file_rows(self, *, typed: bool) -> QuerySet:
        """All rows in order as tuples: `file_columns` as they stand in a file, then the address of the record on this site.

        `page` and `per_page` are a matter of the screen.
        """
        shown = {f"file_{number}": column.in_file(typed=typed) for number, column in enumerate(self.file_columns)}
        address = filled(self.page.record_address, "key", F("pk"))
        return self.found.annotate(**shown, file_link=address).values_list(*shown, "file_link")

    def query_string(self, **changes: str | None) -> str:
        """The address of this list with some parameters set anew, or left out (None); another list begins at page 1."""
        params = self.params.copy()
        for name, value in (dict.fromkeys(PLACES) | changes).items():
            params.pop(name, None)
            if value is not None:
                params[name] = value
        return params.urlencode()

    @property
    def link(self) -> str:
        """The whole address of this list on the site."""
        return f"{settings.SITE_URL}{self.address(self.page.address_name or self.page.slug)}"

    def address(self, name: str, **changes: str | None) -> str:
        """The address of that name with these parameters (some set anew), without those that only speak of the screen."""
        query = self.query_string(per_page=None, **changes)
        return f"{reverse(name)}{'?' if query else ''}{query}"

    def is_new(self, row: Sequence[Any]) -> bool:
        """Whether it came in since the visitor's last visit."""
        return self.habit.mark is not None and row[0] > self.habit.mark

    @property
    def is_whole(self) -> bool:
        """Whether nothing is asked for but perhaps what is new: who looks at that has seen all that came in."""
        return all(name == "new" for name, _filter, _texts in self.filters.given())

    def without(self, name: str, value: str) -> str:
        """The address of this list without one value of a parameter."""
        params = self.params.copy()
        params.setlist(name, [text for text in params.getlist(name) if text != value])
        for place in PLACES:
            params.pop(place, None)
        return params.urlencode()


def pages() -> tuple[type[ListPage], ...]:
    """The list pages of the site, those of settings.LIST_PAGES."""
    return import_string(settings.LIST_PAGES)


def find(slug: str) -> ListPage:
    """The list page of that name. Raises UnknownPageError."""
    for page in pages():
        if page.slug == slug:
            return page()
    raise UnknownPageError(slug)


def page_slugs() -> list[str]:
    return [page.slug for page in pages()]


def given(params: QueryDict) -> QueryDict:
    """`params` without decorations and empty values, which count as absent; the ticks of a form as one value."""
    cleaned = QueryDict(mutable=True)
    for name, values in params.lists():
        if (kept := [value for value in values if value]) and not DECORATION.fullmatch(name):
            cleaned.setlist(name, [",".join(kept)] if name == SELECTED else kept)
    return cleaned
