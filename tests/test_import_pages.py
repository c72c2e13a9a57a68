"""Bring your sheet in the browser's terms: upload, name columns, see what would be, bring in, fetch the report, take back."""

import datetime as dt
import io
import os

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from python_calamine import CalamineWorkbook

from certifications.models import Company, Conflict, HeadMeaning, SheetImport, VerificationStatement
from certifications.sheets import leftovers, tasks
from certifications.sheets.intake import take
from tanxun.jobs.models import Job, State
from tanxun.jobs.queue import cancel
from tanxun.listing.models import DataVersion
from tests import factory
from tests.sheets import HEADS, ROW, bring, csv_file, row, vocabulary, workbook
from tests.working import work_off

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _vocabulary():
    vocabulary()
    yield
    for file in SheetImport.folder().glob("*.*"):
        file.unlink()


@pytest.fixture
def editor(client):
    person = factory.user("editor", username="wang")
    client.force_login(person)
    client.cookies["django_language"] = "en"
    return person


def upload(client, path, name=None, status=302):
    file = SimpleUploadedFile(name or path.name, path.read_bytes())
    response = client.post("/imports/", {"file": file})
    assert response.status_code == status
    return SheetImport.objects.first()


def work():
    """The open job, done."""
    return work_off(Job.objects.open().get())


def page(client, sheet):
    return client.get(sheet.get_absolute_url()).content.decode()


def act(client, sheet, action, **values):
    response = client.post(sheet.get_absolute_url(), {"action": action, **values}, follow=True)
    assert response.status_code == 200
    return response.content.decode()


def test_a_sheet_is_checked_shown_brought_in_and_taken_back(client, editor, tmp_path):
    sheet = upload(client, workbook(tmp_path, ROW, row(company="乙有限公司", number="2", body="某机构")))
    assert "jobs.js" in page(client, sheet)
    assert work().state == State.DONE
    shown = page(client, sheet)
    assert "2 rows would be written" in shown
    assert not VerificationStatement.objects.exists()
    act(client, sheet, "bring_in", choices="1")
    job = work()
    assert (job.state, job.error) == (State.DONE, "")
    assert "2 new" in job.result["words"]
    assert VerificationStatement.objects.search("样例电子").count() == 1
    entry = VerificationStatement.objects.first().history.get()
    assert (entry.history_user, "sheet.xlsx" in entry.history_change_reason) == (editor, True)
    sheet.refresh_from_db()
    assert sheet.state == "written"
    assert not sheet.path.exists()
    act(client, sheet, "undo", sure="1")
    assert work().state == State.DONE
    sheet.refresh_from_db()
    assert sheet.state == "undone"
    assert not VerificationStatement.objects.exists()


def test_an_import_is_taken_back_once_what_goes_was_shown_and_its_conflicts_go_with_it(client, editor, tmp_path):
    bring(csv_file(tmp_path, ROW, name="一月.csv"))
    later = csv_file(
        tmp_path, row(until="2029-01-04"), row(company="乙有限公司", number="2"), row(company="丙有限公司", number="3")
    )
    sheet = upload(client, later)
    assert work().state == State.DONE
    act(client, sheet, "bring_in", choices="1")
    assert work().state == State.DONE
    assert Conflict.objects.open().get().other == "2029-01-04"
    Company.objects.get(name="乙有限公司").notes.create(text="rang them up", written_by=editor)
    bring(csv_file(tmp_path, row(until="2030-01-04"), name=sheet.name))  # another one, called the same
    shown = act(client, sheet, "undo")
    for text in ("To the bin: 2 statements, 1 companies.", "0 statements, 1 companies.", 'name="sure"'):
        assert text in shown
    assert VerificationStatement.objects.count() == 3
    assert Conflict.objects.open().count() == 2
    act(client, sheet, "undo", sure="1")
    assert "Companies: 1 deleted, 1 stay." in work().result["words"]
    assert set(Company.objects.values_list("name", flat=True)) == {ROW[0], "乙有限公司"}
    assert VerificationStatement.objects.count() == 1
    assert Conflict.objects.open().get().other == "2030-01-04"


