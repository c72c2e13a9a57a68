"""What two sources say of one policy: the same is no conflict, whatever its rows hold; taking one side loses nothing else."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given
from hypothesis import settings as effort
from hypothesis import strategies as st

from certifications.conflicts import settle
from certifications.models import Conflict
from certifications.recorded import seal
from policies.models import Incentive, Policy, Target
from tanxun.digest import intake, review
from tanxun.digest.desk import compared
from tanxun.digest.entry import open_draft
from tanxun.digest.models import Draft, Newsletter
from tanxun.site import reference
from tests import factory
from tests.test_conflicts import opened
from tests.test_intake import FRIDAY, POLICY, editor  # noqa: F401 - a fixture

pytestmark = pytest.mark.django_db


def draft_of(newsletter, order):
    """A draft of a policy of which nothing was read: all is typed."""
    return Draft.objects.create(
        newsletter=newsletter, order=order, kind="policy", headline="样例政策", start=0, end=1, text_hash=str(order), fields={}
    )


@pytest.fixture
def newsletter(editor):  # noqa: F811
    for slug, name in (("green-factory", "绿色工厂"), ("zero-carbon-factory", "零碳工厂")):
        factory.topic(slug, name)
    return intake.bring_in("", POLICY, reference_date=FRIDAY, user=editor).newsletter


def typed(**values):
    """The form as a reviewer sends it: the tables as lists of rows."""
    data = {"headline": "样例政策", "level": "province", "region": "330000"}
    for name in ("documents", "targets", "incentives", "links"):
        rows = values.pop(name, [])
        data |= {f"{name}-TOTAL_FORMS": str(len(rows)), f"{name}-INITIAL_FORMS": "0"}
        for at, row in enumerate(rows):
            data |= {f"{name}-{at}-{column}": value for column, value in row.items() if value is not None}
    return data | values


def entry_of(newsletter, order, **values):
    entry = open_draft(draft_of(newsletter, order), data=typed(**values))
    assert entry.form.is_valid(), (entry.form.errors, [rows.errors for rows in entry.form.rows.values()])
    return entry


def accepted(newsletter, user, **values):
    entry = entry_of(newsletter, 90, **values)
    return review.accept(entry.draft, entry, user)


def merged(newsletter, user, policy, order=91, **values):
    """The open conflicts once a source that says `values` was merged into `policy`."""
    entry = entry_of(newsletter, order, **values)
    review.merge(entry.draft, entry, policy, user)
    policy.refresh_from_db()
    return {conflict.field: conflict for conflict in policy.conflicts.filter(resolved_at=None)}


def decided(conflict, choice, user):
    settle(conflict.pk, choice, user, seal(Policy.objects.get(pk=conflict.policy_id), conflict.field))


# The same said twice


def test_the_real_issues_read_twice_disagree_in_nothing(seeds):
    reference.load()
    user = factory.superuser()
    for path, printed_day in seeds:
        text, day = path.read_text(encoding="utf-8"), dt.date.fromisoformat(printed_day)
        first = intake.bring_in("", text, reference_date=day, user=user).newsletter
        assert intake.accept_all(first, user).left == []
        earlier = {"title": "别处刊载", "text_hash": f"earlier {first.pk}", "reference_date": day - dt.timedelta(days=30)}
        Newsletter.objects.filter(pk=first.pk).update(**earlier)  # else the text would be known, or a reissue of it
        again = intake.bring_in("", text, reference_date=day, user=user).newsletter
        assert again.drafts.count() == first.drafts.count() > 5
        for draft in again.drafts.all():
            record = first.drafts.get(order=draft.order, part=draft.part).record
            review.merge(draft, opened(draft), record, user)
    assert [(conflict.field, conflict.kept, conflict.other) for conflict in Conflict.objects.all()] == []


words = st.text("绿色工厂零碳园区奖励企业abcＸ《》〔〕 （）、。-0123456789", min_size=1, max_size=30).filter(str.strip)
figures = st.none() | st.decimals(0, 10**9, places=2, allow_nan=False).map(lambda figure: format(figure, "f"))
choice = st.sampled_from
loose = st.dates(dt.date(1995, 1, 1), dt.date(2040, 12, 31)).flatmap(
    lambda day: st.sampled_from([day.isoformat(), day.isoformat()[:7], day.isoformat()[:4]])
)
days = st.dates(dt.date(2020, 1, 1), dt.date(2040, 12, 31)).map(str)
documents = st.fixed_dictionaries({"title": words, "number": st.just("") | choice(["浙经信〔2026〕9号", "发改(2025)910 号"])})
targets = st.fixed_dictionaries(
    {
        "indicator": words,
        "comparator": choice(["", *Target.Comparator.values]),
        "value": figures,
        "unit": choice(["", "家", "万千瓦", "%"]),
        "base": choice(["", *Target.Base.values]),
        "year": st.none() | st.integers(1990, 2100),
        "sentence": st.just("") | words,
    }
)
incentives = st.fixed_dictionaries(
    {
        "amount": figures,
        "currency": choice(["CNY", "HKD", "%"]),
        "kind": choice(["", *Incentive.Kind.values]),
        "cap": figures,
        "apply_by": st.none() | days,
        "who_qualifies": st.just("") | words,
        "evidence_needed": st.just("") | words,
        "topics": choice(["", "绿色工厂", "绿色工厂、零碳工厂"]),
        "sentence": words,
    }
)
said = st.fixed_dictionaries(
    {
        "documents": st.lists(documents, max_size=3),
        "targets": st.lists(targets, max_size=3),
        "incentives": st.lists(incentives, max_size=3),
        "issued_on": st.just("") | loose,
        "signed_on": st.just("") | loose,
        "comment_by": st.just("") | loose,
        "expires_on": st.just("") | loose,
        "issuing_bodies": choice(["", "浙江省经济和信息化厅", "浙江省经济和信息化厅\n浙江省财政厅"]),
        "declared_issuer_count": choice(["", "2", "9"]),
        "stage": choice(["", "trial", "in_force"]),
        "park_name": choice(["", "样例园区"]),
    }
)


@effort(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(values=said)
def test_whatever_the_rows_hold_the_same_said_again_is_no_conflict(newsletter, editor, values):  # noqa: F811
    with transaction.atomic():
        policy = accepted(newsletter, editor, **values)
        assert merged(newsletter, editor, policy, **values) == {}
        transaction.set_rollback(True)


MONEY = {"amount": "500000", "currency": "CNY", "sentence": "对通过验收的园区给予50万元奖励。"}
FULL = MONEY | {"kind": "one_off", "cap": "2000000", "apply_by": "2026-06-30", "who_qualifies": "园区", "topics": "绿色工厂"}


def test_what_a_source_leaves_open_is_no_conflict_what_it_adds_is(newsletter, editor):  # noqa: F811
    policy = accepted(newsletter, editor, incentives=[FULL])
    assert merged(newsletter, editor, policy, incentives=[MONEY]) == {}
    found = merged(newsletter, editor, policy, 92, incentives=[FULL | {"apply_by": "2026-07-31"}])
    assert list(found) == ["incentives"]
    assert "2026-06-30" in found["incentives"].kept
    assert "2026-07-31" in found["incentives"].other


# Taking the other side


def test_taking_other_incentives_keeps_rows_that_stay_and_what_the_source_leaves_open(newsletter, editor):  # noqa: F811
    other_one = {"amount": "20", "currency": "%", "sentence": "按投资额的20%给予补助。", "evidence_needed": "验收文件"}
    policy = accepted(newsletter, editor, incentives=[FULL, other_one])
    same, changed = policy.incentives.get(currency="%"), policy.incentives.get(currency="CNY")
    same.topics.set([factory.topic("zero-carbon-factory")])
    written = same.history.count()
    more = MONEY | {"amount": "600000", "sentence": MONEY["sentence"].replace("50", "60")}
    found = merged(newsletter, editor, policy, incentives=[more, {"amount": "20", "currency": "%", "sentence": "补助20%。"}])
    decided(found["incentives"], "other", editor)
    now = policy.incentives.get(pk=changed.pk)
    assert (now.amount, now.cap, now.kind, now.apply_by) == (600_000, 2_000_000, "one_off", dt.date(2026, 6, 30))
    assert (now.who_qualifies, now.sentence) == ("园区", more["sentence"])
    assert [topic.name for topic in now.topics.all()] == ["绿色工厂"]
    kept = policy.incentives.get(pk=same.pk)
    assert (kept.evidence_needed, [topic.slug for topic in kept.topics.all()]) == ("验收文件", ["zero-carbon-factory"])
    assert kept.sentence == other_one["sentence"]
    assert policy.incentives.count() == 2
    assert kept.history.count() == written


def test_rows_that_a_reviewer_takes_in_the_merge_keep_them_too(newsletter, editor):  # noqa: F811
    policy = accepted(newsletter, editor, incentives=[FULL])
    before = policy.incentives.get()
    entry = entry_of(newsletter, 91, incentives=[MONEY | {"amount": "600000"}])
    review.merge(entry.draft, entry, policy, editor, take=("incentives",))
    now = policy.incentives.get()
    assert (now.pk, now.amount, now.cap, now.who_qualifies) == (before.pk, 600_000, 2_000_000, "园区")
    assert now.topics.exists()
    assert not policy.conflicts.exists()


def test_taking_other_targets_writes_only_what_differs(newsletter, editor):  # noqa: F811
    def target(year, value):
        return {"indicator": "新增零碳园区", "comparator": ">=", "value": value, "unit": "家", "base": "new", "year": year}

    policy = accepted(newsletter, editor, targets=[target(2027, "10"), target(2028, "30"), target(2035, "90")])
    first, second, third = policy.targets.all()
    first.topics.set([factory.topic("green-factory")])
    second.topics.set([factory.topic("green-factory")])
    written = third.history.count()
    found = merged(newsletter, editor, policy, targets=[target(2028, "40"), target(2035, "90"), target(2040, "200")])
    decided(found["targets"], "other", editor)
    rows = {row.year: row for row in policy.targets.all()}
    assert {year: row.value for year, row in rows.items()} == {2028: Decimal(40), 2035: Decimal(90), 2040: Decimal(200)}
    assert rows[2028].pk == second.pk
    assert rows[2028].topics.exists()
    assert rows[2035].pk == third.pk
    assert third.history.count() - written <= 1, "at most its place in the list"
    assert [row.position for row in policy.targets.all()] == [0, 1, 2]


def test_documents_are_known_by_title_or_number_and_tie_what_waits_for_them(newsletter, editor):  # noqa: F811
    other = factory.policy()
    link = other.links.create(kind="implements", title="浙江省零碳园区管理办法", sentence="落实")
    policy = accepted(newsletter, editor, documents=[{"title": "浙江省零碳园区试行办法", "number": "浙经信〔2026〕9号"}])
    document = policy.documents.get()
    found = merged(newsletter, editor, policy, documents=[{"title": "浙江省零碳园区管理办法", "number": "浙经信(2026)9 号"}])
    decided(found["documents"], "other", editor)
    assert [(row.pk, row.title) for row in policy.documents.all()] == [(document.pk, "浙江省零碳园区管理办法")]
    link.refresh_from_db()
    assert link.other == policy


# Dates known to the month or year


@pytest.mark.parametrize("name", ["issued_on", "expires_on"])
@pytest.mark.parametrize(
    ("kept", "other", "differs", "then"),
    [
        ("2026-03", "2026-03", False, "2026-03"),
        ("2026-03-05", "2026-03", False, "2026-03-05"),
        ("2026-03-05", "2026", False, "2026-03-05"),
        ("2026-03", "2026-03-05", False, "2026-03-05"),
        ("2026", "2026-03", False, "2026-03"),
        ("2026-03", "2026-04", True, "2026-03"),
        ("2026-03-05", "2026-04", True, "2026-03-05"),
        ("2026-03", "2026-04-05", True, "2026-03"),
        ("2026", "2027-04-05", True, "2026"),
    ],
)
def test_a_less_exact_date_that_holds_the_other_is_no_conflict(newsletter, editor, name, kept, other, differs, then):  # noqa: F811
    policy = accepted(newsletter, editor, **{name: kept})
    found = merged(newsletter, editor, policy, **{name: other})
    assert bool(found) == differs
    if differs:
        assert (found[name].kept, found[name].other) == (kept, other)
    assert printed(policy, name) == then


def printed(policy, name):
    day, precision = getattr(policy, name).isoformat(), policy.precisions.get(name)
    return day[: {"month": 7, "year": 4, None: 10}[precision]]


@pytest.mark.parametrize("name", ["issued_on", "expires_on"])
@pytest.mark.parametrize("kept", ["2024-02-29", "2024-02", "2024"])
@pytest.mark.parametrize("other", ["2026-03-05", "2026-03", "2026"])
def test_either_side_of_a_date_is_picked_with_its_precision(newsletter, editor, name, kept, other):  # noqa: F811
    policy = accepted(newsletter, editor, **{name: kept, "signed_on": "2023"})
    conflict = merged(newsletter, editor, policy, **{name: other})[name]
    with transaction.atomic():
        decided(conflict, "kept", editor)
        assert printed(Policy.objects.get(pk=policy.pk), name) == kept
        transaction.set_rollback(True)
    decided(conflict, "other", editor)
    policy.refresh_from_db()
    assert printed(policy, name) == other
    ends = {"2026-03-05": (5, 3), "2026-03": (31, 3), "2026": (31, 12)} if name == "expires_on" else {}
    day, month = ends.get(other) or ((5, 3) if other == "2026-03-05" else (1, int(other[5:7] or 1)))
    assert getattr(policy, name) == dt.date(2026, month, day)
    assert policy.precisions["signed_on"] == "year"


def test_the_desk_compares_dates_as_far_as_they_are_known(newsletter, editor):  # noqa: F811
    policy = accepted(newsletter, editor, issued_on="2026-03", incentives=[FULL])
    same = entry_of(newsletter, 91, issued_on="2026-03", incentives=[FULL])
    assert compared(same, policy) == []
    other = entry_of(newsletter, 92, issued_on="2026-04", incentives=[FULL | {"kind": "yearly"}])
    found = {each.name: (each.mine, each.theirs) for each in compared(other, policy)}
    assert found["issued_on"] == ("2026-04", "2026-03")
    assert set(found) == {"issued_on", "incentives"}
    assert found["incentives"][0] != found["incentives"][1]


def test_links_that_are_ticked_in_a_merge_stand_beside_those_that_were_there(newsletter, editor):  # noqa: F811
    def link(title):
        return {"take": "on", "kind": "implements", "title": title, "sentence": "落实"}

    policy = accepted(newsletter, editor, links=[link("甲办法")])
    first = policy.links.get()
    unticked = {"kind": "repeals", "title": "丙办法"}
    assert merged(newsletter, editor, policy, links=[link("《甲办法》"), link("乙办法"), unticked]) == {}
    assert [(row.pk == first.pk, row.title) for row in policy.links.all()] == [(True, "甲办法"), (False, "乙办法")]
