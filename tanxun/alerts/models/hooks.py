"""Hooks: where events are told to other programs (signed JSON) and to group chats (企业微信, 钉钉). Made by managers."""

from __future__ import annotations

import datetime as dt
import secrets
from urllib.parse import urlsplit

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tanxun.listing.models import SavedFilter

from .outbox import Channel, Message

UNDO_DAYS = 30
SHOWN_END = 4


class Format(models.TextChoices):
    WEBHOOK = "webhook", _("Webhook: JSON with a signature")
    WECOM = "wecom", _("WeCom group robot (企业微信)")
    DINGTALK = "dingtalk", _("DingTalk group robot (钉钉)")


class Event(models.TextChoices):
    STATEMENT_PUBLISHED = "statement.published", _("a statement is published")
    STATEMENT_RENEWED = "statement.renewed", _("a statement is renewed")
    STATEMENT_EXPIRING = "statement.expiring", _("a statement falls due soon")
    STATEMENT_EXPIRED = "statement.expired", _("a statement is overdue")
    POLICY_PUBLISHED = "policy.published", _("a policy is published")
    DIGEST_FROZEN = "digest.frozen", _("an issue of the weekly is frozen")


class HookQuerySet(models.QuerySet["Hook"]):
    def live(self) -> HookQuerySet:
        return self.filter(removed_at=None)

    def working(self) -> HookQuerySet:
        """Those that new events are queued for; a paused one catches up when it goes on."""
        return self.live().filter(paused_at=None)


class Hook(models.Model):
    """One receiver of events.

    `address` and `secret` are as good as passwords: no page shows them whole, no log or error names them. `marks` says how far
    this hook has been told of what happened: {"statement": highest key, "policy": highest key, "day": last day, "ahead": last due
    date that was near, "since": moment}. `failures` counts failed tries in a row.
    """

    name = models.CharField(_("name"), max_length=60)
    format = models.CharField(_("format"), max_length=10, choices=Format, default=Format.WEBHOOK)
    address = models.CharField(_("address"), max_length=1000)
    secret = models.CharField(_("secret"), max_length=200, blank=True)
    events = models.JSONField(_("events"), default=list)
    lead_days = models.PositiveSmallIntegerField(_("days ahead"), default=30, validators=[MaxValueValidator(730)])
    saved_filter = models.ForeignKey(SavedFilter, models.RESTRICT, null=True, blank=True, verbose_name=_("saved filter"))
    page = models.CharField(_("list"), max_length=40, blank=True)
    query = models.TextField(_("filter"), blank=True)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="hooks", verbose_name=_("owner"))
    marks = models.JSONField(default=dict, editable=False)
    failures = models.PositiveSmallIntegerField(default=0, editable=False)
    delivered_at = models.DateTimeField(_("last delivered at"), null=True, editable=False)
    paused_at = models.DateTimeField(_("paused at"), null=True, editable=False)
    pause_reason = models.CharField(_("why it is paused"), max_length=300, blank=True, editable=False)
    removed_at = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(_("made at"), auto_now_add=True)
    objects = HookQuerySet.as_manager()

    class Meta:
        ordering = ("name", "pk")
        verbose_name, verbose_name_plural = _("hook"), _("hooks")

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("alerts:hook", args=[self.pk])

    @staticmethod
    def new_secret() -> str:
        return secrets.token_urlsafe(32)

    @property
    def is_chat(self) -> bool:
        return self.format != Format.WEBHOOK

    @property
    def masked_address(self) -> str:
        """Enough to know it by, too little to use it."""
        parts = urlsplit(self.address)
        rest = parts.path.strip("/") + parts.query
        end = f"/…{rest[-SHOWN_END:]}" if len(rest) > 4 * SHOWN_END else "/…" if rest else ""
        return f"{parts.scheme}://{parts.hostname}{end}"

    @property
    def event_words(self) -> list[str]:
        return [str(Event(name).label) for name in self.events if name in Event.values]

    @property
    def recipient(self) -> str:
        return f"hook-{self.pk}"

    @property
    def messages(self) -> QuerySet[Message]:
        return Message.objects.filter(channel=Channel.HOOK, recipient=self.recipient)

    @property
    def may_still(self) -> bool:
        """Whether its owner may (still) have hooks."""
        return self.owner.is_active and self.owner.has_perm("alerts.change_hook")

    def pause(self, reason: str) -> None:
        """No event is queued until it goes on; it catches up then."""
        self.paused_at, self.pause_reason = timezone.now(), reason[:300]
        self.save(update_fields=["paused_at", "pause_reason"])

    def go_on(self) -> None:
        """What waited or was given up while it stood still goes out; the events since then follow by the marks."""
        self.paused_at, self.pause_reason, self.failures = None, "", 0
        self.save(update_fields=["paused_at", "pause_reason", "failures"])
        self.messages.try_again()

    @classmethod
    def removed_lately(cls) -> QuerySet[Hook]:
        return cls.objects.filter(removed_at__gte=timezone.now() - dt.timedelta(days=UNDO_DAYS)).order_by("-removed_at")
