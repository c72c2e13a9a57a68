"""Rows of a list → CSV and XLSX. Pure functions; called by the views and by the command `export`.

The words inside a file are in the language given, dates and numbers keep their type, and no text can run as a formula.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override
from rustpy_xlsxwriter import Format, write_worksheets

from .columns import Column, number_text
from .controls import filter_words
from .page import Rows, parts

BOM = "\ufeff"
CHUNK = 500
MAX_CELL = 32_767  # UTF-16 units; Excel cuts a longer text without a word
# What a spreadsheet program takes for a formula, also after blanks, line breaks, quotes and invisible characters.
FORMULA = re.compile(r"[\s\"'\u2018-\u201f\u200b-\u200f\u2060\ufeff\x00-\x1f]*[=+\-@＝＋－＠\t\r\x00]")
# Characters that XML, and so XLSX, cannot hold.
UNWRITABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
WIDTHS = {"date": 12.0, "number": 14.0, "badge": 10.0, "list": 30.0, "link": 28.0, "text": 20.0}


@dataclass
class About:
    """What the second sheet says, and what writing the first one counted."""

    who: str
    when: dt.datetime
    link: str
    count: int = 0
    replaced: int = 0
    cut: int = 0


def file_name(rows: Rows, ending: str) -> str:
    """核查声明-2026-01-16.csv: the title of the list and today's date."""
    with override(settings.LANGUAGE_CODE):
        title = re.sub(r"[^\w-]+", "-", str(rows.page.title)).strip("-")
    return f"{title}-{timezone.localdate().isoformat()}.{ending}"


def heads(rows: Rows) -> list[str]:
    """The labels with their units, then the address of the record on this site."""
    return [*(column.head for column in rows.file_columns), _("Link")]


def values(rows: Rows, language: str) -> Iterator[list[Any]]:
    """Every row as dates, numbers, texts and None, in the order of `heads`; the last one is the record's address."""
    columns = rows.file_columns
    with override(language):
        source = rows.every_row()
    while True:
        # The language never stays switched while somebody else's code runs between two rows.
        with override(language):
            chunk = [_row_values(row, columns, rows.page.detail) for row in islice(source, CHUNK)]
        if not chunk:
            return
        yield from chunk


def csv_lines(rows: Rows, language: str) -> Iterator[bytes]:
    """UTF-8 with BOM, CRLF, every cell quoted: what Excel opens with its Chinese right. Yields some rows at a time."""
    with override(language):
        first = heads(rows)
    yield BOM.encode() + _csv_block([first])
    source = values(rows, language)
    while block := list(islice(source, CHUNK)):
        yield _csv_block(block)


def xlsx_bytes(rows: Rows, about: About, language: str) -> bytes:
    """A workbook: the rows with frozen head, filter row and widths; a second sheet says what they are."""
    with override(language):
        head, title, note, filters = heads(rows), _sheet_name(str(rows.page.title)), _("About"), filter_words(rows)
    columns = rows.file_columns
    formats = {name: _format(column) for name, column in zip(head, columns, strict=False) if column.kind in ("date", "number")}
    widths = {name: WIDTHS[column.kind] for name, column in zip(head, columns, strict=False)} | {head[-1]: 40.0}
    buffer = io.BytesIO()
    write_worksheets(
        [(title, _records(rows, head, about, language)), (note, _about_records(rows, about, filters, language))],
        buffer,
        freeze_panes={title: {"row": 1, "col": 0}},
        column_widths={title: widths, note: [24.0, 90.0]},
        column_formats={title: formats},
        header_format={"general": Format().set_bold()},
        autofilter={title: True},
        ignore_errors={title: [name for name in head if name not in formats]},
        url_columns={title: [head[-1]]},
    )
    return buffer.getvalue()


def guarded(text: str) -> str:
    """`text` with a leading ' where a spreadsheet program would take it for a formula (CWE-1236)."""
    return f"'{text}" if FORMULA.match(text) else text


def _row_values(row: Sequence[Any], columns: Sequence[Column], detail: str) -> list[Any]:
    address = f"{settings.SITE_URL}{reverse(detail, args=[row[0]])}"
    return [*(column.file_value(part) for column, part in parts(row, columns)), address]


def _csv_block(block: Iterable[Sequence[Any]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerows([_csv_cell(value) for value in row] for row in block)
    return text.getvalue().encode()


def _csv_cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, int | Decimal):
        return number_text(value)
    return UNWRITABLE.sub("\ufffd", guarded(value))


def _records(rows: Rows, head: list[str], about: About, language: str) -> Iterator[dict[str, Any]]:
    for row in values(rows, language):
        about.count += 1
        yield {name: _xlsx_cell(value, about) for name, value in zip(head, row, strict=True)}
    if not about.count:
        yield dict.fromkeys(head)


def _xlsx_cell(value: Any, about: About) -> Any:
    if isinstance(value, str):
        clean, replaced = UNWRITABLE.subn("\ufffd", value)
        about.replaced += replaced
        units = clean.encode("utf-16-le")
        if len(units) // 2 > MAX_CELL:
            about.cut += 1
            return units[: (MAX_CELL - 1) * 2].decode("utf-16-le", "ignore") + "…"
        return clean
    if isinstance(value, Decimal):
        # A spreadsheet holds 15 digits; a longer number stays exact as text.
        return float(value) if len(value.normalize().as_tuple().digits) <= 15 else number_text(value)
    return value


def _about_records(rows: Rows, about: About, filters: list[tuple[str, str, str, str]], language: str) -> Iterator[dict[str, Any]]:
    """Asked for after the rows were written, so it knows their count."""
    with override(language):
        lines = [(_("List"), str(rows.page.title)), *((label, words) for _name, _text, label, words in filters)]
        if not filters:
            lines.append((_("Filter"), _("none: all rows")))
        lines += [
            (_("Rows"), str(about.count)),
            (_("Exported by"), about.who),
            (_("Exported at"), about.when.strftime("%Y-%m-%d %H:%M %z")),
            (_("This list on the site"), about.link),
        ]
        if about.replaced:
            text = _("%(count)s that a workbook cannot hold, by U+FFFD")
            lines.append((_("Characters replaced"), text % {"count": about.replaced}))
        if about.cut:
            text = _("%(count)s longer than 32,767 characters, marked with …")
            lines.append((_("Texts cut"), text % {"count": about.cut}))
        item, content = _("Item"), _("Content")
    ignored = About(about.who, about.when, about.link)
    for name, text in lines:
        yield {item: _xlsx_cell(str(name), ignored), content: _xlsx_cell(text, ignored)}


def _format(column: Column) -> Format:
    return Format().set_num_format("yyyy-mm-dd" if column.kind == "date" else "#,##0.######")


def _sheet_name(title: str) -> str:
    return re.sub(r"[\[\]:*?/\\']", " ", title)[:31]
