"""The words and the grammar of our own weekly: titles of sections, and lines 【发文机关】… that carry a field as it is.

Written by `publisher`, read by `labelled`. A line is a label with its value; a value has parts 名：值 between ；, a part has
items between 、. What holds one of these marks, or nothing, stands in 「」 (a 」 in it twice). 无 says that there is none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

from tanxun.digest.reader.reading import Kind

CONTENTS: Final = "本周双碳要闻目录"
PUBLISHED: Final = "发布时间"
MASTHEAD: Final = "碳讯丨"
SECTION_TITLES: Final = {"national": "国家动态", "local": "地方动态", "industry": "行业动态", "other": "国际动态"}

HEADLINE: Final = "标题"
KIND: Final = "类别"
TEXT: Final = "正文"
STATEMENT: Final = "声明"
RECORD: Final = "记录"
NOTE: Final = "编者注"
SOURCE: Final = "来源"
ANNOUNCED: Final = "发布日期"
# Fields of a policy by their label, first those with one value, then those with a line for each.
POLICY_VALUES: Final = {
    "发文机关": "issuing_bodies",
    "发文机关数": "declared_issuer_count",
    "地区": "region",
    "层级": "level",
    ANNOUNCED: "issued_on",
    "阶段": "stage",
    "公文种类": "form",
    "文件类型": "content_type",
    "成文日期": "signed_on",
    "施行日期": "in_force_on",
    "失效日期": "expires_on",
    "意见截止": "comment_by",
    "主题": "topics",
}
POLICY_ROWS: Final = {"文件": "documents", "要点": "key_points", "目标": "targets", "奖补": "incentives", "关联": "links"}
ALL: Final = frozenset({HEADLINE, KIND, TEXT, STATEMENT, RECORD, NOTE, SOURCE, *POLICY_VALUES, *POLICY_ROWS})
NONE: Final = "无"
HIDDEN: Final = "未披露"

# Parts of a row by field.
DOCUMENT: Final = {"title": "题名", "number": "文号"}
TARGET: Final = {
    "indicator": "指标", "comparator": "比较", "value": "数值", "unit": "单位", "base": "口径", "year": "年份",
    "sentence": "原文",
}  # fmt: skip
INCENTIVE: Final = {
    "amount": "金额", "currency": "币种", "kind": "方式", "cap": "上限", "apply_by": "申报截止", "who_qualifies": "对象",
    "evidence_needed": "凭证", "topics": "主题", "sentence": "原文",
}  # fmt: skip
LINK: Final = {"kind": "关系", "title": "题名", "sentence": "原文"}
STATEMENT_PARTS: Final = {
    "company": "企业", "statement_type": "类型", "short_name": "简称", "region": "地区", "products": "产品",
    "verification_body": "机构", "standards": "标准", "categories": "排放类别", "scopes": "排放范围",
    "certificate_number": "编号", "value": "数值", "unit": "单位", "consultant": "咨询机构", "announced_on": "日期",
    "issued_on": "签发日期", "valid_until": "有效期至", "period_start": "核算期自", "period_end": "核算期至",
    "assurance_level": "保证等级", "programme": "名单", "tier": "级别", "batch": "批次", "list_stage": "名单阶段",
    "removed_on": "移出日期", "register_status": "登记状态", "summary": "摘要",
}  # fmt: skip

# Words for values that are kept as slugs.
KINDS: Final[Mapping[Kind, str]] = {"policy": "政策", "statement": "声明", "report": "报告", "other": "动态"}
LEVELS: Final = {"national": "国家级", "province": "省级", "city": "市级", "county": "区县级", "park": "园区级"}
STAGES: Final = {
    "consultation": "征求意见", "trial": "试行", "in_force": "施行", "amended": "修订", "repealed": "废止",
}  # fmt: skip
FORMS: Final = {
    "resolution": "决议", "decision": "决定", "order": "命令", "communique": "公报", "announcement": "公告",
    "public_notice": "通告", "opinion": "意见", "notice": "通知", "circular": "通报", "report": "报告", "request": "请示",
    "reply": "批复", "motion": "议案", "letter": "函", "minutes": "纪要",
}  # fmt: skip
CONTENT_TYPES: Final = {
    "action_plan": "行动方案", "work_plan": "工作方案", "implementation_plan": "实施方案", "construction_plan": "建设方案",
    "opinions": "意见", "measures": "管理办法", "planning": "规划", "catalogue": "目录", "standard": "标准", "name_list": "名单",
    "guide": "指南", "other": "其他文件", "press_conference": "新闻发布会", "meeting": "会议", "statement": "表态",
}  # fmt: skip
COMPARATORS: Final = {">=": "不低于", "~": "约", "=": "等于", "<=": "不超过"}
BASES: Final = {"new": "新增", "total": "累计", "per_year": "每年"}
CURRENCIES: Final = {"CNY": "人民币元", "HKD": "港元", "MOP": "澳门元", "%": "百分比"}
GIFTS: Final = {"one_off": "一次性", "yearly": "按年", "share": "按比例", "loan": "信贷贴息", "other": "其他"}
LINKS: Final = {
    "implements": "落实", "amends": "修订", "replaces": "替代", "repeals": "废止", "interprets": "解读",
    "local_version_of": "地方版本",
}  # fmt: skip
ASSURANCE: Final = {"reasonable": "合理保证", "limited": "有限保证"}
TIERS: Final = {"national": "国家级", "province": "省级", "city": "市级", "county": "区县级"}
LIST_STAGES: Final = {"cultivation": "培育", "construction": "建设", "publicised": "公示", "accepted": "列入"}
REGISTER: Final = {"valid": "有效", "suspended": "暂停", "revoked": "撤销", "cancelled": "注销"}
# Words by field and slug, wherever the field stands.
WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "level": LEVELS, "stage": STAGES, "form": FORMS, "content_type": CONTENT_TYPES, "comparator": COMPARATORS, "base": BASES,
    "currency": CURRENCIES, "assurance_level": ASSURANCE, "tier": TIERS, "list_stage": LIST_STAGES, "register_status": REGISTER,
}  # fmt: skip

_LINE: Final = re.compile(rf"[ ]*【(?P<label>{'|'.join(sorted(ALL, key=len, reverse=True))})】[ ]*")
_MARKS: Final = re.compile("[；：、「」【】\\s]")
_QUOTED: Final = re.compile("「(?P<words>(?:[^」]|」」)*)」")
_END: Final = re.compile("[；、]|$")
_PART: Final = re.compile("[ ]*(?P<name>[^；：、「」]{1,8})：")


def label_of(line: str) -> tuple[str, int] | None:
    """The label that the line begins with, and where its value begins; None for any other line."""
    found = _LINE.match(line)
    return (found["label"], found.end()) if found else None


def line(label: str, value: str) -> str:
    """【label】value on one line."""
    return f"【{label}】{' '.join(value.split())}"


def quoted(item: str) -> str:
    """An item as it stands in a value, so that `items` gives it back (white space within it as one blank)."""
    item = " ".join(item.split())
    return f"「{item.replace('」', '」」')}」" if not item or item == NONE or _MARKS.search(item) else item


def listed(values: Iterable[str]) -> str:
    return "、".join(map(quoted, values)) or NONE


def parted(values: Mapping[str, str | Iterable[str]]) -> str:
    """名：值；名：值 of what is given by name."""
    return "；".join(f"{name}：{quoted(value) if isinstance(value, str) else listed(value)}" for name, value in values.items())


def items(value: str, at: int = 0) -> tuple[list[str], int]:
    """The items of a value from `at` to the next ； or the end, and where that is. 无 alone is none."""
    found: list[str] = []
    last_quote = value.rfind("」")  # behind it none is looked for: a value of a thousand 「 stays cheap
    while True:
        quote = _QUOTED.match(value, at) if at < last_quote else None
        end = _END.search(value, quote.end() if quote else at)
        stop = end.start() if end else len(value)
        found.append(quote["words"].replace("」」", "」") if quote else value[at:stop].strip())
        if stop >= len(value) or value[stop] == "；":
            return [] if found == [NONE] and not quote else found, stop
        at = stop + 1


def parts(value: str) -> dict[str, list[str]]:
    """The items of each part by its name; what has no name is left out."""
    found: dict[str, list[str]] = {}
    at = 0
    while at < len(value):
        name = _PART.match(value, at)
        read, at = items(value, name.end() if name else at)
        if name:
            found[name["name"]] = read
        at += 1
    return found


def unlabelled(text: str) -> str:
    """The text of an item without its labelled lines, but for the words of 【正文】."""
    kept = []
    for row in text.splitlines():
        found = label_of(row)
        if found is None or found[0] in (TEXT, HEADLINE):
            kept.append(row[found[1] :] if found else row)
    return "\n".join(kept)
