"""What a reviewer may do with a draft: accept, skip, merge, and take it back. Each in one transaction, each only once.

Called by the review desk and by accept-all; the second of two reviewers gets `AlreadyReviewed`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from operator import itemgetter
from types import SimpleNamespace
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db import IntegrityError, models, transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from simple_history.models import HistoricalRecords

from certifications.conflicts import note
from certifications.forms import StatementEntryForm
from certifications.models import Conflict, VerificationStatement
from policies import links
from policies.models import Policy
from tanxun.records.models import FieldStatus
from tanxun.records.past import Part, Past

from .corrections import READ_AS, corrections
from .disagreement import disagreements, more_exact
from .duplicates import Accepted
from .entry import Entry, form_values, is_blank
from .models import Draft, NewsItem

RECORDS: dict[str, tuple[str, type[Accepted]]] = {
    Draft.Kind.STATEMENT: ("statement", VerificationStatement),
    Draft.Kind.POLICY: ("policy", Policy),
    Draft.Kind.REPORT: ("news_item", NewsItem),
    Draft.Kind.OTHER: ("news_item", NewsItem),
}
# What a careful reader wants to know of a record; missing, it is marked unknown.
IMPORTANT = {
    Draft.Kind.STATEMENT: ("announced_on", "certificate_number", "region", "standards"),
    Draft.Kind.POLICY: ("documents", "issued_on", "issuing_bodies"),
    Draft.Kind.REPORT: ("announced_on",),
    Draft.Kind.OTHER: ("announced_on",),
}
STATUS = {"stated": FieldStatus.EXTRACTED, "inferred": FieldStatus.INFERRED, "uncertain": FieldStatus.INFERRED}
# Fields of the form that are no field of the record.
NOT_OF_RECORD = {"short_name", "company", "section", "kind"}
RESULT_FIELDS = ("result_as_printed", "emissions_tco2e", "footprint_kgco2e", "declared_unit")


class AlreadyReviewed(Exception):
    """Somebody else was faster; `draft` is the row as it stands now."""

    def __init__(self, draft: Draft):
        self.draft = draft
        words = _("Already %(status)s by %(who)s at %(when)s.")
        when = timezone.localtime(draft.reviewed_at).strftime("%Y-%m-%d %H:%M") if draft.reviewed_at else "—"
        super().__init__(words % {"status": draft.get_status_display(), "who": draft.reviewed_by or "—", "when": when})


class WorkedOn(Exception):
    """People worked on the record that would go. `lines` say who did what; `mark`, sent along, says that they were read."""

    def __init__(self, lines: list[str]):
        self.lines = lines
        self.mark = hashlib.sha256("\n".join(lines).encode()).hexdigest()
        super().__init__(_("This record was worked on since it was accepted: look at what would go into the bin with it."))


def accept(draft: Draft, entry: Entry, user: AbstractUser) -> Accepted:
    """Make the record of a valid `entry`, with source, sureness per field and reviewer in its history.

    Raises AlreadyReviewed, or ValidationError by field where the record's own rules refuse it; then nothing was written.
    """
    attribute, model = RECORDS[entry.kind]
    with closing(draft, user, Draft.Status.ACCEPTED) as closed:
        record = model(**source_of(draft))  # a statement keeps the headline, the others have theirs from the form
        record.field_status = sureness(entry, draft)
        written(record, entry, in_site_language(gettext_noop("Accepted from the newsletter, item %(order)s"), draft))
        closed.update({attribute: record} | outcome(entry))
    return record


def merge(draft: Draft, entry: Entry, record: Accepted, user: AbstractUser, take: tuple[str, ...] = ()) -> Accepted:
    """Let `draft` be a further source of `record`: fills the record's empty fields, and those of `take` anew; a date that
    was known to its month or year becomes the day within it.

    Where the two say different things and none was taken, both stay, as a conflict that a person decides. What others wrote
    since `record` was read stays. Raises AlreadyReviewed or ValidationError as `accept` does, the latter also where the
    record was removed meanwhile.
    """
    attribute, _model = RECORDS[entry.kind]
    with closing(draft, user, Draft.Status.MERGED) as closed:
        record = locked(record)
        anew = {*take, *more_exact(entry, record)}
        names = [name for name in mergeable(entry) if name in anew or is_empty(record, name)]
        origin = source_of(draft)
        source = str(origin["source_note"])
        note(disagreements(entry, record, names, source))
        statuses = sureness(entry, draft)
        record.field_status = record.field_status | {name: statuses[name] for name in names if name in statuses}
        record.source_note = joined_note(record.source_note, source)
        record.source_url = record.source_url or str(origin["source_url"])
        reason = in_site_language(gettext_noop("Merged with the newsletter, item %(order)s"), draft)
        written(record, entry, reason, fields=names)
        if isinstance(record, Policy) and "links" not in names:  # what a person ticked is taken, beside what is there
            links.add(record, form_values(entry)["links"])
        closed.update({attribute: record} | outcome(entry))
    return record


def outcome(entry: Entry) -> dict[str, Any]:
    """What a draft keeps of its review, whether it made a record or was merged into one."""
    return {"kind": entry.kind, "corrections": corrections(entry), "is_seen": entry.is_seen}


def skip(draft: Draft, user: AbstractUser, reason: str = "") -> None:
    """Set a draft aside, with why. Raises AlreadyReviewed."""
    with closing(draft, user, Draft.Status.REJECTED) as closed:
        reason = "".join(filter(str.isprintable, reason))[:300]
        closed["corrections"] = {"reason": reason} if reason else {}


def undo(draft: Draft, user: AbstractUser, mark: str = "") -> None:
    """Reopen a reviewed draft. The record that it made is hidden, with its history; what a merge filled in stays, what it said
    otherwise and nobody decided goes.

    Raises ValidationError where other items were merged into that record since, or the draft is open already, and WorkedOn
    where people did more with the record than the one of that `mark` told.
    """
    with transaction.atomic(), acting_as(user):
        current = Draft.objects.select_for_update(of=("self",)).get(pk=draft.pk)
        if current.status not in (Draft.Status.ACCEPTED, Draft.Status.MERGED, Draft.Status.REJECTED):
            raise ValidationError(_("This item is not reviewed: there is nothing to take back."))
        record = current.record
        if current.status == Draft.Status.ACCEPTED and record is not None and record.deleted_at is None:
            record = locked(record)  # a merge at this moment is over, or waits and finds it gone
            if record.drafts.exclude(pk=current.pk).exists():
                raise ValidationError(_("Another item was merged into this record: take that back first."))
            work = WorkedOn(done_since(record))
            if work.lines and work.mark != mark:
                raise work
            record.remove(_("Taken back on the review desk"))
        elif isinstance(record, VerificationStatement | Policy):
            Conflict.objects.of(record).filter(resolved_at=None, other_source=source_of(current)["source_note"]).delete()
        Draft.objects.filter(pk=current.pk).update(
            status=Draft.Status.PENDING,
            statement=None,
            policy=None,
            news_item=None,
            reviewed_by=None,
            reviewed_at=None,
            kind=current.corrections.get("kind", [current.kind])[0],
            corrections={},
            is_seen=True,
        )


def done_since(record: Accepted) -> list[str]:
    """Who did what with `record` since it was made: changed it, linked others to it, attached files."""
    relations: list[Any] = [one for one in record._meta.related_objects if one.on_delete is models.CASCADE]
    changes = Past(type(record), record.pk, [Part(one.related_model, one.field.name) for one in relations]).changes()
    done = [
        (change.at, change.who, _(", ").join(dict.fromkeys(line.label for line in change.lines)))
        for change in changes
        if change.lines and change.kind != "created"
    ]
    if not isinstance(record, NewsItem):
        done += [(one.added_at, one.added_by, str(one)) for one in record.attachments.select_related("added_by")]
    words = _("%(who)s, %(when)s: %(what)s")
    return [
        words % {"who": who or _("somebody"), "when": f"{timezone.localtime(at):%Y-%m-%d %H:%M}", "what": what}
        for at, who, what in sorted(done, key=itemgetter(0))
    ]


@contextmanager
def closing(draft: Draft, user: AbstractUser, status: str) -> Iterator[dict[str, Any]]:
    """One transaction for what is done inside and the flip of the pending draft to `status`: all of it or nothing.

    Gives the columns that the flip writes; what is done inside adds the record and what else it knows.
    """
    closed: dict[str, Any] = {"status": status, "reviewed_by": user, "reviewed_at": timezone.now()}
    try:
        with transaction.atomic(), acting_as(user):
            current = Draft.objects.select_for_update(of=("self",)).get(pk=draft.pk)
            if not current.is_pending:
                raise AlreadyReviewed(current)
            yield closed
            if not Draft.objects.filter(pk=draft.pk, status=Draft.Status.PENDING).update(**closed):
                raise AlreadyReviewed(Draft.objects.get(pk=draft.pk))
    except IntegrityError:
        raise ValidationError(_("Another record with the same key was written at this moment: look at it again.")) from None
    draft.refresh_from_db()


def locked(record: Accepted) -> Accepted:
    """`record` as it stands now, closed to other writers until the transaction ends. Raises ValidationError where it is gone."""
    try:
        return type(record).objects.select_for_update(of=("self",)).get(pk=record.pk)
    except ObjectDoesNotExist:
        raise ValidationError(_("The record was removed meanwhile: look at this item again.")) from None


def written(record: Accepted, entry: Entry, reason: str, fields: list[str] | None = None) -> Accepted:
    """`record` with the values of `entry` (only of `fields`, if given), saved with the reason in its history."""
    record._change_reason = reason[:100]
    return entry.form.write(record, fields)  # type: ignore[arg-type]


def in_site_language(words: str, draft: Draft) -> str:
    """`words` about a draft for the database, whatever language the person at work has chosen."""
    with translation.override(settings.LANGUAGE_CODE):
        return _(words) % {"order": draft.order}


def source_of(draft: Draft) -> dict[str, object]:
    """Where a record from this draft comes from, in the site's language. A feed's entry has its own day and link."""
    issue = draft.newsletter
    item = in_site_language(gettext_noop("item %(order)s"), draft)
    with translation.override(settings.LANGUAGE_CODE):
        note = f"{str(issue)[: 190 - len(item)]} · {item}"
    return {
        "source_on": draft.source_on,
        "week_on": draft.source_on,
        "source_note": note,
        "source_url": draft.told.get("link", ""),
        "source_order": source_order(draft),
        "section": draft.section,
        "headline": draft.headline,
    }


def source_order(draft: Draft) -> str:
    """Newsletter, item and part as a text that sorts as they do; all but the last six letters are the item's."""
    return f"{draft.newsletter_id:010}.{draft.order:05}.{draft.part:05}"


