"""The list of policies, with its filters above it."""

from django.db.models import Case, Exists, F, OuterRef, Q, TextField, Value, When
from django.db.models.functions import Concat
from django.db.models.lookups import GreaterThan
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, pgettext_lazy

from tanxun.listing.charts import BarChart, TileMap, YearChart
from tanxun.listing.columns import Column, CountOf, Marked, dated, known_day, region_words
from tanxun.listing.options import ChoiceFilter, DateRangeFilter, OneChoiceFilter, RowChoiceFilter
from tanxun.listing.page import ListPage
from tanxun.listing.parameters import SearchFilter, WeekFilter, WholeNumberFilter
from tanxun.listing.question import FilterSet
from tanxun.listing.trees import IndustryFilter, RegionFilter
from tanxun.listing.wording import Joined, day_text, filled, name_in_language, region_text
from tanxun.records.models import Industry, Precision, not_confirmed_for

from .agenda import policy_days
from .layouts import POLICY_LIST
from .models import ContentType, Form, Incentive, IssuingBody, Level, Policy, PolicyDocument, PolicyIssuer, Stage, Target, Topic
from .standing import ended, in_whole_region, without_money

SCOPES = (
    ("within", _("there and below")),
    ("exact", _("exactly there")),
    ("applies", _("all that applies there")),
)


def has(what: str) -> Q:
    """Policies with a target, with an incentive, or with a day by which to comment or apply that has not passed."""
    incentives = Incentive.objects.filter(policy=OuterRef("pk"))
    if what == "target":
        return Q(Exists(Target.objects.filter(policy=OuterRef("pk"))))
    if what == "incentive":
        return Q(Exists(incentives))
    today = timezone.localdate()
    offers = incentives.filter(apply_by__gte=today).exclude(without_money())
    return Q(comment_by__gte=today) & ~ended() | Q(Exists(offers))


def unconfirmed_filter():
    return WholeNumberFilter(label=_("Not confirmed for"), unit=_("months"), low=1, high=1200, condition=not_confirmed_for)


class PolicyFilter(FilterSet):
    q = SearchFilter(label=_("Search"))
    level = ChoiceFilter(label=_("Level"), choices=Level.choices)
    region = RegionFilter(label=_("Region"), scope="scope", whole=in_whole_region())
    scope = OneChoiceFilter(label=_("Reach of the region"), choices=SCOPES, default="within")
    topic = RowChoiceFilter(label=_("Topic"), field_name="topics", rows=Topic.objects.all, text_en="name_en", rank="pk")
    industry = IndustryFilter(label=_("Industry"), field_name="industries", rows=Industry.objects.all, folded=True)
    stage = ChoiceFilter(label=_("Stage"), choices=Stage.choices)
    has = OneChoiceFilter(
        label=_("Contains"),
        choices=(("target", _("targets")), ("incentive", _("incentives")), ("deadline", _("a deadline to come"))),
        applies=has,
    )
    issued = DateRangeFilter(label=_("Date"), field_name="dated_on")
    week = WeekFilter(label=_("Week"), field_name="week_on")
    issuer = RowChoiceFilter(
        label=_("Issuing body"), field_name="issuing_bodies", rows=IssuingBody.objects.all, value="pk", only_given=True
    )

    unconfirmed = unconfirmed_filter()

    class Meta:
        model = Policy
        fields = []


def place(code, name, name_en, level):
    return _("nationwide") if level == Level.NATIONAL else region_words(code, name, name_en)


def place_text(of=""):
    """`place` in SQL; `of` is the path to the policy with its `__`."""
    national = When(**{f"{of}level": Level.NATIONAL}, then=Value(str(_("nationwide"))))
    return Case(national, default=region_text(f"{of}region"), output_field=TextField())


def dated_column(of=""):
    """The date by which policies are sorted; `of` as above."""
    day, precision = f"{of}dated_on", f"{of}dated_precision"
    return Column(
        "dated_on",
        _("Date"),
        path=day,
        kind="date",
        aside=(precision,),
        value=dated,
        text=lambda: day_text(day, precision),
        sort=day,
    )


def day_column(name, label):
    """A date of a policy, which may be known to the month or year only."""
    precision = f"precisions__{name}"
    return Column(
        name,
        label,
        path=name,
        kind="date",
        aside=(precision,),
        value=known_day,
        text=lambda: day_text(name, precision),
        shown=False,
    )


