"""A sheet comes in: what its columns and cells mean, whose statement a row is, and that the rules are the form's."""

import datetime as dt
import random
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction

from certifications.forms import StatementEntryForm
from certifications.models import Company, CompanyName, VerificationBody, VerificationStatement
from tanxun.search import index
from tests import factory
from tests.sheets import CODE_A, CODE_B, HEADS, ROW, bring, counted, csv_file, errors, row, workbook

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english_words")]
WIDE = (*HEADS, "所在地", "行业", "标准", "核算年度", "排放量(tCO2e)", "类别", "保证等级", "咨询机构", "来源", "备注")
MORE = (
    "昆山",
    "C39",
    "ISO 14067:2018；GB/T 24067-2024",
    "2025",
    "1,234.5",
    "类别1、类别2",
    "合理保证",
    "碳衡科技",
    "https://a.example/1",
    "好",
)


def test_a_row_becomes_a_statement_with_all_that_it_says(tmp_path):
    outcome = bring(workbook(tmp_path, ROW + MORE, heads=WIDE), user=factory.user("editor").pk)
    assert counted(outcome) == {"new": 1}, errors(outcome)
    made = VerificationStatement.objects.get()
    assert (made.company.name, made.company.is_legal_name, made.statement_type.slug) == (ROW[0], True, "product_carbon_footprint")
    assert (made.verification_body.slug, made.certificate_number, made.issued_on) == ("sgs", "PCF-0001", dt.date(2026, 1, 5))
    assert (made.valid_until, made.due_on, made.dated_on) == (dt.date(2028, 1, 4), dt.date(2028, 1, 4), dt.date(2026, 1, 5))
    assert (made.period_start, made.period_end) == (dt.date(2025, 1, 1), dt.date(2025, 12, 31))
    assert (made.emissions_tco2e, made.categories, made.assurance_level) == (Decimal("1234.5"), [1, 2], "reasonable")
    assert (made.region_id, made.province_id, made.company.industry_id) == ("320583", "320000", "C39")
    assert (made.consultant.name, made.source_url, made.source_note, made.summary) == ("碳衡科技", MORE[8], "sheet.xlsx", "好")
    assert [product.name for product in made.products.all()] == ["路由器"]
    assert sorted(map(str, made.standards.all())) == ["GB/T 24067-2024", "ISO 14067:2018"]


def test_everything_that_was_written_stands_in_the_history_once(tmp_path):
    user = factory.user("editor")
    bring(workbook(tmp_path, ROW + MORE, heads=WIDE), user=user.pk)
    made = VerificationStatement.objects.get()
    entry = made.history.get()
    assert (entry.history_type, entry.history_user, entry.history_change_reason) == ("+", user, "sheet")
    assert {link.product_id for link in entry.products.all()} == set(made.products.values_list("pk", flat=True))
    assert entry.standards.count() == 2
    for kept in (made.company, made.consultant, made.products.get(), *made.standards.all()):
        assert kept.history.get().history_user == user
    for field in VerificationStatement._meta.concrete_fields:
        assert getattr(entry, field.attname) == getattr(made, field.attname), field.name


def test_what_came_in_is_found_by_search(tmp_path):
    bring(workbook(tmp_path, ROW + MORE, heads=WIDE))
    index.write_all()
    for words in ("样例电子", "PCF-0001", "路由器", "slyydz", "碳衡"):
        assert VerificationStatement.objects.search(words).count() == (0 if words == "slyydz" else 1), words
    assert Company.objects.search("苏州样例").count() == 1
    # Entries without a record are what other tests left: databases of tests are emptied past the index.
    drifted = [*index.drifted(VerificationStatement), *index.drifted(Company)]
    assert not [one for one in drifted if one[0] is not index.Drift.ORPHAN]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_the_same_sheet_again_adds_nothing(tmp_path, kind):
    rows = [ROW + MORE, row(number="", product="交换机") + MORE, row(company="乙有限公司", number="", body="") + MORE]
    rows.append((*row(company="丙有限公司", number="", product="", issued=""), *MORE))
    path = csv_file(tmp_path, *rows, heads=WIDE) if kind == "csv" else workbook(tmp_path, *rows, heads=WIDE)
    assert counted(bring(path)) == {"new": 4}
    before = {model: model.objects.count() for model in (Company, VerificationStatement, VerificationBody, CompanyName)}
    history = VerificationStatement.history.count(), Company.history.count()
    for updates in (False, True):
        assert counted(bring(path, updates=updates)) == {"same": 4}
    assert before == {model: model.objects.count() for model in before}
    assert history == (VerificationStatement.history.count(), Company.history.count())


