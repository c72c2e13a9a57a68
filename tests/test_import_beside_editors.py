"""What others save while a sheet is being written is neither overwritten nor left with what went (CWE-362)."""

import datetime as dt
import threading

import pytest
from django.db import connection

from certifications.models import Company, VerificationStatement
from tests.sheets import bring, counted, csv_file, row, vocabulary
from tests.test_deadlocks import beside, other  # noqa: F401 - a fixture
from tests.working import is_waited_for, until

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time, so nobody writes meanwhile"),
]


@pytest.fixture
def written(tmp_path):
    """Two statements of one company."""
    vocabulary()
    bring(csv_file(tmp_path, row(), row(number="PCF-0002")))


def brought_while_it_waits(other, path, **options):  # noqa: F811
    """What came of the sheet when somebody commits as soon as it waits for them, or else when it is done."""
    is_done = threading.Event()

    def commit():
        until(lambda: is_waited_for(other) or is_done.is_set())
        other.commit()

    awaited = beside(commit)
    try:
        return bring(path, **options)
    finally:
        is_done.set()
        awaited()


def test_what_an_editor_saves_while_a_sheet_updates_stays(written, other, tmp_path):  # noqa: F811
    """The sheet changes the end of the first and the product of the second, of which somebody changes the end."""
    second = VerificationStatement.objects.get(certificate_number="PCF-0002")
    edit = "UPDATE certifications_verificationstatement SET valid_until = '2030-06-30', updated_at = now() WHERE id = %s"
    other.execute(edit, [second.pk])
    sheet = csv_file(tmp_path, row(until="2029-01-04"), row(number="PCF-0002", until="", product="交换机"))
    outcome = brought_while_it_waits(other, sheet, updates=True)
    assert counted(outcome) == {"changed": 2}
    found = VerificationStatement.objects.order_by("certificate_number")
    assert [one.valid_until for one in found] == [dt.date(2029, 1, 4), dt.date(2030, 6, 30)]
    assert [product.name for product in second.products.all()] == ["交换机"]


def test_no_statement_comes_in_on_a_company_that_is_removed_meanwhile(written, other, tmp_path):  # noqa: F811
    VerificationStatement.objects.all().delete()
    other.execute("UPDATE certifications_company SET deleted_at = now(), deleted_reason = 'x', updated_at = now()")
    brought_while_it_waits(other, csv_file(tmp_path, row(number="PCF-0003")))
    assert Company.with_deleted.exclude(deleted_at=None).exists()
    assert VerificationStatement.objects.get(certificate_number="PCF-0003").company.deleted_at is None
