"""Addresses of the peer; the list has the same as ours, so that one question can be put to both."""

from django.urls import path

from .pages import StatementDetail, StatementList, counts

urlpatterns = [
    path("statements/", StatementList.as_view(), name="statements"),
    path("statements/counts/", counts),
    path("statements/<int:pk>/", StatementDetail.as_view(), name="statement"),
]
