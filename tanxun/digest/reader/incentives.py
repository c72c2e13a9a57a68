"""Incentives of a policy: rewards and subsidies for companies and people, amounts in whole currency units.

Called by `policies` for every sentence of an item.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from tanxun.digest.reader import numbers
from tanxun.digest.reader.cleaning import Passage
from tanxun.digest.reader.reading import Incentive, Read

_GIFT = r"奖励|奖补|补助|补贴|资助|贴息|奖金|资金支持|资金扶持|资金奖|资金补|扶持资金|奖励资金"
_GIVES = re.compile(
    _GIFT + r"|(?:保费|费用|经费|资金)支持|(?:给予|予以|发放)(?=[^,。;]{0,30}\d)|\d[^,。;]{0,12}(?:给予|予以)[^,。;]{0,6}支持"
    r"|[另再加]补(?=\d)|[另再可]获(?=[\d一二三])|奖(?=\d)"
)
_NO_FIGURE = re.compile(rf"(?:给予|予以|进行|享受|提供|发放|兑现)[^,。;]{{0,30}}?(?:{_GIFT}|(?:保费|费用|经费|资金)支持)")
_TO_GOVERNMENT = re.compile(
    r"注资|基金(?:规模|注入)|下达[^,。]{0,30}(?:资金|补助)|拨付[^,。]{0,12}(?:市|县|区|州|财政)|预算内投资安排"
    r"|转移支付|资金池|安排[^,。]{0,20}专项资金|设立[^,。]{0,20}(?:基金|专项资金)|资金规模|总规模|资金总额|总额达"
)
_LOAN = re.compile(r"贷款|信贷|融资|授信|金融机构|金融支持|保险|债券")
_RELIEF = re.compile(r"(?:给予|予以)[^,。;]{0,10}(?:贴息|奖励|补助|补贴|保费|奖补)")
_PART_OF = re.compile(r"其中[^,。;]{0,12}$")
_PAST = re.compile(r"已(?:发放|兑付|累计|下达|拨付)|累计(?:发放|兑现|拨付)|共发放")
_AMOUNT = re.compile(
    rf"(?P<cap>(?:累计|合计|单个项目|单个企业|每家(?:企业)?|每户|总额|年度|同一企业|单项|单家|原则上|,|每个项目"
    rf"|每年)*(?:最高|不超过|最多|上限(?:为)?|封顶)(?:不超过|可达|可获|给予|达"
    rf"|为)*)?[ ]?(?P<number>{numbers.ARABIC}"
    rf"|(?<![一二三四五六七八九十百千第])[一二两三四五六七八九十百千]{{1,5}}(?=万))"
    r"[ ]?(?P<scale>亿|千万|百万|十万|万|千)?(?P<unit>元|港元|港币|澳门元|澳门币|美元|个百分点|%(?!以上"
    r"|的企业))?(?P<per>/[\u4e00-\u9fff]{1,5})?(?P<after>以内|以上)?"
)
_AMOUNT_IN_MONEY = re.compile(r"\d[\d.]*[ ]?(?:万|亿)?(?:元|港元|港币|澳门元)")
_SCALES = {None: 1, "千": 10**3, "万": 10**4, "十万": 10**5, "百万": 10**6, "千万": 10**7, "亿": 10**8}
_CURRENCIES = {
    None: "CNY",
    "元": "CNY",
    "港元": "HKD",
    "港币": "HKD",
    "澳门元": "MOP",
    "澳门币": "MOP",
    "%": "%",
    "个百分点": "%",
}
_CONDITION = re.compile(
    r"[ ]?(?:\(含\))?(?:及)?(?:以上|以下|以内)?(?:\(含\))?(?:的(?!奖|补|资|标准|比例|一次性|财政|经费|配套)|企业|项目|且)"
)
_RATE_CONTEXT = re.compile(r"按|比例|给予|补助|补贴|资助|奖励|不超过|最高|贴息|的$")
_RATE_AFTER = re.compile(r"的?(?:资助|补助|补贴|奖励|支持|奖补|贴息)")
_NO_RATE = re.compile(
    r"(?:拨付|支付(?!利息|费用|的?(?:费用|利息))|兑付|预拨|余下|剩余|下降|提高|增长|降低|提升|达到|(?<!不)超过|高于|低于|不低于|减少|占|节能率"
    r"|利用率|降幅)[^,。;]{0,8}$"
)


def incentives(sentence: Passage) -> Iterator[Read[Incentive]]:
    """The incentives of one sentence in order; a cap beside a rate or a fixed sum is left out."""
    if not sentence.search(_GIVES) or sentence.search(_TO_GOVERNMENT) or sentence.search(_PAST):
        return
    hits = [found for found in sentence.finditer(_AMOUNT) if _is_gift(sentence, found)]
    plain = [found for found in hits if not found["cap"]]
    clauses = sentence.split(re.compile("[;。]"))
    for found in hits:
        own = next((clause for clause in clauses if clause.start <= found.start() < clause.end), sentence)
        if found is not hits[0] and sentence.part(hits[0].end(), found.start()).search(_PART_OF):
            continue
        if found["cap"] and any(own.start <= other.start() < own.end and other.start() < found.start() for other in plain):
            continue
        yield _words(sentence, found).read(_incentive(found))
    if not hits:
        yield from _without_figure(sentence)


def _without_figure(sentence: Passage) -> Iterator[Read[Incentive]]:
    lends = sentence.search(_LOAN) and not sentence.search(_RELIEF)
    if sentence.search(_NO_FIGURE) and not sentence.search(_AMOUNT_IN_MONEY) and not lends:
        yield sentence.strip("。; \n").read(Incentive(None, None), "stated")


def _is_gift(sentence: Passage, found: re.Match[str]) -> bool:
    """Money (or a rate) that is given, not the size of a project, a year or a count."""
    rest = sentence.part(found.end(), min(sentence.end, found.end() + 8))
    before = sentence.folded[max(sentence.start, found.start() - 40) : found.start()]
    clause = re.split(r"[。;]", before)[-1]
    if (rest.match(_CONDITION) and not clause.endswith("价值")) or not (found["unit"] or found["scale"]):
        return False
    if found["unit"] in ("%", "个百分点"):
        rated = found["cap"] is not None or _RATE_CONTEXT.search(clause) or rest.match(_RATE_AFTER)
        return _NO_RATE.search(clause) is None and bool(rated)
    if found["unit"] is None and not re.match(r"(?:[ ]?(?:的|一次性|奖|补|资|,|。|;|、)|$)", rest.words):
        return False
    if found["unit"] == "美元":
        return False
    span = sentence.folded[max(sentence.start, found.start() - 40) : min(sentence.end, found.end() + 20)]
    return re.search(_GIFT + "|给予|予以|每|[另再加]补|[另再可]获|奖", span) is not None and not re.search(
        r"(?:(?<!预算内)投资|产值|营收|收入|贷款|融资|注册资本|成本|罚款|规模)(?:额|总额)?(?:不低于|超过|达到?|在|为|\d|超)?[^,。;予]{0,6}$",
        clause,
    )


def _incentive(found: re.Match[str]) -> Incentive:
    amount = numbers.number(found["number"])
    unit = _CURRENCIES[found["unit"]]
    if amount is not None and unit != "%":
        amount *= Decimal(_SCALES[found["scale"]])
    return Incentive(amount, unit)


def _words(sentence: Passage, found: re.Match[str]) -> Passage:
    """The clauses of the sentence up to and with the amount."""
    end = re.compile("[,;。]").search(sentence.folded, found.end(), sentence.end)
    start = max(sentence.folded.rfind(mark, sentence.start, found.start()) for mark in ";。") + 1
    return sentence.part(max(sentence.start, start), end.start() if end else sentence.end).strip()
