"""Which policies, companies and statements belong together, and what counts towards a target: the rules, as conditions on rows.

Asked by the filters of the lists (`concern`), by panels, and by what they say in words (`reasons`). A policy touches a company
by place and industry; it concerns a statement by its topic too. A person's word on a pair goes before all rules.
"""

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import reduce
from operator import or_
from typing import NamedTuple
from urllib.parse import urlencode

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from policies.deadlines import is_open
from policies.figure_topics import NOBODY, of_topics
from policies.models import Incentive, Level, Policy, Target
from policies.standing import applies_in
from tanxun.listing.columns import InOrder
from tanxun.listing.trees import line_of, within
from tanxun.records.models import Industry
from tanxun.search.fold import fold

from .due import is_running
from .models import Company, CompanyPolicy, StatementPolicy, StatementType, Validity, VerificationStatement
from .models.memberships import NOT_YET, PRINTED_TIERS, Tier
from .models.validity import holds

ANYBODY = Q(pk__isnull=False)
FEW = 5_000  # companies that a question names by their keys, of all its policies together
COUNTED = {"家", "个", "张", "项", "份", "件", "款", "种", "座", "户"}
BRACKETED = re.compile(r"\([^()]*\)")
TIERED = re.compile(r"(?P<tier>国家级|省级|自治区级|设区市级|地市级|市级|区县级|县级|区级)(?P<or_above>及?以上)?")
PLAN_YEARS = re.compile(r"(20\d\d)年?\s*[-‐–—―~至到]{1,2}\s*(20\d\d)年")
STANDING = (Validity.VALID, Validity.EXPIRING, Validity.UNDATED)
MERE_HEAD = re.compile(r"(?:企业|证书|声明|总数|数量|数)+$")


# From a policy to companies and statements --------------------------------------------------------------------------


class Reach(NamedTuple):
    """What decides whom a policy touches: `industries` with all below those that it names, `types` of its topics.

    Of a policy that names no industry, `industries` is empty. The last four: of whom a person said that it concerns them, or not.
    Up to `few` companies are named by their keys.
    """

    few: int
    level: str
    region: str | None
    industries: list[str]
    types: list[int]
    companies: list[int]
    other_companies: list[int]
    statements: list[int]
    other_statements: list[int]


def reaches(policies: Collection[int]) -> list[Reach]:
    """The reach of each of these policies, by one query."""
    named = Industry.objects.filter(Q(policies=OuterRef("pk")) | Q(parent__policies=OuterRef("pk")))
    types = StatementType.objects.filter(topic__policies=OuterRef("pk"))
    lists = {
        "named": InOrder(named.order_by().values(item=F("pk")).distinct()),
        "types": InOrder(types.order_by().values(item=F("pk"))),
        "companies": _said(CompanyPolicy, "company", concerns=True),
        "other_companies": _said(CompanyPolicy, "company", concerns=False),
        "stated": _said(StatementPolicy, "statement", concerns=True),
        "other_stated": _said(StatementPolicy, "statement", concerns=False),
    }
    found = Policy.objects.filter(pk__in=policies).order_by().annotate(**lists).values_list("level", "region_id", *lists)
    few = FEW // max(len(policies), 1)
    return [Reach(few, level, code, *(keys or [] for keys in own)) for level, code, *own in found]


def _said(model: type[CompanyPolicy | StatementPolicy], whom: str, *, concerns: bool) -> InOrder:
    return InOrder(model.objects.filter(policy=OuterRef("pk"), concerns=concerns).order_by().values(item=F(whom)))


def touched(reach: Reach) -> Q:
    """Companies that the policy touches."""
    ruled = _in_place(reach) & (Q(industry__in=reach.industries) if reach.industries else Q())
    if not ruled:  # everybody, which "or" would take for nothing
        return _but(reach.other_companies, "pk") or ANYBODY
    return ruled & _but(reach.other_companies, "pk") | Q(pk__in=reach.companies)


def with_evidence(reach: Reach) -> Q:
    """Companies with a statement of a topic of the policy that is evidence today.

    Where there are few statements of its topics their companies are named by their keys: sooner than asking every company.
    """
    statements = VerificationStatement.objects.filter(statement_type__in=reach.types).order_by()
    counted = statements.filter(is_evidence())
    if statements[: reach.few + 1].count() <= reach.few:
        return Q(pk__in=set(counted.values_list("company", flat=True)))
    return Q(Exists(counted.filter(company=OuterRef("pk"))))


