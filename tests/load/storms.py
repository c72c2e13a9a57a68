"""Kinds of rows about one thing that is too much beside people who read: a large file, wrong passwords. Declared in rows.py."""

import http.client
import threading
import time
from dataclasses import dataclass, replace

from tests.benchmarks.results import AtMost, Result
from tests.benchmarks.sites import Side, Wrong, below, status

from . import parts
from .kinds import P95, Ground, reading, told
from .people import Log

LET_IN, REFUSED, MEMORY = "guesses looked at beyond the limit", "right passwords refused", "MB of the worker at most"
LOGIN = "/accounts/login/"
LIMIT = 10  # AXES_FAILURE_LIMIT
ON_THE_WAY = 10  # guesses that are looked at while the one that closes the account is


@dataclass(frozen=True)
class OneFile:
    """A workbook of all rows, again and again, beside readers; before it the same readers alone."""

    name: str
    what: str
    readers: int
    minutes: float
    goals: tuple[AtMost, ...]

    def measure(self, ground: Ground) -> Result:
        cookies, seconds = ground.signed_in(self.readers), ground.seconds(self.minutes)
        alone = reading(ground.side, cookies["reader"], draw=1).stays(seconds / 2)
        crowd = reading(ground.side, cookies["reader"])
        crowd.joins(parts.exports, cookies["manager"][0])
        log = crowd.stays(seconds)
        worker = [one for one in below(ground.side.process) if b"run_worker" in (one / "cmdline").read_bytes()]
        before, files = alone.p95("pages") or 0, len(log.acknowledged.get("exports", ()))
        figures: dict[str, float | None] = {
            P95: log.p95("pages"),
            MEMORY: max((status(one, "VmHWM") for one in worker), default=None),
        }
        note = f"{seconds / 60:g} min, {files} files of {ground.rows:,} rows; without them pages p95 {before:.0f} ms"
        result = told(self.name, log, figures, note)
        if not files:
            result.wrong = "no file was written"
        return result


@dataclass(frozen=True)
class Storm:
    """So many wrong passwords a second for one account, while others read and one signs in with the right password."""

    name: str
    what: str
    a_second: int
    readers: int
    minutes: float
    goals: tuple[AtMost, ...]
    connections: int = 10

    def measure(self, ground: Ground) -> Result:
        cookies, seconds = ground.signed_in(self.readers, writers=1), ground.seconds(self.minutes)
        storm, right, end = Log(), Log(), time.monotonic() + seconds
        pace = self.a_second / self.connections
        tries = [(storm, "load-editor-0", "wrong", pace)] * self.connections + [(right, "load-reader-0", ground.password, 0.5)]
        threads = [threading.Thread(target=one[0].runs, args=(signs_in, ground.side, end, *one), daemon=True) for one in tries]
        for thread in threads:
            thread.start()
        log = reading(ground.side, cookies["reader"]).stays(seconds)
        for thread in threads:
            thread.join(30)
        storm.lasted = right.lasted = seconds
        log.errors += storm.errors + right.errors
        figures: dict[str, float | None] = {
            P95: log.p95("pages"),
            LET_IN: max(0, storm.count("looked at") - LIMIT - ON_THE_WAY) + storm.count("let in"),
            REFUSED: right.count("looked at") + right.count("turned away"),
        }
        result = told(self.name, log, figures, f"{seconds / 60:g} min; wrong: {storm.said()}; right: {right.said()}")
        if not right.count("let in") or not storm.count("turned away"):
            result.wrong = "nobody was let in, or nobody turned away"
        return result


KINDS = {http.client.OK: "looked at", http.client.TOO_MANY_REQUESTS: "turned away", http.client.FOUND: "let in"}


def signs_in(side: Side, end: float, log: Log, name: str, password: str, a_second: float) -> None:
    """Fills in the sign-in form so often, each time as somebody new."""
    while (begin := time.monotonic()) < end:
        visitor = replace(side, cookies={}).visitor()
        try:
            visitor.get(LOGIN)
            answer = visitor.post(LOGIN, {"username": name, "password": password})
        except (Wrong, OSError, http.client.HTTPException) as error:
            log.fail(f"signing in: {type(error).__name__}: {error}")
        else:
            log.note(KINDS.get(answer.status, str(answer.status)), answer.seconds)
            if answer.status not in KINDS:
                log.fail(f"signing in answered {answer.status}")
        finally:
            visitor.connection.close()
        time.sleep(max(begin + 1 / a_second - time.monotonic(), 0))
