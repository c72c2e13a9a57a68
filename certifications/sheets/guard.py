"""Whether a file may be read as a sheet at all: asked before any library opens it. Pure: no Django but for its words.

A workbook is an archive of XML that a few kilobytes can make as large as one likes: everything is counted before it is read.
"""

from __future__ import annotations

import codecs
import os
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.utils.translation import gettext as _

MAX_BYTES = 100_000_000
MAX_ENTRIES = 1_000
MAX_UNPACKED = 400_000_000
MAX_RATIO = 100
RATIO_FROM = 5_000_000
MAX_ROWS = 1_048_576
MAX_COLUMNS = 500
MAX_CELLS = 8_000_000
MAX_TEXT = 300_000_000
BLOCK = 1 << 20
OVERLAP = 16
MAX_PIECE = 16_000_000
END_OF_ARCHIVE = b"PK\x05\x06"
REFERENCE = re.compile(rb'<(?:\w+:)?c [^>]*?\br="([A-Z]{1,3})([0-9]{1,7})"')
CELL = re.compile(rb"<(?:\w+:)?c[ >/]")
NO_VALUE = re.compile(rb"(?:</(?:\w+:)?f>|<(?:\w+:)?f(?: [^>]*)?/>)</(?:\w+:)?c>")
ENDS_ROW, ENDS_STRING, ENDS_TAG = (re.compile(end) for end in (rb"</(?:\w+:)?row>", rb"</(?:\w+:)?si>", b">"))
ERROR_MARK = b't="e"'
SHARED = re.compile(rb'\bt="s"[^>]*><(?:\w+:)?v>([0-9]{1,9})<')
DOCUMENT_TYPE = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


class SheetError(Exception):
    """The file cannot be taken as a sheet; the message says why and what to do, for a person."""


class TryLaterError(SheetError):
    """It cannot be taken now, or not here, through no fault of the file: the same sheet may come in another time."""


@dataclass(frozen=True)
class Kind:
    """What a file is: a workbook (`encoding` is empty; `counts_from_1904` its calendar), or text in that encoding.

    `has_errors`: formulas of it ended in #REF! and the like.
    """

    encoding: str = ""
    counts_from_1904: bool = False
    has_errors: bool = False

    @property
    def is_workbook(self) -> bool:
        return not self.encoding


def kind_of(path: Path) -> Kind:
    """What the file is by its content, whatever its name. Raises SheetError for anything but a sound .xlsx or .csv."""
    size = path.stat().st_size
    if not size:
        raise SheetError(_("The file is empty."))
    if size > MAX_BYTES:
        raise SheetError(_("The file is larger than %(limit)s MB (the limit).") % {"limit": MAX_BYTES // 1_000_000})
    with path.open("rb") as file:
        start = file.read(8)
    if start.startswith(b"PK"):
        return _workbook(path)
    if start.startswith(b"\xd0\xcf\x11\xe0"):
        raise SheetError(_("This is an old .xls file or a protected workbook: save it as .xlsx without a password."))
    return Kind(encoding=_encoding(path))


def _workbook(path: Path) -> Kind:
    try:
        _check_directory(path)
        with zipfile.ZipFile(path) as archive:
            _check_entries(archive)
            return _check_parts(archive)
    except (zipfile.BadZipFile, zlib.error, struct.error, KeyError, ValueError, IndexError, OSError, EOFError) as error:
        raise _no_workbook() from error
    except (NotImplementedError, RuntimeError) as error:  # an unknown compression, a password
        raise _no_workbook() from error


def _no_workbook() -> SheetError:
    return SheetError(_("This is not an .xlsx file, or it is damaged: open it in Excel or WPS and save it as .xlsx."))


def _check_directory(path: Path) -> None:
    """The number of entries by the end of the archive, before the list of them is read."""
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - 65_557))
        tail = file.read()
    at = tail.rfind(END_OF_ARCHIVE)
    if at < 0:
        raise _no_workbook()
    if struct.unpack_from("<H", tail, at + 10)[0] > MAX_ENTRIES:
        raise SheetError(_("The file holds too many parts to be a workbook."))


def _check_entries(archive: zipfile.ZipFile) -> None:
    entries = archive.infolist()
    names = [entry.filename for entry in entries]
    if len(entries) > MAX_ENTRIES or len(set(names)) < len(names):
        raise SheetError(_("The file holds too many parts to be a workbook."))
    if any(name.startswith(("/", "\\")) or ".." in re.split(r"[/\\]", name) or ":" in name for name in names):
        raise SheetError(_("The file names places outside itself: it is not a workbook to be trusted."))
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        raise SheetError(_("The workbook holds macros: save it as .xlsx without them."))
    if any(entry.flag_bits & 1 for entry in entries):
        raise SheetError(_("The workbook is protected by a password: save it without one."))
    if "xl/workbook.xml" not in names:
        raise _no_workbook()
    unpacked = sum(entry.file_size for entry in entries)
    swollen = any(e.file_size > RATIO_FROM and e.file_size > MAX_RATIO * max(e.compress_size, 1) for e in entries)
    if unpacked > MAX_UNPACKED or swollen:
        raise SheetError(_("The workbook is far larger than its file: save the sheet as CSV (UTF-8) and bring that."))


