"""What happened since each hook was last told: one message for one event, or one for many at once. Planner of `duties`.

Nobody announces an event: they are found by what is in the tables, so none is lost with a process that dies. Each hook keeps
how far it was told (`marks`); messages and marks are written in one transaction.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any

from django.db import transaction
from django.db.models import Exists, Model, OuterRef, Q, QuerySet
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _

from certifications.due import is_followed_up, is_running, programme_key
from certifications.models import VerificationStatement
from policies.models import Policy
from tanxun.digest.models import Digest
from tanxun.listing.page import InvalidParametersError, Rows, UnknownPageError, find
from tanxun.records.settled import settled

from .. import broken
from ..duties import attempt
from ..models import Channel, Event, Hook, Message
from .wording import subject

MOST_SINGLE = {True: 3, False: 20}  # events of a kind at once that are told one by one: to a chat, to a program
MOST_NAMED = 10  # of many, by name
FROZEN_DAYS = 7  # a frozen issue is looked for so long
PAGES: dict[str, type[Model]] = {"statements": VerificationStatement, "policies": Policy}
Settled = Callable[[type[Model]], "int | None"]


class FilterGoneError(Exception):
    """The filter of a hook can no longer be asked; the message says why."""


class NotUnderstoodError(FilterGoneError):
    """The list has changed since: its owner is told."""


def plan() -> None:
    """Queue what happened for every hook that works."""
    keys = list(Hook.objects.working().values_list("pk", flat=True))
    if not keys:
        return
    highest = {model: settled(model) for model in PAGES.values()}
    for key in keys:
        attempt(plan_for, key, highest)


def beginning() -> dict[str, Any]:
    """The marks of a new hook: what was before is not told."""
    names = {"statement": VerificationStatement, "policy": Policy}
    highest = {
        name: model._base_manager.order_by("-pk").values_list("pk", flat=True).first() or 0 for name, model in names.items()
    }
    return {**highest, "day": timezone.localdate().isoformat(), "since": timezone.now().isoformat()}


@transaction.atomic
def plan_for(key: int, highest: dict[type[Model], int | None]) -> None:
    """The messages of one hook and its new marks, both or neither."""
    hook = Hook.objects.working().select_for_update(of=("self",)).select_related("owner", "saved_filter").filter(pk=key).first()
    if hook is None:
        return
    try:
        filters = Filters(hook)
        for event, found in [*came_in(hook, highest), *fell_due(hook), *were_frozen(hook)]:
            if event in hook.events:
                Message.objects.queue(messages(hook, event, filters.narrowed(found), filters))
    except FilterGoneError as error:
        hook.pause(str(error))
        if isinstance(error, NotUnderstoodError):
            key = f"{broken.KIND}-hook-{hook.pk}-{hook.paused_at:%Y%m%d%H%M%S}"
            Message.objects.queue([broken.letter(hook.owner_id, key, hook.name, {"hook": hook.pk})])
        return
    hook.marks = hook.marks | {name: mark for name, mark in new_marks(hook, highest).items() if mark is not None}
    hook.save(update_fields=["marks"])


def new_marks(hook: Hook, highest: dict[type[Model], int | None]) -> dict[str, Any]:
    today = timezone.localdate()
    days = {"day": today.isoformat(), "ahead": (today + dt.timedelta(days=hook.lead_days)).isoformat()}
    return {"statement": highest[VerificationStatement], "policy": highest[Policy], **days}


def came_in(hook: Hook, highest: dict[type[Model], int | None]) -> Iterator[tuple[str, QuerySet[Any]]]:
    statements, policies = highest[VerificationStatement], highest[Policy]
    if statements is not None:
        fresh = VerificationStatement.objects.filter(pk__gt=hook.marks["statement"], pk__lte=statements)
        yield Event.STATEMENT_PUBLISHED, fresh
        yield Event.STATEMENT_RENEWED, fresh.filter(renews())
    if policies is not None:
        yield Event.POLICY_PUBLISHED, Policy.objects.filter(pk__gt=hook.marks["policy"], pk__lte=policies)


def fell_due(hook: Hook) -> Iterator[tuple[str, QuerySet[Any]]]:
    """What came within the days ahead, or passed its day, since the day of the mark; days missed are made up, and so are those
    by which the days ahead became more.
    """
    told, today, lead = dt.date.fromisoformat(hook.marks["day"]), timezone.localdate(), dt.timedelta(days=hook.lead_days)
    reached = dt.date.fromisoformat(hook.marks["ahead"]) if "ahead" in hook.marks else told + lead
    if today <= told and today + lead <= reached:
        return
    open_ones = VerificationStatement.objects.filter(falls_due_still())
    yield Event.STATEMENT_EXPIRING, open_ones.filter(due_on__gt=reached, due_on__gte=today, due_on__lte=today + lead)
    yield Event.STATEMENT_EXPIRED, open_ones.filter(due_on__gte=told, due_on__lt=today)


def falls_due_still() -> Q:
    """Asked again when the message goes out: what was renewed meanwhile is silent."""
    return is_running() & ~is_followed_up()


def were_frozen(hook: Hook) -> Iterator[tuple[str, QuerySet[Any]]]:
    """Issues frozen since the hook was made; they are few, and told once by their key."""
    since = max(dt.datetime.fromisoformat(hook.marks["since"]), timezone.now() - dt.timedelta(days=FROZEN_DAYS))
    yield Event.DIGEST_FROZEN, Digest.objects.published().filter(frozen_at__gt=since)


def renews() -> Q:
    """One that it replaces; or an earlier one of the company, type and programme, of no named product or one of the same."""
    link = VerificationStatement.products.through.objects
    of_earlier = link.filter(verificationstatement=OuterRef("pk"))
    mine = link.filter(verificationstatement=OuterRef(OuterRef(OuterRef("pk"))))
    earlier = VerificationStatement.objects.filter(
        ~Exists(of_earlier) | Exists(of_earlier.filter(product__in=mine.values("product"))),
        company=OuterRef("company"),
        statement_type=OuterRef("statement_type"),
        dated_on__lt=OuterRef("dated_on"),
    )
    earlier = earlier.alias(list_of=programme_key("programme")).filter(list_of=programme_key(OuterRef("programme")))
    return Q(Exists(earlier)) | Q(replaces__gt=0)


class Filters:
    """What the filter of a hook lets through, asked with the rights of its owner. Raises FilterGoneError."""

    def __init__(self, hook: Hook) -> None:
        if not hook.may_still:
            raise FilterGoneError(_("Its owner may no longer have hooks: another manager may take it over by saving it."))
        self.page, self.query = hook.page, hook.query
        if saved := hook.saved_filter:
            if not type(saved).objects.visible_to(hook.owner).filter(pk=saved.pk).exists():
                raise FilterGoneError(_("Its saved filter was deleted or is no longer shared: choose another."))
            self.page, self.query = saved.page, saved.query
        self.rows = asked(self.page, self.query, hook.owner) if self.page else None

    def narrowed(self, found: QuerySet[Any]) -> QuerySet[Any]:
        """The filter of one list says nothing about the records of another."""
        if self.rows is None or found.model is not PAGES[self.page]:
            return found
        return found.filter(pk__in=self.rows.narrowed.values("pk"))

    def query_of(self, model: type[Model]) -> str:
        return self.query if self.page and model is PAGES[self.page] else ""


def asked(slug: str, query: str, user: Any) -> Rows:
    """Raises FilterGoneError where that list is not one that hooks know, or no longer understands the filter."""
    try:
        if slug not in PAGES:
            raise UnknownPageError(slug)
        return find(slug).rows(QueryDict(query), user)
    except (InvalidParametersError, UnknownPageError):
        raise NotUnderstoodError(_("Its filter is no longer understood by the list: choose another.")) from None


def messages(hook: Hook, event: str, found: QuerySet[Any], filters: Filters) -> list[Message]:
    """One for each, or one for all where they are many."""
    most = MOST_SINGLE[hook.is_chat]
    keys = list(found.order_by("pk").values_list("pk", flat=True)[: most + 1])
    if len(keys) <= most:
        names = {key: f"{event}:{key}{day_of(event, found, key)}" for key in keys}
        return [message(hook, event, found.model, keys=[key], count=1, key=name) for key, name in names.items()]
    count = found.count()
    newest = list(found.order_by("-pk").values_list("pk", flat=True)[:MOST_NAMED])
    name = f"{event}:{keys[0]}-{newest[0]}:{count}:{timezone.localdate()}"
    made = message(hook, event, found.model, keys=newest, count=count, key=name)
    made.payload["query"] = filters.query_of(found.model)
    return [made]


def day_of(event: str, found: QuerySet[Any], key: int) -> str:
    """A due date that is moved is another event."""
    if event not in (Event.STATEMENT_EXPIRING, Event.STATEMENT_EXPIRED):
        return ""
    return f":{found.values_list('due_on', flat=True).get(pk=key)}"


def message(hook: Hook, event: str, model: type[Model], *, keys: list[int], count: int, key: str) -> Message:
    payload = {"event": event, "model": model._meta.label, "keys": keys, "count": count, "at": timezone.now().isoformat()}
    return Message(
        channel=Channel.HOOK, recipient=hook.recipient, kind=event, key=key[:120], subject=subject(event, count), payload=payload
    )