def is_evidence() -> Q:
    """Statements that show something today: neither ended by the register nor taken off their list, accepted onto it, not past
    a printed end. A statement on a period stays one when the next falls due. One index has all of these columns.
    """
    holds_on = Q(due_on=None) | Q(is_due_computed=True) | Q(due_on__gte=timezone.localdate())
    return is_running() & holds_on & ~Q(list_stage__in=NOT_YET)


def concerned(reach: Reach) -> Q:
    """Statements that the policy concerns: by the rule, by a word on their company, by a word of their own.

    Each way has an index, and a database goes them one by one.
    """
    ruled = Q(statement_type__in=reach.types) & _of_its_companies(reach) & _but(reach.other_companies, "company")
    unsaid = _but(reach.other_statements, "pk")
    return ruled & unsaid | Q(company__in=reach.companies) & unsaid | Q(pk__in=reach.statements)


def _of_its_companies(reach: Reach) -> Q:
    """Statements of the companies of its place and industries: of few by their keys, through the index of companies.

    Among those of many the newest are soon found by looking at each, where a database would rather fetch all and sort them.
    """
    if not reach.industries:
        return _in_place(reach, "province")
    companies = Company.with_deleted.filter(_in_place(reach), industry__in=reach.industries).order_by()
    keys = list(companies.values_list("pk", flat=True)[: reach.few + 1])
    if len(keys) <= reach.few:
        return Q(company__in=keys)
    return _in_place(reach, "province") & Q(Exists(companies.filter(pk=OuterRef("company_id"))))


def _in_place(reach: Reach, province: str = "") -> Q:
    """Rows in the place of the policy or below it. Which companies lie in a park nobody knows: only a person can say so."""
    if reach.level == Level.NATIONAL:
        return Q()
    if reach.level == Level.PARK or not reach.region:
        return NOBODY
    return within(reach.region, "region", province)


def _but(keys: Collection[int], path: str) -> Q:
    return ~Q(**{f"{path}__in": keys}) if keys else Q()


# From a company and its statements to policies and their money --------------------------------------------------------


class Word(NamedTuple):
    """What a person said of a pair."""

    concerns: bool
    note: str


@dataclass(frozen=True)
class Bearer:
    """What policies are matched with of a company, or of one statement of it: its region, its industry and the section of that,
    and by policy what a person said of the two.
    """

    region: str | None
    industries: tuple[str, ...]
    words: Mapping[int, Word]


@dataclass(frozen=True)
class Evidence:
    """Statements of one topic. `said`: policies that concern one of them by its own word, with the note.

    `settled`: policies on which each of them has a word of its own.
    """

    topic: int | None
    said: Mapping[int, str] = field(default_factory=dict)
    settled: frozenset[int] = frozenset()


def bearers(companies: Iterable[Company]) -> list[Bearer]:
    """One query for the words; industries are to be selected with the companies."""
    asked = list(companies)
    words: dict[int, dict[int, Word]] = defaultdict(dict)
    rows = CompanyPolicy.objects.filter(company__in=[company.pk for company in asked])
    for company, policy, concerns, note in rows.values_list("company", "policy", "concerns", "note"):
        words[company][policy] = Word(concerns, note)
    return [Bearer(company.region_id, _line(company.industry), words[company.pk]) for company in asked]


def _line(industry: Industry | None) -> tuple[str, ...]:
    return tuple(filter(None, (industry.pk, industry.parent_id))) if industry else ()


def of_statement(statement: VerificationStatement) -> tuple[Bearer, Evidence]:
    """One statement: its own words go before those of its company. Two queries; its company, industry and type are selected."""
    [company] = bearers([statement.company])
    rows = StatementPolicy.objects.filter(statement=statement.pk).values_list("policy", "concerns", "note")
    words = {**company.words, **{policy: Word(*word) for policy, *word in rows}}
    return Bearer(statement.region_id, company.industries, words), Evidence(statement.statement_type.topic_id)


