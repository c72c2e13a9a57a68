"""What a row has at hand while it measures, and how it measures: by turns. Used by the kinds of rows."""

import csv
import json
import math
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from .databases import Database, Engine
from .sites import Sites, inside

SLOW_SECONDS = 5  # who takes longer is asked once more, and no more
WARM = 3


@dataclass
class Bench:
    """One run: both sites on a database with `rows` statements, made of the data set in `folder`."""

    engine: Engine
    sites: Sites
    folder: Path
    rows: int
    turns: int

    @cached_property
    def days(self) -> list[str]:
        """The day of each statement, newest first."""
        with (self.folder / "statements.csv").open(encoding="utf-8", newline="") as file:
            return sorted((row["issued_on"] for row in csv.DictReader(file)), reverse=True)

    @cached_property
    def policies(self) -> dict[str, Any]:
        """What `policies.main` tells: from here on there are 2,000 policies beside the statements."""
        found: dict[str, Any] = json.loads(inside(self.sites.database, module="tests.benchmarks.policies"))
        return found

    def newest(self, wanted: int) -> tuple[str, int]:
        """(parameter that narrows the list to about so many of the newest statements, how many they are)."""
        if wanted >= self.rows:
            return "", self.rows
        day = self.days[wanted - 1]
        return f"issued_after={day}", sum(1 for one in self.days if one >= day)

    @contextmanager
    def fresh_copy(self) -> Iterator[Database]:
        """A database of its own for a row that writes."""
        with self.engine.copy(self.rows) as database:
            yield database

    @contextmanager
    def empty(self) -> Iterator[Database]:
        """A database that nobody has migrated, with a folder of its own."""
        url = self.engine.new(self.rows)
        try:
            with self.scratch() as folder:
                yield Database(url, folder)
        finally:
            self.engine.drop(url)

    @contextmanager
    def scratch(self) -> Iterator[Path]:
        with tempfile.TemporaryDirectory(dir=self.engine.home) as name:
            yield Path(name)


def by_turns(turns: int, measures: dict[str, Callable[[], float]]) -> dict[str, list[float]]:
    """Milliseconds of each, one after the other in every turn after warming up; who is slow is measured once, warm too."""
    found, quick = {}, []
    for name, measure in measures.items():
        if measure() >= SLOW_SECONDS * 1000:
            found[name] = [measure()]
        else:
            found[name] = []
            quick.append(name)
            for _again in range(min(WARM, turns) - 1):
                measure()
    for _turn in range(turns):
        for name in quick:
            found[name].append(measures[name]())
    return found


def seconds_of(work: Callable[[], object]) -> float:
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def last_page(rows: int, size: int) -> int:
    return math.ceil(rows / size)
