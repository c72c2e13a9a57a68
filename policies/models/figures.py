"""What a policy says in figures: the targets it sets and the incentives it offers."""

import datetime as dt

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from policies.units import normal, rank
from tanxun.records.models import DerivedModel
from tanxun.search.texts import Text, Word

from .policies import Policy
from .vocabulary import Topic

# What rows without a year or a day are sorted by: after all that have one.
NO_YEAR, NO_DAY = 9999, dt.date.max


class Target(DerivedModel):
    """A figure that a policy wants reached.

    `value` and `unit` are as printed; `normal_value` in `normal_unit` is the same in one unit for each kind (30 万千瓦 is 300,000
    千瓦), and `rank` a text that sorts by both, empty where no figure is printed. `year_rank` is the year, or NO_YEAR.
    """

    class Comparator(models.TextChoices):
        AT_LEAST = ">=", _("at least")
        ABOUT = "~", _("about")
        EXACTLY = "=", _("exactly")
        AT_MOST = "<=", _("at most")

    class Base(models.TextChoices):
        NEW = "new", _("newly added")
        TOTAL = "total", _("in total")
        PER_YEAR = "per_year", _("per year")

    policy = models.ForeignKey(Policy, models.CASCADE, related_name="targets")
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    indicator = models.CharField(_("indicator"), max_length=200)
    comparator = models.CharField(_("comparator"), max_length=2, choices=Comparator, default=Comparator.EXACTLY)
    value = models.DecimalField(_("value"), max_digits=20, decimal_places=4, null=True, blank=True)
    unit = models.CharField(_("unit"), max_length=40, blank=True)
    base = models.CharField(_("base"), max_length=10, choices=Base, blank=True)
    year = models.PositiveSmallIntegerField(_("year"), null=True, blank=True)
    sentence = models.TextField(_("sentence"), blank=True)
    topics = models.ManyToManyField(Topic, blank=True, related_name="targets", verbose_name=_("topics"))
    normal_value = models.DecimalField(max_digits=30, decimal_places=6, null=True, editable=False)
    normal_unit = models.CharField(max_length=40, editable=False, blank=True)
    rank = models.CharField(max_length=60, editable=False, blank=True)
    year_rank = models.PositiveSmallIntegerField(editable=False, default=NO_YEAR)
    history = HistoricalRecords(m2m_fields=[topics])

    derived_fields = dict.fromkeys(("normal_value", "normal_unit", "rank"), ("value", "unit")) | {"year_rank": ("year",)}
    search_texts = (
        Text("", "indicator", is_name=True),
        Text("", "sentence"),
        Text("policy", "headline"),
        Word("topics"),
    )

    class Meta:
        ordering = ("position", "pk")
        verbose_name, verbose_name_plural = _("target"), _("targets")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(year__isnull=True) | models.Q(year__range=(1990, 2100)),
                name="target_year_sane",
                violation_error_message=_("Give a year between 1990 and 2100."),
            )
        ]

    def __str__(self):
        return self.indicator

    def get_absolute_url(self):
        return reverse("policies:target", args=[self.pk])

    def derive(self):
        super().derive()
        self.normal_value, self.normal_unit = normal(self.value, self.unit)
        self.rank = rank(self.normal_value, self.normal_unit)
        self.year_rank = self.year or NO_YEAR


class Incentive(DerivedModel):
    """Money or another reward that a policy offers. `currency` is % for a share; `amount` is empty where none is printed.

    `rank` is a text that sorts by currency and amount, empty where no amount is printed. `apply_by_rank` is the day to apply by,
    or NO_DAY.
    """

    class Currency(models.TextChoices):
        CNY = "CNY", _("CNY")
        HKD = "HKD", _("HKD")
        MOP = "MOP", _("MOP")
        PERCENT = "%", "%"

    class Kind(models.TextChoices):
        ONE_OFF = "one_off", _("one-off reward")
        YEARLY = "yearly", _("yearly reward")
        SHARE = "share", _("share of cost")
        LOAN = "loan", _("loan or interest support")
        OTHER = "other", _("other support")

    policy = models.ForeignKey(Policy, models.CASCADE, related_name="incentives")
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    amount = models.DecimalField(_("amount"), max_digits=20, decimal_places=2, null=True, blank=True)
    currency = models.CharField(_("currency"), max_length=3, choices=Currency, blank=True)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind, blank=True)
    cap = models.DecimalField(_("cap"), max_digits=20, decimal_places=2, null=True, blank=True)
    who_qualifies = models.CharField(_("who qualifies"), max_length=200, blank=True)
    evidence_needed = models.CharField(
        _("evidence needed"), max_length=200, blank=True, help_text=_("What must be shown, in the words of the policy")
    )
    apply_by = models.DateField(_("apply by"), null=True, blank=True)
    sentence = models.TextField(_("sentence"), blank=True)
    topics = models.ManyToManyField(
        Topic, blank=True, related_name="incentives", verbose_name=_("topics of the evidence it accepts")
    )
    rank = models.CharField(max_length=60, editable=False, blank=True)
    apply_by_rank = models.DateField(editable=False, default=NO_DAY)
    history = HistoricalRecords(m2m_fields=[topics])

    derived_fields = {"rank": ("amount", "currency"), "apply_by_rank": ("apply_by",)}
    search_texts = (
        Text("", "sentence"),
        Text("", "who_qualifies"),
        Text("", "evidence_needed"),
        Text("policy", "headline"),
        Word("topics"),
    )

    class Meta:
        ordering = ("position", "pk")
        verbose_name, verbose_name_plural = _("incentive"), _("incentives")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(amount__isnull=True) | ~models.Q(currency=""),
                name="incentive_amount_has_currency",
                violation_error_message=_("An amount needs its currency."),
            ),
            models.CheckConstraint(
                condition=models.Q(amount__isnull=True) | models.Q(amount__gte=0),
                name="incentive_amount_not_negative",
                violation_error_message=_("An amount cannot be negative."),
            ),
        ]

    def __str__(self):
        return self.sentence[:60]

    def get_absolute_url(self):
        return reverse("policies:incentive", args=[self.pk])

    def derive(self):
        super().derive()
        self.rank = rank(self.amount, self.currency)
        self.apply_by_rank = self.apply_by or NO_DAY
