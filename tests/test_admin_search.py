"""Choices and lists of the admin: found by every key, literally, within limits; hostile addresses get a message."""

import pytest
from django.urls import reverse

from certifications.models import BodyAlias, CompanyName
from policies.models import IssuingBodyAlias
from tanxun.regions.models import Region
from tests import factory

pytestmark = pytest.mark.django_db

COMPANIES = "admin:certifications_company_changelist"
STATEMENTS = "admin:certifications_verificationstatement_changelist"


@pytest.fixture(autouse=True)
def editor(client, db):
    user = factory.user("editor")
    client.force_login(user)
    return user


def choices(client, model, field, term, **more):
    app, name = model.split(".")
    query = {"term": term, "app_label": app, "model_name": name, "field_name": field} | more
    response = client.get(reverse("admin:autocomplete"), query)
    assert response.status_code == 200
    return [row["text"] for row in response.json()["results"]]


@pytest.mark.parametrize(
    "term", ["海尔智家", "海尔", "卡萨帝", "91370200264574251e", "hezj", "haier", "ksd", "ＨＡＩＥＲ", "海爾"]
)
@pytest.mark.parametrize("field", ["company", "consultant"])
def test_a_company_is_found_by_every_key(client, term, field):
    company = factory.company("海尔智家股份有限公司", credit_code="91370200264574251E")
    CompanyName.objects.create(company=company, name="卡萨帝", kind="brand")
    factory.company("苏州另一家科技有限公司")
    assert choices(client, "certifications.verificationstatement", field, term) == ["海尔智家股份有限公司 · 91370200264574251E"]


def test_bodies_topics_types_standards_and_issuers_are_found_by_alias_and_initials(client):
    statement = "certifications.verificationstatement"
    body = factory.body("tuv-rheinland", full_name="莱茵技术监督服务有限公司")
    BodyAlias.objects.create(body=body, name="德国莱茵")
    for term in ("莱茵", "德国莱茵", "tuv-rhein", "技术监督"):
        assert choices(client, statement, "verification_body", term) == ["TÜV莱茵"]
    factory.statement_type("product_carbon_footprint")
    factory.statement_type("ghg_verification")
    for term in ("足迹", "cptzj", "footprint"):
        assert choices(client, statement, "statement_type", term) == ["产品碳足迹"]
    factory.standard("GB/T 24067", "2024", title="产品碳足迹量化要求和指南")
    for term in ("24067", "gb/t24067", "量化要求", "lhyq"):
        assert choices(client, statement, "standards", term) == ["GB/T 24067-2024"]
    issuer = factory.issuing_body("工业和信息化部")
    IssuingBodyAlias.objects.create(body=issuer, name="工信部")
    for term in ("工信部", "gyhxxhb", "信息化"):
        assert choices(client, "policies.policyissuer", "body", term) == ["工业和信息化部"]
    factory.topic()
    assert choices(client, "policies.policy", "topics", "cptzj") == ["产品碳足迹"]
    factory.industry()
    assert choices(client, "policies.policy", "industries", "jsj") == ["C39 计算机、通信和其他电子设备制造业"]


def test_a_region_is_named_with_what_is_above_it(client):
    factory.region("320583")
    Region.objects.filter(code="320583").update(pinyin="kunshan", pinyin_initials="ks")
    for term in ("昆山", "kunshan", "320583"):
        assert choices(client, "certifications.company", "region", term) == ["江苏省苏州市昆山市"]


def test_products_are_those_of_the_chosen_company(client):
    ours, theirs = factory.company("昆山甲有限公司"), factory.company("昆山乙有限公司")
    factory.product(ours)
    factory.product(theirs)
    field = ("certifications.verificationstatement", "products")
    for term in ("路由器", "lyq"):
        assert choices(client, *field, term, company=ours.pk) == ["路由器 · 昆山甲有限公司"]
    assert len(choices(client, *field, "路由器")) == 2
    for odd in ("abc", "9" * 40, "\0", "²"):
        assert len(choices(client, *field, "路由器", company=odd)) == 2


