"""SUP-08: a release as people get it: `python -m tests.archive`. Nightly; some minutes, most of them pip's.

`git archive` of HEAD, an empty virtual environment, `pip install --require-hashes -r requirements.txt`, neither git nor uv within
reach: it starts, an administrator signs in with the password that is printed, a list is shown, and its file is exported.
Debian's own Python needs its package python3-venv for the environment. Nothing waits for ever.
"""

import http.cookiejar
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import urllib.parse
import urllib.request
import venv
from contextlib import suppress
from pathlib import Path

from tests.benchmarks.sites import below

ROOT = Path(__file__).resolve().parent.parent
PIP_SECONDS, START_SECONDS, STOP_SECONDS, ANSWER_SECONDS = 1800, 600, 60, 60


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="release-") as place:
        folder = Path(place)
        tree, programs = folder / "tree", folder / "venv" / "bin"
        tree.mkdir()
        packed = subprocess.run(["git", "archive", "HEAD"], cwd=ROOT, check=True, capture_output=True).stdout
        subprocess.run(["tar", "-x", "-C", str(tree)], input=packed, check=True)
        assert not (tree / ".git").exists()
        try:
            venv.create(folder / "venv", with_pip=True)
        except subprocess.CalledProcessError:
            sys.exit("No virtual environment with pip can be made: apt-get install python3-venv")
        install = ["-m", "pip", "install", "--quiet", "--require-hashes", "-r", "requirements.txt"]
        subprocess.run([programs / "python", *install], cwd=tree, check=True, timeout=PIP_SECONDS)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        # Nothing of this machine but the new environment: no git, no uv, no compiler, no shell.
        environment = {"PATH": str(programs), "HOME": place, "LANG": "en_GB.UTF-8", "PYTHONUNBUFFERED": "1"}
        command = [programs / "python", "manage.py", "start", "--port", str(port)]
        started = subprocess.Popen(
            command, cwd=tree, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        deadline = threading.Timer(START_SECONDS, end, [started])
        deadline.start()
        try:
            said = ""
            for line in started.stdout:
                said += line
                if "is ready" in line:
                    break
            found = re.search(r"^\s+admin\s+(\S+)$", said, re.M)
            assert found, said
            deadline.cancel()
            walk(f"http://127.0.0.1:{port}", found[1])
        finally:
            deadline.cancel()
            end(started)
    print("the archive starts, signs in, lists and exports; nothing but Python was there")


def end(started: subprocess.Popen) -> None:
    """As it is meant to end; else with all that it started, which has sessions of its own."""
    everything = below(started.pid) if started.poll() is None else []
    started.terminate()
    try:
        started.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        for process in everything:
            with suppress(ProcessLookupError):
                os.kill(int(process.name), signal.SIGKILL)
        started.wait()


def walk(address: str, password: str) -> None:
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
    page = opener.open(f"{address}/accounts/login/?next=/statements/", timeout=ANSWER_SECONDS).read().decode()
    form = {"csrfmiddlewaretoken": re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)[1], "next": "/statements/"}
    form |= {"username": "admin", "password": password}
    listed = opener.open(f"{address}/accounts/login/", urllib.parse.urlencode(form).encode(), ANSWER_SECONDS).read().decode()
    assert re.search(r'href="/statements/\d+/"', listed), listed[:2000]
    assert len(opener.open(f"{address}/statements.csv", timeout=ANSWER_SECONDS).read().decode("utf-8-sig").splitlines()) > 3


if __name__ == "__main__":
    os.chdir(ROOT)
    sys.exit(main())
