"""What records say, in sentences of the weekly's kind. Pure: facts in, paragraphs out; asked by `publisher`.

What a sentence cannot carry is no matter here: `labelling` finds it out and puts it into a labelled line.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from typing import Any

from certifications.models import EvidenceKind

Fields = dict[str, Any]
POINT = "🟡 "
_SENTENCE_ENDS = re.compile(r"[。！？；!?;\n]")
_GENERIC = re.compile(r"(?:实施|工作|行动|建设)?(?:方案|意见|办法|计划|规划|措施|细则|指南|通知|目录|条例|规定|要点|标准|公告)")
_COUNTS = "零一两三四五六七八九十"
_SCOPES = ("", "一", "二", "三")


def statements(facts: Sequence[Fields], until: dt.date) -> tuple[str, ...]:
    """A paragraph for each statement; one for all companies that hold the same and nothing more is known of."""
    if len(facts) > 1 and len({_shared(one) for one in facts}) == 1 and not any(map(_details, facts)):
        names = "、".join(one["company"] for one in facts)
        return (_when(facts[0], until) + names + "分别" + _got(facts[0]) + "。",)
    return tuple(_statement(one, until) for one in facts)


def _shared(one: Fields) -> tuple[Any, ...]:
    return (one["paper"], one.get("verification_body"), one.get("announced_on"), one.get("consultant"))


def _details(one: Fields) -> list[str]:
    return list(_sentences(one)) + one.get("products", [])


def _statement(one: Fields, until: dt.date) -> str:
    helped = f"在{one['consultant']}的助力下，" if one.get("consultant") else ""
    lead = f"{_when(one, until)}{helped}{one['company']}{_products(one.get('products', []))}{_got(one)}"
    return "。".join([lead, *_sentences(one)]) + "。"


def _when(one: Fields, until: dt.date) -> str:
    return f"{day(one['announced_on'], until)}，" if one.get("announced_on") else "近日，"


def _products(names: list[str]) -> str:
    if not names:
        return ""
    counted = f"{_COUNTS[len(names)]}款" if 1 < len(names) < len(_COUNTS) else "" if len(names) == 1 else f"{len(names)}款"
    return f"的{'、'.join(names)}{counted}产品"


def _got(one: Fields) -> str:
    if one["evidence_kind"] == EvidenceKind.LIST_MEMBERSHIP:
        if one.get("verification_body"):
            return f"获得权威认证机构{one['verification_body']}颁发的{one['type_name']}证书"
        return f"入选{one['paper']}"
    return f"获得权威认证机构{one.get('verification_body', '')}颁发的{one['paper']}"


def _sentences(one: Fields) -> Iterator[str]:
    """What else is known, a sentence each."""
    standards, categories, scopes = one.get("standards", []), one.get("categories", []), one.get("scopes", [])
    if standards:
        yield f"本次核查遵循{'、'.join(standards)}标准"
    if categories:
        yield "核查覆盖" + "、".join(f"类别{number}" for number in categories) + "温室气体排放"
    if scopes:
        yield "核查覆盖" + "、".join(f"范围{_SCOPES[number]}" for number in scopes) + "温室气体排放"
    if result := one.get("result"):
        what = "碳足迹" if "/" in result["unit"] else "排放量"
        yield f"经核查，{what}为{result['value']}{result['unit']}"
    if one.get("certificate_number"):
        yield f"证书编号为{one['certificate_number']}"


def policy(facts: Fields, until: dt.date) -> Iterator[tuple[str, ...]]:
    """Ways to tell of a policy, the most natural first."""
    points: list[str] = facts.get("key_points", [])
    lead = _lead(facts, until)
    prose = ("".join(f"{point}。" for point in [lead, *points]),)
    listed = (f"{lead}{_leads_on(facts)}：", *(f"{POINT}{point}" for point in points))
    if len(points) == 1:
        yield (_closed(points[0]),)
    is_listed = any(_SENTENCE_ENDS.search(point) for point in points)
    if points and is_listed:
        yield listed
    yield prose
    if points and not is_listed:
        yield listed
    if dated := "".join(_dates(facts)):
        lead += dated
        yield ("".join(f"{point}。" for point in [lead, *points]),)
        if points:
            yield (f"{lead}{_leads_on(facts)}：", *(f"{POINT}{point}" for point in points))


def _dates(facts: Fields) -> Iterator[str]:
    """What a document says of its own time, as clauses behind the sentence that gives it out."""
    if whole(facts.get("in_force_on")):
        yield f"，自{day(facts['in_force_on'], dt.date.min)}起施行"
    if whole(facts.get("expires_on")):
        yield f"，有效期至{day(facts['expires_on'], dt.date.min)}"
    if whole(facts.get("comment_by")):
        yield f"，意见反馈截至{day(facts['comment_by'], dt.date.min)}"


def whole(date: str | None) -> bool:
    """Whether a date is known to its day."""
    return date is not None and len(date) == len("2026-01-16")


def _closed(sentence: str) -> str:
    return sentence if _SENTENCE_ENDS.fullmatch(sentence[-1:]) else f"{sentence}。"


def _leads_on(facts: Fields) -> str:
    """《方案》提出, behind the sentence that says the title."""
    titles = [one["title"] for one in facts.get("documents", [])]
    found = list(_GENERIC.finditer(titles[0])) if titles else []
    return f"。《{found[-1].group()}》提出" if found else "，主要内容如下"


def _lead(facts: Fields, until: dt.date) -> str:
    """Who gave out what, and when: the first sentence, without its full stop."""
    when = f"{day(facts['issued_on'], until)}，" if facts.get("issued_on") else "近日，"
    names, count = facts.get("issuing_bodies", []), facts.get("declared_issuer_count")
    who = "、".join(names) + (f"等{count}部门" if count and names else "") + ("联合" if len(names) > 1 else "")
    what = "、".join(map(_document, facts.get("documents", [])))
    if not what:
        return f"{when}{who}{_without_document(facts)}"
    if facts.get("stage") == "consultation":
        return f"{when}{who}就{what}公开征求意见"
    return f"{when}{who}印发{what}" if who else f"{when}{what}发布"


def _without_document(facts: Fields) -> str:
    return {"press_conference": "召开新闻发布会", "meeting": "召开会议", "statement": "就相关工作作出表示"}.get(
        facts.get("content_type", ""), "发布消息"
    )


def _document(one: Fields) -> str:
    return f"《{one['title']}》" + (f"（{one['number']}）" if one.get("number") else "")


def day(text: str, until: dt.date) -> str:
    """1月9日 where no reader can take it for the day of another year, else with its year; 2026年3月, 2026年."""
    year, *rest = text.split("-")
    if len(rest) == 2:
        when = dt.date.fromisoformat(text)
        is_plain = when <= until < when + dt.timedelta(days=200)
        return f"{'' if is_plain else f'{year}年'}{int(rest[0])}月{int(rest[1])}日"
    return f"{year}年" + (f"{int(rest[0])}月" if rest else "")
