"""The days by which somebody must comment on a policy or apply for its money, and the year whose targets fall due: for the due
board and the home board.
"""

import datetime as dt
from typing import NamedTuple

from django.db.models import CharField, Q, QuerySet, Value
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tanxun.listing.columns import known_day

from .models import Incentive, Policy, Target
from .pages import has
from .standing import ended, without_money

COMMENT, APPLY = "comment", "apply"
LABELS = {COMMENT: _("comment by"), APPLY: _("apply by")}


class Deadline(NamedTuple):
    """A day to come of a policy, and what it asks for."""

    day: dt.date
    policy_id: int
    headline: str
    level: str
    region_id: str | None
    kind: str
    precision: str

    @property
    def known(self) -> str:
        """The day as far as it is known: of 2026-03 the last day is `day`."""
        return str(known_day(self.day, self.precision))

    @property
    def label(self) -> str:
        return LABELS[self.kind]

    @property
    def url(self) -> str:
        return reverse("policies:policy", args=[self.policy_id])

    @property
    def days_left(self) -> int:
        return (self.day - timezone.localdate()).days


def with_deadline(places: Q | None = None) -> QuerySet[Policy]:
    """Policies with a deadline to come, as the list counts them for `has=deadline`."""
    return Policy.objects.filter(has("deadline"), places or Q())


def deadlines(days: int, limit: int, places: Q | None = None) -> list[Deadline]:
    """The deadlines of the next so many days, soonest first. `places` is a condition on policies."""
    today = timezone.localdate()
    ahead, kept = (today, today + dt.timedelta(days=days)), Policy.objects.filter(places or Q())
    comments = kept.filter(comment_by__range=ahead).exclude(ended()).order_by()
    offers = Incentive.objects.filter(apply_by__range=ahead, policy__in=kept.order_by().values("pk"))
    applications = offers.exclude(without_money()).order_by()
    own = ("pk", "headline", "level", "region_id")
    theirs = ("policy_id", *(f"policy__{name}" for name in own[1:]))
    precision = Coalesce(KeyTextTransform("comment_by", "precisions"), Value(""), output_field=CharField())
    rows = comments.values_list("comment_by", *own, said(COMMENT), precision).union(
        applications.values_list("apply_by", *theirs, said(APPLY), said(""))
    )
    return sorted(Deadline(*row) for row in rows)[:limit]


def ahead_of(policy: Policy) -> list[Deadline]:
    """The deadlines to come of a policy in hand with its incentives, soonest first: no query."""
    own = (policy.pk, policy.headline, policy.level, policy.region_id)
    days = [(policy.comment_by, COMMENT, policy.precisions.get("comment_by", ""))]
    days += {(one.apply_by, APPLY, "") for one in policy.incentives.all()}
    today = timezone.localdate()
    return sorted(Deadline(day, *own, kind, precision) for day, kind, precision in days if day and day >= today)


def is_open() -> Q:
    """Incentives that one can still apply for: while their policy holds, until their day where they have one."""
    return (Q(apply_by=None) | Q(apply_by__gte=timezone.localdate())) & ~without_money()


def target_year(days: int) -> int | None:
    """The year whose last day lies within the next so many days (fewer than a year): by then its targets are to be reached."""
    today = timezone.localdate()
    return today.year if last_day(today.year) <= today + dt.timedelta(days=days) else None


def last_day(year: int) -> dt.date:
    return dt.date(year, 12, 31)


def targets_of(year: int, places: Q) -> QuerySet[Target]:
    """The targets of that year, as the list counts them. `places` is a condition on policies."""
    return Target.objects.filter(year=year, policy__in=Policy.objects.filter(places).order_by().values("pk"))


def said(word: str) -> Value:
    return Value(word, output_field=CharField())
