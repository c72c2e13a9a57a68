"""The pages of the second factor: the step after the password, and where everybody turns their own on and off."""

import base64

from allauth.mfa.adapter import get_adapter
from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import authenticate
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from . import factor, keeping, steps

CLOSED = gettext_lazy("Too many wrong codes: none is taken for a quarter of an hour.")
UNREADABLE = gettext_lazy("This site cannot read your second factor any more: an administrator must take it away.")
WRONG = gettext_lazy("This code is not right, or it was used already. Wait for the next one.")


class CodeForm(forms.Form):
    """`user` is who must know the code."""

    code = forms.CharField(
        label=gettext_lazy("Code"),
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "spellcheck": "false"}),
    )
    status = 200

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_code(self):
        try:
            if factor.is_right(self.user, self.cleaned_data["code"]):
                return ""
        except factor.ClosedError:
            self.status = 429
            raise forms.ValidationError(CLOSED) from None
        except keeping.UnreadableError:
            raise forms.ValidationError(UNREADABLE) from None
        raise forms.ValidationError(WRONG)


@login_not_required
@sensitive_post_parameters()
@never_cache
@require_http_methods(("GET", "HEAD", "POST"))
def second_step(request: HttpRequest) -> HttpResponse:
    """After the password: the code. Nobody waiting: to the sign-in page."""
    user, place = steps.waiting(request)
    if user is None:
        if request.method == "POST":
            messages.error(request, _("That took too long: sign in once more."))
        return redirect("login")
    form = CodeForm(request.POST or None, user=user)
    form.fields["code"].widget.attrs["autofocus"] = True
    if form.is_valid():
        left = factor.codes_left(user)
        if left < factor.FEW_CODES:
            messages.warning(request, _("Few of your recovery codes are left (%(count)s): make new ones.") % {"count": left})
        return steps.finish(request, user, place)
    return render(request, "site/second_step.html", {"form": form}, status=form.status)


class TurnOnForm(forms.Form):
    """A code that shows that the phone has the secret, and the password, where there is one: an open session is not enough."""

    secret = forms.CharField(widget=forms.HiddenInput, max_length=500)
    password = forms.CharField(
        label=gettext_lazy("Your password"),
        max_length=4096,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    code = forms.CharField(
        label=gettext_lazy("The code that your phone shows now"),
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "numeric", "spellcheck": "false"}),
    )

    def __init__(self, *args, request, **kwargs):
        super().__init__(*args, **kwargs)
        self.request = request
        if not request.user.has_usable_password():
            del self.fields["password"]

    def clean_password(self):
        """Asked as at sign-in: wrong ones are counted with those."""
        name, password = self.request.user.get_username(), self.cleaned_data["password"]
        if authenticate(self.request, username=name, password=password) != self.request.user:
            raise forms.ValidationError(_("This is not your password."))
        return ""


def own_page(request: HttpRequest, row, on: TurnOnForm, secret: str, code: CodeForm) -> HttpResponse:
    """Off: the secret to scan, and the form that turns it on. On: since when, and what can be done about it."""
    context = {"factor": row, "is_required": factor.is_required(request.user)}
    if row:
        try:
            context |= {"left": factor.codes_left(request.user), "code_form": code}
        except keeping.UnreadableError:
            messages.error(request, UNREADABLE)
    else:
        adapter = get_adapter()
        picture = adapter.build_totp_svg(adapter.build_totp_url(request.user, secret))
        groups = " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))
        context |= {"form": on, "groups": groups, "picture": base64.b64encode(picture.encode()).decode()}
    return render(request, "site/second_factor.html", context, status=code.status)


@sensitive_post_parameters()
@never_cache
@require_http_methods(("GET", "HEAD", "POST"))
def second_factor(request: HttpRequest) -> HttpResponse:
    """One's own. What is shown once (the recovery codes) is the answer to the form that asked for it."""
    if not settings.SECOND_FACTOR:
        raise Http404
    user, action, here = request.user, request.POST.get("action", ""), request.session.session_key
    row = factor.of(user)
    secret = factor.unsealed(user, request.POST.get("secret", "")) or factor.new_secret()
    shown_secret = {"secret": factor.sealed(user, secret)}  # that of the picture, whatever came
    data = request.POST.dict() | shown_secret if action == "on" and not row else None
    on = TurnOnForm(data, request=request, initial=shown_secret)
    code = CodeForm(request.POST if row and action in ("off", "codes") else None, user=user)
    if on.is_valid():
        if codes := factor.turn_on(user, secret, on.cleaned_data["code"], here):
            request.session[steps.PASSED] = True
            return shown(request, codes, _("Your second factor is on"))
        on.add_error("code", WRONG)
    elif action == "off" and row and factor.is_required(user):
        messages.error(request, _("Your role needs a second factor: it stays on."))
    elif code.is_valid():
        if action == "codes":
            return shown(request, factor.new_codes(user, here), _("Your new recovery codes"))
        factor.take_away(user, factor.TURNED_OFF, here)
        request.session.pop(steps.PASSED, None)
        messages.success(request, _("Your second factor is off: the password alone opens your account."))
        return redirect("second_factor")
    return own_page(request, row, on, secret, code)


def shown(request: HttpRequest, codes: list[str], heading: str) -> HttpResponse:
    grouped = [f"{code[:4]} {code[4:]}" for code in codes]
    return render(request, "site/recovery_codes.html", {"codes": grouped, "heading": heading, "text": "\n".join(grouped)})
