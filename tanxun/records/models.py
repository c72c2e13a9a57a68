"""What every accepted record has: derived columns, name keys, soft delete, source and dates. Abstract but Industry."""

import calendar
import datetime as dt
from collections.abc import Sequence
from typing import Any, Self

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from tanxun.search.fold import fold, pinyin_keys
from tanxun.search.queries import IndexedQuerySet

LONGEST_REASON = 100  # of an entry in a history


class DerivedQuerySet(IndexedQuerySet):
    """Bulk writes fill derived columns as `save()` does; `update()` cannot, and refuses what they are made of."""

    def bulk_create(self, objs, *args, **kwargs):
        objs = list(objs)
        self.model.derive_all(objs)
        return super().bulk_create(objs, *args, **kwargs)

    def bulk_update(self, objs, fields, *args, **kwargs):
        objs = list(objs)
        self.model.derive_all(objs)
        return super().bulk_update(objs, [*{*fields, *self.model.derived_fields}], *args, **kwargs)

    def update(self, **kwargs):
        """Raises ValueError for derived columns and their sources, unless all derived ones are given (by `bulk_update`)."""
        derived, sources = set(self.model.derived_fields), self.model.source_fields()
        given = {field.name for field in self.model._meta.concrete_fields if {field.name, field.attname} & set(kwargs)}
        if (stuck := given & (sources | derived)) and not derived <= given:
            raise ValueError(
                f"update() would leave derived columns of {self.model.__name__} behind: {', '.join(sorted(stuck))}."
                " Use save() or bulk_update()."
            )
        return super().update(**kwargs)

    def update_derived(self, **columns):
        """For the writers that keep derived columns by hand. Raises ValueError for any other column."""
        if others := set(columns) - set(self.model.derived_fields):
            raise ValueError(f"Not derived in {self.model.__name__}: {', '.join(sorted(others))}.")
        return super().update(**columns)


class DerivedModel(models.Model):
    """A model with columns computed from its others, filled before every write.

    `derived_fields` is {column: the columns it is computed from}, so that neither is named without the other.
    """

    derived_fields: dict[str, tuple[str, ...]] = {}

    objects = DerivedQuerySet.as_manager()

    class Meta:
        abstract = True

    @classmethod
    def source_fields(cls) -> set[str]:
        """The columns that derived ones are computed from."""
        return {source for sources in cls.derived_fields.values() for source in sources}

    def derive(self) -> None:
        """Fill the derived columns of this instance; touches nothing else."""

    @classmethod
    def derive_all(cls, objs: list) -> None:
        """`derive()` for rows about to be written; what is copied from another table is read from it here, at once for all."""
        for obj in objs:
            obj.derive()

    def save(self, *args, update_fields=None, **kwargs):
        self.derive_all([self])
        if update_fields is not None:
            update_fields = {*update_fields, *self.derived_fields}
        with transaction.atomic(savepoint=False):  # what search must write anew is marked together with the change
            super().save(*args, update_fields=update_fields, **kwargs)


class NamedModel(DerivedModel):
    """A name, its key and what it is sorted by."""

    name = models.CharField(_("name"), max_length=200)
    name_folded = models.CharField(max_length=200, editable=False, db_index=True)
    pinyin = models.CharField(max_length=600, editable=False)

    derived_fields = dict.fromkeys(("name_folded", "pinyin"), ("name",))

    class Meta:
        abstract = True

    def __str__(self):
        return self.name

    def derive(self):
        super().derive()
        self.name_folded = fold(self.name)[:200]
        self.pinyin = pinyin_keys(self.name)[0][:600]


class BilingualModel(models.Model):
    """A word of the vocabulary with a Chinese `name` and an English `name_en`: shown in the reader's language."""

    class Meta:
        abstract = True

    def __str__(self):
        in_english = (get_language() or "").startswith("en")
        return (self.name_en if in_english else "") or self.name


class LiveManager(models.Manager):
    """Leaves soft-deleted rows out; `with_deleted` is the manager that keeps them."""

    def get_queryset(self):
        return super().get_queryset().filter(deleted_at__isnull=True)


