"""Documents of a policy item: which 《》 are announced, which are only cited, and their numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from tanxun.digest.reader.cleaning import Passage, fold
from tanxun.digest.reader.reading import Document, Read
from tanxun.digest.reader.vocabulary import key

TITLE = re.compile(r"《(?P<title>(?:[^《》\n]|《[^《》\n]{1,80}》){2,160})》")
_CITED = re.compile(
    r"(?:落实|贯彻|根据|依据|按照|依照|遵照|遵循|对照|围绕|参照|参考|符合|基于|结合|执行|此前|去年|衔接|对接"
    r"|遵守|响应|满足|作为|依托|早在|上位|支撑|细化|废止|替代|代替|取代"
    r"|已经?(?:印发|发布))[^《》,。;]{0,24}$|(?:^|[^一-鿿])(?:按|据)[^《》,。;]{0,12}$"
)
# 某局印发的《…》 is spoken of, unless it is just what the sentence says to come out.
_ATTRIBUTED = re.compile(r"(?:印发|发布|出台)的[^《》,。;]{0,24}$")
_COMES_OUT = re.compile(r"(?:\([^()]{0,60}\))?[^《》,。;]{0,16}(?:公布|印发|发布|出台|[施执]行|实施|生效|通过|亮相|挂网)")
# What is said of a title, or of a list that it stands in, when its time is over (《…》自即日起同时废止).
REPEALED = re.compile(
    r"(?:[ ]*\([^()\n]{0,80}\))?(?:[ ]*[、和及与]?[ ]*《[^《》\n]{2,160}》(?:[ ]*\([^()\n]{0,80}\))?){0,12}"
    r"(?:等?(?:[\d一二三四五六七八九十两]{1,3}[个项份件]?)?(?:文件|规定|办法|通知|目录)|及其[^,。;《》]{1,12}"
    r"|自[^,。;《》]{1,24}?起|于[^,。;《》]{1,12}?[日月]|到期|同时|即行|一并|相应|随之|现|已|均|也|亦|则|将|予以|宣布|正式|自动|全文|,){0,6}"
    r"(?:被|宣告)?(?:废止|失效|作废|(?:停止|终止|不再)(?:[施执]行|使用|适用|有效))(?=了?(?:[^\u4e00-\u9fff《]|$))"
)
_EARLIER = re.compile(r"此前|早前|先前|早些时候|去年|前年|上年|曾(?:经|于)?(?:印发|发布|出台)")
_ANNOUNCES = re.compile(
    r"(?:印发|发布|出台|公布|公示|下发|颁布|制定|修订|通过|推出|批复|发出|介绍|解读|征求|起草|编制|审议|转发"
    r"|联合|形成|签发|实施|施行|宣布|上线|关于|就|对|[会局厅委部府办院署组室])(?:了|有关|并|实施"
    r"|关于)?[^《》,。;:]{0,30}$"
)
_NUMBER = re.compile(
    r"[\u4e00-\u9fff]{1,12}[\[(](?:19|20)\d\d[\])](?:第)?[ ]?\d{1,5}[ ]?号|(?:[\u4e00-\u9fff]{0,14}(?:公告|令"
    r"|通告))?(?:\(?(?:19|20)\d\d年\)?)第[ ]?\d{1,5}号|[\u4e00-\u9fff]{2,14}(?:令|公告)第?[ ]?\d{1,5}号"
    r"|(?:GB|GB/T|DB\d{2,6}/T|DB\d{2,6}|T/[A-Z]{2,8}|HJ|JR/T|RB/T|SJ/T|YB/T|QC/T|NB/T"
    r"|DL/T)[ ]?\d{1,6}(?:\.\d{1,3})?(?:-\d{1,3})?-(?:19|20)\d\d",
)
# What runs into a 文号 from the words before it (某委印发湖发改…, 以国办发…): no 代字 has it.
_BEFORE_CODE = re.compile(
    r".*(?:印发|发布|出台|下发|公布|制定|文号|委员会|人民政府|办公[厅室]|[以为的是])(?=[\u4e00-\u9fff]{2,12}[\[(](?:19|20)\d\d[\])])"
)
# The name of the organ that runs into it (国家能源局国能发…), up to its first 局: 工信部联节 is a 代字.
_ORGAN = re.compile(r"[\u4e00-\u9fff]{4,}?[厅局部委](?=[\u4e00-\u9fff]{3,12}[\[(](?:19|20)\d\d[\])])")
# Of another document: what this one rests on.
_OF_OTHER = re.compile(r"根据|依据|按照|依照|遵照|参照|落实|贯彻|转发|执行")
_SENTENCE_END = re.compile(r"[。;!?\n]")
_ALIAS = re.compile(r"[ ]*\((?:以下)?(?:简称|下称)[^(),;]{1,40}\)")
_ALIAS_WITHIN = re.compile(r"(?:以下)?(?:简称|下称)[^()]{1,40}?[,;][ ]*")
_IN_NOTICE = re.compile(r"的(?:通知|公告|通告|意见|决定|批复|函)(?=[ ]*\()")
_AS_ISSUED = re.compile(r"文?[,的]?(?:联合|正式)*(?:印发|发布|下发|公布)?了?")
_LABEL = re.compile(r"文[ ]?号[ ]*[为是:]?[ ]*")
_LABEL_REACH = 200
_IN_HEADING = re.compile(r"(?:印发|发布|出台|公布|下发|制定|修订|批复)了?(?:关于)?$")
_OUT = re.compile(r"(?:正式)?(?:印发|发布|出台|公布|[施执]行|实施)")
_GENERIC = re.compile(
    r"(?:[\u4e00-\u9fff]{0,4})?(?:方案|意见|办法|通知|计划|规划|措施|规定|条例|指南|细则|目录|规则|清单|纲要"
    r"|标准|公告|决定|要点|政策|报告|指引|导则|规范|草案|若干措施|征求意见稿|行动|名单|准则|规程)"
)
_BASIS_VERB = re.compile(r"(?:启动|开展|组织|申报|推荐|评价|遴选|征集)")


def documents(lead: Passage, body: Passage) -> tuple[Read[Document], ...]:
    """The documents that the item announces. `lead` is its first sentence; a title further down counts only
    where a verb of publishing governs it."""
    found: list[Read[Document]] = []
    taken: list[str] = []
    governed_to = cited_to = -1
    for mark in body.finditer(TITLE):
        title = body.part(mark.start("title"), mark.end("title"))
        before = body.part(max(body.start, mark.start() - 60), mark.start())
        joined = governed_to >= 0 and body.folded[governed_to : mark.start()].strip("、,和及与以") == ""
        is_cited = cited_to >= 0 and body.folded[cited_to : mark.start()] in ("", "、", "和", "及", "与", "以及")
        cited_to = mark.end() if is_cited or _CITED.search(before.words) else -1
        after = body.part(mark.end(), body.end)
        if _is_short_for(str(title), taken) or after.match(REPEALED) or is_cited:
            governed_to = -1
            continue
        if joined or _is_announced(before, after, is_lead=mark.start() < lead.end):
            number = _number(body, mark)
            spans = body.part(mark.start(), mark.end())
            found.append(spans.read(Document(str(title).strip(), number)))
            taken.append(str(title))
            governed_to = mark.end()
        else:
            governed_to = -1
    return tuple(found)


def headed(heading: Passage) -> tuple[Read[Document], ...]:
    """The documents that the heading says to come out (某局印发《…》, 《…》出台)."""
    found = []
    for mark in heading.finditer(TITLE):
        before, after = heading.part(heading.start, mark.start()), heading.part(mark.end(), heading.end)
        if (before.search(_IN_HEADING) or after.match(_OUT)) and not is_generic(mark["title"]):
            found.append(heading.group(mark).read(Document(str(heading.group(mark, "title")).strip(), _number(heading, mark))))
    return tuple(found)


def numbered(found: tuple[Read[Document], ...], heading: Passage, body: Passage) -> tuple[Read[Document], ...]:
    """The only document with the number that a label (文号:) or the heading that prints its title has for it."""
    if len(found) != 1 or found[0].value.number:
        return found
    one = found[0]
    own = (label for label in body.finditer(_LABEL) if not _is_of_another(body, label.start(), one.value.title))
    labels = (body.part(label.end(), body.end).match(_NUMBER) for label in own)
    printed = [hit for hit in labels if hit]
    if not printed and fold(one.value.title) in heading.words:
        printed = [hit for hit in heading.finditer(_NUMBER) if hit.start() > heading.start + heading.words.find("》")]
    numbers = {_without_lead(body.group(hit)) for hit in printed}
    number = numbers.pop() if len(numbers) == 1 else None
    return (replace(one, value=replace(one.value, number=number)),) if number else found


def _is_of_another(body: Passage, label: int, title: str) -> bool:
    """Whether the last title before the label, in its sentence, is another document's."""
    before = _SENTENCE_END.split(body.folded[max(body.start, label - _LABEL_REACH) : label])[-1]
    named = [mark["title"] for mark in TITLE.finditer(before)]
    return bool(named) and named[-1].strip() != fold(title)


