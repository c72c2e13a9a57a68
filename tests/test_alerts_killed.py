"""Real senders on one database, at once, killed, frozen or told to end: everybody is told, and nobody's mail has two numbers."""

import datetime as dt
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter

import pytest
from django.db import connection, connections, transaction
from django.utils import timezone

from tanxun.alerts import sending
from tanxun.alerts.models import Channel, Mailbox, Message, Subscription
from tanxun.listing.models import SavedFilter
from tests import factory as f
from tests.mailing import mail_server, speak_to
from tests.running import ROOT
from tests.working import shared_database, until

pytestmark = pytest.mark.django_db(transaction=True)
KEY = "x" * 50


@pytest.fixture
def people(db):
    return [f.user("consultant", username=f"p{number}", email=f"p{number}@example.com") for number in range(3)]


@pytest.fixture
def server(settings):
    with mail_server() as found:
        speak_to(settings, found[0])  # this process is a sender, too, with the key of the others
        settings.SECRET_KEY = KEY
        yield found


@pytest.fixture
def senders(people, tmp_path, server):
    # The users of a test are written before its database is copied.
    with shared_database(tmp_path) as url:
        some = Senders(url, tmp_path, server[0])
        try:
            yield some
        finally:
            some.end()


class Senders:
    """Processes that send, on one database; all ended at the end."""

    def __init__(self, url, folder, email_url):
        noon = 12 - dt.datetime.now(dt.UTC).hour
        self.environment = os.environ | {
            "DATABASE_URL": url,
            "DATA_DIR": str(folder / "data"),
            "SECRET_KEY": KEY,
            "DJANGO_SETTINGS_MODULE": "tanxun.settings",
            "EMAIL_URL": email_url,
            "TIME_ZONE": f"Etc/GMT{-noon:+d}",  # there it is about noon now: mails are planned after eight
            "LANG": "en",
        }
        self.log = (folder / "senders.log").open("w+")
        self.running = []

    def begin(self, *command):
        arguments = [sys.executable, "manage.py", *(command or ("send_alerts", "--once"))]
        process = subprocess.Popen(arguments, cwd=ROOT, env=self.environment, stdout=self.log, stderr=self.log)
        self.running.append(process)
        return process

    def finish(self):
        for process in self.running:
            assert process.wait(120) == 0, self.said()
        self.running.clear()

    def said(self):
        self.log.flush()
        self.log.seek(0)
        return self.log.read()

    def end(self):
        for process in self.running:
            process.kill()
            process.wait()
        self.log.close()


def queue(people, number=1):
    """A digest for each of them, which tells of one new statement."""
    for user in people:
        Mailbox.objects.get_or_create(user=user, defaults={"language": "en"})
        saved = SavedFilter.objects.create(owner=user, page="statements", name=f"all {number}", query="")
        Subscription.objects.create(user=user, saved_filter=saved)
    f.statement()
    newest = 10**6
    Message.objects.queue(
        Message(
            channel=Channel.MAIL,
            recipient=f"user-{user.pk}",
            kind="digest",
            key=f"digest-{number}",
            payload={
                "day": "2026-03-02",
                "is_weekly": True,
                "news": {str(one.pk): [0, newest] for one in Subscription.objects.filter(user=user)},
            },
        )
        for user in people
    )


def expire():
    """As if the lease had run out: nobody waits ten minutes here."""
    Message.objects.filter(state="sending").update(leased_until=timezone.now() - dt.timedelta(hours=1))


def states():
    return Counter(Message.objects.values_list("state", flat=True))


def test_two_senders_at_once_tell_everybody_once(senders, server, people):
    """ALR-03"""
    for number in range(6):
        queue(people, number)
    server[1].pause = 0.05
    for _each in range(2):
        senders.begin()
    senders.finish()
    assert states() == {"sent": 18}
    assert Counter(server[1].recipients) == {user.email: 6 for user in people}
    assert len({letter["Message-ID"] for letter in server[1].letters}) == 18


def test_killed_before_the_server_has_it_it_goes_out_after_the_lease(server, people):
    """ALR-03"""
    queue(people[:1])
    Message.objects.update(state="sending", token="0" * 32, leased_until=timezone.now() + dt.timedelta(hours=1), attempts=1)
    sending.send_all()
    assert server[1].letters == []  # somebody holds it
    expire()
    sending.send_all()
    assert (states(), len(server[1].letters)) == ({"sent": 1}, 1)