class SoftDeletedModel(models.Model):
    """Deleting hides a record with a reason and can be undone; history and links stay."""

    deleted_at = models.DateTimeField(_("deleted at"), null=True, blank=True, editable=False)
    deleted_reason = models.CharField(_("reason of deletion"), max_length=200, blank=True, editable=False)

    class Meta:
        abstract = True

    def remove(self, reason: str) -> None:
        """Hide this record. The reason stands in its history."""
        self.deleted_at, self.deleted_reason = timezone.now(), reason[:200]
        self._change_reason = self.deleted_reason[:LONGEST_REASON]
        self.save(update_fields=self._written_with_deletion())

    def restore(self) -> None:
        """Undo `remove`. Raises ValidationError where `kept_in_bin` has a reason."""
        if reason := self.kept_in_bin([self]).get(self.pk):
            raise ValidationError(reason)
        self.deleted_at, self.deleted_reason = None, ""
        self.save(update_fields=self._written_with_deletion())

    @classmethod
    def kept_in_bin(cls, rows: Sequence[Self]) -> dict[Any, str]:
        """{key: why} of those that may not be taken out."""
        return standing_on_removed(rows)

    def _written_with_deletion(self) -> list[str]:
        """Feeds and calendars tell by `updated_at` what changed, so a deletion moves it where there is one."""
        names = {field.name for field in self._meta.concrete_fields}
        return ["deleted_at", "deleted_reason", *({"updated_at"} & names)]


def standing_on_removed(rows: Sequence[models.Model]) -> dict[Any, str]:
    """{key: why it cannot be} of rows of one model that need a record in the bin: the statement of a removed company."""
    missing: dict[Any, list[str]] = {}
    for field in rows[0]._meta.concrete_fields:
        if not field.is_relation or field.remote_field.on_delete is not models.PROTECT:
            continue
        if not issubclass(field.related_model, SoftDeletedModel):
            continue
        keys = {getattr(row, field.attname) for row in rows} - {None}
        removed = field.related_model._base_manager.filter(deleted_at__isnull=False).in_bulk(keys)
        for row in rows:
            if one := removed.get(getattr(row, field.attname)):
                missing.setdefault(row.pk, []).append(str(one))
    words = _("%(names)s: in the bin. Take that out first.")
    return {key: words % {"names": ", ".join(names)} for key, names in missing.items()}


def bin_key(obj: models.Model) -> str:
    """How forms name a removed record: certifications.company-12."""
    return f"{obj._meta.label_lower}-{obj.pk}"


CONFIRMED = "=still true"  # the reason in the history of a confirmation alone: followers are not told of it


class ConfirmedModel(models.Model):
    """A record that people look at again. On `confirmed_on` somebody last said that it is still true, if ever."""

    confirmed_on = models.DateField(_("last confirmed"), null=True, blank=True, editable=False)

    class Meta:
        abstract = True

    def confirm(self) -> None:
        """It is still true today. Its history says who said so."""
        self.confirmed_on, self._change_reason = timezone.localdate(), CONFIRMED
        self.save(update_fields=["confirmed_on"])


def not_confirmed_for(months: int) -> models.Q:
    """Records that nobody confirmed, and none that came in, in the last so many months."""
    today = timezone.localdate()
    year, month = divmod(today.year * 12 + today.month - 1 - months, 12)
    day = dt.date(year, month + 1, min(today.day, calendar.monthrange(year, month + 1)[1]))
    midnight = timezone.make_aware(dt.datetime.combine(day, dt.time.min))
    return models.Q(confirmed_on__lt=day) | models.Q(confirmed_on=None, created_at__lt=midnight)


class Precision(models.TextChoices):
    DAY = "day", _("day")
    WEEK = "week", _("week")
    MONTH = "month", _("month")
    YEAR = "year", _("year")


class FieldStatus(models.TextChoices):
    """How sure a field is (feature 6)."""

    CONFIRMED = "confirmed", _("confirmed")
    EXTRACTED = "extracted", _("extracted")
    INFERRED = "inferred", _("inferred")
    UNKNOWN = "unknown", _("unknown")


class Section(models.TextChoices):
    """The parts of a weekly, in their order."""

    NATIONAL = "national", _("National")
    LOCAL = "local", _("Local")
    INDUSTRY = "industry", _("Industry")
    OTHER = "other", _("Elsewhere")


