"""Start-up checks of every list page: a wrong declaration stops the site at its start, not at its first visitor."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error
from django.core.exceptions import FieldDoesNotExist, FieldError
from django.db.models import Model
from django.utils.module_loading import import_string

from .columns import KINDS, Column
from .cursor import fields_of
from .page import ListPage
from .question import FilterSet

KEY = re.compile(r"[a-z][a-z0-9_]*")


def list_pages(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Every declaration of settings.LIST_PAGES."""
    pages = import_string(settings.LIST_PAGES)
    return [message for page in pages for message in (*check_page(page), *check_layouts(page))]


def check_layouts(page: type[ListPage]) -> Iterator[CheckMessage]:
    """What is wrong with the sheets of a page's layouts."""
    for layout in page.layouts:
        for sheet in layout.sheets:
            made = sheet.made()
            for code, text in (*_columns(made), *_words(made)):
                yield Error(f"{page.__name__}: layout {layout.slug!r}: {text}", obj=page, id=f"listing.{code}")


def check_page(page: type[ListPage]) -> list[CheckMessage]:
    """What is wrong with one declaration; empty when it is sound."""
    made = page()
    found = (_columns(made), _paths(made), _words(made), _ordering(made), _filters(page.filterset_class), _entry(made))
    return [Error(f"{page.__name__}: {text}", obj=page, id=f"listing.{code}") for messages in found for code, text in messages]


def _columns(page: ListPage) -> Iterator[tuple[str, str]]:
    keys = [column.key for column in page.columns]
    for key in sorted({key for key in keys if keys.count(key) > 1}):
        yield "E001", f"two columns have the key {key!r}."
    heads = [column.head for column in page.columns]
    for head in sorted({head for head in heads if head and heads.count(head) > 1}):
        yield "E001", f"two columns have the label {head!r}."
    for column in page.columns:
        if not KEY.fullmatch(column.key):
            yield "E002", f"the key {column.key!r} is not a lower-case word."
        if not column.label:
            yield "E003", f"column {column.key!r} has no label."
        if column.kind not in KINDS:
            yield "E004", f"column {column.key!r} is of the unknown kind {column.kind!r}."
    if not page.title:
        yield "E003", "the page has no title."


def _paths(page: ListPage) -> Iterator[tuple[str, str]]:
    prepared = page.prepare(page.queryset.all(), {})
    for column in page.columns:
        try:
            str(page.with_lists(prepared, [column]).values_list(*column.fields).query)
        except FieldError as error:
            yield "E005", f"column {column.key!r} reads a path that is not there: {str(error).splitlines()[0]}"


def _words(page: ListPage) -> Iterator[tuple[str, str]]:
    prepared = page.prepare(page.queryset.all(), {})
    for column in page.columns:
        if column.value and not column.text and column.kind not in ("date", "number"):
            yield "E009", f"column {column.key!r} makes its words by `value` and does not say them for files by `text`."
        if not column.text:
            continue
        try:
            str(prepared.annotate(in_file=column.in_file(typed=False)).values_list("in_file").query)
        except FieldError as error:
            yield "E009", f"column {column.key!r} reads for files what is not there: {str(error).splitlines()[0]}"


def _entry(page: ListPage) -> Iterator[tuple[str, str]]:
    """What its feed needs."""
    for key in page.entry:
        if not page.chosen_columns([key]):
            yield "E010", f"its entries are titled by {key!r}, which is no column."
    prepared = page.prepare(page.queryset.all(), {})
    for path in (page.came_in, page.changed):
        try:
            str(prepared.values_list(path).query)
        except FieldError as error:
            yield "E010", f"its feed reads a moment that is not there: {str(error).splitlines()[0]}"


def _ordering(page: ListPage) -> Iterator[tuple[str, str]]:
    if not page.ordering or page.ordering[-1].lstrip("-") not in ("pk", page.queryset.model._meta.pk.name):
        yield "E006", "its ordering does not end in the key."
    for path in (*page.ordering, *_sorts(page.columns)):
        if reason := nullable(page.queryset.model, path.lstrip("-")):
            yield "E007", f"it orders by {path!r}, {reason}."


def _sorts(columns: Iterable[Column]) -> Iterator[str]:
    return (column.sort for column in columns if column.sort)


def nullable(model: type[Model], path: str) -> str:
    """Why a list cannot be ordered by `path`: a step may be empty, or is no stored column. "" where it can."""
    try:
        return "which may be empty or many" if any(map(_is_loose, fields_of(model, path))) else ""
    except FieldDoesNotExist:
        return "which is no column of the database"


def _is_loose(field: Any) -> bool:
    return bool(field.null or field.many_to_many or field.one_to_many)


def _filters(filterset: type[FilterSet]) -> Iterator[tuple[str, str]]:
    for name, filter_ in filterset.base_filters.items():
        if not filter_.label:
            yield "E008", f"its filter {name!r} has no label."
