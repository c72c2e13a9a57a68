"""Who must have a second factor by SECOND_FACTOR_FOR gets nowhere without: looked at with every request, so that a session
from before the rule, or before the role, is no way around it."""

from django.contrib import auth, messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from tanxun.listing.answers import refused
from tanxun.listing.bearer import is_program
from tanxun.site import signed_out, unavailable

from . import factor, steps

OPEN = {"second_factor", "logout", "set_language", "livez", "readyz", "login", "second_step"}


class AskFactor:
    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view, args, kwargs) -> HttpResponse | None:
        """Tokens of programs are no sessions: they are made in one, and each may only read."""
        user = request.user
        if not user.is_authenticated or not factor.is_required(user) or request.resolver_match.view_name in OPEN:
            return None
        has_one = factor.of(user) is not None  # asked each time: an administrator may have taken it away since
        if has_one and request.session.get(steps.PASSED):
            return None
        if is_program(request):
            return refused(403, _("A second factor is needed"), _("Sign in with a browser and turn it on."))
        kept = unavailable.again(request) if signed_out.can_be_held(request) else None
        if has_one:
            auth.logout(request)
            messages.info(request, _("Your role needs a second factor: sign in with it."))
        if kept and kept["fields"]:
            place = reverse("login" if has_one else "second_factor")
            return signed_out.held(request, kept, place, needs_factor=not has_one)
        if has_one:
            return redirect_to_login(request.get_full_path())
        messages.info(request, _("Your role needs a second factor: turn it on first."))
        return redirect("second_factor")
