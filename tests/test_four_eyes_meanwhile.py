"""Four eyes while others work: two who decide at once, a record that changed, a sender who withdraws or has left. ADM-03."""

import datetime as dt
import threading

import pytest
import time_machine
from django.db import connection
from django.urls import reverse

from certifications.models import VerificationStatement
from tanxun.records.models import Proposal
from tests import factory
from tests.attaching import attached
from tests.four_eyes import browser, decide, lines, people, save, waiting  # noqa: F401 - a fixture
from tests.reading import words


@pytest.mark.django_db
def test_a_record_that_changed_meanwhile_is_a_conflict_and_nothing_is_lost(people, settings):  # noqa: F811
    statement = factory.statement(summary="before")
    save(people.editor, statement, summary="mine")
    proposal = waiting()
    statement.summary = "theirs"
    statement.save()
    told = decide(people.manager, proposal, status=409)
    assert "Others changed this meanwhile" in told
    assert "before → theirs" in told
    statement.refresh_from_db()
    assert statement.summary == "theirs"
    assert waiting() == proposal
    decide(people.manager, proposal, "return", answer="别人已改，请核对")
    home = words(people.editor.page.get("/").content.decode())
    assert "Changes returned to you" in home
    shown = people.editor.page.get(proposal.get_absolute_url())
    assert "别人已改，请核对" in shown.content.decode()
    again = people.editor.page.post(proposal.path, dict(shown.context["data"]) | {"edit_again": "1"})
    assert again.status_code == 200
    assert again.context["adminform"].form["summary"].value() == "mine"
    resent = people.editor.page.post(proposal.path, dict(shown.context["data"]))
    assert "Others changed this meanwhile" in resent.content.decode()  # the same page as ever: both versions, to be saved again


@pytest.mark.django_db
def test_what_would_now_come_of_it_is_shown_before_it_holds(people):  # noqa: F811
    """The form itself is still taken, but it would change something else than the approving person saw."""
    statement = factory.statement(register_status="unknown")
    address = reverse("admin:certifications_verificationstatement_changelist")
    body = {"action": "mark_checked", "_selected_action": [str(statement.pk)]}
    people.editor.page.post(address, body)
    proposal = waiting()
    VerificationStatement.objects.filter(pk=statement.pk).update(register_checked_on="2026-01-02")
    type(statement).objects.get().save()  # the other person's entry in the history
    shown = decide(people.manager, proposal, status=409)
    assert "Look at it again" in shown
    assert str(VerificationStatement.objects.get().register_checked_on) == "2026-01-02"
    fresh = waiting()
    assert fresh.digest != proposal.digest
    assert any("2026-01-02" in line for line in lines(fresh))
    decide(people.manager, proposal, status=409)  # an old page
    decide(people.manager, fresh)
    assert str(VerificationStatement.objects.get().register_checked_on) != "2026-01-02"


@pytest.mark.django_db
def test_decided_once_it_is_decided(people):  # noqa: F811
    """Of two managers with the same page, the second is told who was faster; the form runs once."""
    statement = factory.statement()
    save(people.editor, statement, summary="after")
    proposal = waiting()
    decide(people.manager, proposal)
    assert "Already approved by 李四" in decide(people.second, proposal, status=409)
    assert "Already approved by 李四" in decide(people.second, proposal, "return", status=409, answer="zu spät")
    assert statement.history.filter(history_type="~", summary="after").count() == 1


@pytest.mark.django_db
def test_withdrawn_it_cannot_be_approved(people):  # noqa: F811
    statement = factory.statement()
    save(people.editor, statement, summary="after")
    proposal = waiting()
    decide(people.editor, proposal, "withdraw")
    assert "withdrawn" in decide(people.manager, proposal, status=409)
    decide(people.manager, proposal, "return", status=409, answer="spät")
    statement.refresh_from_db()
    assert statement.summary == ""
    save(people.editor, statement, summary="after")
    assert waiting().pk != proposal.pk


@pytest.mark.django_db
def test_what_a_disabled_account_left_is_taken_over_or_returned(people):  # noqa: F811
    statement = factory.statement()
    save(people.editor, statement, summary="after")
    proposal = waiting()
    people.editor.user.is_active = False
    people.editor.user.save()
    assert "disabled" in decide(people.manager, proposal, status=409)
    page = people.manager.page.get(proposal.get_absolute_url())
    assert "Send it in my own name" in page.content.decode()
    assert people.manager.page.post(proposal.path, dict(page.context["data"])).status_code == 302
    decide(people.manager, proposal, "return", answer="我接手")
    mine = waiting()
    assert mine.proposer == people.manager.user
    decide(people.second, mine)
    statement.refresh_from_db()
    assert statement.summary == "after"


