"""How long a statement is good for: what the register says, what holds today, and the same as a condition on stored columns."""

import calendar
import datetime as dt

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .vocabulary import EvidenceKind, StatementType

EXPIRING_DAYS = 90


class RegisterStatus(models.TextChoices):
    VALID = "valid", _("valid")
    SUSPENDED = "suspended", _("suspended")
    REVOKED = "revoked", _("revoked")
    CANCELLED = "cancelled", _("cancelled")
    UNKNOWN = "unknown", _("unknown")


class Validity(models.TextChoices):
    """What holds today; computed, never stored."""

    VALID = "valid", _("valid")
    EXPIRING = "expiring", _("expiring")
    EXPIRED = "expired", _("expired")
    SUSPENDED = "suspended", _("suspended")
    REVOKED = "revoked", _("revoked")
    CANCELLED = "cancelled", _("cancelled")
    UNDATED = "undated", _("undated")


ENDED_BY_REGISTER = (Validity.SUSPENDED, Validity.REVOKED, Validity.CANCELLED)


def add_months(day: dt.date, months: int) -> dt.date:
    """`day` so many months later; the last day of a shorter month where it does not exist there."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return dt.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def holds(validity: str, days: int = EXPIRING_DAYS) -> Q:
    """Statements of that validity today, by stored columns alone: the same answer as `with_validity`, from an index."""
    if validity in ENDED_BY_REGISTER:
        return Q(register_status=validity)
    today = timezone.localdate()
    soon = today + dt.timedelta(days=days)
    is_running = ~Q(register_status__in=ENDED_BY_REGISTER)
    is_listed = Q(removed_on=None) | Q(removed_on__gt=today)
    memberships = StatementType.objects.filter(evidence_kind=EvidenceKind.LIST_MEMBERSHIP).values("pk")
    return (
        is_running
        & {
            Validity.EXPIRED: Q(removed_on__lte=today) | Q(due_on__lt=today),
            Validity.EXPIRING: is_listed & Q(due_on__range=(today, soon)),
            Validity.VALID: is_listed & (Q(due_on__gt=soon) | Q(due_on=None, statement_type__in=memberships)),
            Validity.UNDATED: is_listed & Q(due_on=None) & ~Q(statement_type__in=memberships),
        }[Validity(validity)]
    )
