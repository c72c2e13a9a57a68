"""What a policy has to do with another: it carries it out, changes it, takes its place."""

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from simple_history.models import HistoricalRecords

from tanxun.records.models import DerivedModel
from tanxun.search.fold import fold

from .policies import Policy


class PolicyLink(DerivedModel):
    """That `policy` does `kind` to another, as a person accepted it. The same line read from the other end says the rest.

    `other` is empty while the other one is not among our records: then its `title` (without 《》) stands for it.
    """

    class Kind(models.TextChoices):
        IMPLEMENTS = "implements", _("implements")
        AMENDS = "amends", _("amends")
        REPLACES = "replaces", pgettext_lazy("policy", "replaces")
        REPEALS = "repeals", _("repeals")
        INTERPRETS = "interprets", _("interprets")
        LOCAL_VERSION_OF = "local_version_of", _("is the local version of")

    policy = models.ForeignKey(Policy, models.CASCADE, related_name="links", verbose_name=_("policy"))
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    kind = models.CharField(_("what it does"), max_length=20, choices=Kind)
    other = models.ForeignKey(
        Policy, models.CASCADE, null=True, blank=True, related_name="linked_by", verbose_name=_("other policy")
    )
    title = models.CharField(
        _("title"), max_length=300, blank=True, help_text=_("Of a document that is not among our policies, without 《》")
    )
    title_folded = models.CharField(max_length=300, editable=False, blank=True, db_index=True)
    sentence = models.TextField(_("sentence"), blank=True)
    history = HistoricalRecords()

    derived_fields = {"title_folded": ("title",)}

    class Meta:
        ordering = ("position", "pk")
        verbose_name, verbose_name_plural = _("link to another policy"), _("links to other policies")
        constraints = [
            models.UniqueConstraint(
                fields=["policy", "kind", "other"],
                condition=models.Q(other__isnull=False),
                name="policy_link_once",
                violation_error_message=_("This link is there already."),
            ),
            models.CheckConstraint(
                condition=models.Q(other__isnull=False) | ~models.Q(title=""),
                name="policy_link_names_the_other",
                violation_error_message=_("Choose the other policy, or give the title of its document."),
            ),
            models.CheckConstraint(
                condition=models.Q(other__isnull=True) | ~models.Q(other=models.F("policy")),
                name="policy_link_to_another",
                violation_error_message=_("A policy cannot be linked to itself."),
            ),
        ]

    def __str__(self):
        return f"{self.get_kind_display()} {self.other or f'《{self.title}》'}"

    def derive(self):
        super().derive()
        self.title_folded = fold(self.title)[:300]

    def clean(self):
        super().clean()
        self.title = self.title.strip().strip("《》")
        if self.other_id and self.other_id == self.policy_id:
            raise ValidationError({"other": _("A policy cannot be linked to itself.")})
