"""Days to come → an iCalendar (RFC 5545). Called by `subscribing`; apps make the events, each of one day of one record.

A calendar program knows an event by its UID and believes the highest SEQUENCE: see `sequence`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import icalendar
from django.apps import apps
from django.conf import settings
from django.db.models import Max, Model
from django.utils import timezone
from django.utils.translation import gettext as _
from simple_history.models import HistoricalChanges

from tanxun.records.days import around

from .page import Rows
from .plain import host, one_line, plain_text

LIMIT = 2000  # of days to come, and of each kind that was called off
PAST_DAYS = 30  # for which a day stays in the calendar when it is over
KEPT_DAYS = 180  # for which an event that was called off says so
REFRESH = dt.timedelta(hours=6)
EPOCH = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)


@dataclass(frozen=True)
class Event:
    """One day of one record. `kind` and `key` name it for good; `lines` say more.

    `changed` is when anything that it shows was last written.
    """

    kind: str
    key: int
    day: dt.date
    title: str
    url: str
    changed: dt.datetime
    lines: tuple[str, ...] = ()
    is_cancelled: bool = False

    @property
    def uid(self) -> str:
        return f"{self.kind}-{self.key}@{host()}"

    @property
    def told(self) -> tuple[tuple[str, str], ...]:
        """Its lines, for a feed."""
        return tuple(("", line) for line in self.lines if line)


def sequence() -> int:
    """The SEQUENCE of every event of a calendar that is made now: a program wants of it that it never falls, and grows with each
    change, also with those that are not of the record: a later statement that calls a day off, is moved to another company and
    gives it back; a day that comes and ends a policy. So it counts what was ever written of all records that have a history,
    and the days. Keys of a history rise whatever the clock does. Nothing is stored for it, and so a GET writes nothing.
    """
    histories = [model for model in apps.get_models() if issubclass(model, HistoricalChanges)]
    newest = [history._default_manager.aggregate(newest=Max("history_id"))["newest"] or 0 for history in histories]
    return timezone.localdate().toordinal() + sum(newest)


def first_day() -> dt.date:
    """Earlier days are in no calendar."""
    return timezone.localdate() - dt.timedelta(days=PAST_DAYS)


def kept_since() -> dt.datetime:
    """What was called off before is in no calendar."""
    return timezone.now() - dt.timedelta(days=KEPT_DAYS)


def written(model: type[Model], keys: Iterable[int]) -> dict[int, dt.datetime]:
    """By key when the history of these records tells that they were last written, by one query."""
    history: Any = model.history.model  # type: ignore[attr-defined]
    found = history.objects.filter(id__in=set(keys)).order_by().values_list("id")
    return dict(found.annotate(Max("history_date")))


def in_order(events: Iterable[Event]) -> list[Event]:
    """The first LIMIT by day of those that stand, and as many that do not."""
    listed = sorted(events, key=lambda event: (event.day, event.kind, event.key))
    standing = [event for event in listed if not event.is_cancelled][:LIMIT]
    return [*standing, *[event for event in listed if event.is_cancelled][:LIMIT]]


def calendar(rows: Rows, events: Iterable[Event], remind: int | None = None) -> bytes:
    """The document; `remind` is how many days before each a reminder is wanted."""
    made = icalendar.Calendar()
    made.add("version", "2.0")
    made.add("prodid", "-//Tanxun//Tanxun//ZH")
    made.add("method", "PUBLISH")
    made.add("x-wr-calname", f"{one_line(rows.page.title)} · {_('Tanxun')}")
    about = _(
        "At most the next %(limit)s days; a day that is over stays for %(past)s days, one that was called off for %(kept)s."
    )
    made.add("x-wr-caldesc", about % {"limit": f"{LIMIT:,}", "past": PAST_DAYS, "kept": KEPT_DAYS})
    made.add("x-published-ttl", icalendar.vDuration(REFRESH))
    made.add("refresh-interval", icalendar.vDuration(REFRESH), parameters={"VALUE": "DURATION"})
    number = sequence()
    for event in events:
        made.add_component(component(event, number, remind))
    return bytes(made.to_ical())


def component(event: Event, number: int, remind: int | None) -> icalendar.Event:
    """An all-day event: its end is the day after (RFC 5545, 3.6.1), and no zone can move it."""
    address = f"{settings.SITE_URL}{event.url}"
    made = icalendar.Event()
    made.add("uid", event.uid)
    made.add("dtstamp", event.changed.astimezone(dt.UTC))
    made.add("last-modified", event.changed.astimezone(dt.UTC))
    made.add("sequence", number)
    made.add("status", "CANCELLED" if event.is_cancelled else "CONFIRMED")
    made.add("transp", "TRANSPARENT")
    made.add("dtstart", event.day)
    made.add("dtend", around(event.day, 1)[1])
    made.add("summary", one_line(event.title))
    made.add("description", plain_text("\n".join([*filter(None, event.lines), address])))
    made.add("url", address)
    if remind and not event.is_cancelled:
        alarm = icalendar.Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("description", one_line(event.title))
        alarm.add("trigger", dt.timedelta(days=-remind))
        made.add_component(alarm)
    return made
