"""Making an issue of the weekly: saving the editor's choices, freezing. Asked by its pages and `publish_digest`."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from django.contrib.auth.models import AbstractUser
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from certifications.models import VerificationStatement

from .digests import Digest
from .issue import Choices, Issue, Week
from .models import Draft, Newsletter
from .publisher import compose

TITLE_LENGTH, LEAD_LENGTH, HEADLINE_LENGTH, NOTE_LENGTH = 200, 500, 300, 1000


class ChangedMeanwhile(Exception):
    """Somebody saved or froze this issue, or a record of it changed, since it was looked at. `digest` is what stands now."""

    def __init__(self, digest: Digest) -> None:
        super().__init__(digest)
        self.digest = digest


@dataclass(frozen=True)
class Wishes:
    """What an editor wants of an issue; an empty title, headline line or headline is the issue's or the record's own."""

    title: str = ""
    lead: str = ""
    has_sheets: bool = True
    choices: Choices = field(default_factory=Choices)

    def problems(self) -> dict[str, str]:
        """What is too long, by `title`, `lead`, `headline-<key>`, `note-<key>`."""
        texts = {"title": (self.title, TITLE_LENGTH), "lead": (self.lead, LEAD_LENGTH)}
        texts |= {f"headline-{key}": (text, HEADLINE_LENGTH) for key, text in self.choices.headlines.items()}
        texts |= {f"note-{key}": (text, NOTE_LENGTH) for key, text in self.choices.notes.items()}
        words = _("At most %(count)s characters.")
        return {name: words % {"count": most} for name, (text, most) in texts.items() if len(text) > most}


def draft_of(week: Week) -> Digest:
    """The issue of that week as it is stored, else a new one that is not."""
    return Digest.objects.select_related("frozen_by").filter(week=week.code).first() or Digest(week=week.code)


def issue_of(digest: Digest) -> Issue:
    """What readers get: the frozen issue, else one made of the records as they are now."""
    return digest.frozen_issue if digest.is_frozen else composed(digest)


def composed(digest: Digest) -> Issue:
    """The issue that the records make today, by the choices of `digest`."""
    choices = digest.chosen
    if not digest.has_sheets:
        choices = replace(choices, left_out=choices.left_out | not_from_newsletters(digest.iso_week))
    issue = compose(digest.iso_week, choices, published_on=digest.published_on)
    return replace(issue, title=digest.title or issue.title, lead=digest.lead or issue.lead)


def to_be_frozen(digest: Digest) -> Issue:
    """The issue that freezing this draft today would publish."""
    digest.published_on = timezone.localdate()
    return composed(digest)


def not_from_newsletters(week: Week) -> frozenset[str]:
    """Keys of the week's statements that came by sheet or by hand: they have no place in a newsletter."""
    found = VerificationStatement.objects.filter(week_on__range=(week.monday, week.sunday), source_order="")
    return frozenset(f"statement-{key}" for key in found.order_by().values_list("pk", flat=True))


def pending(week: Week) -> tuple[int, Newsletter | None]:
    """How many drafts of the week nobody has reviewed yet, and the first newsletter with any."""
    drafts = Draft.objects.filter(status=Draft.Status.PENDING, newsletter__reference_date__range=(week.monday, week.sunday))
    first = Newsletter.objects.filter(drafts__in=drafts).order_by("reference_date", "pk").first()
    return drafts.count(), first


def save(week: Week, version: int, wishes: Wishes) -> Digest:
    """Write what an editor wants who saw `version` (0: nothing stored). What changes nothing writes nothing.

    Raises ChangedMeanwhile where another version stands, and ValidationError for what is too long.
    """
    if problems := wishes.problems():
        raise ValidationError(problems)
    with held(week, version) as digest:
        values = {
            "title": wishes.title,
            "lead": wishes.lead,
            "has_sheets": wishes.has_sheets,
            "choices": as_json(wishes.choices),
        }
        if digest.version and all(getattr(digest, name) == value for name, value in values.items()):
            return digest
        for name, value in values.items():
            setattr(digest, name, value)
        digest.version += 1
        digest.save()
    return digest


def as_json(choices: Choices) -> dict[str, Any]:
    """Plain values for the JSON column; what is empty is left out."""
    kept = {
        "order": list(choices.order),
        "left_out": sorted(choices.left_out),
        "headlines": dict(choices.headlines),
        "notes": dict(choices.notes),
    }
    return {name: value for name, value in kept.items() if value}


def seal(issue: Issue) -> str:
    """What tells this issue from any other: sent along with the question whether to freeze it."""
    return hashlib.sha256(json.dumps(issue.as_json(), sort_keys=True).encode()).hexdigest()


def freeze(week: Week, user: AbstractUser, *, version: int | None = None, seen: str = "") -> Digest:
    """Make the issue of a week what it is for good.

    With `version` and `seen` (`seal`) it must be what was looked at, else ChangedMeanwhile. Raises ValidationError where there
    is nothing in it, or where it is frozen already.
    """
    with held(week, version) as digest:
        now = timezone.now()  # what is written while the issue is made counts as later
        issue = to_be_frozen(digest)
        if seen and seal(issue) != seen:
            raise ChangedMeanwhile(digest)
        if not issue.entries:
            raise ValidationError(_("There is nothing in this issue."))
        digest.title, digest.lead = issue.title[:TITLE_LENGTH], issue.lead[:LEAD_LENGTH]
        digest.frozen, digest.entry_count = issue.as_json(), len(issue.entries)
        digest.frozen_at, digest.frozen_by_id, digest.published_on = now, user.pk, issue.published_on
        digest.version += 1
        digest.save()
    return digest


@contextmanager
def held(week: Week, version: int | None) -> Iterator[Digest]:
    """The one draft of a week, locked, in a transaction of its own.

    Raises ChangedMeanwhile where it is not of that version (None: whatever it is) or is frozen.
    """
    try:
        with transaction.atomic():
            digest = Digest.objects.select_for_update().filter(week=week.code).first() or Digest(week=week.code)
            if digest.is_frozen or version not in (None, digest.version):
                raise ChangedMeanwhile(digest)
            yield digest
    except IntegrityError:  # both began the draft of this week
        raise ChangedMeanwhile(draft_of(week)) from None


def placed(keys: Sequence[str], moved: Sequence[str]) -> tuple[str, ...]:
    """`keys` with those of `moved` in its order, in the places that they have together: the others stand where they stood."""
    known = set(keys)
    wanted = [key for key in dict.fromkeys(moved) if key in known]
    places, ours = iter(wanted), set(wanted)
    return tuple(next(places) if key in ours else key for key in keys)
