"""Programs that poll secret addresses of feeds and calendars with the mark of what they have: a kind of row (rows.py)."""

import http.client
import re
import threading
import time
from dataclasses import dataclass

from tests.benchmarks.results import AtMost, Result
from tests.benchmarks.sites import Side, Visitor

from .kinds import P95, Ground, told
from .people import Log

ADDRESSES = ("/statements.atom", "/statements.atom?type=ghg_verification&region=320000", "/expiring.ics", "/policies.ics")
SHOWN_ONCE = re.compile(r"http://[^/]+(/feeds/[^\"]+)")


@dataclass
class Polls:
    """So many polls a second by a few programs, each with one connection; all that is not 304 is an error."""

    name: str
    what: str
    a_second: int
    programs: int
    minutes: float
    goals: tuple[AtMost, ...]

    def measure(self, ground: Ground) -> Result:
        paths = [secret(ground.side, address) for address in ADDRESSES]
        log, end = Log(), time.perf_counter() + ground.seconds(self.minutes)
        work = [
            threading.Thread(target=log.runs, args=(self.poll, ground.side, paths[number % len(paths)], number, end, log))
            for number in range(self.programs)
        ]
        begin = time.perf_counter()
        for one in work:
            one.start()
        for one in work:
            one.join()
        log.lasted = time.perf_counter() - begin
        return told(self.name, log, {P95: log.p95("polls")}, f"{ground.seconds(self.minutes) / 60:g} min")

    def poll(self, side: Side, path: str, number: int, end: float, log: Log) -> None:
        """At even times, so that a slow answer makes no later poll rarer; the programs take turns."""
        visitor, pause = Visitor(side.port), self.programs / self.a_second
        mark = visitor.get(path).headers["etag"]
        due = time.perf_counter() + pause * number / self.programs
        while due < end:
            time.sleep(max(due - time.perf_counter(), 0))
            answer = visitor.ask("GET", path, b"", {"If-None-Match": mark})
            log.note("polls", time.perf_counter() - due)  # what waits behind a slow answer has waited, too
            if answer.status != http.client.NOT_MODIFIED:
                log.fail(f"{path.rpartition('/')[2]} answered {answer.status}")
            due += pause
        visitor.connection.close()  # the server waits for it when it is to end


def secret(side: Side, address: str) -> str:
    """The path of a secret address made by who runs the site."""
    visitor = side.visitor()
    visitor.get("/account/addresses/")
    page = visitor.post("/account/addresses/add/", {"address": address}).text
    visitor.connection.close()
    found = SHOWN_ONCE.search(page)
    assert found, page[:300]
    return found[1]
