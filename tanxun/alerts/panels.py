"""What other pages show of the alerts (wired in tanxun.urls): the sections of `/saved/`, the star of companies and policies."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import get_language

from certifications.models import Company
from policies.models import Policy
from tanxun.listing.access import is_shown_files, person
from tanxun.listing.models import UNDO_DAYS
from tanxun.records.once import new_token

from . import confirming
from .forms import ExportForm, MailboxForm
from .mail import sends_mail
from .models import Cadence, Mailbox, Message, ScheduledExport, Subscription

Panel = tuple[str, dict[str, Any]] | None


def may_follow(request: HttpRequest) -> bool:
    """By the role, without a query; the addresses themselves ask for the permission."""
    user = person(request)
    return user.is_authenticated and (user.is_superuser or user.role != "reader")


def subscriptions(request: HttpRequest) -> Panel:
    """On `/saved/`: all that they follow, what they removed of late, and how they are written to."""
    if not may_follow(request):
        return None
    user = person(request)
    since = timezone.now() - dt.timedelta(days=UNDO_DAYS)
    mine = Subscription.objects.filter(user=user.pk).exclude(removed_at__lt=since)
    found = list(mine.select_related("saved_filter__owner", "company", "policy"))
    mailbox = Mailbox.objects.filter(pk=user.pk).first() or Mailbox(user=user, language=get_language() or settings.LANGUAGE_CODE)
    mailbox.user = user
    return "alerts/_subscriptions.html", {
        "subscriptions": [one for one in found if one.removed_at is None],
        "removed": [one for one in found if one.removed_at],
        "mailbox": mailbox,
        "mailbox_form": MailboxForm(instance=mailbox),
        "awaited": confirming.awaited(user),
        "cadences": Cadence.choices,
        "is_console": not sends_mail(),
    }


def exports(request: HttpRequest) -> Panel:
    """On `/saved/`, for managers: files that go out by mail, with what came of the last."""
    if not is_shown_files(request):
        return None
    user = person(request)
    since = timezone.now() - dt.timedelta(days=UNDO_DAYS)
    mine = ScheduledExport.objects.filter(owner=user.pk).exclude(removed_at__lt=since)
    found = list(mine.select_related("saved_filter__owner").prefetch_related("recipients"))
    keys = {f"export-{one.pk}-{timezone.localtime(one.last_at):%Y-%m-%d}": one for one in found if one.last_at}
    states: dict[int, list[Message]] = {one.pk: [] for one in found}
    for message in Message.objects.filter(key__in=keys).order_by("pk") if keys else ():
        states[keys[message.key].pk].append(message)
    return "alerts/_exports.html", {
        "exports": [(one, states[one.pk]) for one in found if one.removed_at is None],
        "removed": [one for one in found if one.removed_at],
        "export_form": ExportForm(user=user),
        "form_token": new_token(),
    }


def follow_company(request: HttpRequest, company: Company) -> Panel:
    return star(request, "company", company)


def follow_policy(request: HttpRequest, policy: Policy) -> Panel:
    return star(request, "policy", policy)


def star(request: HttpRequest, name: str, record: Any) -> Panel:
    """In the head of a record: follow it, or no longer."""
    if not may_follow(request):
        return None
    mine = Subscription.objects.kept().filter(user=person(request).pk, **{name: record.pk}).first()
    return "alerts/_star.html", {"name": name, "record": record, "subscription": mine}
