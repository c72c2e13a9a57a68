"""Regions are looked at and chosen from; they come from the shipped table."""

from django.contrib import admin

from tanxun.records.admin import ReadOnlyAdmin

from .models import Region


@admin.register(Region)
class RegionAdmin(ReadOnlyAdmin):
    list_display = ("code", "name", "short_name", "level", "parent")
    list_select_related = ("parent",)
    list_filter = ("level",)
    search_fields = ("code", "name", "short_name", "pinyin", "pinyin_initials")

    def option_label(self, obj: Region) -> str:
        """With what is above it: 朝阳区 is in Beijing and in Changchun."""
        return obj.full_name
