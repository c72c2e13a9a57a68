"""One cluster, and the site on it, for all tests of failover in a run; each test leaves it whole."""

import os
import shutil
import tempfile
from pathlib import Path

import pytest
from django.db import connection

from tests.cluster.rig import NEEDED, Rig
from tests.cluster.writing import STORED
from tests.conftest import need
from tests.running import RunningSite


@pytest.fixture(scope="session")
def can_fail_over():
    """Skips where there can be no cluster, and fails in CI where the programs could have been had."""
    if connection.vendor != "postgresql":
        pytest.skip("only PostgreSQL has standbys that take over: run with DATABASE_URL")  # SQLite is one file on one machine
    if reason := os.environ.get("NO_CLUSTER"):
        pytest.skip(reason)  # .ci/run looked: the system's packages have no such program, so none can be started
    for program in NEEDED:
        need(program, shutil.which(program))


@pytest.fixture(scope="session")
def home():
    place = Path(tempfile.mkdtemp(prefix="tanxun-cluster-"))  # the servers' user reads it, as it may not pytest's own
    place.chmod(0o755)
    yield place
    shutil.rmtree(place, ignore_errors=True)


@pytest.fixture(scope="session")
def rig(can_fail_over, home):
    with Rig(home) as rig:
        yield rig


@pytest.fixture(scope="session")
def site(rig, home):
    with site_on(rig, home) as site:
        yield site


def site_on(rig, home):
    """By `manage.py start`, with the addresses that the README recommends: all nodes, and libpq finds who is what."""
    replicas = rig.url(target_session_attrs="standby", load_balance_hosts="random")
    site = RunningSite(home / "site", "--no-sample", DATABASE_URL=rig.url(), DATABASE_REPLICA_URL=replicas)
    assert site.manage("migrate", "-v", "0").returncode == 0
    return site


@pytest.fixture
def judge(rig, capsys):
    """The verdict on the writers of a test; said aloud, as these figures stand in the README."""

    def verdict(name, writers):
        found = writers.verdict(rig.whole().ask(STORED, "tanxun"))
        with capsys.disabled():
            print(f"\n{name}: {found}")
        return found

    return verdict


@pytest.fixture
def tell(capsys):
    def words(text):
        with capsys.disabled():
            print(f"\n{text}")

    return words
