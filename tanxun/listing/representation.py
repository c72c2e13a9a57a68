"""What all representations of a list have in common; their views derive from it."""

from __future__ import annotations

from django.core.exceptions import TooManyFieldsSent
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.translation import gettext as _
from django.views import View

from .answers import Told, refused
from .page import InvalidParametersError, ListPage, Rows

CANCELLED = "57014"  # what PostgreSQL says of a query that was stopped


class Representation(View):
    """What all have in common: parameters are checked before rights, GET writes nothing."""

    http_method_names: tuple[str, ...] = ("get", "head")
    page = ListPage()

    def get(self, request: HttpRequest, **kwargs: str) -> HttpResponseBase:
        rows = None
        try:
            rows = self.asked(request)
            return self.forbid(request) or self.answer(request, rows)
        except TooManyFieldsSent:
            return Told({"parameters": [_("There are too many parameters.")]}, status=400)
        except InvalidParametersError as error:
            return self.refuse(request, error)
        except OperationalError as error:
            if getattr(error.__cause__, "sqlstate", "") != CANCELLED:
                raise
            return self.give_up(request, rows)

    def asked(self, request: HttpRequest) -> Rows:
        """The rows of the address. Raises InvalidParametersError."""
        return self.page.rows(request.GET, request.user)

    def give_up(self, request: HttpRequest, rows: Rows | None) -> HttpResponse:
        """The database was stopped at its limit of time for one question: no fault of the site, and no end of the matter."""
        return refused(503, _("This would take too long. Narrow it: by a place, a type, a span of days."))

    def refuse(self, request: HttpRequest, error: InvalidParametersError) -> HttpResponse:
        return Told(error.errors, status=400)

    def forbid(self, request: HttpRequest) -> HttpResponse | None:
        """The refusal for those who may not have this representation."""
        raise NotImplementedError

    def answer(self, request: HttpRequest, rows: Rows) -> HttpResponseBase:
        raise NotImplementedError
