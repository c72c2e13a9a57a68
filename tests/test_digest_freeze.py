"""An issue of the weekly: a draft follows its records, a frozen one never changes, later changes are corrections."""

import datetime as dt

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from certifications.models import VerificationStatement
from policies.models import KeyPoint, Policy
from tanxun.digest import editing
from tanxun.digest.amendments import corrections
from tanxun.digest.editing import ChangedMeanwhile, Wishes, draft_of, freeze, issue_of, save
from tanxun.digest.issue import Choices, Week
from tanxun.digest.models import Digest, NewsItem
from tests import factory as f

pytestmark = pytest.mark.django_db

WEEK = Week.parse("2026-W03")
DAY = dt.date(2026, 1, 16)
FREEZE, LATER = dt.datetime(2026, 1, 18, 10, tzinfo=dt.UTC), dt.datetime(2026, 2, 3, 9, tzinfo=dt.UTC)


def policy(headline, point="推动零碳园区建设。", **kwargs):
    made = f.policy(headline, week_on=DAY, **kwargs)
    KeyPoint.objects.create(policy=made, text=point)
    return made


@pytest.fixture
def records():
    """A week of two policies, a statement from a sheet and a piece of news."""
    with time_machine.travel(dt.datetime(2026, 1, 16, 9, tzinfo=dt.UTC), tick=False):
        first, second = policy("样例部:发布甲方案"), policy("样例部:发布乙方案")
        statement = f.statement(company=f.company("昆山样例电子有限公司"), week_on=DAY, certificate_number="A-1")
        news = NewsItem.objects.create(headline="样例指数发布", kind="other", section="industry", text="指数为85。", week_on=DAY)
    return first, second, statement, news


def frozen(**kwargs):
    with time_machine.travel(FREEZE, tick=False):
        return freeze(WEEK, f.user("manager"), **kwargs)


def headlines(digest):
    return [entry.headline for entry in issue_of(digest).entries]


def test_a_draft_is_made_of_its_records_and_follows_them(records):
    first, *_others = records
    assert len(headlines(draft_of(WEEK))) == 4
    first.headline = "样例部:发布丙方案"
    first.save()
    assert "样例部:发布丙方案" in headlines(draft_of(WEEK))
    first.remove("twice")
    assert len(headlines(draft_of(WEEK))) == 3
    assert not Digest.objects.exists()  # looking stores nothing


def test_what_an_editor_chose_stands_in_the_issue(records):
    first, second, news = f"policy-{records[0].pk}", f"policy-{records[1].pk}", f"news-{records[3].pk}"
    choices = Choices((second, first), frozenset({news}), {first: "另一标题"}, {second: "值得一读"})
    save(WEEK, 0, Wishes("第三周", "碳讯丨另一行", True, choices))
    issue = issue_of(draft_of(WEEK))
    assert (issue.title, issue.lead) == ("第三周", "碳讯丨另一行")
    assert [entry.key for entry in issue.entries][:2] == [second, first]
    assert (issue.entries[1].headline, issue.entries[0].note) == ("另一标题", "值得一读")
    assert news not in [entry.key for entry in issue.entries]


def test_what_came_by_sheet_is_left_out_with_one_tick(records):
    statement = records[2]
    key = f"statement-{statement.pk}"
    accepted = f.statement(week_on=DAY, source_order="0000000001.00002.00001", section="industry")
    save(WEEK, 0, Wishes(has_sheets=False))
    keys = [entry.key for entry in issue_of(draft_of(WEEK)).entries]
    assert key not in keys
    assert f"statement-{accepted.pk}" in keys
    f.statement(week_on=DAY)  # another sheet, later
    assert [entry.key for entry in issue_of(draft_of(WEEK)).entries] == keys


def test_a_frozen_issue_never_changes(records):
    digest = frozen()
    before = Digest.objects.values_list("frozen", flat=True).get()
    for record in records:
        record.remove("mistake")
    policy("迟到的方案")
    digest.refresh_from_db()
    assert digest.frozen == before
    assert digest.published_on == FREEZE.date()
    assert len(issue_of(digest).entries) == digest.entry_count == 4
    with pytest.raises(ChangedMeanwhile):
        save(WEEK, digest.version, Wishes("anew"))
    with pytest.raises(ChangedMeanwhile):
        freeze(WEEK, f.user("manager"))
    digest.refresh_from_db()
    assert digest.frozen == before


def sealed():
    with time_machine.travel(FREEZE, tick=False):
        return editing.seal(editing.to_be_frozen(draft_of(WEEK)))


def test_what_is_frozen_is_what_was_looked_at(records):
    seen = sealed()
    KeyPoint.objects.update_or_create(policy=records[0], defaults={"text": "改后的要点。"})
    with pytest.raises(ChangedMeanwhile):
        frozen(seen=seen)
    assert not Digest.objects.published().exists()
    frozen(seen=sealed())
    assert Digest.objects.published().count() == 1


def test_an_empty_week_is_not_frozen():
    with pytest.raises(ValidationError):
        frozen()
    assert not Digest.objects.exists()


