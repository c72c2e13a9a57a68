"""The same lists as a read-only API: `/api/v1/<list>/`, one record of it, its codebook, and what there is. Tokens alone open it.

A resource is one more representation of a list page: parameters, refusals and rows are those of the list.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.urls import URLPattern, path, re_path, reverse
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views import View
from django.views.generic import TemplateView
from rest_framework.exceptions import APIException, AuthenticationFailed
from rest_framework.renderers import JSONRenderer
from rest_framework.views import APIView

from tanxun.replicas import may_read_replica

from .access import ReaderRequiredMixin, may_read
from .answers import Told, refused
from .bearer import ALLOWANCE, Bearer, out_of_scope, too_often, unauthorized
from .cursor import END
from .fields import codebook, objects
from .freshness import version
from .keys import AccessKey
from .page import ALL, InvalidParametersError, ListPage, Rows, given
from .paging import OnePage, turns
from .representation import Representation
from .schema import PageSchema, document

ROOT = "api/v1/"
MEANING = "1"  # raised when the same data are told in another way: what programs keep is then out of date
LARGEST_KEY = 2**63 - 1


class Resource(Representation, APIView):
    """What all have in common. In this order: 405, 429, 400, 401, 403, 404."""

    http_method_names = ("get", "head", "options")
    authentication_classes = (Bearer,)
    renderer_classes = (JSONRenderer,)
    schema: PageSchema | None = PageSchema()

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        response.headers.setdefault("Cache-Control", "private, no-cache")
        return response

    def initial(self, request: Any, *args: Any, **kwargs: Any) -> None:
        """Only what comes before the parameters; whatever a client says that it accepts, the answer is JSON."""
        if request.method.lower() not in self.http_method_names:
            self.http_method_not_allowed(request)
        self.problem = ""
        try:
            bool(request.user)
        except AuthenticationFailed as error:
            self.problem = str(error.detail)

    def handle_exception(self, exc: Exception) -> HttpResponse:
        if not isinstance(exc, APIException):
            raise exc
        return refused(exc.status_code, str(exc.detail))

    def get(self, request: Any, **kwargs: str) -> HttpResponseBase:
        if request.auth and (seconds := ALLOWANCE.wait(request.auth.key_hash)):
            return too_often(seconds)
        return super().get(request, **kwargs)

    def options(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        """Nothing but the verbs, in the header that every answer has."""
        return HttpResponse(status=204)

    def forbid(self, request: Any) -> HttpResponse | None:
        if request.auth is None:
            return unauthorized(self.problem)
        return None if request.auth.may([AccessKey.Scope.READ]) else out_of_scope(AccessKey.Scope.READ)

    def answer(self, request: Any, rows: Rows) -> HttpResponseBase:
        tag = self.tag(request, rows)
        response = get_conditional_response(request, etag=tag)
        if response is None:
            told = self.told(rows.for_programs())
            if told is None:
                return refused(404, _("There is no such record."))
            response = Told(told)
        response.headers["ETag"] = tag
        return response

    def tag(self, request: Any, rows: Rows) -> str:
        """Another one after every write, and every day: what holds today may not hold tomorrow."""
        mark = rows.habit.mark if "new" in rows.params else ""
        parts = (MEANING, version(), timezone.localdate(), get_language(), request.get_full_path(), mark)
        return quote_etag(hashlib.sha256("\n".join(map(str, parts)).encode()).hexdigest()[:32])

    def told(self, rows: Rows) -> dict[str, Any] | None:
        """The answer; None where there is nothing."""
        raise NotImplementedError


class ListResource(Resource):
    """A list, page by page. Its links lead on by cursors, so that no row comes twice or never while others are written.

    But for a search that grew many meanwhile: what ranked first comes again (`Cursor.unranked`).
    """

    action = "list"

    def told(self, rows: Rows) -> dict[str, Any]:
        one, made = rows.one_page(), objects(rows)
        links = {rel: place for rel, _label, place in turns(rows, one) if one.rows}
        if is_past := is_past_the_end(rows, one):
            links = {"prev": f"?{rows.query_string(cursor=rows.order.text(END))}"}
        return {
            "count": one.count,
            "count_is_exact": not one.is_capped,
            "next": self.link(links.get("next", "")),
            "previous": self.link(links.get("prev", "")),
            "results": [] if is_past else [made(row) for row in one.rows],
        }

    def link(self, place: str) -> str | None:
        return f"{settings.SITE_URL}{reverse(f'api-{self.page.slug}')}{place}" if place else None


def is_past_the_end(rows: Rows, one: OnePage) -> bool:
    """Whether the address names a page that is not there: people are shown the last one then, a program that counts would
    never come to an end."""
    return "page" in rows.params and bool(one.rows) and one.row != (rows.number - 1) * rows.per_page + 1


class RecordResource(Resource):
    """One record by its key, with all columns, whatever the list leaves out unless it is asked."""

    action = "record"

    def asked(self, request: Any) -> Rows:
        """The only parameter is `columns`. Raises InvalidParametersError."""
        params = given(request.GET)
        errors = {name[:100]: [_("There is no such parameter.")] for name in params if name != "columns"}
        if errors or "columns" not in params:
            params = QueryDict(f"columns={ALL}")
        rows = Rows(self.page, params)
        if errors := errors or rows.problems():
            raise InvalidParametersError(errors, rows)
        return rows

    def told(self, rows: Rows) -> dict[str, Any] | None:
        text = self.kwargs["key"]
        if not re.fullmatch(r"[0-9]{1,19}", text, re.ASCII) or int(text) > LARGEST_KEY:
            return None
        row = rows.one_row(int(text))
        return objects(rows)(row) if row else None


class Papers(Resource):
    """What only describes the API, and tells of no record: for whoever may read the site, by session or by token."""

    schema = None

    def forbid(self, request: Any) -> HttpResponse | None:
        if request.auth:
            return super().forbid(request)
        return None if may_read(request) or self.is_signed_in else unauthorized(self.problem)

    def initial(self, request: Any, *args: Any, **kwargs: Any) -> None:
        self.is_signed_in = request._request.user.is_authenticated  # before the token decides who asks
        super().initial(request, *args, **kwargs)

    def asked(self, request: Any) -> Rows:
        if strange := {name[:100]: [_("There is no such parameter.")] for name in given(request.GET)}:
            raise InvalidParametersError(strange, Rows(self.page, QueryDict()))
        return Rows(self.page, QueryDict())


class Codebook(Papers):
    """Every key of the list's rows: label, type, unit, what it means."""

    def told(self, rows: Rows) -> dict[str, Any]:
        return codebook(self.page)


