"""Statements of an item: one for each company and each type, with what the words say about it.

`parties` finds the companies and their parts, `evidence` what is held, `frames` joins them; here each of the
resulting slots is filled from the words that speak of it.
"""

from __future__ import annotations

import datetime as dt
import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Generic, TypeVar

from tanxun.digest.reader import bodies, companies, consultants, details, evidence, frames, parties, products
from tanxun.digest.reader.cleaning import Passage
from tanxun.digest.reader.dates import dates, read_date
from tanxun.digest.reader.frames import Story, Words
from tanxun.digest.reader.parties import Firm
from tanxun.digest.reader.reading import Quantity, Read, StatementReading
from tanxun.digest.reader.vocabulary import Vocabulary, key

_OF_ORGANISATION = frozenset({"ghg_verification", "green_factory", "zero_carbon_factory"})
_SAME_DAY = re.compile(r"同日|同一天|当日|当天")
_NO_DAY = re.compile(r"近日|日前|近期|本周")
_IN_ORDER = re.compile(r"[ ,]*(?:分别|各)")
_RESPECTIVELY = re.compile(r"(?:分别|依次)[^,。;]{0,8}$")
_NOTHING = re.compile(r"[、,和及与以 ]*")
_SAME_PRODUCT = re.compile(r"同一(?:款|种|批)?产品|同款产品|该产品|上述产品")
T = TypeVar("T")
_LAST_DAY_REACH = 1000


def read_statements(heading: Passage, body: Passage, reference: dt.date, vocabulary: Vocabulary) -> tuple[StatementReading, ...]:
    """All statements that the item says companies already hold; none of a foreign company."""
    if companies.is_foreign(heading):
        return ()
    story = frames.tell(heading, body, vocabulary)
    item = _Item(body, story, reference, vocabulary)
    found = [item.statement(at) for at in range(len(story.slots))]
    return tuple(_with_short_names(found, parties.names_in_heading(heading, vocabulary), vocabulary))


class _Told(Generic[T]):
    """What the words say of one field: the values of every passage, asked by slot, the nearest passage first."""

    def __init__(self, words: Sequence[Words], reader: Callable[[Passage], Iterable[Read[T]]]) -> None:
        self.by_slot: dict[int, list[tuple[Words, Sequence[Read[T]]]]] = {}
        for one in words:
            found = tuple(reader(one.passage))
            for at in one.slots if found else ():
                self.by_slot.setdefault(at, []).append((one, found))

    def of(self, at: int) -> Sequence[tuple[Words, Sequence[Read[T]]]]:
        return self.by_slot.get(at, ())


