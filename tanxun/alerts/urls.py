"""Addresses of what people follow, and of what goes out to them."""

from django.urls import URLPattern

app_name = "alerts"

urlpatterns: list[URLPattern] = []
