"""The form of a hook: what managers fill in, and what of it is never shown again."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.crypto import salted_hmac
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tanxun import web
from tanxun.listing.models import SavedFilter
from tanxun.listing.page import InvalidParametersError, find

from ..models import Event, Format, Hook
from .events import PAGES, beginning

UNSEEN = ("address", "secret")  # told to be others, never shown
SPLIT = {"events": str.split}
RELATIVE = "new"  # depends on who looked at the list last


def standing(hook: Hook) -> dict[str, str]:
    """What the form shows of a hook, by the names of its columns, in no language; of secrets only whether they are the same."""
    words = {name: salted_hmac("tanxun.hook", getattr(hook, name)).hexdigest()[:16] for name in UNSEEN}
    return words | {
        "name": hook.name,
        "format": hook.format,
        "events": " ".join(hook.events),
        "lead_days": str(hook.lead_days),
        "saved_filter": str(hook.saved_filter or ""),
        "query": f"/{hook.page}/?{hook.query}" if hook.page else "",
        "owner": str(hook.owner),
    }


def changes(seen: str, now: dict[str, str]) -> list[str]:
    """What is not as the form showed it: Name A → B. Nothing for a form that does not say what it showed."""
    try:
        before = json.loads(seen)
    except ValueError:
        return []
    if not isinstance(before, dict):
        return []
    return [line_of(name, before[name], value) for name, value in now.items() if before.get(name, value) != value]


def line_of(name: str, was: Any, value: str) -> str:
    label = capfirst(str(Hook._meta.get_field(name).verbose_name))  # type: ignore[union-attr]
    if name in UNSEEN:
        return _("%(field)s: another one") % {"field": label}
    words = {str(code): str(told) for code, told in (*Format.choices, *Event.choices)}
    old, new = (" · ".join(words.get(each, each) for each in SPLIT.get(name, str.splitlines)(str(text))) for text in (was, value))
    return f"{label}: {old or '–'} → {new or '–'}"


class HookForm(forms.ModelForm):
    """Address and secret of a known hook are left empty to keep them."""

    events = forms.MultipleChoiceField(
        label=gettext_lazy("Tell it when"), choices=Event.choices, widget=forms.CheckboxSelectMultiple
    )
    address = forms.CharField(label=gettext_lazy("Address"), max_length=1000, required=False)
    secret = forms.CharField(
        label=gettext_lazy("Secret of the robot (加签)"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("DingTalk only, if the robot was made with a signature. For a webhook we make one."),
    )
    saved_filter = forms.ModelChoiceField(
        SavedFilter.objects.none(),
        label=gettext_lazy("Only what this saved filter finds"),
        required=False,
        help_text=gettext_lazy("Of statements or policies; events of the other list come whole"),
    )
    list_address = forms.CharField(
        label=gettext_lazy("Or the address of a filtered list"), required=False, max_length=4000, empty_value=""
    )

    class Meta:
        model = Hook
        fields = ("name", "format", "address", "secret", "events", "lead_days", "saved_filter")

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix, self.user = "", user
        usable = SavedFilter.objects.visible_to(user).filter(page__in=PAGES)
        fields: dict[str, Any] = self.fields
        fields["saved_filter"].queryset = usable
        fields["saved_filter"].empty_label = _("everything")
        fields["lead_days"].label = _("Due soon: days ahead")
        self.meanwhile: list[str] = []
        if self.instance.pk:
            self.stands = standing(self.instance)
            fields["seen"] = forms.CharField(required=False, max_length=20_000, widget=forms.HiddenInput)
            self.initial |= {"address": "", "secret": "", "seen": json.dumps(self.stands)}
            fields["address"].help_text = _("Now %(address)s; empty: it stays") % {"address": self.instance.masked_address}
            if self.instance.page:
                self.initial["list_address"] = f"/{self.instance.page}/?{self.instance.query}"

    def clean_address(self) -> str:
        address = self.cleaned_data["address"].strip()
        if not address and self.instance.pk:
            return self.instance.address
        if not address:
            raise ValidationError(_("This field is required."))
        try:
            web.check(address)
        except web.RefusedError as error:
            raise ValidationError(str(error)) from None
        return address

    def clean_list_address(self) -> str:
        """The list and its filter, checked as the list itself would."""
        text = self.cleaned_data["list_address"].strip()
        if not text:
            return ""
        parts = urlsplit(text)
        slug = parts.path.strip("/")
        if slug not in PAGES:
            raise ValidationError(_("Give an address that begins with /statements/? or /policies/?"))
        params = QueryDict(parts.query)
        if RELATIVE in params:
            raise ValidationError(_("“New since my last visit” is different for everybody: leave it out."))
        try:
            rows = find(slug).rows(params, self.user)
        except InvalidParametersError as error:
            words = "; ".join(f"{name}: {' '.join(map(str, found))}" for name, found in error.errors.items())
            raise ValidationError(words) from None
        self.instance.page, self.instance.query = slug, rows.query_string(per_page=None)
        return text

    def clean_seen(self) -> str:
        """What somebody else saved since the form was opened: told once, and the form that is shown then knows it."""
        self.meanwhile = changes(self.cleaned_data["seen"], self.stands)
        if self.meanwhile:
            self.data = self.data.copy()
            self.data[self.add_prefix("seen")] = self.initial["seen"]
        return ""

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if self.meanwhile:
            words = _(
                "Somebody saved this hook after you opened it. What you typed stands here: save again to put it in their place."
            )
            raise ValidationError([words, *self.meanwhile])
        saved = values.get("saved_filter")
        if saved and values.get("list_address"):
            self.add_error("list_address", _("A saved filter and an address at once: keep one of the two."))
        if saved and RELATIVE in QueryDict(saved.query):
            self.add_error("saved_filter", _("“New since my last visit” is different for everybody: leave it out."))
        return values

    def save(self, commit: bool = True) -> Hook:
        """Whoever saves it is its owner: with their rights it is asked."""
        hook: Hook = self.instance
        if not self.cleaned_data.get("list_address"):
            hook.page, hook.query = "", ""
        hook.secret = hook.secret or self.kept_secret() or (Hook.new_secret() if hook.format == Format.WEBHOOK else "")
        hook.owner = self.user
        hook.marks = hook.marks or beginning()
        return super().save(commit)

    def kept_secret(self) -> str:
        """The stored one, where the field was left empty and the format is the same as before."""
        if not self.instance.pk or "format" in self.changed_data:
            return ""
        return Hook.objects.values_list("secret", flat=True).get(pk=self.instance.pk)