@pytest.mark.django_db
def test_who_lost_the_right_meanwhile_changes_nothing(people):  # noqa: F811
    statement = factory.statement()
    save(people.editor, statement, summary="after")
    people.editor.user.role = "reader"
    people.editor.user.save()
    decide(people.manager, waiting(), status=409)
    statement.refresh_from_db()
    assert statement.summary == ""


@pytest.mark.django_db
def test_a_record_removed_meanwhile_is_told(people):  # noqa: F811
    statement = factory.statement()
    save(people.editor, statement, summary="after")
    VerificationStatement.objects.get().remove("doppelt")
    decide(people.manager, waiting(), status=409)
    assert VerificationStatement.with_deleted.get().summary == ""


@pytest.mark.django_db
def test_returning_needs_a_reason_and_managers_see_how_much_waits(people):  # noqa: F811
    statement = factory.statement()
    save(people.editor, statement, summary="after")
    assert "Changes to approve" in people.manager.page.get("/").content.decode()
    assert "Changes to approve" not in people.editor.page.get("/").content.decode()
    assert "Changes to approve" not in browser(factory.user("reader")).get("/").content.decode()
    assert "Say why" in decide(people.manager, waiting(), "return", status=409)
    assert waiting().title in people.manager.page.get("/approvals/").content.decode()
    assert "Nothing of yours waits" in browser(factory.user("editor")).get("/approvals/").content.decode()
    decide(people.manager, waiting(), "return", answer="看不清")
    decide(people.editor, Proposal.objects.get(), "seen")
    assert "Changes returned to you" not in people.editor.page.get("/").content.decode()
    assert "看不清" in people.editor.page.get("/approvals/?state=returned").content.decode()
    assert people.manager.page.post(Proposal.objects.get().get_absolute_url(), {"action": "nonsense"}).status_code == 400


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif("connection.vendor == 'sqlite'", reason="an in-memory SQLite database is not shared by threads")
def test_of_two_who_approve_at_once_one_does(people):  # noqa: F811
    """The form runs once, and the second person is told who was faster."""
    statement = factory.statement()
    save(people.editor, statement, summary="after")
    proposal, answers, gate = waiting(), [], threading.Barrier(2)

    def press(who):
        try:
            gate.wait(20)
            answers.append(who.page.post(proposal.get_absolute_url(), {"action": "approve", "digest": proposal.digest}))
        finally:
            connection.close()

    threads = [threading.Thread(target=press, args=(who,)) for who in (people.manager, people.second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(answer.status_code for answer in answers) == [302, 409]
    assert "Already approved by" in next(answer for answer in answers if answer.status_code == 409).content.decode()
    assert Proposal.objects.get().decided_by in (people.manager.user, people.second.user)


@pytest.mark.django_db
@pytest.mark.parametrize("field", ["confirmed_on", "register_checked_on"])
def test_sent_on_one_day_and_approved_on_another(people, field):  # noqa: F811
    """The day that a confirmation or a check sets by itself is no other change."""
    statement = factory.statement()
    with time_machine.travel("2026-11-20 12:00+08:00"):
        if field == "confirmed_on":
            people.editor.page.post(f"/confirm/certifications.verificationstatement/{statement.pk}/")
        else:
            address = reverse("admin:certifications_verificationstatement_changelist")
            people.editor.page.post(address, {"action": "mark_checked", "_selected_action": [str(statement.pk)]})
    with time_machine.travel("2026-11-23 12:00+08:00"):
        decide(people.manager, waiting())
    statement.refresh_from_db()
    assert getattr(statement, field) == dt.date(2026, 11, 23)


@pytest.mark.django_db
def test_of_a_thousand_changes_the_page_says_how_many_it_does_not_list(people, monkeypatch):  # noqa: F811
    monkeypatch.setattr("tanxun.site.four_eyes.told.MOST_SHOWN", 2)
    keys = [str(factory.statement().pk) for _n in range(5)]
    address = reverse("admin:certifications_verificationstatement_changelist")
    people.editor.page.post(address, {"action": "mark_checked", "_selected_action": keys})
    assert "3 more records" in words(people.manager.page.get(waiting().get_absolute_url()).content.decode())
    decide(people.manager, waiting())
    assert VerificationStatement.objects.exclude(register_checked_on=None).count() == 5


@pytest.mark.django_db
def test_a_scan_is_attached_at_once(people, settings, tmp_path):  # noqa: F811
    """It is no fact, and is read as it comes: nothing of it before its own limits (CWE-400)."""
    settings.MEDIA_ROOT = tmp_path / "media"
    [one] = attached(people.editor.page, factory.statement())
    assert one.history.get().history_user == people.editor.user
