"""PostgreSQL cuts one of two transactions that wait for each other, or that read what the other changed: it is done again, and
both stand (CWE-833, 362). These meet for real here; test_tried_again.py has every other error by its number."""

import threading
import time

import pytest
from django.db import OperationalError, connection
from django.test import Client

from certifications.models import Company, CompanyNote
from tanxun.site import again
from tests import factory as f
from tests.working import is_waited_for, shared_database, until

pytestmark = [
    pytest.mark.django_db(transaction=True),
    # SQLite has one writer at a time: there is nothing that could wait in a circle.
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time, so neither can be there"),
]
KEY = "7e" * 16
FORM = {"action": "add", "text": "Rang them up", "follow_up_on": "", "token": KEY}


class Seen:
    """The numbers of all errors that the database told."""

    def __init__(self):
        self.numbers = []

    def __call__(self, execute, sql, params, many, context):
        try:
            return execute(sql, params, many, context)
        except OperationalError as error:
            self.numbers.append(error.__cause__.sqlstate)
            raise


@pytest.fixture
def client(monkeypatch):
    monkeypatch.setattr(again, "PAUSES", (0, 0))
    f.company("昆山样例电子有限公司")
    client = Client(raise_request_exception=False)
    client.force_login(f.user("editor", username="wang"))
    return client


@pytest.fixture
def other(tmp_path):
    """Somebody else's connection, which is never the one that is cut."""
    import psycopg

    with shared_database(tmp_path) as url, psycopg.connect(url) as made:
        made.execute("SET deadlock_timeout = '60s'")
        made.commit()
        yield made
        made.rollback()


def beside(work):
    """Runs it in a thread, which tells what went wrong when it is awaited."""
    faults = []

    def run():
        try:
            work()
        except Exception as error:  # told where the test can see it
            faults.append(error)

    thread = threading.Thread(target=run)
    thread.start()

    def awaited():
        thread.join(60)
        assert (thread.is_alive(), faults) == (False, [])

    return awaited


def waits(other):
    until(lambda: is_waited_for(other))
    time.sleep(0.1)


def test_of_two_that_wait_for_each_other_one_is_done_again(client, other):
    """DB-11: a real deadlock. The form waits for the other's token, the other for the form's note."""
    company = Company.objects.get()
    spent = "INSERT INTO records_formtoken (key, model, object_id, created_at) VALUES (%s, '', '', now())"
    other.execute(spent, [KEY])

    def get_in_the_way():
        waits(other)
        other.execute("LOCK TABLE certifications_companynote IN SHARE MODE")
        other.rollback()

    awaited = beside(get_in_the_way)
    with connection.execute_wrapper(seen := Seen()):
        answer = client.post(company.get_absolute_url(), FORM)
    awaited()
    assert seen.numbers == ["40P01"]
    assert answer.status_code == 302
    assert CompanyNote.objects.get().text == FORM["text"]


def test_what_was_changed_beneath_a_snapshot_is_read_again(client, other):
    """DB-11: a real serialization failure. Neither change is lost."""
    company = Company.objects.get()
    client.post(company.get_absolute_url(), FORM)
    note = CompanyNote.objects.get()
    with connection.cursor() as cursor:  # stricter than the site is: as shipped, it would just wait its turn
        cursor.execute("SET default_transaction_isolation = 'repeatable read'")
    other.execute("UPDATE certifications_companynote SET text = 'And wrote', version = version + 1")

    def change_it():
        waits(other)
        other.commit()

    awaited = beside(change_it)
    with connection.execute_wrapper(seen := Seen()):
        answer = client.post(company.get_absolute_url(), {"action": "done", "note": note.pk, "token": "7f" * 16})
    awaited()
    assert seen.numbers == ["40001"]
    assert answer.status_code == 302
    after = CompanyNote.objects.get()
    assert (after.text, after.version, after.done_at is not None) == ("And wrote", note.version + 2, True)
