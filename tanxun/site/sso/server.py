"""The way to the company's OpenID Connect server and back: authorization code, PKCE, state, nonce (OpenID Connect Core 1.0).

allauth goes the way; what it leaves open is done here: the signature and the nonce of the identity token are looked at, and
that what the server tells of a person is told of the same one.
"""

import hmac
import logging
import secrets

import jwt
import requests
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from . import issuer
from .company import turned_away

log = logging.getLogger(__name__)
# By public keys alone: a "secret" that everybody can read signs nothing.
SIGNED_BY = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
REQUIRED = ("exp", "iat", "iss", "aud", "sub")
CLOCKS_DIFFER = 60  # seconds
KEPT_SECONDS = 600
FAULT_KEPT_SECONDS = 30
LONGEST_SUB = 191  # of OpenID Connect's 255: what django-allauth's table holds
ENDPOINTS = ("issuer", "authorization_endpoint", "token_endpoint", "jwks_uri")
KEPT_CLAIMS = ("sub", "email", "email_verified", "preferred_username", "name")
FAULTS = (requests.RequestException, OAuth2Error, KeyError, TypeError, ValueError, AttributeError, jwt.PyJWTError)


class Company(OpenIDConnectOAuth2Adapter):
    nonce = ""

    @property
    def openid_config(self):
        """What the server says of itself, kept for ten minutes. Raises one of FAULTS where it does not, or it is another's.

        That it failed is kept, too: each who comes to a server that hangs would hold a thread of ours for seconds.
        """
        kept = f"sso-{settings.SSO_URL}"
        if (said := cache.get(kept)) is None:
            try:
                said = self.described()
            except FAULTS as error:
                cache.add(kept, f"{type(error).__name__} {error}", FAULT_KEPT_SECONDS)  # unless another was answered meanwhile
                raise
            cache.set(kept, said, KEPT_SECONDS)
        if isinstance(said, str):
            raise OAuth2Error(f"not asked again yet: {said}")
        return said

    def described(self) -> dict:
        said = dict(super().openid_config)
        if not all(isinstance(said.get(name), str) for name in ENDPOINTS):
            raise OAuth2Error("the server does not say where it is asked")
        if said["issuer"].rstrip("/") != issuer(settings.SSO_URL):
            raise OAuth2Error("the server calls itself by another address")  # OpenID Connect Discovery 4.3
        return said

    def get_callback_url(self, request, app):
        return f"{settings.SITE_URL}{reverse('sso_back')}"

    def complete_login(self, request, app, token, **kwargs):
        text = kwargs["response"].get("id_token")
        if not isinstance(text, str):
            raise OAuth2Error("no identity token")
        claims = self.proven(text, app.client_id)
        if "userinfo_endpoint" in self.openid_config:
            said = self._fetch_user_info(token.token)
            if said.get("sub") != claims["sub"]:
                raise OAuth2Error("what was told is told of somebody else")
            if {"email", "email_verified"} & said.keys():  # an address is vouched for by whoever names it
                claims = {name: value for name, value in claims.items() if name not in ("email", "email_verified")}
            claims |= said
        login = self.get_provider().sociallogin_from_response(request, {"id_token": claims})
        login.account.extra_data = {name: claims[name] for name in KEPT_CLAIMS if name in claims}
        return login

    def proven(self, text: str, audience: str) -> dict:
        """What the identity token says. Raises OAuth2Error or PyJWTError where it is not the server's, not for us, or not now."""
        header = jwt.get_unverified_header(text)
        if header.get("alg") not in SIGNED_BY:
            raise OAuth2Error("signed by no method that is taken")
        with get_adapter().get_requests_session() as session:
            answer = session.get(self.openid_config["jwks_uri"])
            answer.raise_for_status()
        keys = [key for key in jwt.PyJWKSet.from_dict(answer.json()).keys if key.public_key_use in (None, "sig")]
        named = [key for key in keys if key.key_id == header.get("kid")] or (
            keys if len(keys) == 1 and "kid" not in header else []
        )
        if not named:
            raise OAuth2Error("signed by a key that the server does not name")
        options = {"require": list(REQUIRED)}
        claims = jwt.decode(
            text,
            named[0].key,
            algorithms=[header["alg"]],
            audience=audience,
            issuer=self.openid_config["issuer"],
            leeway=CLOCKS_DIFFER,
            options=options,
        )
        if not self.nonce or not hmac.compare_digest(str(claims.get("nonce")).encode(), self.nonce.encode()):
            raise OAuth2Error("not the answer to what was asked")
        if claims.get("azp", audience) != audience:
            raise OAuth2Error("made out to somebody else")
        if len(str(claims["sub"])) > LONGEST_SUB:
            raise OAuth2Error("names them by more signs than are kept")
        return claims


class Back(OAuth2CallbackView):
    def _get_state(self, request, provider):
        """The nonce went with the state: it is this session's, and holds once."""
        state, answer = super()._get_state(request, provider)
        if state:
            self.adapter.nonce = (state.get("data") or {}).get("nonce", "")
        return state, answer


def wanted_place(request: HttpRequest) -> str:
    place = request.POST.get("next", "")
    is_here = url_has_allowed_host_and_scheme(place, {request.get_host()}, request.is_secure())
    return place if place and is_here else reverse("home")


@login_not_required
@require_POST
@never_cache
def leave(request: HttpRequest) -> HttpResponse:
    """A page that leads there by itself: a redirect after a form would need the server's name in the content security policy."""
    if not settings.SSO_URL:
        raise Http404
    adapter, nonce = Company(request, issuer(settings.SSO_URL)), secrets.token_urlsafe(24)
    try:
        provider = adapter.get_provider()
        provider.oauth2_adapter_class = Company
        answer = provider.redirect(
            request, "login", next_url=wanted_place(request), data={"nonce": nonce}, auth_params={"nonce": nonce}
        )
    except FAULTS as error:
        words = _("The sign-in server cannot be reached just now. Try again, or sign in with a password.")
        return turned_away(request, words, f"{type(error).__name__} {error}").response
    response = render(request, "site/sso_leave.html", {"url": answer.url, "name": settings.SSO_NAME})
    response.headers["Refresh"] = f"0; url={answer.url}"
    return response


@login_not_required
@require_safe
@never_cache
def back(request: HttpRequest) -> HttpResponse:
    """From there, with a code: signed in, asked for the second factor, or turned away."""
    if not settings.SSO_URL:
        raise Http404
    if request.user.is_authenticated:
        return redirect("home")  # a link that signs somebody in as somebody else is not followed
    try:
        return Back.adapter_view(Company(request, issuer(settings.SSO_URL)))(request)
    except ImmediateHttpResponse as answer:
        return answer.response
    except FAULTS as error:
        words = _("Signing in there did not work. Try again, or sign in with a password.")
        return turned_away(request, words, f"{type(error).__name__} {error}").response
