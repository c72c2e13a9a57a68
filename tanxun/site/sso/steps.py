"""From a right password, or the company's server, to a session: through the second factor where the person has one.

Between the two steps nobody is signed in: the session holds whose code is asked for, for ten minutes. Called by
`site.accounts`, `company` and `views`.
"""

import time

from django.contrib import auth
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect

from tanxun.site.models import User

from . import factor

WAITING, PASSED = "second_step", "second_factor"
SECONDS = 600
BACKEND = "django.contrib.auth.backends.ModelBackend"


def enter(request: HttpRequest, user: User, place: str) -> HttpResponse:
    """`user` has shown who they are; `place` is on this site."""
    if factor.of(user) is None:
        auth.login(request, user, backend=BACKEND)
        return HttpResponseRedirect(place)
    request.session.flush()  # a session that somebody else may know takes no part in it
    proof = user.get_session_auth_hash()
    request.session[WAITING] = {"user": user.pk, "proof": proof, "place": place, "at": time.time()}
    return redirect("second_step")


def waiting(request: HttpRequest) -> tuple[User | None, str]:
    """Whose code is asked for, and where they go then; (None, "") where it is nobody's, or the password is another one since."""
    held = request.session.get(WAITING) or {}
    if not held or time.time() - held["at"] > SECONDS:
        return None, ""
    user = User.objects.filter(pk=held["user"], is_active=True).first()
    return (user, held["place"]) if user and user.get_session_auth_hash() == held["proof"] else (None, "")


def finish(request: HttpRequest, user: User, place: str) -> HttpResponse:
    request.session.pop(WAITING, None)
    auth.login(request, user, backend=BACKEND)
    request.session[PASSED] = True
    return HttpResponseRedirect(place)
