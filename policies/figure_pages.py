"""The lists of what policies say in figures: the targets that they set and the incentives that they offer."""

import re
from collections import Counter
from dataclasses import replace

from django.core.exceptions import ValidationError
from django.db.models import CharField, Exists, IntegerField, Q, Value
from django.db.models.functions import Cast, Substr
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext

from tanxun.listing import freshness
from tanxun.listing.charts import BarChart, ColumnChart, TileMap, YearChart
from tanxun.listing.columns import Column, Marked
from tanxun.listing.options import (
    NONE,
    PERIODS_AHEAD,
    ChoiceFilter,
    DateRangeFilter,
    OneChoiceFilter,
    Option,
    RowChoiceFilter,
)
from tanxun.listing.page import ListPage
from tanxun.listing.parameters import FlagFilter, Parameter, SearchFilter, tally_by
from tanxun.listing.question import FilterSet
from tanxun.listing.trees import RegionFilter
from tanxun.listing.wording import first_given, given, name_in_language
from tanxun.records.days import FIRST_YEAR, LAST_YEAR
from tanxun.search.fold import fold

from .agenda import incentive_days
from .deadlines import is_open
from .figure_topics import of_topics, sources, topics_of
from .models import Incentive, Level, Policy, Stage, Target, Topic
from .pages import SCOPES, dated_column, place, place_text
from .standing import in_whole_region

MAX_TEXT, NAME_LENGTH = 200, 60


class FigureTopicFilter(RowChoiceFilter):
    """A topic of the row, or, where it has none of its own, of its policy."""

    def __init__(self):
        super().__init__(label=_("Topic"), field_name="topics", rows=Topic.objects.all, text_en="name_en", rank="pk")

    def chosen(self, options):
        return of_topics(self.model, [key for option in options for key in option.keys])

    def empty(self):
        return ~Q(Exists(topics_of(self.model)))

    def tally_keys(self, rows, unit):
        found = Counter()
        for condition, path in sources(self.model):
            for key, count in tally_by(rows.filter(condition), path, unit):
                found[key if key is None else str(key)] += count
        return found


def years_named():
    """Targets with a year."""
    return Target.objects.filter(policy__deleted_at__isnull=True, year__isnull=False)


def is_year(text):
    return bool(re.fullmatch(r"[0-9]{4}", text, re.ASCII)) and FIRST_YEAR <= int(text) <= LAST_YEAR


class TargetYearFilter(RowChoiceFilter):
    """The year by which, or in which, a target is to be reached. The form offers those that there are; any other may be asked."""

    def __init__(self):
        super().__init__(label=_("Target year"), field_name="year", rows=years_named, value="year", text="year", rank="year")

    def option_rows(self, number, asked):
        year = Cast("year", CharField())
        own = (Value(number, output_field=IntegerField()), Cast("year", IntegerField()), year, year, year)
        return self.rows().order_by().values_list(*own).distinct()

    def parse(self, text):
        if text != NONE and not is_year(text):
            raise ValidationError(_("Give a whole number from %(low)s to %(high)s.") % {"low": FIRST_YEAR, "high": LAST_YEAR})
        return text

    def schema(self):
        return {"type": "string", "pattern": "^(199[0-9]|20[0-9]{2}|2100|none)$"}

    def condition(self, value):
        wanted = Q(year__in=[int(text) for text in value if text != NONE])
        return wanted | self.empty() if NONE in value else wanted

    def shown_options(self):
        asked = {text for name in ("year", "year!") for text in self.parent.data.getlist(name) if is_year(text)}
        return [Option(text, text) for text in sorted({*self.options, *asked})]


class IndicatorFilter(Parameter):
    """A text that the indicator contains, in whatever width, case and script. No index holds that: all indicators are read,
    once until something is written.
    """

    control = "search"

    def parse(self, text):
        if len(text) > MAX_TEXT:
            raise ValidationError(_("At most %(count)s characters.") % {"count": MAX_TEXT})
        return text

    def condition(self, value):
        wanted, known = fold(value), freshness.kept("indicators", folded_indicators)
        return Q(indicator__in=[indicator for indicator, folded in known if wanted in folded])


