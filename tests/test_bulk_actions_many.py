"""Bulk actions of the admin on more rows than one batch: in batches, one entry in the history for each (ADM-07).

10,000 rows by night; `-s` prints the seconds, of which the goal is 30 at most.
"""

import time
from collections import Counter

import lxml.html
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from certifications.models import VerificationStatement
from tanxun.records.admin.lists import CappedPaginator
from tanxun.records.many import BATCH
from tanxun.records.models import CONFIRMED
from tests import factory
from tests.effort import examples
from tests.killing import multiply
from tests.reading import select

pytestmark = pytest.mark.django_db
ROWS = examples(BATCH + 100, 10_000)
LIST = "admin:certifications_verificationstatement_changelist"


@pytest.fixture
def act(client):
    """Does one of the actions on all rows of the list; gives the statements that begin a transaction or a part of one."""
    company = factory.company()
    status = {"summary": "inferred", "company": "extracted"}
    first = factory.statement(company=company, products=[factory.product(company)], field_status=status)
    multiply(first, ROWS)
    editor = factory.user("editor")
    client.force_login(editor)

    def act(action, address="", **more):
        before, begun = VerificationStatement.history.count(), time.monotonic()
        form = {"action": action, "select_across": "1", "offered": ROWS, "_selected_action": [first.pk], **more}
        with CaptureQueriesContext(connection) as asked:
            assert client.post(f"{reverse(LIST)}{address}", form).status_code == 302
        print(f"\n{connection.vendor}, {action} of {ROWS:,}: {time.monotonic() - begun:.1f} s, {len(asked):,} queries")
        made = VerificationStatement.history.order_by("-history_id")[: VerificationStatement.history.count() - before]
        entries = Counter(made.values_list("id", flat=True))
        assert len(entries) == ROWS
        assert set(entries.values()) == {1}
        assert set(made.values_list("history_user", flat=True)) == {editor.pk}
        assert VerificationStatement.history.filter(id=first.pk).first().products.count() == 1
        return len(asked)

    return act


def test_ten_thousand_rows_are_removed_restored_and_confirmed_in_batches(act):
    batches = -(-ROWS // BATCH)
    assert act("remove_selected", reason="测试数据") <= 40 + 20 * batches
    assert not VerificationStatement.objects.exists()
    assert act("restore_selected", "?deleted=yes") <= 40 + 20 * batches
    assert VerificationStatement.objects.count() == ROWS
    assert act("still_true") <= 40 + 20 * batches
    assert not VerificationStatement.objects.filter(confirmed_on=None).exists()
    # Followers are told of no change.
    assert VerificationStatement.history.filter(history_change_reason=CONFIRMED).count() == ROWS
    assert act("confirm_selected") <= 40 + 20 * batches
    statuses = VerificationStatement.objects.order_by().values_list("field_status", flat=True).distinct()
    assert list(statuses) == [{"summary": "confirmed", "company": "confirmed"}]


def test_who_cannot_come_back_is_told_and_holds_no_one_up(client):
    """ADM-07: a number that was given again, a company that is in the bin itself; the others are restored."""
    statements = [factory.statement(certificate_number=f"A-{number}") for number in range(4)]
    for one in statements:
        one.remove("样例")
    statements[1].company.remove("样例")
    factory.statement(
        certificate_number="A-2",
        company=statements[2].company,
        statement_type=statements[2].statement_type,
        verification_body=statements[2].verification_body,
    )
    client.force_login(factory.user("editor"))
    client.cookies["django_language"] = "en"
    form = {"action": "restore_selected", "_selected_action": [one.pk for one in statements]}
    page = client.post(f"{reverse(LIST)}?deleted=yes", form, follow=True).content.decode()
    assert "2 records restored" in page
    assert "another record has taken its number or name" in page
    assert "in the bin. Take that out first" in page
    live = VerificationStatement.objects.filter(pk__in=[one.pk for one in statements])
    assert set(live) == {statements[0], statements[3]}
    for one in statements:
        assert one.history.first().deleted_at is None if one in live else one.history.first().deleted_at


@pytest.mark.any_engine
@pytest.mark.django_db(transaction=True)
def test_one_commit_is_for_a_batch_and_not_for_a_row(client):
    """ADM-07: what takes long in each single write is its way to the disk."""
    from django.db import transaction

    statement = factory.statement()
    multiply(statement, 30)
    commits, real = [], transaction.Atomic.__exit__
    client.force_login(factory.user("editor"))

    def counted(self, *arguments):
        real(self, *arguments)
        commits.extend(() if connection.in_atomic_block else ("commit",))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(transaction.Atomic, "__exit__", counted)
        form = {"action": "still_true", "select_across": "1", "offered": "30", "_selected_action": [statement.pk]}
        client.post(reverse(LIST), form)
    assert not VerificationStatement.objects.filter(confirmed_on=None).exists()
    assert 0 < len(commits) < 15


def offered(client):
    """What the list offers to do with "all": the values that go along, {} where it offers none."""
    page = lxml.html.fromstring(client.get(reverse(LIST)).content.decode())
    if not select(page, ".question a"):
        return {}
    number = select(page, "input[name=offered]")[0].get("value")
    assert f"Select all {number} " in select(page, ".question a")[0].text_content()
    return {"select_across": "1", "offered": number}


def test_more_than_a_list_counts_are_not_offered_as_all(client, monkeypatch):
    """ADM-07."""
    client.force_login(factory.user("editor"))
    client.cookies["django_language"] = "en"
    first = factory.statement()
    multiply(first, 75)
    monkeypatch.setattr(CappedPaginator, "cap", 60)
    assert not offered(client)
    assert "60+" in client.get(reverse(LIST)).content.decode()
    for action in ("remove_selected", "still_true"):
        form = {"action": action, "select_across": "1", "_selected_action": [first.pk], "reason": "测试数据"}
        for more in ({}, {"offered": "60"}):
            client.post(reverse(LIST), form | more)
    assert VerificationStatement.objects.filter(confirmed_on=None).count() == 75
    monkeypatch.setattr(CappedPaginator, "cap", 75)
    assert offered(client)["offered"] == "75"


def test_what_comes_in_while_one_decides_stays_as_it_is(client):
    """ADM-07: the page that asks for the reason says how many go, and these go."""
    client.force_login(factory.user("editor"))
    client.cookies["django_language"] = "en"
    first = factory.statement()
    multiply(first, 75)
    form = {"_selected_action": [first.pk], **offered(client)}
    asking = lxml.html.fromstring(client.post(reverse(LIST), form | {"action": "remove_selected"}).content.decode())
    assert "These 75 records" in asking.text_content()
    assert "and 25 not named" in asking.text_content()
    newcomer = factory.statement()
    answer = client.post(reverse(LIST), form | {"action": "still_true"}, follow=True)
    assert "There are 76 by now" in answer.content.decode()
    assert not VerificationStatement.objects.exclude(confirmed_on=None).exists()
    values = {}
    for name, value in select(asking, "form.removal")[0].form_values():
        values.setdefault(name, []).append(value)
    client.post(reverse(LIST), values | {"reason": "测试数据"})
    assert list(VerificationStatement.objects.all()) == [newcomer]
