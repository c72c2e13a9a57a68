"""A workbook → a file of rows, each a JSON array: `python -m certifications.sheets.unpack FILE ROWS [errors]`.

A process of its own: the library holds the whole sheet in memory, which ends with it, and what a hostile file could still
do is bounded by limits of the operating system.
"""

from __future__ import annotations

import datetime as dt
import json
import re
import resource
import sys
import zipfile
from collections.abc import Iterator
from functools import reduce
from pathlib import Path
from typing import Any

from lxml import etree
from python_calamine import CalamineSheet, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

MAX_MEMORY = 1_500_000_000
MAX_SECONDS = 600
MAX_MERGED = 200_000
PARSER = etree.XMLParser(resolve_entities=False, no_network=True)
RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
ERROR = re.compile(rb'<(?:\w+:)?c ([^>]*\bt="e"[^>]*)>(?:(?!</(?:\w+:)?c>).)*?<(?:\w+:)?v>([^<]*)<', re.DOTALL)
PLACE = re.compile(rb'\br="([A-Z]{1,3})([0-9]{1,7})"')


def main(source: Path, target: Path, *, has_errors: bool = False) -> None:
    """Write the first visible sheet that holds anything: `[number of the row, cell, cell …]`, as the program shows them."""
    with CalamineWorkbook.from_path(source) as book, target.open("w", encoding="utf-8") as file:
        for about in book.sheets_metadata:
            if about.typ != SheetTypeEnum.WorkSheet or about.visible != SheetVisibleEnum.Visible:
                continue
            sheet = book.get_sheet_by_name(about.name)
            if sheet.start is None:
                continue
            errors = errors_of(source, about.name) if has_errors else {}
            for row in numbered(sheet, errors):
                file.write(json.dumps(row, ensure_ascii=False, default=plain))
                file.write("\n")
            return


def errors_of(source: Path, name: str) -> dict[int, list[tuple[int, str]]]:
    """What formulas of that sheet ended in, (column from 1, #REF!) by row: the library leaves such cells empty."""
    with zipfile.ZipFile(source) as archive:
        book = etree.fromstring(archive.read("xl/workbook.xml"), PARSER)
        key = next(s.get(RELATION + "id") for s in book.iter("{*}sheet") if s.get("name") == name)
        links = etree.fromstring(archive.read("xl/_rels/workbook.xml.rels"), PARSER)
        target = next(str(link.get("Target")) for link in links.iter("{*}Relationship") if link.get("Id") == key)
        part = target.removeprefix("/") if target.startswith("/") else f"xl/{target}"
        found: dict[int, list[tuple[int, str]]] = {}
        for attributes, text in ERROR.findall(archive.read(part)):
            if place := PLACE.search(attributes):
                column = reduce(lambda number, letter: number * 26 + letter - 64, place[1], 0)
                found.setdefault(int(place[2]), []).append((column, text.decode()))
        return found


def numbered(sheet: CalamineSheet, errors: dict[int, list[tuple[int, str]]]) -> Iterator[list[Any]]:
    """Rows with their number and their `errors`; a merged cell counts for every row that it spans."""
    top, left = sheet.start or (0, 0)
    spans: dict[int, list[tuple[int, int]]] = {}
    for (first, column), (last, _right) in (sheet.merged_cell_ranges or [])[:MAX_MERGED]:
        if last > first:
            spans.setdefault(first, []).append((column - left, last))
    running: dict[int, tuple[int, Any]] = {}
    for index, cells in enumerate(sheet.iter_rows(), top):
        for column, text in errors.get(index + 1, ()):
            cells[column - 1 - left] = text
        for column, last in spans.get(index, ()):
            if 0 <= column < len(cells):
                running[column] = (last, cells[column])
        for column, (last, value) in list(running.items()):
            if index > last:
                del running[column]
            else:
                cells[column] = value
        if any(cell != "" for cell in cells):
            yield [index + 1, *cells]


def plain(value: Any) -> str:
    """Dates and times as ISO text; midnight is a date."""
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time() else value.isoformat(" ")
    return value.isoformat() if isinstance(value, dt.date | dt.time) else str(value)


def take_at_most(kind: int, most: int) -> None:
    """Less where whoever started us may have less: a limit can only be lowered."""
    given = resource.getrlimit(kind)[1]
    limit = most if given == resource.RLIM_INFINITY else min(most, given)
    resource.setrlimit(kind, (limit, limit))


if __name__ == "__main__":
    take_at_most(resource.RLIMIT_AS, MAX_MEMORY)
    take_at_most(resource.RLIMIT_CPU, MAX_SECONDS)
    main(Path(sys.argv[1]), Path(sys.argv[2]), has_errors="errors" in sys.argv[3:])