def folded_indicators():
    """Every indicator that there is, with its folded form."""
    return [(text, fold(text)) for text in Target.objects.order_by().values_list("indicator", flat=True).distinct()]


def of_policy():
    """The filters that ask about the policy, alike in both lists: level, region, its reach, date, the policy itself."""
    return (
        ChoiceFilter(label=_("Level"), field_name="policy__level", choices=Level.choices),
        RegionFilter(label=_("Region"), field_name="policy__region", scope="scope", whole=in_whole_region("policy__")),
        OneChoiceFilter(label=_("Reach of the region"), choices=SCOPES, default="within"),
        DateRangeFilter(label=_("Date of the policy"), field_name="policy__dated_on"),
        RowChoiceFilter(label=_("Policy"), rows=Policy.objects.all, value="pk", text="headline", only_given=True),
    )


class TargetFilter(FilterSet):
    q = SearchFilter(label=_("Search"))
    indicator = IndicatorFilter(label=_("Indicator"))
    year = TargetYearFilter()
    base = ChoiceFilter(label=_("Base"), choices=Target.Base.choices)
    topic = FigureTopicFilter()
    level, region, scope, issued, policy = of_policy()

    class Meta:
        model = Target
        fields = []


class IncentiveFilter(FilterSet):
    q = SearchFilter(label=_("Search"))
    open = FlagFilter(label=_("Open for applications"), condition=is_open)
    apply_by = DateRangeFilter(
        label=_("Apply by"),
        field_name="apply_by",
        periods=(*PERIODS_AHEAD, (NONE, _("not stated"))),
        ends=(_("Apply by, from"), _("Apply by, to")),
    )
    kind = ChoiceFilter(label=_("Kind"), choices=Incentive.Kind.choices)
    topic = FigureTopicFilter()
    level, region, scope, issued, policy = of_policy()

    class Meta:
        model = Incentive
        fields = []


def target_value(value, unit, comparator):
    """The printed figure; its unit and qualifier beside it, as they stand in a sentence: 100 家以上."""
    qualified = {
        Target.Comparator.AT_LEAST: pgettext("figure", "%(unit)s or more"),
        Target.Comparator.ABOUT: pgettext("figure", "%(unit)s or so"),
        Target.Comparator.AT_MOST: pgettext("figure", "%(unit)s at most"),
    }
    words = qualified.get(comparator, "%(unit)s") % {"unit": unit}
    return Marked(value, "" if value is None else words.strip())


def money_value(value, currency):
    words = dict(Incentive.Currency.choices) | {Incentive.Currency.CNY: pgettext("figure", "CNY")}
    return Marked(value, "" if value is None else words.get(currency, ""))


def cap_value(value, currency):
    """Of a share of the cost too the most that is paid is a sum of money."""
    return money_value(value, Incentive.Currency.CNY if currency == Incentive.Currency.PERCENT else currency)


def incentive_name(who_qualifies, sentence):
    """What an incentive goes by: who qualifies, else how its sentence begins."""
    return who_qualifies or sentence[:NAME_LENGTH]


def incentive_name_text():
    """`incentive_name` in SQL."""
    return first_given(given("who_qualifies"), Substr("sentence", 1, NAME_LENGTH))


def year_value(year):
    """Without the thousands apart."""
    return "" if year is None else str(year)


def policy_columns():
    """What both lists show of the policy, and the sentence it stands in."""
    return (
        Column(
            "region",
            _("Region"),
            path="policy__region_id",
            aside=("policy__region__name", "policy__region__name_en", "policy__level"),
            value=place,
            text=lambda: place_text("policy__"),
        ),
        Column("policy", _("Policy"), path="policy__headline", kind="link", link="policies:policy", link_path="policy_id"),
        dated_column("policy__"),
        Column("sentence", _("Sentence"), path="sentence", shown=False),
        Column("level", _("Level"), path="policy__level", choices=Level.choices, shown=False),
        Column("stage", _("Stage"), path="policy__stage", choices=Stage.choices, shown=False),
        Column("region_code", _("Region code"), path="policy__region_id", shown=False, about=_("GB/T 2260.")),
        Column("park", _("Park"), path="policy__park_name", shown=False),
        Column("source", _("Source"), path="policy__source_note", shown=False),
        Column("source_url", _("Source link"), path="policy__source_url", shown=False),
    )