@pytest.mark.django_db(transaction=True)
def test_looking_at_what_would_go_writes_nothing(client, editor, tmp_path):
    """Not even that kept figures are old: on SQLite it would wait for whoever writes."""
    sheet = upload(client, csv_file(tmp_path, ROW))
    work()
    act(client, sheet, "bring_in", choices="1")
    work()
    before = DataVersion.objects.get()
    assert "To the bin: 1 statements" in act(client, sheet, "undo")
    assert DataVersion.objects.get().token == before.token
    act(client, sheet, "undo", sure="1")
    work()
    assert DataVersion.objects.get().token != before.token


def test_columns_are_named_once_and_remembered(client, editor, tmp_path):
    heads = ("持有者全称", *HEADS[1:])
    sheet = upload(client, csv_file(tmp_path, ROW, heads=heads))
    work()
    sheet.refresh_from_db()
    assert sheet.state == "unmapped"
    shown = page(client, sheet)
    assert "No column is given for: Company." in shown
    assert "持有者全称" in shown
    fields = [
        "company",
        "credit_code",
        "statement_type",
        "verification_body",
        "certificate_number",
        "-",
        "issued_on",
        "valid_until",
    ]
    act(client, sheet, "check", choices="1", **{f"column-{number}": name for number, name in enumerate(fields)})
    assert work().state == State.DONE
    sheet.refresh_from_db()
    assert (sheet.state, sheet.counts) == ("checked", {"new": 1})
    assert HeadMeaning.objects.get(words="持有者全称").field == "company"
    again = upload(client, csv_file(tmp_path, ROW, row(number="3"), heads=heads))
    work()
    again.refresh_from_db()
    assert again.counts == {"new": 2}
    assert ["产品名称", ""] in again.heads


def test_errors_are_shown_by_row_and_stand_in_the_report(client, editor, tmp_path):
    sheet = upload(client, csv_file(tmp_path, ROW, row(number="2", issued="昨天")))
    work()
    shown = page(client, sheet)
    assert "“昨天” is no whole date" in shown
    assert "Rows with errors keep everything from being written" in shown
    act(client, sheet, "bring_in", choices="1")
    failed = work()
    assert failed.state == State.FAILED
    assert "nothing was written" in failed.error
    assert not VerificationStatement.objects.exists()
    report = client.get(f"{sheet.get_absolute_url()}report.xlsx")
    book = CalamineWorkbook.from_filelike(io.BytesIO(b"".join(report.streaming_content)))
    rows = book.get_sheet_by_index(1).to_python()
    assert [cells[0] for cells in rows[1:]] == [3]
    assert "昨天" in rows[1][4]
    act(client, sheet, "bring_in", choices="1", is_partial="1")
    assert work().state == State.DONE
    assert VerificationStatement.objects.count() == 1


def test_known_rows_change_only_where_the_box_is_ticked(client, editor, tmp_path):
    first = upload(client, csv_file(tmp_path, ROW))
    work()
    act(client, first, "bring_in", choices="1")
    work()
    second = upload(client, csv_file(tmp_path, row(until="2029-01-04")))
    work()
    assert "2028-01-04 → 2029-01-04" in page(client, second)
    assert "it is checked first" in act(client, second, "bring_in", choices="1", updates="1")
    assert work().state == State.DONE
    assert VerificationStatement.objects.get().valid_until == dt.date(2028, 1, 4)
    act(client, second, "bring_in", choices="1", updates="1")
    assert work().state == State.DONE
    assert VerificationStatement.objects.get().valid_until == dt.date(2029, 1, 4)


