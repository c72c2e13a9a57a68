"""A team's own notes on a record: who wrote what and when, and the day to come back to it. Apps join it to a record of theirs."""

import datetime as dt

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

CONSULTANT = "consultant"


def may_write_notes(user) -> bool:
    """Staff, and consultants; the role stands on the user, so that asking costs no query."""
    return user.is_authenticated and (user.is_staff or user.role == CONSULTANT)


class NoteQuerySet(models.QuerySet):
    def visible_to(self, user) -> "NoteQuerySet":
        """Staff see all notes, a consultant his own, everybody else none."""
        if not may_write_notes(user):
            return self.none()
        return self if user.is_staff else self.filter(written_by=user)

    def to_follow_up(self, until: dt.date) -> "NoteQuerySet":
        """Open notes to come back to on or before that day, the longest waiting first."""
        return self.filter(done_at=None, follow_up_on__lte=until).order_by("follow_up_on", "pk")


class Note(models.Model):
    """A private word on a record. Never part of lists, exports, search, feeds or print.

    `version` grows with every change: a form that was opened before somebody else saved is told so.
    """

    text = models.TextField(_("note"), max_length=2000)
    follow_up_on = models.DateField(_("follow up on"), null=True, blank=True)
    written_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", editable=False, verbose_name=_("written by")
    )
    written_at = models.DateTimeField(_("written at"), auto_now_add=True)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", editable=False, verbose_name=_("changed by")
    )
    changed_at = models.DateTimeField(_("changed at"), null=True, editable=False)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", editable=False, verbose_name=_("done by")
    )
    done_at = models.DateTimeField(_("done at"), null=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = NoteQuerySet.as_manager()

    class Meta:
        abstract = True

    def __str__(self):
        return self.text[:60]

    @property
    def is_overdue(self) -> bool:
        return not self.done_at and self.follow_up_on is not None and self.follow_up_on < timezone.localdate()

    def mark_done(self, user) -> None:
        """Done by `user` now; a note that is done already keeps who and when."""
        if not self.done_at:
            self.done_by, self.done_at = user, timezone.now()

    def reopen(self) -> None:
        self.done_by = self.done_at = None
