"""Rows and files stay together: on a full disk, when killed, in the daily clean-up, in the nightly check, in a backup."""

import datetime as dt
import io
import os
import signal
import subprocess
import sys
import time

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from tanxun.records.attachments import keeping, models
from tanxun.records.models import Attachment, StoredFile
from tests import factory
from tests.attaching import PDF, attach, attached, content_of, pdf, upload
from tests.commanded import PRELUDE, Site
from tests.running import ROOT
from tests.working import until

pytestmark = pytest.mark.django_db
LONG_AGO = time.time() - 40 * 86_400


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    return settings.MEDIA_ROOT


def on_disk(media):
    return {path for path in media.rglob("*") if path.is_file()}


def grow_old(*paths):
    for path in paths:
        os.utime(path, (LONG_AGO, LONG_AGO))


def removed_for(attachment, days):
    attachment.remove("误传")
    Attachment.with_deleted.filter(pk=attachment.pk).update(deleted_at=timezone.now() - dt.timedelta(days=days))


def test_a_full_disk_is_told_and_leaves_neither_row_nor_file(client, settings, disk_of):
    """UPL-04: 2 MB that are there and 3 MB that are not."""
    place = disk_of("4m")
    settings.MEDIA_ROOT = place
    client.force_login(factory.user("editor"))
    record = factory.statement()
    attached(client, record, upload(pdf("1", 2_000_000)))
    answer = attach(client, record, upload(pdf("2", 3_000_000), "大.pdf"))
    assert answer.status_code == 503
    assert "大.pdf" in answer.content.decode()
    assert "The disk of the site is full" in answer.content.decode()
    assert Attachment.objects.count() == StoredFile.objects.count() == len(on_disk(place)) == 1
    assert not list(keeping.faults())
    attached(client, record, upload(pdf("3", 1_000_000)))


def test_a_folder_that_cannot_be_written_is_told(client, media):
    """UPL-04: a file stands where the folder should be; which user runs the tests makes no difference to that."""
    media.mkdir()
    (media / "attachments").write_text("")
    client.force_login(factory.user("editor"))
    answer = attach(client, factory.statement())
    assert answer.status_code == 503
    assert "cannot write to its folder of files" in answer.content.decode()
    assert str(media) not in answer.content.decode()
    assert not StoredFile.objects.exists()


def test_where_the_last_step_fails_no_row_is_written(client, media):
    """UPL-04: the file came in whole, but its place cannot be made."""
    client.force_login(factory.user("editor"))
    folder = models.folder()
    folder.mkdir(parents=True)
    for number in range(256):
        (folder / f"{number:02x}").write_text("")
        grow_old(folder / f"{number:02x}")
    answer = attach(client, factory.statement())
    assert answer.status_code == 503
    assert not StoredFile.objects.exists()
    assert not list(folder.glob("*.part"))


def test_a_missing_or_damaged_copy_is_replaced_by_the_next_one(client, media):
    """What comes in again mends what was lost."""
    client.force_login(factory.user("editor"))
    [one] = attached(client, factory.statement())
    one.file.path.unlink()
    assert client.get(one.get_absolute_url()).status_code == 404
    attached(client, factory.statement())
    assert content_of(client.get(one.get_absolute_url())) == PDF
    Attachment.objects.get(pk=one.pk).file.path.write_bytes(PDF[::-1])
    attached(client, factory.statement())
    assert content_of(client.get(one.get_absolute_url())) == PDF
    assert not list(keeping.faults())
    assert StoredFile.objects.count() == 1


def test_files_of_nobody_go_after_a_day_and_no_others(media):
    """UPL-05: what a kill left, whole or half; what comes in just now stays."""
    one = factory.attachment()
    lost, half, coming = (models.folder() / name for name in ("ab", "cd.part", "ef.part"))
    for path in (lost, half, coming):
        path.write_bytes(PDF)
    grow_old(lost, half, one.file.path)
    assert keeping.clean_up() == 2
    assert on_disk(media) == {one.file.path, coming}