def titles(body: Passage) -> Iterator[Passage]:
    """Every 《》 of the passage, announced or not."""
    return (body.part(mark.start("title"), mark.end("title")) for mark in body.finditer(TITLE))


def _is_announced(before: Passage, after: Passage, is_lead: bool) -> bool:
    clause = re.split(r"[。;,\n]", before.words)[-1]
    is_attributed = _ATTRIBUTED.search(clause) is not None and not (is_lead and after.match(_COMES_OUT))
    if is_attributed or _EARLIER.search(clause):
        return False
    if _CITED.search(clause) and not re.search(r"(?:印发|发布|出台|公布|下发)(?:了)?(?:关于|对)?$", clause):
        return False
    governs = _ANNOUNCES.search(clause) is not None
    if is_lead:
        return governs or clause.strip() == "" or (_BASIS_VERB.search(clause) is None and len(clause) > 0)
    return re.search(r"(?:印发|发布|出台|公布|下发|配套发布)(?:了|实施)?[^《》]{0,12}$", clause) is not None


def _is_short_for(title: str, taken: list[str]) -> bool:
    """《方案》, 《工作方案》: a short form of a title already read, or of one that is not here."""
    short = key(title)
    if any(key(long).endswith(short) or short == key(long) for long in taken):
        return True
    if any(_is_subsequence(short, key(long)) and len(short) <= 10 for long in taken):
        return True
    return is_generic(title)


