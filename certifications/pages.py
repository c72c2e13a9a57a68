"""The list of statements with its filters above it; companies and verification bodies have files of their own."""

import datetime as dt
from collections import Counter
from functools import reduce
from operator import or_

from django.db.models import CharField, F, OuterRef, Q, Subquery, Sum
from django.utils.translation import gettext_lazy as _

from policies.models import Topic
from policies.pages import unconfirmed_filter
from tanxun.listing.charts import BarChart, ShareChart, TileMap, YearChart
from tanxun.listing.columns import CountOf
from tanxun.listing.options import NONE, ChoiceFilter, DateRangeFilter, RowChoiceFilter
from tanxun.listing.page import ListPage
from tanxun.listing.parameters import (
    FlagFilter,
    OfGroup,
    SearchFilter,
    WeekFilter,
    WholeNumberFilter,
    counted,
    is_narrowed,
    tally_by,
)
from tanxun.listing.question import FilterSet
from tanxun.listing.trees import IndustryFilter, RegionFilter
from tanxun.records.days import FIRST_YEAR, LAST_YEAR
from tanxun.records.models import Industry

from .agenda import statement_days
from .concern import policy_filter, statements_of
from .due import DueFilter, DueKindFilter
from .layouts import DUE, WEEK
from .merging import CompanyFilter
from .models import (
    ListStage,
    Programme,
    Standard,
    StatementType,
    Tier,
    Validity,
    VerificationBody,
    VerificationStatement,
)
from .models.validity import EXPIRING_DAYS, holds
from .statement_columns import COLUMNS, UNDISCLOSED


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
        """Of all rows grouped by the columns it is computed from, which an index holds in order."""
        rows = rows.with_validity(self.days)
        if unit != "pk" or is_narrowed(rows):
            return super().tally_keys(rows, unit)
        parts = rows.order_by().values("register_status", "removed_on", "due_on", "statement_type")
        groups = parts.annotate(of_group=OfGroup(F("validity"), CharField()), n=counted(unit))
        found = groups.aggregate(**{value: Sum("n", filter=Q(of_group=value), default=0) for value in Validity.values})
        return Counter(found)


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
    return WholeNumberFilter(label=_("Year covered"), low=FIRST_YEAR, high=LAST_YEAR, condition=covers_year)


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
    unconfirmed = unconfirmed_filter()
    due = DueFilter(label=_("Due"))
    due_kind = DueKindFilter(label=_("What falls due"))
    week = WeekFilter(label=_("Week"), field_name="week_on")
    company = CompanyFilter(label=_("Company"))
    consultant = CompanyFilter(label=_("Consultant"))
    policy = policy_filter(statements_of)

    class Meta:
        model = VerificationStatement
        fields = []


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
    columns = COLUMNS

    def prepare(self, queryset, cleaned):
        return queryset.with_validity(cleaned.get("expiring_days") or EXPIRING_DAYS)


def count_and_latest(relation):
    """How many live statements point here by that relation, and when the latest is dated."""
    statements = VerificationStatement.objects.filter(**{relation: OuterRef("pk")})
    return {
        "statement_count": CountOf(statements),
        "latest_on": Subquery(statements.order_by("-dated_on", "-pk").values("dated_on")[:1]),
    }
