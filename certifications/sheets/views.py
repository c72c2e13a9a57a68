"""Bring your sheet: upload, what the columns mean, what would be written, bring in, take back. A person sees their own."""

from __future__ import annotations

import datetime as dt
import hashlib
from pathlib import PurePath
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.mixins import PermissionRequiredMixin
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override
from django.views import View
from django.views.generic import FormView

from certifications.models import HeadMeaning, SheetImport
from tanxun.jobs.attempt import JobError
from tanxun.records.models import bin_key
from tanxun.records.proposals import Proposal

from . import tasks
from .findings import State, label_of
from .guard import MAX_BYTES
from .heads import FIELDS, head_key
from .report import template_bytes
from .undo import Back, foreseen

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_A_DAY = 50
LISTED = 50
ACTIONS = {"check": tasks.check, "bring_in": tasks.bring_in, "undo": tasks.undo}


class UploadForm(forms.Form):
    file = forms.FileField(label=gettext_lazy("Sheet"), widget=forms.FileInput(attrs={"accept": ".xlsx,.csv"}))

    def clean_file(self) -> UploadedFile:
        upload: UploadedFile = self.cleaned_data["file"]
        if (upload.size or 0) > MAX_BYTES:
            raise forms.ValidationError(
                _("The file is larger than %(limit)s MB (the limit).") % {"limit": MAX_BYTES // 1_000_000}
            )
        return upload


class ImporterMixin(PermissionRequiredMixin):
    permission_required = tasks.RIGHT
    raise_exception = True
    request: HttpRequest

    def own(self) -> Any:
        rows = SheetImport.objects.all()
        return rows if self.request.user.is_superuser else rows.filter(created_by=self.request.user.pk)

    @transaction.atomic
    def begin(self, pk: int, action: str) -> HttpResponse:
        """Start the work, or say why not. Of two forms at once the second waits for the row, and finds the work of the first."""
        sheet = get_object_or_404(self.own().select_for_update(), pk=pk)
        try:
            if words := held(sheet, action):
                raise JobError(words)
            if action == "bring_in" and self.is_unchecked(sheet):
                messages.warning(self.request, _("This was not checked yet, so it is checked first: look, then bring it in."))
                action = "check"
            if action == "check":
                self.keep_meanings(sheet)
            if action != "undo":
                self.keep_choices(sheet)
            tasks.start_work(ACTIONS[action], sheet, self.request.user)
        except JobError as error:
            messages.error(self.request, str(error))
        return redirect(sheet)

    def is_unchecked(self, sheet: SheetImport) -> bool:
        """Whether the form says of columns or known rows what the last check was not asked; it tells wrong rows in any case."""
        post = self.request.POST
        is_told = all(post.get(f"column-{n}", name or "-") == (name or "-") for n, (head, name) in enumerate(sheet.heads) if head)
        updates = post.get("updates") == "1" if "choices" in post else sheet.updates
        return not (sheet.found_digest and is_told and updates == sheet.updates)

    def keep_meanings(self, sheet: SheetImport) -> None:
        """What the columns mean, for this sheet and the next ones; it is to be checked with that."""
        post = self.request.POST
        names = {field.name for field in FIELDS} | {"-"}
        said = {}
        for number, (head, _field) in enumerate(sheet.heads):
            name = post.get(f"column-{number}", "")
            if head and name in names:
                said[head_key(head)[0][:200]] = name
        if said:
            sheet.meanings = said
            rows = [HeadMeaning(user_id=self.request.user.pk, words=words, field=name) for words, name in said.items()]
            HeadMeaning.objects.bulk_create(rows, update_conflicts=True, unique_fields=["user", "words"], update_fields=["field"])
        sheet.found_digest = ""
        sheet.save(update_fields=["meanings", "found_digest"])

    def keep_choices(self, sheet: SheetImport) -> None:
        """How to treat known and wrong rows."""
        post = self.request.POST
        if "choices" in post:
            sheet.updates, sheet.is_partial = post.get("updates") == "1", post.get("is_partial") == "1"
            sheet.save(update_fields=["updates", "is_partial"])


def held(sheet: SheetImport, action: str) -> str:
    """Why this may not be done with the sheet now, or "": work reads what was said when it begins."""
    if not (sheet.state == SheetImport.State.WRITTEN if action == "undo" else sheet.is_open):
        return tasks.no_longer(sheet)
    if Proposal.objects.waiting().touching(bin_key(sheet)).exists():
        return _("It waits for approval: until that is decided it stays as it was shown.")
    return _("Work on this sheet is under way: wait until it is done.") if tasks.is_under_way(sheet) else ""


class SheetsView(ImporterMixin, FormView):
    """Upload; the sheets that one brought."""

    template_name = "certifications/imports.html"
    form_class = UploadForm

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(sheets=self.own().defer("lines", "heads")[:LISTED], **kwargs)

    def form_valid(self, form: UploadForm) -> HttpResponse:
        mine = SheetImport.objects.filter(created_by=self.request.user.pk)
        if mine.filter(created_at__gt=timezone.now() - dt.timedelta(days=1)).count() >= MOST_A_DAY:
            form.add_error("file", _("You brought %(count)s sheets within a day: try again tomorrow.") % {"count": MOST_A_DAY})
            return self.form_invalid(form)
        sheet = stored(form.cleaned_data["file"], self.request.user)
        return self.begin(sheet.pk, "check")

    def form_invalid(self, form: UploadForm) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=422)


