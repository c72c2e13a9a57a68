"""The policy: what it is, where it holds and since when; its issuing bodies, documents and key points."""

import re

from django.core.exceptions import ValidationError
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from simple_history.models import HistoricalRecords

from tanxun.records.models import Attachments, DerivedModel, DerivedQuerySet, LiveManager, Precision, Record
from tanxun.regions.names import load
from tanxun.search.fold import fold, number_key
from tanxun.search.queries import IndexedQuerySet
from tanxun.search.texts import Text, Word

from .vocabulary import IssuingBody, Topic


def full_name(code: str) -> str:
    """江苏省苏州市昆山市: a policy of a county is found by the places above it."""
    return load().full_name(code) or ""


class Level(models.TextChoices):
    NATIONAL = "national", _("national")
    PROVINCE = "province", _("province")
    CITY = "city", _("city")
    COUNTY = "county", _("county")
    PARK = "park", _("park")


class Stage(models.TextChoices):
    CONSULTATION = "consultation", _("consultation")
    TRIAL = "trial", _("trial")
    IN_FORCE = "in_force", _("in force")
    AMENDED = "amended", _("amended")
    REPEALED = "repealed", _("repealed")


class Form(models.TextChoices):
    """The 15 statutory kinds of official documents (党政机关公文处理工作条例, 2012, article 8)."""

    RESOLUTION = "resolution", _("resolution (决议)")
    DECISION = "decision", _("decision (决定)")
    ORDER = "order", _("order (命令)")
    COMMUNIQUE = "communique", _("communiqué (公报)")
    ANNOUNCEMENT = "announcement", _("announcement (公告)")
    PUBLIC_NOTICE = "public_notice", _("public notice (通告)")
    OPINION = "opinion", _("opinion (意见)")
    NOTICE = "notice", _("notice (通知)")
    CIRCULAR = "circular", _("circular (通报)")
    REPORT = "report", _("report (报告)")
    REQUEST = "request", _("request (请示)")
    REPLY = "reply", _("reply (批复)")
    MOTION = "motion", _("motion (议案)")
    LETTER = "letter", _("letter (函)")
    MINUTES = "minutes", _("minutes (纪要)")


class ContentType(models.TextChoices):
    """What the document is, beside its form; the last ones are no documents at all."""

    ACTION_PLAN = "action_plan", _("action plan")
    WORK_PLAN = "work_plan", _("work plan")
    IMPLEMENTATION_PLAN = "implementation_plan", _("implementation plan")
    CONSTRUCTION_PLAN = "construction_plan", _("construction plan")
    OPINIONS = "opinions", _("opinions")
    MEASURES = "measures", _("administrative measures")
    PLANNING = "planning", _("planning")
    CATALOGUE = "catalogue", _("catalogue")
    STANDARD = "standard", _("standard")
    NAME_LIST = "name_list", _("list of names")
    GUIDE = "guide", _("guide")
    OTHER = "other", _("other document")
    PRESS_CONFERENCE = "press_conference", _("press conference")
    MEETING = "meeting", _("meeting")
    STATEMENT = "statement", _("statement without a document")


