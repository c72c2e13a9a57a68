"""Files that nobody should open: each is refused by name, at once, in little memory (IMP-01 to IMP-08, IMP-12)."""

import subprocess
import sys
import time
import zipfile

import pytest
from django.utils import translation

from certifications.sheets.guard import SheetError, kind_of
from certifications.sheets.heads import find_heads
from certifications.sheets.reading import SheetFile
from tests.running import ROOT
from tests.sheets import HEADS, PARTS, ROW, csv_file, line, raw_workbook, workbook

pytestmark = pytest.mark.any_engine

SECONDS = 1.0


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


def read(path):
    with SheetFile(path) as sheet:
        return list(sheet.rows())


def refused(path):
    """The words of the refusal; it may take no longer than a second of this process."""
    started = time.process_time()
    with pytest.raises(SheetError) as caught:
        read(path)
    assert time.process_time() - started < SECONDS
    return str(caught.value)


def written(folder, content, name="sheet.xlsx"):
    path = folder / name
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"PK\x03\x04",
        b"PK\x03\x04" + b"\0" * 5000,
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600,
        b"\x89PNG\r\n\x1a\n" + b"\0" * 500,
        b"\xff\xd8\xff\xe0 jpeg \xff\xff",
    ],
    ids=["empty", "five bytes", "half a zip", "xls", "png", "jpeg"],
)
def test_what_is_no_sheet_is_refused(tmp_path, content):  # IMP-01
    assert refused(written(tmp_path, content))


@pytest.mark.parametrize("missing", ["xl/workbook.xml", "xl/worksheets/sheet1.xml"])
def test_an_archive_without_a_workbook_is_refused(tmp_path, missing):  # IMP-01
    path = raw_workbook(tmp_path, line(1, "a"))
    with zipfile.ZipFile(path) as whole, zipfile.ZipFile(tmp_path / "less.xlsx", "w") as less:
        for entry in whole.infolist():
            if entry.filename != missing:
                less.writestr(entry, whole.read(entry))
    assert refused(tmp_path / "less.xlsx")


def test_a_cut_workbook_is_refused(tmp_path):  # IMP-01
    whole = workbook(tmp_path, *[ROW] * 500).read_bytes()
    for share in (0.3, 0.6, 0.95):
        assert refused(written(tmp_path, whole[: int(len(whole) * share)]))


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path):  # IMP-02
    cell = '<row><c r="A1"><v>1</v></c></row>'
    path = raw_workbook(tmp_path, cell * 6_000_000)
    assert path.stat().st_size < 1_000_000
    started = time.process_time()
    assert "far larger" in refused(path)
    assert time.process_time() - started < 0.2


def test_sizes_that_lie_are_counted(tmp_path, monkeypatch):  # IMP-03
    path = raw_workbook(tmp_path, "<row>" + " " * 9_000_000 + "</row>")
    content = path.read_bytes()
    with zipfile.ZipFile(path) as archive:
        size = archive.getinfo("xl/worksheets/sheet1.xml").file_size
    lying = content.replace(size.to_bytes(4, "little"), (4000).to_bytes(4, "little"))
    assert lying != content
    assert refused(written(tmp_path, lying))
    monkeypatch.setattr("certifications.sheets.guard.MAX_UNPACKED", 5_000_000)
    monkeypatch.setattr("certifications.sheets.guard.RATIO_FROM", 10**12)
    assert "far larger" in refused(raw_workbook(tmp_path, line(1, "a" * 6_000_000)))


@pytest.mark.parametrize(
    "cell",
    [
        '<c r="XFD1048576"><v>1</v></c>',
        '<c r="NTP1"><v>1</v></c>',
        '<c r="A9999999"><v>1</v></c>',
        '<c r="Z1048000"><v>1</v></c>',
    ],
)
def test_a_far_cell_does_not_make_a_huge_sheet(tmp_path, cell):  # IMP-04
    assert refused(raw_workbook(tmp_path, f'<row><c r="A1"><v>1</v></c></row><row>{cell}</row>'))


