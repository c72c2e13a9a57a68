"""Deciding between sources: the list of open conflicts, the buttons beside each, and the panel on a record's page."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.mixins import PermissionRequiredMixin
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from policies.models import Policy
from policies.told import TABLES
from tanxun.listing.parameters import KEY

from .conflicts import (
    ChangedError,
    SettledError,
    conflicts_of,
    label,
    look_alikes,
    reopen,
    settle,
    shown,
    tell_alike,
    tell_apart,
    told_apart,
)
from .models import Conflict, VerificationStatement

PER_PAGE, REOPEN = 50, "reopen"
POINTERS = ("company", "statement_type", "verification_body", "consultant", "programme", "recognised_by")
POINTED_TO = (*(f"statement__{name}" for name in POINTERS), "policy__region")
TIED = ("statement__products", "statement__standards", "policy__issuers__body", *(f"policy__{name}" for name in TABLES))


def disagreements(request: HttpRequest, record: VerificationStatement | Policy) -> tuple[str, dict[str, Any]] | None:
    """On the page of a statement or a policy, for staff: what waits for a decision and what was decided, to take it back. Staff
    are exactly those who may decide."""
    if not request.user.is_staff:
        return None
    twins, apart = (look_alikes(record), told_apart(record)) if isinstance(record, VerificationStatement) else ([], [])
    found = conflicts_of(record)
    context = {
        "conflicts": [each for each in found if not each.resolved_at],
        "decided": [each for each in found if each.resolved_at],
        "twins": twins,
        "apart": apart,
        "record": record,
    }
    return ("certifications/_conflicts.html", context) if found or twins or apart else None


class ConflictsView(PermissionRequiredMixin, TemplateView):
    """All that is open, the latest first. A POST decides one, or takes a decision back, and leads to where its button stood."""

    template_name = "certifications/conflicts.html"
    permission_required = "site.review_drafts"
    raise_exception = True

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        rows = Conflict.objects.open().select_related(*POINTED_TO).prefetch_related(*TIED)
        page = Paginator(rows, PER_PAGE).get_page(self.request.GET.get("page"))
        return super().get_context_data(**{"found": page, "conflicts": shown(page.object_list)} | kwargs)

    def post(self, request: HttpRequest) -> HttpResponse:
        if "same" in request.POST or "alike" in request.POST:
            return self.told_apart()
        key, choice = request.POST.get("conflict", ""), request.POST.get("choice", "")
        if not KEY.fullmatch(key) or choice not in (*Conflict.Choice, REOPEN):
            raise Http404
        conflict = get_object_or_404(Conflict, pk=key)
        if choice == REOPEN:
            return self.reopened(conflict)
        try:
            conflict = settle(int(key), choice, request.user, request.POST.get("seen", ""))
            messages.success(request, _("Decided: %(field)s.") % {"field": label(conflict)})
        except ChangedError:
            return self.changed(conflict)
        except Conflict.DoesNotExist:  # its import was taken back meanwhile
            raise Http404 from None
        except (SettledError, ValidationError) as error:
            for words in getattr(error, "messages", [str(error)]):
                messages.error(request, words)
        return self.back(conflict)

    def changed(self, conflict: Conflict) -> HttpResponse:
        """This one alone, as it stands now, to look at it again."""
        words = _("“%(field)s” of this record is no longer what was shown: look at it again. Nothing was written.")
        messages.error(self.request, words % {"field": label(conflict)})
        page = Paginator([conflict], 1).get_page(1)
        return self.render_to_response(self.get_context_data(found=page, conflicts=shown([conflict])), status=409)

    def reopened(self, conflict: Conflict) -> HttpResponse:
        words = _("Open again: %(field)s. The record stays as it is; what it held before stands in its history.")
        try:
            conflict = reopen(conflict.pk)
        except Conflict.DoesNotExist:
            raise Http404 from None
        messages.success(self.request, words % {"field": label(conflict)})
        return self.back(conflict)

    def told_apart(self) -> HttpResponse:
        """Two statements that look alike are two; or that is taken back."""
        is_same = "same" in self.request.POST
        keys = [self.request.POST.get(name, "") for name in ("statement", "same" if is_same else "alike")]
        if not all(KEY.fullmatch(key) for key in keys):
            raise Http404
        statement, other = (get_object_or_404(VerificationStatement, pk=key) for key in keys)
        if statement == other:
            raise Http404
        if is_same:
            tell_apart(statement, other, self.request.user)
            messages.success(self.request, _("Noted: these are two statements."))
        else:
            tell_alike(statement, other)
            messages.success(self.request, _("Taken back: they may be the same statement."))
        return redirect(statement)

    def back(self, conflict: Conflict) -> HttpResponse:
        to_list = self.request.POST.get("from") == "list"
        return redirect(reverse("certifications:conflicts") if to_list else conflict.record)
