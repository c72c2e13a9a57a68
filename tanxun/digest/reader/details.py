"""Details of a statement: standards, categories and scopes, certificate number, value.

Called by `statements` for the passage that speaks of one statement.
"""

from __future__ import annotations

import re

from tanxun.digest.reader import numbers
from tanxun.digest.reader.cleaning import Passage
from tanxun.digest.reader.reading import Quantity, Read
from tanxun.digest.reader.vocabulary import Vocabulary, key

_STANDARD = re.compile(
    r"(?P<family>ISO/IEC|ISO/TS|ISO|IEC|GB/T|GB|PAS|EN|BS|DB\d{2,6}/T|HJ/T|HJ|RB/T|JR/T|YB/T|SJ/T"
    r"|T/[A-Z]{2,10}(?:-[A-Z])?)[ ]?(?P<number>\d{2,6}(?:\.\d{1,2})?(?:-\d{1,2}(?!\d))?)"
    r"(?P<year>[ ]?[:-][ ]?(?:19|20)\d\d)?(?P<amendment>\+A\d(?::20\d\d)?)?",
    re.IGNORECASE,
)
_NEXT_STANDARD = re.compile(
    r"[ ]?(?:/|、|和|及|与|,|&)[ ]?(?P<number>\d{4,5}(?:-\d{1,2}(?!\d))?)(?P<year>[:-](?:19|20)\d\d)?(?![\d年])"
)
_PROTOCOL = re.compile(r"GHG[ ]?Protocol|温室气体核算体系|GHG核算体系", re.IGNORECASE)
_ONE = r"(?:[一二三四五六]|[1-6](?!\d))"
_LIST = rf"{_ONE}(?:[ ]?(?:至|到|[-~]|、|和|及|与|,|\+|&|/|以及)[ ]?(?:类别|范围|第|scope[ ]?|category[ ]?)?[ ]?{_ONE})*"
_CATEGORIES = re.compile(rf"(?:类别|category|categories|类)[ ]?(?P<list>{_LIST})", re.IGNORECASE)
_ALL_CATEGORIES = re.compile(r"(?:全部|所有|六大|全|六个|6个|6大)[的]?(?:六个|6个|六大)?(?:排放)?类别")
_ALL_SCOPES = re.compile(r"(?:三个|三大|全部|所有)范围|范围一(?:至|到|-|~)(?:范围)?三")
_SCOPES = re.compile(rf"(?:范围|scope)[ ]?(?P<list>{_LIST})", re.IGNORECASE)
_LEFT_OUT = re.compile(r"[^,。;]{0,6}(?:未|不|没有)(?:纳入|包括|包含|覆盖|核算|披露|计入|涉及)")
_RANGE = re.compile(r"至|到|-|~")
_SIGN = r"[A-Za-z0-9\-/._]"
# A blank stands inside a number where a group with digits follows that is no standard, day, year or quantity.
_BLANK = (
    r"[ ]{1,2}(?!(?:ISO|IEC|GB|PAS|EN|BS|DB|HJ)[ /]?[T\d]|(?:19|20)\d\d[-./]\d{1,2}[-./]\d{1,2}(?!\d))"
    rf"(?={_SIGN}*\d{_SIGN}*(?!{_SIGN}|[ ]?(?:[年月日号吨千万亿%家项个]|kg|t|g)))"
)
_VERSION = r"(?:(?<=\d):(?=\d{2,3}(?![\d:])))"  # EPD-IES-0024417:001, no time of the day behind it
_CODE = rf"[A-Za-z0-9](?:{_SIGN}|{_BLANK}|{_VERSION}){{3,40}}"
_CERTIFICATE = re.compile(
    r"(?:(?:证书|声明|陈述|报告|EPD|注册|登记|备案|标识)[ ]?(?:编号|号码|号)|(?<![一-龥])编号|(?<=[,(])编号"
    rf"|(?<![A-Za-z])No\.?|№)[ ]?(?:分别|依次|各)?[:为是即]{{0,2}}[ ]?(?P<numbers>{_CODE}(?:(?:、|和|及|与|,){_CODE}){{0,8}})"
)
_NEXT_NUMBER = re.compile(r"[、和及与,]")
_CO2 = r"(?:(?:e(?:q)?\.?[ -]?)?CO2[ -]?(?:e(?:q)?)?|二氧化碳(?:当量)?|碳当量)"
_VALUE = re.compile(
    rf"(?P<number>{numbers.ARABIC})[ ]?(?P<unit>(?:(?:万|千|百万)?(?:kg|千克|公斤|吨|t|g|克|kt"
    rf"|Mt)[ ]?(?:\({_CO2}\)|{_CO2}))(?:[ ]?[/每·][ ]?[\u4e00-\u9fffA-Za-z0-9³㎡㎥]{{1,8}}?(?=[,。;、 (及和]|$|的|\n))?)",
    re.IGNORECASE,
)
_NOT_VALUE = re.compile(r"(?:减排(?!量)|减少|降低|下降|节约|减碳|相当于|可减|较)[^,。;]{0,16}$")


