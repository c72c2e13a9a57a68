"""Who may read lists and the records they lead to, and who may export: asked by list views and detail views of all apps."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth.mixins import AccessMixin
from django.http import HttpRequest, HttpResponseBase

from tanxun.replicas import may_read_replica

EXPORT_PERMISSION = "site.export_lists"


def may_read(request: HttpRequest) -> bool:
    """Anybody signed in; everybody where PUBLIC_READ is on."""
    return settings.PUBLIC_READ or request.user.is_authenticated


def may_export(request: HttpRequest) -> bool:
    """Managers, whatever PUBLIC_READ says."""
    return request.user.has_perm(EXPORT_PERMISSION)


def is_shown_files(request: HttpRequest) -> bool:
    """Whether pages offer files: by the role, without a query. The addresses themselves ask `may_export`."""
    user = person(request)
    return user.is_authenticated and (user.is_superuser or user.role == "manager")


def person(request: HttpRequest) -> Any:
    """Who asks, for addresses behind the sign-in wall: never anonymous there, which the type of `request.user` cannot say."""
    return request.user


class ReaderRequiredMixin(AccessMixin):
    """For pages that PUBLIC_READ opens: sign-in otherwise. Takes the place of LoginRequiredMiddleware on its view."""

    @classmethod
    def as_view(cls, **initkwargs: Any) -> Any:
        view = may_read_replica(super().as_view(**initkwargs))  # type: ignore[misc]
        view.login_required = False
        return view

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not may_read(request):
            return self.handle_no_permission()
        return super().dispatch(request, *args, **kwargs)  # type: ignore[misc]
