"""A job's way: started, put into the queue, performed by a worker, cancelled, found again where its worker died."""

from __future__ import annotations

import errno
import logging
import sqlite3
import uuid
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import ValidationError
from django.db import OperationalError, transaction
from django.db.models import F
from django.db.models.functions import Coalesce, Now
from django.utils.module_loading import import_string
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _
from django_tasks import task
from django_tasks.base import Task

from tanxun.databases import is_unavailable, let_go

from .attempt import Attempt, Cancelled, GivenBack, Interrupted, JobError, LeaseLost, ended
from .models import Job, JobQuerySet, State, fingerprint, lease

log = logging.getLogger(__name__)
MOST_ATTEMPTS = 3
DISK_FULL = "53100"  # as PostgreSQL says it
MOST_OPEN = 20
Work = Callable[..., dict[str, Any] | None]


def work(function: Work) -> Task[..., Any]:
    """Make a function of a module, `f(job: Attempt, **arguments) -> dict | None`, a kind of work (see the package)."""

    @wraps(function)
    def run(key: str) -> None:
        perform(function, uuid.UUID(key))

    return task()(run)


def start(kind: Task[..., Any], owner: Any, title: str, arguments: dict[str, Any], place: str = "") -> Job:
    """Queue a job; the one that waits or runs already, where there is one of this owner, kind and arguments (JSON values).

    `title` names it in the list of jobs, in the owner's language; `place` is where they started it. Raises JobError where
    the owner has too many open.
    """
    mine = Job.objects.open().filter(owner=owner)
    with transaction.atomic():
        job, is_new = mine.get_or_create(
            owner=owner,
            kind=kind.module_path,
            effect=fingerprint(arguments),
            defaults={"title": title[:200], "arguments": arguments, "place": place, "language": get_language() or ""},
        )
        if is_new:
            if mine.count() > MOST_OPEN:
                words = _("You have %(count)s jobs waiting: let some finish or stop them, then start this one again.")
                raise JobError(words % {"count": MOST_OPEN})
            enqueue(job)
    return job


def enqueue(job: Job) -> None:
    """Put it into the queue. Raises ImportError for a kind that is no more."""
    entry = import_string(job.kind).enqueue(str(job.pk))
    Job.objects.filter(pk=job.pk).update(entry=entry.id, leased_until=lease())


def cancel(job: Job) -> None:
    """A waiting job ends at once, a running one at its next check; one that is over stays as it is."""
    mine = Job.objects.filter(pk=job.pk)
    if not mine.filter(state=State.WAITING).update(**ended(State.CANCELLED)):
        mine.open().update(is_cancelling=True)


def claim(key: uuid.UUID) -> Job | None:
    """Take a waiting job for a new attempt; None where somebody else has it, or it is over."""
    token = uuid.uuid4()
    waiting = Job.objects.filter(pk=key, state=State.WAITING, is_cancelling=False)
    values = {"state": State.RUNNING, "token": token, "leased_until": lease(), "started_at": Coalesce("started_at", Now())}
    if not waiting.update(attempt=F("attempt") + 1, **values):
        return None
    return Job.objects.select_related("owner").get(pk=key)


def perform(function: Work, key: uuid.UUID) -> None:
    """Run one attempt and settle how it ended. A queue entry whose job is not waiting is a leftover: nothing happens."""
    job = claim(key)
    if job is None:
        return
    attempt = Attempt(job)
    try:
        with attempt.beating(), override(job.language):
            settle(function, attempt, job)
    except LeaseLost:
        log.warning("Job %s (%s): attempt %s lost its lease and wrote nothing more", job.pk, job.kind, job.attempt)


def settle(function: Work, attempt: Attempt, job: Job) -> None:
    """Raises LeaseLost."""
    try:
        found = function(attempt, **job.arguments)
        if not attempt.is_done:
            with attempt.effect():
                attempt.result |= found or {}
    except Cancelled:
        attempt.close(State.CANCELLED)
    except (GivenBack, SystemExit) as ending:
        reopen(attempt.held(), attempts=job.attempt - 1)
        if isinstance(ending, SystemExit):
            raise
    except Interrupted:
        raise
    except Exception as error:
        if (isinstance(error, OperationalError) or is_unavailable(error)) and not is_disk_full(error):
            # A lock not had in time, a server that changes: another attempt may well succeed.
            log.exception("Job %s (%s): attempt %s met the database in trouble", job.pk, job.kind, job.attempt)
            let_go()
            reopen(attempt.held(), attempts=job.attempt)
            return
        attempt.close(State.FAILED, in_words(error, job))


def is_disk_full(error: Exception) -> bool:
    """Whether a file or a database could not grow."""
    if isinstance(error, OSError):
        return error.errno in (errno.ENOSPC, errno.EDQUOT)
    cause = error.__cause__
    return getattr(cause, "sqlite_errorcode", 0) == sqlite3.SQLITE_FULL or getattr(cause, "sqlstate", "") == DISK_FULL


def is_short_of_memory(error: BaseException | None) -> bool:
    """Whether memory was asked for in vain: libraries answer that by faults of their own, behind which it stands."""
    while error is not None:
        if isinstance(error, MemoryError) or getattr(error, "errno", 0) == errno.ENOMEM or "out of memory" in str(error):
            return True
        error = error.__cause__ or error.__context__
    return False


def full_disk() -> str:
    return _("The disk is full: ask whoever runs the site to make room, then start it again.")


def in_words(error: Exception, job: Job) -> str:
    """What went wrong and what to do about it, for the person who started the job."""
    if isinstance(error, JobError):
        return str(error)
    if isinstance(error, ValidationError):
        return " ".join(error.messages)
    log.error("Job %s (%s) failed", job.pk, job.kind, exc_info=error)
    if is_disk_full(error):
        return full_disk()
    if is_short_of_memory(error):
        return _("It needs more memory than there is: start it again with less at once.")
    return _("A fault of the program: start it again, and if it fails again, give whoever runs the site the number %(key)s.") % {
        "key": job.pk
    }


def mend() -> int:
    """Take care of lost jobs: their worker was killed, or their queue entry is gone. Returns how many there were."""
    jobs = list(Job.objects.lost())
    for job in jobs:
        # The token tells this loss from a later one; the conditions of `lost` leave the job to one of two menders.
        reopen(Job.objects.lost().filter(pk=job.pk, token=job.token), attempts=job.attempt)
    return len(jobs)


def reopen(held: JobQuerySet, attempts: int) -> None:
    """Back into the queue, `attempts` counting so far; or to its end, where it was cancelled or there were enough of them."""
    job = held.first()
    if job is None:
        return
    if job.is_cancelling:
        held.update(**ended(State.CANCELLED))
        return
    with override(job.language):
        ended_thrice = _("It was interrupted %(count)s times: try it with less at once, or ask whoever runs the site.")
        unknown = _("This kind of job is no more since an update: start it anew where you started it.")
    if attempts >= MOST_ATTEMPTS:
        held.update(error=ended_thrice % {"count": attempts}, **ended(State.FAILED))
        return
    try:
        with transaction.atomic():
            if held.update(state=State.WAITING, token=None, attempt=attempts):
                enqueue(job)
    except ImportError:
        held.update(error=unknown, **ended(State.FAILED))
