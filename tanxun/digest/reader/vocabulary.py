"""The words that the reader is given: places, bodies, issuing bodies, statement types, topics, standards.

Built by `tanxun.digest.vocabulary` from the shipped files and what staff added; the reader itself knows no file.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, Protocol

from tanxun.digest.reader.cleaning import fold

_EDGE_LEFT, _EDGE_RIGHT = r"(?<![A-Za-z0-9])", r"(?![A-Za-z0-9])"
_NOTHING = re.compile(r"(?!)")


class Division(Protocol):
    """One administrative division; `level` is province, city or county."""

    @property
    def code(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def short_name(self) -> str: ...
    @property
    def level(self) -> str: ...


class Divisions(Protocol):
    """The administrative divisions by name (`tanxun.regions.names.Gazetteer` is one)."""

    def lookup(self, name: str, within: str = "", /) -> Sequence[Division]: ...
    def prefix(self, text: str, within: str = "", /) -> tuple[str, Sequence[Division]]: ...
    def get(self, code: str, /) -> Division | None: ...
    def chain(self, code: str, /) -> Sequence[Division]: ...
    def contains(self, outer_code: str, inner_code: str, /) -> bool: ...


@dataclass(frozen=True)
class Places:
    """The divisions, and the parks and new areas that are known by a name of their own.

    `parks` maps every printed form of such a name to the code of the division that governs the park.
    """

    divisions: Divisions
    parks: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def park_pattern(self) -> re.Pattern[str]:
        return any_of(self.parks)

    @cached_property
    def _park_codes(self) -> Mapping[str, str]:
        return {fold(name).lower(): code for name, code in self.parks.items()}

    def park_code(self, name: str) -> str:
        """Code of the division that governs the park that `park_pattern` found."""
        return self._park_codes[name.lower()]

    def lookup(self, name: str, within: str = "") -> Sequence[Division]:
        return self.divisions.lookup(name, within)

    def prefix(self, text: str, within: str = "") -> tuple[str, Sequence[Division]]:
        return self.divisions.prefix(text, within)

    def get(self, code: str) -> Division | None:
        return self.divisions.get(code)

    def chain(self, code: str) -> Sequence[Division]:
        return self.divisions.chain(code)

    def contains(self, outer_code: str, inner_code: str) -> bool:
        return self.divisions.contains(outer_code, inner_code)


@dataclass(frozen=True)
class Cues:
    """A slug and the literal words that speak of it; `hints` are general words that say little on their own,
    `besides` are longer words that hold one of them and speak of something else (光伏 in 光伏组件)."""

    slug: str
    words: tuple[str, ...]
    hints: tuple[str, ...] = ()
    besides: tuple[str, ...] = ()


@dataclass(frozen=True)
class Vocabulary:
    """All vocabularies of one reading.

    `bodies`, `issuers` and `standards` map every printed form to the canonical one; `standard_types` maps a
    standard code to the slug of the statement type that it speaks for; `listed_types` are the types whose
    evidence is a list published by an authority. `abbreviations` maps short parts of local organ names to the
    full ones; `abroad` are foreign countries and international bodies; `names` are what people call the slugs of
    types and topics.
    """

    places: Places
    bodies: Mapping[str, str] = field(default_factory=dict)
    issuers: Mapping[str, str] = field(default_factory=dict)
    abbreviations: Mapping[str, str] = field(default_factory=dict)
    abroad: tuple[str, ...] = ()
    statement_types: tuple[Cues, ...] = ()
    listed_types: frozenset[str] = frozenset()
    topics: tuple[Cues, ...] = ()
    standards: Mapping[str, str] = field(default_factory=dict)
    standard_types: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def body_names(self) -> Mapping[str, str]:
        """Canonical name by `key` of every printed form."""
        return {key(alias): name for alias, name in self.bodies.items()}

    @cached_property
    def body_pattern(self) -> re.Pattern[str]:
        return any_of(self.bodies)

    @cached_property
    def issuer_names(self) -> Mapping[str, str]:
        return {fold(alias): name for alias, name in self.issuers.items()}

    @cached_property
    def issuer_pattern(self) -> re.Pattern[str]:
        return any_of(self.issuers)

    @cached_property
    def abbreviation_pattern(self) -> re.Pattern[str]:
        """Either form of an organ's part, so that a full form is never expanded twice."""
        return any_of({*self.abbreviations, *self.abbreviations.values()})

    @cached_property
    def abroad_pattern(self) -> re.Pattern[str]:
        return any_of(self.abroad)

    @cached_property
    def type_by_cue(self) -> Mapping[str, str]:
        return {fold(word).lower(): cues.slug for cues in self.statement_types for word in cues.words}

    @cached_property
    def type_pattern(self) -> re.Pattern[str]:
        return any_of(self.type_by_cue)

    @cached_property
    def listed_pattern(self) -> re.Pattern[str]:
        """The cues of the types whose evidence is a list: each names what is held by itself (绿色工厂)."""
        return any_of(cue for cue, slug in self.type_by_cue.items() if slug in self.listed_types)

    @cached_property
    def type_anywhere(self) -> re.Pattern[str]:
        """Finds at every place, so that cues inside others are found too; group 1 is the cue."""
        return re.compile(f"(?=({self.type_pattern.pattern}))", re.IGNORECASE)

    def type_of(self, cue: str) -> str:
        """Slug of a cue that `type_pattern` found, which may lack the cue's blanks (ISO14067)."""
        return self._types_without_blanks[cue.lower().replace(" ", "")]

    @cached_property
    def _types_without_blanks(self) -> Mapping[str, str]:
        return {cue.replace(" ", ""): slug for cue, slug in self.type_by_cue.items()}

    @cached_property
    def topics_by_cue(self) -> Mapping[str, Mapping[str, bool]]:
        """For each cue and hint the slugs that it speaks for, and whether surely (as a cue does, a hint does not).
        What holds a cue (碳足迹标识, 碳足迹) speaks for that one's slugs too."""
        cues, hints = self._topic_words("words"), self._topic_words("hints")
        words = (*cues, *hints, *self._topic_words("besides"))
        inner = {word: [slug for cue in cues if cue in word for slug in cues[cue]] for word in words}
        return {word: dict.fromkeys(hints.get(word, ()), False) | dict.fromkeys(sure, True) for word, sure in inner.items()}

    def _topic_words(self, kind: Literal["words", "hints", "besides"]) -> dict[str, list[str]]:
        slugs: dict[str, list[str]] = {}
        for cues in self.topics:
            for word in getattr(cues, kind):
                slugs.setdefault(fold(word).lower(), []).append(cues.slug)
        return slugs

    @cached_property
    def topic_pattern(self) -> re.Pattern[str]:
        return any_of(self.topics_by_cue)


def key(name: str) -> str:
    """A name without spaces, brackets, points and case: what two printed forms of it share."""
    return re.sub(r"[^\w]", "", fold(name)).lower()


def any_of(words: Iterable[str]) -> re.Pattern[str]:
    """One pattern for all words, the longest first; a Latin word stands free of other Latin letters."""
    forms = sorted({fold(word) for word in words if word.strip()}, key=lambda form: (-len(form), form))
    if not forms:
        return _NOTHING
    return re.compile("|".join(map(_free, forms)), re.IGNORECASE)


def _free(form: str) -> str:
    escaped = re.sub(r"(?:\\ )+", " ?", re.escape(form))
    left = _EDGE_LEFT if form[0].isascii() and form[0].isalnum() else ""
    right = _EDGE_RIGHT if form[-1].isascii() and form[-1].isalnum() else ""
    return f"{left}{escaped}{right}"
