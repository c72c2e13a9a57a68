"""Four eyes at the review desk, with imports and bulk edits: the same rule, whatever way a fact comes in."""

import datetime as dt

import pytest

from certifications.models import Company, SheetImport, StatementType, VerificationStatement
from certifications.recorded import seal
from policies.models import Policy
from tanxun.digest import intake
from tanxun.digest.models import Draft, NewsItem
from tanxun.jobs.models import Job, State
from tanxun.records.models import Proposal
from tanxun.records.proposals import unapproved
from tests import factory
from tests.four_eyes import decide, lines, people, waiting  # noqa: F401 - a fixture
from tests.reading import words
from tests.sheets import ROW, row, vocabulary, workbook
from tests.test_bulk_edit import WANTED, version
from tests.test_import_pages import act, upload, work
from tests.test_intake import FRIDAY, HIDDEN, ISSUE, NEWS, STATEMENT, bring, editor  # noqa: F401 - a fixture
from tests.test_review_desk import sent
from tests.working import work_off

pytestmark = pytest.mark.django_db


@pytest.fixture
def newsletter(editor, people):  # noqa: F811
    return intake.bring_in("", ISSUE, reference_date=FRIDAY, user=editor).newsletter


def facts():
    return Policy.objects.count(), VerificationStatement.objects.count(), NewsItem.objects.count(), Company.objects.count()


def shown_nowhere(name):
    """Whether no list, file, feed, search or count of the site knows the word."""
    from django.test import Client

    reader = Client()
    reader.force_login(factory.user("manager"))
    pages = (
        "/statements/",
        "/statements.csv",
        "/statements.jsonl",
        "/statements.atom",
        "/companies/?statements_min=0",
        f"/search/?q={name}",
    )
    for page in pages:
        answer = reader.get(page)
        text = b"".join(answer) if answer.streaming else answer.content
        assert answer.status_code == 200
        assert text.decode().replace(f'value="{name}"', "").count(name) <= (1 if "q=" in page else 0), page
    return True


def test_an_accepted_item_waits_and_is_shown_nowhere(people, newsletter):  # noqa: F811
    """NWS-13: not before it is approved, either."""
    draft = newsletter.drafts.get(order=2)
    answer = sent(people.editor.page, draft)
    assert answer.status_code == 302
    assert "/review/" in answer["Location"]  # on to the next item
    assert facts() == (0, 0, 0, 0)
    assert Draft.objects.get(pk=draft.pk).is_pending
    assert "waits for approval" in words(people.editor.page.get(newsletter.get_absolute_url()).content.decode())
    assert shown_nowhere("星河家电")
    again = sent(people.second.page, draft, headline="typed by the second")
    assert again.status_code == 409
    assert "typed by the second" in again.content.decode()  # kept, to be sent again where the first is returned
    assert Proposal.objects.count() == 1
    decide(people.manager, waiting())
    statement = VerificationStatement.objects.get()
    assert statement.company.name == "苏州星河家电有限公司"
    reviewed = Draft.objects.get(pk=draft.pk)
    assert (reviewed.status, reviewed.reviewed_by, reviewed.statement) == ("accepted", people.editor.user, statement)
    entry = statement.history.earliest()
    assert entry.history_user == people.editor.user
    assert "李四" in entry.history_change_reason


def test_accept_all_is_one_proposal_and_leaves_out_what_waits(people, newsletter):  # noqa: F811
    sent(people.editor.page, newsletter.drafts.get(order=2))
    people.editor.page.post(newsletter.get_absolute_url(), {"action": "accept_all", "draft": "9" * 5000})
    assert people.editor.page.get(newsletter.get_absolute_url()).status_code == 200
    assert facts() == (0, 0, 0, 0)
    first, second = Proposal.objects.order_by("pk")
    assert "星河" not in str(second.told)
    decide(people.manager, second)
    decide(people.manager, first)
    assert VerificationStatement.objects.filter(company__name="苏州星河家电有限公司").count() == 1
    assert not newsletter.drafts.filter(status="pending", questions=[]).exists()


