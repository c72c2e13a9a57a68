"""The worker that `start` runs: the queue of django-tasks, and an eye on jobs that lost theirs. May run many times at once."""

from __future__ import annotations

import logging
import threading
from types import FrameType
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.db import Error, close_old_connections
from django.utils.crypto import get_random_string
from django.utils.module_loading import import_string
from django_tasks_db.management.commands.db_worker import Worker

from tanxun.databases import is_unavailable, let_go, lift_statement_timeout
from tanxun.jobs.attempt import stopping
from tanxun.jobs.queue import mend
from tanxun.jobs.yielding import give_way

log = logging.getLogger(__name__)
MEND_SECONDS = 5
DUTY_SECONDS = 60
AWAY_SECONDS = 1  # between two looks for a database that does not answer
ENDING_SECONDS = 15  # what goes out just now is finished: less than `start` waits for its worker


class JobWorker(Worker):
    def run(self) -> None:
        """Until told to end: while the database is away, no job is to be had, and the next look needs a connection of its own."""
        while self.running:
            try:
                super().run()
                return
            except Error as error:
                if self.batch or not is_unavailable(error):
                    raise
                log.warning("The queue cannot be read: %s", " ".join(str(error).split()))
                let_go()
                stopping.wait(AWAY_SECONDS)

    def shutdown(self, signum: int, frame: FrameType | None) -> None:
        """The step at work finishes, its job is given back, the process ends."""
        stopping.set()
        super().shutdown(signum, frame)


class Command(BaseCommand):
    help = "Work off the queue until told to end (SIGTERM or Ctrl-C): jobs with progress, and the search index."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--batch", action="store_true", help="end when the queue is empty")
        parser.add_argument("--interval", type=float, default=1, help="seconds between two looks into an empty queue")

    def handle(self, *, batch: bool, interval: float, **options: Any) -> None:
        # What it says when told to end is for nobody; what fails is.
        logging.getLogger("django_tasks_db").setLevel(logging.ERROR)
        give_way()
        lift_statement_timeout()
        threading.Thread(target=keep_mending, args=(min(MEND_SECONDS, interval * MEND_SECONDS),), daemon=True).start()
        duties = threading.Thread(target=keep_duties, daemon=True)
        if not batch:
            duties.start()
        worker = JobWorker(
            queue_names=["*"],
            interval=interval,
            batch=batch,
            backend_name="default",
            startup_delay=False,
            max_tasks=None,
            worker_id=get_random_string(32),
            excluded_queue_names=[],
        )
        worker.configure_signals()
        try:
            worker.run()
        finally:
            if stopping.is_set() and duties.is_alive():
                duties.join(ENDING_SECONDS)


def keep_mending(seconds: float) -> None:
    while not stopping.wait(seconds):
        close_old_connections()
        try:
            mend()
        except Error as error:
            log.warning("Lost jobs could not be looked for: %s", error)
            let_go()


def keep_duties() -> None:
    """What the site does by itself (settings.WORKER_DUTIES), at once and then every minute."""
    while not stopping.is_set():
        close_old_connections()
        for name in settings.WORKER_DUTIES:
            try:
                import_string(name)(lambda: not stopping.is_set())
            except Exception:
                log.exception("%s failed; it is tried again in a minute", name)
                let_go()
        stopping.wait(DUTY_SECONDS)
