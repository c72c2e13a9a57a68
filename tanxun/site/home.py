"""The figures of the home board. Each equals the count of the list it links to (tests/test_home.py holds them to it)."""

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import AbstractUser, AnonymousUser
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from certifications.due import AHEAD, OVERDUE, falls_due
from certifications.models import Company, CompanyNote, Conflict, Validity, VerificationBody, VerificationStatement
from certifications.panels import table_rows
from certifications.tally import RowCount, tally
from policies.deadlines import deadlines, with_deadline
from policies.figure_pages import IncentivePage, TargetPage
from policies.models import Policy
from tanxun.digest.models import Digest, Draft, Newsletter
from tanxun.listing.options import days_of
from tanxun.records.proposals import Proposal
from tanxun.regions.models import place_words

LATEST, NEXT, WAITING, FOLLOW_UPS, DEADLINES, ISSUES = 6, 8, 5, 8, 5, 3
DEADLINE_DAYS = 90
Visitor = AbstractUser | AnonymousUser


@dataclass(frozen=True)
class Tile:
    """A figure and the list behind it. `tone` colours it (`expiring`, `expired`) where it asks for work."""

    label: str
    count: RowCount
    url: str
    tone: str = ""


def board(user: Visitor) -> dict[str, Any]:
    """Context of the home page for this visitor: `queues`, `news`, `totals` are tiles; `gaps` too, for staff alone.

    `waiting` are newsletters to review (staff), `follow_ups` notes to come back to (who may write some), `due` the statements
    that fall due next, `deadlines` those of policies; then the latest records, and whether there are any.
    """
    counts = tally(**asked(user))
    return {
        "today": timezone.localdate(),
        "queues": queues(counts, user),
        "news": news(counts),
        "gaps": gaps(counts) if user.is_staff else [],
        "totals": totals(counts),
        "waiting": waiting() if counts["drafts"] else [],
        "follow_ups": follow_ups(user) if counts["follow_ups"] else [],
        "due": table_rows(VerificationStatement.objects.filter(falls_due(*AHEAD)).order_by("due_on", "pk"))[:NEXT],
        "deadlines": [
            (one, place_words(one.region_id) if one.region_id else _("nationwide")) for one in deadlines(DEADLINE_DAYS, DEADLINES)
        ],
        "statements": latest_statements(),
        "policies": Policy.objects.select_related("region")[:LATEST],
        "issues": Digest.objects.published().only("week", "title")[:ISSUES],
        "is_empty": not (counts["statements"] or counts["policies"] or counts["drafts"]),
    }


def asked(user: Visitor) -> dict[str, QuerySet]:
    """What is counted, by name: all by one query, and each no further than a list counts."""
    statements, policies = VerificationStatement.objects.all(), Policy.objects.all()
    holders = Company.objects.filter(Exists(VerificationStatement.objects.filter(company=OuterRef("pk"))))
    common = {
        "overdue": statements.filter(falls_due(OVERDUE)).order_by("-due_on"),
        "soon": statements.filter(falls_due(AHEAD[0])),
        "deadline": with_deadline(),
        "statements": statements,
        "companies": holders,
        "policies": policies,
        "targets": TargetPage.queryset,
        "incentives": IncentivePage.queryset,
        "bodies": VerificationBody.objects.all(),
        "drafts": Draft.objects.filter(status=Draft.Status.PENDING) if user.is_staff else Draft.objects.none(),
        "follow_ups": open_notes(user),
        "to_approve": Proposal.objects.to_decide(user) if user.is_staff else Proposal.objects.none(),
        "told_back": Proposal.objects.told_back(user) if user.is_staff else Proposal.objects.none(),
        "conflicts": Conflict.objects.open().order_by() if user.is_staff else Conflict.objects.none(),
    }
    for period in ("this_week", "last_week"):
        common |= {f"statements_{period}": statements.filter(dated_on__range=days_of(period))}
        common |= {f"policies_{period}": policies.filter(dated_on__range=days_of(period))}
    if not user.is_staff:
        return common
    return common | {
        # A named body is never undisclosed: saying so lets the index on bodies find the few.
        "undisclosed": statements.filter(is_body_undisclosed=True, verification_body=None),
        "undated": statements.with_validity().filter(due_on=None, validity=Validity.UNDATED),
        "nowhere": holders.filter(region=None),
        "no_industry": holders.filter(industry=None),
    }


