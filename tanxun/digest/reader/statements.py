"""Statements of an item: one for each company and each type, with what the words say about it."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from tanxun.digest.reader import bodies, companies, details
from tanxun.digest.reader.cleaning import Passage
from tanxun.digest.reader.dates import dates, read_date
from tanxun.digest.reader.events import Event, events, types
from tanxun.digest.reader.products import in_object, in_subject, named_later
from tanxun.digest.reader.reading import Read, StatementReading
from tanxun.digest.reader.vocabulary import Vocabulary, key

_SUBJECT_SPLIT = re.compile(r"、|/|和|与|及|,|&")
_OF_ORGANISATION = frozenset({"ghg_verification", "green_factory", "zero_carbon_factory"})
_AFFILIATE = re.compile(r"[ ]*(?:\([^()]{1,30}\))?(?:旗下|下属|所属|全资|控股|的?子公司|之?子公司|的全资|的控股|集团旗下)")
_NO_COMPANY = re.compile(r"(?:\d+|[一二三四五六七八九十百]+|多|数|首批|一批)(?:余)?(?:家|个|款)|企业$|工厂$|产品$|单位$")


@dataclass(frozen=True)
class Holder:
    """A company of an event and the words that stand between it and the next company or the verb."""

    name: Passage
    trailing: Passage
    is_legal: bool


def statements(heading: Passage, body: Passage, reference: dt.date, vocabulary: Vocabulary) -> tuple[StatementReading, ...]:
    """All statements that the item says companies already hold."""
    found: list[StatementReading] = []
    subjects = _subjects(heading)
    known = [name for name in companies.legal_names(body) if not _is_body(name, vocabulary)]
    happened = events(body, vocabulary) or events(heading, vocabulary)
    holders: list[Holder] = []
    for index, event in enumerate(happened):
        after = happened[index + 1] if index + 1 < len(happened) else None
        scope = body if len(happened) == 1 else body.part(event.sentence.start, after.sentence.start if after and after.sentence.start > event.sentence.start else event.object.end if after else body.end)
        holders = _holders(event, known, subjects, vocabulary) or holders
        for reading in _of_event(event, holders, scope, heading, body, reference, vocabulary):
            _add(found, reading)
    return tuple(_with_short_names(found, subjects, body))


def _add(found: list[StatementReading], reading: StatementReading) -> None:
    """Keep one for each company and type: a later sentence about the same adds nothing new."""
    same = (key(reading.company.value), reading.statement_type.value if reading.statement_type else None)
    for other in found:
        kind = other.statement_type.value if other.statement_type else None
        if key(other.company.value) == same[0] and (kind == same[1] or same[1] in (None, "other")):
            return
    found.append(reading)


def _subjects(heading: Passage) -> list[Passage]:
    """The short names before the colon of the heading."""
    at = heading.words.find(":")
    if not 0 < at <= 40:
        return []
    return heading.part(heading.start, heading.start + at).split(_SUBJECT_SPLIT)


def _is_body(name: Passage, vocabulary: Vocabulary) -> bool:
    if key(str(name)) in vocabulary.body_names:
        return True
    return re.search(r"(?:认证|检测认证|检验认证|质量认证)(?:服务|技术|中心|集团|\([\u4e00-\u9fff]+\))*(?:股份)?有限(?:责任)?公司$", name.words) is not None


def _holders(event: Event, known: Sequence[Passage], subjects: Sequence[Passage], vocabulary: Vocabulary) -> list[Holder]:
    """The companies of the event: legal names before the verb, else the heading's, else the bare subject."""
    zone = event.subject
    helper = details.consultant(event.sentence, vocabulary, "")
    named = [name for name in companies.legal_names(zone) if not _is_body(name, vocabulary) and not (helper and key(helper.value) in key(str(name)))]
    named = [name for at, name in enumerate(named) if not (at + 1 < len(named) and zone.part(name.end, zone.end).match(_AFFILIATE))]
    if named:
        ends = [*(name.start for name in named[1:]), zone.end]
        return [Holder(name, _after(name, zone.part(name.end, end)), True) for name, end in zip(named, ends, strict=True)]
    mentioned = [short for short in subjects if key(str(short)) and key(str(short)) in key(zone.words)]
    if mentioned or subjects and not _reads_as_group(subjects):
        chosen = mentioned or list(subjects)
        return [_headed(short, known, zone) for short in chosen if companies.bare_name(short)]
    last = zone.part(max(zone.folded.rfind(mark, zone.start, zone.end) for mark in ",:;") + 1, zone.end) if re.search("[,:;]", zone.words) else zone
    helper_words = last.search(re.compile("下$"))
    bare = companies.bare_name(_before_product(last)) if last and not helper_words else None
    if bare is None or _NO_COMPANY.search(bare.words) or _is_body(bare, vocabulary):
        return []
    return [Holder(bare, zone.part(bare.end, zone.end), False)]


