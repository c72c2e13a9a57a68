"""A policy item: issuing bodies, documents, region, dates, stage, key points, targets, incentives, topics, links."""

from __future__ import annotations

import datetime as dt
import re
from itertools import pairwise, takewhile

from tanxun.digest.reader import actors, nature, places
from tanxun.digest.reader.cleaning import Passage
from tanxun.digest.reader.dates import dates, read_date
from tanxun.digest.reader.documents import documents, headed, numbered, titles
from tanxun.digest.reader.incentives import incentives
from tanxun.digest.reader.layout import Line
from tanxun.digest.reader.organs import Organ, declared_count, organs_at
from tanxun.digest.reader.places import Place
from tanxun.digest.reader.reading import Level, PolicyReading, Read
from tanxun.digest.reader.relations import links
from tanxun.digest.reader.targets import targets
from tanxun.digest.reader.terms import terms
from tanxun.digest.reader.topics import topics
from tanxun.digest.reader.vocabulary import Vocabulary

_LEAD_SENTENCES = 2
_SUB_HEAD = 14
_FULL_STOP = re.compile("[。!?\n]")
_ISSUES = re.compile(
    r"(?:等[\d一二三四五六七八九十]*(?:个?部门|单位)?|近日|日前|联合|正式|共同)*(?:印发|发布|出台|公布|下发|制定|批复|关于|就)"
)
_RECENTLY = re.compile(r"近日|日前|近期|本周|上周|日内")
_DATE_LEAD = re.compile(
    r"[ ]*(?:\d{4}年)?\d{1,2}月\d{1,2}日(?:[ ]*(?:上午|下午|晚"
    r"|晚间))?(?:[至到~-](?:\d{1,2}月)?\d{1,2}日)?(?:消息)?[,、 ]*|[ ]*(?:近日|日前|近期|本周)[,、 ]*"
)


def read_policy(heading: Passage, body: Passage, rows: list[Line], reference: dt.date, vocabulary: Vocabulary) -> PolicyReading:
    """Everything that the item says about the policy; what it does not say stays empty."""
    sentences = body.sentences()
    lead = sentences[0] if sentences else heading
    subject = _subject(heading)
    near = places.leading(subject, vocabulary.places) if subject else places.leading(heading, vocabulary.places)
    named = organs_at(subject, vocabulary, near)[0] if subject else []
    issuers = actors.issuers(sentences[:_LEAD_SENTENCES], named, near, vocabulary) or _in_heading(heading, near, vocabulary)
    announced = numbered(documents(lead, body) or (headed(heading) if issuers else ()), heading, body)
    place = _region(issuers, near, list(titles(body))[:1], lead, vocabulary)
    if place and place.candidates:
        place = places.resolved(place, heading.part(heading.start, body.end), vocabulary.places)
    level = _level(place, issuers)
    issued = _issued_on(sentences[:_LEAD_SENTENCES], heading, reference)
    dated = terms(sentences, issued.value if issued else None, reference)
    own = [one.value.title for one in announced]
    return PolicyReading(
        documents=announced,
        issuers=tuple(one.read() for one in issuers),
        declared_issuer_count=declared_count(lead) or declared_count(heading),
        lead_region=place.words.read(place.region, place.confidence, place.reason, place.candidates) if place else None,
        level=level,
        issued_on=issued,
        key_points=_key_points(rows, body),
        targets=tuple(
            found for row in rows for whole in row.bare.split(_FULL_STOP) for found in targets(_without_titles(whole), reference)
        ),
        incentives=tuple(found for sentence in sentences for found in incentives(sentence, vocabulary)),
        topics=topics(heading, body, vocabulary, tuple(titles(body))[: len(announced)]),
        stage=nature.stage(heading, body, announced, dated, reference),
        form=nature.form(heading, body, announced),
        content_type=nature.content_type(body, announced),
        signed_on=dated.signed_on,
        in_force_on=dated.in_force_on,
        expires_on=dated.expires_on,
        comment_by=dated.comment_by,
        apply_by=dated.apply_by,
        links=links(heading, body, own, place.region.name if place else ""),
    )


