"""Two machines of the site whose clocks are twenty minutes apart, ten ahead and ten behind: what one hands out, the other takes.

OPS-09. Leases are by the database's clock, the only one that all share.
"""

import datetime as dt
import os
import re
import subprocess
import sys

import pytest
import time_machine
from django.contrib.auth.tokens import default_token_generator
from django.urls import reverse
from django.utils import timezone
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from tanxun.jobs.models import Job, State
from tanxun.jobs.queue import start
from tests import factory as f
from tests.running import ROOT
from tests.tokens import bearing, token
from tests.working import count, left, shared_database, until

AWAY = dt.timedelta(minutes=10)
BOTH_WAYS = pytest.mark.parametrize("first", [AWAY, -AWAY], ids=["ahead first", "behind first"])


def at(shift):
    return time_machine.travel(timezone.now() + shift)


@BOTH_WAYS
@pytest.mark.django_db
def test_sessions_forms_and_tokens_hold(client, first):  # OPS-09
    company = f.statement().company
    user = f.user("editor", username="wang")
    with at(first):
        signed_in = client.post("/accounts/login/", {"username": "wang", "password": "pass-word-1"})
        assert signed_in.status_code == 302
        page = client.get(company.get_absolute_url()).content.decode()
        key = token(user)
    form = re.search(r'name="token" value="(\w+)"', page)[1]
    with at(-first):
        assert client.get(company.get_absolute_url()).status_code == 200
        sent = client.post(company.get_absolute_url(), {"action": "add", "text": "样", "token": form})
        assert sent.status_code == 302
        assert client.get("/api/v1/statements/", headers=bearing(key)).status_code == 200
    with at(first):
        twice = client.post(company.get_absolute_url(), {"action": "add", "text": "样", "token": form})
        assert twice.status_code == 302
    assert company.notes.count() == 1


@BOTH_WAYS
@pytest.mark.django_db
def test_a_signed_link_holds(client, first):  # OPS-09
    user = f.user(email="wang@example.com")
    with at(first):
        names = [urlsafe_base64_encode(force_bytes(user.pk)), default_token_generator.make_token(user)]
    with at(-first):
        answer = client.get(reverse("password_reset_confirm", args=names), follow=True)
    assert 'name="new_password1"' in answer.content.decode()


@pytest.mark.django_db(transaction=True)
def test_no_worker_takes_what_another_holds(tmp_path):  # OPS-09
    person = f.superuser(username="starter")
    with shared_database(tmp_path) as url:
        slow = start(count, person, "slow", {"name": "slow", "steps": 50, "pause": 0.1})  # longer than a lease
        others = [start(count, person, "quick", {"name": f"quick {number}"}) for number in range(6)]
        workers = [begun(url, seconds) for seconds in (600, -600)]
        try:
            until(lambda: not Job.objects.open().exists())
        finally:
            for worker in workers:
                worker.kill()
                worker.wait()
        assert set(Job.objects.values_list("state", "attempt")) == {(State.DONE, 1)}
        assert [left(job.arguments["name"]) for job in (slow, *others)] == [1] * 7


def begun(url, shift):
    environment = {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "tests.settings", "SHIFT": str(shift)}
    command = [sys.executable, "-m", "tests.shifted", "run_worker", "--interval", "0.1"]
    return subprocess.Popen(command, cwd=ROOT, env=os.environ | environment, stderr=subprocess.DEVNULL)
