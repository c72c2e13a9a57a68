"""Targets of a policy: a number to be reached, with unit, comparator, year and what it counts.

Called by `policies` for every sentence of an item. Numbers already reached, thresholds and money given away are none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tanxun.digest.reader import numbers
from tanxun.digest.reader.cleaning import Passage
from tanxun.digest.reader.reading import Comparator, Read, Target

_SCALE = r"(?:万亿|千万|百万|十万|亿|万|千|百)?"
_COUNTED = (
    r"家|个|项|座|批|条|名|种|类|款|户|例|件|所|处|部|套|台|辆|艘|架|栋|株|人次|人|次|对|支|份|张|本|宗|笔|只"
    r"|幢|孔|把|枪|根|片|块|组|公里|站|村|镇|县"
)
_MEASURED = (
    r"个百分点|百分点|%|‰|千瓦时|千瓦|兆瓦时|兆瓦|吉瓦|瓦|度|kWh|MWh|GWh|TWh|kW|MW|GW|VA|千伏安|吨标准煤"
    r"|吨标煤|吨二氧化碳当量|吨二氧化碳|吨CO2e?|tCO2e?|吨|千克|公斤|克|tce|亩|公顷|平方米|平方公里|立方米|标方"
    r"|升|元|美元|港元|港币|澳门元|公里|千米|米|倍|年|分|天|小时|微克/立方米|立方"
)
_PER = r"(?:/[a-zA-Z\u4e00-\u9fff]{1,6}(?<![以左及的])|(?<=克)标准煤/千瓦时)?"
_BOUND_BEFORE = (
    r"(?:不少于|不低于|不小于|至少|超过|超出|突破|大于|高于|不超过|不高于|不大于|不多于|低于|小于|少于|控制在"
    r"|压减到|降至|降到|达到或超过|稳定在|保持在|维持在|超|破|约|大约|近|最多|上限|≥|≤|>|<)"
)
_QUANTITY = re.compile(
    rf"(?P<bound>{_BOUND_BEFORE})?(?P<to>达到?|到|至|为|是)?[ ]?(?P<number>{numbers.ARABIC}"
    rf"|(?<![一二两三四五六七八九十百第几数]){numbers.CHINESE}(?=(?:{_COUNTED})(?!体|别|性|业|层)))"
    rf"[ ]?(?P<unit>{_SCALE}(?:{_MEASURED}){_PER}|{_SCALE}(?:{_COUNTED})(?!体|别|性)|万"
    rf"|亿)?(?P<after>[ ]?(?:\(含\))?(?:及以上|以上|左右|上下|以内|以下|及以下|之内|余|多))?"
)
_BY_YEAR = re.compile(
    r"(?:(?:力争|确保|争取)?(?:到|至|在|截至|截止)?[ ]?(?P<year>20[2-9]\d)年?(?:底|末|前|年底前|年底|年末|年前"
    r"|底前|末前|度|、)?)(?=[^\d.%]|$)"
)
_BASE_YEAR = re.compile(r"(?:比|较|相比|对比|相较|与|同|以|自|从)[ ]?$")
_SINCE_YEAR = re.compile(r"年?[ ]?[-~至到][ ]?20\d\d")
_PLAN_END = {"十五五": 2030, "十六五": 2035}
_BY_PLAN = re.compile(r"“?(?P<plan>十[五六]五)”?(?:规划)?(?:时期|期间|末|期末|收官)?")
_PER_YEAR = re.compile(r"每年|逐年|年均|每一年|年度新增|按年")
_DONE = re.compile(
    r"已(?!有)|已经|目前|截至|现有|共有|共计|同比|环比|去年|上年|此前|以来|入选|名列|实现了|达到了|建成了"
    r"|完成了|获评|获得|新增了|首批|占全|其中,"
)
_MONEY = re.compile(
    r"奖励|补助|补贴|资助|奖补|给予|贴息|奖金|拨付|下达|注资|安排(?:专项)?资金|专项资金|最高(?:不超过)?(?=\d)"
    r"|一次性|额度|贷款|授信|罚款|处以"
)
_THRESHOLD = re.compile(r"[ ]?(?:\(含\))?(?:及)?(?:以上|以下|以内)?(?:的|用能|企业|单位|项目|规模|重点|工业|公共|新建|排放)")
_GOAL = re.compile(
    r"力争|目标|确保|争取|计划|将|新增|培育|建成|建设|打造|创建|达到|下降|提高|提升|降低|增长|形成|完成|推动"
    r"|实施|遴选|推广|突破|超过|不低于|不少于|支持|改造|认证|发布|制定|开展|累计|控制在|实现|发展|布局|引进"
    r"|组织|推进"
)
_VERBS = re.compile(
    r"(?:(?:全(?:省|市|县|区|国|州)(?=建成|培育|打造|新增|创建|完成|力争|实现)|我(?:省|市)|主要|目标|总体|提出"
    r"|明确|要求|指出|其中|并|且|同时|再|还|再次|计划|将|拟|力争|确保|争取|努力|积极|加快|累计|分别|推动|推进"
    r"|组织|支持|鼓励|引导|实现|完成|建成|建设|打造|培育|创建|达到|形成|遴选|实施|开展|制定|制修订|修订|推广"
    r"|发布|发展"
    r"|布局|引进|建立|构建|认定|评选|创新|选树|树立|使|让|对|每年|逐年|至少|不少于|超过|约|有|是|为|在|到|:|,"
    r"|、|以|今年|年内|本年度|本年|力求|基本|全面|初步|滚动|动态|重点|梯度|分批|持续|年均|年度|研制|出台|编制|改造(?=\d)|的|底前?"
    r"|末前?|前)[ ]?)+"
)
_TAIL = re.compile(
    r"(?:[ ,]|总体|分别|均|全部|基本|累计|总量(?=.{0,2}$)(?!)|要|力争|确保|争取|将|再|稳定|保持|维持|控制在"
    r"|控制|达到?|提升到?|提升至|提高到|提高至|增长到|增长至|增加到|增加至|降至|降到|下降至|下降到|降低到"
    r"|降低至|压减到|扩大到|扩大至|超过|突破|为|至|到|在|约)+$"
)
_NOT_TARGET_AFTER = re.compile(
    r"[ ]?(?:年(?:行动|期|版)|月|日|号|时|条措施|条举措|项(?:重点)?(?:任务|措施|举措|行动|工程|内容)|个方面"
    r"|方面|个部分|部分|个?部门|大类?|度|期|级|批次|轮|届|版|章|[、,][^,。]{0,4}章)"
)
_LOW = re.compile(rf"(?<![从由\d.])(?P<low>{numbers.ARABIC})[ ]?(?:{_SCALE}(?:{_MEASURED}|{_COUNTED}))?[ ]?[-~至到][ ]?$")
_TO_HIGH = re.compile(r"[ ]?[-~至到][ ]?\d")
_SAME_AGAIN = re.compile(r"(?:达到?|到|至|为|超过|突破|增至|升至|降至)[ ]?\d")
_PREFIX_KEPT = re.compile(r"新增|新建|新培育|新认定|新创建")


@dataclass(frozen=True)
class _Scope:
    """The year that governs the numbers that follow in a sentence."""

    year: int | None = None
    is_per_year: bool = False


def targets(sentence: Passage) -> Iterator[Read[Target]]:
    """The targets of one sentence in order."""
    scope, previous, goal = _Scope(), "", False
    for clause in _clauses(sentence):
        scope = _scope(clause, scope)
        goal = goal or _GOAL.search(clause.words) is not None
        done = _DONE.search(clause.words) or ("累计" in clause.words and not (scope.year or scope.is_per_year))
        if done or _MONEY.search(clause.words):
            continue
        if not (goal or scope.year or scope.is_per_year):
            continue
        for found in _in_clause(clause, scope, previous):
            previous = found.value.indicator
            yield found


def _clauses(sentence: Passage) -> list[Passage]:
    """Clauses at commas; at 、 only between complete number phrases, and never inside 分别 lists."""
    clauses: list[Passage] = []
    for clause in sentence.split(re.compile(r"[,;](?!\d{3}(?!\d))")):
        parts = clause.split(re.compile("、"))
        numbered = all(_plain_quantity(part) for part in parts)
        clauses.extend(parts if numbered and len(parts) > 1 and "分别" not in clause.words else [clause])
    return clauses


def _plain_quantity(part: Passage) -> bool:
    return any(found["unit"] for found in part.finditer(_QUANTITY))


def _scope(clause: Passage, scope: _Scope) -> _Scope:
    if clause.search(_PER_YEAR):
        return _Scope(None, True)
    plan = clause.search(_BY_PLAN)
    years = [
        found
        for found in clause.finditer(_BY_YEAR)
        if not _BASE_YEAR.search(clause.folded[max(clause.start, found.start() - 2) : found.start()])
        and not clause.part(found.end("year"), clause.end).match(_SINCE_YEAR)
    ]
    if years:
        return _Scope(int(years[0]["year"]))
    return _Scope(_PLAN_END[plan["plan"]]) if plan else scope


def _in_clause(clause: Passage, scope: _Scope, previous: str) -> list[Read[Target]]:
    hits = [found for found in clause.finditer(_QUANTITY) if _counts(clause, found) and not _opens_range(clause, found)]
    if not hits:
        return []
    if "分别" in clause.words and len(hits) > 1:
        return _respectively(clause, hits, scope)
    read, at = [], clause.start
    for found in hits:
        indicator, end = _indicator(clause, at, found, previous)
        indicator = indicator or (previous if _SAME_AGAIN.search(clause.part(at, found.start()).words + found.group()) else "")
        at = end
        if indicator:
            low = _low(clause, found) or found
            words = clause.part(clause.start if found is hits[0] else low.start(), end)
            read.append(_target(words, indicator, found, scope))
            previous = indicator
    return read


def _counts(clause: Passage, found: re.Match[str]) -> bool:
    """Whether the number has a unit and is no date, threshold or ordinal."""
    unit, after = found["unit"], clause.folded[found.end() : min(clause.end, found.end() + 8)]
    if not unit or unit in ("年", "万", "亿", "度", "分", "天", "部"):
        return False
    if clause.folded[max(clause.start, found.start("number") - 1) : found.start("number")] in ("由", "从"):
        return False
    before = clause.folded[max(clause.start, found.start() - 1) : found.start()]
    if before in ("第", "前", "-", "~", "—", "/") and not _low(clause, found):
        return False
    if after[:1] in ("-", "~") or _NOT_TARGET_AFTER.match(clause.folded[found.end("number") : min(clause.end, found.end() + 8)]):
        return False
    base = re.sub(rf"^{_SCALE}", "", unit)
    if base in ("个", "项", "类", "种", "条", "名", "批") and found["number"] in ("一", "1") and not found["after"]:
        return False
    measured = re.fullmatch(rf"(?:{_MEASURED}).*", base) is not None and base not in ("%", "个百分点", "百分点")
    return not ((measured or found["after"]) and _THRESHOLD.match(after) and (measured or after.startswith("的")))


def _low(clause: Passage, found: re.Match[str]) -> re.Match[str] | None:
    """The lower end of a range whose upper end is found (8%至10%, 8-10%); a rise 从8%到10% is none."""
    return clause.part(max(clause.start, found.start("number") - 20), found.start("number")).search(_LOW)


def _opens_range(clause: Passage, found: re.Match[str]) -> bool:
    """Whether the number is the lower end of a range: the upper end speaks for both."""
    return clause.part(found.end(), clause.end).match(_TO_HIGH) is not None


def _indicator(clause: Passage, at: int, found: re.Match[str], previous: str) -> tuple[str, int]:
    """What the number counts: the noun before it, or after it (培育100家绿色工厂), and where its words end."""
    low = _low(clause, found)
    before = _stripped(clause.part(at, low.start() if low else found.start()))
    end = found.end()
    behind = re.compile(r"[的]?[\u4e00-\u9fff()“”A-Za-z0-9/·+-]{2,30}").match(clause.folded, end, clause.end)
    kept = _PREFIX_KEPT.search(before)
    if (
        re.search(rf"(?:{_COUNTED})$", found["unit"])
        and behind
        and (len(re.sub(r"\W", "", before)) < 3 or (kept and kept.end() == len(before)))
    ):
        noun = re.split(r"(?:,|、|以及|并|和(?=\d)|,)", behind.group().lstrip("的"))[0]
        return before + noun, end + behind.group().find(noun) + len(noun)
    carried = _PREFIX_KEPT.match(previous)
    if carried and before and not _GOAL.search(clause.part(at, found.start()).words):
        before = carried.group() + before
    return before, end


def _stripped(words: Passage) -> str:
    """The noun phrase as printed, without years and the verbs around it; the direction (新增, 下降) stays."""
    line = words.words
    for pattern in (_BY_YEAR, _BY_PLAN, _PER_YEAR):
        last = next(reversed(list(pattern.finditer(line))), None)
        if last and not _BASE_YEAR.search(line[: last.start()]):
            words = words.part(words.start + last.end(), words.end)
            line = words.words
    lead = _VERBS.match(line)
    words = words.part(words.start + lead.end(), words.end) if lead else words
    tail = _TAIL.search(words.words)
    if tail:
        words = words.part(words.start, words.start + tail.start())
    return re.sub(r"(?:比|较)(?:20\d\d年|上年)$|[由从]\d.*$", "", str(words.strip(" ,:、和及与")))


def _respectively(clause: Passage, hits: list[re.Match[str]], scope: _Scope) -> list[Read[Target]]:
    """甲、乙分别达到1家、2家: names and numbers in the same order; nothing where they do not pair up."""
    at = clause.folded.index("分别", clause.start)
    names = _stripped_list(clause.part(clause.start, at))
    if len(names) != len(hits):
        return []
    change = re.search(r"(下降|提高|增长|降低|提升|增加)(?!到|至)", clause.folded[at : hits[0].start()])
    tail = change.group(1) if change else ""
    return [_target(clause, name + tail, found, scope) for name, found in zip(names, hits, strict=True)]


def _stripped_list(words: Passage) -> list[str]:
    parts = words.split(re.compile("、|和|及|与"))
    found = [_stripped(part) for part in parts]
    kept = _PREFIX_KEPT.match(found[0]) if found else None
    return [name if at == 0 or not kept or _PREFIX_KEPT.match(name) else kept.group() + name for at, name in enumerate(found)]


def _target(words: Passage, indicator: str, found: re.Match[str], scope: _Scope) -> Read[Target]:
    value = numbers.number(found["number"])
    low = _low(words, found)
    if low and not re.search(r"(?:控制在|不超过|降至|降到)[ ]?$", words.folded[max(0, low.start() - 4) : low.start()]):
        lower = Target(indicator, numbers.number(low["low"]), found["unit"], ">=", scope.year, scope.is_per_year)
        return words.read(lower, "inferred", f"区间“{words.part(low.start(), found.end())}”，取下限")
    if low:
        upper = Target(indicator, value, found["unit"], "<=", scope.year, scope.is_per_year)
        return words.read(upper, "inferred", f"区间“{words.part(low.start(), found.end())}”，取上限")
    target = Target(indicator, value, found["unit"], _comparator(found), scope.year, scope.is_per_year)
    if scope.year is None and not scope.is_per_year:
        return words.read(target, "inferred", "原文未写年份")
    return words.read(target)


def _comparator(found: re.Match[str]) -> Comparator:
    bound, after = found["bound"] or "", (found["after"] or "").strip()
    if after in ("左右", "上下") or bound in ("约", "大约", "近"):
        return "~"
    if bound in ("不超过", "不高于", "不大于", "不多于", "低于", "小于", "少于", "控制在", "最多", "上限", "≤", "<") or after in (
        "以内",
        "以下",
        "及以下",
        "之内",
    ):
        return "<="
    if bound in (
        "不少于",
        "不低于",
        "不小于",
        "至少",
        "超过",
        "超出",
        "突破",
        "大于",
        "高于",
        "超",
        "破",
        "达到或超过",
        "≥",
        ">",
    ) or after in ("以上", "及以上", "余", "多"):
        return ">="
    return "="
