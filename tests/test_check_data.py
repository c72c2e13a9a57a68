"""The nightly check finds what is wrong with stored data, names it, and is silent where nothing is."""

import io
import re

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from certifications.models import Company
from tanxun.search import index
from tests import factory
from tests.commanded import Site

pytestmark = pytest.mark.django_db


def checked():
    out, faults = io.StringIO(), io.StringIO()
    try:
        call_command("check_data", lang="en", stdout=out, stderr=faults)
    except CommandError:
        return out.getvalue(), faults.getvalue()
    assert not faults.getvalue()
    return out.getvalue(), ""


def write_index():
    """All of it, and without what tests left there whose tables were emptied behind the index."""
    index.write_all()
    list(index.mend())


def test_sound_data_is_called_sound():
    factory.statement()
    write_index()
    out, faults = checked()
    assert out.count("sound") == 7
    assert not faults


def test_a_computed_column_that_says_something_else_is_named():
    company = factory.company()
    write_index()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE certifications_company SET name_folded = 'other' WHERE id = %s", [company.pk])
    assert f"certifications.Company {company.pk}: name_folded" in checked()[1]


def test_an_entry_of_the_index_that_is_gone_is_named():
    company = factory.company()
    write_index()
    with connection.cursor() as cursor:
        index.engine_of(connection).delete(cursor, index.table_of(Company), [company.pk])
    assert f"certifications.Company {company.pk}: missing" in checked()[1]


def test_what_is_saved_while_it_looks_is_no_fault(monkeypatch):
    """An entry is read, then the record is saved and its entry written, then the record is read."""
    company = factory.company("昆山样例电子有限公司")
    write_index()
    engine = type(index.engine_of(connection))
    stored = engine.stored

    def saved_after(self, cursor, table, low, high):
        found = list(stored(self, cursor, table, low, high))
        if table == index.table_of(Company) and company.name != "昆山改名电子有限公司":
            company.name = "昆山改名电子有限公司"
            company.save()
            index.write_all()
        return iter(found)

    monkeypatch.setattr(engine, "stored", saved_after)
    assert not checked()[1]
    assert company.name == "昆山改名电子有限公司"


def test_what_the_worker_is_writing_is_waited_for_and_what_nobody_writes_is_named(monkeypatch):
    monkeypatch.setattr(index, "STANDSTILL", 1.0)
    company = factory.company()
    write_index()
    with connection.cursor() as cursor:
        index.engine_of(connection).delete(cursor, index.table_of(Company), [company.pk])
    index.mark(Company, [company.pk], "default")
    assert f"certifications.Company {company.pk}: missing" in checked()[1]
    sleep = index.time.sleep
    monkeypatch.setattr(index.time, "sleep", lambda seconds: (sleep(seconds), index.write_all()))
    assert not checked()[1]


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL watches its own files")
def test_a_damaged_page_is_found(tmp_path, blank):
    """DB-14: bytes of the file changed where an index lies."""
    site = Site(tmp_path / "data", blank)
    site.do("[factory.company(name=f'苏州第{number}有限公司') for number in range(300)]")
    site.do("connection.cursor().execute('PRAGMA wal_checkpoint(TRUNCATE)')")
    file = next((tmp_path / "data").glob("*.sqlite3"))
    content = bytearray(file.read_bytes())
    place = content.rindex("苏州第150有限公司".encode())
    content[place - 40 : place + 20] = bytes(60)
    file.write_bytes(content)
    said = site.manage("check_data", fails=True)
    assert "Traceback" not in said
    assert re.search(r"cannot be read|malformed|btree|integrity|page \d+|wrong # of entries|row \d+", said, re.I), said


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL lets no key in that leads nowhere")
def test_a_key_that_leads_nowhere_is_found(tmp_path, blank):
    site = Site(tmp_path / "data", blank)
    site.do("factory.product(factory.company())")
    site.do("c = connection.cursor(); c.execute('PRAGMA foreign_keys=OFF'); c.execute('DELETE FROM certifications_company')")
    assert "is gone" in site.manage("check_data", fails=True)
