"""How long one stays signed in: not beyond SESSION_DAYS at all, and not after SESSION_IDLE_HOURS without a visit.

The middleware stands in the settings in the place of Django's. When somebody signed in stands in the session; when they were last
here in a signed cookie beside it, since reading writes nothing into the database. Without that cookie the sign-in counts.
"""

import hashlib
import time
from typing import Any

from django.conf import settings
from django.contrib import auth
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.models import Session
from django.core.signing import BadSignature, Signer
from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject

SINCE = "signed_in_at"
RENEWED_AFTER = 900  # seconds: not every answer carries the cookie
signer = Signer(salt="last seen")


def begin(sender: Any, request: HttpRequest, **kwargs: Any) -> None:
    """Heard by the app whenever somebody signs in, by whichever way."""
    request.session[SINCE] = int(time.time())


def end(user: Any, but: str | None = "") -> int:
    """End the sessions of `user` on whatever device, but the one of that key; how many there were. Keys say nothing of whose they
    are, so all are read: it is done seldom."""
    mine = [each.pk for each in Session.objects.iterator() if each.get_decoded().get(auth.SESSION_KEY) == str(user.pk)]
    return Session.objects.filter(pk__in=[key for key in mine if key != but]).delete()[0]


class TimedAuthenticationMiddleware(AuthenticationMiddleware):
    """Who is over their time is nobody, and their session is gone. Asked only where somebody asks for the user."""

    def process_request(self, request: HttpRequest) -> None:
        super().process_request(request)
        found = request.user
        request.user = SimpleLazyObject(lambda: _timed(request, found))

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        user = getattr(request, "_cached_user", None)
        if user is None or not user.is_authenticated:
            return response
        if SINCE not in request.session:  # who signed out just now
            if cookie_name() in request.COOKIES:
                response.delete_cookie(cookie_name(), samesite=settings.SESSION_COOKIE_SAMESITE)
        elif time.time() - last_seen(request) > RENEWED_AFTER:
            response.set_cookie(
                cookie_name(),
                signer.sign_object({"of": _mark(request), "at": int(time.time())}),
                max_age=settings.SESSION_IDLE_HOURS * 3600,
                secure=settings.SESSION_COOKIE_SECURE,
                httponly=True,
                samesite=settings.SESSION_COOKIE_SAMESITE,
            )
        return response


def cookie_name() -> str:
    return "__Host-seen" if settings.SESSION_COOKIE_SECURE else "seen"


def last_seen(request: HttpRequest) -> float:
    """By the cookie where it is of this very session, else by the sign-in; 0 for a session that says neither."""
    since: float = request.session.get(SINCE, 0)
    try:
        seen = signer.unsign_object(request.COOKIES.get(cookie_name(), ""))
    except (BadSignature, ValueError):
        return since
    return max(since, seen["at"]) if seen["of"] == _mark(request) else since


def _timed(request: HttpRequest, found: Any) -> Any:
    if not found.is_authenticated:
        return found
    now = time.time()
    too_long = now - request.session.get(SINCE, 0) > settings.SESSION_COOKIE_AGE
    if too_long or now - last_seen(request) > settings.SESSION_IDLE_HOURS * 3600:
        request.session.flush()
        request._cached_user = AnonymousUser()
        return request._cached_user
    return found


def _mark(request: HttpRequest) -> str:
    """Tells one session from another without telling its key."""
    return hashlib.sha256(str(request.session.session_key).encode()).hexdigest()[:32]
