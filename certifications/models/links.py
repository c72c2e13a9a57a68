"""A person's word on what a policy concerns, which overrides the rules of `certifications.matching`."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from .companies import Company
from .statements import VerificationStatement


class PersonsWord(models.Model):
    """It concerns it, or it does not."""

    concerns = models.BooleanField(
        _("concerns"), default=True, help_text=_("Not ticked: does not concern it, whatever the rules say")
    )
    note = models.CharField(_("note"), max_length=200, blank=True, help_text=_("Shown to readers beside the policy"))

    class Meta:
        abstract = True


class StatementPolicy(PersonsWord):
    """A person's word on a statement and a policy."""

    statement = models.ForeignKey(VerificationStatement, models.CASCADE, related_name="policy_links", verbose_name=_("statement"))
    policy = models.ForeignKey("policies.Policy", models.CASCADE, related_name="statement_links", verbose_name=_("policy"))
    history = HistoricalRecords()

    class Meta:
        verbose_name, verbose_name_plural = _("link to a policy"), _("links to policies")
        constraints = [models.UniqueConstraint(fields=["statement", "policy"], name="statement_policy_once")]

    def __str__(self):
        return f"{self.statement} – {self.policy}"


class CompanyPolicy(PersonsWord):
    """A person's word on a company and a policy: it holds for all its statements that have no word of their own."""

    company = models.ForeignKey(Company, models.CASCADE, related_name="policy_links", verbose_name=_("company"))
    policy = models.ForeignKey("policies.Policy", models.CASCADE, related_name="company_links", verbose_name=_("policy"))
    history = HistoricalRecords()

    class Meta:
        verbose_name, verbose_name_plural = _("link to a policy"), _("links to policies")
        constraints = [models.UniqueConstraint(fields=["company", "policy"], name="company_policy_once")]

    def __str__(self):
        return f"{self.company} – {self.policy}"