def test_columns_that_were_not_checked_are_checked_before_they_are_brought_in(client, editor, tmp_path):
    sheet = upload(client, csv_file(tmp_path, ROW))
    work()
    shown = act(client, sheet, "bring_in", choices="1", **{"column-4": "-", "column-5": "certificate_number"})
    assert "it is checked first" in shown
    work()
    assert not VerificationStatement.objects.exists()
    sheet.refresh_from_db()
    assert sheet.heads[4:6] == [["证书编号", ""], ["产品名称", "certificate_number"]]
    act(client, sheet, "bring_in", choices="1", **{"column-4": "-", "column-5": "certificate_number"})
    assert work().state == State.DONE
    assert VerificationStatement.objects.get().certificate_number == "路由器"


def test_a_check_that_was_stopped_leaves_nothing_to_bring_in(client, editor, tmp_path):
    sheet = upload(client, csv_file(tmp_path, ROW))
    work()
    act(client, sheet, "check", choices="1", **{"column-5": "summary"})
    cancel(Job.objects.open().get())
    act(client, sheet, "bring_in", choices="1")
    work()
    assert not VerificationStatement.objects.exists()
    sheet.refresh_from_db()
    assert sheet.heads[5] == ["产品名称", "summary"]


def test_a_head_that_came_to_mean_something_else_is_shown_before_it_is_written(client, editor, tmp_path):
    """The person said so of another sheet, after this one was checked."""
    sheet = upload(client, csv_file(tmp_path, ROW))
    work()
    HeadMeaning.objects.create(user=editor, words="产品名称", field="summary")
    act(client, sheet, "bring_in", choices="1")
    job = work()
    assert (job.state, "Something else would be written" in job.error) == (State.FAILED, True)
    assert not VerificationStatement.objects.exists()
    sheet.refresh_from_db()
    assert (sheet.state, sheet.heads[5]) == ("checked", ["产品名称", "summary"])
    act(client, sheet, "bring_in", choices="1")
    assert work().state == State.DONE
    assert VerificationStatement.objects.get().summary == "路由器"


def test_a_file_that_cannot_be_read_says_so(client, editor, tmp_path):
    path = tmp_path / "evil.xlsx"
    path.write_bytes(b"PK\x03\x04 no workbook")
    sheet = upload(client, path)
    job = work()
    assert job.state == State.FAILED
    assert "not an .xlsx file" in job.error
    sheet.refresh_from_db()
    assert sheet.state == "unreadable"
    assert page(client, sheet).count(job.error) == 1


def test_an_import_that_others_kept_from_writing_is_started_again(client, editor, tmp_path, monkeypatch):
    sheet = upload(client, csv_file(tmp_path, ROW))
    work()
    act(client, sheet, "bring_in", choices="1")

    step = tasks._step

    def another_writes(*given):
        """At the last moment, each of the three times: the company is added, removed, added."""
        known = Company.objects.filter(name=ROW[0])
        known.get().remove("x") if known else factory.company(ROW[0])
        return step(*given)

    with monkeypatch.context() as others:
        others.setattr(tasks, "_step", another_writes)
        job = work()
    assert (job.state, "Start the import again" in job.error) == (State.FAILED, True)
    assert not VerificationStatement.objects.exists()
    assert 'value="bring_in"' in page(client, sheet)
    act(client, sheet, "bring_in", choices="1")
    assert work().state == State.DONE
    assert VerificationStatement.objects.count() == 1


def test_a_workbook_that_came_when_the_disk_was_full_is_checked_again(client, editor, tmp_path, monkeypatch):
    sheet = upload(client, workbook(tmp_path, ROW))
    with monkeypatch.context() as full:
        full.setattr("certifications.sheets.reading.sys.executable", str(on_full_disk(tmp_path)))
        job = work()
    assert (job.state, "disk of the server is full" in job.error) == (State.FAILED, True)
    act(client, sheet, "check", choices="1")
    assert work().state == State.DONE
    sheet.refresh_from_db()
    assert (sheet.state, sheet.counts) == ("checked", {"new": 1})


