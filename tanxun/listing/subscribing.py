"""Representations that programs fetch again and again: the feed and the calendar of a list, answered with 304 while nothing
was written. Their addresses; what pages say of them; and, for `addresses`, that they are what a secret address may open.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import override

from tanxun.replicas import may_read_replica

from .access import may_read, person
from .agenda import calendar
from .answers import sign_in_first
from .feeds import atom, newest
from .freshness import moved_at, version
from .page import InvalidParametersError, ListPage, Rows
from .representation import Representation

WRITTEN_AS = "2"  # counts up when what is written of the same data changes
SETTLED = dt.timedelta(seconds=2)
SUBSCRIBE_PERMISSION = "listing.add_savedfilter"  # subscriptions come with saved filters: both are of consultants and above
FEED, CALENDAR = "atom", "ics"
REMINDS = frozenset(str(days) for days in range(1, 367))


class Subscribable(Representation):
    """Words are in LANGUAGE_CODE, as in files. `is_secret` is said by `addresses`, with whose rights it is asked then."""

    content_type = ""
    ending = ""
    is_secret = False

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
        """304 is answered before anything is read but the version of the data: who knows its mark was answered that before."""
        mark, moment = stamp(request)
        if mark and (known := get_conditional_response(request, mark, int(moment.timestamp()) if moment else None)):
            known.headers["ETag"] = mark
            return self.forbid(request) or known
        with override(settings.LANGUAGE_CODE):
            response = super().get(request, **kwargs)
        if response.status_code == 200 and mark:
            response.headers["ETag"] = mark
            if moment:
                response.headers["Last-Modified"] = moment.strftime("%a, %d %b %Y %H:%M:%S GMT")
        if response.status_code == 200:
            is_for_all = settings.PUBLIC_READ and not self.is_secret and not request.user.is_authenticated
            patch_cache_control(response, **({} if is_for_all else {"private": True}), no_cache=True)
        return response

    def forbid(self, request: HttpRequest) -> HttpResponse | None:
        if may_read(request):
            return None
        return sign_in_first()

    def document(self, request: HttpRequest, rows: Rows) -> str | bytes:
        raise NotImplementedError

    def answer(self, request: HttpRequest, rows: Rows) -> HttpResponseBase:
        name = str(content_disposition_header(False, f"{self.page.slug}.{self.ending}"))
        return HttpResponse(self.document(request, rows), content_type=self.content_type, headers={"Content-Disposition": name})


class FeedList(Subscribable):
    """The newest rows as Atom."""

    content_type = "application/atom+xml; charset=utf-8"
    ending = FEED

    def document(self, request: HttpRequest, rows: Rows) -> str:
        address = "" if self.is_secret else f"{settings.SITE_URL}{rows.address(f'{self.page.slug}-atom')}"
        return atom(rows, (type(self.page).entries or newest)(rows), address)


class CalendarList(Subscribable):
    """The days to come as iCalendar; `remind=30` sets a reminder so many days before each."""

    content_type = "text/calendar; charset=utf-8"
    ending = CALENDAR

    def asked(self, request: HttpRequest) -> Rows:
        given = request.GET.copy()
        reminds = [text for text in given.pop("remind", []) if text]
        rows = self.page.rows(given, request.user)
        if len(reminds) > 1 or not all(text in REMINDS for text in reminds):
            raise InvalidParametersError({"remind": [_("Give a number of days from 1 to 366.")]}, rows)
        self.remind = int(reminds[0]) if reminds else None
        return rows

    def document(self, request: HttpRequest, rows: Rows) -> bytes:
        events = type(self.page).agenda
        return calendar(rows, events(rows) if events else [], self.remind)


def stamp(request: HttpRequest) -> tuple[str, dt.datetime | None]:
    """The ETag of what this address answers now, and since when that is so. None of either where it depends on the visitor.

    Made of the version of the data, the day (which moves what is due), and the address. A moment within the last two seconds
    is not told: another write of the same second would be missed by who asks by it.
    """
    if "new" in request.GET:
        return "", None
    token, today = version(), timezone.localdate()
    made_of = (WRITTEN_AS, token, today, request.get_full_path(), settings.SITE_URL, settings.LANGUAGE_CODE)
    mark = f'"{hashlib.sha256(repr(made_of).encode("utf-8", "replace")).hexdigest()[:32]}"'
    midnight = timezone.make_aware(dt.datetime.combine(today, dt.time()))
    since = max(moved_at(token) or midnight, midnight).astimezone(dt.UTC)
    return mark, since if since < timezone.now() - SETTLED else None


def subscription_urls(page: type[ListPage]) -> list[URLPattern]:
    """`<slug>.atom` and, where the list has days to come, `<slug>.ics`; named by the slug with `-atom`, `-ics`."""
    views: list[type[Subscribable]] = [FeedList, *([CalendarList] if page.agenda else [])]
    return [path(f"{page.slug}.{view.ending}", _open(view, page()), name=f"{page.slug}-{view.ending}") for view in views]


def _open(view: type[Subscribable], page: ListPage) -> Any:
    """Without the sign-in wall: programs are answered 401."""
    function: Any = may_read_replica(view.as_view(page=page))
    function.login_required = False
    return function


def subscriptions(rows: Rows, request: HttpRequest) -> dict[str, Any]:
    """What a page says of its feed and calendar: their addresses, and whether secret ones may be made by this visitor."""
    feed, days = addresses_of(rows.page, rows.query_string(per_page=None))
    return {"feed_address": feed, "calendar_address": days, "may_subscribe": is_shown_subscribing(request)}


def addresses_of(page: ListPage, query: str) -> tuple[str, str]:
    """Of the feed and the calendar of a list with that query string; "" where it has no days to come."""
    asked = f"?{query}" if query else ""
    return f"{reverse(f'{page.slug}-atom')}{asked}", f"{reverse(f'{page.slug}-ics')}{asked}" if page.agenda else ""


def is_shown_subscribing(request: HttpRequest) -> bool:
    """Whether pages offer secret addresses: by the role, without a query. The address itself asks for the permission."""
    user = person(request)
    return bool(user.is_authenticated and (user.is_superuser or user.role != "reader"))
