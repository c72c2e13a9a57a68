"""The pages of what waits for a second person: for who approves, and for who sent it. GET shows, POST decides."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.mixins import PermissionRequiredMixin
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views import View

from tanxun.records.proposals import MAY_APPROVE, Proposal
from tanxun.site.models import User

from .deciding import Moved, approve, return_to_sender, withdraw

PER_PAGE = 50


class StaffMixin(PermissionRequiredMixin):
    """Editors and up, who may send what has to be approved."""

    permission_required = "site.review_drafts"
    raise_exception = True
    request: HttpRequest

    @property
    def person(self) -> User:
        return cast(User, self.request.user)


class ApprovalsView(StaffMixin, View):
    """`state` narrows; without it, what waits."""

    def get(self, request: HttpRequest) -> HttpResponse:
        state = request.GET.get("state", "")
        if state not in Proposal.State.values:
            state = Proposal.State.WAITING
        rows = Proposal.objects.visible_to(self.person).filter(state=state)
        rows = rows.defer("data", "told").select_related("proposer", "decided_by")
        context = {
            "page_obj": Paginator(rows, PER_PAGE).get_page(request.GET.get("page")),
            "state": state,
            "states": Proposal.State.choices,
            "may_approve": self.person.has_perm(MAY_APPROVE),
        }
        return render(request, "site/approvals.html", context)


class ApprovalView(StaffMixin, View):
    """One of them: whoever sent it and whoever may approve sees it; for others it is not there."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self.show(self.found(pk))

    def found(self, pk: int) -> Proposal:
        rows = Proposal.objects.visible_to(self.person).select_related("proposer", "decided_by")
        return get_object_or_404(rows, pk=pk)

    def post(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        proposal, action = self.found(pk), request.POST.get("action", "")
        is_mine = proposal.proposer_id == self.person.pk
        if action == "seen" and is_mine:
            Proposal.objects.filter(pk=pk).update(is_seen=True)
            return redirect("approvals")
        try:
            if action == "withdraw" and is_mine:
                withdraw(proposal, self.person)
                messages.success(request, _("Withdrawn: nothing was changed."))
            elif action == "return":
                return_to_sender(proposal, self.person, request.POST.get("answer", ""))
                messages.success(request, _("Returned to %(who)s.") % {"who": proposal.proposer})
            elif action == "approve":
                approve(proposal, self.person, request.POST.get("digest", ""), request)
                messages.success(request, _("Approved: “%(title)s” holds now.") % {"title": proposal.title})
            else:
                return self.show(proposal, status=400)
        except ValidationError as refusal:
            return self.show(self.found(pk), refusal.messages, status=409)
        except Moved:
            words = _("It would now change other things than you saw: records changed meanwhile. Look at it again.")
            return self.show(self.found(pk), [words], status=409)
        return redirect("approvals")

    def show(self, proposal: Proposal, errors: Any = (), status: int = 200) -> HttpResponse:
        is_mine = proposal.proposer_id == self.person.pk
        may_approve = self.person.has_perm(MAY_APPROVE)
        others = Proposal.objects.none()
        if proposal.is_waiting and may_approve:
            others = others_of(proposal)
        context = {
            "proposal": proposal,
            "errors": errors,
            "entries": [entry | {"words": whats().get(entry["what"], entry["what"])} for entry in proposal.told],
            "others": others,
            "is_mine": is_mine,
            "may_decide": may_approve and not is_mine and proposal.is_waiting,
            "may_resend": may_resend(proposal, is_mine=is_mine, may_approve=may_approve),
            "data": [(key, value) for key, values in proposal.data.items() for value in values],
            "is_form": proposal.path.startswith(("/admin/", "/review/")),
        }
        return render(self.request, "site/approval.html", context, status=status)


def whats() -> dict[str, str]:
    """What happened to a record, in words."""
    return {
        "created": _("new"),
        "changed": _("changed"),
        "removed": _("moved to the bin"),
        "restored": _("taken out of the bin"),
        "deleted": _("deleted"),
        "job": _("to be done"),
        "more": _("not listed here"),
    }


def others_of(proposal: Proposal) -> Any:
    """What else waits about one of the same records."""
    others = Proposal.objects.none()
    for key in proposal.touches.split()[:20]:
        others = others | Proposal.objects.waiting().touching(key)
    return others.exclude(pk=proposal.pk).distinct()


def may_resend(proposal: Proposal, *, is_mine: bool, may_approve: bool) -> bool:
    """The same form once more: by its sender, or by who takes over what a disabled account left."""
    if is_mine:
        return proposal.state != Proposal.State.APPROVED
    return may_approve and proposal.is_waiting and not proposal.proposer.is_active
