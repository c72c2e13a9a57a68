"""The dates of a policy beside that of its issue: in force from, expires, comment by, apply by, signed. Called by `policies`.

A date counts only where the words around it say what it is for; 至 in a tale of what was reached (截至6月底) is no deadline.
"""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass

from tanxun.digest.reader import numbers
from tanxun.digest.reader.cleaning import Passage
from tanxun.digest.reader.reading import Confidence, Read, When

_DATE = (
    r"(?:(?:(?P<year{0}>(?:19|20)\d\d|今|明|当|同|本|次)年[ ]?)?(?<!\d)(?P<month{0}>\d{{1,2}})月"
    r"(?:[ ]?(?P<day{0}>\d{{1,2}})(?:日|(?=[起前止至到~,。;) -]))|(?:底|末|初)?(?![\d份]))"
    r"|(?<!\d)(?P<dashed{0}>20\d\d(?P<sep{0}>[-./])\d{{1,2}}(?:(?P=sep{0})\d{{1,2}})?)(?![-./\d])"
    r"|(?<!\d)(?P<only{0}>20\d\d)年(?:底|末)?(?!\d|度))"
)
_WHEN = _DATE.format("")
_TO = r"[ ]?(?:起)?[ ]?(?:至|到|-|~)[ ]?" + _DATE.format("_2")
_CLOCK = r"[ ]?(?:(?:上午|下午)?\d{1,2}(?:时|点|:\d\d)(?:整)?)?[ ]?"

DOCUMENT = (
    r"(?:《(?:[^《》\n]|《[^《》\n]{1,80}》){2,160}》(?:\([^()\n]{0,80}\))?|标准|办法|细则|规定|规则|条例|意见|方案|措施|政策|规划"
    r"|目录|指南|导则|规范|通知|公告|通告|文件|规程|指引|清单|要求|决定|方法学|计划)"
)
# What may stand between the document and the word that says since when it holds.
_ADVERBS = r"(?:[ ]|均|都|将|拟|已|也|同时|同步|统一|正式|并|且|等|的)*"
_OWN = re.compile(rf"(?:^|{DOCUMENT}){_ADVERBS}$")
_EARLIER = re.compile(r"[原旧]|此前|以往|上一版")
_ANY_DOCUMENT = re.compile(DOCUMENT)
_STOPS = ",。;:!?\n"

