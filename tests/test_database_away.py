"""While the database cannot do its part, people are told so, nothing typed is lost, and the site is itself again afterwards
(CWE-755): busy beyond the wait, full, away.

HELD_SECONDS: how long somebody else writes; `.ci/run --nightly` sets 30, and then the site waits as long as it is shipped to.
"""

import html
import os
import re
import time
from contextlib import contextmanager

import pytest
from django.db import OperationalError, connection, connections
from django.test import Client

from certifications.models import Company, CompanyNote
from tanxun.databases import is_unavailable
from tanxun.site.models import User
from tests import factory as f
from tests.working import shared_database, writing

pytestmark = pytest.mark.django_db(transaction=True)
HELD_SECONDS = float(os.environ.get("HELD_SECONDS", "0"))
FORM = {"action": "add", "text": "\n下周\n电话联系 <b>&\"'", "follow_up_on": "", "token": "0" * 32}


@pytest.fixture
def url(db, tmp_path):
    f.company("昆山样例电子有限公司")
    f.user("editor", username="wang")
    with shared_database(tmp_path) as url:
        yield url


@pytest.fixture
def client(url):
    client = Client(raise_request_exception=False)
    client.cookies["django_language"] = "en"
    client.post("/accounts/login/", {"username": "wang", "password": "pass-word-1"})
    return client


@contextmanager
def held(url):
    """Somebody else writes, for longer than anybody waits."""
    if not HELD_SECONDS:
        connection.ensure_connection()
        connection.connection.execute("PRAGMA busy_timeout=200" if connection.vendor == "sqlite" else "SET lock_timeout = 200")
    begin = time.monotonic()
    with writing(url):
        yield
        time.sleep(max(begin + HELD_SECONDS - time.monotonic(), 0))


def test_a_form_that_could_not_be_saved_can_be_sent_again_as_it_was(client, url):
    """DB-04: 503, with the text; sent again when the other has ended, it is saved."""
    address = Company.objects.get().get_absolute_url()
    with held(url):
        answer = client.post(address, FORM)
    page = answer.content.decode()
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert "The database is busy" in page
    assert f'action="{address}"' in page
    kept = dict(re.findall(r'<input type="hidden" name="(?!csrf)(\w+)" value="([^"]*)">', page))
    kept = {name: html.unescape(value) for name, value in kept.items()}
    assert kept == FORM
    assert CompanyNote.objects.count() == 0
    assert client.post(address, kept).status_code == 302
    assert CompanyNote.objects.get().text == FORM["text"].strip()


def test_who_signs_in_meanwhile_gets_no_password_back(client, url):
    """DB-04"""
    with held(url):
        answer = Client(raise_request_exception=False).post("/accounts/login/", {"username": "wang", "password": "pass-word-1"})
    assert answer.status_code == 503
    assert "pass-word-1" not in answer.content.decode()


def failing(number):
    """An error as the driver raises it, with what it is told apart by."""
    error = OperationalError("cannot now")
    cause = Exception("cannot now")
    if number.isdigit() and len(number) < 5:
        cause.sqlite_errorcode = int(number)
    else:
        cause.sqlstate = number or None
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("number", "status", "words"),
    [
        ("5", 503, "The database is busy"),
        ("517", 503, "The database is busy"),  # busy, in its long form
        ("13", 503, "The disk of the site is full"),
        ("53100", 503, "The disk of the site is full"),
        ("", 503, "The database is busy"),  # the server is away
        ("57P01", 503, "The database is busy"),
        ("53300", 503, "The database is busy"),
        ("40P01", 503, "The database is busy"),
        ("25006", 503, "The database is busy"),
        ("1", 500, "Something went wrong on our side"),  # no such table
        ("42P01", 500, "Something went wrong on our side"),
    ],
)
def test_each_trouble_has_its_words_for_people_and_programs(client, number, status, words):
    """DB-04, DB-09, DB-10, DB-11"""

    def fail(execute, sql, params, many, context):
        raise failing(number)

    program = {"Authorization": f"Bearer {'x' * 30}", "Accept-Language": "en"}
    for address, headers in (("/policies/", {}), ("/api/v1/policies/", program)):
        with connections["default"].execute_wrapper(fail):
            answer = client.get(address, headers=headers)
        assert answer.status_code == status
        assert words in answer.content.decode()
        assert "cannot now" not in answer.content.decode()
        assert answer.headers.get("Retry-After") == ("5" if status == 503 else None)
    assert client.get("/policies/").status_code == 200


def test_a_full_disk_is_said_and_reading_goes_on(disk_of):
    """DB-05: the database stands on a small disk that is full."""
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL keeps its data on its server's disk")  # that is not ours to fill
    f.user("editor", username="wang")
    policy = f.policy("样例政策")
    disk = disk_of("24m")
    with shared_database(disk):
        client = Client(raise_request_exception=False)
        client.cookies["django_language"] = "en"
        client.force_login(User.objects.get())
        room = (disk / "filler").open("wb", buffering=0)
        try:
            while room.write(b"x" * 4096):
                pass
        except OSError:
            pass
        answer = client.post("/review/", {"text": "近日，样例公司取得核查声明。" * 3000})
        assert answer.status_code == 503
        assert "disk of the site is full" in answer.content.decode()
        assert client.get(f"/policies/{policy.pk}/").status_code == 200
        room.close()
        (disk / "filler").unlink()
        assert client.post("/review/", {"text": "近日，样例公司取得SGS颁发的核查声明。"}).status_code == 302


def test_what_is_a_fault_of_ours_is_not_called_busy():
    assert not is_unavailable(ValueError())
    assert not is_unavailable(None)
