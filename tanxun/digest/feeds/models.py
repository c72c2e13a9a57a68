"""Where feeds are read from, and which of their entries came in already."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class FeedSource(models.Model):
    """An address that is read once a day, where the site may ask addresses at all (FEED_FETCH), or at the press of a button.

    `etag` and `changed` are what its server said of the version that was read last. `error` is "" after a good reading.
    """

    name = models.CharField(_("name"), max_length=100)
    address = models.CharField(_("address"), max_length=1000, unique=True)
    is_active = models.BooleanField(_("read once a day"), default=True)
    asked_at = models.DateTimeField(_("last asked at"), null=True, blank=True, editable=False)
    read_at = models.DateTimeField(_("last read at"), null=True, blank=True, editable=False)
    error = models.CharField(_("error"), max_length=300, blank=True, editable=False)
    etag = models.CharField(max_length=300, blank=True, editable=False)
    changed = models.CharField(max_length=100, blank=True, editable=False)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, verbose_name=_("added by"))
    created_at = models.DateTimeField(_("added at"), auto_now_add=True)

    class Meta:
        ordering = ("name", "pk")
        verbose_name, verbose_name_plural = _("feed"), _("feeds")

    def __str__(self) -> str:
        return self.name


class FeedEntry(models.Model):
    """A key of an entry that came in: it never does so again, from whatever feed or file. By its words it has no `source`."""

    key = models.CharField(max_length=64, unique=True)
    newsletter = models.ForeignKey("digest.Newsletter", models.CASCADE, related_name="feed_entries", verbose_name=_("newsletter"))
    source = models.ForeignKey(FeedSource, models.SET_NULL, null=True, blank=True, related_name="entries", verbose_name=_("feed"))
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name, verbose_name_plural = _("entry of a feed"), _("entries of feeds")

    def __str__(self) -> str:
        return self.key
