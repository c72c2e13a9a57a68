"""Who must have a second factor by SECOND_FACTOR_FOR gets nowhere without: looked at with every request, so that a session
from before the rule, or before the role, is no way around it."""

from django.contrib import auth, messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from tanxun.listing.answers import refused
from tanxun.listing.bearer import is_program

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
        if not user.is_authenticated or request.session.get(steps.PASSED) or not factor.is_required(user):
            return None
        if request.resolver_match.view_name in OPEN:
            return None
        if is_program(request):
            return refused(403, _("A second factor is needed"), _("Sign in with a browser and turn it on."))
        if factor.of(user):
            auth.logout(request)
            messages.info(request, _("Your role needs a second factor: sign in with it."))
            return redirect_to_login(request.get_full_path())
        messages.info(request, _("Your role needs a second factor: turn it on first."))
        return redirect("second_factor")