_HOLDS = r"(?:正式|全面|同步|开始|统一)*(?:施行|实施|执行|生效|实行|试行|启用)(?!以来|后|之?前|期)"
_FROM = re.compile(rf"(?P<lead>自|从|于)?[ ]?{_WHEN}{_CLOCK}(?P<from>(?:之日)?起)?[ ]?,?{_HOLDS}")
_FROM_TO = re.compile(rf"(?:有效期限?|(?:实施|执行|施行)(?:期限?|时间)|实施期)(?:为|是|:|自|从)*{_WHEN}{_TO}")
_HOLDS_FROM_TO = re.compile(rf"(?:自|从){_WHEN}{_TO}[ ]?(?:止)?(?:有效|{_HOLDS})")
_AT_ONCE = re.compile(
    rf"(?:自?(?:印发|发布|公布|颁布|签发|下发|公告|发文)之?日起|自?即日起)[ ]?(?:(?P<days>\d{{1,3}})日后)?{_HOLDS}"
    rf"|(?:印发|发布|公布)之日{_HOLDS}"
)
_UNTIL = re.compile(
    r"(?:有效期限?|(?:实施|执行|施行|试行)(?:期限?)?)[ ]?(?:截?[至到]|延长至|延续至|顺延至|为至|[:为]至?)[ ]?"
    rf"{_WHEN}(?![ ]?起?[至到~-])"
)
_SPAN = re.compile(
    rf"(?:有效期限?|试行期限?|实施期限?)[ ]?(?:为|是|暂定(?:为)?|:)?[ ]?(?P<count>\d{{1,2}}|{numbers.CHINESE})(?P<unit>年|个月)"
    r"|[,、]试行(?P<years>[一二两三四五]|\d)年(?=[,。;]|$)"
)
# 截至6月底，已有300家 tells of what was reached.
_NO_TALE = r"(?![^。;\n]{0,12}(?:已|共|累计))"
_OPINION = r"(?:意见|反馈|建议|征求|征集)"
_COMMENT = (
    re.compile(rf"{_OPINION}[^,。;\n]{{0,14}}?截止(?:时间|日期|日)?[为是到至于:]*[ ]?{_WHEN}{_NO_TALE}"),
    re.compile(rf"{_OPINION}[^,。;\n稿]{{0,6}}?截至[ ]?{_WHEN}{_NO_TALE}"),
    re.compile(rf"{_OPINION}[^。;\n]{{0,20}}?,[ ]?截止(?:时间|日期|日)[为是到至于:]*[ ]?{_WHEN}"),
    re.compile(rf"{_OPINION}[^。;\n]{{0,20}}?,[ ]?(?:截止|截至)(?:到|至)?[ ]?{_WHEN}{_CLOCK}(?=[。;\n]|$)"),
    re.compile(
        rf"(?:于|在|请|须|应|最迟|不迟于|不晚于)[ ]?{_WHEN}{_CLOCK}(?:之|以)?前[^,。;\n]{{0,24}}?(?:反馈|意见|建议|反映|函告)"
    ),
    re.compile(rf"{_OPINION}(?:稿)?(?:的)?(?:期限?|时间|日期)[为是:自从]*{_WHEN}{_TO}"),
    re.compile(rf"{_OPINION}(?:期限?|时间|日期)[为是:自从]*(?:即日|[发公印]\w之日)起?[至到][ ]?{_WHEN}"),
    re.compile(rf"{_WHEN}{_TO}(?:期间)?,?[^,。;\n]{{0,10}}(?:提出|反馈|反映)(?:书面)?(?:意见|建议)"),
)
_CONSULTS = re.compile(r"征求意见|征集意见|意见征集|意见反馈|反馈意见|意见建议|提出意见|反馈")
_APPLY = r"(?:申报|申请|报名|揭榜|材料报送|材料提交|推荐材料|受理)"
_APPLY_BY = (
    re.compile(rf"{_APPLY}[^,。;\n]{{0,14}}?(?:截止|截至)(?:时间|日期|日)?[为是到至于:]*[ ]?{_WHEN}{_NO_TALE}"),
    re.compile(rf"{_APPLY}[^。;\n]{{0,20}}?,[ ]?(?:截止(?:时间|日期|日)[为是到至于:]*[ ]?{_WHEN})"),
    re.compile(rf"{_APPLY}[^。;\n]{{0,30}}?(?:于|在|须|应|请|最迟|不迟于)[ ]?{_WHEN}{_CLOCK}(?:之|以)?前"),
    re.compile(rf"{_APPLY}[^。;\n]{{0,30}}?,[ ]?{_WHEN}{_CLOCK}(?:之|以)?前[^,。;\n]{{0,6}}?(?:报送|提交|上报|送达|报至)"),
    re.compile(rf"{_WHEN}{_CLOCK}(?:之|以)?前[^,。;\n]{{0,10}}?(?:申报|申请(?!人)|报名|揭榜)"),
    re.compile(rf"(?:申报|申请|受理|报名)(?:时间|窗口期?|期限?)?[为是:自从]*{_WHEN}{_TO}"),
    re.compile(rf"(?:于|在|自)[ ]?{_WHEN}{_TO}[ ]?(?:期间)?(?:登录|通过|在线|网上|向)[^,。;\n]{{0,16}}?(?:申报|申请|报名|提交)"),
    re.compile(rf"接受(?:申请|申报)?[ ]?[至到][ ]?{_WHEN}"),
    re.compile(rf"{_APPLY}[^。;\n]{{0,12}}?,[ ]?{_WHEN}{_CLOCK}截止"),
)
_DONE = re.compile(r"已|此前|曾")
_SIGNED = (
    re.compile(rf"{_WHEN},?[^,。;\n]{{0,20}}?(?:签署|签发)(?!了?[^,。;\n]{{0,16}}(?:协议|合同|备忘录|声明|证书))"),
    re.compile(rf"(?:签署|签发|成文|落款)(?:日期|时间)?(?:为|是|于|:)[ ]?{_WHEN}"),
)
# A day printed without its year that lies at most so far back is that day, not the one of the next year.
_LATELY, _PAST = dt.timedelta(days=62), dt.timedelta(days=364)
_NEAR_YEARS = {"今": 0, "当": 0, "同": 0, "本": 0, "明": 1, "次": 1}


