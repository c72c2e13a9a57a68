"""What the records of a week say, as plain values in the shape of a draft's fields. Asked by `publisher`.

From the records alone: neither newsletters nor drafts are looked at. The number of queries does not grow with the week.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from itertools import groupby
from typing import Any

from certifications.models import CompanyName, EvidenceKind, Product, RegisterStatus, VerificationStatement
from policies.models import Level, Policy
from tanxun.records.models import Record, Section

from .issue import Link, Week
from .models import NewsItem
from .reader import clean

Fields = dict[str, Any]
# Of a place in a newsletter, what all records of one item share.
ITEM = 16
KINDS: dict[type[Record], str] = {Policy: "policy", VerificationStatement: "statement", NewsItem: "news"}
LENGTH = {"day": 10, "month": 7, "year": 4}
MORE = (
    *("issued_on", "valid_until", "period_start", "period_end", "assurance_level"),
    *("tier", "batch", "list_stage", "removed_on", "summary"),
)


@dataclass
class Told:
    """One entry in the making: its records, and what they say. `statements` are many where one item told of several."""

    key: str
    records: list[Policy | VerificationStatement | NewsItem]
    policy: Fields | None = None
    statements: list[Fields] = field(default_factory=list)
    news: NewsItem | None = None

    @cached_property
    def keys(self) -> tuple[str, ...]:
        return tuple(map(key_of, self.records))

    @property
    def section(self) -> Section:
        return section_of(self.records[0])

    @cached_property
    def headline(self) -> str:
        """As the records keep it, the first that does; else made of who holds what."""
        kept = next(filter(None, (words(record.headline) for record in self.records)), "")
        return kept or words(self._made_headline() if self.statements else self.keys[0])

    def _made_headline(self) -> str:
        names = list(dict.fromkeys(one["called"] for one in self.statements))
        first = self.statements[0]
        verb = "入选" if first["evidence_kind"] == EvidenceKind.LIST_MEMBERSHIP else "获"
        return f"{'、'.join(names[:3])}{'等' if len(names) > 3 else ''}：{verb}{first['paper']}"

    @property
    def links(self) -> tuple[Link, ...]:
        urls = dict.fromkeys(record.source_url for record in self.records if record.source_url)
        return tuple(Link("来源", url) for url in urls)


def key_of(record: Record) -> str:
    return f"{KINDS[type(record)]}-{record.pk}"


def item_of(record: Policy | VerificationStatement | NewsItem) -> str:
    """What the records of one entry share: the item of their newsletter; of one entered by hand or sheet its own key."""
    return record.source_order[:ITEM] or key_of(record)


def section_of(record: Policy | VerificationStatement | NewsItem) -> Section:
    """Where the record stood; for one entered by hand or sheet, as its kind and level tell."""
    if record.section:
        return Section(record.section)
    if isinstance(record, Policy):
        return Section.NATIONAL if record.level == Level.NATIONAL else Section.LOCAL
    return Section.INDUSTRY


def of_week(week: Week) -> list[Told]:
    """Every accepted record of the week: by section, then as its newsletter had it; what has no newsletter comes last."""
    records: list[Policy | VerificationStatement | NewsItem] = [*_policies(week), *_statements(week), *_news(week)]
    records.sort(key=place)
    keys = keys_of_items(week)
    found = [told(keys.get(item, item), list(group)) for item, group in groupby(records, item_of)]
    order = list(Section)
    return sorted(found, key=lambda one: order.index(one.section))


def place(record: Policy | VerificationStatement | NewsItem) -> tuple[bool, str, int, dt.date, int]:
    return (not record.source_order, record.source_order, list(KINDS).index(type(record)), record.dated_on, record.pk)


def keys_of_items(week: Week) -> dict[str, str]:
    """The key of each item's entry: of the record of it that came first, be it removed since. What an editor chose of an entry
    hangs on it, so it must not change with the records."""
    found: dict[str, tuple[dt.datetime, str]] = {}
    for model, kind in KINDS.items():
        rows = model.with_deleted.filter(week_on__range=(week.monday, week.sunday)).exclude(source_order="").order_by()  # type: ignore[attr-defined]
        for order, made_at, pk in rows.values_list("source_order", "created_at", "pk"):
            mine = made_at, f"{kind}-{pk}"
            found[order[:ITEM]] = min(found.get(order[:ITEM], mine), mine)
    return {item: key for item, (_made_at, key) in found.items()}


def told(key: str, records: list[Policy | VerificationStatement | NewsItem]) -> Told:
    found = Told(key, records)
    for record in records:
        if isinstance(record, Policy):
            found.policy = worded(policy_fields(record))
        elif isinstance(record, VerificationStatement):
            found.statements.append(worded(statement_fields(record)))
        else:
            found.news = record
    return found


def _policies(week: Week) -> Iterable[Policy]:
    children = ("issuers__body", "documents", "key_points", "targets", "incentives__topics", "links__other__documents", "topics")
    return Policy.objects.filter(week_on__range=(week.monday, week.sunday)).select_related("region").prefetch_related(*children)


def _statements(week: Week) -> Iterable[VerificationStatement]:
    return (
        VerificationStatement.objects.filter(week_on__range=(week.monday, week.sunday))
        .select_related("company__region", "statement_type", "verification_body", "consultant", "programme")
        .prefetch_related("company__names", "products", "standards")
    )


def _news(week: Week) -> Iterable[NewsItem]:
    return NewsItem.objects.filter(week_on__range=(week.monday, week.sunday))


def policy_fields(policy: Policy) -> Fields:
    """The values of a policy by the names that a draft has for them; what it does not say is left out."""
    region = policy.region
    name = policy.park_name if policy.level == Level.PARK and policy.park_name else str(region and region.name)
    days = {day: loose(getattr(policy, day), policy.precisions.get(day, "day")) for day in policy.days}
    fields: Fields = {
        **days,
        "declared_issuer_count": policy.declared_issuer_count,
        "region": {"code": region.code, "name": name} if region else None,
        **{column: getattr(policy, column) for column in ("level", "stage", "form", "content_type")},
        "documents": [{"title": one.title, "number": one.number} for one in policy.documents.all()],
        "issuing_bodies": [one.body.name for one in policy.issuers.all()],
        "key_points": [one.text for one in policy.key_points.all()],
        "targets": [target_fields(one) for one in policy.targets.all()],
        "incentives": [incentive_fields(one) for one in policy.incentives.all()],
        "links": list(link_fields(policy)),
        "topics": [topic.slug for topic in policy.topics.all()],
    }
    names = {topic.slug: topic.name for one in policy.incentives.all() for topic in one.topics.all()}
    names |= {topic.slug: topic.name for topic in policy.topics.all()}
    return {name: value for name, value in fields.items() if value not in (None, "", [])} | {"names": names}


def target_fields(one: Any) -> Fields:
    return {
        **{name: getattr(one, name) for name in ("indicator", "comparator", "unit", "base", "year", "sentence")},
        "value": number(one.value),
    }


def incentive_fields(one: Any) -> Fields:
    return {
        **{name: getattr(one, name) for name in ("currency", "kind", "who_qualifies", "evidence_needed", "sentence")},
        "amount": number(one.amount),
        "cap": number(one.cap),
        "apply_by": one.apply_by.isoformat() if one.apply_by else None,
        "topics": [topic.slug for topic in one.topics.all()],
    }


def link_fields(policy: Policy) -> Iterator[Fields]:
    """The other policy by the title of its first document, else by its headline."""
    for one in policy.links.all():
        documents = list(one.other.documents.all()) if one.other else []
        title = one.title or (documents[0].title if documents else str(one.other))
        yield {"kind": one.kind, "title": title, "sentence": one.sentence}


def statement_fields(one: VerificationStatement) -> Fields:
    """The values of a statement by the names that a draft has for them; what it does not say is left out.

    `called` is the company in a headline, `paper` what it holds, in words.
    """
    company, kind, region = one.company, one.statement_type, one.company.region
    shorts = [name.name for name in company.names.all() if name.kind == CompanyName.Kind.SHORT]
    fields: Fields = {
        "company": company.name,
        "region": {"code": region.code, "name": region.name} if region else None,
        "statement_type": kind.slug,
        "products": [str(product) for product in sorted(one.products.all(), key=first_known)],
        "verification_body": one.verification_body.name if one.verification_body else None,
        "is_body_undisclosed": one.is_body_undisclosed or None,
        "standards": [str(standard) for standard in one.standards.all()],
        "categories": sorted(one.categories),
        "scopes": sorted(one.scopes),
        "certificate_number": one.certificate_number,
        "result": result_of(one),
        "consultant": one.consultant.name if one.consultant else None,
        "announced_on": one.announced_on.isoformat() if one.announced_on else None,
        "programme": one.programme.name if one.programme else None,
        **{name: plain(getattr(one, name)) for name in MORE},
        "register_status": one.register_status if one.register_status != RegisterStatus.UNKNOWN else None,
    }
    words = {
        "type_name": kind.name,
        "evidence_kind": kind.evidence_kind,
        "paper": paper(kind.name, kind.evidence_kind),
        "called": next(iter(shorts), company.name),
        "names": [company.name, *(name.name for name in company.names.all())],
    }
    return {name: value for name, value in fields.items() if value not in (None, "", [])} | words


def first_known(product: Product) -> int:
    """The order in which products came in, which is that of the sentence that named them."""
    return product.pk


PRINTED_FIGURE = re.compile(r"-?\d+(?:\.\d+)?", re.ASCII)
_LETTERS_FIRST = re.compile(r"^([A-Za-z]+) (.+)$")
PAPERS = {
    EvidenceKind.STATEMENT: ("声明", "核查声明"),
    EvidenceKind.CERTIFICATE: ("证书", "证书"),
    EvidenceKind.DECLARATION: ("声明", "声明"),
    EvidenceKind.LABEL: ("标识", "证书"),
    EvidenceKind.LIST_MEMBERSHIP: ("名单", "名单"),
}


def paper(name: str, evidence: str) -> str:
    """What is held, in words: 温室气体核查声明, 产品碳足迹核查声明, 绿色工厂名单."""
    short, full = PAPERS[EvidenceKind(evidence)]
    name = _LETTERS_FIRST.sub(r"\2（\1）", name)
    if name.endswith("）") and short in name:
        return name
    if name.endswith(short):
        return name
    return name + (short if name.endswith("核查") else full)


def result_of(one: VerificationStatement) -> dict[str, str] | None:
    """The figure as printed, else as it is kept in the unit of its column."""
    value, _blank, unit = one.result_as_printed.partition(" ")
    if PRINTED_FIGURE.fullmatch(value):
        return {"value": str(number(Decimal(value))), "unit": unit}
    if one.emissions_tco2e is not None:
        return {"value": str(number(one.emissions_tco2e)), "unit": "tCO2e"}
    if one.footprint_kgco2e is not None:
        unit = f"kgCO2e/{one.declared_unit}" if one.declared_unit else "kgCO2e"
        return {"value": str(number(one.footprint_kgco2e)), "unit": unit}
    return None


def words(value: object) -> str:
    """As a text keeps it: what no reader sees is gone, white space is one blank."""
    return " ".join(clean(str(value)).split())


def worded(value: Any) -> Any:
    """The same with all its texts in `words`: a line end within one would begin a line of the issue."""
    if isinstance(value, dict):
        return {name: worded(each) for name, each in value.items()}
    if isinstance(value, list):
        return list(map(worded, value))
    return words(value) if isinstance(value, str) else value


def plain(value: object) -> object:
    return value.isoformat() if isinstance(value, dt.date) else value


def loose(day: dt.date | None, precision: str) -> str | None:
    """2026-03-05, 2026-03 or 2026, as far as the date is known."""
    return day.isoformat()[: LENGTH[precision]] if day else None


def number(value: Decimal | None) -> str | None:
    """A figure without zeros at its end."""
    if value is None:
        return None
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
