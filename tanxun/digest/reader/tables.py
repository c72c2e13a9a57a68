"""Tables of who holds what: a row of names (企业名称 | 产品 | 认证机构 | 证书编号) with a row for each statement below.

`segments` finds them among the lines, where each row is one; `read` asks what the rows say. A table that names no companies,
or nothing that a certificate has, is left to be read as text.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from tanxun.digest.reader import bodies, companies, details, evidence
from tanxun.digest.reader.cleaning import Passage
from tanxun.digest.reader.dates import dates, read_date
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
    "announced_on": r"(?:公布|发布|公告|公示|报道)?(?:日期|时间)",
    "others": r"序号|no\.?|#|型号|规格|地区|所在地|城市|省份|区域|备注|行业|类别|碳足迹值?|数值|单位",
}
_NAME = re.compile("|".join(f"(?P<{name}>{words})" for name, words in _NAMES.items()), re.IGNORECASE)
_OF_CERTIFICATE = frozenset({"body", "issued_on", "valid_until", "type", "number"})
_BETWEEN = re.compile(r"[ ]*\|[ ]*")
_FRAMED = re.compile(r"\|.*\|")
_BLANK = re.compile(r"[ ]+")
_LONGEST = 400
_FEWEST = 2
_COMPANY = re.compile(r"(?=.{4,50}$)[^、,;:。!?/《》]*(?:公司|集团|厂|中心|院|合作社)(?:\([^()]{1,12}\))?$")
# Of several in one cell each has its form: 甲有限公司/宁波工厂 are not two.
_ONE_OF_SEVERAL = re.compile(r"(?=.{4,50}$)[^:。!?《》]*(?:公司|集团)$")
_NOTHING = re.compile(r"[\W_]*|无|/")
_LIST = re.compile("[、;,]")
_COMPANIES = re.compile("[、;,/]|(?<=公司)[和与及 ]+|(?<=集团)[和与及 ]+")
# What a row, or the words above the rows, say of a paper that is not there (yet) or no more.
_NOT_HELD = re.compile(
    r"申请|申报|(?<!模)拟|计划|正在|在审|审核中|评审中|待[审核评定颁发]|尚未|未[通获取能]|不[予通合]|签[约署订]|启动|受理|退回|驳回"
    r"|撤[销回]|取消|吊销|注销|暂停|中止|终止|收回|失效|作废|过期|已到期|届满|整改"
)
_HELD = re.compile(r"获证|持证|获颁|获得|取得|颁发")
_OF_EVIDENCE = re.compile(r"证|声明|标识|标签|核查|核算|评价|足迹|碳中和")
_ONLY_ASKS = re.compile("申报|申请|参评|委托")
_STATUS = frozenset({"", "others", "type", "number", "issued_on", "valid_until"})
Status = Literal["held", "open", "not held"]


@dataclass(frozen=True)
class _Above:
    """What the words above a row make of it: the types they name, and why its company may hold nothing."""

    types: Sequence[Read[str]]
    doubt: str = ""


@dataclass(frozen=True)
class Table:
    """The names of its columns (empty where unknown) and the cells of its rows."""

    header: Line
    names: Sequence[str]
    rows: list[Line] = field(default_factory=list)
    cells: list[list[Passage]] = field(default_factory=list)

    @property
    def company(self) -> int:
        """The place of the column of companies."""
        return self.names.index("company")

    @property
    def lines(self) -> list[Passage]:
        return [row.words for row in (self.header, *self.rows)]


def found(rows: Sequence[Line]) -> list[Table]:
    """The tables among the lines of an issue in order."""
    tables: list[Table] = []
    current: Table | None = None
    for row in rows:
        if current is not None and (cells := _cells(row)) and _is_row(row, cells, current):
            current.rows.append(row)
            current.cells.append(cells)
            continue
        names = _names(row)
        current = Table(row, names) if "company" in names and not _OF_CERTIFICATE.isdisjoint(names) else None
        if current is not None:
            tables.append(current)
    return [table for table in tables if table.rows]


def _is_row(row: Line, cells: Sequence[Passage], table: Table) -> bool:
    """Whether the line goes on with the table. Between blanks any words may look like cells, so a row is only what names a
    company there, with no empty line before it and no sentence in it."""
    has_bars = "|" in table.header.words.words
    if len(cells) != len(table.names) or has_bars != ("|" in row.words.words):
        return False
    return has_bars or not (row.after_blank or "。" in row.words.words or not _companies(cells[table.company]))


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
    tables: Sequence[Table], heading: Passage, body: Passage, reference: dt.date, vocabulary: Vocabulary
) -> tuple[StatementReading, ...]:
    """A statement for each company and type of each row that names a company in full, unless the row or the words above
    the table say that nothing is held. The type is the row's, else the heading's or that of the words above."""
    found: list[StatementReading] = []
    headed, of_heading = _said(heading, heading, vocabulary), evidence.types(heading, vocabulary)
    said, around, at = headed, of_heading, body.start
    for table in tables:
        lead = body.part(at, min(table.header.words.start, body.end))
        at = max(at, table.rows[-1].words.end)
        told = _said(lead, heading, vocabulary)
        said = "open" if told == "held" and headed == "not held" else told or said
        around = of_heading or evidence.types(lead, vocabulary) or around
        if said != "not held":
            above = _Above(around, "表前文字也说到没有获证的企业" if said == "open" else "")
            found.extend(_of_table(table, above, reference, vocabulary))
    return tuple(found)


def _said(words: Passage, heading: Passage, vocabulary: Vocabulary) -> Status | None:
    """What the last sentence that speaks of it says of whether the listed companies hold something."""
    for back, sentence in enumerate(reversed(words.sentences())):
        refused = sentence.search(_NOT_HELD)
        listed = evidence.held(sentence, heading, vocabulary)
        got = [one for one in listed if one.kinds or one.head.words != "名单"]  # 名单如下 alone does not say of what
        if got:
            return "open" if sentence.part(got[-1].head.end, sentence.end).search(_NOT_HELD) else "held"
        if refused and (back == 0 or sentence.search(_OF_EVIDENCE)):
            return "not held"
        if sentence.search(_HELD):
            return "held"
    return None


def _of_table(table: Table, above: _Above, reference: dt.date, vocabulary: Vocabulary) -> Iterator[StatementReading]:
    """What the rows say; nothing where most of them are bodies, which have the paper of their own trade."""
    named = [_companies(cells[table.company]) for cells in table.cells]
    are_bodies = [any(bodies.looks_like_body(one, vocabulary) for one in row) for row in named]
    if sum(are_bodies) * 2 > len(are_bodies):
        return
    asks = _ONLY_ASKS.search(_cells(table.header)[table.company].words) is not None
    for names, is_body, cells in zip(named, are_bodies, table.cells, strict=True):
        columns = list(zip(table.names, cells, strict=True))
        if is_body or any(name in _STATUS and cell.search(_NOT_HELD) for name, cell in columns):
            continue
        told = {name: cell for name, cell in columns if not _NOTHING.fullmatch(cell.words)}
        only_asks = asks and told.keys().isdisjoint(("number", "issued_on", "valid_until"))
        over = replace(above, doubt="表中只写谁申请或委托，没有证书编号和日期") if only_asks else above
        yield from _statements(names, told, over, reference, vocabulary)


def _companies(cell: Passage) -> list[Passage]:
    """The companies that a cell names, none where it says anything else."""
    parts = cell.split(_COMPANIES)
    form = _COMPANY if len(parts) == 1 else _ONE_OF_SEVERAL
    return parts if all(form.match(part.words) for part in parts) else []


def _statements(
    names: Sequence[Passage], told: Mapping[str, Passage], above: _Above, reference: dt.date, vocabulary: Vocabulary
) -> Iterator[StatementReading]:
    """One for each company and type of a row; of several only those have a number for which one is printed."""
    standards = told.get("standards")
    slots = [(name, kind) for name in names for kind in _types(told.get("type"), above.types, vocabulary)]
    for at, (company, kind) in enumerate(slots):
        yield StatementReading(
            company.read(str(company), "uncertain" if above.doubt else "stated", above.doubt),
            region=companies.seat(company, company, vocabulary),
            statement_type=kind,
            products=tuple(one.read(str(one)) for one in told["products"].split(_LIST)) if "products" in told else (),
            body=bodies.body(told["body"], vocabulary) if "body" in told else None,
            standards=details.standards(standards, vocabulary) if standards else (),
            certificate_number=_number(told.get("number"), at, len(slots)),
            announced_on=_day(told["announced_on"], reference) if "announced_on" in told else None,
            more=tuple(_days(told, reference)),
        )


def _number(cell: Passage | None, at: int, count: int) -> Read[str] | None:
    """The number of one of the row's statements."""
    parts = cell.split(_LIST) if cell and count > 1 else [cell] if cell else []
    if len(parts) != count or not any(map(str.isdigit, parts[at].words)):
        return None
    return parts[at].read(str(parts[at]))


