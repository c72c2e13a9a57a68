"""Addresses of the pages of one statement, company and body; panels of higher packages come in from tanxun.urls."""

from django.urls import URLPattern, path

from tanxun.listing.detail import Panel

from .views import BodyView, CompanyView, StatementView


def detail_urls(*, statement: tuple[Panel, ...], company: tuple[Panel, ...], body: tuple[Panel, ...]) -> list[URLPattern]:
    return [
        path("statements/<int:pk>/", StatementView.as_view(panels=statement), name="statement"),
        path("companies/<int:pk>/", CompanyView.as_view(panels=company), name="company"),
        path("bodies/<int:pk>/", BodyView.as_view(panels=body), name="body"),
    ]
