"""What the site is made of and how it is shipped: pinned with hashes, free, nothing from outside, no secret (CWE-798, 1104)."""

import os
import re
import subprocess
import sys
import tomllib
from importlib.metadata import distribution, version

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

from tanxun.site import checks
from tests import versions
from tests.running import ROOT, database_url
from tests.test_architecture import PYTHON, TEMPLATES, tracked

pytestmark = pytest.mark.any_engine
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
FLOORS = ["django>=5.2.11", "django-filter>=2.4", "djangorestframework>=3.15.2", "urllib3>=2.5"]
PIN = re.compile(r"^([a-z0-9][\w.-]*)==(\S+)[^\n]*((?:\n    --hash=sha256:[0-9a-f]{64}[^\n]*)*)", re.M)
PINS = PIN.findall((ROOT / "requirements.txt").read_text(encoding="utf-8"))
FREE = re.compile(r"MIT|BSD|Apache|ISC|PSF|Python Software Foundation|MPL|Mozilla|LGPL|Lesser|Unlicense|Zlib|0BSD|Artistic", re.I)
OUTSIDE = re.compile(r"""(?:src|href|url|import)\s*[=(]?\s*["'(]\s*(?:https?:)?//""", re.I)
SECRET = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY|AKIA[0-9A-Z]{16}|gh[pousr]_[A-Za-z0-9]{36}|xox[bpars]-[A-Za-z0-9-]{10,}|"
    r"(?:password|secret|token)\s*=\s*[\"'][A-Za-z0-9+/_-]{32,}[\"']"
)


def test_everything_is_pinned_with_its_hashes():
    """SUP-01"""
    assert len(PINS) > 30
    assert not [name for name, _version, hashes in PINS if "sha256" not in hashes]
    wanted = {Requirement(line).name.lower() for line in PROJECT["project"]["dependencies"]}
    assert wanted <= {name for name, _version, _hashes in PINS}


@pytest.mark.parametrize("name", FLOORS)
def test_no_version_with_a_known_fault_is_let_in(name):
    """SUP-02: by what is asked for, pinned, and installed here. No openpyxl is asked for: workbooks are read by calamine."""
    floor = Requirement(name)
    lowest = min(Version(one.version) for one in floor.specifier)
    asked = next(one for line in PROJECT["project"]["dependencies"] if (one := Requirement(line)).name == floor.name)
    assert max(Version(one.version) for one in asked.specifier if one.operator == ">=") >= lowest
    assert Version({pin[0]: pin[1] for pin in PINS}[floor.name]) >= lowest
    assert Version(version(floor.name)) >= lowest


@pytest.mark.parametrize("name", FLOORS)
def test_a_version_below_is_told_at_start(name, monkeypatch):
    """SUP-02: an environment that was made by hand, or went back; `start` says it in a line, `check` fails on it."""
    floor = Requirement(name)
    monkeypatch.setattr(checks, "version", lambda each: "0.1" if each == floor.name else version(each))
    [found] = checks.of_packages()
    assert floor.name in found.msg
    assert "0.1" in found.msg
    assert (found.id, found.is_serious()) == ("tanxun.E008", True)


def test_what_is_installed_here_is_above_them():
    """SUP-02"""
    assert list(checks.of_packages()) == []
    assert {Requirement(name).name for name in FLOORS} <= set(checks.FLOORS)
    assert "openpyxl" not in {Requirement(line).name for line in PROJECT["project"]["dependencies"]}


def test_the_lowest_and_the_newest_versions_are_tried_every_night():
    """SUP-09: both runs stand in the nightly part of CI, with tests that are there; every package says what its lowest is."""
    nightly = (ROOT / ".ci" / "run").read_text(encoding="utf-8").partition('= "--nightly" ]; then')[2]
    assert "tests.versions lowest-direct" in nightly
    assert "tests.versions highest" in nightly
    assert not [name for name in versions.ASKED if not (ROOT / "tests" / f"test_{name}.py").exists()]
    asked = [Requirement(line) for line in PROJECT["project"]["dependencies"]]
    assert not [one.name for one in asked if not any(each.operator == ">=" for each in one.specifier)]


def test_whatever_is_larger_by_night_has_its_night():
    """A test that says so of itself stands in the nightly part of CI, behind the variable that makes it larger."""
    nightly = (ROOT / ".ci" / "run").read_text(encoding="utf-8").partition('= "--nightly" ]; then')[2]
    larger = nightly.partition("export KILLS=")[0]
    asks = [
        path
        for path in (ROOT / "tests").glob("test_*.py")
        if re.search(r"^from tests.effort import", path.read_text(encoding="utf-8"), re.M)
    ]
    assert len(asks) > 10
    assert [path.name for path in asks if f"tests/{path.name}" not in larger] == []
    assert larger.count("HYPOTHESIS_PROFILE=nightly") == 4  # the migrations and all others, on either database


