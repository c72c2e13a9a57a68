"""Form fields and widgets of the admin: autocompletes that survive any key, one entry a line, and how sure each field is."""

from django import forms
from django.contrib.admin.widgets import AutocompleteSelect, AutocompleteSelectMultiple
from django.core.exceptions import ValidationError
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _

from tanxun.records.models import FieldStatus

from .lists import key_fits

NO_SUCH_KEY = "0"


class SafeKeys:
    """A value that cannot be a key reads as one that does not exist: a field error, never a database error."""

    def _safe(self, values):
        model = self.field.remote_field.model
        return [value if value in ("", None) or key_fits(model, value) else NO_SUCH_KEY for value in values]

    def optgroups(self, name, value, attr=None):
        return super().optgroups(name, self._safe(value), attr)

    def value_from_datadict(self, data, files, name):
        value = super().value_from_datadict(data, files, name)
        return self._safe(value) if isinstance(value, list) else self._safe([value])[0]


class SafeAutocomplete(SafeKeys, AutocompleteSelect):
    pass


class SafeAutocompleteMultiple(SafeKeys, AutocompleteSelectMultiple):
    def build_attrs(self, base_attrs, extra_attrs=None):
        """Without the button that removes all: it would stand in the list, as no item of it; each choice has one of its own."""
        return super().build_attrs(base_attrs, extra_attrs) | {"data-allow-clear": "false"}


class LinesField(forms.CharField):
    """A text with one entry a line: blanks at the ends, empty lines and repetitions go."""

    widget = forms.Textarea(attrs={"rows": 6, "cols": 40})

    def clean(self, value):
        lines = (line.strip() for line in super().clean(value).splitlines())
        return "\n".join(dict.fromkeys(filter(None, lines)))


class SurenessWidget(forms.Widget):
    """One small choice for every field named in `rows` {field name: label}."""

    rows: dict[str, str] = {}

    def render(self, name, value, attrs=None, renderer=None):
        value = value if isinstance(value, dict) else {}
        select = forms.Select(choices=[("", "–"), *FieldStatus.choices])
        cells = ((label, select.render(f"{name}-{field}", value.get(field, ""))) for field, label in self.rows.items())
        return format_html('<div class="sureness">{}</div>', format_html_join("", "<label><span>{}</span>{}</label>", cells))

    def value_from_datadict(self, data, files, name):
        return {field: data[f"{name}-{field}"] for field in self.rows if f"{name}-{field}" in data}

    def id_for_label(self, id_):
        return ""


class SurenessField(forms.Field):
    """{field name: FieldStatus}; a field that is not named keeps what it has."""

    widget = SurenessWidget

    def clean(self, value):
        allowed = {"", *FieldStatus.values}
        if any(status not in allowed for status in value.values()):
            raise ValidationError(_("Choose one of the listed degrees of sureness."))
        return value

    def has_changed(self, initial, data):
        initial = initial if isinstance(initial, dict) else {}
        return any(initial.get(field, "") != status for field, status in data.items())
