"""The history of a record: who, when, why and every field before and after; an earlier version back; for managers alone.

SEC-07: who may not see it is refused, and sees no way to it. DATA-12: one save is told as one change with its actor.
"""

import datetime as dt
import re

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from certifications.models import Company, CompanyName, VerificationStatement
from policies.models import KeyPoint, Policy, Target
from tests import factory
from tests.test_admin_together import opened

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager(client):
    user = factory.user("manager", display_name="王经理")
    client.force_login(user)
    client.cookies["django_language"] = "en"
    return user


def past(obj):
    return reverse(f"admin:{obj._meta.app_label}_{obj._meta.model_name}_history", args=[obj.pk])


def changes(client, obj):
    response = client.get(past(obj))
    assert response.status_code == 200
    return list(response.context["page_obj"])


def words(change):
    return [f"{line.of}|{line.label}: {line.old} → {line.new}" for line in change.lines]


def version_page(client, obj, change):
    """(address, what its form sends)."""
    address = f"{past(obj)}{change.slug}/"
    response = client.get(address)
    assert response.status_code == 200
    found = re.search(r'name="version" value="([0-9.]+)"', response.content.decode())
    return address, {"version": found.group(1)} if found else {}


def test_values_that_are_lists_are_told_one_by_one(client, manager):
    statement = factory.statement(categories=[1, 3], scopes=["1"])
    statement.categories = [1, 3, 4]
    statement.save()
    newest, *_others = changes(client, statement)
    assert [line for line in words(newest) if "1, 3, 4" in line and "→" in line]


def test_a_save_is_one_change_with_who_when_why_and_every_field_in_words(client, manager):
    """ADM-03, DATA-12."""
    company = factory.company("昆山样例电子有限公司", region=factory.region("320583"))
    factory.region("330100")
    statement = factory.statement(company=company, products=[factory.product(company, "路由器")], issued_on=dt.date(2026, 1, 9))
    switch = factory.product(company, "网关")
    factory.body("cti")
    now = timezone.now() + dt.timedelta(hours=1)
    with time_machine.travel(now, tick=False):
        address, mine = opened(client, statement)
        changed = {"products": [switch.pk], "verification_body": factory.body("cti").pk, "valid_until": "2028-01-08"}
        changed |= {"register_status": "suspended", "change_reason": " 按证书  更正 "}
        assert client.post(address, mine | changed).status_code == 302
    newest, *_others = changes(client, statement)
    assert (newest.who, newest.why, newest.kind) == (manager, "按证书 更正", "changed")
    assert sorted(line for line in words(newest) if "How sure" not in line) == [
        "|Products: 路由器 → 网关",
        f"|Register checked on: – → {timezone.localdate(now)}",
        "|Register status: unknown → suspended",
        "|Valid until: – → 2028-01-08",
        "|Verification body: SGS → CTI华测",
    ]
    page = client.get(past(statement)).content.decode()
    assert f"{timezone.localtime(now):%Y-%m-%d %H:%M}" in page
    assert "<del>SGS</del>" in page


def test_parts_that_come_change_and_go_stand_in_the_history_of_their_record(client, manager):
    policy = factory.policy(headline="样例方案出台")
    point = KeyPoint.objects.create(policy=policy, text="支持核查")
    factory.target(policy, indicator="新增装机", value=30, unit="万千瓦")
    with time_machine.travel(timezone.now() + dt.timedelta(minutes=1), tick=False):
        address, mine = opened(client, policy)
        mine |= {"key_points-0-text": "支持核查与评价", "targets-0-DELETE": "on"}
        assert client.post(address, mine).status_code == 302
    newest = changes(client, policy)[0]
    assert "Key point|Text: 支持核查 → 支持核查与评价" in words(newest)
    gone = next(line for line in newest.lines if line.of == "Target")
    assert "新增装机" in gone.old
    assert gone.new == "–"
    assert KeyPoint.objects.get() == point


