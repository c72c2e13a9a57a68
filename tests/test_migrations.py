"""Migrations go forward with all that a database held, one step back, and in one line (OPS-06 tries what happens when killed)."""

import os
import subprocess
import sys
from itertools import pairwise

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations import RunPython, RunSQL

from tests.effort import IS_NIGHTLY
from tests.running import ROOT, own_database
from tests.upgrading import ours


def upgraded(folder, from_where, url):
    given = {"DATABASE_URL": url, "DATA_DIR": str(folder), "DJANGO_SETTINGS_MODULE": "tests.settings"}
    command = [sys.executable, "-m", "tests.upgrading", from_where]
    return subprocess.run(command, cwd=ROOT, env=os.environ | given, capture_output=True, text=True, check=False)


# From the first schema it takes half a minute for each engine: `.ci/run --nightly` does it; each day the last step is tried.
@pytest.mark.django_db  # for the server that the databases are made on
@pytest.mark.parametrize("from_where", ["first", "previous"] if IS_NIGHTLY else ["previous"])
def test_an_update_loses_and_changes_nothing(tmp_path, from_where):
    """DATA-06, DATA-07: counts and hashes of every old column; `previous` goes one step back before it fills the tables. DATA-08:
    how long each migration takes is printed; with MIGRATION_ROWS=100000, as every night, none may take more than a minute."""
    with own_database(tmp_path) as url:
        done = upgraded(tmp_path, from_where, url)
        print(f"\n{done.stdout}")
        assert done.returncode == 0, done.stdout + done.stderr[-2000:]
        refused = upgraded(tmp_path, from_where, url)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "is not empty" in refused.stderr
    assert "changed: nothing; tables gone: none; columns gone: none" in done.stdout


@pytest.mark.django_db
def test_every_model_has_its_migration():
    """DATA-08"""
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


@pytest.mark.django_db
def test_a_migration_may_take_its_time(monkeypatch):
    """DATA-08: PostgreSQL stops a page's question after some seconds, and must not stop the new index of a large table."""
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has no limit of time for one statement")
    seen, migrate = [], MigrationExecutor.migrate

    def limit():
        with connection.cursor() as cursor:
            cursor.execute("SHOW statement_timeout")
            return cursor.fetchone()[0]

    def watched(*arguments, **options):
        seen.append(limit())
        return migrate(*arguments, **options)

    usual = limit()
    monkeypatch.setattr(MigrationExecutor, "migrate", watched)
    call_command("migrate", verbosity=0)
    assert (seen, limit()) == (["0"], usual)
    assert usual == "15s"  # DB-12


@pytest.mark.any_engine
def test_migrations_stand_in_one_line():
    """DATA-08: one first and one last of each app, each with one before it, numbered in that order."""
    graph = MigrationLoader(None).graph
    for app in ours():
        names = sorted(name for label, name in graph.nodes if label == app)
        assert len(graph.leaf_nodes(app)) <= 1, app
        assert [name[:4] for name in names] == [f"{number:04}" for number in range(1, len(names) + 1)]
        for before, name in pairwise(names):
            inside = [parent.key[1] for parent in graph.node_map[app, name].parents if parent.key[0] == app]
            assert inside == [before], (app, name)


@pytest.mark.any_engine
def test_every_migration_goes_back_or_says_that_it_does_not():
    """DATA-07: restore is the way back that the README names; a step alone is for who has just taken it."""
    stuck = []
    for (app, name), migration in MigrationLoader(None).disk_migrations.items():
        if app in ours():
            stuck += [f"{app}.{name}" for one in migration.operations if not one.reversible]
            operations = [one for one in migration.operations if isinstance(one, RunPython | RunSQL)]
            assert all(one.reversible for one in operations), (app, name)
    assert not stuck
    assert "restore" in (ROOT / "README.md").read_text(encoding="utf-8")
    assert connection.vendor in ("sqlite", "postgresql")
