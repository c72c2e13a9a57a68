"""The files on a record: its panel, the page where staff keep them, and the download, which asks who may each time.

Wired in `tanxun.urls` with the records that may have some. Uploads are taken by `tanxun.records.attachments.uploads`.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Mapping
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.mixins import PermissionRequiredMixin
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views import View
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from tanxun.records.attachments import storing
from tanxun.records.attachments.kinds import ACCEPTED
from tanxun.records.attachments.models import Attachment, StoredFile, path_of
from tanxun.records.attachments.uploads import Reception
from tanxun.records.models import LONGEST_REASON

from .access import may_read, person

log = logging.getLogger(__name__)
MAY_ADD, MAY_CHANGE = "records.add_attachment", "records.change_attachment"
MOST_BYTES = storing.MOST_AT_ONCE * storing.MAX_BYTES + 1_000_000  # with what a form has beside its files
SANDBOX = "default-src 'none'; frame-ancestors 'none'; sandbox"
Records = Mapping[str, type[models.Model]]


class AboutForm(forms.ModelForm):
    """What is said of a file. `seen` is what it said when the form was opened."""

    seen = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)

    class Meta:
        model = Attachment
        fields = ("note", "audience")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        instance = kwargs.get("instance") or Attachment()
        kwargs["auto_id"] = f"attachment-{instance.pk or 'new'}-%s"
        super().__init__(*args, **kwargs)
        self.was = self.initial["seen"] = state_of(instance)

    def clean_note(self) -> str:
        return " ".join(self.cleaned_data["note"].split())

    def clean(self) -> dict[str, Any]:
        if self.instance.pk and self.cleaned_data.get("seen") != self.was:
            self.data = dict(self.data.items()) | {"seen": self.was}  # told once
            raise ValidationError(_("Somebody changed this meanwhile: look at it, then save again."))
        return self.cleaned_data


def state_of(attachment: Attachment) -> str:
    return hashlib.sha256(f"{attachment.audience}\n{attachment.note}".encode()).hexdigest()


def panel(request: HttpRequest, record: models.Model) -> tuple[str, dict[str, Any]] | None:
    """On the record's page: what this person may see, and for staff the form to add some. By the role, with one query where
    there is none.
    """
    user = person(request)
    found = list(visible(record, user)) if Attachment.objects.of(record).exists() else []
    if not found and not user.is_staff:
        return None
    return "listing/_attachments.html", {"attachments": found, "user": user, **offered(record, AboutForm())}


def visible(record: models.Model, user: Any) -> Any:
    return Attachment.objects.of(record).visible_to(user).select_related("file", "added_by")


def offered(record: models.Model, form: AboutForm) -> dict[str, Any]:
    """What the form to add files needs."""
    return {
        "record": record,
        "address": address_of(record),
        "new": form,
        "accepted": ACCEPTED,
        "limit": storing.MAX_MEGABYTES,
        "most": storing.MOST_AT_ONCE,
        "is_public": settings.PUBLIC_READ,
    }


def address_of(record: Any) -> str:
    """The page of a record's files."""
    return f"{record.get_absolute_url()}attachments/"


