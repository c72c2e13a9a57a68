"""The archive of the weekly: the list of frozen issues, the page of one, and its files. Readable as all lists are."""

from __future__ import annotations

import re
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import CharField, IntegerField, Q, QuerySet, Value
from django.db.models.functions import Cast
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext_lazy as _
from django.views import View

from tanxun.listing.access import ReaderRequiredMixin
from tanxun.listing.columns import Column
from tanxun.listing.options import NONE, Option, RowChoiceFilter
from tanxun.listing.page import ListPage
from tanxun.listing.parameters import SearchFilter
from tanxun.listing.question import FilterSet

from .amendments import corrections
from .digests import Digest
from .formats import FORMATS, FormatError
from .formats.article import article
from .issue_files import answer

YEAR = re.compile(r"[12][0-9]{3}", re.ASCII)
FOR_EDITORS = ("wechat",)  # WeChat's article is the house's own to post
SIGNED_IN = ("pdf",)  # takes seconds to make


class IssueYearFilter(RowChoiceFilter):
    """The year of the issue's week. The form offers those that there are; any other may be asked."""

    def __init__(self) -> None:
        rows = Digest.objects.published
        super().__init__(label=_("Year"), field_name="year", rows=rows, value="year", text="year", rank="year")

    def option_rows(self, number: int, asked: tuple[str, ...] | None) -> QuerySet:
        year = Cast("year", CharField())
        own = (Value(number, output_field=IntegerField()), Cast("year", IntegerField()), year, year, year)
        return self.rows().order_by().values_list(*own).distinct()

    def parse(self, text: str) -> str:
        if text != NONE and not YEAR.fullmatch(text):
            raise ValidationError(_("Give a year as 2026."))
        return text

    def condition(self, value: list[str]) -> Q:
        years = Q(year__in=[int(text) for text in value if text != NONE])
        return years | self.empty() if NONE in value else years

    def empty(self) -> Q:
        return Q(year__isnull=True)

    def shown_options(self) -> list[Option]:
        asked = {text for name in ("year", "year!") for text in self.parent.data.getlist(name) if YEAR.fullmatch(text)}
        return [Option(text, text) for text in sorted({*self.options, *asked}, reverse=True)]


class DigestFilter(FilterSet):
    q = SearchFilter(label=_("Search"))
    year = IssueYearFilter()

    class Meta:
        model = Digest
        fields: list[str] = []


class DigestPage(ListPage):
    slug, title = "digests", _("Weekly")
    queryset = Digest.objects.published()
    filterset_class = DigestFilter
    ordering = ("-week", "-pk")
    detail = "digest:issue"
    facets = ("year",)
    making = ("digest:weeks", _("Compose the weekly"))
    empty_hint = _("An issue stands here as soon as a manager has frozen it.")
    columns = (
        Column("title", _("Title"), path="title", kind="link", link="digest:issue"),
        Column("week", _("Week"), path="week", sort="week"),
        Column("lead", _("Headline line"), path="lead"),
        Column("entries", _("Entries"), path="entry_count", kind="number", sort="entry_count"),
        Column("published_on", _("Published on"), path="published_on", kind="date"),
    )


class IssueView(ReaderRequiredMixin, View):
    """A frozen issue, with what is to be corrected in it, its neighbours and its files."""

    http_method_names = ("get", "head")

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return shown(request, get_object_or_404(Digest.objects.published(), pk=pk))


class IssueFileView(ReaderRequiredMixin, View):
    """A frozen issue in one format."""

    http_method_names = ("get", "head")

    def get(self, request: HttpRequest, pk: int, name: str) -> HttpResponseBase:
        digest = get_object_or_404(Digest.objects.published(), pk=pk)
        if name in FORMATS and name not in allowed(request):
            raise PermissionDenied
        try:
            return answer(digest, name)
        except FormatError as error:
            return shown(request, digest, str(error), status=503)


def shown(request: HttpRequest, digest: Digest, problem: str = "", status: int = 200) -> HttpResponse:
    issues = Digest.objects.published().only("week", "title")
    context: dict[str, Any] = {
        "digest": digest,
        "article": article(digest.frozen_issue, map(str, corrections(digest))),
        "files": [(name, FORMATS[name].label) for name in allowed(request)],
        "former": issues.filter(week__lt=digest.week).order_by("-week").first(),
        "later": issues.filter(week__gt=digest.week).order_by("week").first(),
        "problem": problem,
    }
    return render(request, "digest/issue.html", context, status=status)


def allowed(request: HttpRequest) -> list[str]:
    """The formats that this visitor may have."""
    is_composer = request.user.has_perm("digest.compose_digest")
    is_known = request.user.is_authenticated
    return [name for name in FORMATS if (name not in FOR_EDITORS or is_composer) and (name not in SIGNED_IN or is_known)]
