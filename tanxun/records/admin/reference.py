"""Regions and industries: looked at and chosen from; both come from shipped tables of national codes."""

from django.contrib import admin

from tanxun.records.models import Industry
from tanxun.regions.models import Region

from .base import ReadOnlyAdmin


@admin.register(Region)
class RegionAdmin(ReadOnlyAdmin):
    list_display = ("code", "name", "short_name", "level", "parent")
    list_select_related = ("parent",)
    list_filter = ("level",)
    search_fields = ("code", "name", "short_name", "pinyin", "pinyin_initials")

    def option_label(self, obj):
        """With what is above it: 朝阳区 is in Beijing and in Changchun."""
        return obj.full_name


@admin.register(Industry)
class IndustryAdmin(ReadOnlyAdmin):
    list_display = ("code", "name", "name_en", "parent")
    list_select_related = ("parent",)
    search_fields = ("code", "name", "name_en")
    is_small = True
