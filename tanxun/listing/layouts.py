"""Workbooks laid out for one use: declared by apps and named by their list pages, written as any other file of a list."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from .columns import Column
from .page import InvalidParametersError, ListPage, Rows, find


@dataclass(frozen=True)
class LaidOut:
    """One sheet: records of the list `page` under a title and in an order of its own. A column is one of that list, by its
    key, or a Column.
    """

    page: str
    title: Any
    columns: tuple[str | Column, ...]
    ordering: tuple[str, ...]

    def made(self) -> ListPage:
        """The list with these columns and this order."""
        page = find(self.page)
        known = {column.key: column for column in page.columns}
        chosen = [known[column] if isinstance(column, str) else column for column in self.columns]
        page.title, page.ordering = self.title, self.ordering
        page.columns = tuple(replace(column, shown=True) for column in chosen)
        return page


@dataclass(frozen=True)
class Layout:
    """A customer list, what falls due, the week. `slug` stands in the address.

    `given` are parameters by name that hold where the address says nothing of them.
    """

    slug: str
    title: Any
    sheets: tuple[LaidOut, ...]
    given: Callable[[], dict[str, list[str]]] = dict

    def rows(self, params: QueryDict, user: Any = None) -> list[Rows]:
        """The rows of each sheet. Raises InvalidParametersError: every sheet must understand every parameter, and columns
        and order are the layout's.
        """
        params = params.copy()
        for name, values in self.given().items():
            if not any(params.getlist(name)):
                params.setlist(name, values)
        found = [sheet.made().rows(params, user) for sheet in self.sheets]
        if fixed := [name for name in ("columns", "sort") if name in found[0].params]:
            raise InvalidParametersError({name: [_("The layout decides this.")] for name in fixed}, found[0])
        return found

    def knows(self, name: str) -> bool:
        """Whether every sheet understands the parameter."""
        return all(name in find(sheet.page).filterset_class.base_filters for sheet in self.sheets)