class Record(DerivedModel, SoftDeletedModel, ConfirmedModel):
    """A dated record with its source.

    `source_on` is the reference date of the newsletter it was accepted from, else the day it was entered.
    `dated_on` is never empty: issued, else announced, else `source_on` (then precise to the week).
    `week_on` places the record in an ISO week: the newsletter's reference date, else the day it was first published here.
    `section` and `source_order` place it in the weekly of that week: the part it stood in, and a text that sorts as newsletter,
    item and part do, all kept here since the newsletter itself may go. Records of one item share all but the part.
    """

    source_on = models.DateField(_("source date"), default=timezone.localdate)
    source_url = models.URLField(_("source link"), blank=True, max_length=500)
    source_note = models.CharField(
        _("source"), max_length=200, blank=True, help_text=_("Issue and item number, or where it was read")
    )
    dated_on = models.DateField(_("date"), editable=False)
    dated_precision = models.CharField(max_length=8, choices=Precision, default=Precision.DAY, editable=False)
    week_on = models.DateField(_("week"), default=timezone.localdate, editable=False)
    section = models.CharField(
        _("section of the weekly"), max_length=10, choices=Section, blank=True, help_text=_("Empty: as its kind and level tell")
    )
    source_order = models.CharField(max_length=24, blank=True, editable=False)
    field_status = models.JSONField(_("how sure each field is"), default=dict, blank=True, editable=False)
    created_at = models.DateTimeField(_("first seen"), auto_now_add=True)
    updated_at = models.DateTimeField(_("last changed"), auto_now=True)

    derived_fields = dict.fromkeys(("dated_on", "dated_precision"), ("source_on",))
    date_fields: tuple[str, ...] = ("issued_on",)

    class Meta:
        abstract = True

    @classmethod
    def source_fields(cls):
        return super().source_fields() | set(cls.date_fields)

    def derive(self):
        super().derive()
        printed = (getattr(self, name) for name in self.date_fields)
        first: dt.date | None = next((day for day in printed if day), None)
        self.dated_on = first or self.source_on
        self.dated_precision = Precision.DAY if first else Precision.WEEK

    @property
    def unsure_fields(self) -> list[str]:
        """Names of the fields a person has not yet confirmed and the text does not state."""
        unsure = {FieldStatus.INFERRED, FieldStatus.UNKNOWN}
        return [name for name, status in self.field_status.items() if status in unsure]


class Industry(models.Model):
    """A section (A-T) or division (two digits) of GB/T 4754-2017; companies have one, policies speak to some."""

    code = models.CharField(_("code"), max_length=4, primary_key=True)
    name = models.CharField(_("name"), max_length=80)
    name_en = models.CharField(_("English name"), max_length=150, blank=True)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name=_("section"))

    class Meta:
        ordering = ("code",)
        verbose_name, verbose_name_plural = _("industry"), _("industries")

    def __str__(self):
        return f"{self.code} {self.name}"


class FormToken(models.Model):
    """The mark of a form that was saved: sent a second time (double click, Back then Save) it makes no second record."""

    key = models.CharField(max_length=32, primary_key=True)
    model = models.CharField(max_length=80)
    object_id = models.CharField(max_length=40)
    said = models.CharField(max_length=32, default="", db_default="")
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)

    def __str__(self):
        return self.key

    @classmethod
    def spend(cls, key: str, obj: models.Model, said: str = "") -> None:
        """Note that the form `key` made `obj`, in the same transaction. Raises IntegrityError where it was spent already.

        `said`: what stood in it, by `once.said_in`, for who tells a form sent twice from one that was changed after it was sent.
        """
        cls.objects.create(key=key, model=obj._meta.label, object_id=str(obj.pk), said=said)
        cls.objects.filter(created_at__lt=timezone.now() - dt.timedelta(days=2)).delete()

    @classmethod
    def confirm(cls, key: str) -> None:
        """Call before telling anybody that a form was spent already: what it made may be on the primary alone as yet, where its
        own commit was cut off. This write commits after it, so it too waits until a synchronous standby has both."""
        cls.objects.filter(key=key).update(created_at=F("created_at"))


from .attachments.models import Attachment, Attachments, StoredFile  # noqa: E402, F401 - models of this app
from .proposals import Proposal  # noqa: E402, F401 - another one
from .seals import Seal  # noqa: E402, F401 - and another one
