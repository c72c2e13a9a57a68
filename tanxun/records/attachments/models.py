"""The link between a record and a file, who may see it, and the file itself, of which there is one for each content."""

import datetime as dt
from pathlib import Path

from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey, GenericRelation
from django.contrib.contenttypes.models import ContentType
from django.db import DEFAULT_DB_ALIAS, models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from tanxun.records.models import LiveManager, SoftDeletedModel

from .kinds import BY_SLUG, KINDS, Kind

UNDO_DAYS = 30
TEAM_PERMISSION = "records.see_team_attachments"  # consultants and above
STAFF_PERMISSION = "records.view_attachment"  # editors and managers


def folder() -> Path:
    """Where the files lie: within what backups carry, outside of what is served."""
    return Path(settings.MEDIA_ROOT) / "attachments"


class StoredFile(models.Model):
    """One content on the disk, under a random name (`key`); None where nobody has needed it for long and it was let go."""

    digest = models.CharField(_("SHA-256"), max_length=64, unique=True)
    key = models.CharField(max_length=32, null=True, unique=True)
    size = models.PositiveBigIntegerField(_("size"))
    kind = models.CharField(_("kind"), max_length=8, choices=[(kind.slug, kind.label) for kind in KINDS])
    stored_at = models.DateTimeField(_("stored at"), auto_now_add=True)

    class Meta:
        verbose_name, verbose_name_plural = _("stored file"), _("stored files")

    def __str__(self):
        return self.digest

    @property
    def path(self) -> Path | None:
        return path_of(self.key) if self.key else None

    @property
    def format(self) -> Kind:
        return BY_SLUG[self.kind]


def path_of(key: str) -> Path:
    return folder() / key[:2] / key


class Audience(models.TextChoices):
    """Who may see an attachment, the fewest first; each with all above it. Nobody sees one whose record they may not read."""

    STAFF = "staff", _("editors and managers")
    TEAM = "team", _("consultants too")
    MEMBERS = "members", _("everybody signed in")
    EVERYBODY = "everybody", _("everybody who may read the record")


class AttachmentQuerySet(models.QuerySet):
    def of(self, record: models.Model) -> "AttachmentQuerySet":
        meta = record._meta
        kind = {"content_type__app_label": meta.app_label, "content_type__model": meta.model_name}
        return self.filter(**kind, object_id=record.pk)

    def visible_to(self, user) -> "AttachmentQuerySet":
        """What that person (or nobody: AnonymousUser) may see of records that they may read."""
        if user.has_perm(STAFF_PERMISSION):
            return self
        seen = [Audience.EVERYBODY]
        if user.is_authenticated:
            seen.append(Audience.MEMBERS)
        if user.has_perm(TEAM_PERMISSION):
            seen.append(Audience.TEAM)
        return self.filter(audience__in=seen)


class Attachment(SoftDeletedModel):
    """A file on a record. The narrowest audience is the default: a scan that was sent in confidence and is shown by haste
    cannot be called back, while widening it is one choice.
    """

    content_type = models.ForeignKey(ContentType, models.PROTECT, editable=False, related_name="+")
    object_id = models.PositiveBigIntegerField(editable=False)
    record = GenericForeignKey()
    file = models.ForeignKey(StoredFile, models.PROTECT, editable=False, related_name="attachments", verbose_name=_("file"))
    name = models.CharField(_("name"), max_length=200, editable=False)
    note = models.CharField(_("note"), max_length=200, blank=True)
    audience = models.CharField(_("who may see it"), max_length=9, choices=Audience, default=Audience.STAFF)
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, editable=False, related_name="+", verbose_name=_("added by")
    )
    added_at = models.DateTimeField(_("added at"), auto_now_add=True)
    history = HistoricalRecords()

    objects = LiveManager.from_queryset(AttachmentQuerySet)()
    with_deleted = AttachmentQuerySet.as_manager()

    class Meta:
        ordering = ("added_at", "pk")  # as the pages of a scan were sent
        verbose_name, verbose_name_plural = _("attachment"), _("attachments")
        permissions = [("see_team_attachments", "Can see attachments for the team")]
        indexes = [
            models.Index(fields=["content_type", "object_id"], name="attachment_record"),
            models.Index(fields=["added_by", "added_at"], name="attachment_quota"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["content_type", "object_id", "file"],
                condition=models.Q(deleted_at__isnull=True),
                name="attachment_once_on_a_record",
                violation_error_message=_("The same file is attached here already."),
            )
        ]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        """Where it is downloaded."""
        return reverse("attachment", args=[self.pk])

    @property
    def restorable_until(self) -> dt.datetime | None:
        """None where it was not removed, or its file is gone."""
        if self.deleted_at is None or not self.file.key:
            return None
        return self.deleted_at + dt.timedelta(days=UNDO_DAYS)

    @classmethod
    def added_within_a_day(cls, user) -> int:
        """How many that person brought, also those that were removed since."""
        return cls.with_deleted.filter(added_by=user, added_at__gt=timezone.now() - dt.timedelta(days=1)).count()


class Attachments(GenericRelation):
    """What a record declares that may have attachments: `record.attachments`. They hold it as PROTECT does."""

    def __init__(self, **kwargs):
        super().__init__("records.Attachment", **kwargs)

    def bulk_related_objects(self, objs, using=DEFAULT_DB_ALIAS):
        keys = [obj.pk for obj in objs]
        kind = ContentType.objects.db_manager(using).get_for_model(self.model)
        held = Attachment.with_deleted.using(using).filter(content_type=kind, object_id__in=keys)
        if held.exists():
            raise models.ProtectedError(_("It has attachments: hide it instead, with a reason."), set(held[:20]))
        return held.none()
