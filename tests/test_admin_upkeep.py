"""Upkeep in the admin: credit codes, soft deletion and return, types without a developer, users only by superusers."""

import datetime as dt

import pytest
from django.urls import reverse

from certifications.models import Company, Standard, StatementType, VerificationBody, VerificationStatement
from tanxun.site.models import User
from tests import factory

pytestmark = pytest.mark.django_db

COMPANY = "admin:certifications_company"


@pytest.fixture
def editor(client, db):
    user = factory.user("editor")
    client.force_login(user)
    return user


def company_form(**values):
    formsets = {
        f"{name}-{part}": 0 for name in ("names", "products", "policy_links") for part in ("TOTAL_FORMS", "INITIAL_FORMS")
    }
    return {"name": "昆山样例电子有限公司"} | formsets | values


def said(response):
    return " ".join(str(message) for message in response.context["messages"])


@pytest.mark.parametrize("code", ["911100006000300020", "91350100M000100Y43", " ９１３５０１００ｍ０００１００ｙ４３ "])
def test_a_right_credit_code_is_stored_in_one_form(client, editor, code):
    assert client.post(reverse(f"{COMPANY}_add"), company_form(credit_code=code)).status_code == 302
    assert Company.objects.get().credit_code in ("911100006000300020", "91350100M000100Y43")


@pytest.mark.parametrize("code", ["911100006000300021", "91350100M000100Y44", "12345", "91350100M000100Y4I", "9" * 60])
def test_a_wrong_new_credit_code_is_refused(client, editor, code):
    page = client.post(reverse(f"{COMPANY}_add"), company_form(credit_code=code))
    assert "credit_code" in page.context["adminform"].form.errors
    assert not Company.objects.exists()


def test_a_wrong_code_of_old_data_only_warns(client, editor):
    old = factory.company(credit_code="911100006000300021")
    change = reverse(f"{COMPANY}_change", args=[old.pk])
    response = client.post(change, company_form(credit_code="911100006000300021", website="https://example.com"), follow=True)
    assert Company.objects.get().website == "https://example.com"
    assert "GB 32100" in said(response)


def test_a_code_of_another_or_a_deleted_company_is_named(client, editor):
    factory.company(credit_code="91350100M000100Y43").remove("重复")
    page = client.post(reverse(f"{COMPANY}_add"), company_form(credit_code="91350100M000100Y43"))
    assert "credit_code" in page.context["adminform"].form.errors


def test_a_company_with_names_and_products_in_one_form(client, editor):
    values = {
        "names-TOTAL_FORMS": 1,
        "names-0-name": "昆山样例",
        "names-0-kind": "short",
        "products-TOTAL_FORMS": 1,
        "products-0-name": "网关",
    }
    client.post(reverse(f"{COMPANY}_add"), company_form(**values))
    made = Company.objects.get()
    assert made.names.get().pinyin == "kunshanyangli"
    assert made.products.get().pinyin == "wangguan"


def test_deleting_asks_for_a_reason_hides_and_can_be_undone(client, editor):
    made = factory.statement()
    start = reverse("admin:certifications_verificationstatement_changelist")
    page = reverse("admin:certifications_verificationstatement_delete", args=[made.pk])
    assert client.get(page).status_code == 200
    client.post(page, {"post": "yes", "reason": " "})
    assert VerificationStatement.objects.count() == 1
    client.post(page, {"post": "yes", "reason": "录入重复"})
    assert VerificationStatement.objects.count() == 0
    entry = made.history.latest()
    assert (entry.history_user, entry.history_change_reason, entry.history_type) == (editor, "录入重复", "~")
    assert not client.get(start).context["cl"].result_list
    assert [row.pk for row in client.get(start, {"deleted": "yes"}).context["cl"].result_list] == [made.pk]
    shown = client.get(reverse("admin:certifications_verificationstatement_change", args=[made.pk]))
    assert "录入重复" in said(shown)
    assert not shown.context["has_change_permission"]
    client.post(f"{start}?deleted=yes", {"action": "restore_selected", "_selected_action": [made.pk]})
    assert VerificationStatement.objects.get().deleted_reason == ""


def test_a_record_deleted_meanwhile_is_a_message_and_not_saved(client, editor):
    """ADM-05."""
    made = factory.company()
    made.remove("重复")
    response = client.post(reverse(f"{COMPANY}_change", args=[made.pk]), company_form(name="改名"), follow=True)
    assert "重复" in said(response)
    assert Company.with_deleted.get().name != "改名"


def test_a_company_that_statements_point_to_stays_with_the_list_of_them(client, editor):
    """ADM-06."""
    made = factory.statement(consultant=factory.company("碳样例咨询"))
    for company in (made.company, made.consultant):
        page = client.get(reverse(f"{COMPANY}_delete", args=[company.pk]))
        assert made.get_absolute_url() in page.content.decode()
        client.post(reverse(f"{COMPANY}_delete", args=[company.pk]), {"post": "yes", "reason": "不要"})
        client.post(
            reverse(f"{COMPANY}_changelist"), {"action": "remove_selected", "reason": "不要", "_selected_action": [company.pk]}
        )
    assert Company.objects.count() == 2


