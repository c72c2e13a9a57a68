"""A request that met a database server which went away, or is no primary any more, is answered by the next one: middleware.

Only what may be done twice: reading, and forms with a token that is spent with what they write, so that a commit whose answer
was lost is found again and nothing is written twice.
"""

import re
import time
from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase

from tanxun.databases import is_passing

PAUSES = (0.2, 0.8)  # seconds before the second try and the third
HOPELESS_SECONDS = 5  # after three tries in vain others wait no more: a failover takes longer than anybody should
TOKEN = re.compile(r"[0-9a-f]{32}")
TOKENS = ("token", "form_token")
KEPT = ("_cached_user", "_acached_user", "csrf_processing_done")  # what Django's own middleware leaves on a request


class TryAgainMiddleware:
    """Stands outside of all that asks the database, so that each try reads the session and the person anew (KEPT)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self.hopeless_until = 0.0

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        for pause in PAUSES:
            if not is_passing(fault_of(response)) or time.monotonic() < self.hopeless_until or not may_be_repeated(request):
                return response
            time.sleep(pause)
            for name in KEPT:
                vars(request).pop(name, None)
            response = self.get_response(request)
        if is_passing(fault_of(response)):
            self.hopeless_until = time.monotonic() + HOPELESS_SECONDS
        return response


def fault_of(response: HttpResponseBase) -> BaseException | None:
    """What `views.busy` answered to."""
    return getattr(response, "database_fault", None)


def may_be_repeated(request: HttpRequest) -> bool:
    if request.method in ("GET", "HEAD"):
        return True
    if request.method != "POST" or request.FILES:  # a file was read to its end
        return False
    return any(TOKEN.fullmatch(request.POST.get(name, "")) for name in TOKENS)