def test_what_is_removed_restored_and_made_unsure_is_named(client, manager):
    """DATA-10: removal and return stand in the history with the reason."""
    statement = factory.statement(field_status={"issued_on": "inferred"})
    with time_machine.travel(timezone.now() + dt.timedelta(hours=1)) as clock:
        statement.field_status = {"issued_on": "confirmed"}
        statement.save()
        clock.shift(60)
        statement.remove("录入重复" * 40)
        clock.shift(60)
        statement.restore()
    kinds = [change.kind for change in changes(client, statement)]
    assert kinds == ["restored", "removed", "changed", "created"]
    _back, gone, sure, _made = changes(client, statement)
    assert gone.why == ("录入重复" * 40)[:200]
    assert words(sure) == ["|How sure each field is: Issued on: inferred → Issued on: confirmed"]


def test_a_save_that_changes_a_field_twice_is_two_changes(client, manager):
    company = factory.company("甲")
    for name in ("乙", "丙"):
        company.name = name
        company.save()
    assert [words(change) for change in changes(client, company)][:2] == [["|Name: 乙 → 丙"], ["|Name: 甲 → 乙"]]


@pytest.mark.parametrize("role", ["reader", "consultant", "editor"])
def test_it_is_for_managers(client, role):
    """SEC-07."""
    statement = factory.statement()
    change = f"verificationstatement-{statement.history.latest().history_id}"
    client.force_login(factory.user(role))
    for address in (past(statement), f"{past(statement)}{change}/"):
        assert client.get(address, follow=True).status_code == 403
        assert client.post(address, follow=True).status_code in (403, 405)
    for page in (statement.get_absolute_url(), statement.company.get_absolute_url()):
        assert "/history/" not in client.get(page).content.decode()
    client.logout()
    assert client.get(past(statement)).status_code == 302
    assert client.get(past(statement), follow=True).request["PATH_INFO"] == reverse("login")


def test_every_record_leads_a_manager_to_its_history(client, manager):
    statement, policy = factory.statement(), factory.policy()
    target, incentive = factory.target(policy), factory.incentive(policy)
    for record in (statement, statement.company, statement.verification_body, policy):
        assert past(record) in client.get(record.get_absolute_url()).content.decode()
    for figure in (target, incentive):  # kept and changed with their policy
        assert past(policy) in client.get(figure.get_absolute_url()).content.decode()
    product = factory.product(statement.company)
    assert past(product) in client.get(reverse("admin:certifications_product_change", args=[product.pk])).content.decode()


def test_an_earlier_version_comes_back_as_a_new_one(client, manager):
    company = factory.company("甲", website="https://a.example/")
    alias = CompanyName.objects.create(company=company, name="阿甲")
    with time_machine.travel(timezone.now() + dt.timedelta(hours=1), tick=False) as clock:
        company.name, company.region = "乙", factory.region("320583")
        company.save()
        clock.shift(60)
        alias.delete()
        clock.shift(60)
        CompanyName.objects.create(company=company, name="阿乙")
        clock.shift(60)
        before = company.history.count()
        made = changes(client, company)[-1]
        address, form = version_page(client, company, made)
        shown = client.get(address).context["lines"]
        assert {(line.label, line.old, line.new) for line in shown} == {
            *{("Name", "乙", "甲"), ("Region", "昆山市", "–")},
            *{("Further name", "阿乙 · short name", "–"), ("Further name", "–", "阿甲 · short name")},
        }
        assert Company.objects.get().name == "乙"  # a GET only shows
        assert client.post(address, form | {"change_reason": "改错了"}).status_code == 302
    back = Company.objects.get()
    assert (back.name, back.region, back.website, back.name_folded) == ("甲", None, "https://a.example/", "甲")
    assert [name.name for name in back.names.all()] == ["阿甲"]
    newest = changes(client, company)[0]
    assert newest.who == manager
    assert "改错了" in newest.why
    assert company.history.count() == before + 1  # nothing of the history went
    assert client.post(address, form).status_code == 409


