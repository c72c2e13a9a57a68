"""Programmes and memberships: on the way is not accepted, removed stays in sight, a body's label is not the national one."""

import datetime as dt
import importlib
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import connection

from certifications.models import ListStage, Programme, Tier, VerificationStatement
from tanxun.site import reference
from tests import factory
from tests.reading import listed, read, words
from tests.sheets import bring, csv_file, errors
from tests.test_intake import editor  # noqa: F401 - a fixture
from tests.test_review_desk import desk, newsletter, sent  # noqa: F401 - fixtures

pytestmark = pytest.mark.django_db
NATIONAL_LABEL = "产品碳足迹标识认证"


@pytest.fixture
def programmes():
    reference.load_topics()
    reference.load_statement_types()
    reference.load_programmes()
    return {programme.slug: programme for programme in Programme.objects.select_related("statement_type")}


def member(programme, **kwargs):
    values = {"statement_type": programme.statement_type, "programme": programme, "verification_body": None}
    return factory.statement(**values | {"recognised_by": factory.issuing_body()} | kwargs)


def test_every_shipped_programme_has_a_type_and_staff_have_the_last_word(programmes):
    assert all(programme.statement_type and programme.name_en for programme in programmes.values())
    assert programmes["national-carbon-label"].statement_type.slug == "carbon_label"
    assert programmes["zero-carbon-park"].statement_type.evidence_kind == "list_membership"
    Programme.objects.get(slug="green-factory").delete()
    assert reference.load_programmes() == 0


def test_a_programme_belongs_to_statements_of_its_type(programmes):
    footprint = factory.statement(statement_type=factory.statement_type("product_carbon_footprint"))
    footprint.programme = programmes["national-carbon-label"]
    with pytest.raises(ValidationError) as refused:
        footprint.full_clean()
    assert list(refused.value.error_dict) == ["programme"]


def test_filters_tell_the_programme_its_tier_and_the_stage(programmes):
    park = programmes["zero-carbon-park"]
    building = member(park, tier=Tier.NATIONAL, list_stage=ListStage.CONSTRUCTION)
    member(park, tier=Tier.PROVINCE, list_stage=ListStage.ACCEPTED)
    member(programmes["green-factory"], tier=Tier.NATIONAL)
    assert listed("/statements/?programme=zero-carbon-park") == 2
    assert listed("/statements/?tier=national") == 2
    assert listed("/statements/?programme=zero-carbon-park&list_stage=accepted") == 1
    assert listed("/statements/?programme=zero-carbon-park&list_stage!=construction") == 1
    assert listed("/statements/?list_stage=none") == 1
    assert listed("/companies/?programme=zero-carbon-park") == 2
    assert listed("/companies/?programme=zero-carbon-park&list_stage=accepted") == 1
    # One and the same statement: accepted by one list and on the way onto another is not accepted by the other.
    member(programmes["green-factory"], company=building.company, list_stage=ListStage.ACCEPTED)
    assert listed("/companies/?programme=zero-carbon-park&list_stage=accepted") == 1


def test_what_is_under_construction_is_never_shown_as_accepted(client, programmes):
    building = member(programmes["zero-carbon-park"], list_stage=ListStage.CONSTRUCTION)
    page = words(read(client, building.get_absolute_url()))
    assert (
        "is on its way onto the list Zero-carbon Park (on the construction list, week of 2026-01-16): not yet accepted." in page
    )
    assert "is on the list" not in page
    for address in ("/statements/", building.company.get_absolute_url()):
        assert "on the construction list" in read(client, address)
    assert 'class="bar onway' in read(client, building.company.get_absolute_url())
    accepted = member(programmes["zero-carbon-park"], list_stage=ListStage.ACCEPTED)
    assert 'class="bar onway' not in read(client, accepted.company.get_absolute_url())
    page = words(read(client, accepted.get_absolute_url()))
    assert "is on the list Zero-carbon Park, recognised by 江苏省工业和信息化厅" in page
    assert "on the construction list" not in page


def test_a_removed_membership_stays_on_the_page_of_its_company(client, programmes):
    company = factory.company()
    member(programmes["green-factory"], company=company, batch="第八批", list_stage="accepted", removed_on=dt.date(2025, 1, 22))
    member(programmes["zero-carbon-factory"], company=company, tier="city", batch="首批", list_stage="cultivation")
    page = words(read(client, company.get_absolute_url()))
    table = page[page.index("List memberships") : page.index("</table>", page.index("List memberships"))]
    for text in ("Green Factory", "第八批", "2025-01-22", "Zero-carbon Factory", "city level", "首批", "in cultivation"):
        assert text in table, text
    removed = company.statements.get(batch="第八批")
    assert "was on the list Green Factory" in words(read(client, removed.get_absolute_url()))
    assert "List memberships" not in read(client, factory.statement().company.get_absolute_url())


