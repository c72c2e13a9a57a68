"""The kind of row that keeps all: a backup of the loaded database, and its way back into an empty one. Declared in rows.py."""

import json
import sys
from dataclasses import dataclass

from .bench import Bench, seconds_of
from .databases import run
from .results import OURS, Goal, Result
from .sites import inside

BACKUP, SIZE = "backup (s)", "file (MB)"
GIVEN_UP = {"jobs.Job", "alerts.Message", "django_tasks_database.DBTaskResult"}  # what was under way is not done a second time
FOR_GOAL = 100_000  # statements that the goal is about; of more, the time of so many


@dataclass(frozen=True)
class BackupAndRestore:
    """`manage.py backup`, then `manage.py restore` on an empty database, which it migrates first: every table must come back
    with the same number of rows and the same hash (DATA-01). Beyond a hundred thousand statements the seconds of the restore
    are those of a hundred thousand.
    """

    name: str
    goals: tuple[Goal, ...] = ()
    grows: bool = False

    def measure(self, bench: Bench) -> Result:
        with bench.scratch() as folder, bench.fresh_copy() as full, bench.empty() as empty:
            manage, file = (sys.executable, "manage.py"), folder / "all.zip"
            taken = seconds_of(lambda: run(*manage, "backup", str(file), **full.environment))
            back = seconds_of(lambda: run(*manage, "restore", str(file), **empty.environment))
            size = file.stat().st_size / 2**20
            before, after = (json.loads(inside(database, "tallies")) for database in (full, empty))
        rows = sum(table[0] for table in before.values())
        labels = (before.keys() | after.keys()) - GIVEN_UP
        other = sorted(label for label in labels if before.get(label) != after.get(label))
        wrong = f"not as it was: {', '.join(other)}" if other else ""
        if before["certifications.VerificationStatement"][0] != bench.rows:
            wrong = wrong or "the backup was not of the whole data set"
        share = min(1, FOR_GOAL / bench.rows)
        note = f"{rows:,} rows of {len(before)} tables, all hashes {'equal' if not other else 'compared'}; {back:.1f} s in all"
        return Result(self.name, "s", {OURS: [back * share], BACKUP: [taken], SIZE: [size]}, note, wrong)
