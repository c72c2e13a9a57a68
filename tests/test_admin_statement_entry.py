"""An editor enters statements in the admin: the sentence, new products, duplicates, one record for one form."""

import datetime as dt
import threading
import uuid

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from certifications.models import Product, StatementPolicy, VerificationStatement
from policies.models import Policy
from tests import factory

ADD = "admin:certifications_verificationstatement_add"
CHANGE = "admin:certifications_verificationstatement_change"


@pytest.fixture
def editor(client, db):
    user = factory.user("editor")
    client.force_login(user)
    return user


def sentence(company, **more):
    """What the form sends for the news sentence; `more` overrides and adds."""
    values = {
        "company": company.pk,
        "statement_type": factory.statement_type("product_carbon_footprint").pk,
        "verification_body": factory.body().pk,
        "issued_on": "2026-01-12",
        "source_on": "2026-01-16",
        "initial-source_on": "2026-01-16",
        "register_status": "unknown",
        "policy_links-TOTAL_FORMS": 0,
        "policy_links-INITIAL_FORMS": 0,
    }
    return values | more


def said(response):
    return " ".join(str(message) for message in response.context["messages"])


def test_the_sentence_becomes_a_record_with_its_editor_in_the_history(client, editor):
    company = factory.company(region=factory.region("320583"))
    known = factory.product(company, "路由器")
    response = client.post(reverse(ADD), sentence(company, products=[known.pk], new_products="智能网关、 机顶盒;路由器"))
    assert response.status_code == 302
    made = VerificationStatement.objects.get()
    assert {product.name for product in made.products.all()} == {"路由器", "智能网关", "机顶盒"}
    assert Product.objects.count() == 3
    assert (made.region_id, made.province_id) == ("320583", "320000")
    assert made.dated_on == dt.date(2026, 1, 12)
    assert made.history.latest().history_user == editor
    assert made.history.earliest().history_type == "+"


def test_an_undisclosed_body_stays_undisclosed_and_an_empty_one_is_asked_for(client, editor):
    company = factory.company()
    refused = client.post(reverse(ADD), sentence(company, verification_body=""))
    assert "verification_body" in refused.context["adminform"].form.errors
    client.post(reverse(ADD), sentence(company, verification_body="", is_body_undisclosed="on"))
    made = VerificationStatement.objects.get()
    assert made.is_body_undisclosed
    assert made.verification_body is None


def test_a_duplicate_is_shown_beside_the_entry_and_saved_only_on_purpose(client, editor):
    company = factory.company("昆山样例电子有限公司")
    product = factory.product(company)
    first = factory.statement(
        company=company,
        products=[product],
        statement_type=factory.statement_type("product_carbon_footprint"),
        issued_on=dt.date(2025, 12, 1),
        certificate_number="SG26/007",
    )
    entry = sentence(company, products=[product.pk], new_products="网关", summary="刚刚写下的话")
    page = client.post(reverse(ADD), entry)
    assert page.status_code == 200
    text = page.content.decode()
    assert VerificationStatement.objects.count() == 1
    assert Product.objects.count() == 1
    assert "SG26/007" in text
    assert reverse(CHANGE, args=[first.pk]) in text
    assert "刚刚写下的话" in text
    assert 'value="网关"' in text
    assert client.post(reverse(ADD), entry | {"save_anyway": "on"}).status_code == 302
    assert VerificationStatement.objects.count() == 2


@pytest.mark.parametrize(
    "difference",
    [
        {"issued_on": "2026-07-01"},
        {"verification_body": "", "is_body_undisclosed": "on"},
        {"products": [], "new_products": "另一款产品"},
    ],
    ids=["half a year later", "another body", "another product"],
)
def test_another_statement_is_not_called_a_duplicate(client, editor, difference):
    company = factory.company()
    product = factory.product(company)
    kind = factory.statement_type("product_carbon_footprint")
    factory.statement(company=company, products=[product], statement_type=kind, issued_on=dt.date(2026, 1, 1))
    assert client.post(reverse(ADD), sentence(company, products=[product.pk]) | difference).status_code == 302
    assert VerificationStatement.objects.count() == 2


def test_a_form_sent_twice_makes_one_record(client, editor):
    """ADM-04."""
    company = factory.company()
    page = client.get(reverse(ADD))
    token = page.context["form_token"]
    assert f'name="form_token" value="{token}"' in page.content.decode()
    for _ in range(2):
        response = client.post(reverse(ADD), sentence(company, form_token=token))
        assert response.status_code == 302
    assert VerificationStatement.objects.count() == 1
    assert client.post(reverse(ADD), sentence(company, form_token=uuid.uuid4().hex, save_anyway="on")).status_code == 302
    assert VerificationStatement.objects.count() == 2


