"""Addresses of the way in: inbox, desk, accuracy of the reader, links of accepted policies, news item."""

from django.urls import path

from . import panels, views

app_name = "digest"

urlpatterns = [
    path("review/", views.InboxView.as_view(), name="inbox"),
    path("review/accuracy/", views.AccuracyView.as_view(), name="accuracy"),
    path("review/<int:pk>/", views.DeskView.as_view(), name="review"),
    path("review/links/<int:pk>/", views.LinksView.as_view(), name="links"),
    path("news/<int:pk>/", views.NewsItemView.as_view(panels=(panels.sources,)), name="news_item"),
]