def test_a_dry_run_writes_nothing(tmp_path):
    outcome = bring(workbook(tmp_path, ROW + MORE, row(body="新机构") + MORE, heads=WIDE), writes=False)
    assert (counted(outcome), outcome.moment, outcome.made_bodies, outcome.new_companies) == ({"new": 2}, None, ["新机构"], 2)
    assert not VerificationStatement.objects.exists()
    assert not Company.objects.exists()
    assert not VerificationBody.objects.filter(name="新机构").exists()


def test_all_rows_or_none_unless_partial(tmp_path):  # IMP-09
    rows = [row(number=f"N-{n}", issued="2026-13-01" if n == 501 else "2026-01-05") for n in range(1, 1_001)]
    path = csv_file(tmp_path, *rows)
    outcome = bring(path)
    assert outcome.is_refused
    assert errors(outcome) == [(502, "issued_on", "“2026-13-01” is no whole date. Write 2026-01-16.")]
    assert not VerificationStatement.objects.exists()
    assert not Company.objects.exists()
    assert counted(bring(path, is_partial=True)) == {"new": 999, "wrong": 1}
    assert VerificationStatement.objects.count() == 999


@pytest.mark.parametrize("cell", ["1e30", "2000200066330663363546354", "1e300", "-1e99", "9" * 400])
def test_a_number_of_more_digits_than_can_be_reckoned_with_is_refused_by_its_name(tmp_path, cell):
    """IMP-08; found by `python -m tests.fuzz cells`."""
    outcome = bring(csv_file(tmp_path, (*ROW, cell), heads=(*HEADS, "排放量(tCO2e)")))
    assert [(number, name) for number, name, _words in errors(outcome)] == [(2, "emissions_tco2e")]
    assert not VerificationStatement.objects.exists()


def test_what_only_refused_rows_need_is_not_made(tmp_path):
    bad = row(company="丁有限公司", body="没人要的机构", product="没人要的产品", number="Z-1", until="2020-01-01")
    outcome = bring(csv_file(tmp_path, ROW, bad), is_partial=True)
    assert counted(outcome) == {"new": 1, "wrong": 1}
    assert errors(outcome) == [(3, "", "It cannot end before it was issued.")]
    assert list(Company.objects.values_list("name", flat=True)) == [ROW[0]]
    assert not VerificationBody.objects.filter(name="没人要的机构").exists()
    assert outcome.made_bodies == []


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("2026-01-05", dt.date(2026, 1, 5)),
        ("2026/1/5", dt.date(2026, 1, 5)),
        ("2026.1.5", dt.date(2026, 1, 5)),
        ("2026年1月5日", dt.date(2026, 1, 5)),
        ("２０２６年１月５日", dt.date(2026, 1, 5)),
        ("20260105", dt.date(2026, 1, 5)),
        ("46027", dt.date(2026, 1, 5)),
        ("2026-01-05 00:00:00", dt.date(2026, 1, 5)),
        ("", None),
        ("—", None),
        ("2026年1月", "error"),
        ("长期", "error"),
        ("2026-02-30", "error"),
        ("9999-99-99", "error"),
        ("0001-01-01", "error"),
    ],
)
def test_dates_as_people_write_them(tmp_path, cell, value):
    outcome = bring(csv_file(tmp_path, row(issued=cell, until="")))
    if value == "error":
        assert [name for _row, name, _words in errors(outcome)] == ["issued_on"]
    else:
        assert VerificationStatement.objects.get().issued_on == value


