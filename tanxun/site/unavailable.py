"""The answer while the database cannot do its part (busy, full, away): 503 with what was typed kept. Asked by `views.broken`."""

from typing import Any

from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.utils.translation import gettext as _

from tanxun.databases import FULL, MISSING, number_of

SECONDS = 5


def words_of(request: HttpRequest, fault: BaseException | None) -> tuple[str, str]:
    """Heading and advice."""
    if number_of(fault) in FULL:
        return _("The disk of the site is full"), _("Nothing more can be saved until an administrator makes room. Reading works.")
    heading = _("The site is being updated") if number_of(fault) in MISSING else _("The database is busy")
    if request.method in ("GET", "HEAD"):
        return heading, _("This page tries again by itself in a few seconds.")
    return heading, _("It could not be saved just now. Nothing typed is lost: wait a moment, then send it again.")


def again(request: HttpRequest) -> dict[str, Any] | None:
    """What a form held, to be sent once more; None where there is none, or a password or a file was in it."""
    if request.method != "POST" or request.FILES or any("password" in name for name in request.POST):
        return None
    fields = [(name, value) for name, values in request.POST.lists() for value in values if name != "csrfmiddlewaretoken"]
    return {"action": request.get_full_path(), "fields": fields, "token": get_token(request)}
