"""What the review desk shows: the source with the words lit, the fields with doubts first, likely duplicates side by side."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db import models
from django.forms import BoundField
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from certifications.conflicts import open_conflicts
from certifications.models import Conflict, VerificationBody, VerificationStatement
from policies.forms import ROWS
from policies.models import Policy
from tanxun.listing.columns import known_day
from tanxun.records.proposals import Proposal

from .corrections import READ_AS
from .duplicates import Accepted, Twin
from .entry import Entry, form_values, is_blank
from .models import Draft, Newsletter, waiting_for_approval
from .passages import Piece, Sentence, difference, sentences, spans_of
from .resolve import Candidate
from .review import mergeable
from .wording import TABLE_COLUMNS, shown, trimmed, worded

CONFIDENCE = {
    "stated": gettext_lazy("said by the text"),
    "inferred": gettext_lazy("inferred"),
    "uncertain": gettext_lazy("uncertain"),
}
REVIEWED = (Draft.Status.ACCEPTED, Draft.Status.MERGED, Draft.Status.REJECTED)


@dataclass(frozen=True)
class Block:
    """A run of the newsletter: an item with the drafts made from it, or the text between items (no drafts)."""

    sentences: tuple[Sentence, ...]
    drafts: tuple[Draft, ...] = ()
    is_focused: bool = False


@dataclass(frozen=True)
class FieldView:
    """A field of the entry form. `read_as` names the words that say it; `confidence` is "" where nothing was read."""

    bound: BoundField
    read_as: str
    confidence: str = ""
    word: str = ""
    reason: str = ""
    candidates: tuple[Candidate, ...] = ()
    is_doubtful: bool = False


@dataclass(frozen=True)
class Compared:
    """One field of a likely duplicate: what this item says, what is recorded."""

    name: str
    label: str
    mine: str
    theirs: str


@dataclass
class Desk:
    """One newsletter on the desk, with the draft in focus (None where it has none)."""

    issue: Newsletter
    drafts: list[Draft]
    focus: Draft | None
    entry: Entry | None = None
    doubtful: list[FieldView] = field(default_factory=list)
    plain: list[FieldView] = field(default_factory=list)
    more: list[FieldView] = field(default_factory=list)
    waiting: dict[int, Proposal] = field(default_factory=dict)

    @property
    def approval(self) -> Proposal | None:
        """What was sent for approval about the draft in focus, and nobody has decided."""
        return self.waiting.get(self.focus.pk) if self.focus else None

    @property
    def has_errors_below(self) -> bool:
        """Whether a folded field was refused: then the fold stands open."""
        return any(view.bound.errors for view in self.more)

    @property
    def counted(self) -> list[Draft]:
        """The drafts that count for the progress: not those that an edited reissue replaced."""
        return [draft for draft in self.drafts if draft.status != Draft.Status.SUPERSEDED]

    @property
    def reviewed(self) -> int:
        return sum(draft.status in REVIEWED for draft in self.drafts)

    @property
    def unseen(self) -> int:
        """How many pending drafts have no open question."""
        return sum(draft.is_pending and not draft.questions and draft.pk not in self.waiting for draft in self.drafts)

    @property
    def is_editable(self) -> bool:
        """Whether the form is shown: for a pending draft, and for what was typed while another reviewer was faster."""
        return bool(self.focus and self.entry and (self.focus.is_pending or self.entry.form.is_bound))

    def beside(self, step: int) -> Draft | None:
        """The draft before (-1) or after (1) the focused one."""
        at = self.drafts.index(self.focus) + step if self.focus else -1
        return self.drafts[at] if 0 <= at < len(self.drafts) else None

    @property
    def previous(self) -> Draft | None:
        return self.beside(-1)

    @property
    def following(self) -> Draft | None:
        return self.beside(1)

    @property
    def blocks(self) -> list[Block]:
        """The whole text in order; only the focused draft's words are cut free."""
        found: list[Block] = []
        at = 0
        for start, end in sorted({(draft.start, draft.end) for draft in self.drafts}):
            if start < at:
                continue
            found.append(Block(shortened(sentences(self.issue.text, at, start, ()))))
            drafts = tuple(draft for draft in self.drafts if draft.start == start)
            focused = self.focus in drafts
            spans = spans_of(self.focus.fields) if focused and self.focus else []
            found.append(Block(shortened(sentences(self.issue.text, start, end, spans)), drafts, focused))
            at = end
        found.append(Block(shortened(sentences(self.issue.text, at, len(self.issue.text), ()))))
        return [block for block in found if any(piece.text for each in block.sentences for piece in each.pieces)]

    @property
    def changes(self) -> list[tuple[str, str]]:
        """How the focused item differs from its earlier wording: [] where it is new."""
        before = self.focus.changed_from if self.focus else None
        return difference(before.text, self.focus.text) if before and self.focus else []

    @property
    def twins(self) -> list[tuple[Twin, list[Compared]]]:
        if not self.entry:
            return []
        entry = self.entry if self.entry.form.is_bound else self.entry.as_sent()
        return [(twin, compared(entry, twin.record)) for twin in entry.twins]

    @property
    def conflicts(self) -> list[Conflict]:
        """What waits for a decision on the record that the focused item was merged into."""
        return open_conflicts(self.focus.record) if self.focus else []

    @property
    def body_names(self) -> models.QuerySet[VerificationBody, str]:
        return VerificationBody.objects.values_list("name", flat=True)


