"""Links that the text of an accepted policy says and that nobody was asked about when it was accepted: shown on its page to
reviewers, who take them or not. What is accepted from now on is asked on the desk.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.http import HttpRequest

from policies import links
from policies.models import Level, Policy, PolicyLink

from .drafting import link_row, listed
from .entry import is_said
from .models import Draft
from .panels import KEPT, Panel
from .reader import Link, Read
from .reader.cleaning import Passage
from .reader.relations import links as read_links


@dataclass(frozen=True)
class Proposal:
    """One link that the text says: its words for a person, `known` the policy that its title means."""

    key: str
    kind: str
    title: str
    sentence: str
    reason: str
    known: Policy | None
    is_sure: bool


def panel(request: HttpRequest, policy: Policy) -> Panel:
    """The proposals for a policy, one form for each draft behind it; None where there is nothing to ask this reader."""
    if not request.user.has_perm("site.review_drafts"):
        return None
    drafts = policy.drafts.filter(status__in=KEPT).select_related("newsletter").order_by("pk")
    found = [(draft, proposals(draft, policy)) for draft in drafts if "links" not in draft.fields]
    asked = [(draft, rows) for draft, rows in found if rows]
    return ("digest/_proposed_links.html", {"asked": asked}) if asked else None


def proposals(draft: Draft, policy: Policy) -> list[Proposal]:
    reads = said(draft, policy)
    rows = [link_row(read, draft.newsletter.text) for read in reads]
    known = links.policies_called((row["title"] for row in rows), but=policy)
    return [
        Proposal(
            key_of(row),
            str(PolicyLink.Kind(row["kind"]).label),
            row["title"],
            row["sentence"],
            read.reason,
            known.get(links.title_key(row["title"])),
            is_said(row["kind"], read.confidence),
        )
        for read, row in zip(reads, rows, strict=True)
    ]


def said(draft: Draft, policy: Policy) -> tuple[Read[Link], ...]:
    """The links that the words of the item say, but those that the policy has."""
    whole = Passage.whole(draft.newsletter.text)
    item = whole.part(draft.start, draft.end)
    line_end = item.folded.find("\n", item.start, item.end)
    cut = line_end if line_end >= 0 else item.start
    own = [document.title for document in policy.documents.all()]
    place = policy.region.name if policy.region and policy.level != Level.NATIONAL else ""
    there = {(link.kind, link.title_folded) for link in policy.links.all()}
    found = read_links(item.part(item.start, cut), item.part(cut, item.end), own, place)
    return tuple(read for read in found if (read.value.kind, links.title_key(read.value.title)) not in there)


def key_of(row: dict[str, Any]) -> str:
    """What a ticked box sends for a proposal."""
    return f"{row['kind']} {row['title']}"


@transaction.atomic
def decide(draft: Draft, taken: Collection[str]) -> int | None:
    """Make the proposals of `draft` whose keys are `taken` links of its policy; the others are not asked again.

    Returns how many were made, None where somebody else was faster. Raises ValidationError, and writes nothing then.
    """
    current = Draft.objects.select_for_update(of=("self",)).get(pk=draft.pk)
    policy = current.policy
    if policy is None or policy.deleted_at or current.status not in KEPT or "links" in current.fields:
        return None
    reads = said(current, policy)
    rows = [link_row(read, current.newsletter.text) for read in reads]
    kept = [row for row in rows if key_of(row) in taken]
    current.fields["links"] = listed(reads, rows)
    if len(kept) < len(rows):
        current.corrections["links"] = [rows, kept or None]
    current.save(update_fields=["fields", "corrections"])
    return len(links.add(policy, kept))
