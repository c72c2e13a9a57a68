"""Rows of a list → an Atom feed (RFC 4287). Called by `subscribing`; what a page declares for it stands in `ListPage`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from io import StringIO
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import gettext as _

from .cells import ANY_KEY
from .columns import Column, shown
from .page import Rows
from .plain import host, one_line, plain_text

NEWEST = 50
LONG_AGO = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)  # of what nobody noted when it came in
TAGGED = "2026"  # the year in which we began to name things so (RFC 4151)


@dataclass(frozen=True)
class Entry:
    """One entry. `key` names it for good within the site, `lines` are (label, text)."""

    key: str
    title: str
    url: str
    came_in: dt.datetime
    changed: dt.datetime
    lines: Sequence[tuple[str, str]] = ()


class Feed(Atom1Feed):
    """Django's, which says of an empty feed that it was updated at the moment of asking: that would never be the same."""

    def latest_post_date(self) -> dt.datetime:
        return max((item["updateddate"] for item in self.items), default=LONG_AGO)


def newest(rows: Rows) -> list[Entry]:
    """The rows that came in last: by the key, which rises as they do and is an index on every list."""
    page = rows.page
    titles = page.chosen_columns(page.entry or [page.columns[0].key])
    chosen = rows.columns if rows.column_keys else page.shown_columns
    columns = [*titles, *(column for column in chosen if column not in titles)]
    found = page.with_lists(rows.filters.filter_queryset(rows.prepared), columns).order_by("-pk")
    paths = [path for column in columns for path in column.fields]
    before, after = reverse(page.detail, args=[ANY_KEY]).split(str(ANY_KEY))
    made = []
    for key, came_in, changed, *values in found.values_list("pk", page.came_in, page.changed, *paths)[:NEWEST]:
        told = list(texts(columns, values))
        title = " · ".join(text for _label, text in told[: len(titles)] if text)
        lines = [line for line in told[len(titles) :] if line[1]]
        first = came_in or LONG_AGO
        made.append(
            Entry(f"{page.slug}/{key}", title or f"{page.title} {key}", f"{before}{key}{after}", first, changed or first, lines)
        )
    return made


def texts(columns: Iterable[Column], values: Sequence[Any]) -> Iterable[tuple[str, str]]:
    """(label, what a page says) of each column, of the values that a row holds for them."""
    start = 0
    for column in columns:
        end = start + len(column.fields)
        value, note = column.read(values[start:end])
        text = shown(value)
        unit = f" {column.unit}" if text and column.unit else ""
        yield str(column.label), f"{text}{unit} ({note})" if text and note else f"{text}{unit}"
        start = end


def atom(rows: Rows, entries: Iterable[Entry], own_address: str = "") -> str:
    """The document. `own_address` is where it can be had again; a secret address does not stand in what it opens."""
    query = rows.query_string(per_page=None)
    feed = Feed(
        title=f"{one_line(rows.page.title)} · {_('Tanxun')}",
        link=one_line(rows.link),
        description="",
        subtitle=one_line(_("The newest %(count)s of what the list shows.") % {"count": NEWEST}),
        author_name=_("Tanxun"),
        feed_url=own_address or None,
        feed_guid=tag(f"{rows.page.slug}?{query}" if query else rows.page.slug),
        language=settings.LANGUAGE_CODE,
    )
    for entry in entries:
        feed.add_item(
            title=one_line(entry.title),
            link=f"{settings.SITE_URL}{entry.url}",
            description=plain_text("<br>".join(escape(f"{label}: {text}" if label else text) for label, text in entry.lines)),
            unique_id=tag(entry.key),
            pubdate=entry.came_in,
            updateddate=entry.changed,
        )
    written = StringIO()
    feed.write(written, "utf-8")
    return written.getvalue()


def tag(name: str) -> str:
    """A name that stays when the address of the site gets another port or scheme (RFC 4151)."""
    return f"tag:{host()},{TAGGED}:{one_line(name)}"
