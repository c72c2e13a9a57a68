"""One attempt at a job, as the work sees it: progress, checks, and the transactions that only its holder may commit."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.db import Error, connection, transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from .models import KEPT, Job, JobQuerySet, State, lease

log = logging.getLogger(__name__)
BEATS = 6  # in the time of a lease
MOST_SECONDS = 1.0  # between two beats: how old shown progress may be
# Set in a worker that was told to end.
stopping = threading.Event()


class JobError(Exception):
    """The work cannot be done. Its words tell the person why and what to do."""


class Interrupted(Exception):
    """The work must stop here; what its open transaction wrote is taken back."""


class Cancelled(Interrupted):
    """The person wants it no more."""


class LeaseLost(Interrupted):
    """Another worker has the job."""


class GivenBack(Interrupted):
    """This worker ends: the job goes back into the queue."""


class Attempt:
    """The handle that the work gets. `result` is what earlier attempts kept; fill it before `step` or `effect` ends."""

    def __init__(self, job: Job) -> None:
        self.pk, self.token, self.number = job.pk, job.token, job.attempt
        self.result: dict[str, Any] = job.result
        self.is_done = False
        self._owner = job.owner
        self._shown: dict[str, Any] = {"done": job.done, "total": job.total, "words": job.words}
        self._fault: type[Interrupted] | None = None

    def require(self, permission: str) -> AbstractUser:
        """Who started the job. Raises JobError where they are gone or may no longer do `permission`."""
        if self._owner is None or not self._owner.has_perm(permission):
            raise JobError(_("You may no longer do this: ask an administrator for the right, then start it again."))
        return self._owner

    def progress(self, done: int, total: int | None = None, words: str = "") -> None:
        """Say how far it is; costs nothing, the next beat writes it. Raises Interrupted where the work must stop."""
        self._shown = {"done": done, "total": total, "words": words[:200]}
        self.check()

    def check(self) -> None:
        """Raises Interrupted where the work must stop: call it at least once a second or two."""
        if self._fault:
            raise self._fault
        if stopping.is_set():
            raise GivenBack

    @contextmanager
    def step(self) -> Iterator[None]:
        """A transaction that commits, with progress and `result`, only while this attempt holds the job and no one stopped it."""
        self.check()
        with transaction.atomic(durable=True):
            yield
            self._write(result=self.result)

    @contextmanager
    def effect(self) -> Iterator[None]:
        """The last step: what it writes and the end of the job stand together, or neither does. Nothing may follow it."""
        with transaction.atomic(durable=True):
            yield
            self._write(result=self.result, **ended(State.DONE))
        self.is_done = True

    def close(self, state: State, error: str = "") -> None:
        """End without an effect, in FAILED or CANCELLED. Raises LeaseLost."""
        if not self.held().update(**self._shown, error=error, **ended(state)):
            raise LeaseLost

    def held(self) -> JobQuerySet:
        """The job's row while it is ours, else none."""
        return Job.objects.filter(pk=self.pk, token=self.token, state=State.RUNNING)

    def _write(self, **values: Any) -> None:
        """Renew the lease and write `values`. The last statement of its transaction, so that its lock is held for a moment."""
        if not self.held().filter(is_cancelling=False).update(**{"leased_until": lease()} | self._shown | values):
            raise Cancelled if self.held().exists() else LeaseLost

    @contextmanager
    def beating(self) -> Iterator[None]:
        """Inside, a thread with a connection of its own renews the lease, writes the progress and hears of a cancelling."""
        over = threading.Event()
        thread = threading.Thread(target=self._beat, args=(over,), name=f"job {self.pk}", daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join(timeout=MOST_SECONDS)  # it may wait for a lock; it changes nothing once the job is closed

    def _beat(self, over: threading.Event) -> None:
        pause = min(MOST_SECONDS, settings.JOB_LEASE_SECONDS / BEATS)
        try:
            while not self._fault and not over.wait(pause):
                try:
                    self._write()
                except Interrupted as fault:
                    self._fault = type(fault)
                except Error as error:  # a lock, or the database is away: the next beat tries again
                    log.info("Job %s: a beat failed (%s)", self.pk, error)
                    connection.close()
        finally:
            connection.close()


def ended(state: State) -> dict[str, Any]:
    """The columns of a job that ends now."""
    return {"state": state, "finished_at": Now(), "expires_at": Now() + KEPT}
