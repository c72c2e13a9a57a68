"""A reading as the JSON of the gold data (`read_newsletter --json`)."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from tanxun.digest.reader.reading import Item, PolicyReading, Read, Reading, RegionName, StatementReading, When


def as_gold(reading: Reading) -> dict[str, Any]:
    """Plain JSON values; dates as ISO text, numbers as numbers, unknown as null."""
    found: dict[str, Any] = {
        "title": _value(reading.title),
        "published_on": _value(reading.published_on),
        "reference_date": reading.reference_date.isoformat(),
    }
    if reading.toc:
        found["toc_only"] = [entry.value for entry in reading.toc_only]
    found["items"] = [_item(item, reading.text) for item in reading.items]
    return found


def _value(read: Read[Any] | None) -> Any:
    value = read.value if read else None
    return str(value) if isinstance(value, dt.date | When) else value


def _words(read: Read[Any], text: str) -> str:
    return "".join(text[span.start : span.end] for span in read.spans)


def _number(value: Decimal | None) -> int | float | None:
    if value is None:
        return None
    return int(value) if value == value.to_integral_value() else float(value)


def _item(item: Item, text: str) -> dict[str, Any]:
    return {
        "order": item.order,
        "section": item.section.value,
        "kind": item.kind.value,
        "headline": item.headline.value,
        "policy": _policy(item.headline.value, item.policy, text) if item.policy else None,
        "statements": [_statement(one) for one in item.statements],
    }


def _policy(headline: str, policy: PolicyReading, text: str) -> dict[str, Any]:
    region = _settled(policy.lead_region)
    return {
        "title": headline,
        "documents": [{"title": one.value.title, "number": one.value.number} for one in policy.documents],
        "issuers": [one.value for one in policy.issuers],
        "lead_region": {"name": region.name, "code": region.code} if region else None,
        "level": _value(policy.level),
        "issued_on": _value(policy.issued_on),
        "key_points": len(policy.key_points),
        "targets": [
            {
                "text": _words(one, text),
                "year": one.value.year,
                "indicator": one.value.indicator,
                "comparator": one.value.comparator,
                "value": _number(one.value.value),
                "unit": one.value.unit,
            }
            for one in policy.targets
        ],
        "incentives": [
            {"amount": _number(one.value.amount), "unit": one.value.unit, "text": _words(one, text)} for one in policy.incentives
        ],
        "topics": [one.value for one in policy.topics],
    }


def _settled(region: Read[RegionName] | None) -> RegionName | None:
    """The region, unless the text leaves it open between candidates."""
    return region.value if region and not region.candidates else None


def _statement(one: StatementReading) -> dict[str, Any]:
    region = _settled(one.region)
    return {
        "company": one.company.value,
        "short_name": _value(one.short_name),
        "region_code": region.code if region else None,
        "type": _value(one.statement_type),
        "products": [product.value for product in one.products],
        "body": _value(one.body),
        "standards": [standard.value for standard in one.standards],
        "categories": list(one.categories.value) if one.categories else [],
        "scopes": list(one.scopes.value) if one.scopes else [],
        "certificate_number": _value(one.certificate_number),
        "value": _number(one.result.value.value) if one.result else None,
        "unit": one.result.value.unit if one.result else None,
        "consultancy": _value(one.consultant),
        "announced_on": _value(one.announced_on),
    }
