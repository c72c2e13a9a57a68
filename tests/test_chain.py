"""The renewals of a statement: who is in the chain, and the change from one to the next where the two are alike."""

import datetime as dt

import pytest
from django.utils import translation

from certifications.chain import READ, chain
from certifications.models import Programme, VerificationStatement
from tests import factory
from tests.reading import read, words

pytestmark = pytest.mark.django_db


def covering(year, emissions=None, **kwargs):
    period = {"period_start": dt.date(year, 1, 1), "period_end": dt.date(year, 12, 31), "issued_on": dt.date(year + 1, 3, 1)}
    return factory.statement(emissions_tco2e=emissions, **period | kwargs)


def footprint(company, day, value, **kwargs):
    values = {"declared_unit": "台", "system_boundary": "cradle_to_gate"} | kwargs
    kind = factory.statement_type("product_carbon_footprint")
    return factory.statement(company=company, statement_type=kind, issued_on=day, footprint_kgco2e=value, **values)


def change(statement):
    """The change that the chain of a statement tells for it."""
    statement.refresh_from_db()
    with translation.override("en"):
        return next(link.change for link in chain(statement) if link.is_this)


@pytest.fixture
def company():
    return factory.company("苏州样例机电有限公司")


def test_emissions_of_years_that_follow_each_other(client, company):
    covering(2022, 1000, company=company, categories=[1, 2])
    covering(2023, 1250, company=company, categories=[1, 2])
    last = covering(2024, 1100, company=company, categories=[2, 1])
    last.refresh_from_db()
    links = chain(last)
    assert [link.period for link in links] == ["2024", "2023", "2022"]
    assert [link.is_this for link in links] == [True, False, False]
    assert [link.change and (link.change.percent, link.change.amount) for link in links] == [
        ("−12%", "−150 tCO₂e"),
        ("+25%", "+250 tCO₂e"),
        None,
    ]
    page = words(read(client, last.get_absolute_url()))
    assert "<strong>−12%</strong> −150 tCO₂e" in page


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"emissions_tco2e": None}, "only one of the two states a figure"),
        ({"emissions_tco2e": None, "footprint_kgco2e": 3}, "one is a footprint, the other an amount of emissions"),
        ({"period_start": dt.date(2024, 7, 1)}, "the periods are not equally long"),
        ({"period_start": None, "period_end": None}, "a period covered is not stated"),
        ({"period_start": dt.date(2023, 1, 1), "period_end": dt.date(2023, 12, 31)}, "both cover the same period"),
        ({"categories": [1, 2, 3]}, "other categories: 1, 2 → 1, 2, 3"),
        ({"categories": []}, "other categories: 1, 2 → not stated"),
        ({"scopes": [1]}, "other scopes: not stated → 1"),
        ({"system_boundary": "cradle_to_gate"}, "they do not state the same system boundary"),
    ],
)
def test_emissions_that_are_not_alike_are_not_compared(client, company, values, reason):
    covering(2023, 1000, company=company, categories=[1, 2])
    after = covering(2024, 900, company=company, categories=[1, 2])
    for name, value in values.items():
        setattr(after, name, value)
    after.save()
    told = change(after)
    assert (told.reason, told.percent, told.amount) == (reason, "", "")
    assert f"not comparable: {reason}" in words(read(client, after.get_absolute_url()))


def test_what_neither_statement_says_is_said_beside_the_change(company):
    covering(2023, 1000, company=company)
    assert change(covering(2024, 1000, company=company)).note == "neither says which categories it covers"
    assert change(covering(2025, 1000, company=company)).percent == "±0%"


def test_nothing_is_divided_by_zero(company):
    covering(2023, 0, company=company)
    told = change(covering(2024, 5, company=company))
    assert (told.percent, told.amount, told.reason) == ("", "+5 tCO₂e", "")


def test_a_footprint_per_the_same_unit_within_the_same_boundary(company):
    router = factory.product(company, "路由器")
    footprint(company, dt.date(2023, 5, 1), "12.5", products=[router], declared_unit="1 台")
    told = change(footprint(company, dt.date(2025, 5, 1), "10", products=[router]))
    assert (told.percent, told.amount) == ("−20%", "−2.5 kgCO₂e/台")


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"declared_unit": "kg"}, "other declared unit: 台 → kg"),
        ({"declared_unit": "10台"}, "other declared unit: 台 → 10台"),
        ({"declared_unit": ""}, "a declared unit is not stated"),
        ({"system_boundary": "cradle_to_grave"}, "other system boundary: cradle to gate → cradle to grave"),
        ({"system_boundary": ""}, "a system boundary is not stated"),
    ],
)
def test_footprints_that_are_not_alike_are_not_compared(company, values, reason):
    router = factory.product(company, "路由器")
    footprint(company, dt.date(2023, 5, 1), "12.5", products=[router])
    assert change(footprint(company, dt.date(2025, 5, 1), "10", products=[router], **values)).reason == reason


