"""The bin: every removed record in one list, what, when, why and (for who may see it) by whom; and the way back."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.auth.mixins import AccessMixin
from django.db.models import IntegerField, Value
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views import View

from certifications.merging import open_merges
from certifications.models import Company, VerificationBody, VerificationStatement
from policies.models import IssuingBody, Policy
from tanxun.digest.models import NewsItem
from tanxun.listing.parameters import KEY
from tanxun.records.admin.lists import CappedPaginator
from tanxun.records.many import restore
from tanxun.records.models import bin_key

KINDS: tuple[Any, ...] = (VerificationStatement, Company, VerificationBody, Policy, IssuingBody, NewsItem)
NAMED_WITH = {VerificationStatement: ("company", "statement_type")}
RECORD = re.compile(rf"([a-z]+\.[a-z]+)-({KEY.pattern})")
AT_ONCE = 200
PER_PAGE = 50


@dataclass(frozen=True)
class Removed:
    """One line of the bin. `merge` is the merge that it went with: then that is undone, not the removal alone."""

    record: Any
    who: Any
    merge: Any = None

    @property
    def key(self) -> str:
        return bin_key(self.record)

    @property
    def kind(self) -> str:
        return str(capfirst(self.record._meta.verbose_name))

    @property
    def url(self) -> str:
        """What it was: its form in the admin, to be looked at."""
        meta = self.record._meta
        return reverse(f"admin:{meta.app_label}_{meta.model_name}_change", args=[self.record.pk])


class BinView(AccessMixin, View):
    """GET lists, `kind` narrows; POST takes the records named by `record` out again."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.kinds = [kind for kind in KINDS if request.user.has_perm(right(kind))]
        if not self.kinds:
            return self.handle_no_permission()
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest) -> HttpResponse:
        wanted = request.GET.get("kind", "")
        kinds = [kind for kind in self.kinds if wanted in ("", kind._meta.label_lower)]
        page = CappedPaginator(places(kinds or self.kinds), PER_PAGE).get_page(request.GET.get("page"))
        sees_who = request.user.has_perm("site.see_who_did_what")  # type: ignore[union-attr]
        context = {
            "page_obj": page,
            "rows": lines(list(page.object_list), sees_who),
            "sees_who": sees_who,
            "kinds": [(kind._meta.label_lower, capfirst(kind._meta.verbose_name_plural)) for kind in self.kinds],
            "kind": wanted if kinds and wanted else "",
        }
        return render(request, "site/bin.html", context)

    def post(self, request: HttpRequest) -> HttpResponse:
        by_label = {kind._meta.label_lower: kind for kind in self.kinds}
        back = []
        for key in request.POST.getlist("record")[:AT_ONCE]:
            found = RECORD.fullmatch(key)
            kind = by_label.get(found[1]) if found else None
            record = kind.with_deleted.filter(pk=found[2], deleted_at__isnull=False).first() if kind and found else None
            if record and restored(request, record):
                back.append(record)
        words = ngettext("%(count)d record restored.", "%(count)d records restored.", len(back)) % {"count": len(back)}
        (messages.success if back else messages.warning)(request, words)
        if len(back) == 1 and hasattr(back[0], "get_absolute_url"):
            return redirect(back[0])
        return redirect("bin")


def right(kind: Any) -> str:
    return f"{kind._meta.app_label}.delete_{kind._meta.model_name}"


def restored(request: HttpRequest, record: Any) -> bool:
    """Whether it could be taken out; a refusal is told."""
    if reason := restore(record):
        messages.error(request, _("%(name)s: %(reason)s") % {"name": record, "reason": reason})
    return not reason


def places(kinds: list[Any]) -> Any:
    """(place in KINDS, key) of all that is removed, the latest first."""
    first, *rest = (
        kind._base_manager.filter(deleted_at__isnull=False)
        .order_by()
        .annotate(place=Value(KINDS.index(kind), IntegerField()))
        .values_list("place", "pk", "deleted_at")
        for kind in kinds
    )
    return first.union(*rest, all=True).order_by("-deleted_at", "place", "-pk") if rest else first.order_by("-deleted_at", "-pk")


def lines(found: list[tuple[int, int, Any]], sees_who: bool) -> list[Removed]:
    """By three queries for each kind."""
    keys: dict[int, list[int]] = {}
    for place, pk, _at in found:
        keys.setdefault(place, []).append(pk)
    known: dict[tuple[int, int], Removed] = {}
    for place, wanted in keys.items():
        kind = KINDS[place]
        records = kind.with_deleted.select_related(*NAMED_WITH.get(kind, ())).in_bulk(wanted)
        who = removers(kind, records) if sees_who else {}
        merges = open_merges(wanted) if kind is Company else {}
        known |= {(place, pk): Removed(one, who.get(pk), merges.get(pk)) for pk, one in records.items()}
    return [known[place, pk] for place, pk, _at in found if (place, pk) in known]


def removers(kind: Any, records: dict[int, Any]) -> dict[int, Any]:
    """Who removed each, by the first entry that has this removal."""
    entries = kind.history.filter(id__in=list(records), deleted_at__isnull=False).select_related("history_user")
    who: dict[int, Any] = {}
    for entry in entries.order_by("-history_id"):
        if entry.deleted_at == records[entry.id].deleted_at:
            who[entry.id] = entry.history_user
    return who
