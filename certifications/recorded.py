"""What a record holds now in a field on which sources disagree: for the person who picks, and to tell whether it has changed
since they saw it. Asked by `conflicts` and by the pages that show one."""

from __future__ import annotations

import datetime as dt
import hashlib
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import models
from django.utils import translation
from django.utils.translation import gettext as _

from policies.models import Policy
from policies.told import TABLES, row_of
from tanxun.listing.columns import known_day
from tanxun.listing.figures import figure

# Fields of a statement that stand under the sureness of another name, or of several.
MEASURED = ("result_as_printed", "emissions_tco2e", "footprint_kgco2e", "declared_unit")


def columns(name: str) -> tuple[str, ...]:
    """Those that the field `name` of a conflict stands for."""
    return MEASURED if name == "result" else (name,)


def seal(record: models.Model, name: str) -> str:
    """Sent with the choice: another one where the field has changed since. The same in every language."""
    with translation.override(settings.LANGUAGE_CODE):
        return hashlib.sha256(repr(list(parts(record, name))).encode()).hexdigest()[:32]


def in_words(record: models.Model, name: str) -> str:
    """For a person: coded values by their labels, a row of a table on each line. "" where it says nothing."""
    said = parts(record, name)
    return "\n".join(said) if name in TABLES else next(filter(None, said), "")


def parts(record: Any, name: str) -> list[str]:
    if name in TABLES:
        rows = getattr(record, name).all()
        return [" ".join(filter(None, (value(row, column) for column in row_of(name, row)))) for row in rows]
    if name == "verification_body" and record.is_body_undisclosed:
        return [_("undisclosed")]
    return [value(record, column) for column in columns(name)]


def value(record: Any, name: str) -> str:
    """One column in words, "" where it says nothing."""
    raw = record.issuers if name == "issuing_bodies" else getattr(record, name)
    if isinstance(raw, models.Manager):
        raw = list(raw.all())
    if isinstance(raw, list):
        return "; ".join(map(str, raw))
    if isinstance(raw, Decimal):
        return figure(raw)
    if isinstance(raw, dt.date) and isinstance(record, Policy):
        return str(known_day(raw, record.precisions.get(name)))
    if display := getattr(record, f"get_{name}_display", None):
        return str(display())
    return "" if raw is None else str(raw)
