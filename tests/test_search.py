"""What the search box finds: every record by each of its own printed names, titles and numbers, in any real spelling."""

import pytest
from django.http import QueryDict

from certifications.models import BodyAlias, CompanyName, Programme, VerificationStatement
from policies.models import IssuingBodyAlias, KeyPoint, PolicyDocument
from tanxun.listing.page import find
from tests import factory as f

pytestmark = pytest.mark.django_db


def found(slug, text):
    params = QueryDict(mutable=True)
    params["q"] = text
    return [row[0] for row in find(slug).rows(params).one_page().rows]


@pytest.fixture
def policy():
    f.policy("另一项样例政策")
    made = f.policy(
        "样例省推进“零碳”工厂（二期）",
        region=f.region("320000"),
        issuers=[f.issuing_body("样例省工业和信息化厅")],
        topics=[f.topic("ai", "碳足迹（ＣＦＰ）", name_en="Carbon Footprint")],
    )
    IssuingBodyAlias.objects.create(body=made.issuers.get().body, name="样例工信厅")
    title = "“人工智能+制造”专项行动实施意见(2026—2028 年)"
    PolicyDocument.objects.create(policy=made, title=title, number="样工信联规〔2025〕279号")
    KeyPoint.objects.create(policy=made, text="对ＩＳＯ 14067：2018证书给予奖励——每张最高10％")
    return made.pk


@pytest.mark.parametrize(
    "text",
    [
        "“人工智能+制造”专项行动实施意见(2026—2028 年)",
        '"人工智能＋制造"专项行动实施意见（2026-2028年）',
        "《“人工智能+制造”专项行动实施意见（2026－2028年）》",
        "人工智能+制造 2028",
        "样例省推进“零碳”工厂（二期）",
        '樣例省推進"零碳"工廠(二期)',
        "样工信联规〔2025〕279号",
        "样工信联规[2025]279号",
        "样工信联规（2025）279 号",
        "样工信联规【２０２５】279号",
        "〔2025〕279",
        "样例省工业和信息化厅",
        "样例工信厅",
        "碳足迹(cfp)",
        "carbon footprint",
        "iso14067:2018",
        "最高10%",
        "江苏省",
    ],
)
def test_a_policy_is_found_by_everything_it_prints(policy, text):
    assert found("policies", text) == [policy]


@pytest.fixture
def statement():
    f.statement(certificate_number="B-7", verification_body=f.body("cti"), statement_type=f.statement_type("carbon_label"))
    body = f.body("tuv-rheinland", full_name="莱茵技术监督服务（样例）有限公司", name_en="TÜV Rheinland Ltd.")
    BodyAlias.objects.create(body=body, name="德国ＴＵＶ")
    company = f.company("炘隆（苏州）科技有限公司", credit_code="91350100M000100Y43")
    CompanyName.objects.create(company=company, name="Xinlong Élan", kind="english")
    programme = Programme.objects.create(slug="zero", name="零碳工厂（Ⅰ型）")
    made = f.statement(
        company=company,
        statement_type=f.statement_type("product_carbon_footprint"),
        verification_body=body,
        consultant=f.company("碳衡“样例”咨询"),
        products=[f.product(company, "智能网关（家用）", model="ＡＸ－3000")],
        standards=[f.standard("GB/T 24067", "2024", title="量化要求和指南"), f.standard("ISO 14067", "2018")],
        programme=programme,
        recognised_by=f.issuing_body("样例市发展改革委"),
        certificate_number="TW23/00193（G）",
    )
    return made.pk


@pytest.mark.parametrize(
    "text",
    [
        "炘隆（苏州）科技有限公司",
        "炘隆(苏州)科技",
        "xlsz",
        "91350100m000100y43",
        "9135 0100 M000 100Y 43",
        "９１３５ 0100m000100Y43",
        "炘隆 913501 00M000100Y 43",
        "xinlong ÉLAN",
        "TÜV莱茵",
        "tüv 莱茵",
        "tuv rheinland",
        "TÜV Rheinland Ltd.",
        "莱茵技术监督服务(样例)有限公司",
        "德国tuv",
        "产品碳足迹",
        "Product Carbon Footprint",
        '碳衡"样例"咨询',
        "智能网关(家用)",
        "智能网关（家用） AX-3000",
        "GB/T 24067-2024",
        "GB/T24067—2024",
        "ISO 14067：2018",
        "量化要求和指南",
        "零碳工厂(I型)",
        "样例市发展改革委",
        "TW23/00193（G）",
        "tw23 / 00193[g]",
        "00193G",
    ],
)
def test_a_statement_is_found_by_everything_it_prints(statement, text):
    assert found("statements", text) == [statement]


@pytest.mark.parametrize(
    "text",
    [
        "TÜV莱茵",
        "tüv rheinland ltd.",
        "tuv rheinland",
        "tuv-rheinland",
        "莱茵技术监督服务(样例)有限公司",
        "德国ＴＵＶ",
        "tüvly",
        "laiyin",
    ],
)
def test_a_body_is_found_by_everything_it_prints(statement, text):
    assert found("bodies", text) == [f.body("tuv-rheinland").pk]


@pytest.mark.parametrize("text", ["炘隆（苏州）科技有限公司", "xinlong élan", "xlsz", "xinlong", "91350100M000100Y43"])
def test_a_company_is_found_by_everything_it_prints(statement, text):
    assert found("companies", text) == [VerificationStatement.objects.get(pk=statement).company_id]


def test_one_and_two_characters_are_terms_like_others():
    wanted = f.statement(company=f.company("鑫")).pk
    other = f.statement(company=f.company("昆山样例")).pk
    assert found("statements", "鑫") == [wanted]
    assert found("statements", "昆山") == found("statements", "样") == [other]
    assert set(found("statements", "x")) == {wanted}


@pytest.mark.parametrize("sign", ["%", "_", "\\", "'", '"', "*", "[", "("])
def test_signs_of_patterns_are_plain_signs(sign):
    wanted = f.policy(f"样例{sign}政策").pk
    PolicyDocument.objects.create(policy=f.policy("其他"), title="方案", number="样发〔2026〕1号")
    assert found("policies", f"样例{sign}") == [wanted]
    assert wanted in found("policies", sign)
    assert found("policies", f"样{sign}例") == []


def test_every_term_must_be_there_but_not_in_one_place(policy):
    assert found("policies", "工信厅 279") == [policy]
    assert found("policies", "工信厅 280") == []


def test_a_row_that_is_hit_twice_comes_once():
    made = f.policy()
    for number in (1, 2):
        PolicyDocument.objects.create(policy=made, title=f"样例方案{number}")
    assert found("policies", "样例方案") == [made.pk]


def test_a_changed_name_is_found_at_once():
    body = f.body("sgs", full_name="通标样例")
    made = f.statement(verification_body=body)
    body.full_name = "新名样例"
    body.save(update_fields=["full_name"])
    assert found("statements", "新名样例") == [made.pk]
    assert found("statements", "通标样例") == []
