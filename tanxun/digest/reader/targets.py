"""Targets of a policy: a number to be reached, with unit, comparator, year and what it counts.

Called by `policies` for every sentence of an item. A number is a target where a year to come governs it or a verb
says that it is to be reached; numbers already reached, thresholds, limits for one project, how often
something is done, and money given away are none.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass

from tanxun.digest.reader.cleaning import Passage
from tanxun.digest.reader.figures import Figure, figures
from tanxun.digest.reader.indicators import BASE_YEAR, EACH_YEAR, PLAN, THIS_YEAR, YEAR, indicator, listed, stripped
from tanxun.digest.reader.reading import Read, Target

_SINCE_YEAR = re.compile(r"年?[ ]?[-~至到][ ]?20\d\d")
_YEAR_OF_LABEL = re.compile(r"年?(?:第[一二三四]批|年度版|版|年度(?:名单|目录)|年(?:以来|起))")
_PLAN_END = {"十五五": 2030, "十六五": 2035}
_DONE = re.compile(
    r"已(?!有)|已经|目前|截至|现有|共有|共计|同比|环比|去年|上年(?!度?(?:下降|增长))|此前|以来|入选|名列|实现了|达到了|建成了"
    r"|完成了|获评|获得|新增了|首批|占全|其中,"
)
_TO_COME = re.compile(r"将|力争|争取|确保|计划|下一步|目标|要(?!求)|拟")
_GIFT = re.compile(r"奖励|补助|补贴|资助|奖补|给予|贴息|奖金|拨付|下达|注资|专项资金|最高(?:不超过)?(?=\d)|一次性|罚款|处以|[再另]补(?=\d)|[另再]获(?=\d)")
_MONEY = re.compile(r"元$")
_SPENT = re.compile(r"安排|统筹|发放|出资|投入|设立|额度|授信|上限|贷款(?!余额|规模)|再贷款|封顶|收储|保底")
_AIM = re.compile(
    r"力争|目标|确保|争取|计划|新增|培育|建成|打造|创建|达到|下降|提高|提升|降低|增长|减少|压减|形成|完成|遴选"
    r"|选树|评选|认定|制修订|突破|超过|不低于|不少于|至少|累计|控制在|实现|引进|保持在|稳定在|建设|改造|推广|制定|开发|布局|[升降增]至|扩大"
)
# What one project, firm or time may have at most, and how often something is done.
_LIMIT = re.compile(
    r"(?:单[个家户项笔一]|每[个家户项人台艘笔张份]|每(?:一|吨|平方米|千瓦)|同一|一家|一个|任一)[^,]{0,12}(?:不超过|最高|最多|不得超过|上限|以内|限)"
    r"|每(?:[一两三四五半\d]*(?:个)?(?:年|月|季度|季|周|日))?[^,。]{0,14}(?:[一两三四\d]次)"
    r"|(?:期限|有效期|周期|时间|工作日|年限|期)(?:为|不少于|不超过|不低于|最长)?[^,]{0,4}$"
)
_THRESHOLD = re.compile(r"[ ]?(?:\(含\))?(?:及)?(?:以上|以下|以内)?(?:的|用能|企业|单位|项目|规模|重点|工业|公共|新建|排放)")
_NOT_TARGET_AFTER = re.compile(
    r"[ ]?(?:年(?:行动|期|版)|月|日|号|时|条措施|条举措|项(?:重点|主要)?(?:任务|措施|举措|行动|工程|内容|指标|要求)|个方面"
    r"|方面|个部分|部分|个?部门|大类?|度|期|级|批次|轮|届|版|章|[、,][^,。]{0,4}章)"
)
_NOT_COUNTED = frozenset({"年", "万", "亿", "度", "分", "天", "小时", "部", "次", "倍", "对", "条"})
_COUNTED_YET = frozenset({"次", "倍", "条"})
_NEAR = 8
_SAME_SET = re.compile(r"[等这该上述前述首批全部其余第共]$")


@dataclass(frozen=True)
class _Scope:
    """The year that governs the numbers that follow in a sentence; `is_named` where the text names any."""

    year: int | None = None
    is_per_year: bool = False
    is_completed: bool = False

    @property
    def is_named(self) -> bool:
        return self.year is not None or self.is_per_year


def targets(sentence: Passage, reference: dt.date) -> Iterator[Read[Target]]:
    """The targets of one sentence in order. `reference` completes 今年 and 年内, and tells the past from what is to come."""
    scope, previous, carried, done = _Scope(), "", False, False
    gives = sentence.search(_GIFT) is not None
    for clause in _clauses(sentence):
        scope = _scope(clause, scope, reference)
        is_past = scope.year is not None and scope.year < reference.year
        done = _is_done(clause, scope, carried) or is_past or (done and not clause.search(_TO_COME) and not clause.search(YEAR))
        if done or clause.search(_GIFT):
            carried = False
            continue
        for found in _in_clause(clause, scope, previous or stripped(clause), carried, gives):
            previous, carried = found.value.indicator, True
            yield found
        previous = previous if carried else stripped(clause)


def _is_done(clause: Passage, scope: _Scope, carried: bool) -> bool:
    """Whether the clause tells of what is reached; 累计 does where no year and no other target stands before it."""
    return clause.search(_DONE) is not None or ("累计" in clause.words and not scope.is_named and not carried)


def _clauses(sentence: Passage) -> list[Passage]:
    """Clauses at commas; at 、 only between complete number phrases, and never inside 分别 lists."""
    clauses: list[Passage] = []
    for clause in sentence.split(re.compile(r"[,;](?!\d{3}(?!\d))")):
        parts = clause.split(re.compile("、"))
        numbered = all(any(figures(part)) for part in parts)
        clauses.extend(parts if numbered and len(parts) > 1 and "分别" not in clause.words else [clause])
    return clauses


def _scope(clause: Passage, scope: _Scope, reference: dt.date) -> _Scope:
    if clause.search(EACH_YEAR):
        return _Scope(None, True)
    years = [
        found
        for found in clause.finditer(YEAR)
        if not BASE_YEAR.search(clause.folded[max(clause.start, found.start() - 2) : found.start()])
        and not clause.part(found.end("year"), clause.end).match(_SINCE_YEAR)
        and not clause.part(found.end("year"), clause.end).match(_YEAR_OF_LABEL)
    ]
    if years:
        return _Scope(int(years[0]["year"]))
    plan = clause.search(PLAN)
    if plan:
        return _Scope(_PLAN_END[plan["plan"]])
    return _Scope(reference.year, is_completed=True) if clause.search(THIS_YEAR) else scope


def _in_clause(clause: Passage, scope: _Scope, previous: str, carried: bool, gives: bool) -> list[Read[Target]]:
    """The targets of one clause. `gives`: the sentence gives money away, so its sums and their caps are none."""
    hits = [figure for figure in figures(clause) if _counts(clause, figure) and not _is_money(clause, figure, gives)]
    if len(hits) > 1 and "分别" in clause.words:
        return _respectively(clause, hits, scope)
    read, at = [], clause.start
    for figure in hits:
        line = clause.part(at, figure.number_at)
        aims = line.search(_AIM) is not None or figure.is_bounded
        if not _is_aim(clause, line, figure, aims, scope, carried):
            continue
        name, end = indicator(clause, at, figure, previous, line.search(_AIM) is not None)
        if name:
            words = clause.part(clause.start if not read else figure.start, max(end, figure.end))
            read.append(_target(words, name, figure, scope))
            previous, carried = name, True
        at = max(end, figure.end)
    return read


def _is_aim(clause: Passage, line: Passage, figure: Figure, aims: bool, scope: _Scope, carried: bool) -> bool:
    """Whether the number is to be reached: a year to come governs it, a verb says so, or it goes on with a list of such
    numbers. A number in words (三项, 两个) is more often a count of what is there: it wants the verb right before it."""
    if line.search(_LIMIT) or clause.part(line.start, figure.end).search(_LIMIT):
        return False
    if figure.is_chinese:
        return _AIM.search(line.words[-_NEAR:]) is not None and "、" not in line.words[-_NEAR:]
    return scope.is_named or aims or (carried and bool(line.words.strip()))


def _is_money(clause: Passage, figure: Figure, gives: bool) -> bool:
    """A sum that somebody spends, or a cap on it, not one to be reached (产值, 余额)."""
    if not _MONEY.search(figure.unit) and not (gives and figure.comparator == "<=" and figure.unit == "%"):
        return False
    return gives or clause.search(_SPENT) is not None


def _counts(clause: Passage, figure: Figure) -> bool:
    """Whether the number has a fitting unit and is no date, threshold, ordinal or count of what was just listed."""
    base = figure.unit.lstrip("十百千万亿") or figure.unit
    if base in _NOT_COUNTED and not (base in _COUNTED_YET and figure.unit != base):
        return False
    before = clause.folded[max(clause.start, figure.start - 1) : figure.start]
    if before in ("由", "从", "第", "前", "-", "~", "—", "/") or _SAME_SET.search(before):
        return False
    unit_at = clause.folded.find(figure.unit, figure.number_at, figure.end)
    if _NOT_TARGET_AFTER.match(clause.folded[unit_at : min(clause.end, unit_at + 10)]):
        return False
    if figure.counts and figure.value == 1 and figure.is_chinese and not figure.is_rounded:
        return False
    after = clause.folded[figure.end : min(clause.end, figure.end + 8)]
    return not ((figure.measures or figure.is_rounded) and _THRESHOLD.match(after) and (figure.measures or after[:1] == "的"))


def _respectively(clause: Passage, hits: list[Figure], scope: _Scope) -> list[Read[Target]]:
    """甲、乙分别达到1家、2家: names and numbers in the same order; nothing where they do not pair up."""
    at = clause.folded.index("分别", clause.start)
    names = listed(clause.part(clause.start, at))
    if len(names) != len(hits):
        return []
    change = re.search(r"(下降|提高|增长|降低|提升|增加)(?!到|至)", clause.folded[at : hits[0].start])
    tail = change.group(1) if change else ""
    return [_target(clause, name + tail, figure, scope) for name, figure in zip(names, hits, strict=True)]


def _target(words: Passage, name: str, figure: Figure, scope: _Scope) -> Read[Target]:
    target = Target(name, figure.value, figure.unit, figure.comparator, scope.year, scope.is_per_year)
    if figure.is_range:
        end = "上限" if figure.comparator == "<=" else "下限"
        return words.read(target, "inferred", f"区间“{figure.words}”，取{end}")
    if scope.is_completed:
        return words.read(target, "inferred", f"原文未写年份，按参考日期补为{scope.year}年")
    return words.read(target) if scope.is_named else words.read(target, "inferred", "原文未写年份")
