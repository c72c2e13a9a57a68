"""What policies, companies and statements show of each other on their pages (wired in tanxun.urls); their table of statements."""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from django.db.models import Case, F, OuterRef, Q, QuerySet, Value, When, prefetch_related_objects
from django.db.models.functions import Concat, Trim
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from policies.figure_topics import topics_of
from policies.models import Incentive, Policy, Target, Topic
from policies.views import money
from tanxun.listing import freshness
from tanxun.listing.columns import InOrder
from tanxun.listing.figures import short_figure

from . import matching
from .models import Company, Product, StatementType, VerificationStatement
from .reasons import explained, why, why_not
from .tally import RowCount, tally

Panel = tuple[str, dict[str, Any]] | None
SHOWN = 50
GLANCE = 1_000  # companies of a policy that its page counts before it stands; the exact figures are fetched
POLICIES_SHOWN, NAMES_SHOWN = 6, 5
SIGNS = {
    Target.Comparator.AT_LEAST: "≥ ",
    Target.Comparator.ABOUT: "≈ ",
    Target.Comparator.EXACTLY: "",
    Target.Comparator.AT_MOST: "≤ ",
}


def table_rows(statements: QuerySet[VerificationStatement]) -> QuerySet[VerificationStatement]:
    """`statements` with all that certifications/_statements.html shows of them, in one query."""
    parts = ("company", "statement_type", "verification_body", "recognised_by", "programme")
    products = Product.objects.filter(statements=OuterRef("pk")).order_by("pk")
    return statements.with_validity().select_related(*parts).annotate(product_names=InOrder(named(products)))


def named(products: QuerySet[Product]) -> QuerySet:
    """Products by name and model, as the one column `item`."""
    return products.values(item=Trim(Concat("name", Value(" "), "model")))


def linked_statements(request: HttpRequest, policy: Policy) -> Panel:
    """On a policy's page: the statements that a person linked to it, newest first."""
    linked = VerificationStatement.objects.filter(policy_links__policy=policy, policy_links__concerns=True)
    rows = list(table_rows(linked)[: SHOWN + 1])
    if not rows:
        return None
    return "certifications/_linked_statements.html", {"statements": rows[:SHOWN], "is_cut": len(rows) > SHOWN}


class Figure(NamedTuple):
    """How many, as far as the page counts; the list of just these; where the exact number is fetched from."""

    count: RowCount
    url: str
    total_url: str


def touched(request: HttpRequest, policy: Policy) -> Panel:
    """On a policy's page: whom it touches, with and without evidence; every figure is that of the list at its address."""
    [reach] = matching.reaches([policy.pk])
    companies, has_it = Company.objects.filter(matching.touched(reach)), matching.with_evidence(reach)
    found = {
        "companies": companies,
        "with_evidence": companies.filter(has_it),
        "without": companies.filter(~has_it),
        "statements": VerificationStatement.objects.filter(matching.concerned(reach)),
    }
    counts = freshness.kept(f"touched:{policy.pk}:{timezone.localdate()}", lambda: tally(GLANCE, **found))
    asked = {
        "companies": ("companies", "&statements_min=0"),
        "with_evidence": ("companies", "&evidence=with"),
        "without": ("companies", "&evidence=without&statements_min=0"),
        "statements": ("statements", ""),
    }
    parts = {}
    for name, (page, further) in asked.items():
        query = f"?policy={policy.pk}{further}"
        parts[name] = Figure(counts[name], f"{reverse(page)}{query}", f"{reverse(f'{page}-total')}{query}")
    names = {name: first_few(found[name]) if counts[name] else [] for name in ("with_evidence", "without")}
    types = list(StatementType.objects.filter(pk__in=reach.types)) if reach.types else []
    return "certifications/_touched.html", {"policy": policy, "parts": parts, "names": names, "types": types}


def first_few(companies: QuerySet[Company]) -> list[Company]:
    """The first as the list has them."""
    return list(companies.order_by("pinyin", "pk").only("name")[:NAMES_SHOWN])


def policies_of_company(request: HttpRequest, company: Company) -> Panel:
    """On a company's page: the policies that touch it, those that nearly do, and the money for its evidence."""
    [bearer] = matching.bearers([company])
    evidence = matching.evidence_in(company.statements.all())
    url = f"{reverse('policies')}?company={company.pk}"
    return board(bearer, evidence, matching.touching(bearer), matching.near(bearer), url)


def policies_of_statement(request: HttpRequest, statement: VerificationStatement) -> Panel:
    """On a statement's page: the policies that concern it, those that nearly do, and the money for it."""
    bearer, one = matching.of_statement(statement)
    shows = VerificationStatement.objects.filter(matching.is_evidence(), pk=statement.pk).exists()
    url = f"{reverse('policies')}?statement={statement.pk}"
    return board(bearer, [one], matching.concerning(bearer, one), matching.near(bearer, one), url, is_paid=shows)


