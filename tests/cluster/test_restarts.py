"""A database server under a real site and people who write is restarted, killed, full of connections, demoted: who writes is told
to wait or notices nothing, nothing acknowledged is lost, and the site finds its database again by itself."""

import os
import signal
import subprocess
import time
from contextlib import ExitStack, suppress
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.db import connection

from tanxun.site.again import HOPELESS_SECONDS
from tests.benchmarks.databases import temporary_server
from tests.benchmarks.sites import below
from tests.cluster.rig import as_postgres
from tests.cluster.standby import Standby, copied
from tests.cluster.writing import STORED, Writers, within
from tests.running import RunningSite
from tests.working import until

pytestmark = [
    pytest.mark.django_db,  # whose migrated database is copied
    pytest.mark.skipif(
        not list(Path("/usr/lib/postgresql").glob("*/bin/initdb")), reason="there is no PostgreSQL server on this machine"
    ),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="half a minute that the suite on PostgreSQL spends"),
]
PROGRAMS = max(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name), default=Path())
BACK_SECONDS = 5


@pytest.fixture(scope="module")
def pair(home, blank):
    """A server that can be told what to do, one that follows it, and a site that knows of both."""
    with ExitStack() as stack:
        primary = stack.enter_context(temporary_server(home))
        ask(primary, "CREATE ROLE site LOGIN")  # whoever is no superuser finds no place kept for them
        ask(primary, "CREATE DATABASE site OWNER site")
        address = primary.partition("@")[2].partition("/")[0]
        copied(blank, f"postgres://site@{address}/site")
        standby = stack.enter_context(Standby(home, primary))
        url = f"postgres://site@{address},127.0.0.1:{standby.port}/site"
        site = stack.enter_context(RunningSite(home / "data", "--no-sample", like=blank, DATABASE_URL=url))
        yield SimpleNamespace(folder=home / "postgres", server=primary, standby=standby, site=site, url=url)


def ask(server, sql):
    import psycopg

    with psycopg.connect(server, autocommit=True) as asking:
        cursor = asking.execute(sql)
        return cursor.fetchone()[0] if cursor.description else None


def stored(pair):
    """What stands in the server that takes writes."""
    return ask(f"{pair.url}?target_session_attrs=read-write", STORED)


def restart(pair, how):
    """Gives the moment at which the server takes connections again."""
    if how == "kill":
        first = int((pair.folder / "postmaster.pid").read_text().split()[0])
        for process in below(first):
            with suppress(ProcessLookupError):  # it ended by itself when its parent was killed
                os.kill(int(process.name), signal.SIGKILL)
    mode = ["-m", "immediate" if how == "kill" else how]
    command = as_postgres(PROGRAMS / "pg_ctl", "-D", pair.folder, "-w", *mode, "-l", pair.folder / "log", "restart")
    # A killed server's number may be taken for a running one until the system has cleared it away.
    silent = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": "/"}
    until(lambda: subprocess.run(command, check=False, **silent).returncode == 0, 30)
    return time.monotonic()


@pytest.mark.parametrize("how", ["fast", "immediate", "kill"])
def test_restarted_under_load(pair, how, capsys):  # DB-09
    processes = set(below(pair.site.process.pid))
    with Writers(pair.site) as writers:
        back = restart(pair, how)
        writers.until_more()
    verdict = writers.verdict(stored(pair))
    with capsys.disabled():
        print(f"\nDB-09, restart {how}: {verdict}")
    assert verdict.is_good
    assert max(writers.refused, default=0) - back < within(BACK_SECONDS)
    # Web server and worker are the ones that they were.
    assert len(processes) > 3
    assert set(below(pair.site.process.pid)) == processes


def test_full_of_connections(pair):  # DB-10
    import psycopg

    writers = Writers(pair.site, count=0)
    visitor, held = writers.side.visitor(), []
    form = {"action": "add", "text": "in the crowd", "token": "c0" * 16}
    others = "FROM pg_stat_activity WHERE usename = 'site' AND application_name <> 'held'"

    def is_turned_away():
        ask(pair.server, f"SELECT count(pg_terminate_backend(pid)) {others}")
        try:
            while True:
                held.append(psycopg.connect(pair.server.replace("tanxun@", "site@"), application_name="held"))
        except psycopg.OperationalError:
            answer = visitor.post(writers.address, form)
            return answer if answer.status != 302 else None

    try:
        answer = until(is_turned_away, 30)
    finally:
        for one in held:
            one.close()
    assert (answer.status, answer.headers["retry-after"]) == (503, "5")
    assert "in the crowd" in answer.text  # to be sent again
    until(lambda: visitor.post(writers.address, form).status == 302, 20)
    assert stored(pair)["in the crowd"] == 1


def test_a_demoted_server_is_left_for_the_primary_within_one_request(pair):  # HA-12
    """It answers whoever asks whether it is there, and refuses to write."""
    writers = Writers(pair.site, count=0)
    visitor = writers.side.visitor()

    def write(number):
        return visitor.post(writers.address, {"action": "add", "text": f"write {number}", "token": f"{number:032x}"}).status

    until(lambda: [write(number) for number in range(8)] == [302] * 8)  # by each thread of the site
    time.sleep(HOPELESS_SECONDS)  # what the tests before did to its server is forgotten
    ask(pair.server, "ALTER SYSTEM SET default_transaction_read_only = on")
    ask(pair.server, "SELECT pg_reload_conf()")
    until(lambda: ask(pair.server, "SHOW default_transaction_read_only") == "on")
    end = ask(pair.server, "SELECT pg_current_wal_lsn()")
    until(lambda: pair.standby.ask(f"SELECT pg_last_wal_replay_lsn() >= '{end}'"), 20)
    assert pair.standby.ask("SELECT pg_promote()")
    assert [write(number) for number in range(8, 24)] == [302] * 16
    assert [stored(pair)[f"write {number}"] for number in range(24)] == [1] * 24
    assert "read-only transaction" in pair.site.output
