"""The policies around one: what it carries out, and what carries out, changes or explains it. Shown on the page of a policy."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
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
    """The family of `policy`, two steps up and down; each policy stands once in each direction, so that no circle is endless."""
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
    return Family(_above(policy.pk, links, {policy.pk}), _below(policy.pk, links, {policy.pk}), is_cut)


def _links(upper: Iterable[int], lower: Iterable[int], seen: Iterable[int]) -> QuerySet[PolicyLink]:
    """Links from `upper` and links to `lower`, but those of deleted policies; in their order, then by date."""
    rows = PolicyLink.objects.filter(Q(policy__in=upper) | Q(other__in=lower), policy__deleted_at__isnull=True)
    rows = rows.exclude(pk__in=seen).select_related("policy__region", "other__region")
    return rows.order_by("position", "policy__dated_on", "pk")


def _above(key: int, links: list[PolicyLink], path: set[int]) -> tuple[Relative, ...]:
    return tuple(_relatives_above(key, links, path))


def _relatives_above(key: int, links: list[PolicyLink], path: set[int]) -> Iterator[Relative]:
    for link in links:
        if link.policy_id != key or link.other_id in path:
            continue
        kind = str(link.get_kind_display())
        other = link.other if link.other and link.other.deleted_at is None else None
        if other:
            path.add(other.pk)
            yield _relative(kind, other, link.sentence, _above(other.pk, links, path))
        elif link.title:
            yield Relative(kind, f"《{link.title}》", sentence=link.sentence)


def _below(key: int, links: list[PolicyLink], path: set[int]) -> tuple[Relative, ...]:
    return tuple(_relatives_below(key, links, path))


def _relatives_below(key: int, links: list[PolicyLink], path: set[int]) -> Iterator[Relative]:
    for link in links:
        if link.other_id == key and link.policy_id not in path:
            path.add(link.policy_id)
            below = _below(link.policy_id, links, path)
            yield _relative(str(BELOW[link.kind]), link.policy, link.sentence, below)


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
