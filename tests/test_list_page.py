"""The HTML of a list: what stands in its cells, who sees what, and how it is walked."""

import datetime as dt

import pytest
from django.conf import settings

from policies.models import PolicyDocument
from tests import factory as f

pytestmark = pytest.mark.django_db


@pytest.fixture
def reader(client):
    client.force_login(f.user("reader"))
    client.cookies["django_language"] = "en"
    return client


def page(client, address):
    response = client.get(address)
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def cell(html, label):
    """The text of the first cell with that label, without tags."""
    part = html.split(f'data-label="{label}">')[1].split("</td>")[0]
    return " ".join(part.replace("<", " <").replace(">", "> ").split())


def test_an_undisclosed_body_says_so_and_a_list_membership_says_who_recognised_it(reader):
    f.statement(verification_body=None, is_body_undisclosed=True)
    assert cell(page(reader, "/statements/"), "Verification body") == "undisclosed"
    kind = f.statement_type("green_factory")
    f.statement(
        verification_body=None,
        statement_type=kind,
        recognised_by=f.issuing_body(),
        issued_on=dt.date(2026, 2, 1),
        source_on=dt.date(2026, 2, 1),
    )
    assert "江苏省工业和信息化厅" in cell(page(reader, "/statements/?type=green_factory"), "Verification body")


def test_unknown_values_read_not_stated(reader):
    f.statement()
    html = page(reader, "/statements/")
    for label in ("Products", "Region", "Certificate number", "Emissions (tCO₂e)"):
        assert "not stated" in cell(html, label)


def test_a_date_known_to_the_week_only_is_marked(reader):
    f.statement(source_on=dt.date(2026, 1, 16))
    assert "that week" in cell(page(reader, "/statements/"), "Date")
    f.statement(issued_on=dt.date(2026, 3, 2))
    html = page(reader, "/statements/?issued_after=2026-03-01")
    assert cell(html, "Date") == "2026-03-02"


def test_a_computed_validity_is_marked_and_figures_have_thousands(reader):
    f.statement(period_end=dt.date(2099, 12, 31), emissions_tco2e="1204567.5000")
    html = page(reader, "/statements/")
    assert "badge valid" in cell(html, "Validity")
    assert "computed" in cell(html, "Validity")
    assert cell(html, "Emissions (tCO₂e)") == "1,204,567.5"
    assert "tCO₂e" in html


def test_products_and_issuing_bodies_stand_in_order_with_the_number_not_named(reader):
    company = f.company()
    f.statement(company=company, products=[f.product(company, "乙产品"), f.product(company, "丙产品")])
    assert cell(page(reader, "/statements/"), "Products") == "乙产品, 丙产品"
    leading, second = f.issuing_body("样例甲厅"), f.issuing_body("样例乙厅")
    made = f.policy(issuers=[second, leading], declared_issuer_count=9)
    PolicyDocument.objects.create(policy=made, title="样例方案")
    html = page(reader, "/policies/")
    assert cell(html, "Issuing bodies").startswith("样例乙厅, 样例甲厅")
    assert "and 7 not named" in cell(html, "Issuing bodies")
    assert cell(html, "Documents") == "《样例方案》"


def test_types_and_topics_speak_the_readers_language(reader):
    f.statement()
    assert "GHG verification" in cell(page(reader, "/statements/"), "Type")
    reader.cookies["django_language"] = "zh-hans"
    assert "温室气体核查" in page(reader, "/statements/")


def test_every_value_set_is_a_chip_that_takes_only_itself_away(reader):
    f.statement()
    response = reader.get("/statements/?type=ghg_verification&region=320000&region=330000&page=1")
    chips = response.context["chips"]
    assert [chip.words for chip in chips] == ["GHG verification", "Jiangsu", "Zhejiang"]
    assert chips[1].address == "type=ghg_verification&region=330000"


def test_what_the_form_does_not_show_is_carried_along(reader):
    company = f.company()
    html = page(reader, f"/statements/?company={company.pk}&sort=-company&per_page=50&columns=company,type")
    for name, value in (("company", company.pk), ("sort", "-company"), ("per_page", 50), ("columns", "company,type")):
        assert f'<input type="hidden" name="{name}" value="{value}">' in html


