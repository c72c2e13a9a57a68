"""What every app's admin classes derive from (lists, forms, soft deletion, sureness), and the shipped tables."""

from .attached import AttachmentAdmin
from .base import OrderedFormSet, ReadOnlyAdmin, StaffAdmin, StaffInline, UniqueNamesFormSet
from .forms import CleanModelForm, RecordForm
from .history import HistoryAdmin
from .kept import ConfirmedAdmin, RecordAdmin, RemovableAdmin
from .reference import IndustryAdmin, RegionAdmin

__all__ = [
    "AttachmentAdmin",
    "CleanModelForm",
    "ConfirmedAdmin",
    "HistoryAdmin",
    "IndustryAdmin",
    "OrderedFormSet",
    "ReadOnlyAdmin",
    "RecordAdmin",
    "RecordForm",
    "RegionAdmin",
    "RemovableAdmin",
    "StaffAdmin",
    "StaffInline",
    "UniqueNamesFormSet",
]
