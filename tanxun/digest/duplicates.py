"""Records that a draft may be a second report of: certain ones are merged, doubtful ones are shown side by side."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher

from django.db.models import Q
from django.utils.translation import gettext as _

from certifications.forms import StatementEntryForm, same_number
from certifications.models import Product, VerificationStatement
from policies.forms import PolicyEntryForm, known_issuing_body
from policies.models import Policy
from tanxun.records.days import around
from tanxun.search.fold import fold, number_key

from .forms import NewsItemForm
from .models import Draft, NewsItem

Accepted = VerificationStatement | Policy | NewsItem
ALIKE = 0.6
POLICY_DAYS = 45


@dataclass(frozen=True)
class Twin:
    """A record like the draft. `is_certain`: nothing that tells records apart differs, so merging loses nothing."""

    record: Accepted
    reason: str
    is_certain: bool = False


def twins(draft: Draft, form: StatementEntryForm | PolicyEntryForm | NewsItemForm) -> list[Twin]:
    """The records that the valid `form` of `draft` may repeat, certain ones first.

    Nothing is certain within one newsletter (an issue does not report the same thing twice by design), nor for an item
    that an edited reissue has changed.
    """
    if isinstance(form, StatementEntryForm):
        found = statement_twins(form, draft.source_on)
    elif isinstance(form, PolicyEntryForm):
        found = policy_twins(form, draft.source_on)
    else:
        found = news_twins(form, draft.source_on)
    before = draft.changed_from.record if draft.changed_from else None
    if before and before.deleted_at is None and before not in [twin.record for twin in found]:
        found = [Twin(before, _("accepted from the earlier wording of this item")), *found]
    kept = [Twin(t.record, t.reason, t.is_certain and not before and not within_issue(draft, t.record)) for t in found]
    return sorted(kept, key=lambda twin: not twin.is_certain)


def within_issue(draft: Draft, record: Accepted) -> bool:
    """Whether `record` came from another item of the same newsletter."""
    return record.drafts.filter(newsletter=draft.newsletter_id).exclude(pk=draft.pk).exists()


def statement_twins(form: StatementEntryForm, source_on: dt.date) -> list[Twin]:
    """Statements of the same company and type within 120 days: with the same body, or where one of the two hides it."""
    values, company, body = form.cleaned_data, form.known_company, form.known_body
    if company is None:
        return []
    names = {fold(name) for name in values["products"]}
    products = list(Product.objects.filter(company=company, name_folded__in=names))
    mine = VerificationStatement(company=company, statement_type=values["statement_type"], verification_body=body)
    mine.dated_on = values["issued_on"] or values["announced_on"] or source_on
    rows = [] if values["verification_body"] and body is None else list(VerificationStatement.objects.similar_to(mine, products))
    if names and not products:  # every product is new: only what names none may be the same
        rows = [row for row in rows if not row.products.exists()]
    number = values["certificate_number"]
    found = []
    for row in rows:
        if number and row.certificate_number and not same_number(number, row.certificate_number):
            continue
        same_number_or_none = same_number(number, row.certificate_number)
        same_products = {product.name_folded for product in row.products.all()} == names
        same_week = row.dated_on.isocalendar()[:2] == mine.dated_on.isocalendar()[:2]
        certain = same_number_or_none and same_products and same_week and row.is_body_undisclosed == values["is_body_undisclosed"]
        found.append(Twin(row, _("same company, type and body within 120 days"), certain))
    return found + _with_number(form, rows) + _one_hidden(form, mine, rows)


def _with_number(form: StatementEntryForm, known: list[VerificationStatement]) -> list[Twin]:
    number, body = form.cleaned_data["certificate_number"], form.known_body
    if not number or body is None:
        return []
    rows = VerificationStatement.objects.numbered([number_key(number)]).filter(verification_body=body)
    return [Twin(row, _("same body and certificate number")) for row in rows.exclude(pk__in=[row.pk for row in known])]


def _one_hidden(form: StatementEntryForm, mine: VerificationStatement, known: list[VerificationStatement]) -> list[Twin]:
    """One source names the body, the other hides it: perhaps one statement. Only with the same products and in the same month."""
    hidden = form.cleaned_data["is_body_undisclosed"]
    rows = VerificationStatement.objects.filter(
        company=mine.company_id,
        statement_type=mine.statement_type_id,
        is_body_undisclosed=not hidden,
        dated_on__range=around(mine.dated_on, 31),
    ).exclude(pk__in=[row.pk for row in known])
    if not hidden and not form.cleaned_data["verification_body"]:
        return []
    names = {fold(name) for name in form.cleaned_data["products"]}
    return [
        Twin(row, _("same company, type and products; one source does not disclose the body"))
        for row in rows.filter(verification_body__isnull=not hidden)
        if {product.name_folded for product in row.products.all()} == names
    ]


def policy_twins(form: PolicyEntryForm, source_on: dt.date) -> list[Twin]:
    """Policies with a document of the same title; without documents, of the same bodies and day with a like headline."""
    values = form.values()
    titles = {fold(row["title"]) for row in values["documents"]}
    day = values["issued_on"] or source_on
    bodies = {body.pk if (body := known_issuing_body(name)) else name for name in values["issuing_bodies"]}
    near = Q(dated_on__range=around(day, POLICY_DAYS))
    printed = Q(documents__title__in=[row["title"] for row in values["documents"]])
    rows = Policy.objects.filter(near | printed).distinct().prefetch_related("documents", "issuers")
    found = []
    for row in rows:
        theirs = {fold(document.title) for document in row.documents.all()}
        same_bodies = {issuer.body_id for issuer in row.issuers.all()} == bodies
        same_day = row.issued_on == values["issued_on"]
        if titles & theirs:
            found.append(Twin(row, _("same document"), titles == theirs and same_bodies and same_day))
        elif not (titles and theirs) and same_bodies and bodies and same_day:
            likeness = SequenceMatcher(None, fold(row.headline), fold(values["headline"])).ratio()
            if likeness >= ALIKE:
                certain = likeness == 1 and not titles and not theirs
                found.append(Twin(row, _("same issuing bodies and date, like headline"), certain))
    return found


def news_twins(form: NewsItemForm, source_on: dt.date) -> list[Twin]:
    """News items of the weeks around with the same, or nearly the same, headline."""
    headline = fold(form.cleaned_data["headline"])
    day = form.cleaned_data["announced_on"] or source_on
    rows: Iterable[NewsItem] = NewsItem.objects.filter(dated_on__range=around(day, POLICY_DAYS))
    found = []
    for row in rows:
        likeness = SequenceMatcher(None, row.headline_folded, headline).ratio()
        if likeness >= ALIKE:
            same_week = row.dated_on.isocalendar()[:2] == day.isocalendar()[:2]
            found.append(Twin(row, _("like headline"), likeness == 1 and same_week))
    return found
