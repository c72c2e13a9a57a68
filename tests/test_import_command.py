"""`manage.py import_statements`: reports, brings in, fails by name."""

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from certifications.models import VerificationStatement
from tests import factory
from tests.sheets import HEADS, ROW, csv_file, row, workbook

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english_words")]


def test_the_command_reports_and_brings_in(tmp_path, capsys):
    factory.superuser()
    path = workbook(tmp_path, ROW, row(company="乙有限公司", number="2", body="某机构"))
    call_command("import_statements", str(path), "--dry-run", "--lang", "en", "--report", str(tmp_path / "report.xlsx"))
    assert not VerificationStatement.objects.exists()
    said = capsys.readouterr().out
    assert "new: 2" in said
    assert "New body, to be confirmed: 某机构" in said
    assert (tmp_path / "report.xlsx").stat().st_size > 1_000
    call_command("import_statements", str(path), "--lang", "en")
    assert VerificationStatement.objects.count() == 2
    assert VerificationStatement.objects.first().history.get().history_user.username == "root"
    assert VerificationStatement.objects.search("样例电子").count() == 1


def test_the_command_fails_by_name(tmp_path):
    factory.superuser()
    bad = csv_file(tmp_path, row(kind="无此类型"))
    with pytest.raises(CommandError, match="nothing was written") as caught:
        call_command("import_statements", str(bad), "--lang", "en")
    assert caught.value.returncode == 1
    with pytest.raises(CommandError, match="no user") as caught:
        call_command("import_statements", str(bad), "--lang", "en", "--as", "nobody")
    assert caught.value.returncode == 2
    with pytest.raises(CommandError, match="no field"):
        call_command("import_statements", str(bad), "--lang", "en", "--map", "企业名称=password")
    with pytest.raises(CommandError, match="No such file"):
        call_command("import_statements", str(tmp_path / "none.csv"), "--lang", "en")


def test_the_command_maps_heads(tmp_path):
    factory.superuser()
    path = csv_file(tmp_path, ROW, heads=("谁", *HEADS[1:]))
    call_command("import_statements", str(path), "--map", "谁=company，产品名称=-", "--partial")
    assert VerificationStatement.objects.get().company.name == ROW[0]


def test_a_large_sheet_on_sqlite_asks_for_offline(tmp_path, monkeypatch):
    factory.superuser()
    monkeypatch.setattr("certifications.sheets.intake.MOST_ON_SQLITE", 1)
    path = csv_file(tmp_path, ROW, row(number="2"))
    if connection.vendor == "sqlite":
        with pytest.raises(CommandError, match="offline") as caught:
            call_command("import_statements", str(path), "--lang", "en")
        assert caught.value.returncode == 2
    call_command("import_statements", str(path), "--lang", "en", "--offline")
    assert VerificationStatement.objects.count() == 2


def test_many_new_rows_among_many_statements_ask_for_offline(tmp_path, monkeypatch):
    factory.superuser()
    monkeypatch.setattr("certifications.sheets.intake.MOST_INTO_MANY", 1)
    monkeypatch.setattr("certifications.sheets.intake.MANY_STORED", 0)
    call_command("import_statements", str(csv_file(tmp_path, ROW)), "--lang", "en")
    path = csv_file(tmp_path, ROW, row(number="2"), row(number="3"))
    if connection.vendor == "sqlite":
        with pytest.raises(CommandError, match="2 rows would be written") as caught:
            call_command("import_statements", str(path), "--lang", "en")
        assert "--offline" in str(caught.value)
        assert VerificationStatement.objects.count() == 1
    call_command("import_statements", str(path), "--lang", "en", "--offline")
    assert VerificationStatement.objects.count() == 3
