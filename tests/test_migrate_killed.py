"""A migrate that is killed leaves each of our migrations whole or undone, and the next one goes on from there (OPS-06).

MIGRATE_KILLS is how many moments of one way from an older schema to ours are tried; `.ci/run --nightly` sets 5.
"""

import os
import random
import subprocess
import sys
import time
from contextlib import contextmanager

import pytest
from django.core.management import call_command
from django.db import connection, connections
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from certifications.models import Company, VerificationStatement
from tanxun.records import sealing
from tests import factory
from tests.running import ROOT, own_database
from tests.working import until

MOMENTS = int(os.environ.get("MIGRATE_KILLS", "2"))
OLD = [
    ("certifications", "0019_lead_days"),
    ("policies", "0007_place_in_the_weekly"),
    ("digest", "0009_feed_sources"),
    ("records", "0002_form_tokens"),
]


@pytest.fixture
def url(tmp_path, blank, transactional_db):
    """A database of its own with some records, at an older schema, that this process looks into."""
    with own_database(tmp_path, like=blank) as made, looking_into(made):
        for number in range(50):
            factory.statement(company=factory.company(f"迁移{number}有限公司"), certificate_number=f"M-{number}")
        sealing.unseal()
        MigrationExecutor(connection).migrate(OLD)
        yield made


@contextmanager
def looking_into(url):
    mine, other = connections["default"], connections.create_connection("default")
    name = url.removeprefix("sqlite:///") if connection.vendor == "sqlite" else url.rsplit("/", 1)[-1]
    other.settings_dict = mine.settings_dict | {"NAME": name}
    connections["default"] = other
    try:
        yield
    finally:
        other.close()
        connections["default"] = mine


def applied():
    return set(MigrationRecorder(connection).applied_migrations())


def columns_of_state(done):
    """{table: columns} as the migrations that are `done` say."""
    loader = MigrationLoader(connection)
    state = loader.project_state([key for key in loader.graph.nodes if key in done])
    models = [model for model in state.apps.get_models(include_auto_created=True) if model._meta.managed]
    return {model._meta.db_table: {field.column for field in model._meta.concrete_fields} for model in models}


def columns_there():
    with connection.cursor() as cursor:
        names = connection.introspection.table_names(cursor)
        return {name: {one.name for one in connection.introspection.get_table_description(cursor, name)} for name in names}


def test_killed_at_any_moment_each_migration_is_whole_or_undone(url):  # OPS-06
    before, wanted = applied(), set(MigrationLoader(connection).graph.nodes)
    missing = len(wanted - before)
    for moment in sorted(random.choices(range(missing), k=MOMENTS)):
        process = begun(url)
        until(lambda moment=moment: len(applied()) - len(before) >= moment)
        time.sleep(random.uniform(0, 0.2) if moment else random.uniform(2, 4))
        process.kill()
        process.communicate()
        time.sleep(0.2)  # PostgreSQL's server may still carry out what it was asked for
        done, there = applied(), columns_there()
        for table, columns in columns_of_state(done).items():
            assert there[table] == columns, (table, sorted(wanted - done))
        assert Company.objects.values("pk").count() == 50
    process = begun(url)
    assert process.wait(300) == 0, process.stderr.read()
    assert applied() >= wanted
    assert sealing.standing("default") == set(sealing.histories())
    assert VerificationStatement.objects.count() == VerificationStatement.history.count() == 50
    call_command("check_data", verbosity=0)


def begun(url):
    environment = os.environ | {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "tests.settings", "LANG": "en"}
    command = [sys.executable, "manage.py", "migrate", "-v0"]
    return subprocess.Popen(command, cwd=ROOT, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
