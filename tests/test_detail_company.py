"""The page of one company: its names, statements, timeline and gaps."""

import datetime as dt

import pytest
from django.utils import timezone

from certifications.models import CompanyName
from certifications.views import STATEMENTS_SHOWN
from tests import factory
from tests.reading import read, words

pytestmark = pytest.mark.django_db


@pytest.fixture
def company():
    company = factory.company("苏州样例超净科技有限公司", region=factory.region("320583"), industry=factory.industry())
    CompanyName.objects.create(company=company, name="样例超净", kind="short")
    factory.product(company, "洁净室")
    return company


def covering(company, year, **kwargs):
    period = {"period_start": dt.date(year, 1, 1), "period_end": dt.date(year, 12, 31), "issued_on": dt.date(year + 1, 3, 1)}
    return factory.statement(company=company, **period | kwargs)


def test_names_region_industry_and_products(client, company):
    page = words(read(client, company.get_absolute_url()))
    for text in ("样例超净", "short name", "江苏省苏州市昆山市", "C39 计算机、通信和其他电子设备制造业", "洁净室"):
        assert text in page, text
    assert "legal name unconfirmed" in page
    assert 'Unified social credit code</dt> <dd> <ul class="values"> <li class="muted">not stated' in page
    company.is_legal_name = True
    company.save()
    assert "legal name unconfirmed" not in read(client, company.get_absolute_url())


def test_a_company_of_which_only_the_name_is_known(client):
    page = words(read(client, factory.company().get_absolute_url()))
    assert "No statement of this company is known." in page
    assert "<h2>Gaps</h2>" not in page
    assert "<h2>Timeline</h2>" not in page


def test_statements_newest_first_and_the_rest_behind_a_link(client, company):
    for serial in range(STATEMENTS_SHOWN + 2):
        factory.statement(company=company, issued_on=dt.date(2020, 1, 1) + dt.timedelta(days=serial))
    page = words(read(client, company.get_absolute_url()))
    assert f'href="/statements/?company={company.pk}">all {STATEMENTS_SHOWN + 2} statements<' in page
    table = page[page.index("<tbody>") : page.index("</tbody>")]
    assert table.count("<tr>") == STATEMENTS_SHOWN
    assert table.index("2020-02-01") < table.index("2020-01-31")
    assert "2020-01-02" not in table


def test_a_missing_year_is_named(client, company):
    covering(company, 2023)
    covering(company, 2025)
    assert "GHG verification: no statement covers 2024." in read(client, company.get_absolute_url())
    covering(company, 2024)
    assert "no statement covers" not in read(client, company.get_absolute_url())


@pytest.mark.parametrize(
    ("today", "sentence"), [(dt.date(2026, 3, 1), None), (dt.date(2027, 4, 1), "No statement for 14 months.")]
)
def test_a_long_silence_is_named(client, company, monkeypatch, today, sentence):
    factory.statement(company=company, issued_on=dt.date(2026, 2, 1))
    monkeypatch.setattr(timezone, "localdate", lambda *args: today)
    page = read(client, company.get_absolute_url())
    assert (sentence in page) if sentence else ("No statement for" not in page)


def test_the_timeline_shows_what_falls_due_next_and_not_what_was_followed_up(client, company):
    covering(company, 2024)
    covering(company, 2025)
    page = words(read(client, company.get_absolute_url()))
    timeline = page[page.index('<ol class="timeline">') :]
    assert timeline.index("2026-12-31") < timeline.index("2026-03-01") < timeline.index("2025-03-01")
    assert "2025-12-31" not in timeline[: timeline.index("</ol>")]


def test_deleted_and_unknown_companies_are_not_found(client, company):
    company.remove("entered twice")
    for key in (company.pk, 999, 2**63):
        read(client, f"/companies/{key}/", status=404)


def test_the_number_of_queries_does_not_grow_with_the_statements(client, company, django_assert_max_num_queries):
    for serial in range(12):
        made = covering(company, 2000 + serial, verification_body=factory.body(f"body-{serial}"))
        made.products.add(factory.product(company, f"产品{serial}"))
    client.force_login(factory.user())
    with django_assert_max_num_queries(13):
        client.get(company.get_absolute_url())
