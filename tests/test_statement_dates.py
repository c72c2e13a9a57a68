"""When a statement counts, for which week, and how long it is good: each rule of the contract, on a stopped clock."""

import datetime as dt

import pytest
import time_machine

from certifications.models import RegisterStatus, StatementType, Validity, VerificationStatement
from tests import factory

pytestmark = pytest.mark.django_db
TODAY = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def _clock():
    with time_machine.travel(TODAY, tick=False):
        yield


def validity_of(statement):
    row = VerificationStatement.objects.filter(pk=statement.pk).with_validity().get()
    assert row.validity == VerificationStatement.objects.get(pk=statement.pk).validity
    return row.validity


@pytest.mark.parametrize(
    ("issued", "announced", "dated", "precision"),
    [
        (dt.date(2026, 1, 5), dt.date(2026, 1, 9), dt.date(2026, 1, 5), "day"),
        (None, dt.date(2026, 1, 9), dt.date(2026, 1, 9), "day"),
        (None, None, dt.date(2026, 1, 16), "week"),
    ],
)
def test_dated_on_is_issued_else_announced_else_the_source(issued, announced, dated, precision):
    statement = factory.statement(issued_on=issued, announced_on=announced, source_on=dt.date(2026, 1, 16))
    assert (statement.dated_on, statement.dated_precision) == (dated, precision)


def test_an_entry_by_hand_belongs_to_the_week_it_was_made():
    statement = factory.statement(issued_on=dt.date(2024, 5, 1))
    assert statement.week_on == dt.date(2026, 3, 1)
    statement.issued_on = dt.date(2025, 5, 1)
    with time_machine.travel(TODAY + dt.timedelta(days=40)):
        statement.save()
    assert VerificationStatement.objects.get().week_on == dt.date(2026, 3, 1)


@pytest.mark.parametrize(
    ("days", "expected"),
    [(-1, Validity.EXPIRED), (0, Validity.EXPIRING), (90, Validity.EXPIRING), (91, Validity.VALID), (None, Validity.UNDATED)],
)
def test_a_printed_end_decides(days, expected):
    end = None if days is None else dt.date(2026, 3, 1) + dt.timedelta(days=days)
    statement = factory.statement(statement_type=factory.statement_type("product_carbon_footprint"), valid_until=end)
    assert validity_of(statement) == expected
    assert not statement.is_due_computed


def test_the_day_turns_at_midnight_in_shanghai():
    statement = factory.statement(valid_until=dt.date(2026, 3, 1))
    with time_machine.travel(dt.datetime(2026, 3, 1, 15, 59, tzinfo=dt.UTC), tick=False):
        assert validity_of(statement) == Validity.EXPIRING
    with time_machine.travel(dt.datetime(2026, 3, 1, 16, 0, tzinfo=dt.UTC), tick=False):
        assert validity_of(statement) == Validity.EXPIRED


@pytest.mark.parametrize(
    ("period_end", "due", "expected"),
    [
        (dt.date(2025, 12, 31), dt.date(2026, 12, 31), Validity.VALID),
        (dt.date(2025, 5, 31), dt.date(2026, 5, 31), Validity.VALID),
        (dt.date(2025, 5, 30), dt.date(2026, 5, 30), Validity.EXPIRING),
        (dt.date(2024, 2, 29), dt.date(2025, 2, 28), Validity.EXPIRED),
    ],
)
def test_a_period_falls_due_after_its_cycle_and_is_marked_computed(period_end, due, expected):
    statement = factory.statement(period_start=period_end.replace(day=1), period_end=period_end)
    assert (statement.due_on, statement.is_due_computed) == (due, True)
    assert validity_of(statement) == expected


def test_a_printed_end_beats_the_period():
    statement = factory.statement(period_end=dt.date(2024, 12, 31), valid_until=dt.date(2027, 1, 1))
    assert (statement.due_on, statement.is_due_computed) == (dt.date(2027, 1, 1), False)


def test_a_footprint_with_a_period_but_no_rule_stays_undated():
    kind = factory.statement_type("product_carbon_footprint")
    assert validity_of(factory.statement(statement_type=kind, period_end=dt.date(2020, 12, 31))) == Validity.UNDATED


@pytest.mark.parametrize("status", [RegisterStatus.SUSPENDED, RegisterStatus.REVOKED, RegisterStatus.CANCELLED])
def test_the_register_comes_first(status):
    statement = factory.statement(valid_until=dt.date(2030, 1, 1), register_status=status)
    assert validity_of(statement) == status


def test_a_list_membership_is_valid_until_its_removal():
    kind = factory.statement_type("green_factory")
    member = factory.statement(statement_type=kind, verification_body=None)
    assert validity_of(member) == Validity.VALID
    member.removed_on = dt.date(2026, 3, 2)
    member.save()
    assert validity_of(member) == Validity.VALID
    member.removed_on = dt.date(2026, 3, 1)
    member.save()
    assert validity_of(member) == Validity.EXPIRED


def test_a_changed_cycle_moves_the_due_dates_of_its_type():
    statement = factory.statement(period_end=dt.date(2025, 12, 31))
    kind = StatementType.objects.get(slug="ghg_verification")
    kind.cycle_months = 24
    kind.save()
    statement.refresh_from_db()
    assert statement.due_on == dt.date(2027, 12, 31)
    assert statement.history.count() == 1