class Contents(Papers):
    """What there is."""

    pages: tuple[ListPage, ...] = ()

    def told(self, rows: Rows) -> dict[str, Any]:
        return {
            "lists": [
                {"list": page.slug, "title": str(page.title)}
                | {
                    name: f"{settings.SITE_URL}{reverse(address)}"
                    for name, address in (
                        ("url", f"api-{page.slug}"),
                        ("codebook", f"api-{page.slug}-codebook"),
                        ("dump", f"{page.slug}-jsonl"),
                    )
                }
                for page in self.pages
            ],
            "schema": f"{settings.SITE_URL}{reverse('api-schema')}",
            "docs": f"{settings.SITE_URL}{reverse('api-docs')}",
        }


class Document(Papers):
    """The OpenAPI document, with the choices that the filters have today."""

    def told(self, rows: Rows) -> dict[str, Any]:
        return document()


class Docs(ReaderRequiredMixin, TemplateView):
    """The description for people."""

    template_name = "listing/api_docs.html"


class Nothing(Resource):
    """Any other address below the root."""

    schema = None

    def get(self, request: Any, **kwargs: str) -> HttpResponse:
        return refused(404, _("There is nothing here. See %(address)s.") % {"address": f"/{ROOT}"})


def api_urls(pages: Iterable[type[ListPage]]) -> list[URLPattern]:
    """`/api/v1/<list>/`, named `api-<list>`; `<list>/codebook/`, `<list>/<id>/`, `schema/` and the list of all."""
    made = tuple(page() for page in pages)
    return [
        path(ROOT, _open(Contents, page=made[0], pages=made), name="api"),
        path(f"{ROOT}schema/", _open(Document, page=made[0]), name="api-schema"),
        path(f"{ROOT}docs/", Docs.as_view(extra_context={"pages": _codebooks(made)}), name="api-docs"),
        *(part for page in made for part in _of_page(page)),
        re_path(r"^api/.*/$", _open(Nothing), name="api-nothing"),
    ]


def _codebooks(pages: Iterable[ListPage]) -> list[dict[str, Any]]:
    return [{"title": page.title, "codebook": f"api-{page.slug}-codebook"} for page in pages]


def _of_page(page: ListPage) -> list[URLPattern]:
    address = f"{ROOT}{page.slug}/"
    return [
        path(address, _open(ListResource, page=page), name=f"api-{page.slug}"),
        path(f"{address}codebook/", _open(Codebook, page=page), name=f"api-{page.slug}-codebook"),
        path(f"{address}<str:key>/", _open(RecordResource, page=page), name=f"api-{page.slug}-record"),
    ]


def _open(view: type[View], **given: Any) -> Any:
    """The view without the sign-in wall."""
    function: Any = may_read_replica(view.as_view(**given))
    function.login_required = False
    return function
