"""Who holds what, and which words speak of it: companies and evidence of an item joined into slots.

A slot is one company with one type of statement. Sentences are told in order: one with company and evidence opens
slots, one with evidence alone goes on with the companies before it or leads on to a list of them (`rolls`), any other
says more about the slots it points at.
Called by `statements`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from tanxun.digest.reader import evidence, parties, pointing, rolls
from tanxun.digest.reader.cleaning import Passage
from tanxun.digest.reader.evidence import Evidence
from tanxun.digest.reader.pairing import last_list, pairs, start
from tanxun.digest.reader.parties import Firm, Mention
from tanxun.digest.reader.reading import Read
from tanxun.digest.reader.rolls import Sentence
from tanxun.digest.reader.vocabulary import Vocabulary

_OF_ALL = re.compile(r"均|都|皆|分别|依次|各自")
_EVERYTHING = re.compile(r"(?:[两二三四五六七八九十]|\d+)(?:家|张|份|项|个)[^,。;]{0,6}(?:均|都|皆)")
_IN_ORDER = re.compile(r"分别|依次|各自")
_AND = re.compile(r"以?及|和|与|、")
_NO_TYPE = "没有说明是哪一种声明"
_PRONOUN = re.compile(r"其(?!中|余|他)|(?<![\u4e00-\u9fff])公司(?=的)|[该本](?:公司|企业|集团|单位|工厂|厂)")
# What ties a further paper, told in a line of its own, to the companies before it.
_TIED = re.compile(
    rf"[该其本此这]|(?<![\u4e00-\u9fff])公司|同[时日期]|[另还并也亦又再均双两]|上述|以上"
    rf"|^(?:近日|日前|\d{{1,2}}月\d{{1,2}}日|[,、 ])*(?:{evidence.GOT})"
)
# Beyond so many, words like 两家均 are taken to mean the last ones told, not the whole item.
_MOST_SLOTS = 60


@dataclass(frozen=True)
class Slot:
    """One company and one type; `phrase` says what it got, `trailing` stands behind its name, `members` are the
    companies that got it together."""

    firm: Firm
    kind: Read[str]
    phrase: Passage
    trailing: Passage
    members: tuple[Firm, ...]


@dataclass(frozen=True)
class Words:
    """A passage that speaks of some of the slots (by their number); background is asked only where nothing else says it."""

    passage: Passage
    slots: tuple[int, ...]
    is_background: bool = False


@dataclass
class Story:
    """What has been told so far. `current` are the slots that the next sentence goes on with."""

    heading: Passage
    vocabulary: Vocabulary
    named: Sequence[Mention] = ()
    slots: list[Slot] = field(default_factory=list)
    words: list[Words] = field(default_factory=list)
    current: tuple[int, ...] = ()
    topic: tuple[Mention, ...] = ()
    pending: tuple[Evidence, ...] = ()
    before: list[Passage] = field(default_factory=list)
    may_be_bare: bool = True
    of_firm: dict[str, list[int]] = field(default_factory=dict)

    def add(self, told: Sentence) -> None:
        """Take in the next sentence."""
        sentence, got, holders = told.passage, told.got, () if told.is_denied and not self.slots else told.holders
        if got and holders:
            self._open(sentence, holders, got)
        elif got:
            self._go_on(sentence, got)
        elif holders and self.pending and not self.slots:
            self._open_pending(sentence, holders)
        elif self.slots:
            self._say_more(sentence, told.named)
        everything = sentence.search(_EVERYTHING) if got and len(self.slots) > 1 else None
        if everything:
            self.words.append(Words(sentence.part(everything.start(), sentence.end), self._everyone(), True))
        if not self.slots or (holders and not self._known(holders)):
            self.before.append(sentence)
        if holders:
            self.topic = holders

    def add_list(self, lead: Sentence, lines: Sequence[Sentence]) -> None:
        """Take in a sentence that says what was got, and the lines below it that say by whom."""
        if lead.holders:
            self.add(lead)
        typed = [one for one in lead.got if one.kinds] or [one for one in self.pending if one.kinds]
        things = [(kind, one.words) for one in typed for kind in one.kinds]
        if not things and not self.slots:
            things = [(kind, (lead.got or self.pending)[-1].words) for kind in self._guessed(lead.passage)]
        found: list[int] = []
        mine: list[int] = []
        for line in lines if things else ():
            if line.is_denied:
                mine = []
            elif line.holders:
                mine = self._add(line.passage, line.holders, things)
            self.words.append(Words(line.passage, tuple(mine)))
            found += mine
        if found:
            self.current = tuple(dict.fromkeys(found))
            self.words.append(Words(lead.passage, self.current, True))
            self._background(self.current)

    def finish(self, firms: Sequence[Firm]) -> None:
        """What was got by nobody named is the companies' of the heading; what names no type gets the best guess."""
        if self.pending and not self.slots:
            sentence = self.pending[-1].clause
            holders = self.topic or tuple(Mention(firm.name, firm) for firm in firms)
            kinds = self._guessed(sentence)
            if holders and kinds:
                self._add(sentence, holders, [(one, self.pending[-1].words) for one in kinds])
                self._background()

    def _everyone(self) -> tuple[int, ...]:
        return tuple(range(len(self.slots))) if len(self.slots) <= _MOST_SLOTS else self.current

    def _known(self, holders: Iterable[Mention]) -> list[int]:
        return [at for name in dict.fromkeys(one.firm.key for one in holders) for at in self.of_firm.get(name, ())]

    def _open(self, sentence: Passage, holders: Sequence[Mention], got: Sequence[Evidence]) -> None:
        """Company and evidence in one sentence: pair them, and keep of each pair the words that are its own."""
        found = pairs(sentence, holders, got)
        begin, touched = sentence.start, []
        for at, (firms, things) in enumerate(found):
            end = start(found[at + 1]) if at + 1 < len(found) else sentence.end
            touched.append(self._open_pair(sentence.part(begin, end), firms, things))
            begin = end
        opened = tuple(dict.fromkeys(at for slots in touched for at in slots))
        if not opened:
            return
        if len(found) > 1:
            first = min(found[0][0][0].words.start, found[0][1][0].head.start)
            self.words.append(Words(sentence.part(sentence.start, first), opened))
            tail = sentence.part(max(one.head.end for one in found[-1][1]), sentence.end)
            if tail.search(_OF_ALL):
                self.words.append(Words(tail, opened))
        self.current = opened

    def _open_pair(self, passage: Passage, holders: Sequence[Mention], got: Sequence[Evidence]) -> list[int]:
        things = [(kind, one.words) for one in got for kind in one.kinds]
        if not things:
            known = self._known(holders)
            things = [] if known else self._told_before() or [(kind, got[-1].words) for kind in self._guessed(passage, False)]
            if not things and not known:
                self.pending, self.topic = self.pending or tuple(got), tuple(holders)
            if known:
                self.words.append(Words(passage, tuple(known)))
                return known
            if not things:
                return []
        is_in_order = passage.search(_IN_ORDER) is not None
        papers = [one for one in got if one.is_document]
        is_listed = all(passage.part(one.head.end, passage.end).match(_AND) for one in papers[:-1])
        if is_in_order and is_listed and len(holders) == len(papers) > len(things):  # those of no known type have their turn too
            things = [(next(iter(one.kinds), one.words.read("other", "uncertain", _NO_TYPE)), one.words) for one in papers]
        if is_in_order and len(holders) == len(things) > 1 and len({kind.value for kind, _ in things}) > 1:
            slots = [at for one, thing in zip(holders, things, strict=True) for at in self._add(passage, [one], [thing])]
        else:
            slots = self._add(passage, holders, things)
        self._background(slots)
        self._divide(passage, slots, got, holders)
        return slots

    def _told_before(self) -> list[tuple[Read[str], Passage]]:
        """The one type of what was told of nobody yet (首批…证书颁发。甲、乙获得证书), with its phrase."""
        told = {kind.value: (kind, one.words) for one in self.pending for kind in one.kinds}
        return [(Read(kind.value, kind.spans, "inferred", "由上文判断类型"), words) for kind, words in told.values()][
            : len(told) == 1
        ]

    def _add(self, passage: Passage, holders: Sequence[Mention], things: Sequence[tuple[Read[str], Passage]]) -> list[int]:
        """A slot for each company and type; one that is there already is told of again."""
        members = tuple(dict.fromkeys(one.firm for one in holders))
        touched: list[int] = []
        for one in holders:
            trailing = _trailing(passage, one, holders)
            for kind, phrase in things:
                same = [at for at in self._known([one]) if self.slots[at].kind.value == kind.value]
                if not same:
                    self.of_firm.setdefault(one.firm.key, []).append(len(self.slots))
                    self.slots.append(Slot(one.firm, kind, _behind(phrase, holders), trailing, members))
                touched.append(same[0] if same else len(self.slots) - 1)
        self.pending = ()
        return list(dict.fromkeys(touched))

    def _background(self, slots: Sequence[int] | None = None) -> None:
        """The sentences told before, which led up to these slots."""
        numbers = tuple(range(len(self.slots)) if slots is None else slots)
        self.words.extend(Words(sentence, numbers, True) for sentence in self.before[-3:])
        self.before.clear()

    def _divide(self, passage: Passage, slots: Sequence[int], got: Sequence[Evidence], holders: Sequence[Mention]) -> None:
        """The words of a sentence with several types go to the type they stand beside; the rest to all."""
        typed = [one for one in got if one.kinds]
        kinds = {self.slots[at].kind.value for at in slots}
        if len(kinds) < 2 or len(typed) < 2:
            self.words.append(Words(passage, tuple(slots)))
            return
        last_name = max([passage.start, *(one.words.end for one in holders if one.words.end <= typed[0].head.end)])
        self.words.append(Words(passage.part(passage.start, last_name), tuple(slots)))
        at, is_one_act = last_name, True
        for one in typed:
            own = passage.part(at, one.head.end)
            mine = tuple(slot for slot in slots if self.slots[slot].kind.value in {kind.value for kind in one.kinds})
            self.words.append(Words(own, mine))
            is_one_act = is_one_act and (at == last_name or own.search(evidence.GETS) is None)
            at, last = own.end, mine
        tail = passage.part(at, passage.end)
        self.words.append(Words(tail, tuple(slots) if is_one_act or tail.search(_OF_ALL) else last))
        if is_one_act:
            self.words.append(Words(passage, tuple(slots), True))

    def _go_on(self, sentence: Passage, got: Sequence[Evidence]) -> None:
        """Evidence without a company: more of the same, a further type of the same companies, or whose is said later."""
        kinds = {self.slots[at].kind.value for at in self.current}
        new = [one for one in got if any(kind.value not in kinds for kind in one.kinds) and one.is_got]
        holders = tuple(Mention(self.slots[at].firm.name, self.slots[at].firm) for at in self.current) or self.topic
        if not holders and self.may_be_bare:
            holders = tuple(parties.bare_mentions(sentence, self.vocabulary))
        if holders and not self.slots:
            self._open(sentence, holders, got)
        elif new and holders and self._is_aside(sentence):
            return
        elif new and holders:
            unique = tuple({one.firm.key: one for one in holders}.values())
            self.current = tuple(self._open_pair(sentence, unique, new))
        elif self.slots:
            self._say_more(sentence, ())
        else:
            self.pending = tuple(got)

    def _is_aside(self, sentence: Passage) -> bool:
        """A line of its own that nothing ties to the companies told of: what papers there are, an advertisement."""
        stands_alone = "\n" in sentence.folded[max(0, sentence.start - 2) : sentence.start]
        return stands_alone and _TIED.search(sentence.words) is None

    def _open_pending(self, sentence: Passage, holders: Sequence[Mention]) -> None:
        got = self.pending
        self.current = tuple(self._open_pair(sentence, last_list(sentence, holders), got))

    def _guessed(self, sentence: Passage, is_last: bool = True) -> list[Read[str]]:
        return evidence.guessed(sentence, self.heading, self.vocabulary, is_last)

    def _say_more(self, sentence: Passage, named: Sequence[Mention]) -> None:
        told = pointing.Told(self.slots, self.current, self._everyone(), self.of_firm)
        for passage, slots in pointing.divided(sentence, named, told, self.vocabulary):
            self.words.append(Words(passage, slots))


