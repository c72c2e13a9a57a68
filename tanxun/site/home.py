"""The figures of the home board. Each equals the count of the list it links to (tests/test_home.py holds them to it)."""

import datetime as dt
from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from certifications.models import Company, Validity, VerificationBody, VerificationStatement
from policies.models import Policy
from tanxun.digest.models import Draft

LATEST = 8


@dataclass(frozen=True)
class Tile:
    """A figure and the list behind it. `tone` colours it (`expiring`, `expired`) where it asks for work."""

    label: str
    count: int
    url: str
    tone: str = ""


def this_week() -> tuple[dt.date, dt.date]:
    """Monday and Sunday of the current ISO week."""
    today = timezone.localdate()
    monday = today - dt.timedelta(days=today.weekday())
    return monday, monday + dt.timedelta(days=6)


def board(*, reviews: bool) -> dict[str, object]:
    """Context of the home page: `queues`, `gaps` and `totals` are tiles; then the latest records, and whether there are any."""
    statements, policies, companies = statement_counts(), policy_counts(), company_counts()
    drafts = Draft.objects.filter(status=Draft.Status.PENDING).count() if reviews else 0
    to_review = [Tile(_("Drafts to review"), drafts, reverse("digest:inbox"))] if reviews else []
    latest = VerificationStatement.objects.select_related("company", "statement_type", "verification_body", "recognised_by")
    return {
        "queues": to_review + queues(statements, policies),
        "gaps": gaps(statements, companies),
        "totals": totals(statements, policies, companies),
        "statements": latest[:LATEST],
        "policies": Policy.objects.select_related("region")[:LATEST],
        "is_empty": not (statements["all"] or policies["all"] or drafts),
    }


def queues(statements: dict[str, int], policies: dict[str, int]) -> list[Tile]:
    """What asks for work, and what is new."""
    return [
        Tile(_("Expiring within 90 days"), statements["expiring"], listed("statements", "validity=expiring"), "expiring"),
        Tile(_("Expired"), statements["expired"], listed("statements", "validity=expired"), "expired"),
        Tile(_("Statements of this week"), statements["new"], listed("statements", "issued=this_week")),
        Tile(_("Policies of this week"), policies["new"], listed("policies", "issued=this_week")),
    ]


def gaps(statements: dict[str, int], companies: dict[str, int]) -> list[Tile]:
    """What the records do not say."""
    return [
        Tile(_("Statements with an undisclosed body"), statements["undisclosed"], listed("statements", "body=undisclosed")),
        Tile(_("Statements without an end or due date"), statements["undated"], listed("statements", "validity=undated")),
        Tile(_("Companies without a region"), companies["nowhere"], listed("companies", "region=none")),
        Tile(_("Companies without an industry"), companies["no_industry"], listed("companies", "industry=none")),
    ]


def totals(statements: dict[str, int], policies: dict[str, int], companies: dict[str, int]) -> list[Tile]:
    """How much there is."""
    return [
        Tile(_("Statements"), statements["all"], listed("statements")),
        Tile(_("Companies"), companies["all"], listed("companies")),
        Tile(_("Policies"), policies["all"], listed("policies")),
        Tile(_("Bodies"), VerificationBody.objects.count(), listed("bodies")),
    ]


def listed(page: str, query: str = "") -> str:
    """Address of a list page with that filter."""
    return reverse(page) + (f"?{query}" if query else "")


def statement_counts() -> dict[str, int]:
    return VerificationStatement.objects.with_validity().aggregate(
        all=Count("pk"),
        expiring=Count("pk", filter=Q(validity=Validity.EXPIRING)),
        expired=Count("pk", filter=Q(validity=Validity.EXPIRED)),
        undated=Count("pk", filter=Q(validity=Validity.UNDATED)),
        undisclosed=Count("pk", filter=Q(is_body_undisclosed=True)),
        new=Count("pk", filter=Q(dated_on__range=this_week())),
    )


def policy_counts() -> dict[str, int]:
    return Policy.objects.aggregate(all=Count("pk"), new=Count("pk", filter=Q(dated_on__range=this_week())))


def company_counts() -> dict[str, int]:
    """Companies that hold a statement, as their list shows them."""
    holders = Company.objects.filter(Exists(VerificationStatement.objects.filter(company=OuterRef("pk"))))
    return holders.aggregate(
        all=Count("pk"), nowhere=Count("pk", filter=Q(region=None)), no_industry=Count("pk", filter=Q(industry=None))
    )
