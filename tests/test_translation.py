"""Every string of the interface has its Chinese, none is doubtful, and the compiled catalogue is the one that was translated."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

pytestmark = [pytest.mark.any_engine, pytest.mark.program("msgfmt"), pytest.mark.program("xgettext")]
CATALOGUE = Path("tanxun/locale/zh_Hans/LC_MESSAGES/django.po")


def msgids(path: Path) -> set[str]:
    text = subprocess.run(["msgattrib", "--no-obsolete", "--no-wrap", path], check=True, capture_output=True, text=True).stdout
    return set(re.findall(r'^msgid "(.+)"$', text, re.M))


def test_every_string_of_the_source_is_in_the_catalogue(tmp_path):
    for name in ("tanxun", "certifications", "policies", "templates"):
        shutil.copytree(settings.BASE_DIR / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(settings.BASE_DIR / "manage.py", tmp_path)
    command = [sys.executable, "-m", "django", "makemessages", "-l", "zh_Hans", "-v0", "--no-location"]
    environment = {
        "DJANGO_SETTINGS_MODULE": "tanxun.settings",
        "PATH": "/usr/bin:/bin",
        "DATA_DIR": str(tmp_path / "data"),
        "PYTHONPATH": ".",
    }
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert msgids(tmp_path / CATALOGUE) == msgids(settings.BASE_DIR / CATALOGUE)


def test_nothing_is_untranslated_or_doubtful_and_placeholders_agree():
    done = subprocess.run(
        ["msgfmt", "--check-format", "--statistics", "-o", "/dev/null", settings.BASE_DIR / CATALOGUE],
        capture_output=True,
        text=True,
        check=False,
        env={"LC_ALL": "C", "PATH": "/usr/bin:/bin"},
    )
    assert done.returncode == 0, done.stderr
    assert "untranslated" not in done.stderr
    assert "fuzzy" not in done.stderr


def test_the_compiled_catalogue_is_up_to_date(tmp_path):
    compiled = tmp_path / "django.mo"
    subprocess.run(["msgfmt", "-o", compiled, settings.BASE_DIR / CATALOGUE], check=True)
    assert compiled.read_bytes() == (settings.BASE_DIR / CATALOGUE).with_suffix(".mo").read_bytes()


def test_no_string_stands_under_a_name_that_is_not_looked_for():
    """Strings are collected by the names of Django's functions and `_`: under another alias they would stay English unseen."""
    strange = re.compile(r"\bp?n?p?gettext(?:_lazy)? as (?!_\b)\w+")
    files = (path for name in ("tanxun", "certifications", "policies") for path in (settings.BASE_DIR / name).rglob("*.py"))
    assert not [str(path) for path in files if strange.search(path.read_text(encoding="utf-8"))]
