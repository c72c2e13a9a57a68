"""The index follows every write, in the same transaction or at commit, and `reindex` finds and mends what went past it."""

import contextlib
import datetime as dt
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.db.models import ProtectedError

from certifications.models import (
    BodyAlias,
    Company,
    CompanyName,
    Product,
    Programme,
    Standard,
    VerificationBody,
    VerificationStatement,
)
from policies.models import IssuingBodyAlias, KeyPoint, Policy, PolicyDocument, PolicyIssuer
from tanxun.digest.models import Draft, NewsItem, Newsletter
from tanxun.search import index
from tanxun.search.engines import engine_of, table_of
from tanxun.search.matching import Found
from tanxun.search.models import Mark, Synonym
from tanxun.search.queries import meaning
from tanxun.search.question import parse, understand
from tanxun.search.texts import Entry, searched_models
from tanxun.search.watch import watched
from tests import factory as f

pytestmark = pytest.mark.django_db


def finds(text, model=VerificationStatement):
    return [row.pk for row in model.objects.search(text)]


@pytest.fixture
def made():
    company = f.company("甲乙样例有限公司", credit_code="91350100M000100Y43")
    statement = f.statement(company=company, products=[f.product(company, "热泵")], standards=[f.standard()])
    f.statement(company=f.company("别家企业"), verification_body=f.body("cti"), statement_type=f.statement_type("carbon_label"))
    assert finds("甲乙样例") == [statement.pk]
    return statement


def renamed(row, name, **more):
    row.name = name
    row.save(**more)


WRITES = {
    "save": lambda s: renamed(s.company, "丙丁样例"),
    "save of one column": lambda s: renamed(s.company, "丙丁样例", update_fields=["name"]),
    "bulk_update": lambda s: [setattr(s.company, "name", "丙丁样例"), Company.objects.bulk_update([s.company], ["name"])],
    "another company": lambda s: [setattr(s, "company", f.company("丙丁样例")), s.save()],
    "a further name": lambda s: CompanyName.objects.create(company=s.company, name="丙丁样例"),
    "further names in bulk": lambda s: CompanyName.objects.bulk_create([CompanyName(company=s.company, name="丙丁样例")]),
    "a name that changes its company": lambda s: CompanyName.objects.filter(
        pk=CompanyName.objects.create(company=f.company(), name="丙丁样例").pk
    ).update(company=s.company),
    "consultant": lambda s: VerificationStatement.objects.filter(pk=s.pk).update(consultant=f.company("丙丁样例")),
    "product renamed": lambda s: renamed(s.products.get(), "丙丁样例"),
    "product added": lambda s: s.products.add(f.product(s.company, "丙丁样例")),
    "product added from its side": lambda s: f.product(s.company, "丙丁样例").statements.add(s),
    "products set": lambda s: s.products.set([f.product(s.company, "丙丁样例")]),
    "body renamed": lambda s: renamed(s.verification_body, "丙丁样例"),
    "body updated": lambda s: VerificationBody.objects.filter(pk=s.verification_body_id).update(full_name="丙丁样例"),
    "body's alias": lambda s: BodyAlias.objects.create(body=s.verification_body, name="丙丁样例"),
    "type renamed": lambda s: renamed(s.statement_type, "丙丁样例"),
    "standard updated": lambda s: Standard.objects.update(title="丙丁样例"),
    "standard added": lambda s: s.standards.add(f.standard("丙丁样例", "")),
    "number": lambda s: [setattr(s, "certificate_number", "丙丁样例"), s.save(update_fields=["certificate_number"])],
    "update": lambda s: VerificationStatement.objects.filter(pk=s.pk).update(summary="说丙丁样例的话"),
    "merge": lambda s: [
        setattr(s, "company", f.company("丙丁样例")),
        VerificationStatement.objects.bulk_update([s], ["company"]),
    ],
}


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_what_is_written_is_found(made, write):
    assert finds("丙丁样例") == []
    write(made)
    assert finds("丙丁样例") == [made.pk]


