"""The verification statement, and what is asked of sets of them."""

import datetime as dt

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Case, F, Q, Value, When
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from simple_history.models import HistoricalRecords

from tanxun.records.days import around
from tanxun.records.models import Attachments, DerivedQuerySet, LiveManager, Record
from tanxun.search.fold import number_key
from tanxun.search.texts import Text, Word

from .companies import Company, Product
from .memberships import NOT_YET, ListStage, Tier, beside_type
from .validity import ENDED_BY_REGISTER, EXPIRING_DAYS, RegisterStatus, Validity, add_months
from .vocabulary import EvidenceKind, Programme, Standard, StatementType, ValidityRule, VerificationBody

SIMILAR_DAYS = 120
LIVE = Q(deleted_at__isnull=True)
COUNTED = ("statement_type", "region", "verification_body", "is_body_undisclosed", "register_status", "removed_on", "due_on")
TIES = [
    "company",
    "region",
    "province",
    "statement_type",
    "verification_body",
    "consultant",
    "replaces",
    "programme",
    "recognised_by",
]
LED_BY = (
    ("dated_on", "date"),
    ("province", "province"),
    ("region", "region"),
    ("statement_type", "type"),
    ("verification_body", "body"),
)


def counted_from(first: str) -> list[str]:
    """The columns of an index that narrows by `first`, keeps the order of the list, and has all that facets count.

    All terms of an order go one way, so that it is walked from both ends.
    """
    return [first, *(name for name in ("dated_on", "id", *COUNTED, "deleted_at") if name != first)]


class StatementQuerySet(DerivedQuerySet):
    def with_validity(self, days: int = EXPIRING_DAYS) -> "StatementQuerySet":
        """Adds `validity` as of today (contract: register status first, then the end of `due_on`, else undated)."""
        today = timezone.localdate()
        # Asked of the few rows that come so far down, where a join would be made for every one.
        memberships = StatementType.objects.filter(evidence_kind=EvidenceKind.LIST_MEMBERSHIP).values("pk")
        return self.annotate(
            validity=Case(
                When(register_status__in=ENDED_BY_REGISTER, then=F("register_status")),
                When(removed_on__lte=today, then=Value(Validity.EXPIRED)),
                When(due_on__lt=today, then=Value(Validity.EXPIRED)),
                When(due_on__lte=today + dt.timedelta(days=days), then=Value(Validity.EXPIRING)),
                When(due_on__isnull=False, then=Value(Validity.VALID)),
                When(statement_type__in=memberships, then=Value(Validity.VALID)),
                default=Value(Validity.UNDATED),
                output_field=models.CharField(),
            )
        )

    def numbered(self, keys: object) -> "StatementQuerySet":
        """Live statements with one of these certificate keys, by the index that keeps a number once for each body."""
        return self.filter(certificate_key__in=keys).exclude(certificate_key="").filter(deleted_at=None)

    def similar_to(self, statement: "VerificationStatement", products=(), days: int = SIMILAR_DAYS) -> "StatementQuerySet":
        """Suspected duplicates (feature 8): same company, type, body, dated within `days`; a shared product if both name any."""
        rows = self.filter(
            company=statement.company_id,
            statement_type=statement.statement_type_id,
            verification_body=statement.verification_body_id,
            dated_on__range=around(statement.dated_on, days),
        ).exclude(pk=statement.pk)
        if products:
            shared = self.model.with_deleted.filter(products__in=products).values("pk")
            rows = rows.filter(Q(products__isnull=True) | Q(pk__in=shared)).distinct()
        return rows


