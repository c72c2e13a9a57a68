"""What stands around the rows of a list page: the filter form, the chips of what is set, the heads with their sort links."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from tanxun.regions.names import load

from .options import NONE, ChoiceFilter, OneChoiceFilter, Option, RegionFilter
from .page import Rows

LONG_LIST = 8


@dataclass
class Control:
    """One field of the filter form. `values` are the texts of the address; `further` stand ticked below the control."""

    name: str
    label: Any
    kind: str
    values: list[str]
    options: list[Option] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    low: int | None = None
    high: int | None = None
    unit: Any = ""
    further: list[Option] = field(default_factory=list)
    blank: Any = ""

    @property
    def value(self) -> str:
        return self.values[0] if self.values else ""

    @property
    def is_long(self) -> bool:
        return len(self.options) > LONG_LIST


class Chip(NamedTuple):
    """A value that is set, in words, and the address without it."""

    label: str
    words: str
    address: str


class Head(NamedTuple):
    """The head of a column: `sorted` is ascending, descending, none (sortable) or "" (not sortable)."""

    label: str
    unit: str
    attributes: dict[str, str]
    sorted: str
    address: str


def controls(rows: Rows, errors: dict[str, list[str]]) -> list[Control]:
    """The filter form in the order of the declaration; what it does not show is carried along as hidden fields."""
    made = []
    for name, filter_ in rows.filters.filters.items():
        values = [text for text in rows.params.getlist(name) if "\0" not in text]
        kind = filter_.control
        if kind == "hidden" and not values:
            continue
        control = Control(name, filter_.label, kind, values, errors=errors.get(name, []))
        if kind == "flag":
            control.options = [Option(text, filter_.words(text)) for text in ("1", "0")]
        if kind in ("checkboxes", "select"):
            add_options(control, filter_)
        if kind == "number":
            control.low, control.high, control.unit = filter_.low, filter_.high, filter_.unit
        made.append(control)
    made += [Control(name, "", "hidden", rows.params.getlist(name)) for name in ("sort", "per_page") if name in rows.params]
    return made


def add_options(control: Control, filter_: ChoiceFilter) -> None:
    """What there is to choose. Set values without a place in the control stand ticked below: further ones of a select, `none`."""
    control.options = place_options(control.values) if isinstance(filter_, RegionFilter) else filter_.shown_options()
    if isinstance(filter_, OneChoiceFilter) and filter_.default:
        control.blank = filter_.words(filter_.default)
    elif control.kind == "select":
        control.further = [
            Option(text, filter_.words(text)) for text in control.values if text == NONE or text in control.values[1:]
        ]
    elif NONE in control.values:
        control.options = [Option(NONE, filter_.words(NONE)), *control.options]


def place_options(chosen: list[str]) -> list[Option]:
    """The provinces, and below the chosen places what lies in them: a short list that leads anywhere."""
    gazetteer = load()
    opened = {division.code for code in chosen for division in gazetteer.chain(code)}
    divisions = sorted((d for d in gazetteer if not d.parent or d.parent in opened), key=lambda division: division.code)
    options = [Option(d.code, "　" * (len(gazetteer.chain(d.code)) - 1) + d.name) for d in divisions]
    known = {option.value for option in options}
    return [*(Option(code, code) for code in chosen[:1] if code not in known and code != NONE), *options]


def problems(rows: Rows, errors: dict[str, list[str]]) -> list[tuple[str, str, str]]:
    """(parameter, label of its field, message) of every error; the label is empty where the form shows no such field."""
    known = {name: filter_ for name, filter_ in rows.filters.filters.items() if filter_.control != "hidden"}
    return [
        (name, str(known[name].label) if name in known else "", message)
        for name, messages in errors.items()
        for message in messages
    ]


def filter_words(rows: Rows) -> list[tuple[str, str, str, str]]:
    """(parameter, text, label, words) of everything that is set: for chips and for the sheet that explains a file."""
    return [
        (
            name,
            text,
            _("not %(label)s") % {"label": filter_.label} if filter_.exclude else f"{filter_.label}",
            filter_.words(text),
        )
        for name, filter_, texts in rows.filters.given()
        for text in texts
    ]


def chips(rows: Rows) -> list[Chip]:
    return [Chip(label, words, rows.without(name, text)) for name, text, label, words in filter_words(rows)]


def heads(rows: Rows) -> Iterator[Head]:
    """The heads of the shown columns, from the table that owns their order and sort links."""
    units = {column.key: column.unit for column in rows.page.columns}
    for column in rows.page.table(rows.params).columns:
        sorted_ = ""
        if column.orderable:
            sorted_ = "none" if not column.is_ordered else "descending" if column.order_by_alias.is_descending else "ascending"
        following = str(column.order_by_alias.next) if column.orderable else ""
        attributes = {name: str(value) for name, value in column.attrs["th"].items()}
        yield Head(str(column.header), str(units[column.name]), attributes, sorted_, rows.query_string(sort=following))
