"""What a record may not be: refused by the form's rules and, where a rule is a fact of the row, by the database too."""

import datetime as dt

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from certifications.models import BodyAlias, Company, CompanyName, Programme, VerificationStatement
from policies.models import Incentive, IssuingBodyAlias, KeyPoint, Policy, PolicyDocument, PolicyIssuer, PolicyLink, Target
from tanxun.digest.models import NewsItem
from tanxun.records.models import DerivedModel, DerivedQuerySet
from tests import factory

pytestmark = pytest.mark.django_db


def refused(**kwargs):
    with pytest.raises(IntegrityError), transaction.atomic():
        factory.statement(**kwargs)


def test_a_named_body_is_not_undisclosed():
    refused(verification_body=factory.body(), is_body_undisclosed=True)


def test_dates_stand_in_order():  # ADM-08
    refused(issued_on=dt.date(2026, 1, 2), valid_until=dt.date(2026, 1, 1))
    refused(period_start=dt.date(2026, 1, 2), period_end=dt.date(2026, 1, 1))


def test_a_number_is_unique_within_its_body_however_it_is_written():
    factory.statement(verification_body=factory.body("sgs"), certificate_number="TW23/00193GG")
    factory.statement(verification_body=factory.body("cti"), certificate_number="TW23/00193GG")
    refused(verification_body=factory.body("sgs"), certificate_number="ｔｗ23 / 00193gg")


def test_most_statements_have_no_number():
    factory.statement(certificate_number="")
    factory.statement(certificate_number="")
    assert VerificationStatement.objects.count() == 2


def test_a_statement_names_its_body_or_says_undisclosed():
    statement = factory.statement(is_body_undisclosed=True)
    statement.full_clean()
    statement.is_body_undisclosed = False
    with pytest.raises(ValidationError) as error:
        statement.full_clean()
    assert "verification_body" in error.value.message_dict


def test_a_list_membership_needs_no_body():
    factory.statement(statement_type=factory.statement_type("green_factory"), verification_body=None).full_clean()


@pytest.mark.parametrize("values", [[0], [7], ["1"], {"1": 2}, "12"])
def test_categories_are_numbers_from_one_to_six(values):
    statement = factory.statement(categories=values)
    with pytest.raises(ValidationError):
        statement.full_clean()


@pytest.mark.parametrize(
    "code", ["91350100M000100Y43", "91370200264574251e", "911100006000300020", "９１１１００００６０００３７３４１Ｌ"]
)
def test_right_credit_codes_are_kept_half_width_and_upper_case(code):
    company = Company(name="样例", credit_code=code)
    company.full_clean(exclude=["name_folded", "pinyin", "match_key"])
    company.save()
    assert company.credit_code.isascii()
    assert company.credit_code == company.credit_code.upper()


@pytest.mark.parametrize("code", ["91350100M000100Y44", "9135010", "O1350100M000100Y43"])
def test_wrong_credit_codes_are_refused_when_new_and_kept_when_old(code):
    company = Company(name="样例", credit_code=code)
    with pytest.raises(ValidationError) as error:
        company.clean()
    assert "credit_code" in error.value.message_dict
    company.save()
    company.website = "https://tanxun.example/"
    company.clean()


def test_companies_without_code_do_not_clash():
    factory.company(credit_code=None)
    factory.company(credit_code="")
    assert Company.objects.filter(credit_code=None).count() == 2


def test_a_company_with_statements_is_not_removed():
    statement = factory.statement()
    with pytest.raises(ValidationError):
        statement.company.remove("twice")
    statement.remove("wrong")
    statement.company.remove("twice")
    assert not Company.objects.exists()
    statement.company.restore()
    assert Company.objects.exists()


def test_removed_records_leave_every_list_and_come_back():
    policy = factory.policy()
    policy.remove("entered twice")
    assert not Policy.objects.exists()
    assert Policy.with_deleted.get().deleted_reason == "entered twice"
    assert policy.history.first().history_change_reason == "entered twice"
    policy.restore()
    assert Policy.objects.exists()


def test_one_alias_means_one_body():
    BodyAlias.objects.create(body=factory.body("sgs"), name="通标")
    with pytest.raises(ValidationError):
        BodyAlias(body=factory.body("cti"), name="通標").clean()


@pytest.mark.parametrize(
    "printed", ["发改环资〔2025〕910号", "发改环资[2025]910号", "发改环资（2025）910 号", "发改环资【2025】910号"]
)
def test_document_numbers_are_parsed_in_any_bracket(printed):
    document = PolicyDocument.objects.create(policy=factory.policy(), title="通知", number=printed)
    assert (document.number_code, document.number_year, document.number_serial) == ("发改环资", 2025, 910)
    assert document.number_key == "发改环资2025910号"


def test_other_numbers_are_kept_as_printed():
    document = PolicyDocument.objects.create(policy=factory.policy(), title="条例", number="国令第796号")
    assert (document.number, document.number_year) == ("国令第796号", None)


def test_a_policy_counts_the_bodies_it_does_not_name():
    bodies = [factory.issuing_body(name) for name in ("四川省财政厅", "四川省科学技术厅")]
    assert factory.policy(issuers=bodies, declared_issuer_count=9).unlisted_issuer_count == 7
    assert factory.policy(issuers=bodies).unlisted_issuer_count == 0


