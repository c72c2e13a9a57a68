"""ALR-03, ALR-04 for hooks: receivers that are down, slow, broken or inside; workers that die between sending and marking."""

import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress

import pytest
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import override

from tanxun import web
from tanxun.alerts.hooks import delivery
from tanxun.alerts.hooks.events import plan
from tanxun.alerts.models import Message
from tanxun.alerts.watching import writing
from tests import factory
from tests.hooking import hook, hurry, round_of_duties, told
from tests.receivers import Receiver, trickle
from tests.running import ROOT, free_port
from tests.working import shared_database

pytestmark = pytest.mark.usefixtures("patient")


@pytest.fixture(autouse=True)
def english(settings):
    settings.LANGUAGE_CODE = "en"
    with override("en"):
        yield


def allow(settings, *receivers):
    settings.OUTGOING_HOSTS = [f"127.0.0.1:{getattr(one, 'port', one)}" for one in receivers]


@pytest.mark.django_db
def test_a_receiver_that_is_down_gets_it_when_it_is_up_again_with_the_same_delivery_id(settings):
    is_down = [True, True, False]
    with Receiver(lambda request: (500 if is_down.pop(0) else 200, {}, b"")) as one:
        allow(settings, one)
        made = hook(one.url)
        factory.statement()
        assert round_of_duties() == 0
        message = made.messages.get()
        assert (message.state, message.attempts) == ("failed", 1)
        assert message.not_before > timezone.now()
        assert "500" in message.error
        assert round_of_duties() == 0  # not before its time
        hurry()
        assert round_of_duties() == 0
        hurry()
        assert round_of_duties() == 1
        assert len({headers["X-Tanxun-Delivery"] for _method, _path, headers, _body in one.requests}) == 1
    made.refresh_from_db()
    assert (made.failures, made.messages.get().error) == (0, "")


@pytest.mark.django_db
def test_one_that_fails_keeps_no_other_waiting(settings):
    port = free_port()
    with Receiver() as good:
        allow(settings, good, port)
        down = hook(f"http://127.0.0.1:{port}/hook?token=verysecretvalue")
        hook(good.url)
        for _number in range(5):
            factory.statement()
        assert round_of_duties() == 5
    # One try told that it is down; the four others wait with it and lose none of their tries.
    assert sorted(down.messages.values_list("attempts", flat=True)) == [0, 0, 0, 0, 1]
    assert all(down.messages.exclude(attempts=1).values_list("not_before", flat=True))
    assert "verysecretvalue" not in down.messages.get(attempts=1).error


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["slow", "redirect", "gone"])
def test_slow_and_sent_on_and_gone(settings, monkeypatch, kind):
    monkeypatch.setattr(web, "SECONDS", 0.5)
    answers = {
        "slow": lambda request: trickle(request, times=20),
        "redirect": lambda request: (302, {"Location": inside.url}, b""),
        "gone": lambda request: (410, {}, b""),
    }
    with Receiver() as inside, Receiver(answers[kind]) as one:
        allow(settings, one)
        made = hook(one.url)
        factory.statement()
        assert round_of_duties() == 0
        assert not inside.requests
    made.refresh_from_db()
    assert made.messages.get().state == "failed"
    assert bool(made.paused_at) == (kind == "gone")


@pytest.mark.django_db
def test_an_address_of_the_inside_is_never_asked(settings):
    settings.OUTGOING_HOSTS = []
    with Receiver() as inside:
        made = hook(inside.url)
        factory.statement()
        assert round_of_duties() == 0
        assert not inside.requests
    assert made.messages.get().error


@pytest.mark.django_db
def test_after_ten_failures_it_is_paused_with_the_reason_and_catches_up_when_it_goes_on(settings):
    status = [500]
    with Receiver(lambda request: (status[0], {}, b"")) as one:
        allow(settings, one)
        made = hook(one.url, events=["statement.published", "policy.published"])
        factory.statement()
        plan()
        for number in range(delivery.MOST_FAILURES):
            if number == 7:
                factory.policy("办法")
            hurry()
            round_of_duties()
        made.refresh_from_db()
        assert made.paused_at
        assert "500" in made.pause_reason
        asked = len(one.requests)
        factory.policy("第二个办法")
        hurry()
        assert round_of_duties() == 0
        assert len(one.requests) == asked
        status[0] = 200
        made.go_on()
        assert round_of_duties() == 3
        assert [said["event"] for said in told(one)[asked:]].count("policy.published") == 2


