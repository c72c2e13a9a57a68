"""A reading as text for a person: the doubtful points first, then every item. Called by `read_newsletter`.

A value without a remark is said by the text; a remark in brackets says how it was come by.
"""

from __future__ import annotations

import dataclasses
import unicodedata
from collections.abc import Iterator, Mapping
from decimal import Decimal
from itertools import groupby
from typing import Any

from tanxun.digest.reader.reading import (
    Document,
    Incentive,
    Item,
    Link,
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
_CONFIDENCE = {"stated": "", "inferred": "推得", "uncertain": "存疑"}
_LEVELS = {"national": "国家级", "province": "省级", "city": "地级", "county": "县级", "park": "园区"} | _KINDS
_STAGES = {"consultation": "征求意见", "trial": "试行", "in_force": "施行", "amended": "修订", "repealed": "废止"}
_FORMS = {
    "resolution": "决议",
    "decision": "决定",
    "order": "命令",
    "communique": "公报",
    "announcement": "公告",
    "public_notice": "通告",
    "opinion": "意见",
    "notice": "通知",
    "circular": "通报",
    "report": "报告",
    "request": "请示",
    "reply": "批复",
    "motion": "议案",
    "letter": "函",
    "minutes": "纪要",
}
_CONTENTS = {
    "action_plan": "行动方案",
    "work_plan": "工作方案",
    "implementation_plan": "实施方案",
    "construction_plan": "建设方案",
    "opinions": "意见",
    "measures": "办法",
    "planning": "规划",
    "catalogue": "目录",
    "standard": "标准",
    "name_list": "名单",
    "guide": "指南",
    "press_conference": "发布会",
    "meeting": "会议",
}
_LINKS = {
    "implements": "落实",
    "amends": "修订",
    "replaces": "代替",
    "repeals": "废止",
    "interprets": "解读",
    "local_version_of": "地方版，上位文件",
}
_GIFTS = {"one_off": "一次性", "yearly": "按年", "share": "按比例", "loan": "贷款贴息"}
_BASES = {"new": "新增", "total": "累计"}
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
    "stage": "阶段",
    "form": "文种",
    "content_type": "内容类型",
    "signed_on": "签署日期",
    "in_force_on": "施行日期",
    "expires_on": "有效期至",
    "comment_by": "意见截止",
    "apply_by": "申报截止",
    "links": "相关文件",
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
# Fields whose values are few words and stand on one line; the fields that a person misses when they are empty.
_SHORT = {"issuers", "topics", "products", "standards"}
_WANTED: dict[type, tuple[str, ...]] = {
    PolicyReading: ("documents", "issuers", "issued_on"),
    StatementReading: ("statement_type", "body", "announced_on"),
}
_COLUMN = 15
_WORDS = 44


def report(reading: Reading, names: Mapping[str, str]) -> str:
    """The whole report, lines ending in \\n; `names` are the Chinese names of types and topics by slug."""
    shown = _Shown({**_STAGES, **_FORMS, **_CONTENTS, **_LEVELS, **names}, reading.text)
    lines = [*_head(reading), *_doubts(reading, shown), *(line for item in reading.items for line in _item(item, shown))]
    return "\n".join(lines) + "\n"


def padded(words: str, columns: int) -> str:
    """`words` with blanks up to `columns` of a terminal, where a Chinese character takes two; to the right if negative."""
    width = sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in words)
    blanks = " " * (abs(columns) - width)
    return words + blanks if columns > 0 else blanks + words


def _head(reading: Reading) -> Iterator[str]:
    counts = {label: sum(item.kind.value == kind for item in reading.items) for kind, label in _KINDS.items()}
    kinds = "，".join(f"{label}{count}" for label, count in counts.items() if count)
    yield reading.title.value if reading.title else "（没有标题行）"
    yield " · ".join(
        (
            f"{len(reading.items)}条" + (f"（{kinds}）" if kinds else ""),
            f"发布时间{reading.published_on.value}" if reading.published_on else "未写发布时间",
            f"参考日期{reading.reference_date}",
        )
    )


def _doubts(reading: Reading, shown: _Shown) -> Iterator[str]:
    """What a person should look at first: where it stands, what it is about, the words of the source, and why."""
    doubts = [doubt for item in reading.items for doubt in _item_doubts(item, shown)]
    doubts += [("全文", "", f"目录有、正文没有：{entry.value}") for entry in reading.toc_only]
    doubts += [("全文", "", note) for note in reading.notes]
    yield ""
    yield f"请先看这{len(doubts)}处：" if doubts else "没有存疑之处。"
    yield from (f"  {padded(place, 8)}{padded(label, _COLUMN) if label else ''}{words}" for place, label, words in doubts)


