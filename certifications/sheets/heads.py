"""What the columns of a sheet mean: the fields that a sheet may have, the words their heads are written with, the mapping.

A head is known by its words alone, whatever its width, case, blanks, marks and the unit behind it; what is not known is
asked of the person, or left out and said so.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override, pgettext_lazy

from tanxun.search.fold import fold

from .guard import SheetError

LOOKED_THROUGH = 30
CONVINCING = 2
LANGUAGES = ("zh-hans", "en")
UNIT = re.compile(r"^(?P<head>.+?)[(\[](?P<unit>[^()\[\]]*)[)\]]$")
MARKS = re.compile(r"[\s*:：•·.。、/\\_\-\"']+")


@dataclass(frozen=True)
class Field:
    """A field of a row: its name (the contract's), its label, further heads (joined by |), the units a head may name."""

    name: str
    label: Any
    words: str
    units: frozenset[str] = frozenset()


TONNES = frozenset(["t", "吨", "tco2", "tco2e", "tco2eq", "吨co2", "吨co2e", "吨co2当量", "吨二氧化碳", "吨二氧化碳当量"])
KILOGRAMS = frozenset(["kg", "千克", "kgco2", "kgco2e", "kgco2eq", "千克co2e", "千克二氧化碳当量", "公斤二氧化碳当量"])
FIELDS = (
    Field(
        "company",
        gettext_lazy("Company"),
        "企业名称|公司名称|单位名称|企业|公司|单位|获证企业|获证组织|获证单位|持证企业|持证单位|证书持有人|组织名称|委托方|委托方名称"
        "|客户名称|受核查方|受核查单位|名称|company|company name|organization|organisation|holder|client|enterprise",
    ),
    Field(
        "credit_code",
        gettext_lazy("Unified social credit code"),
        "统一社会信用代码|社会信用代码|信用代码|组织机构代码|统一信用代码|税号|credit code|uscc|unified social credit code",
    ),
    Field("short_name", gettext_lazy("Short name"), "简称|企业简称|公司简称|short name|abbreviation"),
    Field(
        "region",
        gettext_lazy("Region"),
        "地区|所在地|所在地区|区域|省市|城市|省份|所属地区|注册地|省市区|行政区划|region|place|city|province|location",
    ),
    Field("region_code", gettext_lazy("Region code"), "地区代码|行政区划代码|区划代码|region code"),
    Field("industry", gettext_lazy("Industry"), "行业|所属行业|行业类别|行业分类|行业代码|国民经济行业|industry|sector"),
    Field(
        "statement_type",
        gettext_lazy("Statement type"),
        "声明类型|证书类型|认证类型|类型|核查类型|证书类别|认证项目|业务类别|项目类型|服务类型|证书名称|认证类别"
        "|type|statement type|certificate type|certification type",
    ),
    Field(
        "verification_body",
        gettext_lazy("Verification body"),
        "认证机构|核查机构|发证机构|发证核查机构|颁证机构|审定核查机构|第三方机构|机构|机构名称|核证机构|颁发机构"
        "|body|verification body|certification body|verifier|issuer|issued by|certifier",
    ),
    Field(
        "certificate_number",
        gettext_lazy("Certificate number"),
        "证书编号|声明编号|证书号|编号|证书号码|报告编号|声明号|注册号|certificate number|certificate no|certificate|cert no"
        "|statement number|statement no|number",
    ),
    Field(
        "products",
        gettext_lazy("Products"),
        "产品|产品名称|认证产品|产品型号|获证产品|核查产品|products|product|product name",
    ),
    Field(
        "standard",
        gettext_lazy("Standards"),
        "标准|依据标准|认证标准|核查标准|执行标准|标准号|认证依据|核查依据|依据|standard|standards|criteria",
    ),
    Field(
        "issued_on",
        gettext_lazy("Issued on"),
        "签发日期|颁发日期|发证日期|颁证日期|获证日期|出具日期|签发时间|发证时间|颁发时间|获证时间|证书日期"
        "|issued on|issue date|date of issue|issued|certificate date",
    ),
    Field(
        "announced_on",
        gettext_lazy("Announced on"),
        "公布日期|公示日期|发布日期|公布时间|公示时间|发布时间|announced on|announced|published on",
    ),
    Field(
        "valid_until",
        gettext_lazy("Valid until"),
        "有效期至|有效期|到期日期|到期日|截止日期|失效日期|有效期截止|证书有效期|有效截止日期|到期时间"
        "|valid until|valid to|expiry|expiry date|expires on|expires",
    ),
    Field("period_start", gettext_lazy("Period from"), "核算期起|核算期开始|核查期起|起始日期|period from|period start"),
    Field("period_end", gettext_lazy("Period to"), "核算期止|核算期结束|核查期止|period to|period end"),
    Field(
        "period_year",
        gettext_lazy("Year or period covered"),
        "核算期|核查年度|核算年度|核查期|年度|年份|报告年度|数据年份|核查周期|核算周期|核算年份|核查年份|报告期"
        "|核算年度或核算期|认定年度|认定年份|入选年度|入选年份|公布年度|公布年份"
        "|year|reporting year|period|reporting period|year covered|year or period covered",
    ),
    Field(
        "emissions_tco2e",
        gettext_lazy("Emissions (tCO2e)"),
        "排放量|总排放量|排放总量|温室气体排放量|温室气体排放总量|碳排放量|碳排放总量|核定排放量|核查排放量|组织碳排放量"
        "|emissions|total emissions|ghg emissions",
        TONNES,
    ),
    Field(
        "footprint_kgco2e",
        gettext_lazy("Footprint (kgCO2e)"),
        "碳足迹|碳足迹值|产品碳足迹|产品碳足迹值|碳足迹结果|碳足迹数值|footprint|carbon footprint|pcf|cfp",
        KILOGRAMS,
    ),
    Field(
        "declared_unit",
        gettext_lazy("Declared unit"),
        "声明单位|功能单位|计量单位|declared unit|functional unit|unit",
    ),
    Field(
        "system_boundary",
        gettext_lazy("System boundary"),
        "系统边界|核算边界|生命周期边界|system boundary|boundary",
    ),
    Field("result_as_printed", gettext_lazy("Result as printed"), "原文结果|核查结果|结果|result|result as printed"),
    Field("categories", gettext_lazy("Categories"), "类别|排放类别|核查类别|核算类别|categories|category"),
    Field("scopes", gettext_lazy("Scopes"), "范围|排放范围|scopes|scope"),
    Field("assurance_level", gettext_lazy("Assurance level"), "保证等级|保证水平|保证程度|assurance level|assurance"),
    Field("engagement", gettext_lazy("Engagement"), "业务类型|审定核查|engagement"),
    Field("scheme", gettext_lazy("Scheme"), "所属制度|认证制度|认证规则|scheme"),
    Field(
        "consultant", pgettext_lazy("firm", "Consultant"), "咨询机构|咨询公司|咨询单位|辅导机构|服务机构|consultant|consultancy"
    ),
    Field(
        "programme",
        gettext_lazy("Programme"),
        "项目|名单|名单名称|称号|称号名称|荣誉称号|认定项目|programme|program|list|list name",
    ),
    Field("tier", gettext_lazy("Tier"), "级别|等级|层级|认定级别|称号级别|tier|level"),
    Field("batch", gettext_lazy("Batch"), "批次|认定批次|公布批次|batch|batch number"),
    Field("list_stage", gettext_lazy("Stage on the list"), "名单阶段|阶段|认定阶段|stage on the list|stage"),
    Field(
        "recognised_by",
        gettext_lazy("Recognised by"),
        "认定机关|认定单位|认定机构|认定部门|发布单位|发布机构|发布部门|公布单位|公布机关"
        "|recognised by|recognized by|recognition body|listed by",
    ),
    Field(
        "removed_on",
        gettext_lazy("Removed on"),
        "移出日期|移出时间|除名日期|除名时间|撤销日期|撤销时间|removed on|removal date|date of removal|removed",
    ),
    Field("source", gettext_lazy("Source"), "来源|信息来源|数据来源|出处|source"),
    Field(
        "source_url", gettext_lazy("Source link"), "来源链接|链接|网址|公示链接|查询链接|source link|link|url|source url|website"
    ),
    Field("summary", gettext_lazy("Summary"), "摘要|备注|说明|简介|概述|summary|notes|note|remarks|remark|comment"),
)
BY_NAME = {each.name: each for each in FIELDS}
NEEDED = ("company", "statement_type")


def head_key(head: str) -> tuple[str, str]:
    """(words, unit) of a head as they are compared: 排放量（tCO₂e） → (排放量, tco2e)."""
    folded = fold(head).replace(" ", "")
    found = UNIT.match(folded)
    text, unit = (found["head"], found["unit"].replace("₂", "2")) if found else (folded, "")
    return MARKS.sub("", text), unit


def _known_words() -> dict[str, str]:
    known: dict[str, str] = {}
    for each in FIELDS:
        for word in (each.name, *each.words.split("|")):
            known[head_key(word)[0]] = each.name
    return known


KNOWN = _known_words()


def field_of(head: str) -> str:
    """The field that a head surely means, or "": a unit that is not the field's own makes it doubtful."""
    words, unit = head_key(head)
    name = KNOWN.get(words, "")
    if name and unit and BY_NAME[name].units and unit not in BY_NAME[name].units:
        return ""
    return name


@dataclass
class Heads:
    """The heads of a sheet, and the field of each column ("" where it is left out).

    `row` is the number of their row. `doubled` are fields that more than one column claims.
    """

    row: int
    texts: list[str]
    fields: list[str] = field(default_factory=list)

    @property
    def unknown(self) -> list[str]:
        return [text for text, name in zip(self.texts, self.fields, strict=True) if text and not name]

    @property
    def doubled(self) -> list[str]:
        return [name for name in dict.fromkeys(self.fields) if name and self.fields.count(name) > 1]

    @property
    def missing(self) -> list[str]:
        """The fields that rows cannot do without; a programme says its type."""
        said = {*self.fields, *(["statement_type"] if "programme" in self.fields else [])}
        return [name for name in NEEDED if name not in said]

    @property
    def problem(self) -> str:
        """Why rows cannot be read by these heads, or ""."""
        if self.doubled:
            return _("Several columns are given for one field: %(fields)s.") % {"fields": _(", ").join(labels(self.doubled))}
        if self.missing:
            words = labels(self.missing)
            if "statement_type" in self.missing:
                kind, programme = labels(["statement_type", "programme"])
                words[-1] = _("%(type)s, or %(programme)s, which says the type") % {"type": kind, "programme": programme}
            return _("No column is given for: %(fields)s.") % {"fields": _(", ").join(words)}
        return ""

    def columns(self) -> list[tuple[int, str]]:
        """(index of the column, field) of those that are read."""
        return [(index, name) for index, name in enumerate(self.fields) if name]


class HeadsError(SheetError):
    """Rows cannot be read by these `heads`: a person must say what columns mean."""

    def __init__(self, heads: Heads) -> None:
        super().__init__(heads.problem)
        self.heads = heads


def labels(names: Iterable[str]) -> list[str]:
    return [str(BY_NAME[name].label) for name in names]


def find_heads(rows: Sequence[Sequence[Any]], kept: Mapping[str, str]) -> Heads:
    """The row of heads among the first rows (each `[number, cell, …]`): the one with the most heads that are known, where
    there are some; else the first of the widest.

    `kept` are the meanings that the person gave before, by the words of the head. Raises SheetError for an empty sheet.
    """
    if not rows:
        raise SheetError(_("The sheet is empty."))
    best = max(rows[:LOOKED_THROUGH], key=lambda row: _known_heads(row, kept))
    if _known_heads(best, kept) < CONVINCING:  # a title, or a cell that happens to be a word of ours
        best = max(rows[:LOOKED_THROUGH], key=lambda row: sum(bool(str(cell or "").strip()) for cell in row[1:]))
    texts = ["" if cell is None else " ".join(str(cell).split())[:200] for cell in best[1:]]
    while texts and not texts[-1]:
        texts.pop()
    return Heads(best[0], texts, _without_weaker(texts, [meaning(text, kept) for text in texts], kept))


def _known_heads(row: Sequence[Any], kept: Mapping[str, str]) -> int:
    return sum(bool(head_key(str(cell))[0] in kept or field_of(str(cell))) for cell in row[1:] if cell not in (None, ""))


def _without_weaker(texts: Sequence[str], fields: list[str], kept: Mapping[str, str]) -> list[str]:
    """Where several heads mean one field, the one that bears the field's own label, as our lists and exports write it, has it."""
    keys = [head_key(text)[0] for text in texts]
    for name in {name for name in fields if name and fields.count(name) > 1}:
        claims = [at for at, each in enumerate(fields) if each == name]
        labelled = [at for at in claims if keys[at] in own_words()[name]]
        if len(labelled) == 1 and not any(keys[at] in kept for at in claims):
            fields = ["" if at in claims and at != labelled[0] else each for at, each in enumerate(fields)]
    return fields


@cache
def own_words() -> dict[str, set[str]]:
    """The label of each field in both languages, as heads are compared."""
    found: dict[str, set[str]] = {each.name: set() for each in FIELDS}
    for language in LANGUAGES:
        with override(language):
            for each in FIELDS:
                found[each.name].add(head_key(str(each.label))[0])
    return found


def meaning(head: str, kept: Mapping[str, str]) -> str:
    """What the person said of such a head before ("-" is: leave it out), else what its words say."""
    said = kept.get(head_key(head)[0]) if head else ""
    return "" if said == "-" else said or (field_of(head) if head else "")


def given_mapping(text: str, heads: Sequence[str]) -> dict[str, str]:
    """`表头=field,…` of the command → meanings by the words of the head. Raises SheetError for what is not there."""
    known = {head_key(head)[0] for head in heads}
    found: dict[str, str] = {}
    for part in filter(None, (part.strip() for part in re.split("[,，]", text))):
        head, _equals, name = (piece.strip() for piece in part.partition("="))
        if name not in BY_NAME and name != "-":
            raise SheetError(_("There is no field “%(name)s”. Fields: %(names)s.") % {"name": name, "names": ", ".join(BY_NAME)})
        if head_key(head)[0] not in known:
            raise SheetError(_("The sheet has no head “%(head)s”.") % {"head": head})
        found[head_key(head)[0]] = name
    return found