@pytest.mark.django_db(transaction=True)
def test_killed_between_sending_and_marking_it_goes_out_again_with_the_same_id(settings, tmp_path):
    """ALR-03: never zero after a restart; a twin only where the receiver had it already, and it bears the same delivery id."""
    victims = []

    def take_and_kill(request):
        if victims:
            os.kill(victims.pop(), signal.SIGKILL)  # the receiver has it, the worker will never know
        return 200, {}, b""

    factory.user("manager", username="owner")
    with Receiver(take_and_kill) as one, shared_database(tmp_path) as url:
        from tanxun.site.models import User

        made = hook(one.url, owner=User.objects.get(username="owner"))
        factory.statement()
        environment = os.environ | {
            "DATABASE_URL": url,
            "DJANGO_SETTINGS_MODULE": "tests.settings",
            "OUTGOING_HOSTS": f"127.0.0.1:{one.port}",
        }
        command = [sys.executable, "manage.py", "send_alerts", "--once"]
        worker = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        victims.append(worker.pid)
        try:
            assert worker.wait(120) == -signal.SIGKILL
            assert len(one.requests) == 1
            assert made.messages.get().state == "sending"
            # Its lease holds: another worker that comes at once does not send it too.
            allow(settings, one)
            assert round_of_duties() == 0
            assert len(one.requests) == 1
            Message.objects.update(leased_until=timezone.now() - timezone.timedelta(seconds=1))
            assert round_of_duties() == 1
        finally:
            with suppress(ProcessLookupError):
                worker.kill()
            worker.communicate()
        assert made.messages.get().state == "sent"
        assert len(one.requests) == 2
        assert len({headers["X-Tanxun-Delivery"] for _method, _path, headers, _body in one.requests}) == 1


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_tell_each_event_once(settings, tmp_path):
    """ALR-03: two that plan and send at the same time."""

    def slowly(request):
        time.sleep(0.05)
        return 200, {}, b""

    factory.user("manager", username="owner")
    with Receiver(slowly) as one, shared_database(tmp_path) as url:
        from tanxun.site.models import User

        made = hook(one.url, owner=User.objects.get(username="owner"))
        for _number in range(15):
            factory.statement()
        environment = os.environ | {
            "DATABASE_URL": url,
            "DJANGO_SETTINGS_MODULE": "tests.settings",
            "OUTGOING_HOSTS": f"127.0.0.1:{one.port}",
        }
        command = [sys.executable, "manage.py", "send_alerts", "--once"]
        workers = [subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL) for _number in range(2)]
        assert [worker.wait(120) for worker in workers] == [0, 0]
        assert len(one.requests) == 15
        assert len({said["delivery"] for said in told(one)}) == 15
        assert set(made.messages.values_list("state", flat=True)) == {"sent"}


@pytest.mark.django_db(transaction=True)
def test_what_is_committed_late_under_an_earlier_key_is_told(settings):
    """An import that began first and ends last: its rows have lower keys than what was told meanwhile."""
    if connection.vendor != "postgresql":  # the promise is about writers side by side, and SQLite has one at a time
        pytest.skip("SQLite has one writer at a time: keys are committed in their order")
    company, kind, body = factory.company(), factory.statement_type(), factory.body()
    values = {"company": company, "statement_type": kind, "verification_body": body}
    written, may_end = threading.Event(), threading.Event()

    def write_slowly():
        with transaction.atomic():
            factory.statement(**values)
            written.set()
            may_end.wait(30)
        connection.close()

    with Receiver() as one:
        allow(settings, one)
        hook(one.url, events=["statement.published"])
        writer = threading.Thread(target=write_slowly)
        writer.start()
        assert written.wait(30)
        factory.statement(**values)
        round_of_duties()
        may_end.set()
        writer.join()
        round_of_duties()
        assert len({said["url"] for said in told(one)}) == len(told(one)) == 2


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("database", "is_waited_for"), [("of the site", True), ("postgres", False)])
def test_only_who_writes_in_this_database_is_waited_for(database, is_waited_for):
    """A server keeps several databases; a long import into the neighbour's is no reason to wait."""
    if connection.vendor != "postgresql":  # one file is one database
        pytest.skip("SQLite has one database in its file")
    other = connection.copy()
    if database == "postgres":
        other.settings_dict = connection.settings_dict | {"NAME": database}
    try:
        with other.cursor() as cursor, connection.cursor() as ours:
            cursor.execute("BEGIN")
            cursor.execute("SELECT pg_current_xact_id()::text::bigint")
            (number,) = cursor.fetchone()
            assert (number in writing(ours)) == is_waited_for
            cursor.execute("ROLLBACK")
            assert number not in writing(ours)
    finally:
        other.close()
