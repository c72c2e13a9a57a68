"""Names of companies in a passage, and where a company sits as far as its name says.

Called by `statements`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from tanxun.digest.reader import places
from tanxun.digest.reader.cleaning import Passage
from tanxun.digest.reader.places import Place
from tanxun.digest.reader.reading import Read, RegionName
from tanxun.digest.reader.vocabulary import Vocabulary

# A branch or works behind the legal form belongs to the name; a verb there does not.
_NO_BRANCH = (
    r"[在与和及由向为经获对给的取得成入被评通打建新签颁出送以凭将发零绿近碳智灯"
    r"已所拥完也均双荣喜再首日]|旗下|下属|所属|全资|控股|子"
)
_LEGAL = re.compile(
    r"(?:股份有限公司|有限责任公司|有限公司|有限合伙|股份公司|集团公司)"
    rf"(?:(?:(?!{_NO_BRANCH})[\u4e00-\u9fff]){{2,6}}?(?:分公司|分厂|(?:生产|制造)?(?:基地|工厂)|厂区|[^\\W\\d一二三四五六七八九十两多各]厂|拌合站|电站|电厂|港区|(?<!有限|集团)公司)(?!的?(?:声明|证书)))?"
)
_NAME_CHARACTERS = re.compile(r"[\u4e00-\u9fffA-Za-z0-9()·&\-. ]{2,50}$")
# Bullets and circled numbers bound a name as any mark does; signs that hide a part of it (某**公司) do not.
_BOUND = re.compile(r"[^\w()·&\-.+'’*×○ ]|(?<![A-Za-z])’|[_①-⓿❶-➓㈠-㊰]")
# A bullet or number of a list that the name's own signs might be: · 甲公司, - 甲公司, 01 甲公司, A. 甲公司, NO.1 甲公司.
LIST_MARK = (
    r"[·\-.&*×○]+|(?<!\d)\d{1,3}(?:[.、)](?!\d)|[ ]+)|[一二三四五六七八九十]+[.、]|\([一二三四五六七八九十百零\d]{1,5}\)"
    r"|[Nn][Oo]\.?[ ]?\d{1,3}(?!\d)|(?<![A-Za-z])[A-Za-z][.、)](?=[ \u4e00-\u9fff])"
)
LEAD_IN = re.compile(
    r"(?:近日|日前|近期|本周|日内|昨日|今日|同期|此外|其中|同时|随后|据悉|据|获悉|来自"
    r"|位于[\u4e00-\u9fff]{2,12}的|坐落于[\u4e00-\u9fff]{2,12}的|(?:\d{4}年)?\d{1,2}月\d{1,2}日"
    r"|(?:\d{4}年)?\d{1,2}月(?:底|初|[上中下]旬)?"
    r"|记者从|由|在|为|向|对|给|将|把|经|从|与|和|及|以及|并|其|该|我[国省市区县]|全球|国内|知名|领先的?|企业|公司"
    r"|上市公司|龙头企业|制造商|民营企业|中央企业|央企|国企|外资企业|专精特新企业|客户|恭喜|祝贺|喜报|包括|如"
    rf"|有|共有|分别|一是|二是|三是|,|、| |{LIST_MARK}"
    r"|印发|发布|出台|公布|下发|受|被|让|请|获(?:得|评|颁|授)?|荣获|取得|作为|凭借|依托|借助|帮助|经过|历经"
    r"|暨|及其|旗下(?:的)?|下属(?:的)?"
    r"|所属(?:的)?|子公司|全资子公司|控股子公司)+"
)
_CUTS = re.compile(
    r"(?:颁给|发给|授给|授牌|送达|送到|送抵|交到|交给|递到|寄到|花落|落户|确认|认定|评定|核定|分别[是为给]|名单[:为]?|完成|取得|颁发|出具|签发|证书|声明|了"
    r"|(?<=近)日|(?<=日)前|颁发给|授予|旗下的?|下属的?|所属的?|子公司|全资子公司|控股(?!集|有|股|公)|获得|祝贺|恭喜|助力|辅导|协助|服务于"
    r"|收到|接到|接受|感谢|鸣谢|致谢|随着|伴随|见证|得知|欣闻|喜闻|获悉|委托|聘请|邀请|交由|经由|通过|依据|根据|按照|期间"
    r"|[会式动场]上(?!海)|会后|现场|(?:母|总|分)公司|拜访|走访|考察|参观|推荐|推选|带动|推动|包括|支持下?|陪同|牵手|携手|联手|来到|走进|评审|审核|核查|企业(?=[\u4e00-\u9fffA-Za-z]{4})|(?:园区|[区市县省]内|辖区内?|本地|属地)的?企业|(?:会员|成员|理事|骨干|龙头)(?:单位|企业)|制造商|供应商|隶属于?"
    r"|(?<=[\u4e00-\u9fff]{2})(?<!美)的(?=[\u4e00-\u9fffA-Za-z]{4})|与|以及|及(?!时)|(?<=机构)|(?<=集团)(?:旗下|下属"
    r"|所属)|(?<![方导定动意志东西南北])[向](?![阳日荣上前导好新往])(?=[\u4e00-\u9fffA-Za-z]{4}))"
)
_AND = re.compile(r"(?<![中共永太])和(?!平|谐|合|润|记)")
_SHORT_AFTER = re.compile(
    r"[ ]*\((?:以下)?(?:简称|下称)[:为]?[ ]*[“”'\"]?(?P<short>[^()“”'\"]{2,20})[“”'\"]?\)|[ ]*\([^()]{1,24}\)"
)
_INNER_PLACE = re.compile(
    r"\((?P<place>[\u4e00-\u9fff]{2,12})\)|有限(?:责任)?公司(?P<branch>[\u4e00-\u9fff]{2,10})$|(?P<before>[\u4e00-\u9fff]{2,8})(?=(?:集团)?(?:股份|有限|分公司|集团))"
)
# Words that end right before a name; one of them before a place (向浙江…) is where the name begins.
_ENDS_BEFORE = re.compile(
    r"(?:[向经由受对给请让从至到是被把将于在替帮与跟着了过的后时间内]"
    r"|(?<![中共永太祥泰])和|(?<!华)为|[会程式动期场]中|[会式动场]上)$"
)
_GRAMMAR = re.compile(r"[的了着被]|[^华]为|是")
_SEATED = re.compile(r"(?:位于|坐落于|坐落在|地处|落户)(?P<place>[\u4e00-\u9fff]{2,14})")
_SEATED_THERE = re.compile(_SEATED.pattern + "的$")
_FOREIGN = re.compile(
    r"(?:美国|日本|韩国|德国|法国|英国|意大利|西班牙|荷兰|瑞士|瑞典|丹麦|挪威|芬兰|比利时|奥地利|俄罗斯|印度"
    r"|印尼|印度尼西亚|越南|泰国|马来西亚|新加坡|菲律宾|澳大利亚|澳洲|新西兰|加拿大|墨西哥|巴西|智利|阿根廷"
    r"|南非|埃及|沙特|阿联酋|以色列|土耳其"
    r"|波兰|匈牙利|捷克|葡萄牙|爱尔兰|希腊|欧洲|哈萨克斯坦|巴基斯坦|肯尼亚|卢森堡|冰岛)"
)
_DOMESTIC = re.compile(r"中国|华|\(|有限公司")


def legal_names(passage: Passage) -> Iterator[Passage]:
    """Names with a legal form (…有限公司), left to right, without what leads in to them."""
    at = passage.start
    for found in passage.finditer(_LEGAL):
        start = max(at, found.end() - 50)
        name = _trimmed(passage.part(start, found.end()), found.start(), at > passage.start)
        if name and name.end - name.start > len(found.group()) + 1:
            yield name
        at = found.end()


def _trimmed(words: Passage, core: int, follows: bool) -> Passage | None:
    """From the last mark or word that cannot be in the name. `core` is where the legal form begins;
    behind another company and its product 和 is taken for the list's, not the name's."""
    start = words.start
    for mark in words.part(words.start, core).finditer(_BOUND):
        start = mark.end()
    bound = start
    for cut in words.part(start, core - 1).finditer(_CUTS):
        start = cut.end()
    if follows and (start > bound or bound == words.start):
        for cut in words.part(start, core - 2).finditer(_AND):
            start = cut.end()
    name = words.part(start, words.end)
    name = _balanced(name)
    stem = name.part(name.start, max(name.start, core))
    whole = stem.match(LEAD_IN)
    if whole and whole.end() == stem.end:  # 印发有限公司: nobody is named
        return None
    lead = stem.part(stem.start, max(stem.start, core - 1)).match(LEAD_IN)
    return name.part(lead.end(), name.end).strip() if lead else name.strip()


def true_edge(name: Passage, printed: Counter[str], headed: Sequence[Passage], vocabulary: Vocabulary) -> tuple[Passage, bool]:
    """The name without words before its place that are not its own, and whether it stays open where it begins.

    `printed` counts the names of the text, `headed` are the heading's short forms: both may tell the true edge.
    """
    if places.leading(name, vocabulary.places):
        return name, False
    for short in headed:
        at = name.words.find(short.words)
        if at == 0:
            return name, False
        if at > 0 and places.leading(name.part(name.start + at, name.end), vocabulary.places) is None:
            before = name.part(name.start, name.start + at)
            if _ENDS_BEFORE.search(before.words) or _GRAMMAR.search(before.words):
                return name.part(before.end, name.end), False
    for at, is_large in _places_inside(name, vocabulary):
        before, rest = name.part(name.start, at), name.part(at, name.end)
        if _ENDS_BEFORE.search(before.words) or printed[str(rest)]:
            return rest, False
        if is_large:
            return name, printed[str(name)] < 2
    return name, False


def _places_inside(name: Passage, vocabulary: Vocabulary) -> Iterator[tuple[int, bool]]:
    """Where a division's name stands inside with a name of its own behind it; and whether it is a province or city."""
    legal = name.search(_LEGAL)
    end = legal.start() if legal else name.end
    at = name.start + 1
    while at < end - 3:
        label, divisions = vocabulary.places.prefix(name.folded[at : min(at + 8, end)])
        if len(label) >= 2 and at + len(label) <= end - 2:
            yield at, any(one.level in ("province", "city") for one in divisions)
        at += 1