def _reads_as_group(subjects: Sequence[Passage]) -> bool:
    return any(_NO_COMPANY.search(short.words) for short in subjects)


def _after(name: Passage, rest: Passage) -> Passage:
    _, end = companies.short_after(name, rest.part(name.start, rest.end))
    return rest.part(max(rest.start, end), rest.end)


def _headed(short: Passage, known: Sequence[Passage], zone: Passage) -> Holder:
    """The heading's company under its fullest name in the text."""
    for name in known:
        if _abbreviates(str(short), str(name)):
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
    cut = words.search(re.compile(r"(?<=[\u4e00-\u9fffA-Za-z0-9]{2})(?:旗下|自主|生产|研发|(?<!美)的|主营|主要产品|“|\d+款|[一二两三四五六七八九十多]款|系列|成功|顺利|正式|再次|首次|率先|凭借)"))
    return words.part(words.start, cut.start()) if cut else words


def _abbreviates(short: str, name: str) -> bool:
    """Whether all characters of the short name stand in the long one in order."""
    rest = iter(key(name))
    return len(key(short)) >= 2 and all(char in rest for char in key(short))


def _of_event(event: Event, holders: Sequence[Holder], scope: Passage, heading: Passage, body: Passage, reference: dt.date, vocabulary: Vocabulary) -> list[StatementReading]:
    kinds: list[Read[str] | None] = list(_types(event, heading, vocabulary)) or [None]
    named = _bodies(event, scope, vocabulary)
    readings = []
    for at, holder in enumerate(holders):
        if companies.is_foreign(holder.name):
            continue
        own = named[at] if len(named) == len(holders) > 1 else named[0] if named else None
        readings += [_statement(event, holder, kind, own, scope, reference, vocabulary, len(kinds) > 1) for kind in kinds]
    return readings


def _types(event: Event, heading: Passage, vocabulary: Vocabulary) -> list[Read[str]]:
    """From the thing that was got, else the heading, else the rest of the sentence, else the standard."""
    for passage in (event.object, heading, event.sentence):
        found = types(passage, vocabulary)
        if found:
            return found if passage is event.object else [Read(found[0].value, found[0].spans, "inferred", "由小标题或上下文判断类型")]
    for standard in details.standards(event.sentence, vocabulary):
        slug = next((slug for code, slug in vocabulary.standard_types.items() if standard.value.startswith(code)), None)
        if slug:
            return [Read(slug, standard.spans, "inferred", "由依据的标准判断类型")]
    return [event.object.read("other", "uncertain", "没有说明是哪一种声明")]