def test_taking_back_waits_and_skipping_does_not(people, newsletter, settings):  # noqa: F811
    settings.FOUR_EYES = False
    draft = newsletter.drafts.get(order=2)
    sent(people.editor.page, draft)
    settings.FOUR_EYES = True
    address = newsletter.get_absolute_url()
    people.editor.page.post(address, {"action": "undo", "draft": draft.pk})
    assert VerificationStatement.objects.count() == 1
    assert waiting().told[0]["what"] == "removed"
    decide(people.manager, waiting())
    assert VerificationStatement.objects.count() == 0
    people.editor.page.post(address, {"action": "skip", "draft": newsletter.drafts.get(order=1).pk, "reason": "旧闻"})
    assert newsletter.drafts.get(order=1).status == "rejected"


def test_accepting_in_the_background_waits_before_it_begins(people, newsletter, monkeypatch):  # noqa: F811
    monkeypatch.setattr("tanxun.digest.tasks.AT_ONCE", 1)
    people.editor.page.post(newsletter.get_absolute_url(), {"action": "accept_all"})
    assert not Job.objects.exists()
    assert any("星河" in line for line in lines(waiting()))
    decide(people.manager, waiting())
    job = Job.objects.get()
    assert (job.owner, job.state) == (people.editor.user, State.WAITING)
    assert work_off(job).state == State.DONE
    entry = VerificationStatement.objects.first().history.earliest()
    assert entry.history_user == people.editor.user
    assert "李四" in entry.history_change_reason


def test_work_that_nobody_else_could_approve_says_so(people, newsletter, monkeypatch):  # noqa: F811
    monkeypatch.setattr("tanxun.digest.tasks.AT_ONCE", 1)
    people.second.user.is_active = False
    people.second.user.save()
    people.manager.page.post(newsletter.get_absolute_url(), {"action": "accept_all"})
    assert work_off(Job.objects.get()).state == State.DONE
    assert unapproved() in VerificationStatement.objects.first().history.earliest().history_change_reason


def test_an_import_waits_between_its_check_and_its_commit(people, tmp_path):  # noqa: F811
    """What a manager approves is the report of the check."""
    vocabulary()
    sheet = upload(people.editor.page, workbook(tmp_path, ROW, row(company="乙有限公司", number="2", body="某机构")))
    assert work().state == State.DONE  # the check writes nothing, and so does not wait
    act(people.editor.page, sheet, "bring_in", choices="1")
    assert not Job.objects.open().exists()
    assert not VerificationStatement.objects.exists()
    proposal = waiting()
    assert any(line.endswith("→ 2") for line in lines(proposal)), lines(proposal)
    shown = act(people.editor.page, sheet, "check", choices="1", updates="1", is_partial="1")
    assert "It waits for approval" in shown
    sheet.refresh_from_db()
    assert (sheet.updates, sheet.is_partial) == (False, False)
    assert upload(people.editor.page, tmp_path / "sheet.xlsx") == sheet  # the same file again checks nothing anew, either
    assert not Job.objects.open().exists()
    report = f"/imports/{sheet.pk}/report.xlsx"
    assert people.manager.page.get(report).status_code == 200
    decide(people.manager, proposal)
    assert people.manager.page.get(report).status_code == 404  # decided: it is its owner's again
    shown = act(people.editor.page, sheet, "check", choices="1", updates="1")
    assert "under way" in shown
    sheet.refresh_from_db()
    assert not sheet.updates
    assert work().state == State.DONE
    assert VerificationStatement.objects.count() == 2
    for statement in VerificationStatement.objects.all():
        entry = statement.history.get()
        assert entry.history_user == people.editor.user
        assert "李四" in entry.history_change_reason
    act(people.editor.page, sheet, "undo", sure="1")
    assert VerificationStatement.objects.count() == 2
    decide(people.second, waiting())
    assert work().state == State.DONE
    assert VerificationStatement.objects.count() == 0
    for file in SheetImport.folder().glob("*.*"):
        file.unlink()


