"""The outbox: one row for everything that is to go out, made in the same transaction as what it tells of. `sending` empties it.

Mail and hooks share it. Of one `key` a recipient has one row, whoever queues it and however often.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.db import models
from django.db.models import Q
from django.db.models.expressions import CombinedExpression
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

LEASE_SECONDS = 600  # longer than any server is waited for (EMAIL_TIMEOUT)


def lease() -> CombinedExpression:
    """Until when a message belongs to who took it, by the clock of the database: the only one that all workers share."""
    return Now() + dt.timedelta(seconds=LEASE_SECONDS)


class Channel(models.TextChoices):
    MAIL = "mail", _("mail")
    HOOK = "hook", _("hook")


class State(models.TextChoices):
    WAITING = "waiting", _("waiting")
    SENDING = "sending", _("being sent")
    FAILED = "failed", _("failed, will be tried again")
    SENT = "sent", _("sent")
    GIVEN_UP = "given_up", _("given up")
    DROPPED = "dropped", _("not sent: no longer so")


READY = (State.WAITING, State.FAILED)
OPEN = (*READY, State.SENDING)


class MessageQuerySet(models.QuerySet["Message"]):
    def due(self) -> MessageQuerySet:
        """What may be taken now: ready and not to be waited with, or taken by somebody who died over it."""
        is_time = Q(not_before=None) | Q(not_before__lte=timezone.now())
        return self.filter(Q(state__in=READY) & is_time | Q(state=State.SENDING, leased_until__lt=Now()))

    def open(self) -> MessageQuerySet:
        return self.filter(state__in=OPEN)

    def queue(self, messages: Iterable[Message]) -> None:
        """Put them into the outbox; those whose recipient has the key already are left out without a word."""
        self.bulk_create(messages, ignore_conflicts=True, batch_size=500)

    def try_again(self) -> int:
        """Those given up or waiting for another try go out at once, with all their tries before them. Returns how many."""
        stuck = self.filter(state__in=(State.FAILED, State.GIVEN_UP))
        return stuck.update(state=State.WAITING, attempts=0, not_before=None)


class Message(models.Model):
    """One thing for one recipient. `recipient` is `user-7` or `hook-3`; `key` says what of: `export-5-2026-12-01`.

    `payload` holds what the channel makes it from when it is sent, not before: it tells what is so then, to who may know it
    then. `token` names the attempt that holds it until `leased_until`. `subject` and `error` are for the page of the queue.
    """

    channel = models.CharField(_("channel"), max_length=8, choices=Channel)
    recipient = models.CharField(_("recipient"), max_length=40)
    kind = models.CharField(_("kind"), max_length=40)
    key = models.CharField(_("what of"), max_length=120)
    subject = models.CharField(_("subject"), max_length=200, blank=True)
    payload = models.JSONField(_("contents"), default=dict, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(_("tries"), default=0)
    not_before = models.DateTimeField(_("not before"), null=True, blank=True)
    token = models.UUIDField(null=True, blank=True, editable=False)
    leased_until = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(_("queued at"), auto_now_add=True)
    sent_at = models.DateTimeField(_("sent at"), null=True, blank=True)
    error = models.CharField(_("error"), max_length=300, blank=True)
    objects = MessageQuerySet.as_manager()

    class Meta:
        ordering = ("-created_at", "-pk")
        verbose_name, verbose_name_plural = _("message"), _("messages that go out")
        indexes = [
            models.Index(fields=["channel", "not_before"], name="message_open", condition=Q(state__in=OPEN)),
            models.Index(fields=["-created_at"], name="message_newest"),
        ]
        constraints = [models.UniqueConstraint(fields=["recipient", "key"], name="message_once_per_recipient")]

    def __str__(self) -> str:
        return self.subject or self.key

    @property
    def recipient_key(self) -> int:
        """The key of the account or hook."""
        return int(self.recipient.partition("-")[2])
