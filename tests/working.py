"""Kinds of work for the tests of jobs, a database that other processes reach, and real workers on it."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from pathlib import Path

from django.contrib.admin.models import LogEntry
from django.db import OperationalError, connection, connections
from django.utils.module_loading import import_string
from django.utils.translation import override

from tanxun.jobs import yielding
from tanxun.jobs.attempt import Attempt, JobError
from tanxun.jobs.queue import claim, settle, work
from tests.running import ROOT, copy_of


def leave(job, name):
    """An effect that can be counted."""
    LogEntry.objects.create(user=job.require("auth.any"), action_flag=1, object_repr=name, change_message="")


def left(name):
    return LogEntry.objects.filter(object_repr=name).count()


@work
def count(job, name, steps=3, pause=0.0):
    """Goes through its steps, then leaves one effect with the end of the job."""
    for step in range(1, steps + 1):
        time.sleep(pause)
        job.progress(step, steps, "counting")
    with job.effect():
        leave(job, name)
        job.result["words"] = f"counted to {steps}"


@work
def write_slowly(job, name, pause):
    """Is long between having written and the end of the transaction."""
    with job.effect():
        leave(job, name)
        job.progress(1, 2, "writing")
        time.sleep(pause)


@work
def leave_each(job, name, steps, pause):
    """Each step stands by itself and is found by the next attempt."""
    for step in range(job.result.get("steps", 0) + 1, steps + 1):
        with job.step():
            leave(job, name)
            job.result["steps"] = step
        time.sleep(pause)
        job.progress(step, steps)


@work
def kill_the_worker(job):
    os.kill(os.getpid(), signal.SIGKILL)


@work
def fail(job, how):
    faults = {
        "refused": JobError("There is nothing to count: choose something."),
        "broken": ZeroDivisionError("by zero"),
        "full": OSError(28, "No space left on device"),
        "memory": MemoryError(),
        "database": OperationalError("canceling statement due to lock timeout"),
    }
    raise faults[how]


@work
def show_timeout(job):
    with connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        return {"words": cursor.fetchone()[0]}


def niceness(process="self"):
    """That of its session as text; "shared" where it has none of its own (what was started with the system)."""
    words = Path(f"/proc/{process}/autogroup").read_text().split()
    return words[-1] if words else "shared"


@work
def show_niceness(job):
    """That of its session, outside and inside of what others wait for."""
    outside = niceness()
    with yielding.unyielding():
        return {"words": f"{outside} {niceness()}"}


def work_off(job):
    """One attempt as a worker makes it, but for the thread that beats: it would not see the transaction of a test."""
    held = claim(job.pk)
    if held:
        with override(held.language):
            settle(import_string(held.kind).func.__wrapped__, Attempt(held), held)
    job.refresh_from_db()
    return job


@contextmanager
def shared_database(folder):
    """The test database where other processes reach it too; gives its DATABASE_URL. Needs a transactional test."""
    given = connection.settings_dict
    if connection.vendor == "postgresql":
        connection.close()  # a session of now, with the settings of now
        address = f"{given['HOST']}:{given['PORT'] or 5432}"
        yield f"postgres://{given['USER']}:{given['PASSWORD']}@{address}/{given['NAME']}"
        return
    with copy_of(connection, folder) as url:
        memory, on_file = connections["default"], connections.create_connection("default")
        on_file.settings_dict = given | {"NAME": url.removeprefix("sqlite:///")}
        connections["default"] = on_file
        try:
            yield url
        finally:
            on_file.close()
            connections["default"] = memory


@contextmanager
def writing(url):
    """Somebody else writes and does not come to an end: SQLite's only lock; on PostgreSQL that of the notes and accounts."""
    if url.startswith("sqlite"):
        other = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None, check_same_thread=False)
        other.execute("BEGIN IMMEDIATE")
    else:
        import psycopg

        other = psycopg.connect(url)
        other.execute("LOCK TABLE certifications_companynote, site_user IN EXCLUSIVE MODE")
    try:
        yield other
    finally:
        other.rollback()
        other.close()


def is_waited_for(other):
    """Whether anybody waits for what this connection to PostgreSQL holds."""
    waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))"
    return bool(other.execute(waiting).fetchone()[0])


class Workers:
    """Worker processes on one database, all ended at the end of the block."""

    def __init__(self, url, folder):
        self.environment = os.environ | {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "tests.settings"}
        self.log = (folder / "workers.log").open("w+")
        self.running = []

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        for process in self.running:
            with suppress(ProcessLookupError):
                process.kill()
            process.wait()
        self.log.close()

    def begin(self, **options):
        command = [sys.executable, "manage.py", "run_worker", "--interval", "0.1"]
        process = subprocess.Popen(command, cwd=ROOT, env=self.environment, stdout=self.log, stderr=self.log, **options)
        self.running.append(process)
        return process

    def said(self):
        self.log.flush()
        self.log.seek(0)
        return self.log.read()


def until(condition, seconds=120):
    """Wait for it, and give what it gave."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := condition():
            return found
        time.sleep(0.05)
    raise AssertionError("it did not happen in time")
