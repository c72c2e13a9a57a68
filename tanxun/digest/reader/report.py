"""A reading as text for a person: the doubtful points first, then every item. Called by `read_newsletter`."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

from tanxun.digest.reader.reading import (
    Document,
    Incentive,
    Item,
    PolicyReading,
    Quantity,
    Read,
    Reading,
    RegionName,
    StatementReading,
    Target,
)

_KINDS = {"policy": "政策", "statement": "声明", "report": "报告", "other": "其他"}
_SECTIONS = {"national": "国家", "local": "地方", "industry": "行业", "other": "国际及其他"}
_CONFIDENCE = {"stated": "原文", "inferred": "推得", "uncertain": "存疑"}
_LEVELS = {"national": "国家级", "province": "省级", "city": "地级", "county": "县级", "park": "园区"} | _KINDS
_SIGNS = {">=": "≥", "<=": "≤", "~": "约", "=": ""}
_LABELS = {
    "section": "栏目",
    "kind": "类别",
    "headline": "小标题",
    "documents": "文件",
    "issuers": "发文机关",
    "declared_issuer_count": "所称机关数",
    "lead_region": "地区",
    "level": "层级",
    "issued_on": "日期",
    "key_points": "要点",
    "targets": "目标",
    "incentives": "激励",
    "topics": "主题",
    "company": "企业",
    "short_name": "简称",
    "region": "地区",
    "statement_type": "声明类型",
    "products": "产品",
    "body": "发证/核查机构",
    "body_undisclosed": "机构未披露",
    "standards": "标准",
    "categories": "类别",
    "scopes": "范围",
    "certificate_number": "证书编号",
    "result": "数值",
    "consultant": "咨询机构",
    "announced_on": "日期",
}


def report(reading: Reading) -> str:
    """The whole report, lines ending in \\n."""
    return "\n".join([*_head(reading), *_doubts(reading), *(line for item in reading.items for line in _item(item))]) + "\n"


def _head(reading: Reading) -> Iterator[str]:
    yield f"标题：{reading.title.value if reading.title else '（无）'}"
    yield f"发布时间：{reading.published_on.value if reading.published_on else '（无）'}　参考日期：{reading.reference_date}"
    counts = {label: sum(item.kind.value == kind for item in reading.items) for kind, label in _KINDS.items()}
    kinds = "，".join(f"{label} {count}" for label, count in counts.items() if count)
    yield f"条目：{len(reading.items)}" + (f"（{kinds}）" if kinds else "")


def _doubts(reading: Reading) -> Iterator[str]:
    doubts = [*reading.notes, *(line for item in reading.items for line in _item_doubts(item))]
    yield ""
    yield f"存疑之处：{len(doubts)}"
    yield from (f"  ! {line}" for line in doubts)


def _item_doubts(item: Item) -> Iterator[str]:
    if item.needs_person:
        yield f"第{item.order}条 {item.headline.value}：{item.needs_person}"
    for label, read in _values(item):
        if read.confidence == "uncertain" or read.candidates:
            options = "；可能是：" + "、".join(map(_show, read.candidates)) if read.candidates else ""
            yield f"第{item.order}条 {label}“{_show(read.value)}”：{read.reason or '存疑'}{options}"


def _values(item: Item) -> Iterator[tuple[str, Read[Any]]]:
    parts: list[Item | PolicyReading | StatementReading] = [item, *([item.policy] if item.policy else []), *item.statements]
    for part in parts:
        for name in (field.name for field in dataclasses.fields(part)):
            value = getattr(part, name)
            reads = value if isinstance(value, tuple) else (value,)
            yield from ((_LABELS.get(name, name), read) for read in reads if isinstance(read, Read))


def _item(item: Item) -> Iterator[str]:
    yield ""
    yield f"{item.order}. [{_SECTIONS[item.section.value]}·{_KINDS[item.kind.value]}] {item.headline.value}"
    for label, read in _values(item):
        if label not in (_LABELS["section"], _LABELS["headline"]) and read is not item.kind:
            reason = f"，{read.reason}" if read.reason else ""
            yield f"   {label}：{_show(read.value)}（{_CONFIDENCE[read.confidence]}{reason}）"


def _show(value: Any) -> str:
    match value:
        case bool():
            shown = "是" if value else "否"
        case tuple():
            shown = "、".join(map(str, value))
        case RegionName():
            shown = f"{value.name}（{value.code}）"
        case Document():
            shown = f"《{value.title}》" + (f" {value.number}" if value.number else "")
        case Quantity():
            shown = f"{value.value:f} {value.unit}"
        case Target():
            when = "每年" if value.is_per_year else f"{value.year}年" if value.year else "年份未写"
            number = f"{value.value:f}" if value.value is not None else ""
            shown = f"{value.indicator} {_SIGNS[value.comparator]}{number}{value.unit or ''}，{when}"
        case Incentive():
            shown = f"{value.amount:f} {value.unit}" if value.amount is not None else "未写金额"
        case _:
            shown = _LEVELS.get(value, str(value)) if isinstance(value, str) else str(value)
    return shown
