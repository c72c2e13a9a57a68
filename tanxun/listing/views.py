"""Thin representations of a list page, and the addresses of all of them. All ask `ListPage.rows()` for the rows."""

from __future__ import annotations

import json
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import URLPattern, path, reverse
from django.utils.cache import patch_vary_headers
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views import View

from tanxun.regions.names import load
from tanxun.replicas import may_read_replica

from .access import is_shown_files, may_read, person
from .answers import Told, sign_in_first
from .boxes import ticks
from .cells import body
from .charts import drawings
from .controls import bare, chips, default_chip, follows, grown, heads, panel, plain_head, problems
from .downloads import FileList, StartExport, offers
from .facets import Figures, figures, kept_text, tally_of, total_of
from .own import Columns, Seen
from .page import PAGE_SIZES, InvalidParametersError, ListPage, Rows, given
from .paging import numbered, turns
from .representation import Representation
from .saved import same_filters
from .subscribing import subscription_urls, subscriptions
from .trees import branches_in, branches_named

MAX_NAME = 40


class HtmlList(Representation):
    def refuse(self, request: HttpRequest, error: InvalidParametersError) -> HttpResponse:
        rows, errors = error.rows, error.errors
        saved = same_filters(request.user, rows.page.slug, rows.query_string(per_page=None))
        context = {"problems": problems(rows, errors), "is_refused": True, "saved_as": saved}
        if may_read(request):
            context["filters"] = panel(rows, request.user, errors)
        return render(request, "listing/list.html", self.frame(rows) | context, status=400)

    def give_up(self, request: HttpRequest, rows: Rows | None) -> HttpResponse:
        if rows is None:
            return super().give_up(request, rows)
        context = {"is_given_up": True, "filters": panel(rows, request.user), "chips": chips(rows)}
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
        patch_vary_headers(response, ("HX-Request",))
        return response

    def found(self, rows: Rows, counted: Figures | None) -> dict[str, Any]:
        """What the page shows of the rows; with `counted` also what is otherwise fetched later."""
        one, has_files, user = rows.one_page(), is_shown_files(self.request), self.request.user
        edit_address = reverse(rows.page.edit) if rows.page.edit and person(self.request).is_staff else ""
        has_ticks = has_files or bool(edit_address)
        private = rows.page.private(rows, [row[0] for row in one.rows], user)
        return {
            "filters": panel(rows, user, counts=counted.tallies if counted else None),
            "chips": chips(rows),
            "heads": [*heads(rows), *([plain_head(private[0])] if private else [])],
            "found": one,
            "rows": body(rows, one.rows, has_ticks=has_ticks, private=private),
            "has_ticks": has_ticks,
            "habit": rows.habit,
            "is_whole": rows.is_whole,
            "turns": turns(rows, one),
            "numbers": numbered(rows, one),
            "sizes": [(size, size == one.per_page, rows.query_string(per_page=str(size))) for size in PAGE_SIZES],
            "follows": follows(rows),
            "overview_address": rows.address(f"{rows.page.slug}-overview"),
            "total_address": rows.address(f"{rows.page.slug}-total"),
            "edit_address": edit_address,
        } | (offers(rows) if has_files else {})

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
            **subscriptions(rows, self.request),
        }


class Overview(HtmlList):
    """The counts of a list: to htmx the part that the page fetches, to a browser without script the page with them in place."""

    def answer(self, request: HttpRequest, rows: Rows) -> HttpResponse:
        if request.headers.get("HX-Request"):
            # The part is the same for everybody: drawn once, until something is written.
            response = HttpResponse(
                kept_text(rows, lambda: render_to_string("listing/_overview.html", self.drawn(rows, figures(rows))))
            )
        else:
            counted = figures(rows, everything=True)
            context = self.frame(rows) | self.found(rows, counted) | self.drawn(rows, counted)
            response = render(request, "listing/list.html", context)
        patch_vary_headers(response, ("HX-Request",))
        return response

    def drawn(self, rows: Rows, counted: Figures) -> dict[str, Any]:
        return {
            "total": f"{counted.total:,}",
            "tallies": [(name, json.dumps(tally)) for name, tally in counted.tallies.items()],
            "drawings": drawings(rows, counted),
        }


class FacetCounts(Representation):
    """The counts of one facet as JSON, for one that is opened after the page stands."""

    def forbid(self, request: HttpRequest) -> HttpResponse | None:
        return None if may_read(request) else sign_in_first()

    def answer(self, request: HttpRequest, rows: Rows) -> HttpResponse:
        if self.kwargs["name"] not in rows.page.facets:
            raise Http404
        return Told(tally_of(rows, self.kwargs["name"]))


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
            return Told(errors, status=400)
        if not may_read(request):
            return redirect_to_login(request.get_full_path())
        named = asked.get("named", "")
        branches = branches_named(named[:MAX_NAME]) if named else branches_in(asked.get("within", ""))
        if named and not branches:
            return HttpResponse(format_html('<li class="muted">{}</li>', _("No place of that name")))
        return HttpResponse(ticks("region", [grown(branch, (), None) for branch in branches]))

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


def list_urls(page: type[ListPage]) -> list[URLPattern]:
    """The addresses of a page: `<slug>/`, named by the slug; `<slug>/overview/`, `total/`, `columns/`, `seen/`, `<slug>.csv`,
    `.jsonl`, `.xlsx`, `<slug>/<layout>.xlsx`, `<slug>/export/`, `<slug>.atom`, `.ics`, named by it with `-overview`, `-csv` …
    """
    made = page()
    return [
        path(f"{page.slug}/", _open(HtmlList, page=made), name=page.slug),
        path(f"{page.slug}/overview/", _open(Overview, page=made), name=f"{page.slug}-overview"),
        path(f"{page.slug}/total/", _open(Total, page=made), name=f"{page.slug}-total"),
        path(f"{page.slug}/overview/<slug:name>/", _open(FacetCounts, page=made), name=f"{page.slug}-counts"),
        path(f"{page.slug}/columns/", Columns.as_view(page=made), name=f"{page.slug}-columns"),
        path(f"{page.slug}/seen/", Seen.as_view(page=made), name=f"{page.slug}-seen"),
        path(f"{page.slug}.csv", _open(FileList, page=made, ending="csv"), name=f"{page.slug}-csv"),
        path(f"{page.slug}.jsonl", _open(FileList, page=made, ending="jsonl"), name=f"{page.slug}-jsonl"),
        path(f"{page.slug}.xlsx", _open(FileList, page=made, ending="xlsx"), name=f"{page.slug}-xlsx"),
        *(
            path(
                f"{page.slug}/{layout.slug}.xlsx",
                _open(FileList, page=made, ending="xlsx", layout=layout.slug),
                name=f"{page.slug}-{layout.slug}-xlsx",
            )
            for layout in page.layouts
        ),
        path(f"{page.slug}/export/", StartExport.as_view(page=made), name=f"{page.slug}-export"),
        *subscription_urls(page),
    ]


def place_url() -> URLPattern:
    """`places/`: the same for every list with a region."""
    return path("places/", _open(Places), name="places")


def _open(view: type[View], **given: Any) -> Any:
    """The view without the sign-in wall: it asks for rights itself, after the parameters."""
    function: Any = may_read_replica(view.as_view(**given))
    function.login_required = False
    return function
