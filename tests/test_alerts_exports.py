"""Files of a saved filter by mail, every week: who sets them up and who gets them, what the mail says (feature 54)."""

import datetime as dt
from io import BytesIO

import pytest
import time_machine
from django.core import mail
from django.db import OperationalError
from django.utils.http import content_disposition_header
from python_calamine import CalamineWorkbook

from tanxun.alerts import duties, exporting
from tanxun.alerts.models import Message, ScheduledExport
from tanxun.jobs.models import Job
from tanxun.listing.models import SavedFilter
from tests import factory as f
from tests.mailing import speak_to
from tests.running import free_port
from tests.working import work_off

pytestmark = pytest.mark.django_db

MONDAY = dt.datetime(2026, 3, 2, 1, 0, tzinfo=dt.UTC)  # 09:00 in Shanghai
WEEK = dt.timedelta(days=7)


@pytest.fixture
def clock():
    with time_machine.travel(MONDAY - dt.timedelta(days=1), tick=False) as travelling:
        yield travelling


@pytest.fixture
def manager(client, clock):
    user = f.user("manager", username="boss", email="boss@example.com")
    client.force_login(user)
    client.cookies["django_language"] = "en"
    return user


def set_up(client, owner, *recipients, **kwargs):
    saved = SavedFilter.objects.create(owner=owner, page="statements", name="Jiangsu", query="region=320000")
    data = {"saved_filter": saved.pk, "weekday": 0, "ending": "xlsx", "recipients": [user.pk for user in recipients]} | kwargs
    answer = client.post("/alerts/exports/add/", data)
    return ScheduledExport.objects.get() if answer.status_code == 302 else answer.status_code


def run(clock, moment):
    clock.move_to(moment)
    mail.outbox.clear()
    duties.run()
    return list(mail.outbox)


def in_jiangsu(count):
    for _each in range(count):
        f.statement(company=f.company(region=f.region("320000")))


def test_every_week_on_its_day_with_the_rows_and_how_many_more(client, manager, clock):
    other = f.user("manager", email="other@example.com")
    export = set_up(client, manager, manager, other)
    assert export.next_on == dt.date(2026, 3, 2)
    in_jiangsu(3)
    f.statement(company=f.company(region=f.region("330000")))
    assert run(clock, MONDAY - dt.timedelta(hours=2)) == []  # before eight
    letters = run(clock, MONDAY)
    assert sorted(letter.to[0] for letter in letters) == ["boss@example.com", "other@example.com"]
    [(name, content, _kind)] = letters[0].attachments
    assert name == "Jiangsu-2026-03-02.xlsx"
    rows = CalamineWorkbook.from_filelike(BytesIO(content)).get_sheet_by_index(0).to_python()
    assert sum("苏州样例" in str(row[0]) for row in rows) == 3
    assert "3" in letters[0].subject
    assert run(clock, MONDAY + dt.timedelta(hours=3)) == []
    in_jiangsu(2)
    [first, _second] = run(clock, MONDAY + WEEK)
    assert "5" in first.subject
    assert "+2" in first.subject
    assert "region=320000" in first.body
    shown = client.get("/saved/").content.decode()
    assert "2026-03-16" in shown
    assert "+2" in shown


NAMES = {
    '江苏"甲"\r\nBcc: x@y.z/../乙': "江苏-甲-Bcc-x-y-z-乙",
    "'; rm -rf /": "rm--rf",
    "＊*?": "核查声明",
    "碳" * 60: "碳" * 60,
}


@pytest.mark.parametrize(("called", "file"), NAMES.items())
def test_a_file_goes_by_the_name_of_its_filter(client, manager, clock, called, file):
    """EXP-16: readable, and neither it nor the subject can bring a header of its own."""
    export = set_up(client, manager, manager)
    SavedFilter.objects.update(name=called)
    (letter,) = run(clock, MONDAY)
    [(name, _content, _kind)] = letter.attachments
    assert name == f"{file}-2026-03-02.xlsx"
    sent = letter.message()
    assert sent["Bcc"] is None
    assert [part.get_filename() for part in sent.walk() if part.get_filename()] == [name]
    assert "\n" not in letter.subject
    assert export.recipients.count() == 1


