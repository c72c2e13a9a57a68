"""Model forms of the admin: dates in their bounds, stored rules asked before the database is, and sureness per field."""

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from tanxun.records.days import check_year
from tanxun.records.models import DerivedModel, FieldStatus, SoftDeletedModel

from .fields import SurenessField


class CleanModelForm(forms.ModelForm):
    """Asks every rule of the model, also those over derived columns, so that a refusal is a message and not a database error.

    `past_fields` are dates of what has happened: tomorrow is an error. `meanwhile` says who changed what since the form was
    opened: nobody saves over it unseen. `is_opened`: sent to be looked at and typed on, not to be saved. `was_sent`: this form
    made a record before, and was changed since.
    """

    past_fields: tuple[str, ...] = ()
    meanwhile: list[str] = []
    is_opened: bool = False
    was_sent: bool = False

    def clean(self):
        cleaned = super().clean()
        if self.meanwhile:
            first = _(
                "Others changed this meanwhile. Nothing was saved yet: what you typed stands below; save again to keep yours."
            )
            self.add_error(None, [first, *self.meanwhile])
        if self.is_opened:
            self.add_error(None, _("Here is what was sent. Change what is to be changed, then save."))
        if self.was_sent:
            self.add_error(
                None, _("This form was sent before and is kept as it was then. Save again to add this as another record.")
            )
        today = timezone.localdate()
        for name in [name for name, field in self.fields.items() if isinstance(field, forms.DateField)]:
            day = self.cleaned_data.get(name)
            try:
                check_year(day)
            except ValidationError as error:
                self.add_error(name, error)
            else:
                if day and name in self.past_fields and day > today:
                    self.add_error(name, _("This day has not come yet."))
        return cleaned

    def _post_clean(self):
        super()._post_clean()
        if self.errors:
            return
        if isinstance(self.instance, DerivedModel):
            self.instance.derive()
        try:
            self.instance.validate_constraints()
        except ValidationError as error:
            self.add_error(None, ValidationError(error.messages))
        if isinstance(self.instance, SoftDeletedModel):
            self._refuse_values_of_deleted()

    def _refuse_values_of_deleted(self):
        """A deleted row still holds its unique values; the default manager does not see it."""
        deleted = type(self.instance).with_deleted.filter(deleted_at__isnull=False).exclude(pk=self.instance.pk)
        for field in self.instance._meta.fields:
            value = getattr(self.instance, field.attname)
            if field.unique and not field.primary_key and value and deleted.filter(**{field.name: value}).exists():
                self.add_error(field.name, _("A deleted record has this value: restore that one instead."))


class RecordForm(CleanModelForm):
    """A record with the sureness of its fields (feature 6): unsure ones are marked, a changed one becomes confirmed."""

    sureness = SurenessField(required=False, label=_("How sure each field is"))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if "sureness" not in self.fields:
            return
        known = {field.name for field in [*self._meta.model._meta.fields, *self._meta.model._meta.many_to_many]}
        named = {name: field for name, field in self.fields.items() if name in known}
        self.fields["sureness"].widget.rows = {name: str(field.label) for name, field in named.items()}
        self.initial["sureness"] = self.instance.field_status
        for name in self.instance.unsure_fields:
            if name in named:
                self._mark(named[name], FieldStatus(self.instance.field_status[name]))

    @staticmethod
    def _mark(field, status):
        field.widget.attrs["data-sure"] = status
        field.help_text = format_html('<strong class="unsure">{}</strong> {}', status.label, field.help_text)

    def _post_clean(self):
        super()._post_clean()
        if "sureness" in self.cleaned_data:
            self.instance.field_status = self._merged_status()

    def _merged_status(self) -> dict[str, str]:
        """What was chosen now, else confirmed where the field was changed, else what it was."""
        before = self.instance.field_status
        changed = set(self.changed_data) if self.instance.pk else set()
        status = before | {name: FieldStatus.CONFIRMED.value for name in self.fields["sureness"].widget.rows if name in changed}
        chosen = {name: value for name, value in self.cleaned_data["sureness"].items() if value != before.get(name, "")}
        return {name: value for name, value in (status | chosen).items() if value}


def wide_text(rows: int = 2) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows, "cols": 80})


TEXT_IN_INLINES = {models.TextField: {"widget": wide_text()}}