def _balanced(name: Passage) -> Passage:
    """Without the open half of a bracket that closes before the legal form."""
    words = name.words
    if words.count("(") == words.count(")"):
        return name
    if ")" in words and words.find(")") < (words.find("(") if "(" in words else len(words)):
        return name.part(name.start + words.find(")") + 1, name.end)
    return name.part(name.start + words.rfind("(") + 1, name.end)


def bare_name(words: Passage) -> Passage | None:
    """A subject that may be a company without legal form (海尔智家), or None where it reads as something else."""
    words = words.strip(" ,、:")
    lead = words.match(LEAD_IN)
    words = words.part(lead.end(), words.end).strip() if lead else words
    if not 2 <= words.end - words.start <= 24 or not words.search(_NAME_CHARACTERS):
        return None
    return words


def short_after(name: Passage, whole: Passage) -> tuple[Passage | None, int]:
    """The short form given in brackets after a name, and where those brackets end."""
    found = whole.part(name.end, min(whole.end, name.end + 40)).match(_SHORT_AFTER)
    if not found:
        return None, name.end
    return (whole.group(found, "short") if found["short"] else None), found.end()


def is_foreign(name: Passage, before: str = "") -> bool:
    """A company called by its country (韩国某某) without a Chinese legal form."""
    return (name.match(_FOREIGN) is not None and not _DOMESTIC.search(name.words[2:])) or (
        bool(_FOREIGN.search(before[-6:])) and not name.words.endswith("公司")
    )


