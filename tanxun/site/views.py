"""The pages of the site as a whole: home board, health, and what is shown when something is wrong."""

import logging
import sys
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.log import log_response
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from django.views.generic import TemplateView

from tanxun.databases import is_unavailable, let_go
from tanxun.digest.sources import MAX_BYTES
from tanxun.listing.access import ReaderRequiredMixin
from tanxun.listing.answers import refused
from tanxun.listing.bearer import is_program

from . import unavailable
from .health import is_behind, unready
from .home import board
from .signed_out import is_own_page

log = logging.getLogger(__name__)


class HomeView(ReaderRequiredMixin, TemplateView):
    """Work queues, counts and the latest records."""

    template_name = "site/home.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**board(self.request.user), **kwargs)


home = HomeView.as_view()


@login_not_required
@require_safe
@never_cache
def livez(request: HttpRequest) -> HttpResponse:
    """The process is up: asks nothing of the database."""
    return HttpResponse("ok", content_type="text/plain")


@login_not_required
@require_safe
@never_cache
def readyz(request: HttpRequest) -> HttpResponse:
    """Ready to work: database writable and migrated; else 503 with the reason."""
    reason = unready()
    return HttpResponse(reason or "ok", content_type="text/plain; charset=utf-8", status=503 if reason else 200)


def problem(request: HttpRequest, status: int, heading: str, advice: str, **more: Any) -> HttpResponse:
    """A plain page in the site's look, to programs as JSON. It needs no database and repeats nothing of the address."""
    if is_program(request):
        return refused(status, heading, advice)
    context = {"status": status, "heading": heading, "advice": advice, "request_id": getattr(request, "id", "")} | more
    try:
        return HttpResponse(render_to_string("site/error.html", context), status=status)
    except Exception:  # there are no collected static files, or the disk is gone: the words stand alone
        log.exception("The error page could not be drawn")
        words = "\n".join((heading, advice, context["request_id"]))
        return HttpResponse(words, content_type="text/plain; charset=utf-8", status=status)


@login_not_required
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    kept = unavailable.again(request) if is_own_page(request) else None
    if kept and kept["fields"]:
        advice = _("You signed in or out since this page was opened. Nothing typed is lost: send it again.")
        return problem(request, 403, _("The page was older than your sign-in"), advice, again=kept)
    advice = _("It was open too long, or cookies are off. Go back, reload the page and send it again.")
    return problem(request, 403, _("The form could not be accepted"), advice)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """What is not understood; and what is larger than DATA_UPLOAD_MAX_MEMORY_SIZE, which no form of the site gets to see."""
    if isinstance(exception, RequestDataTooBig):
        advice = _("A newsletter may have %(limit)s MB at most. Go back and send a part of it.")
        answer = problem(request, 413, _("This is too large"), advice % {"limit": MAX_BYTES // 1_000_000})
        # Logged here in one line, Django does not log it again with a traceback.
        log_response("Too large: %s", request.path, response=answer, request=request)
        return answer
    advice = _("The address or the form holds something that is not understood. Go back, or begin again from a list.")
    return problem(request, 400, _("This request cannot be answered"), advice)


def password_too_long(request: HttpRequest) -> HttpResponse:
    return problem(request, 413, _("This is too large"), _("No password is that long. Go back and type it again."))


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    advice = _("Ask a manager if you need it, or sign in with another account.")
    return problem(request, 403, _("Your role may not do this"), advice)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    advice = _("The record was removed, or the address is wrong. Look for it in the lists.")
    return problem(request, 404, _("There is nothing here"), advice)


def busy(request: HttpRequest, fault: BaseException | None) -> HttpResponse:
    """503 until the database is itself again. A page that was only read asks again by itself, a form can be sent again."""
    let_go()
    heading, advice = unavailable.words_of(request, fault)
    answer = problem(request, 503, heading, advice, again=unavailable.again(request))
    answer.headers["Retry-After"] = str(unavailable.SECONDS)
    answer.database_fault = fault
    if request.method == "GET":
        answer.headers["Refresh"] = str(unavailable.SECONDS)
    return answer


def broken(request: HttpRequest) -> HttpResponse:
    if is_unavailable(fault := sys.exc_info()[1]) or is_behind(fault):
        return busy(request, fault)
    advice = _("It has been written to the log. Try again in a moment.")
    return problem(request, 500, _("Something went wrong on our side"), advice)
