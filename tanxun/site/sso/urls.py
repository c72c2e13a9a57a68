"""The addresses of second factors and of the company's server; of allauth's own none is open. Called by `tanxun.urls`."""

from django.urls import path

from . import server, views

urlpatterns = [
    path("accounts/code/", views.second_step, name="second_step"),
    path("accounts/factor/", views.second_factor, name="second_factor"),
    path("accounts/company/", server.leave, name="sso_leave"),
    path("accounts/company/back/", server.back, name="sso_back"),
]
