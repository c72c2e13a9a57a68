"""A row as a line of JSON that says the same on SQLite and PostgreSQL. Asked by `site.tables` (backup, restore, dbmove) and by
the seals of the history.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Sequence
from typing import Any

from django.db import models

Writer = Callable[[Any], Any]


def as_line(writers: Sequence[Writer], row: Sequence[Any]) -> str:
    """A row of columns with these writers as a JSON array."""
    cells = [None if cell is None else write(cell) for write, cell in zip(writers, row, strict=True)]
    return json.dumps(cells, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def writer(field: models.Field) -> Writer:
    """What makes of a value of that column one that JSON can say."""
    if isinstance(field, models.ForeignKey):
        return writer(field.target_field)
    if isinstance(field, models.BinaryField):
        return lambda value: base64.b64encode(bytes(value)).decode()
    if isinstance(field, models.DecimalField):
        return lambda value: f"{value:.{field.decimal_places}f}"
    if isinstance(field, models.DateTimeField | models.DateField | models.TimeField):
        return lambda value: value.isoformat()
    if isinstance(field, models.UUIDField | models.GenericIPAddressField | models.DurationField):
        return str
    return lambda value: value
