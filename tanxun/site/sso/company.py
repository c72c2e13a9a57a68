"""Who comes from the company's own server: known by the server and its key for them, else by an address that it vouches for, else
new, else turned away. Named in the settings as allauth's adapters; asked while `server.back` runs."""

import logging
import re

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialAccount, SocialLogin
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.models import AbstractBaseUser
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tanxun.alerts import notices
from tanxun.site.models import User

from . import steps

log = logging.getLogger(__name__)
CLOSED = gettext_lazy("Your account here is closed: ask an administrator.")
JOINED = gettext_lazy("Your account can be opened by signing in at the company's server from now on.")
NOT_IN_NAME = re.compile(r"[^\w.@+-]+")


def turned_away(request: HttpRequest, words: str, why: str) -> ImmediateHttpResponse:
    """Back to the sign-in page, where the words stand; `why` is for the log."""
    log.warning("sign-in by the company's server refused: %s", why)
    messages.error(request, words)
    return ImmediateHttpResponse(redirect("login"))


class SignsIn(DefaultAccountAdapter):
    def pre_login(self, request: HttpRequest, user: AbstractBaseUser, *, redirect_url=None, **kwargs) -> HttpResponse:
        """allauth hands over here, so that there is one way in: with the second factor where there is one."""
        return steps.enter(request, user, redirect_url or reverse("home"))

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False


class Arrives(DefaultSocialAccountAdapter):
    """`claims` are what the server said of them, as `server.Company.complete_login` left it."""

    def list_apps(self, request, provider=None, client_id=None):
        """Of the settings alone: a row in the database opens no other door."""
        return [app for app in super().list_apps(None, provider, client_id) if not app.pk]

    def on_authentication_error(self, request, provider, error=None, exception=None, extra_context=None):
        words = _("Signing in there did not work. Try again, or sign in with a password.")
        raise turned_away(request, words, f"{error} {type(exception).__name__ if exception else ''} {exception or ''}")

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        if not sociallogin.is_existing:
            try:
                with transaction.atomic():
                    sociallogin.user = self.someone(request, sociallogin)
                    sociallogin.account.user = sociallogin.user
                    sociallogin.account.save()
            except IntegrityError:  # they came twice at once
                raise turned_away(request, _("That did not work just now: try again."), "two at once") from None
        if not sociallogin.user.is_active:
            raise turned_away(request, CLOSED, "account is closed")

    def someone(self, request: HttpRequest, sociallogin: SocialLogin) -> User:
        """The account of somebody who comes for the first time."""
        claims = sociallogin.account.extra_data
        address = verified_address(claims)
        if user := self.matching(address, sociallogin.account.provider):
            if not user.is_active:
                raise turned_away(request, CLOSED, "account is closed")
            log.warning("account joined to the company's server: user=%s", user.pk)
            notices.tell(user, JOINED)  # in their language, whatever that of the page is
            return user
        if not settings.SSO_NEWCOMERS:
            words = _("You have no account here yet: ask an administrator for one.")
            raise turned_away(request, words, "no account, and newcomers get none")
        user = User(username=free_name(claims), role=settings.SSO_NEWCOMERS, email=address)
        user.display_name = str(claims.get("name") or "")[:60]
        user.set_unusable_password()
        user.save()
        log.warning("account made for who came from the company's server: user=%s", user.pk)
        return user

    def matching(self, address: str, server: str) -> User | None:
        """The one account with this address, where the settings trust the server so far, and nobody there is joined to it yet."""
        if not (settings.SSO_MATCH_EMAIL and address):
            return None
        found = [user for user in User.objects.filter(email__iexact=address) if same_address(user.email, address)]
        if len(found) != 1 or SocialAccount.objects.filter(user=found[0], provider=server).exists():
            return None
        return found[0]


def same_address(one: str, other: str) -> bool:
    """Whatever a database thinks of letters: PostgreSQL makes one great letter of ı and i, of ſ and s (as in CVE-2019-19844).
    Great and small are the same in ASCII alone.
    """
    return one == other or (one.isascii() and other.isascii() and one.lower() == other.lower())


def verified_address(claims: dict) -> str:
    """Empty where the server does not vouch for it. Some write the word instead of the truth value."""
    email = claims.get("email")
    is_verified = claims.get("email_verified") in (True, "true")
    return email if is_verified and isinstance(email, str) and len(email) <= 254 else ""


def free_name(claims: dict) -> str:
    """A user name after theirs there: never one that somebody has."""
    wished = claims.get("preferred_username") or claims.get("email") or claims.get("sub")
    name = NOT_IN_NAME.sub("-", str(wished)).strip("-")[:120] or "person"
    number, free = 1, name
    while User.objects.filter(username__iexact=free).exists():
        number += 1
        free = f"{name}-{number}"
    return free
