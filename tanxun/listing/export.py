"""Rows of a list → CSV, as they are read: called by the views, by the job that writes files and by the command `export`.

The words inside a file are in the language given, and no text can run as a formula. PostgreSQL writes the lines itself (COPY).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import closing
from decimal import Decimal
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import DatabaseError, connections
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from .columns import number_text
from .page import Rows
from .snapshot import snapshot

BOM = "\ufeff".encode()
CHUNK = 2_000
BLOCK = 64 * 1024
REPEATED = 4  # times that a value comes, at which to look at each only once
# What a spreadsheet program takes for a formula, also after blanks, line breaks, quotes and invisible characters.
SIGNS = "=+-@＝＋－＠\t\r\0"
PASSED_OVER = "".join(
    sign
    for sign in map(chr, range(0x10000))
    if (sign.isspace() or sign < " " or sign in "\"'\u2060\ufeff" or "\u2018" <= sign <= "\u201f" or "\u200b" <= sign <= "\u200f")
    and sign not in SIGNS
)
# Most texts begin with a character between these, which is neither; to see that is cheap for Python and for a database.
HARMLESS = (("0", ":"), ("A", "\x7f"), ("\u3001", "\uf900"))
# Characters that XML, and so XLSX, cannot hold.
UNWRITABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
CONTROLS = bytes(code for code in (*range(0x20), 0x7F) if code not in b"\t\n\r")
NONCHARACTERS = ("\ufffe".encode(), "\uffff".encode())


def file_name(title: str, ending: str) -> str:
    """核查声明-2026-01-16.csv: the title of the list and today's date."""
    words = re.sub(r"[^\w-]+", "-", title).strip("-")
    return f"{words}-{timezone.localdate().isoformat()}.{ending}"


def heads(rows: Rows) -> list[str]:
    """The labels with their units, then the address of the record on this site."""
    return [*(column.head for column in rows.file_columns), _("Link")]


def guarded(text: str) -> str:
    """`text` with a leading ' where a spreadsheet program would take it for a formula (CWE-1236)."""
    rest = text.lstrip(PASSED_OVER)
    return f"'{text}" if rest and rest[0] in SIGNS else text


def csv_blocks(rows: Rows, language: str, count: Callable[[int], None] = lambda more: None) -> Generator[bytes, None, None]:
    """UTF-8 with BOM, CRLF, every cell quoted: what Excel opens with its Chinese right. `count` hears how many rows went by.

    One snapshot; the head comes before the database has answered. Closing the iterator stops the query.
    """
    with override(language):
        head = BOM + _lines([[name.replace('"', '""') for name in heads(rows)]])
        broken_off = _lines([[_("INCOMPLETE: reading broke off here. Export it again.")]])
        found = rows.file_rows(typed=False)
        # Where it is read is settled now: the blocks are fetched after the request.
        return _blocks((head, broken_off), compiled(found), rows, found.db, count)


def _blocks(
    words: tuple[bytes, bytes],
    question: tuple[str, Sequence[Any]] | None,
    rows: Rows,
    using: str,
    count: Callable[[int], None],
) -> Generator[bytes, None, None]:
    """`words` are the first line and what stands last where reading breaks off."""
    head, broken_off = words
    yield head
    if question is None:
        return
    write = _copied if connections[using].vendor == "postgresql" else _fetched
    try:
        with snapshot(using), closing(write(*question, rows, using)) as lines:
            for number, block in lines:
                count(number)
                yield _cleaned(block)
    except DatabaseError:
        # The answer has begun, its status can say nothing any more, and a browser takes what ends early for the whole.
        yield broken_off
        raise


def compiled(found: QuerySet) -> tuple[str, Sequence[Any]] | None:
    """The statement of a queryset and its parameters; None where it is known beforehand that nothing can be found."""
    try:
        return found.query.get_compiler(connection=connections[found.db]).as_sql()
    except EmptyResultSet:
        return None


