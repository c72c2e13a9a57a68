"""What a row of a policy's small tables tells, whatever its spelling, and writing rows where others stand already.

Asked by the form, by the review desk, which compares readings, and by conflicts, whose other side is taken.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.db import models

from tanxun.search.fold import number_key, search_text

from .models import Policy, Topic

TABLES = ("documents", "targets", "incentives")
FIGURES = re.compile(r"[\d.,%]+")


def told(name: str, row: dict[str, Any]) -> dict[str, Any]:
    """The parts of a row that tell rows apart, each in one spelling; what the row leaves open is left out.

    `row` is one of `PolicyEntryForm.rows[name]`, in its types or in JSON. Sentences of targets, who qualifies, evidence and
    topics are for reading: they tell nothing apart.
    """
    if name == "documents":
        parts: dict[str, Any] = {"title": search_text(row["title"]).strip('"'), "number": number_key(row.get("number") or "")}
    elif name == "targets":
        parts = {part: row.get(part) for part in ("comparator", "base", "year")}
        parts |= {"indicator": search_text(row["indicator"]), "unit": search_text(row.get("unit") or "")}
        parts["value"] = figure(row.get("value"))
    else:
        parts = {"currency": row.get("currency"), "kind": row.get("kind"), "apply_by": day(row.get("apply_by"))}
        parts |= {part: figure(row.get(part)) for part in ("amount", "cap")}
        parts["sentence"] = search_text(row.get("sentence") or "")
    return {part: value for part, value in parts.items() if value not in (None, "")}


def row_key(name: str, row: dict[str, Any]) -> tuple[tuple[str, Any], ...]:
    """What two spellings of one row share. The sentence of a sum tells it apart only where no sum is printed."""
    parts = told(name, row)
    if "amount" in parts:
        parts.pop("sentence", None)
    return tuple(sorted(parts.items()))


def holds(name: str, kept: dict[str, Any], row: dict[str, Any]) -> bool:
    """Whether `kept` has all that `row` tells: what one source leaves open is nothing that it says otherwise."""
    return set(row_key(name, row)) <= set(told(name, kept).items())


def row_of(name: str, record: models.Model) -> dict[str, Any]:
    """A recorded row as `told` takes it."""
    parts = {
        "documents": ("title", "number"),
        "targets": ("indicator", "comparator", "value", "unit", "base", "year", "sentence"),
        "incentives": ("amount", "currency", "kind", "cap", "apply_by", "who_qualifies", "evidence_needed", "sentence"),
    }
    return {part: getattr(record, part) for part in parts[name]}


def write_rows(policy: Policy, name: str, rows: Sequence[dict[str, Any]]) -> None:
    """Make the table `name` of `policy` what `rows`, in the types of the form or in JSON, tell, in their order.

    A recorded row that one of them speaks of stays, with its key, its topics and whatever that one leaves open; what says
    the same is not written. The others go.
    """
    there = list(getattr(policy, name).all())
    spoken_of = paired(name, [row_of(name, record) for record in there], rows)
    for at, record in enumerate(there):
        if at not in spoken_of:
            record.delete()
    for position, (row, at) in enumerate(zip(rows, spoken_of, strict=True)):
        record = getattr(policy, name).model(policy=policy) if at is None else there[at]
        write_row(name, record, row, position)


def write_row(name: str, record: models.Model, row: dict[str, Any], position: int) -> None:
    is_new = record.pk is None
    said: dict[str, Any] = {"position": position}
    if is_new or not holds(name, row_of(name, record), row):
        columns = [part for part in row_of(name, record) if row.get(part) not in (None, "")]
        said |= {part: record._meta.get_field(part).to_python(row[part]) for part in columns}  # type: ignore[union-attr]
    changed = {part for part, value in said.items() if getattr(record, part) != value}
    for part in changed:
        setattr(record, part, said[part])
    if is_new or changed:
        record.save()
    if is_new and (topics := row.get("topics")):
        slugs = [getattr(topic, "slug", topic) for topic in topics]
        record.topics.set(Topic.objects.filter(slug__in=slugs))  # type: ignore[attr-defined]


def paired(name: str, there: Sequence[dict[str, Any]], rows: Sequence[dict[str, Any]]) -> list[int | None]:
    """For each of `rows` the place of the one of `there` that it speaks of, or None; none is given twice.

    Those that say the same come first, then those of one subject that agree in most.
    """
    likely = []
    for at, row in enumerate(rows):
        for place, kept in enumerate(there):
            is_same = holds(name, kept, row)
            if is_same or subjects(name, kept) & subjects(name, row):
                agreeing = told(name, kept).items() & told(name, row).items()
                likely.append((not is_same, -len(agreeing), at, place))
    found: dict[int, int] = {}
    for _is_other, _rank, at, place in sorted(likely):
        if at not in found and place not in found.values():
            found[at] = place
    return [found.get(at) for at in range(len(rows))]


def subjects(name: str, row: dict[str, Any]) -> set[tuple[str, str]]:
    """What a row speaks of, apart from its figures: two rows that share any of it speak of one thing."""
    parts = told(name, row)
    if name == "incentives":
        words = FIGURES.sub("", parts.get("sentence", ""))
        return {("sentence", words)} if words else set()
    return {(part, parts[part]) for part in ("title", "number", "indicator") if part in parts}


def figure(value: Any) -> Decimal | None:
    return None if value in (None, "") else Decimal(str(value))


def day(value: Any) -> str | None:
    return value.isoformat() if isinstance(value, dt.date) else value
