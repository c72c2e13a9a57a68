"""Items whose heading, text and day their source tells (entries of feeds), laid out as one text. Called by the package's
`read_entries`, which reads each as an item of an issue: where one begins is known here, not guessed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from tanxun.digest.reader.cleaning import Passage, clean
from tanxun.digest.reader.layout import lines
from tanxun.digest.reader.segments import Segment


@dataclass(frozen=True)
class Told:
    """One item as its source tells it. `day` completes dates without a year."""

    heading: str
    text: str
    day: dt.date


def laid_out(title: str, entries: Sequence[Told]) -> tuple[Passage, list[Segment]]:
    """The whole text, and a segment for each entry in order. The title stands on a line of its own."""
    pieces, places = [one_line(title)], []
    at = len(pieces[0])
    for entry in entries:
        heading, body = one_line(entry.heading), clean(entry.text).strip("\n ")
        start = at + 2
        pieces.append(f"\n\n{heading}\n{body}")
        at += len(pieces[-1])
        places.append((start, start + len(heading), at))
    whole = Passage.whole("".join(pieces))
    residue = [row.words for start, end, to in places for row in lines(whole.part(end, to)) if row.is_residue]
    whole = whole.without(residue)
    return whole, [Segment(whole.part(start, end), lines(whole.part(end, to))) for start, end, to in places]


def one_line(text: str) -> str:
    return " ".join(clean(text).split())
