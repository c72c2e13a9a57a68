"""A real spreadsheet program opens what we write: no formula runs, Chinese is right, codes stay text (EXP-02)."""

import csv
import datetime as dt
import subprocess

import pytest
from django.http import QueryDict
from django.utils import timezone

from tanxun.listing.files import order
from tanxun.listing.page import find
from tests import factory

pytestmark = [pytest.mark.django_db, pytest.mark.program("soffice")]

DANGEROUS = ["=1+1", "+1+1", "-1+1", "@SUM(1;1)", "＝1+1", "\t=1+1", " =1+1", '"=1+1', '=HYPERLINK("http://tanxun.example";"x")']


def opened(path, tmp_path):
    """The cells of the first sheet as LibreOffice shows them after calculating."""
    profile = f"-env:UserInstallation=file://{tmp_path / 'profile'}"
    # 44,34,76: comma, double quote, UTF-8; the last fields: as shown, formulas as their results.
    target = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,1"
    command = ["soffice", profile, "--headless", "--convert-to", target, "--outdir", str(tmp_path / "out"), str(path)]
    if path.suffix == ".csv":
        command.insert(3, "--infilter=Text - txt - csv (StarCalc):44,34,76,1")
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    (made,) = (tmp_path / "out").glob("*.csv")
    with made.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(autouse=True)
def rows():
    for number, text in enumerate(DANGEROUS):
        company = factory.company(text, credit_code="911100006000300020" if number == 0 else None)
        factory.statement(company=company, certificate_number=f"00{number}", verification_body=None, is_body_undisclosed=True)


def written(ending, folder, layout=""):
    path = folder / f"list.{ending}"
    order(find("statements"), ending, QueryDict(""), layout=layout).write(path, "li")
    return path


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_no_formula_runs_and_names_stay_as_they_are(ending, tmp_path):
    shown = opened(written(ending, tmp_path), tmp_path)
    names = {row["企业"].removeprefix("'").strip() for row in shown}
    assert names == {text.strip() for text in DANGEROUS}
    assert {row["发证/核查机构"] for row in shown} == {"未披露"}


def test_a_layout_opens_with_its_days_as_days(tmp_path):
    today = timezone.localdate()
    label = factory.statement_type("carbon_label")
    factory.statement(statement_type=label, valid_until=today + dt.timedelta(days=30), company=factory.company("+甲"))
    (row,) = opened(written("xlsx", tmp_path, "due"), tmp_path)
    assert list(row.values())[:3] == [str(today + dt.timedelta(days=30)), "30", "+甲"]


def test_codes_keep_their_zeros_and_digits_in_a_sheet(tmp_path):
    shown = opened(written("xlsx", tmp_path), tmp_path)
    assert {row["证书编号"] for row in shown} == {f"00{number}" for number in range(len(DANGEROUS))}
