"""What the digest shows on other pages: the sentences that a record was read from, and the news that a company was in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.http import HttpRequest
from django.utils.translation import gettext as _

from certifications.forms import StatementEntryForm
from certifications.models import Company
from policies.forms import ROWS, PolicyEntryForm

from .desk import CONFIDENCE, address
from .duplicates import Accepted
from .forms import NewsItemForm
from .models import Draft, NewsItem
from .passages import Sentence, sentence, sentences, spans_of

SHOWN = 8
WORDS = 60
Panel = tuple[str, dict[str, Any]] | None
KEPT = (Draft.Status.ACCEPTED, Draft.Status.MERGED)


@dataclass(frozen=True)
class Said:
    """One field: its label, the words that say it and their sentence, how sure the reading was, whether it was corrected."""

    label: str
    words: str
    sentence: str
    confidence: str
    is_corrected: bool


@dataclass(frozen=True)
class Source:
    """One draft behind a record: the sentences that say something, and what each field was read from.

    `is_short`: few enough fields to show them at once.
    """

    draft: Draft
    sentences: tuple[Sentence, ...]
    fields: tuple[Said, ...]
    url: str

    @property
    def is_short(self) -> bool:
        return self.draft.kind == Draft.Kind.STATEMENT


def sources(request: HttpRequest, record: Accepted) -> Panel:
    """The source sentences of a record, one block for every item that it was accepted from or merged with."""
    drafts = record.drafts.filter(status__in=KEPT).select_related("newsletter", "reviewed_by").order_by("reviewed_at", "pk")
    is_reviewer = request.user.has_perm("site.review_drafts")
    found = [source(draft, is_reviewer) for draft in drafts[:SHOWN]]
    return ("digest/_sources.html", {"sources": found}) if found else None


def source(draft: Draft, is_reviewer: bool) -> Source:
    text = draft.newsletter.text
    spans = [(name, start, end) for name, start, end in spans_of(draft.fields) if name != "section"]
    said = tuple(one for one in sentences(text, draft.start, draft.end, spans) if one.says)
    fields = tuple(
        Said(
            label(name),
            words(draft, name),
            sentence(text, *read["spans"][0]),
            str(CONFIDENCE[read["confidence"]]),
            name in draft.corrections,
        )
        for name, read in draft.fields.items()
        if read["spans"] and name != "section"
    )
    return Source(draft, said, fields, address(draft) if is_reviewer else "")


def words(draft: Draft, name: str) -> str:
    """The printed words behind a field, shortened."""
    text = draft.newsletter.text
    printed = "；".join(text[start:end] for start, end in draft.fields[name]["spans"])
    return printed if len(printed) <= WORDS else f"{printed[:WORDS]}…"


def label(name: str) -> str:
    """How the entry forms call a field of a draft."""
    if name in ROWS:
        return str(ROWS[name].title)
    own = {"result": _("Result"), "company": _("Company")}
    known = {**NewsItemForm.base_fields, **PolicyEntryForm.base_fields, **StatementEntryForm.base_fields}
    return str(own.get(name) or known[name].label)


def news(request: HttpRequest, company: Company) -> Panel:
    """News items that name the company, and the issues whose items became its statements."""
    names = {company.name, *(other.name for other in company.names.all())}
    named = Q()
    for name in (each for each in names if len(each) > 1):
        named |= Q(text__contains=name) | Q(headline__contains=name)
    items = NewsItem.objects.filter(named)[:SHOWN] if named else []
    drafts = Draft.objects.filter(Q(statement__company=company) | Q(statement__consultant=company), status__in=KEPT)
    drafts = drafts.filter(statement__deleted_at__isnull=True).select_related("newsletter", "statement")
    reports: dict[tuple[int, int], dict[str, Any]] = {}
    for draft in drafts.order_by("-newsletter__reference_date", "newsletter", "order", "part")[: SHOWN * 3]:
        # An item with several statements is one piece of news.
        words = sentence(draft.newsletter.text, *first_span(draft))
        reports.setdefault((draft.newsletter_id, draft.order), {"draft": draft, "words": words})
    if not items and not reports:
        return None
    return "digest/_news.html", {"items": items, "reports": list(reports.values())[:SHOWN]}


def first_span(draft: Draft) -> tuple[int, int]:
    """The words that name the company, else the heading."""
    spans = draft.fields.get("company", {}).get("spans") or [[draft.start, draft.start + len(draft.headline)]]
    return spans[0][0], spans[0][1]
