"""SUP-08: a release as people get it: `python -m tests.archive`. Nightly; some minutes, most of them pip's.

`git archive` of HEAD, an empty virtual environment, `pip install --require-hashes -r requirements.txt`, neither git nor uv within
reach: it starts, an administrator signs in with the password that is printed, a list is shown, and its file is exported.
"""

import http.cookiejar
import os
import re
import socket
import subprocess
import sys
import tempfile
import urllib.parse
import urllib.request
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="release-") as place:
        folder = Path(place)
        tree, programs = folder / "tree", folder / "venv" / "bin"
        tree.mkdir()
        packed = subprocess.run(["git", "archive", "HEAD"], cwd=ROOT, check=True, capture_output=True).stdout
        subprocess.run(["tar", "-x", "-C", str(tree)], input=packed, check=True)
        assert not (tree / ".git").exists()
        venv.create(folder / "venv", with_pip=True)
        install = ["-m", "pip", "install", "--quiet", "--require-hashes", "-r", "requirements.txt"]
        subprocess.run([programs / "python", *install], cwd=tree, check=True)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        # Nothing of this machine but the new environment: no git, no uv, no compiler, no shell.
        environment = {"PATH": str(programs), "HOME": place, "LANG": "en_GB.UTF-8", "PYTHONUNBUFFERED": "1"}
        command = [programs / "python", "manage.py", "start", "--port", str(port)]
        started = subprocess.Popen(
            command, cwd=tree, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        try:
            said = ""
            for line in started.stdout:
                said += line
                if "is ready" in line:
                    break
            found = re.search(r"^\s+admin\s+(\S+)$", said, re.M)
            assert found, said
            walk(f"http://127.0.0.1:{port}", found[1])
        finally:
            started.terminate()
            started.wait(60)
    print("the archive starts, signs in, lists and exports; nothing but Python was there")


def walk(address: str, password: str) -> None:
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
    page = opener.open(f"{address}/accounts/login/?next=/statements/").read().decode()
    form = {"csrfmiddlewaretoken": re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)[1], "next": "/statements/"}
    form |= {"username": "admin", "password": password}
    listed = opener.open(f"{address}/accounts/login/", urllib.parse.urlencode(form).encode()).read().decode()
    assert re.search(r'href="/statements/\d+/"', listed), listed[:2000]
    assert len(opener.open(f"{address}/statements.csv").read().decode("utf-8-sig").splitlines()) > 3


if __name__ == "__main__":
    os.chdir(ROOT)
    sys.exit(main())