def test_a_form_changed_after_it_was_sent_is_asked_about(client, editor):
    """ADM-04: Back, another number, Save. It is neither lost nor a second record that nobody wanted."""
    company = factory.company()
    form = sentence(company, form_token=uuid.uuid4().hex)
    assert client.post(reverse(ADD), form).status_code == 302
    form |= {"certificate_number": "TX-2026-0002", "issued_on": "2026-07-01"}
    page = client.post(reverse(ADD), form)
    assert (page.status_code, VerificationStatement.objects.count()) == (200, 1)
    assert "TX-2026-0002" in page.content.decode()
    assert "再次保存" in page.content.decode()
    form["form_token"] = page.context["form_token"]
    for _click in range(2):
        assert client.post(reverse(ADD), form).status_code == 302
    assert sorted(each.certificate_number for each in VerificationStatement.objects.all()) == ["", "TX-2026-0002"]


def test_a_form_whose_record_is_in_the_bin_is_asked_about(client, editor):
    """ADM-04: saved wrongly, removed, and back to the form that is mended."""
    form = sentence(factory.company(), form_token=uuid.uuid4().hex)
    assert client.post(reverse(ADD), form).status_code == 302
    VerificationStatement.objects.get().remove("wrong")
    page = client.post(reverse(ADD), form | {"issued_on": "2026-07-01"})
    assert (page.status_code, VerificationStatement.objects.count()) == (200, 0)
    assert "再次保存" in page.content.decode()
    form |= {"issued_on": "2026-07-01", "form_token": page.context["form_token"]}
    assert client.post(reverse(ADD), form).status_code == 302
    assert VerificationStatement.objects.count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif("connection.vendor == 'sqlite'", reason="an in-memory SQLite database is not shared by threads")
def test_two_clicks_at_once_make_one_record():
    """ADM-04, at the same time."""
    from django.test import Client

    company = factory.company()
    values = sentence(company, form_token=uuid.uuid4().hex)
    clients = [Client(), Client()]
    user = factory.user("editor")
    for each in clients:
        each.force_login(user)
    answers = []

    def click(each):
        answers.append(each.post(reverse(ADD), values).status_code)
        connection.close()

    threads = [threading.Thread(target=click, args=[each]) for each in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [302, 302]
    assert VerificationStatement.objects.count() == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("issued_on", "0001-01-01"),
        ("issued_on", "2099-01-01"),
        ("valid_until", "2025-01-01"),
        ("valid_until", "9999-12-31"),
        ("period_end", "9999-12-31"),
        ("company", "abc"),
        ("company", "9" * 30),
        ("company", "\0"),
        ("products", "abc"),
        ("products", "9" * 30),
        ("recognised_by", "\0"),
        ("scheme", "a\0b"),
        ("scheme", "长" * 101),
        ("categories", "7"),
        ("emissions_tco2e", "NaN"),
        ("register_status", "\0"),
        ("sureness-issued_on", "\0"),
        ("new_products", "长" * 201),
    ],
)
def test_what_cannot_be_is_an_error_in_the_form(client, editor, field, value):
    """ADM-08: the database refuses the same by its own constraints."""
    page = client.post(reverse(ADD), sentence(factory.company()) | {field: value})
    assert page.status_code == 200
    assert page.context["adminform"].form.errors
    assert VerificationStatement.objects.count() == 0


def test_odd_but_possible_text_is_stored_and_shown_safely(client, editor):
    text = "<script>alert(1)</script>\u202e🟡" + "长" * 100_000
    client.post(reverse(ADD), sentence(factory.company(), summary=text))
    made = VerificationStatement.objects.get()
    assert made.summary == text
    assert "<script>alert(1)" not in client.get(reverse(CHANGE, args=[made.pk])).content.decode()


def test_a_number_is_used_once_by_a_body(client, editor):
    factory.statement(certificate_number="TW23/00193GG", verification_body=factory.body())
    page = client.post(reverse(ADD), sentence(factory.company(), certificate_number=" tw23/00193gg"))
    assert page.status_code == 200
    assert page.context["adminform"].form.non_field_errors()


def test_a_product_of_another_company_is_refused(client, editor):
    foreign = factory.product(factory.company())
    page = client.post(reverse(ADD), sentence(factory.company(), products=[foreign.pk]))
    assert "products" in page.context["adminform"].form.errors


def test_a_withdrawn_standard_warns_on_a_new_record_and_not_on_an_old_one(client, editor):
    standard = factory.standard("PAS 2060", "2014", withdrawn_on=dt.date(2025, 11, 30))
    company = factory.company()
    response = client.post(reverse(ADD), sentence(company, standards=[standard.pk]), follow=True)
    assert "PAS 2060:2014" in said(response)
    assert "2025-11-30" in said(response)
    old = client.post(reverse(ADD), sentence(company, standards=[standard.pk], issued_on="2024-01-01"), follow=True)
    assert "2025-11-30" not in said(old)


def test_a_type_that_needs_a_product_or_a_period_reminds_of_it(client, editor):
    kind = factory.statement_type("needy", needs_product=True, needs_period=True)
    response = client.post(reverse(ADD), sentence(factory.company(), statement_type=kind.pk), follow=True)
    assert len(response.context["messages"]) == 3
    assert VerificationStatement.objects.count() == 1


