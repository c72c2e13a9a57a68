"""Where two sources disagree both values stay with their sources, on the record and the desk, until a person picks one."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from certifications import deciding
from certifications.conflicts import look_alikes
from certifications.models import Conflict, NotTheSame, VerificationStatement
from certifications.recorded import seal
from policies.models import Policy
from tanxun.digest import intake, review
from tanxun.digest.entry import open_draft
from tests import factory
from tests.reading import read, words
from tests.sheets import bring, csv_file, row
from tests.test_intake import FRIDAY, editor  # noqa: F401 - a fixture

pytestmark = pytest.mark.django_db

FIRST = """碳讯丨测试周报第一期

01. 地方动态

浙江:出台零碳园区办法

3月10日,浙江省经济和信息化厅印发《浙江省零碳园区试行办法》。到2028年,新增零碳园区30家以上。对通过验收的园区给予50万元奖励。

02. 行业动态

星河家电:获产品碳足迹核查声明

3月9日,苏州星河家电有限公司的洗衣机产品获得SGS颁发的产品碳足迹核查声明。
"""
SECOND = FIRST.replace("第一期", "第二期").replace("3月9日", "3月11日").replace("30家", "40家")


def opened(draft):
    """A draft as accept-all would send it."""
    entry = open_draft(draft).as_sent()
    assert entry.form.is_valid(), entry.form.errors
    return entry


@pytest.fixture
def merged(editor):  # noqa: F811
    """Both items of the first issue accepted, those of the second, which says other figures, merged into them."""
    first = intake.bring_in("", FIRST, reference_date=FRIDAY, user=editor).newsletter
    for draft in first.drafts.all():
        review.accept(draft, opened(draft), editor)
    second = intake.bring_in("", SECOND, reference_date=dt.date(2026, 3, 20), user=editor).newsletter
    for draft in second.drafts.all():
        entry = opened(draft)
        review.merge(draft, entry, entry.twins[0].record, editor)
    return second


def decide(client, conflict, choice, user, **further):
    """As the page that shows it now sends it, unless `seen` says otherwise."""
    client.force_login(user)
    sent = {"conflict": conflict.pk, "choice": choice, "seen": seen_of(conflict)}
    return client.post("/conflicts/", sent | further)


def seen_of(conflict):
    return seal(type(conflict.record).objects.get(pk=conflict.record.pk), conflict.field)


def test_a_merge_keeps_both_values_with_their_sources(client, merged, editor):  # noqa: F811
    statement, policy = VerificationStatement.objects.get(), Policy.objects.get()
    assert statement.announced_on == dt.date(2026, 3, 9)
    of_statement, of_policy = statement.conflicts.get(), policy.conflicts.get()
    assert (of_statement.field, of_statement.kept, of_statement.other) == ("announced_on", "2026-03-09", "2026-03-11")
    assert "第一期" in of_statement.kept_source
    assert "第二期" in of_statement.other_source
    assert "第二期" not in of_statement.kept_source
    assert of_policy.field == "targets"
    assert "40" in of_policy.other
    assert "30" in of_policy.kept
    for record, conflict in ((statement, of_statement), (policy, of_policy)):
        page = words(read(client, record.get_absolute_url(), editor))
        for text in (conflict.kept, conflict.other, conflict.other_source, "Take this", "Keep this"):
            assert text in page, text
        assert "Take this" not in read(client, record.get_absolute_url())
    draft = merged.drafts.get(statement=statement)
    assert "2026-03-11" in read(client, f"/review/{merged.pk}/?draft={draft.pk}", editor)


def test_the_other_value_is_one_click_away_and_stands_in_the_history(client, merged, editor):  # noqa: F811
    statement = VerificationStatement.objects.get()
    assert decide(client, statement.conflicts.get(), "other", editor).url == statement.get_absolute_url()
    statement.refresh_from_db()
    assert (statement.announced_on, statement.dated_on) == (dt.date(2026, 3, 11), dt.date(2026, 3, 11))
    assert statement.field_status["announced_on"] == "confirmed"
    newest = statement.history.first()
    assert newest.history_user == editor
    assert "第二期" in newest.history_change_reason
    settled = statement.conflicts.get()
    assert (settled.choice, settled.resolved_by) == ("other", editor)
    assert "Take this" not in read(client, statement.get_absolute_url(), editor)


def test_what_was_recorded_is_kept_by_one_click_and_confirmed(client, merged, editor):  # noqa: F811
    policy = Policy.objects.get()
    decide(client, policy.conflicts.get(), "kept", editor)
    policy.refresh_from_db()
    assert [target.value for target in policy.targets.all()] == [Decimal(30)]
    assert policy.history.first().history_user == editor
    assert not Conflict.objects.of(policy).open().exists()


def test_targets_of_a_policy_are_taken_as_a_whole(client, merged, editor):  # noqa: F811
    policy = Policy.objects.get()
    decide(client, policy.conflicts.get(), "other", editor)
    target = policy.targets.get()
    assert (target.value, target.year, target.comparator) == (Decimal(40), 2028, ">=")


def test_the_second_of_two_people_is_told_and_nothing_is_overwritten(client, merged, editor):  # noqa: F811
    conflict = VerificationStatement.objects.get().conflicts.get()
    decide(client, conflict, "kept", editor)
    answer = decide(client, conflict, "other", factory.user("editor"))
    assert answer.status_code == 302
    assert "2026-03-09" in str(VerificationStatement.objects.get().announced_on)
    assert Conflict.objects.get(pk=conflict.pk).choice == "kept"


@pytest.mark.parametrize("choice", ["other", "kept"])
def test_what_was_edited_after_the_conflict_was_shown_is_not_overwritten(client, merged, editor, choice):  # noqa: F811
    statement = VerificationStatement.objects.get()
    conflict = statement.conflicts.get()
    shown = seen_of(conflict)
    statement.announced_on = dt.date(2026, 3, 10)
    statement.save()
    answer = decide(client, conflict, choice, editor, seen=shown)
    assert answer.status_code == 409
    assert "2026-03-10" in words(answer.content.decode())
    again = VerificationStatement.objects.get()
    assert (again.announced_on, again.field_status) == (dt.date(2026, 3, 10), statement.field_status)
    assert Conflict.objects.open().filter(pk=conflict.pk).exists()
    for address in ("/conflicts/", statement.get_absolute_url()):
        assert f'name="seen" value="{seen_of(conflict)}"' in read(client, address, editor)
    assert decide(client, conflict, choice, editor).status_code == 302
    expected = {"other": dt.date(2026, 3, 11), "kept": dt.date(2026, 3, 10)}
    assert VerificationStatement.objects.get().announced_on == expected[choice]


def test_targets_that_were_added_after_the_conflict_was_shown_stay(client, merged, editor):  # noqa: F811
    policy = Policy.objects.get()
    conflict = policy.conflicts.get()
    shown = seen_of(conflict)
    for year in range(2031, 2036):
        policy.targets.create(indicator="新增零碳工厂", value=5, year=year, position=year)
    answer = decide(client, conflict, "other", editor, seen=shown)
    assert answer.status_code == 409
    assert "2035" in words(answer.content.decode())
    assert policy.targets.count() == 6


@pytest.mark.parametrize("choice", ["other", "kept"])
def test_a_decision_can_be_opened_again_on_the_page_of_the_record(client, merged, editor, choice):  # noqa: F811
    statement = VerificationStatement.objects.get()
    conflict = statement.conflicts.get()
    decide(client, conflict, choice, editor)
    record = VerificationStatement.objects.get()
    page = words(read(client, record.get_absolute_url(), editor))
    for text in ("2026-03-09", "2026-03-11", "Decide again", str(editor)):
        assert text in page
    answer = client.post("/conflicts/", {"conflict": conflict.pk, "choice": "reopen"})
    assert answer.url == record.get_absolute_url()
    opened_again = Conflict.objects.open().get(pk=conflict.pk)
    assert (opened_again.choice, opened_again.resolved_by) == ("", None)
    assert VerificationStatement.objects.get().announced_on == record.announced_on
    page = read(client, record.get_absolute_url(), editor)
    assert "Take this" in page
    assert "Decide again" not in page


def test_a_third_source_is_measured_by_what_was_picked(client, merged, editor):  # noqa: F811
    third = intake.bring_in(
        "", FIRST.replace("第一期", "第三期").replace("3月9日", "3月12日"), reference_date=dt.date(2026, 3, 27), user=editor
    )
    statement = VerificationStatement.objects.get()
    draft = third.newsletter.drafts.get(kind="statement")
    review.merge(draft, opened(draft), statement, editor)
    second, latest = statement.conflicts.order_by("pk")
    decide(client, second, "other", editor)
    latest.refresh_from_db()
    assert (latest.kept, latest.other, latest.resolved_at) == ("2026-03-11", "2026-03-12", None)


def test_the_same_said_again_or_taken_by_the_reviewer_is_no_conflict(merged, editor):  # noqa: F811
    statement = VerificationStatement.objects.get()
    again = SECOND.replace("第二期", "第四期").replace("家电:获产品", "家电:获得产品")
    draft = intake.bring_in("", again, reference_date=dt.date(2026, 4, 3), user=editor).newsletter.drafts.get(kind="statement")
    review.merge(draft, opened(draft), statement, editor)
    assert statement.conflicts.count() == 1
    other = SECOND.replace("第二期", "第五期").replace("3月11日", "3月13日")
    draft = intake.bring_in("", other, reference_date=dt.date(2026, 4, 10), user=editor).newsletter.drafts.get(kind="statement")
    review.merge(draft, opened(draft), statement, editor, take=("announced_on",))
    assert statement.conflicts.count() == 1


@pytest.mark.parametrize(
    "printed",
    ["SGS颁发", "ＳＧＳ颁发", "权威认证机构颁发"],
)
def test_another_spelling_of_the_body_or_a_hidden_one_is_no_conflict(editor, printed):  # noqa: F811
    first = intake.bring_in("", FIRST, reference_date=FRIDAY, user=editor).newsletter.drafts.get(kind="statement")
    statement = review.accept(first, opened(first), editor)
    text = FIRST.replace("第一期", "第二期").replace("SGS颁发", printed).replace("家电:获产品", "家电:获得产品")
    draft = intake.bring_in("", text, reference_date=dt.date(2026, 3, 14), user=editor).newsletter.drafts.get(kind="statement")
    review.merge(draft, opened(draft), statement, editor)
    assert not statement.conflicts.exists()


def test_another_spelling_of_a_standard_or_of_the_consultant_is_no_conflict(editor):  # noqa: F811
    consultant = factory.company("苏州绿源咨询有限公司")

    def entry_of(issue, day, **values):
        text = FIRST.replace("第一期", issue).replace("家电:获产品", f"家电:{issue}获产品")
        draft = intake.bring_in("", text, reference_date=day, user=editor).newsletter.drafts.get(kind="statement")
        entry = open_draft(draft, data=open_draft(draft).as_sent().data | values)
        assert entry.form.is_valid(), entry.form.errors
        return entry

    first = entry_of("第一期", FRIDAY, standards="GB/T 24067-2024", consultant=consultant.name)
    statement = review.accept(first.draft, first, editor)
    later = dt.date(2026, 3, 20)
    second = entry_of("第二期", later, standards="GB/T 24067：2024", consultant="苏州绿源咨询")
    review.merge(second.draft, second, statement, editor)
    assert not statement.conflicts.exists()
    third = entry_of("第三期", later + dt.timedelta(7), standards="GB/T 24067:2023", consultant="别的咨询公司")
    review.merge(third.draft, third, statement, editor)
    assert {conflict.field for conflict in statement.conflicts.all()} == {"standards", "consultant"}


def test_a_source_that_names_the_body_against_one_that_hides_it(client, editor):  # noqa: F811
    text = FIRST.replace("SGS颁发", "权威认证机构颁发")
    first = intake.bring_in("", text, reference_date=FRIDAY, user=editor).newsletter.drafts.get(kind="statement")
    statement = review.accept(first, opened(first), editor)
    draft = intake.bring_in(
        "", FIRST.replace("第一期", "第二期"), reference_date=dt.date(2026, 3, 14), user=editor
    ).newsletter.drafts.get(kind="statement")
    review.merge(draft, opened(draft), statement, editor)
    conflict = statement.conflicts.get(field="verification_body")
    assert (conflict.kept, conflict.other) == ("未披露", "SGS")
    decide(client, conflict, "other", editor)
    statement.refresh_from_db()
    assert (str(statement.verification_body), statement.is_body_undisclosed) == ("SGS", False)


def test_taking_a_merge_back_takes_what_it_said_with_it(merged, editor):  # noqa: F811
    statement = VerificationStatement.objects.get()
    review.undo(merged.drafts.get(statement=statement), editor)
    assert not statement.conflicts.exists()
    assert Policy.objects.get().conflicts.exists()


@pytest.mark.usefixtures("english_words")
def test_a_sheet_that_does_not_update_says_otherwise(client, tmp_path):
    bring(csv_file(tmp_path, row(), name="一月.csv"))
    later = csv_file(tmp_path, row(until="2029-01-04", product="路由器；交换机"), name="二月.csv")
    for _again in range(2):
        bring(later)
    made = VerificationStatement.objects.get()
    found = {one.field: (one.kept, one.other, one.kept_source, one.other_source) for one in made.conflicts.all()}
    assert found == {
        "valid_until": ("2028-01-04", "2029-01-04", "一月.csv", "二月.csv"),
        "products": ("路由器", "路由器; 交换机", "一月.csv", "二月.csv"),
    }
    staff = factory.user("editor")
    for conflict in made.conflicts.all():
        decide(client, conflict, "other", staff)
    made.refresh_from_db()
    assert (made.valid_until, made.due_on) == (dt.date(2029, 1, 4), dt.date(2029, 1, 4))
    assert {product.name for product in made.products.all()} == {"路由器", "交换机"}


@pytest.mark.usefixtures("english_words")
def test_a_dry_run_an_update_and_a_cell_that_fills_a_gap_leave_no_conflict(tmp_path):
    bring(csv_file(tmp_path, row(until="")))
    bring(csv_file(tmp_path, row(until="2029-01-04")))
    bring(csv_file(tmp_path, row(product="交换机")), writes=False)
    bring(csv_file(tmp_path, row(product="交换机")), updates=True)
    assert not Conflict.objects.exists()


def test_the_queue_stands_on_the_home_board_and_holds_all_that_is_open(client, merged, editor):  # noqa: F811
    board = words(read(client, "/", editor))
    assert 'href="/conflicts/"><strong>2<' in board
    assert "/conflicts/" not in read(client, "/")
    page = read(client, "/conflicts/", editor)
    assert page.count("Take this") == 2
    conflict = VerificationStatement.objects.get().conflicts.get()
    assert decide(client, conflict, "kept", editor, **{"from": "list"}).url == "/conflicts/"
    assert read(client, "/conflicts/", editor).count("Take this") == 1
    Policy.objects.get().remove("entered twice")
    assert "Nothing to decide" in read(client, "/conflicts/", editor)


def test_the_number_of_queries_does_not_grow_with_the_queue(client, merged, editor):  # noqa: F811
    read(client, "/conflicts/", editor)
    with CaptureQueriesContext(connection) as two:
        read(client, "/conflicts/", editor)
    fields = ("products", "standards", "verification_body", "consultant", "programme", "recognised_by", "result", "valid_until")
    for name in fields:
        statement = factory.statement(verification_body=factory.body(f"b-{name[:9]}"))
        statement.products.add(statement.company.products.create(name=name))
        Conflict.objects.create(statement=statement, field=name, kept="1", other="2", value="2")
    for name in ("targets", "incentives", "documents", "issuing_bodies", "region", "issued_on"):
        Conflict.objects.create(policy=factory.policy(), field=name, kept="1", other="2", value="2")
    with CaptureQueriesContext(connection) as many:
        assert read(client, "/conflicts/", editor).count("Take this") == 16
    assert len(many) <= len(two) + 1


def test_only_reviewers_decide(client, merged):
    conflict = Conflict.objects.first()
    assert client.get("/conflicts/").status_code == 302
    for role in ("reader", "consultant"):
        assert decide(client, conflict, "other", factory.user(role)).status_code == 403
        assert client.get("/conflicts/").status_code == 403
    assert Conflict.objects.open().count() == 2


@pytest.mark.parametrize("choice", ["kept", "other", "reopen"])
def test_one_that_goes_while_it_is_decided_is_not_found(client, merged, editor, monkeypatch, choice):  # noqa: F811
    """As where its import is taken back in that moment."""

    def gone(model, pk):
        found = model.objects.get(pk=pk)
        model.objects.filter(pk=pk).delete()
        return found

    monkeypatch.setattr(deciding, "get_object_or_404", gone)
    assert decide(client, Conflict.objects.first(), choice, editor).status_code == 404


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"conflict": "1"},
        {"conflict": "9" * 30, "choice": "kept"},
        {"conflict": "%00", "choice": "kept"},
        {"conflict": "x\0", "choice": "kept"},
        {"same": "1"},
        {"same": "1", "statement": "1"},
        {"conflict": "123456", "choice": "kept"},
    ],
)
def test_what_cannot_be_meant_is_not_found(client, editor, sent):  # noqa: F811
    client.force_login(editor)
    assert client.post("/conflicts/", sent).status_code == 404
    assert client.get("/conflicts/?page=x").status_code == 200


def test_statements_that_look_alike_are_shown_until_they_are_told_apart(client):
    company, editor_ = factory.company(), factory.user("editor")
    one, other = (factory.statement(company=company, issued_on=dt.date(2026, 1, day)) for day in (5, 20))
    for record, twin in ((one, other), (other, one)):
        page = read(client, record.get_absolute_url(), editor_)
        assert "Not the same" in page
        assert f'href="{twin.get_absolute_url()}"' in page
        assert "Not the same" not in read(client, record.get_absolute_url())
    for _twice in range(2):
        client.force_login(editor_)
        assert client.post("/conflicts/", {"statement": other.pk, "same": one.pk}).url == other.get_absolute_url()
    assert NotTheSame.objects.get().said_by == editor_
    for record in (one, other):
        assert "Not the same" not in read(client, record.get_absolute_url(), editor_)
    assert client.post("/conflicts/", {"statement": other.pk, "alike": one.pk}).url == other.get_absolute_url()
    for record in (one, other):
        assert "Not the same" in read(client, record.get_absolute_url(), editor_)


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ({}, {}, True),
        ({"certificate_number": "A-1"}, {"certificate_number": "A-2"}, False),
        ({"certificate_number": "A-1"}, {}, True),
        ({"period_end": dt.date(2024, 12, 31)}, {"period_end": dt.date(2025, 12, 31)}, False),
        ({"tier": "national"}, {"tier": "province"}, False),
        ({"tier": "national"}, {"tier": "national"}, True),
    ],
)
def test_what_both_say_differently_tells_statements_apart(one, other, alike):
    company = factory.company()
    first, second = (factory.statement(company=company, **values) for values in (one, other))
    assert bool(look_alikes(first)) == bool(look_alikes(second)) == alike
    second.replaces = first
    second.save()
    assert not look_alikes(first)
    assert not look_alikes(second)
