"""Every form that a person sends, run under watch; what would change a fact is kept as a proposal instead."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db import IntegrityError, connection, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from tanxun.digest.models import Draft
from tanxun.listing.parameters import KEY
from tanxun.records.proposals import MAY_APPROVE, Proposal, signed, unapproved
from tanxun.site import unavailable
from tanxun.site.views import problem

from .deciding import second_persons
from .told import Told, tell
from .watching import Watch

NOT_KEPT = {"csrfmiddlewaretoken", "edit_again"}
ACCEPT_ALL = "accept_all"  # of the review desk: about no draft of its own


class FourEyesMiddleware:
    """Does nothing where the setting is off."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponseBase | None:
        if not settings.FOUR_EYES or request.method != "POST" or not request.user.is_authenticated:
            return None
        if getattr(view, "csrf_exempt", False) or not getattr(view_of(view), "may_write_facts", True):
            return None  # who reads an upload as it comes must find it unread; who asks other servers holds no lock meanwhile
        if request.resolver_match and request.resolver_match.view_name == "approval":
            return None  # here it is decided
        return answered(request, lambda: view(request, *args, **kwargs))


def view_of(view: Any) -> Any:
    """The class of a view, where it has one."""
    return getattr(view, "view_class", view)


def answered(request: HttpRequest, view: Callable[[], HttpResponseBase]) -> HttpResponseBase:
    """What the view answers where it wrote no fact; else what it wrote is taken back and proposed."""
    if waits := draft_that_waits(request):
        advice = _("This item waits for approval already: “%(title)s”.") % {"title": waits}
        return problem(request, 409, _("Somebody was faster"), advice, again=unavailable.again(request))
    if is_alone(request.user):
        with signed(unapproved()):
            return view()
    watch, found = Watch(), None
    with transaction.atomic(), connection.execute_wrapper(watch):
        response = view()
        if watch.wrote:
            found = tell(watch, request.user)
            transaction.set_rollback(True)
    if found is None or response.status_code >= 400:
        return response
    return proposed(request, response, found)


def proposed(request: HttpRequest, response: HttpResponseBase, found: Told) -> HttpResponseBase:
    """Keep the form, once; say what becomes of it instead of what the view said."""
    getattr(request, "_messages", [])._queued_messages.clear()  # type: ignore[union-attr]
    if request.FILES:
        messages.error(request, _("A form with a file cannot wait for approval: send the file by itself."))
        return redirect(request.get_full_path())
    data = kept(request)
    path = request.get_full_path()
    values = {
        "title": found.title,
        "path": path,
        "data": data,
        "told": found.entries,
        "digest": found.digest,
        "touches": "\n".join(["", *found.touches, *drafts_of(request), ""]),
        "reason": found.reason,
        "language": get_language() or settings.LANGUAGE_CODE,
    }
    mine = Proposal.objects.waiting().of(request.user)
    try:
        with transaction.atomic():
            proposal, _is_new = mine.get_or_create(
                proposer=request.user, fingerprint=Proposal.fingerprint_of(path, data), defaults=values
            )
    except IntegrityError:  # the other one of two clicks
        proposal = mine.get(fingerprint=Proposal.fingerprint_of(path, data))
    messages.info(request, _("Sent for approval: it holds once a second person has approved it."))
    return response if stays(request, response) else redirect(proposal)


def kept(request: HttpRequest) -> dict[str, list[str]]:
    """The form, without what no field takes and no database holds."""
    plain = (key for key in request.POST if key not in NOT_KEPT and "\0" not in key)
    return {key: [value for value in request.POST.getlist(key) if "\0" not in value] for key in plain}


def stays(request: HttpRequest, response: HttpResponseBase) -> bool:
    """On the desk the next item is what a reviewer wants to see; elsewhere the answer may lead to what is not there yet."""
    match = request.resolver_match
    return bool(
        match and match.view_name == "digest:review" and isinstance(response, HttpResponse) and response.has_header("Location")
    )


def drafts_of(request: HttpRequest) -> list[str]:
    """The item of a newsletter that the form is about."""
    match = request.resolver_match
    if not match or match.view_name != "digest:review" or request.POST.get("action") == ACCEPT_ALL:
        return []
    key = request.POST.get("draft", "")
    return [f"{Draft._meta.label_lower}-{key}"] if KEY.fullmatch(key) else []


def draft_that_waits(request: HttpRequest) -> Proposal | None:
    keys = drafts_of(request)
    return Proposal.objects.waiting().touching(keys[0]).first() if keys else None


def is_alone(user: Any) -> bool:
    """Whether this person may approve and nobody else may: the rule cannot be kept then, and the history says so."""
    return user.has_perm(MAY_APPROVE) and not second_persons(user).exists()
