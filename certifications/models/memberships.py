"""How high a list stands and how far on it a company is, the words that sheets print for it, and what names a programme."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from .vocabulary import EvidenceKind


class Tier(models.TextChoices):
    """Who keeps the list: 国家级, 省级, 市级, 区县级."""

    NATIONAL = "national", _("national level")
    PROVINCE = "province", _("provincial level")
    CITY = "city", _("city level")
    COUNTY = "county", _("county level")


class ListStage(models.TextChoices):
    """How far a company is. Only the last one is a recognition; who was removed has a day of removal instead."""

    CULTIVATION = "cultivation", _("in cultivation")
    CONSTRUCTION = "construction", _("on the construction list")
    PUBLICISED = "publicised", _("shown to the public")
    ACCEPTED = "accepted", pgettext_lazy("stage on a list", "accepted")


NOT_YET = (ListStage.CULTIVATION, ListStage.CONSTRUCTION, ListStage.PUBLICISED)


def beside_type(kind: str, type_name: str, programme_name: str | None, programme: str, scheme: str) -> str:
    """What stands beside the type of a statement: the programme where that says more; else on a label its scheme as printed.

    So the national label bears its name, and a body's own label or statement never does.
    """
    if programme_name:
        return "" if programme_name == type_name else programme
    return scheme if kind == EvidenceKind.LABEL else ""


# What lists and sheets print, beside the labels.
PRINTED_TIERS = {
    "国家": Tier.NATIONAL,
    "国家级": Tier.NATIONAL,
    "省": Tier.PROVINCE,
    "省级": Tier.PROVINCE,
    "自治区级": Tier.PROVINCE,
    "市": Tier.CITY,
    "市级": Tier.CITY,
    "地市级": Tier.CITY,
    "设区市级": Tier.CITY,
    "区县级": Tier.COUNTY,
    "县级": Tier.COUNTY,
    "区级": Tier.COUNTY,
    "县": Tier.COUNTY,
    "区": Tier.COUNTY,
}
PRINTED_STAGES = {
    "培育": ListStage.CULTIVATION,
    "培育名单": ListStage.CULTIVATION,
    "培育库": ListStage.CULTIVATION,
    "入库": ListStage.CULTIVATION,
    "建设": ListStage.CONSTRUCTION,
    "在建": ListStage.CONSTRUCTION,
    "建设名单": ListStage.CONSTRUCTION,
    "创建": ListStage.CONSTRUCTION,
    "创建名单": ListStage.CONSTRUCTION,
    "公示": ListStage.PUBLICISED,
    "公示中": ListStage.PUBLICISED,
    "拟入选": ListStage.PUBLICISED,
    "拟认定": ListStage.PUBLICISED,
    "列入": ListStage.ACCEPTED,
    "已列入": ListStage.ACCEPTED,
    "入选": ListStage.ACCEPTED,
    "认定": ListStage.ACCEPTED,
    "已认定": ListStage.ACCEPTED,
    "验收通过": ListStage.ACCEPTED,
    "通过验收": ListStage.ACCEPTED,
}
