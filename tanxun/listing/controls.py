"""What stands around the rows of a list page: the filter form, the chips of what is set, the heads with their sort links."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

from django.http import QueryDict
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from tanxun.regions.names import load

from .boxes import Choice, ticks
from .options import NONE, ChoiceFilter, OneChoiceFilter, Option
from .page import OWN_PARAMETERS, PLACES, ListPage, Rows, pages
from .parameters import Parameter, Tally
from .trees import Branch, IndustryFilter, RegionFilter, branches_in

LONG_LIST = 8
KEPT = 128  # heads: those of every page in both languages, by what they are sorted
# What means the same in every list: where, in which industry, when, how soon due.
CARRIED = ("region", "industry", "period", "issued", "issued_after", "issued_before", "due")


@dataclass
class Control:
    """One field of the filter form. `values` are the texts of the address; `without` is the field that leaves values out."""

    name: str
    label: Any
    kind: str
    values: list[str]
    choices: list[Choice] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    low: int | None = None
    high: int | None = None
    unit: Any = ""
    blank: Any = ""
    is_folded: bool = False
    is_counted: bool = False
    without: Control | None = None

    @property
    def value(self) -> str:
        return self.values[0] if self.values else ""

    @property
    def is_long(self) -> bool:
        return len(self.choices) > LONG_LIST

    @property
    def ticks(self) -> SafeString:
        return ticks(self.name, self.choices)

    @property
    def to_add(self) -> SafeString:
        """The choices that are not set yet, for a select."""
        return format_html_join(
            "", '<option value="{}">{}</option>', ((c.value, c.label) for c in self.choices if not c.is_chosen)
        )

    @property
    def is_open(self) -> bool:
        return bool(not self.is_folded or self.values or self.errors or (self.without and self.without.values))


class Chip(NamedTuple):
    """A value that is set, in words, and the address without it."""

    label: str
    words: str
    address: str


class Head(NamedTuple):
    """The head of a column: `sorted` is ascending, descending, none (sortable) or "" (not sortable); `following` is what its
    link sorts by, at `address`.
    """

    label: str
    unit: str
    attributes: dict[str, str]
    sorted: str
    following: str
    address: str = ""


def panel(
    rows: Rows, user: Any, errors: dict[str, list[str]] | None = None, counts: dict[str, Tally] | None = None
) -> SafeString:
    """The filter form as HTML, with what is wrong with its fields, and with counts where they are known."""
    context = {
        "controls": controls(rows, errors or {}, counts),
        "number_given": 0 if errors else len(filter_words(rows)),
        "address": reverse(rows.page.slug),
        "bare": bare(rows),
        "query": rows.query_string(per_page=None),
        "user": user,
    }
    return render_to_string("listing/_filters.html", context)


def controls(rows: Rows, errors: dict[str, list[str]], counts: dict[str, Tally] | None = None) -> list[Control]:
    """The filter form in the order of the declaration; what it does not show is carried along as hidden fields."""
    made, filters = [], rows.filters.filters
    for name, filter_ in filters.items():
        control = Control(name, filter_.label, filter_.control, readable(rows, name), errors=errors.get(name, []))
        control.is_counted = name in rows.page.facets
        if control.kind == "hidden" and (not control.values or shown_with(name, filters)):
            continue
        add_choices(control, filter_, (counts or {}).get(name))
        if f"{name}!" in filters and control.kind != "hidden":
            control.without = leaving_out(rows, name, errors)
        if control.kind == "number":
            control.low, control.high, control.unit = filter_.low, filter_.high, filter_.unit
        made.append(control)
    for name in OWN_PARAMETERS:
        if name not in PLACES and name in rows.params:
            made.append(Control(name, "", "hidden", readable(rows, name)))
    return made


def readable(rows: Rows, name: str) -> list[str]:
    return [text for text in rows.params.getlist(name) if "\0" not in text]


def shown_with(name: str, filters: Mapping[str, Parameter]) -> bool:
    """Whether `name!` stands within the field of `name`."""
    return name.endswith("!") and filters[name.removesuffix("!")].control != "hidden"


def add_choices(control: Control, filter_: Any, tally: Tally | None) -> None:
    """What there is to choose; set values without a place among them stand ticked before them."""
    if control.kind == "flag":
        options = [Option(text, filter_.words(text)) for text in ("1", "0")]
        control.choices = [choice(option, control.values, tally) for option in options]
    elif control.kind == "tree":
        control.choices = [grown(branch, control.values, tally) for branch in filter_.branches(control.values)]
    elif control.kind in ("checkboxes", "select"):
        control.choices = [choice(option, control.values, tally) for option in filter_.shown_options()]
    if isinstance(filter_, OneChoiceFilter):
        control.blank = filter_.words(filter_.default) if filter_.default else ""
    elif isinstance(filter_, ChoiceFilter) and control.kind != "hidden":
        control.is_folded = filter_.folded
        if filter_.may_be_empty() or NONE in control.values:
            control.choices.append(choice(Option(NONE, filter_.words(NONE)), control.values, tally))


def choice(option: Option, chosen: Iterable[str], tally: Tally | None) -> Choice:
    count = "" if tally is None else f"{tally.get(option.value, 0):,}"
    return Choice(option.value, option.label, option.value in chosen, count)


def grown(branch: Branch, chosen: Iterable[str], tally: Tally | None) -> Choice:
    """A branch with all below it."""
    below = tuple(grown(below, chosen, tally) for below in branch.below)
    return replace(choice(branch.option, chosen, tally), below=below, has_more=branch.has_more)


def leaving_out(rows: Rows, name: str, errors: dict[str, list[str]]) -> Control:
    """The field of `name!`: one select to add to what is left out, and what is left out already, ticked."""
    filter_ = rows.filters.filters[f"{name}!"]
    control = Control(f"{name}!", filter_.label, "without", readable(rows, f"{name}!"), errors=errors.get(f"{name}!", []))
    options = place_options(rows.params.getlist(name)) if isinstance(filter_, RegionFilter) else filter_.shown_options()
    if isinstance(filter_, IndustryFilter):
        options = sorted(options)
    if filter_.may_be_empty():
        options = [*options, Option(NONE, filter_.words(NONE))]
    control.choices = [choice(option, (), None) for option in options if option.value not in control.values]
    control.choices += [Choice(text, filter_.words(text), True) for text in control.values]
    return control


def place_options(chosen: list[str]) -> list[Option]:
    """The provinces, and in the chosen ones what lies there, as one list with the lower ones set in."""

    def flat(branches: list[Branch], depth: int) -> Iterator[Option]:
        for branch in branches:
            yield Option(branch.option.value, "　" * depth + branch.option.label)
            yield from flat(branch.below, depth + 1)

    return list(flat(branches_in("", {d.code for code in chosen for d in load().chain(code)}), 0))


def problems(rows: Rows, errors: dict[str, list[str]], shown: Iterable[str] = ()) -> list[tuple[str, str, str]]:
    """(parameter, label of its field, message) of every error; the label is empty where the form shows no such field.

    `shown` names the fields of a form that is not the one of `controls`.
    """
    filters = rows.filters.filters
    known = set(shown) or {name for name, filter_ in filters.items() if filter_.control != "hidden" or shown_with(name, filters)}
    return [
        (name, label_of(filters[name]) if name in known else "", message)
        for name, messages in errors.items()
        for message in messages
    ]


def label_of(filter_: Parameter) -> str:
    return _("not %(label)s") % {"label": filter_.label} if filter_.exclude else str(filter_.label)


def filter_words(rows: Rows) -> list[tuple[str, str, str, str]]:
    """(parameter, text, label, words) of everything that is set: for chips and for the sheet that explains a file."""
    return [
        (
            name,
            text,
            label_of(filter_),
            filter_.words(text),
        )
        for name, filter_, texts in rows.filters.given()
        for text in texts
    ]


def chips(rows: Rows) -> list[Chip]:
    return [Chip(label, words, rows.without(name, text)) for name, text, label, words in filter_words(rows)]


def heads(rows: Rows) -> Iterator[Head]:
    """The heads of the shown columns, with the address that sorts this list by each."""
    keys = tuple(column.key for column in rows.columns)
    for head in head_row(rows.page, rows.params.get("sort", ""), keys, get_language()):
        yield head._replace(address=rows.query_string(sort=head.following))


def plain_head(label: Any) -> Head:
    """The head of a column that the list cannot be sorted by."""
    return Head(str(label), "", {"scope": "col", "role": "columnheader", "class": "text"}, "", "")


@lru_cache(maxsize=KEPT)
def head_row(page: ListPage, sort: str, keys: tuple[str, ...], language: str) -> list[Head]:
    """The heads of the columns with these keys, from the table that owns their order and sort links; kept, as a table copies
    all columns that there are each time that it is made.
    """
    units = {column.key: column.unit for column in page.columns}
    made = []
    for column in page.table(sort, keys).columns:
        sorted_ = ""
        if column.orderable:
            sorted_ = "none" if not column.is_ordered else "descending" if column.order_by_alias.is_descending else "ascending"
        following = str(column.order_by_alias.next) if column.orderable else ""
        attributes = {name: str(value) for name, value in column.attrs["th"].items()}
        made.append(Head(str(column.header), str(units[column.name]), attributes, sorted_, following))
    return made


class DefaultChip(NamedTuple):
    """The saved filter that the list opens with: whether it is what is shown now, and the address that shows it."""

    pk: int
    name: str
    is_on: bool
    address: str


def default_chip(rows: Rows) -> DefaultChip | None:
    default = rows.habit.default
    if not default:
        return None
    return DefaultChip(default.pk, default.name, same_query(default.query, rows.query_string()), f"?{default.query}")


def same_query(one: str, other: str) -> bool:
    """Whether two query strings ask for the same, in whatever order."""
    return sorted(parse_qsl(one)) == sorted(parse_qsl(other))


def bare(rows: Rows) -> str:
    """The address of the whole list. Where a default would step in, a parameter that changes nothing keeps it out."""
    return f"{reverse(rows.page.slug)}{'?page=1' if rows.habit.default else ''}"


def follows(rows: Rows) -> list[tuple[Any, str]]:
    """(title, address) of the other lists that understand something of this filter; what they do not know stays behind."""
    made = []
    for page in pages():
        known = page.filterset_class.base_filters
        query = QueryDict(mutable=True)
        for name, _filter, texts in rows.filters.given():
            if name in known and name.rstrip("!") in CARRIED:
                query.setlist(name, texts)
        if query and page.slug != rows.page.slug:
            made.append((page.title, f"{reverse(page.slug)}?{query.urlencode()}"))
    return made
