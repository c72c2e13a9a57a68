"""New entries of a feed become one newsletter with an item each, drafts and all. Called by the page, the job, the command.

Every entry comes in once. Its own day completes its dates and is the source date of what is accepted from it, its link stays with
the record (`review.source_of` reads both from the newsletter's report).
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from tanxun import web

from .. import reader, vocabulary
from ..drafting import drafts_of, item_text
from ..entry import open_draft
from ..intake import note_questions
from ..models import Newsletter
from ..reader.reading import Reading
from ..sources import SourceError
from .models import FeedEntry, FeedSource
from .parsing import Entry, Feed, parse

AT_ONCE = 100  # entries of one newsletter: what is more stays in the feed for the next reading
MOST_TEXT = 800_000
NOT_MODIFIED = 304


@dataclass(frozen=True)
class Taken:
    """What one reading brought: new entries in `newsletter` (None for none), known ones, new ones left for the next reading."""

    newsletter: Newsletter | None = None
    new: int = 0
    known: int = 0
    waiting: int = 0

    @property
    def words(self) -> str:
        if not self.new:
            return _("Nothing new: every entry of this feed came in before.") if self.known else _("The feed has no entries.")
        words = ngettext("%(count)s new entry to review.", "%(count)s new entries to review.", self.new) % {"count": self.new}
        if self.waiting:
            words += " " + _("%(count)s more wait: read it again.") % {"count": self.waiting}
        return words


def take_file(name: str, data: bytes, user: AbstractUser | None) -> Taken:
    """A feed saved as a file. Raises SourceError."""
    return take(parse(data), None, user, name)


def take_source(source: FeedSource, user: AbstractUser | None) -> Taken:
    """Fetch an address and take what is new. Raises SourceError, which also stands with the source; nothing else changes then."""
    if not settings.FEED_FETCH:
        raise SourceError(fetch_is_off())
    source.asked_at = timezone.now()
    try:
        taken = take_answer(source, fetched(source), user)
    except (SourceError, web.WebError) as error:
        source.error = " ".join(str(error).split())[:300]
        source.save(update_fields=["asked_at", "error"])
        raise SourceError(source.error) from None
    source.read_at, source.error = source.asked_at, ""
    source.save(update_fields=["asked_at", "read_at", "error", "etag", "changed"])
    return taken


def fetch_is_off() -> str:
    return _("Addresses are not asked here (FEED_FETCH is off): save the feed as a file and upload it, or ask who runs the site.")


def fetched(source: FeedSource) -> web.Answer:
    asked = {"If-None-Match": source.etag, "If-Modified-Since": source.changed}
    headers = {name: value for name, value in asked.items() if value}
    accept = "application/atom+xml, application/rss+xml, application/rdf+xml, application/xml;q=0.9, text/xml;q=0.9, */*;q=0.1"
    return web.fetch(source.address, {"Accept": accept, **headers})


def take_answer(source: FeedSource, answer: web.Answer, user: AbstractUser | None) -> Taken:
    if answer.status == NOT_MODIFIED:
        return Taken(known=source.entries.count() or 1)
    if answer.status != 200:
        words = _("Its server answered %(status)s: open the address in a browser, perhaps it has moved.")
        raise SourceError(words % {"status": answer.status})
    taken = take(parse(answer.body, answer.url), source, user, "")
    is_whole = not taken.waiting  # what waits is asked for again
    source.etag = header(answer, "etag", 300) if is_whole else ""
    source.changed = header(answer, "last-modified", 100) if is_whole else ""
    return taken


def header(answer: web.Answer, name: str, most: int) -> str:
    """What we would send back: none that is cut."""
    value = answer.headers.get(name, "")
    return value if len(value) <= most and value.isprintable() and value.isascii() else ""


def take(feed: Feed, source: FeedSource | None, user: AbstractUser | None, file_name: str) -> Taken:
    """The entries that never came in before, as one newsletter, all or nothing."""
    try:
        return take_new(feed, source, user, file_name)
    except IntegrityError:  # somebody read the same at this moment: now it is known
        return take_new(feed, source, user, file_name)


def take_new(feed: Feed, source: FeedSource | None, user: AbstractUser | None, file_name: str) -> Taken:
    """Raises IntegrityError where another reading takes the same entries at this moment."""
    with transaction.atomic(), override(settings.LANGUAGE_CODE):  # what is stored speaks the site's language
        keys = {key for entry in feed.entries for key in entry.keys}
        seen = set(FeedEntry.objects.filter(key__in=keys).values_list("key", flat=True))
        fresh = [entry for entry in feed.entries if seen.isdisjoint(entry.keys)]
        known = len(feed.entries) - len(fresh)
        chosen = as_many_as_fit(fresh)
        if not chosen:
            return Taken(known=known)
        today = timezone.localdate()
        title = f"{source.name if source else feed.title or file_name} · {today.isoformat()}"
        told = [reader.Told(entry.heading, entry.text, entry.day or today) for entry in chosen]
        reading = reader.read_entries(title, told, max(one.day for one in told), vocabulary.current())
        newsletter = Newsletter.objects.filter(text_hash=Newsletter.hash_of(reading.text)).first()
        if is_new := newsletter is None:
            came_from = file_name or (source.address if source else "")
            newsletter = stored(reading, chosen, [one.day for one in told], came_from, user)
        remember(newsletter, chosen, source)
        if not is_new:  # word for word what came in today under other keys
            return Taken(known=known + len(chosen))
        return Taken(newsletter, len(chosen), known, len(fresh) - len(chosen))


def remember(newsletter: Newsletter, entries: list[Entry], source: FeedSource | None) -> None:
    """By their keys, which count as entries of the feed, and by their words."""
    keys = {entry.key for entry in entries}
    words = {key for entry in entries for key in entry.keys} - keys
    rows = [FeedEntry(key=key, newsletter=newsletter, source=source) for key in sorted(keys)]
    FeedEntry.objects.bulk_create([*rows, *(FeedEntry(key=key, newsletter=newsletter) for key in sorted(words))])


def as_many_as_fit(entries: list[Entry]) -> list[Entry]:
    """The first of them, as one newsletter may hold."""
    chosen: list[Entry] = []
    size = 0
    for entry in entries[:AT_ONCE]:
        size += len(entry.text) + len(entry.heading)
        if chosen and size > MOST_TEXT:
            break
        chosen.append(entry)
    return chosen


def stored(reading: Reading, entries: list[Entry], days: list[dt.date], came_from: str, user: AbstractUser | None) -> Newsletter:
    """The newsletter and its drafts. `report["entries"]` tells day and link of each item by its number."""
    items = [{"headline": item.headline.value, "hash": Newsletter.hash_of(item_text(reading, item))} for item in reading.items]
    origins = {
        str(number): {"on": day.isoformat(), "link": entry.link}
        for number, (entry, day) in enumerate(zip(entries, days, strict=True), 1)
    }
    values: dict[str, object] = {
        "text": reading.text,
        "text_hash": Newsletter.hash_of(reading.text),
        "title": (reading.title.value if reading.title else "")[:300],
        "reference_date": reading.reference_date,
        "file_name": came_from[:200],
        "created_by": user,
        "report": {"contents": [], "contents_only": [], "notes": [], "items": items, "entries": origins},
    }
    newsletter = Newsletter.objects.create(**values)
    for item in reading.items:
        for draft in drafts_of(newsletter, reading, item):
            draft.save()
            note_questions(draft, open_draft(draft).as_sent())
    return newsletter
