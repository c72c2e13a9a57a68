"""Addresses of the due board, imports and detail pages; what higher packages show on the last comes in as panels."""

from django.urls import URLPattern, path

from tanxun.listing.detail import Panel

from .board import DueFigures, ExpiringView
from .bulk import BulkEditView
from .deciding import ConflictsView
from .merge_views import MergeView, UndoMergeView
from .sheets.views import ReportView, SheetsView, SheetView, TemplateView
from .views import BodyView, CompanyView, Credential, MarketView, StatementData, StatementView


def detail_urls(
    *,
    statement: tuple[Panel, ...],
    company: tuple[Panel, ...],
    body: tuple[Panel, ...],
    company_marks: tuple[Panel, ...] = (),
) -> list[URLPattern]:
    return [
        path("expiring/", ExpiringView.as_view(), name="expiring"),
        path("expiring/figures/", DueFigures.as_view(), name="due-figures"),
        path("statements/edit/", BulkEditView.as_view(), name="edit-statements"),
        path("conflicts/", ConflictsView.as_view(), name="conflicts"),
        path("imports/", SheetsView.as_view(), name="imports"),
        path("imports/template.xlsx", TemplateView.as_view(), name="import-template"),
        path("imports/<int:pk>/", SheetView.as_view(), name="import"),
        path("imports/<int:pk>/report.xlsx", ReportView.as_view(), name="import-report"),
        path("statements/<int:pk>.jsonld", StatementData.as_view(), name="statement-linked"),
        path("statements/<int:pk>/credential.jsonld", Credential.as_view(), name="credential"),
        path("statements/<int:pk>/", StatementView.as_view(panels=statement), name="statement"),
        path("companies/<int:pk>/merge/", MergeView.as_view(), name="merge"),
        path("companies/merges/<int:pk>/undo/", UndoMergeView.as_view(), name="undo-merge"),
        path("companies/<int:pk>/", CompanyView.as_view(panels=company, marks=company_marks), name="company"),
        path("bodies/share/", MarketView.as_view(), name="market"),
        path("bodies/<int:pk>/", BodyView.as_view(panels=body), name="body"),
    ]
