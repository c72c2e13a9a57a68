"""Who comes with a token: the header, the scope and how often. Asked by the API, the files of a list and secret addresses."""

from __future__ import annotations

import math
import re
import threading
import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation.trans_real import parse_accept_lang_header
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed

from .answers import refused
from .keys import AccessKey

CHALLENGE = 'Bearer realm="Tanxun"'
HEADER = re.compile(r"bearer +([A-Za-z0-9_-]{20,100})", re.I)


class Bearer(BaseAuthentication):
    """`Authorization: Bearer …`, once. Neither a cookie nor anything in the address opens the API: no other site can ask it
    in the name of who is signed in here, and no key comes to stand in a log.
    """

    def authenticate(self, request: Any) -> tuple[Any, AccessKey] | None:
        header = request.META.get("HTTP_AUTHORIZATION")
        if header is None:
            return None
        given = HEADER.fullmatch(header.strip())
        key = AccessKey.objects.opened_by(given[1], AccessKey.Kind.TOKEN) if given else None
        if key is None:
            raise AuthenticationFailed(_("This token opens nothing: it is wrong, has expired or was revoked."))
        request.META["tanxun.token"] = key.pk  # for the log
        return key.user, key

    def authenticate_header(self, request: Any) -> str:
        return CHALLENGE


class Allowance:
    """How many requests each key may make: BURST at once, then as many as come back in time. In this process alone.

    GET writes nothing, and a count in the database would be a write for each request, one after the other for all: so each
    process of the server counts for itself, and a token may make at most so many times what the settings say as there are
    processes. A token's account is one moment: that at which its last request would be paid for.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.clock, self.lock = clock, threading.Lock()
        self.paid_until: dict[str, float] = {}

    def wait(self, key: str) -> int:
        """0 where the request may go on, else in how many seconds the next one may."""
        price = 60 / settings.API_REQUESTS_PER_MINUTE
        with self.lock:
            now = self.clock()
            start = max(self.paid_until.get(key, 0.0), now)
            ahead = start + price - now - settings.API_BURST * price
            if ahead > 1e-9:  # as far as moments can be told apart
                return max(math.ceil(ahead), 1)
            self.paid_until[key] = start + price
            return 0


ALLOWANCE = Allowance()


def unauthorized(words: str = "") -> HttpResponse:
    challenge = f'{CHALLENGE}, error="invalid_token"' if words else CHALLENGE
    return refused(401, words or _("Send a token: “Authorization: Bearer …”."), WWW_Authenticate=challenge)


def too_often(seconds: int) -> HttpResponse:
    words = _("Too many requests: wait %(seconds)s seconds.") % {"seconds": seconds}
    return refused(429, words, Retry_After=str(seconds))


def out_of_scope(scope: str) -> HttpResponse:
    return refused(403, _("This token has not the scope “%(scope)s”.") % {"scope": scope})


def is_program(request: HttpRequest) -> bool:
    """Whether a program asks: it is answered in JSON, whatever happens. It comes with a token, or to the API. Any other
    Authorization is a proxy's, which browsers send with every request.
    """
    if request.META.get("HTTP_AUTHORIZATION", "")[:7].lower() == "bearer ":
        return True
    return is_api(request)


def is_api(request: HttpRequest) -> bool:
    """Whether the address is the API's own; its description for people is a page."""
    return request.path_info.startswith("/api/") and not request.path_info.endswith("/docs/")


def language_of(request: HttpRequest) -> str:
    """The language that a program asks for, else the site's: no cookie decides what a program reads."""
    known = {code.partition("-")[0]: code for code, _name in settings.LANGUAGES}
    for wanted, weight in parse_accept_lang_header(request.META.get("HTTP_ACCEPT_LANGUAGE", "")):
        if weight and (found := known.get(wanted.partition("-")[0])):
            return found
    return settings.LANGUAGE_CODE
