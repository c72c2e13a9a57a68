"""What somebody saves while a longer act is under way: it waits, and then it is told; it is never overwritten unseen. (ADM-03)"""

import datetime as dt
import threading

import pytest
import time_machine
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from certifications import merging
from tanxun.records import many, versions
from tests import factory
from tests.four_eyes import browser
from tests.test_admin_together import opened
from tests.test_history import changes, version_page

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif("connection.vendor == 'sqlite'", reason="an in-memory SQLite database is not shared by threads"),
]


@pytest.fixture
def beside(monkeypatch):
    """`f(place, name, form, values)`: when that is called first, another editor sends the form, which was opened before.

    Gives the answers, complete once `end()` was called.
    """
    threads, answers = [], []

    def begin(place, name, record, values):
        person, real = browser(factory.user("editor", display_name="李四")), getattr(place, name)
        address, form = opened(person, record)

        def send():
            answers.append(person.post(address, form | values).status_code)
            connection.close()

        def then(*args, **kwargs):
            if not threads:
                threads.append(threading.Thread(target=send))
                threads[0].start()
                threads[0].join(1)
            return real(*args, **kwargs)

        monkeypatch.setattr(place, name, then)

    def end():
        threads[0].join(20)
        return answers

    begin.end = end
    return begin


def test_a_day_that_is_set_for_many_leaves_what_is_saved_meanwhile(beside):
    one, two = factory.statement(), factory.statement(valid_until=dt.date(2027, 1, 1))
    beside(many, "_write", two, {"valid_until": "2030-01-01", "certificate_number": "NEW-1"})
    chosen = {"action": "mark_checked", "_selected_action": [one.pk, two.pk]}
    manager = browser(factory.user("manager"))
    assert manager.post(reverse("admin:certifications_verificationstatement_changelist"), chosen).status_code == 302
    assert beside.end() == [200]  # told that the record was changed, and nothing typed is lost
    two.refresh_from_db()
    entry = two.history.first()
    assert (two.valid_until, two.register_checked_on) == (dt.date(2027, 1, 1), timezone.localdate())
    assert (entry.valid_until, entry.register_checked_on) == (two.valid_until, two.register_checked_on)


def test_a_merge_overwrites_no_statement_that_is_saved_meanwhile(beside):
    kept, gone = factory.company("昆山样例电子有限公司"), factory.company("样例电子（昆山）")
    _one, two = factory.statement(company=gone), factory.statement(company=gone)
    beside(merging, "repoint", two, {"summary": "另一位编辑写的"})
    merging.merge(kept, gone, factory.user("manager"), "同一家")
    status = beside.end()
    two.refresh_from_db()
    assert (two.company, status, two.summary) == (kept, [200], "")


def test_a_version_brought_back_overwrites_nothing_that_is_saved_meanwhile(beside):
    manager, company = browser(factory.user("manager")), factory.company("甲公司", website="https://a.example/")
    with time_machine.travel(timezone.now() + dt.timedelta(hours=1)):
        company.website = "https://b.example/"
        company.save()
        address, form = version_page(manager, company, changes(manager, company)[-1])
        beside(versions.Return, "write", company, {"name": "甲公司（更名）"})
        assert manager.post(address, form).status_code == 302
    status = beside.end()
    company.refresh_from_db()
    assert (company.website, status, company.name) == ("https://a.example/", [200], "甲公司")
