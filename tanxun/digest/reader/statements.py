"""Statements of an item: one for each company and each type, with what the words say about it."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from tanxun.digest.reader import bodies, companies, details, owners
from tanxun.digest.reader.cleaning import Passage
from tanxun.digest.reader.dates import dates, read_date
from tanxun.digest.reader.events import Event, events, types
from tanxun.digest.reader.products import in_object, in_subject, named_later
from tanxun.digest.reader.reading import Read, StatementReading
from tanxun.digest.reader.vocabulary import Vocabulary, key

_BEGINS = re.compile(r"启动|签约|签署|培训|开班|合作协议|动员会")
_OF_ORGANISATION = frozenset({"ghg_verification", "green_factory", "zero_carbon_factory"})
_ELSEWHERE = re.compile(
    r"(?:在|于)(?P<programme>[^,。;:]{2,24}?)(?:平台|体系|网站|官网)[^,。;]{0,8}(?:注册|发布|公示)|(?:由|经"
    r"|机构(?:为|是|:)?|授权|委托|邀请|代表|携手)(?P<body>[^,。;:]{2,40}?)(?:颁发|出具|签发|授予|核查|审核"
    r"|认证|验证|完成|实施|承担|,|。|$)"
)


_OF_ALL = re.compile(r"[均都皆]由|全部由")
_SAME_DAY = re.compile(r"[;,。\s]*(?:同日|同一天|当日|当天)")
T = TypeVar("T")


@dataclass(frozen=True)
class _Act:
    """Events in a row that speak of the same companies and types."""

    events: list[Event]
    holders: Sequence[owners.Holder]
    kinds: Sequence[Read[str]]


def read_statements(heading: Passage, body: Passage, reference: dt.date, vocabulary: Vocabulary) -> tuple[StatementReading, ...]:
    """All statements that the item says companies already hold."""
    subjects = owners.names_in_heading(heading, vocabulary)
    known = [name for name in companies.legal_names(body) if not owners.is_body(name, vocabulary)]
    happened = events(body) or ([] if body.search(_BEGINS) else events(heading))
    acts: list[_Act] = []
    for event in happened:
        holders = (
            owners.holders_of(event, known, subjects, vocabulary)
            or (acts[-1].holders if acts else [])
            or owners.said_before(event, body, known, vocabulary)
        )
        kinds = _types(event, heading, vocabulary)
        if acts and _repeats(acts[-1], event, holders, kinds):
            acts[-1].events.append(event)
        elif holders:
            acts.append(_Act([event], holders, kinds))
    found: list[StatementReading] = []
    for at, act in enumerate(acts):
        scope = _scope(body, act, acts[at - 1] if at else None, acts[at + 1] if at + 1 < len(acts) else None)
        announced = _announced(scope, body.part(body.start, scope.start), reference)
        for reading in _readings(act, scope, announced, vocabulary):
            _add(found, reading)
    return tuple(_with_short_names(found, subjects))


def _repeats(act: _Act, event: Event, holders: Sequence[owners.Holder], kinds: Sequence[Read[str]]) -> bool:
    """The same companies and type again (通过核查，并取得证书), or nothing said of the type in the same sentence."""
    if [key(str(one.name)) for one in act.holders] != [key(str(one.name)) for one in holders]:
        return False
    goes_on = event.sentence.start == act.events[0].sentence.start or kinds[0].confidence == "uncertain"
    return {kind.value for kind in kinds} <= {kind.value for kind in act.kinds} or (goes_on and kinds[0].confidence != "stated")


def _scope(body: Passage, act: _Act, before: _Act | None, after: _Act | None) -> Passage:
    """The words that speak of one act: from its sentence (or the act before it there) to the next act."""
    first = act.events[0]
    start, end = body.start, body.end
    if before:
        start = max(first.sentence.start, before.events[-1].object.end)
    if after:
        following = after.events[0]
        end = following.sentence.start if following.sentence.start > first.sentence.start else following.subject.start
    return body.part(start, max(end, act.events[-1].object.end)) if first.object.end > body.start else act.events[0].sentence


def _add(found: list[StatementReading], reading: StatementReading) -> None:
    """Keep one for each company and type: a later sentence about the same adds nothing new."""
    same = (key(reading.company.value), reading.statement_type.value if reading.statement_type else None)
    for other in found:
        kind = other.statement_type.value if other.statement_type else None
        if key(other.company.value) == same[0] and (kind == same[1] or same[1] in (None, "other")):
            return
    found.append(reading)


def _readings(act: _Act, scope: Passage, announced: Read[dt.date] | None, vocabulary: Vocabulary) -> Iterator[StatementReading]:
    """One reading for each company and type of the act; with 分别 bodies, products, numbers and values go by order."""
    holders = [holder for holder in act.holders if not companies.is_foreign(holder.name)]
    named = next((found for event in act.events if (found := _bodies(event, vocabulary))), None) or _elsewhere(scope, vocabulary)
    if not named and (of_all := act.events[0].sentence.search(_OF_ALL)):
        named = _elsewhere(act.events[0].sentence.part(of_all.start() + 1, act.events[0].sentence.end), vocabulary)
    products = [_products(act, holder, scope, vocabulary) for holder in holders]
    later = named_later(scope)
    if later and not any(products):
        paired = len(later) == len(holders) > 1 and act.events[0].sentence.words.count("分别") > 0
        products = [(one,) for one in later] if paired else [later if len(holders) == 1 else () for _ in holders]
    pairs = [(at, kind) for at in range(len(holders)) for kind in act.kinds]
    certificates, results = details.certificate_numbers(scope), details.results(scope)
    for index, (at, kind) in enumerate(pairs):
        order = (at, len(holders)) if len(named) == len(holders) else (index, len(pairs))
        reading = _statement(
            holders[at],
            kind,
            scope,
            body=named[0] if len(named) == 1 else _share(named, *order),
            products=products[at] if kind.value not in _OF_ORGANISATION else (),
            is_one_of_several=len(act.kinds) > 1,
            vocabulary=vocabulary,
        )
        yield replace(
            reading,
            certificate_number=_share(certificates, index, len(pairs)),
            result=_share(results, index, len(pairs)),
            announced_on=announced,
        )


def _share(found: Sequence[Read[T]], at: int, count: int) -> Read[T] | None:
    """What one of `count` statements has of the values printed: the first where it stands alone, its own where
    there are as many as statements, else none, since the words leave open whose they are."""
    if count == 1:
        return found[0] if found else None
    return found[at] if len(found) == count else None


def _products(act: _Act, holder: owners.Holder, scope: Passage, vocabulary: Vocabulary) -> tuple[Read[str], ...]:
    found = in_subject(holder.trailing)
    return found or next((named for event in act.events if (named := in_object(event.object, vocabulary))), ())


def _types(event: Event, heading: Passage, vocabulary: Vocabulary) -> list[Read[str]]:
    """From the thing that was got, else the heading, else the rest of the sentence, else the standard."""
    for passage in (event.object, heading, event.sentence):
        found = types(passage, vocabulary)
        if found:
            return (
                found
                if passage is event.object
                else [Read(found[0].value, found[0].spans, "inferred", "由小标题或上下文判断类型")]
            )
    for standard in details.standards(event.sentence, vocabulary):
        slug = next((slug for code, slug in vocabulary.standard_types.items() if standard.value.startswith(code)), None)
        if slug:
            return [Read(slug, standard.spans, "inferred", "由依据的标准判断类型")]
    return [event.object.read("other", "uncertain", "没有说明是哪一种声明")]


def _bodies(event: Event, vocabulary: Vocabulary) -> list[Read[str]]:
    """The body of the event; with 分别 one for each company in order."""
    if event.body is not None:
        if "分别" in event.sentence.words:
            parts = [bodies.body(part, vocabulary) for part in event.body.split(owners.LIST)]
            if len(parts) > 1 and all(parts):
                return [part for part in parts if part]
        found = bodies.body(event.body, vocabulary)
        if found:
            return [found]
    hits = [event.object.group(hit) for hit in event.object.finditer(vocabulary.body_pattern)]
    found = bodies.body(hits[0], vocabulary) if hits else None
    return [found] if found else []


def _elsewhere(scope: Passage, vocabulary: Vocabulary) -> list[Read[str]]:
    """A body known by name in another sentence, where it is said to have checked or issued."""
    for hit in scope.finditer(_ELSEWHERE):
        words = scope.group(hit, "body" if hit["body"] else "programme")
        found = bodies.body(words, vocabulary) if words.search(vocabulary.body_pattern) else None
        if found:
            return [found]
    return []


def _statement(
    holder: owners.Holder,
    kind: Read[str],
    scope: Passage,
    *,
    body: Read[str] | None,
    products: tuple[Read[str], ...],
    is_one_of_several: bool,
    vocabulary: Vocabulary,
) -> StatementReading:
    """The reading of one company and type; `scope` holds the words about it."""
    of_organisation = kind.value == "ghg_verification" or not is_one_of_several
    standards = details.standards(scope, vocabulary)
    return StatementReading(
        company=holder.name.read(
            str(holder.name), "stated" if holder.is_legal else "inferred", "" if holder.is_legal else "文中没有企业全称"
        ),
        short_name=holder.short.read(str(holder.short)) if holder.short else None,
        region=companies.seat(holder.name, scope, vocabulary),
        statement_type=kind,
        products=products,
        body=body,
        body_undisclosed=bodies.undisclosed(scope) if body is None and kind.value not in vocabulary.listed_types else None,
        standards=_fitting(standards, kind.value, vocabulary) if is_one_of_several else standards,
        categories=details.categories(scope) if of_organisation else None,
        scopes=details.scopes(scope) if of_organisation else None,
        consultant=details.consultant(scope, vocabulary, str(holder.name)),
    )


def _fitting(found: tuple[Read[str], ...], slug: str, vocabulary: Vocabulary) -> tuple[Read[str], ...]:
    """Of the standards of several types those that speak for this one."""
    fits = vocabulary.standard_types
    return tuple(one for one in found if next((kind for code, kind in fits.items() if one.value.startswith(code)), slug) == slug)


def _announced(scope: Passage, before: Passage, reference: dt.date) -> Read[dt.date] | None:
    """The first day printed, unless the news says 近日 first; a period's end is none. 同日 is the last day before."""
    for found in dates(scope, reference):
        if not found.is_deadline and not re.search(r"近日|日前", scope.part(scope.start, found.words.start).words[-40:]):
            return read_date(found, reference)
    same = scope.match(_SAME_DAY)
    earlier = [found for found in dates(before, reference) if not found.is_deadline] if same else []
    return read_date(earlier[-1], reference) if earlier else None


def _means_another(subject: Passage, one: StatementReading) -> bool:
    """The heading's subject is a group, the product or the consultant, not the company."""
    is_product = any(key(str(subject)) in key(product.value) for product in one.products)
    is_consultant = one.consultant is not None and owners.abbreviates(str(subject), one.consultant.value)
    return is_product or is_consultant or owners.GROUP.search(subject.words) is not None


def _with_short_names(found: list[StatementReading], subjects: Sequence[Passage]) -> list[StatementReading]:
    """Give every statement the heading's short name that abbreviates it (the only one, where there is one company)."""
    names = {key(one.company.value) for one in found}
    done = []
    for one in found:
        fitting = [short for short in subjects if owners.abbreviates(str(short), one.company.value)]
        if not fitting and len(subjects) == len(names) == 1 and not _means_another(subjects[0], one):
            fitting = list(subjects)
        short = fitting[0].read(str(fitting[0])) if fitting else None
        done.append(replace(one, short_name=short or one.short_name))
    return done