def _types(cell: Passage | None, around: Sequence[Read[str]], vocabulary: Vocabulary) -> Sequence[Read[str] | None]:
    """The types that the cell names, else the one that stands above the table; open where that names several, or where the
    cell says what is no known type."""
    own = evidence.types(cell, vocabulary) if cell else []
    if own:
        return own
    values = tuple(one.value for one in around)
    if cell:
        return [cell.read("other", "uncertain", "表中写的不是已知的声明类型", ("other", *values) if values else ())]
    if not around:
        return [None]
    if len(values) > 1:
        return [Read(values[0], around[0].spans, "uncertain", "表前写有几种声明", values)]
    return [Read(values[0], around[0].spans, "inferred", "由表前文字判断类型")]


def _day(cell: Passage, reference: dt.date) -> Read[dt.date] | None:
    found = next(dates(cell, reference), None)
    return read_date(found, reference) if found else None


def _days(told: Mapping[str, Passage], reference: dt.date) -> Iterator[tuple[str, Read[str]]]:
    """The days of the row that are printed with their year."""
    for name in ("issued_on", "valid_until"):
        day = next(dates(told[name], reference), None) if name in told else None
        if day and day.day and not day.is_completed:
            yield name, told[name].read(day.day.isoformat())


def with_rows(read: tuple[StatementReading, ...], rows: tuple[StatementReading, ...]) -> tuple[StatementReading, ...]:
    """What the sentences say and what the rows say: of a company and type in both, the rows'. A row whose type is open has
    that of the sentences, where they tell one of its company."""
    told: dict[str, list[Read[str]]] = {}
    for one in read:
        told.setdefault(key(one.company.value), []).extend([one.statement_type] if one.statement_type else [])
    typed = [_typed(row, told.get(key(row.company.value), ())) for row in rows]
    listed = {_what(row) for row in typed}
    return (*(one for one in read if _what(one) not in listed), *typed)


def _what(one: StatementReading) -> tuple[str, str | None]:
    return key(one.company.value), one.statement_type.value if one.statement_type else None


def _typed(row: StatementReading, told: Sequence[Read[str]]) -> StatementReading:
    kind = row.statement_type
    if len(told) != 1 or (kind and told[0].value not in kind.candidates):
        return row
    return replace(row, statement_type=Read(told[0].value, told[0].spans, "inferred", "由正文判断类型"))