@dataclass(frozen=True)
class Terms:
    """What the text says of each; None where it says nothing. `holds` are the words that say that it is or will be in force."""

    in_force_on: Read[When] | None = None
    expires_on: Read[When] | None = None
    comment_by: Read[When] | None = None
    apply_by: Read[When] | None = None
    signed_on: Read[When] | None = None
    holds: Passage | None = None


def terms(sentences: list[Passage], issued_on: dt.date | None, reference: dt.date) -> Terms:
    """The dates of a policy in its sentences; `issued_on`, else `reference`, completes those without a year."""
    base = issued_on or reference
    since, holds = _in_force(sentences, issued_on, base)
    return Terms(
        in_force_on=since,
        expires_on=_expires(sentences, since, base),
        comment_by=_first(_hits(sentences, _COMMENT, base, _CONSULTS)),
        apply_by=_first(_hits(sentences, _APPLY_BY, base, None)),
        signed_on=_first(_signed(sentences, base)),
        holds=holds,
    )


def _in_force(sentences: list[Passage], issued_on: dt.date | None, base: dt.date) -> tuple[Read[When] | None, Passage | None]:
    """Since when it holds, and the words that say that it does."""
    found: list[Read[When]] = []
    holds: Passage | None = None
    for sentence in sentences:
        for hit in sentence.finditer(_FROM):
            if (hit["lead"] or hit["from"]) and _speaks_of_itself(sentence, hit.start()):
                found += _read(sentence.group(hit), hit, base, ends=False)
                holds = holds or sentence.group(hit)
        for pattern in (_FROM_TO, _HOLDS_FROM_TO):
            for hit in sentence.finditer(pattern):
                if _speaks_of_itself(sentence, hit.start()):
                    found += _read(sentence.group(hit), hit, base, ends=False)
        now = sentence.search(_AT_ONCE)
        if now and _speaks_of_itself(sentence, now.start()):
            holds = holds or sentence.group(now)
            if issued_on:
                day = issued_on + dt.timedelta(days=int(now["days"] or 0))
                found.append(sentence.group(now).read(When(day), "inferred", "自发布之日起，由发布日期推得"))
    return _first(found), holds


def _speaks_of_itself(sentence: Passage, at: int) -> bool:
    """Whether the words before `at` leave it to the policy: nothing but it, or its document, stands between the last comma
    and there (认定有效期, 原办法自 are of something else)."""
    start = max(sentence.folded.rfind(mark, sentence.start, at) for mark in _STOPS) + 1
    start = max(start, sentence.start)
    own = sentence.folded[start:at].strip()
    if not _OWN.search(own) or _EARLIER.search(own[-8:]):
        return False
    is_bare = re.fullmatch(_ADVERBS, own) is not None
    return not is_bare or start == sentence.start or sentence.part(sentence.start, start).search(_ANY_DOCUMENT) is not None


def _expires(sentences: list[Passage], since: Read[When] | None, base: dt.date) -> Read[When] | None:
    found: list[Read[When]] = []
    for sentence in sentences:
        for pattern, group in ((_UNTIL, ""), (_FROM_TO, "_2"), (_HOLDS_FROM_TO, "_2")):
            for hit in sentence.finditer(pattern):
                if _speaks_of_itself(sentence, hit.start()):
                    found += _read(sentence.group(hit), hit, base, ends=True, group=group)
        for hit in sentence.finditer(_SPAN) if since else ():
            if _speaks_of_itself(sentence, hit.start() + (hit["years"] is not None)):
                found += _after(sentence.group(hit), hit, since)
    return _first(found)


def _after(words: Passage, hit: re.Match[str], since: Read[When] | None) -> list[Read[When]]:
    """The last day of so many years or months from the day on which it came into force."""
    count = numbers.number(hit["count"] or hit["years"])
    if since is None or count is None or since.value.precision != "day" or not 0 < count <= 600:
        return []
    months = int(count) * (1 if hit["unit"] == "个月" else 12)
    day = _months_later(since.value.day, months) - dt.timedelta(days=1)
    return [words.read(When(day), "inferred", f"自{since.value.day.isoformat()}起施行，{words.words.strip('、,')}")]


