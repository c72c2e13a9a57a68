"""Companies long without a statement as a list of leads: what is missing, who follows up, and what never leaves the house."""

import datetime as dt
import random

import pytest
import time_machine
from django.http import QueryDict

from certifications.models import Company, CompanyNote
from certifications.profile import by_type, missing_years, year_words
from tanxun.listing.page import find
from tests import factory
from tests.reading import read, words

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _clock():
    with time_machine.travel(dt.datetime(2026, 3, 16, 4, tzinfo=dt.UTC), tick=False):
        yield


def covering(company, first, last, **kwargs):
    return factory.statement(
        company=company,
        period_start=dt.date(first, 1, 1),
        period_end=dt.date(last, 12, 31),
        issued_on=dt.date(last + 1, 3, 1),
        **kwargs,
    )


def in_list(company):
    rows = find("companies").rows(QueryDict("columns=name,missing_years&statements_min=0"))
    row = next(row for row in rows.one_page().rows if row[0] == company.pk)
    return row[1 + len(rows.columns[0].fields)]


@pytest.mark.parametrize(
    ("periods", "missing"),
    [
        ([(2024, 2024)], []),
        ([(2022, 2022), (2024, 2024)], ["2023"]),
        ([(2019, 2019), (2023, 2024)], ["2020–2022"]),
        ([(2018, 2018), (2020, 2020), (2022, 2022)], ["2019", "2021", "2023–2024"]),
        ([(2018, 2023), (2020, 2020)], ["2024"]),
        ([], []),
    ],
)
def test_the_years_that_are_missing(periods, missing):
    company = factory.company()
    for first, last in periods:
        covering(company, first, last)
    assert (in_list(company) or []) == missing


@pytest.mark.parametrize("seed", range(6))
def test_the_list_says_what_the_page_of_the_company_says(seed):
    chance = random.Random(seed)
    kind = factory.statement_type("ghg_verification")
    kind.cycle_months = chance.choice([6, 12, 18, 24])
    kind.save()
    company = factory.company()
    for _each in range(chance.randint(1, 6)):
        start = dt.date(chance.randint(2012, 2025), chance.randint(1, 12), 1)
        end = start + dt.timedelta(days=chance.randint(20, 800))
        factory.statement(company=company, period_start=chance.choice([start, None]), period_end=end, statement_type=kind)
    statements = list(company.statements.select_related("statement_type"))
    years = [year for group in by_type(statements) for year in missing_years(group)[1]]
    assert expanded(in_list(company) or []) == years, year_words(years)


def expanded(runs):
    """2020–2022 as its years."""
    ends = [[int(year) for year in run.split("–")] for run in runs]
    return [year for run in ends for year in range(run[0], run[-1] + 1)]


def test_the_list_of_leads_shows_what_a_consultant_asks(client):
    quiet = factory.company("久无声明有限公司", region=factory.region("320583"))
    covering(quiet, 2020, 2020)
    fresh = factory.company("刚有声明有限公司")
    factory.statement(company=fresh, issued_on=dt.date(2026, 1, 5))
    page = words(read(client, "/companies/?gap=12"))
    assert "久无声明有限公司" in page
    assert "刚有声明有限公司" not in page
    for text in ("2021-03-01", "GHG verification", "2021–2024", "Type of the latest", "Years missing"):
        assert text in page, text
    assert "Years missing" not in words(read(client, "/companies/")).split("<table")[1]


def test_the_next_follow_up_is_for_those_who_keep_notes_and_in_no_file(client):
    quiet = factory.company("久无声明有限公司")
    covering(quiet, 2020, 2020)
    consultant, editor = factory.user("consultant"), factory.user("manager")
    CompanyNote.objects.create(company=quiet, written_by=consultant, text="四月回访", follow_up_on=dt.date(2026, 4, 2))
    CompanyNote.objects.create(company=quiet, written_by=editor, text="三月回访", follow_up_on=dt.date(2026, 3, 20))
    CompanyNote.objects.create(
        company=quiet,
        written_by=editor,
        text="办完的",
        follow_up_on=dt.date(2026, 3, 1),
        done_at=dt.datetime(2026, 3, 2, tzinfo=dt.UTC),
    )
    assert "2026-04-02 · 四月回访" in read(client, "/companies/?gap=12", consultant)
    seen = read(client, "/companies/?gap=12", editor)
    assert "2026-03-20 · 三月回访" in seen
    assert "办完的" not in seen
    assert "Follow-up" not in read(client, "/companies/", editor)
    assert "回访" not in read(client, "/companies/?gap=12")
    for address in ("/companies.csv?gap=12&columns=all", "/companies.csv?gap=12"):
        client.force_login(editor)
        assert "回访" not in b"".join(client.get(address).streaming_content).decode()


def test_the_leads_as_a_workbook(client):
    covering(factory.company("久无声明有限公司"), 2020, 2020)
    factory.statement(company=factory.company("刚有声明有限公司"), issued_on=dt.date(2026, 1, 5))
    client.force_login(factory.user("manager"))
    answer = client.get("/companies/leads.xlsx")
    assert answer.status_code == 200
    assert Company.objects.count() == 2
    rows = find("companies").layouts[1].rows(QueryDict(""))[0]
    assert [row.name for row in rows.found] == ["久无声明有限公司"]


@pytest.mark.parametrize("address", ["/", "/expiring/"])
def test_the_boards_lead_to_it(client, address):
    covering(factory.company(), 2020, 2020)
    assert 'href="/companies/?gap=12"' in read(client, address)