# Whose row it is


def test_a_credit_code_decides_whatever_the_name(tmp_path):
    known = factory.company("甲有限公司", credit_code=CODE_A)
    rows = [row(company="甲公司旧名", code=CODE_A, number="1"), row(company="甲有限公司", code=CODE_B, number="2")]
    bring(csv_file(tmp_path, *rows))
    assert VerificationStatement.objects.get(certificate_number="1").company == known
    other = VerificationStatement.objects.get(certificate_number="2").company
    assert (other.name, other.credit_code) == ("甲有限公司", CODE_B)
    assert other != known


def test_names_meet_over_width_signs_and_further_names_but_never_by_a_guess(tmp_path):
    known = factory.company("炘隆（苏州）科技有限公司")
    haier = factory.company("海尔智家股份有限公司")
    haier.names.create(name="海尔")
    other_ending = factory.company("华科电子有限公司")
    rows = [
        row(company="炘隆(苏州)科技有限公司", number="1"),
        row(company="海尔智家", number="2"),
        row(company="海尔", number="3"),
        row(company="华科电子股份有限公司", number="4"),
        row(company="华科", number="5"),
    ]
    assert counted(bring(csv_file(tmp_path, *rows))) == {"new": 5}
    company = {s.certificate_number: s.company for s in VerificationStatement.objects.select_related("company")}
    assert (company["1"], company["2"], company["3"]) == (known, haier, haier)
    assert company["4"].name == "华科电子股份有限公司"
    assert company["4"] != other_ending
    assert company["5"].name == "华科"


def test_a_name_that_several_bear_is_an_error_that_asks_for_the_code(tmp_path):
    for code in (CODE_A, CODE_B):
        factory.company("同名有限公司", credit_code=code)
    outcome = bring(csv_file(tmp_path, row(company="同名有限公司")))
    assert [(number, name) for number, name, _words in errors(outcome)] == [(2, "company")]
    assert "credit code" in errors(outcome)[0][2]
    assert counted(bring(csv_file(tmp_path, row(company="同名有限公司", code=CODE_B)))) == {"new": 1}


def test_a_known_company_gets_what_it_lacks_and_keeps_what_it_has(tmp_path):
    bare, full = factory.company("甲有限公司"), factory.company("乙有限公司", region=factory.region("330100"))
    older = factory.statement(company=bare)
    heads = (*HEADS, "地区", "行业", "简称")
    rows = [
        (*row(company=name, code=code, number=name), "昆山", "C39", f"{name[0]}简")
        for name, code in (("甲有限公司", CODE_A), ("乙有限公司", ""))
    ]
    bring(csv_file(tmp_path, *rows, heads=heads))
    bare.refresh_from_db()
    full.refresh_from_db()
    older.refresh_from_db()
    assert (bare.region_id, bare.industry_id, bare.credit_code, full.region_id) == ("320583", "C39", CODE_A, "330100")
    assert (older.region_id, older.province_id) == ("320583", "320000")
    assert bare.names.get().name == "甲简"
    assert bare.history.first().history_change_reason == "sheet"
    index.write_all()
    assert VerificationStatement.objects.search(CODE_A).count() == 2


def test_a_wrong_credit_code_is_refused(tmp_path):
    outcome = bring(csv_file(tmp_path, row(code="91350100M000100Y44")))
    assert [(number, name) for number, name, _words in errors(outcome)] == [(2, "credit_code")]


# What kind, whose body


@pytest.mark.parametrize(
    ("cell", "slug"),
    [
        ("产品碳足迹", "product_carbon_footprint"),
        ("ISO 14067 碳足迹证书", "product_carbon_footprint"),
        ("ghg_verification", "ghg_verification"),
    ],
)
def test_types_by_name_slug_or_cue(tmp_path, cell, slug):
    bring(csv_file(tmp_path, row(kind=cell)))
    assert VerificationStatement.objects.get().statement_type.slug == slug


