"""Slow connections while others read: a kind of row, declared in rows.py. They go to nginx as shipped, which stands before a
site that others reach: by itself the site gives a thread to each body that comes in slowly, and has four of them.
"""

import re
import shutil
import socket
import ssl
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from tests.benchmarks.results import AtMost, Result
from tests.proxied import NAME, Proxy

from .kinds import P95, Ground, gathered, told
from .people import Log

THROUGH = "answers through nginx"
P95_THROUGH = f"p95 of {THROUGH} (ms)"
SOURCES = 10  # addresses of this machine that they come from: one alone may hold no more than a hundred
STYLE = re.compile(r'href="(/static/[^"]+\.css)"')
PAUSE = 2.0  # seconds between two bytes
MOST_MISSING = 0.2  # of the connections, while those that were closed are opened anew
HEAD = f"Host: {NAME}\r\n"
BEGINS = (
    f"GET /accounts/login/ HTTP/1.1\r\n{HEAD}X-Slow: ",
    # With the cookie, without which a form is refused before it is read.
    f"POST /accounts/login/ HTTP/1.1\r\n{HEAD}Cookie: csrftoken={'a' * 32}\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    "Content-Length: 100000\r\n\r\nusername=",
)


@dataclass(frozen=True)
class SlowConnections:
    """Connections that send one byte of their headers, or of their body, at a time, while others read; one that the server
    closes is opened anew.
    """

    name: str
    what: str
    connections: int
    readers: int
    minutes: float
    goals: tuple[AtMost, ...]

    def measure(self, ground: Ground) -> Result:
        if not (shutil.which("nginx") and shutil.which("openssl")):
            return Result(self.name, wrong="nginx and openssl are not installed")
        seconds = ground.seconds(self.minutes)
        crowd = gathered(ground, seconds, self.readers)
        with proxied(ground.side.port) as proxy, Slow(proxy, self.connections).fed() as slow:
            style = STYLE.findall(ground.administrator().get("lists", "/statements/"))[0]
            passing = threading.Thread(target=crowd.log.runs, args=(passes, proxy, style, crowd.log, crowd.stop))
            passing.start()
            log = crowd.stays(seconds)
            passing.join()
        note = f"{log.lasted / 60:.1f} min; {median(slow.held):.0f} connections held, {slow.closed:,} were closed and came again"
        result = told(self.name, log, {P95: log.p95("pages"), P95_THROUGH: log.p95(THROUGH)}, note)
        if slow.faults:
            result.wrong = slow.faults[0]
        elif median(slow.held) < self.connections * (1 - MOST_MISSING):
            result.wrong = f"{median(slow.held):.0f} connections were held"
        return result


@contextmanager
def proxied(port: int) -> Iterator[Proxy]:
    with tempfile.TemporaryDirectory(prefix="nginx-") as folder:
        proxy = Proxy(Path(folder), port).start()
        try:
            yield proxy
        finally:
            proxy.stop()


def passes(proxy: Proxy, path: str, log: Log, stop: threading.Event) -> None:
    """Somebody else who comes by the same way for a file, each time anew: it is the site that gives them, by whatever name."""
    while not stop.wait(0.5):
        begin = time.perf_counter()
        with proxy.connect("127.0.0.9") as one:
            one.sendall(f"GET {path} HTTP/1.1\r\n{HEAD}Connection: close\r\n\r\n".encode())
            answer = one.recv(4000)
        log.note(THROUGH, time.perf_counter() - begin)
        if not answer.startswith(b"HTTP/1.1 200 "):
            log.fail(f"{path} through nginx answered {answer[:40]!r}")


@dataclass
class Slow:
    """So many of them, half stopped in their headers, half in the form of the sign-in. `held`: how many stood at each byte."""

    proxy: Proxy
    count: int
    held: list[int] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    closed: int = 0

    @contextmanager
    def fed(self) -> Iterator["Slow"]:
        stop, sockets = threading.Event(), [self.begun(number) for number in range(self.count)]

        def feed() -> None:
            while not stop.wait(PAUSE):
                try:
                    self.feed(sockets)
                except Exception as error:  # else it would look as if they were held
                    self.faults.append(f"{type(error).__name__}: {error}")
                    return

        feeder = threading.Thread(target=feed)
        feeder.start()
        try:
            yield self
        finally:
            stop.set()
            feeder.join()
            for one in sockets:
                one.close()

    def begun(self, number: int) -> socket.socket:
        one = self.proxy.connect(f"127.0.1.{number % SOURCES + 1}")
        one.sendall(BEGINS[number % 2].encode())
        one.setblocking(False)
        return one

    def feed(self, sockets: list[socket.socket]) -> None:
        standing = [is_open(one) for one in sockets]
        self.held.append(sum(standing))
        self.closed += standing.count(False)
        for number, stands in enumerate(standing):
            if stands:
                with suppress(OSError):
                    sockets[number].sendall(b"a")
            else:
                sockets[number].close()
                sockets[number] = self.begun(number)


def is_open(one: socket.socket) -> bool:
    """Whether the server has neither answered nor closed it."""
    try:
        one.recv(1)
    except (BlockingIOError, ssl.SSLWantReadError):
        return True
    except OSError:
        pass
    return False
