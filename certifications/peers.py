"""Where a company stands: its peers by place and industry, and the policies of its place and topics; all as lists."""

from typing import Any, NamedTuple

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from policies.deadlines import in_force_at
from policies.models import Policy, Topic
from tanxun.listing.trees import in_industries
from tanxun.regions.models import place_words
from tanxun.regions.names import code_range, load

from .models import Company, VerificationStatement
from .tally import RowCount, tally

POLICIES_SHOWN = 5


class Peers(NamedTuple):
    """Companies with statements that have something in common with this one."""

    label: str
    count: RowCount
    url: str


class Around(NamedTuple):
    """What surrounds a company. `statement_count` and every count equal the list at its address."""

    statement_count: RowCount
    statements_url: str
    peers: list[Peers]
    policies: list[Policy]
    policy_count: RowCount
    policies_url: str


def around(company: Company, topics: list[Topic]) -> Around:
    """Two queries: one for all counts, one for the newest policies."""
    asked = peer_questions(company)
    policies = policies_for(company, topics)
    statements = VerificationStatement.objects.filter(company=company)
    counts = tally(
        statements=statements, policies=policies, **{f"p{at}": with_statements(q) for at, (_l, q, _v) in enumerate(asked)}
    )
    here = reverse("companies")
    peers = [Peers(label, counts[f"p{at}"], f"{here}?{address(values)}") for at, (label, _rows, values) in enumerate(asked)]
    place = {"region": company.region_id, "scope": "applies"} if company.region_id else {"region": "none"}
    return Around(
        counts["statements"],
        f"{reverse('statements')}?company={company.pk}",
        peers,
        list(policies[:POLICIES_SHOWN]) if counts["policies"] else [],
        counts["policies"],
        f"{reverse('policies')}?{address(place | {'topic': [topic.slug for topic in topics]})}",
    )


def peer_questions(company: Company) -> list[tuple[str, Q, dict[str, Any]]]:
    """(label, condition, parameters of the list) of each circle of peers, the closest first."""
    circles: list[tuple[str, Q, dict[str, Any]]] = []
    trade = in_industries("industry", [company.industry_id])
    places = {division.code: place_words(division.code) for division in reversed(load().chain(company.region_id or ""))}
    near = list(places)[:1] + list(places)[-1:] if len(places) > 1 else list(places)
    if company.industry_id:
        for code in near:
            words = _("%(industry)s in %(place)s") % {"industry": company.industry, "place": places[code]}
            circles.append((words, within(code) & trade, {"region": code, "industry": company.industry_id}))
    circles += [(places[code], within(code), {"region": code}) for code in near[:1]]
    if company.industry_id:
        circles.append((str(company.industry), trade, {"industry": company.industry_id}))
    return circles


def within(code: str) -> Q:
    return Q(region__code__range=code_range(code))


def with_statements(condition: Q) -> QuerySet[Company]:
    """Companies as their list shows them."""
    return Company.objects.filter(condition, Exists(VerificationStatement.objects.filter(company=OuterRef("pk"))))


def policies_for(company: Company, topics: list[Topic]) -> QuerySet[Policy]:
    """Policies that apply where the company is and speak of one of these topics; without a place the national ones."""
    if not topics:
        return Policy.objects.none()
    place = in_force_at([company.region_id]) if company.region_id else Q(region=None)
    spoken = Policy.topics.through.objects.filter(topic__in=topics)
    return Policy.objects.filter(place, pk__in=spoken.values("policy")).select_related("region")


def address(values: dict[str, Any]) -> str:
    query = QueryDict(mutable=True)
    for name, value in values.items():
        query.setlist(name, value if isinstance(value, list) else [value])
    return query.urlencode()
