"""Backup, restore and dbmove: what stands afterwards is what stood before, or nothing was touched."""

import shutil
import sqlite3
import threading
import time
from contextlib import closing
from pathlib import Path

import pytest
from django.db import connection

from certifications.models import CompanyNote
from tanxun.listing.snapshot import snapshot
from tanxun.site import backup, tables
from tests.commanded import FILL, PRELUDE, Site
from tests.effort import IS_NIGHTLY
from tests.killing import until_it_writes
from tests.running import ROOT, database_url
from tests.working import until

CUT_OFF = """
from tanxun.search import index
from tanxun.site import backup
def ended(using):
    raise SystemExit
index.mend = ended
try:
    backup.restore(backup.Archive(Path('{file}')), lambda line: None)
except SystemExit:
    pass
"""


@pytest.fixture(scope="module")
def site(blank, tmp_path_factory):
    """It holds the samples. Who writes into it takes a copy."""
    made = Site(tmp_path_factory.mktemp("site") / "data", blank)
    made.do(FILL)
    return made


@pytest.fixture(scope="module")
def held(site):
    return site.tallies


@pytest.fixture(scope="module")
def file(site, tmp_path_factory):
    path = tmp_path_factory.mktemp("backup") / "tanxun.zip"
    site.manage("backup", path)
    return path


@pytest.fixture
def other(site, tmp_path):
    """A site with the same samples and another administrator."""
    made = Site(tmp_path / "other", site.database)
    made.do("User.objects.update(username='chief')")
    return made


def test_an_empty_machine_holds_after_restore_what_the_site_held(blank, other, tmp_path):
    """DATA-01: per-table hash equal, files equal, sign-in works, no job is done twice, search finds, keys are not reused."""
    other.do(UNDER_WAY)
    before = eval(other.tallies)  # noqa: S307 - our own dict
    other.manage("backup", tmp_path / "tanxun.zip")
    new = Site(tmp_path / "new", blank)
    new.manage("restore", tmp_path / "tanxun.zip")
    after = eval(new.tallies)  # noqa: S307
    assert before.keys() == after.keys()
    assert {one for one in before if before[one] != after[one]} == {"alerts.Message", "jobs.Job"}
    assert before["certifications.VerificationStatement"][0] > 3
    assert eval(new.ask(FOUND)) == (("cancelled", "given_up"), True, "chief", True)  # noqa: S307
    assert "0 missing, 0 out of date, 0 of no record" in new.manage("reindex", "--check")


UNDER_WAY = """
(settings.DATA_DIR / 'media').mkdir()
(settings.DATA_DIR / 'media' / '证书.pdf').write_bytes(bytes(range(256)) * 300)
Job.objects.create(kind='x', title='under way', owner=User.objects.get(), effect='e', language='en')
Message.objects.create(channel='mail', recipient='user-1', key='k')
last = factory.company(name='苏州最后有限公司').pk
(settings.DATA_DIR / 'last').write_text(str(last))
Company._base_manager.filter(pk=last).delete()
"""
FOUND = """(
    (Job.objects.get().state, Message.objects.get().state),
    (settings.DATA_DIR / 'media' / '证书.pdf').read_bytes() == bytes(range(256)) * 300,
    __import__('django.contrib.auth', fromlist=['x']).authenticate(username='chief', password='Zhengshu-2026').username,
    factory.company(name='苏州再来有限公司').pk > int((settings.DATA_DIR.parent / 'other' / 'last').read_text()),
)"""


def test_a_site_with_records_needs_replace_and_is_kept_aside(held, file, other):
    """DATA-04."""
    assert "--replace" in other.manage("restore", file, fails=True)
    assert other.ask("User.objects.get().username") == "chief"
    other.manage("restore", file, "--replace")
    assert other.tallies == held
    [aside] = (other.folder / "backups").iterdir()
    other.manage("restore", aside, "--replace")
    assert other.ask("User.objects.get().username") == "chief"


WRITERS = 8
EIGHT = f"""
import sys, threading
lock = threading.Lock()
def write(me):
    for turn in range(100000):
        company = factory.company(name=f'苏州第{{me}}之{{turn}}有限公司')
        with lock:  # committed: said only now
            print(f'wrote {{me}} {{turn}} {{company.pk}}', flush=True)
for me in range({WRITERS}):
    threading.Thread(target=write, args=[me]).start()
"""
WRITTEN = """[
    tuple(map(int, name[3:-4].split('之'))) + (key,)
    for name, key in Company.objects.filter(name__contains='之').values_list('name', 'pk')
]"""


