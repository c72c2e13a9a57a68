"""`manage.py publish_digest`: begins the draft of a week, prints it, freezes only when told to."""

import datetime as dt
import subprocess
import sys

import pytest
from django.core.management import CommandError, call_command

from tanxun.digest.digests import Digest
from tests import factory
from tests.running import ROOT

pytestmark = pytest.mark.django_db
DAY = dt.date(2026, 1, 16)


@pytest.fixture
def policy():
    factory.superuser()
    return factory.policy("昆山：推动零碳工厂建设", week_on=DAY)


def printed(capfdbinary, *options, week="2026-W03"):
    call_command("publish_digest", "--week", week, "--lang", "en", *options)
    return capfdbinary.readouterr().out


def test_it_begins_the_draft_and_prints_the_same_again(policy, capfdbinary):
    first = printed(capfdbinary)
    assert "昆山：推动零碳工厂建设" in first.decode()
    digest = Digest.objects.get()
    assert (digest.week, digest.is_frozen) == ("2026-W03", False)
    assert printed(capfdbinary) == first
    assert Digest.objects.get().version == digest.version


def test_only_freeze_freezes(policy, capfdbinary):
    printed(capfdbinary)
    policy.headline = "昆山：零碳工厂有了方案"
    policy.save()
    frozen = printed(capfdbinary, "--freeze")
    assert "零碳工厂有了方案" in frozen.decode()
    assert Digest.objects.get().frozen_by.username == "root"
    policy.headline = "再改一次"
    policy.save()
    assert printed(capfdbinary).startswith(frozen[:20])
    assert "再改一次" not in printed(capfdbinary).decode().partition("01.")[2]
    assert "零碳工厂有了方案" in printed(capfdbinary, "--freeze").decode()  # once is enough: a script may ask again


def test_every_format_into_a_file(policy, tmp_path):
    for name, mark in {"html": b"<", "wechat": b"<", "markdown": b"#", "docx": b"PK", "text": "碳讯".encode()}.items():
        path = tmp_path / name
        call_command("publish_digest", "--week", "2026-W03", "--format", name, "-o", str(path))
        assert mark in path.read_bytes()[:4000], name


def test_what_is_wrong_is_said_on_one_line(policy, tmp_path):
    with pytest.raises(CommandError, match="no ISO week") as caught:
        call_command("publish_digest", "--week", "2026-W60", "--lang", "en")
    assert caught.value.returncode == 2
    with pytest.raises(CommandError, match="no user") as caught:
        call_command("publish_digest", "--week", "2026-W03", "--as", "nobody", "--lang", "en")
    assert caught.value.returncode == 2
    with pytest.raises(CommandError, match="nothing in this issue") as caught:
        call_command("publish_digest", "--week", "2026-W20", "--freeze", "--lang", "en")
    assert caught.value.returncode == 1
    with pytest.raises(CommandError, match="Cannot write") as caught:
        call_command("publish_digest", "--week", "2026-W03", "-o", str(tmp_path / "no" / "file"), "--lang", "en")
    assert caught.value.returncode == 1
    assert not Digest.objects.filter(frozen_at__isnull=False).exists()


def test_an_unknown_format_is_misuse():
    command = [sys.executable, "manage.py", "publish_digest", "--week", "2026-W03", "--format", "tiff", "--lang", "en"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "tiff" in done.stderr
