"""The answer while the database cannot do its part (busy, full, away): 503 with what was typed kept. Asked by `views.broken`."""

from typing import Any

from django.db import InterfaceError, OperationalError, connections
from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.utils.translation import gettext as _

SECONDS = 5
# By its own number (SQLite: busy, locked, out of memory, read-only, input and output, full, cannot open) or its class
# (PostgreSQL: connection, transaction taken back, resources, in use, stopped by an operator); all else is a fault of ours.
OF_SQLITE = {5, 6, 7, 8, 10, 13, 14}
OF_POSTGRESQL = {"08", "40", "53", "55", "57"}
READ_ONLY = "25006"  # a server that was the primary until now
FULL = {"13", "53100"}


def number_of(fault: BaseException | None) -> str:
    """SQLite's number or PostgreSQL's five signs; "" where the server was not even reached."""
    cause = getattr(fault, "__cause__", None)
    number = getattr(cause, "sqlite_errorcode", None)
    return str(number & 0xFF) if number is not None else getattr(cause, "sqlstate", None) or ""


def is_unavailable(fault: BaseException | None) -> bool:
    if not isinstance(fault, OperationalError | InterfaceError):
        return False
    number = number_of(fault)
    if number.isdigit() and len(number) < 5:
        return int(number) in OF_SQLITE
    return not number or number[:2] in OF_POSTGRESQL or number == READ_ONLY


def words_of(request: HttpRequest, fault: BaseException | None) -> tuple[str, str]:
    """Heading and advice."""
    if number_of(fault) in FULL:
        return _("The disk of the site is full"), _("Nothing more can be saved until an administrator makes room. Reading works.")
    heading = _("The database is busy")
    if request.method in ("GET", "HEAD"):
        return heading, _("This page tries again by itself in a few seconds.")
    return heading, _("It could not be saved just now. Nothing typed is lost: wait a moment, then send it again.")


def again(request: HttpRequest) -> dict[str, Any] | None:
    """What a form held, to be sent once more; None where there is none, or a password or a file was in it."""
    if request.method != "POST" or request.FILES or any("password" in name for name in request.POST):
        return None
    fields = [(name, value) for name, values in request.POST.lists() for value in values if name != "csrfmiddlewaretoken"]
    return {"action": request.get_full_path(), "fields": fields, "token": get_token(request)}


def let_go() -> None:
    """No connection that failed is used again: the next request opens its own."""
    for connection in connections.all(initialized_only=True):
        if not connection.in_atomic_block:
            connection.close()
