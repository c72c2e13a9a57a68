"""Two editors of one record: the second is told what the first changed, keeps what was typed, and decides."""

import re
import threading

import pytest
from django.db import connection
from django.urls import reverse

from certifications.models import Company, CompanyName, VerificationStatement
from policies.models import Policy, PolicyDocument, Topic
from tests import factory

pytestmark = pytest.mark.django_db


@pytest.fixture
def editor(client):
    user = factory.user("editor", display_name="张三")
    client.force_login(user)
    client.cookies["django_language"] = "en"
    return user


@pytest.fixture
def other():
    """Another editor's browser."""
    from django.test import Client

    client = Client()
    client.force_login(factory.user("editor", display_name="李四"))
    return client


def opened(client, obj):
    """(address, what the form would send) of the open change form of `obj`."""
    address = reverse(f"admin:{obj._meta.app_label}_{obj._meta.model_name}_change", args=[obj.pk])
    response = client.get(address)
    forms = [response.context["adminform"].form]
    for inline in response.context["inline_admin_formsets"]:
        forms += [inline.formset.management_form, *inline.formset.forms]
    values = {}
    for form in forms:
        for field in form:
            value = field.value()
            keys = [getattr(each, "pk", each) for each in value] if isinstance(value, list) else value
            if (not isinstance(value, dict | bool) and value is not None) or value is True:
                values[field.html_name] = keys
    hidden = re.search(r'name="version" value="([0-9.]+)"', response.content.decode())
    return address, values | {"version": hidden.group(1)}


def told(response):
    assert response.status_code == 200
    return "\n".join(response.context["adminform"].form.non_field_errors())


def test_the_second_editor_is_told_and_nothing_typed_is_lost(client, other, editor):
    """ADM-03."""
    company = factory.company("昆山样例电子有限公司", region=factory.region("320583"))
    factory.region("330100")
    address, mine = opened(client, company)
    _, theirs = opened(other, company)
    assert other.post(address, theirs | {"region": "330100", "website": "https://theirs.example/"}).status_code == 302
    response = client.post(address, mine | {"name": "昆山样例电子股份有限公司"})
    error = told(response)
    assert "李四" in error
    assert "昆山市 → 杭州市" in error
    assert "https://theirs.example/" in error
    page = response.content.decode()
    assert 'value="昆山样例电子股份有限公司"' in page
    company.refresh_from_db()
    assert (company.name, company.region_id) == ("昆山样例电子有限公司", "330100")
    again = re.search(r'name="version" value="([0-9.]+)"', page).group(1)
    assert client.post(address, mine | {"name": "昆山样例电子股份有限公司", "version": again}).status_code == 302
    company.refresh_from_db()
    assert (company.name, company.region_id) == ("昆山样例电子股份有限公司", "320583")


def test_one_editor_saves_as_often_as_needed(client, editor):
    company = factory.company()
    for name in ("甲", "乙"):
        address, mine = opened(client, company)
        assert client.post(address, mine | {"name": name}).status_code == 302
    assert Company.objects.get().name == "乙"


def test_a_save_that_changed_nothing_and_new_parts_disturb_nobody(client, other, editor):
    company = factory.company()
    address, mine = opened(client, company)
    assert other.post(address, mine).status_code == 302
    factory.product(company)
    assert client.post(address, mine | {"name": "改名"}).status_code == 302
    assert Company.objects.get().name == "改名"


def test_products_topics_and_choices_changed_meanwhile_are_named(client, other, editor):
    company = factory.company()
    kind = factory.statement_type("product_carbon_footprint")
    statement = factory.statement(company=company, statement_type=kind, products=[factory.product(company, "路由器")])
    address, mine = opened(client, statement)
    changed = {"products": [factory.product(company, "网关").pk], "register_status": "suspended"}
    assert other.post(address, mine | changed).status_code == 302
    error = told(client.post(address, mine | {"summary": "样例"}))
    assert "路由器 → 网关" in error
    assert "unknown → suspended" in error
    assert VerificationStatement.objects.get().register_status == "suspended"


def test_a_confirmed_field_is_not_made_unsure_again(client, editor):
    statement = factory.statement(field_status={"company": "inferred"})
    address, mine = opened(client, statement)
    VerificationStatement.objects.get().save()
    row = VerificationStatement.objects.get()
    row.field_status = {"company": "confirmed"}
    row.save()
    assert told(client.post(address, mine | {"sureness-company": "inferred"}))
    statement.refresh_from_db()
    assert statement.field_status == {"company": "confirmed"}


def test_a_part_changed_on_its_own_page_is_not_turned_back(client, editor):
    company = factory.company()
    CompanyName.objects.create(company=company, name="样例")
    product = factory.product(company, "路由器")
    address, mine = opened(client, company)
    product.name = "网关"
    product.save()
    assert "路由器 → 网关" in told(client.post(address, mine | {"name": "改名"}))
    product.refresh_from_db()
    assert product.name == "网关"


def test_parts_of_a_policy_and_small_tables_are_watched_too(client, other, editor):
    policy = factory.policy(issuers=[factory.issuing_body()])
    document = PolicyDocument.objects.create(policy=policy, title="样例方案")
    address, mine = opened(client, policy)
    assert other.post(address, mine | {"documents-0-title": "样例行动方案"}).status_code == 302
    assert "样例方案 → 样例行动方案" in told(client.post(address, mine | {"headline": "改过"}))
    document.refresh_from_db()
    assert (document.title, Policy.objects.get().headline) == ("样例行动方案", policy.headline)
    topic = factory.topic()
    address, mine = opened(client, topic)
    assert other.post(address, mine | {"definition": "<b>甲</b>"}).status_code == 302
    response = client.post(address, mine | {"definition": "乙"})
    assert "– → <b>甲</b>" in told(response)
    assert "– → &lt;b&gt;甲&lt;/b&gt;" in response.content.decode()
    assert Topic.objects.get().definition == "<b>甲</b>"


@pytest.mark.parametrize("version", ["", "x", "1.2", "9" * 40, "\0", "1.1.1.1", "-1"])
def test_an_odd_version_does_no_harm(client, editor, version):
    topic = factory.topic()
    address, mine = opened(client, topic)
    assert client.post(address, mine | {"version": version, "definition": "乙"}).status_code == 302


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif("connection.vendor == 'sqlite'", reason="an in-memory SQLite database is not shared by threads")
def test_of_two_who_save_at_once_one_is_told(client, other, editor):
    """ADM-03, on a server."""
    company = factory.company()
    address, mine = opened(client, company)
    answers = []

    def save(browser, name):
        answers.append(browser.post(address, mine | {"name": name}).status_code)
        connection.close()

    threads = [threading.Thread(target=save, args=args) for args in ((client, "甲"), (other, "乙"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [200, 302]
