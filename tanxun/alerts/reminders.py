"""Due dates ahead of time: what a person is to be reminded of today, and what of it is still so when the mail goes out.

A due date has leads (90, 30, 7 days; by statement type). The one that counts today is the shortest that is reached: days on
which nobody looked are made up by one reminder, not by three. It is told unless the same or a shorter one was.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from django.db.models import Case, Exists, IntegerField, OuterRef, Q, QuerySet, Value, When
from django.utils import timezone

from certifications.due import is_followed_up, is_running
from certifications.models import StatementType, VerificationStatement
from policies.models import Incentive, Policy
from policies.standing import ended, without_money

from .models import Message, Reminded, Subscription
from .watching import Watched

STATEMENT, COMMENT, APPLY = "statement", "comment", "apply"
DEADLINE_LEADS = (30, 7)
LATE_DAYS = 7  # so long after its day the last reminder of a statement is still made up; of a deadline that is over, none
MOST = 10_000  # of one person and day; what is beyond comes the day after


class Due(NamedTuple):
    """A due date that is near: of which record, by which lead."""

    kind: str
    record: int
    due_on: dt.date
    lead: int


def live_statements() -> QuerySet[VerificationStatement]:
    """Those that still fall due: running, and not followed up by a renewal."""
    return VerificationStatement.objects.filter(is_running() & ~is_followed_up())


def open_policies() -> QuerySet[Policy]:
    return Policy.objects.exclude(ended())


def open_incentives() -> QuerySet[Incentive]:
    return Incentive.objects.exclude(without_money()).filter(policy__deleted_at=None)


def due_today(subscription: Subscription, watched: Watched) -> Iterator[Due]:
    """What this subscription is to remind of today."""
    if (statements := watched.statements()) is not None:
        live = live_statements().filter(pk__in=statements.order_by().values("pk"))
        for leads, types in types_by_leads().items():
            mine = live.filter(statement_type__in=types)
            yield from reached(subscription, STATEMENT, mine, "due_on", leads=leads, late=LATE_DAYS)
    if (policies := watched.policies()) is not None:
        mine = open_policies().filter(pk__in=policies.order_by().values("pk"))
        yield from reached(subscription, COMMENT, mine, "comment_by", leads=DEADLINE_LEADS)
    if (incentives := watched.incentives()) is not None:
        mine = open_incentives().filter(pk__in=incentives.order_by().values("pk"))
        yield from reached(subscription, APPLY, mine, "apply_by", leads=DEADLINE_LEADS)


def types_by_leads() -> dict[tuple[int, ...], list[int]]:
    found = defaultdict(list)
    for kind in StatementType.objects.all():
        if kind.leads:
            found[kind.leads].append(kind.pk)
    return found


def reached(
    subscription: Subscription, kind: str, records: QuerySet[Any], field: str, *, leads: tuple[int, ...], late: int = 0
) -> Iterator[Due]:
    """Records whose lead of today came after the subscription began and was not told to this person, nor a shorter one."""
    today, since = timezone.localdate(), subscription.since
    bands, spans = [], Q(pk__in=[])
    last = today - dt.timedelta(days=late)
    for lead in sorted(leads):
        end = today + dt.timedelta(days=lead)
        first = max(last, since + dt.timedelta(days=lead))  # before that the lead was reached before they followed it
        bands.append(When(**{f"{field}__lte": end}, then=Value(lead)))
        if first <= end:
            spans |= Q(**{f"{field}__range": (first, end)})
        last = end + dt.timedelta(days=1)
    told = Reminded.objects.filter(user=subscription.user_id, kind=kind, record=OuterRef("pk"), due_on=OuterRef(field))
    near = records.filter(spans).annotate(lead=Case(*bands, default=Value(max(leads)), output_field=IntegerField()))
    fresh = near.filter(~Exists(told.filter(lead__lte=OuterRef("lead")))).order_by(field, "pk")
    for record, due_on, lead in fresh.values_list("pk", field, "lead")[:MOST].iterator():
        yield Due(kind, record, due_on, lead)


def record_all(message: Message, subscriptions: Iterable[tuple[Subscription, list[Due]]]) -> None:
    """Note that they were told, in the transaction that queues the message."""
    for subscription, found in subscriptions:
        rows = (
            Reminded(user_id=subscription.user_id, subscription=subscription, message=message, **due._asdict()) for due in found
        )
        Reminded.objects.bulk_create(rows, batch_size=1000, ignore_conflicts=True)


def still_so(message: Message, subscriptions: Iterable[int]) -> QuerySet[Reminded]:
    """The reminders of a message that hold when it goes out: of what they still follow, not renewed or ended meanwhile, still
    due on that day. The soonest first.
    """
    rows = Reminded.objects.filter(message=message, subscription__in=list(subscriptions))
    live = live_statements().filter(pk=OuterRef("record"), due_on=OuterRef("due_on"))
    comments = open_policies().filter(pk=OuterRef("record"), comment_by=OuterRef("due_on"))
    offers = open_incentives().filter(pk=OuterRef("record"), apply_by=OuterRef("due_on"))
    holds = Q(Exists(live), kind=STATEMENT) | Q(Exists(comments), kind=COMMENT) | Q(Exists(offers), kind=APPLY)
    return rows.filter(holds).order_by("due_on", "pk")
