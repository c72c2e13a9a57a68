"""What a row found, and the goals that are held against it. Used by rows, runner and report."""

from __future__ import annotations

import statistics
from collections.abc import Mapping
from dataclasses import dataclass, field

OURS, PEER, CLIENT = "ours", "textbook", "client"


@dataclass
class Result:
    """Figures by what was measured: always OURS; PEER and CLIENT where there are any; others named with their unit.

    `unit` is that of the first three. `wrong` says what was answered wrongly, `note` what a reader has to know; the run was
    too short for the `unjudged` figures.
    """

    name: str
    unit: str = "ms"
    figures: dict[str, list[float]] = field(default_factory=dict)
    note: str = ""
    wrong: str = ""
    unjudged: tuple[str, ...] = ()

    def median(self, name: str = OURS) -> float | None:
        return statistics.median(found) if (found := self.figures.get(name)) else None

    def high(self, name: str = OURS) -> float | None:
        """The value that 95 of 100 stay below; none of rates, where more is better."""
        found = [] if self.is_rate else sorted(self.figures.get(name, ()))
        return found[min(int(len(found) * 0.95), len(found) - 1)] if len(found) > 2 else None

    @property
    def is_rate(self) -> bool:
        return self.unit.endswith("/s")

    def times_faster(self) -> float | None:
        """How many times as fast as the peer."""
        ours, peer = self.median(), self.median(PEER)
        if not ours or not peer:
            return None
        return ours / peer if self.is_rate else peer / ours


Results = Mapping[str, Result]


@dataclass(frozen=True)
class Verdict:
    """A goal, what came of it (None: not measured in this run) and whether that is enough."""

    goal: str
    found: str
    is_met: bool | None


def judged(goal: str, found: float | None, limit: float, words: str, *, is_most: bool) -> Verdict:
    if found is None:
        return Verdict(goal, "–", None)
    return Verdict(goal, words.format(found), found <= limit if is_most else found >= limit)


@dataclass(frozen=True)
class Faster:
    """So many times as fast as the peer."""

    times: float

    def judge(self, result: Result, results: Results, engine: str) -> Verdict:
        return judged(f"≥ {self.times:g}× {PEER}", result.times_faster(), self.times, "{:.1f}×", is_most=False)


@dataclass(frozen=True)
class Within:
    """At most so many times as long as another row."""

    times: float
    row: str

    def judge(self, result: Result, results: Results, engine: str) -> Verdict:
        ours, other = result.median(), results[self.row].median() if self.row in results else None
        found = ours / other if ours and other else None
        return judged(f"≤ {self.times:g}× {self.row}", found, self.times, "{:.1f}×", is_most=True)


@dataclass(frozen=True)
class Times:
    """At most so many times as long as another figure of the same row."""

    times: float
    figure: str

    def judge(self, result: Result, results: Results, engine: str) -> Verdict:
        ours, other = result.median(), result.median(self.figure)
        found = ours / other if ours and other else None
        return judged(f"≤ {self.times:g}× {self.figure}", found, self.times, "{:.1f}×", is_most=True)


@dataclass(frozen=True)
class OfClient:
    """At most so many times as long as the database's own client."""

    postgresql: float
    sqlite: float

    def judge(self, result: Result, results: Results, engine: str) -> Verdict:
        limit = getattr(self, engine)
        ours, client = result.median(), result.median(CLIENT)
        found = ours / client if ours and client else None
        shell = "COPY" if engine == "postgresql" else "sqlite3"
        return judged(f"≤ {limit:g}× {shell}", found, limit, "{:.2f}×", is_most=True)


@dataclass(frozen=True)
class AtMost:
    """No more than that, in the unit of the figure. `always` where it does not depend on how quick the machine is."""

    limit: float
    figure: str = OURS
    always: bool = False

    def judge(self, result: Result, results: Results, engine: str) -> Verdict:
        unit = result.unit if self.figure == OURS else self.figure
        return judged(f"≤ {self.limit:g} {unit}", result.median(self.figure), self.limit, "{:.4g}", is_most=True)


@dataclass(frozen=True)
class AtLeast:
    """No less than that of a rate."""

    postgresql: float
    sqlite: float

    def judge(self, result: Result, results: Results, engine: str) -> Verdict:
        limit = getattr(self, engine)
        return judged(f"≥ {limit:,.0f} {result.unit}", result.median(), limit, "{:,.0f}", is_most=False)


Goal = Faster | Within | Times | OfClient | AtMost | AtLeast
