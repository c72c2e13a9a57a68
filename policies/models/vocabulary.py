"""Topics, which join policies and statement types, and the bodies that issue policies."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from tanxun.records.models import BilingualModel, DerivedModel, DerivedQuerySet, LiveManager, NamedModel, SoftDeletedModel
from tanxun.search.texts import Text


class Topic(BilingualModel, DerivedModel):
    """A subject of the dual-carbon field: the vocabulary that joins policies and statement types."""

    slug = models.SlugField(_("slug"), unique=True)
    name = models.CharField(_("name"), max_length=60, unique=True)
    name_en = models.CharField(_("English name"), max_length=100, blank=True)
    definition = models.CharField(_("definition"), max_length=200, blank=True)
    definition_en = models.CharField(_("English definition"), max_length=300, blank=True)
    cue_words = models.TextField(_("cue words"), blank=True, help_text=_("One a line: words in a text that speak of it"))
    history = HistoricalRecords()

    search_texts = (Text("", "name", is_name=True), Text("", "name_en", is_name=True))

    class Meta:
        ordering = ("pk",)
        verbose_name, verbose_name_plural = _("topic"), _("topics")


class IssuingBody(NamedModel, SoftDeletedModel):
    """A body that issues policies (发文机关), by its full name."""

    region = models.ForeignKey("regions.Region", models.PROTECT, null=True, blank=True, verbose_name=_("region"))
    website = models.URLField(_("website"), blank=True)
    history = HistoricalRecords()
    objects = LiveManager.from_queryset(DerivedQuerySet)()
    with_deleted = DerivedQuerySet.as_manager()

    search_texts = (Text("", "name", is_name=True), Text("aliases", "name", is_name=True))

    class Meta:
        ordering = ("name",)
        verbose_name, verbose_name_plural = _("issuing body"), _("issuing bodies")
        constraints = [
            models.UniqueConstraint(fields=["name"], condition=models.Q(deleted_at__isnull=True), name="issuing_body_name_once"),
        ]


class IssuingBodyAlias(NamedModel):
    """A short or former name of an issuing body: 工信部, 央行."""

    body = models.ForeignKey(IssuingBody, models.CASCADE, related_name="aliases", verbose_name=_("issuing body"))
    history = HistoricalRecords()

    class Meta:
        verbose_name, verbose_name_plural = _("alias"), _("aliases")
        constraints = [models.UniqueConstraint(fields=["name"], name="issuing_body_alias_once")]
