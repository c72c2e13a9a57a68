"""The queue of what goes out, for managers: what waits, what failed and why, and another try; and the hooks."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from tanxun.records.admin import ReadOnlyAdmin

from .models import Hook, Message


@admin.register(Message)
class MessageAdmin(admin.ModelAdmin):
    """Nothing is written here but another try: `change_message` is the right to ask for one."""

    list_display = ("created_at", "channel", "recipient", "subject", "state", "attempts", "not_before", "sent_at", "error")
    list_filter = ("state", "channel", "kind")
    search_fields = ("recipient", "subject", "key")
    fields = (*list_display, "kind", "key")
    readonly_fields = fields
    actions = ("try_again",)
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @admin.action(description=_("Try again now"), permissions=["change"])
    def try_again(self, request: HttpRequest, queryset: QuerySet) -> None:
        count = queryset.try_again()
        words = ngettext("%(count)s message goes out within a minute.", "%(count)s messages go out within a minute.", count)
        self.message_user(request, words % {"count": count}, messages.SUCCESS if count else messages.WARNING)


@admin.register(Hook)
class HookAdmin(ReadOnlyAdmin):
    """Looked at here; made, tried and paused on their own pages, which never show an address whole."""

    list_display = ("name", "format", "masked_address", "owner", "failures", "delivered_at", "paused_at", "pause_reason")
    list_filter = ("format",)
    list_select_related = ("owner",)
    search_fields = ("name", "owner__username")
    fields = (*list_display, "events", "lead_days", "saved_filter", "page", "query", "marks")
