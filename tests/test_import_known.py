"""A sheet comes in beside what is known: what is the same, changed, repeated or doubtful, and how it is taken back."""

import datetime as dt
import random

import pytest
from django.db import transaction

from certifications.models import Company, CompanyName, CompanyPolicy, VerificationStatement
from certifications.sheets import intake
from certifications.sheets.staging import Keys
from certifications.sheets.undo import foreseen, take_back
from tanxun.alerts.models import Subscription
from tests import factory
from tests.sheets import CODE_A, CODE_B, HEADS, ROW, bring, counted, csv_file, errors, row

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english_words")]


def test_a_changed_row_is_shown_and_taken_only_where_asked(tmp_path):
    bring(csv_file(tmp_path, ROW))
    path = csv_file(tmp_path, row(until="2029-01-04", product="路由器；交换机"))
    outcome = bring(path)
    assert counted(outcome) == {"changed": 1}
    assert {(line.field, line.words) for line in outcome.findings.lines} == {
        ("valid_until", "2028-01-04 → 2029-01-04"),
        ("products", "路由器 → 路由器, 交换机"),
    }
    made = VerificationStatement.objects.get()
    assert (made.valid_until, made.history.count()) == (dt.date(2028, 1, 4), 1)
    assert counted(bring(path, updates=True)) == {"changed": 1}
    made.refresh_from_db()
    assert (made.valid_until, made.due_on) == (dt.date(2029, 1, 4), dt.date(2029, 1, 4))
    assert {product.name for product in made.products.all()} == {"路由器", "交换机"}
    newest = made.history.first()
    assert (newest.history_type, newest.valid_until, newest.products.count()) == ("~", dt.date(2029, 1, 4), 2)
    assert counted(bring(path, updates=True)) == {"same": 1}


def test_empty_cells_change_nothing(tmp_path):
    bring(csv_file(tmp_path, ROW))
    assert counted(bring(csv_file(tmp_path, row(until="", product="")), updates=True)) == {"same": 1}


def test_a_number_of_another_company_is_an_error(tmp_path):
    bring(csv_file(tmp_path, ROW))
    outcome = bring(csv_file(tmp_path, row(company="另一家有限公司")), updates=True)
    assert [name for _row, name, _words in errors(outcome)] == ["certificate_number"]


def test_rows_that_repeat_or_contradict_each_other(tmp_path):
    outcome = bring(csv_file(tmp_path, ROW, ROW, row(number=" pcf-0001 ", until="2030-01-01")), is_partial=True)
    assert counted(outcome) == {"new": 1, "same": 1, "wrong": 1}
    assert "Row 2" in errors(outcome)[0][2]
    assert VerificationStatement.objects.count() == 1


@pytest.mark.parametrize("chunk", [1, 2, 2_000])
def test_rows_know_of_earlier_ones_however_far_above(tmp_path, monkeypatch, chunk):
    monkeypatch.setattr(intake, "CHUNK", chunk)
    stored = factory.company("旧有限公司")
    rows = [
        (*row(company="新甲有限公司", number="1"), "甲牌"),
        (*row(company="甲牌", number="2"), ""),
        (*row(company="新甲有限公司", code=CODE_A, number="3", product="路由器；交换机"), ""),
        (*row(company="又一个名字", code=CODE_A, number="4"), "甲牌"),
        (*row(company="旧有限公司", code=CODE_B, number=""), "旧牌"),
        (*row(company="别的名字", code=CODE_B, number="5", product="交换机"), ""),
        (*row(company="旧牌", number=""), ""),
        (*row(company="新甲有限公司", number="1", until="2029-01-04"), ""),
        (*row(company="新甲有限公司", number="2"), ""),
        (*row(company="新甲（有限公司）", number="6"), ""),
    ]
    rows.append(rows[4])
    outcome = bring(csv_file(tmp_path, *rows, heads=(*HEADS, "简称")), is_partial=True)
    assert errors(outcome) == [
        (8, "company", "Row 6 speaks of the same statement, but says something else."),
        (9, "certificate_number", "Row 2 speaks of the same statement, but says something else."),
        (10, "certificate_number", "Row 3 speaks of the same statement, but says something else."),
    ]
    assert counted(outcome) == {"new": 7, "same": 1, "wrong": 3}
    made = Company.objects.exclude(pk=stored.pk).get()
    stored.refresh_from_db()
    assert (made.name, made.credit_code, stored.credit_code) == ("新甲有限公司", CODE_A, CODE_B)
    assert sorted(CompanyName.objects.values_list("company", "name")) == sorted([(made.pk, "甲牌"), (stored.pk, "旧牌")])
    for company in (made, stored):
        assert sorted(company.products.values_list("name", flat=True)) == ["交换机", "路由器"]


