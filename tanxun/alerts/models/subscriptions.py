"""What people follow, how they want to be told, and what they were reminded of."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tanxun.listing.models import SavedFilter

from .breaking import RestsOnFilter
from .outbox import Message

SUBSCRIBE_PERMISSION = "alerts.add_subscription"
TARGETS = ("saved_filter", "company", "policy")


def monday_of(day: dt.date) -> dt.date:
    return day - dt.timedelta(days=day.weekday())


def this_monday() -> dt.date:
    return monday_of(timezone.localdate())


class Cadence(models.TextChoices):
    WEEKLY = "weekly", _("weekly, on Monday")
    DAILY = "daily", _("as it happens, once a day at most")


class Mailbox(models.Model):
    """How one person is written to. `planned_on` and `week_on` (a Monday) are the last day and week that were seen to: they
    only move ahead, whatever the clock does, and so nobody is written to twice.
    """

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="mailbox")
    language = models.CharField(_("language of the mails"), max_length=10, choices=settings.LANGUAGES)
    wants_weekly = models.BooleanField(_("a digest every Monday"), default=True)
    is_stopped = models.BooleanField(_("no mails at all"), default=False)
    planned_on = models.DateField(null=True, editable=False)
    week_on = models.DateField(default=this_monday, editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("mailbox"), _("mailboxes")

    def __str__(self) -> str:
        return str(self.user)


class SubscriptionQuerySet(models.QuerySet["Subscription"]):
    def kept(self) -> SubscriptionQuerySet:
        return self.filter(removed_at=None)

    def speaking_to(self, user: Any) -> SubscriptionQuerySet:
        """Those that tell them something today: neither paused nor removed, of a filter that they may still use, of a record
        that is still there.
        """
        usable = SavedFilter.objects.visible_to(user).filter(pk=OuterRef("saved_filter"))
        is_there = Q(Exists(usable)) | Q(company__deleted_at=None, company__gt=0) | Q(policy__deleted_at=None, policy__gt=0)
        return self.kept().filter(is_there, user=user.pk, is_paused=False).select_related(*TARGETS)


class Subscription(RestsOnFilter):
    """One person follows one saved filter, company or policy.

    Entries of the history (of statements, policies, …) up to `seen` were told, from `began` on; of what was to be reminded of
    before `since` they are not reminded.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="subscriptions", verbose_name=_("person"))
    saved_filter = models.ForeignKey(SavedFilter, models.CASCADE, null=True, blank=True, related_name="subscriptions")
    company = models.ForeignKey("certifications.Company", models.CASCADE, null=True, blank=True, related_name="subscriptions")
    policy = models.ForeignKey("policies.Policy", models.CASCADE, null=True, blank=True, related_name="subscriptions")
    cadence = models.CharField(_("how often"), max_length=8, choices=Cadence, default=Cadence.WEEKLY)
    is_paused = models.BooleanField(_("paused"), default=False)
    seen = models.BigIntegerField(default=0, editable=False)
    began = models.BigIntegerField(default=0, editable=False)
    since = models.DateField(default=timezone.localdate, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    removed_at = models.DateTimeField(null=True, blank=True, editable=False)
    objects = SubscriptionQuerySet.as_manager()

    class Meta:
        ordering = ("pk",)
        verbose_name, verbose_name_plural = _("subscription"), _("subscriptions")
        constraints = [
            models.CheckConstraint(
                condition=Q(saved_filter__gt=0, company=None, policy=None)
                | Q(saved_filter=None, company__gt=0, policy=None)
                | Q(saved_filter=None, company=None, policy__gt=0),
                name="subscription_to_one_thing",
            ),
            *(
                models.UniqueConstraint(
                    fields=["user", name], condition=Q(removed_at=None), name=f"subscription_{name.split('_')[-1]}_once"
                )
                for name in TARGETS
            ),
        ]

    def __str__(self) -> str:
        return str(self.target)

    @property
    def target(self) -> Any:
        return self.saved_filter or self.company or self.policy


class Reminded(models.Model):
    """Of this due date of this record this person was reminded, so many days ahead, by that message. Never twice."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    subscription = models.ForeignKey(Subscription, models.CASCADE, related_name="+")
    message = models.ForeignKey(Message, models.CASCADE, related_name="reminders")
    kind = models.CharField(max_length=10)
    record = models.BigIntegerField()
    due_on = models.DateField()
    lead = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "kind", "record", "due_on", "lead"], name="reminded_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.record}: {self.due_on} - {self.lead}"
