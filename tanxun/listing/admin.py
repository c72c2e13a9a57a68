"""Saved filters in the admin, for superusers: what somebody left behind who is gone is handed over or deleted there."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tanxun.records.admin.base import SafeRelations

from .models import SavedFilter


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
class SavedFilterAdmin(SafeRelations, admin.ModelAdmin):
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
