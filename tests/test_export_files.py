"""Files that leave the site: types kept, no formula runs (CWE-1236), and each says what it is."""

import csv
import datetime as dt
import io
import zipfile
from decimal import Decimal
from urllib.parse import unquote

import pytest
import time_machine
from django.conf import settings
from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from tanxun.listing import export, workbook
from tanxun.listing.page import find
from tests import factory as f

pytestmark = pytest.mark.django_db

FORMULAS = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    " =1",
    "\n=1",
    '"=1',
    "'=1",
    "＝1",
    "＋1",
    "－1",
    "＠x",
    "\u200b=1",
    "\ufeff@x",
]


@pytest.fixture
def manager(client):
    client.force_login(f.user("manager", username="li", display_name="李经理"))
    return client


def csv_rows(client, address):
    text = b"".join(client.get(address).streaming_content).decode("utf-8-sig")
    head, *rows = csv.reader(io.StringIO(text, newline=""))
    return [dict(zip(head, row, strict=True)) for row in rows]


def workbook_of(client, address):
    book = CalamineWorkbook.from_filelike(io.BytesIO(client.get(address).content))
    head, *rows = book.get_sheet_by_index(0).to_python()
    about = dict(book.get_sheet_by_index(1).to_python()[1:])
    return [dict(zip(head, row, strict=True)) for row in rows], about


def label(slug, key):
    """The head of a column in the language of files."""
    page = find(slug)
    return export.heads(page.rows(QueryDict()))[[column.key for column in page.all_columns].index(key)]


@pytest.mark.parametrize("text", FORMULAS)
def test_no_text_runs_as_a_formula(manager, text):  # EXP-01
    f.statement(tier=text)
    value = csv_rows(manager, "/statements.csv")[0][label("statements", "tier")]
    assert value == f"'{text}"
    response = manager.get("/statements.xlsx")
    sheet = zipfile.ZipFile(io.BytesIO(response.content)).read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet
    assert text.strip() in sheet.replace("&quot;", '"').replace("_x000D_", "\r").replace("&#39;", "'")


@given(st.text(alphabet=st.sampled_from(" \t\r\n\"'=+-@＝＋－＠a1\x00\u3000"), max_size=6))
def test_guarded_text_never_begins_like_a_formula(text):  # EXP-01
    bare = export.guarded(text).lstrip(" \n\"'\u3000")
    assert export.guarded(text).startswith("'") or not bare.startswith(tuple("=+-@\t\r\x00＝＋－＠"))


def test_harmless_text_stays_as_it_is():
    for text in ("碳衡科技", "TW23/00193GG", "3-5 号", "a=b", "产品（甲）", ""):
        assert export.guarded(text) == text


def test_types_are_kept(manager):
    company = f.company(credit_code="91320583MA1XY2345T")
    f.statement(company=company, issued_on=dt.date(2026, 1, 5), certificate_number="00012345", emissions_tco2e="-12.5000")
    row = csv_rows(manager, "/statements.csv")[0]
    assert row[label("statements", "emissions")] == "-12.5"
    assert row[label("statements", "issued_on")] == "2026-01-05"
    row = workbook_of(manager, "/statements.xlsx")[0][0]
    assert row[label("statements", "issued_on")] == dt.date(2026, 1, 5)
    assert row[label("statements", "certificate_number")] == "00012345"
    assert row[label("statements", "credit_code")] == "91320583MA1XY2345T"
    assert row[label("statements", "emissions")] == -12.5


def test_the_first_row_does_not_decide_the_type_of_a_column(manager):
    f.statement(issued_on=dt.date(2026, 3, 1))
    f.statement(emissions_tco2e="3.5", valid_until=dt.date(2027, 1, 1), certificate_number="0007", source_on=dt.date(2026, 1, 1))
    first, second = workbook_of(manager, "/statements.xlsx")[0]
    assert first[label("statements", "emissions")] == ""
    assert second[label("statements", "emissions")] == 3.5
    assert second[label("statements", "valid_until")] == dt.date(2027, 1, 1)
    assert second[label("statements", "certificate_number")] == "0007"


def test_csv_is_what_excel_opens_in_chinese(manager):  # EXP-19
    f.statement(company=f.company("苏州样例"))
    response = manager.get("/statements.csv")
    text = b"".join(response.streaming_content)
    assert text.startswith(b"\xef\xbb\xbf")
    assert text.count(b"\r\n") == text.count(b"\n") == 2
    assert "苏州样例" in text.decode()
    assert all(part.startswith('"') for part in text.decode("utf-8-sig").split("\r\n") if part)


def test_unknown_is_empty_and_undisclosed_is_said(manager):
    f.statement(verification_body=None, is_body_undisclosed=True)
    row = csv_rows(manager, "/statements.csv")[0]
    assert row[label("statements", "body")] not in ("", "None")
    assert (
        row[label("statements", "region")] == row[label("statements", "emissions")] == row[label("statements", "products")] == ""
    )
    assert "None" not in row.values()


