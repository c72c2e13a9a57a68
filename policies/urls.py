"""Addresses of the policy's own page; what higher packages show on it comes in as panels (tanxun.urls)."""

from django.urls import URLPattern, path

from tanxun.listing.detail import Panel

from .views import PolicyView


def detail_urls(*, policy: tuple[Panel, ...]) -> list[URLPattern]:
    return [path("policies/<int:pk>/", PolicyView.as_view(panels=policy), name="policy")]