def test_ruff_looks_for_what_bandit_does_and_each_exception_has_its_reason():
    """SUP-04, SEC-49: pickle, shells, weak hashes and the like are refused by the rules S of ruff."""
    assert "S" in PROJECT["tool"]["ruff"]["lint"]["select"]
    product = [path for path in PYTHON if path.relative_to(ROOT).parts[0] != "tests"]
    excused = [line for path in product for line in path.read_text(encoding="utf-8").splitlines() if "noqa: S" in line]
    # S608 is SQL made of names: the list machine, the index and sheets make it of their own; no value ever stands in it.
    assert not [line for line in excused if "S608" not in line and not re.search(r"noqa: S\d+(, S\d+)* - \w+", line)]
    assert not [path for path in product if re.search(r"^\s*(import|from) (pickle|marshal|shelve)", path.read_text(), re.M)]


def test_nothing_is_loaded_from_outside():
    """SUP-05"""
    files = [*TEMPLATES, *tracked("*.css"), *tracked("*.js")]
    assert len(files) > 50
    texts = {path.name: re.sub(r'<a [^>]*href="https?://', "<a ", path.read_text(encoding="utf-8")) for path in files}
    assert not [name for name, text in texts.items() if OUTSIDE.search(text)]


def test_every_licence_lets_us_ship():
    """SUP-06: of what requirements.txt installs, as the packages themselves say."""
    unknown = []
    for name, _version, _hashes in PINS:
        try:
            said = distribution(name).metadata
        except ImportError:  # for another platform, or an extra that is not installed
            continue
        words = [said.get("License-Expression", ""), said.get("License", ""), *(said.get_all("Classifier") or [])]
        if not FREE.search(" ".join(word or "" for word in words)):
            unknown.append(name)
    assert not unknown


def test_no_secret_stands_in_the_repository():
    """SUP-10"""
    texts = [path for path in tracked() if path.suffix in {".py", ".toml", ".md", ".txt", ".html", ".js", ".csv", ".json", ""}]
    assert not [path.name for path in texts if SECRET.search(path.read_text(encoding="utf-8"))]


def test_no_template_is_made_of_data():
    """SEC-46"""
    product = [path for path in PYTHON if path.relative_to(ROOT).parts[0] != "tests"]
    assert not [path for path in product if re.search(r"\bTemplate\(|from_string\(|\beval\(|\bexec\(", path.read_text())]


def as_shipped(arguments, **given):
    """A Python process with the settings of the site, behind https."""
    environment = os.environ | {"SITE_URL": "https://tanxun.example", "SECRET_KEY": os.urandom(40).hex()}
    environment |= {"DJANGO_SETTINGS_MODULE": "tanxun.settings"} | given
    environment.pop("DJANGO_ALLOW_ASYNC_UNSAFE", None)
    return subprocess.run([sys.executable, *arguments], cwd=ROOT, env=environment, text=True, capture_output=True, check=False)


@pytest.mark.driver
def test_the_shipped_settings_leave_no_warning(tmp_path):
    """SEC-47"""
    command = ["manage.py", "check", "--deploy", "--fail-level", "WARNING"]
    done = as_shipped(command, DATA_DIR=str(tmp_path), DATABASE_URL="postgres://a:b@127.0.0.1:1/c")
    assert done.returncode == 0, done.stderr


@pytest.mark.django_db  # for the database that is copied
def test_cookies_of_a_site_behind_https_are_shut_in(tmp_path, blank):
    """SEC-31"""
    code = """
import django; django.setup()
from django.contrib.auth import get_user_model; get_user_model().objects.create_user('wang', password='pass-word-1')
from django.test import Client
client = Client(headers={'host': 'tanxun.example'})
client.get('/accounts/login/', secure=True)
client.post('/accounts/login/', {'username': 'wang', 'password': 'pass-word-1'}, secure=True, REMOTE_ADDR='127.0.0.1')
client.post('/i18n/setlang/', {'language': 'en'}, secure=True)
words = {'old_password': 'pass-word-1', 'new_password1': 'another-word-9', 'new_password2': 'another-word-9'}
client.post('/accounts/password/', words, secure=True)
page = client.get('/statements/', secure=True)
assert page.headers['Content-Language'] == 'en' and b'Your password is another one now' in page.content
client.post('/accounts/password/', {**words, 'old_password': 'another-word-9'}, secure=True)
for name, cookie in client.cookies.items():
    print(name, *(cookie[each] for each in ('secure', 'httponly', 'samesite', 'path')), cookie['domain'] or '-')
"""
    given = {"DATA_DIR": str(tmp_path), "DATABASE_URL": database_url(tmp_path, blank), "DJANGO_SETTINGS_MODULE": "tests.settings"}
    done = as_shipped(["-c", code], **given)
    assert done.returncode == 0, done.stderr
    names = ("csrftoken", "language", "messages", "sessionid")
    assert sorted(done.stdout.splitlines()) == [f"__Host-{name} True True Lax / -" for name in names]