def test_products_and_topics_come_back_and_what_is_gone_is_named(client, manager):
    company = factory.company()
    kept, gone = factory.product(company, "路由器"), factory.product(company, "网关")
    statement = factory.statement(company=company, products=[kept, gone])
    full = changes(client, statement)[0]
    with time_machine.travel(timezone.now() + dt.timedelta(hours=1)):
        statement.products.set([])
        gone.delete()
        address, form = version_page(client, statement, full)
        response = client.post(address, form, follow=True)
    assert list(statement.products.all()) == [kept]
    assert any("Products" in str(message) or "products" in str(message) for message in response.context["messages"])


def test_a_version_that_breaks_a_rule_of_today_is_refused_and_nothing_written(client, manager):
    """ADM-08: the record's own rules hold for what comes back, too."""
    first = factory.statement(certificate_number="A-1")
    made = changes(client, first)[-1]
    with time_machine.travel(timezone.now() + dt.timedelta(hours=1)):
        first.certificate_number = "A-2"
        first.save()
        factory.statement(certificate_number="A-1")
        address, form = version_page(client, first, made)
        response = client.post(address, form)
    assert response.status_code == 409
    assert response.context["errors"]
    assert VerificationStatement.objects.get(pk=first.pk).certificate_number == "A-2"


def test_a_removed_record_and_a_body_in_the_bin_are_not_brought_back_in_passing(client, manager):
    old = factory.body("old", "旧机构")
    statement = factory.statement(verification_body=old)
    made = changes(client, statement)[-1]
    with time_machine.travel(timezone.now() + dt.timedelta(hours=1)) as clock:
        statement.verification_body = factory.body("cti")
        statement.save()
        old.remove("停业")
        address, form = version_page(client, statement, made)
        response = client.post(address, form)
        assert response.status_code == 409
        assert "旧机构" in " ".join(response.context["errors"])
        clock.shift(60)
        statement.remove("重复")
        assert client.get(address).status_code == 403
        assert client.post(address, form).status_code == 403


@pytest.mark.parametrize("slug", ["x", "verificationstatement-0", "company-1", "verificationstatement-999999999999999999999"])
def test_a_version_that_never_was_is_not_found(client, manager, slug):
    statement = factory.statement()
    assert client.get(f"{past(statement)}{slug}/").status_code == 404


def test_a_long_history_is_read_in_few_queries(client, manager, django_assert_max_num_queries):
    policy = factory.policy(issuers=[factory.issuing_body()], topics=[factory.topic()])
    with time_machine.travel(timezone.now() + dt.timedelta(hours=1)) as clock:
        for number in range(40):
            clock.shift(60)
            policy.headline = f"样例{number}"
            policy.save()
            Target.objects.create(policy=policy, indicator=f"指标{number}")
    with django_assert_max_num_queries(50):
        first = changes(client, policy)
    assert len(first) == 30
    rest = list(client.get(past(policy), {"p": 2}).context["page_obj"])
    assert len(rest) >= 11
    assert Policy.objects.get().headline == "样例39"


def test_a_part_that_another_record_has_now_stays_there_and_is_named(client, manager):
    one, two = factory.company("甲公司"), factory.company("乙公司")
    product = factory.product(one, "网关")
    with time_machine.travel(timezone.now() + dt.timedelta(hours=1), tick=False) as clock:
        one.website = "https://a.example/"
        one.save()
        clock.shift(60)
        one.website = "https://b.example/"
        one.save()
        product.company = two
        product.save()
        clock.shift(60)
        before = next(change for change in changes(client, one) if "→ https://a.example/" in words(change)[0])
        address, form = version_page(client, one, before)
        assert [line.label for line in client.get(address).context["lines"]] == ["Website"]
        response = client.post(address, form, follow=True)
    assert any("网关" in str(message) for message in response.context["messages"])
    one.refresh_from_db()
    product.refresh_from_db()
    assert (one.website, product.company) == ("https://a.example/", two)


def test_another_row_of_the_same_name_is_a_change(client, manager):
    one, two = factory.company("同名有限公司"), factory.company("同名有限公司")
    statement = factory.statement(company=one)
    with time_machine.travel(timezone.now() + dt.timedelta(hours=1)):
        statement.company = two
        statement.save()
    assert words(changes(client, statement)[0]) == [f"|Company: 同名有限公司 #{one.pk} → 同名有限公司 #{two.pk}"]