def _copied(sql: str, params: Sequence[Any], rows: Rows, using: str) -> Generator[tuple[int, bytes], None, None]:
    """Lines as PostgreSQL writes them. What a cell holds is computed once, below OFFSET, and looked at by the guard above."""
    guards = [_unguarded_sql if column.kind in WRITERS else _guarded_sql for column in rows.file_columns]
    names = [f"c{number}" for number in range(len(guards) + 1)]
    cells = ", ".join(guard(name) for guard, name in zip([*guards, _unguarded_sql], names, strict=True))
    query = f"COPY (SELECT {cells} FROM ({sql} OFFSET 0) AS found({', '.join(names)})) TO STDOUT (FORMAT csv, FORCE_QUOTE *)"  # noqa: S608
    connection = connections[using]
    # The inner cursor: while queries are looked at, Django's wrapper takes no parameters here. Its errors become Django's.
    with connection.cursor() as cursor, connection.wrap_database_errors, cursor.cursor.copy(query, params) as copy:
        block, number = bytearray(), 0
        for line in copy:
            block += line[:-1]
            block += b"\r\n"
            number += 1
            if len(block) >= BLOCK:
                yield number, bytes(block)
                block, number = bytearray(), 0
        if block:
            yield number, bytes(block)


def _guarded_sql(name: str) -> str:
    """`guarded` for a column of texts, with NULL as an empty text."""
    cell = f'{name} COLLATE "C"'
    harmless = " OR ".join(f"({cell} >= {_literal(low)} AND {cell} < {_literal(high)})" for low, high in HARMLESS)
    signs = ", ".join(_literal(sign) for sign in SIGNS if sign != "\0")
    first = f"left(ltrim({name}, {_literal(PASSED_OVER.replace(chr(0), ''))}), 1)"
    known = f"WHEN {name} IS NULL THEN '' WHEN {harmless} THEN {name}"
    return f"CASE {known} WHEN {first} IN ({signs}) THEN '''' || {name} ELSE {name} END"


def _unguarded_sql(name: str) -> str:
    """A column of dates, numbers or addresses, with NULL as an empty text."""
    return f"coalesce({name}, '')"


def _literal(text: str) -> str:
    return "U&'" + "".join(f"\\{ord(sign):04x}" for sign in text) + "'"


def _fetched(sql: str, params: Sequence[Any], rows: Rows, using: str) -> Generator[tuple[int, bytes], None, None]:
    """Lines of what SQLite reads, guarded and quoted here: column by column, since most need little or nothing."""
    writers = [WRITERS.get(column.kind, _texts) for column in rows.file_columns]
    with connections[using].cursor() as cursor:
        cursor.execute(sql, params)
        while chunk := cursor.fetchmany(CHUNK):
            *columns, links = zip(*chunk, strict=True)
            written = (write(column) for write, column in zip(writers, columns, strict=True))
            yield len(chunk), _lines(zip(*written, links, strict=True))


def _texts(cells: Sequence[str | None]) -> Iterable[str]:
    different = set(cells)
    if len(different) < len(cells) // REPEATED:
        written = {cell: _quoted(cell) for cell in different}
        return map(written.__getitem__, cells)
    (low, to), (low_, to_), (low__, to__) = HARMLESS
    # The commonest beginnings are looked at here: to call a function for every cell would cost more than all the rest.
    return [
        cell if cell and (low_ <= cell < to_ or low__ <= cell < to__ or low <= cell < to) and '"' not in cell else _quoted(cell)
        for cell in cells
    ]


def _quoted(cell: str | None) -> str:
    return guarded(cell).replace('"', '""') if cell else ""


def _days(cells: Iterable[str | None]) -> Iterable[str]:
    return (cell or "" for cell in cells)


def _numbers(cells: Iterable[float | None]) -> Iterable[str]:
    """SQLite keeps a decimal as a float: its first 15 digits are the number."""
    return (
        "" if cell is None else number_text(Decimal(f"{cell:.15g}")) if isinstance(cell, float) else str(cell) for cell in cells
    )


WRITERS: dict[str, Callable[[Any], Iterable[str]]] = {"date": _days, "number": _numbers}


def _lines(rows: Iterable[Sequence[str]]) -> bytes:
    """CSV of cells in which quotes are doubled."""
    return "".join(f'"{line}"\r\n' for line in map('","'.join, rows)).encode()


def _cleaned(block: bytes) -> bytes:
    """The same with U+FFFD for what no workbook can hold; the database writes such a character as it is."""
    if len(block.translate(None, CONTROLS)) == len(block) and not any(sign in block for sign in NONCHARACTERS):
        return block
    return UNWRITABLE.sub("\ufffd", block.decode()).encode()