def test_a_backup_while_eight_write_is_whole(blank, other, tmp_path):
    """DATA-02, DB-07: every row that was committed before it began is in it, of each writer all up to some moment, and every
    key leads somewhere."""
    writers, said = other.begin("shell", "-v0", "-c", f"{PRELUDE}\n{EIGHT}"), []
    listener = threading.Thread(
        target=lambda: said.extend(tuple(map(int, line.split()[1:])) for line in writers.stdout if line.startswith("wrote"))
    )
    listener.start()
    try:
        until(lambda: len({me for me, turn, _key in tuple(said) if turn > 1}) == WRITERS)
        before = set(said)
        other.manage("backup", tmp_path / "busy.zip")
        until(lambda: len(said) > len(before))
    finally:
        writers.kill()
        writers.wait()
        listener.join()
    new = Site(tmp_path / "new", blank)
    new.manage("restore", tmp_path / "busy.zip")
    kept, whole = eval(new.ask(f"({WRITTEN}, connection.check_constraints())"))  # noqa: S307 - our own list
    print(f"\n{len(before)} rows before the backup began, {len(kept)} in it, {len(said)} when the writers were ended")
    assert before - set(kept) == set()
    for me in range(WRITERS):
        turns = sorted(turn for one, turn, _key in kept if one == me)
        assert turns == list(range(len(turns)))
    assert whole is None


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL's files are not a file that anybody would copy")
def test_a_backup_has_what_a_copy_of_the_file_lacks(blank, other, tmp_path):
    """DB-08: rows that stand in the log alone, as those of a site that is served do. Documentation forbids the copy."""
    path = Path(other.database.removeprefix("sqlite:///"))
    with closing(sqlite3.connect(path)) as site:  # while it is open, nobody moves the log into the file
        site.execute("SELECT count(*) FROM certifications_company").fetchone()
        other.do("factory.company(name='苏州在日志里有限公司')")
        assert path.with_name(f"{path.name}-wal").stat().st_size > 0
        shutil.copy(path, tmp_path / "copy.sqlite3")
        other.manage("backup", tmp_path / "live.zip")
    found = "SELECT count(*) FROM certifications_company WHERE name = '苏州在日志里有限公司'"
    with closing(sqlite3.connect(tmp_path / "copy.sqlite3")) as copy:
        assert copy.execute(found).fetchone() == (0,)
    assert "no backup" in other.manage("restore", tmp_path / "copy.sqlite3", "--replace", fails=True)
    new = Site(tmp_path / "new", blank)
    new.manage("restore", tmp_path / "live.zip")
    assert new.ask("Company.objects.filter(name='苏州在日志里有限公司').count()") == "1"
    assert "Never copy the database file of a running site" in (ROOT / "README.md").read_text(encoding="utf-8")


def test_a_restore_that_is_killed_leaves_the_old_or_the_new(held, file, other):
    """DATA-05: at moments all through what it writes."""
    old, new, struck = other.tallies, held, 0
    for pause in (0, 0.1, 0.5, 2) if IS_NIGHTLY else (0, 0.5):
        process = other.begin("restore", file, "--replace")
        until_it_writes(process)
        time.sleep(pause)
        struck += process.poll() is None
        process.kill()
        process.communicate()
        time.sleep(0.2)  # PostgreSQL's server may still carry out a commit that it was asked for
        assert other.tallies in (old, new)
    assert struck
    other.manage("restore", file, "--replace")
    assert other.tallies == new


def test_what_a_restore_left_of_the_index_is_written_by_the_next_start(file, blank, tmp_path):
    """DATA-05: ended after the rows stood and before their entries did."""
    site = Site(tmp_path / "cut", blank)
    site.do(CUT_OFF.format(file=file))
    assert "entries of the search index are wrong" in site.manage("reindex", "--check", fails=True)
    site.do("from tanxun.search import index; index.write_all(); index.complete()")  # as `start` does
    assert "0 missing, 0 out of date, 0 of no record" in site.manage("reindex", "--check")


