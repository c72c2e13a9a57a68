"""`/account/tokens/`: a person's own tokens of the API, made, listed with their last use, and revoked."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth import get_user_model
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods

from .access import may_export, person
from .keys import AccessKey

MOST = 20  # that work at a time
SHOWN = 100


class TokenForm(forms.Form):
    """A name, what the token may, and how long."""

    label = forms.CharField(label=gettext_lazy("Name"), max_length=100)
    scopes = forms.MultipleChoiceField(
        label=gettext_lazy("What it may"),
        choices=(
            (AccessKey.Scope.READ, gettext_lazy("Read: lists and records, by the API")),
            (AccessKey.Scope.EXPORT, gettext_lazy("Export: whole lists as files")),
        ),
        widget=forms.CheckboxSelectMultiple,
        initial=[AccessKey.Scope.READ],
    )
    days = forms.TypedChoiceField(
        label=gettext_lazy("Expires in"),
        choices=((30, gettext_lazy("30 days")), (90, gettext_lazy("90 days")), (365, gettext_lazy("one year"))),
        coerce=int,
        initial=90,
    )

    def __init__(self, *args: Any, user: Any, may_export: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix, self.user = "", user
        if not may_export:
            field: Any = self.fields["scopes"]
            field.choices = field.choices[:1]

    def clean_label(self) -> str:
        label: str = self.cleaned_data["label"]
        if self.others().filter(label=label).exists():
            raise forms.ValidationError(_("You have a token of this name already: revoke it first, or take another name."))
        return label

    def clean(self) -> dict[str, Any] | None:
        if self.others().count() >= MOST:
            raise forms.ValidationError(_("%(count)s tokens are the most: revoke one first.") % {"count": MOST})
        return super().clean()

    def replaced(self) -> Any:
        """The first of two clicks on this form."""
        return mine(self.user).working().first_of_two_clicks(label=self.cleaned_data.get("label", ""))

    def others(self) -> Any:
        """The tokens that will work beside the new one."""
        return mine(self.user).working().exclude(pk__in=self.replaced().values("pk"))


def mine(user: Any) -> Any:
    return AccessKey.objects.filter(user=user, kind=AccessKey.Kind.TOKEN)


@sensitive_variables("text")
def made(form: TokenForm) -> str:
    """The new token that the form asks for, "" where it is refused. Two forms at once are read one after the other."""
    with transaction.atomic():
        get_user_model().objects.select_for_update().get(pk=form.user.pk)
        if not form.is_valid():
            return ""
        given = form.cleaned_data
        form.replaced().delete()
        expires_at = timezone.now() + dt.timedelta(days=given["days"])
        _key, text = AccessKey.make(
            form.user, AccessKey.Kind.TOKEN, given["label"], scopes=given["scopes"], expires_at=expires_at
        )
        return text


@sensitive_variables("text")
@require_http_methods(["GET", "HEAD", "POST"])
def tokens(request: HttpRequest) -> HttpResponse:
    """What there is, and a form for another. The answer to the form is the only page that ever shows a token: it is not
    kept, so it cannot be shown after a redirect. The second of two clicks shows another token in place of the first; the same
    form sent again later is refused, as the name is taken by then.
    """
    user, is_manager, text = person(request), may_export(request), ""
    form = TokenForm(request.POST if request.method == "POST" else None, user=user, may_export=is_manager)
    if form.is_bound and (text := made(form)):
        form = TokenForm(user=user, may_export=is_manager)
    working = mine(user).working()
    context = {
        "form": form,
        "made": text,
        "tokens": working,
        "others": mine(user).exclude(pk__in=working.values("pk"))[:SHOWN],
        "may_export": is_manager,
        "scopes": AccessKey.Scope,
    }
    return render(request, "listing/tokens.html", context, status=400 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """Asked for once more, as there is no way back."""
    token = get_object_or_404(mine(person(request)), pk=pk)
    if request.method == "POST":
        token.revoke()
        messages.success(request, _("“%(name)s” was revoked: it opens nothing any more.") % {"name": token.label})
        return redirect("tokens")
    return render(request, "listing/token_revoke.html", {"token": token})


def token_urls() -> list[URLPattern]:
    return [
        path("account/tokens/", tokens, name="tokens"),
        path("account/tokens/<int:pk>/revoke/", revoke, name="token-revoke"),
    ]