def test_a_bulk_edit_waits_and_tells_every_record(people):  # noqa: F811
    factory.region()
    factory.body("cti", name="CTI华测")
    two = [factory.statement(company=factory.company(f"第{n}有限公司"), is_body_undisclosed=True) for n in range(2)]
    given = {"id": [each.pk for each in two], "reason": "核对过登记", **WANTED}
    seen = people.editor.page.post("/statements/edit/", given)
    form = given | {"write": "1", "version": version(words(seen.content.decode()))}
    assert people.editor.page.post("/statements/edit/", form).status_code == 302
    assert not VerificationStatement.objects.filter(register_status="valid").exists()
    proposal = waiting()
    assert {entry["name"] for entry in proposal.told} >= {"第0有限公司", "第1有限公司"}
    assert proposal.reason == "核对过登记"
    decide(people.manager, proposal)
    assert VerificationStatement.objects.filter(register_status="valid").count() == 2
    assert set(Company.objects.values_list("region_id", flat=True)) == {"320583"}


def test_a_merge_with_a_record_and_a_conflict_decided_wait(people, editor, settings):  # noqa: F811
    settings.FOUR_EYES = False
    first = intake.bring_in(
        "", f"碳讯丨测试周报第一期\n\n01. 行业动态\n\n{STATEMENT}", reference_date=FRIDAY, user=editor
    ).newsletter
    intake.accept_all(first, editor)
    record = VerificationStatement.objects.get()
    record.valid_until = dt.date(2027, 1, 1)
    record.save()
    settings.FOUR_EYES = True
    text = f"碳讯丨测试周报第二期\n\n01. 行业动态\n\n{STATEMENT}".replace("近日", "近两日")
    later = intake.bring_in("", text, reference_date=FRIDAY + dt.timedelta(days=7), user=editor).newsletter
    draft = later.drafts.get()
    answer = sent(people.editor.page, draft, action=f"merge:{record.pk}", certificate_number="CN-1", valid_until="2028-01-01")
    assert answer.status_code == 302
    record.refresh_from_db()
    assert record.certificate_number == ""
    assert not record.conflicts.exists()
    decide(people.manager, waiting())
    record.refresh_from_db()
    assert (record.certificate_number, str(record.valid_until)) == ("CN-1", "2027-01-01")
    conflict = record.conflicts.get(field="valid_until")
    people.editor.page.post("/conflicts/", {"conflict": conflict.pk, "choice": "other", "seen": seal(record, conflict.field)})
    record.refresh_from_db()
    assert str(record.valid_until) == "2027-01-01"
    decide(people.manager, waiting())
    record.refresh_from_db()
    assert str(record.valid_until) == "2028-01-01"


def test_a_draft_whose_question_has_gone_since_is_accepted_by_nobody(people, editor, monkeypatch):  # noqa: F811
    """What the approver was shown is accepted, and no more: item 1 asked which of two companies it names."""
    monkeypatch.setattr("tanxun.digest.tasks.AT_ONCE", 1)
    factory.company("苏州星河家电有限责任公司")
    twin = factory.company("苏州星河家电股份有限公司")
    issue = bring(f"碳讯丨测试周报第一期\n\n01. 行业动态\n\n{STATEMENT}\n{HIDDEN}\n{NEWS}", editor).newsletter
    twin.remove("重复")
    people.editor.page.post(issue.get_absolute_url(), {"action": "accept_all"})
    shown = set(waiting().told[-1]["drafts"])
    decide(people.manager, waiting())
    assert work_off(Job.objects.get()).state == State.DONE
    accepted = set(issue.drafts.exclude(status="pending").values_list("pk", flat=True))
    assert accepted == shown
    assert issue.drafts.filter(status="pending").exists()


def brought_in(page, sheet):
    """Where nobody has to approve it."""
    vocabulary()
    found = upload(page, sheet)
    assert work().state == State.DONE
    act(page, found, "bring_in", choices="1")
    assert work().state == State.DONE