ERASURES = {
    "company renamed": ("甲乙样例", lambda s: renamed(s.company, "另名")),
    "company exchanged": ("甲乙样例", lambda s: [setattr(s, "company", f.company("另家")), s.save()]),
    "product deleted": ("热泵", lambda s: s.products.get().delete()),
    "product taken off": ("热泵", lambda s: s.products.remove(s.products.get())),
    "product taken off from its side": ("热泵", lambda s: s.products.get().statements.clear()),
    "products cleared": ("热泵", lambda s: s.products.clear()),
    "products deleted in bulk": ("热泵", lambda s: Product.objects.all().delete()),
    "standards cleared": ("14064", lambda s: s.standards.clear()),
    "standards deleted": ("14064", lambda s: Standard.objects.all().delete()),
    "one standard deleted": ("14064", lambda s: s.standards.get().delete()),
    "body renamed": (
        "sgs",
        lambda s: (
            VerificationBody.objects.filter(slug="sgs").update(slug="x", full_name="")
            and renamed(VerificationBody.objects.get(slug="x"), "另一机构")
        ),
    ),
    "body untied": ("sgs", lambda s: VerificationStatement.objects.update(verification_body=None)),
    "removed": ("甲乙样例", lambda s: s.remove("样例")),
    "deleted": ("甲乙样例", lambda s: s.delete()),
    "deleted in bulk": ("甲乙样例", lambda s: VerificationStatement.objects.filter(pk=s.pk).delete()),
}


@pytest.mark.parametrize(("text", "write"), ERASURES.values(), ids=ERASURES)
def test_what_is_gone_is_no_longer_found(made, text, write):
    assert finds(text) == [made.pk]
    write(made)
    assert finds(text) == []
    assert not [found for model in searched_models() for found in index.drifted(model)]


@pytest.mark.parametrize("model", sorted(watched()[0], key=lambda model: model._meta.label), ids=lambda model: model.__name__)
def test_no_deletion_leaves_the_index_wrong(made, model):
    programme = Programme.objects.create(slug="list", name="名单样例")
    VerificationStatement.objects.update(consultant=f.company("咨询样例"), programme=programme)
    CompanyName.objects.create(company=made.company, name="甲乙")
    policy = f.policy(topics=[f.topic()], issuers=[f.issuing_body()], region=f.region())
    KeyPoint.objects.create(policy=policy, text="要点样例")
    finds("样例")
    for row in model._base_manager.all():
        with contextlib.suppress(ProtectedError), transaction.atomic():
            row.delete()
    finds("样例")
    assert not [(found, *drift) for found in searched_models() for drift in index.drifted(found)]


def test_a_restored_record_is_found_again(made):
    made.remove("样例")
    assert finds("甲乙样例") == []
    made.restore()
    assert finds("甲乙样例") == [made.pk]


def test_a_name_that_goes_to_another_company_is_lost_by_the_first(made):
    name = CompanyName.objects.create(company=made.company, name="老字号")
    assert finds("老字号", Company) == [made.company_id]
    name.company = other = f.company()
    name.save()
    assert finds("老字号", Company) == [other.pk]
    assert finds("老字号") == []
    name.delete()
    assert finds("老字号", Company) == []


def test_statements_made_in_bulk_are_found(made):
    twin = VerificationStatement(company=made.company, statement_type=made.statement_type, is_body_undisclosed=True)
    VerificationStatement.objects.bulk_create([twin])
    assert set(finds("甲乙样例")) == {made.pk, twin.pk}


@pytest.mark.parametrize(
    "write",
    [
        lambda p: PolicyDocument.objects.create(policy=p, title="丙丁样例"),
        lambda p: PolicyDocument.objects.bulk_create([PolicyDocument(policy=p, title="丙丁样例")]),
        lambda p: KeyPoint.objects.create(policy=p, text="支持丙丁样例"),
        lambda p: PolicyIssuer.objects.create(policy=p, body=f.issuing_body("丙丁样例")),
        lambda p: IssuingBodyAlias.objects.create(body=p.issuers.get().body, name="丙丁样例"),
        lambda p: p.topics.add(f.topic("new", "丙丁样例")),
        lambda p: renamed(p.topics.get(), "丙丁样例"),
        lambda p: p.issuers.update(body=f.issuing_body("丙丁样例")),
        lambda p: Policy.objects.filter(pk=p.pk).update(park_name="丙丁样例"),
    ],
)
def test_every_part_of_a_policy_is_found_when_it_is_written(write):
    policy = f.policy(issuers=[f.issuing_body()], topics=[f.topic()])
    f.policy()
    assert finds("丙丁样例", Policy) == []
    write(policy)
    assert finds("丙丁样例", Policy) == [policy.pk]
    PolicyDocument.objects.all().delete()
    policy.key_points.all().delete()
    policy.issuers.all().delete()
    policy.topics.clear()
    Policy.objects.update(park_name="")
    assert finds("丙丁样例", Policy) == []


@pytest.fixture
def newsletter():
    text = "标题一\n新企业获得证书。旧企业另有声明。"
    return Newsletter.objects.create(text=text, text_hash="x", reference_date=dt.date(2026, 1, 16))