def on_full_disk(folder):
    """A program in the place of Python that finds no room."""
    program = folder / "full"
    program.write_text("#!/bin/sh\necho 'OSError: [Errno 28] No space left on device' >&2\nexit 1\n")
    program.chmod(0o755)
    return program


@pytest.mark.parametrize("name", ["../../x.csv", "/etc/passwd.csv", "a\\b.csv", "长" * 300 + ".csv", "\u202egnp.csv", "con.csv"])
def test_names_of_files_are_shown_and_nothing_more(client, editor, tmp_path, name):  # UPL-02
    sheet = upload(client, csv_file(tmp_path, ROW), name=name)
    assert sheet.path.parent == SheetImport.folder()
    assert "/" not in sheet.name
    assert "\\" not in sheet.name
    assert "\u202e" not in sheet.name
    assert len(sheet.name) <= 200


def test_the_same_file_again_is_the_same_sheet(client, editor, tmp_path):
    first = upload(client, csv_file(tmp_path, ROW))
    assert upload(client, csv_file(tmp_path, ROW)) == first
    assert Job.objects.count() == 1


def test_a_day_has_its_limit(client, editor, tmp_path, monkeypatch):  # UPL-10
    monkeypatch.setattr("certifications.sheets.views.MOST_A_DAY", 1)
    upload(client, csv_file(tmp_path, ROW))
    upload(client, csv_file(tmp_path, row(number="2")), status=422)
    assert SheetImport.objects.count() == 1


def test_too_large_and_nothing_are_refused(client, editor, tmp_path, monkeypatch):  # UPL-03
    monkeypatch.setattr("certifications.sheets.views.MAX_BYTES", 10)
    upload(client, csv_file(tmp_path, ROW), status=422)
    assert client.post("/imports/", {}).status_code == 422
    assert not SheetImport.objects.exists()
    assert not list(SheetImport.folder().glob("*.sheet"))


@pytest.mark.parametrize("role", ["reader", "consultant", None])
def test_others_may_not_bring_sheets(client, tmp_path, role):
    if role:
        client.force_login(factory.user(role))
    for address in ("/imports/", "/imports/1/", "/imports/1/report.xlsx", "/imports/template.xlsx"):
        assert client.get(address).status_code == (403 if role else 302)


def test_sheets_are_their_owners(client, editor, tmp_path):  # UPL-06
    sheet = upload(client, csv_file(tmp_path, ROW))
    work()
    client.force_login(factory.user("manager"))
    for address in ("", "report.xlsx"):
        assert client.get(f"{sheet.get_absolute_url()}{address}").status_code == 404
    assert client.post(sheet.get_absolute_url(), {"action": "bring_in"}).status_code == 404
    assert sheet.name not in client.get("/imports/").content.decode()


def test_who_lost_the_role_brings_nothing_in(client, editor, tmp_path):
    """SEC-12."""
    sheet = upload(client, csv_file(tmp_path, ROW))
    work()
    act(client, sheet, "bring_in", choices="1")
    editor.role = "reader"
    editor.save()
    assert work().state == State.FAILED
    assert not VerificationStatement.objects.exists()


def test_twenty_clicks_bring_it_in_once(client, editor, tmp_path):
    sheet = upload(client, csv_file(tmp_path, ROW))
    work()
    for _click in range(20):
        act(client, sheet, "bring_in", choices="1")
    assert Job.objects.count() == 2
    work()
    assert VerificationStatement.objects.count() == 1
    assert "no longer possible" in act(client, sheet, "bring_in")


def test_a_stopped_import_writes_nothing(client, editor, tmp_path):
    sheet = upload(client, csv_file(tmp_path, ROW))
    work()
    act(client, sheet, "bring_in", choices="1")
    Job.objects.open().update(is_cancelling=True)
    job = Job.objects.open().get()
    work_off(job)
    assert not VerificationStatement.objects.exists()
    sheet.refresh_from_db()
    assert sheet.state == "checked"


