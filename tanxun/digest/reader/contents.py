"""Contents list against body: entries without an item, items without an entry. Called by `read`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from tanxun.digest.reader.cleaning import Passage
from tanxun.digest.reader.reading import Read
from tanxun.digest.reader.vocabulary import key

_ALIKE = 0.5
_WINDOW = 4
_OTHER_SUBJECT = 0.4
_AND_OTHERS = re.compile("等.{0,6}$")


def compare(toc: Sequence[Passage], headings: Sequence[Passage]) -> tuple[tuple[Read[str], ...], tuple[str, ...]]:
    """Entries that no heading answers to, and notes in words on what else differs."""
    if not toc:
        return (), ()
    open_headings = list(range(len(headings)))
    pairs: dict[int, int] = {}
    by_key = {key(str(heading)): at for at, heading in reversed(list(enumerate(headings)))}
    for at, entry in enumerate(toc):
        same = by_key.get(key(str(entry)))
        if same is not None and same not in pairs.values():
            pairs[at] = same
    taken = set(pairs.values())
    for at, entry in enumerate(toc):
        if at in pairs:
            continue
        near = [other for other in open_headings[max(0, at - _WINDOW) : at + _WINDOW + 1] if other not in taken]
        best = max(near, key=lambda other: _likeness(entry, headings[other]), default=None)
        if best is not None and _likeness(entry, headings[best]) >= _ALIKE:
            pairs[at] = best
            taken.add(best)
    _pair_by_place(pairs, toc, headings)
    taken = set(pairs.values())
    missing = tuple(entry.read(str(entry)) for at, entry in enumerate(toc) if at not in pairs)
    notes = [f"正文有、目录没有：{heading}" for at, heading in enumerate(headings) if at not in taken]
    notes += [
        f"目录与正文措辞不同：目录“{toc[at]}”，正文“{headings[other]}”"
        for at, other in pairs.items()
        if key(str(toc[at])) != key(str(headings[other]))
    ]
    return missing, tuple(notes)


def _pair_by_place(pairs: dict[int, int], toc: Sequence[Passage], headings: Sequence[Passage]) -> None:
    """Between two pairs stand as many entries as headings: the same items in other words, unless their subjects differ."""
    anchors = [(-1, -1), *sorted(pairs.items()), (len(toc), len(headings))]
    for (at, other), (after, other_after) in pairwise(anchors):
        run = list(zip(range(at + 1, after), range(other + 1, other_after), strict=False))
        if after - at == other_after - other and all(_may_be_one(toc[one], headings[two]) for one, two in run):
            pairs.update(run)


def _may_be_one(entry: Passage, heading: Passage) -> bool:
    return not (":" in entry.words and ":" in heading.words) or _likeness(entry, heading) > _OTHER_SUBJECT


def _likeness(entry: Passage, heading: Passage) -> float:
    """How much two headings share: the subject before the colon and the pairs of characters."""
    (subject, _, rest), (other, _, other_rest) = entry.words.partition(":"), heading.words.partition(":")
    whole = _shared(entry.words, heading.words)
    if not rest or not other_rest:
        return whole
    subject, other = _AND_OTHERS.sub("", subject.strip()), _AND_OTHERS.sub("", other.strip())
    same_subject = subject in other or other in subject
    return min(1.0, whole + 0.3) if same_subject else min(whole, _OTHER_SUBJECT)


def _shared(one: str, other: str) -> float:
    left, right = _pairs(key(one)), _pairs(key(other))
    return 2 * len(left & right) / (len(left) + len(right)) if left and right else 0.0


def _pairs(words: str) -> set[str]:
    return {words[at : at + 2] for at in range(min(len(words), 120) - 1)}
