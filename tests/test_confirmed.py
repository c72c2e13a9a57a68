"""First seen, last confirmed (row 79): one click says that a record is still true, and lists find what nobody looked at."""

import datetime as dt
import re

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from certifications.models import VerificationStatement
from policies.models import Policy
from tanxun.digest.models import NewsItem
from tanxun.records.models import CONFIRMED
from tests import factory

pytestmark = pytest.mark.django_db


@pytest.fixture
def editor(client):
    user = factory.user("editor", display_name="张三")
    client.force_login(user)
    client.cookies["django_language"] = "en"
    return user


def of_each():
    statement = factory.statement()
    news = NewsItem.objects.create(headline="样例指数发布", kind="report", section="national", text="略")
    return [statement, statement.company, statement.verification_body, factory.policy(), news]


def confirm_address(record):
    return reverse("confirm", args=[record._meta.label_lower, record.pk])


def test_one_click_on_the_page_of_every_record(client, editor):
    """DATA-12: one entry with its actor."""
    for record in of_each():
        page = client.get(record.get_absolute_url()).content.decode()
        assert f'action="{confirm_address(record)}"' in page
        entries = record.history.count()
        response = client.post(confirm_address(record))
        assert response.url == record.get_absolute_url()
        record.refresh_from_db()
        assert record.confirmed_on == timezone.localdate()
        assert f"{timezone.localdate()}" in client.get(record.get_absolute_url()).content.decode()
        assert record.history.count() == entries + 1
        assert record.history.latest().history_user == editor


def test_a_click_changes_nothing_else_and_followers_are_not_told(client, editor):
    statement = factory.statement(valid_until=dt.date(2027, 1, 1))
    before = VerificationStatement.objects.filter(pk=statement.pk).values().get()
    client.post(confirm_address(statement))
    assert VerificationStatement.objects.filter(pk=statement.pk).values().get() == before | {"confirmed_on": timezone.localdate()}
    assert statement.history.latest().history_change_reason == CONFIRMED


@pytest.mark.parametrize("role", ["reader", "consultant"])
def test_it_is_for_editors(client, role):
    client.force_login(factory.user(role))
    for record in of_each():
        assert client.post(confirm_address(record)).status_code == 403
        assert "/confirm/" not in client.get(record.get_absolute_url()).content.decode()
    client.logout()
    assert client.post(confirm_address(factory.statement())).status_code == 302
    assert not VerificationStatement.objects.filter(confirmed_on__isnull=False).exists()


def test_what_is_not_there_is_not_found_and_a_get_writes_nothing(client, editor):
    statement = factory.statement()
    assert client.get(confirm_address(statement)).status_code == 405
    statement.remove("重复")
    assert client.post(confirm_address(statement)).status_code == 404
    for kind, pk in (("site.user", 1), ("x", 1), ("policies.policy", 2**63)):
        assert client.post(reverse("confirm", args=[kind, pk])).status_code == 404


@pytest.mark.parametrize(("make", "address"), [(factory.statement, "statements"), (factory.policy, "policies")])
def test_lists_find_what_nobody_confirmed_for_a_year(client, editor, make, address):
    def keys(query):
        response = client.get(f"/{address}/?{query}")
        assert response.status_code == 200
        return {int(key) for key in re.findall(rf'href="/{address}/(\d+)/"', response.content.decode())}

    old, confirmed, fresh = make(), make(), make()
    with time_machine.travel(timezone.now() + dt.timedelta(days=366)):
        client.force_login(editor)
        confirmed.confirm()
        young = make()
        assert keys("unconfirmed=12") == {old.pk, fresh.pk}
        assert keys("unconfirmed=1200") == set()
        assert keys("") == {old.pk, fresh.pk, confirmed.pk, young.pk}
    assert keys("unconfirmed=12") == set()
    for wrong in ("0", "-1", "x", "1201", "1&unconfirmed=2"):
        assert client.get(f"/{address}/?unconfirmed={wrong}").status_code == 400


def test_ticked_statements_are_confirmed_together(client, editor):
    rows = [factory.statement(), factory.statement()]
    address = reverse("certifications:edit-statements")
    form = {"id": [row.pk for row in rows], "confirmed_on": "on", "reason": "年度复核"}
    shown = client.post(address, form)
    assert len(shown.context["found"]) == 2
    assert client.post(address, form | {"write": "1", "version": shown.context["version"]}).status_code == 302
    assert set(VerificationStatement.objects.values_list("confirmed_on", flat=True)) == {timezone.localdate()}
    assert rows[0].history.latest().history_change_reason == "年度复核"


def test_the_admin_confirms_many_and_a_look_into_the_register_confirms_too(client, editor):
    policies = [factory.policy(), factory.policy()]
    statement = factory.statement()
    for model, action, keys in ((Policy, "still_true", policies), (VerificationStatement, "mark_checked", [statement])):
        page = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        client.post(page, {"action": action, "_selected_action": [one.pk for one in keys]})
        assert set(model.objects.values_list("confirmed_on", flat=True)) == {timezone.localdate()}
