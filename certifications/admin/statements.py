"""Admin of statements: entry in under a minute, the official register, and links to policies."""

from django.contrib import admin, messages
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from certifications.models import StatementPolicy, VerificationStatement
from tanxun.records.admin import RecordAdmin, StaffInline
from tanxun.records.many import confirm_many

from .statement_form import StatementForm, body_label


class PolicyLinkInline(StaffInline, admin.TabularInline):
    model = StatementPolicy
    fields = ("policy", "concerns", "note")
    autocomplete_fields = ("policy",)


class UndisclosedFilter(admin.SimpleListFilter):
    """Three kinds of body, instead of a list of every one; a single body is found by the search box."""

    title = _("verification body")
    parameter_name = "body"

    def lookups(self, request, model_admin):
        return [("named", _("named")), ("undisclosed", _("undisclosed")), ("none", _("none"))]

    def queryset(self, request, queryset):
        wanted = {
            "named": {"verification_body__isnull": False},
            "undisclosed": {"is_body_undisclosed": True},
            "none": {"verification_body__isnull": True, "is_body_undisclosed": False},
        }
        return queryset.filter(**wanted.get(self.value(), {}))


@admin.register(VerificationStatement)
class StatementAdmin(RecordAdmin):
    """The first group is the news sentence: company, products, type, body, date."""

    form = StatementForm
    change_form_template = "admin/statement_form.html"
    list_display = ("company", "statement_type", "body", "dated_on", "valid_until", "register_status", "unsure_count")
    list_select_related = ("company", "statement_type", "verification_body")
    list_filter = ("statement_type", UndisclosedFilter, "register_status", "dated_on")
    search_fields = ("certificate_number",)
    search_help_text = _("Company, body, product, standard, number; pinyin and initials too")
    autocomplete_fields = (
        "company",
        "products",
        "statement_type",
        "verification_body",
        "consultant",
        "standards",
        "replaces",
        "programme",
        "recognised_by",
    )
    readonly_fields = ("register_link",)
    inlines = (PolicyLinkInline,)
    actions = ("mark_checked", *RecordAdmin.actions)
    fieldsets = (
        (
            _("The sentence"),
            {
                "fields": (
                    "company",
                    "products",
                    "new_products",
                    "statement_type",
                    ("verification_body", "is_body_undisclosed"),
                    "issued_on",
                )
            },
        ),
        (
            _("What else it says"),
            {
                "fields": (
                    "standards",
                    ("certificate_number", "valid_until", "announced_on"),
                    "consultant",
                    "summary",
                    ("headline", "section"),
                ),
                "classes": ("collapse",),
            },
        ),
        (
            _("Period and results"),
            {
                "fields": (
                    ("period_start", "period_end"),
                    ("engagement", "assurance_level", "scheme"),
                    ("categories", "scopes"),
                    ("emissions_tco2e", "footprint_kgco2e"),
                    ("declared_unit", "system_boundary"),
                    "result_as_printed",
                ),
                "classes": ("collapse",),
            },
        ),
        (
            _("Official register"),
            {"fields": ("register_link", ("register_status", "register_checked_on"), "replaces"), "classes": ("collapse",)},
        ),
        (
            _("List membership"),
            {"fields": (("programme", "recognised_by"), ("tier", "batch", "list_stage"), "removed_on"), "classes": ("collapse",)},
        ),
        RecordAdmin.source_fieldset,
        RecordAdmin.sureness_fieldset,
    )

    @admin.display(description=_("verification body"), ordering="verification_body__name")
    def body(self, obj):
        return body_label(obj)

    @admin.display(description=_("official record"))
    def register_link(self, obj):
        """Row 43: where the number is looked up, and the number to take along."""
        if not obj.pk or not obj.verification_body:
            return ""
        number = obj.certificate_number
        parts = []
        if address := obj.verification_body.lookup(number):
            words = _("Open the register")
            parts.append(format_html('<a href="{}" target="_blank" rel="noopener noreferrer">{}</a>', address, words))
        if number:
            cells = (number, _("Copied"), _("Copy number"))
            parts.append(
                format_html('<button type="button" class="button small" data-copy="{}" data-copied="{}">{}</button>', *cells)
            )
        return format_html_join(" ", "{}", ((part,) for part in parts))

    @admin.action(permissions=["change"], description=_("Checked in the register today"))
    def mark_checked(self, request, queryset):
        keys = queryset.order_by().values_list("pk", flat=True)
        done = confirm_many(self.model, keys, request.user, also=["register_checked_on"])
        messages.success(request, ngettext("%(count)d record marked.", "%(count)d records marked.", done) % {"count": done})

    def save_related(self, request, form, formsets, change):
        form.make_new_products()
        super().save_related(request, form, formsets, change)

    def warnings(self, obj, form, change):
        kind = obj.statement_type
        if kind.needs_product and not form.cleaned_data["products"]:
            yield _("A statement of the type “%(type)s” usually names a product.") % {"type": kind}
        if kind.needs_period and not obj.period_end:
            yield _("A statement of the type “%(type)s” usually names the period it covers.") % {"type": kind}
        if not change or "standards" in form.changed_data:
            for standard in form.cleaned_data["standards"]:
                if standard.withdrawn_on and standard.withdrawn_on <= obj.dated_on:
                    yield _("%(standard)s was withdrawn on %(day)s.") % {
                        "standard": standard,
                        "day": f"{standard.withdrawn_on:%Y-%m-%d}",
                    }
