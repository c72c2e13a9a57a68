"""What a company's statements say over time: its timeline and the periods that no statement covers. For the company's page."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext as _

from .models import Company, StatementType, Validity, ValidityRule, VerificationStatement

QUIET_MONTHS = 12
DATED = (Validity.VALID, Validity.EXPIRING, Validity.EXPIRED)


@dataclass(frozen=True)
class Event:
    """A day in a company's timeline."""

    day: dt.date
    text: str
    url: str
    is_ahead: bool = False


def timeline(statements: Iterable[VerificationStatement]) -> list[Event]:
    """Statements (given newest first) on their dates, and the ends and due dates that follow from them; newest first.

    A computed due date is shown only for the latest statement of its type: the others have been followed up.
    """
    today, seen, events = timezone.localdate(), set(), []
    for one in statements:
        events.append(Event(one.dated_on, str(one.statement_type), one.get_absolute_url()))
        is_followed = one.is_due_computed and one.statement_type_id in seen
        seen.add(one.statement_type_id)
        if one.due_on and one.validity in DATED and not is_followed:
            words = _("%(type)s: next one falls due") if one.is_due_computed else _("%(type)s: valid until this day")
            events.append(Event(one.due_on, words % {"type": one.statement_type}, one.get_absolute_url(), one.due_on > today))
    return sorted(events, key=lambda event: event.day, reverse=True)


def gaps(company: Company) -> list[str]:
    """Sentences on what is missing: years between two covered ones, and a long time without any statement."""
    periods = company.statements.filter(statement_type__validity_rule=ValidityRule.REPORTING_PERIOD, period_end__isnull=False)
    covered: dict[int, set[int]] = {}
    for kind, start, end in periods.order_by().values_list("statement_type", "period_start", "period_end").distinct():
        covered.setdefault(kind, set()).update(range((start or end).year, end.year + 1))
    missing = {kind: sorted(set(range(min(years), max(years))) - years) for kind, years in covered.items()}
    sentences = [
        _("%(type)s: no statement covers %(years)s.") % {"type": kind, "years": ", ".join(map(str, missing[kind.pk]))}
        for kind in StatementType.objects.filter(pk__in=[kind for kind, years in missing.items() if years])
    ]
    return sentences + quiet(company)


def quiet(company: Company) -> list[str]:
    """One sentence where the last statement is more than QUIET_MONTHS months old."""
    last, today = company.statements.values_list("dated_on", flat=True).first(), timezone.localdate()
    months = (today.year - last.year) * 12 + today.month - last.month - (today.day < last.day) if last else 0
    return [_("No statement for %(months)s months.") % {"months": months}] if months > QUIET_MONTHS else []
