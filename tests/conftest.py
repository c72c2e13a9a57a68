"""What all tests share: Chinese first, and the programs that some of them need."""

import os
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path

import pytest
from django.db import connection, connections
from django.utils import translation

from tanxun.records import settled
from tests import factory
from tests.running import copy_of, drop_all
from tests.sheets import vocabulary

SHARED = Path(__file__).resolve().parent.parent.parent / "shared"


def pytest_configure(config):
    config.addinivalue_line("markers", "program(name): needs this program on the machine")
    config.addinivalue_line("markers", "driver: asks for a PostgreSQL that is not there, which takes the driver of the extra")
    config.addinivalue_line("markers", "cluster: servers fail over, for minutes, so CI runs it alone in a step of its own")
    config.addinivalue_line("markers", "any_engine: says the same on either database: by day CI runs it on SQLite alone")


def pytest_runtest_setup(item):
    for marker in item.iter_markers("program"):
        need(marker.args[0], shutil.which(marker.args[0]))
    if item.get_closest_marker("driver") and not find_spec("psycopg"):
        # A newcomer's environment has none, and it is that one in which CI runs the suite on SQLite.
        pytest.skip("the driver comes with the extra postgres: the suite on PostgreSQL has it")


def need(program, found):
    """Fails in CI, which installs every program, where this one was not `found`; elsewhere the test is skipped, by its name."""
    if not found and os.environ.get("CI"):
        pytest.fail(f"{program} is not installed, and CI must not skip")
    if not found:
        pytest.skip(f"{program} is not installed")  # `uv run pytest` installs no programs: a newcomer's run goes on without


@pytest.fixture(scope="session", autouse=True)
def no_database_is_left():
    yield
    drop_all()


@pytest.fixture
def patient(monkeypatch):
    """PostgreSQL vacuums a table for somebody else who asks after a second: a round of duties that is tried once waits for it."""
    monkeypatch.setattr(settled, "LOCK", "3s")


@pytest.fixture
def seeds():
    """The two real issues with their reference dates, or a skip where they do not stand beside the checkout."""
    folder = SHARED / "seeds"
    if not folder.exists():
        # The team's own samples hold the same rules.
        pytest.skip("the real issues do not stand beside this checkout")  # others' sentences may not be copied into it
    return [(folder / "000_bb581335c1506cd0.txt", "2026-01-16"), (folder / "003_d5932ec65ab4166c.txt", "2026-02-06")]


@pytest.fixture
def disk_of(tmp_path):
    """Makes a folder on a disk of its own, of that size (64k, 40m), to be filled; a skip where none can be mounted."""
    place = tmp_path / "small"

    def mounted(size):
        place.mkdir()
        mount = ["mount", "-t", "tmpfs", "-o", f"size={size}", "none", str(place)]
        if os.geteuid() or subprocess.run(mount, check=False).returncode:
            pytest.skip("only root may mount a small disk, and not in every container")  # nothing else is as full as a full one
        return place

    yield mounted
    if place.is_mount():
        subprocess.run(["umount", str(place)], check=True)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    """pytest-django makes no database where no test says that it uses one; those of a file that copy it say nothing."""
    if items and not any(
        one.get_closest_marker("django_db") or {"db", "transactional_db"} & {*one.fixturenames} for one in items
    ):
        items[0].add_marker("django_db")


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker, tmp_path_factory):
    """Gives the URL of a copy of the migrated database, made before any test wrote into it."""
    with django_db_blocker.unblock(), copy_of(connection, tmp_path_factory.mktemp("blank")) as url:
        yield url


@pytest.fixture(scope="session", autouse=True)
def nothing_stays_of_a_test_that_commits():
    """After it all tables of models are emptied. A sealed history lets no entry go, until the end of that (a migrate's signal)
    seals it again; and the tables of the search index are none of a model."""
    from django.test import TransactionTestCase

    from tanxun.records import sealing
    from tanxun.search.engines import table_of
    from tanxun.search.texts import searched_models

    empty = TransactionTestCase._fixture_teardown

    def teardown(case):
        sealing.unseal()
        empty(case)
        with connection.cursor() as cursor:
            for model in searched_models():
                cursor.execute(f"DELETE FROM {table_of(model)}")  # noqa: S608 - our own names

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", teardown)
        yield


@pytest.fixture(scope="session")
def blank(django_db_setup):
    """A database that is migrated and holds nothing: sites begin with a copy of it, for migrating takes long."""
    return django_db_setup


@pytest.fixture(autouse=True)
def index_as_if_committed(request, monkeypatch):
    """A test in one transaction that is rolled back never commits: what it wrote is indexed before it searches."""
    marker = request.node.get_closest_marker("django_db")
    if "transactional_db" in request.fixturenames or (marker and marker.kwargs.get("transaction")):
        return
    from tanxun.search import index, queries

    search = queries.IndexedQuerySet.search

    def written_first(rows, text):
        for savepoints, pending in index._waiting(rows.db) if text.strip() else ():
            for start in range(0, len(pending.marks), index.BATCH):
                index.write_marks(pending.marks[start : start + index.BATCH], rows.db)
            if savepoints.issuperset(connections[rows.db].savepoint_ids):
                pending.marks = []
        return search(rows, text)

    monkeypatch.setattr(queries.IndexedQuerySet, "search", written_first)


@pytest.fixture
def english_words(db):
    """What sheets speak of (types, bodies, standards, 昆山, an industry), and messages in English."""
    with translation.override("en"):
        vocabulary()
        factory.region()
        factory.industry()
        yield