def joined_note(known: str, further: str) -> str:
    """Both notes where they fit into the column; the drafts keep every source anyway."""
    both = f"{known}；{further}" if known else further
    return known if further in known or len(both) > 200 else both


def sureness(entry: Entry, draft: Draft) -> dict[str, str]:
    """How sure each field is: typed by the reviewer → confirmed, else as the text says it; important and missing → unknown.

    Nothing of a region that is not written, since the company has another.
    """
    changed, statuses = set(entry.form.changed_data), {}
    values = form_values(entry)
    for name, value in values.items():
        known_as = READ_AS.get(name, name)
        read = draft.fields.get(known_as)
        if name in changed and name not in NOT_OF_RECORD:
            statuses[known_as] = FieldStatus.CONFIRMED.value
        elif not is_blank(value) and read and name not in NOT_OF_RECORD:
            statuses.setdefault(known_as, STATUS[read["confidence"]].value)
    if "result" in statuses:
        statuses |= dict.fromkeys(RESULT_FIELDS, statuses.pop("result"))
    if isinstance(entry.form, StatementEntryForm) and entry.form.kept_region:
        statuses.pop("region", None)
    missing = (name for name in IMPORTANT[Draft.Kind(entry.kind)] if is_blank(values.get(name)) and name not in statuses)
    return statuses | dict.fromkeys(missing, FieldStatus.UNKNOWN.value)


def mergeable(entry: Entry) -> list[str]:
    """The fields of the record that a merge may fill."""
    return [
        name
        for name, value in form_values(entry).items()
        if name not in NOT_OF_RECORD | {"company_name", "region", "is_body_undisclosed"} and not is_blank(value)
    ]


def is_empty(record: Accepted, name: str) -> bool:
    """Whether `record` says nothing for a form field."""
    if name in ("result_value", "result_unit"):
        return not getattr(record, "result_as_printed", "")
    if name == "verification_body" and getattr(record, "is_body_undisclosed", False):
        return False  # a source that hides the body says something too: a person decides
    value = getattr(record, "issuers" if name == "issuing_bodies" else name)
    return not value.exists() if isinstance(value, models.Manager) else is_blank(value)


@contextmanager
def acting_as(user: AbstractUser) -> Iterator[None]:
    """Everything written inside stands in the history under `user`, in a command as in a request."""
    context = HistoricalRecords.context
    before = getattr(context, "request", None)
    context.request = SimpleNamespace(user=user)
    try:
        yield
    finally:
        if before is None:
            del context.request
        else:
            context.request = before
