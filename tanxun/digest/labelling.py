"""What the sentences of an entry do not say as its records do, as labelled lines; asked by `publisher`.

The reader reads the sentences; whatever field comes out otherwise than its record has it gets a line of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from certifications.models import EvidenceKind

from .drafting import bare, policy_fields, statement_fields
from .entry import is_said
from .facts import Fields, Told, number, words
from .models import NewsItem
from .reader import Item, Reading, labels

_PARTS = {"documents": labels.DOCUMENT, "targets": labels.TARGET, "incentives": labels.INCENTIVE, "links": labels.LINK}
_CLOSING = "。！？；!?; "
_SUBJECT = re.compile("[:：、]")
_NOTHING: Mapping[str, Any] = {}


def kinds(told: Told) -> list[str]:
    if told.news:
        return [told.news.kind]
    return ["policy"] * (told.policy is not None) + ["statement"] * bool(told.statements)


Seen = Sequence[tuple[Reading, Item]]


def lines(told: Told, seen: Seen, names: Mapping[str, str]) -> list[str]:
    """The labelled lines that the sentences of `told` lack, as they were `seen` (by one vocabulary or several: a field must be
    seen right by all). `names` are those of topics."""
    found: list[str] = []
    if told.policy is not None:
        reads = [policy_fields(item, item.policy, reading.text) if item.policy else {} for reading, item in seen]
        found += _policy(told.policy, reads, names)
    if told.statements:
        held = [[statement_fields(one) for one in item.statements] for _reading, item in seen]
        found += _statements(told.statements, held, told.headline)
    if told.news:
        found += _news(told.news, seen)
    return found


def _news(news: NewsItem, seen: Seen) -> Iterator[str]:
    if any(body_of(reading, item) != rows(news.text) for reading, item in seen):
        yield from (labels.line(labels.TEXT, row) for row in rows(news.text))
    if any(news.announced_on != (item.announced_on and item.announced_on.value) for _reading, item in seen):
        yield labels.line(labels.ANNOUNCED, news.announced_on.isoformat() if news.announced_on else labels.NONE)


def kind_line(told: Told, seen: Seen) -> list[str]:
    """The line that says what the item is, where its sentences leave one to think otherwise."""
    if all(kinds(told) == _kinds(item) for _reading, item in seen):
        return []
    return [labels.line(labels.KIND, "、".join(labels.KINDS[kind] for kind in kinds(told)))]  # type: ignore[index]


def _kinds(item: Item) -> list[str]:
    return [item.kind.value] if item.policy is None or not item.statements else ["policy", "statement"]


def rows(text: str) -> list[str]:
    """The lines of a text that say anything."""
    return list(filter(None, map(words, text.splitlines())))


def body_of(reading: Reading, item: Item) -> list[str]:
    """The text of the item without its heading and its labelled lines."""
    return rows(labels.unlabelled(reading.text[item.span.start : item.span.end].partition("\n")[2]))


def _policy(facts: Fields, reads: Sequence[Fields], names: Mapping[str, str]) -> Iterator[str]:
    def is_seen(name: str) -> bool:
        return all(_told(name, facts.get(name)) == _told(name, _value(name, read)) for read in reads)

    for label, name in labels.POLICY_VALUES.items():
        if not is_seen(name) or (name == "region" and any(_is_other_park(facts, read) for read in reads)):
            yield labels.line(label, _printed(name, facts.get(name), names))
    for label, name in labels.POLICY_ROWS.items():
        if is_seen(name):
            continue
        rows = facts.get(name, [])
        for row in rows:
            value = labels.quoted(row) if name == "key_points" else _row(_PARTS[name], row, names)
            yield labels.line(label, value)
        if not rows:
            yield labels.line(label, labels.NONE)


def _is_other_park(facts: Fields, read: Fields) -> bool:
    """A park has no code of its own: its name tells it from the others of its division."""
    if facts.get("level") != "park" or "region" not in facts:
        return False
    return bool(facts["region"]["name"] != words((_value("region", read) or {}).get("name", "")))


def _value(name: str, read: Fields) -> Any:
    """What was read of a field; of links only those that are taken from the text unasked, no region that it leaves open."""
    field = read.get(name)
    if field is None or field.get("candidates"):
        return None
    if name == "links":
        pairs = zip(field["value"], field["each"], strict=True)
        return [row for row, confidence in pairs if is_said(row["kind"], confidence)]
    return field["value"]


def _told(name: str, value: Any) -> Any:
    """A value in the form in which records and readings are equal."""
    if value in (None, "", [], 0):
        return None
    if name == "region":  # a division has its code, a park its name too
        return value["code"]
    if name == "topics":
        return sorted(value)
    if isinstance(value, list):
        return [_told_row(_PARTS[name], row) if isinstance(row, dict) else words(row) for row in value]
    return words(value)


def _told_row(parts: Mapping[str, str], row: Fields) -> list[Any]:
    return [_told_part(name, row.get(name)) for name in parts]


def _told_part(name: str, value: Any) -> Any:
    if value in (None, "", []):
        return ""
    if name in ("value", "amount", "cap"):
        return number(Decimal(str(value)))
    if isinstance(value, list):
        return sorted(value)
    return words(bare(words(value))).rstrip(_CLOSING) if name == "sentence" else words(value)


def _printed(name: str, value: Any, names: Mapping[str, str]) -> str:
    """A value as its labelled line has it."""
    if value in (None, "", []):
        return labels.NONE
    if name == "region":
        return labels.quoted(f"{value['name']}（{value['code']}）")
    if name == "topics":
        return labels.listed(names.get(slug, slug) for slug in value)
    if isinstance(value, list):
        return labels.listed(value)
    return labels.quoted(labels.WORDS[name].get(value, value) if name in labels.WORDS else str(value))


def _row(parts: Mapping[str, str], row: Fields, names: Mapping[str, str]) -> str:
    gifts = {"kind": labels.GIFTS if parts is labels.INCENTIVE else labels.LINKS}
    spoken: Mapping[str, Mapping[str, str]] = {**labels.WORDS, **gifts}
    found: dict[str, str | list[str]] = {}
    for name, label in parts.items():
        value = row.get(name)
        if value in (None, "", []):
            continue
        if isinstance(value, list):
            found[label] = [names.get(slug, slug) for slug in value]
        else:
            found[label] = spoken.get(name, _NOTHING).get(value) or str(value)
    return labels.parted(found)


def _statements(facts: Sequence[Fields], reads: Sequence[Sequence[Fields]], headline: str) -> list[str]:
    """A line 【声明】 for each statement, with what differs, where anything does; none where all is read as it is."""
    differing: list[dict[str, str | list[str]]] = [{} for _one in facts]
    in_order = True
    for read in reads:
        left = list(read)
        for one, parts in zip(facts, differing, strict=True):
            parts.update(_differing(one, _taken(one, left), headline))
        in_order = in_order and [_identity(one) for one in facts] == [_identity(_plain(one)) for one in read]
    if in_order and not any(differing):
        return []
    return [labels.line(labels.STATEMENT, _statement(one, parts)) for one, parts in zip(facts, differing, strict=True)]


def record_line(facts: Fields) -> str:
    """All that is known of a statement on one line, for which no sentence is asked."""
    return labels.line(labels.RECORD, _statement(facts, dict(_differing(facts, {}, ""))))


def _statement(facts: Fields, parts: Mapping[str, str | list[str]]) -> str:
    return labels.parted({"企业": facts["company"], "类型": facts["type_name"], **parts})


def _identity(fields: Fields) -> tuple[str, str]:
    return words(fields.get("company", "")), fields.get("statement_type", "")


def _plain(read: Fields) -> Fields:
    return {name: field["value"] for name, field in read.items()}


def _taken(one: Fields, left: list[Fields]) -> Fields:
    """The read statement that the reader will take for `one`, taken out of `left`; {} for none."""
    same = next((each for each in left if _identity(_plain(each)) == _identity(one)), None)
    if same is None:
        return {}
    left.remove(same)
    return same


def _differing(facts: Fields, read: Fields, headline: str) -> Iterator[tuple[str, str | list[str]]]:
    """Label and items of every part of a statement that is read otherwise than its record has it."""
    plain = _plain({name: field for name, field in read.items() if not field.get("candidates")})
    for name, label in labels.STATEMENT_PARTS.items():
        wanted, found = _statement_part(name, facts), _statement_part(name, plain)
        if name == "verification_body" and not found and facts["evidence_kind"] != EvidenceKind.LIST_MEMBERSHIP:
            found = labels.HIDDEN  # whom a text does not name it does not disclose
        if name == "short_name":
            short, known = plain.get("short_name"), facts["names"]
            subject = _SUBJECT.split(headline)[0]
            if not read and subject in known:
                yield label, subject
            elif short and words(short) not in known:
                yield label, []
        elif name not in ("company", "statement_type") and wanted != found:
            yield label, _items(name, wanted, facts)


def _statement_part(name: str, fields: Fields) -> Any:
    """A part in the form in which records and readings are equal."""
    if name in ("value", "unit"):
        result = fields.get("result") or {}
        return (number(Decimal(result["value"])), words(result["unit"])) if result else None
    if name == "verification_body":
        hidden = fields.get("is_body_undisclosed") and not fields.get(name)
        return labels.HIDDEN if hidden else words(fields.get(name) or "")
    if name == "region":
        return (fields.get("region") or {}).get("code")
    value = fields.get(name) or None
    if isinstance(value, list):
        return sorted(map(words, value))
    return words(value) if value is not None else None


def _items(name: str, wanted: Any, facts: Fields) -> list[str] | str:
    if not wanted:
        return []
    if name == "region":
        return f"{facts['region']['name']}（{wanted}）"
    if name in ("value", "unit"):
        return str(wanted[name == "unit"])
    if isinstance(wanted, list):
        return list(map(str, wanted))
    return labels.WORDS[name].get(wanted, wanted) if name in labels.WORDS else str(wanted)
