"""Administrative divisions by GB/T 2260 code; loaded from regions.csv, the key of every region in the other tables."""

from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from .names import load


def place_words(code: str) -> str:
    """江苏省苏州市; in English the division's own name where it has one (Suzhou). "" for a code that is not in the table."""
    division = load().get(code)
    own = division.name_en if division and (get_language() or "").startswith("en") else ""
    return own or load().full_name(code)


class Region(models.Model):
    """A division; its key is the GB/T 2260 code."""

    class Level(models.TextChoices):
        PROVINCE = "province", _("province")
        CITY = "city", _("city")
        COUNTY = "county", _("county")

    code = models.CharField(_("code"), max_length=6, primary_key=True)
    name = models.CharField(_("name"), max_length=40)
    short_name = models.CharField(_("short name"), max_length=20, db_index=True)
    name_en = models.CharField(_("English name"), max_length=80, blank=True)
    level = models.CharField(_("level"), max_length=8, choices=Level)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name=_("belongs to")
    )
    pinyin = models.CharField(max_length=120, editable=False, db_index=True)
    pinyin_initials = models.CharField(max_length=30, editable=False, db_index=True)

    class Meta:
        ordering = ("code",)
        verbose_name, verbose_name_plural = _("region"), _("regions")

    def __str__(self) -> str:
        return self.name

    @property
    def full_name(self) -> str:
        """`place_words`, without a query: the shipped table knows what is above; one's own addition is just its name."""
        return place_words(self.code) or self.name
