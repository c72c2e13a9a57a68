"""Accounts as people keep them themselves: sign-in and sign-out, another password, and one by mail for who lost theirs."""

from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.apps import apps
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import views as auth_views
from django.contrib.auth.decorators import login_not_required
from django.contrib.messages.views import SuccessMessageMixin
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse_lazy
from django.utils.decorators import method_decorator
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.generic import FormView

from tanxun.alerts import resetting
from tanxun.alerts.mail import sends_mail


class SignIn(auth_views.LoginView):
    template_name = "site/login.html"
    redirect_authenticated_user = True

    def get_redirect_url(self) -> str:
        """None to this page itself: whoever is signed in would be led in a circle, which Django answers with a fault."""
        place = super().get_redirect_url()
        return "" if urlsplit(place).path == self.request.path else place

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        company = bool(settings.SSO_URL) and (settings.SSO_NAME or gettext("the company's account"))
        return super().get_context_data(sends_mail=sends_mail(), company=company, **kwargs)

    def form_valid(self, form: Any) -> HttpResponse:
        if not apps.is_installed("tanxun.site.sso"):
            return super().form_valid(form)
        from .sso import steps

        return steps.enter(self.request, form.get_user(), self.get_success_url())


class SignOut(auth_views.LogoutView):
    """Takes with it what the browser kept of our pages."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = super().post(request, *args, **kwargs)
        response.headers["Clear-Site-Data"] = '"cache"'
        return response


class Change(SuccessMessageMixin, auth_views.PasswordChangeView):
    """Asks for the old one first; every other session of theirs ends."""

    template_name = "site/password.html"
    success_url = reverse_lazy("home")
    success_message = _("Your password is another one now. Wherever else you were signed in, you are signed out.")
    extra_context = {
        "heading": _("Change the password"),
        "button": _("Change the password"),
        "advice": _("Wherever else you are signed in, you will be signed out."),
    }

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.user.is_authenticated and not request.user.has_usable_password():
            messages.info(request, _("You sign in at the company's server: your account here has no password."))
            return redirect("home")
        return super().dispatch(request, *args, **kwargs)


class LostForm(forms.Form):
    name = forms.CharField(label=_("User name or e-mail address"), max_length=254)


@method_decorator(login_not_required, name="dispatch")
class Lost(FormView):
    """Says the same whoever is asked for. 404 where the site sends no mails: then an administrator helps."""

    template_name = "site/password.html"
    form_class = LostForm
    success_url = reverse_lazy("login")
    extra_context = {
        "heading": _("A new password"),
        "button": _("Send the mail"),
        "advice": _("A mail comes to the address of the account, with a link to a page where a new one is chosen."),
    }

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not sends_mail():
            raise Http404
        return super().dispatch(request, *args, **kwargs)

    def form_valid(self, form: LostForm) -> HttpResponse:
        resetting.ask(form.cleaned_data["name"])
        messages.success(self.request, _("If there is such an account with an e-mail address, the mail comes within minutes."))
        return super().form_valid(form)


@method_decorator(login_not_required, name="dispatch")
class Chosen(SuccessMessageMixin, auth_views.PasswordResetConfirmView):
    """From the link in the mail, which Django moves out of the address before the page is shown."""

    template_name = "site/password.html"
    success_url = reverse_lazy("login")
    success_message = _("Your password is another one now: sign in with it.")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        is_valid = getattr(self, "validlink", False)
        advice = "" if is_valid else _("This link was used already, or it is older than four hours. Ask for another one.")
        heading = {"heading": _("A new password"), "button": _("Keep this password"), "advice": advice}
        return super().get_context_data(**heading, **kwargs)


def account_urls() -> list[URLPattern]:
    return [
        path("accounts/login/", SignIn.as_view(), name="login"),
        path("accounts/logout/", SignOut.as_view(), name="logout"),
        path("accounts/password/", Change.as_view(), name="password_change"),
        path("accounts/lost/", Lost.as_view(), name="password_reset"),
        path("accounts/new/<uidb64>/<token>/", Chosen.as_view(), name="password_reset_confirm"),
    ]
