"""Twenty-odd files that call themselves sheets and should not be opened: written by `all_of`, for test_hostile_sheets.py."""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

from tests.sheets import PARTS, ROW, csv_file, line, raw_workbook, workbook

CELL = '<row><c r="A1"><v>1</v></c></row>'
TEXT = '<row r="{0}"><c r="A{0}" t="s"><v>0</v></c></row>'
LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
BILLION = f'<!DOCTYPE x [<!ENTITY l0 "ha">{LAUGHS}]><x>&l9;</x>'
QUADRATIC = f'<!DOCTYPE x [<!ENTITY a "{"a" * 50_000}">]><x>{"&a;" * 50_000}</x>'


def outside(address: str) -> str:
    """An entity that stands for what is at this address."""
    return f'<!DOCTYPE x [<!ENTITY a SYSTEM "{address}">]><sst><si><t>&a;</t></si></sst>'


def with_part(name: str, content: str | bytes) -> Callable[[Path], Path]:
    return lambda folder: raw_workbook(folder, line(1, "a"), parts=[(name, content)])


def instead(name: str, content: str) -> Callable[[Path], Path]:
    """One of the parts of a workbook that a reader cannot do without."""
    return lambda folder: raw_workbook(folder, line(1, "a"), **{name: content})


def raw(content: bytes) -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        path = folder / "raw.xlsx"
        path.write_bytes(content)
        return path

    return write


def archive(**parts: str) -> Callable[[Path], Path]:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in parts.items():
            file.writestr(name, content)
    return raw(packed.getvalue())


def half(folder: Path) -> Path:
    path = workbook(folder, *[ROW] * 500)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    return path


def lying(folder: Path) -> Path:
    """Its directory says that the sheet is small."""
    path = raw_workbook(folder, "<row>" + " " * 9_000_000 + "</row>")
    with zipfile.ZipFile(path) as file:
        size = file.getinfo("xl/worksheets/sheet1.xml").file_size
    path.write_bytes(path.read_bytes().replace(size.to_bytes(4, "little"), (4000).to_bytes(4, "little")))
    return path


def many_texts(folder: Path) -> Path:
    cells = "".join(TEXT.format(n) for n in range(1, 30_001))
    return raw_workbook(folder, cells, strings=f"<si><t>{'长' * 32_000}</t></si>")


def separated(content: bytes) -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        path = csv_file(folder)
        path.write_bytes(content)
        return path

    return write


def other_zip(folder: Path) -> Path:
    """A Word file under the name of a sheet."""
    return archive(**{"[Content_Types].xml": PARTS["[Content_Types].xml"], "word/document.xml": "<w/>"})(folder)


def no_workbook() -> dict[str, Callable[[Path], Path]]:
    """What is no sheet at all, whatever its name says (IMP-01)."""
    return {
        "nothing": raw(b""),
        "five bytes": raw(b"PK\3\4x"),
        "half a zip": half,
        "a broken zip": raw(b"PK\3\4" + b"\0" * 5000),
        "an old .xls": raw(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 60_000),
        "a zip without a workbook": archive(a="b"),
        "a .docx": other_zip,
        "a .png": raw(b"\x89PNG\r\n\x1a\n" + b"\xff\0" * 50_000),
    }


def entities(http: str) -> dict[str, Callable[[Path], Path]]:
    """Definitions in each part that some library reads (IMP-05, IMP-06); `http` would be called."""
    return {
        "billion laughs": with_part("xl/styles.xml", BILLION),
        "billion laughs in the book": instead("xl/workbook.xml", BILLION),
        "quadratic entities": with_part("xl/theme/theme1.xml", QUADRATIC),
        "an entity of a file": with_part("xl/styles.xml", outside("file:///etc/hostname")),
        "an entity of an address": with_part("xl/styles.xml", outside(http)),
        "an address in the book": instead("xl/workbook.xml", outside(http)),
        "an address in a relation": instead("xl/_rels/workbook.xml.rels", outside(http)),
        "an address in UTF-16": with_part("xl/a.xml", f"<?xml version='1.0' encoding='utf-16'?>{outside(http)}".encode("utf-16")),
    }


def others() -> dict[str, Callable[[Path], Path]]:
    """Bombs and oddities (IMP-02 to IMP-04, IMP-07, IMP-12)."""
    return {
        "a bomb of 3 M rows": lambda folder: raw_workbook(folder, CELL * 6_000_000),
        "a bomb beside the sheet": with_part("xl/media/a.xml", "<x>" + "a" * 50_000_000 + "</x>"),
        "sizes that lie": lying,
        "one cell at XFD1048576": lambda folder: raw_workbook(folder, '<row><c r="XFD1048576"><v>1</v></c></row>'),
        "one text 30,000 times": many_texts,
        "places outside": with_part("../../evil.xml", "<x/>"),
        "20,000 parts": lambda folder: raw_workbook(folder, "", parts=[(f"xl/a{n}", "") for n in range(20_000)]),
        "a field of 10 MB": separated(b"a,b\n1," + b"x" * 10_000_000),
        "an open quotation": separated(b'a,b\n1,"' + b"x\n" * 400_000),
        "a million columns": separated(",".join(map(str, range(1_000_000))).encode()),
    }


def all_of(http: str) -> dict[str, Callable[[Path], Path]]:
    return {**no_workbook(), **entities(http), **others()}
