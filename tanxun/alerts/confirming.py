"""A new e-mail address counts once somebody who reads what comes there says so: nobody can have mails sent to a stranger.

A mail leads to a page whose button confirms; like the links that end mails it works signed out, and opening it does nothing.
Nothing is stored but the message in the outbox. Asked by `views` and `panels`, written by `mail`.
"""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.decorators import login_not_required
from django.core import signing
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from . import notices
from .mail import Mail, drawn
from .models import Channel, Message
from .sending import Moot

SALT = "tanxun.alerts.confirm"
KIND = "confirm"
GOOD_FOR = dt.timedelta(days=3)
MOST_A_DAY = 5


def ask(user: Any, address: str) -> bool:
    """Have a mail sent to it. False where they asked too often today."""
    if asked_since(user, dt.timedelta(days=1)).count() >= MOST_A_DAY:
        return False
    message = Message(channel=Channel.MAIL, recipient=f"user-{user.pk}", kind=KIND, key=f"{KIND}-{uuid.uuid4().hex}")
    message.subject = _("Confirm your e-mail address")
    message.payload = {"to": address, "before": user.email}
    message.save()
    return True


def asked_since(user: Any, age: dt.timedelta) -> QuerySet[Message]:
    return Message.objects.filter(recipient=f"user-{user.pk}", kind=KIND, created_at__gte=timezone.now() - age)


def awaited(user: Any) -> str:
    """The address that waits to be confirmed; "" for none."""
    last = asked_since(user, GOOD_FOR).order_by("-pk").first()
    return last.payload["to"] if last and last.payload["before"] == user.email and not is_spent(last) else ""


def is_spent(message: Message | None) -> bool:
    return message is None or bool(message.payload.get("taken"))


def token_of(message: Message, user: Any) -> str:
    """What the link of that mail says: from which address to which, and by which message, so that it counts once."""
    return signing.dumps([user.pk, user.email, message.payload["to"], message.pk], salt=SALT)


def make(message: Message, user: Any) -> Mail:
    """Raises Moot where their address is another one meanwhile."""
    address = message.payload["to"]
    if message.payload["before"] != user.email:
        raise Moot(_("Their address is another one meanwhile."))
    url = f"{settings.SITE_URL}{reverse('alerts:confirm', args=[token_of(message, user)])}"
    words = _("%(person)s wants mails of Tanxun to come to %(address)s. Was that you? Then confirm it on this page:")
    ignore = _("Else you need do nothing: nothing more will come. The page can be used for three days.")
    context = {
        "heading": _("Confirm your e-mail address"),
        "button": _("Confirm"),
        "words": words % {"person": user, "address": address},
        "ignore": ignore,
        "url": url,
        "language": get_language(),
    }
    return Mail(message.subject, f"{context['words']}\n\n{url}\n\n{ignore}", drawn("alerts/link_mail.html", context))


@login_not_required
@csrf_exempt  # the token, which came to the new address, says who it is
@never_cache
@require_http_methods(("GET", "HEAD", "POST"))
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """410 for a link that is too old or was used, or whose person has another address meanwhile."""
    try:
        key, before, address, asked = signing.loads(token, salt=SALT, max_age=GOOD_FOR)
    except signing.SignatureExpired:
        return render(request, "alerts/confirm.html", {"is_late": True}, status=410)
    except (signing.BadSignature, TypeError, ValueError):
        raise Http404 from None
    if request.method == "POST":
        take(key, before, address, asked)
    now = get_user_model().objects.values_list("email", flat=True).filter(pk=key, is_active=True).first()
    is_late = now != address and (now != before or is_spent(Message.objects.filter(pk=asked).first()))
    context = {"is_late": is_late, "is_done": now == address, "email": address, "address": request.path}
    return render(request, "alerts/confirm.html", context, status=410 if is_late else 200)


@transaction.atomic
def take(key: int, before: str, address: str, asked: int) -> None:
    """From now on it is theirs, and the one before is told; what could not be delivered to that goes out. The link is spent."""
    message = Message.objects.select_for_update().filter(pk=asked).first()
    user = get_user_model().objects.filter(pk=key, email=before, is_active=True).first()
    if message is None or is_spent(message) or user is None:
        return
    message.payload["taken"] = True
    message.save(update_fields=["payload"])
    notices.tell(user, gettext_lazy("Mails of your account, the one for a lost password too, come to another address now."))
    get_user_model().objects.filter(pk=key).update(email=address)
    lately = timezone.now() - dt.timedelta(days=7)
    Message.objects.filter(recipient=f"user-{key}", created_at__gte=lately).exclude(kind=KIND).try_again()