def board(
    bearer: matching.Bearer, evidence: Sequence[matching.Evidence], concerning: Q, near: Q, url: str, *, is_paid: bool = True
) -> Panel:
    """Policies of the topics that it has evidence of stand first, then the newest; None where there is nothing to show."""
    topics = {topic.pk: str(topic) for topic in Topic.objects.filter(pk__in=[one.topic for one in evidence if one.topic])}
    policies = explained(Policy.objects.select_related("region"))
    spoken = Policy.topics.through.objects.filter(topic__in=topics).values("policy")
    rank = Case(When(pk__in=spoken, then=0), default=1) if topics else Value(0)
    shown = policies.filter(concerning).order_by(rank, "-dated_on", "-pk")[:POLICIES_SHOWN]
    others = list(policies.filter(near)[: POLICIES_SHOWN + 1])
    lines = [(policy, why(policy, bearer, policy, topics)) for policy in shown]
    paid = incentives(bearer, evidence, topics) if is_paid else []
    if not (lines or others or paid):
        return None
    return "certifications/_concerning.html", {
        "has_place": bool(bearer.region),
        "policies": lines,
        "count": tally(policies=Policy.objects.filter(concerning))["policies"],
        "url": url,
        "incentives": paid[:POLICIES_SHOWN],
        "are_more_incentives": len(paid) > POLICIES_SHOWN,
        "near": [(policy, why_not(policy, bearer)) for policy in others[:POLICIES_SHOWN]],
        "are_more_near": len(others) > POLICIES_SHOWN,
    }


def incentives(
    bearer: matching.Bearer, evidence: Sequence[matching.Evidence], topics: dict[int, str]
) -> list[tuple[Incentive, Any, str]]:
    """(incentive, its amount, why) of the open ones that accept the evidence, the first to end first, one more than is shown."""
    if not topics:
        return []
    told = topics_of(Incentive).order_by("pk").values(item=F("pk"))
    rows = explained(Incentive.objects.select_related("policy__region"), "policy").annotate(named_topics=InOrder(told))
    rows = rows.filter(matching.accepting(bearer, evidence)).order_by(
        F("apply_by").asc(nulls_last=True), "-policy__dated_on", "pk"
    )
    return [accepted(row, bearer, evidence, topics) for row in rows[: POLICIES_SHOWN + 1]]


def accepted(
    row: Any, bearer: matching.Bearer, evidence: Iterable[matching.Evidence], topics: dict[int, str]
) -> tuple[Incentive, Any, str]:
    notes = [one.said[row.policy_id] for one in evidence if one.topic in row.named_topics and row.policy_id in one.said]
    return row, money(row.amount, row.currency), why(row.policy, bearer, row, topics, notes[0] if notes else None)


def progress_of(request: HttpRequest, targets: Sequence[Target]) -> dict[int, tuple[str, dict[str, Any]]]:
    """(template, context) of the meter beside each target that counts what we record, by its key. Two queries for all, and one
    for the titles of their policies where those are not at hand.
    """
    prefetch_related_objects([target.policy for target in targets if target.base == Target.Base.NEW], "documents")
    kinds = list(StatementType.objects.all()) if targets else []
    asked = {target.pk: (target, matching.recognitions(target, kinds)) for target in targets}
    counted = {f"t{pk}": VerificationStatement.objects.filter(one.condition) for pk, (_target, one) in asked.items() if one}
    counts = tally(**counted) if counted else {}
    return {
        pk: ("certifications/_progress.html", meter(target, one, counts[f"t{pk}"])) for pk, (target, one) in asked.items() if one
    }


def meter(target: Target, counted: matching.Recognitions, known: RowCount) -> dict[str, Any]:
    """How much of a target is known, as a meter and in words: 3 of ≥ 100 家."""
    goal = f"{SIGNS[Target.Comparator(target.comparator)]}{short_figure(target.value)} {target.unit}"
    reached, whole = (f"{figure:f}" for figure in (min(target.normal_value, known.value), target.normal_value))
    over = counted_over(counted, target.policy.dated_on)
    return {"known": known, "goal": goal, "reached": reached, "whole": whole, "counted": counted, "over": over}


def counted_over(counted: matching.Recognitions, policy_day: dt.date) -> str:
    """The days over which a target is counted, in words; "" where all that there are count, of whatever day."""
    first, last = counted.first, counted.last
    if not first:
        return ""
    if last and (first, last) == (dt.date(first.year, 1, 1), dt.date(first.year, 12, 31)):
        return _("in %(year)s") % {"year": first.year}
    if first != policy_day and last:
        return _("%(first)s–%(last)s, the years of the plan") % {"first": first.year, "last": last.year}
    since = _("since %(day)s, the day of the policy") % {"day": first}
    return _("%(since)s, until the end of %(year)s") % {"since": since, "year": last.year} if last else since


def progress(request: HttpRequest, target: Target) -> Panel:
    """On a target's page: how much of it we know of."""
    found = progress_of(request, [target]).get(target.pk)
    return ("certifications/_progress_card.html", found[1]) if found else None
