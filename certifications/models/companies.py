"""Companies, their names and products."""

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords
from stdnum.cn import uscc
from stdnum.exceptions import ValidationError as NumberError

from tanxun.records.models import Attachments, ConfirmedModel, DerivedQuerySet, LiveManager, NamedModel, SoftDeletedModel
from tanxun.search.fold import fold, match_key
from tanxun.search.texts import Text


def clean_credit_code(text: str) -> str:
    """The unified social credit code in stored form: half width, upper case, no blanks. Does not check it."""
    return "".join(fold(text).split()).upper()


def credit_code_error(code: str) -> str:
    """Why `code` is no unified social credit code (GB 32100-2015: 18 characters, check digit), or "" when it is one."""
    try:
        uscc.validate(code)
    except NumberError:
        return _("This is not a valid unified social credit code: 18 characters with a right check digit (GB 32100-2015).")
    return ""


class CompanyQuerySet(DerivedQuerySet):
    def update(self, **kwargs):
        """A changed region is carried to the statements, which keep a copy of it."""
        if not {"region", "region_id"} & set(kwargs):
            return super().update(**kwargs)
        with transaction.atomic(using=self.db):
            ids = list(self.values_list("pk", flat=True))
            count = super().update(**kwargs)
            copy_region_to_statements(ids)
        return count

    def bulk_update(self, objs, fields, *args, **kwargs):
        objs = list(objs)
        with transaction.atomic(using=self.db):
            count = super().bulk_update(objs, fields, *args, **kwargs)
            if {"region", "region_id"} & set(fields):
                copy_region_to_statements([obj.pk for obj in objs])
        return count

    def matching(self, name: str) -> "CompanyQuerySet":
        """Companies one of whose names equals `name` after folding and without the legal ending. Never a guess."""
        key = match_key(name)
        return self.filter(models.Q(match_key=key) | models.Q(pk__in=CompanyName.objects.filter(match_key=key).values("company")))


class Company(NamedModel, SoftDeletedModel, ConfirmedModel):
    """A company: holder of statements, or the consultant that helped with them."""

    is_legal_name = models.BooleanField(
        _("legal name confirmed"), default=False, help_text=_("Not ticked: the name as printed, legal name unconfirmed")
    )
    match_key = models.CharField(max_length=200, editable=False, db_index=True)
    credit_code = models.CharField(
        _("unified social credit code"),
        max_length=18,
        null=True,
        blank=True,
        unique=True,
        help_text=_("18 characters; checked (GB 32100-2015)"),
    )
    region = models.ForeignKey("regions.Region", models.PROTECT, null=True, blank=True, verbose_name=_("region"))
    industry = models.ForeignKey("records.Industry", models.PROTECT, null=True, blank=True, verbose_name=_("industry"))
    parent = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="subsidiaries", verbose_name=_("parent company")
    )
    website = models.URLField(_("website"), blank=True)
    created_at = models.DateTimeField(_("first seen"), auto_now_add=True)
    updated_at = models.DateTimeField(_("last changed"), auto_now=True)
    attachments = Attachments()
    history = HistoricalRecords()
    objects = LiveManager.from_queryset(CompanyQuerySet)()
    with_deleted = CompanyQuerySet.as_manager()

    derived_fields = {**NamedModel.derived_fields, "match_key": ("name",)}
    search_texts = (Text("", "name", is_name=True), Text("names", "name", is_name=True), Text("", "credit_code"))

    class Meta:
        ordering = ("name", "pk")
        verbose_name, verbose_name_plural = _("company"), _("companies")
        indexes = [
            models.Index(fields=["region", "id"], name="company_region"),
            models.Index(fields=["pinyin", "id"], name="company_pinyin"),
        ]

    def get_absolute_url(self):
        return reverse("certifications:company", args=[self.pk])

    @classmethod
    def source_fields(cls):
        return super().source_fields() | {"credit_code"}  # brought into its stored form

    def derive(self):
        super().derive()
        self.match_key = match_key(self.name)[:200]
        self.credit_code = clean_credit_code(self.credit_code or "") or None

    def save(self, *args, **kwargs):
        with transaction.atomic():
            super().save(*args, **kwargs)
            copy_region_to_statements([self.pk])

    def clean(self):
        """A wrong credit code is refused when it is new; one that stands in old data only warns (admin)."""
        super().clean()
        code = clean_credit_code(self.credit_code or "")
        stored = Company.with_deleted.filter(pk=self.pk).values_list("credit_code", flat=True).first() if self.pk else None
        if code and code != stored and (error := credit_code_error(code)):
            raise ValidationError({"credit_code": error})
        if self.parent_id and self.pk in self.chain_from(self.parent_id):
            raise ValidationError({"parent": _("A company cannot be its own parent, nor stand above its own parent.")})

    @staticmethod
    def chain_from(key: int | None) -> list[int]:
        """The keys of that company, of its parent, of that one's parent and so on; a ring in old data ends it."""
        found: list[int] = []
        while key and key not in found:
            found.append(key)
            key = Company.with_deleted.filter(pk=key).values_list("parent", flat=True).first()
        return found

    def remove(self, reason: str) -> None:
        """Refused while live statements point here, as holder or as consultant."""
        if self.statements.exists() or self.consulted_statements.exists():
            raise ValidationError(_("Statements point to this company: delete or move them first."))
        super().remove(reason)

    @classmethod
    def kept_in_bin(cls, rows):
        """And those that were merged: what was their own stands with the other one until the merge is undone."""
        from .merges import CompanyMerge

        merges = CompanyMerge.objects.standing().filter(gone__in=[row.pk for row in rows]).select_related("leads_to")
        words = _("It was merged into %(company)s: undo the merge instead.")
        return super().kept_in_bin(rows) | {merge.gone_id: words % {"company": merge.leads_to} for merge in merges}


