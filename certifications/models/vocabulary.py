"""What staff keep so that statements can be entered and read: verification bodies, standards, statement types, programmes."""

import re
import unicodedata

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Case, F, Q, Value, When
from django.db.models.functions import Concat
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from simple_history.models import HistoricalRecords

from tanxun.records.models import (
    BilingualModel,
    ConfirmedModel,
    DerivedModel,
    DerivedQuerySet,
    LiveManager,
    NamedModel,
    SoftDeletedModel,
)
from tanxun.search.texts import Text

MOST_LEAD_DAYS = 400


class VerificationBody(NamedModel, SoftDeletedModel, ConfirmedModel):
    """A body that verifies, certifies or runs the programme (发证/核查机构)."""

    class Kind(models.TextChoices):
        CERTIFICATION_BODY = "certification_body", _("certification body")
        TESTING_BODY = "testing_body", _("testing body")
        CLASS_SOCIETY = "class_society", _("classification society")
        EXCHANGE = "exchange", _("exchange")
        PROGRAMME_OPERATOR = "programme_operator", _("programme operator")
        INSTITUTE = "institute", _("institute")

    slug = models.SlugField(_("slug"), unique=True, help_text=_("Stands in addresses: tuv-rheinland"))
    full_name = models.CharField(_("full name"), max_length=200, blank=True)
    name_en = models.CharField(_("English name"), max_length=200, blank=True)
    kind = models.CharField(_("kind"), max_length=20, choices=Kind, default=Kind.CERTIFICATION_BODY)
    is_foreign = models.BooleanField(_("foreign"), default=False)
    website = models.URLField(_("website"), blank=True)
    lookup_url = models.CharField(
        _("look-up address"),
        max_length=300,
        blank=True,
        help_text=_("Official register of its certificates; {number} stands for the number"),
    )
    is_confirmed = models.BooleanField(
        _("confirmed"), default=True, help_text=_("Not ticked: came in with a sheet or a text, to be checked")
    )
    history = HistoricalRecords()
    objects = LiveManager.from_queryset(DerivedQuerySet)()
    with_deleted = DerivedQuerySet.as_manager()

    search_texts = (
        Text("", "name", is_name=True),
        Text("", "full_name", is_name=True),
        Text("", "name_en", is_name=True),
        Text("aliases", "name", is_name=True),
        Text("", "slug", is_number=True),
    )

    class Meta:
        ordering = ("name",)
        verbose_name, verbose_name_plural = _("verification body"), _("verification bodies")

    def get_absolute_url(self):
        return reverse("certifications:body", args=[self.pk])

    def clean(self):
        super().clean()
        if self.lookup_url and not self.lookup_url.startswith(("http://", "https://")):
            raise ValidationError({"lookup_url": _("Only http and https addresses.")})

    def lookup(self, number: str) -> str:
        """Address of the official record of certificate `number`, or of the register, or ""."""
        return self.lookup_url.replace("{number}", number)


class BodyAlias(NamedModel):
    """Another name of a verification body; one name means one body."""

    body = models.ForeignKey(VerificationBody, models.CASCADE, related_name="aliases", verbose_name=_("verification body"))
    history = HistoricalRecords()

    class Meta:
        verbose_name, verbose_name_plural = _("alias"), _("aliases")
        constraints = [models.UniqueConstraint(fields=["name_folded"], name="body_alias_once")]

    def clean(self):
        super().clean()
        self.derive()
        taken = BodyAlias.objects.filter(name_folded=self.name_folded).exclude(pk=self.pk).select_related("body").first()
        if taken:
            raise ValidationError({"name": _("This name already belongs to %(body)s.") % {"body": taken.body}})


