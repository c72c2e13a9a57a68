"""Workbooks for the desk of a consultancy: its customers, what falls due, and the week."""

from django.db.models import Case, OuterRef, Subquery, TextField, Value, When
from django.utils import timezone
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from policies.layouts import WEEK_OF_POLICIES
from tanxun.listing.columns import Column
from tanxun.listing.layouts import LaidOut, Layout
from tanxun.listing.wording import DaysUntil

from .due import AHEAD, OVERDUE, is_followed_up, is_running
from .models import VerificationStatement


def next_due():
    """The next day on which a running statement of the company ends that none follows up."""
    ahead = VerificationStatement.objects.filter(is_running(), ~is_followed_up(), due_on__gte=timezone.localdate())
    return Subquery(ahead.filter(company=OuterRef("pk")).order_by("due_on").values("due_on")[:1])


def basis_of_due():
    """Whether the day is printed, or computed from the period."""
    printed, computed = Value(gettext("printed")), Value(gettext("computed"))
    return Case(
        When(due_on=None, then=None), When(is_due_computed=True, then=computed), default=printed, output_field=TextField()
    )


def this_week():
    year, week, _day = timezone.localdate().isocalendar()
    return {"week": [f"{year}-W{week:02}"]}


CUSTOMERS = Layout(
    "customers",
    _("Customer list"),
    (
        LaidOut(
            "companies",
            _("Customer list"),
            (
                "name",
                "other_names",
                "credit_code",
                "region",
                "industry",
                "types",
                "statements",
                "latest_on",
                Column("next_due", _("Next due"), kind="date", text=next_due),
                "parent",
                "website",
            ),
            ("pinyin", "pk"),
        ),
    ),
)

LEADS = Layout(
    "leads",
    _("Companies without a recent statement"),
    (
        LaidOut(
            "companies",
            _("Companies without a recent statement"),
            (
                *("name", "other_names", "region", "industry", "latest_on", "latest_type", "missing_years", "statements"),
                Column("next_due", _("Next due"), kind="date", text=next_due),
                "credit_code",
                "website",
            ),
            ("pinyin", "pk"),
        ),
    ),
    given=lambda: {"gap": ["12"]},
)

DUE = Layout(
    "due",
    pgettext_lazy("workbook", "Due list"),
    (
        LaidOut(
            "statements",
            pgettext_lazy("workbook", "Due list"),
            (
                Column("due_on", _("Due on"), path="due_on", kind="date"),
                Column("days_left", _("Days left"), kind="number", text=lambda: DaysUntil("due_on", timezone.localdate())),
                "company",
                "type",
                "products",
                "body",
                "certificate_number",
                "dated_on",
                "period_end",
                Column("basis", _("Due date is"), text=basis_of_due),
                "validity",
                "region",
                "consultant",
            ),
            ("due_on", "pk"),
        ),
    ),
    given=lambda: {"due": [OVERDUE, *AHEAD]},
)

WEEK = Layout(
    "weekly",
    pgettext_lazy("workbook", "Weekly"),
    (
        WEEK_OF_POLICIES,
        LaidOut(
            "statements",
            _("Statements"),
            ("dated_on", "company", "type", "products", "body", "region", "result", "summary", "source", "source_url"),
            ("-dated_on", "-pk"),
        ),
    ),
    given=this_week,
)