def stored(upload: UploadedFile, user: Any) -> SheetImport:
    """The file under a name of our own, then its record; the same file again is the record that is still open."""
    digest = hashlib.sha256()
    for chunk in upload.chunks():
        digest.update(chunk)
    known = SheetImport.objects.filter(created_by=user.pk, digest=digest.hexdigest()).first()
    if known and known.is_open:
        return known
    shown = "".join(filter(str.isprintable, PurePath((upload.name or "").replace("\\", "/")).name))[:200]
    sheet = SheetImport(name=shown or "?", size=upload.size or 0, digest=digest.hexdigest(), created_by=user)
    upload.seek(0)
    with sheet.path.open("wb") as file:
        for chunk in upload.chunks():
            file.write(chunk)
    sheet.save()
    return sheet


class SheetView(ImporterMixin, View):
    """One sheet: GET shows it, POST checks it anew (with what the columns mean), brings it in or takes it back: first it is
    shown what that comes to."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self.show(get_object_or_404(self.own(), pk=pk))

    def show(self, sheet: SheetImport, back: Back | None = None) -> HttpResponse:
        counts = [(state, sheet.counts.get(state.value, 0)) for state in State]
        lines = [line | {"label": label_of(line["field"]), "state_label": LABELS.get(line["state"], "")} for line in sheet.lines]
        job = tasks.latest(sheet, self.request.user)
        context = {
            "sheet": sheet,
            "job": job,
            "is_busy": bool(job and job.is_open),
            "counts": counts,
            "wrong": sheet.counts.get(State.WRONG.value, 0),
            "changed": sheet.counts.get(State.CHANGED.value, 0),
            "to_write": self.to_write(sheet),
            "lines": lines,
            "columns": list(enumerate(sheet.heads)),
            "fields": FIELDS,
            "has_report": sheet.report_path.exists(),
            "back": back,
        }
        return render(self.request, "certifications/import.html", context)

    @staticmethod
    def to_write(sheet: SheetImport) -> int:
        states = [State.NEW, State.DOUBTFUL, *([State.CHANGED] if sheet.updates else [])]
        return sum(sheet.counts.get(state.value, 0) for state in states)

    def post(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        action = request.POST.get("action", "")
        if action not in ACTIONS:
            raise Http404
        if action == "undo" and "sure" not in request.POST:
            sheet = get_object_or_404(self.own(), pk=pk)
            if not held(sheet, action):
                return self.show(sheet, foreseen(sheet.written_at))
        return self.begin(pk, action)


LABELS = dict(State.choices)


class ReportView(ImporterMixin, View):
    """The report of the last check or import, for its owner and for who decides whether it is brought in."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        to_decide = Proposal.objects.to_decide(request.user).touching(f"{SheetImport._meta.label_lower}-{pk}")  # type: ignore[arg-type]
        sheet = get_object_or_404(SheetImport if to_decide.exists() else self.own(), pk=pk)
        if not sheet.report_path.exists():
            raise Http404
        name = f"{PurePath(sheet.name).stem}-{sheet.created_at:%Y-%m-%d}.xlsx"
        response = FileResponse(sheet.report_path.open("rb"), content_type=XLSX)
        response["Content-Disposition"] = content_disposition_header(True, name)
        return response


class TemplateView(ImporterMixin, View):
    """A sheet to start from."""

    def get(self, request: HttpRequest) -> HttpResponse:
        with override(settings.LANGUAGE_CODE):
            data, name = template_bytes(), _("Statements to bring in")
        headers = {"Content-Disposition": content_disposition_header(True, f"{name}.xlsx")}
        return HttpResponse(data, content_type=XLSX, headers=headers)
