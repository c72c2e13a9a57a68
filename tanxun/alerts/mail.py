"""The channel of mail: makes a message's mail when it goes out, and hands it to the server of EMAIL_URL. Called by `sending`."""

from __future__ import annotations

import hashlib
import smtplib
import unicodedata
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import css_inline
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.template.loader import render_to_string
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django.utils.translation import override

from .models import Mailbox, Message
from .sending import Moot, Undelivered
from .unsubscribing import address_of

# What makes the mail of a kind: f(message, user) -> Mail, in their language. Raises Moot, or Undelivered.
MAKERS = {
    "digest": "tanxun.alerts.digests.make",
    "export": "tanxun.alerts.exporting.make",
    "confirm": "tanxun.alerts.confirming.make",
    "reset": "tanxun.alerts.resetting.make",
    "notice": "tanxun.alerts.notices.make",
    "broken": "tanxun.alerts.broken.make",
}
CSS = Path(settings.BASE_DIR) / "tanxun" / "static" / "tanxun" / "mail.css"
LONGEST_SUBJECT = 150
TOO_LARGE = 552


@dataclass
class Mail:
    """`files` are (name, content, type)."""

    subject: str
    text: str
    html: str
    files: list[tuple[str, bytes, str]] = field(default_factory=list)


def sends_mail() -> bool:
    """Whether mails leave this machine; without EMAIL_URL they stand in its log."""
    return not settings.EMAIL_BACKEND.endswith("console.EmailBackend")


def deliver(message: Message) -> Callable[[], None]:
    """Hand it over; returns how to take leave of the server. Raises Undelivered, or Moot."""
    user = get_user_model().objects.filter(pk=message.recipient_key).first()
    if user is None or not user.is_active:
        raise Moot(_("The account is closed."))
    mailbox = Mailbox.objects.filter(pk=user.pk).first()
    to = message.payload.get("to", "")  # where they ask for this one mail to come
    if mailbox and mailbox.is_stopped and not to:
        raise Moot(_("They want no mails any more."))
    if not user.email and not to:
        raise Undelivered(_("The account has no e-mail address."), is_final=True)
    with override(mailbox.language if mailbox else settings.LANGUAGE_CODE):
        made = import_string(MAKERS[message.kind])(message, user)
    headers = {} if to else headers_to_stop(user)
    connection = get_connection()
    try:
        hand_over(connection, envelope(message, made, to or user.email, headers))
    except BaseException:
        leave(connection)
        raise
    return partial(leave, connection)


def headers_to_stop(user: Any) -> dict[str, str]:
    """By which a mail program offers to end them all (RFC 8058)."""
    return {"List-Unsubscribe": f"<{address_of(user)}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}


def envelope(message: Message, made: Mail, to: str, headers: dict[str, str]) -> EmailMultiAlternatives:
    """With a Message-ID that is the same at every try, so that a twin is known for one."""
    given = {"Message-ID": message_id(message), "Auto-Submitted": "auto-generated", **headers}
    mail = EmailMultiAlternatives(one_line(made.subject), made.text, to=[to], headers=given)
    mail.attach_alternative(made.html, "text/html")
    for name, content, kind in made.files:
        mail.attach(name, content, kind)
    return mail


def message_id(message: Message) -> str:
    parts = f"{message.pk} {message.recipient} {message.key} {message.created_at.isoformat()} {settings.SECRET_KEY}"
    return f"<{hashlib.sha256(parts.encode()).hexdigest()[:40]}@{urlsplit(settings.SITE_URL).hostname}>"


def one_line(text: str) -> str:
    """A subject: without line breaks and control characters, whatever the names in it hold."""
    plain = "".join(" " if unicodedata.category(sign) in ("Cc", "Cf", "Cs", "Zl", "Zp") else sign for sign in text)
    words = " ".join(plain.split())
    return words if len(words) <= LONGEST_SUBJECT else f"{words[: LONGEST_SUBJECT - 1]}…"


def hand_over(connection: BaseEmailBackend, mail: EmailMultiAlternatives) -> None:
    """Raises Undelivered, with whose fault it is."""
    try:
        connection.open()
        connection.send_messages([mail])
    except smtplib.SMTPRecipientsRefused as error:
        code, words = next(iter(error.recipients.values()))
        raise Undelivered(said(code, words), is_final=code >= 500) from None
    except smtplib.SMTPAuthenticationError as error:
        # The sign-in may stand in the words.
        raise Undelivered(
            _("The mail server does not accept the sign-in (%(code)s).") % {"code": error.smtp_code}, is_down=True
        ) from None
    except smtplib.SMTPSenderRefused as error:
        is_too_large = error.smtp_code == TOO_LARGE  # said of this mail, before it is sent (RFC 1870)
        words = said(error.smtp_code, error.smtp_error)
        raise Undelivered(words, is_final=is_too_large, is_down=not is_too_large) from None
    except (smtplib.SMTPConnectError, smtplib.SMTPHeloError) as error:
        raise Undelivered(said(error.smtp_code, error.smtp_error), is_down=True) from None
    except smtplib.SMTPResponseException as error:
        raise Undelivered(said(error.smtp_code, error.smtp_error), is_final=error.smtp_code >= 500) from None
    except (smtplib.SMTPNotSupportedError, UnicodeError, ValueError) as error:
        raise Undelivered(str(error), is_final=True) from None
    except (smtplib.SMTPException, OSError) as error:
        words = _("The mail server cannot be reached: %(reason)s.") % {"reason": str(error) or type(error).__name__}
        raise Undelivered(words, is_down=True) from None


def said(code: int, words: bytes | str) -> str:
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    return _("The mail server said: %(words)s") % {"words": f"{code} {text}"}


def leave(connection: BaseEmailBackend) -> None:
    """What goes wrong now changes nothing: the server has said yes or no before."""
    with suppress(smtplib.SMTPException, OSError):
        connection.close()


def drawn(template: str, context: dict[str, Any]) -> str:
    """HTML with the styles at every element, as mail programs want them."""
    return inliner().inline(render_to_string(template, context))


@cache
def inliner() -> css_inline.CSSInliner:
    return css_inline.CSSInliner(extra_css=CSS.read_text(encoding="utf-8"), load_remote_stylesheets=False)
