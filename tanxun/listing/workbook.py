"""Rows of lists → one XLSX file, row by row: dates and numbers keep their type, codes are text, the last sheet says what it is.

Called by the views, by the job that writes files and by the command `export`.
"""

from __future__ import annotations

import datetime as dt
import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from io import BytesIO
from itertools import islice
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import override
from rustpy_xlsxwriter import Format, write_worksheets

from .columns import Column, number_text
from .controls import filter_words
from .export import CHUNK, UNWRITABLE, heads
from .page import Rows
from .paging import COUNT_LIMIT
from .snapshot import snapshot

SHEET_ROWS = 1_048_575  # below the head
MAX_CELL = 32_767  # UTF-16 units; Excel cuts a longer text without a word
SURELY_FITS = MAX_CELL // 2
WIDTHS = {"date": 12.0, "number": 14.0, "badge": 10.0, "list": 30.0, "link": 28.0, "text": 20.0}
LINK_WIDTH = 40.0
FIRST_DAY = dt.date(1900, 1, 1)  # a spreadsheet knows no earlier one
DIGITS = 15  # what a spreadsheet holds of a number
Progress = Callable[[int, int], None]


@dataclass
class Sheet:
    """The rows of one list; `count` is known once they are written."""

    rows: Rows
    count: int = 0

    @property
    def title(self) -> str:
        return str(self.rows.page.title)


@dataclass
class About:
    """What the last sheet says, and what writing the others counted."""

    who: str
    when: dt.datetime
    link: str
    layout: str = ""
    replaced: int = 0
    cut: int = 0
    done: int = 0


@dataclass
class Book:
    """What the library is told: its sheets in order, and what it should do with each, by the sheet's name."""

    sheets: list[tuple[str, Iterator[dict[str, Any]]]] = field(default_factory=list)
    settings: dict[str, dict[str, Any]] = field(default_factory=dict)

    def add(self, name: str, records: Iterator[dict[str, Any]], **settings: Any) -> None:
        self.sheets.append((name, records))
        for key, value in settings.items():
            self.settings.setdefault(key, {})[name] = value


def write(
    sheets: Sequence[Sheet], target: Path | BytesIO, about: About, language: str, progress: Progress = lambda done, total: None
) -> None:
    """Write the workbook, all of one snapshot; `progress(done, total)` hears of it now and then and may raise to end it.

    Memory does not grow with the rows where `target` is a path. Raises OSError; what was written until then is left there.
    """
    with override(language), snapshot(sheets[0].rows.page.queryset.db):
        for sheet in sheets:
            sheet.count = sheet.rows.narrowed.count()
        total = sum(sheet.count for sheet in sheets)
        book = Book()
        for sheet in sheets:
            add_rows(book, sheet, about, lambda: progress(about.done, total))
        book.add(_("About"), _about_records(sheets, about), column_widths=[24.0, 90.0])
        with _faults_told():
            write_worksheets(book.sheets, target, header_format={"general": Format().set_bold()}, **book.settings)  # type: ignore[arg-type]


@contextmanager
def _faults_told() -> Iterator[None]:
    """The library tells of a full disk in words alone, and where it is its scratch space that is full, it panics."""
    try:
        yield
    except BaseException as error:
        is_panic = type(error).__name__ == "PanicException"  # no class of Python's: it would end a worker
        code = re.search(r"(?:os error |code: )(\d+)", str(error))
        if code and (is_panic or (isinstance(error, OSError) and not error.errno)):
            raise OSError(int(code[1]), os.strerror(int(code[1]))) from error
        if is_panic:
            raise RuntimeError(str(error)) from error
        raise