def seat(name: Passage, around: Passage, vocabulary: Vocabulary) -> Read[RegionName] | None:
    """The finest division that the name itself gives, else one that the words around it give; None when they give none."""
    place = _in_name(name, vocabulary)
    before = around.part(around.start, min(name.start, around.end))
    stated = before.search(_SEATED_THERE) or (around.search(_SEATED) if place is None else None)
    seat_there = places.leading(around.group(stated, "place"), vocabulary.places) if stated else None
    place = places.refined(place, seat_there, vocabulary.places) if place else seat_there
    if place is None or place.candidates:
        return None
    return place.words.read(place.region, "inferred", f"由“{place.words}”推得")


def _in_name(name: Passage, vocabulary: Vocabulary) -> Place | None:
    first = places.leading(name, vocabulary.places)
    if first and first.candidates:
        first = None
    inner = [place for place in _inner(name, vocabulary) if not place.candidates and place.level != "park"]
    if first is None:
        return inner[0] if inner else None
    for place in inner:
        first = places.refined(first, place, vocabulary.places)
    return first


def _inner(name: Passage, vocabulary: Vocabulary) -> Iterator[Place]:
    """Places in brackets, right before the legal form, and cities anywhere behind a province."""
    for found in name.finditer(_INNER_PLACE):
        if found["place"] or found["branch"]:
            place = places.leading(name.group(found, "place" if found["place"] else "branch"), vocabulary.places)
            if place:
                yield place
        else:
            yield from _ending(name.group(found, "before"), vocabulary)
    first = places.leading(name, vocabulary.places)
    if first and first.level == "province" and not first.candidates:
        for at in range(first.words.end, name.end - 1):
            label, divisions = vocabulary.places.prefix(name.folded[at : at + 8], first.region.code)
            city = [division for division in divisions if division.level == "city"]
            if label and len(city) == 1:
                yield places.of(city[0], name.part(at, at + len(label)))


def _ending(words: Passage, vocabulary: Vocabulary) -> Iterator[Place]:
    """A division's name that the words end with (…科技江苏 before 有限公司)."""
    for length in (4, 3, 2):
        tail = words.part(max(words.start, words.end - length), words.end)
        if tail.end - tail.start != length:
            continue
        found = [division for division in vocabulary.places.lookup(tail.words) if division.level in ("province", "city")]
        if found:
            yield places.of(found[0], tail)
            return
