"""What a message of a hook says, from the records as they are when it goes out. Called by delivery."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.conf import settings
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from tanxun.listing.page import ListPage, find

from ..models import Event, Message
from ..sending import Moot
from .events import PAGES, falls_due_still
from .wording import subject

NAMED_BY = {
    "statements": ("company", "type", "body", "dated_on", "due_on"),
    "policies": ("headline", "issuing_bodies", "dated_on"),
}


@dataclass(frozen=True)
class Telling:
    """One event, or many at once. `records` are {column key: value} with their `url`; `named` are words and address of each."""

    event: str
    title: str
    at: str
    count: int
    url: str
    records: list[dict[str, Any]] = field(default_factory=list)
    named: list[tuple[str, str]] = field(default_factory=list)
    is_test: bool = False


def telling_of(message: Message) -> Telling:
    """Raises Moot where nothing is left of it."""
    payload = message.payload
    with override(settings.LANGUAGE_CODE):
        model = apps.get_model(payload["model"])
        slug = next((slug for slug, kind in PAGES.items() if kind is model), "")
        keys = payload["keys"]
        if payload["event"] in (Event.STATEMENT_EXPIRING, Event.STATEMENT_EXPIRED):
            keys = list(model.objects.filter(falls_due_still(), pk__in=keys).values_list("pk", flat=True))
        records = listed(find(slug), keys) if slug else issues(model, keys)
        if not records:
            raise Moot(_("It is no longer so: the record was removed or renewed meanwhile."))
        count = len(records) if payload["count"] == len(payload["keys"]) else payload["count"]
        many = f"{settings.SITE_URL}{reverse(slug)}?{payload.get('query', '')}".rstrip("?") if slug else records[0]["url"]
        return Telling(
            event=payload["event"],
            title=subject(payload["event"], count),
            at=payload["at"],
            count=count,
            url=records[0]["url"] if count == 1 else many,
            records=records,
            named=[(words(slug, record), record["url"]) for record in records],
        )


def listed(page: ListPage, keys: list[int]) -> list[dict[str, Any]]:
    """The records as the list's files have them, by the keys of the columns. Removed ones are left out."""
    rows = page.rows(QueryDict("columns=all"))
    names = [*(column.key for column in rows.file_columns), "url"]
    found = rows.file_rows(typed=True).filter(pk__in=keys)
    return [dict(zip(names, values, strict=True)) for values in found]


def issues(model: Any, keys: list[int]) -> list[dict[str, Any]]:
    found = model.objects.filter(pk__in=keys, frozen_at__isnull=False)
    return [{"week": one.week, "title": str(one), "url": f"{settings.SITE_URL}{one.get_absolute_url()}"} for one in found]


def words(slug: str, record: dict[str, Any]) -> str:
    parts = [str(record[name]) for name in NAMED_BY.get(slug, ("title",)) if record.get(name) and name != "due_on"]
    if due := record.get("due_on"):
        parts.append(_("due on %(day)s") % {"day": due})
    return " · ".join(parts)


def trial_telling() -> Telling:
    """What the button “send a test” sends."""
    with override(settings.LANGUAGE_CODE):
        words = _("This is a test from Tanxun: events will look like this.")
        return Telling("test", words, timezone.now().isoformat(), 0, f"{settings.SITE_URL}/", is_test=True)