def add_rows(book: Book, sheet: Sheet, about: About, said: Callable[[], None]) -> None:
    """The rows under a frozen head with filter buttons; on further sheets what one cannot hold."""
    columns = sheet.rows.file_columns
    names = heads(sheet.rows)
    typed = {name: column for name, column in zip(names, columns, strict=False) if column.kind in ("date", "number")}
    # A sheet holds 65,530 links; below many rows they are plain text.
    links = [names[-1]] if sheet.count <= COUNT_LIMIT else []
    source = _records(sheet.rows, names, about, said)
    for number in range(max(-(-sheet.count // SHEET_ROWS), 1)):
        part = islice(source, SHEET_ROWS)
        book.add(
            _sheet_name(sheet.title, number),
            part if sheet.count else iter([dict.fromkeys(names)]),
            freeze_panes={"row": 1, "col": 0},
            autofilter=True,
            column_widths=[*(WIDTHS[column.kind] for column in columns), LINK_WIDTH],
            column_formats={name: _format(column) for name, column in typed.items()},
            ignore_errors=[name for name in names if name not in typed],
            url_columns=links,
        )


def _records(rows: Rows, names: Sequence[str], about: About, said: Callable[[], None]) -> Iterator[dict[str, Any]]:
    writers = [_WRITERS.get(column.kind, _texts) for column in rows.file_columns]
    source = rows.file_rows(typed=True).iterator(chunk_size=CHUNK)
    while chunk := list(islice(source, CHUNK)):
        *columns, links = zip(*chunk, strict=True)
        written = (write(column, about) for write, column in zip(writers, columns, strict=True))
        for cells in zip(*written, links, strict=True):
            yield dict(zip(names, cells, strict=True))
        about.done += len(chunk)
        said()


def _texts(cells: Sequence[str | None], about: About) -> Iterable[str | None]:
    """The texts as they are, where one look at all of them finds nothing amiss."""
    whole = "".join(filter(None, cells))
    if whole.isprintable() and max(map(len, filter(None, cells)), default=0) <= SURELY_FITS:
        return (cell or None for cell in cells)
    return (fitting(cell, about) if cell else None for cell in cells)


def _days(cells: Sequence[dt.date | str | None], about: About) -> Iterable[dt.date | str | None]:
    """What is no day that a spreadsheet knows (too early, or known to its month or year alone) stays text."""
    days = (dt.date.fromisoformat(cell) if isinstance(cell, str) and len(cell) == len("2026-03-01") else cell for cell in cells)
    return (day.isoformat() if isinstance(day, dt.date) and day < FIRST_DAY else day for day in days)


def _figures(cells: Sequence[int | Decimal | None], about: About) -> Iterable[float | str | None]:
    """A number of more digits than a spreadsheet holds stays exact, as text."""
    return (
        cell if cell is None else float(cell) if len(Decimal(cell).normalize().as_tuple().digits) <= DIGITS else number_text(cell)
        for cell in cells
    )


_WRITERS: dict[str, Callable[[Any, About], Iterable[Any]]] = {"date": _days, "number": _figures}


def fitting(text: str, about: About) -> str:
    """`text` as a workbook can hold it; `about` counts what had to change."""
    clean, replaced = UNWRITABLE.subn("\ufffd", text)
    about.replaced += replaced
    units = clean.encode("utf-16-le")
    if len(units) // 2 <= MAX_CELL:
        return clean
    about.cut += 1
    return units[: (MAX_CELL - 1) * 2].decode("utf-16-le", "ignore") + "…"


def _about_records(sheets: Sequence[Sheet], about: About) -> Iterator[dict[str, Any]]:
    """Asked for after the rows were written, so it knows what was replaced."""
    lines = [(_("Layout"), about.layout)] if about.layout else []
    for sheet in sheets:
        lines.append((_("List"), sheet.title))
        filters = [(label, value) for _name, _text, label, value in filter_words(sheet.rows)]
        lines += filters or [(_("Filter"), _("none: all rows"))]
        lines.append((_("Rows"), str(sheet.count)))
    lines += [
        (_("Exported by"), about.who),
        (_("Exported at"), about.when.strftime("%Y-%m-%d %H:%M %z")),
        (_("This list on the site"), about.link),
    ]
    if about.replaced:
        lines.append(
            (_("Characters replaced"), _("%(count)s that a workbook cannot hold, by U+FFFD") % {"count": about.replaced})
        )
    if about.cut:
        words = _("%(count)s longer than 32,767 characters, marked with …")
        lines.append((_("Texts cut"), words % {"count": about.cut}))
    ignored = About(about.who, about.when, about.link)
    for name, text in lines:
        yield {_("Item"): fitting(str(name), ignored), _("Content"): fitting(str(text), ignored)}


def _format(column: Column) -> Format:
    return Format().set_num_format("yyyy-mm-dd" if column.kind == "date" else "#,##0.######")


def _sheet_name(title: str, number: int) -> str:
    name = re.sub(r"[\[\]:*?/\\']", " ", title)
    return f"{name[:27]} {number + 1}" if number else name[:31]
