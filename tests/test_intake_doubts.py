"""What the reader leaves open stays open: readings built by hand, as the reader may return them."""

from decimal import Decimal

import pytest

from certifications.forms import result_fields
from certifications.models import VerificationStatement
from policies.models import Policy
from tanxun.digest import intake
from tanxun.digest.models import Draft
from tanxun.digest.reader import Document, Item, PolicyReading, Quantity, Read, Reading, RegionName, Span, StatementReading
from tests import factory
from tests.test_intake import FRIDAY, editor  # noqa: F401 - a fixture

pytestmark = pytest.mark.django_db
TEXT = "某市:一条新闻\n某市星云股份有限公司的轮胎和轮毂取得证书,该市同日印发办法。"


@pytest.fixture
def bring(editor, monkeypatch):  # noqa: F811
    """Brings in a text whose reading is given."""

    def bring(**item):
        whole = Span(0, len(TEXT))
        section, kind = Read("local", (), "inferred"), Read(item.pop("kind", "statement"), (whole,))
        made = Item(1, section, kind, Read("某市:一条新闻", (Span(0, 7),)), whole, whole, **item)
        monkeypatch.setattr(intake.reader, "read", lambda *args: Reading(TEXT, FRIDAY, items=(made,)))
        return intake.bring_in("", TEXT, reference_date=None, user=editor).newsletter

    return bring


def statement(**kwargs):
    values = {
        "company": Read("某市星云股份有限公司", (Span(8, 18),)),
        "statement_type": Read("product_carbon_footprint"),
        "body": Read("SGS"),
    }
    return StatementReading(**values | kwargs)


def test_half_policy_half_statement_makes_both_parts_and_needs_a_person(bring, editor):  # noqa: F811
    policy = PolicyReading(documents=(Read(Document("某市办法", "某政〔2026〕3号")),), level=Read("national"))
    newsletter = bring(policy=policy, statements=(statement(),), kind="policy")
    assert [(draft.part, draft.kind) for draft in newsletter.drafts.all()] == [(1, "policy"), (2, "statement")]
    assert all(draft.needs_person for draft in newsletter.drafts.all())
    outcome = intake.accept_all(newsletter, editor)
    assert (outcome.accepted, len(outcome.left)) == (0, 2)
    assert not Policy.objects.exists()


def test_several_statements_of_one_item_are_parts(bring, editor):  # noqa: F811
    other = statement(company=Read("某市星辰轮胎有限公司"))
    newsletter = bring(statements=(statement(), other, statement(statement_type=Read("ghg_verification"))))
    assert [draft.part for draft in newsletter.drafts.all()] == [1, 2, 3]
    assert intake.accept_all(newsletter, editor).accepted == 3
    assert VerificationStatement.objects.values("company").distinct().count() == 2


def test_an_item_that_cannot_be_read_waits_for_a_person(bring, editor):  # noqa: F811
    newsletter = bring()
    draft = newsletter.drafts.get()
    assert draft.needs_person
    assert {question["field"] for question in draft.questions} == {"", "company", "statement_type"}
    assert [left for left, _why in intake.accept_all(newsletter, editor).left] == [draft]


@pytest.mark.parametrize("missing", [{"statement_type": None}, {"company": Read("")}])
def test_a_missing_required_field_is_a_question(bring, editor, missing):  # noqa: F811
    newsletter = bring(statements=(statement(**missing),))
    assert len(newsletter.drafts.get().questions) == 1
    assert intake.accept_all(newsletter, editor).accepted == 0


def test_a_region_with_several_readings_is_a_question(bring):
    factory.region("310000")
    doubt = Read(RegionName("320500", "苏州市"), (), "uncertain", "两地同名", (RegionName("310000", "上海市"),))
    draft = bring(statements=(statement(region=doubt),)).drafts.get()
    assert [(asked["field"], len(asked["candidates"])) for asked in draft.questions] == [("region", 2)]
    assert draft.questions[0]["candidates"][0]["reason"] == "两地同名"


def test_no_body_named_is_undisclosed_and_no_question(bring, editor):  # noqa: F811
    newsletter = bring(statements=(statement(body=None),))
    assert newsletter.drafts.get().questions == []
    intake.accept_all(newsletter, editor)
    assert VerificationStatement.objects.get().is_body_undisclosed


def test_a_list_membership_without_body_is_not_undisclosed(bring, editor):  # noqa: F811
    intake.accept_all(bring(statements=(statement(statement_type=Read("green_factory"), body=None),)), editor)
    assert not VerificationStatement.objects.get().is_body_undisclosed


@pytest.mark.parametrize(
    ("quantity", "stored"),
    [
        (Quantity(Decimal("1.5"), "万吨二氧化碳当量"), (15000, None, "")),
        (Quantity(Decimal("320"), "kgCO2e/台"), (None, 320, "台")),
        (Quantity(Decimal("0.8"), "tCO₂e/吨"), (None, 800, "吨")),
        (Quantity(Decimal("95"), "gCO2e/km"), (None, Decimal("0.095"), "km")),
        (Quantity(Decimal("12"), "分"), (None, None, "")),
    ],
)
def test_results_are_converted_and_kept_as_printed(bring, editor, quantity, stored):  # noqa: F811
    intake.accept_all(bring(statements=(statement(result=Read(quantity)),)), editor)
    made = VerificationStatement.objects.get()
    assert (made.emissions_tco2e, made.footprint_kgco2e, made.declared_unit) == stored
    assert made.result_as_printed == f"{quantity.value} {quantity.unit}"


def test_a_result_of_more_digits_than_can_be_reckoned_with_is_kept_as_printed():
    found = result_fields(Decimal("9" * 40), "kgCO2e/台")
    assert (found["footprint_kgco2e"], found["result_as_printed"]) == (None, f"{'9' * 40} kgCO2e/台")


def test_editions_and_undated_standards(bring, editor):  # noqa: F811
    standards = tuple(map(Read, ("ISO 14064-1:2018", "GB/T 24067-2024", "PAS 2060")))
    intake.accept_all(bring(statements=(statement(standards=standards),)), editor)
    found = VerificationStatement.objects.get().standards.values_list("code", "edition")
    assert set(found) == {("ISO 14064-1", "2018"), ("GB/T 24067", "2024"), ("PAS 2060", "")}


def test_a_failure_half_way_stores_nothing(bring, monkeypatch):
    monkeypatch.setattr(intake, "note_questions", lambda *args: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        bring(statements=(statement(), statement(company=Read("甲公司"))))
    assert not Draft.objects.exists()