class _Item:
    """The slots of one item and, for each field, what every passage says of it."""

    def __init__(self, body: Passage, story: Story, reference: dt.date, vocabulary: Vocabulary) -> None:
        self.body, self.slots, self.reference, self.vocabulary = body, story.slots, reference, vocabulary
        words = sorted(story.words, key=lambda one: (one.is_background, len(one.slots), one.passage.start))
        names = [one.words for one in story.named]
        starts = [name.start for name in names]

        def inside(passage: Passage) -> Sequence[Passage]:
            return names[bisect_left(starts, passage.start) : bisect_left(starts, passage.end)]

        self.passages: _Told[str] = _Told(words, lambda passage: (passage.read(""),))
        self.bodies: _Told[str] = _Told(words, lambda passage: bodies.issuers(passage, inside(passage), vocabulary))
        self.certificates: _Told[str] = _Told(words, details.certificate_numbers)
        self.results: _Told[Quantity] = _Told(words, details.results)
        self.standards: _Told[str] = _Told(words, lambda passage: _not_past(passage, details.standards(passage, vocabulary)))
        self.categories: _Told[tuple[int, ...]] = _Told(words, lambda passage: _one(details.categories(passage)))
        self.scopes: _Told[tuple[int, ...]] = _Told(words, lambda passage: _one(details.scopes(passage)))
        self.products: _Told[str] = _Told(words, products.told)
        self.hidden: _Told[bool] = _Told(words, lambda passage: _one(bodies.undisclosed(passage)))
        self.consultants: _Told[str] = _Told(words, lambda passage: consultants.consultants(passage, vocabulary))
        self.types = Counter(slot.firm.key for slot in self.slots)
        self.last_trailing = {slot.members: slot.trailing for slot in self.slots}

    def statement(self, at: int) -> StatementReading:
        """The reading of one slot."""
        slot = self.slots[at]
        kind = slot.kind.value
        of_organisation = kind == "ghg_verification" or self.types[slot.firm.key] == 1
        body = self._body(at)
        first = self.passages.of(at)[0][0].passage
        return StatementReading(
            company=_company(slot.firm),
            short_name=slot.firm.short.read(str(slot.firm.short)) if slot.firm.short else None,
            region=companies.seat(slot.firm.name, first, self.vocabulary),
            statement_type=slot.kind,
            products=() if kind in _OF_ORGANISATION else self._products(at),
            body=body,
            body_undisclosed=None if body or kind in self.vocabulary.listed_types else self._share(self.hidden, at, shared=True),
            standards=self._standards(at),
            categories=self._share(self.categories, at, shared=True) if of_organisation else None,
            scopes=self._share(self.scopes, at, shared=True) if of_organisation else None,
            certificate_number=self._share(self.certificates, at),
            result=self._share(self.results, at),
            consultant=next(
                (one for _, read in self.consultants.of(at) for one in read if key(one.value) != slot.firm.key), None
            ),
            announced_on=self._announced(at),
        )

    def _share(self, told: _Told[T], at: int, shared: bool = False) -> Read[T] | None:
        """The slot's part of what the nearest passage says: what stands there alone (for several slots only where the
        field is `shared` by nature), or its own in the order of slots, companies or types. Else the words leave it open."""
        for words, found in told.of(at):
            place = self._place(words.slots, at, len(found))
            if place is not None and (len(found) > 1 or shared or len(words.slots) == 1):
                return found[place]
            if len(words.slots) == 1:
                return found[0]
        return None

    def _place(self, slots: Sequence[int], at: int, count: int) -> int | None:
        """Which of `count` values belongs to the slot among `slots`; None where the counts do not match."""
        if count == 1:
            return 0
        names = list(dict.fromkeys(self.slots[one].firm.key for one in slots))
        kinds = list(dict.fromkeys(self.slots[one].kind.value for one in slots))
        if count == len(slots):
            return list(slots).index(at)
        if count == len(names):
            return names.index(self.slots[at].firm.key)
        return kinds.index(self.slots[at].kind.value) if count == len(kinds) else None

    def _body(self, at: int) -> Read[str] | None:
        """The body of the slot; of two that give one paper together the first, the other as a candidate.
        A list (名单) that names a company among several with papers of their own has none."""
        slot = self.slots[at]
        if slot.phrase.words.endswith("名单") and len(self.types) > len(slot.members):
            return None
        for words, found in self.bodies.of(at):
            if len(found) > 1 and (bodies.joint(found, words.passage) or len(words.slots) == 1):
                names = tuple(one.value for one in found)
                return Read(found[0].value, found[0].spans, "inferred", "点名的机构不止一家，取先列的一家", names)
            place = self._place(words.slots, at, len(found))
            if place is not None:
                return found[place]
        return None

    def _standards(self, at: int) -> tuple[Read[str], ...]:
        """All standards of the passages that speak of the slot; of several types those that speak for its own."""
        told = self.standards.of(at)
        for words, read in told:
            before = words.passage.part(words.passage.start, read[0].spans[0].start)
            if len(read) == len(words.slots) > 1 and before.search(_RESPECTIVELY):
                return (read[words.slots.index(at)],)
        own = [one for words, read in told if not words.is_background for one in read]
        found = {one.value: one for one in reversed(own or [one for _, read in told for one in read])}
        fits, slot = self.vocabulary.standard_types, self.slots[at]
        is_only = self.types[slot.firm.key] == 1
        return tuple(
            one for one in reversed(found.values()) if is_only or _speaks_for(one.value, fits) in (None, slot.kind.value)
        )

    def _products(self, at: int) -> tuple[Read[str], ...]:
        """Behind the company's name, in the phrase of what was got, in a sentence of their own, or those of 同一产品."""
        slot = self.slots[at]
        if len(slot.members) > 1:
            last = self.last_trailing[slot.members]
            listed = products.in_subject(last)
            if len(listed) == len(slot.members) and _IN_ORDER.match(last.words):
                return (listed[slot.members.index(slot.firm)],)
            if _NOTHING.fullmatch(slot.trailing.words):
                return listed or self._named_elsewhere(at)
        beside = products.in_brackets(slot.trailing, str(slot.firm.name)) or products.in_subject(slot.trailing)
        return beside or self._named_elsewhere(at)

    def _named_elsewhere(self, at: int) -> tuple[Read[str], ...]:
        found = products.in_object(self.slots[at].phrase, self.vocabulary)
        if found:
            return found
        for words, read in self.products.of(at):
            if len({self.slots[one].firm.key for one in words.slots}) == 1:
                return tuple(read)
            place = self._place(words.slots, at, len(read))
            return (read[place],) if place is not None else ()
        if any(words.passage.search(_SAME_PRODUCT) for words, _ in self.passages.of(at)):
            earlier = [one for one in range(at) if self.slots[one].firm.key == self.slots[at].firm.key]
            return self._products(earlier[0]) if earlier else ()
        return ()

    def _announced(self, at: int) -> Read[dt.date] | None:
        """The first day printed in the words of the slot, unless they say 近日 first; a period's end is none."""
        for words, _ in self.passages.of(at):
            passage = words.passage
            for found in dates(passage, self.reference):
                if not found.is_deadline:
                    vague = passage.part(passage.start, found.words.start).search(_NO_DAY)
                    return None if vague else read_date(found, self.reference)
            if passage.search(_SAME_DAY):
                before = self.body.part(max(self.body.start, passage.start - _LAST_DAY_REACH), passage.start)
                earlier = [one for one in dates(before, self.reference) if not one.is_deadline]
                return read_date(earlier[-1], self.reference) if earlier else None
            if passage.search(_NO_DAY):
                return None
        return None


