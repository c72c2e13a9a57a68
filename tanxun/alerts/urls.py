"""Addresses of what people follow, and of what goes out to them."""

from django.urls import path

from . import unsubscribing, views

app_name = "alerts"

urlpatterns = [
    path("alerts/follow/", views.follow, name="follow"),
    path("alerts/<int:pk>/", views.change, name="change"),
    path("alerts/mailbox/", views.mailbox, name="mailbox"),
    path("alerts/stop/<str:token>/", unsubscribing.stop, name="stop"),
    path("alerts/exports/add/", views.add_export, name="add-export"),
    path("alerts/exports/<int:pk>/", views.change_export, name="change-export"),
]
