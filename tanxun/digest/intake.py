"""The way in: a text becomes a newsletter and one draft for every record it may become; and accept-all.

Called by the inbox, `import_newsletter` and the samples of `start`.
"""

from __future__ import annotations

import datetime as dt
import unicodedata
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from . import reader, review, sources, vocabulary
from .drafting import drafts_of, item_text
from .entry import Entry, form_errors, open_draft
from .models import Draft, Newsletter, waiting_for_approval
from .reader.reading import Reading

SAME_ITEM = 0.6


@dataclass(frozen=True)
class Result:
    """`created` is False where the very text had come in before.

    `changed` counts the drafts of items that an edited reissue changed, `unchanged` the items that it repeats.
    """

    newsletter: Newsletter
    created: bool
    draft_count: int
    changed: int = 0
    unchanged: int = 0


@dataclass
class Outcome:
    """How many drafts accept-all accepted, how many of these it merged into known records, and what it left, with why."""

    accepted: int = 0
    merged: int = 0
    left: list[tuple[Draft, str]] = field(default_factory=list)

    @property
    def words(self) -> str:
        """What was accepted, for a person; what was left is `words_left`."""
        words = ngettext("%(count)s item accepted.", "%(count)s items accepted.", self.accepted) % {"count": self.accepted}
        if self.merged:
            words += " " + _("Of these, merged into known records: %(count)s.") % {"count": self.merged}
        return words

    @property
    def words_left(self) -> str:
        return _("%(count)s items are left for a person.") % {"count": len(self.left)} if self.left else ""


def bring_in(name: str, content: bytes | str, *, reference_date: dt.date | None, user: AbstractUser | None) -> Result:
    """Store a text and its drafts, all or nothing. The same text again adds nothing.

    `name` is the file's name ("" for pasted text); `reference_date` completes printed dates without a year. Raises
    sources.SourceError for a text that cannot be taken, and for one in which no item was found.
    """
    text = sources.text_of(name, content)
    reading = reader.read(text, reference_date, vocabulary.current())
    text_hash = Newsletter.hash_of(reading.text)
    if known := Newsletter.objects.filter(text_hash=text_hash).first():
        return Result(known, False, known.drafts.count())
    if not reading.items:
        raise sources.SourceError(nothing_found(reading))
    with transaction.atomic(), override(settings.LANGUAGE_CODE):  # what is stored speaks the site's language
        values = newsletter_values(name, text, reading, user)
        issue, created = Newsletter.objects.get_or_create(text_hash=text_hash, defaults=values)
        if not created:
            return Result(issue, False, issue.drafts.count())
        return add_drafts(issue, reading)


def nothing_found(reading: Reading) -> str:
    """What the text holds and what it lacks, for a person who expected items."""
    lines = sum(1 for line in reading.text.splitlines() if line.strip())
    title = _("a title") if reading.title else _("no title")
    words = _(
        "No item was found. The text has %(lines)s lines, %(title)s and %(toc)s lines of contents,"
        " but no heading with text under it."
    )
    return words % {"lines": lines, "title": title, "toc": len(reading.toc)}


def newsletter_values(name: str, text: str, reading: Reading, user: AbstractUser | None) -> dict[str, object]:
    """The columns of the newsletter that `text`, as it came, was read into."""
    return {
        "text": reading.text,
        "title": (reading.title.value if reading.title else "")[:300],
        "published_on": reading.published_on.value if reading.published_on else None,
        "reference_date": reading.reference_date,
        "file_name": name[:200],
        "created_by": user,
        "report": {
            "contents": [line.value for line in reading.toc],
            "contents_only": [line.value for line in reading.toc_only],
            "notes": [*reading.notes, *removed(text)],
            "items": [
                {"headline": item.headline.value, "hash": Newsletter.hash_of(item_text(reading, item))} for item in reading.items
            ],
        },
    }


def removed(text: str) -> list[str]:
    """A note where cleaning took out what no writer put in (control characters, half characters); [] else.

    Joiners, byte order marks and variation selectors are invisible by design: nobody misses them.
    """
    gone = [char for char in set(text) if not reader.clean(char) and unicodedata.category(char) not in ("Cf", "Mn")]
    count = sum(map(text.count, gone))
    words = ngettext(
        "%(count)s unreadable character was removed: compare with the original.",
        "%(count)s unreadable characters were removed: compare with the original.",
        count,
    )
    return [words % {"count": count}] if count else []


def add_drafts(issue: Newsletter, reading: Reading) -> Result:
    """Drafts for every item of a new newsletter; of an edited reissue only for what is new or changed."""
    earlier = earlier_edition(issue)
    known = {item["hash"] for item in earlier.report["items"]} if earlier else set()
    fresh = [item for item in reading.items if Newsletter.hash_of(item_text(reading, item)) not in known]
    drafts = [draft for item in fresh for draft in drafts_of(issue, reading, item)]
    changed = 0
    if earlier:
        issue.replaces = earlier
        own = {item["hash"] for item in issue.report["items"]}
        gone = [item for item in earlier.report["items"] if item["hash"] not in own]
        changed = link_changes(drafts, family(earlier), {item["hash"] for item in gone}, reading)
        before = {draft.changed_from.headline for draft in drafts if draft.changed_from}
        issue.report["gone"] = [item["headline"] for item in gone if item["headline"] not in before]
        issue.save()
    for draft in drafts:
        draft.save()
        note_questions(draft, open_draft(draft).as_sent())
    return Result(issue, True, len(drafts), changed, len(reading.items) - len(fresh))


