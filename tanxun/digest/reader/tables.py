"""Tables of who holds what: a row of names (企业名称 | 产品 | 认证机构 | 证书编号) with a row for each statement below.

`segments` finds them among the lines, where each row is one; `read` asks what the rows say. A table that names no companies,
or nothing that a certificate has, is left to be read as text.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from tanxun.digest.reader import bodies, companies, details, evidence
from tanxun.digest.reader.cleaning import Passage
from tanxun.digest.reader.dates import dates
from tanxun.digest.reader.layout import Line
from tanxun.digest.reader.reading import Read, StatementReading
from tanxun.digest.reader.vocabulary import Vocabulary, key

_NAMES = {
    "company": r"(?:获证|认证|持证|申报|申请|参评|入选|委托)?(?:企业|公司|单位|组织|人)(?:名称|全称)?",
    "products": r"(?:获证|认证)?产品(?:名称|及型号|/型号)?",
    "body": r"(?:认证|核查|发证|颁证|验证|评价|审核|认证/核查|发证/核查)机构(?:名称)?",
    "number": r"(?:证书|声明|认证|注册|核查声明)?(?:编号|号|号码)",
    "issued_on": r"(?:发证|颁证|签发|获证|颁发|出证|注册|核发)(?:日期|时间)",
    "valid_until": r"有效期(?:至|限)|到期(?:日期|日)",
    "type": r"(?:证书|声明|认证|标签)(?:类型|类别|种类|名称|项目)",
    "standards": r"(?:依据|认证|核查)?(?:标准|依据)",
    "others": r"序号|no\.?|#|型号|规格|地区|所在地|城市|省份|区域|备注|日期|行业|类别|碳足迹值?|数值|单位",
}
_NAME = re.compile("|".join(f"(?P<{name}>{words})" for name, words in _NAMES.items()), re.IGNORECASE)
_OF_CERTIFICATE = frozenset({"body", "issued_on", "valid_until", "type", "number"})
_BETWEEN = re.compile(r"[ ]*\|[ ]*")
_FRAMED = re.compile(r"\|.*\|")
_BLANK = re.compile(r"[ ]+")
_LONGEST = 400
_FEWEST = 2
_COMPANY = re.compile(r"(?=.{4,50}$).*(?:公司|集团|厂|中心|院|合作社)(?:\([^()]{1,12}\))?$")
_NOTHING = re.compile(r"[\W_]*|无|/")
_LIST = re.compile("[、;,]")


@dataclass(frozen=True)
class Table:
    """The names of its columns (empty where unknown) and the cells of its rows."""

    header: Line
    names: Sequence[str]
    rows: list[Line] = field(default_factory=list)
    cells: list[list[Passage]] = field(default_factory=list)

    @property
    def lines(self) -> list[Passage]:
        return [row.words for row in (self.header, *self.rows)]


def found(rows: Sequence[Line]) -> list[Table]:
    """The tables among the lines of an issue in order."""
    tables: list[Table] = []
    current: Table | None = None
    for row in rows:
        if current is not None and (cells := _cells(row)) and len(cells) == len(current.names):
            current.rows.append(row)
            current.cells.append(cells)
            continue
        names = _names(row)
        current = Table(row, names) if "company" in names and not _OF_CERTIFICATE.isdisjoint(names) else None
        if current is not None:
            tables.append(current)
    return [table for table in tables if table.rows]


def _cells(row: Line) -> list[Passage]:
    """The cells of a row: between upright lines, else between blanks (as tabulators are read)."""
    words = row.words
    if row.length > _LONGEST or not (" " in words.words or "|" in words.words):
        return []
    if _FRAMED.fullmatch(words.words):
        words = words.part(words.start + 1, words.end - 1).strip(" ")
    return _parted(words, _BETWEEN if "|" in words.words else _BLANK)


def _parted(words: Passage, between: re.Pattern[str]) -> list[Passage]:
    """The parts between the matches, empty ones too."""
    marks = list(words.finditer(between))
    starts = [words.start, *(mark.end() for mark in marks)]
    ends = [*(mark.start() for mark in marks), words.end]
    return [words.part(start, end) for start, end in zip(starts, ends, strict=True)]


def _names(row: Line) -> list[str]:
    """What the columns are, where the row names them: all between blanks, most between upright lines."""
    cells = _cells(row)
    if len(cells) < _FEWEST:
        return []
    names = [(named.lastgroup or "") if (named := _NAME.fullmatch(cell.words)) else "" for cell in cells]
    unknown = names.count("")
    is_header = unknown * 2 < len(cells) and ("|" in row.words.words or not unknown)
    return names if is_header and names.count("company") == 1 else []


def statements(
    tables: Sequence[Table], heading: Passage, lead: Passage, reference: dt.date, vocabulary: Vocabulary
) -> tuple[StatementReading, ...]:
    """A statement for each row with a company's full name. The type is the row's, else the heading's or the lead's."""
    around = evidence.types(heading, vocabulary) or evidence.types(lead, vocabulary)
    return tuple(
        _statement(dict(zip(table.names, cells, strict=True)), around, reference, vocabulary)
        for table in tables
        for cells in table.cells
        if _is_company(cells[table.names.index("company")])
    )


def _is_company(cell: Passage) -> bool:
    return _COMPANY.match(cell.words) is not None


def _statement(
    row: Mapping[str, Passage], around: Sequence[Read[str]], reference: dt.date, vocabulary: Vocabulary
) -> StatementReading:
    told = {name: cell for name, cell in row.items() if not _NOTHING.fullmatch(cell.words)}
    company = told["company"]
    number, standards = told.get("number"), told.get("standards")
    return StatementReading(
        company.read(str(company)),
        region=companies.seat(company, company, vocabulary),
        statement_type=_type(told.get("type"), around, vocabulary),
        products=tuple(one.read(str(one)) for one in told["products"].split(_LIST)) if "products" in told else (),
        body=bodies.body(told["body"], vocabulary) if "body" in told else None,
        standards=details.standards(standards, vocabulary) if standards else (),
        certificate_number=number.read(str(number)) if number and any(map(str.isdigit, number.words)) else None,
        more=tuple(_days(told, reference)),
    )


def _type(cell: Passage | None, around: Sequence[Read[str]], vocabulary: Vocabulary) -> Read[str] | None:
    """The type that the cell names, else the one that stands above the table; open where that names several."""
    own = evidence.types(cell, vocabulary) if cell else []
    if own:
        return own[0]
    if not around:
        return None
    values = tuple(one.value for one in around)
    if len(values) > 1:
        return Read(values[0], around[0].spans, "uncertain", "表前写有几种声明", values)
    return Read(values[0], around[0].spans, "inferred", "由表前文字判断类型")


def _days(told: Mapping[str, Passage], reference: dt.date) -> Iterator[tuple[str, Read[str]]]:
    """The days of the row that are printed with their year."""
    for name in ("issued_on", "valid_until"):
        day = next(dates(told[name], reference), None) if name in told else None
        if day and day.day and not day.is_completed:
            yield name, told[name].read(day.day.isoformat())


def with_rows(read: tuple[StatementReading, ...], rows: tuple[StatementReading, ...]) -> tuple[StatementReading, ...]:
    """What the sentences say and what the rows say: of a company in both, the rows'."""
    listed = {key(one.company.value) for one in rows}
    return (*(one for one in read if key(one.company.value) not in listed), *rows)
