"""Addresses of the due board and of the detail pages; what higher packages show on these comes in as panels (tanxun.urls)."""

from django.urls import URLPattern, path

from tanxun.listing.detail import Panel

from .board import DueFigures, ExpiringView
from .views import BodyView, CompanyView, MarketView, StatementView


def detail_urls(*, statement: tuple[Panel, ...], company: tuple[Panel, ...], body: tuple[Panel, ...]) -> list[URLPattern]:
    return [
        path("expiring/", ExpiringView.as_view(), name="expiring"),
        path("expiring/figures/", DueFigures.as_view(), name="due-figures"),
        path("statements/<int:pk>/", StatementView.as_view(panels=statement), name="statement"),
        path("companies/<int:pk>/", CompanyView.as_view(panels=company), name="company"),
        path("bodies/share/", MarketView.as_view(), name="market"),
        path("bodies/<int:pk>/", BodyView.as_view(panels=body), name="body"),
    ]
