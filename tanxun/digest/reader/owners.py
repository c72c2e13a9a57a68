"""Whose an event is: the companies that a sentence says hold what was got. Called by `statements`."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from operator import attrgetter

from tanxun.digest.reader import companies, details
from tanxun.digest.reader.cleaning import Passage
from tanxun.digest.reader.events import Event
from tanxun.digest.reader.vocabulary import Vocabulary, key

LIST = re.compile(r"、|/|和|与|及|,|&")
_AFFILIATE = re.compile(r"[ ]*(?:\([^()]{1,30}\))?(?:旗下|下属|所属|全资|控股|的?子公司|之?子公司|的全资|的控股|集团旗下)")
_POINTS_BACK = re.compile(r"[ ,]*(?:同时|此外|另外|并且|目前)?,?(?:其|该|本次|此次)")
_SAID_BEFORE = re.compile(r"[ ,]*(?:其|(?:该|本)(?:公司|企业|集团|单位|工厂))")
GROUP = re.compile(
    r"(?:\d+|[一二三四五六七八九十百]+|多|数|首批|一批)(?:余)?(?:家|个|款)|(?:企业|产品|单位|工厂)们?$(?<![\u4e00-\u9fff]{4}工厂)"
)
# 其 and 该公司 mean a company named no further back than this.
_REACH = 1000
_start = attrgetter("start")


@dataclass(frozen=True)
class Holder:
    """A company of an event and the words that stand between it and the next company or the verb."""

    name: Passage
    trailing: Passage
    is_legal: bool
    short: Passage | None = None


def names_in_heading(heading: Passage, vocabulary: Vocabulary) -> list[Passage]:
    """The short names before the colon of the heading; a place or a verification body there is no company."""
    at = heading.words.find(":")
    if not 0 < at <= 40:
        return []
    names = heading.part(heading.start, heading.start + at).split(LIST)
    return [name for name in names if not vocabulary.places.lookup(name.words) and key(str(name)) not in vocabulary.body_names]


def is_body(name: Passage, vocabulary: Vocabulary) -> bool:
    if key(str(name)) in vocabulary.body_names:
        return True
    return (
        re.search(
            r"(?:认证|检测认证|检验认证|质量认证)(?:服务|技术|中心|集团|\([\u4e00-\u9fff]+\))*(?:股份)?有限(?:责任)?公司$",
            name.words,
        )
        is not None
    )


def holders_of(event: Event, known: Sequence[Passage], subjects: Sequence[Passage], vocabulary: Vocabulary) -> list[Holder]:
    """The companies of the event: legal names before the verb, else the heading's, else the bare subject."""
    zone = event.subject
    legal = list(companies.legal_names(zone))
    helper = details.consultant(event.sentence, vocabulary, "") if legal else None
    named = [
        name
        for name in legal
        if not is_body(name, vocabulary) and not (helper and key(helper.value) in key(str(name)))
    ]
    named = [
        name for at, name in enumerate(named) if not (at + 1 < len(named) and zone.part(name.end, zone.end).match(_AFFILIATE))
    ]
    if named:
        ends = [*(name.start for name in named[1:]), zone.end]
        return [_legal(name, zone.part(name.end, end)) for name, end in zip(named, ends, strict=True)]
    mentioned = [short for short in subjects if key(str(short)) and key(str(short)) in key(zone.words)]
    if mentioned or (subjects and not _reads_as_group(subjects)):
        chosen = mentioned or list(subjects)
        return [_headed(short, known, zone) for short in chosen if companies.bare_name(short)]
    last = (
        zone.part(max(zone.folded.rfind(mark, zone.start, zone.end) for mark in ",:;") + 1, zone.end)
        if re.search("[,:;]", zone.words)
        else zone
    )
    names_nobody = last.match(_POINTS_BACK) or last.search(re.compile("下$"))
    bare = companies.bare_name(_before_product(last)) if last and not names_nobody else None
    if bare is None or GROUP.search(bare.words) or is_body(bare, vocabulary):
        return []
    return [Holder(bare, zone.part(bare.end, zone.end), False)]


def said_before(event: Event, body: Passage, known: Sequence[Passage], vocabulary: Vocabulary) -> list[Holder]:
    """The one company named before a sentence that only says 其 or 该公司; none where several are named."""
    if event.subject and not event.subject.match(_SAID_BEFORE):
        return []
    earlier = body.part(max(body.start, event.sentence.start - _REACH), event.sentence.start)
    near = known[bisect_left(known, earlier.start, key=_start) : bisect_left(known, earlier.end, key=_start)]
    helper = details.consultant(earlier, vocabulary, "") if near else None
    names = {key(str(name)): name for name in near if name.end <= earlier.end and not (helper and helper.value in str(name))}
    return [Holder(name, name.part(name.end, name.end), True) for name in names.values()] if len(names) == 1 else []


def _reads_as_group(subjects: Sequence[Passage]) -> bool:
    return any(GROUP.search(short.words) for short in subjects)


def _legal(name: Passage, rest: Passage) -> Holder:
    """A legal name with the short form in brackets behind it."""
    short, end = companies.short_after(name, rest)
    return Holder(name, rest.part(max(rest.start, end), rest.end), True, short)


def _headed(short: Passage, known: Sequence[Passage], zone: Passage) -> Holder:
    """The heading's company under its fullest name in the text."""
    for name in known:
        if abbreviates(str(short), str(name)):
            return Holder(name, _trailing(short, zone), True)
    only = [name for name in known if len(known) == 1 and zone and name.end <= zone.start]
    if only:
        return Holder(only[0], _trailing(short, zone), True)
    at = zone.folded.find(short.words, zone.start, zone.end)
    printed = zone.part(at, at + len(short.words)) if at >= 0 else short
    return Holder(printed, _trailing(short, zone), False)


def _trailing(short: Passage, zone: Passage) -> Passage:
    at = zone.folded.find(short.words, zone.start, zone.end)
    return zone.part(at + len(short.words), zone.end) if at >= 0 else zone.part(zone.end, zone.end)


def _before_product(words: Passage) -> Passage:
    """A subject up to 的, 旗下 or a quoted product."""
    cut = words.search(
        re.compile(
            r"(?<=[\u4e00-\u9fffA-Za-z0-9]{2})(?:旗下|自主|生产|研发|(?<!美)的|主营|主要产品|“|\d+款"
            r"|[一二两三四五六七八九十多]款|系列|成功|顺利|正式|再次|首次|率先|凭借)"
        )
    )
    return words.part(words.start, cut.start()) if cut else words


def abbreviates(short: str, name: str) -> bool:
    """Whether all characters of the short name stand in the long one in order."""
    rest = iter(key(name))
    return len(key(short)) >= 2 and all(char in rest for char in key(short))