def test_a_check_that_ends_after_the_import_leaves_it_brought_in(client, editor, tmp_path, monkeypatch):
    """Two forms sent at one moment, two workers: what was written is told, and can be taken back."""
    sheet = upload(client, csv_file(tmp_path, ROW))
    work()
    late, importing = (tasks.start_work(kind, sheet, editor) for kind in (tasks.check, tasks.bring_in))

    def overtaken(path, options, *further):
        found = take(path, options, *further)
        if not options.writes:
            assert work_off(importing).state == State.DONE
        return found

    monkeypatch.setattr(tasks, "take", overtaken)
    late = work_off(late)
    sheet.refresh_from_db()
    assert (sheet.state, sheet.written_at is not None) == ("written", True)
    assert (late.state, late.error) == (State.FAILED, tasks.no_longer(sheet))
    act(client, sheet, "undo", sure="1")
    assert work().state == State.DONE
    assert not VerificationStatement.objects.exists()


def test_work_that_begins_on_a_sheet_brought_in_ends_in_words(client, editor, tmp_path):
    """Its owner and an administrator at once."""
    sheet = upload(client, csv_file(tmp_path, ROW))
    work()
    admin = factory.superuser()
    late = [tasks.start_work(kind, sheet, admin) for kind in (tasks.check, tasks.bring_in)]
    assert work_off(tasks.start_work(tasks.bring_in, sheet, editor)).state == State.DONE
    sheet.refresh_from_db()
    for job in map(work_off, late):
        assert (job.state, job.error) == (State.FAILED, tasks.no_longer(sheet))
    sheet.refresh_from_db()
    assert (sheet.state, VerificationStatement.objects.count()) == ("written", 1)


def test_the_same_file_sent_again_waits_for_the_work_on_it(client, editor, tmp_path):
    path = csv_file(tmp_path, ROW)
    sheet = upload(client, path)
    work()
    act(client, sheet, "bring_in", choices="1")
    assert upload(client, path) == sheet
    assert "Work on this sheet is under way" in page(client, sheet)
    assert work().state == State.DONE  # the one open job
    sheet.refresh_from_db()
    assert sheet.state == "written"


def test_files_without_a_record_and_old_ones_go(client, editor, tmp_path):  # UPL-05
    """By every worker by itself, whether or not anybody brings a sheet; with what a killed one had unpacked."""
    assert "certifications.sheets.leftovers.remove" in settings.WORKER_DUTIES
    sheet = upload(client, csv_file(tmp_path, ROW))
    orphan = SheetImport.folder() / "00000000-0000-0000-0000-000000000000.sheet"
    orphan.write_text("x")
    unpacked = SheetImport.folder() / "sheet-x"
    unpacked.mkdir()
    (unpacked / "rows").write_text("[1]")
    leftovers.remove()
    assert orphan.exists()
    assert unpacked.exists()
    before = (timezone.now() - dt.timedelta(days=2)).timestamp()
    for path in (orphan, unpacked, sheet.path):
        os.utime(path, (before, before))
    leftovers.remove()
    assert (orphan.exists(), unpacked.exists(), sheet.path.exists()) == (False, False, True)
    long_ago = (timezone.now() - dt.timedelta(days=40)).timestamp()
    os.utime(sheet.path, (long_ago, long_ago))
    leftovers.remove()
    assert not sheet.path.exists()


def test_the_template_comes_in_as_it_is(client, editor, tmp_path):
    factory.region()
    factory.industry()
    answer = client.get("/imports/template.xlsx")
    assert "attachment" in answer["Content-Disposition"]
    path = tmp_path / "template.xlsx"
    path.write_bytes(answer.content)
    sheet = upload(client, path)
    work()
    sheet.refresh_from_db()
    assert (sheet.counts, sheet.problem) == ({"new": 1}, "")
    assert [head for head, field in sheet.heads if not field] == []
