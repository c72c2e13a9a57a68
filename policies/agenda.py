"""The days of policies for calendars: until when one may comment, and apply for money; and what was called off. Called by list
pages and the due board.
"""

import datetime as dt
from typing import Any

from django.db.models import BooleanField, Case, Expression, F, Max, Model, OuterRef, Q, QuerySet, Subquery, Value, When
from django.urls import reverse
from django.utils.translation import gettext as _

from tanxun.listing.agenda import EPOCH, LIMIT, Event, first_day, in_order, kept_since, written
from tanxun.listing.columns import known_day
from tanxun.listing.page import Rows

from .models import Incentive, Policy, PolicyLink
from .standing import ended, without_money

COMMENT, APPLY = "comment", "incentive"


def policy_days(rows: Rows) -> list[Event]:
    """Of the policies that the list finds: the day to comment by, and the days to apply by of their incentives."""
    found = rows.filters.filter_queryset(Policy.with_deleted.all())
    keys = found.order_by().values("pk")
    return in_order([*comments(found), *applications(Incentive.objects.filter(policy__in=keys)), *withdrawn(policy_id__in=keys)])


def incentive_days(rows: Rows) -> list[Event]:
    """Of the incentives that the list finds: the day to apply by. One that is gone is found by the whole list alone."""
    found = applications(rows.filters.filter_queryset(Incentive.objects.all()))
    return in_order([*found, *(withdrawn() if rows.is_whole else [])])


def comments(found: QuerySet[Policy]) -> list[Event]:
    """The days to comment by; called off where the policy was deleted or has ended, or the day was taken away."""
    stands = flag(Q(deleted_at=None) & ~ended())
    rows = lately(found, "", Policy, "comment_by", stands)
    own, linked = written(Policy, [one.pk for one in rows]), last_link()
    made = []
    for one in rows:
        known = known_day(one.day, one.precisions.get("comment_by", ""))
        lines = (place(one), "" if known == one.day else _("Known only as %(day)s.") % {"day": known})
        title = _("Comment by: %(headline)s") % {"headline": one.headline}
        changed, address = max(one.updated_at, own.get(one.pk, EPOCH), linked), reverse("policies:policy", args=[one.pk])
        made.append(Event(COMMENT, one.pk, one.day, title, address, changed, lines, is_cancelled=not one.stands))
    return made


def applications(found: QuerySet[Incentive]) -> list[Event]:
    """The days to apply by; called off where nobody can apply any more, or the day was taken away."""
    stands = flag(Q(policy__deleted_at=None) & ~without_money())
    rows = lately(found, "policy__", Incentive, "apply_by", stands, "policy__region")
    own, of_policy = written(Incentive, [one.pk for one in rows]), written(Policy, [one.policy_id for one in rows])
    linked, made = last_link(), []
    for one in rows:
        changed = max(one.policy.updated_at, own.get(one.pk, EPOCH), of_policy.get(one.policy_id, EPOCH), linked)
        lines = (one.policy.headline, place(one.policy), one.evidence_needed)
        address = reverse("policies:incentive", args=[one.pk])
        made.append(Event(APPLY, one.pk, one.day, title_of(one), address, changed, lines, is_cancelled=not one.stands))
    return made


def withdrawn(**condition: Any) -> list[Event]:
    """Incentives that were taken out of their policy lately: their history alone knows them."""
    history: Any = Incentive.history.model
    gone = history.objects.filter(history_type="-", history_date__gte=kept_since(), apply_by__gte=first_day(), **condition)
    rows = list(gone.order_by("-history_date")[:LIMIT])
    own, linked, made = written(Incentive, [one.id for one in rows]), last_link(), []
    for one in rows:
        changed = max(own.get(one.id, EPOCH), linked)
        address = reverse("policies:policy", args=[one.policy_id])
        made.append(Event(APPLY, one.id, one.apply_by, title_of(one), address, changed, is_cancelled=True))
    return made


def lately(found: QuerySet, of: str, model: type[Model], name: str, stands: Expression, *related: str) -> list[Any]:
    """Rows with such a day, and those that had one until lately; as `day`, with whether it `stands`. `of` leads to the policy."""
    history: Any = model.history.model  # type: ignore[attr-defined]
    last = history.objects.filter(id=OuterRef("pk"), **{f"{name}__isnull": False}).order_by("-history_date", "-history_id")
    kept = found.filter(Q(**{f"{of}deleted_at": None}) | Q(**{f"{of}deleted_at__gte": kept_since()}))
    kept = kept.select_related(*(related or ("region",)))
    standing = kept.filter(**{f"{name}__gte": first_day()}).annotate(day=F(name), stands=stands)
    lost = kept.filter(**{name: None, f"{of}updated_at__gte": kept_since()})
    lost = lost.annotate(day=Subquery(last.values(name)[:1]), stands=Value(False, BooleanField())).filter(day__gte=first_day())
    return [row for rows in (standing, lost) for row in rows.order_by("day", "pk")[:LIMIT]]


def flag(condition: Q) -> Case:
    return Case(When(condition, then=Value(True)), default=Value(False), output_field=BooleanField())


def last_link() -> dt.datetime:
    """When a link between policies was last written: one that repeals or replaces another calls its days off."""
    history: Any = PolicyLink.history.model
    return history.objects.aggregate(last=Max("history_date"))["last"] or EPOCH


def title_of(incentive: Any) -> str:
    return _("Apply by: %(what)s") % {"what": incentive.who_qualifies or incentive.sentence[:60] or _("Incentive")}


def place(policy: Policy) -> str:
    where = policy.region.full_name if policy.region else policy.get_level_display()
    return f"{where} · {policy.park_name}" if policy.park_name else where


def applying_days(places: Q) -> list[Event]:
    """Of the policies of these places, all of them: what the due board shows beside statements."""
    found = Policy.with_deleted.filter(places)
    return [*comments(found), *applications(Incentive.objects.filter(policy__in=found.order_by().values("pk")))]