def test_only_the_national_label_bears_its_name(client, programmes):
    label, national = factory.statement_type("carbon_label"), programmes["national-carbon-label"]
    body = factory.body("tuv-rheinland")
    company = factory.company()
    factory.statement(company=company, statement_type=label, verification_body=body, scheme="莱茵自有碳标签")
    own = factory.statement(
        company=company, statement_type=factory.statement_type("product_carbon_footprint"), verification_body=body
    )
    client.cookies["django_language"] = "zh-hans"
    client.force_login(factory.user())
    addresses = ["/statements/?columns=all&body=tuv-rheinland", company.get_absolute_url(), own.get_absolute_url()]
    for address in addresses:
        page = client.get(address).content.decode()
        assert NATIONAL_LABEL not in page.split("<main")[1].split('class="results"')[-1], address
    assert "莱茵自有碳标签" in client.get(addresses[1]).content.decode()
    made = factory.statement(company=company, statement_type=label, verification_body=factory.body("cqc"), programme=national)
    for address in ("/statements/?body=cqc", company.get_absolute_url(), made.get_absolute_url()):
        assert NATIONAL_LABEL in client.get(address).content.decode().split("<main")[1].split('class="results"')[-1], address


def test_words_of_sheets_and_both_languages_mean_the_same_choice(english_words, tmp_path):
    heads = ["企业名称", "声明类型", "级别", "名单阶段", "批次"]
    rows = [
        ["苏州甲有限公司", "绿色工厂", "国家级", "建设名单", "一"],
        ["苏州乙有限公司", "绿色工厂", "provincial level", "accepted", "二"],
        ["苏州丙有限公司", "绿色工厂", "city", "公示", "三"],
    ]
    assert not errors(bring(csv_file(tmp_path, *rows, heads=heads)))
    found = VerificationStatement.objects.order_by("batch").values_list("batch", "tier", "list_stage")
    assert {batch: rest for batch, *rest in found} == {
        "一": ["national", "construction"],
        "二": ["province", "accepted"],
        "三": ["city", "publicised"],
    }
    wrong = bring(csv_file(tmp_path, ["苏州丁有限公司", "绿色工厂", "宇宙级", "", ""], heads=heads))
    assert [name for _row, name, _words in errors(wrong)] == ["tier"]


def test_free_text_of_before_becomes_a_choice_or_stands(programmes):
    known, unknown = (member(programmes["green-factory"], tier=text, list_stage=text) for text in ("国家级", "示范"))
    VerificationStatement.objects.filter(pk=known.pk).update(list_stage="验收通过")
    migration = importlib.import_module("certifications.migrations.0014_programmes")
    migration.word_as_choices(apps, SimpleNamespace(connection=connection))
    known.refresh_from_db()
    unknown.refresh_from_db()
    assert (known.tier, known.list_stage) == (Tier.NATIONAL, ListStage.ACCEPTED)
    assert (unknown.tier, unknown.list_stage) == ("示范", "示范")
    unknown.full_clean()
    unknown.tier = "别的"
    with pytest.raises(ValidationError):
        unknown.full_clean()


def test_an_old_word_survives_the_form_of_the_admin(client, programmes):
    made = member(programmes["green-factory"], tier="示范")
    page = read(client, f"/admin/certifications/verificationstatement/{made.pk}/change/", factory.superuser())
    assert '<option value="示范" selected>示范</option>' in page


def test_a_reviewer_says_how_far_on_a_list_a_company_is(desk, newsletter):  # noqa: F811
    reference.load_programmes()
    draft = newsletter.drafts.get(order=2)
    of_list = {"statement_type": "zero_carbon_factory", "verification_body": "", "programme": "zero-carbon-factory"}
    sent(desk, draft, **of_list, tier="city", batch="首批", list_stage="construction")
    draft.refresh_from_db()
    made = draft.statement
    assert (str(made.programme.slug), made.tier, made.batch, made.list_stage) == (
        "zero-carbon-factory",
        "city",
        "首批",
        "construction",
    )
    assert made.is_not_yet_accepted
    assert "list_stage" not in draft.corrections


def test_a_programme_of_another_type_is_refused_beside_its_field(desk, newsletter):  # noqa: F811
    reference.load_programmes()
    answer = sent(desk, newsletter.drafts.get(order=2), programme="national-carbon-label")
    assert answer.status_code == 422
    assert not VerificationStatement.objects.exists()
