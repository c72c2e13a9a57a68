"""Lines below a heading that give facts by their names: 发布日期:2026-11-12 文号:…〔2026〕41号 来源:….

`layout` asks whether a line is one, `read` puts what it says in place of what the sentences say.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from tanxun.digest.reader.cleaning import Passage
from tanxun.digest.reader.dates import Dated, dates, read_date
from tanxun.digest.reader.documents import TITLE, is_generic
from tanxun.digest.reader.organs import organs_at
from tanxun.digest.reader.places import leading
from tanxun.digest.reader.reading import Document, PolicyReading, Read, StatementReading, When
from tanxun.digest.reader.vocabulary import Vocabulary, key

_LONGEST = 160
_NAMES = {
    "issued": r"(?:发布|印发|发文|公布|颁布|出台)(?:日期|时间)",
    "signed": r"成文(?:日期|时间)",
    "holds": r"(?:实施|施行|生效|执行)(?:日期|时间)",
    "number": r"(?:发文(?:字)?|公文|文件)?文号|(?:发文|公文)字号|文件(?:编)?号",
    "issuers": r"(?:发文|发布|印发|公布|颁布|制定|制发)(?:机关|机构|单位|部门)",
    "others": r"(?:信息|文件)?来源|索引号|效力状态|有效性|主题分类|标准编?号",
}
_FACT = re.compile(f"(?:{'|'.join(f'(?P<{name}>{words})' for name, words in _NAMES.items())})[ ]*:[ ]*")
_BETWEEN = " |;,、/·"
_NUMBER = re.compile(r"[\u4e00-\u9fff]{1,14}[\[(]?(?:19|20)\d\d[\])]?年?[ ]?第?[ ]?\d{1,5}[ ]?号")


def is_facts(line: Passage) -> bool:
    """Whether the line is nothing but such facts."""
    return line.end - line.start <= _LONGEST and line.match(_FACT) is not None and "。" not in line.words


def names(line: Passage) -> set[str]:
    """What the line gives: issued, number …"""
    return {name for name, _ in _facts([line])}


def _facts(lines: Sequence[Passage]) -> Iterator[tuple[str, Passage]]:
    """The facts of the lines by name, empty ones left out."""
    for line in lines:
        for found, after in pairwise([*line.finditer(_FACT), None]):
            value = line.part(found.end(), after.start() if after else line.end).strip(_BETWEEN) if found else None
            if found and value:
                yield found.lastgroup or "", value


def policy(
    read: PolicyReading, heading: Passage, lines: Sequence[Passage], reference: dt.date, vocabulary: Vocabulary
) -> PolicyReading:
    """`read` with the facts of the lines below its heading."""
    for name, value in _facts(lines):
        day = next(dates(value, reference), None)
        if name == "issued" and day:
            read = replace(read, issued_on=_issued(day, read.issued_on, reference))
        elif name == "signed" and day and day.day:
            read = replace(read, signed_on=value.read(When(day.day)))
        elif name == "holds" and day and day.day:
            read = replace(read, in_force_on=value.read(When(day.day)))
        elif name == "number":
            read = replace(read, documents=_numbered(read.documents, heading, value))
        elif name == "issuers":
            read = _issued_by(read, heading, value, vocabulary)
    return read


def _issued(day: Dated, told: Read[dt.date] | Read[When] | None, reference: dt.date) -> Read[dt.date] | Read[When] | None:
    """The day of the line, unless it is still to come; open where the sentences tell of another."""
    found = read_date(day, reference)
    if found is None or found.value > reference:
        return told
    if told is None:
        return found
    other = told.value.day if isinstance(told.value, When) else told.value
    if other == found.value:
        return found
    return replace(found, confidence="uncertain", reason=f"正文写作{told.value}", candidates=(found.value, other))


def _numbered(documents: tuple[Read[Document], ...], heading: Passage, value: Passage) -> tuple[Read[Document], ...]:
    """The one document of the item, or the one that its heading names, with its number."""
    number = value.search(_NUMBER)
    titles = [heading.group(found, "title") for found in heading.finditer(TITLE)]
    if not documents:
        documents = tuple(
            title.read(Document(str(title))) for title in titles if len(titles) == 1 and not is_generic(title.words)
        )
    if number is None or len(documents) != 1:
        return documents
    (only,) = documents
    printed = str(value.group(number))
    numbered = replace(only, value=replace(only.value, number=printed), spans=(*only.spans, value.group(number).span))
    if only.value.number is None or key(only.value.number) == key(printed):
        return (numbered,)
    both = (numbered.value, only.value)
    return (replace(numbered, confidence="uncertain", reason=f"正文文号为{only.value.number}", candidates=both),)


def _issued_by(read: PolicyReading, heading: Passage, value: Passage, vocabulary: Vocabulary) -> PolicyReading:
    near = leading(heading, vocabulary.places)
    organs, _ = organs_at(value, vocabulary, near)
    if not organs:
        return read
    place = next((one.place for one in organs if one.place), None)
    if place and not organs[0].is_central:
        region = read.lead_region or place.words.read(place.region, place.confidence, place.reason, place.candidates)
        level = read.level or place.words.read(place.level, place.confidence, place.reason)
        read = replace(read, lead_region=region, level=level)
    elif organs[0].is_central:
        read = replace(read, level=organs[0].words.read("national"), lead_region=None)
    return replace(read, issuers=tuple(one.read() for one in organs))


def statements(read: tuple[StatementReading, ...], lines: Sequence[Passage], reference: dt.date) -> tuple[StatementReading, ...]:
    """`read` with the day of the lines where the sentences tell none."""
    days = (day for name, value in _facts(lines) if name == "issued" for day in dates(value, reference))
    day = next((found for one in days if (found := read_date(one, reference))), None)
    return tuple(replace(one, announced_on=one.announced_on or day) for one in read)
