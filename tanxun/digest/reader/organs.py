"""Issuing bodies: which bodies words name one after another, and how each is called in full.

A small grammar, read at a place of the text: list = body { separator body }; body = central body [its office or branch]
| [中共] [place or 省, 市 … for it] name [its office]. What stands behind a name decides where it ends.
Called by `actors` for what a lead says, by `policies` and `kinds` for the subject of a heading.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tanxun.digest.reader import numbers, places
from tanxun.digest.reader.cleaning import Passage
from tanxun.digest.reader.places import Place
from tanxun.digest.reader.reading import Read
from tanxun.digest.reader.vocabulary import Vocabulary

_LONGEST = 34
_HAN = re.compile(r"[\u4e00-\u9fff·]+")
_SEPARATOR = re.compile(
    r"[ ]*(?:\([^()]{0,30}\))?[ ]*(?:[、,]|会同|联合|携手|以及|和|与|及|并|暨|[ ]+|(?=[省市区县州盟](?:人民)?政府))[ ]*"
)
_COUNT = re.compile(
    rf"等?(?P<count>\d{{1,2}}|{numbers.CHINESE})(?:个|家)?(?:国家|中央|省级|市级|省直|市直|有关|相关)?(?:部门|部委|单位|机关|委办局|厅局|部)"
)
# Ends of the names of local bodies; a name may go on behind one (市政府 + 办公室), so that what follows decides.
_ENDING = re.compile(
    r"人民政府|政府|行政公署|行署|委员会|管委会|执委会|常委会|厅|(?<![布格全大结开当变])局|(?<=[总计专])署|委|办公[厅室]|法院|检察院|海关|[分支]行"
    r"|营业管理部|[总支大]队|(?:节能|监察|监测|服务|事务|促进|发展|管理|减排|公积金|监督)中心|领导小组|指挥部|政协|人大|总工会|团委"
    r"|妇联|残联|供销社|(?:组织|宣传|统战|政法|工作)部|(?<![举主承协督申兴创开联筹])办"
)
_PERSON = (
    r"(?:有关|相关|主要)?(?:负责人|负责同志|工作人员|新闻发言人|发言人|领导)|党[组委]|(?:副|代)?(?:部长|局长|厅长|司长|署长|处长|科长"
    r"|主任|书记|主席|秘书长|行长|总理|巡视员|省长|市长|州长|区长|县长|总工程师|总经济师)"
)
_DONE = (
    r"印发|发布|出台|公布|公示|公告|下发|颁布|制定|修订|通过|批复|发[出文函]|推出|启动|开展|部署|征[求集]|公开|举[行办]|召[开集]|主持"
    r"|表示|介绍|宣布|指出|透露|强调|提出|明确|答复|回应|下达|拨付|审议|转发|签发|同意|解读|通报|开[启通]|批准|安排|实施|上线|组建|成立"
    r"|要求|披露|发起|确定|认定|编制|起草|研究(?![所院室中])|提醒|消息|获悉|称|说(?!明)|受理|兑现|出具|签署|组织(?!部)|牵头|指导|主办|承办"
    r"|支持|推动|推进|扩大|帮扶|引导|鼓励|作出|做出|调整|更新|完善|规范|加[强快大]|建[设立]|实行|试[行点]|遴选|评选|推荐|申报|挂出|刊发"
)
_BEHIND = re.compile(
    r"$|[^\u4e00-\u9fff·]|会同|联合(?!会|国|体|社)|携手|[和与及并暨]|以及|等|近[日期]|日前|本[周月]|[今昨当同]日|今年|[在对向为将从由按依以已现再又也还拟的]|于"
    rf"|就(?!业)|根据|围绕|针对|关于|面向|正式|首次|率先|共同|先后|分别|集中|同[步时]|{_PERSON}|{_DONE}|网站|官[网方]|微信|公众号|新闻发言"
    r"|常务会|全体会|专题|党组会|办公会|[省市区县州盟](?:委|政府|人民政府)"
    rf"|[\u4e00-\u9fff]{{2,14}}?[司处科室](?:{_PERSON})"
)
_SPEAKER = re.compile(_PERSON)
# Behind such words a body is only part of another name (商务部研究院, 某局直属单位).
_INSTITUTION = re.compile(
    r"属|系统|机关|部门|门|[长面级委]|[\u4e00-\u9fff]{0,10}?(?:公司|集团|研究[院所]|院|所|协会|学会|联盟|大学|学院|银行|出版社|报社|日报|杂志|协作组"
    r"|研究中心|论坛|基金|中心)"
)
_NOT_ORGAN = re.compile(r"公司|集团|协会|学会|联盟|大学|学院|俱乐部|商会|论坛|基金会")
_OFFICE = re.compile(
    r"[分支]行|总部|营业管理部|监管局|监管分局|监管办|分局|分署|专员办|特派办|办公[厅室]|综合司|[司局厅]|海关|税务局|委员会|督察局|(?:价格监测|服务|管理|发展|政策研究)中心"
)
_DEPARTMENT = re.compile(r"(?:司|(?<!监管)(?<!分)局)$")
# 市场监管局, 市政园林局, 省级机关事务管理局 begin with no 市, 省 of a place.
_LOCAL_PREFIX = re.compile(
    r"(?:本|该|我|全)?(?P<kind>自治区|自治州|[省市州盟区县旗])(?=[\u4e00-\u9fff])(?!场|级|域|直|容|政[公园工管务])"
)
_PARTY = re.compile(r"中共|中国共产党")
_XPCC = "新疆生产建设兵团"
_ALONE = re.compile(r"办公[厅室]|委员会|领导小组|[委局厅]|兵团|政府|人民政府|海关|[分支]行|[\u4e00-\u9fff]?办|.{0,2}中心")
# Short names of central bodies that a province uses for its own as well: beside a place they mean the local one.
_SHARED_NAMES = frozenset({"发展改革委", "发改委", "国资委", "外汇局", "税务局"})
_SPECIAL_REGIONS = ("81", "82")


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


def organs_at(passage: Passage, vocabulary: Vocabulary, near: Place | None = None) -> tuple[list[Organ], int]:
    """The bodies that the passage begins with, in order, and where their list ends; a piece of the list that names no
    body is left out.

    `near` is the place that 省, 市 … or a body printed without its place belongs to.
    """
    found: list[Organ] = []
    at = end = passage.start
    while at < passage.end:
        one = organ(passage.part(at, passage.end), vocabulary, near, follows=bool(found))
        if one:
            if one.name not in [other.name for other in found]:
                found.append(one)
            near = one.place if one.place and not one.is_central else near
            at = end = one.words.end
        elif not found:
            break
        joint = passage.part(at, passage.end).match(_SEPARATOR) if one else _next_piece(passage, at)
        if joint is None:
            break
        at = joint.end()
    return found, end


def _next_piece(passage: Passage, at: int) -> re.Match[str] | None:
    """Behind a piece that names no body, where the list goes on."""
    return passage.part(at, min(passage.end, at + _LONGEST)).match(re.compile(r"[^、,;:。《》]{1,30}、"))


def organ(words: Passage, vocabulary: Vocabulary, near: Place | None = None, follows: bool = False) -> Organ | None:
    """The one body that the words begin with, else None. `follows`: it stands in a list after another body."""
    central = words.match(vocabulary.issuer_pattern)
    if central and not (near and central.group() in _SHARED_NAMES):
        found = _central(words, central, vocabulary)
        if found:
            return found
    party = words.match(_PARTY)
    rest = words.part(party.end(), words.end) if party else words
    place = places.leading(rest, vocabulary.places, (near.region.code,) if near else ())
    start = place.words.end if place else rest.start
    end = _end(rest, start, vocabulary)
    if end is None or _NOT_ORGAN.search(rest.folded, rest.start, end):
        return None
    if place:
        return _with_place(words.part(words.start, end), place, vocabulary) if place.words.end < end else None
    return _without_place(words.part(words.start, end), words.end, near, vocabulary, follows) if near else None


def _end(words: Passage, start: int, vocabulary: Vocabulary) -> int | None:
    """Where the name of a local body ends that goes on at `start`: at the first ending that something else follows."""
    run = words.part(start, min(words.end, start + _LONGEST)).match(_HAN)
    if run is None:
        return None
    open_end = None
    for end in _endings(words.group(run), vocabulary):
        if _ends_at(words, end):
            return end
        if open_end is None and words.part(end, words.end).match(_INSTITUTION) is None and end - start > 1:
            open_end = end
    return open_end


def _endings(run: Passage, vocabulary: Vocabulary) -> Iterator[int]:
    """Where a name may end in a run of Chinese characters, from left to right: the known short and full forms of
    local bodies, and the usual last words."""
    known = {found.end() for found in run.finditer(vocabulary.abbreviation_pattern)}
    yield from sorted(known | {found.end() for found in run.finditer(_ENDING)})


def _ends_at(words: Passage, end: int) -> bool:
    return words.part(end, words.end).match(_BEHIND) is not None


def _central(words: Passage, found: re.Match[str], vocabulary: Vocabulary) -> Organ | None:
    """A body of the central list, or its office, department or branch (人民银行上海分行). Who speaks for a department
    speaks for the body."""
    name = vocabulary.issuer_names.get(found.group()) or vocabulary.issuer_names[found.group().upper()]
    printed, full = words.group(found), name
    place = _special(name, printed, vocabulary)
    if not _ends_at(words, found.end()):
        office = _office(words, found.end())
        if office:
            seat = places.leading(office, vocabulary.places)
            if seat or not _speaks_for_all(words, office):
                printed, full, place = words.part(found.start(), office.end), name + str(office), place or seat
        elif words.part(found.end(), words.end).match(_INSTITUTION):
            return None
    return Organ(full, printed, place, place is None, _changed(str(printed), full))


def _special(name: str, printed: Passage, vocabulary: Vocabulary) -> Place | None:
    """The special region whose government, or a bureau of it, the central list holds."""
    place = places.leading(Passage.whole(name), vocabulary.places)
    if place and place.region.code.startswith(_SPECIAL_REGIONS):
        return Place(place.region, place.level, printed)
    return None


def _speaks_for_all(words: Passage, office: Passage) -> bool:
    """Whether it is the head of a department who speaks."""
    return words.part(office.end, words.end).match(_SPEAKER) is not None and _DEPARTMENT.search(office.words) is not None


def _office(words: Passage, start: int) -> Passage | None:
    """The office, department or branch that is named right behind a central body."""
    run = words.part(start, min(words.end, start + _LONGEST)).match(_HAN)
    if run is None:
        return None
    ends = (found.end() for found in words.group(run).finditer(_OFFICE))
    end = next((at for at in ends if _ends_at(words, at)), None)
    return words.part(start, end) if end else None


def _with_place(whole: Passage, place: Place, vocabulary: Vocabulary) -> Organ:
    """A body printed with its place (中共 before it or not)."""
    party = "中共" if whole.start < place.words.start else ""
    head, tail = str(place.words), str(whole.part(place.words.end, whole.end))
    name = party + _full(_XPCC if head in ("兵团", "新疆兵团") else head, tail, vocabulary, party)
    seat = places.below(place, whole.part(place.words.end, whole.end))
    return Organ(name, whole, seat, False, _changed(str(whole), name))


def _without_place(whole: Passage, limit: int, near: Place, vocabulary: Vocabulary, follows: bool) -> Organ | None:
    """A body printed with 省 or 市 for its place, or without it: behind another of the same place, or by a known name."""
    party = whole.match(_PARTY)
    words = whole.part(party.end(), whole.end) if party else whole
    prefix = words.match(_LOCAL_PREFIX)
    outer = _up_to(near, prefix["kind"], vocabulary) if prefix else None
    if prefix and outer:
        own = near.words.words if outer.region == near.region and near.words.words.endswith(prefix["kind"]) else ""
        head, mark = own or outer.region.name, "中共" if party else ""
        name = mark + _full(head, str(words.part(prefix.end(), words.end)), vocabulary, mark)
        return Organ(name, whole, outer, False, f"“{prefix['kind']}”指{head}")
    is_whole = _ends_at(whole.part(whole.start, limit), whole.end)
    if is_whole and (follows or _is_known(words, vocabulary)) and not party and not _ALONE.fullmatch(words.words):
        name = _full(near.region.name, str(words), vocabulary)
        return Organ(name, whole, near, False, f"原文省略“{near.region.name}”")
    return None


def _is_known(words: Passage, vocabulary: Vocabulary) -> bool:
    """Whether the words are just one of the known short or full forms of a local body's name."""
    found = words.match(vocabulary.abbreviation_pattern)
    return found is not None and found.end() == words.end


