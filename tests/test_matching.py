"""Policies, companies and statements meet as a slow, obvious telling of the rules says, whatever records there are."""

import datetime as dt
from functools import reduce
from operator import or_

import pytest
from django.db import transaction
from django.http import QueryDict
from django.test import RequestFactory
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import settings as effort
from hypothesis import strategies as st

from certifications import matching, panels
from certifications.models import Company, CompanyPolicy, StatementPolicy, StatementType, VerificationStatement
from policies.models import Incentive, Policy, Topic
from tanxun.listing.page import find
from tanxun.records.models import Industry
from tanxun.regions.models import Region
from tests import factory

pytestmark = pytest.mark.django_db

PLACES = {
    "320000": ("province", None), "320500": ("city", "320000"), "320583": ("county", "320500"), "320400": ("city", "320000"),
    "310000": ("province", None), "310115": ("county", "310000"), "429004": ("county", "420000"), "420000": ("province", None),
}  # fmt: skip
TRADES = {"C": None, "C17": "C", "C39": "C", "D": None, "D44": "D"}
TOPICS = ("green-factory", "zero-carbon-factory", "ghg-accounting")
TYPES = {"list-a": 0, "list-b": 0, "list-c": 1, "checked": 2, "of-no-topic": None}
DAYS = (None, -1, 0, 1)

places = st.sampled_from([None, *PLACES])
trades = st.sampled_from([None, *TRADES])
numbers = st.integers(0, 4)
companies = st.tuples(places, trades, st.booleans())
policies = st.fixed_dictionaries(
    {
        "place": places,
        "is_park": st.sampled_from([False, False, False, True]),
        "is_national": st.booleans(),
        "topics": st.sets(st.integers(0, 2)),
        "trades": st.one_of(st.just(set()), st.sets(st.sampled_from(list(TRADES)), max_size=2)),
        "is_gone": st.sampled_from([False, False, False, True]),
        "stage": st.sampled_from(["", "in_force", "repealed", "consultation"]),
        "expires": st.sampled_from(DAYS),
    }
)
statements = st.tuples(
    numbers,
    st.sampled_from(list(TYPES)),
    st.sampled_from([False, False, True]),
    st.sampled_from(["", "", "construction", "accepted"]),
    st.sampled_from(["unknown", "valid", "revoked"]),
    st.sampled_from(DAYS),
    st.sampled_from(DAYS),
)
incentives = st.tuples(numbers, st.sets(st.integers(0, 2), max_size=2), st.sampled_from(DAYS))
words = st.dictionaries(st.tuples(numbers, numbers), st.booleans(), max_size=5)
worlds = st.tuples(
    st.lists(companies, min_size=1, max_size=5),
    st.lists(policies, min_size=1, max_size=5),
    st.lists(statements, max_size=8),
    st.lists(incentives, max_size=5),
    words,
    words,
)


@pytest.fixture
def ground(db):
    """Places, industries, topics and types of statements."""
    for code, (level, above) in sorted(PLACES.items(), key=lambda item: item[1][1] or ""):
        Region.objects.create(code=code, name=code, short_name=code, level=level, parent_id=above)
    for code, above in TRADES.items():
        Industry.objects.create(code=code, name=code, parent_id=above)
    topics = [factory.topic(slug, slug) for slug in TOPICS]
    for slug, topic in TYPES.items():
        factory.statement_type(slug, topic=None if topic is None else topics[topic])


def day(offset):
    return None if offset is None else timezone.localdate() + dt.timedelta(days=offset)


def build(world):
    """The records of a drawn world; numbers that name no record are left out."""
    firms, laws, papers, money, on_companies, on_statements = world
    topics = list(Topic.objects.order_by("pk"))
    now = timezone.now()
    made = [factory.company(region_id=place, industry_id=trade, deleted_at=now if gone else None) for place, trade, gone in firms]
    policies = [policy_of(law, topics) for law in laws]
    stated = [
        factory.statement(
            company=made[at % len(made)],
            statement_type=StatementType.objects.get(slug=slug),
            is_body_undisclosed=True,
            deleted_at=now if gone else None,
            list_stage=stage,
            register_status=register,
            removed_on=day(removed),
            valid_until=day(until),
        )
        for at, slug, gone, stage, register, removed, until in papers
    ]
    for at, own, apply_by in money:
        offered = Incentive.objects.create(policy=policies[at % len(policies)], apply_by=day(apply_by))
        offered.topics.set([topics[each] for each in own])
    for (at, of), concerns in on_companies.items():
        if at < len(made) and of < len(policies):
            CompanyPolicy.objects.create(company=made[at], policy=policies[of], concerns=concerns)
    for (at, of), concerns in on_statements.items():
        if at < len(stated) and of < len(policies):
            StatementPolicy.objects.create(statement=stated[at], policy=policies[of], concerns=concerns)


