"""A draft opened for entry: the form filled from what was read, what its names may mean, and what a person must decide."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.db import models
from django.forms import BaseFormSet, Form
from django.utils.translation import gettext as _

from certifications.forms import StatementEntryForm
from certifications.models import Company, EvidenceKind, Programme, StatementType
from policies.forms import PolicyEntryForm
from policies.models import Level

from . import resolve
from .duplicates import Twin, twins
from .forms import NewsItemForm
from .models import Draft
from .reader.labels import unlabelled

FORMS: dict[str, type[StatementEntryForm | PolicyEntryForm | NewsItemForm]] = {
    Draft.Kind.STATEMENT: StatementEntryForm,
    Draft.Kind.POLICY: PolicyEntryForm,
    Draft.Kind.REPORT: NewsItemForm,
    Draft.Kind.OTHER: NewsItemForm,
}
DATES = {"announced_on", "issued_on"}
EntryForm = StatementEntryForm | PolicyEntryForm | NewsItemForm


@dataclass
class Entry:
    """`kind` is what the reviewer takes the draft for: what it was read as, unless chosen otherwise.

    `is_seen`: a person looked at the form; accept-all does not.
    """

    draft: Draft
    kind: str
    data: Mapping[str, Any] | None = None
    is_seen: bool = True

    @cached_property
    def choices(self) -> dict[str, resolve.Choice]:
        """What the printed names of company, body and region may mean."""
        fields = self.draft.fields
        if self.kind == Draft.Kind.STATEMENT:
            return {
                "company": self._company_choice(),
                "verification_body": resolve.body(self.read("verification_body", "")),
                "region": resolve.region(fields.get("region")),
            }
        return {"region": resolve.region(fields.get("region"))} if self.kind == Draft.Kind.POLICY else {}

    @cached_property
    def form(self) -> EntryForm:
        """Filled from the draft; bound where `data` came from a reviewer."""
        return self._form(self.data)

    def as_sent(self) -> Entry:
        """The entry as if a reviewer had sent the form back without a change: what accept-all works with."""
        sent = Entry(self.draft, self.kind, posted(self._form(None)), is_seen=False)
        sent.__dict__["choices"] = self.choices
        return sent

    @cached_property
    def twins(self) -> list[Twin]:
        """Records like this one: by what the reviewer sent, else by what was read. Empty while the form has errors."""
        if not self.form.is_bound:
            return self.as_sent().twins
        return twins(self.draft, self.form) if self.form.is_valid() else []

    def questions(self) -> list[dict[str, Any]]:
        """The open questions of the contract, as `Draft.questions` keeps them."""
        asked: list[dict[str, Any]] = []
        if self.draft.needs_person:
            asked.append(question("", _("Needs a person: %(why)s") % {"why": self.draft.needs_person}))
        words = {
            "company": _("Which company is it?"),
            "verification_body": _("Which body is it?"),
            "region": _("Which region is it?"),
        }
        for name, choice in self.choices.items():
            if choice.is_open:
                asked.append(question(name, words[name], [candidate.as_json() for candidate in choice.candidates]))
        required = ("company", "statement_type") if self.kind == Draft.Kind.STATEMENT else ("headline",)
        asked += [question(name, _("Not found in the text.")) for name in required if not self.read(name)]
        doubtful = [twin for twin in self.twins if not twin.is_certain]
        if doubtful or len(self.twins) > 1:
            found = [{"id": str(twin.record.pk), "label": str(twin.record), "reason": twin.reason} for twin in self.twins]
            asked.append(question("duplicate", _("Perhaps already recorded."), found))
        return asked

    def read(self, name: str, default: Any = None) -> Any:
        """What the text says for a field, as the draft keeps it."""
        return self.draft.fields.get(name, {}).get("value", default)

    def _company_choice(self) -> resolve.Choice:
        """What the printed name may mean, and the namesakes of the one that the reviewer typed instead."""
        choice = resolve.company(self.read("company", ""), self.read("short_name", ""))
        typed = str((self.data or {}).get("company_name", "")).replace("\0", "").strip()  # the form itself refuses a NUL
        known = {candidate.id for candidate in choice.candidates}
        further = tuple(candidate for candidate in resolve.namesakes(typed) if candidate.id not in known)
        return replace(choice, candidates=choice.candidates + further)

    def _form(self, data: Mapping[str, Any] | None) -> EntryForm:
        if self.kind == Draft.Kind.STATEMENT:
            companies = [(each.id, f"{each.label} · {each.reason}") for each in self.choices["company"].candidates]
            return StatementEntryForm(data, initial=self._statement_initial(), companies=companies)
        if self.kind == Draft.Kind.POLICY:
            return PolicyEntryForm(
                data,
                initial=self._values()
                | {"headline": self.read("headline", self.draft.headline)}
                | {"region": self.choices["region"].chosen, "park_name": self._park_name()},
            )
        return NewsItemForm(data, initial=self._news_initial())

    def _park_name(self) -> str:
        """A park has no code of its own: the region read is who governs it, under the park's name."""
        region = self.read("region") or {}
        return str(region.get("name", "")) if self.read("level") == Level.PARK else ""

    def _values(self) -> dict[str, Any]:
        """What was read, in the types that the forms clean to: only then can they tell what a reviewer changed."""
        values = {name: field["value"] for name, field in self.draft.fields.items()}
        for name in DATES & set(values):
            if len(values[name]) == len("2026-01-16"):
                values[name] = dt.date.fromisoformat(values[name])
        values["targets"] = [row | {"value": decimal(row["value"])} for row in values.get("targets", [])]
        values["incentives"] = [typed_incentive(row) for row in values.get("incentives", [])]
        read = self.draft.fields.get("links", {})
        pairs = zip(values.get("links", []), read.get("each", []), strict=True)
        values["links"] = [row | {"take": is_said(row["kind"], confidence)} for row, confidence in pairs]
        return values

    def _statement_initial(self) -> dict[str, Any]:
        values, region = self._values(), self.choices["region"].chosen
        chosen = self.choices["company"].chosen
        if chosen and not region:
            region = Company.objects.get(pk=chosen).region_id or ""
        result = values.pop("result", None) or {}
        hidden = self.read("is_body_undisclosed", False) or not self.read("verification_body")
        membership = self.read("statement_type", "") in list_memberships()
        programme = Programme.objects.filter(name=values["programme"]).first() if values.get("programme") else None
        return values | {
            "programme": programme and programme.slug,
            "region": region,
            "company": chosen,
            "company_name": values.get("company", ""),
            "is_body_undisclosed": bool(hidden and not membership),
            "result_value": decimal(result.get("value")),
            "result_unit": result.get("unit", ""),
        }

    def _news_initial(self) -> dict[str, Any]:
        heading, _line, body = unlabelled(self.draft.text).partition("\n")
        body = "\n".join(filter(None, map(str.strip, body.splitlines())))
        kind = self.kind if self.kind in (Draft.Kind.REPORT, Draft.Kind.OTHER) else Draft.Kind.OTHER
        read = self._values()
        announced = read.get("announced_on") or read.get("issued_on")
        values = {"headline": self.draft.headline, "section": self.draft.section, "kind": kind, "announced_on": announced}
        return values | {"text": body or heading.strip()}


