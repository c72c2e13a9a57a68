"""What the list machine keeps: people's filters, habits and keys, and the mark by which cached figures know they are old."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import models
from django.db.models import Case, Exists, OuterRef, Q, Value, When
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .keys import AccessKey  # noqa: F401 - a model of this app

VISIT_GAP = dt.timedelta(minutes=30)
SAME_LOOK = dt.timedelta(minutes=1)
UNDO_DAYS = 30


class DataVersion(models.Model):
    """One row: a token that changes after every write to what lists show (see freshness.py)."""

    token = models.CharField(max_length=32)

    def __str__(self) -> str:
        return self.token


def roles_up_to(user: Any) -> list[str]:
    """The roles whose rights `user` has: the own and those before it on the ladder; all of them for a superuser."""
    ladder = [value for value, _label in get_user_model()._meta.get_field("role").choices or ()]
    return ladder if user.is_superuser else ladder[: ladder.index(user.role) + 1]


class SavedFilterQuerySet(models.QuerySet["SavedFilter"]):
    def live(self) -> SavedFilterQuerySet:
        return self.filter(deleted_at__isnull=True)

    def visible_to(self, user: Any) -> SavedFilterQuerySet:
        """Live ones that are theirs, shared with them, or shared with a role that they have. None for a stranger."""
        if not user.is_authenticated:
            return self.none()
        shared = SavedFilter.people.through.objects.filter(user=user.pk, savedfilter=OuterRef("pk"))
        return self.live().filter(Q(owner=user.pk) | Q(shared_with_role__in=roles_up_to(user)) | Exists(shared))


class SavedFilter(models.Model):
    """A query string of a list with a name; the owner's own, or shared with a role (and all above it) or with people.

    It holds no rows and gives no rights: whoever opens it sees what they may see.
    """

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="saved_filters", verbose_name=gettext_lazy("owner")
    )
    page = models.CharField(gettext_lazy("list"), max_length=40)
    name = models.CharField(gettext_lazy("name"), max_length=60)
    query = models.TextField(gettext_lazy("filter"), blank=True)
    shared_with_role = models.CharField(gettext_lazy("shared with the role"), max_length=12, blank=True)
    people = models.ManyToManyField(
        settings.AUTH_USER_MODEL, blank=True, related_name="filters_shared_with_me", verbose_name=gettext_lazy("shared with")
    )
    created_at = models.DateTimeField(auto_now_add=True)
    deleted_at = models.DateTimeField(null=True, blank=True)
    objects = SavedFilterQuerySet.as_manager()

    class Meta:
        ordering = ("page", "name", "pk")
        verbose_name, verbose_name_plural = gettext_lazy("saved filter"), gettext_lazy("saved filters")
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "page", "name"], condition=Q(deleted_at__isnull=True), name="saved_filter_name_once"
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def role_words(self) -> str:
        """The role it is shared with, in words; "" for none."""
        ladder = dict(get_user_model()._meta.get_field("role").choices or ())
        if not self.shared_with_role:
            return ""
        if self.shared_with_role == next(iter(ladder)):
            return _("everybody")
        return _("%(role)s and above") % {"role": ladder.get(self.shared_with_role, self.shared_with_role)}


class Habit(models.Model):
    """How one person uses one list: the columns chosen, the filter it opens with, and how far they have seen.

    `seen_key` is the highest key that was there when the visit began, `latest_key` the highest that they were shown. A visit
    ends after VISIT_GAP without a look at the list; from then on what is newer than `latest_key` is new to them.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="list_habits")
    page = models.CharField(max_length=40)
    columns = models.TextField(blank=True)
    default_filter = models.ForeignKey(SavedFilter, models.SET_NULL, null=True, blank=True, related_name="+")
    seen_key = models.BigIntegerField(null=True)
    latest_key = models.BigIntegerField(null=True)
    visited_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "page"], name="list_habit_once")]

    def __str__(self) -> str:
        return f"{self.user} · {self.page}"

    @classmethod
    def of(cls, user: Any, page: str) -> models.QuerySet[Habit]:
        """The habit of that person (at most one), with `usable_filter`: the default, while they may see it."""
        usable = SavedFilter.objects.visible_to(user).filter(pk=OuterRef("default_filter"))
        default = Case(When(Exists(usable), then="default_filter"), default=Value(None), output_field=models.BigIntegerField())
        return cls.objects.filter(user=user.pk, page=page).annotate(usable_filter=default)

    @classmethod
    def saw(cls, user: Any, page: str, key: int) -> None:
        """Note that they look at the list now, up to `key`. Inside a transaction."""
        habit, _created = cls.objects.select_for_update().get_or_create(user_id=user.pk, page=page)
        now = timezone.now()
        if habit.visited_at and habit.latest_key == key and habit.visited_at > now - SAME_LOOK:
            return
        if habit.visited_at is None:
            habit.seen_key = key
        elif habit.visited_at < now - VISIT_GAP:
            habit.seen_key = habit.latest_key
        habit.latest_key, habit.visited_at = max(key, habit.latest_key or 0), now
        habit.save(update_fields=["seen_key", "latest_key", "visited_at"])

    @classmethod
    def saw_all(cls, user: Any, page: str, key: int) -> None:
        """Nothing up to `key` is new to them any more. Inside a transaction."""
        habit, _created = cls.objects.select_for_update().get_or_create(user_id=user.pk, page=page)
        habit.seen_key = habit.latest_key = max(key, habit.seen_key or 0)
        habit.visited_at = timezone.now()
        habit.save(update_fields=["seen_key", "latest_key", "visited_at"])
