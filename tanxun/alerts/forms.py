"""Forms of the page of subscriptions: how one is written to, and files that go out by mail."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth import authenticate
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from tanxun.listing.models import SavedFilter
from tanxun.listing.saved import PeopleField

from .exporting import possible_recipients
from .models import Mailbox, ScheduledExport


class MailboxForm(forms.ModelForm):
    """Where to, in which language, and whether at all. A new address is only asked for here: see `confirming`.

    It opens the account to whoever lost the password, so whoever has one says it first.
    """

    email = forms.EmailField(label=_("E-mail address"), required=False, max_length=254)
    password = forms.CharField(
        label=_("Your password, for another address"),
        required=False,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    class Meta:
        model = Mailbox
        fields = ("language", "wants_weekly", "is_stopped")

    field_order = ("email", "password", "language", "wants_weekly", "is_stopped")

    def __init__(self, *args: Any, request: HttpRequest | None = None, **kwargs: Any) -> None:
        self.request = request
        super().__init__(*args, auto_id="mailbox-%s", label_suffix="", **kwargs)
        self.initial["email"] = self.instance.user.email
        if not self.instance.user.has_usable_password():
            del self.fields["password"]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        user = self.instance.user
        is_asked = "password" in self.fields and data.get("email", user.email) != user.email
        if is_asked and not authenticate(self.request, username=user.get_username(), password=data.get("password", "")):
            self.add_error("password", _("This is not your password."))
        return data


class ExportForm(forms.ModelForm):
    class Meta:
        model = ScheduledExport
        fields = ("saved_filter", "ending", "weekday", "recipients")
        field_classes = {"recipients": PeopleField}
        widgets = {"recipients": forms.CheckboxSelectMultiple}

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, auto_id="export-%s", label_suffix="", **kwargs)
        self.instance.owner = user
        saved: Any = self.fields["saved_filter"]
        saved.queryset = SavedFilter.objects.visible_to(user)
        recipients: Any = self.fields["recipients"]
        recipients.queryset = possible_recipients()

    def clean_saved_filter(self) -> SavedFilter:
        return self.cleaned_data["saved_filter"]

    def save(self, commit: bool = True) -> ScheduledExport:
        self.instance.schedule()
        return super().save(commit)
