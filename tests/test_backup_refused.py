"""What is no whole backup of this Tanxun or an earlier one is refused, in one line, before the database is asked anything.

No test here may use the database: asking it would be a fault.
"""

import json
import sqlite3
import zipfile

import pytest
from django.core.management import CommandError, call_command

from tanxun.site import backup
from tests import factory
from tests.running import ROOT


@pytest.fixture(scope="module")
def content(django_db_setup, django_db_blocker, tmp_path_factory):
    """The bytes of a backup."""
    from django.db import transaction

    path = tmp_path_factory.mktemp("backup") / "tanxun.zip"
    with django_db_blocker.unblock(), transaction.atomic():
        factory.statement()
        call_command("backup", path, lang="en")
        transaction.set_rollback(True)
    return path.read_bytes()


@pytest.fixture
def file(content, tmp_path):
    path = tmp_path / "tanxun.zip"
    path.write_bytes(content)
    return path


def refused(path):
    """What `restore` says of it."""
    with pytest.raises(CommandError) as caught:
        call_command("restore", path, replace=True, lang="en")
    assert caught.value.returncode == 1
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("place", [0.1, 0.5, 0.9, 0.9999])
def test_a_changed_byte_is_refused(file, place):
    """DATA-03."""
    content = bytearray(file.read_bytes())
    content[int(len(content) * place)] ^= 1
    file.write_bytes(content)
    assert "changed or cut" in refused(file)


@pytest.mark.parametrize("share", [0, 0.001, 0.5, 0.99, 0.9999])
def test_a_part_of_a_backup_is_refused(file, share):
    """DATA-03."""
    content = file.read_bytes()
    file.write_bytes(content[: int(len(content) * share)])
    assert "is no backup" in refused(file) or "changed or cut" in refused(file)


def test_another_archive_is_no_backup(file):
    """DATA-03."""
    with zipfile.ZipFile(file, "w") as other:
        other.writestr("a.txt", "b" * 100)
    assert "is no backup" in refused(file) or "changed or cut" in refused(file)


def test_a_backup_of_a_newer_one_is_refused(file):
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
    assert "newer Tanxun" in refused(file)


def locked(content):
    """The same archive with every member marked as locked with a password, as an archiver would leave it."""
    content = bytearray(content)
    for sign, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        start = content.find(sign)
        while start >= 0:
            content[start + place] |= 1
            start = content.find(sign, start + 4)
    return bytes(content)


@pytest.mark.parametrize("is_sealed", [False, True])
def test_an_archive_that_asks_for_a_password_is_refused(file, is_sealed):
    """DATA-03, its "wrong password": backups have none, since they are not encrypted (the README says so), and none can be given
    wrongly. Who locked the file by other means is told that it is no backup."""
    file.write_bytes(locked(file.read_bytes()))
    if is_sealed:
        backup._seal(file)
    assert "is no backup" in refused(file) or "changed or cut" in refused(file)
    assert "**not encrypted**" in (ROOT / "README.md").read_text(encoding="utf-8")


def test_a_plain_sqlite_file_is_no_backup(tmp_path):
    """DB-08: a copy of the database file is not taken for one."""
    path = tmp_path / "copy.sqlite3"
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE a (b)")
    assert "no backup" in refused(path)


def test_what_is_not_there_is_refused(tmp_path):
    assert "No such file" in refused(tmp_path / "nowhere.zip")


@pytest.mark.django_db
def test_where_it_cannot_be_written_it_says_so_in_one_line(tmp_path):
    with pytest.raises(CommandError, match="No such file"):
        call_command("backup", tmp_path / "nowhere" / "x.zip", lang="en")
