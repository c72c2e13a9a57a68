"""The policies around one: what it carries out, and what carries out, changes or explains it. Shown on the page of a policy."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from tanxun.listing.columns import known_day

from .models import Policy, PolicyLink

Kind = PolicyLink.Kind
# The same link read from its other end.
BELOW: dict[str, str | Promise] = {
    Kind.IMPLEMENTS: _("implemented by"),
    Kind.AMENDS: _("amended by"),
    Kind.REPLACES: pgettext_lazy("policy", "replaced by"),
    Kind.REPEALS: _("repealed by"),
    Kind.INTERPRETS: _("interpreted by"),
    Kind.LOCAL_VERSION_OF: _("local version"),
}
STEPS = 2  # how far it goes either way: so many queries
MOST = 200  # links in one step


@dataclass(frozen=True)
class Relative:
    """One policy (or document that is none of ours) around another; `kind` are the words for what is between the two.

    `url` is "" for a document that is known by its title only. `further` are those behind it, away from the policy shown.
    """

    kind: str
    title: str
    url: str = ""
    dated: str = ""
    place: str = ""
    sentence: str = ""
    further: tuple[Relative, ...] = ()


@dataclass(frozen=True)
class Family:
    """What stands above a policy (what it does to others), and what stands below it (what others do to it).

    `is_cut`: there are more than are shown.
    """

    above: tuple[Relative, ...] = ()
    below: tuple[Relative, ...] = ()
    is_cut: bool = False

    def __bool__(self) -> bool:
        return bool(self.above or self.below)


def family(policy: Policy) -> Family:
    """The family of `policy`, two steps up and down: each of its own links, and behind it what is not on the way there."""
    links: list[PolicyLink] = []
    seen: set[int] = set()
    upper, lower, is_cut = {policy.pk}, {policy.pk}, False
    for _step in range(STEPS):
        found = list(_links(upper, lower, seen)[: MOST + 1])
        is_cut, found = is_cut or len(found) > MOST, found[:MOST]
        if not found:
            break
        seen |= {link.pk for link in found}
        links += found
        upper, lower = (
            {link.other_id for link in found if link.policy_id in upper and link.other_id},
            {link.policy_id for link in found if link.other_id in lower},
        )
    return Family(_relatives(policy.pk, links, is_above=True), _relatives(policy.pk, links, is_above=False), is_cut)


def _links(upper: Iterable[int], lower: Iterable[int], seen: Iterable[int]) -> QuerySet[PolicyLink]:
    """Links from `upper` and links to `lower`, but those of deleted policies; in their order, then by date."""
    rows = PolicyLink.objects.filter(Q(policy__in=upper) | Q(other__in=lower), policy__deleted_at__isnull=True)
    rows = rows.exclude(pk__in=seen).select_related("policy__region", "other__region")
    return rows.order_by("position", "policy__dated_on", "pk")


def _relatives(key: int, links: list[PolicyLink], way: frozenset[int] = frozenset(), *, is_above: bool) -> tuple[Relative, ...]:
    """What the links of `key` lead to in one direction, without the policies on the `way` to it, so that no circle is endless.

    Where two links lead to one policy, what lies behind it is told once.
    """
    way |= {key}
    made: list[Relative] = []
    told: set[int] = set()
    for link in links if len(way) <= STEPS else ():
        here, there = (link.policy_id, link.other_id) if is_above else (link.other_id, link.policy_id)
        if here != key or there in way:
            continue
        kind, other = (link.get_kind_display(), link.other) if is_above else (BELOW[link.kind], link.policy)
        if other and other.deleted_at is None:
            further = () if other.pk in told else _relatives(other.pk, links, way, is_above=is_above)
            told.add(other.pk)
            made.append(_relative(str(kind), other, link.sentence, further))
        elif link.title:
            made.append(Relative(str(kind), f"《{link.title}》", sentence=link.sentence))
    return tuple(made)


def _relative(kind: str, policy: Policy, sentence: str, further: tuple[Relative, ...]) -> Relative:
    return Relative(
        kind,
        policy.headline,
        policy.get_absolute_url(),
        str(known_day(policy.dated_on, policy.dated_precision)),
        policy.region.full_name if policy.region else "",
        sentence,
        further,
    )
