"""Files of a saved filter that go out by mail every week."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.utils import timezone
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _

from tanxun.listing.models import SavedFilter

from .breaking import RestsOnFilter


def next_weekday(weekday: int, day: dt.date) -> dt.date:
    """That day of the week (Monday is 0): `day` itself, or the first after it."""
    return day + dt.timedelta(days=(weekday - day.weekday()) % 7)


class ScheduledExport(RestsOnFilter):
    """A saved filter as a file, every week on `weekday` to `recipients`, with the rights of owner and recipient of that day.

    `next_on` only moves ahead. `last_rows` is how many rows the last file had, `last_words` what came of it.
    """

    class Ending(models.TextChoices):
        XLSX = "xlsx", "XLSX"
        CSV = "csv", "CSV"

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="scheduled_exports")
    saved_filter = models.ForeignKey(
        SavedFilter, models.CASCADE, related_name="scheduled_exports", verbose_name=_("saved filter")
    )
    ending = models.CharField(_("file"), max_length=4, choices=Ending, default=Ending.XLSX)
    weekday = models.PositiveSmallIntegerField(
        _("day of the week"), choices=sorted(WEEKDAYS.items()), default=0, validators=[MaxValueValidator(6)]
    )
    recipients = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="+", verbose_name=_("recipients"))
    is_paused = models.BooleanField(_("paused"), default=False)
    next_on = models.DateField(_("next on"), editable=False)
    last_rows = models.PositiveBigIntegerField(null=True, editable=False)
    last_at = models.DateTimeField(null=True, editable=False)
    last_words = models.CharField(max_length=200, blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    removed_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ("saved_filter__name", "pk")
        verbose_name, verbose_name_plural = _("export by mail"), _("exports by mail")

    def __str__(self) -> str:
        return f"{self.saved_filter} · {self.get_weekday_display()}"

    def schedule(self, after: dt.date | None = None) -> None:
        """Set `next_on`: the next such day from today, or after a day."""
        first = after + dt.timedelta(days=1) if after else timezone.localdate()
        self.next_on = next_weekday(self.weekday, first)
