"""What is typed about feeds: a new address, or a feed saved as a file."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tanxun import web
from tanxun.records.admin.forms import CleanModelForm

from .models import FeedSource
from .parsing import MOST_BYTES

ENDINGS = (".xml", ".rss", ".atom", ".rdf")


class FeedForm(CleanModelForm):
    """An address that may be asked at all; whether a feed is there shows when it is read."""

    class Meta:
        model = FeedSource
        fields = ("name", "address")

    def clean_address(self) -> str:
        address = str(self.cleaned_data["address"]).strip()
        try:
            web.check(address)
        except web.RefusedError as error:
            raise forms.ValidationError(str(error)) from None
        return address


class FeedFileForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("A feed saved as a file"),
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ",".join(ENDINGS)}),
        help_text=gettext_lazy("RSS, RDF or Atom; 2 MB at most"),
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > MOST_BYTES:
            raise forms.ValidationError(
                _("The feed is larger than %(count)s MB (the limit).") % {"count": MOST_BYTES // 1_000_000}
            )
        return file