def test_doubtful_rows_go_in_and_are_those_that_similar_to_finds(tmp_path):
    """The SQL over all rows says what the queryset says of one."""
    random.seed(4)
    companies = [factory.company(f"样例{n}有限公司") for n in range(3)]
    things = {company.pk: [factory.product(company, name) for name in ("甲", "乙")] for company in companies}
    body, other = factory.body(), factory.body("cti")
    for number in range(60):
        company = random.choice(companies)
        factory.statement(
            company=company,
            statement_type=factory.statement_type("product_carbon_footprint"),
            certificate_number=f"OLD-{number}",
            issued_on=dt.date(2025, 1, 1) + dt.timedelta(days=random.randrange(700)),
            products=random.sample(things[company.pk], random.randrange(3)),
            **random.choice([{"verification_body": body}, {"verification_body": other}, {"is_body_undisclosed": True}]),
        )
    rows = [
        row(
            company=random.choice(companies).name,
            body=random.choice(["SGS", "CTI华测", ""]),
            number=f"NEW-{number}",
            product=random.choice(["", "甲", "乙", "丙", "甲；丙"]),
            issued=(dt.date(2025, 1, 1) + dt.timedelta(days=random.randrange(900))).isoformat(),
            until="",
        )
        for number in range(120)
    ]
    before = set(VerificationStatement.objects.values_list("pk", flat=True))
    outcome = bring(csv_file(tmp_path, *rows))
    doubtful = {line.row for line in outcome.findings.lines if line.state == "doubtful"}
    expected = set()
    for at, each in enumerate(rows, 2):
        made = VerificationStatement.objects.get(certificate_number=each[4])
        if VerificationStatement.objects.similar_to(made, list(made.products.all())).filter(pk__in=before).exists():
            expected.add(at)
    assert doubtful == expected
    assert 10 < len(expected) < 110


def test_deleted_records_are_not_known(tmp_path):
    bring(csv_file(tmp_path, ROW))
    VerificationStatement.objects.get().remove("test")
    assert counted(bring(csv_file(tmp_path, ROW))) == {"new": 1}


def test_an_import_is_taken_back_but_for_what_was_touched(tmp_path):
    outcome = bring(csv_file(tmp_path, *(row(number=f"N{n}", company=f"第{n}有限公司") for n in range(3))))
    touched = VerificationStatement.objects.get(certificate_number="N1")
    touched.summary = "changed by hand"
    touched.save()
    with transaction.atomic():
        assert take_back(outcome.moment, None, "back") == (2, 1, 2, 1)
    assert list(VerificationStatement.objects.all()) == [touched]
    assert [company.name for company in Company.objects.all()] == ["第1有限公司"]
    gone = VerificationStatement.with_deleted.get(certificate_number="N0")
    assert (gone.deleted_reason, gone.history.first().history_type) == ("back", "~")
    assert counted(bring(csv_file(tmp_path, row(number="N0", company="第0有限公司")))) == {"new": 1}


GIVEN = {
    "a note": lambda company, statement: company.notes.create(text="rang them up", written_by=factory.user("editor")),
    "a follower": lambda company, statement: Subscription.objects.create(user=factory.user("reader"), company=company),
    "a product": lambda company, statement: company.products.create(name="typed by hand"),
    "a link": lambda company, statement: CompanyPolicy.objects.create(company=company, policy=factory.policy()),
    "a file": lambda company, statement: factory.attachment(company),
    "a file of the statement": lambda company, statement: factory.attachment(statement),
    "a successor": lambda company, statement: factory.statement(company=factory.company("别家"), replaces=statement),
}


@pytest.mark.parametrize("given", GIVEN)
def test_what_somebody_has_worked_on_stays_when_an_import_is_taken_back(tmp_path, given):
    outcome = bring(csv_file(tmp_path, *(row(number=f"N{n}", company=f"第{n}有限公司") for n in range(3))))
    statement = VerificationStatement.objects.get(certificate_number="N1")
    company = statement.company
    GIVEN[given](company, statement)
    is_of_statement = given in ("a file of the statement", "a successor")
    expected = (2, 1, 2, 1) if is_of_statement else (3, 0, 2, 1)
    assert foreseen(outcome.moment) == expected
    assert VerificationStatement.objects.filter(certificate_number__startswith="N").count() == 3
    with transaction.atomic():
        assert take_back(outcome.moment, None, "back") == expected
    assert Company.objects.filter(pk=company.pk).exists()
    assert VerificationStatement.objects.filter(pk=statement.pk).exists() == is_of_statement


def test_a_statement_that_somebody_adds_while_a_sheet_is_matched_is_known(tmp_path):
    """By an import that reserved its keys before this one began: that its key is the newest cannot be said."""
    company = factory.company(ROW[0])
    product = factory.product(company, ROW[5])
    reserved = next(Keys(VerificationStatement, is_reserved=True))
    factory.statement()
    added = []

    def effect(outcome):
        if not added:
            kind, days = factory.statement_type("product_carbon_footprint"), (dt.date(2026, 1, 5), dt.date(2028, 1, 4))
            values = {"company": company, "statement_type": kind, "issued_on": days[0], "valid_until": days[1]}
            added.append(factory.statement(pk=reserved, products=[product], **values))
        return transaction.atomic()

    sheet = csv_file(tmp_path, row(number=""))
    outcome = intake.take(sheet, intake.Options(writes=True), lambda *said: None, effect)
    assert (counted(outcome), list(company.statements.all())) == ({"same": 1}, added)