def test_the_database_knows_no_half_frozen_issue():
    with pytest.raises(IntegrityError), transaction.atomic():
        Digest.objects.create(week="2026-W03", frozen_at=FREEZE)


def test_one_draft_for_a_week_whoever_begins_it(records):
    save(WEEK, 0, Wishes("one"))
    with pytest.raises(ChangedMeanwhile) as meanwhile:
        save(WEEK, 0, Wishes("two"))
    assert meanwhile.value.digest.title == "one"
    assert Digest.objects.get().title == "one"


def test_saving_the_same_again_writes_nothing(records):
    digest = save(WEEK, 0, Wishes("one"))
    again = save(WEEK, digest.version, Wishes("one"))
    assert (again.version, Digest.history.count()) == (1, 1)


def test_too_long_a_text_is_named_and_nothing_is_written(records):
    key = f"policy-{records[0].pk}"
    with pytest.raises(ValidationError) as refused:
        save(WEEK, 0, Wishes("x" * 201, choices=Choices(headlines={key: "长" * 301})))
    assert set(refused.value.message_dict) == {"title", f"headline-{key}"}
    assert not Digest.objects.exists()


def notes(digest):
    return [str(each) for each in corrections(Digest.objects.get(pk=digest.pk))]


def test_a_changed_record_is_corrected_in_words_with_its_day(records):
    digest = frozen()
    assert notes(digest) == []
    point = records[0].key_points.get()
    with time_machine.travel(LATER, tick=False):
        point.text = "推动近零碳园区建设。"
        point.save()
    (note,) = notes(digest)
    assert note.startswith("2026-02-03 更正：第1条“样例部:发布甲方案”")
    assert "推动零碳园区建设。" in note
    assert "推动近零碳园区建设。" in note


def test_a_company_renamed_is_a_correction_of_its_statement(records):
    digest = frozen()
    company = records[2].company
    with time_machine.travel(LATER, tick=False):
        company.name = "昆山更名电子有限公司"
        company.save()
    (note,) = notes(digest)
    assert note.startswith("2026-02-03 更正")
    assert "昆山更名电子有限公司" in note


def test_a_deleted_record_is_withdrawn_and_a_late_one_is_added(records):
    digest = frozen()
    with time_machine.travel(LATER, tick=False):
        records[1].remove("twice")
        policy("样例部:迟到的方案", "迟到的要点。")
    gone, late = notes(digest)
    assert gone.startswith("2026-02-03 撤回：第2条“样例部:发布乙方案”")
    assert "补充" in late
    assert "迟到的要点。" in late
    records[1].restore()
    assert len(notes(digest)) == 1


def test_what_was_left_out_is_no_late_record(records):
    left_out = frozenset({f"policy-{records[0].pk}"})
    save(WEEK, 0, Wishes(has_sheets=False, choices=Choices(left_out=left_out)))
    digest = frozen()
    with time_machine.travel(LATER, tick=False):
        Policy.objects.get(pk=records[0].pk).save()
        f.statement(week_on=DAY)
    assert notes(digest) == []


def test_a_headline_reworded_for_the_issue_is_no_correction_of_the_record(records):
    key = f"policy-{records[0].pk}"
    save(WEEK, 0, Wishes(choices=Choices(headlines={key: "另一标题"})))
    digest = frozen()
    with time_machine.travel(LATER, tick=False):
        records[0].save()
    assert notes(digest) == []


def test_a_new_wording_of_the_program_corrects_nothing(records):
    """The text differs, yet nobody wrote anything: the issue was frozen by an earlier wording."""
    digest = frozen()
    kept = digest.frozen
    kept["entries"][0]["paragraphs"] = ["以前的写法。"]
    Digest.objects.filter(pk=digest.pk).update(frozen=kept)
    assert notes(digest) == []


def test_a_draft_has_no_corrections(records):
    digest = save(WEEK, 0, Wishes("one"))
    assert corrections(digest) == []


def test_many_corrections_are_told_up_to_thirty_and_counted(records):
    digest = frozen()
    with time_machine.travel(LATER, tick=False):
        for number in range(40):
            f.statement(week_on=DAY, company=f.company(f"昆山补充{number}有限公司"))
    found = notes(digest)
    assert len(found) == 31
    assert "另有10处" in found[-1]


def test_the_number_of_queries_does_not_rise_with_the_week(records):
    digest = Digest.objects.get(pk=frozen().pk)

    def asked(late):
        with time_machine.travel(LATER, tick=False):
            for number in range(late):
                policy(f"样例部:迟到{number}")
                f.statement(week_on=DAY)
        with CaptureQueriesContext(connection) as queries:
            assert len(corrections(digest)) >= 2
        return len(queries)

    assert asked(2) == asked(12)
    assert VerificationStatement.objects.count() == 15


def test_an_issue_whose_records_nobody_touched_is_not_made_anew(records, monkeypatch):
    digest = frozen()
    f.policy("另一周的政策", week_on=dt.date(2026, 3, 2))
    monkeypatch.setattr("tanxun.digest.amendments.composed", lambda digest: pytest.fail("composed"))
    assert notes(digest) == []
