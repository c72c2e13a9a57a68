"""The weekly of real and sample issues, pasted back, gives the same records (row 95): items, fields and their order."""

import datetime as dt
import json
import os
from pathlib import Path

import pytest
from django.db import transaction

from certifications.models import Company, StatementType, VerificationStatement
from policies.models import Policy
from tanxun.digest import intake
from tanxun.digest.issue import Week
from tanxun.digest.models import NewsItem, Newsletter
from tanxun.digest.publisher import compose, misread, to_text
from tanxun.digest.reader import read
from tanxun.digest.reader.gold import as_gold
from tanxun.digest.vocabulary import shipped
from tanxun.site import reference
from tests import factory

pytestmark = [pytest.mark.django_db, pytest.mark.any_engine]
# Every third of the team's samples, which has some of each editor; by night all.
IS_NIGHT = "ROUND_TRIP_WEEKS" in os.environ
SAMPLES = sorted((Path(__file__).parent / "samples").glob("*.txt"))[:: 1 if IS_NIGHT else 3]
PARTS = 4
SECTIONS = ("national", "local", "industry", "other")


def items(text, day, left=()):
    """What is read, by section as a weekly has it; values without an order of their own (topics, standards, products) sorted."""
    found = [item for item in as_gold(read(text, day, shipped()))["items"] if item["order"] not in left]
    return [plain(item) for item in sorted(found, key=lambda item: SECTIONS.index(item["section"]))]


def plain(item):
    del item["order"]
    for row in (item["policy"] or {}).get("targets", []) + (item["policy"] or {}).get("incentives", []):
        del row["text"]  # the words around a figure: sentences may be others, what they say is not
    if item["policy"]:
        item["policy"]["topics"].sort()
    for one in item["statements"]:
        one["standards"].sort()
        one["products"].sort()
    return item


def brought_in(name, raw, day):
    """The issue of the week of `day` when `raw` was brought in and all that leaves no question accepted; orders left open."""
    user = factory.superuser(username=name)
    newsletter = intake.bring_in(f"{name}.txt", raw, reference_date=day, user=user).newsletter
    outcome = intake.accept_all(newsletter, user)
    return newsletter, compose(Week.of(day)), {draft.order for draft, _why in outcome.left}


def test_real_issues_read_back_as_they_were(seeds):
    """★ Row 95 by the readings: original and published text give the same items."""
    reference.load()
    for path, day in seeds:
        when = dt.date.fromisoformat(day)
        newsletter, issue, left = brought_in(path.stem, path.read_bytes(), when)
        assert not left
        assert items(to_text(issue), when) == items(newsletter.text, when)
        assert misread(issue) == []


def rows():
    """Every record of the database with its fields, in the order of the weekly; without keys and what tells when it came in."""
    lately = {"id", "created_at", "updated_at", "source_note", "source_on", "source_order", "week_on", "dated_on", "field_status"}
    lately |= {"company", "region", "province", "verification_body", "consultant", "recognised_by"}
    found = []
    for model in (Policy, VerificationStatement, NewsItem):
        for record in model.objects.order_by("source_order"):
            values = {
                field.name: getattr(record, field.attname) for field in model._meta.concrete_fields if field.name not in lately
            }
            found.append((record.section, model.__name__, values, told(record)))
    return found


def told(record):
    """The rows that hang on a record, by the words that they show."""
    if isinstance(record, Policy):
        figures = [
            sorted(
                tuple((name, value) for name, value in row.items() if name not in {"id", "policy_id"})
                for row in getattr(record, children).values()
            )
            for children in ("documents", "key_points", "incentives", "targets", "links")
        ]
        issuers = [(issuer.body.name, issuer.position) for issuer in record.issuers.all()]
        return (str(record.region), issuers, sorted(topic.slug for topic in record.topics.all()), str(figures))
    if isinstance(record, VerificationStatement):
        names = sorted(name.name for name in record.company.names.all())
        whom = (str(record.company), names, str(record.company.region), str(record.verification_body), str(record.consultant))
        return (*whom, sorted(map(str, record.products.all())), sorted(map(str, record.standards.all())))
    return ()


def emptied():
    """All that came from newsletters is gone, the newsletters too."""
    for model in (Newsletter, Policy, VerificationStatement, NewsItem, Company):
        manager = getattr(model, "with_deleted", model.objects)
        manager.all().delete()


@pytest.mark.parametrize("at", [0, 1])
def test_a_real_issue_pasted_into_an_empty_database_gives_the_same_records(seeds, at):
    """★ Row 95 by the records: import, accept, publish, and the text into an empty database."""
    reference.load()
    path, day = seeds[at]
    when = dt.date.fromisoformat(day)
    _newsletter, issue, left = brought_in("first", path.read_bytes(), when)
    assert not left
    before, text = rows(), to_text(issue)
    emptied()
    _newsletter, again, left = brought_in("again", text.encode(), when)
    assert not left
    assert rows() == before
    assert to_text(again) == text


def told_by_hand(order):
    """Where a record stands in a newsletter that is gone."""
    return {"week_on": DAY, "source_on": DAY, "source_order": f"{1:010}.{order:05}.00001", "section": "industry"}


DAY = dt.date(2026, 1, 16)


def test_what_only_a_person_knows_is_read_back_into_records():
    """Row 95 for columns that no sentence of a newsletter says: of lists, of the register, of a day of news."""
    reference.load()
    user = factory.superuser(username="again")
    company = Company.objects.create(name="Kunshan Sample Electronics Co., Ltd.", is_legal_name=False)
    kind = StatementType.objects.get(slug="green_factory")
    listed = VerificationStatement.objects.create(
        **told_by_hand(1),
        company=company,
        statement_type=kind,
        programme=kind.programmes.get(),
        headline="样例：入选名单",
        tier="province",
        batch="第三批；甲",
        list_stage="construction",
        removed_on=dt.date(2026, 1, 2),
        register_status="suspended",
        summary="第一行\n第二行「引」",
    )
    news = NewsItem.objects.create(
        **told_by_hand(2), headline="样例指数", kind="report", text="往期推荐\n指数为85。", announced_on=dt.date(2026, 1, 14)
    )
    text = to_text(compose(Week.of(DAY)))
    emptied()
    newsletter = intake.bring_in("again.txt", text.encode(), reference_date=DAY, user=user).newsletter
    assert intake.accept_all(newsletter, user).left == []
    again, told = VerificationStatement.objects.get(), NewsItem.objects.get()
    same = ("tier", "batch", "list_stage", "removed_on", "register_status", "headline", "section")
    assert {name: getattr(again, name) for name in same} == {name: getattr(listed, name) for name in same}
    assert (again.company.name, again.programme, again.summary) == (company.name, listed.programme, "第一行 第二行「引」")
    assert (told.announced_on, told.text, told.kind) == (news.announced_on, news.text, news.kind)
    assert to_text(compose(Week.of(DAY))) == text


@pytest.mark.parametrize("part", range(PARTS))
def test_sample_issues_read_back_as_they_were(part):
    """Row 95 over the team's samples, in the layouts and words of ten editors."""
    reference.load()
    for path in SAMPLES[part::PARTS]:
        when = dt.date.fromisoformat(json.loads(path.with_suffix(".json").read_text("utf-8"))["reference_date"])
        with transaction.atomic():
            newsletter, issue, left = brought_in(path.stem, path.read_bytes(), when)
            assert items(to_text(issue), when) == items(newsletter.text, when, left), path.name
            assert misread(issue) == []
            transaction.set_rollback(True)
