"""Which of our policies a title means, and the links that rest on it. Called by the forms, the admin and the digest.

A title means a policy where exactly one that is not deleted has a document of that title after folding: likeness is no
reason. What is not known yet keeps its title, and is tied when such a policy comes in.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.db.models import Q
from simple_history.utils import bulk_update_with_history

from tanxun.search.fold import fold

from .models import Policy, PolicyDocument, PolicyLink


def title_key(title: str) -> str:
    """What two spellings of one title share, as `PolicyLink.title_folded` keeps it."""
    return fold(title.strip().strip("《》"))[:300]


def policies_called(titles: Iterable[str], but: Policy | None = None) -> dict[str, Policy]:
    """{folded title: the one policy with such a document} of those titles that have one. One query more than none.

    Titles are folded here, not in the database: a table of documents is small, some thousand at most.
    """
    bearers = bearers_of(titles, but)
    certain = {key: next(iter(policies)) for key, policies in bearers.items() if len(policies) == 1}
    known = Policy.objects.in_bulk(certain.values())
    return {key: known[policy] for key, policy in certain.items() if policy in known}


def bearers_of(titles: Iterable[str], but: Policy | None = None) -> dict[str, set[int]]:
    """{folded title: the keys of all policies with such a document} of those titles that have any. One query."""
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
    return found


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
    As many queries for many links as for one.
    """
    own = {title_key(document.title) for document in policy.documents.all()}
    loose = Q(other__isnull=True) | Q(other__deleted_at__isnull=False)
    rows = PolicyLink.objects.filter(loose, policy__deleted_at__isnull=True).filter(Q(policy=policy) | Q(title_folded__in=own))
    waiting = list(rows.select_related("policy").prefetch_related("policy__documents"))
    bearers = bearers_of(link.title for link in waiting)
    others = {link.pk: bearers.get(title_key(link.title), set()) - {link.policy_id} for link in waiting}
    known = Policy.objects.in_bulk({key for keys in others.values() if len(keys) == 1 for key in keys})
    there = PolicyLink.objects.filter(policy__in={link.policy_id for link in waiting}, other__in=known)
    taken = set(there.values_list("policy", "kind", "other"))
    tied = []
    for link in waiting:
        keys = others[link.pk]
        other = meant(link, known.get(next(iter(keys))) if len(keys) == 1 else None)
        if other and (link.policy_id, link.kind, other.pk) not in taken:
            taken.add((link.policy_id, link.kind, other.pk))
            link.other = other
            tied.append(link)
    if tied:
        bulk_update_with_history(tied, PolicyLink, ["other"])


def meant(link: PolicyLink, called: Policy | None) -> Policy | None:
    """`called`, the one with a document of the link's title, unless the link speaks of an earlier edition of its policy's own
    document and that one is a later edition."""
    if called is None or called.dated_on <= link.policy.dated_on:
        return called
    own = (title_key(document.title) for document in link.policy.documents.all())
    return None if link.title_folded in own else called
