"""Whatever text a record can hold, its files open again and say it, or what stands for it (EXP-06; trust.md 8: 7 of 7 kinds)."""

import csv
import datetime as dt
import io
import json

import pytest
from django.db import DataError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from certifications.models import VerificationStatement
from tanxun.listing import workbook
from tanxun.listing.export import UNWRITABLE
from tests import factory as f
from tests.effort import examples
from tests.test_export_files import csv_rows, label, manager, workbook_of  # noqa: F401 - a fixture

pytestmark = pytest.mark.django_db
LONG = "长" * 40_000
DAY = dt.datetime(2026, 1, 16, 23, 30, tzinfo=dt.UTC)
KINDS = {
    "a vertical tab": "a\x0bb",
    "NUL": "a\0b",
    "U+FFFE": "a\ufffeb",
    "half a surrogate": "a\ud800b",
    "40,000 characters": LONG,
    "an aware moment": str(DAY),
    "a dict": json.dumps({"a": [1, None, "=x"]}, ensure_ascii=False),
}
NEVER_STORED = {"NUL": ("postgresql",), "half a surrogate": ("postgresql", "sqlite")}


def keeps(text):
    """Stores it past every form, as a program could; whether the database takes it at all."""
    try:
        with transaction.atomic():
            VerificationStatement.objects.update(summary=text)
    except (ValueError, DataError):
        return False
    return True


def written(text, most=None):
    """What stands in a file for it."""
    clean = UNWRITABLE.sub("\ufffd", text)
    return clean if most is None or len(clean) <= most else f"{clean[: most - 1]}…"


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_of_any_storable_text_opens_again(manager, kind):  # noqa: F811 - EXP-06
    """Seven of seven kinds. What no database takes cannot stand in a file: that it takes none is tried, too."""
    text, head = KINDS[kind], label("statements", "summary")
    f.statement(summary="x")
    assert keeps(text) == (connection.vendor not in NEVER_STORED.get(kind, ()))
    text = VerificationStatement.objects.get().summary
    assert csv_rows(manager, "/statements.csv?columns=summary")[0][head] == written(text)
    rows, about = workbook_of(manager, "/statements.xlsx?columns=summary")
    assert rows[0][head] == written(text, workbook.MAX_CELL)
    said = " ".join(map(str, about.values()))
    assert ("U+FFFD" in said) == (written(text) != text)
    assert ("32,767" in said) == (len(text) > workbook.MAX_CELL)
    (line,) = b"".join(manager.get("/statements.jsonl").streaming_content).decode().splitlines()
    assert json.loads(line)["summary"] == text


def test_moments_days_and_lists_are_written_as_people_read_them(manager):  # noqa: F811 - EXP-06
    """An aware moment in local time, a list as its words, never as a Python value."""
    company = f.company()
    f.statement(company=company, categories=[1, 2], products=[f.product(company, "甲"), f.product(company, "乙")])
    row = csv_rows(manager, "/statements.csv?columns=all")[0]
    assert not [cell for cell in row.values() if cell.startswith(("[", "{", "datetime", "None")) or "+00:00" in cell]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("django.utils.timezone.now", lambda: DAY)
        said = workbook_of(manager, "/statements.xlsx")[1]
    assert "2026-01-17 07:30 +0800" in map(str, said.values())


@settings(max_examples=examples(20, 1000), deadline=None, suppress_health_check=list(HealthCheck))
@given(st.text(st.characters(), max_size=60))
def test_any_drawn_text_opens_again(text):
    """EXP-06, at the writers: whatever characters, a workbook that opens, with what `fitting` says of it."""
    file = io.BytesIO()
    about = workbook.About("li", DAY, "")
    cell = workbook.fitting(text, about)
    workbook.write_worksheets([("a", iter([{"t": cell or None, "n": "x"}]))], file)
    file.seek(0)
    head, row = CalamineWorkbook.from_filelike(file).get_sheet_by_index(0).to_python()
    assert head == ["t", "n"]
    assert row[0].replace("\r\n", "\n").replace("\r", "\n") == cell.replace("\r\n", "\n").replace("\r", "\n")
    assert about.replaced == len(UNWRITABLE.findall(text))
    line = io.StringIO()
    csv.writer(line).writerow([cell])
    assert next(csv.reader(io.StringIO(line.getvalue(), newline=""))) == [cell]
