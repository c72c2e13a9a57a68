"""Pieces of a newsletter's text with the words lit that a field was read from: for the review desk and for source panels."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import pairwise
from typing import Any

SENTENCE_ENDS = "。！？；!?;\n"
LONG_PAIR = 4_000_000


@dataclass(frozen=True)
class Piece:
    """A run of text; `fields` names, blank-separated, the fields that were read from it ("" for none)."""

    text: str
    fields: str = ""


def spans_of(fields: dict[str, Any]) -> list[tuple[str, int, int]]:
    """(field, start, end) of everything that was read, from the `fields` of a draft."""
    return [(name, start, end) for name, read in fields.items() for start, end in read["spans"]]


def sentence_range(text: str, start: int, end: int) -> tuple[int, int]:
    """The sentence, or sentences, that hold [start, end): up to and with the closing mark, never over a line end."""
    left = max(text.rfind(mark, 0, start) for mark in SENTENCE_ENDS) + 1
    right = sentence_end(text, max(end - 1, start))
    right = start + len(text[start:right].rstrip())
    while left < start and text[left].isspace():
        left += 1
    return left, max(right, end)


def sentence(text: str, start: int, end: int) -> str:
    """The words of `sentence_range`, without blanks at its ends."""
    left, right = sentence_range(text, start, end)
    return text[left:right].strip()


def pieces(text: str, start: int, end: int, spans: Iterable[tuple[str, int, int]]) -> list[Piece]:
    """[start, end) of `text` cut where a field's words begin or end; `spans` are (field, start, end) and may overlap."""
    inside = [(name, max(a, start), min(b, end)) for name, a, b in spans if a < end and b > start and a < b]
    cuts = sorted({start, end, *(a for _, a, _ in inside), *(b for _, _, b in inside)})
    found = []
    for left, right in pairwise(cuts):
        names = dict.fromkeys(name for name, a, b in inside if a <= left and right <= b)
        found.append(Piece(text[left:right], " ".join(names)))
    return found


@dataclass(frozen=True)
class Sentence:
    """One sentence of an item, line ends included, cut into its pieces."""

    pieces: tuple[Piece, ...]

    @property
    def says(self) -> str:
        """Every field that some words of this sentence say, blank-separated."""
        return " ".join(dict.fromkeys(name for piece in self.pieces for name in piece.fields.split()))


def sentences(text: str, start: int, end: int, spans: Iterable[tuple[str, int, int]]) -> list[Sentence]:
    """[start, end) of `text` by sentence, the words of every field cut free; nothing of the text is lost."""
    spans, found, at, end = list(spans), [], start, min(end, len(text))
    while at < end:
        stop = min(sentence_end(text, at), end)
        found.append(Sentence(tuple(pieces(text, at, stop, spans))))
        at = stop
    return found


def sentence_end(text: str, at: int) -> int:
    """Just after the next closing mark at or after `at`, line ends that follow it included."""
    stop = min((place for mark in SENTENCE_ENDS if (place := text.find(mark, at)) >= 0), default=len(text) - 1) + 1
    while stop < len(text) and text[stop] == "\n":
        stop += 1
    return stop


def difference(old: str, new: str) -> list[tuple[str, str]]:
    """How `old` became `new`: runs of (same | removed | added, text), by character, by sentence where they are long."""
    long = len(old) * len(new) > LONG_PAIR
    before, after = (
        re.findall(r"[^。；\n]+[。；\n]*" if long else r"[A-Za-z]+|[0-9.]+|.", text, re.DOTALL) for text in (old, new)
    )
    runs = []
    # Of a long text, sentences that come again and again are no places to compare from: each would be tried with each other.
    for kind, a, b, c, d in SequenceMatcher(None, before, after, autojunk=long).get_opcodes():
        if kind == "equal":
            runs.append(("same", "".join(before[a:b])))
            continue
        runs += [(name, words) for name, words in (("removed", "".join(before[a:b])), ("added", "".join(after[c:d]))) if words]
    return runs
