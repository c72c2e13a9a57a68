"""`manage.py export`: the rows of the page as a file, from the terminal."""

import io

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from python_calamine import CalamineWorkbook

from tests import factory as f

pytestmark = pytest.mark.django_db


def test_it_writes_csv_to_standard_output(capfdbinary):
    f.statement(company=f.company("苏州样例"))
    call_command("export", "statements", filter="?q=样例")
    text = capfdbinary.readouterr().out
    assert text.startswith(b"\xef\xbb\xbf")
    assert "苏州样例" in text.decode()


def test_the_ending_of_the_file_decides_the_format(tmp_path):
    f.statement(company=f.company("苏州样例"))
    file = tmp_path / "list.xlsx"
    call_command("export", "statements", output=str(file))
    book = CalamineWorkbook.from_filelike(io.BytesIO(file.read_bytes()))
    assert book.get_sheet_by_index(0).to_python()[1][0] == "苏州样例"
    assert "manage.py export" in str(book.get_sheet_by_index(1).to_python())


def test_headers_follow_only_the_language_asked_for(tmp_path, monkeypatch):
    f.statement()
    files = [tmp_path / name for name in ("site.csv", "terminal.csv", "asked.csv")]
    call_command("export", "statements", output=str(files[0]))
    monkeypatch.setenv("LANG", "en_US.UTF-8")
    call_command("export", "statements", output=str(files[1]))
    call_command("export", "statements", output=str(files[2]), lang="en")
    assert files[0].read_bytes() == files[1].read_bytes()
    assert "GHG verification" in files[2].read_text("utf-8-sig")


def test_an_invalid_filter_is_a_data_error_with_one_line_a_field():
    with pytest.raises(CommandError) as error:
        call_command("export", "statements", filter="period=x&nonsense=1")
    assert error.value.returncode == 1
    assert [line.split(":")[0] for line in str(error.value).splitlines()] == ["period", "nonsense"]


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_a_terminal_is_shown_how_far_it_is_and_a_log_is_not(tmp_path):
    for _number in range(3):
        f.statement()
    for ending in ("csv", "xlsx"):
        shown, log = Terminal(), io.StringIO()
        call_command("export", "statements", output=str(tmp_path / f"list.{ending}"), stderr=shown)
        call_command("export", "statements", output=str(tmp_path / f"list.{ending}"), stderr=log)
        assert "100% 3/3" in shown.getvalue()
        assert log.getvalue() == ""
    assert sorted(file.name for file in tmp_path.iterdir()) == ["list.csv", "list.xlsx"]


def test_a_layout_is_a_workbook_of_its_list(tmp_path):
    f.statement(company=f.company("苏州样例"))
    file = tmp_path / "customers.xlsx"
    call_command("export", "companies", layout="customers", output=str(file))
    assert "苏州样例" in str(CalamineWorkbook.from_path(str(file)).get_sheet_by_index(0).to_python())
    for page, layout, options in (("policies", "customers", {}), ("companies", "customers", {"format": "csv"})):
        with pytest.raises(CommandError) as error:
            call_command("export", page, layout=layout, output=str(file), **options)
        assert error.value.returncode == 2


def test_an_unknown_page_is_misuse():
    with pytest.raises(CommandError) as error:
        call_command("export", "nonsense")
    assert error.value.returncode == 2
    assert "statements" in str(error.value)


def test_a_file_that_cannot_be_written_is_one_line(tmp_path):
    with pytest.raises(CommandError) as error:
        call_command("export", "statements", output=str(tmp_path / "missing" / "list.csv"))
    assert error.value.returncode == 1
    assert "\n" not in str(error.value)
