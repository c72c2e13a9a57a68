"""Two PostgreSQL servers, one following the other, under real web servers: who reads where, and never less than they wrote."""

import html
import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from contextlib import ExitStack
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.db import connection

from tanxun.site.start import web_server
from tests.benchmarks.databases import temporary_server
from tests.benchmarks.sites import Side, Visitor, signed_in, wait_for
from tests.cluster.standby import Standby, copied
from tests.running import ROOT, RunningSite, free_port
from tests.working import until

pytestmark = [
    pytest.mark.django_db,  # whose migrated database is copied
    pytest.mark.skipif(
        not list(Path("/usr/lib/postgresql").glob("*/bin/initdb")), reason="there is no PostgreSQL server on this machine"
    ),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="half a minute that the suite on PostgreSQL spends"),
]
PATIENT, STRICT = "3600", "2"  # seconds that the two web servers let a replica be behind; the first outlasts all the tests
RECORDS = re.compile(r'FROM "(CERTIFICATIONS|POLICIES|DIGEST)_')
FROM_REPLICA = (
    *("/", "/search/?q=%E8%8B%8F%E5%B7%9E", "/expiring/", "/statements/", "/statements/?q=%E8%8B%8F%E5%B7%9E"),
    *("/statements/overview/", "/statements/total/", "/statements.csv", "/statements.xlsx", "/statements/1/"),
    *("/companies/", "/companies/1/", "/bodies/", "/policies/"),
)
FROM_PRIMARY = ("/readyz", "/jobs/", "/exports/", "/imports/", "/review/", "/saved/", "/statements/columns/", "/admin/")
READING = re.compile(r"\(?SELECT|SET|SHOW|BEGIN|COMMIT|ROLLBACK|COPY \(SELECT|DECLARE|FETCH|CLOSE|START TRANSACTION|DEALLOCATE")


@pytest.fixture(scope="module")
def cluster(blank):
    """A primary, a standby, a site on both by `manage.py start`, and a second web server on the same."""
    with ExitStack() as stack:
        home = Path(tempfile.mkdtemp(prefix="tanxun-cluster-"))  # the server's user reads it, as it may not pytest's own
        stack.callback(shutil.rmtree, home, ignore_errors=True)
        home.chmod(0o755)
        primary = stack.enter_context(temporary_server(home))
        copied(blank, primary)
        standby = stack.enter_context(Standby(home, primary))
        given = {"DATABASE_URL": primary, "DATABASE_REPLICA_URL": f"{standby.server}/postgres", "REPLICA_LAG_SECONDS": PATIENT}
        site = stack.enter_context(RunningSite(home / "data", like=blank, **given))
        other = Side("other", free_port(), 0)
        command = web_server("127.0.0.1", other.port)
        environment = site.environment | {"PORT": str(other.port), "REPLICA_LAG_SECONDS": STRICT}
        log = stack.enter_context((home / "other.log").open("w"))
        process = subprocess.Popen(command, cwd=ROOT, env=environment, start_new_session=True, stderr=log)
        stack.callback(process.wait)
        stack.callback(os.killpg, process.pid, signal.SIGKILL)
        wait_for(other)
        yield SimpleNamespace(primary=primary, standby=standby, site=site, ports=(site.port, other.port), log=Path(log.name))


@pytest.fixture
def visit(cluster):
    """Signs somebody in at one of the two web servers, and waits until the standby knows of it too."""
    made = []

    def sign_in(name, port=0):
        side = Side(name, cluster.ports[port], 0)
        side.cookies = signed_in(side, name, cluster.site.accounts[name])
        made.append(side.visitor())
        caught_up(cluster)
        return made[-1]

    sign_in("sample-reader").get("/statements/")  # from here on the patient server may show what there is now
    yield sign_in
    for one in made:
        one.connection.close()
    cluster.standby.resume()


def on_primary(cluster, sql):
    import psycopg

    with psycopg.connect(cluster.primary, autocommit=True) as connection:
        cursor = connection.execute(sql)
        return cursor.fetchone()[0] if cursor.description else None


def caught_up(cluster):
    """Wait until the standby has replayed all that there is."""
    end = on_primary(cluster, "SELECT pg_current_wal_lsn()")
    until(lambda: cluster.standby.ask(f"SELECT pg_last_wal_replay_lsn() >= '{end}'"), 20)


def is_read_from(cluster, who, address):
    """What of the records the standby was asked for the page."""
    cluster.standby.heard()
    who.get(address)
    return [one for one in cluster.standby.heard() if RECORDS.search(one)]


def write_note(who, words):
    path = "/companies/1/"
    token = re.search(r'name="token" value="([^"]*)"', who.get(path).text)[1]
    answer = who.post(path, {"action": "add", "text": words, "follow_up_on": "", "token": token})
    assert answer.status == 302, answer.text


def suspend(who, key):
    """Change a statement on the page for ticked rows."""
    path = f"/statements/edit/?id={key}"
    fields = {"id": key, "register_status": "suspended", "reason": "a test"}
    version = re.search(r'name="version" value="([^"]*)"', who.post(path, fields).text)[1]
    assert who.post(path, fields | {"write": "1", "version": version}).status == 302


