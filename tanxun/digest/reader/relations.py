"""What a policy says it does to other documents: carries out, amends, replaces, repeals, interprets them.

Called by `policies`, and for policies accepted long ago by `tanxun.digest.kinship`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from tanxun.digest.reader.cleaning import Passage, fold
from tanxun.digest.reader.documents import REPEALED, TITLE, is_generic
from tanxun.digest.reader.reading import Confidence, Link, LinkKind, Read
from tanxun.digest.reader.vocabulary import key

_GAP = r"(?:好|了|执行|实施|有关|国家|国务院|中央|省委|省政府|我国|关于|[ ]|[^,。;:《》\n]{0,18}(?:印发|发布|出台|制定)的)*"
_OLD = r"(?:了|原有?的?|旧版?的?|现行的?|此前的?|[ ]|[^,。;:《》\n]{0,12}(?:印发|发布|出台|制定|实施)的)*"
# Words before a title, the closest verb first. 据 and 按照 alone say on what an act rests: a person decides.
_BEFORE: tuple[tuple[re.Pattern[str], LinkKind, str], ...] = (
    (re.compile(rf"(?:代替|替代|取代|接替){_OLD}$"), "replaces", ""),
    (re.compile(rf"(?:废止|停止执行){_OLD}$"), "repeals", ""),
    (re.compile(r"(?:修订|修正|修改)(?:后的?|并?(?:印发|发布|公布|出台)|完善|了|原|现行的?|并|的|[ ])*$"), "amends", ""),
    (re.compile(r"(?:解读|图解|一图读懂|详解)(?:了|:|[ ])*$"), "interprets", ""),
    (re.compile(rf"(?:贯彻|落实|细化|推进实施){_GAP}$"), "implements", ""),
    (
        re.compile(
            r"(?:^|[,。;:\n]|通知|办法|方案|措施|细则|政策|申报|评价|工作|程序|均|上位|本次|此次|[厅局委部府办会院署])(?:的?(?:上位)?)"
            r"(?P<verb>根据|依据|按照|依照|遵照|对照)(?:为|国家|国务院|[^,。;:《》\n]{0,14}(?:印发|发布|出台|制定)的|[ ])*$"
        ),
        "implements",
        "原文只说依据这份文件",
    ),
)
_BY = re.compile(r"(?:进行|作|作出|予以|开展)?了?(?:进一步|全面|部分)?(?:的)?(?:政策)?(?:解读|权威解读)")
_AFTER: tuple[tuple[re.Pattern[str], LinkKind], ...] = (
    (re.compile(r"(?:的)?(?:政策|权威|官方|专家|有关)*(?:解读|问答|答记者问|释义)"), "interprets"),
    (re.compile(r"[^,。;《》\n]{0,6}(?:作出|进行|予以|完成)了?(?:[^,。;《》\n]{0,4})(?:修订|修正|修改)"), "amends"),
    (re.compile(r"(?:同时)?(?:被|由)[^,。;\n]{1,30}(?:代替|替代|取代)"), "replaces"),
)
# What a title says of another inside it: 《关于废止〈X〉的决定》.
_OTHER = r"《(?P<title>[^《》\n]{2,120})》"
_INSIDE: tuple[tuple[re.Pattern[str], LinkKind], ...] = (
    (re.compile(rf"(?:关于)?{_OTHER}的?(?:政策)?(?:解读|问答|答记者问|释义|起草说明)"), "interprets"),
    (re.compile(rf"(?:关于)?(?:进一步)?(?:贯彻|落实|执行|实施)+{_OTHER}"), "implements"),
    (re.compile(rf"(?:关于)?(?:修订|修改|修正){_OTHER}"), "amends"),
    (re.compile(rf"(?:关于)?{_OTHER}的?(?:修订|修改)"), "amends"),
    (re.compile(rf"(?:关于)?(?:废止|停止执行){_OTHER}"), "repeals"),
)
_JOINT = re.compile(r"[ ]*(?:[、和及与]|以及)?[ ]*$")
_LAWLIKE = re.compile(
    r"(?:意见|办法|方案|规定|条例|规划|细则|通知|计划|措施|政策|决定|纲要|目录|规则|要点|法|指导意见|行动)(?:\([^()]*\))*$"
)
_STANDARD = re.compile(r"^(?:GB|DB|ISO|PAS|T/|EN[ ])|(?:量化方法|核算方法|要求和指南)")
_GENRE = re.compile(
    r"(?:\([^()]*\))|(?:的)?通知$|(?:管理)?(?:实施|工作|行动|建设|具体|若干)?(?:方案|意见|办法|细则|计划|措施|规定)|管理|暂行|国家|全国|关于"
    r"|[的和与及、\W]|印发"
)
# A short matter (绿色工厂) is part of too many titles.
_SHORTEST_SUBJECT, _SHORTEST_PART = 4, 6
_BEFORE_REACH = 40


def links(heading: Passage, body: Passage, own: Sequence[str], place: str = "") -> tuple[Read[Link], ...]:
    """The links that the words say, each document once. `own` are the titles of the policy's documents, `place` the name that
    they begin with where it is a local policy: a local paper on the same matter is the local version of what it carries out."""
    found: dict[tuple[str, str], Read[Link]] = {}
    for passage in (body, heading):
        for read in _in(passage, own, place):
            known = found.get((read.value.kind, key(read.value.title)))
            if known is None or (known.confidence != "stated" and read.confidence == "stated"):
                found[read.value.kind, key(read.value.title)] = read
    return tuple(found.values())


def _in(passage: Passage, own: Sequence[str], place: str) -> Iterator[Read[Link]]:
    last: tuple[LinkKind, str, int] | None = None  # what governs the title before, and where that ends
    for mark in passage.finditer(TITLE):
        title = passage.part(*mark.span("title")).strip()
        if inside := _inside(title):
            kind, other = inside
            yield passage.group(mark).read(Link(kind, str(other)))
            last = None
            continue
        before = passage.part(max(passage.start, mark.start() - _BEFORE_REACH), mark.start())
        if last and _JOINT.fullmatch(passage.folded[last[2] : mark.start()]):
            kind, reason, start = last[0], last[1], mark.start()
        else:
            said = _said(before, passage.part(mark.end(), passage.end))
            last = None
            if said is None:
                continue
            kind, reason, start = said
        last = (kind, reason, mark.end())
        if not _may_be_linked(str(title), kind, own, reason):
            continue
        sort, confidence, why = _weighed(kind, reason, str(title), own, place)
        yield passage.part(start, mark.end()).read(Link(sort, str(title)), confidence, why)


def _inside(title: Passage) -> tuple[LinkKind, Passage] | None:
    """The title inside this one, and what it says is done to it."""
    for pattern, kind in _INSIDE:
        if found := title.match(pattern):
            return kind, title.group(found, "title")
    return None


def _said(before: Passage, after: Passage) -> tuple[LinkKind, str, int] | None:
    """What the words around a title say is done to its document, why not surely, and where these words begin."""
    if after.match(REPEALED):
        return "repeals", "", before.end
    for pattern, kind in _AFTER:
        if after.match(pattern):
            return kind, "", before.end
    if before.words.endswith("对") and after.match(_BY):
        return "interprets", "", before.end
    for before_pattern, kind, reason in _BEFORE:
        if found := before_pattern.search(before.words):
            return kind, reason, before.start + found.start("verb" if "verb" in found.groupdict() else 0)
    return None


def _may_be_linked(title: str, kind: LinkKind, own: Sequence[str], reason: str) -> bool:
    """Not 《办法》 for short, nor a standard by which somebody measures. What is announced may amend its earlier edition and
    may be interpreted, but does nothing else to itself."""
    if is_generic(title) or (kind == "implements" and _STANDARD.search(fold(title))):
        return False
    if reason and not _LAWLIKE.search(fold(title)):
        return False
    is_own = key(title) in {key(one) for one in own}
    return not is_own or kind in ("amends", "interprets")


def _weighed(kind: LinkKind, reason: str, title: str, own: Sequence[str], place: str) -> tuple[LinkKind, Confidence, str]:
    """The link with how sure it is; what carries out a document on its own matter in one place is its local version."""
    if kind == "implements" and place and any(_same_subject(one, title, place) for one in own):
        return "local_version_of", "inferred", f"题名与《{title}》同题，属{place}"
    return kind, "inferred" if reason else "stated", reason


def _same_subject(own: str, other: str, place: str) -> bool:
    mine, theirs = (_subject(title, place) for title in (own, other))
    if mine == theirs:
        return len(mine) >= _SHORTEST_SUBJECT
    return min(len(mine), len(theirs)) >= _SHORTEST_PART and (theirs in mine or mine in theirs)


def _subject(title: str, place: str) -> str:
    """A title without its place, its genre and the words that join: 江苏省绿色工厂梯度培育管理实施细则 → 绿色工厂梯度培育."""
    plain = fold(title).removeprefix("关于").removeprefix(fold(place))
    return _GENRE.sub("", plain)
