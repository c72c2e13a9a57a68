"""What a person sets for one list by POST: its columns and their order, and how far they have seen."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views import View

from .access import person
from .models import Habit
from .page import InvalidParametersError, ListPage, Rows
from .parameters import KEY


class Columns(View):
    """Choose and order the columns. Every button but the two that keep or reset only draws the page again, or shows the list."""

    http_method_names = ("get", "head", "post")
    page = ListPage()

    def get(self, request: HttpRequest) -> HttpResponse:
        rows = self.rows(request, request.GET)
        return self.draw(request, rows, [column.key for column in rows.columns])

    def post(self, request: HttpRequest) -> HttpResponse:
        rows = self.rows(request, QueryDict(request.POST.get("query", "")))
        keys = [column.key for column in self.page.chosen_columns(request.POST.getlist("columns"))]
        for step, name in ((-1, "up"), (1, "down")):
            if (key := request.POST.get(name)) in keys:
                return self.draw(request, rows, moved(keys, key, step))
        back = f"{reverse(self.page.slug)}?{rows.query_string(columns=None) or 'page=1'}"
        if "reset" in request.POST:
            keys = []
        elif not keys:
            return self.draw(request, rows, keys, is_refused=True)
        elif "once" in request.POST:
            return redirect(f"{reverse(self.page.slug)}?{rows.query_string(columns=','.join(keys))}")
        Habit.objects.update_or_create(user=person(request), page=self.page.slug, defaults={"columns": ",".join(keys)})
        return redirect(back)

    def rows(self, request: HttpRequest, params: QueryDict) -> Rows:
        try:
            return self.page.rows(params, request.user)
        except InvalidParametersError:
            raise Http404 from None

    def draw(self, request: HttpRequest, rows: Rows, keys: list[str], is_refused: bool = False) -> HttpResponse:
        chosen = self.page.chosen_columns(keys)
        context: dict[str, Any] = {
            "page": self.page,
            "chosen": chosen,
            "others": [column for column in self.page.columns if column not in chosen],
            "query": rows.query_string(columns=None),
            "is_refused": is_refused,
        }
        return render(request, "listing/columns.html", context, status=400 if is_refused else 200)


def moved(keys: list[str], key: str, step: int) -> list[str]:
    """`keys` with one of them a step up (-1) or down (1); at the end it stays."""
    others = [other for other in keys if other != key]
    place = min(max(keys.index(key) + step, 0), len(others))
    return [*others[:place], key, *others[place:]]


class Seen(View):
    """The visit mark moves here and not when the list is read, since GET never writes: the script of the whole list says
    "I am here" after it stands; of a part of the list, and without a script, the button "all seen" does.

    `newest` is the highest key that there was when the page was drawn.
    """

    http_method_names = ("post",)
    page = ListPage()

    @transaction.atomic
    def post(self, request: HttpRequest) -> HttpResponse:
        highest = self.page.queryset.order_by("-pk").values_list("pk", flat=True).first() or 0
        drawn = request.POST.get("newest", "")
        if KEY.fullmatch(drawn):
            highest = min(highest, int(drawn))  # what came in since the page was drawn was not seen
        if "all" in request.POST:
            Habit.saw_all(request.user, self.page.slug, highest)
            query = QueryDict(request.POST.get("query", "")).urlencode()
            return redirect(f"{reverse(self.page.slug)}?{query or 'page=1'}")
        Habit.saw(request.user, self.page.slug, highest)
        return HttpResponse(status=204)
