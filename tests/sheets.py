"""Sheets for the tests of imports: written by the standard library, by a workbook writer, by hand where they are hostile."""

import csv
import io
import zipfile
from pathlib import Path

from rustpy_xlsxwriter import write_worksheet

from certifications.sheets.intake import Options, take
from tests import factory

HEADS = ("企业名称", "统一社会信用代码", "声明类型", "核查机构", "证书编号", "产品名称", "签发日期", "有效期至")
ROW = ("苏州样例电子有限公司", "", "产品碳足迹", "SGS", "PCF-0001", "路由器", "2026-01-05", "2028-01-04")
PARTS = {
    "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    '<Override PartName="/xl/workbook.xml"'
    ' ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>',
    "_rels/.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1"'
    ' Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/>'
    "</Relationships>",
    "xl/workbook.xml": '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    ' xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">'
    '<sheets><sheet name="一" sheetId="1" r:id="rId1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet"'
    ' Target="worksheets/sheet1.xml"/>'
    '<Relationship Id="rId2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings"'
    ' Target="sharedStrings.xml"/></Relationships>',
}
MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
CODE_A, CODE_B = "91350100M000100Y43", "91370200264574251E"


def vocabulary():
    """What the rows above point to."""
    factory.statement_type("product_carbon_footprint", cue_words="碳足迹\nISO 14067")
    factory.statement_type("ghg_verification", cue_words="碳核查\nISO 14064-1")
    factory.statement_type("green_factory")
    factory.body()


def row(**changes):
    """ROW with some cells changed, by the place of their head."""
    names = ("company", "code", "kind", "body", "number", "product", "issued", "until")
    values = dict(zip(names, ROW, strict=True)) | changes
    return tuple(values[name] for name in names)


def csv_file(folder: Path, *rows, heads=HEADS, encoding="utf-8", separator=",", name="sheet.csv") -> Path:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=separator)
    writer.writerows([heads, *rows])
    path = folder / name
    path.write_bytes(text.getvalue().encode(encoding))
    return path


def workbook(folder: Path, *rows, heads=HEADS, name="sheet.xlsx") -> Path:
    path = folder / name
    write_worksheet([dict(zip(heads, each, strict=True)) for each in rows], str(path))
    return path


def raw_workbook(folder: Path, sheet_data: str, strings: str = "", name="raw.xlsx", parts=(), **entries) -> Path:
    """A workbook of one sheet with this XML inside <sheetData>; `parts` are further (name, content) of the archive."""
    path = folder / name
    shared = f"<sst {MAIN}>{strings}</sst>"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for part, content in (PARTS | entries).items():
            archive.writestr(part, content)
        archive.writestr("xl/sharedStrings.xml", shared)
        archive.writestr("xl/worksheets/sheet1.xml", f"<worksheet {MAIN}><sheetData>{sheet_data}</sheetData></worksheet>")
        for part, content in parts:
            archive.writestr(part, content)
    return path


def line(number: int, *texts: str) -> str:
    """A row of inline texts as XML."""
    cells = (f'<c r="{chr(65 + at)}{number}" t="inlineStr"><is><t>{text}</t></is></c>' for at, text in enumerate(texts))
    return f'<row r="{number}">{"".join(cells)}</row>'


def bring(path: Path, **options):
    """Import it for real; what came of it."""
    return take(path, Options(**{"writes": True, "reason": "sheet", "note": path.name} | options), lambda *said: None)


def counted(outcome) -> dict[str, int]:
    return {state: count for state, count in outcome.findings.counts.items() if count}


def errors(outcome):
    """(row, field, words) of every row that is refused."""
    return [(line.row, line.field, line.words) for line in outcome.findings.lines if line.state == "wrong"]
