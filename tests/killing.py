"""A site whose parts are killed at random moments while four people write to it over HTTP, and what stands afterwards.

Used by test_killed_under_writers.py (all kinds of kills), test_web_killed.py, test_exports_killed.py and, with nothing killed,
test_writers_over_http.py. A write counts as acknowledged once its answer is there; `Rig.verdict` holds those against the
database.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import suppress
from io import StringIO
from pathlib import Path
from typing import NamedTuple

from django.core.management import call_command
from django.db import connection

from certifications.models import CompanyNote, VerificationStatement
from tanxun.search import index
from tanxun.site.start import web_server
from tests import factory
from tests.benchmarks.sites import Side, signed_in, wait_for
from tests.load import parts
from tests.load.people import Crowd, Person
from tests.running import ROOT, free_port
from tests.working import Workers, until

WRITERS, PAUSE = 4, 0.2
NAME = f"to be killed by {os.getpid()}"  # of commands, as PostgreSQL knows them
GUESS = 0.1  # seconds that any of the commands that are killed works at least
PASSWORD = "pass-word-1"
FIRMS, EACH = 20, 400  # companies that notes are written on; statements that each writer has to change


class Hurried(Person):
    """Somebody who looks at nothing for long."""

    def thinks(self) -> bool:
        return not self.stop.wait(PAUSE)


class Writers(Crowd):
    """People who write notes and change statements until they are told to stop, whatever is killed meanwhile."""

    def person(self, cookies: dict[str, str]) -> Person:
        return Hurried(self.side, cookies, self.log, self.stop, random.Random(len(self.threads)), len(self.threads))

    def begin(self) -> None:
        for thread in self.threads:
            thread.start()

    def end(self) -> None:
        self.stop.set()
        for thread in self.threads:
            if thread.ident:  # it was begun
                thread.join(60)

    def acknowledged(self) -> int:
        return sum(map(len, self.log.acknowledged.values()))


class Verdict(NamedTuple):
    """What stands in the end, counted."""

    acknowledged: int
    lost: int
    half_done: int
    twice: int
    faults: list[str]


class Rig:
    """The site on the database at `url`, which this process sees, too: web server, worker, writers. Files in `folder`.

    `with Rig(url, folder) as rig:` serves and has four people write; `verdict` ends that.
    """

    settings = "tests.moving.settings"  # those of the suite, with an app to migrate

    def __init__(self, url: str, folder: Path, writers: int = WRITERS, threads: int = 2) -> None:
        self.folder, self.draw, self.count, self.threads = folder, random.Random(), writers, threads
        self.environment = os.environ | {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": self.settings, "LANG": "en"}
        self.workers = Workers(url, folder)
        self.side = Side("killed", free_port(), 0)
        self.seconds_down: list[float] = []
        self.lasted: dict[object, float] = {}  # seconds from the first write of a command to its end
        self.struck: Counter[object] = Counter()  # how often a command was killed in the middle of its work
        self.cookies: list[dict[str, str]] = []
        self.commands: list[subprocess.Popen[str]] = []
        self.writers = Writers(self.side)
        self.web: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Rig:
        try:
            return self.begin()
        except BaseException:
            self.__exit__()
            raise

    def begin(self) -> Rig:
        self.people = [factory.user("manager", username=f"writer-{number}") for number in range(self.count)]
        multiply(factory.statement(summary="长" * 50), self.count * EACH)
        self.serve()
        self.worker = self.workers.begin()
        firms = [factory.company().pk for _number in range(FIRMS)]
        mine = list(VerificationStatement.objects.order_by("pk").values_list("pk", flat=True))
        index.mark_rows(VerificationStatement, "SELECT id FROM certifications_verificationstatement")
        index_anew()
        for number, person in enumerate(self.people):
            self.cookies.append(signed_in(self.side, person.username, PASSWORD))
            self.writers.joins(parts.writes(firms[number :: self.count], mine[number :: self.count]), self.cookies[-1])
        self.writers.begin()
        return self

    def __exit__(self, *exception: object) -> None:
        self.writers.end()
        self.workers.__exit__()
        for command in self.commands:
            command.kill()  # of one that has ended, nothing
            command.wait()
        if self.web:
            kill_all_of(self.web)

    def serve(self) -> None:
        begin = time.monotonic()
        command = web_server("127.0.0.1", self.side.port)
        command[command.index("--blocking-threads") + 1] = str(self.threads)
        self.web = subprocess.Popen(command, cwd=ROOT, env=self.environment, start_new_session=True)
        self.side.process = self.web.pid
        wait_for(self.side)
        self.seconds_down.append(time.monotonic() - begin)

    def manage(self, *arguments: object) -> subprocess.Popen[str]:
        """A command on the same data, begun."""
        command = [sys.executable, "manage.py", *map(str, arguments)]
        environment = self.environment | {"PGAPPNAME": NAME}
        pipe = subprocess.PIPE
        process = subprocess.Popen(command, cwd=ROOT, env=environment, text=True, stdout=pipe, stderr=pipe)
        self.commands.append(process)
        return process

    def managed(self, *arguments: object) -> str:
        """What a command says that must go well."""
        process = self.manage(*arguments)
        until_it_writes(process)
        begin = time.monotonic()
        said, faults = process.communicate(timeout=300)
        assert process.returncode == 0, (arguments, said, faults)
        self.lasted[arguments[0]] = max(self.lasted.get(arguments[0], 0), time.monotonic() - begin)  # a rest takes less
        return said

    def kill_web(self) -> None:
        """The server and all its processes, once everybody has written since the last time."""
        before = self.writers.acknowledged()
        until(lambda: self.writers.acknowledged() > before + WRITERS, 60)
        time.sleep(self.draw.uniform(0, 0.5))
        kill_all_of(self.web)
        self.serve()

    def kill_worker(self) -> None:
        self.worker.kill()
        self.worker.wait()

    def new_worker(self) -> None:
        self.worker = self.workers.begin()

    def killed(self, *arguments: object) -> None:
        """Kills a command at a random moment after its first write, within as long as it worked the last time."""
        process = self.manage(*arguments)
        until_it_writes(process)
        time.sleep(self.draw.uniform(0, 1) * self.lasted.get(arguments[0], GUESS))
        self.struck[arguments[0]] += process.poll() is None
        process.kill()
        process.communicate()
        time.sleep(0.2)  # PostgreSQL's server may still carry out a commit that it was asked for

    def verdict(self) -> Verdict:
        """Ends the writing and looks; the nightly check must find nothing either."""
        self.writers.end()
        call_command("check_data", stdout=StringIO())
        said = self.writers.log.acknowledged
        notes = Counter(CompanyNote.objects.values_list("text", flat=True))
        entries = VerificationStatement.history.filter(history_type="~", register_status="suspended")
        reasons = Counter(entries.values_list("history_change_reason", flat=True))
        changed = VerificationStatement.objects.filter(register_status="suspended")
        return Verdict(
            acknowledged=self.writers.acknowledged(),
            lost=len(set(said.get("notes", ())) - set(notes)) + len(set(said.get("changes", ())) - set(reasons)),
            half_done=len(set(changed.values_list("pk", flat=True)) ^ set(entries.values_list("id", flat=True)))
            + abs(CompanyNote.history.filter(history_type="+").count() - len(notes)),
            twice=sum(count - 1 for count in (notes + reasons).values()),
            faults=[line for line in self.writers.log.errors if "answered 5" in line],
        )


def until_it_writes(process: subprocess.Popen[str]) -> None:
    """Until it is in a transaction that writes, which starting up never is, or has ended."""
    end = time.monotonic() + 120
    while process.poll() is None and not is_writing(process.pid):
        assert time.monotonic() < end, "it never wrote"
        time.sleep(0.005)


def is_writing(number: int) -> bool:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            busy = "SELECT count(*) FROM pg_stat_activity WHERE application_name = %s AND backend_xid IS NOT NULL"
            cursor.execute(busy, [NAME])
            return bool(cursor.fetchone()[0])
    # The lock of SQLite's one writer: a byte of the file beside the journal (WAL_WRITE_LOCK).
    locks = (line.split() for line in Path("/proc/locks").read_text(encoding="ascii").splitlines())
    return any(one[1:5] == ["POSIX", "ADVISORY", "WRITE", str(number)] and one[6] == "120" for one in locks)


def multiply(statement: VerificationStatement, rows: int) -> None:
    """The same statement so many times in all, which no form would take in so short a time; found by no search."""
    meta = VerificationStatement._meta
    names = ", ".join(f'"{field.column}"' for field in meta.concrete_fields if not field.primary_key)
    numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %s)"
    copies = f'INSERT INTO "{meta.db_table}" ({names}) SELECT {names} FROM "{meta.db_table}", n WHERE id = %s'  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(f"{numbers} {copies}", [rows - 1, statement.pk])


def index_anew() -> None:
    """The search index as the site would have it, without what tests left there whose tables were emptied behind it."""
    index.write_all()
    list(index.mend())


def kill_all_of(process: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