@pytest.fixture(scope="module")
def older(blank, tmp_path_factory):
    """A site of an earlier schema, with an account."""
    made = Site(tmp_path_factory.mktemp("older") / "data", blank)
    made.manage("migrate", "certifications", "0020", "-v0")
    made.do("User.objects.create_superuser('boss', password='x')")
    return made


def test_nothing_is_changed_before_what_stands_is_kept(file, older, tmp_path):
    """A refused restore leaves the schema as it is, too."""
    old = Site(tmp_path / "old", older.database)
    assert "has records" in old.manage("restore", file, fails=True)
    assert old.ask("__import__('tanxun.site.start').site.start.pending_migrations() > 0") == "True"


@pytest.mark.django_db
def test_nobody_else_reads_a_backup_while_it_is_written(tmp_path, monkeypatch):
    modes, media = [], backup._write_media

    def looked_at(file):
        modes.extend(path.stat().st_mode & 0o777 for path in tmp_path.iterdir())
        return media(file)

    monkeypatch.setattr(backup, "_write_media", looked_at)
    backup.write(tmp_path / "site.zip", lambda line: None)
    assert modes == [0o600]
    assert (tmp_path / "site.zip").stat().st_mode & 0o777 == 0o600


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite ends no connection that waits")
@pytest.mark.django_db(transaction=True)
def test_a_backup_may_be_long_between_two_tables():
    """Scans of some gigabytes are copied in minutes, while the database is not asked."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SET idle_in_transaction_session_timeout = 200")
        with snapshot("default", is_patient=True), connection.cursor() as cursor:
            time.sleep(0.6)
            cursor.execute("SELECT 1")
    finally:
        connection.close()


@pytest.mark.skipif(connection.vendor != "sqlite", reason="only SQLite remakes tables")
@pytest.mark.django_db(transaction=True)
def test_a_migration_that_remakes_a_table_gives_no_key_again():
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM sqlite_sequence WHERE name = 'certifications_companynote'")
        cursor.execute("INSERT INTO sqlite_sequence (name, seq) VALUES ('certifications_companynote', 500)")
    tables.remember_keys("default")
    with connection.schema_editor() as editor:
        editor._remake_table(CompanyNote)
    assert tables.last_key(CompanyNote, "default") < 500
    tables.give_no_key_again("default")
    assert tables.last_key(CompanyNote, "default") == 500


def test_moved_to_another_engine_and_back_it_is_the_same(site, held, blank, tmp_path):
    """DB-15: equal counts and hashes of every table; the next row gets a key of its own."""
    there, back = f"sqlite:///{tmp_path / 'there.sqlite3'}", database_url(tmp_path, blank)
    if blank.startswith("sqlite"):  # the other engine's run moves into a file that is not there yet
        shutil.copy(blank.removeprefix("sqlite:///"), tmp_path / "there.sqlite3")
    said = site.manage("dbmove", there)
    assert "table by table the same" in said
    assert "has records" in site.manage("dbmove", there, fails=True)
    other = Site(tmp_path / "other", DATABASE_URL=there)
    assert other.tallies == held
    other.manage("dbmove", back)
    third = Site(tmp_path / "third", DATABASE_URL=back)
    assert third.tallies == held
    assert "0 missing, 0 out of date, 0 of no record" in third.manage("reindex", "--check")
    highest = int(site.ask("Company.objects.order_by('-pk').first().pk"))
    assert int(third.ask("factory.company(name='苏州再来有限公司').pk")) > highest


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("nonsense", "sqlite:///FILE"),
        ("mysql://a@b/c", "sqlite:///FILE"),
        pytest.param("postgres://nobody@127.0.0.1:1/x", "refused", marks=pytest.mark.driver),
    ],
)
def test_a_target_that_cannot_be_had_is_one_line(site, url, words):
    error = site.manage("dbmove", url, fails=True)
    assert words in error
    assert error.count("\n") == 1


def test_the_database_it_has_is_no_target(site):
    assert "the site has now" in site.manage("dbmove", site.database, fails=True)


@pytest.mark.any_engine
def test_a_backup_of_an_earlier_schema_is_brought_up_to_todays(blank, older, tmp_path):
    """DATA-06: made before the last migration of an app, it restores with the columns that came since."""
    older.manage("backup", tmp_path / "old.zip")
    new = Site(tmp_path / "new", blank)
    assert "brought up" in new.manage("restore", tmp_path / "old.zip")
    assert new.ask("User.objects.get().username") == "boss"
