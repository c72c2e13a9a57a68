"""Where a company stands: how many statements it has, and its peers by place and industry; all as lists."""

from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from tanxun.listing import freshness
from tanxun.listing.trees import in_industries, within
from tanxun.regions.models import place_words
from tanxun.regions.names import load

from .models import Company, VerificationStatement
from .tally import RowCount, tally


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


def around(company: Company) -> Around:
    """Its peers are counted once for all companies of its place and industry, until something is written."""
    asked = peer_questions(company)
    circles = {f"p{at}": with_statements(condition) for at, (_label, condition, _values) in enumerate(asked)}
    counts = tally(statements=VerificationStatement.objects.filter(company=company))
    counts |= freshness.kept(f"peers:{company.region_id}:{company.industry_id}", lambda: tally(**circles)) if circles else {}
    here = reverse("companies")
    peers = [Peers(label, counts[f"p{at}"], f"{here}?{urlencode(values)}") for at, (label, _rows, values) in enumerate(asked)]
    return Around(counts["statements"], f"{reverse('statements')}?company={company.pk}", peers)


def peer_questions(company: Company) -> list[tuple[str, Q, dict[str, Any]]]:
    """(label, condition, parameters of the list) of each circle of peers, the closest first."""
    circles: list[tuple[str, Q, dict[str, Any]]] = []
    trade = in_industries("industry", [company.industry_id])
    places = {division.code: place_words(division.code) for division in reversed(load().chain(company.region_id or ""))}
    near = list(places)[:1] + list(places)[-1:] if len(places) > 1 else list(places)
    if company.industry_id:
        for code in near:
            words = _("%(industry)s in %(place)s") % {"industry": company.industry, "place": places[code]}
            circles.append((words, within(code, "region") & trade, {"region": code, "industry": company.industry_id}))
    circles += [(places[code], within(code, "region"), {"region": code}) for code in near[:1]]
    if company.industry_id:
        circles.append((str(company.industry), trade, {"industry": company.industry_id}))
    return circles


def with_statements(condition: Q) -> QuerySet[Company]:
    """Companies as their list shows them."""
    return Company.objects.filter(condition, Exists(VerificationStatement.objects.filter(company=OuterRef("pk"))))
