"""What every app's admin classes derive from (lists, forms, soft deletion, sureness), and the industries."""

from django.contrib import admin

from tanxun.records.models import Industry

from .base import HistoryAdmin, OrderedFormSet, ReadOnlyAdmin, StaffAdmin, StaffInline, UniqueNamesFormSet
from .forms import CleanModelForm, RecordForm
from .kept import RecordAdmin, RemovableAdmin

__all__ = [
    "CleanModelForm",
    "HistoryAdmin",
    "OrderedFormSet",
    "ReadOnlyAdmin",
    "RecordAdmin",
    "RecordForm",
    "RemovableAdmin",
    "StaffAdmin",
    "StaffInline",
    "UniqueNamesFormSet",
]


@admin.register(Industry)
class IndustryAdmin(ReadOnlyAdmin):
    list_display = ("code", "name", "name_en", "parent")
    list_select_related = ("parent",)
    search_fields = ("code", "name", "name_en")
    is_small = True
