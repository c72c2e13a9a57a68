"""Whether a policy still holds, and where, as conditions on rows: asked by lists, by what is open for applications, by deadlines
and by what matches policies with companies.
"""

from collections.abc import Iterable

from django.db.models import Q
from django.utils import timezone

from tanxun.listing.trees import applying

from .models import Level, Policy, PolicyLink, Stage

ENDING = (PolicyLink.Kind.REPEALS, PolicyLink.Kind.REPLACES)


def ended() -> Q:
    """Policies that were repealed, or replaced as a person entered, or are past their end."""
    links = PolicyLink.objects.filter(kind__in=ENDING, other__isnull=False, policy__deleted_at__isnull=True)
    is_past = Q(expires_on__isnull=False, expires_on__lt=timezone.localdate())
    return Q(stage=Stage.REPEALED) | is_past | Q(pk__in=links.order_by().values("other"))


def without_money() -> Q:
    """Policies to whose incentives nobody can apply: ended ones, and drafts that are only consulted on."""
    return Q(policy__in=Policy.with_deleted.filter(ended() | Q(stage=Stage.CONSULTATION)).order_by().values("pk"))


def applies_in(codes: Iterable[str], of: str = "") -> Q:
    """Policies that apply in one of these places: their own, those of the divisions above them, national ones.

    `of` is the path to the policy with its `__`.
    """
    return applying(codes, f"{of}region", in_whole_region(of))


def in_whole_region(of: str = "") -> Q:
    """All but those of parks: such a policy applies in its park alone, and nobody records who lies in one."""
    return ~Q(**{f"{of}level": Level.PARK})
