"""The heads of a sheet: known by their words wherever they stand, named where they are missing, overruled by a person."""

import pytest

from certifications.models import VerificationStatement
from certifications.sheets.guard import SheetError
from certifications.sheets.heads import HeadsError, field_of, find_heads
from tests.sheets import HEADS, ROW, bring, counted, csv_file

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english_words")]


@pytest.mark.parametrize(
    ("head", "name"),
    [
        ("企业名称", "company"),
        (" 企业名称 * ", "company"),
        ("\ufeff企业名称：", "company"),
        ("Company Name", "company"),
        ("发证/核查机构", "verification_body"),
        ("排放量（tCO₂e）", "emissions_tco2e"),
        ("排放量(吨CO2当量)", "emissions_tco2e"),
        ("排放量（万吨）", ""),
        ("碳足迹(kgCO₂e)", "footprint_kgco2e"),
        ("产品名称", "products"),
        ("is_staff", ""),
        ("id", ""),
        ("owner", ""),
        ("status", ""),
    ],
)
def test_heads_are_known_by_their_words(head, name):  # IMP-10, IMP-16
    assert field_of(head) == name


def test_heads_in_any_order_below_a_title(tmp_path):  # IMP-10
    heads = tuple(reversed(HEADS))
    path = csv_file(tmp_path, ["2026 年台账"], heads, tuple(reversed(ROW)), heads=["某某公司证书台账", "", ""])
    assert counted(bring(path)) == {"new": 1}
    assert VerificationStatement.objects.get().certificate_number == "PCF-0001"


def test_a_word_of_ours_in_a_row_of_data_makes_it_no_head():
    rows = [[1, "台账"], [2, "持有者全称", "证书大类", "哪家发的"], [3, "甲有限公司", "产品碳足迹", "SGS"]]
    assert find_heads(rows, {}).row == 2


def test_heads_that_are_missing_or_doubled_are_named(tmp_path):  # IMP-10
    with pytest.raises(HeadsError, match="Statement type"):
        bring(csv_file(tmp_path, ROW, heads=("企业名称", *["x"] * 7)))
    with pytest.raises(HeadsError, match="Several columns"):
        bring(csv_file(tmp_path, ROW, heads=("企业名称", "公司", *HEADS[2:])))


def test_unknown_heads_are_told_and_left_out(tmp_path):  # IMP-16
    heads = (*HEADS, "is_staff", "id", "deleted_at", "register_status")
    outcome = bring(csv_file(tmp_path, (*ROW, "1", "5", "2020-01-01", "revoked"), heads=heads))
    assert outcome.heads.unknown == ["is_staff", "id", "deleted_at", "register_status"]
    assert VerificationStatement.objects.get().register_status == "unknown"


def test_what_a_person_says_of_a_head_wins(tmp_path):
    path = csv_file(tmp_path, ROW, heads=("谁", *HEADS[1:]))
    with pytest.raises(HeadsError):
        bring(path)
    assert counted(bring(path, meanings={"谁": "company", "产品名称": "-"})) == {"new": 1}
    assert not VerificationStatement.objects.get().products.exists()
    assert find_heads([[1, "谁", "企业名称"]], {"谁": "company", "企业名称": "-"}).fields == ["company", ""]


def test_a_sheet_with_heads_alone_is_named(tmp_path):
    with pytest.raises(SheetError, match="no row below"):
        bring(csv_file(tmp_path))
