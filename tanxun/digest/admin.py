"""News items and words for the reader are edited here; newsletters and drafts are decided at the review desk."""

from typing import Any

from django import forms
from django.contrib import admin
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from tanxun.records.admin import HistoryAdmin, ReadOnlyAdmin, RecordAdmin, RecordForm, StaffAdmin

from .feeds.forms import FeedForm
from .feeds.models import FeedSource
from .models import Digest, Draft, NewsItem, Newsletter, ReaderWord


@admin.register(Newsletter)
class NewsletterAdmin(ReadOnlyAdmin):
    list_display = ("__str__", "reference_date", "published_on", "file_name", "created_by", "created_at")
    list_select_related = ("created_by",)
    search_fields = ("title", "file_name")
    fields = ("title", "published_on", "reference_date", "file_name", "replaces", "created_by", "created_at", "printed")

    @admin.display(description=_("text"))
    def printed(self, obj: Newsletter) -> str:
        return format_html('<pre class="printed">{}</pre>', obj.text)


class DraftForm(forms.ModelForm):
    class Meta:
        model = Draft
        fields = ()
        labels = {"needs_person": _("needs a person"), "reviewed_by": _("reviewed by"), "reviewed_at": _("reviewed at")}


@admin.register(Draft)
class DraftAdmin(ReadOnlyAdmin):
    form = DraftForm
    list_display = ("headline", "kind", "section", "status", "newsletter", "reviewer")
    list_select_related = ("newsletter", "reviewed_by")
    list_filter = ("status", "kind", "section")
    search_fields = ("headline",)
    fields = (
        "newsletter",
        "headline",
        "kind",
        "section",
        "status",
        "printed",
        "needs_person",
        "made",
        "reviewed_by",
        "reviewed_at",
    )

    @admin.display(description=_("reviewed by"), ordering="reviewed_by")
    def reviewer(self, obj: Draft) -> Any:
        return obj.reviewed_by

    @admin.display(description=_("text"))
    def printed(self, obj: Draft) -> str:
        return format_html('<pre class="printed">{}</pre>', obj.text)

    @admin.display(description=_("record"))
    def made(self, obj: Draft) -> str:
        return format_html('<a href="{}">{}</a>', obj.record.get_absolute_url(), obj.record) if obj.record else ""


@admin.register(Digest)
class DigestAdmin(ReadOnlyAdmin, HistoryAdmin):
    """Who began, changed and froze which issue; composed on its own pages."""

    list_display = ("week", "title", "entry_count", "frozen_at", "frozen_by", "updated_at")
    list_select_related = ("frozen_by",)
    search_fields = ("week", "title")
    fields = ("week", "title", "lead", "entry_count", "has_sheets", "created_at", "updated_at", "frozen_at", "frozen_by")


class NewsItemForm(RecordForm):
    past_fields = ("source_on", "announced_on")


@admin.register(NewsItem)
class NewsItemAdmin(RecordAdmin):
    form = NewsItemForm
    list_display = ("headline", "kind", "section", "dated_on", "unsure_count")
    list_filter = ("kind", "section", "dated_on")
    search_fields = ("headline",)
    fieldsets = (
        (None, {"fields": ("headline", ("kind", "section", "announced_on"), "text")}),
        RecordAdmin.source_fieldset,
        RecordAdmin.sureness_fieldset,
    )


@admin.register(ReaderWord)
class ReaderWordAdmin(HistoryAdmin):
    list_display = ("word", "kind", "full_form", "region")
    list_select_related = ("region",)
    list_filter = ("kind",)
    search_fields = ("word", "full_form", "region__name")
    search_help_text = _("Word, full form or region")
    autocomplete_fields = ("region",)
    fields = ("kind", "word", "full_form", "region")


@admin.register(FeedSource)
class FeedSourceAdmin(StaffAdmin):
    """Where feeds are read from; what came of it stands on the page of feeds, too."""

    list_display = ("name", "address", "is_active", "read_at", "error")
    list_filter = ("is_active",)
    search_fields = ("name", "address")
    fields = ("name", "address", "is_active", "asked_at", "read_at", "error", "created_by")
    readonly_fields = ("asked_at", "read_at", "error", "created_by")
    form = FeedForm

    def save_model(self, request: Any, obj: FeedSource, form: Any, change: bool) -> None:
        obj.created_by = obj.created_by or request.user
        super().save_model(request, obj, form, change)