def _check_parts(archive: zipfile.ZipFile) -> Kind:
    """Every XML part by its real content: no document types, no more cells and text than can be held."""
    unpacked = Unpacked()
    strings: list[int] = []
    from_1904 = has_errors = False
    parts = [entry for entry in archive.infolist() if entry.filename.lower().endswith((".xml", ".rels"))]
    for entry in sorted(parts, key=_is_sheet):  # what the sheets point to first
        blocks = unpacked.blocks(archive, entry)
        if _is_sheet(entry):
            has_errors |= _check_sheet(blocks, strings)
        elif entry.filename == "xl/sharedStrings.xml":
            strings = [length for block in blocks for length in _lengths(block)]
        elif entry.filename == "xl/workbook.xml":
            from_1904 = any(re.search(rb"""\bdate1904=["'](?:1|true)["']""", block) for block in blocks)
        for _rest in blocks:
            pass
    return Kind(counts_from_1904=from_1904, has_errors=has_errors)


def _is_sheet(entry: zipfile.ZipInfo) -> bool:
    return entry.filename.startswith("xl/worksheets/") and entry.filename.endswith(".xml")


class Unpacked:
    """Counts what is really unpacked, whatever the archive declares."""

    def __init__(self) -> None:
        self.count = 0

    def blocks(self, archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Iterator[bytes]:
        """The content in blocks that end where a row, a shared string or at least a tag ends."""
        end = ENDS_ROW if _is_sheet(entry) else ENDS_STRING if entry.filename == "xl/sharedStrings.xml" else ENDS_TAG
        rest = b""
        with archive.open(entry) as part:
            while block := part.read(BLOCK):
                self.count += len(block)
                if self.count > MAX_UNPACKED:
                    raise SheetError(_("The workbook is far larger than its file: save the sheet as CSV (UTF-8) and bring that."))
                if DOCUMENT_TYPE.search(rest[-OVERLAP:] + block) or b"\0" in block:  # UTF-16 could hide one
                    raise SheetError(_("The workbook holds definitions that no spreadsheet program writes: it is not read."))
                whole = rest + block
                cut = max((found.end() for found in end.finditer(whole)), default=0)
                if len(whole) - cut > MAX_PIECE:
                    raise _no_workbook()
                if cut:
                    yield whole[:cut]
                rest = whole[cut:]
        yield rest


def _lengths(block: bytes) -> list[int]:
    """How long each shared string is, with its markup."""
    return [len(item) for item in re.split(rb"<(?:\w+:)?si[ >/]", block)[1:]]


def _check_sheet(blocks: Iterator[bytes], strings: list[int]) -> bool:
    """Whether it has cells with errors. A reader holds every cell up to the last corner, and its own copy of every text."""
    has_errors = False
    columns: set[bytes] = set()
    last_row = cells = referred = text = 0
    for block in blocks:
        found = REFERENCE.findall(block)
        columns.update(column for column, _row in found)
        last_row = max(last_row, max((int(row) for _column, row in found[-1:]), default=0))
        referred += len(found)
        cells += len(CELL.findall(block))
        has_errors |= ERROR_MARK in block
        if NO_VALUE.search(block):
            raise SheetError(_("The workbook holds formulas without their results: open it in Excel or WPS and save it once."))
        if strings:
            text += sum(strings[int(n)] if int(n) < len(strings) else _unknown_text() for n in SHARED.findall(block))
        last_column = max(map(_number, columns), default=0)
        if last_column > MAX_COLUMNS:
            raise SheetError(_("The sheet has more than %(limit)s columns (the limit).") % {"limit": MAX_COLUMNS})
        if last_row > MAX_ROWS or last_row * last_column > MAX_CELLS or cells > MAX_CELLS or text > MAX_TEXT:
            raise SheetError(_("The sheet is too large for a workbook: save it as CSV (UTF-8) and bring that."))
    if cells > referred:
        raise SheetError(_("The cells of the workbook have no addresses: open it in Excel or WPS and save it once."))
    return has_errors


def _unknown_text() -> int:
    raise SheetError(_("The workbook points to texts that it does not hold: it is damaged."))


def _number(column: bytes) -> int:
    """A → 1, Z → 26, AA → 27."""
    number = 0
    for letter in column:
        number = number * 26 + letter - 64
    return number


def _encoding(path: Path) -> str:
    """By byte order mark, else UTF-8, else GB18030 where every byte of the file is right in it. Raises SheetError."""
    with path.open("rb") as file:
        start = file.read(4)
    marked = next((encoding for mark, encoding in BOMS if start.startswith(mark)), "")
    for encoding in [marked] if marked else ["utf-8", "gb18030"]:
        if _decodes(path, encoding):
            return encoding
    raise SheetError(_("The file is neither an .xlsx workbook nor text in a known encoding: save it as CSV (UTF-8)."))


def _decodes(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    with path.open("rb") as file:
        try:
            while block := file.read(BLOCK):
                if "\0" in decoder.decode(block):
                    raise SheetError(_("The file is no text: it holds NUL characters."))
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return True
