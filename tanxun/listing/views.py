"""Thin representations of a list page: HTML, CSV and XLSX, and their addresses. All ask `ListPage.rows()` for the rows."""

from __future__ import annotations

import json
from typing import Any

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import TooManyFieldsSent
from django.db import OperationalError
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    JsonResponse,
    QueryDict,
    StreamingHttpResponse,
)
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views import View

from tanxun.regions.names import load

from . import export
from .access import may_export, may_read
from .cells import body
from .charts import drawings
from .controls import bare, chips, controls, default_chip, files, follows, grown, heads, problems
from .facets import Figures, figures, tally_of, total_of
from .own import Columns, Seen
from .page import PAGE_SIZES, InvalidParametersError, ListPage, Rows, given
from .paging import numbered, turns
from .saved import same_filters
from .trees import branches_in, branches_named

MAX_NAME = 40
CANCELLED = "57014"  # what PostgreSQL says of a query that was stopped


class Representation(View):
    """What all have in common: parameters are checked before rights, GET writes nothing."""

    http_method_names = ("get", "head")
    page = ListPage()

    def get(self, request: HttpRequest, **kwargs: str) -> HttpResponseBase:
        rows = None
        try:
            rows = self.page.rows(request.GET, request.user)
            return self.forbid(request) or self.answer(request, rows)
        except TooManyFieldsSent:
            return JsonResponse({"parameters": [_("There are too many parameters.")]}, status=400)
        except InvalidParametersError as error:
            return self.refuse(request, error)
        except OperationalError as error:
            if getattr(error.__cause__, "sqlstate", "") != CANCELLED:
                raise
            return self.give_up(request, rows)

    def give_up(self, request: HttpRequest, rows: Rows | None) -> HttpResponse:
        """The database was stopped at its limit of time for one question: no fault of the site, and no end of the matter."""
        return JsonResponse(
            {"detail": [_("This would take too long. Narrow it: by a place, a type, a span of days.")]}, status=503
        )

    def refuse(self, request: HttpRequest, error: InvalidParametersError) -> HttpResponse:
        return JsonResponse(error.errors, status=400)

    def forbid(self, request: HttpRequest) -> HttpResponse | None:
        """The refusal for those who may not have this representation."""
        raise NotImplementedError

    def answer(self, request: HttpRequest, rows: Rows) -> HttpResponseBase:
        raise NotImplementedError


class HtmlList(Representation):
    def refuse(self, request: HttpRequest, error: InvalidParametersError) -> HttpResponse:
        rows, errors = error.rows, error.errors
        saved = same_filters(request.user, rows.page.slug, rows.query_string(per_page=None))
        context = {"problems": problems(rows, errors), "is_refused": True, "saved_as": saved}
        if may_read(request):
            context["controls"] = controls(rows, errors)
        return render(request, "listing/list.html", self.frame(rows) | context, status=400)

    def give_up(self, request: HttpRequest, rows: Rows | None) -> HttpResponse:
        if rows is None:
            return super().give_up(request, rows)
        context = {"is_given_up": True, "controls": controls(rows, {}), "chips": chips(rows)}
        return render(request, "listing/list.html", self.frame(rows) | context, status=503)

    def forbid(self, request: HttpRequest) -> HttpResponse | None:
        return None if may_read(request) else redirect_to_login(request.get_full_path())

    def answer(self, request: HttpRequest, rows: Rows) -> HttpResponseBase:
        default = rows.habit.default
        if default and default.query and not request.GET:
            # The whole state stands in the address; any parameter there, even an empty one, wins over the default.
            return redirect(f"{request.path}?{default.query}")
        response = render(request, "listing/list.html", self.frame(rows) | self.found(rows, None))
        if request.headers.get("HX-Request"):
            # The form sends its empty fields too; the address that is shown and shared leaves them out.
            query = rows.query_string(page=rows.params.get("page"), cursor=rows.params.get("cursor"))
            response.headers["HX-Push-Url"] = f"{request.path}?{query}" if query else bare(rows)
        return response

    def found(self, rows: Rows, counted: Figures | None) -> dict[str, Any]:
        """What the page shows of the rows; with `counted` also what is otherwise fetched later."""
        one = rows.one_page()
        return {
            "controls": controls(rows, {}, counted.tallies if counted else None),
            "chips": chips(rows),
            "heads": list(heads(rows)),
            "found": one,
            "rows": body(rows, one.rows),
            "habit": rows.habit,
            "is_whole": rows.is_whole,
            "turns": turns(rows, one),
            "numbers": numbered(rows, one),
            "sizes": [(size, size == one.per_page, rows.query_string(per_page=str(size))) for size in PAGE_SIZES],
            "files": files(rows),
            "follows": follows(rows),
            "overview_address": rows.address(f"{rows.page.slug}-overview"),
            "total_address": rows.address(f"{rows.page.slug}-total"),
        }

    def frame(self, rows: Rows) -> dict[str, Any]:
        """What stands around the rows, refused or not. `query` is the state to save or to carry along."""
        slug = rows.page.slug
        return {
            "page": rows.page,
            "address": reverse(slug),
            "bare": bare(rows),
            "default": default_chip(rows),
            "query": rows.query_string(per_page=None),
            "columns_address": rows.address(f"{slug}-columns"),
            "seen_address": reverse(f"{slug}-seen"),
        }


