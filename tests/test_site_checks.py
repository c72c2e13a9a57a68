"""What stands against trusting a machine with the data is said by `check --database default`, each with what to do."""

import datetime as dt
import shutil

import pytest
from django.core.checks import run_checks
from django.db import connection
from django.utils import timezone

from tanxun.site import backup, checks
from tests import factory as f

pytestmark = [pytest.mark.django_db, pytest.mark.any_engine]


@pytest.fixture(autouse=True)
def sound(settings, tmp_path, monkeypatch):
    """A machine on which nothing is wrong but what a test makes wrong; the folder is not made yet."""
    settings.DATA_DIR = tmp_path / "data"
    monkeypatch.setattr(checks, "sqlite_is_fixed", lambda: True)


def said():
    return {one.id: one.msg for one in run_checks(databases=["default"]) if one.id.startswith("tanxun.W")}


def test_nothing_is_said_of_a_sound_machine():
    assert said() == {}


def test_without_a_database_named_none_is_asked():
    assert not [one for one in run_checks() if one.id.startswith("tanxun.W")]


@pytest.mark.parametrize(
    ("version", "is_fixed"),
    [
        *(((3, 40, 1), False), ((3, 44, 5), False), ((3, 50, 6), False), ((3, 51, 2), False)),
        *(((3, 44, 6), True), ((3, 50, 7), True), ((3, 51, 3), True), ((4, 0, 0), True)),
    ],
)
def test_versions_with_the_bug_of_the_journal_are_known(version, is_fixed, monkeypatch):
    """DB-13"""
    monkeypatch.undo()
    assert checks.sqlite_is_fixed(version) is is_fixed
    monkeypatch.setattr(checks, "sqlite_is_fixed", lambda: is_fixed)
    if connection.vendor == "sqlite":
        assert ("tanxun.W001" in said()) is not is_fixed


def test_a_journal_that_is_no_wal_is_said(monkeypatch):
    monkeypatch.setattr(checks, "journal", lambda: "delete")
    assert ("tanxun.W002" in said()) is (connection.vendor == "sqlite")


def test_a_folder_on_another_machine_is_said(monkeypatch, tmp_path):
    table = tmp_path / "mounts"
    table.write_text(f"/dev/sda1 / ext4 rw 0 0\nserver:/x {tmp_path} nfs4 rw 0 0\nserver:/y /elsewhere cifs rw 0 0\n")
    monkeypatch.setattr(checks, "MOUNTS", table)
    assert ("nfs4" in said().get("tanxun.W003", "")) is (connection.vendor == "sqlite")
    table.write_text("/dev/sda1 / ext4 rw 0 0\nserver:/y /elsewhere cifs rw 0 0\n")
    assert "tanxun.W003" not in said()


def test_a_disk_that_is_nearly_full_is_said(monkeypatch):
    usual = shutil.disk_usage(".")
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: usual._replace(free=900 * 10**6))
    assert "900 MB" in said()["tanxun.W004"]


def test_a_backup_that_is_missing_or_old_is_said_once_there_is_something_to_lose(settings):
    assert "tanxun.W005" not in said()
    f.statement()
    assert "tanxun.W005" in said()
    settings.DATA_DIR.mkdir()
    last = settings.DATA_DIR / backup.LAST
    for hours, is_old in ((1, False), (25, False), (27, True), (100, True)):
        last.write_text((timezone.now() - dt.timedelta(hours=hours)).isoformat(), encoding="ascii")
        assert ("tanxun.W005" in said()) is is_old
    assert "100" in said()["tanxun.W005"]
