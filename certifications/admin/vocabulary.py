"""Admin of what statements are entered with: verification bodies, standards, statement types, programmes. No developer needed."""

import re

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from certifications.models import BodyAccreditation, BodyAlias, Programme, Standard, StatementType, VerificationBody
from tanxun.records.admin import ConfirmedAdmin, HistoryAdmin, StaffInline, UniqueNamesFormSet

# GB, GB/T or GB/Z and a number, perhaps of a part: GB/T 32151.29 (GB/T 1.1 lays the form down; the year is the edition).
NATIONAL_NUMBER = re.compile(r"GB(/[TZ])? \d+(\.\d+)*")


class AliasInline(StaffInline, admin.TabularInline):
    model = BodyAlias
    formset = UniqueNamesFormSet
    fields = ("name",)
    extra = 1


class AccreditationInline(StaffInline, admin.StackedInline):
    model = BodyAccreditation
    fields = (("accreditor", "scheme", "number"), ("scope", "valid_from", "valid_until"))


@admin.register(VerificationBody)
class VerificationBodyAdmin(ConfirmedAdmin):
    list_display = ("name", "full_name", "kind", "is_foreign", "is_confirmed")
    list_filter = ("kind", "is_foreign", "is_confirmed")
    search_fields = ("name",)
    prepopulated_fields = {"slug": ("name_en",)}
    fields = (("name", "full_name"), ("name_en", "slug"), ("kind", "is_foreign", "is_confirmed"), "website", "lookup_url")
    inlines = (AliasInline, AccreditationInline)
    kept_by = ("statements",)


@admin.register(Standard)
class StandardAdmin(HistoryAdmin):
    list_display = ("code", "edition", "title", "statement_type", "in_force_on", "withdrawn_on")
    list_select_related = ("statement_type",)
    list_filter = ("statement_type",)
    search_fields = ("code", "edition", "title", "title_en")
    is_small = True
    autocomplete_fields = ("statement_type", "replaced_by")
    fields = (
        ("code", "edition"),
        "title",
        "title_en",
        "statement_type",
        ("issued_on", "in_force_on", "withdrawn_on"),
        "replaced_by",
        "source",
    )
    kept_by = ("statements",)

    def warnings(self, obj, form, change):
        if obj.code.upper().startswith("GB") and not NATIONAL_NUMBER.fullmatch(obj.code):
            yield _("“%(code)s” does not look like the number of a national standard, such as GB/T 24067.") % {"code": obj.code}


@admin.register(StatementType)
class StatementTypeAdmin(HistoryAdmin):
    list_display = ("name", "slug", "evidence_kind", "validity_rule", "cycle_months", "topic")
    list_select_related = ("topic",)
    search_fields = ("name", "full_name", "name_en", "slug")
    is_small = True
    autocomplete_fields = ("topic",)
    fields = (
        ("name", "slug"),
        ("full_name", "name_en"),
        "evidence_kind",
        ("validity_rule", "cycle_months", "lead_days"),
        ("needs_product", "needs_period"),
        "topic",
        "cue_words",
    )


@admin.register(Programme)
class ProgrammeAdmin(HistoryAdmin):
    list_display = ("name", "slug", "statement_type")
    list_select_related = ("statement_type",)
    search_fields = ("name", "name_en", "slug")
    is_small = True
    autocomplete_fields = ("statement_type",)
    fields = ("name", "slug", "name_en", "aliases", "statement_type")
