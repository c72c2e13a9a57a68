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
from tanxun.listing.parameters import KEY

from .conflicts import SettledError, label, labelled, look_alikes, open_conflicts, settle, tell_apart
from .models import Conflict, VerificationStatement

PER_PAGE = 50


def disagreements(request: HttpRequest, record: VerificationStatement | Policy) -> tuple[str, dict[str, Any]] | None:
    """On the page of a statement or a policy, for staff: what waits for a decision. Staff are exactly those who may decide."""
    if not request.user.is_staff:
        return None
    twins = look_alikes(record) if isinstance(record, VerificationStatement) else []
    context = {"conflicts": open_conflicts(record), "twins": twins, "record": record}
    return ("certifications/_conflicts.html", context) if context["conflicts"] or twins else None


class ConflictsView(PermissionRequiredMixin, TemplateView):
    """All that is open, the latest first. A POST decides one, and leads back to where its button stood."""

    template_name = "certifications/conflicts.html"
    permission_required = "site.review_drafts"
    raise_exception = True

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        parts = ("statement__company", "statement__statement_type", "policy")
        rows = Conflict.objects.open().select_related(*parts)
        page = Paginator(rows, PER_PAGE).get_page(self.request.GET.get("page"))
        return super().get_context_data(found=page, conflicts=labelled(page.object_list), **kwargs)

    def post(self, request: HttpRequest) -> HttpResponse:
        if "same" in request.POST:
            return self.told_apart()
        key, choice = request.POST.get("conflict", ""), request.POST.get("choice", "")
        if not KEY.fullmatch(key) or choice not in Conflict.Choice:
            raise Http404
        conflict = get_object_or_404(Conflict, pk=key)
        try:
            conflict = settle(int(key), choice, request.user)
            messages.success(request, _("Decided: %(field)s.") % {"field": label(conflict)})
        except (SettledError, ValidationError) as error:
            for words in getattr(error, "messages", [str(error)]):
                messages.error(request, words)
        return self.back(conflict)

    def told_apart(self) -> HttpResponse:
        """Two statements that look alike are two."""
        keys = [self.request.POST.get(name, "") for name in ("statement", "same")]
        if not all(KEY.fullmatch(key) for key in keys):
            raise Http404
        statement, other = (get_object_or_404(VerificationStatement, pk=key) for key in keys)
        if statement == other:
            raise Http404
        tell_apart(statement, other, self.request.user)
        messages.success(self.request, _("Noted: these are two statements."))
        return redirect(statement)

    def back(self, conflict: Conflict) -> HttpResponse:
        to_list = self.request.POST.get("from") == "list"
        return redirect(reverse("certifications:conflicts") if to_list else conflict.record)