def test_a_footprint_of_other_products_is_not_compared_and_without_a_shared_one_not_in_the_chain(company):
    router, switch = factory.product(company, "路由器"), factory.product(company, "交换机")
    first = footprint(company, dt.date(2023, 5, 1), "12.5", products=[router])
    assert change(footprint(company, dt.date(2024, 5, 1), "10", products=[router, switch])).reason == "they name other products"
    alone = footprint(company, dt.date(2025, 5, 1), "9", products=[switch])
    assert first not in [link.statement for link in chain(alone)]


def test_replaced_by_a_person_whatever_the_type(client, company):
    old = covering(2023, 1000, company=company)
    kind = factory.statement_type("carbon_neutrality")
    middle = factory.statement(company=company, statement_type=kind, replaces=old, issued_on=dt.date(2024, 5, 1))
    newest = factory.statement(company=factory.company("改名后的企业"), statement_type=kind, replaces=middle)
    assert [link.statement for link in chain(middle)] == [newest, middle, old]
    page = words(read(client, middle.get_absolute_url()))
    assert "replaces this one" in page
    assert "replaced by this one" in page


def test_one_alone_and_removed_ones_make_no_chain(client, company):
    gone = covering(2023, 1000, company=company)
    gone.remove("entered twice")
    lone = covering(2024, 900, company=company)
    covering(2022, 900, company=factory.company())
    factory.statement(company=company, statement_type=factory.statement_type("carbon_label"))
    assert chain(lone) == []
    assert 'id="chain"' not in read(client, lone.get_absolute_url())


def test_a_chain_takes_two_queries_beside_that_for_the_products(company, django_assert_num_queries):
    rows = [covering(year, year, company=company) for year in range(2010, 2026)]
    with django_assert_num_queries(3):
        assert len(chain(rows[3])) == 16


def test_other_statements_of_the_company_do_not_cut_a_chain(company):
    """However many there are of another type, of other products, or in another programme, and newer."""
    router, kind = factory.product(company, "路由器"), factory.statement_type("product_carbon_footprint")
    own = [footprint(company, dt.date(2020 + year, 5, 1), 10, products=[router]) for year in range(3)]
    other, switch = factory.statement_type("carbon_label"), factory.product(company, "交换机")
    many(400, company=company, statement_type=other)
    made = many(400, company=company, statement_type=kind)
    link = VerificationStatement.products.through
    link.objects.bulk_create([link(verificationstatement=one, product=switch) for one in made])
    many(400, company=company, statement_type=kind, programme=Programme.objects.create(slug="a", name="样例名单"))
    assert [link.statement for link in chain(own[0])] == own[::-1]


def many(count, **kwargs):
    values = {"is_body_undisclosed": True, "source_on": dt.date(2026, 1, 1)} | kwargs
    return VerificationStatement.objects.bulk_create([VerificationStatement(**values) for _each in range(count)])


def test_what_replaces_another_is_followed_through_other_types_and_names(company):
    first = covering(2020, 1000, company=company)
    label, renamed = factory.statement_type("carbon_label"), factory.company("改名后的企业")
    second = factory.statement(company=company, statement_type=label, replaces=first, issued_on=dt.date(2022, 5, 1))
    third = factory.statement(company=renamed, statement_type=label, replaces=second, issued_on=dt.date(2023, 5, 1))
    fourth = covering(2024, 900, company=renamed, replaces=third)
    many(400, company=company, statement_type=factory.statement_type("epd"))
    for one in (first, second, third, fourth):
        assert [link.statement for link in chain(one)] == [fourth, third, second, first]


def test_a_statement_of_long_ago_stands_in_its_own_chain(company):
    oldest = covering(2001, 1000, company=company)
    many(READ, company=company, statement_type=oldest.statement_type)
    links = chain(oldest)
    assert len(links) == READ
    assert [link.statement for link in links if link.is_this] == [oldest]
