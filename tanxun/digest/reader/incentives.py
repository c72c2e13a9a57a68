"""Incentives of a policy: rewards and subsidies for companies and people, amounts in whole currency units.

Called by `policies` for every sentence of an item.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

from tanxun.digest.reader import conditions, numbers
from tanxun.digest.reader.cleaning import Passage
from tanxun.digest.reader.reading import Incentive, Read
from tanxun.digest.reader.topics import spoken_of
from tanxun.digest.reader.vocabulary import Vocabulary

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


def incentives(sentence: Passage, vocabulary: Vocabulary) -> Iterator[Read[Incentive]]:
    """The incentives of one sentence in order; a cap beside a rate or a fixed sum goes with that."""
    if not sentence.search(_GIVES) or sentence.search(_TO_GOVERNMENT) or sentence.search(_PAST):
        return
    hits = [found for found in sentence.finditer(_AMOUNT) if _is_gift(sentence, found)]
    clauses = sentence.split(re.compile("[;。]"))
    kept: list[re.Match[str]] = []
    caps: dict[int, Decimal] = {}  # by place in `kept`
    for found in hits:
        if found is not hits[0] and sentence.part(hits[0].end(), found.start()).search(_PART_OF):
            continue
        own = next((clause for clause in clauses if clause.start <= found.start() < clause.end), sentence)
        limits = [at for at, other in enumerate(kept) if not other["cap"] and own.start <= other.start() < own.end]
        if found["cap"] and limits:
            caps |= {at: cap for at in limits if at not in caps and (cap := _sum(found)) is not None}
        else:
            kept.append(found)
    for at, found in enumerate(kept):
        yield _words(sentence, found).read(_incentive(sentence, found, caps.get(at), vocabulary))
    if not hits:
        yield from _without_figure(sentence, vocabulary)


def _without_figure(sentence: Passage, vocabulary: Vocabulary) -> Iterator[Read[Incentive]]:
    lends = sentence.search(_LOAN) and not sentence.search(_RELIEF)
    gift = sentence.search(_NO_FIGURE)
    if gift and not sentence.search(_AMOUNT_IN_MONEY) and not lends:
        kind = conditions.kind(sentence.folded[sentence.start : gift.start()], gift.group(), is_share=False)
        reward = _conditioned(Incentive(None, None, kind), sentence, gift.start(), vocabulary)
        yield sentence.strip("。; \n").read(reward, "stated")


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


def _sum(found: re.Match[str]) -> Decimal | None:
    """The money of a match in whole units; None for a share."""
    amount = numbers.number(found["number"])
    return None if amount is None or _CURRENCIES[found["unit"]] == "%" else amount * Decimal(_SCALES[found["scale"]])


def _incentive(sentence: Passage, found: re.Match[str], cap: Decimal | None, vocabulary: Vocabulary) -> Incentive:
    """What is given, with its cap: where it is itself the most that is given, the same."""
    unit = _CURRENCIES[found["unit"]]
    amount = numbers.number(found["number"]) if unit == "%" else _sum(found)
    if found["cap"] and unit != "%":
        cap = amount
    start = max(sentence.start, *(sentence.folded.rfind(mark, sentence.start, found.start()) + 1 for mark in ";。"))
    end = re.compile("[;。]").search(sentence.folded, found.end(), sentence.end)
    after = sentence.folded[found.end() : end.start() if end else sentence.end]
    kind = conditions.kind(sentence.folded[start : found.start()], after, is_share=unit == "%")
    return _conditioned(Incentive(amount, unit, kind, cap), sentence, found.start(), vocabulary)


def _conditioned(reward: Incentive, sentence: Passage, at: int, vocabulary: Vocabulary) -> Incentive:
    """With who gets it, what must be shown, and what that is about."""
    named = conditions.who(sentence, at)
    if named is None:
        return reward
    shown = conditions.evidence(named)
    topics = spoken_of(shown, vocabulary) if shown else ()
    return replace(reward, who=str(named), evidence=str(shown) if shown else "", topics=topics)


def _words(sentence: Passage, found: re.Match[str]) -> Passage:
    """The clauses of the sentence up to and with the amount."""
    end = re.compile("[,;。]").search(sentence.folded, found.end(), sentence.end)
    start = max(sentence.folded.rfind(mark, sentence.start, found.start()) for mark in ";。") + 1
    return sentence.part(max(sentence.start, start), end.start() if end else sentence.end).strip()
