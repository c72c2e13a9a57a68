"""Which administrative division words speak of. Called by the readers of policies and companies."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from tanxun.digest.reader.cleaning import Passage
from tanxun.digest.reader.reading import Confidence, Level, RegionName
from tanxun.digest.reader.vocabulary import Division, Places, any_of

_LONGEST = 20
# Who acts, and what is done, before somebody's park: 某省人民政府启动综合保税区试点.
_NO_PARK = r"政府|[委厅局办在将对]|印发|发布|出台|公布|启动|推[动进]|支持|加快|首[个批家]"
_PARK = re.compile(
    rf"(?:(?!{_NO_PARK})[\u4e00-\u9fff]){{0,8}}?(?:高新技术产业开发区|高新技术开发区|经济技术开发区|经济开发区|高新技术产业园区"
    r"|自由贸易试验区|自由贸易港区|自贸试验区|自贸区|高新区|经开区|工业园区|科技园区|产业园区|综合保税区"
    r"|保税区|综保区"
    r"|临港新片区|航空港区|航空港经济综合实验区|科学城|科技城|未来科技城|生态城|合作区|旅游度假区|化工园区"
    r"|开发区|管理区|新区|新城)(?:[\u4e00-\u9fff]{2,4}片区)?"
)
_XPCC = ("新疆生产建设兵团", "新疆兵团", "兵团")
_XPCC_CODE = "650000"
# A division of the corps and the city that is one with it: 第八师石河子市.
_CORPS_DIVISION = re.compile(
    rf"(?:{'|'.join(_XPCC)})?(?:第?(?:十[一二三四]?|[一二三四五六七八九])|第?(?:1[0-4]|[1-9]))师(?=[\u4e00-\u9fff]{{2,5}}市)"
)
# A division that no table knows, below one that is known: what follows must be a body, or nothing.
_UNKNOWN = re.compile(
    r"(?![各全多等本该这])[\u4e00-\u9fff]{1,10}?(?:旗|(?<![市区州郊省])县|(?<![市县省园小社辖片景灾库城郊片军特政治])区|(?<![城都门超夜股])市)"
    r"(?=$|人民|政府|[党县市区]?委(?!员)|发展|发改|工业|工信|经济|经信|科技|生态|环境|财政|市场监|住[房建]|城[市乡]|能源|商务|农业|林业|水[利务]"
    r"|自然资源|交通|统计|教育|人力|人社|税务|行政|国资|应急|文化|文旅|卫生|民政|司法|大?数据|机关事务|投资|招商)"
)
_GOVERNED = "园区无独立区划代码，取管辖它的行政区"
_FULL_ONLY = frozenset("省市区县州盟旗")
_BELOW = frozenset({"province", "city"})
_BORDERS = {"香港特区": "810000", "香港": "810000", "澳门特区": "820000", "澳门": "820000"}
_SPECIAL = any_of([*_XPCC, *_BORDERS])


@dataclass(frozen=True)
class Place:
    """A division (or a park under its division) with the words that name it."""

    region: RegionName
    level: Level
    words: Passage
    confidence: Confidence = "stated"
    reason: str = ""
    candidates: tuple[RegionName, ...] = ()


def leading(passage: Passage, places: Places, context: Sequence[str] = ()) -> Place | None:
    """The place that the passage begins with, as fine as it says (江苏省苏州市昆山市 is 昆山市), or None.

    `context` holds codes of divisions known from around it: they decide between divisions of one name.
    """
    corps = passage.match(_CORPS_DIVISION)
    city = leading(passage.part(corps.end(), passage.end), places, (_XPCC_CODE,)) if corps else None
    if city and places.contains(_XPCC_CODE, city.region.code):
        return replace(city, words=passage.part(passage.start, city.words.end))
    special = _special(passage, places)
    if special:
        return special
    at = passage.start
    found: Division | None = None
    options: Sequence[Division] = ()
    while at < passage.end:
        named = _named_park(passage, at, found, places)
        if named:
            return named
        within = found.code if found else ""
        name, divisions = places.prefix(passage.folded[at : min(passage.end, at + _LONGEST)], within)
        bare = found is not None and name[-1:] not in _FULL_ONLY
        if not name or (bare and (len(divisions) > 1 or divisions[0].name.endswith("区"))):
            break
        found, options = divisions[0], divisions
        at += len(name)
    park = _park(passage, at, found)
    if park or found is None:
        return park
    place = _place(passage.part(passage.start, at), found, options, places, context)
    unknown = passage.part(at, passage.end).match(_UNKNOWN)
    return below(place, passage.group(unknown)) if unknown and unknown.end() == passage.end else place


def below(place: Place, rest: Passage) -> Place:
    """The place, left open where `rest` goes on to name a division in it that the table does not know (兴安盟 + 某旗)."""
    found = rest.match(_UNKNOWN)
    if not found or place.level not in _BELOW or place.candidates:
        return place
    level: Level = "city" if place.level == "province" and found.group().endswith("市") else "county"
    reason = f"“{found.group()}”不在行政区划表中，只知属于{place.region.name}"
    words = rest.part(place.words.start, found.end())
    return Place(place.region, level, words, "uncertain", reason, (place.region,))


def _special(passage: Passage, places: Places) -> Place | None:
    """兵团 and the two special regions, whatever they are called."""
    found = passage.match(_SPECIAL)
    if not found:
        return None
    name, words = found.group(), passage.group(found)
    if name in _XPCC:
        return Place(RegionName(_XPCC_CODE, "新疆生产建设兵团"), "province", words)
    division = places.get(_BORDERS[name])
    return Place(RegionName(_BORDERS[name], division.name if division else name), "province", words)


def _named_park(passage: Passage, at: int, outer: Division | None, places: Places) -> Place | None:
    """A park or new area known by a name of its own (前海), alone or behind a division that it lies in (深圳前海), with the
    park inside it that the words go on to name."""
    rest = passage.part(at, passage.end)
    found = rest.match(places.park_pattern)
    if not found:
        return None
    code = places.park_code(found.group())
    if outer and not places.contains(outer.code, code):
        return None
    longer = rest.match(_PARK)
    words = passage.part(passage.start, max(found.end(), longer.end() if longer else 0))
    return Place(RegionName(code, str(words)), "park", words, "inferred", _GOVERNED)


def _park(passage: Passage, at: int, governing: Division | None) -> Place | None:
    """A park after the division that governs it (武汉 + 东湖高新区)."""
    if governing is None:
        return None
    found = passage.part(at, min(passage.end, at + _LONGEST)).match(_PARK)
    if not found:
        return None
    words = passage.part(passage.start, found.end())
    return Place(RegionName(governing.code, str(words)), "park", words, "inferred", _GOVERNED)


def _place(words: Passage, found: Division, options: Sequence[Division], places: Places, context: Sequence[str]) -> Place:
    """One division out of those of the same name: the highest level, else the one that the context holds."""
    rivals = [d for d in options if d.level == found.level]
    if len(options) > 1 and (len(rivals) > 1 or found.level != "province"):
        near = [d for d in options if any(places.contains(code, d.code) and code != d.code for code in context)]
        rivals = near or rivals
    chosen = rivals[0]
    level: Level = chosen.level  # type: ignore[assignment]
    region = RegionName(chosen.code, chosen.name)
    if len(rivals) > 1:
        others = tuple(RegionName(d.code, "".join(up.name for up in places.chain(d.code))) for d in rivals)
        return Place(region, level, words, "uncertain", "同名行政区不止一个", others)
    stated = words.words.endswith(tuple(_FULL_ONLY))
    return Place(region, level, words, "stated" if stated else "inferred", "" if stated else f"原文写作“{words}”")


def resolved(place: Place, around: Passage, places: Places) -> Place:
    """An ambiguous place as the text around it tells: the one bearer of the name whose upper division is named there."""
    divisions = [division for one in place.candidates if (division := places.get(one.code))]
    told = [division for division in divisions if any(up.name in around.words for up in places.chain(division.code)[:-1])]
    if len(told) != 1 or len(divisions) < 2:
        return place
    above = next(up.name for up in places.chain(told[0].code)[:-1] if up.name in around.words)
    return Place(RegionName(told[0].code, told[0].name), place.level, place.words, "inferred", f"由文中“{above}”判断")


def refined(place: Place, inner: Place | None, places: Places) -> Place:
    """The finer of two places where one lies in the other, else the first."""
    if inner and inner.region.code != place.region.code and places.contains(place.region.code, inner.region.code):
        return inner
    return place


def of(division: Division, words: Passage) -> Place:
    """A division known from elsewhere as the place that `words` mean."""
    level: Level = division.level  # type: ignore[assignment]
    return Place(RegionName(division.code, division.name), level, words, "inferred", f"由“{words}”推得")