def _up_to(near: Place, kind: str, vocabulary: Vocabulary) -> Place | None:
    """The division that 省, 市 or 县 means beside `near`: itself or the one above it."""
    for division in reversed(vocabulary.places.chain(near.region.code)):
        if division.name.endswith(kind) or (kind == "州" and division.name.endswith("自治州")):
            return places.of(division, near.words)
    return None


def _full(head: str, tail: str, vocabulary: Vocabulary, party: str = "") -> str:
    """The name with abbreviated parts written out; the place stays as printed."""
    full = vocabulary.abbreviations
    tail = vocabulary.abbreviation_pattern.sub(lambda found: _in_full(found, full), tail)
    if tail == "委":
        tail = "委员会"
    elif not re.match(r"委(?:办公|[组宣统政网金]|巡视)", tail):
        return head + tail
    return f"{'' if party else '中共'}{head}{tail}"


def _in_full(found: re.Match[str], full: Mapping[str, str]) -> str:
    """A short form written out; behind 和 it is the rest of a joint body's name (工信和科技局), and stays."""
    is_rest = found.string[found.start() - 1 : found.start()] in ("和", "与")
    return found.group() if is_rest else full.get(found.group(), found.group())


def _changed(printed: str, name: str) -> str:
    return "" if printed == name else f"“{printed}”的全称"


def declared_count(passage: Passage) -> Read[int] | None:
    """How many bodies the text says there are (等八部门, 9部门联合)."""
    for found in passage.finditer(_COUNT):
        value = numbers.number(found["count"])
        if value is not None and 2 <= value <= 99:
            return passage.group(found).read(int(value))
    return None