def _bodies(event: Event, scope: Passage, vocabulary: Vocabulary) -> list[Read[str]]:
    """The body of the event; with 分别 one for each company in order."""
    if event.body is not None:
        if "分别" in event.sentence.words:
            parts = [bodies.body(part, vocabulary) for part in event.body.split(_SUBJECT_SPLIT)]
            if len(parts) > 1 and all(parts):
                return [part for part in parts if part]
        found = bodies.body(event.body, vocabulary)
        if found:
            return [found]
    hits = [scope.group(hit) for hit in event.object.finditer(vocabulary.body_pattern)]
    found = bodies.body(hits[0], vocabulary) if hits else _elsewhere(scope, vocabulary)
    return [found] if found else []


_ELSEWHERE = re.compile(r"(?:由|经|机构(?:为|是|:)?|授权|委托|邀请|代表|携手)(?P<body>[^,。;:]{2,40}?)(?:颁发|出具|签发|授予|核查|审核|认证|验证|完成|实施|承担|,|。|$)")


def _elsewhere(scope: Passage, vocabulary: Vocabulary) -> Read[str] | None:
    """A body known by name in another sentence, where it is said to have checked or issued."""
    for found in scope.finditer(_ELSEWHERE):
        words = scope.group(found, "body")
        if words.search(vocabulary.body_pattern):
            return bodies.body(words, vocabulary)
    return None


def _statement(event: Event, holder: Holder, kind: Read[str] | None, body: Read[str] | None, scope: Passage, reference: dt.date, vocabulary: Vocabulary, is_one_of_several: bool) -> StatementReading:
    slug = kind.value if kind else ""
    listed = slug in vocabulary.listed_types
    short, _ = companies.short_after(holder.name, scope if scope.start <= holder.name.start else event.sentence)
    return StatementReading(
        company=holder.name.read(str(holder.name), "stated" if holder.is_legal else "inferred", "" if holder.is_legal else "文中没有企业全称"),
        short_name=short.read(str(short)) if short else None,
        region=companies.seat(holder.name, scope, vocabulary),
        statement_type=kind,
        products=() if slug in _OF_ORGANISATION else in_subject(holder.trailing) or in_object(event.object, vocabulary) or named_later(scope),
        body=body,
        body_undisclosed=bodies.undisclosed(scope) if body is None and not listed else None,
        standards=_fitting(details.standards(scope, vocabulary), slug, vocabulary) if is_one_of_several else details.standards(scope, vocabulary),
        categories=details.categories(scope) if slug == "ghg_verification" or not is_one_of_several else None,
        scopes=details.scopes(scope) if slug == "ghg_verification" or not is_one_of_several else None,
        certificate_number=details.certificate_number(scope),
        result=details.result(scope),
        consultant=details.consultant(scope, vocabulary, str(holder.name)),
        announced_on=_announced(scope, reference),
    )


def _fitting(found: tuple[Read[str], ...], slug: str, vocabulary: Vocabulary) -> tuple[Read[str], ...]:
    """Of the standards of several types those that speak for this one."""
    fits = vocabulary.standard_types
    return tuple(one for one in found if next((kind for code, kind in fits.items() if one.value.startswith(code)), slug) == slug)


def _announced(scope: Passage, reference: dt.date) -> Read[dt.date] | None:
    """The first day printed, unless the news says 近日 first; a period's end is none."""
    for found in dates(scope, reference):
        if not found.is_deadline and not re.search(r"近日|日前", scope.part(scope.start, found.words.start).words[-40:]):
            return read_date(found, reference)
    return None


def _with_short_names(found: list[StatementReading], subjects: Sequence[Passage], body: Passage) -> list[StatementReading]:
    """Give every statement the heading's short name that abbreviates it (the only one, where there is one company)."""
    names = {key(one.company.value) for one in found}
    done = []
    for one in found:
        fitting = [short for short in subjects if _abbreviates(str(short), one.company.value)]
        if not fitting and len(subjects) == 1 and len(names) == 1 and not _NO_COMPANY.search(subjects[0].words):
            fitting = list(subjects)
        short = fitting[0].read(str(fitting[0])) if fitting else None
        done.append(replace(one, short_name=short or one.short_name))
    return done