def standards(passage: Passage, vocabulary: Vocabulary) -> tuple[Read[str], ...]:
    """Standards as `ISO 14064-1:2018`, `GB/T 24067-2024`, `PAS 2060`; without the edition where none is printed."""
    found: dict[str, Read[str]] = {}
    for hit in passage.finditer(_STANDARD):
        family = hit["family"].upper()
        found.setdefault(*_standard(passage.group(hit), family, hit))
        at = hit.end()
        while following := _NEXT_STANDARD.match(passage.folded, at, passage.end):
            found.setdefault(*_standard(passage.group(following), family, following))
            at = following.end()
    for hit in passage.finditer(_PROTOCOL):
        found.setdefault("GHG Protocol", passage.group(hit).read("GHG Protocol"))
    for title in passage.finditer(re.compile(r"《([^《》\n]{4,60})》")):
        code = vocabulary.standards.get(key(title.group(1)))
        if code and not any(name.startswith(code) for name in found):
            found[code] = passage.group(title).read(code, "inferred", "由标准名称推得")
    return tuple(found.values())


def _standard(words: Passage, family: str, hit: re.Match[str]) -> tuple[str, Read[str]]:
    year = re.sub(r"\D", "", hit["year"] or "")
    mark = "-" if family.startswith(("GB", "DB", "T/", "HJ", "RB", "JR", "YB", "SJ")) else ":"
    amendment = hit.groupdict().get("amendment") or ""
    name = f"{family} {hit['number']}" + (f"{mark}{year}" if year else "") + amendment
    return name, words.read(name)


def categories(passage: Passage) -> Read[tuple[int, ...]] | None:
    """Categories 1–6 of ISO 14064-1."""
    whole = passage.search(_ALL_CATEGORIES)
    if whole:
        return passage.group(whole).read((1, 2, 3, 4, 5, 6))
    return _listed(passage, _CATEGORIES)


def scopes(passage: Passage) -> Read[tuple[int, ...]] | None:
    """Scopes 1–3 of the GHG Protocol."""
    whole = passage.search(_ALL_SCOPES)
    if whole:
        return passage.group(whole).read((1, 2, 3))
    read = _listed(passage, _SCOPES)
    return read if read and max(read.value) <= 3 else None


def _listed(passage: Passage, pattern: re.Pattern[str]) -> Read[tuple[int, ...]] | None:
    values: set[int] = set()
    spans = []
    for found in passage.finditer(pattern):
        said = found["list"]
        if _LEFT_OUT.match(passage.folded, found.end(), passage.end):
            said = said.rpartition(",")[0]
        digits = [(hit.start(), int(numbers.number(hit.group()) or 0)) for hit in re.finditer(_ONE, said)]
        for at, (place, value) in enumerate(digits):
            values.add(value)
            if at and _RANGE.search(said[digits[at - 1][0] : place]):
                values.update(range(digits[at - 1][1], value))
        if said:
            spans.append(passage.group(found).span)
    return Read(tuple(sorted(values)), tuple(spans)) if values else None


def certificate_numbers(passage: Passage) -> tuple[Read[str], ...]:
    """Every number that follows 证书编号 and the like, and those listed behind it, in half width with its inner blanks."""
    found: list[Read[str]] = []
    for hit in passage.finditer(_CERTIFICATE):
        for one in passage.group(hit, "numbers").split(_NEXT_NUMBER):
            words = one.part(one.start, one.start + len(one.words.rstrip(".")))
            number = re.sub(" +", " ", words.words)
            if any(char.isdigit() for char in number) and number not in [other.value for other in found]:
                found.append(words.read(number))
    return tuple(found)


def results(passage: Passage) -> tuple[Read[Quantity], ...]:
    """Footprints, emissions or offset quantities with their units as printed; a saving is none."""
    read: list[Read[Quantity]] = []
    for found in passage.finditer(_VALUE):
        before = passage.folded[max(passage.start, found.start() - 40) : found.start()]
        clause = re.split(r"[。;\n]", before)[-1]
        value = numbers.number(found["number"])
        if value is not None and not _NOT_VALUE.search(clause):
            read.append(passage.group(found).read(Quantity(value, str(passage.group(found, "unit")).strip())))
    return tuple(read)