class BodyAccreditation(models.Model):
    """An accreditation of a verification body (CNAS, UKAS, DAkkS …) under ISO 14065."""

    body = models.ForeignKey(VerificationBody, models.CASCADE, related_name="accreditations", verbose_name=_("verification body"))
    accreditor = models.CharField(_("accreditor"), max_length=60)
    scheme = models.CharField(_("scheme"), max_length=100, blank=True)
    number = models.CharField(_("number"), max_length=60, blank=True)
    scope = models.CharField(_("scope"), max_length=200, blank=True)
    valid_from = models.DateField(_("valid from"), null=True, blank=True)
    valid_until = models.DateField(_("valid until"), null=True, blank=True)
    history = HistoricalRecords()

    class Meta:
        verbose_name, verbose_name_plural = _("accreditation"), _("accreditations")

    def __str__(self):
        return " ".join(filter(None, [self.accreditor, self.scheme, self.number]))


class EvidenceKind(models.TextChoices):
    STATEMENT = "statement", _("statement")
    CERTIFICATE = "certificate", _("certificate")
    DECLARATION = "declaration", _("declaration")
    LABEL = "label", _("label")
    LIST_MEMBERSHIP = "list_membership", _("list membership")


class ValidityRule(models.TextChoices):
    PRINTED_END = "printed_end", _("until the printed date")
    REPORTING_PERIOD = "reporting_period", _("covers a period; the next one falls due")
    MEMBERSHIP = "membership", _("until removed from the list")


def lead_days(text: str) -> tuple[int, ...]:
    """The days of `90, 30, 7`, the longest first. Raises ValueError."""
    days = {int(part) for part in re.split(r"[\s,，、;；/]+", unicodedata.normalize("NFKC", text)) if part}
    if any(not 0 <= day <= MOST_LEAD_DAYS for day in days):
        raise ValueError(text)
    return tuple(sorted(days, reverse=True))


def validate_lead_days(text: str) -> None:
    try:
        lead_days(text)
    except ValueError:
        words = _("Give days from 0 to %(most)s, such as 90, 30, 7.")
        raise ValidationError(words, params={"most": MOST_LEAD_DAYS}) from None


class StatementType(BilingualModel, DerivedModel):
    """A type of statement. Staff add one here and it works everywhere: lists, forms, reader."""

    slug = models.SlugField(_("slug"), unique=True, help_text=_("Stands in addresses: ghg_verification"))
    name = models.CharField(_("name"), max_length=60, unique=True)
    full_name = models.CharField(_("full name"), max_length=120, blank=True)
    name_en = models.CharField(_("English name"), max_length=120, blank=True)
    evidence_kind = models.CharField(_("evidence kind"), max_length=16, choices=EvidenceKind)
    validity_rule = models.CharField(_("validity rule"), max_length=16, choices=ValidityRule)
    cycle_months = models.PositiveSmallIntegerField(
        _("cycle in months"),
        null=True,
        blank=True,
        help_text=_("After the end of the period the next statement falls due in so many months"),
    )
    lead_days = models.CharField(
        _("reminders"),
        max_length=40,
        blank=True,
        default="90, 30, 7",
        validators=[validate_lead_days],
        help_text=_("So many days before the due date those who follow it are reminded: 90, 30, 7. Empty: never"),
    )
    needs_product = models.BooleanField(_("needs a product"), default=False)
    needs_period = models.BooleanField(_("needs a period"), default=False)
    topic = models.ForeignKey(
        "policies.Topic", models.PROTECT, null=True, blank=True, related_name="statement_types", verbose_name=_("topic")
    )
    cue_words = models.TextField(_("cue words"), blank=True, help_text=_("One a line: words in a text that speak of it"))
    history = HistoricalRecords()

    search_texts = (Text("", "name", is_name=True), Text("", "full_name", is_name=True), Text("", "name_en", is_name=True))

    class Meta:
        ordering = ("pk",)
        verbose_name, verbose_name_plural = _("statement type"), _("statement types")

    @property
    def leads(self) -> tuple[int, ...]:
        """So many days ahead reminders go out, the longest first."""
        return lead_days(self.lead_days)

    def clean(self):
        super().clean()
        if self.validity_rule == ValidityRule.REPORTING_PERIOD and not self.cycle_months:
            raise ValidationError({"cycle_months": _("A type with a reporting period needs its cycle.")})

    def save(self, *args, **kwargs):
        """A changed cycle or rule moves the due dates of its statements."""
        with transaction.atomic():
            super().save(*args, **kwargs)
            for statement in self.statements(manager="with_deleted").filter(valid_until__isnull=True).iterator():
                due = statement.due_on
                statement.statement_type = self
                statement.derive()
                if statement.due_on != due:
                    statement.save_due_date()


