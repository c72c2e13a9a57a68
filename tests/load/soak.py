"""The soak: whether what the site holds grows while people use it for an hour. A kind of row, declared in rows.py."""

import statistics
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.results import AtMost, Result
from tests.benchmarks.sites import below, status

from .kinds import LOST, Ground, gathered, lost_of, told

GROWTH, HANDLES = "memory growth (%)", "more file handles"
SAMPLES = 120
WARM = 0.2  # of the time, after which what a process holds is compared
SHORT_MINUTES = 20  # in less a process is still filling what it keeps
SERVING = ("run_worker", "granian", "start")


@dataclass(frozen=True)
class Held:
    """What a process holds: MB and open files; what it is, in a word."""

    memory: float
    files: int
    words: str = ""


@dataclass(frozen=True)
class Soak:
    """Readers, a writer, exports and sheets for a long time; the process that grows most is told."""

    name: str
    what: str
    readers: int
    minutes: float
    goals: tuple[AtMost, ...]

    def measure(self, ground: Ground) -> Result:
        seconds = ground.seconds(self.minutes)
        crowd = gathered(ground, seconds, self.readers, writers=1)
        samples: list[dict[Path, Held]] = []
        sampler = threading.Thread(target=self.watch, args=(ground.side.process, crowd.stop, seconds / SAMPLES, samples))
        sampler.start()
        try:
            log = crowd.stays(seconds)
        finally:
            crowd.stop.set()
            sampler.join()
        lasting = set.intersection(*map(set, samples)) if samples else set()
        grown = {process: growth([sample[process] for sample in samples]) for process in lasting}
        if not Path("/proc").exists() or not grown:
            return Result(self.name, wrong="what processes hold cannot be seen on this machine (no /proc)")
        lost = lost_of(ground, log)
        notes = [f"{log.lasted / 60:.1f} min", f"not in the database: {lost}"]
        notes += [f"{words_of(process)}: {one.said}" for process, one in grown.items() if one.after > 20]
        figures: dict[str, float | None] = {
            GROWTH: max(one.percent for one in grown.values()),
            HANDLES: max(one.files for one in grown.values()),
            LOST: sum(lost.values()),
        }
        result = told(self.name, log, figures, "; ".join(notes))
        if ended := {words for sample in samples for process, words in self.serving(sample) if process not in lasting}:
            result.wrong = f"replaced while they were watched: {', '.join(sorted(ended))}"
        if seconds < SHORT_MINUTES * 60:
            result.unjudged = (GROWTH, HANDLES)
        return result

    @staticmethod
    def serving(sample: dict[Path, Held]) -> Iterator[tuple[Path, str]]:
        """The processes of a sample that should outlast it: not those that are started for one sheet or file."""
        yield from ((process, held.words) for process, held in sample.items() if held.words in SERVING)

    @staticmethod
    def watch(process: int, stop: threading.Event, pause: float, samples: list[dict[Path, Held]]) -> None:
        while not stop.wait(max(pause, 0.5)):
            found = {}
            for one in below(process):
                with suppress(OSError):
                    found[one] = Held(status(one, "VmRSS"), len(list((one / "fd").iterdir())), words_of(one))
            samples.append(found)


@dataclass(frozen=True)
class Grown:
    """MB and open files once warm, and at the end: medians of a tenth of the time each."""

    before: float
    after: float
    files_before: float
    files_after: float

    @property
    def percent(self) -> float:
        return (self.after / self.before - 1) * 100 if self.before else 0.0

    @property
    def files(self) -> float:
        return self.files_after - self.files_before

    @property
    def said(self) -> str:
        return f"{self.before:.0f} → {self.after:.0f} MB, {self.files_before:.0f} → {self.files_after:.0f} files"


def growth(held: list[Held]) -> Grown:
    tenth = max(1, len(held) // 10)
    start = min(int(len(held) * WARM), len(held) - 1)
    early, late = held[start : start + tenth], held[-tenth:]
    medians = [statistics.median(one.memory for one in some) for some in (early, late)]
    files = [statistics.median(one.files for one in some) for some in (early, late)]
    return Grown(*medians, *files)


def words_of(process: Path) -> str:
    """What a process is, by its command line."""
    with suppress(OSError):
        words = (process / "cmdline").read_bytes().decode("utf-8", "replace").split("\0")
        return next((name for name in SERVING if name in words), words[0][-20:])
    return process.name
