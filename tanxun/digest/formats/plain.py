"""An issue as plain text, as the publisher writes it; corrections stand before the contents, where no item is read."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from tanxun.digest.publisher import to_text
from tanxun.digest.reader.labels import CONTENTS

from .article import CORRECTIONS, UNPRINTABLE, split

if TYPE_CHECKING:
    from tanxun.digest.issue import Issue


def written(issue: Issue, corrections: Iterable[str] = ()) -> bytes:
    text = UNPRINTABLE.sub("", to_text(issue))
    notes = [line for note in corrections for line in split(note)]
    if notes:
        said = "\n\n".join((f"{CORRECTIONS}：", *notes))
        before, found, after = text.partition(CONTENTS)
        text = f"{before}{said}\n\n{found}{after}" if found else f"{text.rstrip()}\n\n{said}\n"
    return text.encode()
