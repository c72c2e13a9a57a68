"""The team's notes on a company, with the day to follow up."""

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from tanxun.records.notes import Note

from .companies import Company


class CompanyNote(Note):
    """Open ones first, those to follow up soonest at the top; then the newest."""

    company = models.ForeignKey(Company, models.CASCADE, related_name="notes", verbose_name=_("company"))
    history = HistoricalRecords()

    class Meta:
        ordering = (
            models.F("done_at").desc(nulls_first=True),
            models.F("follow_up_on").asc(nulls_last=True),
            "-written_at",
            "-pk",
        )
        verbose_name, verbose_name_plural = _("note on a company"), _("notes on companies")
        indexes = [
            models.Index(fields=["follow_up_on"], condition=models.Q(done_at__isnull=True), name="company_note_open"),
        ]

    def get_absolute_url(self):
        """With all notes: it may be none of the first."""
        return f"{reverse('certifications:company', args=[self.company_id])}?notes=all#note-{self.pk}"
