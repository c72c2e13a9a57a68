"""The list of companies: its filters ask about the company, or about one and the same statement of it."""

from django.db.models import Exists, F, OuterRef, Q, Subquery
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

from tanxun.listing.charts import BarChart, TileMap
from tanxun.listing.columns import Column, in_language, region_words
from tanxun.listing.options import DateRangeFilter
from tanxun.listing.page import ListPage
from tanxun.listing.parameters import SearchFilter, WholeNumberFilter
from tanxun.listing.question import FilterSet
from tanxun.listing.trees import RegionFilter
from tanxun.listing.wording import name_in_language, region_text

from .concern import companies_of, evidence_filter, policy_filter
from .due import OVERDUE, DueFilter
from .gaps import missing_years
from .layouts import CUSTOMERS, LEADS
from .models import Company, CompanyName, CompanyNote, StatementType, VerificationStatement
from .pages import (
    StatementBodyFilter,
    ValidityFilter,
    count_and_latest,
    industry_filter,
    programme_filter,
    stage_filter,
    type_filter,
    year_covered,
)
from .profile import quiet_since


def without_since(months):
    """Companies without a statement dated in the last so many months."""
    return ~Q(Exists(VerificationStatement.objects.filter(company=OuterRef("pk"), dated_on__gt=quiet_since(months))))


OF_LEADS = ("name", "region", "industry", "latest_on", "latest_type", "missing_years")
OF_STATEMENTS = (
    "validity",
    "type",
    "body",
    "issued",
    "issued_after",
    "issued_before",
    "period",
    "due",
    "programme",
    "list_stage",
)


def shortened(text):
    return Truncator(" ".join(text.split())).chars(80)


def with_at_least(count):
    return Q(statement_count__gte=count) if count else Q()  # all have none or more: nothing is counted


class CompanyFilter(FilterSet):
    computed = ("statements_min",)

    q = SearchFilter(label=_("Search"))
    region = RegionFilter(label=_("Region"))
    industry = industry_filter("industry")
    validity = ValidityFilter()
    type = type_filter()
    body = StatementBodyFilter()
    issued = DateRangeFilter(label=_("Date of a statement"), field_name="dated_on")
    period = year_covered()
    programme = programme_filter()
    list_stage = stage_filter()
    gap = WholeNumberFilter(label=_("No statement for"), unit=_("months"), low=1, high=1200, condition=without_since)
    statements_min = WholeNumberFilter(label=_("Statements at least"), low=0, high=100_000, condition=with_at_least)
    due = DueFilter(label=_("Due"))
    policy = policy_filter(companies_of)
    evidence = evidence_filter()

    class Meta:
        model = Company
        fields = []

    def __init__(self, *args):
        super().__init__(*args)
        for name, filter_ in self.filters.items():
            if name.rstrip("!") in OF_STATEMENTS:
                filter_.model = VerificationStatement

    def narrowed(self, queryset, *leave_out):
        """What is asked of statements must hold of one and the same statement; what is excluded, of none."""
        values, statements = self.values(*leave_out), VerificationStatement.objects.all()
        for name, value in values.items():
            if name.rstrip("!") not in OF_STATEMENTS:
                queryset = self.filters[name].filter(queryset, value)
            elif value and name.endswith("!"):
                queryset = queryset.exclude(pk__in=statements.filter(self.filters[name].condition(value)).values("company"))
        if asked := self.asked_of_statements(values):
            # Overdue is a third of all, each asked whether another follows it up: better of those companies that are looked at.
            if OVERDUE in values["due"]:
                return queryset.filter(Exists(statements.filter(asked, company=OuterRef("pk"))))
            return queryset.filter(pk__in=statements.filter(asked).values("company"))
        if values["statements_min"] is None:
            return queryset.filter(Exists(VerificationStatement.objects.filter(company=OuterRef("pk"))))
        return queryset

    def asked_of_statements(self, values):
        """The conditions that one statement must fulfil; empty where nothing is asked."""
        asked = Q()
        for name, value in values.items():
            if name in OF_STATEMENTS and value:
                asked &= self.filters[name].condition(value)
        return asked

    def problems(self):
        """Evidence is always for a policy."""
        errors = super().problems()
        if not errors and self.form.cleaned_data["evidence"] and not self.form.cleaned_data["policy"]:
            errors["evidence"] = [str(_("Say for which policy, too."))]
        return errors

    def counted(self, name, queryset):
        """A choice about statements is counted by the companies of the statements that it would ask for."""
        if name not in OF_STATEMENTS:
            return super().counted(name, queryset)
        statements = VerificationStatement.objects.filter(self.asked_of_statements(self.values(name)))
        return statements.filter(company__in=self.held(queryset, name).values("pk")), "company"


