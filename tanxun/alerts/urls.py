"""Addresses of what people follow, and of what goes out to them."""

from django.urls import path

from . import confirming, unsubscribing, views
from .hooks import views as hooks

app_name = "alerts"

urlpatterns = [
    path("alerts/follow/", views.follow, name="follow"),
    path("alerts/<int:pk>/", views.change, name="change"),
    path("alerts/mailbox/", views.mailbox, name="mailbox"),
    path("alerts/stop/<str:token>/", unsubscribing.stop, name="stop"),
    path("alerts/confirm/<str:token>/", confirming.confirm, name="confirm"),
    path("alerts/exports/add/", views.add_export, name="add-export"),
    path("alerts/exports/<int:pk>/", views.change_export, name="change-export"),
    path("hooks/", hooks.HooksView.as_view(), name="hooks"),
    path("hooks/new/", hooks.NewHookView.as_view(), name="hook_new"),
    path("hooks/<int:pk>/", hooks.HookView.as_view(), name="hook"),
    path("hooks/<int:pk>/restore/", hooks.RestoreHookView.as_view(), name="hook_restore"),
]
