"""Numbers with a unit, as policies print them: bound, value or range, unit (培育10—15家, 不低于70%, 1.2万吨以内).

Called by `targets`, which decides what each number is about.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from tanxun.digest.reader import numbers
from tanxun.digest.reader.cleaning import Passage
from tanxun.digest.reader.reading import Comparator

SCALE = r"(?:万亿|千万|百万|十万|亿|万|千|百)?"
COUNTED = (
    r"家|个(?!百分点)|项|座|批|条|名|种|类|款|户|例|件|所|处|部|套|台|辆|艘|架|栋|株|人次|人|次|对|支|份|张|本|宗|笔|只"
    r"|幢|孔|把|枪|根|片|块|组|公里|站|村|镇|县|期|场"
)
MEASURED = (
    r"个百分点|百分点|%|‰|千瓦时|千瓦|兆瓦时|兆瓦|吉瓦|瓦时|瓦|度|kWh|MWh|GWh|TWh|kW|MW|GW|VA|千伏安|吨标准煤"
    r"|吨标煤|吨二氧化碳当量|吨二氧化碳|吨CO2e?|tCO2e?|吨|千克标准煤|公斤标准煤|千克标煤|克标准煤|千克|公斤|克|tce|亩|公顷|平方米|平方公里|立方米|标方"
    r"|升|元|美元|港元|港币|澳门元|公里|千米|米|倍|年|分|天|小时|微克/立方米|立方|EFLOPS|PFLOPS|P(?![A-Za-z])"
)
_PER = r"(?:/(?:[a-zA-Z㎡㎥]|(?![以左及的上下])[\u4e00-\u9fff]){1,6}|(?<=克)标准煤/千瓦时)?"
_AT_LEAST = ("不少于", "不低于", "不小于", "至少", "达到或超过", "超过", "超出", "突破", "大于", "高于", "超", "破", "≥", ">")
_AT_MOST = ("不超过", "不高于", "不大于", "不多于", "低于", "小于", "少于", "控制在", "最多", "上限", "≤", "<")
_ABOUT = ("约", "大约", "近")
_OTHER_BOUNDS = ("压减到", "降至", "降到", "稳定在", "保持在", "维持在")
_BOUNDS = "|".join(sorted((*_AT_LEAST, *_AT_MOST, *_ABOUT, *_OTHER_BOUNDS), key=len, reverse=True))
_FIGURE = re.compile(
    rf"(?P<bound>{_BOUNDS})?(?P<to>达到?|到|至|为|是)?[ ]?(?P<number>{numbers.ARABIC}"
    rf"|(?<![一二两三四五六七八九十百第几数]){numbers.CHINESE}(?=(?:{COUNTED})(?!体|别|性|业|层)))"
    rf"[ ]?(?P<unit>{SCALE}(?:{MEASURED}){_PER}|{SCALE}(?:{COUNTED})(?!体|别|性)|万"
    rf"|亿)?(?P<after>[ ]?(?:\(含\))?(?:及以上|以上|左右|上下|以内|以下|及以下|之内|余|多))?"
)
_LOW = re.compile(rf"(?<![从由\d.])(?P<low>{numbers.ARABIC})[ ]?(?:{SCALE}(?:{MEASURED}|{COUNTED}))?[ ]?[-~至到][ ]?$")
_TO_HIGH = re.compile(r"[ ]?[-~至到][ ]?\d")
_CEILING = re.compile(r"(?:控制在|不超过|降至|降到)[ ]?$")
_LONGEST_LOW = 20


@dataclass(frozen=True)
class Figure:
    """One number (the governing end of a range) with the printed unit. [start, end) is the whole phrase in the text,
    `number_at` where the number begins; `low` is the printed lower end of a range."""

    value: Decimal | None
    unit: str
    comparator: Comparator
    words: Passage
    number_at: int
    start: int
    is_range: bool
    is_chinese: bool
    is_bounded: bool
    is_rounded: bool

    @property
    def end(self) -> int:
        return self.words.end

    @property
    def counts(self) -> bool:
        """The unit is a counting word (家, 个): what is counted may stand behind the number."""
        return re.search(rf"(?:{COUNTED})$", self.unit) is not None

    @property
    def measures(self) -> bool:
        """The unit is a quantity's, not a share's: 吨, 千瓦, 元."""
        return not self.counts and not self.unit.endswith(("%", "‰", "百分点"))


def figures(clause: Passage) -> Iterator[Figure]:
    """Every number of the clause that has a unit, in order; of a range one figure."""
    for found in clause.finditer(_FIGURE):
        if found["unit"] and not clause.part(found.end(), clause.end).match(_TO_HIGH):
            yield _figure(clause, found)


def _figure(clause: Passage, found: re.Match[str]) -> Figure:
    number_at = found.start("number")
    low = clause.part(max(clause.start, number_at - _LONGEST_LOW), number_at).search(_LOW)
    value, comparator = numbers.number(found["number"]), _comparator(found["bound"] or "", (found["after"] or "").strip())
    start = low.start() if low else found.start()
    if low and _CEILING.search(clause.folded[max(0, start - 4) : start]):
        comparator = "<="
    elif low:
        value, comparator = numbers.number(low["low"]), ">="
    return Figure(
        value=value,
        unit=found["unit"],
        comparator=comparator,
        words=clause.part(start, found.end()),
        number_at=number_at,
        start=start,
        is_range=low is not None,
        is_chinese=not found["number"][0].isdigit(),
        is_bounded=bool(found["bound"]),
        is_rounded=bool(found["after"]),
    )


def _comparator(bound: str, after: str) -> Comparator:
    if after in ("左右", "上下") or bound in _ABOUT:
        return "~"
    if bound in _AT_MOST or after in ("以内", "以下", "及以下", "之内"):
        return "<="
    if bound in _AT_LEAST or after in ("以上", "及以上", "余", "多"):
        return ">="
    return "="
