"""Items that the reader read wrongly, as test cases: the text of one item, and what was accepted, in the schema of the gold data.

Called by `reader_report --cases`. A case reads alone as it read within its issue; where it would not, it is left out, with why.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from certifications.forms import known_body

from . import reader, vocabulary
from .accuracy import DONE, reviewed_drafts
from .corrections import accepted_values
from .models import Draft
from .reader.gold import as_gold
from .reader.reading import Reading
from .reader.vocabulary import Vocabulary

CONTENTS = "目录"


@dataclass(frozen=True)
class Case:
    """One item by itself. `gold` is what the reader should make of `text`; `fields` are those that reviewers corrected."""

    draft: Draft
    fields: tuple[str, ...]
    text: str
    gold: dict[str, Any]


@dataclass(frozen=True)
class LeftOut:
    """An item with corrections that makes no case, and why."""

    draft: Draft
    reason: str


def cases(since: dt.date | None = None, only: str = "") -> Iterator[Case | LeftOut]:
    """A case for every item with a corrected field (`only` this one, if given), in the order of the issues."""
    words = vocabulary.current()
    corrected = [
        draft
        for draft in reviewed_drafts(since).filter(status__in=DONE, is_seen=True).exclude(corrections={})
        if only in {"", *draft.corrections}
    ]
    items = {(draft.newsletter_id, draft.order) for draft in corrected}
    drafts = Draft.objects.filter(newsletter__in={issue for issue, _order in items}).select_related("newsletter")
    for item, found in groupby(drafts.order_by("newsletter_id", "order", "part"), key=lambda one: (one.newsletter_id, one.order)):
        if item in items:
            yield case_of(list(found), words)


def case_of(drafts: list[Draft], words: Vocabulary) -> Case | LeftOut:
    """The case of one item, from all its drafts."""
    first = drafts[0]
    if any(draft.status not in DONE for draft in drafts):
        return LeftOut(first, _("not every draft of this item was accepted"))
    if len(drafts) > 1 and {draft.kind for draft in drafts} != {Draft.Kind.STATEMENT}:
        return LeftOut(first, _("policy and statement at once: write this case by hand"))
    wanted = gold_item(drafts)
    for text in printed_alone(first):
        reading = reader.read(text, first.source_on, words)
        if reads_alone(reading, first):
            break
    else:
        return LeftOut(first, _("read by itself, this text is another item"))
    gold = as_gold(reading)
    if bare(gold["items"][0]) == bare(wanted):
        return LeftOut(first, _("the reader reads it as accepted by now, or the correction is none of the gold data"))
    fields = dict.fromkeys(name for draft in drafts for name in draft.corrections)
    return Case(first, tuple(fields), text, gold | {"items": [wanted]})


def printed_alone(draft: Draft) -> Iterator[str]:
    """The item as printed, under its section's title; then also under a contents list, which some headings need to be one."""
    text = draft.newsletter.text
    titles = [line_of(text, *span) for span in draft.fields.get("section", {}).get("spans", []) if span[0] < draft.start]
    item = line_of(text, draft.start, draft.end)
    yield "\n\n".join([*titles, item]) + "\n"
    yield "\n\n".join([CONTENTS, draft.fields["headline"]["value"], *titles, item]) + "\n"


def line_of(text: str, start: int, end: int) -> str:
    """[start, end) with the rest of its first and last line: numbers and bullets stand outside the words."""
    last = text.find("\n", end)
    return text[text.rfind("\n", 0, start) + 1 : last if last >= 0 else len(text)]


def reads_alone(reading: Reading, draft: Draft) -> bool:
    """Whether `reading` is the item of `draft` and nothing else, with the same line ends: where they join, it reads otherwise."""
    if reading.title or reading.published_on or reading.toc_only or len(reading.items) != 1:
        return False
    span = reading.items[0].span
    return reading.text[span.start : span.end].split() == draft.text.split()


def bare(value: Any) -> Any:
    """What the scoring compares: without the sentences, and with lists in one order."""
    if isinstance(value, dict):
        return {name: bare(part) for name, part in value.items() if name != "text"}
    if isinstance(value, list):
        return sorted((bare(part) for part in value), key=lambda part: json.dumps(part, sort_keys=True))
    return value


def gold_item(drafts: list[Draft]) -> dict[str, Any]:
    """What was accepted of one item, by the schema of the gold data. A heading reworded for the record stays as printed."""
    first, values = drafts[0], accepted_values(drafts[0])
    headline = values["headline"] if values["headline"] in first.text else first.fields["headline"]["value"]
    return {
        "order": 1,
        "section": values["section"],
        "kind": first.kind,
        "headline": headline,
        "policy": gold_policy(headline, values) if first.kind == Draft.Kind.POLICY else None,
        "statements": [gold_statement(accepted_values(draft)) for draft in drafts if draft.kind == Draft.Kind.STATEMENT],
    }


def gold_policy(headline: str, values: dict[str, Any]) -> dict[str, Any]:
    region = values.get("region")
    return {
        "title": headline,
        "documents": [{"title": row["title"], "number": row["number"] or None} for row in values.get("documents", [])],
        "issuers": values.get("issuing_bodies", []),
        "lead_region": {"name": values.get("park_name") or region["name"], "code": region["code"]} if region else None,
        "level": values.get("level"),
        "issued_on": values.get("issued_on"),
        "key_points": len(values.get("key_points", [])),
        "targets": [
            {
                "text": row["sentence"],
                "year": row["year"],
                "indicator": row["indicator"],
                "comparator": row["comparator"],
                "value": number(row["value"]),
                "unit": row["unit"] or None,
            }
            for row in values.get("targets", [])
        ],
        "incentives": [
            {"amount": number(row["amount"]), "unit": row["currency"] or None, "text": row["sentence"]}
            for row in values.get("incentives", [])
        ],
        "topics": values.get("topics", []),
    }


def gold_statement(values: dict[str, Any]) -> dict[str, Any]:
    result, body = values.get("result") or {}, known_body(values.get("verification_body", ""))
    return {
        "company": values.get("company"),
        "short_name": values.get("short_name"),
        "region_code": values["region"]["code"] if "region" in values else None,
        "type": values.get("statement_type"),
        "products": values.get("products", []),
        "body": body.name if body else values.get("verification_body"),
        "standards": values.get("standards", []),
        "categories": values.get("categories", []),
        "scopes": values.get("scopes", []),
        "certificate_number": values.get("certificate_number"),
        "value": number(result.get("value")),
        "unit": result.get("unit"),
        "consultancy": values.get("consultant"),
        "announced_on": values.get("announced_on"),
    }


def number(text: str | None) -> int | float | None:
    """A figure as JSON has it."""
    if text is None:
        return None
    value = float(text)
    return int(value) if value.is_integer() else value


def write(found: Iterable[Case], folder: Path) -> list[tuple[Path, Case]]:
    """Put each case into `folder` as NN.txt and NN.json, numbered after those that are there; a text that is there is not
    written again. Returns the text files written. Raises OSError.
    """
    folder.mkdir(parents=True, exist_ok=True)
    there = [path for path in folder.glob("*.txt") if re.fullmatch(r"\d+", path.stem)]
    texts = {path.read_text(encoding="utf-8") for path in there}
    last = max((int(path.stem) for path in there), default=0)
    written = []
    for case in found:
        if case.text in texts:
            continue
        texts.add(case.text)
        last += 1
        path = folder / f"{last:02}.txt"
        path.write_text(case.text, encoding="utf-8")
        path.with_suffix(".json").write_text(json.dumps(case.gold, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        written.append((path, case))
    return written
