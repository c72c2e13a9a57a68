"""The mail of a person's day or week: `letters` says what stands in it, here it becomes text and HTML. Called by `mail`."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from .letters import MOST_LINES, Letter, letter
from .mail import Mail, drawn
from .models import SUBSCRIBE_PERMISSION, Message
from .planning import followed_by
from .sending import Moot
from .unsubscribing import address_of


def make(message: Message, user: Any) -> Mail:
    """Raises Moot where there is nothing to tell, or nobody who wants to know."""
    if not user.has_perm(SUBSCRIBE_PERMISSION):
        raise Moot(_("Their role may not subscribe any more."))
    found = letter(message, user, followed_by(user))
    if found is None:
        raise Moot(_("There is nothing to tell any more."))
    foot = {
        "all_url": f"{settings.SITE_URL}{reverse('saved')}#subscriptions",
        "stop_url": address_of(user),
        "most": MOST_LINES,
    }
    context = {"letter": found, "language": get_language(), "stops": stops(user, found), **foot}
    return Mail(found.subject, as_text(found, foot), drawn("alerts/mail.html", context))


def stops(user: Any, found: Letter) -> list[tuple[str, str]]:
    """(name, address to end it) of the subscriptions that speak in this mail."""
    mine = {section.subscription for section in found.sections if section.subscription}
    return [(str(one), address_of(user, one.pk)) for one in sorted(mine, key=lambda one: one.pk)]


def as_text(found: Letter, foot: dict[str, Any]) -> str:
    """The same words without any markup."""
    lines = []
    for section in found.sections:
        lines += [f"{section.part} · {section.title} ({section.count_words})", section.url, ""]
        lines += [f"- {line.title}\n  {line.note}\n  {line.url}" for line in section.lines]
        if section.is_cut:
            lines.append("- " + _("The rest stands at the address above."))
        lines.append("")
    lines += [
        "--",
        _("What you follow: %(url)s") % {"url": foot["all_url"]},
        _("No more mails: %(url)s") % {"url": foot["stop_url"]},
    ]
    return "\n".join(lines)
