"""The admin as a whole: name, sign-in, autocomplete; users and their roles; policies joined with statements."""

from django.apps import apps
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.models import Group
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalChanges

from certifications.models import CompanyPolicy, StatementPolicy
from policies import links
from policies.admin import PolicyAdmin
from policies.models import Policy
from tanxun.digest.kinship import panel as proposed_links
from tanxun.jobs.models import Job
from tanxun.records.admin import ReadOnlyAdmin, StaffAdmin, StaffInline

from .models import User

admin.site.site_header = admin.site.site_title = _("Tanxun")
admin.site.index_title = _("Entry and upkeep")
admin.site.empty_value_display = "–"
admin.site.enable_nav_sidebar = False  # the site's head leads; lists need the room
admin.site.unregister(Group)


@login_not_required
def sign_in(request, extra_context=None):
    """The site's own sign-in page; who is signed in already and may not enter gets a no, not another form."""
    target = request.GET.get("next", "/admin/")
    if request.user.is_authenticated:
        raise PermissionDenied
    return redirect_to_login(target, settings.LOGIN_URL)


def may_enter(request):
    """Staff. Who is signed in and is none gets a no at once, whatever the address."""
    if request.user.is_authenticated and not request.user.is_staff:
        raise PermissionDenied
    return request.user.is_active and request.user.is_staff


class Autocomplete(AutocompleteJsonView):
    """Labels are those of the chosen model's admin."""

    def serialize_result(self, obj, to_field_name):
        return {**super().serialize_result(obj, to_field_name), "text": self.model_admin.option_label(obj)}


def autocomplete(request):
    return Autocomplete.as_view(admin_site=admin.site)(request)


admin.site.login = sign_in
admin.site.has_permission = may_enter
admin.site.autocomplete_view = autocomplete


class StatementLinkInline(StaffInline, admin.TabularInline):
    model = StatementPolicy
    fields = ("statement", "concerns", "note")
    autocomplete_fields = ("statement",)
    verbose_name, verbose_name_plural = _("link to a statement"), _("links to statements")


class CompanyLinkInline(StaffInline, admin.TabularInline):
    model = CompanyPolicy
    fields = ("company", "concerns", "note")
    autocomplete_fields = ("company",)
    verbose_name, verbose_name_plural = _("link to a company"), _("links to companies")


@admin.register(Policy)
class LinkedPolicyAdmin(PolicyAdmin):
    """Companies and statements stand above policies; here is where links to them can be edited from the policy's side."""

    inlines = (*PolicyAdmin.inlines, CompanyLinkInline, StatementLinkInline)

    def after_return(self, obj):
        links.tie(obj)

    def render_change_form(self, request, context, *args, obj=None, **kwargs):
        """Links that the source proposes are decided on the policy's own page: here is the way there."""
        if request.method == "GET" and obj and obj.deleted_at is None and proposed_links(request, obj):
            words = _("The source of this policy says how it stands to others: take or drop these links on its page.")
            messages.info(request, format_html('<a href="{}">{}</a>', obj.get_absolute_url(), words))
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)


@admin.register(Job)
class JobAdmin(ReadOnlyAdmin):
    """The jobs of everybody: what was asked for, when, and how it ended."""

    list_display = ("title", "owner", "state", "done", "total", "attempt", "created_at", "finished_at")
    list_filter = ("state", "kind")
    list_select_related = ("owner",)
    search_fields = ("title", "owner__username")
    fields = (*list_display, "kind", "arguments", "result", "error", "expires_at")


def stands_in_history(user):
    kept = (model for model in apps.get_models() if issubclass(model, HistoricalChanges) and hasattr(model, "history_user"))
    return any(model.objects.filter(history_user=user.pk).exists() for model in kept)


@admin.register(User)
class SuperuserOnlyUserAdmin(UserAdmin, StaffAdmin):
    """Superusers manage users: name, password, role. Groups and rights follow from the role."""

    list_display = ("username", "display_name", "email", "role", "is_active", "is_superuser", "last_login")
    list_filter = ("role", "is_active", "is_superuser")
    search_fields = ("username", "display_name", "email")
    ordering = ("username",)
    filter_horizontal = ()
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        (_("Person"), {"fields": (("display_name", "email"),)}),
        (_("Role"), {"fields": ("role", "is_active", "is_superuser")}),
        (_("Dates"), {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = (
        (
            None,
            {"classes": ("wide",), "fields": ("username", "display_name", "role", "usable_password", "password1", "password2")},
        ),
    )
    readonly_fields = ("last_login", "date_joined")

    def has_module_permission(self, request):
        return request.user.is_superuser

    def holders(self, objs):
        """Who stands in a history stays in it: the account is closed, not deleted."""
        words = _("%(name)s stands in the history of records: untick “active” instead.")
        return [words % {"name": one} for one in objs if stands_in_history(one)]

    def has_view_permission(self, request, obj=None):
        return request.user.is_superuser

    has_change_permission = has_delete_permission = has_view_permission

    def has_add_permission(self, request):
        return request.user.is_superuser