def test_an_approved_sheet_that_would_now_change_something_else_is_not_written(people, tmp_path, settings):  # noqa: F811
    settings.FOUR_EYES = False
    brought_in(people.editor.page, workbook(tmp_path, ROW))
    settings.FOUR_EYES = True
    sheet = upload(people.editor.page, workbook(tmp_path, ROW, row(company="乙有限公司", number="2", body="某机构")))
    assert work().state == State.DONE
    act(people.editor.page, sheet, "check", choices="1", updates="1")
    assert work().state == State.DONE
    act(people.editor.page, sheet, "bring_in", choices="1", updates="1")
    proposal = waiting()
    known = VerificationStatement.objects.get()
    known.valid_until = dt.date(2039, 1, 1)
    known.save()
    decide(people.manager, proposal)
    assert work().state == State.FAILED
    known.refresh_from_db()
    sheet.refresh_from_db()
    assert (known.valid_until, VerificationStatement.objects.count()) == (dt.date(2039, 1, 1), 1)
    assert (sheet.state, sheet.counts["changed"]) == (SheetImport.State.CHECKED, 1)
    act(people.editor.page, sheet, "bring_in", choices="1", updates="1")
    decide(people.manager, waiting())  # shown what it is now, and approved again
    assert work().state == State.DONE
    known.refresh_from_db()
    assert known.valid_until != dt.date(2039, 1, 1)
    assert VerificationStatement.objects.count() == 2
    for file in SheetImport.folder().glob("*.*"):
        file.unlink()


def test_only_a_reading_that_was_checked_is_proposed_and_its_columns_are_told(people, tmp_path):  # noqa: F811
    vocabulary()
    sheet = upload(people.editor.page, workbook(tmp_path, ROW, row(company="乙有限公司", issued="昨天")))
    work()
    act(people.editor.page, sheet, "bring_in", choices="1", is_partial="1", **{"column-5": "summary"})
    assert not Proposal.objects.exists()
    assert work().state == State.DONE  # a check
    act(people.editor.page, sheet, "bring_in", choices="1", is_partial="1", **{"column-5": "summary"})
    told = {(label, new) for label, _old, new in waiting().told[-1]["lines"]}
    assert {("Column “产品名称”", "Summary"), ("Bring in the good rows although others have errors", "yes")} <= told
    decide(people.manager, waiting())
    assert work().state == State.DONE
    assert VerificationStatement.objects.get().summary == "路由器"
    for file in SheetImport.folder().glob("*.*"):
        file.unlink()


def test_an_approved_row_that_would_now_say_something_else_is_not_written(people, tmp_path):  # noqa: F811
    """The same counts, but a word of the sheet has come to mean another type."""
    vocabulary()
    sheet = upload(people.editor.page, workbook(tmp_path, ROW))
    work()
    act(people.editor.page, sheet, "bring_in", choices="1")
    decide(people.manager, waiting())
    StatementType.objects.filter(slug="product_carbon_footprint").update(name="旧", full_name="", cue_words="")
    StatementType.objects.filter(slug="ghg_verification").update(cue_words="产品碳足迹")
    assert work().state == State.FAILED
    assert not VerificationStatement.objects.exists()
    for file in SheetImport.folder().glob("*.*"):
        file.unlink()


def test_a_sheet_may_be_checked_in_one_language_and_brought_in_in_another(people, tmp_path, settings):  # noqa: F811
    settings.FOUR_EYES = False
    brought_in(people.editor.page, workbook(tmp_path, ROW))
    known = VerificationStatement.objects.get()
    known.valid_until = dt.date(2039, 1, 1)
    known.save()
    settings.FOUR_EYES = True
    people.editor.page.cookies["django_language"] = "zh-hans"
    sheet = upload(people.editor.page, workbook(tmp_path, ROW, row(company="乙有限公司", number="2", body="某机构")))
    assert work().state == State.DONE
    act(people.editor.page, sheet, "check", choices="1", updates="1")
    assert work().state == State.DONE
    people.editor.page.cookies["django_language"] = "en"
    act(people.editor.page, sheet, "bring_in", choices="1", updates="1")
    decide(people.manager, waiting())
    assert work().state == State.DONE
    assert VerificationStatement.objects.exclude(valid_until=dt.date(2039, 1, 1)).count() == 2
    for file in SheetImport.folder().glob("*.*"):
        file.unlink()
