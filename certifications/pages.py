"""The list of statements with its filters above it; companies and verification bodies have files of their own."""

import datetime as dt
from collections import Counter
from functools import reduce
from operator import or_

from django.db.models import CharField, F, OuterRef, Q, Subquery, Value
from django.utils.translation import gettext_lazy as _

from policies.models import Topic
from tanxun.listing.charts import BarChart, ShareChart, TileMap, YearChart
from tanxun.listing.columns import Column, CountOf, Marked, dated, in_language, region_words
from tanxun.listing.options import NONE, ChoiceFilter, DateRangeFilter, RowChoiceFilter
from tanxun.listing.page import ListPage
from tanxun.listing.parameters import FlagFilter, OfGroup, SearchFilter, WeekFilter, WholeNumberFilter, counted, tally_by
from tanxun.listing.question import FilterSet
from tanxun.listing.trees import IndustryFilter, RegionFilter
from tanxun.listing.wording import Items, Worded, filled, first_given, given, name_in_language, only_if, region_text
from tanxun.records.models import Industry, Precision

from .agenda import statement_days
from .concern import policy_filter, statements_of
from .due import DueFilter, DueKindFilter
from .layouts import DUE, WEEK
from .models import (
    Company,
    ListStage,
    Product,
    Programme,
    RegisterStatus,
    Standard,
    StatementType,
    Tier,
    Validity,
    VerificationBody,
    VerificationStatement,
)
from .models.memberships import NOT_YET, beside_type
from .models.validity import ENDED_BY_REGISTER, EXPIRING_DAYS, holds
from .models.vocabulary import standard_citation

UNDISCLOSED = "undisclosed"


def type_filter():
    return RowChoiceFilter(
        label=_("Type"), field_name="statement_type", rows=StatementType.objects.all, text_en="name_en", rank="pk"
    )


def programme_filter():
    return RowChoiceFilter(
        label=_("Programme"), field_name="programme", rows=Programme.objects.all, text_en="name_en", rank="pk", folded=True
    )


class ListWordFilter(ChoiceFilter):
    """A word that only list memberships have: asked so that the index of them alone answers."""

    def chosen(self, options):
        return super().chosen(options) & ~Q(**{self.field_name: ""}) & Q(deleted_at=None)


def stage_filter():
    return ListWordFilter(label=_("Stage on the list"), field_name="list_stage", choices=ListStage.choices, folded=True)


class StatementBodyFilter(RowChoiceFilter):
    """A body by its slug, or `undisclosed`; `none` is a statement of which neither is known, as most list memberships."""

    def __init__(self):
        further = {UNDISCLOSED: (_("undisclosed"), Q(is_body_undisclosed=True))}
        super().__init__(label=_("Body"), field_name="verification_body", rows=VerificationBody.objects.all, further=further)

    def empty(self):
        return super().empty() & Q(is_body_undisclosed=False)

    def tally(self, rows, unit):
        """By the body, as an index has them; then those without one by whether it is undisclosed."""
        keys = {key: value for value, option in self.options.items() for key in option.keys}
        found = {keys[str(body)]: n for body, n in tally_by(rows, "verification_body", unit) if str(body) in keys}
        unnamed = rows.filter(verification_body=None).order_by().values_list("is_body_undisclosed").annotate(n=counted(unit))
        return found | {UNDISCLOSED if hidden else NONE: n for hidden, n in unnamed}


class ValidityFilter(ChoiceFilter):
    """What holds today."""

    def __init__(self):
        super().__init__(label=_("Validity"), field_name="validity", choices=Validity.choices)

    @property
    def days(self):
        return self.parent.form.cleaned_data.get("expiring_days") or EXPIRING_DAYS

    def chosen(self, options):
        return reduce(or_, (holds(option.value, self.days) for option in options))

    def empty(self):
        return Q(pk__in=[])

    def tally_keys(self, rows, unit):
        """Grouped by the columns it is computed from, which an index holds in order."""
        rows = rows.with_validity(self.days)
        if unit != "pk":
            return super().tally_keys(rows, unit)
        parts = rows.order_by().values_list("register_status", "removed_on", "due_on", "statement_type")
        found = Counter()
        for *_parts, validity, count in parts.annotate(of_group=OfGroup(F("validity"), CharField()), n=counted(unit)):
            found[validity] += count
        return found


