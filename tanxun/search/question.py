"""What a person typed into a search box, understood: terms, "phrases" and -excluded ones, each with all that may hit it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from typing import NamedTuple

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from .fold import search_text
from .models import Synonym, split
from .tokens import Needle, needles_of

MAX_LENGTH = 200
MAX_TERMS = 10
LONG = 8  # signs of a number that is typed with blanks
PART = re.compile(r"[a-z0-9]+")
MINUS = "-－−"
QUOTE = '"＂“”'
TERM = re.compile(rf"([{MINUS}](?=\S))?(?:[{QUOTE}]([^{QUOTE}]*)[{QUOTE}]|(\S+))")


class Term(NamedTuple):
    """`text` as typed, without its quotes and its minus."""

    text: str
    is_phrase: bool = False
    is_excluded: bool = False


Group = tuple[Needle, ...]


@dataclass(frozen=True)
class Question:
    """Every group of `wanted` must be hit by one of its needles, none of `unwanted` may be. `name`: what a name would equal."""

    wanted: tuple[Group, ...]
    unwanted: tuple[Group, ...]
    name: str

    def with_rows(self, rows: dict[Group, tuple[Needle, ...]]) -> Question:
        """The same, each group also hit by the rows of the vocabularies that it means."""
        wanted, unwanted = (tuple((*group, *rows.get(group, ())) for group in groups) for groups in (self.wanted, self.unwanted))
        return Question(wanted, unwanted, self.name)


def parse(text: str) -> list[Term]:
    """The terms of `text`. Raises ValidationError for what no box may ask: NUL, more than 200 characters or 10 terms."""
    if "\0" in text or any("\ud800" <= sign <= "\udfff" for sign in text):
        raise ValidationError(_("NUL characters cannot be read."))
    if len(text) > MAX_LENGTH:
        raise ValidationError(_("At most %(count)s characters.") % {"count": MAX_LENGTH})
    terms = []
    for minus, phrase, word in TERM.findall(text):
        words = phrase or (word if len(word) == 1 else word.lstrip(QUOTE))
        if search_text(words):
            terms.append(Term(words, bool(phrase), bool(minus)))
    if len(terms) > MAX_TERMS:
        raise ValidationError(_("At most %(count)s words.") % {"count": MAX_TERMS})
    return terms


def understand(terms: Iterable[Term]) -> Question:
    """`terms` with their synonyms (one query). Phrases are taken at their word; a number may be typed with blanks in it."""
    wanted: list[Group] = []
    unwanted: list[Group] = []
    plain: list[str] = []
    equal = _equals()
    joined = _joined(list(terms), equal)
    for term, number in zip(joined, _numbers(joined), strict=True):
        meant = [term.text] if term.is_phrase else [term.text, *sorted(equal.get(search_text(term.text), ()))]
        hits = (needle for words in meant for needle in needles_of(words, is_literal=term.is_phrase))
        group = tuple(dict.fromkeys((*hits, *number)))
        (unwanted if term.is_excluded else wanted).append(group)
        if not term.is_excluded:
            plain.append(search_text(term.text))
    return Question(tuple(wanted), tuple(unwanted), "".join(plain))


def _numbers(terms: list[Term]) -> Iterable[list[Needle]]:
    """For each term the needles of the number that it is a part of, together with those beside it (9135 0100 M000 100Y 43)."""
    for is_part, run in groupby(terms, _may_be_part):
        parts = [search_text(term.text) for term in run]
        whole = "".join(parts)
        is_number = is_part and len(parts) > 1 and LONG <= len(whole) <= 2 * sum(map(str.isdigit, whole))
        yield from [needles_of(whole) if is_number else []] * len(parts)


def _may_be_part(term: Term) -> bool:
    return not (term.is_phrase or term.is_excluded) and bool(PART.fullmatch(search_text(term.text)))


def surely(groups: tuple[Group, ...]) -> tuple[Group, ...]:
    """The groups with those of their needles only that whole words make sure of; () where one of them has no such needle."""
    sure = tuple(
        tuple(needle for needle in group if needle.is_sure and not any(token.opens for token in needle.tokens))
        for group in groups
    )
    return sure if all(sure) else ()


def _equals() -> dict[str, frozenset[str]]:
    """What each word with synonyms also means."""
    found: dict[str, frozenset[str]] = {}
    for words in Synonym.objects.values_list("words", flat=True):
        together = _split(words)
        for word in together:
            found[word] = found.get(word, frozenset()) | together - {word}
    return found


_split = lru_cache(maxsize=4096)(split)


def _joined(terms: list[Term], equal: dict[str, frozenset[str]]) -> list[Term]:
    """Words that stand side by side and are together one with synonyms (carbon footprint) become one term."""
    found, at = [], 0
    while at < len(terms):
        end = at + 1
        for stop in range(len(terms), at + 1, -1):
            run = terms[at:stop]
            if any(term.is_phrase or term.is_excluded for term in run):
                continue
            if search_text("".join(term.text for term in run)) in equal:
                end = stop
                break
        together = " ".join(term.text for term in terms[at:end])
        found.append(terms[at] if end == at + 1 else Term(together))
        at = end
    return found
