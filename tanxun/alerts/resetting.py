"""A new password by mail for who lost theirs: the page never tells whether there is such an account. Asked by `site.accounts`."""

from __future__ import annotations

import datetime as dt
import time
import uuid
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.tokens import default_token_generator
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from .mail import Mail, drawn
from .models import Channel, Message
from .sending import Moot

KIND = "reset"
MOST_A_DAY = 3
AT_LEAST = 0.15  # seconds, far more than it takes: a name that is known costs a write


def ask(name: str) -> None:
    """Put a mail into the outbox for each account that has this name or this e-mail address; nothing where there is none.

    The worker sends it, and it takes AT_LEAST: as long for a name that is known as for one that is not.
    """
    begin = time.monotonic()
    try:
        _put(name)
    finally:
        time.sleep(max(0.0, begin + AT_LEAST - time.monotonic()))


def _put(name: str) -> None:
    since = timezone.now() - dt.timedelta(days=1)
    people = get_user_model().objects.filter(Q(username=name) | Q(email__iexact=name), is_active=True).exclude(email="")
    for user in people[:5]:  # an address that a team shares
        asked = Message.objects.filter(recipient=f"user-{user.pk}", kind=KIND, created_at__gte=since)
        if user.has_usable_password() and asked.count() < MOST_A_DAY:
            message = Message(channel=Channel.MAIL, recipient=f"user-{user.pk}", kind=KIND, key=f"{KIND}-{uuid.uuid4().hex}")
            message.subject = _("A new password")
            message.payload = {"to": user.email}
            message.save()


def make(message: Message, user: Any) -> Mail:
    """Raises Moot where their address is another one meanwhile. The link holds until it is used, or PASSWORD_RESET_TIMEOUT."""
    if message.payload["to"] != user.email:
        raise Moot(_("Their address is another one meanwhile."))
    key = urlsafe_base64_encode(force_bytes(user.pk))
    path = reverse("password_reset_confirm", args=[key, default_token_generator.make_token(user)])
    words = _("Somebody asked for a new password for %(person)s at Tanxun. Was that you? Then choose one on this page:")
    context = {
        "heading": _("A new password"),
        "button": _("Choose a password"),
        "words": words % {"person": user},
        "ignore": _("Else you need do nothing: the old one holds. The page can be used once, for four hours."),
        "url": f"{settings.SITE_URL}{path}",
        "language": get_language(),
    }
    text = f"{context['words']}\n\n{context['url']}\n\n{context['ignore']}"
    return Mail(message.subject, text, drawn("alerts/link_mail.html", context))