class VerificationStatement(Record):
    """One statement, certificate, declaration, label or list membership of a company.

    `region` and `province` are copies of the company's, kept on every write path. `due_on` is the printed end of
    validity, or the day the next statement falls due (`is_due_computed`, shown as 推算), or empty.
    """

    class Assurance(models.TextChoices):
        REASONABLE = "reasonable", _("reasonable")
        LIMITED = "limited", _("limited")

    class Boundary(models.TextChoices):
        CRADLE_TO_GATE = "cradle_to_gate", _("cradle to gate")
        CRADLE_TO_GRAVE = "cradle_to_grave", _("cradle to grave")
        GATE_TO_GATE = "gate_to_gate", _("gate to gate")

    class Engagement(models.TextChoices):
        VERIFICATION = "verification", _("verification")
        VALIDATION = "validation", _("validation")

    company = models.ForeignKey(
        Company,
        models.PROTECT,
        db_index=False,  # as of type and body: a wider index begins with it
        related_name="statements",
        verbose_name=_("company"),
    )
    region = models.ForeignKey(
        "regions.Region",
        models.PROTECT,
        null=True,
        editable=False,
        db_index=False,
        related_name="+",
        verbose_name=_("region"),
    )
    province = models.ForeignKey(
        "regions.Region",
        models.PROTECT,
        null=True,
        editable=False,
        db_index=False,
        related_name="+",
        verbose_name=pgettext_lazy("place", "province"),
    )
    products = models.ManyToManyField(Product, blank=True, related_name="statements", verbose_name=_("products"))
    statement_type = models.ForeignKey(
        StatementType, models.PROTECT, db_index=False, related_name="statements", verbose_name=_("statement type")
    )
    verification_body = models.ForeignKey(
        VerificationBody,
        models.PROTECT,
        null=True,
        blank=True,
        db_index=False,
        related_name="statements",
        verbose_name=_("verification body"),
    )
    is_body_undisclosed = models.BooleanField(
        _("body not disclosed"), default=False, help_text=_("The source does not name the body")
    )
    consultant = models.ForeignKey(
        Company, models.PROTECT, null=True, blank=True, related_name="consulted_statements", verbose_name=_("consultant")
    )
    issued_on = models.DateField(_("issued on"), null=True, blank=True)
    announced_on = models.DateField(_("announced on"), null=True, blank=True)
    valid_until = models.DateField(_("valid until"), null=True, blank=True)
    certificate_number = models.CharField(_("certificate number"), max_length=80, blank=True)
    certificate_key = models.CharField(max_length=80, blank=True, editable=False)
    scheme = models.CharField(_("scheme"), max_length=100, blank=True)
    standards = models.ManyToManyField(Standard, blank=True, related_name="statements", verbose_name=_("standards"))
    engagement = models.CharField(_("engagement"), max_length=12, choices=Engagement, blank=True)
    assurance_level = models.CharField(_("assurance level"), max_length=10, choices=Assurance, blank=True)
    categories = models.JSONField(_("categories"), default=list, blank=True)
    scopes = models.JSONField(_("scopes"), default=list, blank=True)
    period_start = models.DateField(_("period from"), null=True, blank=True)
    period_end = models.DateField(_("period to"), null=True, blank=True)
    emissions_tco2e = models.DecimalField(_("emissions (tCO2e)"), max_digits=20, decimal_places=4, null=True, blank=True)
    footprint_kgco2e = models.DecimalField(_("footprint (kgCO2e)"), max_digits=20, decimal_places=6, null=True, blank=True)
    declared_unit = models.CharField(_("declared unit"), max_length=100, blank=True)
    system_boundary = models.CharField(_("system boundary"), max_length=16, choices=Boundary, blank=True)
    result_as_printed = models.CharField(_("result as printed"), max_length=120, blank=True)
    register_status = models.CharField(
        _("register status"), max_length=10, choices=RegisterStatus, default=RegisterStatus.UNKNOWN
    )
    register_checked_on = models.DateField(_("register checked on"), null=True, blank=True)
    replaces = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="replaced_by", verbose_name=_("replaces")
    )
    programme = models.ForeignKey(
        Programme, models.PROTECT, null=True, blank=True, related_name="statements", verbose_name=_("programme")
    )
    tier = models.CharField(_("tier"), max_length=40, choices=Tier, blank=True)
    batch = models.CharField(_("batch"), max_length=40, blank=True)
    list_stage = models.CharField(_("stage on the list"), max_length=40, choices=ListStage, blank=True)
    recognised_by = models.ForeignKey(
        "policies.IssuingBody",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="recognitions",
        verbose_name=_("recognised by"),
    )
    removed_on = models.DateField(_("removed on"), null=True, blank=True)
    summary = models.TextField(_("summary"), blank=True)
    headline = models.CharField(
        _("headline"), max_length=300, blank=True, help_text=_("Of its item in a newsletter; empty: made from company and type")
    )
    policies = models.ManyToManyField(
        "policies.Policy", through="StatementPolicy", related_name="statements", verbose_name=_("policies")
    )
    due_on = models.DateField(_("due on"), null=True, editable=False)
    is_due_computed = models.BooleanField(default=False, editable=False)
    # Entries are looked for by record, date and user alone: an index for each tie is written at every change and never read.
    attachments = Attachments()
    history = HistoricalRecords(m2m_fields=[products, standards], no_db_index=TIES)
    objects = LiveManager.from_queryset(StatementQuerySet)()
    with_deleted = StatementQuerySet.as_manager()

    derived_fields = {
        **Record.derived_fields,
        "region": ("company",),
        "province": ("company",),
        "certificate_key": ("certificate_number",),
        **dict.fromkeys(("due_on", "is_due_computed"), ("valid_until", "period_end", "statement_type")),
    }
    date_fields = ("issued_on", "announced_on")
    search_texts = (
        Text("company", "name", is_name=True),
        Text("company__names", "name", is_name=True),
        Text("company", "credit_code"),
        Text("products", "name", "model", is_name=True),
        Text("consultant", "name"),
        Text("consultant__names", "name"),
        Text("", "certificate_number", is_number=True),
        Text("", "scheme"),
        Text("", "summary"),
        Word("statement_type"),
        Word("verification_body"),
        Word("recognised_by"),
        Word("programme"),
        Word("standards"),
    )

    class Meta:
        ordering = ("-dated_on", "-pk")
        verbose_name, verbose_name_plural = _("verification statement"), _("verification statements")
        indexes = [
            # Lists and their counts are answered from these alone, without a look at the wide rows. Not of live rows only where
            # the counts of all facets are to come from one: SQLite does not see that such an index says it all.
            models.Index(fields=["dated_on", "id", "deleted_at"], name="statement_live_dated", condition=LIVE),
            *(models.Index(fields=counted_from(name), name=f"statement_by_{short}") for name, short in LED_BY),
            models.Index(
                fields=["register_status", "removed_on", "due_on", "statement_type"],
                name="statement_live_validity",
                condition=LIVE,
            ),
            models.Index(
                fields=["company", "dated_on", "id", "region", "verification_body", "is_body_undisclosed", "deleted_at"],
                name="statement_company_dated",
            ),
            models.Index(fields=["due_on", "-id"], name="statement_due"),
            # What of a company follows up, and what is evidence (`matching.is_evidence`).
            models.Index(
                fields=[
                    *("company", "statement_type", "due_on", "is_due_computed"),
                    *("register_status", "removed_on", "list_stage", "deleted_at"),
                ],
                name="statement_followed_up",
            ),
            models.Index(fields=["week_on"], name="statement_week"),
            # Of list memberships alone, which are few: asked with the same condition (`pages.ListWordFilter`).
            *(
                models.Index(fields=[name, "dated_on", "id"], name=f"statement_{short}", condition=LIVE & ~Q(**{name: ""}))
                for name, short in (("tier", "of_tier"), ("list_stage", "at_stage"))
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(is_body_undisclosed=False) | Q(verification_body__isnull=True),
                name="statement_body_named_or_undisclosed",
                violation_error_message=_("A named body is not undisclosed: clear one of the two."),
            ),
            models.CheckConstraint(
                condition=Q(valid_until__isnull=True) | Q(issued_on__isnull=True) | Q(valid_until__gte=F("issued_on")),
                name="statement_valid_after_issue",
                violation_error_message=_("It cannot end before it was issued."),
            ),
            models.CheckConstraint(
                condition=Q(period_end__isnull=True) | Q(period_start__isnull=True) | Q(period_end__gte=F("period_start")),
                name="statement_period_in_order",
                violation_error_message=_("The period cannot end before it starts."),
            ),
            models.UniqueConstraint(
                fields=["certificate_key", "verification_body"],
                condition=~Q(certificate_key="") & Q(deleted_at__isnull=True),
                name="statement_number_once_per_body",
                violation_error_message=_("This body already has a statement with this number."),
            ),
        ]

    def __str__(self):
        return f"{self.company} · {self.statement_type}"

    def get_absolute_url(self):
        return reverse("certifications:statement", args=[self.pk])

    @property
    def is_list_membership(self) -> bool:
        return self.statement_type.evidence_kind == EvidenceKind.LIST_MEMBERSHIP

    @property
    def beside_type(self) -> str:
        """The programme or scheme that tells it from others of its type."""
        kind, programme = self.statement_type, self.programme
        return beside_type(kind.evidence_kind, kind.name, programme and programme.name, str(programme), self.scheme)

    @property
    def is_not_yet_accepted(self) -> bool:
        """On its way onto a list: being on the construction list of a programme is not being recognised by it."""
        return self.list_stage in NOT_YET

    @property
    def validity(self) -> str:
        """The same answer as `with_validity()`, for one record in hand."""
        if not (known := self.__dict__.get("validity")):
            known = type(self).with_deleted.filter(pk=self.pk).with_validity().values_list("validity", flat=True).get()
        return known

    @validity.setter
    def validity(self, value: str) -> None:
        self.__dict__["validity"] = value

    @property
    def validity_label(self) -> str:
        return Validity(self.validity).label

    @classmethod
    def derive_all(cls, objs):
        """The regions are read afresh: a company in hand may be older than its row."""
        super().derive_all(objs)
        companies = Company.with_deleted.filter(pk__in={obj.company_id for obj in objs})
        regions = dict(companies.values_list("pk", "region"))
        for obj in objs:
            obj.take_region(regions.get(obj.company_id))

    def take_region(self, code: str | None) -> None:
        """Copy the company's region, given by its code."""
        self.region_id = code
        self.province_id = code and f"{code[:2]}0000"

    def derive(self):
        super().derive()
        self.certificate_key = number_key(self.certificate_number)[:80]
        kind = self.statement_type
        computed = kind.validity_rule == ValidityRule.REPORTING_PERIOD and self.period_end and kind.cycle_months
        self.is_due_computed = bool(computed and not self.valid_until)
        self.due_on = self.valid_until or (add_months(self.period_end, kind.cycle_months) if computed else None)

    def save_due_date(self) -> None:
        """Write only what a changed rule of the type moved: no change of the record, so no entry in its history; but calendars
        tell by `updated_at` that a day moved.
        """
        own = type(self).with_deleted.filter(pk=self.pk)
        own.update_derived(due_on=self.due_on, is_due_computed=self.is_due_computed)
        own.update(updated_at=timezone.now())

    def clean_fields(self, exclude=None):
        """A tier or stage in words of its own is refused when it is new; what an old record has stands."""
        words = ("tier", "list_stage")
        stored = type(self).with_deleted.filter(pk=self.pk).values(*words).first() if self.pk else None
        old = {name for name, value in (stored or {}).items() if value == getattr(self, name)}
        super().clean_fields({*(exclude or ()), *old})

    def clean(self):
        super().clean()
        errors = {}
        kind = self.statement_type if self.statement_type_id else None
        membership = kind and kind.evidence_kind == EvidenceKind.LIST_MEMBERSHIP
        if kind and not membership and not self.verification_body_id and not self.is_body_undisclosed:
            errors["verification_body"] = _("Name the body, or tick that the source does not disclose it.")
        for name, allowed in (("categories", range(1, 7)), ("scopes", range(1, 4))):
            values = getattr(self, name)
            if not isinstance(values, list) or any(value not in allowed for value in values):
                errors[name] = _("Numbers from 1 to %(last)s only.") % {"last": allowed[-1]}
        if self.programme and kind and self.programme.statement_type_id not in (None, kind.pk):
            words = _("Who is in this programme has a statement of the type “%(type)s”.")
            errors["programme"] = words % {"type": self.programme.statement_type}
        if self.replaces_id and self.replaces_id == self.pk:
            errors["replaces"] = _("A statement cannot replace itself.")
        if errors:
            raise ValidationError(errors)
