"""What stands beside a release: the list of its parts, and what is said of those that nobody could be asked about (CWE-1104)."""

import json
import subprocess
import sys
from importlib.util import find_spec

import pytest

from tests import audit
from tests.running import ROOT

pytestmark = pytest.mark.any_engine
SOUND = {"name": "a", "version": "1", "vulns": []}
KNOWN = {"name": "b", "version": "2", "vulns": [{"id": "CVE-1", "fix_versions": ["3"]}]}
PASSED = {"name": "c", "skip_reason": "Dependency not found and could not be audited"}


@pytest.mark.parametrize(
    ("report", "code", "words"),
    [
        ([SOUND, SOUND], 0, "2 packages audited"),
        ([SOUND, KNOWN], 1, "CVE-1"),
        ([SOUND, PASSED], 1, "not audited: c"),
        ([PASSED, PASSED], 3, "NOT AUDITED"),
        ([], 3, "NOT AUDITED"),
        ("no JSON", 3, "NOT AUDITED: no route"),
        ("", 1, "NOT AUDITED: pip_audit: error: unrecognized arguments"),
    ],
)
def test_what_was_not_asked_about_is_never_clean(report, code, words):
    """SUP-03: `.ci/run` asks for real, and goes on where no advisory source is in reach, saying so."""
    text = report if isinstance(report, str) else json.dumps({"dependencies": report})
    complaint = "x\nno route to the source\n" if text else "usage: …\npip_audit: error: unrecognized arguments: --x\n"
    found, lines = audit.verdict(text, complaint)
    assert found == code
    assert any(words in line for line in lines)
    assert code == 0 or not any("nothing is known" in line for line in lines)


# The group `release` is not part of `uv run pytest`; `.ci/run` makes the list with it at every run.
@pytest.mark.skipif(not find_spec("cyclonedx_py"), reason="needs the group release: uv run --group release pytest")
def test_the_list_of_parts_is_what_is_pinned_and_valid():
    """SUP-07"""
    from tests import sbom
    from tests.test_supply import PINS

    text = sbom.made()
    assert sbom.faults(text) == ""
    parts = {(part["name"].lower(), part["version"]) for part in json.loads(text)["components"]}
    assert parts == {(name, version) for name, version, _hashes in PINS}
    assert sbom.faults(text.replace('"bomFormat": "CycloneDX"', '"bomFormat": "x"'))


def test_an_archive_of_the_source_is_enough(tmp_path):
    """SUP-08, without the packages installed anew: `python -m tests.archive` does it whole, each night."""
    packed = subprocess.run(["git", "archive", "HEAD"], cwd=ROOT, check=True, capture_output=True).stdout
    subprocess.run(["tar", "-x", "-C", str(tmp_path)], input=packed, check=True)
    environment = {"PATH": "", "DATA_DIR": str(tmp_path / "data"), "LANG": "en_GB.UTF-8"}
    command = [sys.executable, "manage.py", "check"]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert not (tmp_path / ".git").exists()
