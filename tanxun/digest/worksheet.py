"""The editor's page of a week as values: its entries in order, what may be chosen of each, what was typed, what others saved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import ceil
from typing import Any

from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from .digests import Digest
from .editing import Wishes, not_from_newsletters, placed
from .formats.article import one_line
from .issue import Choices, Entry, Issue, Week
from .publisher import Copy

PER_PAGE, MANY = 100, 100
PAGES = {"policy": "policies:policy", "statement": "certifications:statement", "news": "digest:news_item"}


@dataclass(frozen=True)
class Row:
    """One entry on the editor's page. `own` is the headline of the record, `theirs` what another editor saved meanwhile."""

    entry: Entry
    number: int | None
    headline: str
    own: str
    note: str
    is_left_out: bool
    has_former: bool
    has_later: bool
    theirs: tuple[str, ...]
    error: str

    @property
    def key(self) -> str:
        return self.entry.key

    @property
    def url(self) -> str:
        """The page of the record, the first where there are several."""
        kind, _dash, pk = self.entry.records[0].partition("-")
        return reverse(PAGES[kind], args=[pk])

    @property
    def is_reworded(self) -> bool:
        return self.headline != self.own


@dataclass(frozen=True)
class Worksheet:
    """One page of the entries of a week, by section, with what is to be known of the whole. `issue` has headlines alone, and the
    title and headline line that stand where the editor gives none.
    """

    digest: Digest
    wishes: Wishes
    issue: Issue
    sections: tuple[tuple[str, tuple[Row, ...]], ...]
    page: int
    pages: int
    sheet_count: int
    told: Told

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing in this week to be chosen of."""
        return not self.sections and not self.sheet_count

    @property
    def is_large(self) -> bool:
        return len(self.issue.entries) > MANY


@dataclass(frozen=True)
class Record:
    """What the records make of a week before any choice but the order, as headlines: the text of entries is made of those that
    the page shows.
    """

    copy: Copy
    issue: Issue
    by_hand: frozenset[str]

    @classmethod
    def of(cls, week: Week) -> Record:
        copy = Copy.of(week)
        return cls(copy, copy.heads(), not_from_newsletters(week))

    @property
    def week(self) -> Week:
        return self.copy.week

    @property
    def own(self) -> dict[str, str]:
        """Headlines by key."""
        return {entry.key: entry.headline for entry in self.issue.entries}

    def ordered(self, order: Sequence[str]) -> tuple[Entry, ...]:
        """All entries, by section and there in `order`; the others follow in source order."""
        places = {key: place for place, key in enumerate(order)}
        return tuple(
            entry
            for *_rest, found in self.issue.sections
            for entry in sorted(found, key=lambda one: places.get(one.key, len(places)))
        )

    def keys(self, order: Sequence[str]) -> tuple[str, ...]:
        return tuple(entry.key for entry in self.ordered(order))


def wishes_of(digest: Digest) -> Wishes:
    """What is stored."""
    return Wishes(digest.title, digest.lead, digest.has_sheets, digest.chosen)


def typed(data: QueryDict, stored: Wishes, record: Record) -> Wishes:
    """What an editor sent of one page of the entries, over what is stored of the others. The keys come in the order wanted;
    `action` may be up:<key> or down:<key>. Of a headline `was-<key>` is what the record had when the page was opened: sent back
    as it was, it is no rewording, whatever the record says by now.
    """
    own = record.own
    shown = [key for key in dict.fromkeys(data.getlist("key")) if key in own]
    before = stored.choices
    order = record.keys(placed(record.keys(before.order), shown))
    order = stepped(order, data.get("action", ""), record, has_sheets=stored.has_sheets)
    is_natural = order == record.keys(())
    headlines, notes = dict(before.headlines), dict(before.notes)
    for key in shown:
        headline, shown_as_own = (one_line(data.get(f"{name}-{key}", "")) for name in ("headline", "was"))
        keep(headlines, key, headline, unless=(shown_as_own, one_line(own[key])))
        keep(notes, key, one_line(data.get(f"note-{key}", "")))
    left_out = (before.left_out - set(shown)) | (set(data.getlist("left_out")) & set(shown))
    choices = Choices(() if is_natural else order, left_out, headlines, notes)
    title, lead = (one_line(data.get(name, "")) for name in ("title", "lead"))
    return Wishes(title, lead, "leave_out_sheets" not in data, choices)


def keep(texts: dict[str, str], key: str, text: str, unless: tuple[str, ...] = ()) -> None:
    """Note a text that says something, else forget it."""
    if text and text not in unless:
        texts[key] = text
    else:
        texts.pop(key, None)


def stepped(order: tuple[str, ...], action: str, record: Record, *, has_sheets: bool) -> tuple[str, ...]:
    """`order` with one entry a step up or down among those of its section that the page shows."""
    direction, _colon, key = action.partition(":")
    section = {entry.key: entry.section for entry in record.issue.entries}
    if direction not in ("up", "down") or key not in section:
        return order
    beside = [
        one for one in order if section.get(one) == section[key] and (has_sheets or one not in record.by_hand or one == key)
    ]
    place = beside.index(key) + (1 if direction == "down" else -1)
    if not 0 <= place < len(beside):
        return order
    other = beside[place]
    swap = {key: other, other: key}
    return tuple(swap.get(one, one) for one in order)


def page_of(key: str, wishes: Wishes, record: Record) -> int:
    """The page that an entry stands on."""
    keys = [entry.key for entry in visible(wishes, record)]
    return keys.index(key) // PER_PAGE + 1 if key in keys else 1


def visible(wishes: Wishes, record: Record) -> list[Entry]:
    """The entries that the page lists: those from sheets not where all of them are left out."""
    return [entry for entry in record.ordered(wishes.choices.order) if wishes.has_sheets or entry.key not in record.by_hand]


@dataclass(frozen=True)
class Told:
    """What stands beside fields, by their names: what another editor saved meanwhile, and what is wrong."""

    theirs: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)


def laid_out(digest: Digest, record: Record, wishes: Wishes, page: int = 1, told: Told | None = None) -> Worksheet:
    """The page of `wishes`, which need not be what is stored."""
    left_out = frozenset() if wishes.has_sheets else record.by_hand
    issue = record.copy.heads(replace(wishes.choices, left_out=wishes.choices.left_out | left_out))
    entries, told = visible(wishes, record), told or Told()
    pages = max(ceil(len(entries) / PER_PAGE), 1)
    page = min(max(page, 1), pages)
    rows = rows_of(entries, issue, wishes, record.own, told)[(page - 1) * PER_PAGE : page * PER_PAGE]
    rows = [replace(row, entry=record.copy.written(row.entry, issue)) for row in rows]
    grouped = [
        (f"{number}. {label}", tuple(row for row in rows if row.entry.section == section))
        for number, section, label, _found in record.issue.sections
    ]
    return Worksheet(
        digest=digest,
        wishes=wishes,
        issue=issue,
        sections=tuple((label, found) for label, found in grouped if found),
        page=page,
        pages=pages,
        sheet_count=len(record.by_hand),
        told=told,
    )


def rows_of(entries: list[Entry], issue: Issue, wishes: Wishes, own: Mapping[str, str], told: Told) -> list[Row]:
    """A row for each of `entries`; its number is that of the `issue`, none where it is left out."""
    printed = (entry for *_rest, found in issue.sections for entry in found)
    numbers = {entry.key: number for number, entry in enumerate(printed, start=1)}
    choices, rows = wishes.choices, []
    for before, entry, after in zip([None, *entries], entries, [*entries[1:], None], strict=False):
        key = entry.key
        names = (f"headline-{key}", f"note-{key}")
        rows.append(
            Row(
                entry=entry,
                number=numbers.get(key),
                headline=choices.headlines.get(key, own[key]),
                own=own[key],
                note=choices.notes.get(key, ""),
                is_left_out=key in choices.left_out,
                has_former=before is not None and before.section == entry.section,
                has_later=after is not None and after.section == entry.section,
                theirs=tuple(told.theirs[name] for name in names if name in told.theirs),
                error=next((told.errors[name] for name in names if name in told.errors), ""),
            )
        )
    return rows


def merged(base: Wishes, theirs: Wishes, mine: Wishes) -> tuple[Wishes, dict[str, str]]:
    """What two editors made of the same version: what only one of them changed is as that one has it; where both did, mine
    stands, and theirs is told by the name of the field.
    """
    clashes: dict[str, str] = {}

    def one(name: str, was: Any, other: Any, own: Any, words: Any) -> Any:
        if other in (was, own):
            return own
        if own == was:
            return other
        clashes[name] = str(words)
        return own

    empty = _("(empty)")
    a, b, c = base.choices, theirs.choices, mine.choices
    texts: dict[str, dict[str, str]] = {"headline": {}, "note": {}}
    for kind, was, other, own in (("headline", a.headlines, b.headlines, c.headlines), ("note", a.notes, b.notes, c.notes)):
        for key in {*was, *other, *own}:
            said = other.get(key, "")
            text = one(f"{kind}-{key}", was.get(key, ""), said, own.get(key, ""), said or empty)
            keep(texts[kind], key, text)
    left_out = {
        key
        for key in {*a.left_out, *b.left_out, *c.left_out}
        if one(f"left_out-{key}", key in a.left_out, key in b.left_out, key in c.left_out, "")
    }
    order = one("order", a.order, b.order, c.order, _("another order"))
    whole = Wishes(
        one("title", base.title, theirs.title, mine.title, theirs.title or empty),
        one("lead", base.lead, theirs.lead, mine.lead, theirs.lead or empty),
        one("has_sheets", base.has_sheets, theirs.has_sheets, mine.has_sheets, ""),
        Choices(order, frozenset(left_out), texts["headline"], texts["note"]),
    )
    return whole, clashes