def test_the_register_is_one_click_away(client, editor):
    body = factory.body("cti", lookup_url="https://register.example/?no={number}")
    made = factory.statement(verification_body=body, certificate_number="CTI-26-1")
    page = client.get(reverse(CHANGE, args=[made.pk])).content.decode()
    assert 'href="https://register.example/?no=CTI-26-1"' in page
    assert 'data-copy="CTI-26-1"' in page
    values = sentence(made.company, verification_body=body.pk, certificate_number="CTI-26-1", register_status="suspended")
    assert client.post(reverse(CHANGE, args=[made.pk]), values).status_code == 302
    made.refresh_from_db()
    assert made.register_checked_on == timezone.localdate()


def test_unsure_fields_are_marked_and_a_changed_one_becomes_confirmed(client, editor):
    made = factory.statement(
        statement_type=factory.statement_type("product_carbon_footprint"),
        issued_on=dt.date(2026, 1, 11),
        field_status={"issued_on": "inferred", "verification_body": "unknown", "company": "extracted"},
    )
    page = client.get(reverse(CHANGE, args=[made.pk])).content.decode()
    assert page.count('class="unsure"') == 2
    assert 'data-sure="inferred"' in page
    client.post(reverse(CHANGE, args=[made.pk]), sentence(made.company, **{"sureness-company": "unknown"}))
    made.refresh_from_db()
    assert made.field_status == {"issued_on": "confirmed", "verification_body": "unknown", "company": "unknown"}


def test_the_list_shows_unsure_records_and_confirms_them(client, editor):
    unsure = factory.statement(field_status={"issued_on": "inferred"})
    factory.statement(field_status={"issued_on": "confirmed"})
    page = reverse("admin:certifications_verificationstatement_changelist")
    found = client.get(page, {"unsure": "yes"}).context["cl"].result_list
    assert [row.pk for row in found] == [unsure.pk]
    client.post(page, {"action": "confirm_selected", "_selected_action": [unsure.pk]})
    unsure.refresh_from_db()
    assert unsure.field_status == {"issued_on": "confirmed"}
    assert unsure.history.latest().history_user == editor


def test_links_to_policies_are_edited_from_both_sides(client, editor):
    policy = factory.policy()
    link = {"policy_links-TOTAL_FORMS": 1, "policy_links-0-policy": policy.pk, "policy_links-0-concerns": "on"}
    client.post(reverse(ADD), sentence(factory.company(), **link))
    made = StatementPolicy.objects.get()
    assert made.policy == policy
    formsets = ("issuers", "documents", "key_points", "targets", "incentives", "links", "company_links", "statement_links")
    values = {f"{name}-{part}": 0 for name in formsets for part in ("TOTAL_FORMS", "INITIAL_FORMS")}
    values |= {"headline": policy.headline, "level": "national", "source_on": "2026-01-16"}
    values |= {"statement_links-TOTAL_FORMS": 1, "statement_links-INITIAL_FORMS": 1, "statement_links-0-id": made.pk}
    values |= {
        "statement_links-0-policy": policy.pk,
        "statement_links-0-statement": made.statement_id,
        "statement_links-0-note": "不相关",
    }
    assert client.post(reverse("admin:policies_policy_change", args=[policy.pk]), values).status_code == 302
    made.refresh_from_db()
    assert (made.concerns, made.note) == (False, "不相关")


def test_a_policy_keeps_the_order_in_which_it_was_typed(client, editor):
    first, second = factory.issuing_body("样例省工业和信息化厅"), factory.issuing_body("样例省财政厅")
    formsets = ("issuers", "documents", "key_points", "targets", "incentives", "links", "company_links", "statement_links")
    values = {f"{name}-{part}": 0 for name in formsets for part in ("TOTAL_FORMS", "INITIAL_FORMS")}
    values |= {"headline": "样例省零碳园区建设方案", "level": "province", "region": factory.region("320000").pk}
    values |= {"source_on": "2026-01-16", "declared_issuer_count": "5", "issuers-TOTAL_FORMS": 2, "documents-TOTAL_FORMS": 1}
    values |= {"issuers-0-body": second.pk, "issuers-0-position": 0, "issuers-1-body": first.pk, "issuers-1-position": 0}
    values |= {
        "documents-0-title": "建设方案",
        "documents-0-number": "发改环资2025910",
        "documents-0-position": 0,
        "key_points-TOTAL_FORMS": 2,
    }
    values |= {
        "key_points-0-text": "措施一",
        "key_points-0-position": 0,
        "key_points-1-text": "措施二",
        "key_points-1-position": 0,
    }
    response = client.post(reverse("admin:policies_policy_add"), values, follow=True)
    policy = Policy.objects.get()
    assert [(issuer.body, issuer.position) for issuer in policy.issuers.all()] == [(second, 0), (first, 1)]
    assert [point.position for point in policy.key_points.all()] == [0, 1]
    assert "发改环资2025910" in said(response)
    assert policy.unlisted_issuer_count == 3
