"""What two sources say differently of one record, and records that look alike and are not: open until a person decides."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from .statements import VerificationStatement


class ConflictQuerySet(models.QuerySet):
    def open(self) -> "ConflictQuerySet":
        """Those that wait for a person, of records that still stand."""
        live = Q(statement__deleted_at=None) & Q(policy__deleted_at=None)
        return self.filter(live, resolved_at=None)

    def of(self, record: models.Model) -> "ConflictQuerySet":
        name = "statement" if isinstance(record, VerificationStatement) else "policy"
        return self.filter(**{name: record})


class Conflict(models.Model):
    """A field of a record for which a second source gave another value. Both stand here in words, each with its source.

    `field` is its name on the record; `value` is the other value as `certifications.conflicts.take_other` writes it.
    """

    class Choice(models.TextChoices):
        KEPT = "kept", _("the recorded value")
        OTHER = "other", _("the other value")

    statement = models.ForeignKey(VerificationStatement, models.CASCADE, null=True, related_name="conflicts")
    policy = models.ForeignKey("policies.Policy", models.CASCADE, null=True, related_name="conflicts")
    field = models.CharField(max_length=40)
    kept = models.TextField()
    kept_source = models.CharField(max_length=200, blank=True)
    other = models.TextField()
    other_source = models.CharField(max_length=200, blank=True)
    value = models.JSONField()
    found_at = models.DateTimeField(auto_now_add=True)
    choice = models.CharField(max_length=5, choices=Choice, blank=True)
    resolved_at = models.DateTimeField(null=True)
    resolved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    objects = ConflictQuerySet.as_manager()

    class Meta:
        ordering = ("-found_at", "-pk")
        verbose_name, verbose_name_plural = _("conflict between sources"), _("conflicts between sources")
        indexes = [models.Index(fields=["-found_at", "-id"], condition=Q(resolved_at=None), name="conflict_open")]
        constraints = [
            models.CheckConstraint(
                condition=Q(statement__isnull=True, policy__isnull=False) | Q(statement__isnull=False, policy__isnull=True),
                name="conflict_of_one_record",
            ),
            models.CheckConstraint(
                condition=Q(choice="", resolved_at__isnull=True) | (~Q(choice="") & Q(resolved_at__isnull=False)),
                name="conflict_resolved_by_choice",
            ),
        ]

    def __str__(self):
        return f"{self.record} · {self.field}"

    @property
    def record(self):
        return self.statement or self.policy


class NotTheSame(models.Model):
    """A person's word that two statements which look alike are two. `first` has the lower key."""

    first = models.ForeignKey(VerificationStatement, models.CASCADE, related_name="+")
    second = models.ForeignKey(VerificationStatement, models.CASCADE, related_name="+")
    said_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    said_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name, verbose_name_plural = _("pair of different statements"), _("pairs of different statements")
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="not_the_same_once"),
            models.CheckConstraint(condition=Q(first__lt=models.F("second")), name="not_the_same_in_order"),
        ]

    def __str__(self):
        return f"{self.first_id} ≠ {self.second_id}"
