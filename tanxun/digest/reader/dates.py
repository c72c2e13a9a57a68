"""Dates in Chinese text, and the completion of those printed without a year.

Called for the issue's own date, for the date of a policy and of a statement.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass

from tanxun.digest.reader.cleaning import Passage
from tanxun.digest.reader.reading import Read

_DATE = re.compile(
    r"(?<!\d)(?:(?P<year>20\d\d|19\d\d)年)?(?P<month>\d{1,2})月(?P<day>\d{1,2})日?(?![\d年万亿家%])"
    r"|(?<!\d)(?P<year2>20\d\d|19\d\d)(?P<sep>[-./])(?P<month2>\d{1,2})(?P=sep)(?P<day2>\d{1,2})(?!\d)"
)
_BEFORE_DEADLINE = re.compile(
    r"(?:截至|截止|截止到|截止日期|截止时间|于|自|从|至|到|[-~]|不迟于|不晚于|最迟|有效期|施行|生效|实施)[:为到是]?[ ]*$"
)
_AFTER_DEADLINE = re.compile(
    r"[ ]*(?:24时|\d{1,2}时|\d{1,2}:\d{2})?[ ]*(?:起?(?:正式)?(?:施行|实施|生效|执行)|起,?(?:正式)?(?:施行"
    r"|实施|生效|执行)|(?:之)?前(?!后)|止|截止|以前|起至)"
)
# What says about when, and no day: a year in Chinese digits, 去年底, 13月, months joined to a year by another sign.
_ABOUT = re.compile(
    r"(?<![^。;!?\n自于从])(?:(?:二[〇零○]|一九)[〇零○一二三四五六七八九]{2}年"
    r"(?:[一二三四五六七八九十]{1,2}月)?(?:[一二三四五六七八九十]{1,3}日)?|[去前上]年年?[底末初]"
    r"|(?:20|19)\d\d(?P<sep>[-./])\d{1,2}(?!(?P=sep))[-./~]\d{1,2}(?:月|(?![-./\d]))"
    r"|(?:(?:20|19)\d\d年)?(?:1[3-9]|[2-9]\d)月(?!\d))"
    r"(?=[ ]?(?:,|起|获|取得|通过|印发|发布|出台|颁|签|正式|施行|实施|执行|生效))"
)
_YEAR = re.compile(r"(?<!\d)(20\d\d)年")
_DEADLINE_FROM = ("截", "自", "从", "至", "到", "-", "~", "不", "最", "有", "施", "生", "实")


@dataclass(frozen=True)
class Dated:
    """A date as printed, and what it says about itself."""

    words: Passage
    day: dt.date | None
    is_completed: bool
    is_deadline: bool


def dates(passage: Passage, reference: dt.date) -> Iterator[Dated]:
    """Every date of the passage in order; `day` is None where the calendar has no such day."""
    for found in passage.finditer(_DATE):
        year = found["year"] or found["year2"]
        month, day = int(found["month"] or found["month2"]), int(found["day"] or found["day2"])
        when = _day(int(year), month, day) if year else completed(month, day, reference)
        yield Dated(passage.group(found), when, not year, _is_deadline(passage, found))


def vague(passage: Passage) -> Iterator[Passage]:
    """Words that stand where a date stands and are none: nothing is read from them, and somebody should be told."""
    return (passage.group(found) for found in passage.finditer(_ABOUT))


def completed(month: int, day: int, reference: dt.date) -> dt.date | None:
    """The latest such day that is not after the reference date (29 February may lie up to eight years back)."""
    tries = (_day(reference.year - back, month, day) for back in range(9))
    return next((when for when in tries if when and when <= reference), None)


def _day(year: int, month: int, day: int) -> dt.date | None:
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None


def _is_deadline(passage: Passage, found: re.Match[str]) -> bool:
    before = passage.folded[max(passage.start, found.start() - 8) : found.start()]
    after = passage.folded[found.end() : min(passage.end, found.end() + 14)]
    if _AFTER_DEADLINE.match(after):
        return True
    led = _BEFORE_DEADLINE.search(before)
    return led is not None and led.group().startswith(_DEADLINE_FROM)


def read_date(found: Dated, reference: dt.date) -> Read[dt.date] | None:
    """The date as a value: stated when printed whole, inferred when its year was completed."""
    if found.day is None:
        return None
    if found.day > reference:
        return found.words.read(found.day, "uncertain", "日期晚于参考日期")
    if found.is_completed:
        return found.words.read(found.day, "inferred", f"原文未写年份，按参考日期补为{found.day.year}年")
    return found.words.read(found.day)


def printed_reference(text: Passage, today: dt.date) -> dt.date:
    """The reference date that a text itself supports: its latest printed day not after today, else one completed
    with the latest year printed (not after this year), else today."""
    years = [int(found[1]) for found in text.finditer(_YEAR) if int(found[1]) <= today.year]
    whole = [d.day for d in dates(text, today) if not d.is_completed and d.day and d.day <= today and not d.is_deadline]
    if not years and not whole:
        return today
    latest = max([*years, *(day.year for day in whole)])
    last = min(today, dt.date(latest, 12, 31))
    found = [d.day for d in dates(text, last) if d.day and d.day <= last and not d.is_deadline]
    return max(found) if found else last
