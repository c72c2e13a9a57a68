"""Secret addresses: a feed or calendar of one list and its parameters, opened without sign-in by a program that knows the key.

`/account/addresses/` makes, lists and revokes them; `/feeds/<key>/<list>.atom` or `.ics` is what they are.
"""

from __future__ import annotations

import copy
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import get_user_model
from django.contrib.auth.decorators import login_not_required, permission_required
from django.core.exceptions import TooManyFieldsSent
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import Resolver404, URLPattern, path, resolve, reverse
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from .access import person
from .bearer import ALLOWANCE, too_often
from .controls import chips
from .keys import AccessKey
from .page import InvalidParametersError, Rows
from .subscribing import SUBSCRIBE_PERMISSION, Subscribable

MOST, REVOKED_SHOWN = 50, 10
MAX_ADDRESS, MAX_LABEL = 4000, 100


def opened(address: str) -> Any:
    """The view function of the feed or calendar at that path and query, None where there is none."""
    try:
        found = resolve(urlsplit(address).path).func
    except (Resolver404, ValueError):
        return None
    return found if issubclass(getattr(found, "view_class", object), Subscribable) else None


def question_of(address: str, user: Any) -> Rows:
    """The rows that it asks for. Raises Http404 where it is no feed or calendar, or the list refuses its parameters."""
    view = opened(address)
    if view is None or len(address) > MAX_ADDRESS:
        raise Http404
    made = view.view_class(**view.view_initkwargs)
    try:
        return made.asked(asking(HttpRequest(), address, user))
    except (InvalidParametersError, TooManyFieldsSent):
        raise Http404 from None


def asking(request: HttpRequest, address: str, user: Any) -> HttpRequest:
    """A copy of `request` that asks for that address in that person's name."""
    other: Any = copy.copy(request)
    other.GET, other.user = QueryDict(urlsplit(address).query), user
    return other


@require_safe
@permission_required(SUBSCRIBE_PERMISSION, raise_exception=True)
def overview(request: HttpRequest) -> HttpResponse:
    """Mine, with when each was last asked for."""
    return draw(request)


def draw(request: HttpRequest, status: int = 200, **context: Any) -> HttpResponse:
    mine = AccessKey.objects.filter(user=request.user.pk, kind=AccessKey.Kind.ADDRESS)
    working = [(one, *urlsplit(one.address)[2:4]) for one in mine.filter(revoked_at=None)]
    revoked = mine.exclude(revoked_at=None).order_by("-revoked_at")[:REVOKED_SHOWN]
    return render(
        request, "listing/addresses.html", {"working": working, "revoked": revoked, "most": MOST, **context}, status=status
    )


@require_POST
@permission_required(SUBSCRIBE_PERMISSION, raise_exception=True)
def add(request: HttpRequest) -> HttpResponse:
    """Make one and show it: the page that answers is the only one that ever holds the key."""
    address, user = request.POST.get("address", "").replace("\0", ""), person(request)
    if address and (remind := request.POST.get("remind", "")):
        address += f"{'&' if urlsplit(address).query else '?'}{QueryDict.fromkeys(['remind'], remind).urlencode()}"
    rows = question_of(address, user)
    label = (" ".join(request.POST.get("label", "").replace("\0", "").split()) or words(rows))[:MAX_LABEL]
    with transaction.atomic():
        get_user_model().objects.select_for_update().get(pk=user.pk)  # so that two at once do not pass the limit together
        mine = AccessKey.objects.working().filter(user=user, kind=AccessKey.Kind.ADDRESS)
        mine.first_of_two_clicks(address=address, label=label).delete()
        if mine.count() >= MOST:
            messages.error(request, _("You have %(count)s addresses: revoke one first.") % {"count": MOST})
            return draw(request, 409)
        made, key = AccessKey.make(user, AccessKey.Kind.ADDRESS, label, address=address)
    whole = f"{settings.SITE_URL}{reverse('secret-address', args=[key, urlsplit(address).path.strip('/')])}"
    return draw(request, made=made, whole=whole, webcal=f"webcal://{whole.split('://', 1)[1]}" if is_calendar(address) else "")


def words(rows: Rows) -> str:
    """What it is known by unless its owner says: the list, and what is asked of it."""
    return " · ".join([str(rows.page.title), *(f"{chip.label}: {chip.words}" for chip in chips(rows))])


def is_calendar(address: str) -> bool:
    return urlsplit(address).path.endswith(".ics")


@require_POST
@permission_required(SUBSCRIBE_PERMISSION, raise_exception=True)
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """For good: whoever knows it gets nothing from now on."""
    one = get_object_or_404(AccessKey, pk=pk, user=request.user.pk, kind=AccessKey.Kind.ADDRESS)
    one.revoke()
    messages.success(request, _("“%(name)s” is revoked: its address opens nothing any more.") % {"name": one.label})
    return redirect("addresses")


@login_not_required
@require_safe
def by_key(request: HttpRequest, key: str, name: str) -> HttpResponseBase:
    """What the address holds, by what its owner may see today; 404 for a key that was never there, is revoked, or is of somebody
    who may not subscribe any more: all alike, so that nobody learns which. 429 where it is asked for oftener than a token may.
    """
    response = answer(request, key, name)
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex"
    patch_cache_control(response, private=True)
    return response


def answer(request: HttpRequest, key: str, name: str) -> HttpResponseBase:
    missing = HttpResponse(
        _("There is no such address, or it was revoked."), status=404, content_type="text/plain; charset=utf-8"
    )
    found = AccessKey.objects.known_by(key, AccessKey.Kind.ADDRESS)
    if found is None or urlsplit(found.address).path.strip("/") != name or not found.user.has_perm(SUBSCRIBE_PERMISSION):
        return missing
    if seconds := ALLOWANCE.wait(found.key_hash):
        return too_often(seconds)
    view = opened(found.address)
    if view is None:  # a list that is no more
        return missing
    response: HttpResponseBase = view.view_class.as_view(**view.view_initkwargs, is_secret=True)(
        asking(request, found.address, found.user)
    )
    if response.status_code == 200:  # a 304 writes nothing; the mark of a day does not outlive it, so each day is noted
        found.note_use()
    return response


def address_urls() -> list[URLPattern]:
    return [
        path("account/addresses/", overview, name="addresses"),
        path("account/addresses/add/", add, name="address-add"),
        path("account/addresses/<int:pk>/revoke/", revoke, name="address-revoke"),
        path("feeds/<str:key>/<path:name>", by_key, name="secret-address"),
    ]
