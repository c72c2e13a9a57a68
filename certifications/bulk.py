"""Changing ticked statements together: choose what, look at every difference, then write all or nothing (feature 11)."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.mixins import PermissionRequiredMixin
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views import View

from policies.forms import RegionField
from tanxun.listing.parameters import KEY
from tanxun.records.models import FieldStatus, Industry, Record

from .forms import known_body
from .models import Company, RegisterStatus, VerificationBody, VerificationStatement

MOST = 200
OF_STATEMENT = ("verification_body", "register_status", "confirmed_on")
OF_COMPANY = ("region", "industry")


class BulkForm(forms.Form):
    """What is left empty stays as it is on every row."""

    verification_body = forms.CharField(
        label=gettext_lazy("Verification body"),
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"list": "known-bodies"}),
    )
    register_status = forms.ChoiceField(
        label=gettext_lazy("Register status"), required=False, choices=[("", "—"), *RegisterStatus.choices]
    )
    region = RegionField(
        label=gettext_lazy("Region"),
        required=False,
        max_length=60,
        help_text=gettext_lazy("Of the companies: name or six-digit code"),
    )
    industry = forms.ModelChoiceField(
        label=gettext_lazy("Industry"), required=False, queryset=Industry.objects.all(), empty_label="—"
    )
    confirmed_on = forms.BooleanField(
        label=gettext_lazy("Still true: confirm today"),
        required=False,
        help_text=gettext_lazy("Somebody looked at all of them again"),
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason"), max_length=100, help_text=gettext_lazy("Stands in the history of every record")
    )

    def clean_verification_body(self) -> VerificationBody | None:
        name = self.cleaned_data["verification_body"]
        body = known_body(name)
        if name and body is None:
            raise ValidationError(_("No one body bears this name: choose one that is known."))
        return body

    def clean_confirmed_on(self) -> dt.date | None:
        return timezone.localdate() if self.cleaned_data["confirmed_on"] else None

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if not self.errors and not any(values.get(name) for name in (*OF_STATEMENT, *OF_COMPANY)):
            raise ValidationError(_("Choose at least one thing to change."))
        return values


@dataclass
class Difference:
    """One record and what would change on it, [(label, before, after)]; `errors` are those of its own rules."""

    record: VerificationStatement | Company
    changes: list[tuple[str, str, str]]
    errors: list[str] = field(default_factory=list)


def differences(statements: Iterable[VerificationStatement], values: dict[str, Any]) -> list[Difference]:
    """Put `values` into the statements and their companies, unsaved, and say what differs."""
    rows = list(statements)
    records: list[tuple[Any, tuple[str, ...]]] = [(row, OF_STATEMENT) for row in rows]
    records += [(company, OF_COMPANY) for company in {row.company_id: row.company for row in rows}.values()]
    found = [_difference(record, names, values) for record, names in records]
    return [each for each in found if each.changes]


def _difference(record: Any, names: tuple[str, ...], values: dict[str, Any]) -> Difference:
    changes = []
    for name in names:
        wanted, meta = values.get(name), record._meta.get_field(name)
        if not wanted or getattr(record, name) == wanted:
            continue
        before = _shown(record, name)
        setattr(record, name, wanted)
        if name == "verification_body":
            record.is_body_undisclosed = False  # a name learned ends the hiding
        if isinstance(record, Record) and meta.editable:
            record.field_status = record.field_status | {name: FieldStatus.CONFIRMED.value}
        changes.append((str(meta.verbose_name), before, _shown(record, name)))
    found = Difference(record, changes)
    if changes:
        try:
            record.derive()
            record.full_clean()
        except ValidationError as error:
            found.errors = error.messages
    return found


def _shown(record: Any, name: str) -> str:
    if name == "verification_body" and getattr(record, "is_body_undisclosed", False) and not record.verification_body_id:
        return _("undisclosed")
    display = getattr(record, f"get_{name}_display", None)
    return str(display() if display else getattr(record, name) or "–")


def version(statements: Iterable[VerificationStatement], values: dict[str, Any]) -> str:
    """Changes whenever one of the records or what is wanted does: what was looked at is what is written."""
    stamps = sorted(f"{row.pk} {row.updated_at} {row.company.updated_at}" for row in statements)
    stamps += [f"{name} {values.get(name)}" for name in (*OF_STATEMENT, *OF_COMPANY)]
    return hashlib.sha256("\n".join(stamps).encode()).hexdigest()[:32]


class BulkEditView(PermissionRequiredMixin, View):
    """`?id=1&id=2` are the ticked rows. GET asks what to change; POST shows every difference; POST with `write` writes it, where
    each of them is still there.
    """

    permission_required = ("certifications.change_verificationstatement", "certifications.change_company")
    raise_exception = True

    def chosen(self, keys: list[str]) -> list[VerificationStatement]:
        wanted = {int(key) for key in keys[: MOST + 1] if KEY.fullmatch(key)}
        rows = VerificationStatement.objects.filter(pk__in=wanted)
        return list(rows.select_related("company__region", "company__industry", "verification_body", "statement_type"))

    def are_all(self, rows: list[VerificationStatement], keys: list[str]) -> bool:
        """Whether each ticked row is among them; where one is not, that is said."""
        if len(rows) == len(set(keys)):
            return True
        messages.error(self.request, _("Not every ticked statement is there any more: look at those that are, then go on."))
        return False

    def get(self, request: HttpRequest) -> HttpResponseBase:
        rows = self.chosen(request.GET.getlist("id"))
        if not rows:
            messages.warning(request, _("Tick the statements to change first."))
            return redirect("statements")
        return self.show(rows, BulkForm())

    def post(self, request: HttpRequest) -> HttpResponseBase:
        keys = request.POST.getlist("id")
        rows, form = self.chosen(keys), BulkForm(request.POST)
        if not rows or not form.is_valid():
            return self.show(rows, form, status=422)
        if not self.are_all(rows, keys):
            return self.show(rows, form, status=409)
        if "write" not in request.POST:
            return self.show(rows, form, differences(rows, form.cleaned_data))
        return self.write(rows, form)

    def write(self, rows: list[VerificationStatement], form: BulkForm) -> HttpResponseBase:
        keys = [row.pk for row in rows]
        with transaction.atomic():
            held = VerificationStatement.objects.select_for_update().filter(pk__in=keys).order_by("pk")
            companies = set(held.values_list("company", flat=True))
            list(Company.objects.select_for_update().filter(pk__in=companies).order_by("pk").values_list("pk"))
            current = self.chosen([str(key) for key in keys])
            seen = version(current, form.cleaned_data)
            found = differences(current, form.cleaned_data)
            if seen != self.request.POST.get("version"):
                messages.error(self.request, _("Somebody changed one of these records meanwhile: look at the differences again."))
                return self.show(current, form, found, status=409)
            if any(each.errors for each in found):
                return self.show(current, form, found, status=422)
            for each in found:
                each.record._change_reason = form.cleaned_data["reason"]
                each.record.save()
        words = ngettext("%(count)s record changed.", "%(count)s records changed.", len(found)) % {"count": len(found)}
        messages.success(self.request, words)
        return redirect("statements")

    def show(
        self, rows: list[VerificationStatement], form: BulkForm, found: list[Difference] | None = None, status: int = 200
    ) -> HttpResponse:
        fresh = self.chosen([str(row.pk) for row in rows])
        context = {
            "rows": rows,
            "form": form,
            "found": found,
            "has_errors": any(each.errors for each in found or ()),
            "version": version(fresh, form.cleaned_data) if found else "",
            "bodies": VerificationBody.objects.values_list("name", flat=True),
            "is_cut": len(self.request.GET.getlist("id")) > MOST,
            "most": MOST,
        }
        return render(self.request, "certifications/bulk.html", context, status=status)
