"""Which companies of one sentence go with which evidence of it. Called by `frames`."""

from __future__ import annotations

import re
from collections.abc import Sequence

from tanxun.digest.reader.cleaning import Passage
from tanxun.digest.reader.evidence import Evidence
from tanxun.digest.reader.parties import Mention

Pair = tuple[Sequence[Mention], Sequence[Evidence]]

_NAMES = re.compile(r"(?:分别|依次)?(?:是|为|有|包括|即|:|给)[ ]*$")
_LONG_GAP = 8


def start(pair: Pair) -> int:
    """Where the words of a pair begin."""
    return min(pair[0][0].words.start, pair[1][0].words.start)


def pairs(sentence: Passage, holders: Sequence[Mention], got: Sequence[Evidence]) -> list[Pair]:
    """Companies and evidence of one sentence by turns: 甲…证书,乙…声明 are two pairs, 证书…送达甲 is one."""
    names: list[list[Mention]] = []
    things: list[list[Evidence]] = []
    order: list[list[Mention] | list[Evidence]] = []
    tokens: list[Mention | Evidence] = [*holders, *got]
    for one in sorted(tokens, key=_place):
        if isinstance(one, Mention):
            if not order or order[-1] is not (names[-1] if names else None):
                names.append([])
                order.append(names[-1])
            names[-1].append(one)
        else:
            if not order or order[-1] is not (things[-1] if things else None):
                things.append([])
                order.append(things[-1])
            things[-1].append(one)
    if len(names) > len(things):
        names = _without_last(sentence, names, things)
    if len(things) > len(names) > 1 and order[0] is things[0] and not any(one.kinds or one.is_document for one in things[0]):
        things = things[1:]  # an act that leads up to all of them (经…评价,甲获…,乙获…)
    if len(things) > len(names):
        things = [*things[: len(names) - 1], [one for run in things[len(names) - 1 :] for one in run]]
    return [(last_list(sentence, firms), run) for firms, run in zip(names, things, strict=True)]


def _place(one: Mention | Evidence) -> int:
    return one.words.start if isinstance(one, Mention) else one.head.start


def _without_last(sentence: Passage, names: list[list[Mention]], things: list[list[Evidence]]) -> list[list[Mention]]:
    """Names behind the last evidence: a list that says whose it is (分别是甲、乙), else somebody beside."""
    introduced = sentence.part(things[-1][-1].head.end, names[-1][0].words.start).search(_NAMES)
    return [*names[:-2], names[-1]] if introduced else names[:-1]


def last_list(sentence: Passage, holders: Sequence[Mention]) -> list[Mention]:
    """Of companies before one evidence those of its own clause: a long clause of another company's in between parts them."""
    chosen: list[Mention] = []
    for one in holders:
        gap = sentence.part(chosen[-1].words.end, one.words.start).words if chosen else ""
        if "," in gap and len(gap) > _LONG_GAP:
            chosen.clear()
        chosen = [other for other in chosen if one.firm is not other.firm or len(str(other.words)) > len(str(one.words))]
        if all(one.firm is not other.firm for other in chosen):
            chosen.append(one)
    return chosen
