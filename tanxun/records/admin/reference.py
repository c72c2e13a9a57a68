"""Regions and industries, which come from shipped tables of national codes, and the synonyms of search, which staff keep."""

from django.contrib import admin

from tanxun.records.models import Industry
from tanxun.regions.models import Region
from tanxun.search.models import Synonym

from .base import ReadOnlyAdmin
from .history import HistoryAdmin


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


@admin.register(Synonym)
class SynonymAdmin(HistoryAdmin):
    search_fields = ("words",)
    is_small = True