def test_several_are_removed_with_one_reason(client, editor):
    gone = [factory.company().pk for _ in range(3)]
    kept = factory.company()
    ask = {"action": "remove_selected", "_selected_action": gone}
    page = client.post(reverse(f"{COMPANY}_changelist"), ask)
    assert 'name="reason"' in page.content.decode()
    client.post(reverse(f"{COMPANY}_changelist"), ask | {"reason": "测试数据"})
    assert list(Company.objects.all()) == [kept]
    assert set(Company.with_deleted.filter(pk__in=gone).values_list("deleted_reason", flat=True)) == {"测试数据"}


def test_a_number_taken_meanwhile_keeps_a_statement_deleted(client, editor):
    first = factory.statement(certificate_number="A1")
    first.remove("误录")
    factory.statement(certificate_number="A1")
    start = reverse("admin:certifications_verificationstatement_changelist")
    response = client.post(f"{start}?deleted=yes", {"action": "restore_selected", "_selected_action": [first.pk]}, follow=True)
    assert response.status_code == 200
    assert VerificationStatement.objects.count() == 1


def test_a_body_or_standard_in_use_is_not_deleted(client, editor):
    """ADM-06."""
    factory.statement(standards=[factory.standard()])
    for name, model in (("verificationbody", VerificationBody), ("standard", Standard)):
        page = reverse(f"admin:certifications_{name}_delete", args=[model.objects.get().pk])
        client.post(page, {"post": "yes", "reason": "不要"})
        assert model.objects.count() == 1


def type_form(**values):
    defaults = {
        "name": "温室气体核查",
        "slug": "ghg_verification",
        "evidence_kind": "statement",
        "validity_rule": "reporting_period",
    }
    return defaults | {"cycle_months": 12} | values


def test_staff_add_a_type_with_cue_words_one_a_line(client, editor):
    words = "  水足迹 \n\n水足迹核查\r\n水足迹\n"
    values = type_form(name="水足迹", slug="water-footprint", validity_rule="printed_end", cycle_months="", cue_words=words)
    assert client.post(reverse("admin:certifications_statementtype_add"), values).status_code == 302
    assert StatementType.objects.get().cue_words == "水足迹\n水足迹核查"


def test_a_changed_cycle_moves_the_due_dates(client, editor):
    made = factory.statement(period_start=dt.date(2024, 1, 1), period_end=dt.date(2024, 12, 31))
    assert made.due_on == dt.date(2025, 12, 31)
    page = reverse("admin:certifications_statementtype_change", args=[made.statement_type_id])
    client.post(page, type_form(cycle_months=24))
    made.refresh_from_db()
    assert made.due_on == dt.date(2026, 12, 31)


@pytest.mark.parametrize(
    ("code", "warned"), [("GB/T 24067", False), ("GB/T 32151.29", False), ("GBT24067", True), ("ISO 14067", False)]
)
def test_an_unlikely_national_number_warns(client, editor, code, warned):
    response = client.post(reverse("admin:certifications_standard_add"), {"code": code, "edition": "2024"}, follow=True)
    assert Standard.objects.get().code == code
    assert (len(response.context["messages"]) == 2) == warned


def test_two_spellings_of_one_alias_are_refused(client, editor):
    values = {"name": "样例机构", "slug": "sample", "kind": "institute", "aliases-TOTAL_FORMS": 2, "aliases-INITIAL_FORMS": 0}
    values |= {
        "aliases-0-name": "ＣＱＣ",
        "aliases-1-name": "cqc",
        "accreditations-TOTAL_FORMS": 0,
        "accreditations-INITIAL_FORMS": 0,
    }
    assert client.post(reverse("admin:certifications_verificationbody_add"), values).status_code == 200
    assert not VerificationBody.objects.exists()


def test_an_editor_neither_manages_users_nor_makes_himself_more(client, editor):
    chief = factory.superuser()
    change = reverse("admin:site_user_change", args=[editor.pk])
    values = {"username": editor.username, "role": "manager", "is_superuser": "on", "is_active": "on"}
    pages = [change, reverse("admin:site_user_add"), reverse("admin:auth_user_password_change", args=[chief.pk])]
    for page in pages:
        assert client.post(page, values | {"password1": "another-pass-1", "password2": "another-pass-1"}).status_code == 403
    editor.refresh_from_db()
    assert (editor.role, editor.is_superuser) == ("editor", False)
    assert User.objects.get(pk=chief.pk).check_password("pass-word-1")


def test_a_superuser_gives_a_role_and_the_rights_follow(client):
    client.force_login(factory.superuser())
    values = {"username": "new-editor", "role": "editor", "usable_password": "true"}
    values |= {"password1": "Long-enough-7", "password2": "Long-enough-7"}
    assert client.post(reverse("admin:site_user_add"), values).status_code == 302
    made = User.objects.get(username="new-editor")
    assert made.is_staff
    assert made.has_perm("certifications.add_company")
    assert not made.has_perm("site.export_lists")


def test_newsletters_and_drafts_are_only_looked_at(client, editor):
    for name in ("newsletter", "draft"):
        assert client.get(reverse(f"admin:digest_{name}_add")).status_code == 403
    assert client.get(reverse("admin:regions_region_add")).status_code == 403