def test_entities_are_refused(tmp_path):  # IMP-05, IMP-06
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    outside = f'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]><sst {"x"}><si><t>&a;</t></si></sst>'
    assert "definitions" in refused(raw_workbook(tmp_path, line(1, "a"), parts=[("xl/styles.xml", bomb + "<x>&b;</x>")]))
    assert "definitions" in refused(raw_workbook(tmp_path, line(1, "a"), parts=[("xl/theme/theme1.xml", outside)]))
    hidden = "<?xml version='1.0' encoding='utf-16'?>" + outside
    assert refused(raw_workbook(tmp_path, line(1, "a"), parts=[("xl/theme/theme1.xml", hidden.encode("utf-16"))]))
    late = "<x><!-- " + "a" * (1 << 20) + " -->" + outside + "</x>"
    assert "definitions" in refused(raw_workbook(tmp_path, line(1, "a"), parts=[("docProps/app.xml", late)]))


def test_entries_outside_double_or_countless_are_refused(tmp_path):  # IMP-07
    for name in ("../../evil.xml", "/etc/evil.xml", "xl\\..\\evil.xml", "C:evil.xml"):
        assert "outside" in refused(raw_workbook(tmp_path, line(1, "a"), parts=[(name, "<x/>")]))
    with pytest.warns(UserWarning, match="Duplicate"):
        path = raw_workbook(tmp_path, line(1, "a"), parts=[("xl/workbook.xml", PARTS["xl/workbook.xml"])])
    assert "parts" in refused(path)
    assert "parts" in refused(raw_workbook(tmp_path, line(1, "a"), parts=[(f"xl/a{n}.txt", "") for n in range(1_200)]))


def test_macros_are_refused(tmp_path):
    assert "macros" in refused(raw_workbook(tmp_path, line(1, "a"), parts=[("xl/vbaProject.bin", "x")]))


def test_one_text_many_times_is_counted_each_time(tmp_path):
    """A reader copies a shared text for every cell: 60 KB would become gigabytes."""
    cells = "".join(f'<row r="{n}"><c r="A{n}" t="s"><v>0</v></c></row>' for n in range(1, 30_001))
    path = raw_workbook(tmp_path, cells, strings=f"<si><t>{'长' * 32_000}</t></si>")
    assert path.stat().st_size < 300_000
    assert "too large" in refused(path)


def test_a_text_that_is_not_there_is_named(tmp_path):  # IMP-08
    assert "does not hold" in refused(
        raw_workbook(tmp_path, '<row r="1"><c r="A1" t="s"><v>7</v></c></row>', strings="<si><t>a</t></si>")
    )


@pytest.mark.parametrize(
    ("cell", "rows"),
    [
        ('s="999"><v>1', [[1, 1.0]]),
        ('t="d"><v>9999-99-99', [[1, "9999-99-99"]]),
        ("><v>1e400", [[1, float("inf")]]),
        ('t="e"><v>#REF!', [[1, "#REF!"]]),
        ('t="x"><v>1', None),
    ],
)
def test_odd_cells_are_kept_for_a_named_error(tmp_path, cell, rows):  # IMP-08, IMP-11
    path = raw_workbook(tmp_path, f'<row r="1"><c r="A1" {cell}</v></c></row>')
    assert read(path) == rows if rows else refused(path)


