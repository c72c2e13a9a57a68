"""Empties the outbox: takes a message by a lease, hands it to its channel, and marks what came of it. Any number may run.

At least once, and once wherever that can be known. A message is taken by a committed change of its row (`sending`, a token,
a lease), handed over, and marked `sent` in a second one. Two workers never hold the same message. Who dies before the second
change leaves it `sending`; when the lease runs out it goes out again. Only where the other side had said yes in the very
moment before is that a second time, and no order of steps avoids it: either the mark stands before the yes, and a death in
between tells nobody, or after it. An alert that never came costs a client their certificate, a twin costs a glance; so the
mark comes after, at once, and every attempt carries the same Message-ID (a hook: the same delivery id), by which mail servers
and receivers drop a twin.
"""

from __future__ import annotations

import datetime as dt
import logging
import uuid
from collections.abc import Callable

from django.db import Error
from django.db.models import F
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from .models import Channel, Message, State
from .models.outbox import lease

log = logging.getLogger(__name__)
# What hands a message over: f(message) -> None, or what is left to do once it is marked (to take leave of the server).
# Raises Undelivered, or Moot.
CHANNELS = {Channel.MAIL: "tanxun.alerts.mail.deliver", Channel.HOOK: "tanxun.alerts.hooks.delivery.deliver"}
PAUSES = tuple(dt.timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 480, 1440, 1440))
MOST_ATTEMPTS = len(PAUSES) + 1  # the last some 59 hours after the first, then it is given up
Go = Callable[[], bool]


class Undelivered(Exception):
    """It did not go out; `words` say why, for the page of the queue. `is_final`: another try would meet the same.

    `is_down`: the fault is not this message's; the others of the channel are left for the next round.
    """

    def __init__(self, words: str, *, is_final: bool = False, is_down: bool = False) -> None:
        super().__init__(words)
        self.is_final, self.is_down = is_final, is_down


class Moot(Exception):
    """What it was to tell is no longer so, or its recipient no longer wants or may know it: nothing is sent."""


def send_all(go_on: Go = lambda: True) -> int:
    """Send what is due, each message once per round. Returns how many went out. `go_on` is asked before each."""
    down: set[str] = set()
    last = sent = 0
    while go_on() and (message := take(down, last)):
        last = message.pk
        if send(message, down):
            sent += 1
    return sent


def take(down: set[str], after: int) -> Message | None:
    """The oldest message behind `after` that is due, now held by us; None where there is none."""
    while True:
        due = Message.objects.due().filter(pk__gt=after).exclude(channel__in=down)
        key = due.order_by("pk").values_list("pk", flat=True).first()
        if key is None:
            return None
        token = uuid.uuid4()
        taken = Message.objects.due().filter(pk=key)  # the condition again: another may have been quicker
        if taken.update(state=State.SENDING, token=token, leased_until=lease(), attempts=F("attempts") + 1):
            return Message.objects.get(pk=key)
        after = key


def send(message: Message, down: set[str]) -> bool:
    """Hand it over and mark it. Whether it went out."""
    if message.attempts > MOST_ATTEMPTS:
        put_back(message, _("Every try was interrupted."), is_final=True)
        return False
    try:
        afterwards = import_string(CHANNELS[Channel(message.channel)])(message)
    except Moot as words:
        mark(message, state=State.DROPPED, error=str(words)[:300])
    except Undelivered as error:
        if error.is_down:
            down.add(message.channel)
        put_back(message, str(error), is_final=error.is_final)
    except Error:
        raise  # our own database: the lease gives the message to whoever comes next
    except Exception as error:
        log.exception("Message %s (%s) could not be made", message.pk, message.kind)
        # Its words may hold an address that is as good as a password: they stand in the log alone.
        put_back(message, _("It could not be made (%(kind)s): see the log.") % {"kind": type(error).__name__}, is_final=False)
    else:
        mark(message, state=State.SENT, sent_at=timezone.now(), error="")
        if afterwards:
            afterwards()
        return True
    return False


def put_back(message: Message, words: str, *, is_final: bool) -> None:
    """For another try after a pause, or given up."""
    if is_final or message.attempts >= MOST_ATTEMPTS:
        mark(message, state=State.GIVEN_UP, error=words[:300])
    else:
        pause = PAUSES[max(message.attempts, 1) - 1]
        mark(message, state=State.FAILED, not_before=timezone.now() + pause, error=words[:300])


def mark(message: Message, **values: object) -> None:
    """Only while we hold it: after a lost lease another decides."""
    held = Message.objects.filter(pk=message.pk, token=message.token, state=State.SENDING)
    held.update(token=None, leased_until=None, **values)
