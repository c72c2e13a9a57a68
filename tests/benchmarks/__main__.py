"""The benchmark: our site and the textbook peer side by side on one database, every row of rows.py. See the README.

    python -m tests.benchmarks                                     # 100,000 and 1,000,000 statements on SQLite
    python -m tests.benchmarks --engine sqlite postgresql --keep FOLDER --out result.md
    python -m tests.benchmarks --rows 20000 --turns 2              # that it is alive: right answers, no judgement of times
    python -m tests.benchmarks --only "first page" "search"        # rows whose names begin so

DATABASE_URL names the PostgreSQL server to make databases on; without it a temporary one is started. --keep keeps what was
loaded (<rows>/set, <rows>/tanxun.sqlite3, postgres/) for the next run. Exit 1 where any answer was wrong.
"""

import argparse
import signal
import sys
import time
import traceback
from contextlib import ExitStack
from pathlib import Path

from .bench import Bench
from .databases import Engine, dataset, engine_of, home_of, usual_engine
from .report import Run, line, markdown
from .results import Result
from .rows import ROWS, Row
from .sites import Wrong, both

SMALL = 50_000  # below, goals are printed, but they are not meant for it


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, nargs="+", default=[100_000, 1_000_000], help="statements; the largest in full")
    parser.add_argument("--engine", nargs="+", choices=("sqlite", "postgresql"), default=[usual_engine()])
    parser.add_argument("--turns", type=int, default=15, help="how often each side is asked")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="where loaded databases are, or will be")
    parser.add_argument("--only", nargs="+", metavar="NAME", default=[""], help="how the names of rows begin")
    parser.add_argument("--out", type=Path, metavar="FILE", help="the findings as Markdown")
    return parser.parse_args()


def measure(row: Row, bench: Bench) -> Result:
    try:
        return row.measure(bench)
    except Exception as error:  # a row that breaks is told as wrong, and the others are still measured
        if not isinstance(error, Wrong):
            traceback.print_exc()
        return Result(row.name, wrong=f"{type(error).__name__}: {error}")


def run(engine: Engine, rows: int, wanted: list[Row], turns: int, before: Run | None) -> Run:
    """All wanted rows on one size, told as they are found."""
    found: dict[str, Result] = {}
    smaller, smaller_rows = (before.results, before.rows) if before else ({}, 0)
    made = Run(engine, rows, turns, found, smaller, smaller_rows)
    with engine.copy(rows) as database, both(database) as sites:
        bench = Bench(engine, sites, dataset(engine.home, rows), rows, turns)
        print(f"\n{engine.version()}, {rows:,} statements", flush=True)
        for row in wanted:
            found[row.name] = measure(row, bench)
            print(line(found[row.name], row, made), flush=True)
    return made


def runs_of(engine: Engine, asked: argparse.Namespace) -> list[Run]:
    """The sizes one after the other; of the smaller ones only what tells how much it grows."""
    made: list[Run] = []
    for rows in sorted(asked.rows):
        is_whole = rows == max(asked.rows)
        wanted = [row for row in ROWS if row.name.startswith(tuple(asked.only)) and (is_whole or row.grows)]
        made.append(run(engine, rows, wanted, asked.turns, made[-1] if made else None))
    return made


def main() -> int:
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # sites and databases go, however it ends
    asked = arguments()
    begin = time.monotonic()
    with ExitStack() as stack:
        home = stack.enter_context(home_of(asked.keep))
        runs = [one for name in asked.engine for one in runs_of(engine_of(name, home, bool(asked.keep), stack), asked)]
        text = markdown(runs)
        if asked.out:
            asked.out.write_text(text, encoding="utf-8")
    wrong = [f"{one.rows:,}: {result.name}: {result.wrong}" for one in runs for result in one.results.values() if result.wrong]
    if max(asked.rows) < SMALL:
        print("\nGoals are meant for a million statements: at this size only the answers count.")
    print(f"\n{time.monotonic() - begin:.0f} s; " + ("all answers right" if not wrong else f"{len(wrong)} wrong"))
    sys.stderr.writelines(f"{text}\n" for text in wrong)
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
