"""How often the reader was right, by what reviewers accepted. Asked by `reader_report` and the page with the same figures.

Only drafts count that a person looked at: of those that accept-all took, nobody can say whether they are right.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .corrections import fields_asked, parts, same_parts
from .desk import CONFIDENCE
from .models import Draft
from .wording import shown

GROUPS = {
    Draft.Kind.POLICY: "policy",
    Draft.Kind.STATEMENT: "statement",
    Draft.Kind.REPORT: "news",
    Draft.Kind.OTHER: "news",
}
TITLES = {"": _("Items"), "policy": _("Policies"), "statement": _("Statements"), "news": _("Market news")}
WORDS = 40
DONE = (Draft.Status.ACCEPTED, Draft.Status.MERGED)


@dataclass
class Tally:
    """Values of one field: how many were `read`, how many `accepted`, how many of the read ones were accepted (`right`).

    Each value of a list counts by itself. A value that a reviewer replaced is one wrong and one missed, as in the scoring of
    the gold data. `classes` is {confidence: [read, right]}.
    """

    read: int = 0
    accepted: int = 0
    right: int = 0
    classes: dict[str, list[int]] = field(default_factory=lambda: {name: [0, 0] for name in CONFIDENCE})

    @property
    def wrong(self) -> int:
        return self.read - self.right

    @property
    def missed(self) -> int:
        return self.accepted - self.right

    @property
    def precision(self) -> float | None:
        """Right of read, from 0 to 1; None where nothing was read."""
        return self.right / self.read if self.read else None

    @property
    def recall(self) -> float | None:
        """Right of accepted, from 0 to 1; None where nothing was accepted."""
        return self.right / self.accepted if self.accepted else None

    @property
    def f1(self) -> float | None:
        """The harmonic mean of both; None for a field that is empty on both sides."""
        both = self.read + self.accepted
        return 2 * self.right / both if both else None

    @property
    def by_confidence(self) -> list[tuple[str, int, int]]:
        """(the class in words, read, right) for each class."""
        return [(str(CONFIDENCE[name]), read, right) for name, (read, right) in self.classes.items()]

    def __add__(self, other: Tally) -> Tally:
        classes = {name: [a + b for a, b in zip(self.classes[name], other.classes[name], strict=True)] for name in CONFIDENCE}
        return Tally(self.read + other.read, self.accepted + other.accepted, self.right + other.right, classes)


@dataclass(frozen=True)
class Change:
    """One value that a reviewer put right: None for `read` where it was missed, for `accepted` where it was taken out."""

    group: str
    field: str
    read: Any
    accepted: Any
    draft: Draft


@dataclass
class Accuracy:
    """`tallies` are by (group, field): policy, statement, news, and "" for the kind of an item. Drafts: `reviewed` by a person,
    `unseen` taken by accept-all, `skipped` with why.
    """

    tallies: dict[tuple[str, str], Tally] = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)
    reviewed: int = 0
    unseen: int = 0
    skipped: list[Draft] = field(default_factory=list)

    @property
    def total(self) -> Tally:
        return sum(self.tallies.values(), Tally())

    def groups(self) -> Iterator[tuple[str, list[tuple[str, Tally]]]]:
        """(group, its fields with their tallies, the least right first) of every group that has any."""
        for group in TITLES:
            rows = [(name, tally) for (of, name), tally in self.tallies.items() if of == group and tally.f1 is not None]
            if rows:
                yield group, sorted(rows, key=lambda row: (row[1].f1 or 0, row[0]))

    def frequent(self, most: int) -> list[list[Change]]:
        """The corrections made most often, alike ones together, the latest of equally frequent ones first."""
        alike: dict[str, list[Change]] = {}
        for change in self.changes:
            alike.setdefault(repr((change.group, change.field, change.read, change.accepted)), []).append(change)
        return sorted(alike.values(), key=len, reverse=True)[:most]


def reviewed_drafts(since: dt.date | None = None) -> QuerySet[Draft]:
    """Drafts that were accepted, merged or skipped, from the day `since` on (local time), the latest review first."""
    drafts = Draft.objects.filter(status__in=(*DONE, Draft.Status.REJECTED), reviewed_at__isnull=False)
    if since:
        drafts = drafts.filter(reviewed_at__gte=timezone.make_aware(dt.datetime.combine(since, dt.time())))
    return drafts.select_related("newsletter").order_by("-reviewed_at", "-pk")


def measured(since: dt.date | None = None, only: str = "") -> Accuracy:
    """The figures over the drafts reviewed since a day, of all fields or `only` of one. One query, no text is loaded."""
    found = Accuracy()
    drafts = reviewed_drafts(since).defer("questions", "newsletter__text", "newsletter__report")
    for draft in drafts.iterator(chunk_size=500):
        if draft.status == Draft.Status.REJECTED:
            found.skipped.append(draft)
        elif not draft.is_seen:
            found.unseen += 1
        else:
            found.reviewed += 1
            for group, name in fields_of(draft):
                if only in ("", name):
                    count(found, draft, group, name)
    return found


def fields_of(draft: Draft) -> Iterator[tuple[str, str]]:
    """(group, field) of what the reviewer of a draft saw: a field of another kind than the accepted one keeps its own group."""
    yield "", "kind"
    own, asked = GROUPS[Draft.Kind(draft.kind)], fields_asked(draft.kind)
    read_as = GROUPS[Draft.Kind(draft.corrections.get("kind", [draft.kind])[0])]
    for name in {**draft.fields, **draft.corrections}:
        if name in asked:
            yield own, name
        elif name in draft.corrections and name != "kind":
            yield read_as, name


def count(found: Accuracy, draft: Draft, group: str, name: str) -> None:
    """Add one field of one draft."""
    kept: dict[str, Any] = draft.fields.get(name, {"value": draft.kind} if name == "kind" else {})
    before, after = draft.corrections.get(name, [kept.get("value")] * 2)
    read, accepted = parts(before), parts(after)
    right = same_parts(read, accepted)
    tally = found.tallies.setdefault((group, name), Tally())
    tally.read += len(read)
    tally.accepted += len(accepted)
    tally.right += sum(right)
    for place, is_right in enumerate(right):
        if confidence := confidence_of(kept, place):
            tally.classes[confidence][0] += 1
            tally.classes[confidence][1] += is_right
    wrong = [value for value, is_right in zip(read, right, strict=True) if not is_right]
    missed = [value for value, is_known in zip(accepted, same_parts(accepted, read), strict=True) if not is_known]
    if not isinstance(before or after, list) and wrong and missed:
        found.changes.append(Change(group, name, wrong[0], missed[0], draft))
        return
    found.changes += [Change(group, name, value, None, draft) for value in wrong]
    found.changes += [Change(group, name, None, value, draft) for value in missed]


def confidence_of(kept: dict[str, Any], place: int) -> str:
    """How sure the reader was of the value at `place` of a field; "" where that was not kept (the kind of an item)."""
    each = kept.get("each", [])
    return str(each[place] if place < len(each) else kept.get("confidence", ""))


def in_words(value: Any, names: Mapping[str, str]) -> str:
    """One value of a change, shortened, — for none; `names` are those of types and topics by slug."""
    if value is None:
        return "—"
    if isinstance(value, dict):
        words = f"{value['name']} {value['code']}" if "code" in value else shown(value) or " ".join(map(str, value.values()))
    else:
        words = names.get(str(value)) or shown(value)
    return words if len(words) <= WORDS else f"{words[:WORDS]}…"