def test_a_removed_file_stays_as_long_as_it_can_be_put_back(media):
    """UPL-08: and for good where another record has it; its row says for ever what it was."""
    one, shared = factory.attachment(content=pdf("1")), factory.attachment(content=pdf("2"))
    factory.attachment(factory.policy(), content=pdf("2"))
    young = factory.attachment(content=pdf("3"))
    for attachment, days in ((one, 31), (shared, 31), (young, 29)):
        removed_for(attachment, days)
    path = one.file.path
    grow_old(*on_disk(media))
    assert keeping.clean_up() == 0
    assert path.exists()  # a backup that was begun before still finds it
    grow_old(path)
    assert keeping.clean_up() == 1
    assert not path.exists()
    assert {StoredFile.objects.get(pk=other.file_id).key is None for other in (shared, young)} == {False}
    row = StoredFile.objects.get(pk=one.file_id)
    assert (row.key, row.size) == (None, len(pdf("1")))
    assert not list(keeping.faults())
    factory.attachment(factory.policy(), content=pdf("1"))
    row.refresh_from_db()
    assert row.path.read_bytes() == pdf("1")


def test_a_file_that_was_let_go_cannot_be_put_back(client, media):
    one = factory.attachment()
    removed_for(one, 31)
    keeping.clean_up()
    client.force_login(factory.user("editor"))
    client.cookies["django_language"] = "en"
    page = client.get(f"{one.record.get_absolute_url()}attachments/").content.decode()
    assert "证书.pdf" not in page
    answer = client.post(f"/attachments/{one.pk}/change/", {"action": "restore"}, follow=True)
    assert "Its file was let go" in answer.content.decode()
    assert not Attachment.objects.exists()


def test_workers_clean_up_once_a_day(media, monkeypatch):
    monkeypatch.setattr(keeping, "_last", [])
    rounds = []
    monkeypatch.setattr(keeping, "close_old_connections", lambda: rounds.append(1))
    lost = models.folder() / "ab"
    for _round in range(3):
        lost.parent.mkdir(parents=True, exist_ok=True)
        lost.write_bytes(PDF)
        grow_old(lost)
        keeping.daily()
    assert rounds == [1]
    assert lost.exists()


def checked(*options):
    faults = io.StringIO()
    try:
        call_command("check_data", *options, lang="en", stdout=io.StringIO(), stderr=faults)
    except CommandError:
        assert faults.getvalue()
    return faults.getvalue()


def test_the_nightly_check_names_what_is_missing_changed_or_nobodys(media):
    """UPL-04: rows without a file, changed bytes, files without a row, attachments of nothing."""
    sound, missing, changed, parentless = (factory.attachment(content=pdf(number)) for number in range(4))
    missing.file.path.unlink()
    changed.file.path.write_bytes(pdf("x"))
    lost = models.folder() / "ab" / "lost"
    lost.parent.mkdir(exist_ok=True)
    lost.write_bytes(PDF)
    grow_old(lost)
    Attachment.objects.filter(pk=parentless.pk).update(object_id=10**9)
    words = checked()
    assert f"records.StoredFile {missing.file_id} (records.Attachment {missing.pk}): its file is missing" in words
    assert f"records.StoredFile {changed.file_id} (records.Attachment {changed.pk}): its file was changed" in words
    assert "attachments/ab/lost: no row names this file" in words
    assert f"records.Attachment {parentless.pk}: its record is gone" in words
    assert f"StoredFile {sound.file_id} " not in words
    assert lost.exists()
    assert "lost" not in checked("--clean")
    assert not lost.exists()


