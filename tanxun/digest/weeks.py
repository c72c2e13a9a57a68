"""The weeks that have accepted records or an issue, with how much there is: the editor's way to an issue."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count

from certifications.models import VerificationStatement
from policies.models import Policy

from .digests import Digest
from .issue import Week
from .models import Draft, NewsItem

SOURCES: dict[str, Any] = {"policies": Policy, "statements": VerificationStatement, "news": NewsItem}


@dataclass
class WeekRow:
    """One week: records by kind, drafts that nobody has reviewed, and its issue where one was begun."""

    week: Week
    counts: Counter[str] = field(default_factory=Counter)
    digest: Digest | None = None


def weeks() -> list[WeekRow]:
    """The latest first. One query for each kind of record, however many there are: they are counted by days."""
    found: dict[Week, WeekRow] = {}

    def row(week: Week) -> WeekRow:
        return found.setdefault(week, WeekRow(week))

    for name, model in SOURCES.items():
        for day, count in model.objects.order_by().values_list("week_on").annotate(n=Count("pk")):
            row(Week.of(day)).counts[name] += count
    waiting = Draft.objects.filter(status=Draft.Status.PENDING).order_by().values_list("newsletter__reference_date")
    for day, count in waiting.annotate(n=Count("pk")):
        row(Week.of(day)).counts["waiting"] += count
    for digest in Digest.objects.defer("frozen", "choices"):
        row(digest.iso_week).digest = digest
    return sorted(found.values(), key=lambda each: each.week, reverse=True)
