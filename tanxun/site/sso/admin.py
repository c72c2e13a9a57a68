"""Second factors and joined accounts in the admin: superusers see whose there are and take them away; no secret is shown.

allauth's own pages, which would show them, are not open. Loaded after those, as the last app of the site.
"""

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from django.contrib import admin

from tanxun.records.admin import ReadOnlyAdmin

from . import factor
from .models import JoinedAccount, SecondFactor

for model in (EmailAddress, SocialApp, SocialAccount, SocialToken, Authenticator):
    if admin.site.is_registered(model):
        admin.site.unregister(model)


class TakenAway(ReadOnlyAdmin):
    """Nothing is made or changed here."""

    list_select_related = ("user",)
    ordering = ("user__username", "pk")
    search_fields = ("user__username", "user__display_name")

    def has_module_permission(self, request):
        return request.user.is_superuser

    def has_view_permission(self, request, obj=None):
        return request.user.is_superuser

    has_delete_permission = has_view_permission


@admin.register(SecondFactor)
class FactorAdmin(TakenAway):
    """Who lost the phone and the recovery codes signs in by the password alone, once the factor is taken away here."""

    list_display = ("user", "created_at", "last_used_at")
    fields = list_display

    def get_queryset(self, request):
        return super().get_queryset(request).filter(type=factor.BY_CLOCK)

    def has_delete_permission(self, request, obj=None):
        """One's own is turned off with a code, on one's own page, where the role does not need it."""
        return super().has_delete_permission(request, obj) and (obj is None or obj.user_id != request.user.pk)

    def delete_model(self, request, obj):
        factor.take_away(obj.user)

    def delete_queryset(self, request, queryset):
        for row in queryset:
            self.delete_model(request, row)


@admin.register(JoinedAccount)
class JoinedAdmin(TakenAway):
    """Which account stands for whom at the company's server; taken away, they come as somebody new."""

    list_display = ("user", "provider", "uid", "date_joined", "last_login")
    fields = list_display
