"""Ending mails from within a mail, signed out: a GET only shows the page, since mail scanners open every link; a POST acts.

The token is good for this alone: it names a person and what ends, is signed for this purpose, opens nothing and never expires.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.decorators import login_not_required
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, override
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from .models import Mailbox, Subscription

SALT = "tanxun.alerts.unsubscribe"
ALL = 0


def address_of(user: Any, subscription: int = ALL) -> str:
    """The whole address that ends one subscription of theirs, or all mails."""
    return f"{settings.SITE_URL}{reverse('alerts:stop', args=[signing.dumps([user.pk, subscription], salt=SALT)])}"


def read(token: str) -> tuple[int, int]:
    """Whose, and which. Raises Http404."""
    try:
        user, subscription = signing.loads(token, salt=SALT)
    except (signing.BadSignature, TypeError, ValueError):
        raise Http404 from None
    return user, subscription


@login_not_required
@csrf_exempt  # mail programs send the POST themselves (RFC 8058), without a cookie; the token says who it is
@never_cache
@require_http_methods(("GET", "HEAD", "POST"))
def stop(request: HttpRequest, token: str) -> HttpResponse:
    key, chosen = read(token)
    user = get_user_model().objects.filter(pk=key).first()
    one = Subscription.objects.filter(pk=chosen, user=key).select_related("saved_filter", "company", "policy").first()
    if user is None or (chosen and one is None):
        raise Http404
    if request.method == "POST":
        end(user, one)
    mailbox = Mailbox.objects.filter(pk=key).first()
    is_ended = one.removed_at is not None if one else mailbox is not None and mailbox.is_stopped
    with override((mailbox and mailbox.language) or get_language()):
        return render(request, "alerts/stop.html", {"subscription": one, "is_ended": is_ended, "address": request.path})


def end(user: Any, subscription: Subscription | None) -> None:
    """Once is the same as twice."""
    if subscription is None:
        Mailbox.objects.update_or_create(
            user=user, defaults={"is_stopped": True}, create_defaults={"is_stopped": True, "language": settings.LANGUAGE_CODE}
        )
    elif subscription.removed_at is None:
        Subscription.objects.filter(pk=subscription.pk).update(removed_at=timezone.now())
