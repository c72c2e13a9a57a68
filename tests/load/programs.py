"""Programs with tokens: one that asks far too often beside others, and one that guesses. Kinds of rows (rows.py)."""

import http.client
import math
import os
import random
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, groupby
from statistics import NormalDist

from tanxun.site.start import MOST_PROCESSES
from tests.benchmarks.programs import headers
from tests.benchmarks.results import AtMost, Result
from tests.benchmarks.sites import Side, Visitor

from .kinds import P95, Ground, told
from .people import SEED, Log

BEYOND, DEVIATIONS, WAITS = "answers beyond the limit", "standard deviations between the ranks", "told to wait"
LIST = "/api/v1/statements/?per_page=25"
PROCESSES = min(os.cpu_count() or 1, MOST_PROCESSES)  # each counts for itself
BURST, A_SECOND = 60, 5  # of a token in each of them, as the site is shipped


@dataclass(frozen=True)
class Eager:
    """One token asks so many times a second, whatever it is told; another one, and who looks at the list, do as always, for a
    while also without it.
    """

    name: str
    what: str
    a_second: int
    minutes: float
    goals: tuple[AtMost, ...]
    connections: int = 20
    quiet_minutes: float = 0.25

    def measure(self, ground: Ground) -> Result:
        seconds, eager, before, beside = ground.seconds(self.minutes), Log(), Log(), Log()
        calm = [("pages", "/statements/", {}), ("answers to another token", LIST, headers(ground.database))]
        eager_one = Asking(eager, "answers", LIST, headers(ground.database), self.a_second / self.connections, may_wait=True)
        together(ground.side, self.quiet_minutes * 60, [Asking(before, *one) for one in calm])
        together(ground.side, seconds, [eager_one] * self.connections + [Asking(beside, *one) for one in calm])
        beside.errors += before.errors + eager.errors
        beside.lasted = eager.lasted = seconds
        most = (BURST + A_SECOND * (seconds + 1)) * PROCESSES
        figures = {P95: beside.p95("pages"), BEYOND: max(0.0, eager.count("answers") - most)}
        note = f"{seconds / 60:g} min; the eager one: {eager.said()}; without it pages p95 {before.p95('pages') or 0:.0f} ms"
        result = told(self.name, beside, figures, note)
        if not eager.count(WAITS):
            result.wrong = "nobody was told to wait"
        return result


@dataclass(frozen=True)
class Asking:
    """One connection that asks for the same again and again, in the administrator's name where no token is `sent`. An answer
    that tells it to wait, and for how long, is an error unless it `may_wait`; so is any other but 200.
    """

    log: Log
    kind: str
    path: str
    sent: dict[str, str]
    a_second: float = 2.0
    may_wait: bool = False

    def until(self, end: float, side: Side) -> None:
        visitor = Visitor(side.port) if self.sent else side.visitor()
        while (due := time.perf_counter()) < end:
            answer = visitor.ask("GET", self.path, b"", self.sent)
            waits = answer.headers.get("retry-after", "")
            if answer.status == http.client.OK:
                self.log.note(self.kind, answer.seconds)
            elif self.may_wait and answer.status == http.client.TOO_MANY_REQUESTS and waits.isdigit() and int(waits) > 0:
                self.log.note(WAITS, answer.seconds)
            else:
                self.log.fail(f"{self.kind}: {self.path} answered {answer.status}, Retry-After {waits!r}")
            time.sleep(max(due + 1 / self.a_second - time.perf_counter(), 0))
        visitor.connection.close()


def together(side: Side, seconds: float, those: list[Asking]) -> None:
    end = time.perf_counter() + seconds
    threads = [threading.Thread(target=one.log.runs, args=(one.until, end, side)) for one in those]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@dataclass(frozen=True)
class Guesses:
    """Wrong tokens, half of which begin as one that opens the API does: whether the time of the refusal tells them apart.

    Two of each kind of guess come one after the other in an order that is drawn, so that what else the machine does meets
    both alike. Ranks are compared (Mann and Whitney), as times are not normal.
    """

    name: str
    what: str
    tries: int
    goals: tuple[AtMost, ...]

    def measure(self, ground: Ground) -> Result:
        right, draw, log = headers(ground.database)["Authorization"].removeprefix("Bearer "), random.Random(SEED), Log()
        kinds: list[list[float]] = [[], []]
        visitor = Visitor(ground.side.port)
        for _pair in range(self.tries // 2):
            for is_near in draw.sample((True, False), 2):
                guess = guessed(right, draw, is_near=is_near)
                answer = visitor.ask("GET", LIST, b"", {"Authorization": f"Bearer {guess}"})
                kinds[is_near].append(answer.seconds)
                log.note("refusals", answer.seconds)
                if answer.status != http.client.UNAUTHORIZED:
                    log.fail(f"a guess answered {answer.status}")
        visitor.connection.close()
        apart = deviations(*kinds)
        note = f"p = {2 * NormalDist().cdf(-abs(apart)):.2f}; {self.tries:,} tries"
        return told(self.name, log, {DEVIATIONS: abs(apart)}, note)


def guessed(right: str, draw: random.Random, *, is_near: bool) -> str:
    """A token as long as the right one, that begins with the same sign or with another one."""
    signs = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    first = right[0] if is_near else draw.choice(signs.replace(right[0], ""))
    return first + "".join(draw.choices(signs, k=len(right) - 1))


def deviations(some: Sequence[float], others: Sequence[float]) -> float:
    """How far the sum of the ranks of `some` lies from what chance makes it, in standard deviations; equal values share ranks."""
    total, ranks, ties, done = len(some) + len(others), 0.0, 0, 0
    values = sorted(chain(((value, 1) for value in some), ((value, 0) for value in others)))
    for _value, run in groupby(values, key=lambda one: one[0]):
        mine = [is_some for _same, is_some in run]
        ranks += sum(mine) * (done + (len(mine) + 1) / 2)
        ties += len(mine) ** 3 - len(mine)
        done += len(mine)
    spread = len(some) * len(others) / 12 * (total + 1 - ties / (total * (total - 1)))
    return (ranks - len(some) * (total + 1) / 2) / math.sqrt(spread)
