"""What search keeps beside its index tables: marks of what changed, and words that mean the same."""

from __future__ import annotations

import re

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from .fold import search_text

BETWEEN = re.compile(r"[=＝\n]")


class Mark(models.Model):
    """A row that changed, noted in the transaction of the change and deleted by the one that writes the index.

    `spreads`: the entries of all that are found by this row are to be written; else its own entry alone.
    """

    model = models.CharField(max_length=80)
    object_id = models.BigIntegerField(db_index=True)
    spreads = models.BooleanField(default=False)

    def __str__(self) -> str:
        return f"{self.model} {self.object_id}"


class Synonym(models.Model):
    """Words that mean the same: who searches for one finds the others. The shipped ones are loaded by `tanxun.site.reference`."""

    words = models.CharField(
        _("words"), max_length=300, unique=True, help_text=_("Joined by =, such as 碳足迹=CFP=carbon footprint")
    )

    history = HistoricalRecords()

    class Meta:
        ordering = ("words",)
        verbose_name, verbose_name_plural = _("synonyms"), _("synonyms")

    def __str__(self) -> str:
        return self.words

    def clean(self) -> None:
        super().clean()
        words = [" ".join(word.split()) for word in BETWEEN.split(self.words)]
        self.words = "=".join(filter(None, words))
        if len(split(self.words)) < 2:
            raise ValidationError({"words": _("Give two words or more that mean the same, joined by =.")})


def split(words: str) -> frozenset[str]:
    """The words of a row, as search reads them."""
    return frozenset(filter(None, (search_text(word) for word in BETWEEN.split(words))))
