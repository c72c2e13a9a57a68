"""What falls due, and when: the end of a certificate, the next statement for a period, the yearly duty of a listed company.

Asked by the due board, the home board, and the filter `due` of the statement list, so that all three count the same rows.
A statement that a later one follows up, that the register ended or that was taken off its list falls due no more.
"""

import datetime as dt
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import BigIntegerField, Case, CharField, Exists, ExpressionWrapper, OuterRef, Q, When
from django.db.models.functions import Coalesce, ExtractDay, ExtractMonth
from django.db.models.lookups import GreaterThanOrEqual
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tanxun.listing.options import ChoiceFilter, OneChoiceFilter

from .models import StatementType, ValidityRule, VerificationStatement
from .models.memberships import NOT_YET
from .models.validity import ENDED_BY_REGISTER, add_months

OVERDUE, DUTY = "overdue", "duty"
DAYS = (30, 60, 90)
WINDOW = DAYS[-1]
AHEAD = tuple(str(days) for days in DAYS)
FIRST_LISTS = 1990  # no list that counts here is older
BANDS = (
    (OVERDUE, _("overdue")),
    ("30", _("due within 30 days")),
    ("60", _("due in 31 to 60 days")),
    ("90", _("due in 61 to 90 days")),
    (DUTY, _("yearly duty within 90 days")),
)

EXPIRY, PERIOD = "expiry", "period"
KINDS = (
    (EXPIRY, _("the end of a certificate")),
    (PERIOD, _("the next statement for a period")),
    (DUTY, _("the yearly duty of a list")),
)


def is_running() -> Q:
    """Neither ended by the register nor taken off its list."""
    return ~Q(register_status__in=ENDED_BY_REGISTER) & (Q(removed_on=None) | Q(removed_on__gt=timezone.localdate()))


def is_followed_up() -> Q:
    """Another running statement says that it replaces this one, or is of its company, type and programme and good for longer.

    Where this one names products, only one that shares a product follows it up: another product's certificate does not. Who is
    only on the way onto a list follows up at most what was on the way, too.
    """
    link = VerificationStatement.products.through.objects
    own = link.filter(verificationstatement=OuterRef(OuterRef("pk")))
    shared = link.filter(
        verificationstatement=OuterRef("pk"),
        product__in=link.filter(verificationstatement=OuterRef(OuterRef(OuterRef("pk")))).values("product"),
    )
    others = VerificationStatement.objects.filter(is_running())
    later = others.filter(~Exists(own) | Exists(shared), company=OuterRef("company"), statement_type=OuterRef("statement_type"))
    later = later.alias(list_of=programme_key("programme")).filter(list_of=programme_key(OuterRef("programme")))
    followed = ExpressionWrapper(OuterRef("list_stage"), CharField())
    later = later.alias(followed=followed).filter(~Q(list_stage__in=NOT_YET) | Q(followed__in=NOT_YET))
    # Two probes of an index each, rather than one with a choice in it; and what is replaced as a list made once, asked for as
    # a range: SQLite would else read the whole table for it, for every row, where hardly any statement names what it replaces.
    longer = later.filter(due_on__gt=OuterRef("due_on"))
    endless = later.filter(due_on=None, dated_on__gt=OuterRef("dated_on"))
    return Q(Exists(longer)) | Q(Exists(endless)) | Q(pk__in=others.filter(replaces__gt=0).values("replaces"))


def programme_key(programme: Any) -> Any:
    """By which two programmes are compared; no programme is the same as none."""
    return Coalesce(programme, 0, output_field=BigIntegerField())


def span(band: str) -> tuple[dt.date | None, dt.date]:
    """First and last due date of a band of days; what is overdue has no first."""
    today = timezone.localdate()
    if band == OVERDUE:
        return None, today - dt.timedelta(days=1)
    place = AHEAD.index(band)
    first = today + dt.timedelta(days=DAYS[place - 1] + 1) if place else today
    return first, today + dt.timedelta(days=DAYS[place])


def spans_of(bands: list[str]) -> list[tuple[dt.date | None, dt.date]]:
    """The spans of these bands in order, neighbours as one: one range of the index, read in its order."""
    spans: list[tuple[dt.date | None, dt.date]] = []
    for first, last in map(span, bands):
        if spans and first == spans[-1][1] + dt.timedelta(days=1):
            spans[-1] = spans[-1][0], last
        else:
            spans.append((first, last))
    return spans


def falls_due(*bands: str) -> Q:
    """Statements in any of these bands."""
    spans = spans_of([band for band in (OVERDUE, *AHEAD) if band in bands])
    wanted = Q(pk__in=[])
    if spans:
        between = reduce(or_, (Q(due_on__lte=last) & (Q(due_on__gte=first) if first else Q()) for first, last in spans))
        wanted = between & is_running() & ~is_followed_up()
    return wanted | has_yearly_duty() if DUTY in bands else wanted


def has_yearly_duty() -> Q:
    """Listed companies whose day of listing comes round within the window: lists ask for a report every year. Who is only on
    the way onto one owes it none.

    No source prints that day, so it is never overdue: computed, and shown as such.
    """
    today = timezone.localdate()
    last = today + dt.timedelta(days=WINDOW)
    years = range(1, last.year - FIRST_LISTS)
    rounds = reduce(or_, (Q(dated_on__range=(add_months(today, -12 * n), add_months(last, -12 * n))) for n in years))
    listed = StatementType.objects.filter(validity_rule=ValidityRule.MEMBERSHIP)
    return rounds & Q(due_on=None, statement_type__in=listed.values("pk")) & ~Q(list_stage__in=NOT_YET) & is_running()


def in_order_of_duty() -> tuple[Any, ...]:
    """How to order listed companies by the day on which their duty comes round, from today on."""
    today = timezone.localdate()
    day = ExtractMonth("dated_on") * 100 + ExtractDay("dated_on")
    is_next_year = Case(When(GreaterThanOrEqual(day, today.month * 100 + today.day), then=0), default=1)
    return is_next_year, day, "pk"


def duty_on(listed_on: dt.date) -> dt.date:
    """The next day, today or later, on which the day of listing comes round."""
    today = timezone.localdate()
    years = today.year - listed_on.year
    day = add_months(listed_on, 12 * years)
    return day if day >= today else add_months(listed_on, 12 * (years + 1))


def of_kind(kind: str) -> Q:
    """Statements whose due date comes from that rule: printed, computed from the period, or by the yearly round of a list."""
    if kind == DUTY:
        return has_yearly_duty()
    return Q(due_on__isnull=False, is_due_computed=kind == PERIOD) if kind in (EXPIRY, PERIOD) else Q(pk__in=[])


class DueFilter(ChoiceFilter):
    """`due=overdue`, `30`, `60`, `90`, `duty`: the bands of the due board. `none` is a statement without a due date."""

    def __init__(self, **kwargs):
        super().__init__(choices=BANDS, control="hidden", **kwargs)

    def chosen(self, options):
        return falls_due(*(option.value for option in options))

    def empty(self):
        return Q(due_on=None)


class DueKindFilter(OneChoiceFilter):
    """`due_kind=expiry`, `period`, `duty`: by which rule. With `due` it makes every list that the due board links to."""

    def __init__(self, **kwargs):
        super().__init__(choices=KINDS, applies=of_kind, **kwargs)
        self.control = "hidden"