def industry_filter(path):
    return IndustryFilter(label=_("Industry"), field_name=path, rows=Industry.objects.all, folded=True)


def covers_year(year):
    """Statements whose period touches that year; where one end is missing the other stands for both."""
    first, last = dt.date(year, 1, 1), dt.date(year, 12, 31)
    whole = Q(period_start__lte=last, period_end__gte=first)
    only_end = Q(period_start__isnull=True, period_end__range=(first, last))
    only_start = Q(period_end__isnull=True, period_start__range=(first, last))
    return whole | only_end | only_start


def year_covered():
    return WholeNumberFilter(label=_("Year covered"), low=1990, high=2100, condition=covers_year)


class StatementFilter(FilterSet):
    q = SearchFilter(label=_("Search"))
    validity = ValidityFilter()
    type = type_filter()
    body = StatementBodyFilter()
    region = RegionFilter(label=_("Region"), province="province")
    issued = DateRangeFilter(label=_("Date"), field_name="dated_on")
    period = year_covered()
    industry = industry_filter("company__industry")
    standard = RowChoiceFilter(
        label=_("Standard"), field_name="standards", rows=Standard.objects.all, value="code", text="code", folded=True
    )
    topic = RowChoiceFilter(
        label=_("Topic"),
        field_name="statement_type__topic",
        rows=Topic.objects.all,
        text_en="name_en",
        rank="pk",
        folded=True,
    )
    programme = programme_filter()
    tier = ListWordFilter(label=_("Tier"), field_name="tier", choices=Tier.choices, folded=True)
    list_stage = stage_filter()
    # Read by StatementPage.prepare: it moves the border between valid and expiring.
    expiring_days = WholeNumberFilter(
        label=_("Expiring means within"), unit=_("days"), low=1, high=3650, condition=lambda days: Q(), shows=False
    )
    has_value = FlagFilter(
        label=_("With a figure"), condition=lambda: Q(emissions_tco2e__isnull=False) | Q(footprint_kgco2e__isnull=False)
    )
    due = DueFilter(label=_("Due"))
    due_kind = DueKindFilter(label=_("What falls due"))
    week = WeekFilter(label=_("Week"), field_name="week_on")
    company = RowChoiceFilter(label=_("Company"), rows=Company.objects.all, value="pk", only_given=True)
    consultant = RowChoiceFilter(label=_("Consultant"), rows=Company.objects.all, value="pk", only_given=True)
    policy = policy_filter(statements_of)

    class Meta:
        model = VerificationStatement
        fields = []


def body_words(name, is_undisclosed, recogniser):
    """The body; on a list membership who recognised it; 未披露 where the source does not say."""
    if name:
        return name
    if recogniser:
        return _("recognised by %(name)s") % {"name": recogniser}
    return _("undisclosed") if is_undisclosed else ""


def body_text():
    """`body_words` in SQL."""
    recogniser = filled(_("recognised by %(name)s"), "name", F("recognised_by__name"))
    return first_given(
        given("verification_body__name"),
        only_if(recogniser, recognised_by__name__gt=""),
        only_if(Value(str(_("undisclosed"))), is_body_undisclosed=True),
    )


def validity_words(validity, is_computed, stage):
    """With what a badge alone would hide: that a day is computed, that a company is only on its way onto the list."""
    if stage in NOT_YET and validity not in (*ENDED_BY_REGISTER, Validity.EXPIRED):
        return Marked(validity, ListStage(stage).label)
    return Marked(validity, _("computed") if is_computed and validity not in ENDED_BY_REGISTER else "")


def type_words(name, name_en, kind, scheme, *programme):
    """The type, and beside it what tells it from others of its type; `programme` is its name in both languages."""
    beside = beside_type(kind, name, programme[0], in_language(*programme), scheme)
    return Marked(in_language(name, name_en), beside)