def is_generic(title: str) -> bool:
    """《办法》, 《工作方案》: not the name of a document, but short for one."""
    return _GENERIC.fullmatch(title.strip()) is not None and len(title.strip()) <= 4


def _is_subsequence(short: str, long: str) -> bool:
    rest = iter(long)
    return all(char in rest for char in short)


def _number(body: Passage, mark: re.Match[str]) -> str | None:
    """The 文号 or standard number in brackets after the title, right behind it or just before it."""
    rest = body.part(mark.end(), min(body.end, mark.end() + 70))
    for besides in (_IN_NOTICE, _ALIAS):
        beside = rest.match(besides)
        rest = (rest.part(beside.end(), rest.end) if beside else rest).strip(" ")
    if rest.words[:1] == "(":
        rest = rest.part(rest.start + 1, rest.end)
        alias = rest.match(_ALIAS_WITHIN)
        rest = rest.part(alias.end(), rest.end) if alias else rest
    behind = rest.match(_NUMBER)
    if behind:
        return _without_lead(body.group(behind))
    ahead = body.part(max(body.start, mark.start() - 30), mark.start())
    for found in ahead.finditer(_NUMBER):
        gap = body.folded[found.end() : mark.start()].strip()
        is_means = "以" in body.folded[max(body.start, found.start() - 1) : found.end()]
        if _AS_ISSUED.fullmatch(gap) and (is_means or "," not in gap):
            return _without_lead(body.group(found))
    return None


def _without_lead(number: Passage) -> str | None:
    """The number without words that run into it and without a blank before 号; none where they say it is another's."""
    if number.search(_OF_OTHER):
        return None
    lead = number.match(_BEFORE_CODE) or number.match(_ORGAN)
    return re.sub(r" +(?=号)", "", str(number.part(lead.end() if lead else number.start, number.end)).strip())
