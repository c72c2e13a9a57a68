"""Rows of a page → the HTML of its table body. Joined by hand: a template costs ten times as much a cell. Called by `views`.

Every text is escaped here, whatever it is and whoever says that it is safe.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from html import escape
from typing import Any

from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from .columns import Column, shown
from .page import Rows

ANY_KEY = 987_654_321  # stands for a key in an address that is made once for all rows

Draw = Callable[[Sequence[Any]], str]


def body(
    rows: Rows,
    found: Iterable[Sequence[Any]],
    *,
    has_ticks: bool = False,
    private: tuple[Any, dict[int, str]] | None = None,
) -> SafeString:
    """The rows of the table body, each with its key in `data-id` and, in the first cell, a box to tick it; in the language of
    the moment. `private` is the last column, `ListPage.private`.
    """
    mark = f'<span class="fresh" title="{escape(_("New since my last visit"))}"><span class="visually-hidden">{escape(_("new"))}'
    mark += "</span></span>"
    tick, (name, *_columns) = escape(_("Tick")) if has_ticks else "", rows.columns
    parts, start = [], 1
    for column in rows.columns:
        end = start + len(column.fields)
        parts.append((opening(column), start, end, drawing(column)))
        start = end
    lines = []
    for row in found:
        lines.append(f'<tr role="row" data-id="{int(row[0])}">')
        first = mark if rows.is_new(row) else ""
        if tick:
            label = f"{tick} {escape(shown(name.read(row[1 : 1 + len(name.fields)])[0]))}"
            first = (
                f'<input type="checkbox" class="tick" name="id" value="{row[0]}" form="selection" aria-label="{label}">{first}'
            )
        for open_cell, start, end, draw in parts:
            lines.append(f"{open_cell}{first}{draw(row[start:end])}</td>")
            first = ""
        if private:
            label, texts = private
            text = escape(texts.get(int(row[0]), "")) or '<span class="unknown">—</span>'
            lines.append(f'<td role="cell" class="text" data-label="{escape(str(label))}">{text}</td>')
        lines.append("</tr>\n")
    return SafeString("".join(lines))


def opening(column: Column) -> str:
    return f'<td role="cell" class="{escape(column.kind)}" data-label="{escape(column.head)}">'


def drawing(column: Column) -> Draw:
    """What makes the inside of a cell of the values that a row holds for this column."""
    missing = f'<span class="unknown">{escape(str(column.missing))}</span>'
    before, after = address_of(column.link) if column.link else ("", "")
    is_badge, is_link, read = column.kind == "badge", bool(column.link), column.read

    def draw(values: Sequence[Any]) -> str:
        value, note = read(values)
        text = escape(shown(value))
        if is_link and values[-1]:
            text = f'<a href="{before}{int(values[-1])}{after}">{text or missing}</a>'
        elif is_badge and values[0]:
            text = f'<span class="badge {escape(str(values[0]))}">{text}</span>'
        return f'{text or missing} <span class="beside">{escape(str(note))}</span>' if note else text or missing

    return draw


def address_of(name: str) -> tuple[str, str]:
    """What stands before and after the key in the address of a record."""
    before, _key, after = escape(reverse(name, args=[ANY_KEY])).partition(str(ANY_KEY))
    return before, after
