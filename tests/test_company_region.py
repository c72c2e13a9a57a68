"""The copy of the company's region on its statements is right after every write path."""

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext

from certifications.models import Company, VerificationStatement
from tanxun.listing.page import find
from tests import factory

pytestmark = pytest.mark.django_db


@pytest.fixture
def statement():
    return factory.statement(company=factory.company(region=factory.region("320583")))


def copied(statement):
    statement.refresh_from_db()
    return statement.region_id, statement.province_id


def test_saving_a_statement_copies(statement):
    assert copied(statement) == ("320583", "320000")


def test_saving_the_company_carries_over(statement):
    factory.region("330100")
    statement.company.region_id = "330100"
    statement.company.save()
    assert copied(statement) == ("330100", "330000")
    statement.company.region = None
    statement.company.save(update_fields=["region"])
    assert copied(statement) == (None, None)


def test_updating_companies_in_bulk_carries_over(statement):
    factory.region("330100")
    Company.objects.filter(pk=statement.company_id).update(region="330100")
    assert copied(statement) == ("330100", "330000")
    company = statement.company
    company.refresh_from_db()
    company.region_id = "310000"
    factory.region("310000")
    Company.objects.bulk_update([company], ["region"])
    assert copied(statement) == ("310000", "310000")


def test_creating_statements_in_bulk_copies(statement):
    twin = VerificationStatement(
        company=statement.company,
        statement_type=statement.statement_type,
        is_body_undisclosed=True,
        source_on=statement.source_on,
    )
    VerificationStatement.objects.bulk_create([twin])
    assert copied(twin) == ("320583", "320000")
    assert twin.dated_on == statement.source_on


def test_an_older_company_in_hand_does_not_bring_its_region_back(statement):
    factory.region("330100")
    Company.objects.filter(pk=statement.company_id).update(region="330100")
    assert statement.company.region_id == "320583"
    statement.save()
    assert copied(statement) == ("330100", "330000")
    assert statement.history.first().region_id == "330100"


def test_an_older_company_in_hand_does_no_harm_in_bulk(statement):
    factory.region("330100")
    old = statement.company
    Company.objects.filter(pk=old.pk).update(region="330100")
    values = {"company": old, "statement_type": statement.statement_type, "is_body_undisclosed": True}
    made = VerificationStatement(source_on=statement.source_on, **values)
    with CaptureQueriesContext(connection) as few:
        VerificationStatement.objects.bulk_create([made])
    more = [VerificationStatement(source_on=statement.source_on, **values) for _ in range(5)]
    with CaptureQueriesContext(connection) as many:
        VerificationStatement.objects.bulk_create(more)
    assert len(many) == len(few)
    assert {copied(each) for each in [made, *more]} == {("330100", "330000")}
    VerificationStatement.objects.bulk_update([statement], ["tier"])
    assert copied(statement) == ("330100", "330000")


@pytest.mark.parametrize(
    ("code", "hit"), [("320583", True), ("320500", True), ("320000", True), ("330000", False), ("310000", False)]
)
def test_the_list_of_a_division_holds_all_below(statement, code, hit):
    rows = find("statements").rows(QueryDict(f"region={code}")).one_page().rows
    assert [row[0] for row in rows] == ([statement.pk] if hit else [])
