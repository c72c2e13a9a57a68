"""Addresses of a person's jobs."""

from django.urls import path

from . import views

app_name = "jobs"

urlpatterns = [
    path("jobs/", views.mine, name="mine"),
    path("jobs/rows/", views.rows, name="rows"),
    path("jobs/<uuid:pk>/hint/", views.hint, name="hint"),
    path("jobs/<uuid:pk>/stop/", views.stop, name="stop"),
    path("jobs/<uuid:pk>/close/", views.close, name="close"),
]
