"""The web server is killed again and again while people write: what was acknowledged stands (OPS-01)."""

import http.client
import json
import os
import signal
import sqlite3
import subprocess
import threading
import time
import uuid
from contextlib import suppress

import pytest

from tanxun.site.start import web_server
from tests.benchmarks.sites import Side, signed_in, wait_for
from tests.running import ROOT, RunningSite, free_port
from tests.working import until

KILLS, WRITERS = 10, 4
MAKE = "from certifications.models import Company; print(Company.objects.create(name='被写企业').pk)"
READ = """import json; from certifications.models import CompanyNote as N
print(json.dumps([*N.objects.values_list("text", flat=True)]))"""


class Writer(threading.Thread):
    """One person who writes notes until told to stop; `acknowledged` are those that the site said it has."""

    def __init__(self, side, address, stop):
        super().__init__()
        self.side, self.address, self.stop, self.acknowledged = side, address, stop, []

    def run(self):
        visitor = self.side.visitor()
        while not self.stop.is_set():
            text = uuid.uuid4().hex
            try:
                answer = visitor.post(self.address, {"action": "add", "text": text, "token": text})
            except (OSError, http.client.HTTPException):
                visitor = self.side.visitor()
                time.sleep(0.1)
                continue
            if answer.status == http.client.FOUND:
                self.acknowledged.append(text)


@pytest.fixture
def site(tmp_path, transactional_db, blank):
    with RunningSite(tmp_path, "--no-sample", like=blank) as running:
        yield running


def serving(site, port):
    process = subprocess.Popen(web_server("127.0.0.1", port), cwd=ROOT, env=site.environment, start_new_session=True)
    wait_for(Side("killed", port, process.pid))
    return process


def kill(process):
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def test_killed_under_four_writers_nothing_acknowledged_is_lost(site):
    address = f"/companies/{site.manage('shell', '-v', '0', '-c', MAKE).stdout.strip()}/"
    side = Side("killed", free_port(), 0)
    process, stop = serving(site, side.port), threading.Event()
    side.cookies = signed_in(side, "admin", site.accounts["admin"])
    writers = [Writer(side, address, stop) for _number in range(WRITERS)]
    for writer in writers:
        writer.start()
    try:
        for _turn in range(KILLS):
            before = [len(writer.acknowledged) for writer in writers]
            until(lambda before=before: all(len(w.acknowledged) > n + 1 for w, n in zip(writers, before, strict=True)), 60)
            kill(process)
            process = serving(site, side.port)
    finally:
        stop.set()
        for writer in writers:
            writer.join()
        kill(process)
    acknowledged = [text for writer in writers for text in writer.acknowledged]
    stored = json.loads(site.manage("shell", "-v", "0", "-c", READ).stdout)
    assert len(stored) == len(set(stored))
    assert set(acknowledged) <= set(stored)
    assert len(acknowledged) >= KILLS * WRITERS
    if site.environment["DATABASE_URL"].startswith("sqlite"):
        with sqlite3.connect(site.environment["DATABASE_URL"].removeprefix("sqlite:///")) as database:
            assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
