"""Saved filters and keys in the admin, for superusers: handed over, deleted or revoked where their owner is gone."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tanxun.records.admin.base import GuardedList, SafeRelations

from .models import AccessKey, SavedFilter


class HandOverForm(forms.ModelForm):
    class Meta:
        model = SavedFilter
        fields = ("owner",)
        labels = {"created_at": gettext_lazy("created at"), "deleted_at": gettext_lazy("deleted at")}

    def clean_owner(self) -> Any:
        owner, saved = self.cleaned_data["owner"], self.instance
        same = SavedFilter.objects.live().filter(owner=owner, page=saved.page, name=saved.name).exclude(pk=saved.pk)
        if not saved.deleted_at and same.exists():
            raise forms.ValidationError(_("They have a filter of this name for this list already."))
        return owner


@admin.register(SavedFilter)
class SavedFilterAdmin(GuardedList, SafeRelations, admin.ModelAdmin):
    """Everybody's filters, private ones too: for superusers alone, whatever other rights say. Made and shared on the lists."""

    form = HandOverForm
    list_display = ("name", "page", "owner", "shared_with_role", "made_at", "gone_at")
    list_filter = ("page", "owner__is_active")
    list_select_related = ("owner",)
    search_fields = ("name", "owner__username", "owner__display_name")
    fields = ("owner", "page", "name", "query", "shared_with_role", "people", "created_at", "deleted_at")
    readonly_fields = fields[1:]
    autocomplete_fields = ("owner",)

    @admin.display(description=gettext_lazy("created at"), ordering="created_at")
    def made_at(self, obj: SavedFilter) -> Any:
        return obj.created_at

    @admin.display(description=gettext_lazy("deleted at"), ordering="deleted_at")
    def gone_at(self, obj: SavedFilter) -> Any:
        return obj.deleted_at

    def has_module_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_superuser)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.is_superuser)

    has_change_permission = has_delete_permission = has_view_permission

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False


@admin.register(AccessKey)
class AccessKeyAdmin(GuardedList, admin.ModelAdmin):
    """Everybody's tokens and secret addresses: seen and revoked by superusers, made and changed by nobody here."""

    list_display = ("label", "kind", "user", "hint", "scope_words", "created_at", "last_used_at", "expires_at", "revoked_at")
    list_filter = ("kind", "user__is_active")
    list_select_related = ("user",)
    search_fields = ("label", "hint", "user__username", "user__display_name")
    fields = ("label", "kind", "user", "hint", "scope_words", "address", "created_at", "last_used_at", "expires_at", "revoked_at")
    actions = ("revoke",)

    @admin.action(description=gettext_lazy("Revoke: they open nothing any more"), permissions=["view"])
    def revoke(self, request: HttpRequest, queryset: Any) -> None:
        open_ones = list(queryset.filter(revoked_at=None))
        for key in open_ones:
            key.revoke()
            self.log_change(request, key, _("Revoked"))
        self.message_user(request, _("Revoked: %(count)s.") % {"count": len(open_ones)})

    def has_module_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_superuser)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.is_superuser)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    has_change_permission = has_delete_permission = lambda self, request, obj=None: False