def open_notes(user: Visitor) -> QuerySet[CompanyNote]:
    """Notes to come back to by the end of this week, as far as this visitor sees them."""
    _monday, sunday = days_of("this_week")
    return CompanyNote.objects.visible_to(user).to_follow_up(sunday).filter(company__deleted_at=None)


def follow_ups(user: Visitor) -> QuerySet[CompanyNote]:
    return open_notes(user).select_related("company", "written_by")[:FOLLOW_UPS]


def waiting() -> QuerySet[Newsletter]:
    """Newsletters with drafts to review, the newest first."""
    pending = Count("drafts", filter=Q(drafts__status=Draft.Status.PENDING))
    found = Newsletter.objects.only("title", "reference_date").annotate(pending=pending).filter(pending__gt=0)
    return found.order_by("-reference_date", "-pk")[:WAITING]


def latest_statements() -> QuerySet[VerificationStatement]:
    parts = ("company", "statement_type", "verification_body", "recognised_by", "programme")
    return VerificationStatement.objects.select_related(*parts)[:LATEST]


def queues(counts: dict[str, RowCount], user: Visitor) -> list[Tile]:
    """What asks for work."""
    drafts = [Tile(_("Drafts to review"), counts["drafts"], reverse("digest:inbox"))] if user.is_staff else []
    conflicts = [Tile(_("Sources that disagree"), counts["conflicts"], reverse("certifications:conflicts"), "expiring")]
    notes = [Tile(_("Notes to follow up this week"), counts["follow_ups"], "#follow-ups", "expiring")]
    approvals = [Tile(_("Changes to approve"), counts["to_approve"], reverse("approvals"), "expiring")]
    told_back = [Tile(_("Changes returned to you"), counts["told_back"], reverse("approvals") + "?state=returned", "expired")]
    return [
        *drafts,
        *(approvals if counts["to_approve"] else []),
        *(told_back if counts["told_back"] else []),
        *(conflicts if counts["conflicts"] else []),
        *(notes if counts["follow_ups"] else []),
        Tile(_("Overdue"), counts["overdue"], listed("statements", f"due={OVERDUE}"), "expired"),
        Tile(_("Due within 30 days"), counts["soon"], listed("statements", f"due={AHEAD[0]}"), "expiring"),
        Tile(_("Policies with a deadline to come"), counts["deadline"], listed("policies", "has=deadline")),
    ]


def news(counts: dict[str, RowCount]) -> list[Tile]:
    """What is new: on a Monday the week that has just ended."""
    labels = {
        "statements_this_week": _("Statements of this week"),
        "statements_last_week": _("Statements of last week"),
        "policies_this_week": _("Policies of this week"),
        "policies_last_week": _("Policies of last week"),
    }
    return [
        Tile(label, counts[name], listed(name.split("_")[0], f"issued={name.partition('_')[2]}"))
        for name, label in labels.items()
    ]


def gaps(counts: dict[str, RowCount]) -> list[Tile]:
    """What the records do not say."""
    return [
        Tile(_("Statements with an undisclosed body"), counts["undisclosed"], listed("statements", "body=undisclosed")),
        Tile(_("Statements without an end or due date"), counts["undated"], listed("statements", "validity=undated")),
        Tile(_("Companies without a region"), counts["nowhere"], listed("companies", "region=none")),
        Tile(_("Companies without an industry"), counts["no_industry"], listed("companies", "industry=none")),
    ]


def totals(counts: dict[str, RowCount]) -> list[Tile]:
    """How much there is."""
    return [
        Tile(_("Statements"), counts["statements"], listed("statements")),
        Tile(_("Companies"), counts["companies"], listed("companies")),
        Tile(_("Policies"), counts["policies"], listed("policies")),
        Tile(_("Targets"), counts["targets"], listed("targets")),
        Tile(_("Incentives"), counts["incentives"], listed("incentives")),
        Tile(_("Bodies"), counts["bodies"], listed("bodies")),
    ]


def listed(page: str, query: str = "") -> str:
    """Address of a list page with that filter."""
    return reverse(page) + (f"?{query}" if query else "")
