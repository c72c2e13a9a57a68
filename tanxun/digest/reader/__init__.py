"""Chinese newsletter text → items with fields, spans and confidence. Pure: no Django, vocabularies as arguments.

The way of a text, each step a module:

    cleaning → layout, titles, headings, contents,
               counted, asides → segments                        what is an item, and where does it end
    kinds                                                        who did what: policy, statement, report, other
    policies → actors, organs, documents, places, dates          who issued what, where and when
             → nature, terms, relations                      how far it has come, its other dates, what it does to others
             → targets (figures, indicators)                 what is to be reached
             → incentives (conditions), topics               what is given to whom for what, what it is about
    factlines                                                    what lines 发布日期:… 文号:… below a heading say
    tables                                                       what rows 企业名称 | 产品 | 证书编号 say
    labels, labelled                                             what lines of our own weekly say as it is
    statements → parties, givers, evidence, frames, rolls → details  who holds what by whose word, and what is said of it

`reading` holds what comes out, `vocabulary` the words that go in (files and the admin), `gold` and `report` show a reading.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

from tanxun.digest.reader import contents, factlines, labelled, tables
from tanxun.digest.reader.cleaning import Passage, clean
from tanxun.digest.reader.dates import dates, printed_reference, read_date, vague
from tanxun.digest.reader.entries import Told, laid_out, one_line
from tanxun.digest.reader.kinds import Facts, act_of_authority, aside, kind, looks_like_both, looks_like_policy, section
from tanxun.digest.reader.policies import read_policy
from tanxun.digest.reader.reading import (
    Comparator,
    Confidence,
    Document,
    Incentive,
    Item,
    Kind,
    Level,
    Link,
    PolicyReading,
    Quantity,
    Read,
    Reading,
    RegionName,
    Section,
    Span,
    StatementReading,
    Target,
    When,
)
from tanxun.digest.reader.segments import Segment, outline
from tanxun.digest.reader.statements import read_statements
from tanxun.digest.reader.vocabulary import Cues, Vocabulary

__all__ = [
    "Comparator", "Confidence", "Cues", "Document", "Incentive", "Item", "Kind", "Level", "Link", "PolicyReading", "Quantity",
    "Read", "Reading", "RegionName", "Section", "Span", "StatementReading", "Target", "Told", "Vocabulary", "When", "clean",
    "read", "read_entries",
]  # fmt: skip


def read(text: str, reference_date: dt.date | None, vocabulary: Vocabulary) -> Reading:
    """Read one issue. Never raises for any text; linear in its length.

    `reference_date` completes printed dates without a year; None takes the text's own 发布时间, else the latest
    day that the printed years allow, else today.
    """
    whole = Passage.whole(clean(text))
    parts = outline(whole)
    today = dt.date.today()
    published = (
        next((d for d in dates(parts.published, today) if d.day and not d.is_completed), None) if parts.published else None
    )
    reference = reference_date or (published.day if published and published.day else printed_reference(whole, today))
    found = [(_item(segment, reference, vocabulary), segment) for segment in parts.segments]
    told = {name for item, segment in found if not segment.is_headless for name in _names(item)}
    kept = [item for item, segment in found if not (_says_nothing(item, segment) or (told and _is_preface(item, segment, told)))]
    items = tuple(replace(item, order=order) for order, item in enumerate(kept, start=1))
    toc = tuple(entry.read(str(entry)) for entry in parts.toc)
    toc_only, notes = contents.compare(parts.toc, [segment.heading for segment in parts.segments])
    return Reading(
        text=whole.text,
        reference_date=reference,
        title=parts.title.read(str(parts.title)) if parts.title else None,
        published_on=read_date(published, max(reference, today)) if published else None,
        items=items,
        toc=toc,
        toc_only=toc_only,
        notes=notes if items else (*notes, "没有读出任何条目"),
    )


def read_entries(title: str, entries: Sequence[Told], reference_date: dt.date, vocabulary: Vocabulary) -> Reading:
    """Read items whose bounds and days their source tells: one item for each entry, in their order. Never raises for any text."""
    whole, segments = laid_out(title, entries)
    found = (_item(segment, entry.day, vocabulary) for segment, entry in zip(segments, entries, strict=True))
    items = tuple(replace(item, order=order) for order, item in enumerate(found, start=1))
    head = whole.part(0, len(one_line(title)))
    return Reading(whole.text, reference_date, head.read(str(head)), items=items)


def _item(segment: Segment, reference: dt.date, vocabulary: Vocabulary) -> Item:
    """Read a segment both ways, decide what it is, and keep what belongs to that."""
    heading, body = segment.heading, segment.body
    policy = read_policy(heading, body, segment.lines, reference, vocabulary)
    policy = factlines.policy(policy, heading, segment.facts, reference, vocabulary)
    rows = tables.statements(segment.tables, heading, body, reference, vocabulary)
    statements = tables.with_rows(read_statements(heading, body, reference, vocabulary), rows)
    statements = factlines.statements(statements, segment.facts, reference)
    facts = Facts(
        heading,
        body,
        segment.area,
        labelled.policy(policy, segment.labels, vocabulary),
        labelled.statements(statements, segment.labels, vocabulary),
    )
    told = labelled.kinds(segment.labels)
    chosen = told[0] if told else aside(heading) if segment.is_aside else kind(facts, vocabulary)
    both = len(told) > 1 or (not told and looks_like_both(facts, chosen.value, vocabulary))
    cells = (line for table in segment.tables for line in table.lines)
    end = max(one.end for one in (heading, body, *(label.value for label in segment.labels), *segment.facts, *cells))
    return Item(
        order=0,
        section=section(facts, chosen.value, segment.section_title, vocabulary),
        kind=chosen,
        headline=heading.read(str(heading), "inferred" if segment.doubt else "stated", segment.doubt),
        span=heading.part(min(heading.start, body.start), end).span,
        body=body.span,
        policy=facts.policy if chosen.value == "policy" or both else None,
        statements=facts.statements if chosen.value == "statement" or both else (),
        announced_on=labelled.announced_on(segment.labels) if chosen.value in ("report", "other") else None,
        needs_person="；".join(
            filter(
                None,
                (
                    _needs_person(facts, chosen, both, vocabulary),
                    _impossible_days(facts, chosen, reference),
                    _vague_days(facts, chosen),
                ),
            )
        ),
    )


def _says_nothing(item: Item, segment: Segment) -> bool:
    """A paragraph under no heading and no section title that reads as nothing: a greeting, not an item."""
    return segment.is_headless and segment.section_title is None and item.kind.value == "other" and not item.needs_person


def _is_preface(item: Item, segment: Segment, told: set[str]) -> bool:
    """A paragraph at the top of an issue with headings that gives no document with its issuing body and no company's
    statement, or speaks of what the items tell."""
    if not segment.is_headless or segment.section_title is not None:
        return False
    gives = item.statements or (item.policy and item.policy.documents and item.policy.issuers)
    return not gives or not told.isdisjoint(_names(item))


def _names(item: Item) -> set[str]:
    """What an item is about, by its names: before the colon of its heading, companies, titles of documents."""
    companies = {name.value for one in item.statements for name in (one.company, one.short_name) if name}
    documents = {one.value.title for one in item.policy.documents} if item.policy else set()
    return companies | documents | {item.headline.value.partition("：" if "：" in item.headline.value else ":")[0]}


def _needs_person(facts: Facts, chosen: Read[Kind], both: bool, vocabulary: Vocabulary) -> str:
    """In words why a person must look at the item, else empty."""
    if both:
        return _halves(facts, vocabulary)
    if chosen.value == "statement" and not facts.statements:
        return "像是声明，但没有读出企业名称，请人工填写"
    if chosen.value == "policy" and not facts.body:
        return "只有小标题，没有正文"
    if chosen.value == "other" and looks_like_policy(facts):
        return "像是政策，但没有认出发文机关，请人工确认"
    return ""


def _halves(facts: Facts, vocabulary: Vocabulary) -> str:
    """What was found of an item that is policy and statement at once, and what was not."""
    policy, act = facts.policy, act_of_authority(facts, vocabulary)
    companies = "、".join(one.company.value for one in facts.statements[:3])
    counts = f"读出文件{len(policy.documents)}份、声明{len(facts.statements)}条（{companies}）"
    printed = f"；政策原文“{act}”" if act and not (policy.documents and policy.issuers) else ""
    lacks = [word for word, found in (("文件标题", policy.documents), ("发文机关", policy.issuers)) if not found]
    missing = f"；没有读出{'和'.join(lacks)}，请人工填写" if lacks else ""
    return f"一半是政策、一半是声明：{counts}{printed}{missing}，请分开确认"


def _impossible_days(facts: Facts, chosen: Read[Kind], reference: dt.date) -> str:
    """Days printed that no calendar has (2月30日): the field stays empty, and a person is told why."""
    if chosen.value not in ("policy", "statement"):
        return ""
    found = (one.words for one in dates(facts.body, reference) if one.day is None)
    printed = dict.fromkeys(str(words) for words in found if "月" in words.words)
    return f"日历上没有“{'”“'.join(printed)}”，日期请人工填写" if printed else ""


def _vague_days(facts: Facts, chosen: Read[Kind]) -> str:
    """Words like 去年底 or 2026.1-3 where a date should stand: none is guessed from them, and a person is told so."""
    if chosen.value not in ("policy", "statement"):
        return ""
    has_day = all(one.announced_on for one in facts.statements) if chosen.value == "statement" else facts.policy.issued_on
    since = chosen.value == "policy" and facts.policy.in_force_on
    found = (words for words in vague(facts.body) if not (since if _since(words) else has_day))
    printed = dict.fromkeys(map(str, found))
    return f"“{'”“'.join(printed)}”读不出是哪一天，日期请人工填写" if printed else ""


def _since(words: Passage) -> bool:
    return words.folded[words.start - 1 : words.start] in ("自", "从")