def test_killed_after_the_yes_before_the_mark_nobody_is_forgotten_and_the_twin_has_the_same_number(senders, server, people):
    """ALR-03"""
    queue(people)
    held, freed = threading.Event(), threading.Event()
    database = connections["default"].settings_dict

    def hold_the_mark():
        """Keeps every mark from being written: the row on PostgreSQL, the database on SQLite."""
        connections["default"].settings_dict = database
        with transaction.atomic():
            list(Message.objects.select_for_update())
            held.set()
            freed.wait(60)
        connection.close()

    server[1].pause = 1.5
    victim = senders.begin()
    until(lambda: server[1].letters)  # the server has it, and says so in a moment
    holder = threading.Thread(target=hold_the_mark)
    holder.start()
    held.wait(30)
    time.sleep(2.5)  # it has said yes; the mark waits for the lock
    victim.kill()
    victim.wait()
    senders.running.clear()
    freed.set()
    holder.join()
    # PostgreSQL's server may still carry out the mark that it had been asked for: then there is no twin.
    assert states() in ({"sending": 1, "waiting": 2}, {"sent": 1, "waiting": 2})
    server[1].pause = 0
    expire()
    sending.send_all()
    assert states() == {"sent": 3}
    numbers = Counter(letter["Message-ID"] for letter in server[1].letters)
    assert len(numbers) == 3  # one for each person, whatever was killed
    assert sorted(numbers.values()) in ([1, 1, 2], [1, 1, 1])
    assert set(server[1].recipients) == {user.email for user in people}


def test_frozen_past_its_lease_the_mark_of_the_other_stands(senders, server, people):
    """ALR-03"""
    queue(people[:1])
    server[1].pause = 1
    frozen = senders.begin()
    until(lambda: server[1].letters)
    os.kill(frozen.pid, signal.SIGSTOP)
    expire()
    assert sending.send_all() == 1
    sent_at = Message.objects.get().sent_at
    assert sent_at
    os.kill(frozen.pid, signal.SIGCONT)
    assert frozen.wait(60) == 0
    assert Message.objects.get().sent_at == sent_at
    assert len({letter["Message-ID"] for letter in server[1].letters}) == 1


def test_the_worker_of_start_sends_by_itself_and_ends_in_order(senders, server, people):
    queue(people[:1])
    server[1].pause = 2
    worker = senders.begin("run_worker")
    until(lambda: server[1].letters)
    worker.terminate()  # while the server is still thinking
    assert worker.wait(60) == 0
    assert (states(), len(server[1].letters)) == ({"sent": 1}, 1)


def test_two_that_plan_at_once_write_one_mail(senders, server, people):
    """ALR-03"""
    for user in people:
        Mailbox.objects.create(user=user, language="en", week_on=dt.date(2020, 1, 6))
        saved = SavedFilter.objects.create(owner=user, page="statements", name="all", query="")
        Subscription.objects.create(user=user, saved_filter=saved)
    f.statement()
    for _each in range(2):
        senders.begin()
    senders.finish()
    assert Counter(server[1].recipients) == {user.email: 1 for user in people}
    assert Message.objects.count() == 3


def test_killed_while_planning_and_while_sending_nobody_is_forgotten(senders, server, people):
    """ALR-03: the marks move in the transaction that queues the message."""
    for user in people:
        Mailbox.objects.create(user=user, language="en", week_on=dt.date(2020, 1, 6))
        saved = SavedFilter.objects.create(owner=user, page="statements", name="all", query="")
        Subscription.objects.create(user=user, saved_filter=saved)
    f.statement()
    server[1].pause = 0.5
    for moment in (Message.objects.exists, lambda: server[1].letters):
        victim = senders.begin()
        until(moment)
        victim.kill()
        victim.wait()
        senders.running.clear()
        expire()
    senders.begin()
    senders.finish()
    assert states() == {"sent": 3}
    assert set(server[1].recipients) == {user.email for user in people}
    assert len({letter["Message-ID"] for letter in server[1].letters}) == 3


def test_a_sender_waits_longer_than_a_page_may(senders, server, people):
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has no time limit for statements")  # the promise is that a limit is lifted: there is none to lift
    queue(people[:1])
    senders.environment["DATABASE_URL"] += "?options=-c%20statement_timeout%3D500"
    with transaction.atomic():
        list(Message.objects.select_for_update())
        senders.begin()
        until(waits_for_a_lock)
        time.sleep(1.5)
    senders.finish()
    assert (states(), senders.said()) == ({"sent": 1}, "1 message sent.\n")


def waits_for_a_lock():
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        return cursor.fetchone()[0]
