"""The page of one company: names, statements as bars over years, gaps, products, peers, policies."""

import datetime as dt
import re

import pytest
from django.utils import timezone
from lxml import html

from certifications.models import CompanyName, VerificationStatement
from certifications.views import STATEMENTS_READ, STATEMENTS_SHOWN
from tests import factory
from tests.reading import listed, read, select, words

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
    assert '<svg class="bars"' not in page


def test_statements_newest_first_and_the_rest_behind_a_link(client, company):
    for serial in range(STATEMENTS_SHOWN + 2):
        factory.statement(company=company, issued_on=dt.date(2020, 1, 1) + dt.timedelta(days=serial))
    page = words(read(client, company.get_absolute_url()))
    assert f'href="/statements/?company={company.pk}">all {STATEMENTS_SHOWN + 2} statements<' in page
    table = page[page.index("<tbody>") : page.index("</tbody>")]
    assert table.count("<tr>") == STATEMENTS_SHOWN
    assert table.index("2020-02-01") < table.index("2020-01-31")
    assert "2020-01-02" not in table


def test_a_list_that_it_is_on_is_shown_however_many_statements_are_newer(client, company):
    listed_as = {"statement_type": factory.statement_type("green_factory"), "verification_body": None}
    factory.statement(company=company, issued_on=dt.date(2019, 1, 1), batch="第三批", **listed_as)
    values = {"statement_type": factory.statement_type(), "is_body_undisclosed": True, "source_on": dt.date(2026, 1, 1)}
    rows = [VerificationStatement(company=company, **values) for _each in range(STATEMENTS_READ + 1)]
    VerificationStatement.objects.bulk_create(rows)
    assert "第三批" in read(client, company.get_absolute_url())


def test_missing_years_are_named(client, company, monkeypatch):
    monkeypatch.setattr(timezone, "localdate", lambda *args: dt.date(2026, 3, 16))
    covering(company, 2023)
    covering(company, 2025)
    assert "GHG verification: has 2023, 2025; 2024 missing." in read(client, company.get_absolute_url())
    covering(company, 2024)
    assert "missing." not in read(client, company.get_absolute_url())


def test_years_after_the_last_covered_one_are_missing_once_their_statement_is_a_cycle_late(client, company, monkeypatch):
    for year in (2019, 2020, 2021):
        covering(company, year)
    monkeypatch.setattr(timezone, "localdate", lambda *args: dt.date(2025, 12, 31))
    assert "has 2019–2021; 2022, 2023 missing." in read(client, company.get_absolute_url())
    monkeypatch.setattr(timezone, "localdate", lambda *args: dt.date(2026, 1, 1))
    assert "has 2019–2021; 2022–2024 missing." in read(client, company.get_absolute_url())


@pytest.mark.parametrize(
    ("today", "sentence"),
    [
        (dt.date(2026, 3, 1), None),
        (dt.date(2027, 1, 31), None),
        (dt.date(2027, 2, 1), "No statement for 12 months."),
        (dt.date(2027, 4, 1), "No statement for 14 months."),
    ],
)
def test_a_long_silence_is_named(client, company, monkeypatch, today, sentence):
    factory.statement(company=company, issued_on=dt.date(2026, 2, 1))
    monkeypatch.setattr(timezone, "localdate", lambda *args: today)
    page = read(client, company.get_absolute_url())
    assert (sentence in page) if sentence else ("No statement for" not in page)
    assert listed("/companies/?gap=12") == bool(sentence)


def chart(client, company):
    """The drawing of a company's page, as a tree."""
    page = html.fromstring(read(client, company.get_absolute_url()))
    return select(page, "svg.bars")[0]


def numbers(element, *names):
    return [float(element.get(name).rstrip("%")) for name in names]


def test_a_period_is_a_bar_over_its_year_with_a_mark_where_the_next_is_due(client, company, monkeypatch):
    monkeypatch.setattr(timezone, "localdate", lambda *args: dt.date(2026, 7, 2))
    covering(company, 2023)
    latest = covering(company, 2025)
    drawing = chart(client, company)
    years = {text.text: numbers(text, "x")[0] for text in select(drawing, "text.year")}
    assert list(years) == ["2023", "2024", "2025", "2026"]
    bars = [numbers(bar, "x", "width") for bar in select(drawing, "rect.bar")]
    assert [bar[0] for bar in bars] == [years["2023"], years["2025"]]
    assert all(bar[1] == pytest.approx(25, abs=0.2) for bar in bars)
    assert [numbers(gap, "x")[0] for gap in select(drawing, "rect.missing")] == [years["2024"]]
    assert numbers(select(drawing, "line.due")[0], "x1")[0] == pytest.approx(100, abs=0.2)
    assert numbers(select(drawing, "line.now")[0], "x1")[0] == pytest.approx(87.5, abs=0.2)
    assert [link.get("href") for link in select(drawing, "a")][-1] == latest.get_absolute_url()
    assert select(drawing, "a")[-1].get("aria-label") == "GHG verification · 2025-01-01 – 2025-12-31 · valid"