def test_signs_of_patterns_are_plain_signs(client):
    factory.company("百分百%有限公司")
    factory.company("下划_线有限公司")
    assert choices(client, "certifications.verificationstatement", "company", "%") == ["百分百%有限公司"]
    assert choices(client, "certifications.verificationstatement", "company", "_") == ["下划_线有限公司"]


@pytest.mark.parametrize("term", ["字" * 201, " ".join("a" * 11), "\0", "a" * 100_000])
def test_an_endless_or_broken_term_finds_nothing_and_breaks_nothing(client, term):
    factory.company("a")
    assert choices(client, "certifications.verificationstatement", "company", term) == []
    response = client.get(reverse(COMPANIES), {"q": term}, follow=True)
    assert response.status_code == 200
    assert len(response.context["messages"]) == 1


@pytest.mark.parametrize(
    "query",
    [
        "title=%00",
        "name__regex=(",
        "name=%00",
        "company__name__regex=(",
        "issued_on__year=" + "9" * 30,
        "dated_on__year=" + "9" * 30,
        "dated_on__gte=abc",
        "dated_on__gte=2026-01-01&dated_on__lt=%00",
        "register_status__exact=%00",
        "statement_type__id__exact=abc",
        "history__history_user__password__startswith=a",
        "created_at__gte=0001-01-01",
        "e=1",
    ],
)
def test_an_address_that_the_list_does_not_know_is_answered_with_a_message(client, query):  # ADM-11
    factory.statement()
    factory.statement(statement_type=factory.statement_type("carbon_label"))
    response = client.get(f"{reverse(STATEMENTS)}?{query}", follow=True)
    assert response.status_code == 200
    assert len(response.context["messages"]) == 1


@pytest.mark.parametrize(
    "query", ["o=" + "9" * 30, "o=1.1.-2.x", "p=" + "9" * 30, "p=x", "deleted=%E5%95%8A", "unsure=maybe", "body=x", "all="]
)
def test_other_oddities_do_no_harm(client, query):
    factory.statement()
    assert client.get(f"{reverse(STATEMENTS)}?{query}", follow=True).status_code == 200


@pytest.mark.parametrize("key", ["%00", "9" * 30, "_00", "abc", "0"])
@pytest.mark.parametrize("page", ["change", "delete", "history"])
@pytest.mark.parametrize("model", ["certifications_company", "regions_region", "certifications_standard"])
def test_a_record_that_cannot_exist_is_a_message(client, model, page, key):  # ADM-10
    start = reverse(f"admin:{model}_changelist")
    response = client.get(f"{start}{key}/{page}/", follow=True)
    assert response.status_code in (200, 403)
    if response.status_code == 200:
        assert len(response.context["messages"]) == 1


@pytest.mark.parametrize(
    "query", ["company=abc", "products=1,abc," + "9" * 30, "company=%00", "issued_on=%00", "categories=x", "sureness=x"]
)
def test_odd_prefilled_forms_open(client, query):
    assert client.get(f"{reverse('admin:certifications_verificationstatement_add')}?{query}").status_code == 200


@pytest.mark.parametrize("key", ["abc", "9" * 30, "\0"])
def test_odd_selections_are_refused(client, key):
    response = client.post(reverse(COMPANIES), {"action": "restore_selected", "_selected_action": [key]}, follow=True)
    assert response.status_code == 200
    assert len(response.context["messages"]) == 1


def test_a_search_of_the_list_finds_by_initials(client):
    wanted = factory.statement(company=factory.company("海尔智家股份有限公司"))
    factory.statement()
    found = client.get(reverse(STATEMENTS), {"q": "hezj"}).context["cl"].result_list
    assert [row.pk for row in found] == [wanted.pk]


def test_companies_of_a_province_are_those_of_its_towns_too(client):
    wanted = factory.company(region=factory.region("320583"))
    factory.company(region=factory.region("330100"))
    found = client.get(reverse(COMPANIES), {"province": "320000"}).context["cl"].result_list
    assert [row.pk for row in found] == [wanted.pk]