def _one(found: Read[T] | None) -> Sequence[Read[T]]:
    return (found,) if found else ()


def _not_past(passage: Passage, found: Iterable[Read[str]]) -> list[Read[str]]:
    return [one for one in found if not evidence.is_past(passage, one.spans[0].start)]


def _company(firm: Firm) -> Read[str]:
    if firm.is_open:
        return firm.name.read(str(firm.name), "uncertain", "企业名称从哪个字开始不确定")
    return firm.name.read(str(firm.name), "stated" if firm.is_legal else "inferred", "" if firm.is_legal else "文中没有企业全称")


def _speaks_for(standard: str, fits: Mapping[str, str]) -> str | None:
    """The type that a standard is made for, if it is for one."""
    return next((kind for code, kind in fits.items() if standard.startswith(code)), None)


def _means_another(subject: Passage, one: StatementReading, vocabulary: Vocabulary) -> bool:
    """The heading's subject is a group, the product or the consultant, not the company."""
    is_product = any(key(str(subject)) in key(product.value) for product in one.products)
    is_consultant = one.consultant is not None and parties.abbreviates(str(subject), one.consultant.value)
    return is_product or is_consultant or subject.search(vocabulary.type_pattern) is not None


def _with_short_names(
    found: list[StatementReading], subjects: Sequence[Passage], vocabulary: Vocabulary
) -> list[StatementReading]:
    """Give every statement the heading's short name that abbreviates it (the only one, where there is one company)."""
    names = {key(one.company.value) for one in found}
    done = []
    for one in found:
        fitting = [short for short in subjects if parties.abbreviates(str(short), one.company.value)]
        if not fitting and len(subjects) == len(names) == 1 and not _means_another(subjects[0], one, vocabulary):
            fitting = list(subjects)
        short = fitting[0].read(str(fitting[0])) if fitting else None
        done.append(replace(one, short_name=short or one.short_name))
    return done
