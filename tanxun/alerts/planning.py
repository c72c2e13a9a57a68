"""Once a day from eight in the morning on, for each person: what there is to tell them, as one mail at most. Called by `duties`.

On Monday, or the first day after it on which the site runs, it is their weekly digest.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import override

from . import broken, letters
from .duties import attempt
from .models import SUBSCRIBE_PERMISSION, Cadence, Channel, Mailbox, Message, Subscription
from .models.subscriptions import monday_of
from .reminders import Due, due_today, record_all
from .watching import NotSettledError, Watched, newest_marks, settle, watched

HOUR = 8
CLOCK_JUMP = dt.timedelta(days=2)


def plan() -> None:
    """Everybody whose day was not seen to yet. Two that plan at once do it once."""
    now = timezone.localtime()
    if now.hour < HOUR:
        return
    # A day that is further ahead was set by a clock that was wrong.
    seen_to = (now.date(), now.date() + CLOCK_JUMP)
    waiting = Mailbox.objects.filter(is_stopped=False, user__is_active=True).exclude(planned_on__range=seen_to)
    if not waiting.exists():
        return
    marks = newest_marks()
    try:
        settle()
    except NotSettledError:
        return
    for mailbox in waiting.select_related("user").order_by("pk").iterator(chunk_size=200):
        attempt(plan_one, mailbox, now.date(), marks)


def plan_one(mailbox: Mailbox, today: dt.date, marks: dict[str, int]) -> None:
    """One person's day: a message where there is something to tell, and their marks moved on, in one transaction."""
    user, monday = mailbox.user, monday_of(today)
    is_weekly = mailbox.wants_weekly and not monday <= mailbox.week_on <= monday + CLOCK_JUMP + dt.timedelta(days=6)
    followed = followed_by(user, broken.look) if user.has_perm(SUBSCRIBE_PERMISSION) else []
    news = {
        str(one.pk): [one.seen, marks[what.rows.page.slug]] for one, what in followed if is_weekly or one.cadence == Cadence.DAILY
    }
    dues = reminders_of(followed)
    payload = {"day": today.isoformat(), "is_weekly": is_weekly, "news": news}
    with override(mailbox.language):
        is_worth = any(dues) or letters.has_something(user, payload, followed)
    with transaction.atomic():
        mine = Mailbox.objects.filter(pk=mailbox.pk, planned_on=mailbox.planned_on, week_on=mailbox.week_on)
        if not mine.update(planned_on=today):
            return  # another was quicker
        if is_worth and not queue(user, payload, [(one, found) for (one, _what), found in zip(followed, dues, strict=True)]):
            return  # a clock that was wrong wrote to them for this day: all of it is told tomorrow
        Mailbox.objects.filter(pk=mailbox.pk).update(week_on=monday if is_weekly else mailbox.week_on)
        for key, (_after, upto) in news.items():
            Subscription.objects.filter(pk=int(key), seen__lt=upto).update(seen=upto)


def followed_by(user: Any, lost: Callable[[Subscription], None] = lambda _one: None) -> list[tuple[Subscription, Watched]]:
    """What speaks to them today; `lost` is asked about what does not since its filter is not understood."""
    found = []
    for one in Subscription.objects.speaking_to(user):
        if what := watched(one):
            found.append((one, what))
        else:
            lost(one)
    return found


def reminders_of(followed: list[tuple[Subscription, Watched]]) -> list[list[Due]]:
    """What each subscription is to remind of today; of what two of them see the first does."""
    told: set[Due] = set()
    found = []
    for subscription, what in followed:
        mine = [due for due in due_today(subscription, what) if due not in told]
        told.update(mine)
        found.append(mine)
    return found


def queue(user: Any, payload: dict[str, Any], reminders: list[tuple[Subscription, list[Due]]]) -> bool:
    """False where there was a message of that day already, which is left as it is."""
    values = {"channel": Channel.MAIL, "kind": "digest", "subject": letters.name_of(payload), "payload": payload}
    message, is_new = Message.objects.get_or_create(recipient=f"user-{user.pk}", key=f"digest-{payload['day']}", defaults=values)
    if is_new:
        record_all(message, reminders)
    return is_new