class CompanyPage(ListPage):
    slug, title = "companies", _("Companies")
    queryset = Company.objects.all()
    filterset_class = CompanyFilter
    ordering = ("pinyin", "pk")
    detail = "certifications:company"
    facets = ("region", "industry", "validity", "type", "body", "issued")
    charts = (
        TileMap("region", _("By province")),
        BarChart("industry", _("By industry")),
        BarChart("type", _("By type")),
    )
    layouts = (CUSTOMERS, LEADS)
    empty_hint = _("Companies come in with their statements; with “statements at least 0” all are shown.")
    columns = (
        Column("name", _("Company"), path="name", kind="link", link="certifications:company", sort="pinyin"),
        Column(
            "region",
            _("Region"),
            path="region_id",
            aside=("region__name", "region__name_en"),
            value=region_words,
            text=region_text,
        ),
        Column(
            "industry",
            _("Industry"),
            path="industry__name",
            aside=("industry__name_en",),
            value=in_language,
            text=lambda: name_in_language("industry__name", "industry__name_en"),
            code=lambda: F("industry_id"),
        ),
        Column(
            "types",
            _("Types"),
            kind="list",
            many=lambda: (
                StatementType.objects.filter(
                    Exists(VerificationStatement.objects.filter(statement_type=OuterRef("pk"), company=OuterRef(OuterRef("pk"))))
                )
                .order_by("pk")
                .values(item=name_in_language())
            ),
        ),
        Column("statements", _("Statements"), path="statement_count", kind="number"),
        Column("latest_on", _("Latest statement"), path="latest_on", kind="date", missing=_("none yet")),
        Column("latest_type", _("Type of the latest"), path="latest_type", missing=_("none yet"), shown=False),
        Column(
            "missing_years",
            _("Years missing"),
            kind="list",
            many=missing_years,
            missing=_("none"),
            shown=False,
            about=_("Years that no statement covers: 2022, or 2020–2021."),
        ),
        Column("credit_code", _("Unified social credit code"), path="credit_code", shown=False, about=_("GB 32100, 18 signs.")),
        Column(
            "other_names",
            _("Other names"),
            kind="list",
            shown=False,
            many=lambda: CompanyName.objects.filter(company=OuterRef("pk")).order_by("kind", "pk").values(item=F("name")),
        ),
        Column("region_code", _("Region code"), path="region_id", shown=False, about=_("GB/T 2260.")),
        Column("parent", _("Parent company"), path="parent_name", shown=False),
        Column("website", _("Website"), path="website", shown=False),
    )

    def prepare(self, queryset, cleaned):
        statements = VerificationStatement.objects.filter(company=OuterRef("pk")).order_by("-dated_on", "-pk")
        kind = name_in_language("statement_type__name", "statement_type__name_en")
        return queryset.annotate(
            **count_and_latest("company"),
            latest_type=Subquery(statements.annotate(of_type=kind).values("of_type")[:1]),
            parent_name=Subquery(Company.objects.filter(pk=OuterRef("parent")).values("name")[:1]),
        )

    def columns_for(self, params):
        """Who has long had no statement is read as a list of leads."""
        return self.chosen_columns(OF_LEADS) if params.get("gap") else super().columns_for(params)

    def private(self, rows, keys, user):
        """On the list of leads the next follow-up of each company, for those who keep notes, as far as they see them."""
        if not rows.params.get("gap") or not CompanyNote.may_be_written_by(user):
            return None
        notes = CompanyNote.objects.visible_to(user).filter(company__in=keys, done_at=None)
        texts: dict[int, str] = {}
        for note in notes.order_by(F("follow_up_on").asc(nulls_last=True), "-written_at", "-pk"):
            day = f"{note.follow_up_on:%Y-%m-%d} · " if note.follow_up_on else ""
            texts.setdefault(note.company_id, f"{day}{shortened(note.text)}")
        return _("Follow-up"), texts
