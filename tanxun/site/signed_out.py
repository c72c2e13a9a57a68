"""What was typed is not lost by being signed out meanwhile: a form that comes without a session, or from a page that was opened
before one signed in again, is answered by a page that holds it and sends it once more. Named in the settings; asked by
`views.csrf_failure`."""

from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import resolve_url
from django.urls import reverse
from django.utils.translation import gettext as _

from tanxun.listing.bearer import is_program

from . import unavailable

FORMS_OF_OTHERS = ("set_language", "login", "logout")  # which lead to the sign-in page when they did what was asked


class KeepTypedMiddleware:
    """In place of the redirect to the sign-in page, which would drop the form. Who only reads is still led there."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if not is_sent_away(request, response):
            return response
        kept = unavailable.again(request)
        return held(request, kept, resolve_url(settings.LOGIN_URL)) if kept and kept["fields"] else response


def is_sent_away(request: HttpRequest, response: HttpResponse) -> bool:
    """Whether a form was not looked at because nobody is signed in. An upload that nobody read yet stays unread."""
    if response.status_code != 302 or request.user.is_authenticated or not can_be_held(request):
        return False
    place, _mark, query = response.headers["Location"].partition("?")
    return place in (resolve_url(settings.LOGIN_URL), reverse("admin:login")) and query.startswith("next=")


def can_be_held(request: HttpRequest) -> bool:
    """Whether it is a form of a page, which nobody read yet but the guards before the views."""
    if request.method != "POST" or not request.resolver_match or request.resolver_match.view_name in FORMS_OF_OTHERS:
        return False
    is_part = is_program(request) or getattr(request, "htmx", False)
    return not is_part and not getattr(request.resolver_match.func, "csrf_exempt", False)


def held(request: HttpRequest, kept: dict, place: str, needs_factor: bool = False) -> HttpResponse:
    """`place` is where they become who may send it: signing in, or turning on the second factor that their role needs."""
    from .views import problem

    heading, way = _("You are signed out"), _("Sign in in another tab")
    advice = _("Nothing typed is lost: sign in in another tab, come back to this one, and send it again.")
    if needs_factor:
        heading, way = _("Your role needs a second factor"), _("Turn it on in another tab")
        advice = _("Nothing typed is lost: turn it on in another tab, come back to this one, and send it again.")
    response = problem(request, 401, heading, advice, again=kept, place=place, way=way)
    response.headers["WWW-Authenticate"] = "Session"  # as `answers.sign_in_first` says it
    return response


def is_own_page(request: HttpRequest) -> bool:
    """Whether a page of this site sent the form, as the browser says: a foreign page cannot make it say so."""
    origin = urlsplit(request.headers.get("Origin", ""))
    return (origin.scheme, origin.netloc) == (request.scheme, request.get_host())
