"""Merging a company with another one: choose which, look at both, say which is kept and why; and undoing it."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.mixins import PermissionRequiredMixin
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views import View

from tanxun.listing.detail import facts
from tanxun.listing.parameters import KEY
from tanxun.records.admin.lists import search_problem

from .merging import counts, merge, problem, stamp, undo
from .models import Company, CompanyMerge

SHOWN = 20
COMPARED = ("credit_code", "is_legal_name", "region", "industry", "parent", "website", "created_at", "confirmed_on")
LONGEST = 200


class MergeRequired(PermissionRequiredMixin):
    """For those who may change a company and remove one."""

    permission_required = ("certifications.change_company", "certifications.delete_company")
    raise_exception = True


class MergeView(MergeRequired, View):
    """GET: `q` looks for the other one, `with` shows both side by side. POST merges what was looked at."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        company = get_object_or_404(Company, pk=pk)
        if "with" in request.GET:
            return self.compare(company, chosen(request.GET["with"]))
        text = request.GET.get("q", "").strip()
        wrong = search_problem(text)
        names = [company.name, *company.names.values_list("name", flat=True)]
        found = {one.pk: one for name in names for one in Company.objects.matching(name)[:SHOWN]}
        if text and not wrong:
            found = {one.pk: one for one in Company.objects.search(text).select_related("region")[:SHOWN]}
        found.pop(company.pk, None)
        context = {"company": company, "q": text, "error": wrong, "found": found.values(), "most": SHOWN}
        return render(request, "certifications/merge_choose.html", context, status=400 if wrong else 200)

    def post(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        company, other = get_object_or_404(Company, pk=pk), chosen(request.POST.get("with", ""))
        reason = request.POST.get("reason", "").strip()
        kept, gone = (company, other) if request.POST.get("keep") == str(company.pk) else (other, company)
        if request.POST.get("keep") not in (str(company.pk), str(other.pk)):
            return self.compare(company, other, _("Choose the one to keep."))
        if not reason or len(reason) > LONGEST:
            return self.compare(company, other, _("Give a reason, of 200 characters at most."))
        if request.POST.get("seen") != stamp(company, other):
            return self.compare(company, other, _("Somebody changed one of the two meanwhile: look at them again."))
        try:
            made = merge(kept, gone, request.user, reason)
        except ValidationError as refusal:
            return self.compare(company, other, " ".join(refusal.messages))
        told = _("%(gone)s was merged into %(kept)s.") % {"gone": made.gone_name, "kept": kept}
        messages.success(request, told)
        messages.info(request, render_to_string("certifications/_undo_merge.html", {"merge": made}, request))
        for words in made.left:
            messages.warning(request, _("Not moved, since the kept company has it already: %(what)s") % {"what": words})
        return redirect(kept)

    def compare(self, company: Company, other: Company, error: str = "") -> HttpResponse:
        sides = [side(one) for one in (company, other)]
        values = self.request.POST
        context: dict[str, Any] = {
            "company": company,
            "other": other,
            "sides": sides,
            "fields": list(zip(*(one["facts"] for one in sides), strict=True)),
            "keep": values.get("keep") or str(suggested(company, other).pk),
            "reason": values.get("reason", ""),
            "longest": LONGEST,
            "seen": stamp(company, other),
            "problem": problem(company, other),
            "error": error,
        }
        return render(self.request, "certifications/merge.html", context, status=422 if error else 200)


def chosen(key: str) -> Company:
    company = Company.objects.filter(pk=key).first() if KEY.fullmatch(key) else None
    if company is None:
        raise Http404
    return company


def side(company: Company) -> dict[str, Any]:
    return {
        "company": company,
        "key": str(company.pk),
        "facts": facts(company, COMPARED),
        "names": list(company.names.all()[:SHOWN]),
        "counts": counts(company),
    }


def suggested(*companies: Company) -> Company:
    """The one with a code, else with a confirmed name, else with more statements, else the older one."""
    return max(companies, key=lambda one: (bool(one.credit_code), one.is_legal_name, one.statements.count(), -one.pk))


class UndoMergeView(MergeRequired, View):
    """POST puts back what was moved and not changed since."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        get_object_or_404(CompanyMerge, pk=pk)
        try:
            made, told = undo(pk, request.user)
        except CompanyMerge.DoesNotExist:
            messages.warning(request, _("This merge was undone already."))
            return redirect("bin")
        except ValidationError as refusal:
            messages.error(request, " ".join(refusal.messages))
            return redirect("bin")
        messages.success(request, _("%(name)s is a company of its own again.") % {"name": made.gone_name})
        for words in told:
            messages.warning(request, _("Not put back: %(what)s") % {"what": words})
        return redirect(made.gone)
