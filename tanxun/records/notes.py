"""A team's own notes on a record: who wrote what and when, and the day to come back to it. Apps join it to a record of theirs."""

import datetime as dt

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class NoteQuerySet(models.QuerySet):
    def visible_to(self, user) -> "NoteQuerySet":
        """All notes to those with the right to view them, their own to those who may write some, none to everybody else."""
        if user.has_perm(self.model.right_to("view")):
            return self
        return self.filter(written_by=user) if self.model.may_be_written_by(user) else self.none()

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

    @classmethod
    def right_to(cls, verb: str) -> str:
        """The name of the permission."""
        return f"{cls._meta.app_label}.{verb}_{cls._meta.model_name}"

    @classmethod
    def may_be_written_by(cls, user) -> bool:
        return user.has_perm(cls.right_to("add"))

    @property
    def is_overdue(self) -> bool:
        return not self.done_at and self.follow_up_on is not None and self.follow_up_on < timezone.localdate()

    def mark_done(self, user) -> None:
        """Done by `user` now; a note that is done already keeps who and when."""
        if not self.done_at:
            self.done_by, self.done_at = user, timezone.now()

    def reopen(self) -> None:
        self.done_by = self.done_at = None