def numbers(values):
    return [str(value) for value in values or []]


class StatementPage(ListPage):
    slug, title = "statements", _("Statements")
    edit = "certifications:edit-statements"
    queryset = VerificationStatement.objects.all()
    filterset_class = StatementFilter
    ordering = ("-dated_on", "-pk")
    detail = "certifications:statement"
    facets = ("validity", "type", "body", "region", "issued", "industry", "standard", "topic")
    charts = (
        YearChart("issued", _("By year")),
        ShareChart("validity", _("By validity")),
        TileMap("region", _("By province")),
        BarChart("type", _("By type")),
        BarChart("body", _("By body"), always=UNDISCLOSED),
    )
    layouts = (DUE, WEEK)
    entry = ("company", "type")
    agenda = statement_days
    empty_hint = _("Statements come in with a newsletter that was reviewed, or by hand in the admin.")
    columns = (
        Column(
            "company",
            _("Company"),
            path="company__name",
            kind="link",
            link="certifications:company",
            link_path="company_id",
            sort="company__pinyin",
        ),
        Column(
            "type",
            _("Type"),
            path="statement_type__name",
            kind="link",
            aside=(
                "statement_type__name_en",
                "statement_type__evidence_kind",
                "scheme",
                "programme__name",
                "programme__name_en",
            ),
            value=type_words,
            text=lambda: name_in_language("statement_type__name", "statement_type__name_en"),
            code=lambda: F("statement_type__slug"),
            link="certifications:statement",
            sort="statement_type_id",  # as the vocabulary stands in the form
        ),
        Column(
            "products",
            _("Products"),
            kind="list",
            many=lambda: Product.objects.filter(statements=OuterRef("pk")).order_by("pk").values(item=F("name")),
        ),
        Column(
            "body",
            _("Verification body"),
            path="verification_body__name",
            kind="link",
            aside=("is_body_undisclosed", "recognised_by__name"),
            value=body_words,
            text=body_text,
            link="certifications:body",
            code=lambda: first_given(F("verification_body__slug"), only_if(Value(UNDISCLOSED), is_body_undisclosed=True)),
            link_path="verification_body_id",
        ),
        Column(
            "region",
            _("Region"),
            path="region_id",
            aside=("region__name", "region__name_en"),
            value=region_words,
            text=region_text,
        ),
        Column(
            "dated_on",
            _("Date"),
            path="dated_on",
            kind="date",
            aside=("dated_precision",),
            value=dated,
            sort="dated_on",
            about=_(
                "Issued, else announced, else the reference date of the source: never missing, and what the list is sorted by."
            ),
        ),
        Column(
            "validity",
            _("Validity"),
            path="validity",
            kind="badge",
            aside=("is_due_computed", "list_stage"),
            value=validity_words,
            text=lambda: Worded("validity", Validity.choices),
            choices=Validity.choices,
        ),
        Column(
            "certificate_number",
            _("Certificate number"),
            path="certificate_number",
            about=_("Unique only within its body; most news prints none."),
        ),
        Column(
            "emissions",
            _("Emissions"),
            path="emissions_tco2e",
            kind="number",
            unit="tCO₂e",
            about=_("Of the organisation in the period covered."),
        ),
        Column(
            "footprint",
            _("Footprint"),
            path="footprint_kgco2e",
            kind="number",
            unit="kgCO₂e",
            shown=False,
            about=_("Per declared unit."),
        ),
        Column("declared_unit", _("Declared unit"), path="declared_unit", shown=False),
        Column(
            "system_boundary",
            _("System boundary"),
            path="system_boundary",
            choices=VerificationStatement.Boundary.choices,
            shown=False,
        ),
        Column(
            "result",
            _("Result as printed"),
            path="result_as_printed",
            shown=False,
            about=_("The figure as the source words it, where it is no plain number."),
        ),
        Column(
            "standards",
            _("Standards"),
            kind="list",
            shown=False,
            many=lambda: (
                Standard.objects.filter(statements=OuterRef("pk")).order_by("code", "edition").values(item=standard_citation())
            ),
        ),
        Column(
            "credit_code",
            _("Unified social credit code"),
            path="company__credit_code",
            shown=False,
            about=_("GB 32100, 18 signs."),
        ),
        Column("region_code", _("Region code"), path="region_id", shown=False, about=_("GB/T 2260.")),
        Column(
            "industry",
            _("Industry"),
            path="company__industry__name",
            code=lambda: F("company__industry_id"),
            shown=False,
        ),
        Column(
            "issued_on",
            _("Issued on"),
            path="issued_on",
            kind="date",
            shown=False,
            about=_("As the source prints it, and only then."),
        ),
        Column("announced_on", _("Announced on"), path="announced_on", kind="date", shown=False),
        Column(
            "precision",
            _("Precision of the date"),
            path="dated_precision",
            choices=Precision.choices,
            shown=False,
            about=_("How far the date is known: to the day, its week or its month."),
        ),
        Column(
            "valid_until",
            _("Valid until"),
            path="valid_until",
            kind="date",
            shown=False,
            about=_("The printed end, and only that."),
        ),
        Column(
            "due_on",
            _("Due on"),
            path="due_on",
            kind="date",
            shown=False,
            about=_("The printed end, else the day on which the next statement falls due by its cycle."),
        ),
        Column(
            "register_status",
            _("Register status"),
            path="register_status",
            choices=[(value, "" if value == RegisterStatus.UNKNOWN else label) for value, label in RegisterStatus.choices],
            shown=False,
        ),
        Column("period_start", _("Period from"), path="period_start", kind="date", shown=False),
        Column("period_end", _("Period to"), path="period_end", kind="date", shown=False),
        Column(
            "assurance_level",
            _("Assurance level"),
            path="assurance_level",
            choices=VerificationStatement.Assurance.choices,
            shown=False,
        ),
        Column("engagement", _("Engagement"), path="engagement", choices=VerificationStatement.Engagement.choices, shown=False),
        Column(
            "categories",
            _("Categories"),
            path="categories",
            kind="list",
            value=numbers,
            text=lambda: Items("categories"),
            shown=False,
        ),
        Column("scopes", _("Scopes"), path="scopes", kind="list", value=numbers, text=lambda: Items("scopes"), shown=False),
        Column("scheme", _("Scheme"), path="scheme", shown=False),
        Column("consultant", _("Consultant"), path="consultant__name", shown=False),
        Column(
            "programme",
            _("Programme"),
            path="programme__name",
            aside=("programme__name_en",),
            value=in_language,
            text=lambda: name_in_language("programme__name", "programme__name_en"),
            code=lambda: F("programme__slug"),
            shown=False,
        ),
        Column("tier", _("Tier"), path="tier", choices=Tier.choices, shown=False),
        Column("batch", _("Batch"), path="batch", shown=False),
        Column("list_stage", _("Stage on the list"), path="list_stage", choices=ListStage.choices, shown=False),
        Column(
            "recognised_by",
            _("Recognised by"),
            path="recognised_by__name",
            shown=False,
            about=_("Who keeps the list, of a membership of one."),
        ),
        Column("removed_on", _("Removed on"), path="removed_on", kind="date", shown=False),
        Column("summary", _("Summary"), path="summary", shown=False),
        Column("source", _("Source"), path="source_note", shown=False),
        Column("source_url", _("Source link"), path="source_url", shown=False),
    )

    def prepare(self, queryset, cleaned):
        return queryset.with_validity(cleaned.get("expiring_days") or EXPIRING_DAYS)


def count_and_latest(relation):
    """How many live statements point here by that relation, and when the latest is dated."""
    statements = VerificationStatement.objects.filter(**{relation: OuterRef("pk")})
    return {
        "statement_count": CountOf(statements),
        "latest_on": Subquery(statements.order_by("-dated_on", "-pk").values("dated_on")[:1]),
    }