def suspended(who):
    """How many the list has, and how many its counts say."""
    listed = len(re.findall(r'href="/statements/\d+/"', who.get("/statements/?validity=suspended").text))
    part = who.get("/statements/overview/", **{"HX-Request": "true"}).text
    counts = json.loads(html.unescape(re.search(r'data-facet="validity" data-counts="([^"]*)"', part)[1]))
    return listed, counts.get("suspended", 0)


def test_pages_that_show_records_are_read_from_the_replica_and_no_others(cluster, visit):
    reader = visit("admin")
    for address in FROM_REPLICA:
        assert is_read_from(cluster, reader, address), address
    assert not [one for one in cluster.standby.everything() if "SESSION" in one or "AUTH_" in one]
    for address in FROM_PRIMARY:
        cluster.standby.heard()
        reader.get(address)
        assert cluster.standby.heard() == [], address


def test_who_wrote_reads_it_at_once_and_others_when_it_has_come(cluster, visit):  # HA-10
    writer, reader = visit("admin"), visit("sample-manager")
    until(lambda: is_read_from(cluster, reader, "/companies/1/"))
    cluster.standby.pause()
    write_note(writer, "Rang them up")
    for _again in range(3):
        assert "Rang them up" in writer.get("/companies/1/").text
        assert "Rang them up" not in reader.get("/companies/1/").text
    cluster.standby.resume()
    caught_up(cluster)
    assert is_read_from(cluster, writer, "/companies/1/")
    assert "Rang them up" in writer.get("/companies/1/").text
    assert "Rang them up" in reader.get("/companies/1/").text


def test_counts_kept_in_one_web_server_are_right_after_a_write_in_another(cluster, visit):
    """Each person sees a list and counts that agree, whichever server and database they come from."""
    writer, reader = visit("admin", 1), visit("sample-manager", 0)
    there = Visitor(cluster.ports[0], writer.cookies)
    until(lambda: is_read_from(cluster, reader, "/statements/"))
    assert suspended(writer) == suspended(reader) == suspended(there) == (0, 0)
    cluster.standby.pause()
    suspend(writer, 1)
    there.cookies |= writer.cookies
    assert suspended(writer) == suspended(there) == (1, 1)
    assert suspended(reader) == (0, 0)
    cluster.standby.resume()
    caught_up(cluster)
    assert suspended(writer) == suspended(there) == suspended(reader) == (1, 1)
    there.connection.close()


def test_a_long_file_from_the_replica_is_whole(cluster, visit):
    reader = visit("sample-manager")
    rows = on_primary(cluster, "SELECT count(*) FROM certifications_verificationstatement WHERE deleted_at IS NULL")
    cluster.standby.heard()
    assert reader.get("/statements.csv").text.count("\r\n") == rows + 1
    assert any(one.startswith("COPY (SELECT") for one in cluster.standby.heard())


def test_a_replica_far_behind_is_left_out_and_comes_back(cluster, visit):  # HA-11
    writer, reader = visit("admin"), visit("sample-manager", 1)
    until(lambda: is_read_from(cluster, reader, "/companies/1/"))
    cluster.standby.pause()
    write_note(writer, "Sent an offer")
    until(lambda: "it lags behind" in cluster.log.read_text() or reader.get("/companies/1/") is None, 20)
    assert "Sent an offer" in reader.get("/companies/1/").text
    cluster.standby.resume()
    until(lambda: is_read_from(cluster, reader, "/companies/1/"))


@pytest.mark.parametrize(
    ("address", "table"),
    [("/companies/1/", "certifications_company"), ("/", "policies_policy")],
    ids=["while it is read", "while it is drawn"],
)
def test_a_page_whose_replica_is_lost_in_the_middle_comes_from_the_primary(cluster, visit, address, table):
    """The page waits at the standby for a lock that was replayed there, when its connection is cut."""
    import psycopg

    reader, got = visit("sample-manager"), []
    until(lambda: is_read_from(cluster, reader, address))
    with psycopg.connect(cluster.primary) as locking:
        locking.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
        until(lambda: cluster.standby.ask("SELECT count(*) FROM pg_locks WHERE mode = 'AccessExclusiveLock'"))
        asking = threading.Thread(target=lambda: got.append(reader.ask("GET", address, b"", {})))
        asking.start()
        waiting = "FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
        until(lambda: cluster.standby.ask(f"SELECT count(*) {waiting}"))
        cluster.standby.pause()
        locking.rollback()
    assert cluster.standby.ask(f"SELECT bool_and(pg_terminate_backend(pid)) {waiting}")
    asking.join(20)
    assert (got[0].status, "<h1" in got[0].text) == (200, True)
    assert "terminating connection" in cluster.site.output


def test_without_its_replica_every_page_is_read_from_the_primary(cluster, visit):  # HA-11
    reader = visit("sample-manager")
    until(lambda: is_read_from(cluster, reader, "/statements/"), 20)
    cluster.standby.stop("immediate")
    try:
        begin = time.monotonic()
        assert all("<h1" in reader.get(address).text for address in ("/statements/", "/companies/1/", "/expiring/"))
        assert time.monotonic() - begin < 5
    finally:
        cluster.standby.start()


def test_no_write_ever_went_to_the_replica(cluster, visit):
    write_note(visit("admin"), "Wrote again")
    everything = cluster.standby.everything()
    assert len(everything) > 50
    assert [one for one in everything if not READING.match(one)] == []
    assert "read-only transaction" not in cluster.standby.log()
