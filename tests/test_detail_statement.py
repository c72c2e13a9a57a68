"""The page of one statement says every field, marks what is unsure or computed, and never leaves a blank."""

import datetime as dt
import re

import pytest

from certifications.models import Programme, StatementPolicy
from tests import factory
from tests.reading import read, words

pytestmark = pytest.mark.django_db


@pytest.fixture
def full():
    company = factory.company("苏州样例钢构有限公司", region=factory.region("320583"))
    body = factory.body("tuv-rheinland", lookup_url="https://register.example/?q={number}")
    return factory.statement(
        company=company,
        statement_type=factory.statement_type("product_carbon_footprint"),
        verification_body=body,
        products=[factory.product(company, "钢网架"), factory.product(company, "钢梁", model="B-2")],
        standards=[factory.standard("ISO 14067", "2018")],
        issued_on=dt.date(2026, 1, 14),
        valid_until=dt.date(2029, 1, 13),
        certificate_number="PCF 33/1",
        footprint_kgco2e="1834.5",
        declared_unit="t",
        system_boundary="cradle_to_gate",
        summary="两种产品获得碳足迹声明。",
        source_url="https://weekly.example/3",
        field_status={"system_boundary": "inferred", "issued_on": "confirmed"},
    )


def test_a_full_record_shows_every_field(client, full):
    page = words(read(client, full.get_absolute_url()))
    shown = (
        "苏州样例钢构有限公司",
        "江苏省苏州市昆山市",
        "钢网架",
        "钢梁 B-2",
        "TÜV莱茵",
        "ISO 14067:2018",
        "2026-01-14",
        "2029-01-13",
    )
    for text in (
        *shown,
        "PCF 33/1",
        "1,834.5 kgCO₂e/t",
        "cradle to gate",
        "两种产品获得碳足迹声明。",
        "https://weekly.example/3",
    ):
        assert text in page, text
    assert "苏州样例钢构有限公司: Product carbon footprint by TÜV莱茵 (2026-01-14)." in page


def test_unsure_fields_are_marked_and_sure_ones_are_not(client, full):
    page = words(read(client, full.get_absolute_url()))
    assert page.count(">inferred<") == 1
    assert re.search(r"cradle to gate</li> </ul> <span [^>]*>inferred<", page)


def test_the_official_register_is_one_click_away(client, full):
    page = read(client, full.get_absolute_url())
    assert 'href="https://register.example/?q=PCF%2033%2F1"' in page
    assert 'data-copy="PCF 33/1"' in page


def test_a_sparse_record_says_not_stated_instead_of_blanks(client):
    page = words(read(client, factory.statement(verification_body=None).get_absolute_url()))
    assert not re.search(r"<dd>\s*</dd>|<ul class=\"values\"> </ul>", page)
    for label in (
        "Products",
        "Verification body",
        "Certificate number",
        "Standards",
        "Issued on",
        "Valid until",
        "Emissions",
        "Region",
    ):
        assert re.search(rf"<dt>{label}</dt> <dd> <ul class=\"values\"> <li class=\"muted\">not stated<", page), label
    assert "by a body not stated (week of 2026-01-16)" in page
    assert "data-copy" not in page


def test_an_undisclosed_body_is_undisclosed_and_not_merely_unknown(client):
    page = words(read(client, factory.statement(is_body_undisclosed=True).get_absolute_url()))
    assert '<dt>Verification body</dt> <dd> <ul class="values"> <li class="muted">undisclosed<' in page
    assert "by a body not disclosed" in page


def test_a_computed_due_date_says_so(client, settings):
    computed = factory.statement(period_start=dt.date(2025, 1, 1), period_end=dt.date(2025, 12, 31))
    page = words(read(client, computed.get_absolute_url()))
    assert '<dt>Period covered</dt> <dd> <ul class="values"> <li>2025<' in page
    assert re.search(r"<dt>Due on</dt> <dd> .*?2026-12-31.*?>computed<", page)


def test_large_emissions_read_short_and_stay_exact_in_the_title(client):
    large = factory.statement(emissions_tco2e="123456.789")
    assert 'title="123,456.789 tCO₂e"' in read(client, large.get_absolute_url())
    client.cookies["django_language"] = "zh-hans"
    assert "12.35万 tCO₂e" in client.get(large.get_absolute_url()).content.decode()


def test_a_list_membership_shows_its_list_and_others_do_not(client, full):
    listed = factory.statement(
        statement_type=factory.statement_type("green_factory"),
        verification_body=None,
        programme=Programme.objects.create(slug="green-factory", name="绿色工厂名单"),
        batch="第九批",
        recognised_by=factory.issuing_body(),
    )
    page = words(read(client, listed.get_absolute_url()))
    assert "List membership" in page
    assert "第九批" in page
    assert "is on the list 绿色工厂名单, recognised by 江苏省工业和信息化厅" in page
    assert "List membership" not in read(client, full.get_absolute_url())


def test_links_to_policies_say_what_concerns_it_and_what_does_not(client, full):
    StatementPolicy.objects.create(statement=full, policy=factory.policy("奖励碳足迹认证"), note="对象")
    StatementPolicy.objects.create(statement=full, policy=factory.policy("与此无关"), concerns=False)
    gone = factory.policy("已删除的政策")
    StatementPolicy.objects.create(statement=full, policy=gone)
    gone.remove("twice")
    page = read(client, full.get_absolute_url())
    concerning, _heading, near = page.partition("Near, but not known to concern it")
    assert "奖励碳足迹认证" in concerning
    assert "entered by hand: 对象" in concerning
    assert "与此无关" in near
    assert "与此无关" not in concerning
    assert "已删除的政策" not in page


def test_nothing_but_web_addresses_becomes_a_link(client, full):
    type(full).objects.filter(pk=full.pk).update(source_url="javascript:alert(1)")
    full.verification_body.lookup_url = "javascript:alert(2)"
    full.verification_body.save()
    page = read(client, full.get_absolute_url())
    assert 'href="javascript' not in page
    assert "javascript:alert(1)" in page


def test_deleted_unknown_and_endless_ids_are_not_found(client, full):
    full.remove("entered twice")
    for key in (full.pk, 999, 2**63, "9" * 30, "9" * 5000):
        read(client, f"/statements/{key}/", status=404)


def test_only_staff_get_the_edit_link(client, full):
    address = f"/admin/certifications/verificationstatement/{full.pk}/change/"
    assert address not in read(client, full.get_absolute_url())
    assert address in read(client, full.get_absolute_url(), factory.user("editor"))


def test_the_number_of_queries_does_not_grow_with_the_record(client, full, django_assert_max_num_queries):
    for serial in range(8):
        full.products.add(factory.product(full.company, f"产品{serial}"))
        full.standards.add(factory.standard("GB/T 24067", str(2000 + serial)))
        StatementPolicy.objects.create(statement=full, policy=factory.policy())
    client.force_login(factory.user())
    with django_assert_max_num_queries(16):  # six for policies that it meets, two for its chain, one for attachments
        client.get(full.get_absolute_url())