class Overview(HtmlList):
    """The counts of a list: to htmx the part that the page fetches, to a browser without script the page with them in place."""

    def answer(self, request: HttpRequest, rows: Rows) -> HttpResponse:
        is_part = bool(request.headers.get("HX-Request"))
        counted = figures(rows, everything=not is_part)
        context = {
            "total": f"{counted.total:,}",
            "tallies": [(name, json.dumps(tally)) for name, tally in counted.tallies.items()],
            "drawings": drawings(rows, counted),
        }
        if is_part:
            response = render(request, "listing/_overview.html", context)
        else:
            response = render(request, "listing/list.html", self.frame(rows) | self.found(rows, counted) | context)
        patch_vary_headers(response, ("HX-Request",))
        return response


class FacetCounts(Representation):
    """The counts of one facet as JSON, for one that is opened after the page stands."""

    def forbid(self, request: HttpRequest) -> HttpResponse | None:
        return None if may_read(request) else JsonResponse({"detail": [_("Sign in first.")]}, status=401)

    def answer(self, request: HttpRequest, rows: Rows) -> HttpResponse:
        if self.kwargs["name"] not in rows.page.facets:
            raise Http404
        return JsonResponse(tally_of(rows, self.kwargs["name"]))


class Total(FacetCounts):
    """The exact number of rows, for a page that counted no further than it had to."""

    def answer(self, request: HttpRequest, rows: Rows) -> HttpResponse:
        return render(request, "listing/_total.html", {"total": f"{total_of(rows):,}"})


class Places(View):
    """The branches of the region tree that are fetched when they are opened (`within`) or looked for (`named`).

    Asked for neither, or for both, it answers 400 as a list does to what it does not understand.
    """

    http_method_names = ("get", "head")

    def get(self, request: HttpRequest) -> HttpResponseBase:
        asked = given(request.GET)
        if errors := self.problems(asked):
            return JsonResponse(errors, status=400)
        if not may_read(request):
            return redirect_to_login(request.get_full_path())
        named = asked.get("named", "")
        branches = branches_named(named[:MAX_NAME]) if named else branches_in(asked.get("within", ""))
        context = {"choices": [grown(branch, (), None) for branch in branches], "name": "region", "was_looked_for": bool(named)}
        return render(request, "listing/_branches.html", context)

    def problems(self, asked: QueryDict) -> dict[str, list[str]]:
        """Errors by parameter; a name may be anything, a division must be one."""
        errors = {name[:100]: [_("There is no such parameter.")] for name in asked if name not in ("named", "within")}
        errors |= {name: [_("Give this only once.")] for name, texts in asked.lists() if len(texts) > 1 and name not in errors}
        if not errors and len(asked) != 1:
            errors = {"named": [_("Give a name, or the code of a division.")]}
        elif "\0" in asked.get("named", ""):
            errors["named"] = [_("NUL characters cannot be read.")]
        elif (code := asked.get("within")) and not load().get(code):
            errors["within"] = [_("There is no such region code: %(value)s.") % {"value": code[:60]}]
        return errors


class FileList(Representation):
    """A file of all rows: its words are in LANGUAGE_CODE, whatever the visitor's language."""

    ending: str
    content_type: str

    def forbid(self, request: HttpRequest) -> HttpResponse | None:
        if not request.user.is_authenticated:
            return JsonResponse({"detail": [_("Sign in first.")]}, status=401, headers={"WWW-Authenticate": "Session"})
        if not may_export(request):
            return JsonResponse({"detail": [_("Your role may not export lists.")]}, status=403)
        return None

    def name_of(self, rows: Rows) -> str:
        return content_disposition_header(True, export.file_name(rows, self.ending))


class CsvList(FileList):
    ending, content_type = "csv", "text/csv; charset=utf-8"

    def answer(self, request: HttpRequest, rows: Rows) -> StreamingHttpResponse:
        body = export.csv_lines(rows, settings.LANGUAGE_CODE)
        headers = {"Content-Disposition": self.name_of(rows)}
        return StreamingHttpResponse(body, content_type=self.content_type, headers=headers)


class XlsxList(FileList):
    ending, content_type = "xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

    def answer(self, request: HttpRequest, rows: Rows) -> HttpResponse:
        about = export.About(who=str(request.user), when=timezone.localtime(), link=rows.link)
        return HttpResponse(
            export.xlsx_bytes(rows, about, settings.LANGUAGE_CODE),
            content_type=self.content_type,
            headers={"Content-Disposition": self.name_of(rows)},
        )


def list_urls(page: type[ListPage]) -> list[URLPattern]:
    """The addresses of a page: `<slug>/`, named by the slug; `<slug>/overview/`, `total/`, `columns/`, `seen/`, `<slug>.csv` and
    `<slug>.xlsx`, named by it with `-overview`, `-csv` …
    """
    made = page()
    patterns = [
        path(f"{page.slug}/", _open(HtmlList, made), name=page.slug),
        path(f"{page.slug}/overview/", _open(Overview, made), name=f"{page.slug}-overview"),
        path(f"{page.slug}/total/", _open(Total, made), name=f"{page.slug}-total"),
        path(f"{page.slug}/overview/<slug:name>/", _open(FacetCounts, made), name=f"{page.slug}-counts"),
        path(f"{page.slug}/columns/", Columns.as_view(page=made), name=f"{page.slug}-columns"),
        path(f"{page.slug}/seen/", Seen.as_view(page=made), name=f"{page.slug}-seen"),
    ]
    for view in (CsvList, XlsxList):
        patterns.append(path(f"{page.slug}.{view.ending}", _open(view, made), name=f"{page.slug}-{view.ending}"))
    return patterns


def place_url() -> URLPattern:
    """`places/`: the same for every list with a region."""
    return path("places/", _open(Places), name="places")


def _open(view: type[View], page: ListPage | None = None) -> Any:
    """The view without the sign-in wall: it asks for rights itself, after the parameters."""
    function: Any = view.as_view(page=page) if page else view.as_view()
    function.login_required = False
    return function