def test_a_statement_is_found_by_its_own_source_sentence_only(made, newsletter):
    fields = {"company": {"spans": [[4, 7]], "value": "新企业"}, "section": {"spans": [[0, 3]], "value": ""}}
    draft = Draft.objects.create(newsletter=newsletter, order=1, kind="statement", start=0, end=20, fields=fields)
    Draft.objects.filter(pk=draft.pk).update(statement=made)
    assert finds("获得证书") == [made.pk]
    assert finds("旧企业") == finds("标题一") == []
    Draft.objects.filter(pk=draft.pk).update(statement=None)
    assert finds("获得证书") == []


def test_a_policy_is_found_by_the_whole_item_it_was_read_from(newsletter):
    policy = f.policy()
    Draft.objects.create(newsletter=newsletter, order=1, kind="policy", start=0, end=20, policy=policy)
    assert finds("旧企业另有", Policy) == [policy.pk]


def test_a_news_item_is_found_by_headline_and_text():
    item = NewsItem.objects.create(headline="指数报告", kind="report", section="industry", text="第一句。\n第二句讲储能。")
    assert finds("指数", NewsItem) == finds("讲储能", NewsItem) == [item.pk]


# What does not concern search costs it nothing


def test_a_change_that_search_does_not_read_marks_nothing(made):
    before = Mark.objects.count()
    made.company.website = "https://example.com"
    made.company.save()
    made.statement_type.cycle_months = 24
    made.statement_type.save()
    VerificationStatement.objects.update(tier="一级")
    assert Mark.objects.count() == before


def test_a_renamed_vocabulary_touches_no_entry_of_the_records(made):
    finds("x")
    before = Mark.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    renamed(made.verification_body, "丙丁样例")
    due = [model for model, _keys in index.asked_by(Mark.objects.filter(pk__gt=before), "default")]
    assert due == [VerificationBody]
    assert finds("丙丁样例") == [made.pk]


def test_rows_that_may_have_been_left_out_are_refused():
    with pytest.raises(ValueError, match="which are missing"):
        Company.objects.bulk_create([Company(name="样例")], ignore_conflicts=True)


# Drift


def test_drift_is_found_and_mended(made):
    finds("x")
    engine = engine_of(connection)
    with connection.cursor() as cursor:
        engine.delete(cursor, table_of(VerificationStatement), [made.pk])
        engine.delete(cursor, table_of(Company), [made.company_id])
        engine.insert(cursor, table_of(Company), [Entry(made.company_id, "x", "", frozenset())])
    CompanyName.objects.create(company=f.company("要走的"), name="走")
    gone = f.company("孤儿")
    finds("x")
    Company.with_deleted.filter(pk=gone.pk)._raw_delete("default")
    out = StringIO()
    with pytest.raises(CommandError, match="3"):
        call_command("reindex", "--check", "--lang", "en", stdout=out)
    assert "companies: 0 missing, 1 out of date, 1 of no record" in out.getvalue()
    assert "verification statements: 1 missing, 0 out of date, 0 of no record" in out.getvalue()
    assert finds("甲乙样例") == []
    call_command("reindex", "--lang", "en", stdout=StringIO())
    assert finds("甲乙样例") == [made.pk]
    call_command("reindex", "--check", "--lang", "en", stdout=StringIO())


def test_one_row_is_probed_as_the_index_is_asked():
    """What only looks like a word inside another one (vo-lca-no) is no hit, whichever way a common search takes."""
    Synonym.objects.create(words="LCA=life cycle assessment")
    f.company("Life of a volcano, a cycle, an assessment")
    hit = f.company("LCA experts")
    assert finds("LCA", Company) == [hit.pk]
    wanted = meaning(understand(parse("LCA")), Company, "default").wanted
    assert {needle.is_sure for group in wanted for needle in group} == {True, False}
    rows = Company.objects.filter(Found(Company, wanted))
    assert list(rows.order_by("pk")[:5]) == list(rows.order_by()) == [hit]


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite's index is one table that stands or does not")
def test_what_a_filling_that_was_ended_took_away_is_made_again(db):
    engine, table = index.engine_of(connection), index.table_of(Company)
    with connection.cursor() as cursor:
        engine.before_filling(cursor, table)
        assert not engine.is_whole(cursor, table)
        index.complete()
        assert engine.is_whole(cursor, table)
        cursor.execute("SELECT count(*) FROM pg_indexes WHERE tablename = %s", [table])
        assert cursor.fetchone() == (3,)  # its key, all words, a part of them