def policy_of(law, topics):
    place = None if law["is_national"] else law["place"]
    level = "national" if place is None else "park" if law["is_park"] else "city"  # below the nation none is without its region
    made = factory.policy(
        region_id=place,
        level=level,
        stage=law["stage"],
        expires_on=day(law["expires"]),
        deleted_at=timezone.now() if law["is_gone"] else None,
        topics=[topics[each] for each in law["topics"]],
    )
    made.industries.set(law["trades"])
    return made


# The rules, told slowly ----------------------------------------------------------------------------------------------


def at_or_below(one, other):
    """Whether a place or an industry is another one or lies in it."""
    while one is not None:
        if one == other:
            return True
        one = one.parent
    return False


def fits(policy, region, industry):
    is_there = policy.level == "national" or (policy.level != "park" and at_or_below(region, policy.region))
    named = list(policy.industries.all())
    return is_there and (not named or any(at_or_below(industry, one) for one in named))


def touches(policy, company):
    for word in CompanyPolicy.objects.all():
        if (word.policy, word.company) == (policy, company):
            return word.concerns
    return fits(policy, company.region, company.industry)


def counts(statement):
    """Whether it shows anything today."""
    today = timezone.localdate()
    if statement.register_status == "revoked" or statement.list_stage == "construction":
        return False
    if statement.removed_on and statement.removed_on <= today:
        return False
    return not (statement.valid_until and statement.valid_until < today)


def has_evidence(policy, company):
    return any(
        counts(statement) and statement.company == company and statement.statement_type.topic in set(policy.topics.all())
        for statement in VerificationStatement.objects.all()
    )


def reaches(policy, statement):
    """Whether it is meant at all, of whatever topic: by a person's word, else by place and industry."""
    for word in StatementPolicy.objects.all():
        if (word.policy, word.statement) == (policy, statement):
            return word.concerns
    return touches(policy, statement.company)


def concerns(policy, statement):
    has_word = StatementPolicy.objects.filter(policy=policy, statement=statement).exists()
    has_word = has_word or CompanyPolicy.objects.filter(policy=policy, company=statement.company).exists()
    spoken = statement.statement_type.topic in set(policy.topics.all())
    return reaches(policy, statement) and (has_word or spoken)


def is_near(policy, company, statement=None):
    """Whether it would concern the company, or the statement, were more known of where it lies or what it does; or a person said
    that it does not.
    """
    words = [word for word in StatementPolicy.objects.all() if (word.policy, word.statement) == (policy, statement)]
    words += [word for word in CompanyPolicy.objects.all() if (word.policy, word.company) == (policy, company)]
    if words:
        return not words[0].concerns
    if statement and statement.statement_type.topic not in set(policy.topics.all()):
        return False
    return may_fit(policy, company.region, company.industry) and not fits(policy, company.region, company.industry)


def may_fit(policy, region, industry):
    named = list(policy.industries.all())
    is_trade = not named or any(at_or_below(industry, one) or industry in (None, one.parent) for one in named)
    if policy.level == "national":
        return is_trade
    is_known = region is not None and policy.region is not None
    return is_trade and is_known and (at_or_below(region, policy.region) or at_or_below(policy.region, region))


def accepts(incentive, statement):
    policy, today = incentive.policy, timezone.localdate()
    if not counts(statement) or policy.stage in ("repealed", "consultation"):
        return False
    is_open = not (incentive.apply_by and incentive.apply_by < today) and not (policy.expires_on and policy.expires_on < today)
    asked = set(incentive.topics.all()) or set(policy.topics.all())
    is_live = policy.deleted_at is None
    return is_live and is_open and statement.statement_type.topic in asked and reaches(policy, statement)


