"""The weekly that goes out: what its editors chose for a week, and the issue as it was frozen. Written by `editing` alone."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from tanxun.search.queries import IndexedQuerySet
from tanxun.search.texts import Text

from .issue import Choices, Issue, Week


class DigestQuerySet(IndexedQuerySet["Digest"]):
    def published(self) -> DigestQuerySet:
        """Those that readers see: frozen ones."""
        return self.filter(frozen_at__isnull=False)


def frozen_words(kept: dict[str, Any] | None) -> str:
    """What a frozen issue says; a draft is found by its title alone."""
    entries = kept["entries"] if kept else []
    return "\n".join(text for entry in entries for text in (entry["headline"], *entry["paragraphs"], entry["note"]) if text)


class Digest(models.Model):
    """The issue of one week. A draft holds choices alone and is made anew of the records whenever it is looked at; frozen, it is
    `frozen` (`Issue.as_json`) and never changes.

    `title` and `lead` are empty where the issue's own stand. `choices` are the fields of `issue.Choices`; `has_sheets` says
    whether statements that came by sheet or by hand are in. `version` counts the saves, so that nobody overwrites unseen.
    """

    week = models.CharField(_("week"), max_length=8, unique=True)
    year = models.PositiveSmallIntegerField(_("year"), editable=False)
    title = models.CharField(_("title"), max_length=200, blank=True)
    lead = models.CharField(_("headline line"), max_length=500, blank=True)
    choices = models.JSONField(default=dict, blank=True)
    has_sheets = models.BooleanField(_("with statements from sheets and by hand"), default=True)
    version = models.PositiveIntegerField(default=0, editable=False)
    frozen = models.JSONField(null=True, blank=True, editable=False)
    entry_count = models.PositiveIntegerField(_("entries"), default=0, editable=False)
    frozen_at = models.DateTimeField(_("frozen at"), null=True, blank=True, editable=False)
    frozen_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("frozen by")
    )
    published_on = models.DateField(_("published on"), null=True, blank=True, editable=False)
    created_at = models.DateTimeField(_("begun at"), auto_now_add=True)
    updated_at = models.DateTimeField(_("last changed"), auto_now=True)
    history = HistoricalRecords(excluded_fields=["frozen"])
    objects = DigestQuerySet.as_manager()

    search_texts = (Text("", "title", is_name=True), Text("", "lead"), Text("", "frozen", words=frozen_words))

    class Meta:
        ordering = ("-week",)
        verbose_name, verbose_name_plural = _("issue of the weekly"), _("issues of the weekly")
        permissions = [("compose_digest", "Can compose the weekly"), ("freeze_digest", "Can freeze the weekly")]
        constraints = [
            models.CheckConstraint(
                condition=Q(frozen__isnull=True, frozen_at__isnull=True, published_on__isnull=True)
                | Q(frozen__isnull=False, frozen_at__isnull=False, published_on__isnull=False),
                name="digest_frozen_as_a_whole",
            )
        ]

    def __str__(self) -> str:
        return self.title or self.week

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.year = int(self.week[:4])
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        return reverse("digest:issue", args=[self.pk])

    @property
    def is_frozen(self) -> bool:
        return self.frozen_at is not None

    @property
    def iso_week(self) -> Week:
        return Week.parse(self.week)

    @property
    def frozen_issue(self) -> Issue:
        """The issue as it was frozen. Raises ValueError for a draft."""
        if self.frozen is None:
            raise ValueError(f"{self.week} is a draft")
        return Issue.from_json(self.frozen)

    @property
    def chosen(self) -> Choices:
        """The editor's choices as they are stored, without what `has_sheets` leaves out."""
        kept = self.choices
        return Choices(
            order=tuple(kept.get("order", ())),
            left_out=frozenset(kept.get("left_out", ())),
            headlines=dict(kept.get("headlines", {})),
            notes=dict(kept.get("notes", {})),
        )
