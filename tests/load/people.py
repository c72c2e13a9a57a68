"""People who use the site at once, each in a thread of their own with a browser's habits; what they met is in the Log."""

import gzip
import http.client
import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from tests.benchmarks.sites import Answer, Side, Wrong

THINKING = (1.0, 5.0)  # seconds that a person looks at a page before the next click, evenly spread
PATIENCE = 30  # seconds, after which a page counts as an error
MOST_ERRORS = 50  # a crowd that has met so many goes home
SEED = 5


class Log:
    """Seconds of every answer by what was asked for, the tokens of what the site said that it has, and what went wrong."""

    def __init__(self) -> None:
        self.seconds: dict[str, list[float]] = {}
        self.acknowledged: dict[str, list[str]] = {}
        self.errors: list[str] = []
        self.lasted = 0.0
        self._lock = threading.Lock()

    def note(self, kind: str, seconds: float) -> None:
        with self._lock:
            self.seconds.setdefault(kind, []).append(seconds)

    def keep(self, kind: str, token: str) -> None:
        with self._lock:
            self.acknowledged.setdefault(kind, []).append(token)

    def fail(self, words: str) -> None:
        with self._lock:
            self.errors.append(words)

    def runs(self, play: Callable[..., None], *arguments: Any) -> None:
        """Plays that: a fault of the part itself is told as an error, or it would look like silence."""
        try:
            play(*arguments)
        except Exception as error:
            self.fail(f"{type(error).__name__}: {error}")

    def count(self, kind: str) -> int:
        return len(self.seconds.get(kind, ()))

    def p95(self, kind: str) -> float | None:
        """Milliseconds that 95 of 100 answers stayed below."""
        return self.at(kind, 0.95)

    def at(self, kind: str, share: float) -> float | None:
        """Milliseconds that this share of the answers stayed below; None where nobody asked."""
        found = sorted(self.seconds.get(kind, ()))
        return found[min(int(len(found) * share), len(found) - 1)] * 1000 if found else None

    def said(self, *kinds: str) -> str:
        """Every kind with how often, how quickly, and how many a second."""
        parts = []
        for kind in kinds or tuple(self.seconds):
            if count := self.count(kind):
                rate = f", {count / self.lasted:.1f}/s" if self.lasted else ""
                parts.append(
                    f"{count:,} {kind}{rate}, median {self.at(kind, 0.5):.0f}, p95 {self.p95(kind):.0f},"
                    f" slowest {self.at(kind, 1):.0f} ms"
                )
        if self.errors:
            parts.append(f"first error: {self.errors[0]}")
        return "; ".join(parts)


@dataclass
class Person:
    """Somebody signed in; asks take note of their time and are "" where they failed."""

    side: Side
    cookies: dict[str, str]
    log: Log
    stop: threading.Event
    draw: random.Random
    number: int = 0
    address: str = field(default="", init=False)  # where the last form led to

    def __post_init__(self) -> None:
        self.arrive()

    def arrive(self) -> None:
        """A new connection, as after one that broke."""
        self.visitor = self.side.visitor()
        self.visitor.cookies = dict(self.cookies)
        self.visitor.connection.timeout = PATIENCE

    def thinks(self) -> bool:
        """Looks at the page for a while; whether there is time for another."""
        return not self.stop.wait(self.draw.uniform(*THINKING))

    @contextmanager
    def bearing(self, what: str) -> Iterator[None]:
        try:
            yield
        except (Wrong, OSError, http.client.HTTPException) as error:
            self.log.fail(f"{what}: {type(error).__name__}: {error}")
            self.arrive()

    def get(self, kind: str, path: str, **headers: str) -> str:
        """The text of a page, fetched as a browser does."""
        with self.bearing(path):
            answer = self.visitor.get(path, **{"Accept-Encoding": "gzip", **headers})
            self.log.note(kind, answer.seconds)
            return unpacked(answer)
        return ""

    def fetch(self, kind: str, path: str) -> int:
        """The size of a file."""
        with self.bearing(path):
            answer = self.visitor.get(path)
            self.log.note(kind, answer.seconds)
            return len(answer.body)
        return 0

    def send(self, kind: str, path: str, fields: dict[str, str], wanted: tuple[int, ...] = (http.client.FOUND,)) -> str | None:
        """What a form is answered, None where that is none of the `wanted`; `address` is where it leads."""
        with self.bearing(path):
            return self._taken(kind, path, self.visitor.post(path, fields), wanted)
        return None

    def upload(self, kind: str, path: str, name: str, data: bytes) -> str | None:
        """The same for a file."""
        mark = "load-boundary"
        token = self.visitor.cookies.get("csrftoken", "")
        parts = [
            f'--{mark}\r\nContent-Disposition: form-data; name="csrfmiddlewaretoken"\r\n\r\n{token}\r\n'.encode(),
            f'--{mark}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'.encode(),
            b"Content-Type: text/csv\r\n\r\n" + data + f"\r\n--{mark}--\r\n".encode(),
        ]
        headers = {
            "Content-Type": f"multipart/form-data; boundary={mark}",
            "Referer": f"http://127.0.0.1:{self.side.port}{path}",
        }
        with self.bearing(path):
            answer = self.visitor.ask("POST", path, b"".join(parts), headers)
            return self._taken(kind, path, answer, (http.client.FOUND,))
        return None

    def _taken(self, kind: str, path: str, answer: Answer, wanted: tuple[int, ...]) -> str:
        if answer.status not in wanted:
            raise Wrong(f"{path} answered {answer.status}")
        self.log.note(kind, answer.seconds)
        self.address = urlsplit(answer.headers.get("location", "")).path
        return answer.text


def unpacked(answer: Answer) -> str:
    is_packed = answer.headers.get("content-encoding") == "gzip"
    return (gzip.decompress(answer.body) if is_packed else answer.body).decode()


Play = Callable[[Person], None]


class Crowd:
    """Those who come, and how long they stay. Another `draw`, other pages: the first one's are kept by the site."""

    def __init__(self, side: Side, draw: int = 0) -> None:
        self.side, self.draw, self.log, self.stop = side, draw, Log(), threading.Event()
        self.threads: list[threading.Thread] = []

    def person(self, cookies: dict[str, str]) -> Person:
        number = len(self.threads)
        return Person(self.side, cookies, self.log, self.stop, random.Random(f"{SEED}-{self.draw}-{number}"), number)

    def joins(self, play: Play, cookies: dict[str, str]) -> None:
        """One more, who plays that part until all stop."""
        person = self.person(cookies)
        self.threads.append(threading.Thread(target=self.log.runs, args=(play, person), daemon=True))

    def stays(self, seconds: float, until: Callable[[], bool] = lambda: False) -> Log:
        """All at once for so long, less where `until` says so or too much goes wrong."""
        begin = time.monotonic()
        for thread in self.threads:
            thread.start()
        try:
            while time.monotonic() - begin < seconds and not until() and len(self.log.errors) < MOST_ERRORS:
                time.sleep(0.25)
        finally:
            self.stop.set()
        self.log.lasted = time.monotonic() - begin
        for thread in self.threads:
            thread.join(PATIENCE * 2)
        return self.log