def _subject(heading: Passage) -> Passage | None:
    """What stands before the colon of the heading."""
    at = heading.words.find(":")
    return heading.part(heading.start, heading.start + at).strip() if 0 < at <= 40 else None


def _in_heading(heading: Passage, near: Place | None, vocabulary: Vocabulary) -> list[Organ]:
    """The bodies that a heading without colon begins with and says to issue something."""
    organs, end = organs_at(heading, vocabulary, near)
    return organs if organs and heading.part(end, heading.end).match(_ISSUES) else []


def _region(
    issuers: list[Organ], near: Place | None, title: list[Passage], lead: Passage, vocabulary: Vocabulary
) -> Place | None:
    """The place of the first issuing body, else of the heading, else of the document's title; none for a central body."""
    if issuers:
        local = next((one.place for one in issuers if one.place), None)
        if issuers[0].is_central or local is None:
            return None
        return places.refined(local, near, vocabulary.places) if near and near.level == "park" else local
    if near:
        return near
    opening = lead.match(_DATE_LEAD)
    start = lead.part(opening.end(), lead.end) if opening else lead
    found = (places.leading(words, vocabulary.places) for words in [*title, start])
    return next((place for place in found if place), None)


def _level(place: Place | None, issuers: list[Organ]) -> Read[Level] | None:
    if place:
        return place.words.read(place.level, place.confidence, place.reason)
    if issuers and issuers[0].is_central:
        return issuers[0].words.read("national")
    return None


def _issued_on(lead: list[Passage], heading: Passage, reference: dt.date) -> Read[dt.date] | None:
    """The day in the first sentence that is no deadline; 近日 without a day leaves it empty."""
    for sentence in lead:
        for found in dates(sentence, reference):
            if not found.is_deadline:
                return read_date(found, reference)
        if sentence.search(_RECENTLY):
            return None
    return None


def _key_points(rows: list[Line], body: Passage) -> tuple[Read[str], ...]:
    """The bulleted lines, else the numbered ones, else those that a line with a colon announces (主要任务有:); else the
    sentences after the first, without sub-heads between them (the first where it is alone)."""
    bullets = _points(rows)
    numbered = [row for row in rows[1:] if row.is_numbered]
    chosen = bullets or (numbered if len(numbered) > 1 else _announced_points(rows))
    if chosen:
        return tuple(row.bare.read(str(row.bare)) for row in chosen)
    told = [row.words for row in rows if row.ends_sentence or len(row.words.words) > _SUB_HEAD] or [body]
    sentences = [sentence for words in told for sentence in words.split(_FULL_STOP)]
    return tuple(sentence.read(str(sentence)) for sentence in sentences[1:] or sentences)


def _points(rows: list[Line]) -> list[Line]:
    """The lines with a bullet. A mark whose lines are all short and stand above lines of another kind is a sub-head's."""
    heads: dict[str, bool] = {}
    for row, after in pairwise([*rows, None]):
        if row and row.bullet:
            stands_above = after is not None and after.bullet != row.bullet
            is_head = stands_above and not row.ends_sentence and len(row.bare.words) <= _SUB_HEAD
            heads[row.bullet] = heads.get(row.bullet, True) and is_head
    return [row for row in rows if row.bullet and not heads[row.bullet]]


def _announced_points(rows: list[Line]) -> list[Line]:
    """Two lines or more behind one that ends with a colon, up to the end or a paragraph of several sentences."""
    at = next((at for at, row in enumerate(rows) if row.words.words.endswith(":")), None)
    if at is None:
        return []
    points = list(takewhile(lambda row: len(row.words.split(_FULL_STOP)) == 1, rows[at + 1 :]))
    return points if len(points) > 1 else []


def _without_titles(sentence: Passage) -> Passage:
    """The sentence behind its last 《》: numbers inside a title are no targets."""
    end = sentence.folded.rfind("》", sentence.start, sentence.end)
    return sentence.part(end + 1, sentence.end) if end >= 0 else sentence


def names_authority(words: Passage, vocabulary: Vocabulary) -> bool:
    """Whether the words are one body or a list of them (a heading's subject)."""
    return bool(organs_at(words, vocabulary)[0]) or declared_count(words) is not None
