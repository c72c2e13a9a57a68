"""SEC-50: seals over the histories form a chain; what was changed, taken away or slipped in below a seal is found, and where."""

import io

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.utils.translation import override
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from certifications.models import Company, VerificationStatement
from tanxun.digest.review import acting_as
from tanxun.records import sealing, seals
from tanxun.records.seals import Seal
from tanxun.site import erasing, soundness
from tests import factory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("patient")]
TABLE = "certifications_historicalcompany"


def run(*options):
    """(what it says, its faults, exit code)."""
    out, faults = io.StringIO(), io.StringIO()
    try:
        call_command("seal_history", *options, lang="en", stdout=out, stderr=faults)
    except CommandError as error:
        return out.getvalue(), f"{faults.getvalue()}{error}", error.returncode
    return out.getvalue(), faults.getvalue(), 0


def companies(count):
    return [factory.company() for _number in range(count)]


def look_at_keys_now():
    """What a commit would look at: PostgreSQL alters no table with keys that are still to be looked at."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def tamper(statement, params=()):
    look_at_keys_now()
    sealing.unseal()
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
    sealing.seal()


def newest(made):
    return made.history.latest("history_id").history_id


def test_each_seal_goes_on_from_the_one_before():
    companies(3)
    said, faults, code = run()
    first = Seal.objects.get()
    assert (code, faults, first.begins_anew, first.before) == (0, "", True, "")
    assert first.digest in said
    assert f"over {first.entries} entries" in said
    assert "Nothing new" in run()[0]
    statement = factory.statement(products=[factory.product(companies(1)[0])])
    run()
    second = Seal.objects.last()
    assert (second.before, second.begins_anew, second.entries > first.entries) == (first.digest, False, True)
    assert statement.history.model._meta.db_table in second.tables
    assert run("--check")[2] == 0
    assert run("--check", "--expect", first.digest)[2] == 0
    assert first.entries + sum(part[1] for told in second.tables.values() for part in told["parts"]) == second.entries


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE {table} SET name = 'x' WHERE history_id = %s",
        "UPDATE {table} SET history_user_id = NULL, history_change_reason = 'x' WHERE history_id = %s",
        "DELETE FROM {table} WHERE history_id = %s",
    ],
)
def test_what_was_changed_or_taken_away_is_found_and_where(statement):
    made = companies(3)
    run()
    tamper(statement.format(table=TABLE), [newest(made[1])])
    _said, faults, code = run("--check")
    assert code == 1
    assert f"{TABLE}, entries" in faults
    assert ("2 are there, 3 were sealed" in faults) == statement.startswith("DELETE")
    assert len(list(soundness.seals_of_history("default"))) == 1


def test_what_was_slipped_in_or_taken_from_the_end_is_found():
    made = companies(3)
    keys = [newest(one) for one in made]
    tamper(f"DELETE FROM {TABLE} WHERE history_id = %s", [keys[1]])  # noqa: S608
    run()
    copied = ", ".join(f.column for f in Company.history.model._meta.concrete_fields if f.column != "history_id")
    copy = f"INSERT INTO {TABLE} (history_id, {copied}) SELECT %s, {copied} FROM {TABLE} WHERE history_id = %s"  # noqa: S608
    tamper(copy, [keys[1], keys[0]])
    assert "3 are there, 2 were sealed" in run("--check")[1]
    tamper(f"DELETE FROM {TABLE} WHERE history_id IN (%s, %s)", keys[1:])  # noqa: S608
    assert "1 are there, 2 were sealed" in run("--check")[1]


def test_a_fault_is_told_closely_in_a_long_history(monkeypatch):
    monkeypatch.setattr(seals, "PART", 2)
    made = companies(7)
    run()
    keys = sorted(newest(one) for one in made)
    tamper(f"UPDATE {TABLE} SET name = 'x' WHERE history_id = %s", [keys[4]])  # noqa: S608
    with override("en"):
        [fault] = seals.faults()
    assert f"entries {keys[3] + 1} to {keys[5]}" in fault


def test_a_seal_that_was_changed_or_taken_out_is_found_and_none_can_be_by_any_role():
    for _each in range(3):
        companies(1)
        run()
    first, second, third = Seal.objects.all()
    for attempt in (lambda: Seal.objects.filter(pk=second.pk).update(entries=0), second.delete):
        with pytest.raises(IntegrityError, match=sealing.WORDS), transaction.atomic():
            attempt()
    tamper("UPDATE records_seal SET reason = 'x' WHERE id = %s", [second.pk])
    assert f"seal {second.pk}: it was changed itself" in run("--check")[1]
    tamper("DELETE FROM records_seal WHERE id = %s", [second.pk])
    assert f"seal {third.pk}: one before it" in run("--check")[1]
    assert first.digest == Seal.objects.first().digest


def test_a_chain_written_anew_does_not_hold_the_seal_that_was_kept_elsewhere():
    made = companies(2)
    run()
    kept = Seal.objects.get().digest
    tamper(f"UPDATE {TABLE} SET name = 'x' WHERE history_id = %s", [newest(made[0])])  # noqa: S608
    tamper("DELETE FROM records_seal")
    run()
    assert run("--check")[2] == 0
    _said, faults, code = run("--check", "--expect", kept)
    assert (code, kept in faults) == (1, True)


def test_two_seals_at_once_are_one():
    companies(1)
    made, _busy = seals.make()
    assert made.before == ""
    with pytest.raises(IntegrityError), transaction.atomic():
        Seal(made_at=made.made_at, before="", digest="x").save()


def test_who_is_erased_leaves_a_seal_that_begins_anew_and_says_why():
    user = factory.user("editor", username="wangxiaoming", display_name="王小明", email="w@example.com")
    statement = factory.statement()
    with acting_as(user):
        statement.remove("王小明核对")
    run()
    before = Seal.objects.get()
    look_at_keys_now()
    erasing.erase(user, None, "asked for it")
    assert VerificationStatement.history.filter(history_change_reason__contains="王小明").count() == 0
    renewed = Seal.objects.last()
    assert (renewed.begins_anew, renewed.before) == (True, before.digest)
    assert str(user.pk) in renewed.reason
    assert "王小明" not in renewed.reason
    assert list(seals.faults()) == []
    assert run("--check", "--expect", before.digest)[2] == 0


def test_a_renewal_needs_a_reason_and_a_lost_column_asks_for_one():
    companies(1)
    run()
    assert run("--renew")[2] == 2
    table = Seal.objects.get().tables
    table[TABLE]["columns"].append("of_an_earlier_version")
    seal = Seal(made_at=Seal.objects.get().made_at, begins_anew=True, tables=table, before=Seal.objects.get().digest)
    seal.digest = seal.hashed()
    seal.save()
    assert "of_an_earlier_version" in run("--check")[1]
    assert run("--renew", "--reason", "版本升级")[2] == 0
    assert Seal.objects.last().reason == "版本升级"
    assert run("--check")[2] == 0


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(writes=st.lists(st.sampled_from(["write", "seal"]), min_size=2, max_size=8), which=st.integers(0), part=st.integers(1, 4))
def test_whatever_was_written_and_sealed_one_changed_entry_is_found(monkeypatch, writes, which, part):
    monkeypatch.setattr(seals, "PART", part)
    with transaction.atomic():
        for act in writes:
            companies(1) if act == "write" else seals.make()
        companies(1)
        seals.make()
        assert list(seals.faults()) == []
        keys = list(Company.history.values_list("history_id", flat=True).order_by("history_id"))
        tamper(f"UPDATE {TABLE} SET history_type = '-' WHERE history_id = %s", [keys[which % len(keys)]])  # noqa: S608
        assert len(list(seals.faults())) == 1
        transaction.set_rollback(True)
