"""Our tables as the peer knows them: unmanaged, with the columns that it reads or that must be filled."""

import datetime as dt

from django.db import models
from django.db.models import Case, Q, Value, When
from django.utils import timezone

EXPIRING_DAYS = 90


class Region(models.Model):
    code = models.CharField(max_length=6, primary_key=True)
    name = models.CharField(max_length=40)
    level = models.CharField(max_length=8)

    class Meta:
        managed = False
        db_table = "regions_region"
        ordering = ("code",)

    def __str__(self):
        return self.name


class StatementType(models.Model):
    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=60)

    class Meta:
        managed = False
        db_table = "certifications_statementtype"
        ordering = ("pk",)

    def __str__(self):
        return self.name


class VerificationBody(models.Model):
    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=200)
    full_name = models.CharField(max_length=200, blank=True)

    class Meta:
        managed = False
        db_table = "certifications_verificationbody"
        ordering = ("name",)

    def __str__(self):
        return self.name


class Company(models.Model):
    name = models.CharField(max_length=200)
    credit_code = models.CharField(max_length=18, unique=True)
    region = models.ForeignKey(Region, models.PROTECT, null=True)

    class Meta:
        managed = False
        db_table = "certifications_company"

    def __str__(self):
        return self.name


class CompanyName(models.Model):
    company = models.ForeignKey(Company, models.CASCADE, related_name="names")
    name = models.CharField(max_length=200)

    class Meta:
        managed = False
        db_table = "certifications_companyname"

    def __str__(self):
        return self.name


class Product(models.Model):
    company = models.ForeignKey(Company, models.CASCADE)
    name = models.CharField(max_length=200)
    model = models.CharField(max_length=100, blank=True)
    name_folded = models.CharField(max_length=200, blank=True)
    pinyin = models.CharField(max_length=600, blank=True)

    class Meta:
        managed = False
        db_table = "certifications_product"
        ordering = ("pk",)

    def __str__(self):
        return self.name


class StatementQuerySet(models.QuerySet):
    def with_validity(self):
        today = timezone.localdate()
        return self.annotate(
            validity=Case(
                When(due_on__lt=today, then=Value("expired")),
                When(due_on__lte=today + dt.timedelta(days=EXPIRING_DAYS), then=Value("expiring")),
                When(due_on__isnull=False, then=Value("valid")),
                default=Value("undated"),
            )
        )


class VerificationStatement(models.Model):
    company = models.ForeignKey(Company, models.PROTECT)
    region = models.ForeignKey(Region, models.PROTECT, null=True, related_name="+")
    province = models.ForeignKey(Region, models.PROTECT, null=True, related_name="+")
    products = models.ManyToManyField(Product, db_table="certifications_verificationstatement_products")
    statement_type = models.ForeignKey(StatementType, models.PROTECT)
    verification_body = models.ForeignKey(VerificationBody, models.PROTECT, null=True)
    is_body_undisclosed = models.BooleanField(default=False)
    certificate_number = models.CharField(max_length=80, blank=True)
    certificate_key = models.CharField(max_length=80, blank=True)
    issued_on = models.DateField(null=True)
    valid_until = models.DateField(null=True)
    due_on = models.DateField(null=True)
    is_due_computed = models.BooleanField(default=False)
    dated_on = models.DateField()
    dated_precision = models.CharField(max_length=8, default="day")
    source_on = models.DateField(default=timezone.localdate)
    week_on = models.DateField(default=timezone.localdate)
    source_url = models.URLField(max_length=500, blank=True)
    source_note = models.CharField(max_length=200, blank=True)
    period_start = models.DateField(null=True)
    period_end = models.DateField(null=True)
    emissions_tco2e = models.DecimalField(max_digits=20, decimal_places=4, null=True)
    footprint_kgco2e = models.DecimalField(max_digits=20, decimal_places=6, null=True)
    summary = models.TextField(blank=True)
    scheme = models.CharField(max_length=100, blank=True)
    engagement = models.CharField(max_length=12, blank=True)
    assurance_level = models.CharField(max_length=10, blank=True)
    categories = models.JSONField(default=list)
    scopes = models.JSONField(default=list)
    declared_unit = models.CharField(max_length=100, blank=True)
    system_boundary = models.CharField(max_length=16, blank=True)
    result_as_printed = models.CharField(max_length=120, blank=True)
    register_status = models.CharField(max_length=10, default="unknown")
    tier = models.CharField(max_length=40, blank=True)
    batch = models.CharField(max_length=40, blank=True)
    list_stage = models.CharField(max_length=40, blank=True)
    headline = models.CharField(max_length=300, blank=True)
    section = models.CharField(max_length=10, blank=True)
    source_order = models.CharField(max_length=24, blank=True)
    field_status = models.JSONField(default=dict)
    deleted_at = models.DateTimeField(null=True)
    deleted_reason = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = StatementQuerySet.as_manager()

    class Meta:
        managed = False
        db_table = "certifications_verificationstatement"
        ordering = ("-dated_on", "-pk")

    def __str__(self):
        return f"{self.company} · {self.statement_type}"


def search(queryset, text):
    """Statements with `text` in one of the fields that our search looks through."""
    names = (
        "company__name",
        "company__names__name",
        "company__credit_code",
        "products__name",
        "certificate_number",
        "scheme",
        "summary",
        "statement_type__name",
        "verification_body__name",
        "verification_body__full_name",
    )
    found = Q()
    for name in names:
        found |= Q(**{f"{name}__icontains": text})
    return queryset.filter(found).distinct()
