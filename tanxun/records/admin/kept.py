"""Admin of what is never really deleted: removal with a reason, restoring, and for dated records the sureness of their fields."""

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import ValidationError
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from tanxun.records.many import be_sure_of_many, confirm_many, remove_many, restore_many
from tanxun.records.models import bin_key

from .base import HOLDERS_SHOWN
from .forms import RecordForm
from .history import HistoryAdmin
from .lists import DeletedFilter, UnsureFilter

NAMED = 50  # records that are named before they are removed
UNDONE_AT_ONCE = 50  # removed records that one button takes back; more are taken out of the bin


def offer_undo(request, objs):
    """A message with a button that takes `objs` out of the bin again, or the way there where they are many."""
    if objs:
        keys = [bin_key(obj) for obj in objs] if len(objs) <= UNDONE_AT_ONCE else []
        messages.info(request, render_to_string("site/_undo.html", {"keys": keys}, request))


class RemovableAdmin(HistoryAdmin):
    """Deleting hides with a reason; the filter "deleted" shows what was hidden, and an action restores it."""

    delete_confirmation_template = "admin/remove_confirmation.html"
    actions = ("remove_selected", "restore_selected")

    def get_queryset(self, request):
        """Kept rows, but for the list (its filter decides) and the page of one record."""
        match = request.resolver_match
        if "object_id" in match.kwargs or match.url_name.endswith(("_changelist", "_simple_history")):
            return self.model.with_deleted.order_by(*(self.get_ordering(request) or self.opts.ordering))
        return super().get_queryset(request)

    def get_list_filter(self, request):
        return [*super().get_list_filter(request), DeletedFilter]

    def has_change_permission(self, request, obj=None):
        return super().has_change_permission(request, obj) and not (obj and obj.deleted_at)

    def change_view(self, request, object_id, form_url="", extra_context=None):
        obj = self.get_object(request, object_id)
        if obj and obj.deleted_at:
            messages.warning(
                request, _("This record is deleted (%(reason)s). Restore it to change it.") % {"reason": obj.deleted_reason}
            )
            if request.method == "POST":
                return redirect(request.path)
        return super().change_view(request, object_id, form_url, extra_context)

    # Removal of one

    def get_deleted_objects(self, objs, request):
        return [str(obj) for obj in objs], {self.opts.verbose_name_plural: len(objs)}, set(), self.holders(objs)

    def delete_view(self, request, object_id, extra_context=None):
        """Twice is the same as once: what is in the bin keeps its first reason, which the page of the record tells."""
        obj = self.get_object(request, object_id)
        if obj and obj.deleted_at:
            return redirect(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", object_id)
        if request.method == "POST" and not request.POST.get("reason", "").strip():
            messages.error(request, _("Give a reason."))
            return redirect(request.path)
        try:
            return super().delete_view(request, object_id, extra_context)
        except ValidationError as refusal:
            messages.error(request, " ".join(refusal.messages))
            return redirect(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", object_id)

    def delete_model(self, request, obj):
        obj.remove(request.POST["reason"].strip())
        offer_undo(request, [obj])

    # Removal and return of many

    def get_actions(self, request):
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions

    @admin.action(permissions=["delete"], description=_("Delete selected %(verbose_name_plural)s, with a reason"))
    def remove_selected(self, request, queryset):
        reason, gone = request.POST.get("reason", "").strip(), []
        queryset = queryset.filter(deleted_at__isnull=True)
        keys = list(queryset.order_by().values_list("pk", flat=True))
        if keys and not reason:
            return self._ask_for_reason(request, queryset, keys)
        ties = {"kept_by": self.kept_by, "read_with": self.list_select_related or ()}
        for removed, refused in remove_many(self.model, keys, reason, request.user, **ties):
            self.log_deletions(request, removed)
            gone += removed
            for obj in self.model.with_deleted.filter(pk__in=sorted(refused)[:HOLDERS_SHOWN]):
                messages.error(request, _("%(name)s: other records point to it.") % {"name": obj})
        words = ngettext("%(count)d record deleted.", "%(count)d records deleted.", len(gone)) % {"count": len(gone)}
        messages.success(request, words)
        offer_undo(request, gone)
        return None

    def _ask_for_reason(self, request, queryset, keys):
        """The page sends every key that it counts: what comes in until then stays."""
        context = {
            **self.admin_site.each_context(request),
            "title": _("Delete, with a reason"),
            "opts": self.opts,
            "objects": queryset[:NAMED],
            "further": max(0, len(keys) - NAMED),
            "keys": keys,
            "action_checkbox_name": ACTION_CHECKBOX_NAME,
        }
        return TemplateResponse(request, "admin/remove_selected.html", context)

    @admin.action(permissions=["delete"], description=_("Restore selected %(verbose_name_plural)s"))
    def restore_selected(self, request, queryset):
        done = stayed = 0
        keys = queryset.filter(deleted_at__isnull=False).order_by().values_list("pk", flat=True)
        for back, refused in restore_many(self.model, keys, request.user, read_with=self.list_select_related or ()):
            done += len(back)
            for obj, reason in list(refused.items())[: max(0, HOLDERS_SHOWN - stayed)]:
                messages.error(request, _("%(name)s: %(reason)s") % {"name": obj, "reason": reason})
            stayed += len(refused)
        if stayed > HOLDERS_SHOWN:
            words = ngettext("%(count)d record stays in the bin.", "%(count)d records stay in the bin.", stayed)
            messages.error(request, words % {"count": stayed})
        messages.success(request, ngettext("%(count)d record restored.", "%(count)d records restored.", done) % {"count": done})


class ConfirmedAdmin(RemovableAdmin):
    """A record that people look at again."""

    actions = ("still_true", *RemovableAdmin.actions)

    @admin.action(permissions=["change"], description=_("Still true: confirm selected %(verbose_name_plural)s today"))
    def still_true(self, request, queryset):
        keys = queryset.filter(deleted_at__isnull=True).order_by().values_list("pk", flat=True)
        done = confirm_many(self.model, keys, request.user)
        messages.success(request, ngettext("%(count)d record confirmed.", "%(count)d records confirmed.", done) % {"count": done})


class RecordAdmin(ConfirmedAdmin):
    """A dated record with its source and the sureness of its fields."""

    form = RecordForm
    actions = ("confirm_selected", *ConfirmedAdmin.actions)
    source_fieldset = (_("Source"), {"fields": (("source_on", "source_note"), "source_url")})
    sureness_fieldset = (_("How sure each field is"), {"fields": ("sureness",), "classes": ("collapse",)})

    def get_list_filter(self, request):
        return [UnsureFilter, *super().get_list_filter(request)]

    @admin.display(description=_("unsure"))
    def unsure_count(self, obj):
        return len(obj.unsure_fields) or ""

    @admin.action(permissions=["change"], description=_("Confirm every field of selected %(verbose_name_plural)s"))
    def confirm_selected(self, request, queryset):
        keys = queryset.filter(deleted_at__isnull=True).exclude(field_status={}).order_by().values_list("pk", flat=True)
        done = be_sure_of_many(self.model, keys, request.user)
        messages.success(request, ngettext("%(count)d record confirmed.", "%(count)d records confirmed.", done) % {"count": done})
