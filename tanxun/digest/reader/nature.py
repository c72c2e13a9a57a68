"""What kind of paper a policy is and how far it has come: form, content type, stage. Called by `policies`.

The titles of its documents say most; else the words by which it is announced, in the heading and the first sentences.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence

from tanxun.digest.reader.cleaning import Passage
from tanxun.digest.reader.documents import REPEALED, TITLE
from tanxun.digest.reader.reading import Document, Read, Stage
from tanxun.digest.reader.terms import Terms

_BRACKETS = re.compile(r"\([^()]*\)$")
_DRAFT = re.compile(r"征求意见稿|送审稿|征求.{0,60}意见|\(草案\)|草案$")
_CONSULTS = re.compile(r"(?:公开|社会|广泛|书面)?(?:征求|征集)(?:[^,。;《》\n]{0,8})意见|意见征集|意见征求")
_ELSEWHERE = re.compile(r"(?:正在|将|拟|已|曾|经)[^,。;\n]{0,12}$")
_TRIAL = re.compile(r"试行|暂行")
_AMENDED = re.compile(
    r"\((?:\d{4}年?)?(?:第[一二三四五\d]次)?(?:修订|修正|修改)(?:版|本|稿)?\)|(?:修订|修正)(?:版|本)|20\d\d年?修订"
)
_AMENDS = re.compile(r"(?:修订|修正|修改)(?:后的?|并?(?:印发|发布|公布|出台)了?|完善|了|并)?[^,。;《》\n]{0,4}$")
_AMENDED_AFTER = re.compile(r"[^,。;《》\n]{0,8}(?:作出|进行|予以|完成)?了?(?:修订|修正|修改)")
_HOLDS_ALREADY = re.compile(r"(?:开始|正式|已经?(?:正式)?|现已)(?:施行|实施(?!办法|方案|细则|意见)|生效)")

# By the end of a title, the longest first. What says less than its kind (方案 of something) is inferred.
_CONTENTS = (
    (r"行动(?:方案|计划|纲要)|三年行动|行动", "action_plan", ""),
    (r"(?:工作)(?:方案|计划|要点|安排)|年度要点", "work_plan", ""),
    (r"实施(?:方案|计划)", "implementation_plan", ""),
    (r"建设(?:方案|计划)", "construction_plan", ""),
    (r"意见", "opinions", ""),
    (r"办法|规定|细则|规则|条例|管理制度", "measures", ""),
    (r"规划|纲要", "planning", ""),
    (r"名单|公示名单|名录", "name_list", ""),
    (r"目录|清单", "catalogue", ""),
    (r"标准|规范|规程|限额|要求", "standard", ""),
    (r"指南|导则|指引|手册|技术要点|方法学", "guide", ""),
    (r"方案", "work_plan", "题名只写方案"),
)
_CONTENT = tuple((re.compile(rf"(?:{ending})$"), kind, reason) for ending, kind, reason in _CONTENTS)
_STANDARD_NUMBER = re.compile(r"(?:GB|DB\d{2,6}|T/|HJ|JR|RB|SJ|YB|QC|NB|DL)")
_WRAPPED = re.compile(r"(?:印发|发布|公布|下达|转发)(?:关于|实施)?《(?P<title>[^《》\n]{2,80})》?")
_NOTICE_END = re.compile(r"(?:的|有关|工作)?(?:通知|公告|通告|通报|函|批复|决定)$")
_FORMS = {
    "决议": "resolution",
    "决定": "decision",
    "命令": "order",
    "公报": "communique",
    "公告": "announcement",
    "通告": "public_notice",
    "意见": "opinion",
    "通知": "notice",
    "通报": "circular",
    "报告": "report",
    "请示": "request",
    "批复": "reply",
    "议案": "motion",
    "函": "letter",
    "纪要": "minutes",
}
_FORM_WORDS = "|".join(_FORMS)
_TITLE_FORM = re.compile(rf"(?:的|若干|实施|指导)(?P<form>{_FORM_WORDS})$")
_ANNOUNCED_FORM = re.compile(
    r"(?:发布|印发|下发|发出|发文|公布|作出|联合发布|刊发)(?:了)?(?:[^,。;《》\n]{0,30}的)?(?P<form>通知|公告|通告|决定|批复|函|通报)(?![书栏板牌])"
)
_NUMBERED_FORM = re.compile(r"(?P<form>公告|通告|令)[ ]?(?:\(?20\d\d年\)?)?[ ]?第[ ]?[\d一二三四五六七八九十]{1,5}号")

_CONFERENCE = re.compile(r"(?:新闻)?(?:发布会|吹风会|通气会)|记者会")
_MEETING = re.compile(
    r"召开[^。;\n]{0,40}(?:会议|座谈会|推进会|工作会|部署会|调度会|现场会)"
    r"|(?:会议|座谈会|推进会)(?:指出|强调|要求|提出|在[^,。]{1,12}召开)"
)
_SAYS = re.compile(r"表示|指出|强调|透露|答记者问|回应")


def stage(
    heading: Passage, body: Passage, documents: Sequence[Read[Document]], found: Terms, reference: dt.date
) -> Read[Stage] | None:
    """How far the policy has come; None where the words do not say it."""
    lead = body.sentences()[:2]
    return (
        _consultation(heading, lead, documents)
        or (None if found.holds else _repealed(heading, lead, documents))
        or _of_title(documents, _TRIAL, "trial")
        or _of_title(documents, _AMENDED, "amended")
        or _amended(body, documents)
        or _in_force(lead, found, reference)
    )


def _consultation(heading: Passage, lead: Sequence[Passage], documents: Sequence[Read[Document]]) -> Read[Stage] | None:
    if read := _of_title(documents, _DRAFT, "consultation"):
        return read
    for passage in (heading, *lead[:1]):
        found = passage.search(_CONSULTS)
        if found and not _ELSEWHERE.search(passage.folded[passage.start : found.start()]):
            return passage.group(found).read("consultation")
    return None


def _repealed(heading: Passage, lead: Sequence[Passage], documents: Sequence[Read[Document]]) -> Read[Stage] | None:
    """Only where nothing new is announced: a decision to repeal something else is itself no repealed one."""
    if documents:
        return None
    for passage in (heading, *lead):
        for title in passage.finditer(TITLE):
            after = passage.part(title.end(), passage.end)
            gone = after.match(REPEALED)
            before = passage.part(max(passage.start, title.start() - 8), title.start())
            if gone or re.search(r"废止(?:了|实施)?$", before.words):
                words = passage.part(title.start(), gone.end()) if gone else passage.part(before.start, title.end())
                return words.read("repealed")
    return None


def _of_title(documents: Sequence[Read[Document]], pattern: re.Pattern[str], value: Stage) -> Read[Stage] | None:
    return next((Read(value, one.spans) for one in documents if pattern.search(_plain(one.value.title))), None)


def _amended(body: Passage, documents: Sequence[Read[Document]]) -> Read[Stage] | None:
    """修订印发《X》, 修订后的《X》, 对《X》进行修订, where X is what is announced."""
    for one in documents:
        span = one.spans[0]
        before = body.part(max(body.start, span.start - 14), span.start)
        after = body.part(span.end, min(body.end, span.end + 16))
        if found := before.search(_AMENDS):
            return body.part(found.start(), span.end).read("amended")
        if before.words.endswith("对") and (found := after.match(_AMENDED_AFTER)):
            return body.part(span.start, found.end()).read("amended")
    return None


def _in_force(lead: Sequence[Passage], found: Terms, reference: dt.date) -> Read[Stage] | None:
    if found.holds:
        if "试行" in found.holds.words:
            return found.holds.read("trial")
        since = found.in_force_on
        if since and since.value.day > reference:
            return found.holds.read("in_force", "inferred", f"自{since.value}起施行，晚于参考日期")
        return found.holds.read("in_force")
    for passage in lead:
        if hit := passage.search(_HOLDS_ALREADY):
            return passage.group(hit).read("in_force")
    return None


def form(heading: Passage, body: Passage, documents: Sequence[Read[Document]]) -> Read[str] | None:
    """One of the statutory kinds of official papers, where a title ends with it or it is announced as one."""
    for one in documents:
        found = _TITLE_FORM.search(_plain(one.value.title))
        if found:
            return Read(_FORMS[found["form"]], one.spans)
    for passage in (*body.sentences()[:2], heading):
        if found := passage.search(_NUMBERED_FORM):
            return passage.group(found).read("order" if found["form"] == "令" else _FORMS[found["form"]])
        if found := passage.search(_ANNOUNCED_FORM):
            return passage.group(found).read(_FORMS[found["form"]])
    return None


def content_type(body: Passage, documents: Sequence[Read[Document]]) -> Read[str] | None:
    """What the first document is whose title tells; without any document, whether a conference, a meeting or mere words."""
    for one in documents:
        if one.value.number and _STANDARD_NUMBER.match(one.value.number):
            return Read("standard", one.spans)
        for kind, reason in _of_ending(_plain(one.value.title)):
            return Read(kind, one.spans, "inferred" if reason else "stated", reason)
    return _without_document(body.sentences()[:2]) if not documents else None


def _of_ending(title: str) -> Iterator[tuple[str, str]]:
    """The kind that the end of a title names, and why it is only inferred. A notice is what it hands on."""
    wrapped = _WRAPPED.search(title)
    bare = _bare(wrapped["title"]) if wrapped else _NOTICE_END.sub("", _bare(title))
    return ((kind, reason) for pattern, kind, reason in _CONTENT if pattern.search(bare))


def _without_document(lead: Sequence[Passage]) -> Read[str] | None:
    for pattern, kind in ((_CONFERENCE, "press_conference"), (_MEETING, "meeting")):
        for passage in lead:
            if found := passage.search(pattern):
                return passage.group(found).read(kind)
    said = next(((passage, hit) for passage in lead if (hit := passage.search(_SAYS))), None)
    return said[0].group(said[1]).read("statement", "inferred", "没有文件，只有表态") if said else None


def _plain(title: str) -> str:
    """A title in the folded letters of the patterns."""
    return title.translate(str.maketrans("（）〈〉", "()《》")).strip()


def _bare(title: str) -> str:
    """Without the brackets at its end (试行), (2026—2028年)."""
    return _BRACKETS.sub("", title.strip()).strip()
