"""Companies that turned out to be one: which went into which, what was moved, and whether it was undone."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from .companies import Company


class MergeQuerySet(models.QuerySet):
    def standing(self) -> "MergeQuerySet":
        """Those that were not undone."""
        return self.filter(undone_at=None)


class CompanyMerge(models.Model):
    """`gone` became `kept`; its address leads to `leads_to`: that is `kept`, or what `kept` went into later.

    `moved` is what it takes to undo it: {"rows": [[model, field, key]…], "fields": {name: [old, new]} of the kept company,
    "gone": {name: old}, "products": [[statement, old, new]…], "alias": key or null}; `left` says what could not be moved.
    """

    kept = models.ForeignKey(Company, models.PROTECT, related_name="+", verbose_name=_("kept company"))
    gone = models.ForeignKey(Company, models.PROTECT, related_name="+", verbose_name=_("merged company"))
    leads_to = models.ForeignKey(Company, models.PROTECT, related_name="+")
    gone_name = models.CharField(_("name"), max_length=200)
    reason = models.CharField(_("reason"), max_length=200)
    moved = models.JSONField(default=dict)
    left = models.JSONField(default=list)
    merged_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    merged_at = models.DateTimeField(auto_now_add=True)
    undone_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    undone_at = models.DateTimeField(null=True)
    objects = MergeQuerySet.as_manager()

    class Meta:
        ordering = ("-merged_at", "-pk")
        verbose_name, verbose_name_plural = _("merge of companies"), _("merges of companies")
        constraints = [
            models.UniqueConstraint(fields=["gone"], condition=Q(undone_at__isnull=True), name="company_merged_once"),
            models.CheckConstraint(condition=~Q(kept=models.F("gone")), name="company_merge_of_two"),
        ]

    def __str__(self):
        return f"{self.gone_name} → {self.kept_id}"
