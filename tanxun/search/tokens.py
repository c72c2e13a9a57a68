"""Words of the index, made by us on both engines: no text parser of a database ever cuts a text.

Of Chinese, kana and signs: every character and every pair. Of letters and digits: from the start of each word, and of each run
of digits in it, the next six, read on over blanks (so that iso14067 finds ISO 14067); asked for by their beginning.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import accumulate, pairwise
from operator import add
from typing import NamedTuple

from .fold import bare, fold

SHINGLE = 6
MOST_ASKED = 32
TELLING = 5  # digits
LETTER = r"[^\W_\u2e80-\U0010ffff]"
RUN = re.compile(rf"{LETTER}+")
STREAM = re.compile(rf"{LETTER}+(?: {LETTER}+)*")
NUMBER = re.compile(r"(?:[^\W_]|[-/()\[\]:·])+")
BETWEEN = re.compile(rf"(?:{LETTER}|\n)+")
WORD = re.compile(r"\d+|[^\d ]+")
# Signs that a database could take for its own become characters of the private use area; all others are letters to it.
SIGNS = {code: 0xE000 + code for code in range(1, 128) if not chr(code).isalnum() and chr(code) not in " \n"}
ROW = "\ue100"


class Token(NamedTuple):
    """A word asked for; `opens`: longer words that begin so are meant too."""

    text: str
    opens: bool = False


class Needle(NamedTuple):
    """One way to hit: all `tokens`, and `text` (folded, without blanks) in the entry, unless the tokens say it all."""

    text: str
    tokens: tuple[Token, ...]
    is_sure: bool = False


def words_of(lines: Iterable[str]) -> set[str]:
    """The words of folded lines."""
    text = "\n".join(lines).translate(SIGNS)
    found: set[str] = set()
    for stream in STREAM.findall(text):
        words = WORD.findall(stream)
        joined = "".join(words)
        found.update([joined[at : at + SHINGLE] for at in accumulate(map(len, words[:-1]), initial=0)])
    for piece in BETWEEN.split(text.replace(" ", "")):
        found.update(piece, map(add, piece, piece[1:]))
    return found


def row_word(model_name: str, key: object) -> str:
    """The word for a row of a vocabulary, as it stands in the entries of the records that point to it."""
    return f"{ROW}{model_name}{key}"


def row_needle(word: str) -> Needle:
    return Needle(f"\n{word}\n", (Token(word),), is_sure=True)


def needles_of(term: str, is_literal: bool = False) -> list[Needle]:
    """The ways to hit one term: as typed and, unless it `is_literal`, whatever its signs for what can only be a number (a few
    digits in a row stand everywhere). None where nothing is left of it.
    """
    folded = fold(term)
    text = folded.replace(" ", "")
    if not text:
        return []
    is_sure = len(text) < 2 or (len(text) == 2 and not RUN.search(text)) or (len(text) <= SHINGLE and bool(RUN.fullmatch(folded)))
    found = [Needle(text, _asked(folded.split(), text), is_sure)]
    key = bare(text)
    parts = [word for run in RUN.findall(text) for word in WORD.findall(run)]
    is_telling = len(key) >= TELLING or not key.isdigit()
    is_number = NUMBER.fullmatch(text) and any(part.isdigit() for part in parts) and (key != text or len(parts) > 1)
    if is_number and is_telling and not is_literal:
        found.append(Needle(key, _asked(parts, key)))
    return found


def _asked(parts: Iterable[str], text: str) -> tuple[Token, ...]:
    """Words that an entry with `text` surely has, enough to find it; words begin where the `parts` do."""
    asked = [Token(run[:SHINGLE], opens=len(run) < SHINGLE) for part in parts for run in RUN.findall(part)]
    for piece in filter(None, RUN.split(text.translate(SIGNS))):
        asked += [Token(word) for word in ((a + b for a, b in pairwise(piece)) if len(piece) > 1 else piece)]
    # Of words known by their beginning only the longest is asked for: each costs a walk over all that begin so.
    openings = sorted((token for token in asked if token.opens), key=lambda token: len(token.text))
    return (*dict.fromkeys(token for token in asked if not token.opens), *openings[-1:])[:MOST_ASKED]
