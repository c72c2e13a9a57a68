"""The days of statements for calendars: when each ends or the next falls due, and what was called off. Called by list pages."""

import datetime as dt
from typing import Any

from django.db.models import BooleanField, Case, F, Max, OuterRef, Q, QuerySet, Subquery, Value, When
from django.urls import reverse
from django.utils.translation import gettext as _

from tanxun.listing.agenda import EPOCH, LIMIT, Event, first_day, in_order, kept_since, written
from tanxun.listing.page import Rows

from .due import duty_on, is_followed_up, is_running
from .models import VerificationStatement

KIND, DUTY_KIND = "statement", "duty"
SHOWN = ("company", "statement_type", "verification_body", "programme")


def statement_days(rows: Rows) -> list[Event]:
    """The due dates of what the list finds. Called off is what was deleted, ended by the register or taken off its list, what
    a later statement follows up, and what lost its date.
    """
    found = rows.filters.filter_queryset(VerificationStatement.with_deleted.all())
    return in_order(events([*dated(found.filter(still_kept())), *without_date(found)]))


def still_kept() -> Q:
    return Q(deleted_at=None) | Q(deleted_at__gte=kept_since())


def dated(found: QuerySet[VerificationStatement]) -> QuerySet[VerificationStatement]:
    """Those with a day to come, soonest first, each with whether it was called off."""
    stands = Case(When(Q(is_running(), deleted_at=None) & ~is_followed_up(), then=Value(True)), default=Value(False))
    rows = found.filter(due_on__gte=first_day()).annotate(day=F("due_on"), stands=stands)
    return rows.select_related(*SHOWN).order_by("due_on", "pk")[:LIMIT]


def without_date(found: QuerySet[VerificationStatement]) -> QuerySet[VerificationStatement]:
    """Those that lost their date lately, with the last that they had."""
    history: Any = VerificationStatement.history.model
    last = history.objects.filter(id=OuterRef("pk"), due_on__isnull=False).order_by("-history_date", "-history_id")
    # A sheet may bring in a hundred thousand without a date at once: only what was changed lately is looked at further.
    changed = history.objects.filter(history_date__gte=kept_since(), history_type="~", due_on=None).order_by().values("id")
    rows = found.filter(still_kept(), due_on=None, pk__in=changed)
    rows = rows.annotate(day=Subquery(last.values("due_on")[:1]), stands=Value(False, BooleanField())).filter(
        day__gte=first_day()
    )
    return rows.select_related(*SHOWN).order_by("day", "pk")[:LIMIT]


def events(statements: list[VerificationStatement]) -> list[Event]:
    """By two more queries: what their histories tell, and when anything of their companies was last written."""
    own = written(VerificationStatement, [one.pk for one in statements])
    around = touched(one.company_id for one in statements)
    made = []
    for one in statements:
        changed = max(one.updated_at, one.company.updated_at, own.get(one.pk, EPOCH), around[one.company_id])
        address = reverse("certifications:statement", args=[one.pk])
        title, lines = words(one)
        made.append(Event(KIND, one.pk, one.day, title, address, changed, lines, is_cancelled=not one.stands))
    return made


def touched(companies: Any) -> dict[int, dt.datetime]:
    """By company when one of its statements was last written, deleted ones too: a later one may call off an earlier one's day."""
    rows = VerificationStatement.with_deleted.filter(company__in=set(companies)).order_by().values_list("company")
    return dict(rows.annotate(Max("updated_at")))


def words(one: VerificationStatement) -> tuple[str, tuple[str, ...]]:
    """Title and lines; a computed day says that it is."""
    what = f"{one.company} · {one.statement_type}"
    if beside := one.beside_type:
        what = f"{what} · {beside}"
    title = _("Next due (computed): %(what)s") if one.is_due_computed else _("Valid until: %(what)s")
    return title % {"what": what}, (
        body_line(one),
        _("Certificate number: %(number)s") % {"number": one.certificate_number} if one.certificate_number else "",
        _("Computed from the period covered; no source prints this day.") if one.is_due_computed else "",
    )


def body_line(one: VerificationStatement) -> str:
    """The body; that it is undisclosed where the source does not name it; nothing where nothing is known."""
    if one.verification_body:
        return _("Verification body: %(name)s") % {"name": one.verification_body}
    return _("Verification body: undisclosed") if one.is_body_undisclosed else ""


def duty_days(found: QuerySet[VerificationStatement]) -> list[Event]:
    """The yearly duties of listed companies: computed, and said to be."""
    listed = list(found.select_related(*SHOWN)[:LIMIT])
    own = written(VerificationStatement, [one.pk for one in listed])
    made = []
    for one in listed:
        day = duty_on(one.dated_on)
        title = _("Yearly duty (computed): %(what)s") % {"what": f"{one.company} · {one.beside_type or one.statement_type}"}
        lines = (_("The day of listing comes round; no source prints a day."),)
        address = reverse("certifications:statement", args=[one.pk])
        changed = max(one.updated_at, one.company.updated_at, own.get(one.pk, EPOCH))
        made.append(Event(DUTY_KIND, one.pk, day, title, address, changed, lines))
    return made
