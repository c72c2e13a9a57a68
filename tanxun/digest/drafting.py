"""What a read item becomes: draft rows, not yet saved, with every value in plain JSON beside its words. Called by intake."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from .models import Draft, Newsletter
from .passages import sentence
from .reader import labels
from .reader.cleaning import Passage
from .reader.layout import Line
from .reader.reading import (
    Incentive,
    Item,
    Link,
    PolicyReading,
    Quantity,
    Read,
    Reading,
    RegionName,
    StatementReading,
    Target,
    When,
)

RANK = {"stated": 0, "inferred": 1, "uncertain": 2}
Field = dict[str, Any]
SAID = "原文："


def drafts_of(newsletter: Newsletter, reading: Reading, item: Item) -> list[Draft]:
    """The records that `item` may become, in parts 1, 2, …: its policy, each of its statements, else one piece of news.

    An item that could not be read as what it seems to be still makes one draft, which says that it needs a person.
    """
    made: list[tuple[str, dict[str, Field]]] = []
    if item.policy is not None:
        made.append((Draft.Kind.POLICY, policy_fields(item, item.policy, reading.text)))
    made += [(Draft.Kind.STATEMENT, statement_fields(statement)) for statement in item.statements]
    if not made:
        made.append((item.kind.value, {"announced_on": field(item.announced_on)} if item.announced_on else {}))
    needs_person = item.needs_person
    if not needs_person and item.kind.value in (Draft.Kind.POLICY, Draft.Kind.STATEMENT) and not made[0][1]:
        needs_person = _("Nothing could be read from this item.")
    if not needs_person and item.policy is not None and item.statements:
        needs_person = _("Half policy, half statement: check both parts.")
    text_hash = Newsletter.hash_of(item_text(reading, item))
    return [
        Draft(
            newsletter=newsletter,
            order=item.order,
            part=part,
            kind=kind,
            section=item.section.value,
            headline=item.headline.value[:300],
            start=item.span.start,
            end=item.span.end,
            text_hash=text_hash,
            fields={"headline": field(item.headline), "section": field(item.section)} | fields,
            needs_person=needs_person[:300],
        )
        for part, (kind, fields) in enumerate(made, start=1)
    ]


def item_text(reading: Reading, item: Item) -> str:
    """Heading and text of an item as printed."""
    return reading.text[item.span.start : item.span.end]


def field(read: Read[Any]) -> Field:
    """One read value as a draft keeps it."""
    kept: Field = {
        "value": plain(read.value),
        "spans": [[span.start, span.end] for span in read.spans],
        "confidence": read.confidence,
        "reason": read.reason,
    }
    if read.candidates:
        kept["candidates"] = [plain(candidate) for candidate in read.candidates]
    return kept


def listed(reads: Iterable[Read[Any]], values: list[Any] | None = None) -> Field:
    """Several values of one field: all their spans, the weakest confidence and that of `each`, every reason once."""
    reads = list(reads)
    return {
        "value": [plain(read.value) for read in reads] if values is None else values,
        "spans": [[span.start, span.end] for read in reads for span in read.spans],
        "confidence": max((read.confidence for read in reads), key=RANK.__getitem__, default="stated"),
        "each": [read.confidence for read in reads],
        "reason": "；".join(dict.fromkeys(read.reason for read in reads if read.reason)),
    }


def plain(value: Any) -> Any:
    """`value` as JSON keeps it: dates in ISO form as far as they are known, decimals as text, a region as code and name."""
    if isinstance(value, dt.date | When):
        return str(value)
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, RegionName):
        return {"code": value.code, "name": value.name}
    if isinstance(value, Quantity):
        return {"value": format(value.value, "f"), "unit": value.unit}
    if isinstance(value, tuple):
        return [plain(part) for part in value]
    return value


def statement_fields(read: StatementReading) -> dict[str, Field]:
    """The fields of one statement by the names of `StatementEntryForm`; what the text does not say is left out."""
    single = {
        "company": read.company,
        "short_name": read.short_name,
        "region": read.region,
        "statement_type": read.statement_type,
        "verification_body": read.body,
        "is_body_undisclosed": read.body_undisclosed,
        "categories": read.categories,
        "scopes": read.scopes,
        "certificate_number": read.certificate_number,
        "result": read.result,
        "consultant": read.consultant,
        "announced_on": read.announced_on,
    }
    fields = {name: field(value) for name, value in (*single.items(), *read.more) if value is not None}
    fields |= {name: listed(reads) for name, reads in (("products", read.products), ("standards", read.standards)) if reads}
    return fields


def policy_fields(item: Item, read: PolicyReading, text: str) -> dict[str, Field]:
    """The fields of a policy by the names of `PolicyEntryForm`; targets, incentives and links carry their sentence."""
    fields = {
        name: field(value)
        for name, value in (
            ("declared_issuer_count", read.declared_issuer_count),
            ("region", read.lead_region),
            ("level", read.level),
            ("issued_on", read.issued_on),
            ("stage", read.stage),
            ("form", read.form),
            ("content_type", read.content_type),
            ("signed_on", read.signed_on),
            ("in_force_on", read.in_force_on),
            ("expires_on", read.expires_on),
            ("comment_by", read.comment_by),
        )
        if value is not None
    }
    documents = [{"title": each.value.title, "number": each.value.number or ""} for each in read.documents]
    several = {
        "documents": listed(read.documents, documents),
        "issuing_bodies": listed(read.issuers),
        "key_points": listed(read.key_points),
        "targets": listed(read.targets, [target_row(each, text) for each in read.targets]),
        "incentives": listed(read.incentives, [incentive_row(each, read.apply_by, text) for each in read.incentives]),
        "links": listed(read.links, [link_row(each, text) for each in read.links]),
        "topics": listed(read.topics),
    }
    return fields | {name: kept for name, kept in several.items() if kept["value"]}


def said(read: Read[Any], text: str) -> str:
    """The sentence that says a value, or ""."""
    if not read.spans:
        return ""
    start, end = read.spans[0].start, read.spans[-1].end
    if text.startswith(SAID, start):  # a labelled line has it as it was kept
        return labels.items(text[start:end].removeprefix(SAID))[0][0]
    return bare(sentence(text, start, end))


def bare(words: str) -> str:
    """A sentence without the bullet or number of its line."""
    return str(Line.of(Passage.whole(words), after_blank=True).bare)


def target_row(read: Read[Target], text: str) -> dict[str, Any]:
    target = read.value
    return {
        "indicator": target.indicator,
        "comparator": target.comparator,
        "value": plain(target.value),
        "unit": target.unit or "",
        "base": target.base or "",
        "year": target.year,
        "sentence": said(read, text),
    }


def incentive_row(read: Read[Incentive], apply_by: Read[When] | None, text: str) -> dict[str, Any]:
    """`apply_by` is the day that the item prints for all; where it prints several, or none, it is left out."""
    value = read.value
    is_day = apply_by is not None and apply_by.value.precision == "day" and not apply_by.candidates
    day = value.apply_by or (apply_by.value.day if apply_by and is_day else None)
    return {
        "amount": plain(value.amount),
        "currency": value.unit or "",
        "kind": value.kind or "",
        "cap": plain(value.cap),
        "apply_by": plain(day),
        "who_qualifies": value.who[:200],
        "evidence_needed": value.evidence[:200],
        "topics": list(value.topics),
        "sentence": said(read, text),
    }


def link_row(read: Read[Link], text: str) -> dict[str, Any]:
    return {"kind": read.value.kind, "title": read.value.title[:300], "sentence": said(read, text)}
