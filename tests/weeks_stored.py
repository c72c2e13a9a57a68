"""The records of a drawn week (`weeks`), as if accepted from one newsletter that is gone."""

from decimal import Decimal

from certifications.forms import code_and_edition
from certifications.models import Company, Programme, StatementType, VerificationBody, VerificationStatement
from policies.models import Incentive, Policy, PolicyIssuer, PolicyLink, Target, Topic
from policies.models import policies as policy_models
from tanxun.digest.models import NewsItem
from tests import factory
from tests.weeks import LISTS, LOOSE, PLAIN, SUNDAY


def store(items):
    """The records of a drawn week, as if accepted from one newsletter that is gone."""
    makers = {"policy": [_policy], "statement": [_statements], "both": [_policy, _statements]}
    for order, item in enumerate(items, start=1):
        for make in makers.get(item["kind"], [_news]):
            make(item, order)


def _place(item, order, part=1):
    place = {"source_on": SUNDAY, "week_on": SUNDAY, "source_order": f"{1:010}.{order:05}.{part:05}"}
    return place | {"section": item["section"], "headline": item["headline"], "source_url": "https://example.org/1"}


def _policy(item, order):
    level, code = item["place"]
    made = Policy.objects.create(
        **_place(item, order),
        **{name: item[name] for name in ("declared_issuer_count", "stage", "form", "content_type")},
        **{name: item[name][0] for name in LOOSE},
        precisions={name: item[name][1] for name in LOOSE if item[name][0] and item[name][1] != "day"},
        level=level,
        region=factory.region(code) if code else None,
        park_name=item["park_name"] if level == "park" else "",
    )
    for position, name in enumerate(item["issuing_bodies"]):
        PolicyIssuer.objects.create(policy=made, body=factory.issuing_body(name), position=position)
    rows = {
        policy_models.PolicyDocument: item["documents"],
        policy_models.KeyPoint: [{"text": text} for text in item["key_points"]],
        Target: item["targets"],
        Incentive: item["incentives"],
        PolicyLink: item["links"],
    }
    for model, children in rows.items():
        for position, values in enumerate(children):
            topics = values.get("topics", ())
            row = model.objects.create(
                policy=made, position=position, **{name: value for name, value in values.items() if name != "topics"}
            )
            if topics:
                row.topics.set(Topic.objects.filter(slug__in=topics))
    made.topics.set(Topic.objects.filter(slug__in=item["topics"]))


def _statements(item, order):
    for part, one in enumerate(item["statements"], start=1):
        kind = StatementType.objects.get(slug=one["type"])
        region = factory.region(one["region"]) if one["region"] else None
        company = Company.objects.create(name=one["company"], region=region)
        for name in one["shorts"]:
            company.names.create(name=name)
        made = VerificationStatement.objects.create(
            **_place(item, order, part + 1),
            **{name: one[name] for name in PLAIN},
            **_result(one),
            company=company,
            statement_type=kind,
            verification_body=_body(one["body"], f"drawn-{order}-{part}"),
            is_body_undisclosed=is_hidden(one),
            certificate_number=f"{one['certificate_number']}{order}{part}" if one["certificate_number"] else "",
            categories=sorted(one["categories"]),
            scopes=sorted(one["scopes"]),
            consultant=Company.objects.create(name=one["consultant"]) if one["consultant"] else None,
            programme=programme_of(one),
        )
        made.products.set(factory.product(company, name, model=model) for name, model in one["products"])
        made.standards.set(factory.standard(*code_and_edition(code)) for code in one["standards"])


def is_hidden(one):
    """Whom a list names it names by itself; of all others the body is named or hidden."""
    return not one["body"] and one["type"] not in LISTS


def programme_of(one):
    return Programme.objects.filter(statement_type__slug=one["type"]).first() if one["programme"] else None


def _body(name, slug):
    return VerificationBody.objects.get_or_create(name=name, defaults={"slug": slug})[0] if name else None


def _result(one):
    """As it was printed, or in the column of its unit alone, as a sheet brings it."""
    if one["result"] is None:
        return {}
    value, unit = one["result"]
    columns = {"tCO2e": "emissions_tco2e", "kgCO2e": "footprint_kgco2e"}
    mass, _slash, per = unit.partition("/")
    if one["is_printed"] or mass not in columns:
        return {"result_as_printed": f"{Decimal(value):f} {unit}".strip()}
    return {columns[mass]: value, "declared_unit": per}


def _news(item, order):
    NewsItem.objects.create(
        **_place(item, order), kind=item["kind"], text="\n\n".join(item["text"]), announced_on=item["announced_on"]
    )