JOINED_BY_DASH = ("GB", "T/", "DB", "HJ", "YD", "SJ")


def standard_words(code: str, edition: str) -> str:
    """A standard as it is cited: GB/T 24067-2024, ISO 14064-1:2018; undated ISO 14064-1."""
    joiner = "-" if code.startswith(JOINED_BY_DASH) else ":"
    return f"{code}{joiner}{edition}" if edition else code


def standard_citation():
    """`standard_words` of a standard, as an expression."""
    domestic = Q(*(Q(code__startswith=mark) for mark in JOINED_BY_DASH), _connector=Q.OR)
    joiner = Case(When(domestic, then=Value("-")), default=Value(":"))
    return Case(When(edition="", then=F("code")), default=Concat("code", joiner, "edition"))


class Standard(DerivedModel):
    """A standard; `edition` is empty for the undated reference (ISO 14064-1 without a year)."""

    code = models.CharField(pgettext_lazy("standard", "code"), max_length=40, db_index=True)
    edition = models.CharField(_("edition"), max_length=30, blank=True, help_text=_("The year; empty for an undated reference"))
    title = models.CharField(_("title"), max_length=200, blank=True)
    title_en = models.CharField(_("English title"), max_length=300, blank=True)
    statement_type = models.ForeignKey(
        StatementType, models.SET_NULL, null=True, blank=True, related_name="standards", verbose_name=_("statement type")
    )
    issued_on = models.DateField(pgettext_lazy("standard", "issued on"), null=True, blank=True)
    in_force_on = models.DateField(pgettext_lazy("standard", "in force from"), null=True, blank=True)
    withdrawn_on = models.DateField(_("withdrawn on"), null=True, blank=True)
    replaced_by = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="replaces", verbose_name=_("replaced by")
    )
    source = models.CharField(_("source"), max_length=200, blank=True)
    history = HistoricalRecords()

    search_texts = (
        Text("", "code", "edition", words=standard_words, is_number=True),
        Text("", "title"),
        Text("", "title_en"),
    )

    class Meta:
        ordering = ("code", "edition")
        verbose_name, verbose_name_plural = _("standard"), _("standards")
        constraints = [models.UniqueConstraint(fields=["code", "edition"], name="standard_once")]

    def __str__(self):
        return standard_words(self.code, self.edition)

    @property
    def is_withdrawn(self) -> bool:
        return bool(self.withdrawn_on and self.withdrawn_on <= timezone.localdate())


class Programme(BilingualModel, DerivedModel):
    """A list that companies are put on by an issuing body or a verification body (绿色工厂), or a label with rules of its own."""

    slug = models.SlugField(_("slug"), unique=True)
    name = models.CharField(_("name"), max_length=100, unique=True)
    name_en = models.CharField(_("English name"), max_length=150, blank=True)
    aliases = models.TextField(_("aliases"), blank=True, help_text=_("One a line: what sheets call it, too"))
    statement_type = models.ForeignKey(
        StatementType, models.PROTECT, null=True, blank=True, related_name="programmes", verbose_name=_("statement type")
    )
    history = HistoricalRecords()

    search_texts = (Text("", "name", is_name=True), Text("", "name_en", is_name=True))

    class Meta:
        ordering = ("name",)
        verbose_name, verbose_name_plural = _("programme"), _("programmes")
