"""All rows of a list as JSON Lines: the objects of the API, one a line, with all columns and in flat memory. Called as CSV is."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Generator, Iterator

from django.db import DatabaseError
from django.utils.translation import gettext as _
from django.utils.translation import override

from .fields import objects
from .page import Rows
from .snapshot import snapshot

CHUNK = 500
# Whatever a reader takes for the end of a line: of those that JSON leaves as they are.
LINE_ENDS = {sign: f"\\u{sign:04x}" for sign in (0x85, 0x2028, 0x2029)}
AT_ONCE = 1  # of two threads that a process of the server has: the other one goes on answering


class Busy(Exception):
    """This process writes as many dumps as it may already."""


class Turn:
    """The blocks of a dump, of which each process gives out AT_ONCE: whoever reads slowly holds one thread, never all.

    Given back when the blocks are read, when the answer is closed, and when nobody holds it any more.
    """

    free = threading.BoundedSemaphore(AT_ONCE)

    def __init__(self, blocks: Generator[bytes, None, None]) -> None:
        """Raises Busy."""
        self.is_held = False
        if not Turn.free.acquire(blocking=False):
            raise Busy
        self.is_held, self.blocks, self.lock = True, blocks, threading.Lock()

    def __iter__(self) -> Iterator[bytes]:
        try:
            yield from self.blocks
        finally:
            self.close()

    def close(self) -> None:
        with self.lock:
            if not self.is_held:
                return
            self.is_held = False
        try:
            self.blocks.close()
        finally:
            Turn.free.release()

    def __del__(self) -> None:
        if self.is_held:
            self.close()


def jsonl_blocks(rows: Rows, language: str, count: Callable[[int], None] = lambda more: None) -> Generator[bytes, None, None]:
    """UTF-8, an object a line; one snapshot. `count` hears how many rows went by. Closing the iterator stops the query."""
    with override(language):
        rows.for_programs(is_file=True)
        made, found = objects(rows), rows.dumped()
        broken_off = _("INCOMPLETE: reading broke off here. Export it again.")
    encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
    try:
        with snapshot(found.db):
            for chunk in _chunks(found.iterator(chunk_size=CHUNK)):
                count(len(chunk))
                with override(language):
                    block = "\n".join(encode(made(row)).translate(LINE_ENDS) for row in chunk)
                yield f"{block}\n".encode("utf-8", "replace")
    except DatabaseError:
        # The answer has begun, its status can say nothing any more.
        yield f"{encode({'error': broken_off})}\n".encode()
        raise


def _chunks(rows: Iterator[tuple]) -> Iterator[list[tuple]]:
    chunk = []
    for row in rows:
        chunk.append(row)
        if len(chunk) == CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk
