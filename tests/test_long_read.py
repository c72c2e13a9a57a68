"""A file that is read for long while others write: nobody waits for it, and what SQLite keeps for it goes again (DB-03)."""

import os
from pathlib import Path

import pytest
from django.db import connection
from django.http import QueryDict

from certifications.models import CompanyNote
from tanxun.listing import export
from tanxun.listing.page import find
from tests import factory as f
from tests.test_export_snapshot import database, write_meanwhile  # noqa: F401 - a fixture

pytestmark = pytest.mark.django_db(transaction=True)
MB = 1 << 20
LIMIT = 64 * MB  # journal_size_limit


def log_of():
    return Path(f"{connection.settings_dict['NAME']}-wal")


def fill(megabytes):
    """Another process's work: commits of a megabyte each, by a connection of its own."""
    import sqlite3

    other = sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None, timeout=1)
    other.execute("PRAGMA journal_size_limit=67108864")
    key = CompanyNote.objects.values_list("pk", flat=True).get()
    for _number in range(megabytes):
        other.execute("UPDATE certifications_companynote SET text = ? WHERE id = ?", [os.urandom(MB // 2).hex(), key])
    other.close()


def test_writers_do_not_wait_for_a_long_file(database):  # noqa: F811 - DB-03
    blocks = export.csv_blocks(find("statements").rows(QueryDict("columns=tier")), "zh-hans")
    next(blocks)
    next(blocks)
    write_meanwhile()  # says so where it waits
    assert b"later" not in b"".join(blocks)


@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="PostgreSQL keeps old rows in the tables, not in a log beside them")
def test_the_log_of_sqlite_grows_while_a_file_is_read_and_shrinks_afterwards(database):  # noqa: F811 - DB-03
    CompanyNote.objects.create(company=f.company(), text="x", written_by=f.user("editor"))
    blocks = export.csv_blocks(find("statements").rows(QueryDict("columns=tier")), "zh-hans")
    next(blocks)
    next(blocks)
    fill(90)
    assert LIMIT < log_of().stat().st_size < 500 * MB
    b"".join(blocks)
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA wal_checkpoint")
        busy, pages, done = cursor.fetchone()
    assert (busy, done) == (0, pages)
    fill(1)
    assert log_of().stat().st_size <= LIMIT
