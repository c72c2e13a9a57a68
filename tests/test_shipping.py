"""What is shipped to run the site by itself: units of systemd that it takes as they are, with few rights (CWE-250)."""

import os
import re
import subprocess
import sys

import pytest

from tests.mailing import mail_server
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
    assert asked == {"start", "run_worker", "backup", "check_data", "seal_history", "alarm"}
    assert asked <= known


def settings_of(name):
    return (ROOT / "deploy" / name).read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("name", ["web", "worker"])
def test_only_the_service_itself_is_told_to_end(name):
    """Or the process that unpacks a sheet dies with the signal, and a sound sheet "cannot be read"."""
    assert "KillMode=mixed" in settings_of(f"tanxun-{name}.service")


@pytest.mark.parametrize("name", ["web", "worker"])
def test_what_ends_again_and_again_comes_to_its_limit(name):
    """DB-14: systemd calls OnFailure only where it does not start the unit again."""
    values = dict(
        line.split("=", 1) for line in settings_of(f"tanxun-{name}.service") if re.match(r"(StartLimit|RestartSec)", line)
    )
    tries, seconds = int(values["StartLimitBurst"]), int(values["StartLimitIntervalSec"])
    slowest = 10  # seconds from its start until it fails
    assert tries * (int(values["RestartSec"]) + slowest) < seconds


def test_old_backups_go_only_after_a_look_at_the_data():
    lines = [line for line in settings_of("tanxun-nightly.service") if line.startswith("ExecStart=")]
    assert [next(word for word in ("backup ", "seal_history", "check_data", "-delete") if word in line) for line in lines] == [
        "backup ",
        "seal_history",
        "check_data",
        "-delete",
    ]


@pytest.mark.parametrize("name", ["nightly", "web", "worker"])
def test_what_fails_calls_the_alarm(name):
    """DB-14: a backup or a check that fails ends its unit, and that starts the one that sends a mail."""
    unit, alarm = ((ROOT / "deploy" / f"tanxun-{each}.service").read_text(encoding="utf-8") for each in (name, "alarm@"))
    assert "\nOnFailure=tanxun-alarm@%n.service\n" in unit
    assert "\nOnFailure=" not in alarm  # it would call itself without end
    assert "manage.py alarm" in alarm
    if name == "nightly":
        commands = re.findall(r"^ExecStart=(.*)", unit, re.M)
        assert [bool(re.search(r"manage\.py (backup|seal_history|check_data)", one)) for one in commands] == [
            True,
            True,
            True,
            False,
        ]
        assert not [one for one in commands if one.startswith("-")]  # whose failure systemd would overlook


def test_the_alarm_is_a_mail_and_asks_no_database(tmp_path):
    """DB-14: with a database that is not one, to a real mail server."""
    (tmp_path / "tanxun.sqlite3").write_bytes(b"not a database, " * 400)
    given = {"DATA_DIR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "tanxun.settings", "LANG": "en_GB.UTF-8"}
    command = [sys.executable, "manage.py", "alarm", "tanxun-nightly.service"]
    said = "tanxun.sqlite3: row 7: missing\n"
    with mail_server() as (url, server):
        given |= {"EMAIL_URL": url, "ALARM_TO": "it@example.com,boss@example.com"}
        inherited = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
        run = {"cwd": ROOT, "text": True, "capture_output": True}
        done = subprocess.run(command, input=said, env=inherited | given, check=False, **run)
        assert done.returncode == 0, done.stderr
        letter = server.letters[-1]
        quiet = subprocess.run(command, input=said, env=inherited | given | {"ALARM_TO": ""}, check=False, **run)
    assert "tanxun-nightly.service failed" in letter["Subject"]
    assert said.strip() in letter.get_content()
    assert {"it@example.com", "boss@example.com"} == {name.strip() for name in letter["To"].split(",")}
    assert (quiet.returncode, quiet.stderr.count("\n")) == (1, 1)


@pytest.mark.django_db  # for the database that is copied
def test_setting_up_ends_and_keeps_the_password_from_the_journal(tmp_path, blank):
    site = RunningSite(tmp_path / "data", like=blank)
    kept = site.data_dir / "first-password"
    kept.write_text("of a start that was interrupted")
    kept.chmod(0o644)
    done = site.manage("start", "--set-up", "--no-sample")
    assert done.returncode == 0, done.stderr
    assert "ready" not in done.stdout
    assert (kept.stat().st_mode & 0o777, kept.read_text().count("\n")) == (0o600, 1)
    name, password = kept.read_text().split()
    assert (name, len(password)) == ("admin", 12)
    assert password not in done.stdout + done.stderr
    assert str(kept) in done.stdout
    kept.unlink()
    assert str(kept) not in site.manage("start", "--set-up", "--no-sample").stdout
    assert not kept.exists()
    asked = f"from tanxun.site.models import User; print(User.objects.get().check_password({password!r}))"
    assert site.manage("shell", "-v", "0", "-c", asked).stdout.strip() == "True"


# Debian's package of each program that a test needs.
PACKAGES = {
    "nginx": "nginx-light",
    "openssl": "openssl",
    "curl": "curl",
    "msgfmt": "gettext",
    "xgettext": "gettext",
    "soffice": "libreoffice-calc",
    "systemd-analyze": "systemd",
}


def test_every_program_that_tests_ask_for_is_installed_by_ci():
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    needed = re.search(r"^for package in (.*?); do$", script, re.M | re.S)[1].replace("\\\n", " ").split()
    marks = re.compile(r'mark\.program\("([^"]+)"\)')
    asked = {name for path in (ROOT / "tests").rglob("*.py") for name in marks.findall(path.read_text(encoding="utf-8"))}
    assert asked == set(PACKAGES)
    assert {PACKAGES[name] for name in asked} | {"git", "chromium"} <= set(needed)
