"""Issuing bodies: who stands before 印发, 发布, 召开 … and how the body is called in full.

Called by `policies` for the issuers, and by `kinds` to tell an authority from a company.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from tanxun.digest.reader import numbers, places
from tanxun.digest.reader.cleaning import Passage
from tanxun.digest.reader.places import Place
from tanxun.digest.reader.reading import Read
from tanxun.digest.reader.vocabulary import Vocabulary

PUBLISHES = re.compile(
    r"(?:(?:联合|共同|正式|公开|对外|近日|日前|现|已|先后|分别|集中|官网|网站|修订|制定|研究|起草|牵头|就|审议|批准|,)*"
    r"(?:印发|发布|出台|公布|公示|下发|颁布|制定|修订|通过|批复|发出|发文|推出|启动|组织开展|组织|开展|部署"
    r"|征求|公开征求|举行|召开|举办|主持召开|表示|介绍|宣布|指出|透露|强调|提出|明确|答复|回应|下达|拨付|审议"
    r"|转发|签发|同意|解读|通报|开启|批准|安排|实施|就|关于|《))"
)
MEETS = re.compile(r"(?:召开|举行|举办|表示|介绍|指出|透露|强调|答复|回应)")
_SEPARATOR = re.compile(
    r"[、,]|会同|联合(?!国|会|体|印发|发布|出台|公布|制定|召开|下发|开展|公示|举办|举行|启动|组织|发文|推出)"
    r"|(?<=[厅局委会部署院府行办室社团处心])(?:和|与|及|以及|并)(?!改革|信息|城乡|草原|规划|旅游|社会|物资"
    r"|技术|监督)"
)
_COUNT = re.compile(
    rf"等?(?P<count>\d{{1,2}}|{numbers.CHINESE})(?:个|家)?(?:国家|中央|省级|市级|省直|市直|有关|相关)?(?:部门"
    rf"|部委|单位|机关|委办局|厅局|部)"
)
_REST = re.compile(
    r"(?:等(?:有关|相关|多个|多|国家)?(?:部门|部委|单位|机关)?)?(?:多部门)?[ ]*(?:近日|日前|联合|共同|正式"
    r"|公开|对外|印发|发布|官网|网站|新闻发言人.*|有关负责人.*|相关负责人.*|负责人.*|牵头|组织"
    r"|于?(?:\d{4}年)?\d{1,2}月\d{1,2}日|\([^()]{0,30}\)|等)*"
)
_ORGAN = re.compile(
    r"[\u4e00-\u9fff()·]{0,24}?(?:人民政府(?:办公厅|办公室)?|政府(?:办公厅|办公室|办)?|委员会(?:办公厅"
    r"|办公室)?|管委会|委办公厅|委办公室|领导小组(?:办公室)?|指挥部(?:办公室)?|办公厅|办公室|[厅局署]|总局|委"
    r"|人大(?:常委会)?|常委会|政协"
    r"|(?:中级|高级)?人民法院|法院|检察院|税务局|兵团|分行|支行|总部|工会|工商联|省委|市委|区委|县委|部|中心"
    r"|供销社|供电局|外事办|金融办|双碳办|节能办|能源办|推进办)"
)
_LOCAL_PREFIX = re.compile(r"(?:本|该|我|全)?(?P<kind>省|市|州|盟|自治区|区|县|旗)(?=[\u4e00-\u9fff]{2})")
_NOT_ORGAN = re.compile(
    r".*(?:公司|集团|企业|协会|学会|联盟|大学|学院|研究院|研究所|银行|交易所|俱乐部|商会|论坛|书记|省长|市长"
    r"|主任|厅长|局长|部长|处长|副|会议|内部|东部|西部|全部|公司总部|俱乐部|基金会)$|.*[《》“”:。]"
)
_NOT_LOCAL_ALONE = re.compile(r"(?:办公厅|办公室|中心|部|委员会|领导小组|委|局|厅|兵团|总部)$")
_BRANCH = re.compile(
    r"[\u4e00-\u9fff]{0,16}?(?:分行|支行|营业管理部|监管局|监管分局|专员办|特派办|办公厅|办公室|综合司|司|局|海关|税务局|中心)"
)
# Short names of central bodies that a province uses for its own as well: behind a local body they mean the local one.
_SHARED_NAMES = frozenset({"发展改革委", "国资委", "外汇局", "税务局"})
_SPECIAL_REGIONS = ("81", "82")
_LEAD_IN = re.compile(
    r"(?:近日|日前|近期|本周|昨日|今日|当日|据悉|据|了解|获悉|消息|记者从|从|由|经|在|对|其中|同日|随后|此前|为.{2,40},|[ ,、])+"
)


@dataclass(frozen=True)
class Organ:
    """One issuing body: its full name, the words, the place in its name (None for a central body)."""

    name: str
    words: Passage
    place: Place | None
    is_central: bool
    reason: str = ""

    def read(self) -> Read[str]:
        return self.words.read(self.name, "inferred" if self.reason else "stated", self.reason)


def organs_in(passage: Passage, vocabulary: Vocabulary, near: Place | None = None) -> list[Organ]:
    """The bodies of a list such as 省发展改革委、省财政厅等四部门, in order; words that name no body are left out.

    `near` is the place that 省, 市 … or a body printed without its place belongs to.
    """
    found: list[Organ] = []
    last = near
    for piece in passage.split(_SEPARATOR):
        one = organ(piece, vocabulary, last, follows=bool(found))
        if one is None:
            continue
        if one.name not in [other.name for other in found]:
            found.append(one)
        if one.place and not one.is_central:
            last = one.place
    return found


def organ(piece: Passage, vocabulary: Vocabulary, near: Place | None = None, follows: bool = False) -> Organ | None:
    """The one body that the words name, else None. `follows`: it stands in a list after another body."""
    lead = piece.match(_LEAD_IN)
    piece = piece.part(lead.end(), piece.end) if lead else piece
    central = piece.match(vocabulary.issuer_pattern)
    if central and not (follows and near and central.group() in _SHARED_NAMES):
        found = _central(piece, central, vocabulary)
        if found:
            return found
    place = places.leading(piece, vocabulary.places, (near.region.code,) if near else ())
    body = (piece.match(_ORGAN) or piece.match(vocabulary.organ_pattern)) if piece else None
    while body and not _ends_there(piece, body.end()):
        longer = re.compile(r"[\u4e00-\u9fff]{0,16}?(?:[厅局署部委]|委员会|办公室|办公厅|中心|大队|政府)").match(
            piece.folded, body.end(), piece.end
        )
        if not longer:
            return None
        body = re.compile(r"[\u4e00-\u9fff()·]{2,60}").match(piece.folded, piece.start, longer.end())
    if not body or _NOT_ORGAN.match(body.group()):
        return None
    return _local(piece.group(body), place, near, vocabulary, follows)


def _ends_there(piece: Passage, at: int) -> bool:
    """Nothing but 等部门, 联合 and the like stands after the name."""
    rest = piece.part(at, piece.end)
    return (
        not rest
        or re.compile(_COUNT.pattern + _REST.pattern).fullmatch(rest.words) is not None
        or _REST.fullmatch(rest.words) is not None
    )


def _central(piece: Passage, found: re.Match[str], vocabulary: Vocabulary) -> Organ | None:
    """A body of the central list, or its office, department or branch (人民银行上海分行)."""
    name = vocabulary.issuer_names.get(found.group()) or vocabulary.issuer_names[found.group().upper()]
    words = piece.group(found)
    if not _ends_there(piece, found.end()):
        branch = piece.part(found.end(), piece.end).match(_BRANCH)
        if not branch or not _ends_there(piece, branch.end()):
            return None
        words, full = piece.part(found.start(), branch.end()), name + branch.group()
        place = places.leading(piece.group(branch), vocabulary.places)
        return Organ(full, words, place, place is None, _changed(str(words), full))
    special = places.leading(Passage.whole(name), vocabulary.places)
    if special and special.region.code.startswith(_SPECIAL_REGIONS):
        return Organ(name, words, replace(special, words=words), False, _changed(str(words), name))
    return Organ(name, words, None, True, _changed(str(words), name))


def _local(words: Passage, place: Place | None, near: Place | None, vocabulary: Vocabulary, follows: bool) -> Organ | None:
    """A body of a place: printed with it, with 省 or 市 for it, or after another body of the same place."""
    printed = str(words)
    if place and place.words.end < words.end:
        head, tail = printed[: place.words.end - words.start], printed[place.words.end - words.start :]
        return Organ(_full(head, tail, vocabulary), words, place, False, _changed(printed, _full(head, tail, vocabulary)))
    if near is None or place is not None:
        return None
    prefix = words.match(_LOCAL_PREFIX)
    if prefix:
        outer = _up_to(near, prefix["kind"], vocabulary)
        if outer is None:
            return None
        own = near.words.words if outer.region == near.region and near.words.words.endswith(prefix["kind"]) else ""
        head = own if 0 < len(own) < len(outer.region.name) else outer.region.name
        name = _full(head, printed[prefix.end() - words.start :], vocabulary)
        return Organ(name, words, outer, False, f"“{prefix['kind']}”指{head}")
    if follows and not _NOT_LOCAL_ALONE.fullmatch(printed) and near.region.name:
        name = _full(near.region.name, printed, vocabulary)
        return Organ(name, words, near, False, f"原文省略“{near.region.name}”")
    return None


def _up_to(near: Place, kind: str, vocabulary: Vocabulary) -> Place | None:
    """The division that 省, 市 or 县 means beside `near`: itself or the one above it."""
    for division in reversed(vocabulary.places.chain(near.region.code)):
        if division.name.endswith(kind) or (kind == "州" and division.name.endswith("自治州")):
            return places.of(division, near.words)
    return None


def _full(head: str, tail: str, vocabulary: Vocabulary) -> str:
    """The name with abbreviated parts written out; the place stays as printed."""
    full = vocabulary.abbreviations
    tail = vocabulary.abbreviation_pattern.sub(lambda found: full.get(found.group(), found.group()), tail)
    if tail == "委":
        return f"中共{head}委员会"
    return head + tail


def _changed(printed: str, name: str) -> str:
    return "" if printed == name else f"“{printed}”的全称"


def declared_count(passage: Passage) -> Read[int] | None:
    """How many bodies the text says there are (等八部门, 9部门联合)."""
    for found in passage.finditer(_COUNT):
        value = numbers.number(found["count"])
        if value is not None and 2 <= value <= 99:
            return passage.group(found).read(int(value))
    return None
