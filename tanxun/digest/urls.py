"""Addresses of the way in (inbox, feeds, desk, accuracy, links of accepted policies, news item) and of the weekly."""

from django.urls import path

from . import archive, compose_views, panels, views
from .feeds import views as feeds

app_name = "digest"

urlpatterns = [
    path("review/", views.InboxView.as_view(), name="inbox"),
    path("review/accuracy/", views.AccuracyView.as_view(), name="accuracy"),
    path("review/feeds/", feeds.FeedsView.as_view(), name="feeds"),
    path("review/feeds/<int:pk>/", feeds.FeedView.as_view(), name="feed"),
    path("review/<int:pk>/", views.DeskView.as_view(), name="review"),
    path("review/links/<int:pk>/", views.LinksView.as_view(), name="links"),
    path("news/<int:pk>/", views.NewsItemView.as_view(panels=(panels.sources,)), name="news_item"),
    path("digests/compose/", compose_views.WeeksView.as_view(), name="weeks"),
    path("digests/compose/<str:week>/", compose_views.ComposeView.as_view(), name="compose"),
    path("digests/compose/<str:week>/preview/", compose_views.PreviewView.as_view(), name="preview"),
    path("digests/compose/<str:week>/wechat/", compose_views.WeChatView.as_view(), name="wechat"),
    path("digests/compose/<str:week>/freeze/", compose_views.FreezeView.as_view(), name="freeze"),
    path("digests/compose/<str:week>/file/<slug:name>/", compose_views.DraftFileView.as_view(), name="draft_file"),
    path("digests/<int:pk>/", archive.IssueView.as_view(), name="issue"),
    path("digests/<int:pk>/<slug:name>/", archive.IssueFileView.as_view(), name="issue_file"),
]