def test_a_formula_without_its_result_is_named(tmp_path):  # IMP-11
    assert "formulas" in refused(raw_workbook(tmp_path, '<row r="1"><c r="A1"><f>1+1</f></c></row>'))
    assert read(raw_workbook(tmp_path, '<row r="1"><c r="A1"><f>1+1</f><v>2</v></c></row>')) == [[1, 2.0]]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_text_is_read_in_the_encodings_that_excel_and_wps_write(tmp_path, encoding, separator):  # IMP-12
    rows = read(csv_file(tmp_path, ROW, encoding=encoding, separator=separator))
    assert rows == [[1, *HEADS], [2, *ROW]]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b'a,b\n1,"2\n3,4\n', "quotation"),
        (b"a,b\n1," + b"x" * 10_000_000, "longer"),
        (b'a,b\n1,"' + b"x\n" * 400_000 + b'"\n', "quotation"),
        (b"a,b\n1,\0\n", "NUL"),
        (b"a,b\n1,\xff\xff\xff\n", "encoding"),
        (",".join(map(str, range(1_000_000))).encode(), "longer"),
        (b"," * 600 + b"\n", "columns"),
        ("a,b\n1,炘隆".encode("utf-16")[:-1], "encoding"),
    ],
    ids=[
        "open quotation",
        "10 MB field",
        "open field",
        "NUL",
        "no encoding",
        "a million columns",
        "600 columns",
        "half a character",
    ],
)
def test_text_that_is_no_sheet_is_named(tmp_path, content, words):  # IMP-12
    assert words in refused(written(tmp_path, content, "sheet.csv"))


def test_lone_carriage_returns_end_lines(tmp_path):  # IMP-12
    assert read(written(tmp_path, b"a,b\r1,2\r3,4", "sheet.csv")) == [[1, "a", "b"], [2, "1", "2"], [3, "3", "4"]]


def test_an_empty_sheet_is_named(tmp_path):
    for path in (raw_workbook(tmp_path, ""), written(tmp_path, b"\n\n", "sheet.csv")):
        with pytest.raises(SheetError, match="empty"), SheetFile(path) as sheet:
            find_heads(sheet.first_rows(), {})


def test_merged_cells_count_for_every_row_that_they_span(tmp_path):  # IMP-11
    path = raw_workbook(tmp_path, line(1, "公司", "类型") + line(2, "甲", "a") + line(3, "", "b") + line(4, "乙", "c"))
    with zipfile.ZipFile(path) as whole:
        sheet = whole.read("xl/worksheets/sheet1.xml").decode()
    merged = sheet.replace("</sheetData>", '</sheetData><mergeCells count="1"><mergeCell ref="A2:A3"/></mergeCells>')
    path = raw_workbook(tmp_path, "", parts=())
    with zipfile.ZipFile(path) as whole, zipfile.ZipFile(tmp_path / "merged.xlsx", "w") as new:
        for entry in whole.infolist():
            new.writestr(entry, merged if entry.filename.endswith("sheet1.xml") else whole.read(entry))
    assert read(tmp_path / "merged.xlsx")[2] == [3, "甲", "b"]


def test_hostile_files_take_little_memory(tmp_path):
    """The whole process that refuses stays below 100 MB."""
    bombs = [raw_workbook(tmp_path, '<row><c r="A1"><v>1</v></c></row>' * 3_000_000, name="bomb.xlsx")]
    bombs.append(raw_workbook(tmp_path, '<row><c r="XFD1048576"><v>1</v></c></row>', name="far.xlsx"))
    code = (
        "import sys; from pathlib import Path; from django.conf import settings; settings.configure(USE_I18N=False);"
        "from certifications.sheets import guard\n"
        "for name in sys.argv[1:]:\n"
        "    try: guard.kind_of(Path(name)); raise SystemExit('taken')\n"
        "    except guard.SheetError: pass\n"
        "print(next(l.split()[1] for l in open('/proc/self/status') if l.startswith('VmHWM')))"
    )
    done = subprocess.run([sys.executable, "-c", code, *map(str, bombs)], cwd=ROOT, capture_output=True, text=True, check=True)
    assert int(done.stdout) < 100_000


def test_a_sound_workbook_is_one(tmp_path):
    assert kind_of(workbook(tmp_path, ROW)).is_workbook
