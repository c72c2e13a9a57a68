"""The pages of one target and of one incentive: the figure, the sentence it stands in, and the policy it comes from."""

from dataclasses import replace
from typing import Any

from django.db.models import BooleanField, ExpressionWrapper, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from tanxun.listing.detail import Fact, RecordView, Value, dated, fact, facts
from tanxun.listing.page import ListPage

from .deadlines import is_open
from .figure_pages import IncentivePage, TargetPage, incentive_name
from .figure_topics import topics_told
from .models import Incentive, Level, Policy, Target
from .views import DATES, cap, money, target_amount


class FigureView(RecordView):
    """What both pages have in common. `page` is the list that the figure stands in."""

    template_name = "policies/figure.html"
    context_object_name = "figure"
    page: type[ListPage]

    def get_queryset(self) -> QuerySet:
        return self.page.queryset.select_related("policy__region").prefetch_related("topics", "policy__topics")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        policy, here, told = self.object.policy, reverse(self.page.slug), topics_told(self.object)
        place = fact(policy, "region", f"{here}?region={policy.region_id}")
        if policy.level == Level.NATIONAL:
            place = replace(place, absent=_("nationwide"))
        return super().get_context_data(
            page=self.page,
            list_url=here,
            policy=policy,
            of_policy=[place, dated(policy), *(one for one in facts(policy, DATES) if one.values)],
            topics=told.topics,
            are_topics_of_policy=told.are_of_policy,
            **kwargs,
        )

    def entered_as(self) -> Policy:
        """It is entered, and its history kept, with its policy."""
        return self.object.policy


class TargetView(FigureView):
    page = TargetPage

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        target, here = self.object, reverse("targets")
        year = (Value(str(target.year), f"{here}?year={target.year}"),) if target.year else ()
        known = [fact(target, "base", f"{here}?base={target.base}"), Fact(_("Target year"), year), *compared(target)]
        return super().get_context_data(title=target.indicator, amount=target_amount(target), known=known, **kwargs)


def compared(target: Target) -> list[Fact]:
    """The figure in the unit by which the list sorts it, where another is printed."""
    if target.value is None or target.normal_unit == target.unit:
        return []
    amount = target_amount(Target(value=target.normal_value, unit=target.normal_unit))
    return [Fact(_("Comparable value"), (Value(amount.text, exact=amount.exact),) if amount else ())]


class IncentiveView(FigureView):
    page = IncentivePage

    def get_queryset(self) -> QuerySet:
        return super().get_queryset().annotate(is_open=ExpressionWrapper(is_open(), BooleanField()))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        incentive: Incentive = self.object
        most = cap(incentive)
        known = [
            fact(incentive, "kind", f"{reverse('incentives')}?kind={incentive.kind}"),
            Fact(_("Cap"), (Value(most.text, exact=most.exact),) if most else ()),
            *facts(incentive, ("who_qualifies", "evidence_needed", "apply_by")),
        ]
        amount = money(incentive.amount, incentive.currency)
        title = incentive_name(incentive.who_qualifies, incentive.sentence) or _("Incentive")
        return super().get_context_data(title=title, amount=amount, known=known, is_open=incentive.is_open, **kwargs)