def test_heads_say_how_the_list_is_sorted_and_lead_to_the_other_way(reader):
    f.statement()
    html = page(reader, "/statements/?sort=company&q=")
    assert 'aria-sort="ascending"> <a href="?sort=-company">' in html
    assert 'aria-sort="none"> <a href="?sort=dated_on">' in html


def test_an_empty_list_says_what_to_do_next(reader):
    assert "Clear all" in page(reader, "/statements/?q=样")
    assert "newsletter" in page(reader, "/statements/")


def test_a_choice_made_in_the_form_leaves_a_clean_address(reader):
    f.statement()
    response = reader.get("/statements/?q=&type=ghg_verification&region=", headers={"HX-Request": "true"})
    assert response.headers["HX-Push-Url"] == "/statements/?type=ghg_verification"


def test_strangers_are_sent_to_sign_in_or_refused(client):
    f.statement(company=f.company("不可外泄企业"))
    response = client.get("/statements/?type=ghg_verification")
    assert response.status_code == 302
    assert response["Location"] == "/accounts/login/?next=/statements/%3Ftype%3Dghg_verification"
    assert client.get("/statements.csv").status_code == client.get("/statements.xlsx").status_code == 401


def test_parameters_are_checked_before_rights(client):
    assert client.get("/statements/?nonsense=1").status_code == 400
    assert client.get("/statements.csv?nonsense=1").status_code == 400
    assert '<form method="get" action="/statements/" aria' not in client.get("/statements/?nonsense=1").content.decode()


@pytest.mark.parametrize(("role", "status"), [("reader", 403), ("consultant", 403), ("editor", 403), ("manager", 200)])
def test_only_managers_export_and_only_they_see_the_buttons(client, role, status):
    f.statement()
    client.force_login(f.user(role))
    for ending in ("csv", "xlsx"):
        assert client.get(f"/statements.{ending}").status_code == status
        assert (f'href="/statements.{ending}?q=%E6%A0%B7"' in page(client, "/statements/?q=样")) is (status == 200)


def test_public_read_opens_the_page_but_not_the_files(client, settings):
    settings.PUBLIC_READ = True
    f.statement()
    assert client.get("/statements/").status_code == 200
    assert client.get("/statements.csv").status_code == 401


@pytest.mark.parametrize("address", ["/statements/", "/statements.csv", "/policies.xlsx"])
def test_only_get_and_head_are_answered(client, address):
    client.force_login(f.user("manager"))
    for verb in ("post", "put", "delete", "patch", "options"):
        assert getattr(client, verb)(address).status_code == 405
    assert client.head(address).status_code == 200


def test_every_list_has_its_name():
    assert settings.LIST_PAGES == "tanxun.urls.PAGES"


def test_standards_stand_with_their_edition(client):
    client.force_login(f.user("manager"))
    f.statement(standards=[f.standard(), f.standard("GB/T 24067", "2024"), f.standard("PAS 2060", "")])
    f.statement()
    text = b"".join(client.get("/statements.csv").streaming_content).decode("utf-8-sig")
    assert "GB/T 24067-2024、ISO 14064-1:2018、PAS 2060" in text


def test_a_figure_has_its_unit_on_a_card_and_in_a_chip(reader):
    company = f.company("静默样例有限公司")
    f.statement(company=company, issued_on=dt.date(2020, 1, 1), emissions_tco2e=2594)
    assert "2,594" in cell(page(reader, "/statements/"), "Emissions (tCO₂e)")
    assert [chip.words for chip in reader.get("/companies/?gap=12&statements_min=1").context["chips"]] == ["12 months", "1"]


def test_nothing_found_has_nothing_to_mark_as_seen(reader):
    address = "/statements/?q=没有这样的词语"
    reader.post("/statements/seen/", {"all": "1"})
    f.statement()
    assert 'action="/statements/seen/"' in page(reader, "/statements/?type=ghg_verification")
    assert 'action="/statements/seen/"' not in page(reader, address)
