"""What a reviewer changed of a reading, by the reader's field names. Recorded by `review`, measured by `accuracy`."""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from decimal import Decimal
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

from certifications.forms import code_and_edition, known_body, known_consultant, result_fields
from policies.forms import ROWS, known_issuing_body
from policies.told import TABLES, figure, row_key
from tanxun.listing.columns import known_day
from tanxun.regions.models import Region
from tanxun.search.fold import number_key, search_text

from .entry import FORMS, Entry, form_values, is_blank
from .models import Draft

# Fields of the forms that were read under another name.
READ_AS = {"company_name": "company", "result_value": "result", "result_unit": "result"}
# Which record is meant, free words, and how far on a list a company is: the reader does not say them. The kind is told apart
# by the entry itself.
NOT_READ = {"company", "kind", "text", "summary", "programme", "tier", "batch", "list_stage", "removed_on", "register_status"}


def corrections(entry: Entry) -> dict[str, list[Any]]:
    """{field: [what was read, what was accepted]} of what differs, in the names and the JSON of `Draft.fields`; None is empty.

    Another spelling or another order of the same is no correction, nor is what the form filled in from known records. Of an
    item recorded as another kind, "kind" stands with it, and what was read for the other kind is accepted as nothing.
    """
    form, draft = entry.form, entry.draft
    changed = dict.fromkeys(READ_AS.get(name, name) for name in form.changed_data if name not in NOT_READ)
    if entry.kind == draft.kind and "links" in draft.fields:
        changed["links"] = None  # what was not ticked was not accepted, whether or not the tick was changed
    entered, found = entered_values(entry), {}
    for name in changed:
        read = entry.read(name)
        accepted = spelled_as_read(name, read, entered.get(name))
        before, after = parts(read), parts(accepted)
        if len(before) != len(after) or not all(same_parts(before, after)):
            found[name] = [read, None if is_blank(accepted) else accepted]
    if entry.kind != draft.kind:
        asked = fields_asked(draft.kind) - fields_asked(entry.kind)
        found |= {name: [draft.fields[name]["value"], None] for name in draft.fields if name in asked}
        found["kind"] = [draft.kind, entry.kind]
    return found


def fields_asked(kind: str) -> set[str]:
    """The fields, by the reader's names, that the desk shows for `kind`: only these were seen by a reviewer."""
    tables = set(ROWS) if kind == Draft.Kind.POLICY else set()
    return {READ_AS.get(name, name) for name in FORMS[kind].base_fields if name not in NOT_READ} | tables


def entered_values(entry: Entry) -> dict[str, Any]:
    """What was entered, by the reader's names, as JSON."""
    values = json.loads(json.dumps(form_values(entry), cls=PlainEncoder))
    figure, unit = values.pop("result_value", None), values.pop("result_unit", "")
    values["result"] = None if figure is None else {"value": figure, "unit": unit}
    for name, precision in getattr(entry.form, "precisions", {}).items():
        values[name] = str(known_day(dt.date.fromisoformat(values[name]), precision))
    return {READ_AS.get(name, name): value for name, value in values.items() if name not in NOT_READ}


class PlainEncoder(DjangoJSONEncoder):
    """Records by their key, as the reader names them."""

    def default(self, o: Any) -> Any:
        if isinstance(o, Region):
            return {"code": o.code, "name": o.name}
        if isinstance(o, Decimal):
            return format(o.normalize(), "f")
        return getattr(o, "slug", o.pk) if isinstance(o, models.Model) else super().default(o)


def spelled_as_read(name: str, read: Any, accepted: Any) -> Any:
    """`accepted`, each value that only spells a read one differently put back into the reader's spelling."""
    if isinstance(accepted, list):
        known = {same_key(name, value): value for value in read or []}
        return [known.get(same_key(name, value), value) for value in accepted]
    if is_blank(read) or is_blank(accepted) or same_key(name, read) != same_key(name, accepted):
        return accepted
    return read


def parts(value: Any) -> list[Any]:
    """The values of a field that count: each of a list, one otherwise, none of an empty field."""
    return value if isinstance(value, list) else [] if is_blank(value) else [value]


def same_parts(values: list[Any], others: list[Any]) -> list[bool]:
    """For each of `values` whether it is among `others`; what stands twice must be there twice."""
    left, found = Counter(json.dumps(other, sort_keys=True) for other in others), []
    for value in values:
        key = json.dumps(value, sort_keys=True)
        found.append(left[key] > 0)
        left[key] -= 1
    return found


def same_key(name: str, value: Any) -> Any:
    """What two spellings of one value of a field share."""
    if isinstance(value, dict):
        return value_key(name, value)
    if not isinstance(value, str):
        return value
    if name == "certificate_number":
        return number_key(value)
    if name == "standards":
        code, edition = code_and_edition(value)
        return search_text(code), edition
    known = {"verification_body": known_body, "issuing_bodies": known_issuing_body, "consultant": known_consultant}.get(name)
    record = known(value) if known else None
    return record.pk if record else search_text(value).strip('"')


def value_key(name: str, value: dict[str, Any]) -> Any:
    """The same for a value of several parts."""
    if name == "region":
        return value["code"]
    if name in TABLES:
        return row_key(name, value)
    if name == "links":
        return value["kind"], search_text(value["title"]).strip('"')
    columns = result_fields(Decimal(value["value"]), value["unit"])
    printed = figure(value["value"]), search_text(value["unit"])
    measured = columns["emissions_tco2e"], columns["footprint_kgco2e"]
    return (*measured, search_text(str(columns["declared_unit"]))) if any(measured) else printed


def accepted_values(draft: Draft) -> dict[str, Any]:
    """{field: value} of what a reviewed draft was accepted as, in the JSON of `Draft.fields`; nothing for empty ones."""
    read = {name: field["value"] for name, field in draft.fields.items()}
    values = read | {name: accepted for name, (_read, accepted) in draft.corrections.items() if name != "kind"}
    return {name: value for name, value in values.items() if not is_blank(value)}
