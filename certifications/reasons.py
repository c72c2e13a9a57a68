"""Why a policy concerns a company or a statement, or does not although it is near: in words, for the panels.

It words what `matching` decided and decides nothing: the rows carry what they were matched by.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import F, OuterRef, QuerySet, Value
from django.db.models.functions import Concat
from django.utils.translation import gettext as _

from policies.models import Level, Policy
from tanxun.listing.columns import InOrder, in_language
from tanxun.listing.trees import line_of
from tanxun.regions.names import load

from .matching import Bearer


def explained(rows: QuerySet, policy: str = "pk") -> QuerySet:
    """`rows` with what matching reads of the policy whose key stands at `policy`, in the same query."""
    own = {"policy": OuterRef(policy)}
    industries = Policy.industries.through.objects.filter(**own).order_by("industry")
    topics = Policy.topics.through.objects.filter(**own).order_by("topic")
    return rows.annotate(
        named_industries=InOrder(industries.values(item=Concat("industry", Value(" "), "industry__name"))),
        named_topics=InOrder(topics.values(item=F("topic"))),
    )


def why(policy: Policy, bearer: Bearer, matched: Any, topics: Mapping[int, str], said: str | None = None) -> str:
    """江苏省 ⊃ 苏州市 · 主题 零碳工厂. `matched` is the `explained` row; `topics` are those that count, by key.

    `said`: the note of a word that a person put in for a statement; without it that of the company counts.
    """
    word = bearer.words.get(policy.pk)
    if said is None and word and word.concerns:
        said = word.note
    if said is not None:
        return _("entered by hand: %(note)s") % {"note": said} if said else _("entered by hand")
    parts = [_place(policy, bearer)]
    parts += [_("industry %(name)s") % {"name": name} for name in _industries(matched, bearer.industries)]
    shared = [topics[key] for key in matched.named_topics or [] if key in topics]
    if shared:
        parts.append(_("topic %(names)s") % {"names": _(", ").join(shared)})
    return " · ".join(parts)


def why_not(policy: Any, bearer: Bearer) -> str:
    """What is not known of it, or the word by which it is not concerned."""
    word = bearer.words.get(policy.pk)
    if word and not word.concerns:
        said = _("by a person's word it does not concern it")
        return f"{said}: {word.note}" if word.note else said
    parts = []
    if policy.region_id and (policy.level == Level.PARK or policy.region_id not in line_of(bearer.region or "")):
        there = policy.park_name if policy.level == Level.PARK and policy.park_name else place_name(policy.region_id, policy)
        parts.append(_("it is in %(here)s, not known to be in %(there)s") % {"here": place_name(bearer.region), "there": there})
    if (named := policy.named_industries) and not _industries(policy, bearer.industries):
        words = _("it is not known to be of the industry %(name)s")
        parts.append(words % {"name": _(", ").join(named)})
    return " · ".join(parts)


def _place(policy: Policy, bearer: Bearer) -> str:
    if not policy.region_id:
        return _("nationwide")
    own = place_name(policy.region_id, policy)
    return own if policy.region_id == bearer.region else f"{own} ⊃ {place_name(bearer.region)}"


def _industries(policy: Any, line: Iterable[str]) -> list[str]:
    return [name for name in policy.named_industries or [] if name.split(" ")[0] in line]


def place_name(code: str | None, policy: Policy | None = None) -> str:
    """苏州市: a division's own name; one that the shipped table does not know by what is stored of it."""
    division = load().get(code or "")
    if division:
        return in_language(division.name, division.name_en)
    return str(policy.region) if policy and policy.region else code or ""
