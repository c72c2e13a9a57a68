"""Which line is the heading of an item: what speaks for it and against it, in points. Called by `segments`.

An issue's own habits count first: its contents list, the marks (numbers, bullets, brackets) before its headings, and
blocks of a short line with its paragraph between empty lines.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from tanxun.digest.reader.cleaning import Passage
from tanxun.digest.reader.layout import Line
from tanxun.digest.reader.vocabulary import key

_ACTS = re.compile(
    r"印发|发布|出台|公布|召开|举行|获|取得|颁发|表示|指出|宣布|透露|披露|入选|举办|签署|签约|发文|公示|消息|通报|批准|审议|下发|启动|征求|征集"
)
_PROVISION = re.compile(
    r"[ ]*(?:(?:到|至)?20\d\d年|力争|对|支持|鼓励|推动|推进|加快|加强|强化|完善|建立|健全|引导|优化|实施|开展|探索|依托|围绕|聚焦"
    r"|符合|企业|申报|其中|此外|同时|(?:《[^《》]{1,10}》|文件|通知|方案|意见|办法|细则|计划|规划|措施|规范|政策|本次|此次|该)[^,。]{0,6}"
    r"(?:提出|明确|要求|规定|强调)|[^。;]{2,50}(?:的,|企业,)(?:按|给予|分别|每|一次性|可|应|由))"
)
# What a clause begins with that has no subject of its own, up to its verb.
_NO_ACTOR = re.compile(
    r"(?:每[年月季]度?|每半年|定期|及时|全面|统一|集中|分批|逐步|同步|首批|年内|年底|20\d\d年|\d{1,2}月|底|前|起|[ ,])*"
    rf"(?:{_ACTS.pattern})"
    r"|会议|本次会|与会|大会|会上|将|要|应|须|可|拟"
)
_DATES = re.compile(r"\d月\d{1,2}日|近日|日前|近期")
_LEAD = 70
_SHORT = 8
_FEWEST_BLOCKS = 3
_ENOUGH = 3


@dataclass(frozen=True)
class Habits:
    """What the whole issue tells of its headings: entries and subjects of the contents list, marks before headings and
    marks before other lines, and whether plain headings open blocks between empty lines."""

    entries: frozenset[str]
    subjects: frozenset[str]
    marks: frozenset[str]
    other_marks: frozenset[str]
    has_blocks: bool

    @classmethod
    def of(cls, rows: Sequence[Line], toc: Sequence[Passage]) -> Habits:
        entries = frozenset(key(str(entry)) for entry in toc)
        subjects = frozenset(key(entry.words.partition(":")[0]) for entry in toc if ":" in entry.words)
        marks, others = _marks(rows)
        return cls(entries - {""}, subjects, marks, others, _has_blocks(rows))

    def lists(self, row: Line) -> bool:
        return row.length <= 100 and key(str(row.bare)) in self.entries

    def knows(self, row: Line) -> bool:
        return row.subject is not None and key(str(row.subject)) in self.subjects


def _has_blocks(rows: Sequence[Line]) -> bool:
    """Whether what has no mark and stands behind an empty line is nearly always a short line right above its paragraph,
    and mostly that is no provision: then such a line is a heading, however short it is and whatever its paragraph says."""
    starts = sum(row.after_blank and not row.section and not row.mark for row in rows)
    blocks = [(row, after) for row, after in pairwise(rows) if _opens_block(row, after)]
    news = any(is_news(after) for _, after in blocks)
    provisions = sum(_PROVISION.match(after.words.words) is not None for _, after in blocks)
    return news and len(blocks) >= _FEWEST_BLOCKS and len(blocks) * 4 >= starts * 3 and provisions * 2 < len(blocks)


def _opens_block(row: Line, after: Line | None) -> bool:
    """Whether the line has no mark and stands behind an empty line and right above a paragraph."""
    below = after is not None and not after.after_blank and not after.section and is_text(after)
    return below and row.after_blank and row.may_head and not row.mark and not row.section


def _marks(rows: Sequence[Line]) -> tuple[frozenset[str], frozenset[str]]:
    """Marks that stand before headings, and those that stand before something else. A heading's mark stands nearly
    always before a short line with a paragraph below, and mostly that is news (or it opens every section); else it is
    that of sub-heads or points."""
    firsts = {row.mark for before, row in pairwise(rows) if before.section and not row.section}
    opening = firsts.pop() if len(firsts) == 1 else ""
    uses: Counter[str] = Counter()
    headed: Counter[str] = Counter()
    news: Counter[str] = Counter()
    for row, after in pairwise([*rows, None]):
        if row is None or row.section or not row.mark:
            continue
        uses[row.mark] += 1
        if row.may_head and after and not after.section and after.mark != row.mark and is_text(after):
            headed[row.mark] += 1
            news[row.mark] += row.subject is not None or is_news(after)
    marks = frozenset(
        mark
        for mark in uses
        if headed[mark] * 4 >= uses[mark] * 3
        and news[mark] >= (1 if mark == opening else 2)
        and (news[mark] * 2 >= uses[mark] or mark == opening)
    )
    return marks, frozenset(uses) - marks


def is_news(row: Line) -> bool:
    """Whether the paragraph tells what somebody did, as the first one of an item does."""
    lead = row.bare.words[:_LEAD]
    return row.opens or row.is_facts or (_ACTS.search(lead) is not None and _PROVISION.match(lead) is None)


def names_actor(row: Line) -> bool:
    """Whether somebody is named before the first of these verbs; a meeting in point form (会议指出) names nobody, nor does
    a measure (每年公布名单)."""
    lead = row.bare.part(row.bare.start, min(row.bare.end, row.bare.start + _LEAD)).words
    act = _ACTS.search(lead)
    return act is not None and _NO_ACTOR.match(lead[: act.end()]) is None


def is_text(row: Line) -> bool:
    """Whether the line is a paragraph rather than a heading."""
    return row.opens or not row.may_head


@dataclass(frozen=True)
class Here:
    """A line of the body with its neighbours; `above` are the lines below the last heading, None where there is none;
    `counts_on` tells that its number is the next behind that of the last heading (the first, in a new section), `explains`
    that it asks something about the policy above."""

    row: Line
    before: Line | None
    after: Line | None
    above: Sequence[Line] | None
    counts_on: bool = False
    explains: bool = False


def heads(here: Here, habits: Habits) -> str | None:
    """None where the line opens no item, else what a person should know about the decision: nothing where the issue
    itself says so (contents list, 主语:事由, a mark of its own for headings), else on what it rests."""
    row, after = here.row, here.after
    if habits.lists(row):
        return ""
    text_below = after is not None and not after.section and (is_text(after) or bool(after.bullet))
    if here.counts_on and row.mark in habits.marks and row.may_head and text_below:
        return ""
    explains = here.explains and row.mark not in habits.marks
    if explains or not row.may_head or _goes_on(here) or _is_cells(row, after) or _is_cells(row, here.before):
        return None
    if not text_below and not (habits.knows(row) or _stands_alone(here)):
        return None
    said = _evidence(here, habits)
    if sum(points for points, _ in said) < _ENOUGH:
        return None
    is_plain = row.subject is None and row.mark not in habits.marks
    return "按版式判断为小标题：" + "、".join(words for points, words in said if points > 0) if is_plain else ""


def _is_cells(row: Line, other: Line | None) -> bool:
    """Whether the line and its neighbour are rows of one table."""
    bars = row.words.words.count(" | ")
    return bars > 1 and other is not None and other.words.words.count(" | ") == bars


def _stands_alone(here: Here) -> bool:
    """A heading 主语:事由 without a text: the first of the issue, or one behind an item that has a text."""
    is_first = here.above is None
    return here.row.subject is not None and not here.row.bullet and (is_first or (bool(here.above) and here.after is not None))


def _evidence(here: Here, habits: Habits) -> list[tuple[int, str]]:
    """What speaks for a heading of an item (and against: a sub-head, a point, a line of a paragraph), in points."""
    row, before, after = here.row, here.before, here.after
    lead = after.words.words[:_LEAD] if after and not (after.bullet or after.is_facts or after.is_cells) else ""
    is_block = habits.has_blocks and _opens_block(row, after)
    speaks = (
        (3, row.subject is not None, "写作“主语：事由”"),
        (2, habits.knows(row), "目录里有同一主语"),
        (3, row.mark in habits.marks, "与其他小标题标记相同"),
        (3, is_block, "与其他小标题版式相同"),
        (1, not row.mark and row.length >= _SHORT, "独立成行"),
        (2, after is not None and after.opens, "下文以日期或“近日”开头"),
        (2, _ACTS.search(lead) is not None, "下文说明谁做了什么"),
        (2, after is not None and after.is_facts, "下文列出发布日期、文号"),
        (2, after is not None and after.is_cells, "下文是表格"),
        (1, _DATES.search(lead) is not None, "下文有日期"),
        (1, row.after_blank and (before is None or before.section is not None or before.ends_sentence), "上文已结束"),
        (1, here.above is None, "栏目之首"),
        (-2, _PROVISION.match(lead) is not None, "下文是条款"),
        (-2, bool(habits.entries) and not habits.knows(row), "目录里没有"),
        (-2, row.subject is None and not is_block and row.bare.end - row.bare.start < _SHORT, "太短"),
        (-2, bool(row.bullet) and row.mark not in habits.marks and not (after and after.opens), "项目符号"),
        (-2, row.mark in habits.other_marks and bool(habits.marks), "与小标题标记不同"),
    )
    return [(points, words) for points, holds, words in speaks if holds]


def _goes_on(here: Here) -> bool:
    """A line of a wrapped paragraph: the line above stopped in mid-sentence and no gap stands between."""
    row, before, after, above = here.row, here.before, here.after, here.above
    if row.after_blank or before is None or not above or before.ends_sentence or before.introduces or before.section:
        return False
    if before.is_facts:
        return False
    if row.subject is not None and after is not None and (after.opens or after.bullet):
        return False
    return not before.may_head or before.opens or (len(above) > 1 and not above[-2].ends_sentence)