def open_desk(issue: Newsletter, wanted: str = "", entry: Entry | None = None, kind: str = "") -> Desk:
    """The desk with the draft whose key is `wanted` in focus, else the first pending one, else the first."""
    drafts = list(issue.drafts.select_related("changed_from__newsletter", "reviewed_by").order_by("order", "part"))
    for draft in drafts:
        draft.newsletter = issue  # one text in memory, not one for each draft
    chosen = next((draft for draft in drafts if str(draft.pk) == wanted), None)
    focus = chosen or next((draft for draft in drafts if draft.is_pending), None) or next(iter(drafts), None)
    if focus is None:
        return Desk(issue, drafts, None)
    desk = Desk(issue, drafts, focus, entry or Entry(focus, kind or focus.kind), waiting=waiting_for_approval(issue))
    if desk.is_editable and desk.entry:
        arrange(desk, desk.entry)
    return desk


def arrange(desk: Desk, entry: Entry) -> None:
    """Put every field of the form where it belongs: doubts first, then what the text says, then what is seldom filled."""
    for bound in entry.form:
        if bound.name == "company" and not entry.choices["company"].candidates:
            continue
        view = field_view(entry, bound)
        is_spare = bound.name in entry.form.more_fields and not view.confidence and not bound.errors
        (desk.doubtful if view.is_doubtful else desk.more if is_spare else desk.plain).append(view)


def field_view(entry: Entry, bound: BoundField) -> FieldView:
    read_as = READ_AS.get(bound.name, bound.name)
    read = entry.draft.fields.get(read_as, {})
    confidence = read.get("confidence", "")
    choice = entry.choices.get(read_as)
    candidates = choice.candidates if choice and bound.name != "company" else ()
    if choice and bound.name == "company_name":
        candidates = ()  # they are the radio buttons above it
    reasons = [read.get("reason", "")]
    if len(candidates) == 1:  # nothing to choose: why it is this one is enough
        reasons.append(f"{candidates[0].label}: {candidates[0].reason}" if candidates[0].reason not in reasons else "")
        candidates = ()
    is_open = bool(choice and choice.is_open)
    missing = bound.field.required and is_blank(bound.value())
    doubtful = bool(bound.errors) or is_open or missing or confidence in ("inferred", "uncertain")
    word = str(CONFIDENCE[confidence]) if confidence else _("not found in the text") if missing else ""
    return FieldView(bound, read_as, confidence, word, " · ".join(filter(None, reasons)), candidates, doubtful)


def shortened(found: list[Sentence]) -> tuple[Sentence, ...]:
    """Sentences as the desk prints them: one line end where the text has several, none at either end."""
    kept = [[Piece(re.sub(r"\s*\n\s*", "\n", piece.text), piece.fields) for piece in each.pieces] for each in found]
    runs = [(row, at) for row, pieces in enumerate(kept) for at in range(len(pieces))]
    for order, strip in ((runs, str.lstrip), (runs[::-1], str.rstrip)):
        for row, at in order:
            kept[row][at] = Piece(strip(kept[row][at].text), kept[row][at].fields)
            if kept[row][at].text:
                break
    return tuple(Sentence(tuple(pieces)) for pieces in kept)


def compared(entry: Entry, record: Accepted) -> list[Compared]:
    """The fields in which this item and a record differ, in the order of the form."""
    values, found = form_values(entry), []
    precisions: dict[str, str] = getattr(entry.form, "precisions", {})
    for name in mergeable(entry):
        day = known_day(values[name], precisions[name]) if name in precisions else values[name]
        mine, theirs = shown(day), recorded(record, name)
        if mine != theirs:
            mine, theirs = (worded(entry.form.fields.get(name), value) for value in (mine, theirs))
            label = entry.form.fields[name].label if name in entry.form.fields else ROWS[name].title
            found.append(Compared(name, str(label), mine, theirs))
    return found


def recorded(record: Accepted, name: str) -> str:
    """What a record holds for a field of the form, in the same words as `shown`."""
    if name in ("result_value", "result_unit") and isinstance(record, VerificationStatement):
        figure, _space, unit = record.result_as_printed.partition(" ")
        return trimmed(figure) if name == "result_value" else unit
    value = getattr(record, "issuers" if name == "issuing_bodies" else name)
    if isinstance(record, Policy) and name in record.days:
        return shown(known_day(value, record.precisions.get(name)))
    if isinstance(value, models.Manager):
        rows: Iterable[Any] = value.all()
        if name in TABLE_COLUMNS:
            return shown([{column: getattr(row, column) for column in TABLE_COLUMNS[name]} for row in rows])
        return "；".join(row.text if name == "key_points" else str(row) for row in rows)
    return shown(value)


def address(draft: Draft) -> str:
    """Where a draft stands on the desk."""
    return f"{reverse('digest:review', args=[draft.newsletter_id])}?draft={draft.pk}"