def test_csv_and_a_day_that_was_missed(client, manager, clock):
    set_up(client, manager, manager, ending="csv")
    in_jiangsu(1)
    [letter] = run(clock, MONDAY + dt.timedelta(days=3))
    assert letter.attachments[0][0].endswith(".csv")
    assert ScheduledExport.objects.get().next_on == dt.date(2026, 3, 9)


@pytest.mark.parametrize("role", ["reader", "consultant", "editor"])
def test_only_managers_set_it_up_and_only_managers_get_it(client, manager, clock, role):
    user = f.user(role, email="x@example.com")
    assert set_up(client, manager, user) == 400
    client.force_login(user)
    assert set_up(client, user, manager) == 403
    assert client.post("/alerts/exports/add/", {}).status_code == 403
    assert 'id="exports"' not in client.get("/saved/").content.decode()
    assert not ScheduledExport.objects.exists()


def test_rights_are_asked_again_when_it_goes_out(client, manager, clock):
    """ALR-01: today's rights, of who set it up and of who gets it."""
    other = f.user("manager", email="other@example.com")
    set_up(client, manager, manager, other)
    in_jiangsu(1)
    clock.move_to(MONDAY)
    exporting.plan()
    other.role = "editor"
    other.save()
    letters = run(clock, MONDAY)
    assert [letter.to[0] for letter in letters] == ["boss@example.com"]
    assert Message.objects.get(recipient=f"user-{other.pk}").state == "dropped"
    manager.role = "reader"
    manager.save()
    assert run(clock, MONDAY + WEEK) == []
    assert str(manager) in ScheduledExport.objects.get().last_words


def test_a_filter_that_is_deleted_or_no_longer_shared_sends_nothing(client, manager, clock):
    set_up(client, manager, manager)
    SavedFilter.objects.update(deleted_at=MONDAY)
    assert run(clock, MONDAY) == []
    assert ScheduledExport.objects.get().last_words
    other = f.user("manager")
    private = SavedFilter.objects.create(owner=other, page="statements", name="private", query="")
    data = {"saved_filter": private.pk, "weekday": 0, "ending": "csv", "recipients": [manager.pk]}
    assert client.post("/alerts/exports/add/", data).status_code == 400


def test_who_stopped_all_mails_gets_no_file_either(client, manager, clock):
    """ALR-11"""
    other = f.user("manager", email="other@example.com")
    set_up(client, manager, manager, other)
    in_jiangsu(1)
    letters = {letter.to[0]: letter for letter in run(clock, MONDAY)}
    link = letters["other@example.com"].extra_headers["List-Unsubscribe"].strip("<>")
    assert client.post(link.removeprefix("http://127.0.0.1:8000")).status_code == 200
    assert [letter.to for letter in run(clock, MONDAY + WEEK)] == [["boss@example.com"]]
    assert Message.objects.get(state="dropped").recipient == f"user-{other.pk}"


def test_a_clock_that_was_months_ahead_silences_no_week(client, manager, clock):
    """ALR-09"""
    set_up(client, manager, manager)
    in_jiangsu(1)
    assert len(run(clock, MONDAY + 12 * WEEK)) == 1
    sent = [len(run(clock, MONDAY + dt.timedelta(days=days))) for days in range(-1, 15)]
    # At once, since its day is none that it could have, then on three Mondays.
    assert [place for place, count in enumerate(sent) if count] == [0, 1, 8, 15]