def copy_region_to_statements(company_ids: list[int]) -> None:
    """Give the statements of these companies the company's region and province where they differ."""
    from .statements import VerificationStatement

    statements = VerificationStatement.with_deleted.filter(company__in=company_ids)
    for region, company in Company.with_deleted.filter(pk__in=company_ids).values_list("region", "pk"):
        own = statements.filter(company=company).exclude(region=region)
        own.update_derived(region=region, province=region and f"{region[:2]}0000")


class CompanyName(NamedModel):
    """Another name of a company: short, former, brand or English."""

    class Kind(models.TextChoices):
        SHORT = "short", _("short name")
        FORMER = "former", _("former name")
        BRAND = "brand", _("brand")
        ENGLISH = "english", _("English name")

    company = models.ForeignKey(Company, models.CASCADE, related_name="names", verbose_name=_("company"))
    kind = models.CharField(_("kind"), max_length=8, choices=Kind, default=Kind.SHORT)
    match_key = models.CharField(max_length=200, editable=False, db_index=True)
    history = HistoricalRecords()

    derived_fields = {**NamedModel.derived_fields, "match_key": ("name",)}

    class Meta:
        ordering = ("kind", "pk")
        verbose_name, verbose_name_plural = _("further name"), _("further names")
        constraints = [models.UniqueConstraint(fields=["company", "name"], name="company_name_once")]

    def derive(self):
        super().derive()
        self.match_key = match_key(self.name)[:200]


class Product(NamedModel):
    """A product of a company, as statements name it."""

    company = models.ForeignKey(Company, models.CASCADE, related_name="products", verbose_name=_("company"))
    model = models.CharField(_("model"), max_length=100, blank=True)
    history = HistoricalRecords()

    search_texts = (
        Text("", "name", "model", is_name=True),
        Text("company", "name", is_name=True),
        Text("company__names", "name", is_name=True),
    )

    class Meta:
        ordering = ("name", "pk")
        verbose_name, verbose_name_plural = _("product"), _("products")
        constraints = [models.UniqueConstraint(fields=["company", "name", "model"], name="product_once_per_company")]

    def __str__(self):
        return f"{self.name} {self.model}".strip()
