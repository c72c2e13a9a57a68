"""Admin of companies, their names and products."""

from django import forms
from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from certifications.models import Company, CompanyName, CompanyPolicy, Product
from certifications.models.companies import clean_credit_code, credit_code_error
from tanxun.listing.parameters import KEY
from tanxun.records.admin import CleanModelForm, ConfirmedAdmin, HistoryAdmin, StaffInline
from tanxun.records.admin.lists import ProvinceFilter


class CompanyForm(CleanModelForm):
    # Longer than the column: typed with blanks or in full width it is cleaned first.
    credit_code = forms.CharField(
        max_length=60,
        required=False,
        label=_("Unified social credit code"),
        help_text=_("18 characters; checked (GB 32100-2015)"),
    )

    def clean_credit_code(self):
        code = clean_credit_code(self.cleaned_data["credit_code"])
        if len(code) > 18:
            raise forms.ValidationError(credit_code_error(code))
        return code or None


class NameInline(StaffInline, admin.TabularInline):
    model = CompanyName
    fields = ("name", "kind")
    extra = 1


class ProductInline(StaffInline, admin.TabularInline):
    """Deleted on its own page, where the statements that name it are asked for."""

    model = Product
    fields = ("name", "model")
    can_delete = False
    show_change_link = True


class PolicyLinkInline(StaffInline, admin.TabularInline):
    model = CompanyPolicy
    fields = ("policy", "concerns", "note")
    autocomplete_fields = ("policy",)


@admin.register(Company)
class CompanyAdmin(ConfirmedAdmin):
    form = CompanyForm
    list_display = ("name", "credit_code", "region", "industry", "is_legal_name")
    list_select_related = ("region", "industry")
    list_filter = (ProvinceFilter, "is_legal_name")
    search_fields = ("name",)
    search_help_text = _("Any name, credit code, pinyin or initials")
    autocomplete_fields = ("region", "industry", "parent")
    fields = ("name", "is_legal_name", "credit_code", "region", "industry", "parent", "website")
    inlines = (NameInline, ProductInline, PolicyLinkInline)
    kept_by = ("statements", "consulted_statements")

    def option_label(self, obj):
        return f"{obj.name} · {obj.credit_code}" if obj.credit_code else obj.name

    def warnings(self, obj, form, change):
        if obj.credit_code and (error := credit_code_error(obj.credit_code)):
            yield error


@admin.register(Product)
class ProductAdmin(HistoryAdmin):
    list_display = ("name", "model", "company")
    list_select_related = ("company",)
    search_fields = ("name",)
    autocomplete_fields = ("company",)
    fields = ("company", "name", "model")
    kept_by = ("statements",)

    def get_queryset(self, request):
        """The statement form names the company that it has chosen: its products only."""
        rows = super().get_queryset(request).select_related("company")
        company = request.GET.get("company", "")
        if request.resolver_match.url_name == "autocomplete" and KEY.fullmatch(company):
            return rows.filter(company=company)
        return rows

    def option_label(self, obj):
        return f"{obj} · {obj.company.name}"
