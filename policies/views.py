"""The page of one policy."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Prefetch
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _

from tanxun.listing.detail import RecordView, dated, facts
from tanxun.listing.figures import figure, short_figure
from tanxun.listing.linked import LinkedData

from .deadlines import ahead_of
from .family import family
from .linked import as_legislation
from .models import Incentive, Policy, PolicyIssuer, Target

KIND = ("form", "content_type", "stage", "level", "region", "park_name", "industries")
DATES = ("signed_on", "issued_on", "in_force_on", "expires_on", "comment_by")
BesideTargets = Callable[[HttpRequest, list[Target]], dict[int, tuple[str, dict[str, Any]]]]
SOURCE = ("source_note", "source_url", "source_on", "created_at", "confirmed_on", "updated_at")


@dataclass(frozen=True)
class Amount:
    """A figure with its unit: as read, and exact for the title."""

    text: str
    exact: str


def target_amount(target: Target) -> Amount | None:
    """`at least 30万 吨`, or None where the source gives no figure."""
    if target.value is None:
        return None
    said = "" if target.comparator == Target.Comparator.EXACTLY else target.get_comparator_display()
    return Amount(*(" ".join(filter(None, (said, show(target.value), target.unit))) for show in (short_figure, figure)))


def money(value: Decimal | None, currency: str) -> Amount | None:
    """An amount in its currency (or a share in %), or None where the source gives no figure."""
    if value is None:
        return None
    if currency == Incentive.Currency.PERCENT:
        return Amount(f"{figure(value)}%", f"{figure(value)}%")
    words = _("%(amount)s CNY") if currency == Incentive.Currency.CNY else _("%(amount)s %(currency)s")
    name = Incentive.Currency(currency).label if currency else ""
    return Amount(*(words % {"amount": show(value), "currency": name} for show in (short_figure, figure)))


def cap(incentive: Incentive) -> Amount | None:
    """The most that is paid: of a share of the cost too it is a sum of money."""
    is_share = incentive.currency == Incentive.Currency.PERCENT
    return money(incentive.cap, Incentive.Currency.CNY if is_share else incentive.currency)


class PolicyView(RecordView):
    """Everything a policy says: what it asks for and by when, its money and targets, then whom it meets and where it was read.

    `beside_targets` is what a higher package shows beside its targets: (template, context) by their keys.
    """

    beside_targets: BesideTargets | None = None

    template_name = "policies/policy.html"
    context_object_name = "policy"
    describe, linked = as_legislation, "policies:policy-linked"
    queryset = Policy.objects.select_related("region").prefetch_related(
        "documents",
        "key_points",
        "topics",
        "industries",
        "targets__topics",
        "incentives__topics",
        Prefetch("issuers", PolicyIssuer.objects.select_related("body")),
    )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        policy, here = self.object, reverse("policies")
        urls = {"level": f"{here}?level={policy.level}", "stage": f"{here}?stage={policy.stage}"}
        urls["region"] = f"{here}?region={policy.region_id}"
        self.set_beside(list(policy.targets.all()))
        return super().get_context_data(
            ahead=ahead_of(policy),
            kind=facts(policy, KIND, urls),
            dates=[dated(policy), *facts(policy, DATES)],
            family=family(policy),
            source=facts(policy, SOURCE),
            targets=[(target, target_amount(target)) for target in policy.targets.all()],
            incentives=[(one, money(one.amount, one.currency), cap(one)) for one in policy.incentives.all()],
            **kwargs,
        )

    def set_beside(self, targets: list[Target]) -> None:
        """Give the targets, of which the page shows these very objects, what stands beside them."""
        found = self.beside_targets(self.request, targets) if self.beside_targets else {}
        for target in targets:
            if target.pk in found:
                target.beside = render_to_string(*found[target.pk], self.request)


class PolicyData(LinkedData):
    """The same policy as JSON-LD."""

    describe = staticmethod(as_legislation)
    queryset = PolicyView.queryset
