"""Pieces of a newsletter's text with the words lit that a field was read from: for the review desk and for source panels."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

SENTENCE_ENDS = "。！？；!?;\n"


@dataclass(frozen=True)
class Piece:
    """A run of text; `fields` names, blank-separated, the fields that were read from it ("" for none)."""

    text: str
    fields: str = ""


def sentence_range(text: str, start: int, end: int) -> tuple[int, int]:
    """The sentence, or sentences, that hold [start, end): up to and with the closing mark, never over a line end."""
    left = max(text.rfind(mark, 0, start) for mark in SENTENCE_ENDS) + 1
    closing = [at for mark in SENTENCE_ENDS if (at := text.find(mark, max(end - 1, start))) >= 0]
    right = min(closing, default=len(text))
    if right < len(text) and text[right] != "\n":
        right += 1
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