def _months_later(day: dt.date, months: int) -> dt.date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return day.replace(year=year, month=month + 1, day=min(day.day, last))


def _signed(sentences: list[Passage], base: dt.date) -> list[Read[When]]:
    """Signed lies in the past: a day without a year is the latest such day up to the base."""
    found = (read for sentence in sentences for pattern in _SIGNED for hit in sentence.finditer(pattern)
             for read in _read(sentence.group(hit), hit, base, ends=False, back=_PAST))  # fmt: skip
    return [one for one in found if one.value.day <= base]


def _hits(
    sentences: list[Passage], patterns: tuple[re.Pattern[str], ...], base: dt.date, wanted: re.Pattern[str] | None
) -> Iterator[Read[When]]:
    """What the patterns find in sentences in which `wanted` stands, unless the words before it tell of the past. Where a
    range is printed, its end."""
    for sentence in sentences:
        if wanted and not sentence.search(wanted):
            continue
        for pattern in patterns:
            for hit in sentence.finditer(pattern):
                group = "_2" if "month_2" in hit.groupdict() else ""
                lead = sentence.folded[max(sentence.start, hit.start() - 4) : hit.end()]
                if not (_DONE.search(lead) or hit["only" + group]):
                    yield from _read(sentence.group(hit), hit, base, ends=True, group=group)


def _read(
    words: Passage, hit: re.Match[str], base: dt.date, *, ends: bool, group: str = "", back: dt.timedelta = _LATELY
) -> list[Read[When]]:
    """The date in a match as a value: inferred where its year had to be completed, with the first such day from so long
    before `base` on; [] for a day that no calendar has."""
    if hit["only" + group]:
        year = int(hit["only" + group])
        return [words.read(When(dt.date(year, 12, 31) if ends else dt.date(year, 1, 1), "year"))]
    year, month, day, reason = _parts(hit, base, group, back)
    if not 1 <= month <= 12 or (day is not None and not 1 <= day <= calendar.monthrange(year, month)[1]):
        return []
    confidence: Confidence = "inferred" if reason else "stated"
    if day is not None:
        return [words.read(When(dt.date(year, month, day)), confidence, reason)]
    last = calendar.monthrange(year, month)[1] if ends else 1
    return [words.read(When(dt.date(year, month, last), "month"), confidence, reason)]


def _parts(hit: re.Match[str], base: dt.date, group: str, back: dt.timedelta) -> tuple[int, int, int | None, str]:
    """Year, month, day if printed, and why this year where none is printed."""
    if dashed := hit["dashed" + group]:
        figures = [int(part) for part in re.split("[-./]", dashed)]
        return figures[0], figures[1], figures[2] if len(figures) > 2 else None, ""
    month, day = int(hit["month" + group]), int(hit["day" + group]) if hit["day" + group] else None
    printed = hit["year" + group] or (hit["year"] if group else None)
    if printed and printed.isdigit():
        return int(printed), month, day, ""
    if printed:
        year = base.year + _NEAR_YEARS[printed]
        return year, month, day, f"“{printed}年”按日期{base.isoformat()}补为{year}年"
    year = _year_from(base - back, month, day or 28)
    return year, month, day, f"原文未写年份，按日期{base.isoformat()}补为{year}年"


def _year_from(earliest: dt.date, month: int, day: int) -> int:
    """The year of the first such day that does not lie before `earliest`."""
    return earliest.year + ((month, day) < (earliest.month, earliest.day))


def _first(found: Iterator[Read[When]] | list[Read[When]]) -> Read[When] | None:
    """The first of what was found; uncertain where the text gives several."""
    reads = list(found)
    if not reads:
        return None
    values = tuple(dict.fromkeys(read.value for read in reads))
    if len(values) == 1:
        return next((read for read in reads if read.confidence == "stated"), reads[0])
    return Read(reads[0].value, reads[0].spans, "uncertain", "原文有几个日期", values)
