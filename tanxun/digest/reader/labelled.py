"""What labelled lines (`labels`) say of an item, put in place of what was read from its sentences. Called by `read`.

A labelled field holds as it stands; a field without a line stays as its sentences say it. Lines 【声明】 and 【记录】 are all
statements of the item: what a line 【声明】 lacks is taken from the sentences that speak of the same company and type.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from typing import Any

from tanxun.digest.reader import labels
from tanxun.digest.reader.cleaning import Passage
from tanxun.digest.reader.reading import (
    Document,
    Incentive,
    Kind,
    Link,
    PolicyReading,
    Quantity,
    Read,
    RegionName,
    StatementReading,
    Target,
    When,
)
from tanxun.digest.reader.vocabulary import Vocabulary

_REGION = re.compile(r"(?P<name>.*)（(?P<code>\d{6})）")
_DATE = re.compile(r"(?P<year>\d{4})(?:-(?P<month>\d{2}))?(?:-(?P<day>\d{2}))?")
_ENDS = frozenset({"expires_on", "comment_by"})
Row = Mapping[str, Sequence[str]]
Values = list[tuple[str, Read[str]]]


@dataclass(frozen=True)
class Label:
    """One labelled line: the passage of its value."""

    name: str
    value: Passage

    @property
    def items(self) -> list[str]:
        return labels.items(str(self.value))[0]

    @property
    def parts(self) -> dict[str, list[str]]:
        return labels.parts(str(self.value))


def label(line: Passage) -> Label | None:
    """The labelled line that `line` is, or None."""
    found = labels.label_of(str(line))
    return Label(found[0], line.part(line.start + found[1], line.end)) if found else None


def kinds(found: Sequence[Label]) -> tuple[Read[Kind], ...]:
    """What the item is by its label: one kind, or policy and statement at once; () where no label says it."""
    slugs = {words: slug for slug, words in labels.KINDS.items()}
    said = next((one for one in found if one.name == labels.KIND), None)
    return tuple(said.value.read(slugs[item]) for item in said.items if item in slugs) if said else ()


def announced_on(found: Sequence[Label]) -> Read[dt.date] | None:
    """The day of a piece of news."""
    said = next((one for one in found if one.name == labels.ANNOUNCED), None)
    day = _day(str(said.value)) if said else None
    return said.value.read(day) if said and day else None


def policy(read: PolicyReading, found: Sequence[Label], vocabulary: Vocabulary) -> PolicyReading:
    """`read` with the fields of the labelled lines."""
    values: dict[str, Any] = {}
    for one in found:
        if name := labels.POLICY_VALUES.get(one.name):
            values[_FIELDS.get(name, name)] = _value(name, one, vocabulary)
        elif name := labels.POLICY_ROWS.get(one.name):
            values.setdefault(_FIELDS.get(name, name), [])
            values[_FIELDS.get(name, name)] += _row(name, one, vocabulary)
    if "incentives" in values:  # a day that the sentences give for all of them is told row by row here
        values["apply_by"] = None
    changed: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}
    return replace(read, **changed)


_FIELDS = {"issuing_bodies": "issuers", "region": "lead_region"}


def _value(name: str, one: Label, vocabulary: Vocabulary) -> Any:
    """The value of a line of one field: a tuple of reads where the field has several, else a read or None."""
    if name == "issuing_bodies":
        return [one.value.read(item) for item in one.items]
    if name == "topics":
        slugs = _slugs(vocabulary, [cues.slug for cues in vocabulary.topics])
        return [one.value.read(slugs.get(item, item)) for item in one.items]
    first = next(iter(one.items), "")
    value: Any = first
    if name == "region":
        value = _region(first)
    elif name == "declared_issuer_count":
        value = int(first) if first.isdecimal() and len(first) < 4 else None
    elif name in labels.WORDS:
        value = _slug(name, first)
    else:
        value = _when(first, ends=name in _ENDS)
        value = value.day if name == "issued_on" and value and value.precision == "day" else value
    return one.value.read(value) if value else None


def _row(name: str, one: Label, vocabulary: Vocabulary) -> list[Read[Any]]:
    """The value of one of several lines of a field; [] for 无 and for a line that lacks what it is about."""
    if name == "key_points":
        return [one.value.read(item) for item in one.items[:1]]
    row = one.parts
    value = _ROWS[name](row, vocabulary)
    said = _sentence(one) if "原文" in row else None
    if value is None or not row:
        return []
    return [(said or one.value).read(value) if name == "documents" or said else Read(value)]


def _sentence(one: Label) -> Passage:
    """The words of the part 原文, which stands last."""
    at = one.value.text.find("原文：", one.value.start, one.value.end)
    return one.value.part(at, one.value.end)


def _document(row: Row, vocabulary: Vocabulary) -> Document | None:
    title = _text(row, "题名")
    return Document(title, _text(row, "文号") or None) if title else None


def _target(row: Row, vocabulary: Vocabulary) -> Target | None:
    indicator, year = _text(row, "指标"), _text(row, "年份")
    if not indicator:
        return None
    return Target(
        indicator=indicator,
        value=_decimal(_text(row, "数值")),
        unit=_text(row, "单位") or None,
        comparator=_slug("comparator", _text(row, "比较")) or "=",  # type: ignore[arg-type]
        year=int(year) if re.fullmatch(r"\d{4}", year) else None,
        base=_slug("base", _text(row, "口径")),  # type: ignore[arg-type]
    )


def _incentive(row: Row, vocabulary: Vocabulary) -> Incentive:
    slugs = _slugs(vocabulary, [cues.slug for cues in vocabulary.topics])
    gifts = {words: slug for slug, words in labels.GIFTS.items()}
    return Incentive(
        amount=_decimal(_text(row, "金额")),
        unit=_slug("currency", _text(row, "币种")),
        kind=gifts.get(_text(row, "方式")),  # type: ignore[arg-type]
        cap=_decimal(_text(row, "上限")),
        who=_text(row, "对象"),
        evidence=_text(row, "凭证"),
        topics=tuple(slugs.get(item, item) for item in row.get("主题", ())),
        apply_by=_day(_text(row, "申报截止")),
    )


def _link(row: Row, vocabulary: Vocabulary) -> Link | None:
    kind = {words: slug for slug, words in labels.LINKS.items()}.get(_text(row, "关系"))
    title = _text(row, "题名")
    return Link(kind, title) if kind and title else None  # type: ignore[arg-type]


_ROWS: Mapping[str, Callable[[Row, Vocabulary], Any]] = {
    "documents": _document,
    "targets": _target,
    "incentives": _incentive,
    "links": _link,
}


def statements(
    read: tuple[StatementReading, ...], found: Sequence[Label], vocabulary: Vocabulary
) -> tuple[StatementReading, ...]:
    """The statements of the labelled lines; `read` where there is no such line."""
    lines = [one for one in found if one.name in (labels.STATEMENT, labels.RECORD)]
    if not lines:
        return read
    left = list(read)
    return tuple(made for one in lines for made in _statement(one, left, vocabulary))


def _statement(one: Label, left: list[StatementReading], vocabulary: Vocabulary) -> Iterator[StatementReading]:
    row = one.parts
    company, kind = _text(row, "企业"), _text(row, "类型")
    slug = _slugs(vocabulary, [cues.slug for cues in vocabulary.statement_types]).get(kind, kind)
    if not company:
        return
    fitting = left if one.name == labels.STATEMENT else []
    same = next((each for each in fitting if (each.company.value, _of(each.statement_type)) == (company, slug or None)), None)
    if same:
        left.remove(same)
    base = same or StatementReading(one.value.read(company), statement_type=one.value.read(slug) if slug else None)
    yield replace(base, company=one.value.read(company), **dict(_statement_fields(one, row, base)))


def _statement_fields(one: Label, row: Row, base: StatementReading) -> Iterator[tuple[str, Any]]:
    """The fields of a line by their name in `StatementReading`; only of the parts that it has."""
    names = {words: name for name, words in labels.STATEMENT_PARTS.items()}
    more = dict(base.more)
    for words, listed in row.items():
        name, first = names.get(words, ""), next(iter(listed), "")
        if name in ("products", "standards"):
            yield name, tuple(one.value.read(item) for item in listed)
        elif name in ("categories", "scopes"):
            numbers = tuple(int(item) for item in listed if re.fullmatch("[1-6]", item))
            yield name, one.value.read(numbers) if numbers else None
        elif name == "verification_body":
            is_hidden = first == labels.HIDDEN
            yield "body", one.value.read(first) if first and not is_hidden else None
            yield "body_undisclosed", one.value.read(True) if is_hidden else None
        elif name == "region":
            region = _region(first)
            yield "region", one.value.read(region) if region else None
        elif name == "value":
            amount = _decimal(first)
            unit = _text(row, labels.STATEMENT_PARTS["unit"])
            yield "result", one.value.read(Quantity(amount, unit)) if amount is not None else None
        elif name == "announced_on":
            day = _day(first)
            yield name, one.value.read(day) if day else None
        elif name in ("short_name", "certificate_number", "consultant"):
            yield name, one.value.read(first) if first else None
        elif name and name not in ("company", "statement_type", "unit"):
            more[name] = one.value.read(_slug(name, first) or first if name in labels.WORDS else first)
    yield "more", tuple(more.items())


def _of(read: Read[str] | None) -> str | None:
    return read.value if read else None


def _text(row: Row, name: str) -> str:
    return next(iter(row.get(name, ())), "")


def _slugs(vocabulary: Vocabulary, slugs: Sequence[str]) -> dict[str, str]:
    """Slugs of types or topics by what people call them."""
    return {vocabulary.names.get(slug, slug): slug for slug in slugs}


def _slug(name: str, words: str) -> str | None:
    return next((slug for slug, printed in labels.WORDS[name].items() if printed == words), None)


def _region(words: str) -> RegionName | None:
    found = _REGION.fullmatch(words)
    return RegionName(found["code"], found["name"]) if found else None


def _decimal(words: str) -> Decimal | None:
    try:
        value = Decimal(words)
    except InvalidOperation:
        return None
    return value if value.is_finite() and len(words) <= 40 else None


def _day(words: str) -> dt.date | None:
    found = _when(words)
    return found.day if found and found.precision == "day" else None


def _when(words: str, ends: bool = False) -> When | None:
    """2026-03-05, 2026-03 or 2026; None for anything else, and for a day that no calendar has."""
    found = _DATE.fullmatch(words)
    if not found:
        return None
    year, month, day = int(found["year"]), int(found["month"] or (12 if ends else 1)), int(found["day"] or 1)
    try:
        first = dt.date(year, month, day)
        if not found["day"] and ends:
            first = (dt.date(year + month // 12, month % 12 + 1, 1)) - dt.timedelta(days=1)
    except ValueError:
        return None
    return When(first, "day" if found["day"] else "month" if found["month"] else "year")
