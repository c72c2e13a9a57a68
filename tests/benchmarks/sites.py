"""Our site and the peer, served side by side on one database, and visitors that ask them. Called by the rows."""

import http.client
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

from tanxun.site.start import web_server
from tests.running import ROOT, RunningSite, free_port

from .databases import Database, run

MOST_SECONDS = 300  # that anybody waits for one answer
UP_SECONDS = 60
IDLE_SECONDS = 20  # after which a connection is opened anew; servers keep one that nobody uses for 30 and more


class Wrong(Exception):
    """An answer is not what it should be. Says how."""


@dataclass
class Answer:
    """`headers` by their names in lower case."""

    status: int
    seconds: float
    first_byte: float
    body: bytes
    headers: dict[str, str]

    @property
    def text(self) -> str:
        return self.body.decode("utf-8")


@dataclass
class Visitor:
    """Somebody with a browser's habits: one connection kept open, cookies."""

    port: int
    cookies: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=MOST_SECONDS)
        self.used = time.monotonic()

    def get(self, path: str, **headers: str) -> Answer:
        """Raises Wrong for any status but 200, TimeoutError, and HTTPException where the server hangs up."""
        if time.monotonic() - self.used > IDLE_SECONDS:  # as while the other side was asked: the server may have closed it
            self.connection.close()
        answer = self.ask("GET", path, b"", headers)
        if answer.status != http.client.OK:
            raise Wrong(f"{path} answered {answer.status}")
        return answer

    def post(self, path: str, fields: dict[str, str]) -> Answer:
        token = {"csrfmiddlewaretoken": self.cookies.get("csrftoken", ""), **fields}
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Referer": f"http://127.0.0.1:{self.port}{path}"}
        return self.ask("POST", path, urlencode(token).encode(), headers)

    def ask(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> Answer:
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        begin = time.perf_counter()
        try:
            self.connection.request(method, path, body or None, headers | ({"Cookie": cookies} if cookies else {}))
            response = self.connection.getresponse()
            start = response.read(1)
            first = time.perf_counter() - begin
            content = start + response.read()
        except TimeoutError:
            self.connection.close()
            raise
        taken = time.perf_counter() - begin
        self.used = time.monotonic()
        for name, value in response.getheaders():
            if name.lower() == "set-cookie":
                key, _sign, rest = value.partition("=")
                self.cookies[key] = rest.split(";")[0]
        headers = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, taken, first, content, headers)


@dataclass
class Side:
    """A running site: who asks it, and its web server's process."""

    name: str
    port: int
    process: int
    cookies: dict[str, str] = field(default_factory=dict)

    def visitor(self) -> Visitor:
        return Visitor(self.port, dict(self.cookies))

    def workers(self) -> set[Path]:
        """/proc/… of the processes that answer. None where there is no /proc."""
        servers = [one for one in below(self.process) if b"granian" in (one / "cmdline").read_bytes()]
        return {process for server in servers for process in (server, *below(int(server.name)))}

    def memory(self) -> dict[Path, float]:
        """MB that each process which answers holds now; from here on its peak is counted anew."""
        for process in self.workers():
            with suppress(OSError):
                (process / "clear_refs").write_text("5")
        return {process: status(process, "VmRSS") for process in self.workers()}

    def grown(self, before: dict[Path, float]) -> float | None:
        """MB that the process which grew most held at most beyond that."""
        return max((status(process, "VmHWM") - held for process, held in before.items()), default=None)


def below(process: int) -> list[Path]:
    """/proc/… of a process and all that it started."""
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            parents[int(stat.parent.name)] = int(stat.read_text().rpartition(")")[2].split()[1])
    found = [process] if process in parents else []
    for one in found:
        found += [child for child, parent in parents.items() if parent == one]
    return [Path(f"/proc/{one}") for one in found]


def status(process: Path, name: str) -> float:
    """A figure of /proc/…/status in MB; 0 where the process is gone."""
    with suppress(OSError):
        if found := re.search(rf"^{name}:\s+(\d+) kB", (process / "status").read_text(), re.M):
            return int(found[1]) / 1024
    return 0.0


@dataclass
class Sites:
    ours: Side
    peer: Side
    database: Database


@contextmanager
def our_site(database: Database, **environment: str) -> Iterator[Side]:
    """Our site, as `manage.py start` serves it; its cookies are those of the administrator."""
    with RunningSite(database.data_dir, "--no-sample", DATABASE_URL=database.url, **environment) as running:
        ours = Side("ours", running.port, running.process.pid)
        ours.cookies = signed_in(ours, "admin", running.accounts["admin"])
        yield ours


@contextmanager
def both(database: Database) -> Iterator[Sites]:
    """Our site and the peer by the same server."""
    as_often_as_it_can = {"API_REQUESTS_PER_MINUTE": "1000000"}
    with our_site(database, **as_often_as_it_can) as ours, textbook(database) as peer:
        yield Sites(ours, peer, database)


def signed_in(side: Side, name: str, password: str) -> dict[str, str]:
    """The cookies of somebody who filled in the sign-in form."""
    visitor = side.visitor()
    visitor.get("/accounts/login/")
    if visitor.post("/accounts/login/", {"username": name, "password": password}).status != http.client.FOUND:
        raise Wrong("signing in failed")
    return visitor.cookies


@contextmanager
def textbook(database: Database) -> Iterator[Side]:
    port = free_port()
    command = web_server("127.0.0.1", port, "tests.benchmarks.textbook.wsgi:application")
    process = subprocess.Popen(command, cwd=ROOT, env=os.environ | database.environment, start_new_session=True)
    side = Side("textbook", port, process.pid)
    try:
        wait_for(side)
        yield side
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:  # an answer that nobody waits for any more
            process.kill()
            process.wait()


def wait_for(side: Side) -> None:
    for _try in range(UP_SECONDS * 4):
        with suppress(OSError):
            side.visitor().ask("HEAD", "/", b"", {})
            return
        time.sleep(0.25)
    raise Wrong(f"{side.name} did not come up")


def inside(
    database: Database, *arguments: object, module: str = "tests.benchmarks.inside", settings: str = "tanxun.settings"
) -> str:
    """What a measuring process of its own prints (see inside.py)."""
    given = database.environment | {"DJANGO_SETTINGS_MODULE": settings}
    return run(sys.executable, "-m", module, *map(str, arguments), **given)
