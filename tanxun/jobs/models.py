"""The record of a job: who wants what, how far it is, and which attempt holds it. The queue itself is django-tasks'."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.expressions import CombinedExpression
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django_tasks import TaskResultStatus
from django_tasks.base import Task
from django_tasks_db.models import DBTaskResult

KEPT = dt.timedelta(days=7)


def lease() -> CombinedExpression:
    """When a job that gives no sign of life until then is lost. By the clock of the database, the only one all workers share."""
    return Now() + dt.timedelta(seconds=settings.JOB_LEASE_SECONDS)


def fingerprint(arguments: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(arguments, sort_keys=True).encode()).hexdigest()


class State(models.TextChoices):
    WAITING = "waiting", _("waiting")
    RUNNING = "running", _("running")
    DONE = "done", _("finished")
    FAILED = "failed", _("failed")
    CANCELLED = "cancelled", _("stopped")


OPEN = (State.WAITING, State.RUNNING)


class JobQuerySet(models.QuerySet["Job"]):
    def of(self, user: Any) -> JobQuerySet:
        """What this person started and may still look at, the newest first."""
        return self.filter(owner=user.pk).exclude(expires_at__lt=Now())

    def open(self) -> JobQuerySet:
        return self.filter(state__in=OPEN)

    def latest_of(self, user: Any, work: Task[..., Any], arguments: dict[str, Any]) -> Job | None:
        """Their last job of this very kind and arguments, for the hint where it is started; None once they closed the hint."""
        job = self.of(user).filter(kind=work.module_path, effect=fingerprint(arguments)).first()
        return job if job and not job.is_read else None

    def lost(self) -> JobQuerySet:
        """Open jobs that no worker holds and that do not stand in the queue either."""
        queued = DBTaskResult.objects.filter(pk=OuterRef("entry"), status=TaskResultStatus.READY)
        return self.open().filter(~Exists(queued), leased_until__lt=Now())


class Job(models.Model):
    """One thing that one person wants done, once.

    `effect` is the fingerprint of `arguments`. `token` names the attempt that holds the job: whoever has another may write
    nothing. `entry` is its row in the queue, `place` the address where it was started, `result` what the work left.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(_("kind"), max_length=200)
    title = models.CharField(_("job"), max_length=200)
    arguments = models.JSONField(_("arguments"), default=dict)
    effect = models.CharField(max_length=64)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="jobs", verbose_name=_("started by")
    )
    place = models.CharField(max_length=200, blank=True)
    language = models.CharField(max_length=10)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.WAITING)
    attempt = models.PositiveSmallIntegerField(_("attempt"), default=0)
    token = models.UUIDField(null=True)
    leased_until = models.DateTimeField(null=True)
    entry = models.UUIDField(null=True)
    is_cancelling = models.BooleanField(default=False)
    done = models.PositiveBigIntegerField(_("done"), default=0)
    total = models.PositiveBigIntegerField(_("of"), null=True)
    words = models.CharField(max_length=200, blank=True)
    result = models.JSONField(_("result"), default=dict)
    error = models.TextField(_("error"), blank=True)
    is_read = models.BooleanField(default=False)
    created_at = models.DateTimeField(_("started at"), auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(_("finished at"), null=True)
    expires_at = models.DateTimeField(_("shown until"), null=True)
    objects = JobQuerySet.as_manager()

    class Meta:
        ordering = ("-created_at", "-pk")
        verbose_name, verbose_name_plural = _("job"), _("jobs")
        indexes = [
            models.Index(fields=["owner", "-created_at"], name="job_of_owner"),
            models.Index(fields=["leased_until"], condition=Q(state__in=OPEN), name="job_open"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["owner", "kind", "effect"], condition=Q(state__in=OPEN), name="job_once_while_open")
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def figures(self) -> str:
        """How far it is: 1,200 / 50,000; without an end 1,200; "" before anything is done."""
        return f"{self.done:,} / {self.total:,}" if self.total else f"{self.done:,}" if self.done else ""

    @property
    def is_open(self) -> bool:
        return self.state in OPEN