@pytest.mark.parametrize("cell", ["碳足迹与碳核查", "质量管理体系", ""])
def test_a_type_that_is_none_or_several_is_an_error(tmp_path, cell):
    assert [name for _row, name, _words in errors(bring(csv_file(tmp_path, row(kind=cell))))] == ["statement_type"]


def test_bodies_unknown_are_made_unconfirmed_and_none_is_undisclosed(tmp_path):
    rows = [
        row(body="某某认证", number="1"),
        row(body="某某认证", number="2"),
        row(body="", number="3"),
        row(body="未披露", number="4"),
    ]
    rows.append(row(kind="绿色工厂", body="", number="5"))
    outcome = bring(csv_file(tmp_path, *rows))
    assert outcome.made_bodies == ["某某认证"]
    made = VerificationBody.objects.get(name="某某认证")
    assert (made.is_confirmed, made.statements.count()) == (False, 2)
    hidden = dict(VerificationStatement.objects.values_list("certificate_number", "is_body_undisclosed"))
    assert hidden == {"1": False, "2": False, "3": True, "4": True, "5": False}


# The rules are the form's


def test_rows_are_taken_and_refused_as_the_form_does_it(tmp_path):
    """Random rows, by the sheet and by the form of the review desk: the same are refused, and what is made is the same."""
    random.seed(11)
    days = ["", "", "2025-03-01", "2026-01-05", "2027-12-31"]
    heads = [
        "企业名称",
        "声明类型",
        "核查机构",
        "证书编号",
        "产品名称",
        "签发日期",
        "有效期至",
        "核算期起",
        "核算期止",
        "类别",
        "备注",
        "标准",
    ]
    rows = [
        (
            f"随机{number}有限公司" if random.random() > 0.05 else "",
            random.choice(["product_carbon_footprint", "ghg_verification", "green_factory"] * 4 + ["none"]),
            random.choice(["SGS", ""]),
            random.choice(["", f"R-{number}"] * 5 + ["长" * 81]),
            random.choice(["", "甲", "甲；乙"]),
            *(random.choice([*days, *days, "2026-02-30"]) for _each in range(4)),
            random.choice(["", "1、2", "1-4"] * 3 + ["7", "abc"]),
            random.choice(["", "备注"]),
            random.choice(["", "ISO 14067:2018"]),
        )
        for number in range(150)
    ]
    outcome = bring(csv_file(tmp_path, *rows, heads=heads), is_partial=True)
    refused = {row for row, _name, _words in errors(outcome)}
    by_sheet = {s.company.name: facts(s) for s in VerificationStatement.objects.filter(company__name__startswith="随机")}
    VerificationStatement.objects.all().delete()
    Company.objects.all().delete()
    by_form, wrong = {}, set()
    for at, each in enumerate(rows, 2):
        made = by_the_form(each)
        if made is None:
            wrong.add(at)
        else:
            by_form[made.company.name] = facts(made)
    assert refused == wrong
    assert by_sheet == by_form
    assert 20 < len(by_form) < 130


def by_the_form(row):
    company, kind, body, number, products, issued, until, start, end, categories, summary, standard = row
    membership = kind == "green_factory"
    form = StatementEntryForm(
        {
            "company_name": company,
            "statement_type": kind,
            "verification_body": body,
            "is_body_undisclosed": "" if body or membership else "on",
            "certificate_number": number,
            "products": products.replace("；", "\n"),
            "issued_on": issued,
            "valid_until": until,
            "period_start": start,
            "period_end": end,
            "categories": categories,
            "summary": summary,
            "standards": standard,
        }
    )
    if not form.is_valid():
        return None
    try:
        with transaction.atomic():
            return form.write(VerificationStatement())
    except ValidationError:
        return None


def facts(statement):
    apart = {"id", "company", "source_note", "created_at", "updated_at", "field_status", "source_on", "week_on"}
    columns = {f.name: getattr(statement, f.attname) for f in VerificationStatement._meta.concrete_fields if f.name not in apart}
    products = sorted(product.name for product in statement.products.all())
    return columns | {"products": products, "standards": sorted(map(str, statement.standards.all()))}