def _item_doubts(item: Item, shown: _Shown) -> Iterator[tuple[str, str, str]]:
    place = f"第{item.order}条"
    if item.needs_person:
        yield place, "需人工", f"{item.needs_person}（“{_cut(item.headline.value)}”）"
    for part in _parts(item):
        for name, read in _reads(part):
            if read.confidence == "uncertain" or read.candidates:
                label = "条目类别" if read is item.kind else _LABELS[name]
                options = (
                    "可能是" + "、".join(map(shown.value, read.candidates)) if read.candidates else f"读作{shown.read(read)}"
                )
                yield place, label, f"{shown.quoted(read)}{options}：{read.reason or '原文没有说清'}"


Part = Item | PolicyReading | StatementReading


def _parts(item: Item) -> list[Part]:
    return [item, *([item.policy] if item.policy else []), *item.statements]


def _reads(part: Part) -> Iterator[tuple[str, Read[Any]]]:
    """(field, value) of everything that was read of a part, in the order of its fields."""
    for name in (field.name for field in dataclasses.fields(part)):
        value = getattr(part, name)
        yield from ((name, read) for read in (value if isinstance(value, tuple) else (value,)) if isinstance(read, Read))


def _item(item: Item, shown: _Shown) -> Iterator[str]:
    yield ""
    yield f"{item.order}. [{_SECTIONS[item.section.value]}·{_KINDS[item.kind.value]}] {item.headline.value}"
    for part in _parts(item)[1:]:
        if part in item.statements[1:]:
            yield ""
        yield from _part(part, shown)


def _part(part: Part, shown: _Shown) -> Iterator[str]:
    """One line for a field, one for each of several long values; values of few words stand together."""
    for name, group in groupby(_reads(part), key=lambda pair: pair[0]):
        values = [shown.traced(read) if name == "topics" else shown.told(read) for _name, read in group]
        lines = ["　".join(values)] if name in _SHORT else values
        for at, line in enumerate(lines):
            yield f"   {padded('' if at else _LABELS[name], _COLUMN)}{line}"
    missing = [_LABELS[name] for name in _WANTED[type(part)] if not getattr(part, name)]
    if isinstance(part, StatementReading) and part.body_undisclosed:
        missing = [label for label in missing if label != _LABELS["body"]]
    if missing:
        yield f"   {padded('原文未载', _COLUMN)}{'、'.join(missing)}"


def _cut(words: str) -> str:
    flat = " ".join(words.split())
    return flat if len(flat) <= _WORDS else f"{flat[:_WORDS]}…"


@dataclasses.dataclass(frozen=True)
class _Shown:
    """Values in Chinese words: `names` are those of slugs, `text` is what the spans point into."""

    names: Mapping[str, str]
    text: str

    def told(self, read: Read[Any]) -> str:
        """The value, and unless the text says it just so: how it was come by, else in which words it is printed."""
        value, mark = self.read(read), _CONFIDENCE[read.confidence]
        why = f"{mark}：{read.reason}" if mark and read.reason else mark or read.reason
        return f"{value}（{why}）" if why else value

    def read(self, read: Read[Any]) -> str:
        """The value; a reward without a figure reads as its sentence."""
        if isinstance(read.value, Incentive) and read.value.amount is None:
            return _cut(self._words(read))
        return self.value(read.value)

    def traced(self, read: Read[Any]) -> str:
        """A value that some words stand for: with these words, where it does not hold them."""
        value, words = self.read(read), _cut(self._words(read))
        return f"{value}（“{words}”）" if words and words not in value else value

    def quoted(self, read: Read[Any]) -> str:
        """The words of the source, where they are not the value itself."""
        words = _cut(self._words(read))
        return f"“{words}”" if words and words != self.read(read) else ""

    def _words(self, read: Read[Any]) -> str:
        return "".join(self.text[span.start : span.end] for span in read.spans)

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
            case Link():
                shown = f"{_LINKS[value.kind]}《{value.title}》"
            case Target():
                shown = _target(value)
            case Incentive():
                shown = _incentive(value)
            case _:
                shown = _cut(self.names.get(value, value)) if isinstance(value, str) else str(value)
        return shown


def _target(target: Target) -> str:
    when = "每年" if target.base == "per_year" else f"到{target.year}年，" if target.year else ""
    before, after = _COMPARATORS[target.comparator]
    number = f"{target.value:f}" if target.value is not None else ""
    base = _BASES.get(target.base or "", "")
    counted = f"（{base}）" if base and base not in target.indicator else ""
    return f"{when}{target.indicator}{before}{number}{target.unit or ''}{after}{counted}"


def _incentive(incentive: Incentive) -> str:
    amount = _money(incentive.amount, incentive.unit)
    if incentive.cap is not None and incentive.cap != incentive.amount:
        amount += f"，最高{_money(incentive.cap, 'CNY' if incentive.unit == '%' else incentive.unit)}"
    kind = f"（{_GIFTS[incentive.kind]}）" if incentive.kind else ""
    return f"{amount}{kind}" + (f"：{incentive.who}" if incentive.who else "")


def _money(amount: Decimal | None, unit: str | None) -> str:
    if amount is None:
        return "未写金额"
    if unit == "CNY" and amount >= _WAN:
        return f"{(amount / _WAN).normalize():f}万元"
    return f"{amount:f}{_UNITS.get(unit or '', unit or '')}"
