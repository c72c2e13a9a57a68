"""All attachments at a glance, and who did what with each; they are changed on the page of their record."""

from django.contrib import admin
from django.template.defaultfilters import filesizeformat
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from tanxun.records.models import Attachment

from .base import ReadOnlyAdmin
from .history import HistoryAdmin
from .lists import DeletedFilter


@admin.register(Attachment)
class AttachmentAdmin(HistoryAdmin, ReadOnlyAdmin):
    list_display = ("name", "where", "kind", "size", "audience", "added_by", "added_at")
    list_filter = ("audience", "file__kind", DeletedFilter)
    list_select_related = ("file", "added_by")
    search_fields = ("name", "note")
    fields = ("name", "where", "download", "kind", "size", "digest", "note", "audience", "added_by", "added_at")
    readonly_fields = fields

    def get_queryset(self, request):
        return Attachment.with_deleted.select_related("file").prefetch_related("record")

    @admin.display(description=_("record"))
    def where(self, obj):
        record = obj.record
        if record is None or getattr(record, "deleted_at", None):
            return record and _("%(name)s (deleted)") % {"name": record}
        return format_html('<a href="{}attachments/">{}</a>', record.get_absolute_url(), record)

    @admin.display(description=_("file"))
    def download(self, obj):
        return "" if obj.deleted_at else format_html('<a href="{}">{}</a>', obj.get_absolute_url(), obj.name)

    @admin.display(description=_("kind"), ordering="file__kind")
    def kind(self, obj):
        return obj.file.get_kind_display()

    @admin.display(description=_("size"), ordering="file__size")
    def size(self, obj):
        return filesizeformat(obj.file.size)

    @admin.display(description=_("SHA-256"))
    def digest(self, obj):
        return obj.file.digest
