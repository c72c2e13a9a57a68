"""Units of figures in policies, made one for each kind, so that 30万千瓦 and 0.3吉瓦 sort as equals. Asked by the models."""

import re
from decimal import Decimal
from typing import NamedTuple

from tanxun.search.fold import fold

TIMES = {"十": 10, "百": 100, "千": 1_000, "万": 10_000, "亿": 100_000_000}
PREFIX = re.compile(r"[十百千万亿]+(?=.)")
# {unit as printed, folded: (unit of its kind, how many of that it is)}; what is not here is its own kind: 家, 个, 辆.
KINDS = {
    "瓦": ("千瓦", "0.001"),
    "千瓦": ("千瓦", 1),
    "兆瓦": ("千瓦", 1_000),
    "吉瓦": ("千瓦", 1_000_000),
    "kw": ("千瓦", 1),
    "mw": ("千瓦", 1_000),
    "gw": ("千瓦", 1_000_000),
    "度": ("千瓦时", 1),
    "千瓦时": ("千瓦时", 1),
    "兆瓦时": ("千瓦时", 1_000),
    "吉瓦时": ("千瓦时", 1_000_000),
    "kwh": ("千瓦时", 1),
    "mwh": ("千瓦时", 1_000),
    "gwh": ("千瓦时", 1_000_000),
    "twh": ("千瓦时", 1_000_000_000),
    "克": ("吨", "0.000001"),
    "千克": ("吨", "0.001"),
    "公斤": ("吨", "0.001"),
    "吨": ("吨", 1),
    "平方米": ("平方米", 1),
    "亩": ("平方米", "666.666667"),
    "公顷": ("平方米", 10_000),
    "平方公里": ("平方米", 1_000_000),
    "米": ("公里", "0.001"),
    "公里": ("公里", 1),
    "元": ("元", 1),
    "人民币": ("元", 1),
    "%": ("%", 1),
    "百分点": ("百分点", 1),
    "个百分点": ("百分点", 1),
}
PLACES = Decimal("0.000001")
DIGITS = 34


class Normal(NamedTuple):
    """A figure in the unit of its kind; None and the unit where no figure is given."""

    value: Decimal | None
    unit: str


def normal(value: Decimal | None, unit: str) -> Normal:
    """30, "万千瓦" → 300000, "千瓦". A unit that is not known keeps its word, without the 万 or 亿 before it."""
    word = fold(unit).replace(" ", "")
    times = Decimal(1)
    if word not in KINDS and (found := PREFIX.match(word)):
        # 千瓦 and 百分点 begin with a numeral too: the longest rest that is a unit wins, else all up to the last 万 or 亿 goes.
        large = 1 + max(found[0].rfind("万"), found[0].rfind("亿"))
        cut = next((at for at in range(1, found.end() + 1) if word[at:] in KINDS), large)
        for numeral in word[:cut]:
            times *= TIMES[numeral]
        word = word[cut:]
    kind, size = KINDS.get(word, (word, 1))
    if value is None:
        return Normal(None, kind)
    return Normal((Decimal(str(value)) * times * Decimal(size)).quantize(PLACES), kind)


def rank(value: Decimal | None, unit: str) -> str:
    """A text that sorts by unit, then by value: figures of one kind stand together. Empty where there is no figure."""
    if value is None:
        return ""
    value = Decimal(str(value))
    figure = f"{abs(value):0{DIGITS}.6f}"
    if value < 0:  # the larger, the earlier
        figure = figure.translate(str.maketrans("0123456789", "9876543210"))
    return f"{unit[:20]} {'+' if value >= 0 else '!'}{figure}"
