"""The files of a list: CSV and JSON Lines at any size as they are read, a workbook at once where it is small, else by a job."""

from __future__ import annotations

from io import BytesIO
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

from django.contrib import messages
from django.contrib.auth.mixins import PermissionRequiredMixin
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import TooManyFieldsSent
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
    QueryDict,
    StreamingHttpResponse,
)
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views import View
from rest_framework.exceptions import AuthenticationFailed

from tanxun.jobs.attempt import JobError

from .access import EXPORT_PERMISSION, may_export, person
from .answers import refused, sign_in_first
from .bearer import ALLOWANCE, Bearer, is_program, out_of_scope, too_often, unauthorized
from .dump import Busy, Turn
from .exports import start_export
from .files import TYPES, Order, order
from .keys import AccessKey
from .page import ALL, InvalidParametersError, ListPage, Rows, UnknownPageError
from .representation import Representation

TOO_LARGE = 413
SCOPE = AccessKey.Scope.EXPORT


class FileList(Representation):
    """A file of all rows: its words are in LANGUAGE_CODE, whatever the visitor's language."""

    ending = ""
    layout = ""
    key: AccessKey | None = None
    problem = ""

    def get(self, request: HttpRequest, **kwargs: str) -> HttpResponseBase:
        """A program comes with a token; then a session says nothing."""
        try:
            if is_program(request) and (opened := Bearer().authenticate(request)):
                request.user, self.key = opened
        except AuthenticationFailed as error:
            request.user, self.problem = AnonymousUser(), str(error.detail)
        if self.key and (seconds := ALLOWANCE.wait(self.key.key_hash)):
            return too_often(seconds)
        return super().get(request, **kwargs)

    def asked(self, request: HttpRequest) -> Rows:
        self.order = order(self.page, self.ending, request.GET, request.user, self.layout)
        return self.order.sheets[0]

    def forbid(self, request: HttpRequest) -> HttpResponse | None:
        if self.problem:
            return unauthorized(self.problem)
        if not request.user.is_authenticated:
            return sign_in_first()
        if not may_export(request):
            return refused(403, _("Your role may not export lists."))
        return None if self.key is None or self.key.may([SCOPE]) else out_of_scope(SCOPE)

    def answer(self, request: HttpRequest, rows: Rows) -> HttpResponseBase:
        wanted = self.order
        disposition = str(content_disposition_header(True, wanted.file_name))
        headers = {"Content-Disposition": disposition, "Content-Language": wanted.language}
        if self.ending != "xlsx":
            return self.streamed(wanted, headers)
        if wanted.is_large():
            if self.key:
                words = _("As a workbook this is too large to be written while you wait: take CSV or JSON Lines.")
                return refused(TOO_LARGE, words)
            # Its first byte would come after its last row; nobody's browser waits for that.
            context = {"page": self.page, "order": wanted, "address": reverse(f"{self.page.slug}-export")}
            return render(request, "listing/large_export.html", context, status=TOO_LARGE)
        file = BytesIO()
        wanted.write(file, str(request.user))
        return HttpResponse(file.getvalue(), content_type=TYPES[self.ending], headers=headers)

    def streamed(self, wanted: Order, headers: dict[str, str]) -> HttpResponseBase:
        """As it is read. Programs, which can wait and ask again, get one file at a time of each process of the server."""
        blocks: Any = wanted.blocks()
        if self.key or self.ending == "jsonl":
            try:
                blocks = Turn(blocks)
            except Busy:
                words = _("Another file is being written: ask again in a moment.")
                return refused(503, words, Retry_After="5")
        return StreamingHttpResponse(blocks, content_type=TYPES[self.ending], headers=headers)


class StartExport(PermissionRequiredMixin, View):
    """Have a file written in the background, then to where its progress is shown."""

    http_method_names = ("post",)
    permission_required = EXPORT_PERMISSION
    raise_exception = True
    page = ListPage()

    def post(self, request: HttpRequest) -> HttpResponseRedirect:
        asked = request.POST
        if asked.get("ending") not in TYPES:
            raise Http404
        try:
            query = QueryDict(asked.get("query", ""))
            wanted = order(self.page, asked["ending"], query, request.user, asked.get("layout", ""))
        except (InvalidParametersError, TooManyFieldsSent, UnknownPageError):
            raise Http404 from None
        try:
            start_export(wanted, person(request))
        except JobError as error:
            messages.error(request, str(error))
        return redirect("exports")


class Offer(NamedTuple):
    """A file that the page offers: `address` gives it at once; where it is large, `ending` and `query` start the job."""

    label: str
    address: str
    ending: str
    query: str
    layout: str = ""


def offers(rows: Rows) -> dict[str, Any]:
    """What the page shows to those who may export: with the columns of the page where somebody chose them, else with all."""
    chosen = rows.column_keys or rows.page.chosen_columns(rows.habit.columns)
    keys = ",".join(column.key for column in rows.columns) if chosen else None
    return {
        "may_export": True,
        "files": [of_list(rows, _("Export CSV"), "csv", keys), of_list(rows, _("Export Excel"), "xlsx", keys)],
        "more_files": [
            *([of_list(rows, _("All columns as Excel"), "xlsx", ALL)] if keys else []),
            *of_layouts(rows),
            of_list(rows, _("JSON Lines"), "jsonl", keys),
        ],
        "export_address": reverse(f"{rows.page.slug}-export"),
        "carried": parse_qsl(rows.query_string(per_page=None, id=None, columns=keys)),
        "file_addresses": {ending: reverse(f"{rows.page.slug}-{ending}") for ending in TYPES},
    }


def of_list(rows: Rows, label: str, ending: str, columns: str | None) -> Offer:
    address = rows.address(f"{rows.page.slug}-{ending}", columns=columns)
    return Offer(label, address, ending, rows.query_string(per_page=None, columns=columns))


def of_layouts(rows: Rows) -> list[Offer]:
    """The workbooks made of this list; what a layout does not understand stays behind."""
    made = []
    for layout in rows.page.layouts:
        query = QueryDict(mutable=True)
        for name, _filter, texts in rows.filters.given():
            if layout.knows(name):
                query.setlist(name, texts)
        text = query.urlencode()
        address = reverse(f"{rows.page.slug}-{layout.slug}-xlsx")
        made.append(Offer(str(layout.title), f"{address}{'?' if text else ''}{text}", "xlsx", text, layout.slug))
    return made