def issuers(named, declared):
    """The bodies that the source names, and how many more it only counts (等9部门)."""
    missing = max((declared or 0) - len(named or []), 0)
    return Marked(named or [], not_named_words(missing) % {"count": missing} if missing else "")


def not_named_words(count):
    return ngettext("and %(count)s not named", "and %(count)s not named", count)


def named_issuers():
    return PolicyIssuer.objects.filter(policy=OuterRef("pk")).order_by("position", "pk").values(item=F("body__name"))


def issuers_text():
    """`issuers` in SQL, with how many are not named behind the names."""
    count = CountOf(PolicyIssuer.objects.filter(policy=OuterRef("pk")))
    not_named = filled(not_named_words(2), "count", F("declared_issuer_count") - count)
    with_note = Concat(Joined(named_issuers()), Value(" ("), not_named, Value(")"), output_field=TextField())
    is_short = Q(GreaterThan(F("declared_issuer_count"), count)) & Q(Exists(named_issuers()))
    return Case(When(is_short, then=with_note), default=Joined(named_issuers()), output_field=TextField())


class PolicyPage(ListPage):
    slug, title = "policies", _("Policies")
    queryset = Policy.objects.all()
    filterset_class = PolicyFilter
    ordering = ("-dated_on", "-pk")
    detail = "policies:policy"
    facets = ("level", "region", "topic", "industry", "stage", "has", "issued")
    charts = (
        YearChart("issued", _("By year")),
        BarChart("level", _("By level")),
        TileMap("region", _("By province")),
        BarChart("topic", _("By topic")),
    )
    layouts = (POLICY_LIST,)
    agenda = policy_days
    empty_hint = _("Policies come in with a newsletter that was reviewed, or by hand in the admin.")
    columns = (
        Column("headline", _("Headline"), path="headline", kind="link", link="policies:policy"),
        Column("level", _("Level"), path="level", choices=Level.choices),
        Column(
            "region",
            _("Region"),
            path="region_id",
            aside=("region__name", "region__name_en", "level"),
            value=place,
            text=place_text,
        ),
        Column(
            "issuing_bodies",
            _("Issuing bodies"),
            kind="list",
            many=named_issuers,
            aside=("declared_issuer_count",),
            value=issuers,
            text=issuers_text,
        ),
        Column(
            "documents",
            _("Documents"),
            kind="list",
            many=lambda: (
                PolicyDocument.objects.filter(policy=OuterRef("pk"))
                .order_by("position", "pk")
                .values(item=Concat(Value("《"), F("title"), Value("》")))
            ),
        ),
        Column(
            "topics",
            _("Topics"),
            kind="list",
            many=lambda: Topic.objects.filter(policies=OuterRef("pk")).order_by("pk").values(item=name_in_language()),
        ),
        dated_column(),
        Column("targets", _("Targets"), path="target_count", kind="number"),
        Column("incentives", _("Incentives"), path="incentive_count", kind="number"),
        Column(
            "document_numbers",
            _("Document numbers"),
            kind="list",
            shown=False,
            many=lambda: (
                PolicyDocument.objects.filter(policy=OuterRef("pk"))
                .exclude(number="")
                .order_by("position", "pk")
                .values(item=F("number"))
            ),
        ),
        Column("form", _("Form"), path="form", choices=Form.choices, shown=False),
        Column("content_type", _("Content type"), path="content_type", choices=ContentType.choices, shown=False),
        Column("stage", _("Stage"), path="stage", choices=Stage.choices, shown=False),
        Column("region_code", _("Region code"), path="region_id", shown=False, about=_("GB/T 2260.")),
        Column("park", _("Park"), path="park_name", shown=False),
        Column("precision", _("Precision of the date"), path="dated_precision", choices=Precision.choices, shown=False),
        day_column("signed_on", _("Signed on")),
        day_column("issued_on", pgettext_lazy("policy", "Issued on")),
        day_column("in_force_on", _("In force from")),
        day_column("expires_on", _("Expires on")),
        day_column("comment_by", _("Comment by")),
        Column("confirmed_on", _("Last confirmed"), path="confirmed_on", kind="date", shown=False),
        Column("source", _("Source"), path="source_note", shown=False),
        Column("source_url", _("Source link"), path="source_url", shown=False),
    )

    def prepare(self, queryset, cleaned):
        return queryset.annotate(
            target_count=CountOf(Target.objects.filter(policy=OuterRef("pk"))),
            incentive_count=CountOf(Incentive.objects.filter(policy=OuterRef("pk"))),
        )