# What the lists say ----------------------------------------------------------------------------------------------------


def listed(slug, query):
    return set(find(slug).rows(QueryDict(query)).narrowed.values_list("pk", flat=True))


def keys(records):
    return {record.pk for record in records}


@pytest.mark.parametrize("few", [matching.FEW, 0])
@effort(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
@given(world=worlds)
def test_lists_and_money_are_as_the_rules_say(ground, monkeypatch, few, world):
    """Also where the companies of an industry are too many to be named by their keys."""
    monkeypatch.setattr(matching, "FEW", few)
    with transaction.atomic():
        build(world)
        for policy in Policy.objects.all():
            agrees_from_the_policy(policy)
        for company in Company.objects.all():
            agrees_from_the_company(company)
        for statement in VerificationStatement.objects.all():
            agrees_from_the_statement(statement)
        transaction.set_rollback(True)


def agrees_from_the_policy(policy):
    whom = [company for company in Company.objects.all() if touches(policy, company)]
    proven = [company for company in whom if has_evidence(policy, company)]
    stated = [company for company in whom if VerificationStatement.objects.filter(company=company).exists()]
    asked = f"policy={policy.pk}"
    assert listed("companies", f"{asked}&statements_min=0") == keys(whom)
    assert listed("companies", asked) == keys(stated)
    assert listed("companies", f"{asked}&evidence=with") == keys(proven)
    assert listed("companies", f"{asked}&evidence=without&statements_min=0") == keys(whom) - keys(proven)
    everybody = keys(Company.objects.all())
    assert listed("companies", f"policy!={policy.pk}&statements_min=0") == everybody - keys(whom)
    statements = [one for one in VerificationStatement.objects.all() if concerns(policy, one)]
    assert listed("statements", asked) == keys(statements)
    assert listed("statements", f"policy!={policy.pk}") == keys(VerificationStatement.objects.all()) - keys(statements)
    _template, context = panels.touched(RequestFactory().get("/"), policy)
    for count, url, _total_url in context["parts"].values():
        slug, _slash, query = url.strip("/").partition("/?")
        assert count.value == len(listed(slug, query)), url


def agrees_from_the_company(company):
    concerned = keys(policy for policy in Policy.objects.all() if touches(policy, company))
    assert listed("policies", f"company={company.pk}") == concerned
    [bearer] = matching.bearers([company])
    near = keys(Policy.objects.filter(matching.near(bearer)))
    assert near == keys(policy for policy in Policy.objects.all() if is_near(policy, company))
    assert not near & concerned
    evidence = matching.evidence_in(company.statements.all())
    paid = keys(Incentive.objects.filter(matching.accepting(bearer, evidence)))
    own = [statement for statement in VerificationStatement.objects.all() if statement.company == company]
    assert paid == {one.pk for one in Incentive.objects.all() if any(accepts(one, statement) for statement in own)}


def agrees_from_the_statement(statement):
    concerned = keys(policy for policy in Policy.objects.all() if concerns(policy, statement))
    assert listed("policies", f"statement={statement.pk}") == concerned
    bearer, one = matching.of_statement(statement)
    near = keys(Policy.objects.filter(matching.near(bearer, one)))
    assert near == keys(policy for policy in Policy.objects.all() if is_near(policy, statement.company, statement))
    assert not near & concerned
    panel = panels.policies_of_statement(RequestFactory().get("/"), statement)
    paid = {offered.pk for offered, _amount, _why in panel[1]["incentives"]} if panel else set()
    assert paid == {each.pk for each in Incentive.objects.all() if accepts(each, statement)}


@effort(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
@given(world=worlds)
def test_several_are_asked_for_together(ground, world):
    with transaction.atomic():
        build(world)
        for slug, name, rows in (("companies", "policy", Policy), ("policies", "company", Company)):
            asked = sorted(keys(rows.objects.all()))[:3]
            if len(asked) > 1:
                least = "&statements_min=0" if slug == "companies" else ""
                apart = reduce(or_, (listed(slug, f"{name}={key}{least}") for key in asked))
                assert listed(slug, "&".join(f"{name}={key}" for key in asked) + least) == apart
        transaction.set_rollback(True)
