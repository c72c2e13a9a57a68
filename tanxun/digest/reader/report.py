"""A reading as text for a person: the doubtful points first, then every item. Called by `read_newsletter`."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
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
_COMPARATORS = {">=": ("", "以上"), "<=": ("不超过", ""), "~": ("约", ""), "=": ("", "")}
_WAN = 10_000
_UNITS = {"CNY": "元", "HKD": "港元", "MOP": "澳门元"}
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


def report(reading: Reading, names: Mapping[str, str]) -> str:
    """The whole report, lines ending in \\n; `names` are the Chinese names of types and topics by slug."""
    shown = _Shown({**_LEVELS, **names}, reading.text)
    lines = [*_head(reading), *_doubts(reading, shown), *(line for item in reading.items for line in _item(item, shown))]
    return "\n".join(lines) + "\n"


def _head(reading: Reading) -> Iterator[str]:
    yield f"标题：{reading.title.value if reading.title else '（无）'}"
    yield f"发布时间：{reading.published_on.value if reading.published_on else '（无）'}　参考日期：{reading.reference_date}"
    counts = {label: sum(item.kind.value == kind for item in reading.items) for kind, label in _KINDS.items()}
    kinds = "，".join(f"{label} {count}" for label, count in counts.items() if count)
    yield f"条目：{len(reading.items)}" + (f"（{kinds}）" if kinds else "")


def _doubts(reading: Reading, shown: _Shown) -> Iterator[str]:
    doubts = [*reading.notes, *(line for item in reading.items for line in _item_doubts(item, shown))]
    yield ""
    yield f"存疑之处：{len(doubts)}"
    yield from (f"  ! {line}" for line in doubts)


def _item_doubts(item: Item, shown: _Shown) -> Iterator[str]:
    if item.needs_person:
        yield f"第{item.order}条 {item.headline.value}：{item.needs_person}"
    for label, read in _values(item):
        if read.confidence == "uncertain" or read.candidates:
            options = "；可能是：" + "、".join(map(shown.value, read.candidates)) if read.candidates else ""
            yield f"第{item.order}条 {label}“{shown.read(read)}”：{read.reason or '存疑'}{options}"


def _values(item: Item) -> Iterator[tuple[str, Read[Any]]]:
    parts: list[Item | PolicyReading | StatementReading] = [item, *([item.policy] if item.policy else []), *item.statements]
    for part in parts:
        for name in (field.name for field in dataclasses.fields(part)):
            value = getattr(part, name)
            reads = value if isinstance(value, tuple) else (value,)
            yield from ((_LABELS.get(name, name), read) for read in reads if isinstance(read, Read))


def _item(item: Item, shown: _Shown) -> Iterator[str]:
    yield ""
    yield f"{item.order}. [{_SECTIONS[item.section.value]}·{_KINDS[item.kind.value]}] {item.headline.value}"
    for label, read in _values(item):
        if label not in (_LABELS["section"], _LABELS["headline"]) and read is not item.kind:
            reason = f"，{read.reason}" if read.reason else ""
            yield f"   {label}：{shown.read(read)}（{_CONFIDENCE[read.confidence]}{reason}）"


@dataclasses.dataclass(frozen=True)
class _Shown:
    """Values in Chinese words: `names` are those of slugs, `text` is what the spans point into."""

    names: Mapping[str, str]
    text: str

    def read(self, read: Read[Any]) -> str:
        """The value; a reward without a figure reads as its sentence."""
        if isinstance(read.value, Incentive) and read.value.amount is None:
            return "".join(self.text[span.start : span.end] for span in read.spans)
        return self.value(read.value)

    def value(self, value: Any) -> str:
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
                shown = _target(value)
            case Incentive():
                shown = _incentive(value)
            case _:
                shown = self.names.get(value, value) if isinstance(value, str) else str(value)
        return shown


def _target(target: Target) -> str:
    when = "每年" if target.is_per_year else f"到{target.year}年，" if target.year else ""
    before, after = _COMPARATORS[target.comparator]
    number = f"{target.value:f}" if target.value is not None else ""
    return f"{when}{target.indicator}{before}{number}{target.unit or ''}{after}"


def _incentive(incentive: Incentive) -> str:
    if incentive.amount is None:
        return "未写金额"
    if incentive.unit == "CNY" and incentive.amount >= _WAN:
        return f"{(incentive.amount / _WAN).normalize():f}万元"
    return f"{incentive.amount:f}{_UNITS.get(incentive.unit or '', incentive.unit or '')}"
