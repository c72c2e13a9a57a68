"""Which request a line of the log speaks of, and who asked: the middleware and the filter of the log, named in the settings."""

import logging
import re
import uuid
from contextvars import ContextVar

from django.http import HttpRequest

REQUEST: ContextVar[HttpRequest | None] = ContextVar("request", default=None)
GIVEN = re.compile(r"[A-Za-z0-9-]{8,64}")


class RequestIdMiddleware:
    """Gives each request an id, which its answer, the page of a fault and every line of the log carry.

    A proxy that is trusted may give it (X-Request-ID), so that its own log names the same one.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        given = request.META.get("HTTP_X_REQUEST_ID", "")
        request.id = given if GIVEN.fullmatch(given) else uuid.uuid4().hex[:16]
        before = REQUEST.set(request)
        try:
            response = self.get_response(request)
        finally:
            REQUEST.reset(before)
        response.headers["X-Request-ID"] = request.id
        return response


class TellRequest(logging.Filter):
    """Adds `asked_by` to each line: ids of the request, of the user and of the token as far as they are known by now.

    It asks the database nothing: a line may be of the moment in which that fails.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        request = getattr(record, "request", None) or REQUEST.get()
        user = getattr(request, "_cached_user", None)
        ids = {
            "request": getattr(request, "id", None),
            "user": getattr(user, "pk", None),
            "token": request.META.get("tanxun.token") if request is not None else None,
        }
        record.asked_by = "".join(f" {name}={value}" for name, value in ids.items() if value is not None)
        return True
