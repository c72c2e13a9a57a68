"""Cells that a spreadsheet program shows otherwise than it keeps them: their value comes in, or an error names it (IMP-11)."""

import datetime as dt

import pytest

from certifications.models import VerificationStatement
from tests import factory
from tests.sheets import HEADS, MAIN, PARTS, ROW, bring, counted, errors, line, raw_workbook

pytestmark = [pytest.mark.django_db, pytest.mark.any_engine]

FIELDS = (*HEADS, "排放量")
DATE, PERCENT = 1, 2
# Style 1 is a date, 2 a percentage.
STYLES = (
    f'<styleSheet {MAIN}><cellXfs count="3"><xf numFmtId="0"/><xf numFmtId="14" applyNumberFormat="1"/>'
    '<xf numFmtId="10" applyNumberFormat="1"/></cellXfs></styleSheet>'
)
FROM_1904 = PARTS["xl/workbook.xml"].replace("<sheets>", '<workbookPr date1904="1"/><sheets>')
JANUARY = (dt.date(2026, 1, 5) - dt.date(1899, 12, 30)).days


def cell(head, content, attributes="", number=2):
    return f'<c r="{chr(65 + FIELDS.index(head))}{number}" {attributes}>{content}</c>'


def row(number=2, attributes="", **changes):
    """A sound row with some cells given as XML, by their head."""
    texts = dict(zip(HEADS, ROW, strict=True))
    texts["证书编号"] = f"PCF-{number}"
    made = {head: cell(head, f"<is><t>{text}</t></is>", 't="inlineStr"', number) for head, text in texts.items()}
    made |= changes
    return f'<row r="{number}" {attributes}>{"".join(made[head] for head in FIELDS if head in made)}</row>'


def brought(folder, *rows, book=PARTS["xl/workbook.xml"]):
    entries = {"xl/workbook.xml": book, "xl/styles.xml": STYLES}
    return bring(raw_workbook(folder, line(1, *FIELDS) + "".join(rows), **entries))


def only():
    return VerificationStatement.objects.get()


def test_rows_that_are_hidden_come_in_like_the_others(english_words, tmp_path):
    """Somebody filtered the sheet before sending it: what is not seen is not lost."""
    outcome = brought(tmp_path, row(), row(3, 'hidden="1"'), row(4, 'hidden="1" ht="0" customHeight="1"'))
    assert counted(outcome) == {"new": 3}
    assert set(VerificationStatement.objects.values_list("certificate_number", flat=True)) == {"PCF-2", "PCF-3", "PCF-4"}


def test_a_percentage_is_the_number_that_the_cell_holds(english_words, tmp_path):
    outcome = brought(tmp_path, row(排放量=cell("排放量", "<v>0.125</v>", f's="{PERCENT}"')))
    assert counted(outcome) == {"new": 1}
    assert str(only().emissions_tco2e.normalize()) == "0.125"
    text = row(3, 排放量=cell("排放量", "<is><t>12.5%</t></is>", 't="inlineStr"', 3))
    ((number, field, words),) = errors(brought(tmp_path, text))
    assert (number, field) == (3, "emissions_tco2e")
    assert "12.5%" in words


@pytest.mark.parametrize(
    ("book", "days"), [(PARTS["xl/workbook.xml"], JANUARY), (FROM_1904, JANUARY - 1462)], ids=["1900", "1904"]
)
def test_a_date_counts_from_the_beginning_of_its_workbook(english_words, tmp_path, book, days):
    outcome = brought(tmp_path, row(签发日期=cell("签发日期", f"<v>{days}</v>", f's="{DATE}"')), book=book)
    assert counted(outcome) == {"new": 1}
    assert only().issued_on == dt.date(2026, 1, 5)


def test_a_bare_number_is_a_day_of_1900_and_of_1904_an_error(english_words, tmp_path):
    bare = row(签发日期=cell("签发日期", f"<v>{JANUARY}</v>"))
    assert counted(brought(tmp_path, bare)) == {"new": 1}
    assert only().issued_on == dt.date(2026, 1, 5)
    VerificationStatement.products.through.objects.all().delete()
    VerificationStatement.objects.all().delete()
    ((_number, field, words),) = errors(brought(tmp_path, bare, book=FROM_1904))
    assert field == "issued_on"
    assert "bare number" in words


@pytest.mark.parametrize("text", ["#REF!", "#N/A", "#VALUE!", "#DIV/0!", "#NAME?"])
@pytest.mark.parametrize("head", ["证书编号", "签发日期", "排放量", "企业名称"])
def test_an_error_of_a_formula_is_named_and_nothing_is_written(english_words, tmp_path, head, text):
    outcome = brought(tmp_path, row(**{head: cell(head, f"<f>A1</f><v>{text}</v>", 't="e"')}))
    assert any(text in words for _row, _field, words in errors(outcome)), outcome.findings.lines
    assert not VerificationStatement.objects.exists()


def test_no_formula_is_ever_stored_as_a_value(english_words, tmp_path):
    """Its result comes in; a text that only looks like one is kept as it stands, as people type numbers so."""
    result = cell("证书编号", '<f>"PCF-"&amp;7</f><v>PCF-7</v>', 't="str"')
    assert counted(brought(tmp_path, row(证书编号=result))) == {"new": 1}
    assert only().certificate_number == "PCF-7"
    factory.company()  # others' records stay apart
    for value in VerificationStatement.objects.values_list("certificate_number", "summary", "tier"):
        assert not any(str(text).startswith("=") for text in value)