def topics_column(model):
    return Column(
        "topics",
        _("Topics"),
        kind="list",
        many=lambda: topics_of(model).order_by("pk").values(item=name_in_language()),
    )


class TargetPage(ListPage):
    slug, title = "targets", _("Targets")
    queryset = Target.objects.filter(policy__deleted_at__isnull=True)
    filterset_class = TargetFilter
    ordering = ("-policy__dated_on", "-pk")
    detail = "policies:target"
    facets = ("year", "base", "topic", "level", "region", "issued")
    charts = (
        ColumnChart("year", _("By target year")),
        TileMap("region", _("By province")),
        BarChart("topic", _("By topic")),
        BarChart("level", _("By level")),
    )
    came_in, changed = "policy__created_at", "policy__updated_at"
    empty_hint = _("Targets come in with the policies that set them.")
    columns = (
        Column("indicator", _("Indicator"), path="indicator", kind="link", link="policies:target"),
        Column(
            "value",
            _("Value"),
            path="value",
            kind="number",
            aside=("unit", "comparator"),
            value=target_value,
            sort="rank",
        ),
        Column("base", _("Base"), path="base", choices=Target.Base.choices),
        Column("year", _("Target year"), path="year", kind="number", value=year_value, sort="year_rank"),
        topics_column(Target),
        *policy_columns(),
        Column("comparator", _("Comparator"), path="comparator", choices=Target.Comparator.choices, shown=False),
        Column("unit", _("Unit"), path="unit", shown=False),
        Column(
            "normal_value",
            _("Comparable value"),
            path="normal_value",
            kind="number",
            shown=False,
            about=_("The value in a unit that others can be compared by."),
        ),
        Column("normal_unit", _("Comparable unit"), path="normal_unit", shown=False),
    )


class IncentivePage(ListPage):
    slug, title = "incentives", _("Incentives")
    queryset = Incentive.objects.filter(policy__deleted_at__isnull=True)
    filterset_class = IncentiveFilter
    ordering = ("-policy__dated_on", "-pk")
    detail = "policies:incentive"
    facets = ("open", "apply_by", "kind", "topic", "level", "region", "issued")
    charts = (
        YearChart("issued", _("By year"), path="policy__dated_on"),
        TileMap("region", _("By province")),
        BarChart("kind", _("By kind")),
        BarChart("topic", _("By topic")),
    )
    came_in, changed = "policy__created_at", "policy__updated_at"
    agenda = incentive_days
    empty_hint = _("Incentives come in with the policies that offer them.")
    columns = (
        Column(
            "incentive",
            _("Incentive"),
            path="who_qualifies",
            kind="link",
            aside=("sentence",),
            value=incentive_name,
            text=incentive_name_text,
            link="policies:incentive",
        ),
        Column(
            "amount",
            _("Amount"),
            path="amount",
            kind="number",
            aside=("currency",),
            value=money_value,
            sort="rank",
        ),
        Column("kind", _("Kind"), path="kind", choices=Incentive.Kind.choices),
        Column("evidence_needed", _("Evidence needed"), path="evidence_needed"),
        Column("apply_by", _("Apply by"), path="apply_by", kind="date", sort="apply_by_rank"),
        *policy_columns(),
        Column("who_qualifies", _("Who qualifies"), path="who_qualifies", shown=False),
        Column("cap", _("Cap"), path="cap", kind="number", aside=("currency",), value=cap_value, shown=False),
        replace(topics_column(Incentive), shown=False),
        Column("currency", _("Currency"), path="currency", shown=False),
    )