# The step at which the process is killed: the name of what it calls next.
KILLED_AT = ("storing.Arriving.finish", "storing.Arriving.place", "storing.file_of", "storing.refuse_twice", "Attachment.save")
KILL = """
import os, signal
from tanxun.records.attachments import storing
from tanxun.records.models import Attachment
from tests import factory
holder, name = {step!r}.rsplit('.', 1)
target = eval(holder)
setattr(target, name, lambda *given, **values: os.kill(os.getpid(), signal.SIGKILL))
factory.attachment(factory.company({step!r}), by=factory.user(username={step!r}), content=b'%PDF-1.7 ' + bytes(100000))
"""
COUNT = """
from tanxun.records.attachments import keeping
from tanxun.records.models import Attachment, StoredFile
print(Attachment.objects.count(), StoredFile.objects.count(), len(list(keeping.files())), list(keeping.faults()))
"""


def test_killed_between_file_and_row_there_is_never_a_row_alone(blank, tmp_path):
    """UPL-05: SIGKILL before each step; what is left is a file at most, and the clean-up takes it."""
    site = Site(tmp_path / "site", blank)
    for number, step in enumerate(KILLED_AT, 1):
        done = site.begin("shell", "-v0", "-c", KILL.format(step=step))
        faults = done.communicate(timeout=120)[1]
        assert done.returncode == -signal.SIGKILL, faults
        assert site.do(COUNT).strip() == f"0 0 {number} []", step
    for path in (tmp_path / "site" / "media").rglob("*"):
        grow_old(path)
    assert "no row names this file" in site.manage("check_data", fails=True)
    assert f"Files let go: {len(KILLED_AT)}" in site.manage("check_data", "--clean")


FIVE = """
from tanxun.records.models import Attachment
made = [factory.attachment(make(), content=b'%PDF-1.7 ' + str(number).encode() * 5000, name=f'证书{number}.pdf')
        for number, make in enumerate((factory.statement, factory.company, factory.policy, factory.statement))]
factory.attachment(factory.policy(), content=b'%PDF-1.7 ' + b'0' * 5000)
made[1].remove('误传')
"""


def test_a_backup_carries_every_attachment(blank, tmp_path):
    """DATA-01, DATA-02: what is removed and can be put back, too; nothing half."""
    site = Site(tmp_path / "site", blank)
    site.do(FIVE)
    half = tmp_path / "site" / "media" / "attachments" / "half.part"
    half.write_bytes(PDF)
    site.manage("backup", tmp_path / "tanxun.zip")
    new = Site(tmp_path / "new", blank)
    new.manage("restore", tmp_path / "tanxun.zip")
    assert new.tallies == site.tallies
    held = {path.relative_to(tmp_path / "site"): path.read_bytes() for path in on_disk(tmp_path / "site" / "media") - {half}}
    assert len(held) == 4
    assert {path.relative_to(tmp_path / "new"): path.read_bytes() for path in on_disk(tmp_path / "new" / "media")} == held
    assert "Attachments: sound" in new.manage("check_data")


BUSY = """
import itertools, os
for number in itertools.count():
    factory.attachment(factory.company(), content=b'%PDF-1.7 ' + str(number).encode() * 2000)
    print(number, flush=True)
"""


def test_a_backup_taken_while_files_come_in_has_a_file_for_every_row(blank, tmp_path):
    """DATA-02: under load."""
    site = Site(tmp_path / "site", blank)
    command = [sys.executable, "manage.py", "shell", "-v0", "-c", PRELUDE + BUSY]
    log = (tmp_path / "log").open("w+")
    with subprocess.Popen(command, cwd=ROOT, env=site.environment, stdout=log, stderr=log) as writer:
        until(lambda: (tmp_path / "log").read_text().count("\n") > 5)
        site.manage("backup", tmp_path / "busy.zip")
        writer.kill()
    log.close()
    new = Site(tmp_path / "new", blank)
    new.manage("restore", tmp_path / "busy.zip")
    assert int(new.do(COUNT).split()[0]) > 4
    assert "Attachments: sound" in new.manage("check_data")
