"""One issue of the weekly as plain values: its week, entries, the editor's choices. Made by `publisher`, shown by the formats."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from tanxun.records.models import Section

from .reader.labels import SECTION_TITLES

_CODE = re.compile(r"(\d{4})-W(\d{2})", re.ASCII)


@dataclass(frozen=True, order=True)
class Week:
    """An ISO week."""

    monday: dt.date

    @classmethod
    def of(cls, day: dt.date) -> Week:
        return cls(day - dt.timedelta(days=day.weekday()))

    @classmethod
    def parse(cls, code: str) -> Week:
        """The week of `2026-W03`. Raises ValueError for anything else, and for weeks that the year does not have."""
        found = _CODE.fullmatch(code)
        if not found:
            raise ValueError(f"not an ISO week: {code!r}")
        return cls(dt.date.fromisocalendar(int(found[1]), int(found[2]), 1))

    @property
    def sunday(self) -> dt.date:
        return self.monday + dt.timedelta(days=6)

    @property
    def code(self) -> str:
        year, week, _day = self.monday.isocalendar()
        return f"{year:04}-W{week:02}"

    def __str__(self) -> str:
        return self.code


@dataclass(frozen=True)
class Link:
    """An outside address, with what it leads to."""

    label: str
    url: str


@dataclass(frozen=True)
class Entry:
    """One heading with its text. `key` is that of its record that came first (policy-12, statement-7, news-3), be it removed
    since; `records` are the keys of those that stand; `note` is the editor's."""

    key: str
    section: Section
    headline: str
    paragraphs: tuple[str, ...]
    links: tuple[Link, ...] = ()
    records: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True)
class Choices:
    """What an editor made of a week: keys in their order (others follow in source order), keys left out, words by key."""

    order: tuple[str, ...] = ()
    left_out: frozenset[str] = frozenset()
    headlines: Mapping[str, str] = field(default_factory=dict)
    notes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Issue:
    """The weekly of one week. `lead` is the headline line (碳讯丨…); `entries` stand by section, then in their order."""

    week: Week
    title: str
    lead: str
    published_on: dt.date | None = None
    entries: tuple[Entry, ...] = ()

    @property
    def sections(self) -> tuple[tuple[str, Section, str, tuple[Entry, ...]], ...]:
        """(number, section, label, entries) of every section that has any: 01 国家动态, 02 地方动态 …"""
        found = [(one, tuple(entry for entry in self.entries if entry.section == one)) for one in Section]
        filled = [(section, entries) for section, entries in found if entries]
        return tuple(
            (f"{number:02}", section, SECTION_TITLES[section.value], entries)
            for number, (section, entries) in enumerate(filled, start=1)
        )

    def as_json(self) -> dict[str, Any]:
        """Plain values for a JSON column; `from_json` gives the equal issue back."""
        return {
            "week": self.week.code,
            "title": self.title,
            "lead": self.lead,
            "published_on": self.published_on.isoformat() if self.published_on else None,
            "entries": [asdict(entry) | {"section": entry.section.value} for entry in self.entries],
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Issue:
        return cls(
            week=Week.parse(kept["week"]),
            title=kept["title"],
            lead=kept["lead"],
            published_on=dt.date.fromisoformat(kept["published_on"]) if kept["published_on"] else None,
            entries=tuple(_entry(entry) for entry in kept["entries"]),
        )


def _entry(kept: Mapping[str, Any]) -> Entry:
    return Entry(
        key=kept["key"],
        section=Section(kept["section"]),
        headline=kept["headline"],
        paragraphs=tuple(kept["paragraphs"]),
        links=tuple(Link(**link) for link in kept["links"]),
        records=tuple(kept["records"]),
        note=kept["note"],
    )