def test_one_that_fails_keeps_no_other_from_its_day(client, manager, clock, monkeypatch):
    broken = set_up(client, manager, manager)
    in_jiangsu(1)
    saved = SavedFilter.objects.create(owner=manager, page="statements", name="Whole", query="")
    ScheduledExport.objects.create(owner=manager, saved_filter=saved, next_on=MONDAY.date()).recipients.add(manager)
    wanted = exporting.wanted

    def fails(export, reader):
        if export.pk == broken.pk:
            raise OperationalError("canceling statement due to statement timeout")
        return wanted(export, reader)

    monkeypatch.setattr(exporting, "wanted", fails)
    [letter] = run(clock, MONDAY)
    assert "Whole" in letter.subject
    monkeypatch.undo()
    [letter] = run(clock, MONDAY + dt.timedelta(minutes=1))
    assert "Jiangsu" in letter.subject


def test_too_large_for_a_mail_it_stands_on_the_page_of_exports(client, manager, clock, monkeypatch):
    monkeypatch.setattr(exporting, "MOST_BYTES", 1000)
    set_up(client, manager, manager)
    in_jiangsu(3)
    [letter] = run(clock, MONDAY)
    assert letter.attachments == []
    assert "http://127.0.0.1:8000/exports/" in letter.body
    job = Job.objects.get()
    assert (job.owner, job.arguments["query"]) == (manager, "region=320000")


@pytest.fixture
def too_large(monkeypatch, settings, tmp_path):
    """Whatever is written is too much for a mail."""
    monkeypatch.setattr(exporting, "MOST_BYTES", 0)
    settings.DATA_DIR = tmp_path


@pytest.mark.usefixtures("too_large")
@pytest.mark.parametrize(("called", "file"), NAMES.items())
def test_a_file_too_large_for_a_mail_has_the_name_of_its_filter_too(client, manager, clock, called, file):
    """EXP-16: on the page of exports and as it is saved."""
    set_up(client, manager, manager)
    SavedFilter.objects.update(name=called)
    run(clock, MONDAY)
    job = work_off(Job.objects.get())
    assert job.title == f"{called}（XLSX）"
    assert client.get(job.result["url"])["Content-Disposition"] == content_disposition_header(True, f"{file}-2026-03-02.xlsx")


def test_however_often_its_mail_is_tried_the_file_is_written_once(client, manager, clock, monkeypatch, settings):
    monkeypatch.setattr(exporting, "MOST_BYTES", 1000)
    set_up(client, manager, manager)
    in_jiangsu(3)
    working = settings.EMAIL_BACKEND
    speak_to(settings, f"smtp://127.0.0.1:{free_port()}")  # nobody is there
    assert run(clock, MONDAY) == []
    Job.objects.update(state="done")
    settings.EMAIL_BACKEND = working
    assert len(run(clock, MONDAY + dt.timedelta(minutes=2))) == 1
    assert Job.objects.count() == 1


def test_pause_resume_remove_and_bring_back(client, manager, clock):
    export = set_up(client, manager, manager)
    in_jiangsu(1)
    address = f"/alerts/exports/{export.pk}/"
    client.post(address, {"action": "pause"})
    assert run(clock, MONDAY) == []
    client.post(address, {"action": "resume"})
    assert len(run(clock, MONDAY + dt.timedelta(hours=1))) == 1
    client.post(address, {"action": "remove"})
    assert run(clock, MONDAY + WEEK) == []
    assert "Bring back" in client.get("/saved/").content.decode()
    client.post(address, {"action": "restore"})
    assert len(run(clock, MONDAY + WEEK + dt.timedelta(hours=1))) == 1
    client.force_login(f.user("manager"))
    assert client.post(address, {"action": "remove"}).status_code == 404


def test_ended_between_queueing_and_sending_nothing_goes_out(client, manager, clock):
    export = set_up(client, manager, manager)
    clock.move_to(MONDAY)
    exporting.plan()
    client.post(f"/alerts/exports/{export.pk}/", {"action": "remove"})
    assert run(clock, MONDAY) == []
    assert Message.objects.get().state == "dropped"
