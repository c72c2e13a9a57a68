"""Addresses of the pages of one policy, target or incentive; what higher packages show there comes in as panels (tanxun.urls)."""

from django.urls import URLPattern, path

from tanxun.listing.detail import Panel

from .figure_views import IncentiveView, TargetView
from .views import BesideTargets, PolicyData, PolicyView


def detail_urls(
    *,
    policy: tuple[Panel, ...],
    beside_targets: BesideTargets,
    target: tuple[Panel, ...] = (),
    incentive: tuple[Panel, ...] = (),
    policy_marks: tuple[Panel, ...] = (),
) -> list[URLPattern]:
    view = PolicyView.as_view(panels=policy, marks=policy_marks, beside_targets=beside_targets)
    return [
        path("policies/<int:pk>.jsonld", PolicyData.as_view(), name="policy-linked"),
        path("policies/<int:pk>/", view, name="policy"),
        path("targets/<int:pk>/", TargetView.as_view(panels=target), name="target"),
        path("incentives/<int:pk>/", IncentiveView.as_view(panels=incentive), name="incentive"),
    ]