def earlier_edition(issue: Newsletter) -> Newsletter | None:
    """The newsletter that `issue` is an edited reissue of: the same week or title, and most of its items word for word."""
    own = {item["hash"] for item in issue.report["items"]}
    monday = issue.reference_date - dt.timedelta(days=issue.reference_date.weekday())
    others = Newsletter.objects.filter(reference_date__range=(monday, monday + dt.timedelta(days=6)))
    if issue.title:
        others = others | Newsletter.objects.filter(title=issue.title)
    best: Newsletter | None = None
    shared = 0
    for other in others.exclude(pk=issue.pk).order_by("-pk"):
        equal = len(own & {item["hash"] for item in other.report.get("items", [])})
        if equal > shared and 2 * equal >= len(own):
            best, shared = other, equal
    return best


def family(issue: Newsletter) -> list[int]:
    """Keys of `issue` and of the editions before it: an unchanged item has its drafts where it first came in."""
    keys: list[int] = []
    current: Newsletter | None = issue
    while current is not None and current.pk not in keys:
        keys.append(current.pk)
        current = current.replaces
    return keys


def link_changes(drafts: list[Draft], issues: list[int], gone: set[str], reading: Reading) -> int:
    """Point each draft to the one of the earlier wording, part by part; pending earlier ones are superseded. Returns how many."""
    earlier = list(
        Draft.objects.filter(newsletter__in=issues, text_hash__in=gone)
        .select_related("newsletter")
        .order_by("-newsletter", "order")
    )
    changed = 0
    for order in dict.fromkeys(draft.order for draft in drafts):
        parts = [draft for draft in drafts if draft.order == order]
        before = likest(reading.text[parts[0].start : parts[0].end], parts[0].headline, earlier)
        if before is None:
            continue
        old_parts = {old.part: old for old in earlier if (old.newsletter_id, old.order) == (before.newsletter_id, before.order)}
        earlier = [old for old in earlier if old not in old_parts.values()]
        for draft in parts:
            draft.changed_from = old_parts.get(draft.part, before)
        changed += len(parts)
        pending = [old.pk for old in old_parts.values() if old.is_pending]
        Draft.objects.filter(pk__in=pending, status=Draft.Status.PENDING).update(status=Draft.Status.SUPERSEDED)
    return changed


def likest(text: str, headline: str, drafts: list[Draft]) -> Draft | None:
    """The draft whose item has the same headline, else the most similar wording; None where nothing is much alike."""
    for draft in drafts:
        if draft.headline == headline:
            return draft
    matcher = SequenceMatcher(None, b=text, autojunk=False)
    best, likeness = None, SAME_ITEM
    for draft in drafts:
        matcher.set_seq1(draft.text)
        # The cheap upper bounds first: an issue may have hundreds of items.
        if matcher.real_quick_ratio() > likeness and matcher.quick_ratio() > likeness and (ratio := matcher.ratio()) > likeness:
            best, likeness = draft, ratio
    return best


def note_questions(draft: Draft, entry: Entry) -> list[dict[str, Any]]:
    """Store what a person must decide about `draft` as things stand, in the site's language; returns it."""
    with override(settings.LANGUAGE_CODE):
        draft.questions = entry.questions()
    Draft.objects.filter(pk=draft.pk).update(questions=draft.questions)
    return draft.questions


def accept_all(newsletter: Newsletter, user: AbstractUser) -> Outcome:
    """Accept every pending draft without an open question; a certain duplicate is merged into the known record."""
    outcome = Outcome()
    for draft in pending(newsletter):
        accept_or_leave(open_draft(draft).as_sent(), user, outcome)
    return outcome


def pending(newsletter: Newsletter) -> list[Draft]:
    """What accept-all looks at, in the order of the text: not what somebody sent for approval already."""
    drafts = list(newsletter.drafts.filter(status=Draft.Status.PENDING).select_related("changed_from").order_by("order", "part"))
    waiting = waiting_for_approval(newsletter)
    drafts = [draft for draft in drafts if draft.pk not in waiting]
    for draft in drafts:
        draft.newsletter = newsletter  # one text in memory, not one for each draft
    return drafts


def accept_or_leave(entry: Entry, user: AbstractUser, outcome: Outcome) -> None:
    """Accept or merge one draft as it was read, unless it leaves a question; `outcome` has it then."""
    note_questions(entry.draft, entry)
    why = "；".join(asked["question"] for asked in entry.questions()) or accept_unseen(entry, user, outcome)
    if why:
        outcome.left.append((entry.draft, why))


def accept_unseen(entry: Entry, user: AbstractUser, outcome: Outcome) -> str:
    """Accept or merge one draft as it was read; returns why not, or ""."""
    if not entry.form.is_valid():
        return "；".join(f"{label}: {error}" for label, error in form_errors(entry.form))
    try:
        if entry.twins:
            review.merge(entry.draft, entry, entry.twins[0].record, user)
            outcome.merged += 1
        else:
            review.accept(entry.draft, entry, user)
    except ValidationError as error:
        return "；".join(error.messages)
    except review.AlreadyReviewed as error:
        return str(error)
    outcome.accepted += 1
    return ""
