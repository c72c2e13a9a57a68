"""A client that breaks off in the middle of a file, against the real server: it stops reading and lets go (EXP-20).

`-s` prints how long that took; the goal is 5 s.
"""

import os
import socket
import sqlite3
import subprocess
import time

import pytest
from django.db import connection

from tanxun.site.start import web_server
from tests import factory
from tests.benchmarks.sites import Side, signed_in, wait_for
from tests.effort import IS_NIGHTLY
from tests.killing import kill_all_of, multiply
from tests.running import ROOT, free_port
from tests.working import shared_database, until

pytestmark = pytest.mark.skipif(not IS_NIGHTLY, reason="a hundred thousand rows, by night; see test_export_snapshot.py")
ROWS = 100_000
GENEROUS = 30


@pytest.fixture
def side(tmp_path, transactional_db):
    """The site with more rows than lie ready between it and anybody, and a manager's cookies."""
    multiply(factory.statement(summary="长" * 700), ROWS)
    factory.user("manager", username="boss")
    with shared_database(tmp_path) as url:
        side = Side("broken off", free_port(), 0)
        environment = os.environ | {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "tests.settings", "LANG": "en"}
        web = subprocess.Popen(web_server("127.0.0.1", side.port), cwd=ROOT, env=environment, start_new_session=True)
        try:
            side.process, side.url = web.pid, url
            wait_for(side)
            side.cookies = signed_in(side, "boss", "pass-word-1")
            yield side
        finally:
            kill_all_of(web)


def begin(side, path):
    """A client that has the first bytes of a file."""
    cookies = "; ".join(f"{name}={value}" for name, value in side.cookies.items())
    client = socket.create_connection(("127.0.0.1", side.port), timeout=60)
    client.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{side.port}\r\nCookie: {cookies}\r\n\r\n".encode())
    assert client.recv(12) == b"HTTP/1.1 200"
    client.recv(1000)
    return client


def is_reading(side):
    """Whether anybody still has a transaction open on the database."""
    if connection.vendor == "postgresql":
        others = "state <> 'idle' AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND {others}")  # noqa: S608
            return bool(cursor.fetchone()[0])
    # The log of what was written since cannot be emptied while somebody reads what was before it.
    other = sqlite3.connect(side.url.removeprefix("sqlite:///"), timeout=0.2)
    with other:
        other.execute("PRAGMA user_version = 1")
    busy = other.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
    other.close()
    return bool(busy)


def test_the_server_stops_and_ends_its_transaction(side):
    """EXP-20: and the place of that file is free for the next."""
    for path in ("/statements.csv?columns=all", "/statements.jsonl?columns=all"):
        client = begin(side, path)
        time.sleep(1)
        assert is_reading(side), "all was read already: this shows nothing"
        client.close()
        begun = time.monotonic()
        until(lambda: not is_reading(side), GENEROUS)
        print(f"\n{connection.vendor}, {path}: let go {time.monotonic() - begun:.1f} s after the client did")
    begin(side, "/statements.jsonl").close()
