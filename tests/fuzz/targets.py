"""What is fed: each target makes a function of bytes that raises where a promise is broken, and has the seeds it begins with.

Refusing in words is no fault: `SourceError`, `SheetError` and `ValidationError` are what people are shown. Anything else is.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

SAMPLES = Path(__file__).resolve().parent.parent / "samples"
Check = Callable[[bytes], None]


@dataclass(frozen=True)
class Target:
    name: str
    made: Callable[[], Check]
    seeds: Callable[[], Iterator[bytes]]
    words: Callable[[], Sequence[str]] = tuple

    @property
    def needs_database(self) -> bool:
        return self.name == "parameters"

    def write_seeds(self, folder: Path) -> None:
        for seed in self.seeds():
            (folder / hashlib.sha256(seed).hexdigest()[:16]).write_bytes(seed)

    def write_words(self, file: Path) -> None:
        """As a dictionary of libFuzzer."""
        quoted = ("".join(f"\\x{byte:02x}" for byte in word.encode()) for word in self.words())
        file.write_text("".join(f'"{word}"\n' for word in quoted), encoding="ascii")


def text_of(data: bytes) -> str:
    """Any characters: lone surrogates, NUL and marks of every kind come up, too."""
    return data.decode("utf-8", "surrogateescape")


def sample_texts() -> Iterator[bytes]:
    """Short ones: each is read some hundred times a second."""
    for path in sorted(SAMPLES.glob("*.txt"))[::4]:
        yield path.read_text(encoding="utf-8")[:260].encode()


def word_list() -> list[str]:
    """What a text is made of: put in whole where single bytes would hardly ever make it."""
    from tests.test_reader_properties import WORDS

    return [word for word in WORDS if word.isprintable()]


def newsletter() -> Check:
    """NWS-11, NWS-12: any text is read without an error, in bounded time and memory, and every span points at its words."""
    import datetime as dt

    from tanxun.digest.reader import clean, read
    from tanxun.digest.vocabulary import shipped
    from tests.test_reader_properties import check

    def one(data: bytes) -> None:
        text = text_of(data)
        assert clean(clean(text)) == clean(text)
        check(read(text, dt.date(2026, 3, 20), shipped()))

    return one


def source() -> Check:
    """A file as text: its encoding guessed, its HTML or Word parts taken apart. The first byte says which ending it has."""
    from tanxun.digest.sources import SourceError
    from tanxun.digest.sources import text_of as source_text

    endings = (".txt", ".html", ".docx", ".md", "")

    def one(data: bytes) -> None:
        ending = endings[data[0] % len(endings)] if data else ""
        body = data[1:]
        if ending == ".docx" and not body.startswith(b"PK"):
            body = word_file(body)
        with suppress(SourceError):
            assert source_text(f"a{ending}", body).strip()

    return one


def word_file(body: bytes) -> bytes:
    """A Word archive with these bytes as its document."""
    import io
    import zipfile

    whole = io.BytesIO()
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"
    with zipfile.ZipFile(whole, "w") as archive:
        archive.writestr("_rels/.rels", f'<R xmlns="x"><Relationship Type="{office}" Target="word/document.xml"/></R>')
        archive.writestr("word/document.xml", body)
    return whole.getvalue()


def source_seeds() -> Iterator[bytes]:
    for text in list(sample_texts())[:3]:
        yield b"\0" + text
        yield b"\0" + text.decode("utf-8", "ignore").encode("gb18030")
        yield b"\1<html><body><p>" + text[:900] + b"</p><table><tr><td>1<td>2</table><script>x</script></body></html>"
    main = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    yield b"\2" + f'<w:document xmlns:w="{main}"><w:body><w:p><w:t>印发</w:t><w:br/></w:p></w:body></w:document>'.encode()


def sheet() -> Check:
    """IMP-01, IMP-08, IMP-12: bytes as a sheet, through the guard; what it lets in is read."""
    import json
    import tempfile

    from certifications.sheets.guard import SheetError, kind_of
    from certifications.sheets.heads import find_heads
    from certifications.sheets.reading import SheetFile

    folder = Path(tempfile.mkdtemp(prefix="fuzz-"))

    def one(data: bytes) -> None:
        path = folder / "sheet"
        path.write_bytes(data)
        try:
            if kind_of(path).is_workbook:  # read in a process of its own, `workbook` has it here
                return
            with SheetFile(path) as opened:
                find_heads(opened.first_rows(), {})
                for row in opened.rows():
                    json.dumps(row)
        except SheetError:
            pass

    return one


def sheet_seeds() -> Iterator[bytes]:
    from tests.sheets import HEADS, ROW

    for separator, encoding in ((",", "utf-8"), ("\t", "gb18030"), (";", "utf-16")):
        yield "\r\n".join(separator.join(row) for row in (HEADS, ROW)).encode(encoding)
    yield b'a,"b\n""c",d\re\n'


def workbook() -> Check:
    """IMP-02 to IMP-08, IMP-11: XML as the parts of a workbook; what the guard lets in the library reads, within its bounds."""
    import tempfile

    from certifications.sheets.guard import SheetError, kind_of
    from certifications.sheets.unpack import main as unpacked
    from tests.sheets import raw_workbook

    folder = Path(tempfile.mkdtemp(prefix="fuzz-"))

    def one(data: bytes) -> None:
        sheet, _mark, strings = text_of(data).encode("utf-8", "replace").decode().partition("\x1d")
        path = raw_workbook(folder, sheet, strings)
        try:
            kind = kind_of(path)
        except SheetError:
            return
        try:
            unpacked(path, folder / "rows", has_errors=kind.has_errors)
        except (MemoryError, RecursionError):
            raise
        except Exception:
            return  # in the site it ends its process, and is told as "cannot be read"

    return one


def workbook_seeds() -> Iterator[bytes]:
    cells = '<c r="A1" t="s"><v>0</v></c><c r="B1" t="inlineStr"><is><t>a</t></is></c><c r="C1" s="1"><v>45000</v></c>'
    yield f'<row r="1">{cells}</row>\x1d<si><t>企业名称</t></si>'.encode()
    yield b'<row r="2"><c r="A2" t="e"><f>1/0</f><v>#DIV/0!</v></c><c r="B2" t="b"><v>1</v></c></row>'
    yield b'<row r="3"><c r="A3" t="d"><v>2026-01-05</v></c></row>\x1d<si><r><t>a</t></r></si>'


def cells() -> Check:
    """Dates, periods, numbers and loose dates, as sheets and forms are given them: a value or a refusal in words."""
    import datetime as dt

    from django.core.exceptions import ValidationError

    from certifications.sheets import cells as of_sheets
    from policies.dates import LooseDateField, parsed

    kinds = (of_sheets.day, of_sheets.day_unless_1904, of_sheets.period, of_sheets.tonnes, of_sheets.kilograms)
    kinds += (of_sheets.several, of_sheets.numbers_to(6), LooseDateField(required=False).clean)

    def one(data: bytes) -> None:
        text = text_of(data)
        for kind in kinds:
            with suppress(ValidationError):
                kind(of_sheets.text_of(text))
        for ends in (False, True):
            try:
                day, precision = parsed(text, ends=ends)
                assert isinstance(day, dt.date)
                assert precision in ("day", "month", "year")
            except ValueError:
                pass

    return one


def cell_seeds() -> Iterator[bytes]:
    for text in (
        "2026年3月5日",
        "2026-02",
        "20260116",
        "45000",
        "1,234.50 吨CO2",
        "2025-01-01至2025-12-31",
        "类别1、类别3-6",
        "'=1+1",
        "#REF!",
    ):
        yield text.encode()


def question() -> Check:
    """What is typed into a search box: understood, or refused in words."""
    from django.core.exceptions import ValidationError

    from tanxun.search.fold import search_text
    from tanxun.search.question import parse
    from tanxun.search.tokens import needles_of

    def one(data: bytes) -> None:
        try:
            terms = parse(text_of(data))
        except ValidationError:
            return
        for term in terms:
            search_text(term.text)
            needles_of(term.text, is_literal=term.is_phrase)

    return one


def question_seeds() -> Iterator[bytes]:
    for text in ('苏州 "碳足迹" -SGS', "ISO 14064-1:2018", "9135 0100 M000 100Y 43", "ditan suzhou", "－“a”", "％_\\"):
        yield text.encode()


def parameters() -> Check:
    """FLT-01 to FLT-20: the query string of every list: rows, or a refusal that names its fields. On an empty database."""
    from django.http import QueryDict

    from tanxun.listing.page import InvalidParametersError
    from tanxun.urls import PAGES

    def one(data: bytes) -> None:
        page = PAGES[data[0] % len(PAGES)]() if data else PAGES[0]()
        try:
            rows = page.rows(QueryDict(data[1:]))
        except InvalidParametersError as error:
            if not error.errors:
                raise
            return
        rows.one_page()

    return one


def parameter_seeds() -> Iterator[bytes]:
    for number, query in enumerate(
        (
            "q=碳&type=ghg_verification&sort=-dated_on&per_page=50",
            "region=320000&type!=none&issued_after=2026-01-01&page=2",
            "validity=expiring&expiring_days=30&columns=company,type&has_value=1",
            "level=national&scope=applies&region=320000&year=2030",
            "cursor=abc&utm_source=x&q=%00&period=2025",
        )
    ):
        yield bytes([number]) + query.encode()


SHEET_WORDS = ('<row r="1">', '<c r="A1" t="', "</v></c>", "</row>", "<v>", "<f>", 't="s"', 't="e"', "XFD1048576", "]]>")
LIST_WORDS = ("&q=", "&sort=-", "&region=", "&type!=", "=none", "&page=", "&cursor=", "&per_page=", "&columns=", "_after=", "%00")
HTML_WORDS = ("<p>", "</p>", "<td>", "<!--", "-->", "<![CDATA[", "&#x", "<script>", "<w:p>", "<w:t>", "<!DOCTYPE", "<br>")

TARGETS = {
    one.__name__: Target(one.__name__, one, seeds, words)
    for one, seeds, words in (
        (newsletter, sample_texts, word_list),
        (parameters, parameter_seeds, lambda: LIST_WORDS),
        (source, source_seeds, lambda: HTML_WORDS),
        (sheet, sheet_seeds, tuple),
        (workbook, workbook_seeds, lambda: SHEET_WORDS),
        (cells, cell_seeds, lambda: ("年", "月", "日", "e30", "吨", "kg", "类别", "至", "1904")),
        (question, question_seeds, lambda: ('"', "－", "“", "\u3000")),
    )
}
