"""The sentence of a text that a question hits, cut into pieces with the hit ones told: for `<mark>` on the search page."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

from .fold import fold

SENTENCE = re.compile(r"[^。！？；!?;\n]+[。！？；!?;]*")
LONGEST = 120


class Piece(NamedTuple):
    text: str
    is_hit: bool


def lit(texts: Iterable[str], wanted: Sequence[str]) -> list[Piece]:
    """The first sentence that holds most of `wanted` (folded, without blanks), shortened around them; [] where none holds any."""
    best: list[tuple[int, int]] = []
    chosen = ""
    for text in texts:
        for sentence in SENTENCE.findall(text):
            found = ranges(sentence.strip(), wanted)
            if len(found) > len(best):
                best, chosen = found, sentence.strip()
    return pieces(chosen, best) if best else []


def marked(text: str, wanted: Sequence[str]) -> list[Piece]:
    """The whole of `text`, the wanted words told."""
    return pieces(text, ranges(text, wanted), longest=len(text))


def ranges(text: str, wanted: Sequence[str]) -> list[tuple[int, int]]:
    """Where the words stand in the text as printed, first of each only, in order and without overlap."""
    letters, places = _spelled(text)
    found = []
    for word in wanted:
        at = letters.find(word)
        if at >= 0:
            found.append((places[at], places[at + len(word) - 1] + 1))
    kept: list[tuple[int, int]] = []
    for start, end in sorted(found, key=lambda pair: (pair[0], -pair[1])):
        if not kept or start >= kept[-1][1]:
            kept.append((start, end))
    return kept


def pieces(text: str, hits: Sequence[tuple[int, int]], longest: int = LONGEST) -> list[Piece]:
    """`text` cut at the hits; what is longer than that many signs is cut off before and behind, with an ellipsis."""
    low, high = 0, len(text)
    if high > longest:
        low = max(min(hits[0][0] - longest // 4, high - longest), 0)
        high = max(low + longest, hits[0][1])
    cut, at = [Piece("…", False)] if low else [], low
    for start, end in hits:
        if end <= high:
            cut += [Piece(text[at:start], False), Piece(text[start:end], True)]
            at = end
    cut += [Piece(text[at:high], False), Piece("…" if high < len(text) else "", False)]
    return [piece for piece in cut if piece.text]


def _spelled(text: str) -> tuple[str, list[int]]:
    """`text` folded letter by letter without blanks, and the place in `text` of each letter."""
    letters, places = [], []
    for place, sign in enumerate(text):
        for letter in _letters(sign):
            letters.append(letter)
            places.append(place)
    return "".join(letters), places


@lru_cache(maxsize=16_384)
def _letters(sign: str) -> str:
    return fold(sign).replace(" ", "")
