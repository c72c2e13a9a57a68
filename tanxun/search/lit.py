"""The sentence of a text that a question hits, cut into pieces with the hit ones told: for `<mark>` on the search page."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

from .fold import HAN, fold, syllables

SENTENCE = re.compile(r"[^。！？；!?;\n]+[。！？；!?;]*")
LONGEST = 120


class Stretch(NamedTuple):
    text: str
    is_hit: bool


def lit(texts: Iterable[str], wanted: Sequence[str]) -> list[Stretch]:
    """The first sentence that holds most of `wanted` (folded, without blanks), shortened around them; [] where none holds any."""
    best: list[tuple[int, int]] = []
    chosen = ""
    for text in texts:
        for sentence in SENTENCE.findall(text):
            found = ranges(sentence.strip(), wanted)
            if len(found) > len(best):
                best, chosen = found, sentence.strip()
    return pieces(chosen, best) if best else []


def marked(text: str, wanted: Sequence[str]) -> list[Stretch]:
    """The whole of `text`, the wanted words told."""
    return pieces(text, ranges(text, wanted), longest=len(text))


def named(name: str, wanted: Sequence[str]) -> list[Stretch]:
    """A whole name, the wanted words told; those typed in pinyin or by initials as the characters that sound so."""
    found = [hit for word in wanted for hit in ranges(name, [word]) or by_sound(name, word)]
    return pieces(name, apart(found), longest=len(name))


def by_sound(name: str, word: str) -> list[tuple[int, int]]:
    """Where the characters of a name stand whose syllables, or whose initials, begin with `word`: none or one."""
    if not (len(word) > 1 and word.isascii() and word.isalpha()):
        return []
    kept = [(letter, place) for letter, place in zip(*_spelled(name), strict=True) if letter.isalnum()]
    for spelling in syllables("".join(letter for letter, _place in kept)):
        starts, at = [], 0
        for part in spelling:
            starts.append(at)
            at += 1 if HAN.match(kept[at][0]) else len(part)
        for first, start in enumerate(starts):
            if "".join(spelling[first : first + len(word)]).startswith(word):
                last = next(n for n in range(first, len(spelling)) if len("".join(spelling[first : n + 1])) >= len(word))
                end = starts[last + 1] if last + 1 < len(starts) else len(kept)
                return [(kept[start][1], kept[end - 1][1] + 1)]
    return []


def ranges(text: str, wanted: Sequence[str]) -> list[tuple[int, int]]:
    """Where the words stand in the text as printed, first of each only, in order and without overlap."""
    letters, places = _spelled(text)
    found = []
    for word in wanted:
        at = letters.find(word)
        if at >= 0:
            found.append((places[at], places[at + len(word) - 1] + 1))
    return apart(found)


def apart(found: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """The ranges in order, without those that overlap an earlier one."""
    kept: list[tuple[int, int]] = []
    for start, end in sorted(found, key=lambda pair: (pair[0], -pair[1])):
        if not kept or start >= kept[-1][1]:
            kept.append((start, end))
    return kept


def pieces(text: str, hits: Sequence[tuple[int, int]], longest: int = LONGEST) -> list[Stretch]:
    """`text` cut at the hits; what is longer than that many signs is cut off before and behind, with an ellipsis."""
    low, high = 0, len(text)
    if high > longest:
        low = max(min(hits[0][0] - longest // 4, high - longest), 0)
        high = max(low + longest, hits[0][1])
    cut, at = [Stretch("…", False)] if low else [], low
    for start, end in hits:
        if end <= high:
            cut += [Stretch(text[at:start], False), Stretch(text[start:end], True)]
            at = end
    cut += [Stretch(text[at:high], False), Stretch("…" if high < len(text) else "", False)]
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
