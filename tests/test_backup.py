"""Backup, restore and dbmove: what stands afterwards is what stood before, or nothing was touched."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
import zipfile

import pytest

from tanxun.site import backup
from tests.running import ROOT, database_url


class Site:
    """A site on a database of its own that is never served, only worked on by commands."""

    def __init__(self, folder, like=None, **environment):
        self.folder = folder
        folder.mkdir(exist_ok=True)
        if "DATABASE_URL" not in environment:
            environment["DATABASE_URL"] = database_url(folder, like.environment["DATABASE_URL"] if like else "")
        self.environment = os.environ | {
            "DATA_DIR": str(folder),
            "DJANGO_SETTINGS_MODULE": "tests.settings",
            "LANG": "en_GB.UTF-8",
            **environment,
        }
        self.environment.pop("PYTEST_XDIST_WORKER", None)

    def begin(self, *arguments):
        command = [sys.executable, "manage.py", *map(str, arguments)]
        return subprocess.Popen(
            command, cwd=ROOT, env=self.environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )

    def manage(self, *arguments, fails=False):
        process = self.begin(*arguments)
        out, err = process.communicate(timeout=300)
        assert bool(process.returncode) == fails, (out, err)
        return err if fails else out

    def ask(self, code):
        """What an expression of Python is, in the site."""
        return self.manage("shell", "-v0", "-c", f"{PRELUDE}\nprint('=', {code})").split("=", 1)[1].strip()

    def do(self, code):
        self.manage("shell", "-v0", "-c", f"{PRELUDE}\n{code}")

    @property
    def tallies(self):
        return self.ask("{m._meta.label: tuple(tables.tally(m, 'default')) for m in tables.kept_models()}")


PRELUDE = """
from pathlib import Path
from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import connection
from certifications.models import Company, VerificationStatement
from tanxun.alerts.models import Message
from tanxun.jobs.models import Job
from tanxun.site import tables
from tests import factory
User = get_user_model()
"""
FILL = """
from tanxun.site import reference, samples
from tanxun.digest import intake
reference.load(lambda line: None)
user = User.objects.create_superuser('boss', password='Zhengshu-2026')
for name, content, day in samples.sample_issues():
    intake.accept_all(intake.bring_in(name, content, reference_date=day, user=user).newsletter, user)
