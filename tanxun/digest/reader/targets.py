"""Targets of a policy: a number to be reached, with unit, comparator, year and what it counts.

Called by `policies` for every sentence of an item. A number is a target where a year to come governs it or a verb
says that it is to be reached; numbers already reached, thresholds, limits for one project, how often
something is done, and money given away are none.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from tanxun.digest.reader.cleaning import Passage
from tanxun.digest.reader.figures import Figure, figures
from tanxun.digest.reader.indicators import BASE_YEAR, EACH_YEAR, PLAN, THIS_YEAR, YEAR, indicator, listed, stripped
from tanxun.digest.reader.reading import Base, Read, Target

_COMMA, _ITEM = re.compile(r"[,;](?!\d{3}(?!\d))"), re.compile("、")
_SINCE_YEAR = re.compile(r"年?[ ]?[-~至到][ ]?20\d\d")
_YEAR_OF_LABEL = re.compile(r"年?(?:第[一二三四\d]|年度版|版|年度(?:名单|目录)|年(?:以来|起)|年[ ]?\d{1,2}(?:月|至|-))")
_PLAN_END = {"十五五": 2030, "十六五": 2035}
_DONE = re.compile(
    r"已(?!有)|已经|目前|截至|现有|共有|共计|同比|环比|去年|上年(?!度?(?:下降|增长))|此前|以来|入选|名列|实现了|达到了|建成了"
    r"|完成了|获评|获得|新增了|首批|占全|其中,"
    r"|(?<!到)(?<!至)[一二三四]季度|[上前](?:半年|[一二三](?:季度|个?季))|(?<!\d)\d{1,2}月?[ ]?[-~至到][ ]?\d{1,2}月(?![底末])"
)
_TO_COME = re.compile(r"将|力争|争取|确保|计划|下一步|目标|要(?!求)|拟")
_GIFT = re.compile(
    r"奖励|补助|补贴|资助|奖补|给予|贴息|奖金|拨付|下达|注资|专项资金|最高(?:不超过)?(?=\d)|一次性|罚款|处以(?=[\d罚])"
    r"|[再另](?:补|获)(?=\d)"
)
_MONEY = re.compile(r"元$")
_SPENT = re.compile(r"安排|统筹|发放|出资|投入|设立|额度|授信|上限|贷款(?!余额|规模)|再贷款|封顶|收储|保底")
_AIM = re.compile(
    r"力争|目标|确保|争取|计划|新增|新建|培育|培养|培训|建成|打造|创建|达到|下降|提高|提升|降低|增长|减少|压减|形成|完成|遴选"
    r"|选树|评选|认定|制修订|突破|超过|不低于|不少于|至少|累计|控制在|实现|引进|保持在|稳定在|建设|改造|推广|制定|开发|布局|[升降增]至|扩大"
)
_BEGINS = re.compile(r"组织|选择|支持|推动|开展|引导|实施|发展|服务|覆盖")
# What one project, firm or time may have at most, and how often something is done.
_LIMIT = re.compile(
    r"(?:单[个家户项笔一]|每[个家户项人台艘笔张份]|每(?:一|吨|平方米|千瓦)|同一|一家|一个|任一)[^,]{0,12}(?:不超过|最高|最多|不得超过|上限|以内|限)"
    r"|每(?:[一两三四五半\d]*(?:个)?(?:年|月|季度|季|周|日))?[^,。]{0,14}(?:[一两三四\d]次)"
)
_TERM = re.compile(r"(?:期限|有效期|周期|时间|工作日|年限|期)(?:为|不少于|不超过|不低于|最长)?[^,]{0,4}$")
_THRESHOLD = re.compile(r"[ ]?(?:\(含\))?(?:及)?(?:以上|以下|以内)?(?:的|用能|企业|单位|项目|规模|重点|工业|公共|新建|排放)")
_OF_HOLDER = re.compile("的(?:企业|项目|单位|产品|园区|工厂|建筑|机构|地区|市|县|[,。;]|$)")
_NOUN = re.compile("(?![和并及与])[\u4e00-\u9fff]{2}")
_NOT_TARGET_AFTER = re.compile(
    r"[ ]?(?:年(?:行动|期|版)|月|日|号|时|条措施|条举措|项(?:重点|主要)?(?:任务|措施|举措|行动|工程|内容|指标|要求)|个方面"
    r"|方面|个部分|部分|个?部门|大类?|度|期|级|批次|轮|届|版|章|[、,][^,。]{0,4}章)"
)
_NOT_COUNTED = frozenset({"年", "万", "亿", "度", "分", "天", "小时", "部", "次", "倍", "对", "条", "期"})
_COUNTED_YET = frozenset({"次", "倍", "条", "期"})
_NEAR = 8
_LONGEST = 600
_NEWS = re.compile(r"公布|印发|发布|出台|表示|召开|举行|介绍|通报|截至|局|厅|委员会")
_SAME_SET = re.compile(r"[等这该上述前述首批全部其余第共]$")
# What is counted afresh (新增100家), what there will be in the end (累计达到100家).
_NEW = re.compile(r"新增(?!长)|新[培创]育|新认定|新创建|新建成|新获评|新评|新建(?=\D{0,12}$)")
_TOTAL = re.compile(r"累计|总量|总数|总规模|总装机|总额|保有量|合计|总计|存量")
_REACHED = re.compile(r"达到?(?:或超过)?$|(?:增加?|扩大|提高|提升|发展)[到至]$|(?:达到?|突破)[^,]{0,3}$")
_ANY_NUMBER = re.compile(r"[\d零〇一二两三四五六七八九十百千]")


@dataclass(frozen=True)
class _Scope:
    """The year that governs the numbers that follow in a sentence. `is_completed`: it was printed as 今年 or 年内."""

    year: int | None = None
    is_per_year: bool = False
    is_completed: bool = False

    @property
    def is_named(self) -> bool:
        return self.year is not None or self.is_per_year


@dataclass(frozen=True)
class _SoFar:
    """What a sentence has said before a number: the year that governs, the last noun, whether a target was among it
    (`carried`: numbers in its row are targets too), whether it gives money away (`gives`: then no sum is a target), and
    where the last number with a bound of the clause ends (`bounded_to`)."""

    scope: _Scope = _Scope()
    noun: str = ""
    carried: bool = False
    gives: bool = False
    bounded_to: int = 0


def targets(sentence: Passage, reference: dt.date) -> Iterator[Read[Target]]:
    """The targets of one sentence in order. `reference` completes 今年 and 年内, and tells the past from what is to come."""
    for start in range(sentence.start, sentence.end, _LONGEST):
        part = sentence.part(start, min(sentence.end, start + _LONGEST))
        if part.search(_ANY_NUMBER):
            yield from _in_sentence(part, reference)


def _in_sentence(sentence: Passage, reference: dt.date) -> Iterator[Read[Target]]:
    so_far, done = _SoFar(gives=sentence.search(_GIFT) is not None), False
    for clause in _clauses(sentence):
        scope = _scope(clause, so_far.scope, reference)
        so_far = replace(so_far, scope=scope, noun=so_far.noun or _noun_of(clause))
        is_past = scope.year is not None and scope.year < reference.year
        done = _is_done(clause, so_far) or is_past or (done and not clause.search(_TO_COME) and not clause.search(YEAR))
        if done or clause.search(_GIFT):
            so_far = replace(so_far, carried=False)
            continue
        found = _in_clause(clause, so_far)
        yield from found
        noun = found[-1].value.indicator if found else so_far.noun if so_far.carried else _noun_of(clause)
        so_far = replace(so_far, noun=noun, carried=so_far.carried or bool(found))


def _noun_of(clause: Passage) -> str:
    """What a clause speaks of, for a number in the next one (组织企业参加培训,每年不少于300人次); news speaks of nothing."""
    return "" if clause.search(_NEWS) else stripped(clause)


def _is_done(clause: Passage, so_far: _SoFar) -> bool:
    """Whether the clause tells of what is reached; 累计 does where no year and no other target stands before it."""
    sums_up = "累计" in clause.words and not so_far.scope.is_named and not so_far.carried
    return sums_up or clause.search(_DONE) is not None


def _clauses(sentence: Passage) -> list[Passage]:
    """Clauses at commas; at 、 only between complete number phrases, and never inside 分别 lists."""
    clauses: list[Passage] = []
    for clause in sentence.split(_COMMA):
        parts = clause.split(_ITEM)
        numbered = all(any(figures(part)) for part in parts)
        clauses.extend(parts if numbered and len(parts) > 1 and "分别" not in clause.words else [clause])
    return clauses


def _scope(clause: Passage, scope: _Scope, reference: dt.date) -> _Scope:
    if clause.search(EACH_YEAR):
        return _Scope(None, True)
    scope = _Scope() if scope.is_per_year and "累计" in clause.words else scope
    for found in clause.finditer(YEAR):
        before = clause.folded[max(clause.start, found.start() - 2) : found.start()]
        after = clause.part(found.end("year"), clause.end)
        if not (BASE_YEAR.search(before) or after.match(_SINCE_YEAR) or after.match(_YEAR_OF_LABEL)):
            return _Scope(int(found["year"]))
    plan = clause.search(PLAN)
    if plan:
        return _Scope(_PLAN_END[plan["plan"]])
    return _Scope(reference.year, is_completed=True) if clause.search(THIS_YEAR) else scope


def _in_clause(clause: Passage, so_far: _SoFar) -> list[Read[Target]]:
    """The targets of one clause from left to right."""
    hits = [figure for figure in figures(clause) if _counts(clause, figure) and not _is_money(clause, figure, so_far.gives)]
    if len(hits) > 1 and "分别" in clause.words:
        return _respectively(clause, hits, so_far.scope)
    so_far = replace(so_far, bounded_to=max((figure.end for figure in hits if figure.is_bounded), default=0))
    read: list[Read[Target]] = []
    at = clause.start
    for figure in hits:
        line = clause.part(at, figure.number_at)
        if not _is_aim(clause, line, figure, so_far):
            continue
        name, end = indicator(clause, at, figure, so_far.noun, line.search(_AIM) is not None)
        at = max(end, figure.end)
        if name and not name.endswith("的"):  # 按核定量的70%: a share of what each has
            words = clause.part(figure.start if read else clause.start, at)
            read.append(_target(words, name, figure, so_far.scope, line.words))
            so_far = replace(so_far, noun=name, carried=True)
    return read


def _is_aim(clause: Passage, line: Passage, figure: Figure, so_far: _SoFar) -> bool:
    """Whether the number behind `line` is to be reached: a year to come governs it, a verb says so, or it goes on with a
    row of such numbers. A number in words (三项, 两个) is more often a count of what is there: it wants the verb right
    before it."""
    if clause.part(line.start, figure.end).search(_LIMIT) or line.search(_TERM):
        return False
    if figure.is_chinese:
        near = line.words[-_NEAR:]
        return so_far.bounded_to <= figure.end and "、" not in near and _AIM.search(near) is not None
    aims = figure.is_bounded or line.search(_AIM) or (figure.is_rounded and line.search(_BEGINS))
    return bool(aims) or so_far.scope.is_named or (so_far.carried and bool(line.words.strip()))


def _is_money(clause: Passage, figure: Figure, gives: bool) -> bool:
    """A sum that somebody spends, or a cap on it, not one to be reached (产值, 余额)."""
    if not _MONEY.search(figure.unit) and not (gives and figure.comparator == "<=" and figure.unit == "%"):
        return False
    return gives or clause.search(_SPENT) is not None


def _counts(clause: Passage, figure: Figure) -> bool:
    """Whether the number has a fitting unit and is no date, threshold, ordinal or count of what was just listed."""
    base = figure.unit.lstrip("十百千万亿") or figure.unit
    if base in _NOT_COUNTED and not (base in _COUNTED_YET and (figure.unit != base or figure.is_bounded)):
        return False
    at = figure.start if figure.is_range else figure.number_at
    before = clause.folded[max(clause.start, at - 1) : at]
    if before in ("由", "从", "第", "前", "-", "~", "—", "/") or _SAME_SET.search(before):
        return False
    unit_at = clause.folded.find(figure.unit, figure.number_at, figure.end)
    if not figure.is_bounded and _NOT_TARGET_AFTER.match(clause.folded[unit_at : min(clause.end, unit_at + 10)]):
        return False
    if figure.counts and figure.value == 1 and figure.is_chinese and not figure.is_rounded:
        return False
    return not _is_threshold(clause.part(figure.end, min(clause.end, figure.end + 8)), figure)


def _is_threshold(after: Passage, figure: Figure) -> bool:
    """A size from which a rule holds: 5000吨标准煤以上的企业, 2万平方米以上厂房."""
    if after.words[:1] == "的":
        return figure.measures or figure.is_rounded or figure.is_bounded or after.match(_OF_HOLDER) is not None
    return figure.measures and (after.match(_THRESHOLD) is not None or (figure.is_rounded and after.match(_NOUN) is not None))


def _respectively(clause: Passage, hits: list[Figure], scope: _Scope) -> list[Read[Target]]:
    """甲、乙分别达到1家、2家, or one noun in several years: in the same order; nothing where they do not pair up."""
    at = clause.folded.index("分别", clause.start)
    before = clause.part(clause.start, at)
    years = [int(found["year"]) for found in before.finditer(YEAR)]
    names = [stripped(before)] * len(hits) if len(years) == len(hits) else listed(before) if len(years) < 2 else []
    if len(names) != len(hits) or not all(names):
        return []
    scopes = [_Scope(year) for year in years] if len(years) == len(hits) else [scope] * len(hits)
    change = re.search(r"(下降|提高|增长|降低|提升|增加)(?!到|至)", clause.folded[at : hits[0].start])
    tail = change.group(1) if change else ""
    bound = hits[0].comparator if hits[0].is_bounded else "="
    alike = [figure if figure.comparator != "=" else replace(figure, comparator=bound) for figure in hits]
    rows = zip(names, alike, scopes, strict=True)
    return [_target(clause, name + tail, figure, governs, clause.words) for name, figure, governs in rows]


def _base(name: str, figure: Figure, scope: _Scope, line: str) -> Base | None:
    """What the number counts from, by the words before it; a share (%) has no such thing but each year."""
    if scope.is_per_year:
        return "per_year"
    if "%" in figure.unit or "百分点" in figure.unit:
        return None
    if _NEW.search(name) or _NEW.search(line):
        return "new"
    reached = figure.counts and _REACHED.search(line) is not None
    return "total" if reached or _TOTAL.search(name) or _TOTAL.search(line) else None


def _target(words: Passage, name: str, figure: Figure, scope: _Scope, line: str) -> Read[Target]:
    """`line` are the words before the number, behind the number before it."""
    target = Target(name, figure.value, figure.unit, figure.comparator, scope.year, _base(name, figure, scope, line))
    if figure.is_range:
        end = "上限" if figure.comparator == "<=" else "下限"
        return words.read(target, "inferred", f"区间“{figure.words}”，取{end}")
    if scope.is_completed:
        return words.read(target, "inferred", f"原文未写年份，按参考日期补为{scope.year}年")
    return words.read(target) if scope.is_named else words.read(target, "inferred", "原文未写年份")
