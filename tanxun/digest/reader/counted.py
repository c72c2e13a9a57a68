"""Which lines are items of their own, counted one by one as the news of a morning paper are (早报). Called by `segments`.

1. 某部印发《…》。
2. 某公司获得…证书。
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from tanxun.digest.reader.headings import is_news, is_text, names_actor
from tanxun.digest.reader.layout import Line

_FEWEST = 2
_TOP = 4  # what may stand above the first: the name, its day, a greeting, 速览
_LEADS_ON = re.compile(r"(?:包括|如下|提出|明确|要求|内容)[^。]{0,6}[:。]?$")
_NEXT = range(3)  # a number may be printed twice or left out


def counted(rows: Sequence[Line]) -> frozenset[int]:
    """Where such lines begin in the text. They are paragraphs, most of them news, and count from 1 below a section title
    or at the top of the issue: a count behind other text lists that text's points."""
    found: set[int] = set()
    last = 0
    for at_top, section in _sections(rows):
        first = next((at for at, row in enumerate(section) if row.number in (1, last + 1) and not row.may_head), None)
        if first is None or (first and not (at_top and _is_top(section[:first]))):
            continue
        run = list(_run(section[first:]))
        if len(run) >= _FEWEST and _is_told(run):
            found.update(row.words.start for row in run)
            last = run[-1].number or 0
    return frozenset(found)


def _sections(rows: Sequence[Line]) -> Iterator[tuple[bool, Sequence[Line]]]:
    """The lines between section titles, and whether they are the first of the issue."""
    starts = [0, *(at + 1 for at, row in enumerate(rows) if row.section)]
    ends = [*(start - 1 for start in starts[1:]), len(rows)]
    return ((start == 0, rows[start:end]) for start, end in zip(starts, ends, strict=True))


def _is_top(above: Sequence[Line]) -> bool:
    return len(above) <= _TOP and not any(row.mark or row.is_contents_heading or is_news(row) for row in above[1:])


def _run(rows: Sequence[Line]) -> Iterator[Line]:
    """The first line and those that count on from it with the same mark; what a line that leads on counts anew from 1
    are its points, up to the line whose number does not follow, or follows its own and tells news."""
    mark, last, point = rows[0].mark, (rows[0].number or 0) - 1, None
    leads = False
    for row in rows:
        if row.mark != mark or row.number is None:
            continue
        is_next = row.number == last + 1 and _tells(row)
        is_point = (row.number == 1 and leads) if point is None else (row.number == point + 1 and not is_next)
        point = row.number if is_point else None
        if is_point:
            continue
        if row.number - last not in _NEXT:
            return
        last, leads = row.number, row.introduces or _LEADS_ON.search(row.words.words) is not None
        yield row


def _is_told(run: Sequence[Line]) -> bool:
    """Whether most of the lines are paragraphs, and most tell of somebody rather than provide for something."""
    texts = sum(is_text(row) for row in run)
    return texts * 2 > len(run) and sum(map(_tells, run)) * 2 > len(run)


def _tells(row: Line) -> bool:
    return row.subject is not None or row.opens or (is_news(row) and names_actor(row))
