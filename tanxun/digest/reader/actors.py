"""Who acts in the first sentences of an item: which bodies publish, meet or speak, each by the place of its name.

A body at the beginning of a clause, or behind 由, is the subject, whatever verb follows; one behind 根据 or in 在…指导下 is
not. Called by `policies`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tanxun.digest.reader.cleaning import Passage
from tanxun.digest.reader.organs import Organ, organs_at
from tanxun.digest.reader.places import Place
from tanxun.digest.reader.vocabulary import Vocabulary

_REACH = 400
_CLAUSE = re.compile(r"(?:《[^《》\n]{0,160}》|\([^()\n]{0,60}\)|[^,;:。!?\n])+")
_DAY = r"(?:\d{4}年)?\d{1,2}月(?:\d{1,2}日|[上中下]旬|底|初)?(?:[至到~-](?:\d{1,2}月)?\d{1,2}日)?"
_NUMERIC = r"(?:20\d\d[-./])?\d{1,2}[-./]\d{1,2}"
# What may stand before the subject and says only when, or with whose support.
_PRELUDE = re.compile(
    rf"(?:[ “”\"|/·-]|\[(?:{_DAY}|{_NUMERIC}|[^\[\]\n]{{1,8}}(?:消息|讯|报道|快讯))\]|{_NUMERIC}(?!\d)"
    rf"|当地时间|北京时间|{_DAY}|[上下]午|晚间?|近[日期]|日前|本周[一二三四五六日]?|上周[一二三四五六日末]?"
    r"|[昨今当同]日|日内|最新|消息|据悉|据了解|随后|此前|同时|此外|另外|其中|为此|目前|现|[在经][^,;:。《》]{2,40}?(?:指导|支持|推动|部署|领导|统筹|见证|同意|批准|授权)[下后])+"
)
_SOURCE = re.compile(r"(?:记者)?(?:从|据)")
_CIRCUMSTANCE = re.compile(
    r"根据|按照?|依[据照]|为(?!期)|围绕|针对|随着|经|继|落实|贯彻|对[照标]|结合|受|作为|响应|面[对向]|在|于|自|凡|对"
)
_AT = re.compile(r"在")
# Whose hand a document or a meeting comes from where it is not the subject: 由某局印发, 经常务会议审议通过.
_AGENT = re.compile(r"(?<!理)由|经(?=[^,;。《》]{2,20}会议)")
_NOT_AGENT = re.compile(r"[^,;。]{0,6}(?:批准|同意|审批|授权|指导|支持|组成|负责|承担|另行|予以|给予)")
_MEETS = re.compile(r"[^,;。]{0,16}?(?:召开|举[行办])")
_SPEAKS = re.compile(
    r"(?:(?:有关|相关|主要)?(?:负责人|负责同志|新闻发言人|发言人|领导)|[\u4e00-\u9fff]{0,12}?(?:部长|局长|厅长|司长|处长|主任|书记|省长|市长|行长))"
    r"|[^,;。]{0,8}?(?:表示|介绍|指出|强调|透露|回应|答复|说|称)"
)
_PRESS_OFFICE = ("新闻办公室", "新闻办")


@dataclass(frozen=True)
class Act:
    """Bodies that do something, and what stands behind their names."""

    organs: list[Organ]
    rest: Passage
    is_source: bool = False

    @property
    def is_meeting(self) -> bool:
        return self.rest.match(_MEETS) is not None

    @property
    def is_speech(self) -> bool:
        return self.rest.match(_SPEAKS) is not None

    @property
    def is_of_press_office(self) -> bool:
        return all(one.name.endswith(_PRESS_OFFICE) for one in self.organs)


def issuers(lead: list[Passage], headed: list[Organ], near: Place | None, vocabulary: Vocabulary) -> list[Organ]:
    """The bodies whose word the item is: those that act in the first of the sentences that names any, else those of the
    heading (`headed`), else those that the news was heard from."""
    sources: list[Organ] = []
    for sentence in lead:
        acts = list(acts_of(sentence, near, vocabulary))
        sources = sources or [one for act in acts if act.is_source for one in act.organs]
        doing = [act for act in acts if not act.is_source]
        if doing:
            return _whose_word(doing, headed)
    return headed or sources


def _whose_word(acts: list[Act], headed: list[Organ]) -> list[Organ]:
    """The first that act; at a press conference of another office those who speak there; under a heading that names a
    central body that body, where a meeting with others or a local body is told of."""
    chosen = acts[0]
    if chosen.is_of_press_office:
        chosen = next((act for act in acts[1:] if act.is_speech), chosen)
    if headed and headed[0].is_central and not _related(headed, chosen.organs):
        is_talk = chosen.is_meeting or chosen.is_speech
        if is_talk or not chosen.organs[0].is_central:
            return headed
    return chosen.organs


def _related(headed: list[Organ], named: list[Organ]) -> bool:
    """Whether one of the named bodies is one of the heading's, or its office."""
    return any(one.name.startswith(other.name) for one in named for other in headed)


def acts_of(sentence: Passage, near: Place | None, vocabulary: Vocabulary) -> Iterator[Act]:
    """The bodies of a sentence that act or that the news comes from, clause by clause."""
    told_to = sentence.start
    limit = min(sentence.end, sentence.start + _REACH)
    for found in sentence.part(sentence.start, limit).finditer(_CLAUSE):
        if found.start() < told_to:
            continue
        act = _act(sentence.part(found.start(), limit), found.end(), near, vocabulary)
        if act:
            yield act
            told_to = act.rest.start


def _act(words: Passage, clause_end: int, near: Place | None, vocabulary: Vocabulary) -> Act | None:
    """The act of the clause that the words begin with; a list of bodies may run on over its comma."""
    prelude = words.match(_PRELUDE)
    words = words.part(prelude.end(), words.end) if prelude else words
    organs, end = organs_at(words, vocabulary, near)
    if organs:
        return Act(organs, words.part(end, words.end))
    source = words.match(_SOURCE)
    if source:
        organs, end = organs_at(words.part(source.end(), words.end), vocabulary, near)
        return Act(organs, words.part(end, words.end), True) if organs else None
    if words.match(_CIRCUMSTANCE):
        return _host(words, vocabulary, near)
    for agent in words.part(words.start, clause_end).finditer(_AGENT):
        organs, end = organs_at(words.part(agent.end(), words.end), vocabulary, near)
        rest = words.part(end, words.end)
        if organs and rest.match(_NOT_AGENT) is None:
            return Act(organs, rest)
    return None


def _host(words: Passage, vocabulary: Vocabulary, near: Place | None) -> Act | None:
    """The bodies at whose meeting something was said (在某局召开的会议上): the news comes from there."""
    at = words.match(_AT)
    organs, end = organs_at(words.part(at.end(), words.end), vocabulary, near) if at else ([], 0)
    act = Act(organs, words.part(end, words.end), True)
    return act if organs and act.is_meeting else None
