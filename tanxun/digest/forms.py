"""The forms of the way in: pasting or uploading an issue, and one piece of market news."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from policies.forms import date_field
from tanxun.records.models import Section

from .models import NewsItem

FILE_ENDINGS = (".txt", ".md", ".html", ".htm", ".docx")


class IncomingForm(forms.Form):
    """A pasted text or a file, and the date that completes its years. The text is taken as it comes: reading cleans it."""

    text = forms.Field(label=_("Text of the newsletter"), required=False, widget=forms.Textarea(attrs={"rows": 12}))
    file = forms.FileField(
        label=_("Or a file"),
        required=False,
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ",".join(FILE_ENDINGS)}),
        help_text=_(".txt, .md, .html or .docx; 1 MB of text at most"),
    )
    reference_date = date_field(
        _("Reference date"), help_text=_("Completes dates without a year; empty: the date of publication in the text, else today")
    )

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if not self.errors and not values.get("file") and not str(values.get("text") or "").strip():
            self.add_error("text", _("Paste a text or choose a file."))
        if values.get("file") and str(values.get("text") or "").strip():
            self.add_error("file", _("A text and a file at once: keep one of the two."))
        return values


class NewsItemForm(forms.Form):
    """One piece of market news: neither policy nor statement."""

    headline = forms.CharField(label=_("Headline"), max_length=300, widget=forms.Textarea(attrs={"rows": 2}))
    kind = forms.ChoiceField(label=_("Kind"), choices=NewsItem.Kind.choices)
    section = forms.ChoiceField(label=_("Section"), choices=Section.choices)
    announced_on = date_field(_("Announced on"))
    text = forms.CharField(label=_("Text"), widget=forms.Textarea(attrs={"rows": 10}))

    more_fields = ()

    def write(self, item: NewsItem, fields: Iterable[str] | None = None) -> NewsItem:
        """Put the entered values (only those of `fields`, if given) into `item` and save it. Raises ValidationError."""
        names = set(self.cleaned_data) if fields is None else set(self.cleaned_data) & set(fields)
        for name in names:
            setattr(item, name, self.cleaned_data[name])
        item.full_clean()
        item.save()
        return item
