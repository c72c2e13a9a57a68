"""SEC-50, DATA-12: entries of the history are added, never changed or deleted, and every write adds exactly one with its actor.

Who may take the triggers off is found by the seals over the histories (test_history_chain.py).
"""

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.db.models.signals import m2m_changed, post_delete, post_save
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from simple_history.models import HistoricalChanges

from certifications.models import VerificationStatement
from tanxun.digest.review import acting_as
from tanxun.records import sealing, seals
from tests import factory

pytestmark = pytest.mark.django_db
KEPT = [model for model in apps.get_models() if issubclass(model, HistoricalChanges)]
M2M_DONE = {"post_add", "post_remove", "post_clear"}

TABLE = "certifications_historicalverificationstatement"
# What no trigger for changes and deletions sees.
AT_ONCE = (
    f"INSERT OR REPLACE INTO {TABLE} SELECT * FROM {TABLE} WHERE history_id = %s"  # noqa: S608 - our own name
    if connection.vendor == "sqlite"
    else f"TRUNCATE {TABLE} CASCADE"
)


def test_every_history_is_sealed():
    tables = {"records_seal", *(model._meta.db_table for model in KEPT)}
    assert tables == set(sealing.histories()) == sealing.standing("default")
    assert {"certifications_historicalverificationstatement", "certifications_historicalcompanynote"} <= set(sealing.histories())
    assert "certifications_historicalverificationstatement_products" in sealing.histories()


def written():
    """An entry in the history of a statement, and in that of its relations."""
    company = factory.company()
    statement = factory.statement(company=company, products=[factory.product(company)])
    entry = statement.history.first()
    return statement, entry, entry.products.first()


def test_no_entry_can_be_changed_or_deleted():
    statement, entry, tied = written()
    attempts = [
        lambda: type(entry).objects.filter(pk=entry.pk).update(history_change_reason="别的"),
        entry.delete,
        lambda: statement.history.all().delete(),
        lambda: type(tied)._base_manager.filter(pk=tied.pk).delete(),
        lambda: connection.cursor().execute("DELETE FROM certifications_historicalverificationstatement"),
        lambda: connection.cursor().execute(AT_ONCE, [entry.pk] if connection.vendor == "sqlite" else None),
    ]
    connection.check_constraints()  # PostgreSQL empties no table whose rows wait for their checks
    for attempt in attempts:
        with pytest.raises(IntegrityError, match=sealing.WORDS), transaction.atomic():
            attempt()
    assert statement.history.filter(pk=entry.pk, history_change_reason=None).exists()


def test_no_role_has_a_way_to_an_entry(client):
    """There is no address, form or admin page that writes one."""
    from django.contrib import admin

    assert not [model for model in admin.site._registry if issubclass(model, HistoricalChanges)]
    statement, entry, _tied = written()
    past = reverse("admin:certifications_verificationstatement_history", args=[statement.pk])
    for user in (factory.superuser(), factory.user("manager")):
        client.force_login(user)
        count = statement.history.count()
        for method in (client.post, client.put, client.patch, client.delete):
            method(past)
            method(f"{past}verificationstatement-{entry.history_id}/")
        assert statement.history.count() == count


def test_who_stands_in_it_is_not_deleted_with_their_account(client):
    client.force_login(factory.superuser())
    editor, idle = factory.user("editor"), factory.user("editor")
    with acting_as(editor):
        statement = factory.statement()
    for user in (editor, idle):
        page = reverse("admin:site_user_delete", args=[user.pk])
        assert client.get(page).status_code == 200
        client.post(page, {"post": "yes"})
        client.post(
            reverse("admin:site_user_changelist"), {"action": "delete_selected", "_selected_action": [user.pk], "post": "yes"}
        )
    assert statement.history.first().history_user == editor
    assert not type(idle).objects.filter(pk=idle.pk).exists()


def test_it_is_found_when_the_seal_is_off(capsys):
    sealing.unseal()
    assert sealing.standing("default") == set()
    with pytest.raises(CommandError):
        call_command("check_data")
    sealing.seal()
    sealing.seal()
    assert sealing.standing("default") == set(sealing.histories())