def test_every_kind_of_statement_has_its_bar(client, company, monkeypatch):
    monkeypatch.setattr(timezone, "localdate", lambda *args: dt.date(2026, 7, 2))
    label, listed_, footprint = (
        factory.statement_type(slug) for slug in ("carbon_label", "green_factory", "product_carbon_footprint")
    )
    ended = {"issued_on": dt.date(2023, 1, 1), "valid_until": dt.date(2025, 1, 1)}
    factory.statement(company=company, statement_type=label, **ended)
    factory.statement(company=company, statement_type=label, **ended | {"issued_on": dt.date(2024, 1, 1)})
    factory.statement(company=company, statement_type=listed_, issued_on=dt.date(2024, 1, 1), verification_body=None)
    factory.statement(company=company, statement_type=footprint, issued_on=dt.date(2025, 6, 1))
    drawing = chart(client, company)
    assert len(select(drawing, "rect.bar.expired")) == 2
    tops = {bar.get("y") for bar in select(drawing, "rect.bar.expired")}
    assert len(tops) == 2, "two that overlap stand in two rows"
    still_listed = select(drawing, "rect.bar.open")[0]
    assert sum(numbers(still_listed, "x", "width")) == pytest.approx(numbers(select(drawing, "line.now")[0], "x1")[0], abs=0.1)
    assert len(select(drawing, "path.bar.undated")) == 1
    assert [text.text for text in select(drawing, "text.lane")] == ["Product carbon footprint", "Green factory", "Carbon label"]


def test_the_axis_ends_with_the_last_years_and_says_so(client, company):
    for year in range(1996, 2026):
        covering(company, year)
    page = read(client, company.get_absolute_url())
    assert "Older ones stand in the list." in page
    drawing = select(html.fromstring(page), "svg.bars")[0]
    assert len(select(drawing, "text.year")) <= 8
    assert all(0 <= number <= 100 for bar in select(drawing, "rect.bar") for number in numbers(bar, "x", "width"))


def counted(page):
    """{address: figure} of the peers and the list links of a page."""
    page = words(page)
    found = re.findall(r'<li><a href="([^"]+)">[^<]*</a> <span class="number">(\d+)<', page)
    found += re.findall(r'<a href="([^"]+)">(?:all )?(\d+) (?:statement|polic)', page)
    return {url.replace("&amp;", "&"): int(count) for url, count in found}


def test_peers_and_policies_equal_the_lists_they_lead_to(client, company):
    topic = factory.topic("ghg", "温室气体核算")
    kind = factory.statement_type("ghg_verification", topic=topic)
    factory.statement(company=company, statement_type=kind)
    for place, trade, count in (("320583", "C39", 3), ("320000", "C39", 2), ("320583", "C17", 4), ("330100", "C39", 1)):
        for _each in range(count):
            peer = factory.company(region=factory.region(place), industry=factory.industry(trade))
            factory.statement(company=peer, statement_type=kind)
    factory.company("没有声明", region=factory.region("320583"))
    for place in ("320583", "320000", "330000", None):
        where = {"region": factory.region(place) if place != "330000" else factory.region("330000")} if place else {}
        factory.policy(topics=[topic, factory.topic()], **where)
        factory.policy(topics=[factory.topic()], **where)
    board = counted(read(client, company.get_absolute_url()))
    for url, count in board.items():
        assert listed(url) == count, url
    assert board["/companies/?region=320583&industry=C39"] == 4
    assert board["/companies/?region=320000&industry=C39"] == 6
    assert board["/companies/?region=320583"] == 8
    assert board["/companies/?industry=C39"] == 7
    assert board[f"/policies/?company={company.pk}"] == 6
    assert board[f"/statements/?company={company.pk}"] == 1


def test_the_peers_of_a_company_of_a_whole_section_are_those_of_its_divisions_too(client):
    section = factory.industry("C39").parent
    made = factory.statement(company=factory.company(region=factory.region(), industry=section))
    factory.statement(company=factory.company(region=factory.region(), industry=factory.industry("C39")))
    board = counted(read(client, made.company.get_absolute_url()))
    assert board["/companies/?industry=C"] == listed("/companies/?industry=C") == 2
    assert board["/companies/?region=320583&industry=C"] == 2


def test_without_a_place_only_national_policies_are_offered(client):
    topic = factory.topic("ghg", "温室气体核算")
    made = factory.statement(statement_type=factory.statement_type("ghg_verification", topic=topic))
    factory.policy("全国样例政策", topics=[topic])
    factory.policy("江苏样例政策", topics=[topic], region=factory.region("320000"))
    page = read(client, made.company.get_absolute_url())
    assert "全国样例政策" in page
    assert "江苏样例政策" not in page
    asked = f"/policies/?company={made.company.pk}"
    assert counted(page)[asked] == listed(asked) == 1
    assert "Peers with statements" not in page


def test_only_managers_are_led_to_the_history(client, company):
    address = f"/admin/certifications/company/{company.pk}/history/"
    for role, sees in (("reader", False), ("editor", False), ("manager", True)):
        assert (address in read(client, company.get_absolute_url(), factory.user(role))) is sees


def test_deleted_and_unknown_companies_are_not_found(client, company):
    company.remove("entered twice")
    for key in (company.pk, 999, 2**63):
        read(client, f"/companies/{key}/", status=404)


def test_the_number_of_queries_does_not_grow_with_the_statements(client, company, django_assert_max_num_queries):  # LOAD-07
    for serial in range(12):
        made = covering(company, 2000 + serial, verification_body=factory.body(f"body-{serial}"))
        made.products.add(factory.product(company, f"产品{serial}"))
    # Two each for signing in, rights and the news; six for policies; one for its lists, one for its peers, which is kept;
    # one for its attachments; of staff one more each for whether they follow it and may merge it.
    for role, queries in (("reader", 18), ("editor", 21)):
        client.force_login(factory.user(role))
        with django_assert_max_num_queries(queries):
            client.get(company.get_absolute_url())
