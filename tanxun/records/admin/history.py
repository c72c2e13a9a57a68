"""Admin of what keeps a history: why, asked with each change; who changed what, field by field; an earlier version back."""

from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.contrib.admin.views.main import PAGE_VAR
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db import transaction
from django.forms.models import _get_foreign_key
from django.http import Http404
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from simple_history.admin import SimpleHistoryAdmin

from tanxun.records.models import LONGEST_REASON
from tanxun.records.past import Part, Past
from tanxun.records.versions import Return

from .base import SEE_HISTORY, StaffAdmin
from .meanwhile import hold, version_of

CHANGES_SHOWN = 30


class HistoryAdmin(SimpleHistoryAdmin, StaffAdmin):
    """With who changed what, when and why, and the way back: for those who may see who did what (managers)."""

    def has_view_history_permission(self, request, obj=None):
        return request.user.has_perm(SEE_HISTORY)

    # Why

    def _answer_form(self, request, object_id, form_url, extra_context):
        asked = {"asks_why": object_id is not None, "longest_reason": LONGEST_REASON, "change_reason": reason_given(request)}
        return super()._answer_form(request, object_id, form_url, {**(extra_context or {}), **asked})

    def save_model(self, request, obj, form, change):
        obj._change_reason = reason_given(request) or None
        super().save_model(request, obj, form, change)

    def save_formset(self, request, form, formset, change):
        for each in formset.forms:
            each.instance._change_reason = reason_given(request) or None
        super().save_formset(request, form, formset, change)

    # Who, when, what

    def parts(self) -> list[Part]:
        """What belongs to a record beside its own row: what its form shows in inlines."""
        return [
            Part(each.model, _get_foreign_key(self.model, each.model, fk_name=each.fk_name).name, each.can_delete)
            for each in self.inlines
        ]

    def history_view(self, request, object_id, extra_context=None):
        obj = self._seen_by_who_may(request, object_id)
        if obj is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        changes = Past(self.model, obj.pk, self.parts()).changes()
        page = Paginator(changes, CHANGES_SHOWN).get_page(request.GET.get(PAGE_VAR))
        context = {
            **self._context(request, obj, _("History: %(name)s") % {"name": obj}),
            "page_obj": page,
            "page_range": page.paginator.get_elided_page_range(page.number),
            "page_var": PAGE_VAR,
            "newest": changes[0] if changes else None,
            "may_return": self.has_change_permission(request, obj),
        }
        return TemplateResponse(request, "admin/history.html", context)

    def _seen_by_who_may(self, request, object_id):
        if not self.has_view_history_permission(request):
            raise PermissionDenied
        return self.get_object(request, unquote(object_id))

    def _context(self, request, obj, title):
        is_in_bin = getattr(obj, "deleted_at", None) is not None
        own_page = obj.get_absolute_url() if hasattr(obj, "get_absolute_url") and not is_in_bin else ""
        common = {"opts": self.opts, "object": obj, "title": title, "own_page": own_page, "is_in_bin": is_in_bin}
        return {**self.admin_site.each_context(request), **common}

    # An earlier version back

    def history_form_view(self, request, object_id, version_id, extra_context=None):
        """GET shows what would change; POST writes the new version, unless somebody changed the record meanwhile."""
        if request.method != "POST":
            return self._version_view(request, object_id, version_id)
        with transaction.atomic():
            if obj := self._seen_by_who_may(request, object_id):
                hold(obj)  # from the comparison until it is written
            return self._version_view(request, object_id, version_id)

    def _version_view(self, request, object_id, version_id):
        obj = self._seen_by_who_may(request, object_id)
        if obj is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        if not self.has_change_permission(request, obj):
            raise PermissionDenied
        version = version_of(self, str(obj.pk))
        past = Past(self.model, obj.pk, self.parts())
        change = next((one for one in past.changes() if one.slug == version_id), None)
        if change is None:
            raise Http404
        wanted, errors = Return(obj, past, change), []
        if request.method == "POST" and request.POST.get("version") == version:
            try:
                return self._written(request, wanted)
            except ValidationError as refusal:
                errors = refusal.messages
                obj = self.get_object(request, unquote(object_id))
                wanted = Return(obj, past, change)
        elif request.method == "POST":
            errors = [_("Somebody changed this record meanwhile: look at the differences again.")]
        context = {
            **self._context(request, obj, _("Bring back this version: %(name)s") % {"name": obj}),
            "change": change,
            "lines": wanted.lines(),
            "errors": errors,
            "version": version,
            "reason": reason_given(request),
            "longest_reason": LONGEST_REASON,
        }
        return TemplateResponse(request, "admin/version.html", context, status=409 if errors else 200)

    def _written(self, request, wanted):
        moment = f"{timezone.localtime(wanted.change.at):%Y-%m-%d %H:%M}"
        told = _("Version of %(moment)s brought back") % {"moment": moment}
        given = reason_given(request)
        missing = wanted.write(f"{told}: {given}" if given else told)
        self.after_return(wanted.record)
        messages.success(request, _("The record stands as on %(moment)s.") % {"moment": moment})
        for words in missing:
            messages.warning(request, _("Not brought back, because it is no longer here: %(what)s") % {"what": words})
        return redirect(reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_history", args=[wanted.record.pk]))

    def after_return(self, obj):
        """What else follows from a saved record."""


def reason_given(request) -> str:
    return " ".join(request.POST.get("change_reason", "").split())[:LONGEST_REASON]
