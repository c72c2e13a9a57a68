"""Mails that tell somebody what was done to their account, so that who did not do it themselves knows. Asked by `site.sso`
and where another address is taken."""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from .mail import Mail, drawn
from .models import Channel, Mailbox, Message

KIND = "notice"


def tell(user: Any, words: str | Promise) -> None:
    """Put it into the outbox, in their language; nothing for who has no address."""
    if not user.email:
        return
    mailbox = Mailbox.objects.filter(pk=user.pk).first()
    with override(mailbox.language if mailbox else settings.LANGUAGE_CODE):
        message = Message(channel=Channel.MAIL, recipient=f"user-{user.pk}", kind=KIND, key=f"{KIND}-{uuid.uuid4().hex}")
        message.subject = _("Your account at Tanxun")
        message.payload = {"to": user.email, "words": str(words)}
        message.save()


def make(message: Message, user: Any) -> Mail:
    """Goes to the address that the account had when it happened, even if it has another one meanwhile."""
    context = {
        "heading": message.subject,
        "button": _("Look at your account"),
        "words": message.payload["words"],
        "ignore": _("Was that you? Then you need do nothing. Else change your password, and tell who runs the site."),
        "url": f"{settings.SITE_URL}{reverse('password_change')}",
        "language": get_language(),
    }
    text = f"{context['words']}\n\n{context['ignore']}\n\n{context['url']}"
    return Mail(message.subject, text, drawn("alerts/link_mail.html", context))
