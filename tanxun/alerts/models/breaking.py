"""What rests on a saved filter, and stands still while the filter's list does not understand it."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class RestsOnFilter(models.Model):
    """Marked and unmarked by `tanxun.alerts.broken`; nobody does it by hand."""

    broken_at = models.DateTimeField(_("broken since"), null=True, editable=False)
    broken_words = models.CharField(_("why it is broken"), max_length=300, blank=True, editable=False, default="", db_default="")

    class Meta:
        abstract = True
