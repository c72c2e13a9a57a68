"""A file → its rows, one at a time: a workbook through `unpack`, text through the standard library. Asked by `intake`."""

from __future__ import annotations

import csv
import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from certifications.models import SheetImport

from .guard import MAX_COLUMNS, SheetError, TryLaterError, kind_of
from .heads import LOOKED_THROUGH

SECONDS = 900
SAMPLE = 65_536
MAX_LINE = 1_000_000
MAX_FIELD = 100_000
SEPARATORS = ",;\t，；"
# As Python, a library in Rust and the system say it; the system may also kill who takes most (SIGKILL).
OUT_OF_MEMORY = (b"MemoryError", b"memory allocation", b"Cannot allocate memory")
Row = list[Any]


class SheetFile:
    """`with SheetFile(path) as sheet:` guards, and unpacks into a folder that goes with it. Raises SheetError.

    Rows are `[number as the program shows it, cell, cell …]`; empty ones are left out.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.kind = kind_of(path)
        self._folder = TemporaryDirectory(prefix="sheet-", dir=SheetImport.folder())
        self._rows = Path(self._folder.name) / "rows"

    def __enter__(self) -> SheetFile:
        try:
            if self.kind.is_workbook:
                self._unpack()
        except BaseException:
            self._folder.cleanup()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._folder.cleanup()

    def _unpack(self) -> None:
        command = [sys.executable, "-m", "certifications.sheets.unpack", str(self.path.resolve()), str(self._rows)]
        command += ["errors"] if self.kind.has_errors else []
        try:
            done = subprocess.run(command, cwd=settings.BASE_DIR, capture_output=True, timeout=SECONDS, check=False)
        except subprocess.TimeoutExpired:
            raise TryLaterError(_("The workbook takes too long to read: save the sheet as CSV (UTF-8) and bring that.")) from None
        if done.returncode:
            if b"No space left" in done.stderr:
                raise TryLaterError(_("The disk of the server is full: nothing was read."))
            if done.returncode == -signal.SIGKILL or any(words in done.stderr for words in OUT_OF_MEMORY):
                raise TryLaterError(
                    _("The workbook needs more memory than there is: save the sheet as CSV (UTF-8) and bring that.")
                )
            raise SheetError(_("The workbook cannot be read: open it in Excel or WPS, save it anew as .xlsx, or save it as CSV."))
        if not self._rows.exists():
            self._rows.touch()

    def first_rows(self) -> list[Row]:
        """Those that the heads are looked for in."""
        return list(islice(self.rows(), LOOKED_THROUGH))

    def rows(self) -> Iterator[Row]:
        return self._unpacked() if self.kind.is_workbook else self._separated()

    def count(self) -> int:
        """About how many rows there are: for progress."""
        source = self._rows if self.kind.is_workbook else self.path
        with source.open("rb") as file:
            return sum(block.count(b"\n") for block in iter(lambda: file.read(1 << 20), b""))

    def _unpacked(self) -> Iterator[Row]:
        with self._rows.open(encoding="utf-8") as file:
            for line in file:
                yield json.loads(line)

    def _separated(self) -> Iterator[Row]:
        with self.path.open(encoding=self.kind.encoding, newline="") as file:
            separator = _separator(file.read(SAMPLE))
            file.seek(0)
            before = csv.field_size_limit(MAX_FIELD)
            number = 0
            try:
                for number, row in enumerate(csv.reader(_lines(file), delimiter=separator, strict=True), 1):
                    if len(row) > MAX_COLUMNS:
                        raise SheetError(_("The sheet has more than %(limit)s columns (the limit).") % {"limit": MAX_COLUMNS})
                    if any(row):
                        yield [number, *row]
            except csv.Error as error:
                words = _("Row %(row)s cannot be read (%(reason)s): a quotation mark may be missing. Save the sheet as CSV anew.")
                raise SheetError(words % {"row": number + 1, "reason": error}) from None
            finally:
                csv.field_size_limit(before)


def _lines(file: Any) -> Iterator[str]:
    """Lines, none longer than can be a row."""
    while line := file.readline(MAX_LINE):
        if len(line) >= MAX_LINE:
            raise SheetError(_("A line is longer than %(limit)s characters: this is no sheet.") % {"limit": f"{MAX_LINE:,}"})
        yield line


def _separator(sample: str) -> str:
    """The sign that divides the first line that has any."""
    for line in sample.splitlines():
        if counts := {sign: line.count(sign) for sign in SEPARATORS if sign in line}:
            return max(counts, key=lambda sign: counts[sign])
    return ","