def test_names_are_found_by_fold_and_pinyin():
    company = factory.company("海尔智家")
    assert company.pinyin == "haierzhijia"
    assert list(Company.objects.matching("海爾智家股份有限公司")) == [company]
    assert not Company.objects.matching("海尔").exists()


def examples():
    """One row of every model that has derived columns."""
    company = factory.company("海尔智家", region=factory.region())
    policy = factory.policy()
    body, issuer = factory.body(), factory.issuing_body()
    return [
        company,
        policy,
        body,
        issuer,
        CompanyName.objects.create(company=company, name="卡萨帝"),
        factory.product(company),
        BodyAlias.objects.create(body=body, name="通标"),
        factory.statement_type(),
        factory.standard(),
        Programme.objects.create(slug="green-factory", name="绿色工厂"),
        factory.statement(company=company, period_end=dt.date(2025, 12, 31)),
        factory.topic(),
        IssuingBodyAlias.objects.create(body=issuer, name="江苏工信厅"),
        PolicyDocument.objects.create(policy=policy, title="样例方案", number="样例发〔2026〕1号"),
        KeyPoint.objects.create(policy=policy, text="样例措施"),
        Target.objects.create(policy=policy, indicator="样例指标", value=30, unit="万千瓦"),
        Incentive.objects.create(policy=policy, amount=200_000, currency="CNY"),
        PolicyLink.objects.create(policy=policy, kind="implements", title="样例规划"),
        NewsItem.objects.create(headline="样例动态", kind="other", section="other", text="样例"),
    ]


def test_every_source_of_a_derived_column_is_declared(monkeypatch):
    rows = examples()
    models = {model for model in apps.get_models() if issubclass(model, DerivedModel)}
    assert {type(row) for row in rows} == models
    for row in rows:
        model = type(row)
        assert isinstance(model._default_manager.all(), DerivedQuerySet), model
        columns = {name: field.name for field in model._meta.concrete_fields for name in (field.name, field.attname)}
        read, plainly = set(), model.__getattribute__

        def noting(self, name, plainly=plainly, columns=columns, read=read):
            read.add(columns.get(name))
            return plainly(self, name)

        with monkeypatch.context() as patch:
            patch.setattr(model, "__getattribute__", noting)
            model.derive_all([row])
        assert read - {None} - set(model.derived_fields) == model.source_fields() - set(model.derived_fields), model


@pytest.mark.parametrize(
    ("model", "values"),
    [
        (VerificationStatement, {"issued_on": dt.date(2026, 2, 2)}),
        (VerificationStatement, {"dated_on": dt.date(2026, 2, 2)}),
        (VerificationStatement, {"company_id": 1}),
        (VerificationStatement, {"statement_type": 1, "summary": "样例"}),
        (Company, {"name": "改名"}),
        (Company, {"credit_code": "91350100m000100y43"}),
        (PolicyDocument, {"number": "样例发〔2026〕2号"}),
    ],
)
def test_an_update_that_would_leave_derived_columns_behind_is_refused(model, values):
    with pytest.raises(ValueError, match=model.__name__):
        model.objects.update(**values)


def test_other_columns_are_updated_and_bulk_writes_keep_step():
    statement = factory.statement(issued_on=dt.date(2026, 1, 1))
    VerificationStatement.objects.update(summary="样例", verification_body=None)
    statement.issued_on = dt.date(2026, 2, 2)
    VerificationStatement.objects.bulk_update([statement], ["issued_on"])
    statement.refresh_from_db()
    assert (statement.summary, statement.dated_on) == ("样例", dt.date(2026, 2, 2))
    with pytest.raises(ValueError, match="summary"):
        VerificationStatement.objects.update_derived(summary="样例")


def test_documents_created_in_bulk_have_their_keys():
    made = PolicyDocument(policy=factory.policy(), title="样例方案", number="样例发〔2026〕1号")
    PolicyDocument.objects.bulk_create([made])
    assert PolicyDocument.objects.get().number_key == "样例发20261号"


def test_the_parts_of_a_record_have_a_history_too():
    policy, issuer, topic = factory.policy(), factory.issuing_body(), factory.topic()
    parts = [
        PolicyIssuer.objects.create(policy=policy, body=issuer),
        KeyPoint.objects.create(policy=policy, text="样例措施"),
        Target.objects.create(policy=policy, indicator="样例指标", value=30, unit="万千瓦"),
        Incentive.objects.create(policy=policy, amount=200_000, currency="CNY"),
        PolicyLink.objects.create(policy=policy, kind="implements", title="样例规划"),
        BodyAlias.objects.create(body=factory.body(), name="通标"),
        IssuingBodyAlias.objects.create(body=issuer, name="江苏工信厅"),
    ]
    for part in parts:
        key = part.pk
        part.delete()
        assert [row.history_type for row in type(part).history.filter(id=key)] == ["-", "+"]
    for model in (Target, Incentive):
        made = model.objects.create(policy=policy)
        made.topics.add(topic)
        newest, first = made.history.all()
        assert [each.topic for each in newest.topics.all()] == [topic]
        assert not first.topics.exists()


def test_a_role_saved_alone_decides_who_is_staff():
    person = factory.user("editor")
    person.role = "reader"
    person.save(update_fields=["role"])
    person.refresh_from_db()
    assert not person.is_staff
    old = type(person).objects.get(pk=person.pk)
    person.role = "manager"
    person.save(update_fields={"role"})
    old.save(update_fields=["last_login"])  # as signing in does, with whatever it had in hand
    person.refresh_from_db()
    assert person.is_staff
