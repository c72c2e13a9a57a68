"""Which of our policies a title means, and the links that rest on it. Called by the forms, the admin and the digest.

A title means a policy where exactly one that is not deleted has a document of that title after folding: likeness is no
reason. What is not known yet keeps its title, and is tied when such a policy comes in.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.db.models import Q

from tanxun.search.fold import fold

from .models import Policy, PolicyDocument, PolicyLink


def policy_called(title: str, but: Policy | None = None) -> Policy | None:
    """The one policy with a document of that title, leaving `but` out; None for none and for several."""
    return policies_called([title], but).get(title_key(title))


def title_key(title: str) -> str:
    """What two spellings of one title share, as `PolicyLink.title_folded` keeps it."""
    return fold(title.strip().strip("《》"))[:300]


def policies_called(titles: Iterable[str], but: Policy | None = None) -> dict[str, Policy]:
    """{folded title: the one policy with such a document} of those titles that have one. One query more than none.

    Titles are folded here, not in the database: a table of documents is small, some thousand at most.
    """
    wanted = {key for title in titles if (key := title_key(title))}
    if not wanted:
        return {}
    rows = PolicyDocument.objects.filter(policy__deleted_at__isnull=True).order_by()
    if but is not None and but.pk:
        rows = rows.exclude(policy=but.pk)
    found: dict[str, set[int]] = {}
    for title, policy in rows.values_list("title", "policy_id"):
        if (key := title_key(title)) in wanted:
            found.setdefault(key, set()).add(policy)
    certain = {key: policies.pop() for key, policies in found.items() if len(policies) == 1}
    known = Policy.objects.in_bulk(certain.values())
    return {key: known[policy] for key, policy in certain.items() if policy in known}


@transaction.atomic
def add(policy: Policy, rows: Iterable[dict[str, Any]]) -> list[PolicyLink]:
    """Links of `policy` after those that it has, of rows {kind, title, sentence}; one that is there already is left out.

    Returns the new ones, pointing to the policy that their title means. Raises ValidationError.
    """
    rows = list(rows)
    there = list(policy.links.all())
    titles, others = {(link.kind, link.title_folded) for link in there}, {(link.kind, link.other_id) for link in there}
    known = policies_called((row["title"] for row in rows), but=policy)
    made: list[PolicyLink] = []
    for row in rows:
        link = PolicyLink(policy=policy, kind=row["kind"], title=row["title"], sentence=row["sentence"])
        link.clean()
        link.derive()
        link.other = meant(link, known.get(link.title_folded))
        if (link.kind, link.title_folded) in titles or (link.other_id and (link.kind, link.other_id) in others):
            continue
        titles.add((link.kind, link.title_folded))
        others.add((link.kind, link.other_id))
        link.position = len(there) + len(made)
        link.full_clean()
        link.save()
        made.append(link)
    return made


@transaction.atomic
def tie(policy: Policy) -> None:
    """Point links that have only a title to the policy that it means: those of `policy`, and those of others that mean it.

    A link to a policy that was deleted since has only its title too. Call it when `policy` or its documents were written.
    """
    own = {title_key(document.title) for document in policy.documents.all()}
    loose = Q(other__isnull=True) | Q(other__deleted_at__isnull=False)
    waiting = PolicyLink.objects.filter(loose, policy__deleted_at__isnull=True)
    for link in waiting.filter(Q(policy=policy) | Q(title_folded__in=own)).select_related("policy"):
        other = meant(link, policy_called(link.title, but=link.policy))
        if other and not PolicyLink.objects.filter(policy=link.policy_id, kind=link.kind, other=other).exists():
            link.other = other
            link.save()


def meant(link: PolicyLink, called: Policy | None) -> Policy | None:
    """`called`, the one with a document of the link's title, unless the link speaks of an earlier edition of its policy's own
    document and that one is a later edition."""
    if called is None or called.dated_on <= link.policy.dated_on:
        return called
    own = (title_key(document.title) for document in link.policy.documents.all())
    return None if link.title_folded in own else called
