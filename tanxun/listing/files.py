"""One file of a list or of a layout, from the question to the disk: what the views, the job and the command `export` share."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import override

from . import workbook
from .dump import jsonl_blocks
from .export import csv_blocks, file_name
from .layouts import Layout
from .page import ListPage, Rows, UnknownPageError

TYPES = {
    "csv": "text/csv; charset=utf-8",
    "jsonl": "application/x-ndjson",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
Progress = Callable[[int, int], None]


@dataclass
class Order:
    """What file is wanted: `asked` is the query string, `sheets` the rows of each sheet (only a workbook has more than one).

    `name` is what somebody called it, where they did: the name of a saved filter.
    """

    page: ListPage
    ending: str
    sheets: list[Rows]
    asked: str
    layout: Layout | None = None
    language: str = field(default_factory=lambda: settings.LANGUAGE_CODE)
    name: str = ""

    @property
    def title(self) -> str:
        with override(self.language):
            return str(self.layout.title if self.layout else self.page.title)

    @property
    def file_name(self) -> str:
        is_word = any(map(str.isalnum, self.name))
        return file_name(self.name if is_word else self.title, self.ending)

    @property
    def link(self) -> str:
        """The whole address of the list on the site."""
        return self.sheets[0].link

    def is_large(self) -> bool:
        """Whether a person should not have to wait for it."""
        return any(rows.are_many() for rows in self.sheets)

    def blocks(self, count: Callable[[int], None] = lambda more: None) -> Generator[bytes, None, None]:
        """The file as it is read, of those that can be: CSV and JSON Lines."""
        return (csv_blocks if self.ending == "csv" else jsonl_blocks)(self.sheets[0], self.language, count)

    def write(self, target: Path | BytesIO, who: str, progress: Progress = lambda done, total: None) -> int:
        """Write it; returns the number of rows. `progress(done, total)` may raise to end it. Raises OSError."""
        if self.ending == "xlsx":
            about = workbook.About(who, timezone.localtime(), self.link, self.title if self.layout else "")
            workbook.write([workbook.Sheet(rows) for rows in self.sheets], target, about, self.language, progress)
            return about.done
        rows, done = self.sheets[0], 0
        total = rows.narrowed.count()

        def counted(more: int) -> None:
            nonlocal done
            done += more
            progress(done, total)

        blocks = self.blocks(counted)
        with closing(blocks), target.open("wb") if isinstance(target, Path) else nullcontext(target) as file:
            file.writelines(blocks)
        return done


def order(page: ListPage, ending: str, params: QueryDict, user: Any = None, layout: str = "") -> Order:
    """Raises InvalidParametersError, and UnknownPageError for a layout that this list does not have."""
    if not layout:
        rows = page.rows(params, user)
        return Order(page, ending, [rows], rows.query_string(per_page=None))
    for known in page.layouts:
        if known.slug == layout and ending == "xlsx":
            return Order(page, ending, known.rows(params, user), params.urlencode(), known)
    raise UnknownPageError(layout)


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """Where to write what shall be at `path` once it is complete, and not at all otherwise. Raises OSError."""
    unfinished = path.with_name(f"{path.name}.part")
    try:
        yield unfinished
        with unfinished.open("rb") as file:
            os.fsync(file.fileno())
        unfinished.replace(path)
    finally:
        with suppress(OSError):
            unfinished.unlink(missing_ok=True)
