"""The queue of what goes out, for managers: what waits, what failed and why, and another try; and the hooks."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.auth import get_user_model
from django.db.models import BigIntegerField, Case, OuterRef, QuerySet, Subquery, When
from django.db.models.functions import Cast, Substr
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from tanxun.records.admin import ReadOnlyAdmin
from tanxun.records.admin.base import GuardedList

from .models import Channel, Hook, Message


@admin.register(Message)
class MessageAdmin(GuardedList, admin.ModelAdmin):
    """Nothing is written here but another try: `change_message` is the right to ask for one."""

    list_display = ("created_at", "channel", "to_whom", "subject", "state", "attempts", "not_before", "sent_at", "error")
    list_filter = ("state", "channel", "kind")
    search_fields = ("recipient", "subject", "key")
    fields = (*list_display, "kind", "key")
    readonly_fields = fields
    actions = ("try_again",)
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """With the name of the account or hook, asked for with the rows."""
        key = Cast(Substr(OuterRef("recipient"), len("user-") + 1), BigIntegerField())
        people, hooks = get_user_model().objects.filter(pk=key), Hook.objects.filter(pk=key)
        person = When(channel=Channel.MAIL, then=Subquery(people.values("username")[:1]))
        return super().get_queryset(request).annotate(name=Case(person, default=Subquery(hooks.values("name")[:1])))

    @admin.display(description=_("recipient"), ordering="recipient")
    def to_whom(self, message: Any) -> str:
        return message.name or message.recipient

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
