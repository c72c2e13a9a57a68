"""Load: people who use the site at once, for minutes, against the goals of rows.py. See the README.

    python -m tests.load                                           # all rows on SQLite: about an hour and a half
    python -m tests.load --engine sqlite postgresql --keep FOLDER
    python -m tests.load --only LOAD-03 LOAD-04
    python -m tests.load --minutes 1                               # every row that lasts some minutes lasts one

Each row has the site to itself, started as `manage.py start` does, on a fresh copy of the loaded database. DATABASE_URL and
--keep are those of tests.benchmarks. Exit 1 where a figure could not be measured, something failed, a write was lost, or
memory or a limit was exceeded; missed times are told and do not count.
"""

import argparse
import signal
import sys
import time
import traceback
from contextlib import ExitStack
from pathlib import Path

from tests.benchmarks.databases import Engine, dataset, engine_of, home_of, usual_engine
from tests.benchmarks.report import MARKS, machine
from tests.benchmarks.results import Result
from tests.benchmarks.sites import our_site

from .kinds import Ground
from .people import THINKING
from .rows import ROWS, Row

HONESTY = (
    f"Readers and writers think {THINKING[0]:g} to {THINKING[1]:g} s between two pages, fetch all that a page fetches by itself,"
    " and run on the machine that serves them."
)
HEADS = ("row", "what", "figure", "goal", "")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.load", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=100_000, help="statements in the database")
    parser.add_argument("--engine", nargs="+", choices=("sqlite", "postgresql"), default=[usual_engine()])
    parser.add_argument("--minutes", type=float, help="how long rows last that last some minutes; else each as its goal says")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="where loaded databases are, or will be")
    parser.add_argument("--only", nargs="+", metavar="ROW", choices=[row.name for row in ROWS], help="LOAD-01 …")
    parser.add_argument("--out", type=Path, metavar="FILE", help="the findings as Markdown")
    return parser.parse_args()


def measure(row: Row, engine: Engine, asked: argparse.Namespace) -> Result:
    """One row on a site and a database of its own."""
    try:
        with engine.copy(asked.rows) as database, our_site(database) as side:
            return row.measure(Ground(side, database, dataset(engine.home, asked.rows), asked.rows, asked.minutes))
    except Exception as error:  # told as a row that could not be measured, and the others still are
        traceback.print_exc()
        return Result(row.name, wrong=f"{type(error).__name__}: {str(error)[-300:]}")


def lines(row: Row, result: Result, engine: str) -> list[tuple[str, ...]]:
    """The row's part of the table: a line for each goal."""
    if result.wrong:
        return [(row.name, row.what, "–", result.wrong, "not measured")]
    found = [(goal, goal.judge(result, {}, engine)) for goal in row.goals]
    return [(row.name, row.what, one.found, one.goal, MARKS[one.is_met] or "not measured") for _goal, one in found]


def is_right(row: Row, result: Result, engine: str) -> bool:
    """Whether all was measured, and what must hold on any machine, however slow, does."""
    judged = [(goal.always, goal.judge(result, {}, engine).is_met) for goal in row.goals if goal.figure not in result.unjudged]
    return not result.wrong and all(is_met or not (is_met is None or always) for always, is_met in judged)


def main() -> int:
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # sites and databases go, however it ends
    asked, begin, failed = arguments(), time.monotonic(), 0
    wanted = [row for row in ROWS if not asked.only or row.name in asked.only]
    told: list[str] = []

    def say(text: str = "") -> None:
        print(text, flush=True)
        told.append(text)

    with ExitStack() as stack:
        home = stack.enter_context(home_of(asked.keep))
        try:
            for name in asked.engine:
                engine = engine_of(name, home, bool(asked.keep), stack)
                say(f"\n**{engine.version()}, {asked.rows:,} statements.** {HONESTY}\n")
                say(f"| {' | '.join(HEADS)} |")
                say("| --- | --- | --- | --- | --- |")
                notes = []
                for row in wanted:
                    result = measure(row, engine, asked)
                    failed += not is_right(row, result, name)
                    for cells in lines(row, result, name):
                        say(f"| {' | '.join(cells)} |")
                    print(f"  {result.note}", flush=True)  # known at once, though the table ends before its notes
                    notes.append(f"* {row.name}: {result.note}")
                told += ["", *notes]
        except KeyboardInterrupt:
            say("\nStopped: what stands above was measured, the rest was not.")
            failed += 1
        say("\n" + machine()[0])
        say(f"{time.monotonic() - begin:.0f} s; " + (f"{failed} rows failed" if failed else "nothing failed"))
        if asked.out:
            asked.out.write_text("\n".join(told) + "\n", encoding="utf-8")
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
