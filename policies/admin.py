"""Staff's entry of policies, topics and issuing bodies. `tanxun.site.admin` registers PolicyAdmin with the statements."""

from django.contrib import admin
from django.contrib.admin.widgets import AdminDateWidget
from django.db.models import Q
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from policies import links
from policies.dates import LooseDateField, loose_precisions
from policies.models import (
    DOCUMENT_NUMBER,
    Incentive,
    IssuingBody,
    IssuingBodyAlias,
    KeyPoint,
    Policy,
    PolicyDocument,
    PolicyIssuer,
    PolicyLink,
    Target,
    Topic,
)
from tanxun.listing.columns import known_day
from tanxun.records.admin import (
    HistoryAdmin,
    OrderedFormSet,
    RecordAdmin,
    RecordForm,
    RemovableAdmin,
    StaffInline,
    UniqueNamesFormSet,
)
from tanxun.records.admin.forms import TEXT_IN_INLINES
from tanxun.records.admin.lists import ProvinceFilter


class IssuerInline(StaffInline, admin.TabularInline):
    model = PolicyIssuer
    formset = OrderedFormSet
    fields = ("body", "position")
    autocomplete_fields = ("body",)
    extra = 1


class DocumentInline(StaffInline, admin.TabularInline):
    model = PolicyDocument
    formset = OrderedFormSet
    fields = ("title", "number", "position")
    extra = 1


class KeyPointInline(StaffInline, admin.TabularInline):
    model = KeyPoint
    formset = OrderedFormSet
    fields = ("text", "position")
    formfield_overrides = TEXT_IN_INLINES
    extra = 1


class TargetInline(StaffInline, admin.StackedInline):
    model = Target
    formset = OrderedFormSet
    fields = (("indicator", "comparator", "value", "unit"), ("base", "year", "position"), "sentence", "topics")
    autocomplete_fields = ("topics",)
    formfield_overrides = TEXT_IN_INLINES


class IncentiveInline(StaffInline, admin.StackedInline):
    model = Incentive
    formset = OrderedFormSet
    fields = (
        ("amount", "currency", "kind", "cap"),
        ("who_qualifies", "evidence_needed"),
        ("apply_by", "position"),
        *("sentence", "topics"),
    )
    autocomplete_fields = ("topics",)
    formfield_overrides = TEXT_IN_INLINES


class LinkInline(StaffInline, admin.StackedInline):
    """What this policy does to others; what others do to it is kept with them."""

    model = PolicyLink
    fk_name = "policy"
    formset = OrderedFormSet
    fields = (("kind", "other", "title", "position"), "sentence")
    autocomplete_fields = ("other",)
    formfield_overrides = TEXT_IN_INLINES


class PolicyForm(RecordForm):
    """Its dates may be known to the month or year only: 2026-03, 2026."""

    past_fields = ("source_on", "signed_on", "issued_on")

    signed_on, issued_on, in_force_on, expires_on, comment_by = (
        LooseDateField(
            label=capfirst(Policy._meta.get_field(name).verbose_name),
            ends=name in ("expires_on", "comment_by"),
            help_text=_("2026-03 or 2026 where no day is printed") if name in ("issued_on", "in_force_on") else "",
            widget=AdminDateWidget,
        )
        for name in Policy.days
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name, precision in self.instance.precisions.items():
            if self.initial.get(name):
                self.initial[name] = str(known_day(self.initial[name], precision))

    def clean(self):
        cleaned = super().clean()
        dates = {name for name in Policy.days if name in self.fields}
        kept = {name: precision for name, precision in self.instance.precisions.items() if name not in dates}
        self.instance.precisions = kept | loose_precisions(self)
        return cleaned


class PolicyAdmin(RecordAdmin):
    """Reads as the news sentence: headline, who, which document (two inlines behind the first group), when, where."""

    form = PolicyForm
    change_form_template = "admin/policy_form.html"
    list_display = ("headline", "level", "region", "dated_on", "stage", "unsure_count")
    list_select_related = ("region",)
    list_filter = ("level", "stage", ProvinceFilter, "topics", "dated_on")
    search_fields = ("headline",)
    search_help_text = _("Headline, document, number, issuing body, key point, topic, region")
    autocomplete_fields = ("region", "topics", "industries")
    fieldsets = (
        (None, {"fields": ("headline",)}),
        (
            None,
            {
                "fields": (
                    ("issued_on", "signed_on", "declared_issuer_count"),
                    ("level", "region", "park_name"),
                    ("form", "content_type", "stage"),
                    "topics",
                )
            },
        ),
        (
            _("Further dates and industries"),
            {"fields": (("in_force_on", "expires_on", "comment_by"), "industries", "section"), "classes": ("collapse",)},
        ),
        RecordAdmin.source_fieldset,
        RecordAdmin.sureness_fieldset,
    )
    inlines = (IssuerInline, DocumentInline, KeyPointInline, TargetInline, IncentiveInline, LinkInline)

    def save_related(self, request, form, formsets, change):
        super().save_related(request, form, formsets, change)
        links.tie(form.instance)

    def warnings(self, obj, form, change):
        for document in obj.documents.exclude(number=""):
            if not DOCUMENT_NUMBER.match(document.number.strip()):
                yield _("“%(number)s” does not look like a document number, such as 发改环资〔2025〕910号.") % {
                    "number": document.number
                }
        if obj.declared_issuer_count and obj.declared_issuer_count < obj.issuers.count():
            yield _("More issuing bodies are named than the declared number.")


@admin.register(Topic)
class TopicAdmin(HistoryAdmin):
    list_display = ("name", "slug", "name_en", "definition")
    search_fields = ("name", "name_en", "slug", "definition")
    is_small = True
    fields = (("name", "slug"), "name_en", "definition", "definition_en", "cue_words")

    def keeping(self, obj):
        """Policies that name it themselves, or of which a target or an incentive does."""
        named = Q(topics=obj) | Q(targets__topics=obj) | Q(incentives__topics=obj)
        return [Policy.with_deleted.filter(named).distinct()]


class AliasInline(StaffInline, admin.TabularInline):
    model = IssuingBodyAlias
    formset = UniqueNamesFormSet
    fields = ("name",)
    extra = 1


@admin.register(IssuingBody)
class IssuingBodyAdmin(RemovableAdmin):
    list_display = ("name", "region", "website")
    list_select_related = ("region",)
    list_filter = (ProvinceFilter,)
    search_fields = ("name",)
    autocomplete_fields = ("region",)
    fields = ("name", "region", "website")
    inlines = (AliasInline,)
    kept_by = ("policies", "recognitions")
