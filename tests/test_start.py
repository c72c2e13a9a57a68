"""`manage.py start` from an empty folder: a served site with data, repeatable, ended cleanly, refused in one clear line."""

import os
import shutil
import socket
import sqlite3
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.conf import settings

from tests.running import ROOT, RunningSite, free_port, own_database

only_sqlite = pytest.mark.skipif(
    not settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"),
    reason="looks into the SQLite file; the other engine has its own run",
)


def get(url: str) -> tuple[int, str]:
    with urllib.request.urlopen(url, timeout=10) as answer:
        return answer.status, answer.read().decode()


def refused(*arguments: str, before: Sequence[str] = (), **environment: str) -> str:
    """Run a start that must not come up; returns its one line on standard error. `before` is a program that runs it."""
    inherited = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    environment = inherited | {"DJANGO_SETTINGS_MODULE": "tanxun.settings", "LANG": "en_GB.UTF-8"} | environment
    done = subprocess.run(
        [*before, sys.executable, "manage.py", "start", *arguments],
        cwd=ROOT,
        env=environment,
        text=True,
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 1, done.stdout + done.stderr
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 1, done.stderr
    return lines[0]


def children_of(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()


def heard_at(port: int) -> set[str]:
    """The addresses at which somebody listens at that port, as the kernel writes them."""
    lines = [line.split() for table in ("tcp", "tcp6") for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]]
    return {
        place.split(":")[0] for _number, place, _peer, state, *_rest in lines if state == "0A" and place.endswith(f":{port:04X}")
    }


def test_from_an_empty_folder_to_a_site_with_data_and_cleanly_down(tmp_path):
    """OPS-12: and it is heard on this machine alone."""
    with RunningSite(tmp_path / "data") as site:
        assert get(f"{site.address}/livez")[0] == 200
        assert get(f"{site.address}/readyz")[0] == 200
        assert set(site.accounts) == {"admin", "sample-reader", "sample-consultant", "sample-editor", "sample-manager"}
        listed = site.manage("export", "statements", "--format", "csv", PORT=str(site.port))
        assert listed.stdout.count("\n") > 3, listed.stderr
        children = children_of(site.process.pid)
        assert len(children) == 2
        assert heard_at(site.port) == {"0100007F"}  # 127.0.0.1
        assert site.stop() == 0
        assert not [pid for pid in children if Path(f"/proc/{pid}").exists()]
    with RunningSite(tmp_path / "data", DATABASE_URL=site.environment["DATABASE_URL"]) as again:
        assert not again.accounts
        assert again.manage("export", "statements", "--format", "csv", PORT=str(site.port)).stdout == listed.stdout
        assert again.stop() == 0


@pytest.mark.any_engine
def test_interrupted_while_it_fills_the_site_it_begins_again(tmp_path, blank):
    """Ctrl-C in the middle: no account stands whose password nobody has seen, and the next start is whole."""
    first = RunningSite(tmp_path / "data", like=blank)
    first.stop_at = "sample.txt"
    with pytest.raises(AssertionError, match="did not come up"), first:
        pass
    assert not first.accounts
    with RunningSite(tmp_path / "data", DATABASE_URL=first.environment["DATABASE_URL"]) as second:
        assert len(second.accounts) == 5
        assert second.manage("export", "statements", "--format", "csv").stdout.count("\n") > 3


@pytest.mark.any_engine
def test_without_samples_and_behind_https(tmp_path, blank):
    """One administrator and no record; the machine is answered without a redirect, and links lead to the port that it serves."""
    with RunningSite(tmp_path / "data", "--no-sample", like=blank, SITE_URL="https://tanxun.example") as site:
        assert get(f"{site.address}/livez")[0] == 200
        assert get(f"{site.address}/readyz")[0] == 200
        environment = Path(f"/proc/{children_of(site.process.pid)[0]}/environ").read_bytes().decode()
        assert f"PORT={site.port}" in environment.split("\0")
        assert set(site.accounts) == {"admin"}
        assert site.manage("export", "statements", "--format", "csv").stdout.count("\n") == 1
        assert site.manage("export", "bodies", "--format", "csv").stdout.count("\n") > 30


@pytest.mark.any_engine
def test_a_secret_key_that_was_never_written_is_made(tmp_path):
    """The first command was ended after it made the file, or the disk was full."""
    (tmp_path / "secret_key").touch()
    environment = {name: value for name, value in os.environ.items() if name != "SECRET_KEY"}
    environment |= {"DATA_DIR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "tanxun.settings"}
    ask = [sys.executable, "-c", "from django.conf import settings; print(settings.SECRET_KEY)"]
    made, again = (subprocess.run(ask, cwd=ROOT, env=environment, capture_output=True, text=True, check=True) for _time in "12")
    assert len(made.stdout.strip()) > 40
    assert made.stdout == again.stdout
    assert (tmp_path / "secret_key").stat().st_mode & 0o777 == 0o600


@pytest.mark.any_engine
def test_a_start_does_what_a_migrate_ended_before(tmp_path, blank):
    """Killed between its last migration and its end: roles may nothing, and histories can be changed."""
    site = RunningSite(tmp_path / "data", like=blank)
    undone = (
        "from tanxun.records import sealing; from django.contrib.auth.models import Group, Permission;"
        " from tanxun.site.models import User; sealing.unseal(); Group.objects.all().delete(); Permission.objects.all().delete();"
        " User.objects.create_user('early', password='x', role='editor')"
    )
    assert site.manage("shell", "-v0", "-c", undone).returncode == 0
    assert "up to date" in site.manage("start", "--set-up", "--no-sample").stdout
    whole = (
        "from tanxun.records import sealing; from tanxun.site.models import User;"
        " print(set(sealing.histories()) == sealing.standing('default'),"
        " User.objects.get(username='early').has_perm('certifications.change_company'))"
    )
    assert site.manage("shell", "-v0", "-c", whole).stdout.strip() == "True True"


@contextmanager
def led_on(port, host, target):
    """What comes to that port of ours goes to that server, and back; until the end of the block."""

    def copy(source, sink):
        with suppress(OSError):
            while data := source.recv(65536):
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)

    def lead():
        with suppress(OSError):
            while True:
                near, far = heard.accept()[0], socket.create_connection((host, target))
                for pair in ((near, far), (far, near)):
                    threading.Thread(target=copy, args=pair, daemon=True).start()

    with socket.create_server(("127.0.0.1", port)) as heard:
        threading.Thread(target=lead, daemon=True).start()
        yield
        heard.shutdown(socket.SHUT_RDWR)


IS_FILE = settings.DATABASES["default"]["ENGINE"].endswith("sqlite3")


@pytest.mark.skipif(IS_FILE, reason="a file is there, or nothing ever will be")
def test_setting_up_waits_for_a_database_that_comes_up_later(tmp_path, blank):
    """As when machines are switched on together: what systemd never tries again must not give up at once."""
    with own_database(tmp_path, like=blank) as url:
        place, port = urlsplit(url), free_port()
        led = url.replace(f"@{place.hostname}:{place.port}/", f"@127.0.0.1:{port}/")
        site = RunningSite(tmp_path / "data", DATABASE_URL=led)
        command = [sys.executable, "manage.py", "start", "--set-up", "--no-sample"]
        process = subprocess.Popen(command, cwd=ROOT, env=site.environment, text=True, stdout=subprocess.PIPE)
        try:
            assert "cannot be reached yet" in process.stdout.readline()
            with led_on(port, place.hostname, place.port):
                said = process.communicate(timeout=120)[0]
        finally:
            process.kill()
            process.wait()
        assert process.returncode == 0, said
        assert (site.data_dir / "first-password").exists()


def test_a_taken_port_is_one_clear_line(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert f"127.0.0.1:{port}" in refused("--port", str(port), DATA_DIR=str(tmp_path / "data"))
    assert not (tmp_path / "data" / "tanxun.sqlite3").exists()


def test_an_unwritable_data_folder_is_one_clear_line(tmp_path):  # DB-06
    (tmp_path / "file").touch()
    folder = str(tmp_path / "file" / "data")
    assert folder in refused("--port", str(free_port()), DATA_DIR=folder)


@only_sqlite
def test_a_newer_database_is_one_clear_line(tmp_path):
    with sqlite3.connect(tmp_path / "tanxun.sqlite3") as connection:
        connection.execute("CREATE TABLE django_migrations (id integer PRIMARY KEY, app text, name text, applied text)")
        connection.execute("INSERT INTO django_migrations VALUES (1, 'certifications', '9999_from_the_future', '2030-01-01')")
    assert "9999_from_the_future" in refused("--port", str(free_port()), DATA_DIR=str(tmp_path))


@only_sqlite
def test_a_file_that_is_no_database_is_one_clear_line(tmp_path):  # DB-06
    (tmp_path / "tanxun.sqlite3").write_bytes(b"not a database, " * 400)
    assert "database" in refused("--port", str(free_port()), DATA_DIR=str(tmp_path))


# Root may read and write whatever the rights say: it is let start without that privilege, as another user would.
AS_ANYBODY = ("setpriv", "--bounding-set=-dac_override,-dac_read_search", "--") if os.geteuid() == 0 else ()


@only_sqlite
@pytest.mark.parametrize("rights", [0o444, 0o000])
@pytest.mark.parametrize("place", ["file", "folder"])
def test_a_database_that_may_not_be_written_or_read_is_one_clear_line(tmp_path, blank, rights, place):
    """DB-06: neither served read-only, where every form would fail, nor made anew beside it."""
    folder = tmp_path / "data"
    folder.mkdir()
    path = shutil.copy(blank.removeprefix("sqlite:///"), folder / "tanxun.sqlite3")
    kept = Path(path).read_bytes()
    shut = Path(path) if place == "file" else folder
    shut.chmod(rights | (0o111 if place == "folder" and rights else 0))
    try:
        said = refused("--port", str(free_port()), before=AS_ANYBODY, DATA_DIR=str(folder))
    finally:
        shut.chmod(0o755)
    assert "database" in said or str(folder) in said
    assert Path(path).read_bytes() == kept


@only_sqlite
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file to somebody else")
def test_a_database_of_somebody_else_is_one_clear_line(tmp_path, blank):
    """DB-06"""
    path = Path(shutil.copy(blank.removeprefix("sqlite:///"), tmp_path / "tanxun.sqlite3"))
    path.chmod(0o600)
    os.chown(path, 65534, 65534)
    assert "database" in refused("--port", str(free_port()), before=AS_ANYBODY, DATA_DIR=str(tmp_path))


@only_sqlite
def test_a_database_in_a_folder_that_is_missing_is_one_clear_line(tmp_path):
    """DB-06: a folder that the address names by mistake is not made; the site's own data folder is."""
    url = f"sqlite:///{tmp_path / 'nowhere' / 'tanxun.sqlite3'}"
    said = refused("--port", str(free_port()), DATA_DIR=str(tmp_path / "data"), DATABASE_URL=url)
    assert "database" in said
    assert not (tmp_path / "nowhere").exists()


def test_an_old_python_is_told_which_one_is_needed():
    script = "import runpy, sys; sys.version_info = (3, 10, 0); runpy.run_path('manage.py', run_name='__main__')"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, text=True, capture_output=True, check=False)
    assert done.returncode == 1
    assert done.stderr.strip().splitlines() == ["Tanxun needs Python 3.11 or newer; this is 3.10."]


@pytest.mark.parametrize(
    ("environment", "reason"),
    [
        ({}, "SECRET_KEY"),
        ({"SECRET_KEY": "x" * 60, "SITE_URL": "https://tanxun.example", "DEBUG": "1"}, "refused"),
        ({"SECRET_KEY": "x" * 60, "SITE_URL": "https://tanxun.example", "ALLOWED_HOSTS": "*"}, "refused"),
    ],
)
def test_another_server_gets_no_application_without_safe_settings(tmp_path, environment, reason):  # SEC-48
    environment = os.environ | {"DATA_DIR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "tanxun.settings"} | environment
    done = subprocess.run(
        [sys.executable, "-c", "import tanxun.wsgi"], cwd=ROOT, env=environment, text=True, capture_output=True, check=False
    )
    assert done.returncode != 0
    assert reason in done.stderr.strip().splitlines()[-1]