@method_decorator(csrf_exempt, name="dispatch")  # asked in `checked`, once the files have their reception
class AttachmentsView(PermissionRequiredMixin, View):
    """The files of one record, for staff: GET shows them, POST adds some."""

    permission_required = MAY_ADD
    raise_exception = True
    model: type[models.Model] = models.Model

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self.page(self.record(pk))

    def record(self, pk: int) -> Any:
        """By the default manager: nothing is attached to what is hidden."""
        return get_object_or_404(self.model, pk=pk)

    def page(self, record: Any, form: AboutForm | None = None, refused: Any = (), status: int = 200) -> HttpResponse:
        return shown(self.request, record, {"refused": refused, **offered(record, form or AboutForm())}, status)

    def post(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Raises what Django answers with 400. However it ends, nothing that was not attached stays on the disk."""
        record = self.record(pk)
        if not 0 < length_of(request) <= MOST_BYTES:
            words = _("That is too much at once: %(count)s files of %(limit)s MB each at most, with their length told before.")
            words %= {"count": storing.MOST_AT_ONCE, "limit": storing.MAX_MEGABYTES}
            return self.page(record, refused=[("", words)], status=413)
        room = storing.MOST_A_DAY - Attachment.added_within_a_day(person(request))
        reception = Reception(room, request)
        request.upload_handlers = [reception]
        try:
            bool(request.POST)  # here they come in
            return self.checked(request, record, reception)
        except MultiPartParserError:
            words = _("The form came in damaged, or a name is too long: give the file a shorter one.")
            return self.page(record, refused=[("", words)], status=422)
        except UnreadablePostError:  # whoever sent it is gone
            return HttpResponse(status=400)
        finally:
            reception.discard()

    @method_decorator(csrf_protect)
    def checked(self, request: HttpRequest, record: Any, reception: Reception) -> HttpResponseBase:
        form = AboutForm(request.POST)
        if not form.is_valid():
            return self.page(record, form, reception.refused, status=422)
        if not reception.arrived and not reception.refused:
            return self.page(record, form, [("", _("Choose a file."))], status=422)
        added = self.attach(record, reception, form)
        if added:
            words = ngettext("%(count)d file attached.", "%(count)d files attached.", added) % {"count": added}
            messages.success(request, words)
        if reception.refused:
            return self.page(record, form, reception.refused, reception.status)
        return redirect(f"{record.get_absolute_url()}#attachments")

    def attach(self, record: Any, reception: Reception, form: AboutForm) -> int:
        """How many could be; why the others could not stands in `reception.refused`."""
        said, added = form.cleaned_data, 0
        for arrived in reception.arrived:
            reception.coming = arrived
            try:
                storing.attach(record, arrived, person(self.request), said["note"], said["audience"])
                added += 1
            except ValidationError as error:
                reception.refuse(error.messages[0])
            except OSError as error:
                log.exception("An attachment could not be put in place")
                reception.refuse(storing.disk_words(error), 503)
        reception.coming = None
        return added


def length_of(request: HttpRequest) -> int:
    """Of the body as it was announced; 0 where it was not, as of one that is sent in chunks."""
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return 0


def shown(request: HttpRequest, record: Any, context: dict[str, Any], status: int = 200) -> HttpResponse:
    """The page of a record's files, with those that were removed of late."""
    rows = Attachment.with_deleted.of(record).select_related("file", "added_by")
    forms_ = [AboutForm(instance=row) for row in rows.filter(deleted_at=None)]
    if changed := context.get("changed"):
        forms_ = [changed if changed.instance.pk == form.instance.pk else form for form in forms_]
    removed = [row for row in rows.exclude(deleted_at=None).order_by("-deleted_at") if row.file.key]
    context = {"forms": forms_, "removed": removed, **context}
    return render(request, "listing/attachments.html", context, status=status)


class ChangeView(PermissionRequiredMixin, View):
    """Say something else of a file, remove it with a reason, or put it back."""

    http_method_names = ("post",)
    permission_required = MAY_CHANGE
    raise_exception = True
    records: Records = {}

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        acts = {"save": self.save, "remove": self.remove, "restore": self.restore}
        act = acts.get(request.POST.get("action", ""))
        attachment, record = found(self.records, Attachment.with_deleted.all(), pk)
        if act is None:
            raise Http404
        return act(attachment, record) or redirect(address_of(record))

    def save(self, attachment: Attachment, record: Any) -> HttpResponse | None:
        with transaction.atomic():
            row = get_object_or_404(Attachment.objects.select_for_update(), pk=attachment.pk)
            form = AboutForm(self.request.POST, instance=row)
            if form.is_valid():
                form.save()
                messages.success(self.request, _("Saved."))
                return None
            row.refresh_from_db()  # the form wrote into it what was typed
        return shown(self.request, record, {"changed": form, **offered(record, AboutForm())}, 422)

    def remove(self, attachment: Attachment, record: Any) -> None:
        """Twice is the same as once."""
        if attachment.deleted_at is None:
            reason = " ".join(self.request.POST.get("reason", "").replace("\0", "").split())[:LONGEST_REASON]
            attachment.remove(reason or _("removed on its page"))
            messages.success(self.request, _("Removed: %(name)s. It can be put back below.") % {"name": attachment})

    def restore(self, attachment: Attachment, record: Any) -> None:
        if attachment.deleted_at is None:
            return
        try:
            storing.put_back(attachment)
            messages.success(self.request, _("Put back: %(name)s") % {"name": attachment})
        except ValidationError as error:
            messages.error(self.request, " ".join(error.messages))


def found(records: Records, rows: Any, pk: int) -> tuple[Attachment, Any]:
    """One of these attachments and its record, which is neither hidden nor of another kind. Raises Http404."""
    attachment = get_object_or_404(rows.select_related("file", "content_type"), pk=pk)
    model = next((one for one in records.values() if one._meta.label_lower == label_of(attachment)), None)
    if model is None:
        raise Http404
    return attachment, get_object_or_404(model, pk=attachment.object_id)


def label_of(attachment: Attachment) -> str:
    return f"{attachment.content_type.app_label}.{attachment.content_type.model}"


class DownloadView(View):
    """The file, to be saved and never shown as a page of ours. Who may not, or what is not there: 404, the same.

    Nothing is kept anywhere on the way, and no part is given alone: each request is asked anew who makes it.
    """

    http_method_names = ("get", "head")
    records: Records = {}

    def get(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        if not may_read(request):
            return redirect_to_login(request.get_full_path())
        attachment, _record = found(self.records, Attachment.objects.visible_to(request.user), pk)
        return sent(attachment.file, attachment.name)


def sent(file: StoredFile, name: str) -> FileResponse:
    """Raises Http404 where it is not on the disk, which `check_data` tells, too."""
    try:
        stream = path_of(file.key or "").open("rb")
    except OSError:
        log.exception("The file of an attachment cannot be read: %s", file.digest)
        raise Http404 from None
    headers = {
        "Content-Security-Policy": SANDBOX,
        "X-Content-Type-Options": "nosniff",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cache-Control": "private, no-store",
        "Accept-Ranges": "none",
    }
    kind = file.format.content_type
    return FileResponse(stream, as_attachment=True, filename=name, content_type=kind, headers=headers)


def attachment_urls(records: Records) -> list[URLPattern]:
    """`records` are those that may have files, by the first part of their address."""
    return [
        *(
            path(f"{slug}/<int:pk>/attachments/", AttachmentsView.as_view(model=model), name=f"{slug}-attachments")
            for slug, model in records.items()
        ),
        path("attachments/<int:pk>/", login_not_required(DownloadView.as_view(records=records)), name="attachment"),
        path("attachments/<int:pk>/change/", ChangeView.as_view(records=records), name="attachment-change"),
    ]
