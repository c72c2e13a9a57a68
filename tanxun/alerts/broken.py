"""Saved filters that their list no longer understands: a later version took a field away, or a word of a vocabulary.

What rests on one (a subscription, an export by mail) is marked with since when and why, its owner is mailed once, and the mark
goes by itself when the filter is understood again. Marked by `planning` and `exporting` when they stumble over one; a planner
of `duties` looks at the marked ones alone. Hooks are paused for it by `hooks.events`.
"""

from __future__ import annotations

import hashlib
from typing import Any

from django.conf import settings
from django.db import transaction
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from tanxun.listing.files import order
from tanxun.listing.models import SavedFilter
from tanxun.listing.page import InvalidParametersError, UnknownPageError, find

from .duties import attempt
from .mail import Mail, drawn
from .models import Channel, Hook, Message, ScheduledExport, Subscription
from .sending import Moot

KIND = "broken"
RESTING: tuple[Any, ...] = (Subscription, ScheduledExport)


def plan() -> None:
    """Whether the marked ones are understood again."""
    for model in RESTING:
        for one in model.objects.exclude(broken_at=None).select_related("saved_filter"):
            attempt(look, one)


def look(one: Subscription | ScheduledExport) -> None:
    """Mark it, and tell its owner; or take the mark away."""
    with override(settings.LANGUAGE_CODE):
        words = trouble(one)[:300]
    rows = type(one)._default_manager.filter(pk=one.pk)
    with transaction.atomic():
        if words and rows.filter(broken_at=None).update(broken_at=timezone.now(), broken_words=words):
            tell(one)
        elif not words and rows.exclude(broken_at=None).update(broken_at=None, broken_words=""):
            allow_another(one)


def trouble(one: Subscription | ScheduledExport) -> str:
    """Why its filter is not understood, "" where it is."""
    saved = one.saved_filter
    if saved is None:
        return ""
    try:
        asked = QueryDict(saved.query)
        if isinstance(one, ScheduledExport):
            order(find(saved.page), one.ending, asked, one.owner)
        else:
            find(saved.page).rows(asked)
    except UnknownPageError:
        return _("There is no such list any more.")
    except InvalidParametersError as error:
        return "; ".join(f"{name}: {' '.join(map(str, problems))}" for name, problems in error.errors.items())
    return ""


def key_of(saved: SavedFilter) -> str:
    """Of one filter as it stands an owner is told once, however much of theirs rests on it."""
    asked = hashlib.sha256(f"{saved.page}?{saved.query}".encode()).hexdigest()
    return f"{KIND}-{saved.pk}-{asked[:16]}"


def owner_key(one: Subscription | ScheduledExport) -> int:
    return one.owner_id if isinstance(one, ScheduledExport) else one.user_id


def tell(one: Subscription | ScheduledExport) -> None:
    saved: Any = one.saved_filter
    Message.objects.queue([letter(owner_key(one), key_of(saved), saved.name, {"filter": saved.pk})])


def letter(user: int, key: str, name: str, payload: dict[str, Any]) -> Message:
    return Message(channel=Channel.MAIL, recipient=f"user-{user}", kind=KIND, key=key[:120], subject=name[:200], payload=payload)


def allow_another(one: Subscription | ScheduledExport) -> None:
    """What breaks again after it was well is told again."""
    saved: Any = one.saved_filter
    told = Message.objects.filter(recipient=f"user-{owner_key(one)}", kind=KIND, key__startswith=f"{KIND}-{saved.pk}-")
    for key in told.values_list("pk", flat=True):
        Message.objects.filter(pk=key).update(key=f"healed-{key}")


def make(message: Message, user: Any) -> Mail:
    """Raises Moot where it was mended or removed meanwhile."""
    name, why, what_to_do, path = of_hook(message) if "hook" in message.payload else of_filter(message, user)
    url = f"{settings.SITE_URL}{path}"
    words = _("The list no longer understands “%(name)s”: what rests on it stands still, and nothing is sent. It says: %(why)s")
    context = {
        "heading": _("“%(name)s” stands still") % {"name": name},
        "button": _("Look at it"),
        "words": words % {"name": name, "why": why},
        "ignore": what_to_do,
        "url": url,
        "language": get_language(),
    }
    text = f"{context['words']}\n\n{what_to_do}\n\n{url}"
    return Mail(str(context["heading"]), text, drawn("alerts/link_mail.html", context))


def of_filter(message: Message, user: Any) -> tuple[str, str, str, str]:
    """(name, why, what to do, where)."""
    saved = SavedFilter.objects.select_related("owner").filter(pk=message.payload["filter"]).first()
    mine = (Subscription.objects.kept().filter(user=user.pk), ScheduledExport.objects.filter(owner=user.pk, removed_at=None))
    marked = [one for rows in mine for one in rows.filter(saved_filter=saved).exclude(broken_at=None)] if saved else []
    if saved is None or not marked:
        raise Moot(_("It was mended or removed meanwhile."))
    if saved.owner_id == user.pk:
        what_to_do = _("Open the list, set the filter anew and save it under the same name; or remove it. Then all goes on.")
    else:
        what_to_do = _("The filter belongs to %(owner)s: ask them to set it anew, or remove what you have of it.")
        what_to_do %= {"owner": saved.owner}
    try:
        find(saved.page)
    except UnknownPageError:
        return saved.name, marked[0].broken_words, what_to_do, reverse("saved")
    return saved.name, marked[0].broken_words, what_to_do, reverse("saved-open", args=[saved.pk])


def of_hook(message: Message) -> tuple[str, str, str, str]:
    hook = Hook.objects.live().exclude(paused_at=None).filter(pk=message.payload["hook"]).first()
    if hook is None:
        raise Moot(_("It was mended or removed meanwhile."))
    what_to_do = _("Choose another filter for this hook and let it go on: what happened meanwhile is told then.")
    return hook.name, hook.pause_reason, what_to_do, hook.get_absolute_url()
