"""Addresses of the policy's own page; what higher packages show on it comes in as panels (tanxun.urls)."""

from django.urls import URLPattern, path

from tanxun.listing.detail import Panel

from .views import BesideTargets, PolicyView


def detail_urls(*, policy: tuple[Panel, ...], beside_targets: BesideTargets) -> list[URLPattern]:
    view = PolicyView.as_view(panels=policy, beside_targets=beside_targets)
    return [path("policies/<int:pk>/", view, name="policy")]