def tell(heading: Passage, body: Passage, vocabulary: Vocabulary) -> Story:
    """The whole item told: its slots, the words that speak of them, and all companies named."""
    named = parties.mentions(heading, body, vocabulary)
    story = Story(heading, vocabulary, named)
    has_candidates = any(one.is_candidate for one in named)
    story.may_be_bare = not has_candidates and parties.may_be_bare(heading, body)
    if not (has_candidates or story.may_be_bare):
        return story
    bare = parties.bare_firms(heading, body, vocabulary) if story.may_be_bare else []
    told = list(_sentences(heading, body, named, bare, vocabulary))
    at = 0
    while at < len(told):
        lines = rolls.below(told, at, is_first=not story.slots, is_pending=bool(story.pending) and not story.slots)
        if lines:
            story.add_list(told[at], lines)
        else:
            story.add(told[at])
            lines = rolls.of_others(told, at)
        at += 1 + len(lines)
    story.finish(bare)
    return story


def _sentences(
    heading: Passage, body: Passage, named: Sequence[Mention], bare: Sequence[Firm], vocabulary: Vocabulary
) -> Iterator[Sentence]:
    """The sentences of the body, each with the companies it names."""
    at = 0
    for sentence in body.sentences():
        here = []
        while at < len(named) and named[at].words.start < sentence.end:
            here.append(named[at])
            at += 1
        yield Sentence(sentence, here or _bare_here(bare, sentence), evidence.held(sentence, heading, vocabulary))


def _bare_here(bare: Sequence[Firm], sentence: Passage) -> list[Mention]:
    """Where the sentence prints the heading's companies that have no legal name in the text."""
    places = [(sentence.folded.find(firm.name.words, sentence.start, sentence.end), firm) for firm in bare]
    found = [Mention(sentence.part(at, at + len(firm.name.words)), firm) for at, firm in places if at >= 0]
    return sorted(found, key=lambda one: one.words.start)


def _trailing(passage: Passage, one: Mention, holders: Sequence[Mention]) -> Passage:
    """The words between a company (or 其, 该公司 for one named before) and the next company."""
    ends = [other.words.start for other in holders if other.words.start > one.words.start]
    start = one.words.end
    if one.words.start < passage.start:
        pronoun = passage.search(_PRONOUN)
        start = pronoun.end() if pronoun else passage.end
    return passage.part(start, min([passage.end, *ends]))


def _behind(phrase: Passage, holders: Sequence[Mention]) -> Passage:
    """The phrase behind the last company named in it."""
    starts = [one.words.end for one in holders if phrase.start < one.words.end <= phrase.end]
    return phrase.part(max([phrase.start, *starts]), phrase.end)
