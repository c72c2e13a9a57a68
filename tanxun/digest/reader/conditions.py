"""Who gets a reward, for showing what, and how it is paid. Called by `incentives`."""

from __future__ import annotations

import re

from tanxun.digest.reader.cleaning import Passage
from tanxun.digest.reader.reading import Gift

_HOLDER = (
    r"(?:企业|单位|机构|工厂|园区|项目|产品|组织|商户|主体|法人|公司|居民|农户|团队|平台|个人|业主|车间|供应链|楼宇|家庭|院校"
    r"|高校|协会|商会)"
)
_LEAD = re.compile(
    r"(?:[^,对]{0,12}(?:财政|拟|将|政府)(?=对)|[^,对]{0,16}(?:提出|明确|规定|要求|指出|内容包括)|其中|同时|此外|另外|还|并|且|优先|鼓励和?|支持|对于?|凡是?|面向|向|给|[^\w(《“])*"
)
_TO = re.compile(r"对于?|凡是?|面向|向|给")
# A clause that says how much or by whom is given names nobody.
_NO_HOLDER = re.compile(
    r"^(?:按照?|参照|依据?|根据|以|由|最高|单[个家项户笔]|每|再|另|分别|一次性|给予|予以|则|可|将|总额|年度|累计|同一|上限|不超过|原则上)"
)
_GOES_ON = re.compile(r"^(?:并|且|同时)")
# Where the words of giving begin behind the one who gets.
_GIVES = re.compile(
    r"(?:则|将|均|可|由[^,]{0,10}|按[^,]{0,24}|参照[^,]{0,16})?(?:分别|一次性|给予|予以|奖励|补助|补贴|资助|奖补|发放|兑现|最高|不超过|每[家个项户张件座]|[再另](?=[给予补奖获]))"
)
_WITH_DE = re.compile(rf"(?P<held>.{{2,90}})的(?P<noun>[^,。;的]{{0,14}}{_HOLDER}|)$")
_BY_MEASURE = re.compile(r"(?:按照?|参照)[^,]*$")  # 省级财政按建设投入的10%: of a measure, not of a holder
_BARE = re.compile(rf".{{0,40}}{_HOLDER}$")
_EVIDENCE = re.compile(
    r"(?:首次|首批|新近?|当年|本年度?|上年度?|年度内|(?:20\d\d年?度?))*(?:被)?(?:获评|获得|获颁|获批|荣获|取得|通过|入选|列入|纳入|评为|评定为|认定为|上榜"
    r"|获(?!取|利|奖励)|拿到|具有|持有|完成(?=[^,]{0,24}(?:核查|核算|认证|认定|评价|注册|备案|审核|披露))|达到(?=[^,]{0,10}(?:级|标准)))[^。;]*$"
)
_RECOGNISED = re.compile(r"工厂|园区|供应链|证书|认证|标识|标签|声明|EPD|核查|称号|名单")
_LOAN = re.compile(r"贴息|贷款|利息|信贷")
_YEARLY = re.compile(
    r"每年(?!认定|评|新增|安排|最高|不超过|总额|度)|按年(?=给|奖|补|发|兑)|逐年|连续[一二两三四五\d]年(?=给|奖|补)"
)
_ONE_OFF = re.compile(r"一次性|首次|首获|首批|新获评?|新认定|新入选")
_REACH = 120


def kind(before: str, after: str, is_share: bool) -> Gift | None:
    """How a sum is paid, by the words of its clause before and after it; None where they do not say it."""
    if _LOAN.search(before + after):
        return "loan"
    if is_share:
        return "share"
    if _YEARLY.search(before):
        return "yearly"
    return "one_off" if _ONE_OFF.search(before) or after.startswith(("的一次性", "一次性")) else None


def who(sentence: Passage, at: int) -> Passage | None:
    """The words before `at` that say who gets what is given there; None where nobody is named."""
    start = max(sentence.start, at - _REACH, *(sentence.folded.rfind(mark, sentence.start, at) + 1 for mark in ";。:"))
    pieces = sentence.part(start, at).split(re.compile(","))
    while pieces:
        piece = pieces.pop()
        while pieces and _GOES_ON.match(piece.words):
            piece = sentence.part(pieces.pop().start, piece.end)
        named = _holder(piece)
        if named:
            return named
        if _TO.match(piece.words) and not _NO_HOLDER.match(piece.words):
            return None  # given for something, not to somebody: what stands before is of another reward
    return None


def _holder(piece: Passage) -> Passage | None:
    if _NO_HOLDER.match(piece.words):
        return None
    lead = piece.match(_LEAD)
    rest = piece.part(lead.end(), piece.end) if lead else piece
    is_given_to = _TO.search(piece.folded[piece.start : rest.start]) is not None
    gives = next((hit for hit in rest.finditer(_GIVES) if hit.start() > rest.start + 1), None)
    rest = (rest.part(rest.start, gives.start()) if gives else rest).strip(" ,")
    if found := rest.match(_WITH_DE):
        if not found["noun"] and _BY_MEASURE.search(found["held"]):
            return None
        return rest if found["noun"] else rest.part(rest.start, rest.end - 1)
    return rest if is_given_to and rest.match(_BARE) else None


def evidence(named: Passage) -> Passage | None:
    """What must be shown, of the words that say who gets: 首次获评国家级绿色工厂 of 首次获评国家级绿色工厂的企业."""
    found = named.match(_WITH_DE)
    held = named.part(*found.span("held")) if found else named
    if shown := held.search(_EVIDENCE):
        return held.part(shown.start(), held.end)
    return held if held.search(_RECOGNISED) and held.match(_BARE) else None
