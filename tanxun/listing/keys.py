"""Keys that open the site to a program in a person's name: secret addresses of feeds and calendars, tokens of the API."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

SAME_CLICK = dt.timedelta(seconds=10)
USE_NOTED_EVERY = dt.timedelta(hours=1)  # so that a program that asks every second does not write every second
HINT = 6


def hash_of(key: str) -> str:
    """A key has 256 random bits: it is looked up by its plain hash, and no comparison can tell anything of it."""
    return hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()


class AccessKeyQuerySet(models.QuerySet["AccessKey"]):
    def working(self) -> AccessKeyQuerySet:
        """Neither revoked nor expired, of people who may still sign in."""
        in_time = Q(expires_at=None) | Q(expires_at__gt=timezone.now())
        return self.filter(in_time, revoked_at=None, user__is_active=True)

    def first_of_two_clicks(self, **form: Any) -> AccessKeyQuerySet:
        """What the same form made a moment ago and nobody used: the browser shows the second answer, so no page has its key."""
        return self.filter(last_used_at=None, created_at__gt=timezone.now() - SAME_CLICK, **form)

    def known_by(self, key: str, kind: str) -> AccessKey | None:
        """The key of that kind with its user; None where there is none that works. Writes nothing."""
        # From the primary: a key that was just revoked opens nothing, however late a replica is.
        return self.using(DEFAULT_DB_ALIAS).working().select_related("user").filter(key_hash=hash_of(key), kind=kind).first()

    def opened_by(self, key: str, kind: str) -> AccessKey | None:
        """The same, its use noted."""
        if found := self.known_by(key, kind):
            found.note_use()
        return found


class AccessKey(models.Model):
    """One key of one person. Only its hash is kept, so it can be shown just once; `hint` is what its owner knows it by.

    A secret address opens the one `address` (path and query of a feed or calendar); a token opens what `scopes` say. Neither
    gives rights: whoever comes with it sees what its owner may see today.
    """

    class Kind(models.TextChoices):
        ADDRESS = "address", _("secret address")
        TOKEN = "token", _("token")

    class Scope(models.TextChoices):
        READ = "read", pgettext_lazy("scope", "read")
        EXPORT = "export", pgettext_lazy("scope", "export")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="access_keys", verbose_name=_("owner"))
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    label = models.CharField(_("name"), max_length=100)
    key_hash = models.CharField(max_length=64, unique=True, editable=False)
    hint = models.CharField(max_length=HINT, editable=False)
    address = models.TextField(blank=True, editable=False)
    scopes = models.JSONField(default=list)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    expires_at = models.DateTimeField(_("expires at"), null=True, blank=True)
    last_used_at = models.DateTimeField(_("last used at"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked at"), null=True, blank=True)
    objects = AccessKeyQuerySet.as_manager()

    class Meta:
        app_label = "listing"
        ordering = ("-created_at", "-pk")
        verbose_name, verbose_name_plural = _("access key"), _("access keys")

    def __str__(self) -> str:
        return self.label

    @classmethod
    def make(cls, user: Any, kind: str, label: str, **fields: Any) -> tuple[AccessKey, str]:
        """A new key and its text, which is never seen again. `fields`: address, scopes, expires_at."""
        key = secrets.token_urlsafe(32)
        return cls.objects.create(user=user, kind=kind, label=label, key_hash=hash_of(key), hint=key[:HINT], **fields), key

    @property
    def scope_words(self) -> str:
        return gettext(", ").join(str(scope.label) for scope in self.Scope if scope in self.scopes)

    def may(self, scopes: Iterable[str]) -> bool:
        return set(scopes) <= set(self.scopes)

    def note_use(self) -> None:
        """Once an hour at most."""
        if self.last_used_at is None or self.last_used_at < timezone.now() - USE_NOTED_EVERY:
            type(self).objects.filter(pk=self.pk).update(last_used_at=timezone.now())

    def revoke(self) -> None:
        """From now on it opens nothing; the row stays, so that its owner sees what there was."""
        if not self.revoked_at:
            self.revoked_at = timezone.now()
            self.save(update_fields=["revoked_at"])
