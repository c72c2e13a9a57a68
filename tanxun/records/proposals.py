"""What waits for a second person: a form as it was sent, and what it would change. Kept by `tanxun.site.four_eyes`.

Whoever approves it stands in the histories beside the one whose change it is: `signed` holds the words that reasons end with.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override, pgettext_lazy

from .models import CONFIRMED, LONGEST_REASON

MAY_APPROVE = "records.approve_changes"
_signature: ContextVar[str] = ContextVar("signature", default="")


class ProposalQuerySet(models.QuerySet["Proposal"]):
    def waiting(self) -> ProposalQuerySet:
        return self.filter(state=Proposal.State.WAITING)

    def of(self, user: Any) -> ProposalQuerySet:
        return self.filter(proposer=user.pk)

    def to_decide(self, user: AbstractUser) -> ProposalQuerySet:
        """What waits for this person: nobody decides about their own."""
        return self.waiting().exclude(proposer=user.pk) if user.has_perm(MAY_APPROVE) else self.none()

    def told_back(self, user: Any) -> ProposalQuerySet:
        """Theirs that were returned, and that they have not looked at since."""
        return self.of(user).filter(state=Proposal.State.RETURNED, is_seen=False)

    def visible_to(self, user: AbstractUser) -> ProposalQuerySet:
        return self if user.has_perm(MAY_APPROVE) else self.of(user)

    def touching(self, key: str) -> ProposalQuerySet:
        """Those about the record or draft of that key (`bin_key`)."""
        return self.filter(touches__contains=f"\n{key}\n")


class Proposal(models.Model):
    """`path` and `data` are the form, `told` what it changes in words (entries of `four_eyes.told`), `digest` their hash.

    `touches` holds the keys of what exists and would change, a line each. `job` is the work that an approved one started.
    """

    class State(models.TextChoices):
        WAITING = "waiting", pgettext_lazy("proposal", "waiting")
        APPROVED = "approved", gettext_lazy("approved")
        RETURNED = "returned", gettext_lazy("returned")
        WITHDRAWN = "withdrawn", gettext_lazy("withdrawn")

    proposer = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="proposals")
    title = models.CharField(max_length=200)
    path = models.TextField()
    data = models.JSONField(default=dict)
    fingerprint = models.CharField(max_length=64)
    told = models.JSONField(default=list)
    digest = models.CharField(max_length=64)
    touches = models.TextField(blank=True)
    reason = models.CharField(max_length=200, blank=True)
    language = models.CharField(max_length=10)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    answer = models.CharField(max_length=500, blank=True)
    job = models.UUIDField(null=True)
    is_seen = models.BooleanField(default=False)
    moved_at = models.DateTimeField(null=True)  # when an approval found that it would change other things than it had told
    created_at = models.DateTimeField(auto_now_add=True)
    objects = ProposalQuerySet.as_manager()

    class Meta:
        ordering = ("-created_at", "-pk")
        verbose_name, verbose_name_plural = gettext_lazy("proposed change"), gettext_lazy("proposed changes")
        permissions = [("approve_changes", "Can approve what others changed")]
        indexes = [
            models.Index(fields=["state", "-created_at"], name="proposal_state"),
            models.Index(fields=["job"], name="proposal_job", condition=Q(job__isnull=False)),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["proposer", "fingerprint"], condition=Q(state="waiting"), name="proposal_once_while_waiting"
            )
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("approval", args=[self.pk])

    @property
    def is_waiting(self) -> bool:
        return self.state == self.State.WAITING

    @staticmethod
    def fingerprint_of(path: str, data: dict[str, list[str]]) -> str:
        return hashlib.sha256(json.dumps([path, data], sort_keys=True).encode()).hexdigest()


@contextmanager
def signed(words: str) -> Iterator[None]:
    """Every reason that is written inside into a history ends with these words."""
    token = _signature.set(words)
    try:
        yield
    finally:
        _signature.reset(token)


def approved_by(user: Any) -> str:
    """In the site's language, as all that stands in histories."""
    with override(settings.LANGUAGE_CODE):
        return _("approved by %(who)s") % {"who": user}


def unapproved() -> str:
    """What reasons end with where there was nobody to ask."""
    with override(settings.LANGUAGE_CODE):
        return _("no second person")


def signature(reason: str | None) -> str | None:
    """`reason` as it is to stand in a history. A confirmation alone is known by its reason, which stays."""
    words = _signature.get()[:LONGEST_REASON]
    if not words or reason == CONFIRMED:
        return reason
    before = (reason or "")[: max(0, LONGEST_REASON - len(words) - 3)]
    return f"{before} · {words}" if before else words


def sign_entry(sender: Any, history_instance: Any, **kwargs: Any) -> None:
    """Receiver of what is asked before an entry is written."""
    history_instance.history_change_reason = signature(history_instance.history_change_reason)


def shown_of(job: Any) -> dict[str, Any] | None:
    """The entry of work in the background by which somebody approved this job; None where nobody had to."""
    found = Proposal.objects.filter(job=job.pk).first()
    return next((entry for entry in found.told if entry["what"] == "job"), {}) if found else None


def as_approved(work: Callable[..., Any]) -> Callable[..., Any]:
    """For work that writes records: who approved its start stands in what it writes."""

    @wraps(work)
    def run(job: Any, **arguments: Any) -> Any:
        found = Proposal.objects.filter(job=job.pk).select_related("decided_by").first()
        words = approved_by(found.decided_by) if found else unapproved() if settings.FOUR_EYES else ""
        with signed(words):
            return work(job, **arguments)

    return run