def form_values(entry: Entry) -> dict[str, Any]:
    """What was entered, by field, with lists in place of query sets; only of a valid form."""
    values = entry.form.values() if isinstance(entry.form, PolicyEntryForm) else entry.form.cleaned_data
    return {name: list(value) if isinstance(value, models.QuerySet) else value for name, value in values.items()}


def is_blank(value: Any) -> bool:
    """Whether an entered value says nothing; a figure of 0 does."""
    return value is None or value is False or value in ("", [])


def is_said(kind: str, confidence: str) -> bool:
    """Whether the text itself says that there is a link (of a local version it says so, if not in this word): then it is ticked
    from the start. What the text only lets one think a person ticks."""
    return confidence == "stated" or kind == "local_version_of"


def typed_incentive(row: dict[str, Any]) -> dict[str, Any]:
    """A read incentive in the types of its form; drafts of earlier times lack the columns behind the currency."""
    day = row.get("apply_by")
    typed = {"amount": decimal(row["amount"]), "cap": decimal(row.get("cap"))}
    return row | typed | {"apply_by": dt.date.fromisoformat(day) if day else None}


def decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def list_memberships() -> set[str]:
    """Slugs of the types whose evidence is a list: they need no verification body."""
    return set(StatementType.objects.filter(evidence_kind=EvidenceKind.LIST_MEMBERSHIP).values_list("slug", flat=True))


def open_draft(draft: Draft, kind: str = "", data: Mapping[str, Any] | None = None) -> Entry:
    """`draft` as what it was read as, or as the `kind` that a reviewer chose (an unknown one is ignored)."""
    return Entry(draft, kind if kind in FORMS else draft.kind, data)


def question(name: str, words: str, candidates: list[dict[str, str]] | None = None) -> dict[str, Any]:
    return {"field": name, "question": words, "candidates": candidates or []}


def posted(form: EntryForm) -> dict[str, Any]:
    """The data that sending `form` back unchanged would give, with its small tables."""
    data = initial_data(form)
    tables: dict[str, BaseFormSet] = getattr(form, "rows", {})
    for name, table in tables.items():
        count = len(table.initial or [])
        data |= {f"{name}-TOTAL_FORMS": count, f"{name}-INITIAL_FORMS": count}
        for row in table.forms[:count]:
            data |= initial_data(row)
    return data


def initial_data(form: Form) -> dict[str, Any]:
    return {form.add_prefix(name): form.get_initial_for_field(field, name) for name, field in form.fields.items()}


def form_errors(form: EntryForm) -> list[tuple[str, str]]:
    """(field label, error) of a bound form and its small tables; "" for what concerns the whole."""
    found = [(label_of(form, name), str(error)) for name, errors in form.errors.items() for error in errors]
    tables: dict[str, BaseFormSet] = getattr(form, "rows", {})
    for table in tables.values():
        found += [("", str(error)) for error in table.non_form_errors()]
        for row in table.forms:
            found += [(label_of(row, name), str(error)) for name, errors in row.errors.items() for error in errors]
    return found


def label_of(form: Form, name: str) -> str:
    return str(form.fields[name].label) if name in form.fields else ""
