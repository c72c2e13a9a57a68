"""What is shipped to run the site by itself: units of systemd that it takes as they are, with few rights (CWE-250)."""

import re
import shutil
import subprocess
import sys

import pytest

from tests.running import ROOT, RunningSite

pytestmark = pytest.mark.any_engine
UNITS = sorted((ROOT / "deploy").glob("tanxun-*"))
SERVICES = [path for path in UNITS if path.suffix == ".service"]


@pytest.fixture(scope="module")
def units(tmp_path_factory):
    """The units, with the programs and the account of this machine in them."""
    folder = tmp_path_factory.mktemp("units")
    for path in UNITS:
        text = path.read_text(encoding="utf-8").replace("/srv/tanxun/.venv/bin", str(folder / "bin"))
        text = re.sub(r"^(User|Group)=tanxun", r"\1=daemon", text, flags=re.M).replace("/srv/tanxun", str(ROOT))
        (folder / path.name).write_text(text.replace("EnvironmentFile=", "EnvironmentFile=-"), encoding="utf-8")
    (folder / "bin").mkdir()
    for name in ("python", "granian"):
        (folder / "bin" / name).symlink_to(sys.executable)
    return folder


@pytest.mark.program("systemd-analyze")
def test_systemd_takes_the_units(units):
    paths = [str(units / path.name) for path in UNITS]
    done = subprocess.run(["systemd-analyze", "verify", "--man=no", *paths], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.program("systemd-analyze")
@pytest.mark.parametrize("path", SERVICES, ids=lambda path: path.stem)
def test_the_units_run_with_few_rights(units, path):
    command = ["systemd-analyze", "security", "--offline=true", "--no-pager", "--threshold=25", str(units / path.name)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    text = path.read_text(encoding="utf-8")
    assert "\nUser=tanxun\n" in text
    assert "\nEnvironmentFile=/etc/tanxun/environment\n" in text
    assert "\nUMask=0077\n" in text


def test_their_commands_are_those_of_the_site():
    commands = [
        line for path in SERVICES for line in path.read_text(encoding="utf-8").splitlines() if line.startswith("ExecStart=")
    ]
    known = {path.stem for path in ROOT.rglob("management/commands/*.py")}
    asked = {found[1] for line in commands if (found := re.search(r"manage\.py (\w+)", line))}
    assert asked == {"start", "run_worker", "backup", "check_data"}
    assert asked <= known


@pytest.mark.django_db  # for the database that is copied
def test_setting_up_ends(tmp_path, blank):
    site = RunningSite(tmp_path / "data", like=blank)
    done = site.manage("start", "--set-up", "--no-sample")
    assert done.returncode == 0, done.stderr
    assert re.search(r"^\s+admin +\S+$", done.stdout, re.M)
    assert "ready" not in done.stdout


def test_every_program_that_the_shipped_files_name_is_installed_by_ci():
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert "nginx" in script
    assert shutil.which("sh")