def test_words_are_in_the_language_of_the_site_whatever_the_visitor_reads(manager):
    f.statement()
    chinese = b"".join(manager.get("/statements.csv").streaming_content)
    manager.cookies["django_language"] = "en"
    assert b"".join(manager.get("/statements.csv").streaming_content) == chinese
    assert "温室气体核查" in chinese.decode()


def test_what_a_workbook_cannot_hold_is_replaced_cut_and_said(manager):  # EXP-06
    f.statement(tier="a\x0bb\ufffec", summary="长" * 40_000)
    rows, about = workbook_of(manager, "/statements.xlsx")
    assert rows[0][label("statements", "tier")] == "a\ufffdb\ufffdc"
    assert len(rows[0][label("statements", "summary")]) == 32_767
    assert rows[0][label("statements", "summary")].endswith("…")
    said = [str(text) for text in about.values()]
    assert any(text.startswith("2") and "U+FFFD" in text for text in said)
    assert any(text.startswith("1") and "32,767" in text for text in said)


@time_machine.travel("2026-01-16T09:30:00+08:00", tick=False)
def test_the_second_sheet_says_what_the_file_is(manager):
    f.statement()
    f.statement(statement_type=f.statement_type("carbon_label"))
    rows, about = workbook_of(manager, "/statements.xlsx?type=ghg_verification")
    said = [str(text) for text in about.values()]
    assert len(rows) == 1
    assert "温室气体核查" in said
    assert "李经理" in said
    assert "1" in said
    assert "2026-01-16 09:30 +0800" in said
    assert f"{settings.SITE_URL}/statements/?type=ghg_verification" in said


@time_machine.travel("2026-01-16T09:30:00+08:00", tick=False)
def test_the_file_name_has_title_and_date(manager, monkeypatch):  # EXP-16
    monkeypatch.setattr(type(find("statements")), "title", '声明"甲"\r\n/乙')
    name = manager.get("/statements.csv")["Content-Disposition"]
    assert name.startswith("attachment; filename*=utf-8''")
    assert unquote(name.split("''")[1]) == "声明-甲-乙-2026-01-16.csv"


def test_the_sheet_is_frozen_filtered_and_wide_enough(manager):
    f.statement()
    sheet = zipfile.ZipFile(io.BytesIO(manager.get("/statements.xlsx").content)).read("xl/worksheets/sheet1.xml").decode()
    assert 'state="frozen"' in sheet
    assert "<autoFilter" in sheet
    assert "customWidth" in sheet


def test_what_one_sheet_cannot_hold_goes_on_in_the_next(manager, monkeypatch):
    monkeypatch.setattr(workbook, "SHEET_ROWS", 2)
    for number in range(5):
        f.statement(certificate_number=f"00{number}", source_on=dt.date(2026, 1, 16 - number))
    book = CalamineWorkbook.from_filelike(io.BytesIO(manager.get("/statements.xlsx?columns=certificate_number").content))
    title = str(find("statements").title)
    sheets = [book.get_sheet_by_name(name).to_python() for name in (title, f"{title} 2", f"{title} 3")]
    assert len(book.sheet_names) == 4
    assert [[row[0] for row in rows[1:]] for rows in sheets] == [["000", "001"], ["002", "003"], ["004"]]
    assert all(rows[0] == sheets[0][0] for rows in sheets)


def test_what_a_spreadsheet_cannot_hold_as_a_date_or_number_is_exact_text(manager):  # EXP-06
    f.statement(issued_on=dt.date(1899, 12, 31), period_start=dt.date(1900, 1, 1))
    f.policy(issued_on=dt.date(1066, 10, 14))
    row = workbook_of(manager, "/statements.xlsx")[0][0]
    assert row[label("statements", "issued_on")] == "1899-12-31"
    assert workbook_of(manager, "/policies.xlsx")[0][0][label("policies", "issued_on")] == "1066-10-14"
    ignored = workbook.About("li", dt.datetime.now(dt.UTC), "")
    assert list(workbook._figures([Decimal("1234567890123456.5"), Decimal("12.5000"), 7], ignored)) == [
        "1234567890123456.5",
        12.5,
        7.0,
    ]


def test_an_empty_list_is_still_a_file(manager):
    assert csv_rows(manager, "/statements.csv") == []
    book = CalamineWorkbook.from_filelike(io.BytesIO(manager.get("/statements.xlsx").content))
    assert label("statements", "company") in book.get_sheet_by_index(0).to_python()[0]


def test_an_invalid_filter_never_exports_the_whole_table(manager):  # EXP-05
    f.statement()
    for ending in ("csv", "xlsx"):
        response = manager.get(f"/statements.{ending}?typ=ghg_verification")
        assert response.status_code == 400
        assert response.json().keys() == {"typ"}


def test_rows_are_streamed_with_few_queries(manager, django_assert_max_num_queries):
    company = f.company()
    for _number in range(30):
        f.statement(company=company, products=[f.product(company, f"产品{_number}")])
    with django_assert_max_num_queries(6):
        assert len(csv_rows(manager, "/statements.csv")) == 30