class Policy(Record):
    """One announced policy: a document, or a press conference or meeting that takes its place."""

    headline = models.CharField(_("headline"), max_length=200)
    headline_folded = models.CharField(max_length=200, editable=False)
    form = models.CharField(_("form"), max_length=16, choices=Form, blank=True)
    content_type = models.CharField(_("content type"), max_length=20, choices=ContentType, blank=True)
    stage = models.CharField(_("stage"), max_length=16, choices=Stage, blank=True)
    level = models.CharField(_("level"), max_length=10, choices=Level)
    region = models.ForeignKey("regions.Region", models.PROTECT, null=True, blank=True, verbose_name=_("region"))
    park_name = models.CharField(_("park"), max_length=100, blank=True)
    issuing_bodies = models.ManyToManyField(
        IssuingBody, through="PolicyIssuer", related_name="policies", verbose_name=_("issuing bodies")
    )
    declared_issuer_count = models.PositiveSmallIntegerField(
        _("declared number of issuing bodies"), null=True, blank=True, help_text=_("As printed: 9 for 等9部门")
    )
    signed_on = models.DateField(_("signed on"), null=True, blank=True)
    issued_on = models.DateField(pgettext_lazy("policy", "issued on"), null=True, blank=True)
    in_force_on = models.DateField(_("in force from"), null=True, blank=True)
    expires_on = models.DateField(_("expires on"), null=True, blank=True)
    comment_by = models.DateField(_("comment by"), null=True, blank=True)
    precisions = models.JSONField(
        _("precision of the dates"),
        default=dict,
        blank=True,
        help_text=_("Of dates that are known to the month or year only: such a date stands on its first day, an end on its last"),
    )
    topics = models.ManyToManyField(Topic, blank=True, related_name="policies", verbose_name=_("topics"))
    industries = models.ManyToManyField("records.Industry", blank=True, related_name="policies", verbose_name=_("industries"))
    attachments = Attachments()
    history = HistoricalRecords(m2m_fields=[topics, industries])
    objects = LiveManager.from_queryset(DerivedQuerySet)()
    with_deleted = DerivedQuerySet.as_manager()

    derived_fields = {**Record.derived_fields, "headline_folded": ("headline",)}
    date_fields = ("issued_on", "signed_on")
    days = ("signed_on", "issued_on", "in_force_on", "expires_on", "comment_by")
    search_texts = (
        Text("", "headline", is_name=True),
        Text("documents", "title", words="《{}》".format, is_name=True),
        Text("documents", "number", is_number=True),
        Text("key_points", "text"),
        Text("region", "code", words=full_name),
        Text("", "park_name"),
        Word("issuers__body"),
        Word("topics"),
    )

    class Meta:
        ordering = ("-dated_on", "-pk")
        verbose_name, verbose_name_plural = _("policy"), _("policies")
        indexes = [
            models.Index(fields=["dated_on", "id"], name="policy_dated"),
            models.Index(fields=["region", "dated_on", "id"], name="policy_region_dated"),
            models.Index(fields=["week_on"], name="policy_week"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(expires_on__isnull=True)
                | models.Q(in_force_on__isnull=True)
                | models.Q(expires_on__gte=models.F("in_force_on")),
                name="policy_expires_after_in_force",
                violation_error_message=_("It cannot expire before it is in force."),
            ),
            models.CheckConstraint(
                condition=models.Q(level="national", region__isnull=True) | ~models.Q(level="national"),
                name="policy_national_has_no_region",
                violation_error_message=_("A national policy has no region."),
            ),
        ]

    def __str__(self):
        return self.headline

    def get_absolute_url(self):
        return reverse("policies:policy", args=[self.pk])

    def derive(self):
        super().derive()
        self.headline_folded = fold(self.headline)[:200]
        printed = next((name for name in self.date_fields if getattr(self, name)), "")
        self.dated_precision = self.precisions.get(printed, self.dated_precision)

    @classmethod
    def source_fields(cls):
        return super().source_fields() | {"precisions"}

    def clean(self):
        super().clean()
        loose = {Precision.MONTH, Precision.YEAR}
        if not isinstance(self.precisions, dict) or not all(
            name in self.days and value in loose for name, value in self.precisions.items()
        ):
            raise ValidationError({"precisions": _("Month or year, by the name of the date.")})
        if self.level and self.level != Level.NATIONAL and not self.region_id:
            raise ValidationError({"region": _("A policy below the national level needs its region.")})

    @property
    def unlisted_issuer_count(self) -> int:
        """How many of the declared issuing bodies the source does not name (等9部门 with four named: 5)."""
        return max((self.declared_issuer_count or 0) - self.issuers.count(), 0)


class PolicyIssuer(models.Model):
    """An issuing body of a policy, in printed order: the first leads."""

    policy = models.ForeignKey(Policy, models.CASCADE, related_name="issuers")
    body = models.ForeignKey(IssuingBody, models.PROTECT, related_name="policy_issuers", verbose_name=_("issuing body"))
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    history = HistoricalRecords()
    objects = IndexedQuerySet.as_manager()

    class Meta:
        ordering = ("position", "pk")
        verbose_name, verbose_name_plural = _("issuing body"), _("issuing bodies")
        constraints = [models.UniqueConstraint(fields=["policy", "body"], name="policy_issuer_once")]

    def __str__(self):
        return str(self.body)


DOCUMENT_NUMBER = re.compile(r"^(?P<code>.*\S)\s*+[〔\[［(（【](?P<year>\d{4})[〕\]］)）】]\s*+(?P<serial>\d++)\s*+号$")


class PolicyDocument(DerivedModel):
    """A document that a policy announces: title without 《》, and its 文号 as printed and parsed (代字〔年〕序号号)."""

    policy = models.ForeignKey(Policy, models.CASCADE, related_name="documents")
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    title = models.CharField(_("title"), max_length=300)
    number = models.CharField(_("document number"), max_length=80, blank=True)
    number_key = models.CharField(max_length=80, editable=False, blank=True, db_index=True)
    number_code = models.CharField(max_length=60, editable=False, blank=True)
    number_year = models.PositiveSmallIntegerField(editable=False, null=True)
    number_serial = models.PositiveIntegerField(editable=False, null=True)
    history = HistoricalRecords()

    derived_fields = dict.fromkeys(("number_key", "number_code", "number_year", "number_serial"), ("number",))

    class Meta:
        ordering = ("position", "pk")
        verbose_name, verbose_name_plural = _("document"), _("documents")

    def __str__(self):
        return f"《{self.title}》"

    def derive(self):
        super().derive()
        self.number_key = number_key(self.number)[:80]
        parsed = DOCUMENT_NUMBER.match(self.number.strip())
        self.number_code = parsed["code"] if parsed else ""
        self.number_year = int(parsed["year"]) if parsed else None
        self.number_serial = int(parsed["serial"]) if parsed else None


class KeyPoint(DerivedModel):
    """One measure of a policy, in printed order."""

    policy = models.ForeignKey(Policy, models.CASCADE, related_name="key_points")
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    text = models.TextField(pgettext_lazy("key point", "text"))
    history = HistoricalRecords()

    class Meta:
        ordering = ("position", "pk")
        verbose_name, verbose_name_plural = _("key point"), _("key points")

    def __str__(self):
        return self.text[:60]