(settings.DATA_DIR / 'media').mkdir()
(settings.DATA_DIR / 'media' / '证书.pdf').write_bytes(bytes(range(256)) * 300)
factory.company(name='苏州曾有公司').remove('twice')
"""


@pytest.fixture(scope="module")
def blank(tmp_path_factory):
    """A site that was migrated and holds nothing: the others begin as copies of it."""
    made = Site(tmp_path_factory.mktemp("blank") / "data")
    made.manage("migrate", "-v0")
    return made


@pytest.fixture(scope="module")
def site(blank, tmp_path_factory):
    made = Site(tmp_path_factory.mktemp("site") / "data", blank)
    made.do(FILL)
    return made


@pytest.fixture
def file(site, tmp_path):
    path = tmp_path / "tanxun.zip"
    site.manage("backup", path)
    return path


def test_an_empty_machine_holds_after_restore_what_the_site_held(blank, site, file, tmp_path):
    """DATA-01: per-table hash equal, files equal, sign-in works, no job is done twice, search finds, keys are not reused."""
    site.do(
        "Job.objects.create(kind='x', title='under way', owner=User.objects.get(), effect='e', language='en');"
        "Message.objects.create(channel='mail', recipient='user-1', key='k')"
    )
    last = site.ask("factory.company(name='苏州最后有限公司').pk")
    site.do(f"Company._base_manager.filter(pk={last}).delete()")
    site.manage("backup", file)
    other = Site(tmp_path / "other", blank)
    other.manage("restore", file)
    before, after = eval(site.tallies), eval(other.tallies)  # noqa: S307 - our own dict
    assert before.keys() == after.keys()
    assert {one for one in before if before[one] != after[one]} == {"alerts.Message", "jobs.Job"}
    assert before["certifications.VerificationStatement"][0] > 3
    assert other.ask("(Job.objects.get().state, Message.objects.get().state)") == "('cancelled', 'given_up')"
    assert other.ask("(settings.DATA_DIR / 'media' / '证书.pdf').read_bytes() == bytes(range(256)) * 300") == "True"
    assert other.ask("__import__('django.contrib.auth', fromlist=['x']).authenticate(username='boss', password='Zhengshu-2026')")
    assert "0 missing, 0 out of date, 0 of no record" in other.manage("reindex", "--check")
    assert int(other.ask("factory.company(name='苏州再来有限公司').pk")) > int(last)
    site.do("Job.objects.all().delete(); Message.objects.all().delete()")


@pytest.mark.parametrize("place", [0.1, 0.5, 0.9, 0.9999])
def test_a_changed_byte_is_refused_before_anything_is_touched(site, file, place):
    """DATA-03."""
    content = bytearray(file.read_bytes())
    content[int(len(content) * place)] ^= 1
    file.write_bytes(content)
    before = site.tallies
    assert "changed or cut" in site.manage("restore", file, "--replace", fails=True)
    assert site.tallies == before
    assert not list(site.folder.glob("backups/*"))


@pytest.mark.parametrize(
    ("change", "words"), [("cut", "its end is missing"), ("other", "is no backup"), ("empty", "is no backup")]
)
def test_what_is_no_whole_backup_is_refused(site, file, change, words):
    """DATA-03."""
    content = file.read_bytes()
    if change == "other":
        with zipfile.ZipFile(file, "w") as other:
            other.writestr("a.txt", "b" * 100)
    else:
        file.write_bytes(content[: len(content) // 2] if change == "cut" else b"")
    error = site.manage("restore", file, "--replace", fails=True)
    assert words in error or "changed or cut" in error
    assert error.count("\n") == 1


def test_a_site_with_records_needs_replace_and_is_kept_aside(blank, site, file, tmp_path):
    """DATA-04."""
    other = Site(tmp_path / "other", blank)
    other.do(FILL.replace("boss", "chief"))
    assert "--replace" in other.manage("restore", file, fails=True)
    assert other.ask("User.objects.filter(username='chief').exists()") == "True"
    other.manage("restore", file, "--replace")
    assert other.tallies == site.tallies
    [aside] = (other.folder / "backups").iterdir()
    other.manage("restore", aside, "--replace")
    assert other.ask("User.objects.get().username") == "chief"


def test_a_backup_while_others_write_is_whole(blank, site, tmp_path):
    """DATA-02, DB-07: every row that was committed before it began is in it, and every key leads somewhere."""
    writer = site.begin(
        "shell",
        "-c",
        f"{PRELUDE}\nfor n in range(100000):\n    print(factory.company(name=f'苏州第{{n}}有限公司').pk, flush=True)\n",
    )
    first = int(next(line for line in writer.stdout if line.strip().isdigit()))
    try:
        site.manage("backup", tmp_path / "busy.zip")
    finally:
        writer.kill()
        writer.communicate()
    other = Site(tmp_path / "other", blank)
    other.manage("restore", tmp_path / "busy.zip")
    assert other.ask(f"Company.objects.filter(pk={first}).exists()") == "True"
    assert other.ask("__import__('django.db').db.connection.check_constraints()") == "None"
    site.do(f"Company._base_manager.filter(pk__gte={first}).delete()")


def test_a_restore_that_is_killed_leaves_the_old_or_the_new(blank, site, file, tmp_path):
    """DATA-05: at moments all through it."""
    other = Site(tmp_path / "other", blank)
    other.do(FILL.replace("boss", "chief"))
    old, new = other.tallies, site.tallies
    started = time.monotonic()
    other.manage("restore", file, "--replace")
    whole = time.monotonic() - started
    [aside] = (other.folder / "backups").iterdir()
    other.manage("restore", aside, "--replace")
    assert other.tallies == old
    for share in (0.6, 0.75, 0.9):
        process = other.begin("restore", file, "--replace")
        time.sleep(whole * share)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        assert other.tallies in (old, new)
    other.manage("restore", file, "--replace")
    assert other.tallies == new


def test_moved_to_another_engine_and_back_it_is_the_same(site, tmp_path):
    """DB-15: equal counts and hashes of every table; the next row gets a key of its own."""
    there, back = f"sqlite:///{tmp_path / 'there.sqlite3'}", database_url(tmp_path)
    said = site.manage("dbmove", there)
    assert "table by table the same" in said
    assert "has records" in site.manage("dbmove", there, fails=True)
    other = Site(tmp_path / "other", DATABASE_URL=there)
    assert other.tallies == site.tallies
    other.manage("dbmove", back)
    third = Site(tmp_path / "third", DATABASE_URL=back)
    assert third.tallies == site.tallies
    assert "0 missing, 0 out of date, 0 of no record" in third.manage("reindex", "--check")
    highest = int(site.ask("Company.objects.order_by('-pk').first().pk"))
    assert int(third.ask("factory.company(name='苏州再来有限公司').pk")) > highest


@pytest.mark.parametrize(
    ("url", "words"),
    [("nonsense", "sqlite:///FILE"), ("mysql://a@b/c", "sqlite:///FILE"), ("postgres://nobody@127.0.0.1:1/x", "refused")],
)
def test_a_target_that_cannot_be_had_is_one_line(site, url, words):
    error = site.manage("dbmove", url, fails=True)
    assert words in error
    assert error.count("\n") == 1


def test_the_database_it_has_is_no_target(site):
    assert "the site has now" in site.manage("dbmove", site.environment["DATABASE_URL"], fails=True)


def test_a_backup_of_an_earlier_schema_is_brought_up_to_todays(blank, tmp_path):
    """DATA-06: made before the last migration of an app, it restores with the columns that came since."""
    old = Site(tmp_path / "old", blank)
    old.manage("migrate", "digest", "0002", "-v0")
    old.do("User.objects.create_superuser('boss', password='x')")
    old.manage("backup", tmp_path / "old.zip")
    new = Site(tmp_path / "new", blank)
    assert "brought up" in new.manage("restore", tmp_path / "old.zip")
    assert new.ask("User.objects.get().username") == "boss"


def test_a_backup_of_a_newer_one_is_refused(site, file):
    """DATA-03: wrong version."""
    with zipfile.ZipFile(file) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    manifest = json.loads(members["manifest.json"])
    manifest["migrations"].append("site.9999_from_the_future")
    members["manifest.json"] = json.dumps(manifest).encode()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
        archive.comment = b"0" * backup.SEAL
    backup._seal(file)
    assert "newer Tanxun" in site.manage("restore", file, "--replace", fails=True)


def test_where_it_cannot_be_written_it_says_so_in_one_line(site, tmp_path):
    error = site.manage("backup", tmp_path / "nowhere" / "x.zip", fails=True)
    assert "No such file" in error
    assert error.count("\n") == 1


def test_plain_sqlite_file_is_no_backup(site, tmp_path):
    """DB-08: a copy of the database file is not taken for one."""
    path = tmp_path / "copy.sqlite3"
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE a (b)")
    assert "no backup" in site.manage("restore", path, "--replace", fails=True)
