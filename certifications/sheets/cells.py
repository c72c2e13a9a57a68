"""One cell → a value of its field. Nothing is guessed: what is not surely a date or a number is an error that says so.

What a value may be beyond that is asked of the model's own field (`rows`).
"""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from certifications.forms import NumbersField
from tanxun.listing.export import guarded
from tanxun.records.days import is_likely
from tanxun.search.fold import fold

from .heads import KILOGRAMS, TONNES

BLANK = {"", "-", "--", "/", "—", "——", "–", "无", "n/a", "na", "null", "none", "未载明", "不适用"}
UNDISCLOSED = {"未披露", "undisclosed", "未公开", "notdisclosed"}
ERROR_CELL = re.compile(r"#(REF!|N/A|VALUE!|DIV/0!|NAME\?|NUM!|NULL!|SPILL!|CALC!|GETTING_DATA)")
CLOCK = r"(?:[ T]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?"
DAY = re.compile(r"(?P<year>\d{4})\s*[-/.年]\s*(?P<month>\d{1,2})\s*[-/.月]\s*(?P<day>\d{1,2})\s*日?" + CLOCK)
COMPACT = re.compile(r"(?P<year>(?:19|20)\d{2})(?P<month>\d{2})(?P<day>\d{2})")
YEAR = re.compile(r"(?P<year>(?:19|20)\d{2})(?:\.0+)?(?:年度?)?")
# What was taken for digits is not given back (*+, ++): a cell of nothing but digits would be tried in every way to part it.
NUMBER = re.compile(r"(?P<number>[+-]?(?:[\d,]*+\.\d++|[\d,]*+(?<=\d))(?:e[+-]?\d{1,3})?)(?P<unit>[^\d].*)?")
SEVERAL = re.compile(r"[;；、\n]")
# Days that a spreadsheet program counts from the end of 1899: 1954 to 2064. Smaller or larger is no date of ours.
SERIAL = range(20_000, 60_000)
EPOCH = dt.date(1899, 12, 30)
CATEGORY_WORDS = re.compile(r"类别|范围|category|categories|scopes?|cat\.?", re.IGNORECASE)


def text_of(cell: Any) -> str:
    """The cell as text, "" where it says nothing. Raises ValidationError for an error of a formula and for no text at all."""
    if cell is None:
        return ""
    if isinstance(cell, float):
        cell = int(cell) if cell.is_integer() and abs(cell) < 10**15 else format(cell, ".15g")
    text = str(cell).strip()
    if text[:1] == "'" and guarded(text[1:]) == text:  # the guard of our own exports
        text = text[1:]
    if text[:1] == "#" and ERROR_CELL.match(text):
        raise ValidationError(_("The formula in this cell has no result (%(text)s).") % {"text": text})
    if "\0" in text:
        raise ValidationError(_("NUL characters cannot be read."))
    return "" if text.lower() in BLANK else text


def day(text: str) -> dt.date:
    """A whole date: 2026-01-16, 2026/1/16, 2026年1月16日, 20260116, or the number a program counts days by."""
    plain = fold(text)
    found = DAY.fullmatch(plain) or COMPACT.fullmatch(plain)
    try:
        if found:
            made = dt.date(int(found["year"]), int(found["month"]), int(found["day"]))
            if is_likely(made):
                return made
        elif plain.isdigit() and int(plain) in SERIAL:
            return EPOCH + dt.timedelta(days=int(plain))
    except ValueError:
        pass
    raise ValidationError(_("“%(text)s” is no whole date. Write 2026-01-16.") % {"text": text[:40]})


def day_unless_1904(text: str) -> dt.date:
    """The same for a workbook that counts days from 1904: there a bare number may mean either."""
    if fold(text).isdigit() and not COMPACT.fullmatch(fold(text)):
        raise ValidationError(_("“%(text)s” is a bare number: give the cell the format of a date.") % {"text": text[:40]})
    return day(text)


def period(text: str) -> tuple[dt.date, dt.date]:
    """A year (2025, 2025年度) or two dates → first and last day."""
    plain = fold(text)
    if found := YEAR.fullmatch(plain):
        return dt.date(int(found["year"]), 1, 1), dt.date(int(found["year"]), 12, 31)
    days = list(DAY.finditer(plain))
    if len(days) == 2:
        return day(days[0].group()), day(days[1].group())
    raise ValidationError(
        _("“%(text)s” is neither a year nor two dates. Write 2025, or 2025-01-01 to 2025-12-31.") % {"text": text[:40]}
    )


def decimal(text: str, units: frozenset[str] = frozenset(), places: int | None = None) -> Decimal:
    """A number to so many places, with thousands divided by commas and one of `units` behind it."""
    found = NUMBER.fullmatch(text) or NUMBER.fullmatch(fold(text).replace(" ", "").replace("₂", "2"))
    try:
        if found and (not found["unit"] or found["unit"] in units):
            number = Decimal(found["number"].replace(",", ""))
            if number.is_finite() and math.isfinite(float(number)):
                return number if places is None else round(number, places)
    except (InvalidOperation, OverflowError):
        pass
    raise ValidationError(_("“%(text)s” is no number in the unit of this column.") % {"text": text[:40]})


def tonnes(text: str) -> Decimal:
    """To four places, as the review desk keeps it."""
    return decimal(text, TONNES, 4)


def kilograms(text: str) -> Decimal:
    return decimal(text, KILOGRAMS, 6)


def several(text: str) -> list[str]:
    """Names between ; ； 、 or lines, each once."""
    return list(dict.fromkeys(part.strip() for part in SEVERAL.split(text) if part.strip()))


def numbers_to(last: int) -> Callable[[str], list[int]]:
    """类别1、类别2, 1-4 … → a sorted list of 1 to `last`."""
    field = NumbersField(last=last, required=False)
    return lambda text: field.clean(CATEGORY_WORDS.sub("", fold(text)))
