"""Sheets that people brought, and what they said of heads that no word list knows."""

import uuid
from pathlib import Path

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _


class SheetImport(models.Model):
    """One spreadsheet on its way in. The file lies under its `key`, outside of what is served, until it is let go.

    `meanings` is what the person said of heads: field by the words of the head, "-" to leave the column out. `heads` are
    [text, field] of the last check, `counts` rows by state, `lines` the first findings, `found_digest` the hash of all of them,
    "" until what was asked last has been checked.
    `written_at` is the moment that stands in the history of everything it wrote.
    """

    class State(models.TextChoices):
        NEW = "new", _("not yet checked")
        UNMAPPED = "unmapped", _("columns to be named")
        CHECKED = "checked", _("checked, nothing written yet")
        WRITTEN = "written", _("brought in")
        UNDONE = "undone", _("taken back")
        UNREADABLE = "unreadable", _("cannot be read")

    OVER = (State.WRITTEN, State.UNDONE)
    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(_("file"), max_length=200)
    size = models.PositiveBigIntegerField()
    digest = models.CharField(max_length=64)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="sheets", verbose_name=_("brought by")
    )
    created_at = models.DateTimeField(_("brought at"), auto_now_add=True)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.NEW)
    meanings = models.JSONField(default=dict)
    updates = models.BooleanField(default=False)
    is_partial = models.BooleanField(default=False)
    heads = models.JSONField(default=list)
    counts = models.JSONField(default=dict)
    lines = models.JSONField(default=list)
    found_digest = models.CharField(max_length=64, default="", db_default="")
    made_bodies = models.JSONField(default=list)
    new_companies = models.PositiveIntegerField(default=0)
    problem = models.TextField(blank=True)
    written_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-created_at", "-pk")
        verbose_name, verbose_name_plural = _("imported sheet"), _("imported sheets")

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("certifications:import", args=[self.pk])

    @staticmethod
    def folder() -> Path:
        """Where sheets and reports lie; made where it is missing."""
        folder = Path(settings.DATA_DIR) / "imports"
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return folder

    @property
    def path(self) -> Path:
        return self.folder() / f"{self.key}.sheet"

    @property
    def report_path(self) -> Path:
        return self.folder() / f"{self.key}.report"

    @property
    def is_open(self) -> bool:
        """Whether it may still be checked and brought in."""
        return self.state not in (*self.OVER, self.State.UNREADABLE) and self.path.exists()


class HeadMeaning(models.Model):
    """What a person said that a head means: the next sheet with it is read without a question."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    words = models.CharField(max_length=200)
    field = models.CharField(max_length=30)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "words"], name="head_meaning_once_per_person")]

    def __str__(self):
        return f"{self.words} = {self.field}"
