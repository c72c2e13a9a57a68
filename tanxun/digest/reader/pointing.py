"""Which of the slots told so far a further sentence speaks of: by name, 前者 and 后者, 其余, its type, or all.

Called by `frames`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from tanxun.digest.reader.cleaning import Passage
from tanxun.digest.reader.parties import Firm, Mention
from tanxun.digest.reader.reading import Read
from tanxun.digest.reader.vocabulary import Vocabulary

_CLAUSES = re.compile(r"[^,。;!?]{0,400}[,。;!?]{0,3}")
_ALL = re.compile(
    r"(?:[两二三四五六七八九十几]|\d+)(?:家|张|份|个项目|个企业|项(?:核查|认证|评价))|上述(?:企业|公司|证书|声明)|以上(?:企业|公司)"
    r"|(?:证书|声明|核查|认证|项目|企业|公司)(?:均|都|皆)|(?:均|都|皆)(?:由|依据|按|遵循|以|采用)|分别|依次"
)
_REST = re.compile(r"其余|其他|另外?[一二两三四五六七八九十\d]*(?:家|张|份)|剩余")
_FIRST, _SECOND = re.compile(r"前者|其一|前一"), re.compile(r"后者|其二|后一")


class Held(Protocol):
    """What of a slot is needed to point at it."""

    @property
    def firm(self) -> Firm: ...
    @property
    def kind(self) -> Read[str]: ...


@dataclass(frozen=True)
class Told:
    """The slots so far, those that the story is at, those that 均 means, and the slots of each company."""

    slots: Sequence[Held]
    current: tuple[int, ...]
    everyone: tuple[int, ...]
    of_firm: Mapping[str, Sequence[int]]


def divided(
    sentence: Passage, named: Sequence[Mention], told: Told, vocabulary: Vocabulary
) -> list[tuple[Passage, tuple[int, ...]]]:
    """The sentence in parts, each with the slots it speaks of; a clause that points at nothing goes with the one before."""
    parts: list[tuple[Passage, tuple[int, ...]]] = []
    by_name: set[int] = set()
    for found in sentence.finditer(_CLAUSES):
        clause = sentence.group(found)
        if not clause:
            continue
        pointed = _pointed(clause, named, told, by_name)
        mine = _of_type(clause, pointed or told.current, told.slots, vocabulary)
        mine = mine or pointed or (parts[-1][1] if parts else told.current)
        if parts and parts[-1][1] == mine:
            parts[-1] = (sentence.part(parts[-1][0].start, clause.end), mine)
        else:
            parts.append((clause, mine))
    return parts


def _pointed(clause: Passage, named: Sequence[Mention], told: Told, by_name: set[int]) -> tuple[int, ...]:
    """The slots that the clause points at; `by_name` gathers those that the sentence has named."""
    here = [one for one in named if clause.start <= one.words.start < clause.end]
    named_here = tuple(dict.fromkeys(at for one in here for at in told.of_firm.get(one.firm.key, ())))
    if named_here:
        by_name.update(named_here)
        return named_here
    if clause.search(_REST):
        return tuple(at for at in told.everyone if at not in by_name)
    for pattern, at in ((_FIRST, 0), (_SECOND, 1)):
        if clause.search(pattern):
            return _nth(at, told)
    return told.everyone if clause.search(_ALL) else ()


def _nth(at: int, told: Told) -> tuple[int, ...]:
    """The slots of the first or second company, or of the first or second type where there is one company."""
    among = told.current if len(told.current) > 1 else told.everyone
    names = list(dict.fromkeys(told.slots[one].firm.key for one in among))
    if len(names) > 1:
        return tuple(one for one in among if told.slots[one].firm.key == names[at])
    return tuple(among[at : at + 1])


def _of_type(passage: Passage, target: tuple[int, ...], slots: Sequence[Held], vocabulary: Vocabulary) -> tuple[int, ...]:
    """Of slots of several types those whose type the passage names; none where it names none."""
    if len({slots[at].kind.value for at in target}) < 2:
        return ()
    named = {vocabulary.type_of(found.group(1)) for found in passage.finditer(vocabulary.type_anywhere)}
    return tuple(at for at in target if slots[at].kind.value in named)