def evidence_in(statements: QuerySet[VerificationStatement]) -> list[Evidence]:
    """What those of these statements of one company that are evidence today show, by topic. Two queries."""
    statements = statements.filter(is_evidence())
    topic = "statement_type__topic"
    counts = dict(statements.order_by().values_list(topic).annotate(n=Count("pk")))
    said: dict[int | None, dict[int, str]] = defaultdict(dict)
    own: dict[int | None, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    words = StatementPolicy.objects.filter(statement__in=statements.order_by().values("pk"))
    for about, policy, concerns, note in words.values_list(f"statement__{topic}", "policy", "concerns", "note"):
        own[about][policy] += 1
        if concerns:
            said[about][policy] = note
    return [Evidence(t, said[t], frozenset(p for p, n in own[t].items() if n == count)) for t, count in counts.items()]


def touching(bearer: Bearer) -> Q:
    """Policies that touch the company."""
    return _unless_its_word(_place(bearer) & _trade(bearer), bearer)


def concerning(bearer: Bearer, one: Evidence) -> Q:
    """Policies that concern one of these statements."""
    return _for_one(_unless_its_word(_place(bearer) & _trade(bearer) & _of_topic(one.topic), bearer), one)


def _for_one(companys: Q, one: Evidence) -> Q:
    """Policies for the company, as they are for one of these statements: a word of its own goes before."""
    return companys & ~Q(pk__in=one.settled) | Q(pk__in=list(one.said))


def accepting(bearer: Bearer, evidence: Iterable[Evidence]) -> Q:
    """Open incentives for one of these statements: those that name its topic, whatever the topics of their policy, and those
    that name none where their policy has it. By place, industry and persons' words the policy must touch the company.
    """
    shown = [one for one in evidence if one.topic]
    unsaid = [one for one in shown if not (one.said or one.settled)]
    accepted = of_topics(Incentive, [one.topic for one in unsaid]) & Q(policy__in=Policy.objects.filter(touching(bearer)))
    for one in shown:
        if one.said or one.settled:
            accepted |= of_topics(Incentive, [one.topic]) & Q(policy__in=Policy.objects.filter(_for_one(touching(bearer), one)))
    return is_open() & accepted


def near(bearer: Bearer, one: Evidence | None = None) -> Q:
    """Policies that may concern it once more is known of its place or its industry, and those that by a person's word do not.

    Of a statement only policies of its topic, but for that word.
    """
    below = within(bearer.region, "region") & ~Q(region=bearer.region) if bearer.region else NOBODY
    in_park = Q(level=Level.PARK, region__in=line_of(bearer.region)) if bearer.region else NOBODY
    names = Policy.industries.through.objects.order_by()
    if bearer.industries:
        names = names.filter(industry__parent=bearer.industries[0])
    unsure_trade = Q(pk__in=names.values("policy"))
    nearly = (below | in_park) & (_trade(bearer) | unsure_trade) | _place(bearer) & unsure_trade & ~_trade(bearer)
    if one:
        nearly &= _of_topic(one.topic)
    yes, no = _its_words(bearer)
    return nearly & ~yes | no


def _place(bearer: Bearer) -> Q:
    return applies_in([bearer.region] if bearer.region else [])


def _trade(bearer: Bearer) -> Q:
    named = Policy.industries.through.objects.order_by()
    return ~Q(pk__in=named.values("policy")) | Q(pk__in=named.filter(industry__in=bearer.industries).values("policy"))


def _of_topic(topic: int | None) -> Q:
    return Q(pk__in=Policy.topics.through.objects.filter(topic=topic).values("policy")) if topic else NOBODY


def _its_words(bearer: Bearer) -> tuple[Q, Q]:
    """The policies that concern it, and those that do not, because a person said so."""
    yes, no = ([policy for policy, word in bearer.words.items() if word.concerns is said] for said in (True, False))
    return Q(pk__in=yes), Q(pk__in=no)


def _unless_its_word(wanted: Q, bearer: Bearer) -> Q:
    yes, no = _its_words(bearer)
    return wanted & ~no | yes


# From a target to what counts towards it -------------------------------------------------------------------------------


class Recognitions(NamedTuple):
    """Statements of one type that count towards a target: in which place ("" anywhere), dated from when to when, of which tiers
    (none: of any). Who is only on the way onto the list, was removed from it or has let it run out is not counted.
    """

    kind: StatementType
    region: str
    first: dt.date | None
    last: dt.date | None
    tiers: tuple[str, ...] = ()

    @property
    def condition(self) -> Q:
        wanted = Q(statement_type=self.kind.pk) & (within(self.region, "region", "province") if self.region else Q())
        wanted &= Q(tier__in=self.tiers) if self.tiers else Q()
        wanted &= ~Q(list_stage__in=NOT_YET) & reduce(or_, map(holds, STANDING))
        wanted &= Q(dated_on__gte=self.first) if self.first else Q()
        return wanted & (Q(dated_on__lte=self.last) if self.last else Q())

    @property
    def url(self) -> str:
        """The list of exactly these."""
        values = {"type": self.kind.slug, "region": self.region, "issued_after": self.first, "issued_before": self.last}
        values |= {"tier": self.tiers, "list_stage!": NOT_YET, "validity": STANDING}
        return f"{reverse('statements')}?{urlencode({name: value for name, value in values.items() if value}, doseq=True)}"


def recognitions(target: Target, kinds: Iterable[StatementType]) -> Recognitions | None:
    """What counts towards the target, or None where it is nothing that we record, or no place and base to count from.

    Yearly ones count in the running year or, when that is over, in the year of the target; new ones as `newly_in` says.
    """
    policy, kind = target.policy, kind_named(target.indicator, kinds)
    is_placed = policy.level == Level.NATIONAL or (policy.region_id and policy.level != Level.PARK)
    if not kind or not is_placed or not target.normal_value or target.normal_unit not in COUNTED or not target.base:
        return None
    first = last = None
    if target.base == Target.Base.NEW:
        first, last = newly_in(target)
    elif target.base == Target.Base.PER_YEAR:
        year = min(timezone.localdate().year, target.year or dt.MAXYEAR)
        first, last = dt.date(year, 1, 1), dt.date(year, 12, 31)
    return Recognitions(kind, policy.region_id or "", first, last, tiers_named(target.indicator))


def newly_in(target: Target) -> tuple[dt.date, dt.date | None]:
    """First and last day on which what is new may be dated, the last None where no year is named.

    A target of the year in which the policy came (or of one before it) means that year, all of it: lists and plans go by years.
    One of a later year is reached by then, counted over the years that the title of the plan prints (2026—2028年), else since the
    day of the policy.
    """
    day, year = target.policy.dated_on, target.year
    if year and year <= day.year:
        return dt.date(year, 1, 1), dt.date(year, 12, 31)
    for document in target.policy.documents.all():
        for begin, end in PLAN_YEARS.findall(fold(document.title)):
            if int(begin) <= (year or int(end)) <= int(end):
                return dt.date(int(begin), 1, 1), dt.date(year or int(end), 12, 31)
    return day, dt.date(year, 12, 31) if year else None


def tiers_named(indicator: str) -> tuple[str, ...]:
    """The tiers that an indicator speaks of: 国家级绿色工厂 that one, 省级以上绿色工厂 also those above it, 绿色工厂 none."""
    found = TIERED.search(fold(indicator))
    if not found:
        return ()
    tier = PRINTED_TIERS[found["tier"]]
    tiers = tuple(Tier.values)
    return tiers[: tiers.index(tier) + 1] if found["or_above"] else (tier.value,)


def kind_named(indicator: str, kinds: Iterable[StatementType]) -> StatementType | None:
    """The type of statement that an indicator ends in the words of, by the longest of them: 新增省级以上(近)零碳工厂.

    A Chinese noun stands last, so what a phrase only mentions (碳中和示范区) is not what it counts. None where two types have
    the same word.
    """
    words = MERE_HEAD.sub("", BRACKETED.sub("", fold(indicator).replace(" ", "")))
    found = [(len(word), kind) for kind in kinds for word in words_of(kind) if words.endswith(word)]
    longest = max((length for length, _kind in found), default=0)
    named = {kind.pk: kind for length, kind in found if length == longest}
    return next(iter(named.values())) if len(named) == 1 else None


def words_of(kind: StatementType) -> set[str]:
    """Name and cue words, folded. A type without a topic gathers different things: there only words of its name speak of it."""
    name = fold(kind.name).replace(" ", "")
    cues = {fold(line).replace(" ", "") for line in kind.cue_words.splitlines() if line.strip()}
    return {name, *(cue for cue in cues if kind.topic_id or cue in name)}
