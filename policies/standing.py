"""Whether a policy still holds, as conditions on rows: asked by what is open for applications, and by deadlines."""

from django.db.models import Q
from django.utils import timezone

from .models import Policy, PolicyLink, Stage

ENDING = (PolicyLink.Kind.REPEALS, PolicyLink.Kind.REPLACES)


def ended() -> Q:
    """Policies that were repealed, or replaced as a person entered, or are past their end."""
    links = PolicyLink.objects.filter(kind__in=ENDING, other__isnull=False, policy__deleted_at__isnull=True)
    is_past = Q(expires_on__isnull=False, expires_on__lt=timezone.localdate())
    return Q(stage=Stage.REPEALED) | is_past | Q(pk__in=links.order_by().values("other"))


def without_money() -> Q:
    """Policies to whose incentives nobody can apply: ended ones, and drafts that are only consulted on."""
    return Q(policy__in=Policy.with_deleted.filter(ended() | Q(stage=Stage.CONSULTATION)).order_by().values("pk"))