class Counter:
    """Counts writes of models with a history where they happen: each is to leave exactly one entry."""

    def __enter__(self):
        self.expected = 0
        for signal in (post_save, post_delete, m2m_changed):
            signal.connect(self.saw, dispatch_uid=f"counter{id(signal)}")
        return self

    def __exit__(self, *exception):
        for signal in (post_save, post_delete, m2m_changed):
            signal.disconnect(dispatch_uid=f"counter{id(signal)}")

    def saw(self, sender, instance, signal, action=None, model=None, **kwargs):
        if signal is m2m_changed:
            fields = type(instance).history.model._history_m2m_fields if hasattr(type(instance), "history") else ()
            kept = [field.remote_field.through for field in fields]
            self.expected += sender in kept and action in M2M_DONE
        elif hasattr(sender, "history") and not kwargs.get("raw"):
            self.expected += 1


def entries():
    return sum(model.objects.count() for model in KEPT if hasattr(model, "history_user"))


acts = st.lists(st.sampled_from(["create", "change", "relations", "remove", "restore", "confirm", "delete"]), max_size=12)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=acts)
def test_every_write_leaves_one_entry_with_its_actor(acts):
    with transaction.atomic():
        user = factory.user("editor")
        company = factory.company()
        statement = factory.statement(company=company)
        products = [factory.product(company, name) for name in ("路由器", "网关")]
        before = entries()
        with acting_as(user), Counter() as counter:
            for number, act in enumerate(acts):
                if act == "create":
                    factory.company(f"样例{number}公司")
                elif act == "change":
                    statement.summary = f"第{number}次"
                    statement.save()
                elif act == "relations":
                    statement.products.set(products[: number % 3])
                elif act == "remove":
                    statement.remove("测试")
                elif act == "restore":
                    statement.restore()
                elif act == "confirm":
                    statement.confirm()
                else:
                    factory.product(company, f"样例{number}").delete()
        assert entries() - before == counter.expected
        newest = [entry for entry in VerificationStatement.history.all() if entry.history_user_id == user.pk]
        assert len(newest) == statement.history.count() - statement.history.filter(history_user=None).count()
        transaction.set_rollback(True)


def test_a_bulk_action_leaves_one_entry_for_each_row(client, django_assert_max_num_queries):
    """ADM-07, DATA-12: with its actor and reason, and with what it was tied to; in as many queries as a batch, not as a row."""
    editor = factory.user("editor")
    client.force_login(editor)
    company = factory.company()
    product, standard = factory.product(company), factory.standard()
    rows = [factory.statement(company=company, products=[product], standards=[standard]) for _ in range(60)]
    page = reverse("admin:certifications_verificationstatement_changelist")
    before = VerificationStatement.history.count()
    form = {"action": "remove_selected", "reason": "测试数据", "_selected_action": [rows[0].pk]}
    form |= {"select_across": "1", "offered": "60"}
    with django_assert_max_num_queries(60):
        client.post(page, form)
    assert not VerificationStatement.objects.exists()
    made = VerificationStatement.history.order_by("-history_id")[: VerificationStatement.history.count() - before]
    assert len(made) == 60
    assert {(entry.history_user, entry.history_change_reason) for entry in made} == {(editor, "测试数据")}
    assert all([row.product_id for row in entry.products.all()] == [product.pk] for entry in made)
    assert {row.deleted_reason for row in VerificationStatement.with_deleted.all()} == {"测试数据"}
    client.post(page, form | {"action": "restore_selected"})
    client.post(f"{page}?deleted=yes", form | {"action": "restore_selected"})
    assert VerificationStatement.objects.count() == 60


@pytest.mark.skipif(connection.vendor != "sqlite", reason="only SQLite replaces a row that another key of it names")
def test_no_seal_is_replaced_by_another_over_the_same():
    seals.Seal.objects.create(made_at=timezone.now(), digest="1")
    forged = "INSERT OR REPLACE INTO records_seal (made_at, begins_anew, reason, entries, tables, before, digest)"
    with pytest.raises(IntegrityError, match=sealing.WORDS), transaction.atomic():
        connection.cursor().execute(f"{forged} SELECT made_at, 0, '', 0, tables, before, '2' FROM records_seal")  # noqa: S608
    assert seals.Seal.objects.get().digest == "1"


def test_what_an_earlier_version_or_an_ended_one_left_is_taken_off_too():
    table = "records_seal"
    off = sealing._off(connection, table)[-1]
    with connection.cursor() as cursor:
        cursor.execute(off)
    assert table not in sealing.standing("default")
    sealing.unseal()
    assert not sealing._triggers("default")
    sealing.seal()
    assert sealing.standing("default") == set(sealing.histories())
