"""Files that are not had at once: written by a job, fetched by their owner alone, whole or not at all (EXP-07, 08, 13–17)."""

import csv
import datetime as dt
import io
import os
import time
import uuid
from pathlib import Path

import pytest
from django.conf import settings
from django.db.models.functions import Now
from django.http import QueryDict
from django.utils import timezone
from django_tasks_db.models import DBTaskResult
from python_calamine import CalamineWorkbook

from tanxun.jobs.attempt import Cancelled
from tanxun.jobs.models import KEPT, Job, State
from tanxun.jobs.queue import cancel
from tanxun.listing import exports, page, paging
from tanxun.listing.exports import folder, remove_old, start_export
from tanxun.listing.files import order, whole
from tanxun.listing.page import find
from tests import factory as f

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager():
    return f.user("manager", username="li")


@pytest.fixture
def signed_in(client, manager):
    client.force_login(manager)
    return client


@pytest.fixture(autouse=True)
def empty_folder():
    yield
    for file in folder().glob("*"):
        file.unlink()


@pytest.fixture
def many(monkeypatch):
    """More rows than a page counts."""
    for module in (page, paging):
        monkeypatch.setattr(module, "COUNT_LIMIT", 3)
    company = f.company("苏州样例")
    return [f.statement(company=company, tier=f"第{number}级") for number in range(5)]


def ordered(query="", ending="csv", layout=""):
    return order(find("statements"), ending, QueryDict(query), layout=layout)


def perform(job):
    """What a worker does with its queue entry."""
    entry = DBTaskResult.objects.get(pk=Job.objects.get(pk=job.pk).entry)
    entry.task.call(*entry.args_kwargs["args"])
    job.refresh_from_db()
    return job


def written(owner, **kwargs):
    return perform(start_export(ordered(**kwargs), owner))


def fetched(client, job, status=200):
    response = client.get(f"/exports/{job.pk}/")
    assert response.status_code == status
    return b"".join(response.streaming_content) if status == 200 else b""


def test_a_long_list_offers_a_job_and_a_short_one_the_file(signed_in, many):
    text = signed_in.get("/statements/?validity=undated").content.decode()
    assert text.count('action="/statements/export/"') == 5  # CSV, Excel, two layouts, JSON Lines
    assert 'href="/statements.xlsx' not in text
    text = signed_in.get(f"/statements/?id={many[0].pk}").content.decode()
    assert 'action="/statements/export/"' not in text
    assert f'href="/statements.xlsx?id={many[0].pk}"' in text


def test_a_workbook_of_a_long_list_is_never_waited_for(signed_in, many):
    response = signed_in.get("/statements.xlsx?validity=undated")
    assert response.status_code == 413
    assert 'value="validity=undated"' in response.content.decode()
    assert signed_in.get("/statements.csv?validity=undated").status_code == 200


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_the_file_of_a_job_is_the_file_of_the_address(signed_in, manager, many, monkeypatch, ending):
    job = written(manager, query="validity=undated&columns=company,tier", ending=ending)
    assert job.state == State.DONE
    shown = signed_in.get("/exports/").content.decode()
    assert f'href="/exports/{job.pk}/"' in shown
    monkeypatch.setattr(page, "COUNT_LIMIT", 10_000)
    at_once = signed_in.get(f"/statements.{ending}?validity=undated&columns=company,tier")
    body = fetched(signed_in, job)
    if ending == "csv":
        assert body == b"".join(at_once.streaming_content)
    else:
        first, other = (CalamineWorkbook.from_filelike(io.BytesIO(file)) for file in (body, at_once.content))
        assert first.get_sheet_by_index(0).to_python() == other.get_sheet_by_index(0).to_python()
        assert len(first.get_sheet_by_index(0).to_python()) == 6
    assert [file.suffix for file in folder().iterdir()] == [f".{ending}"]


def test_who_has_no_export_is_told_how_to_get_one(signed_in):
    shown = signed_in.get("/exports/").content.decode()
    assert 'class="card empty"' in shown
    assert 'class="button primary" href="/statements/"' in shown


def test_twenty_clicks_make_one_job(signed_in, manager, many):  # EXP-13
    for _click in range(20):
        answer = signed_in.post("/statements/export/", {"ending": "xlsx", "query": "validity=undated"})
        assert answer.headers["Location"] == "/exports/"
    assert Job.objects.filter(owner=manager).count() == 1
    signed_in.post("/statements/export/", {"ending": "csv", "query": "validity=undated"})
    assert Job.objects.filter(owner=manager).count() == 2


@pytest.mark.parametrize(
    "sent", [{"ending": "exe"}, {"query": "typ=x"}, {"query": "validity=nonsense"}, {"layout": "nonsense"}, {}]
)
def test_what_is_not_understood_starts_nothing(signed_in, sent):
    answer = signed_in.post("/statements/export/", {"ending": "xlsx"} | sent if sent else {})
    assert answer.status_code == 404
    assert not Job.objects.exists()


@pytest.mark.parametrize("role", ["reader", "consultant", "editor"])
def test_other_roles_neither_start_nor_see_nor_fetch(client, manager, role):  # EXP-07
    job = written(manager)
    client.force_login(f.user(role))
    assert client.post("/statements/export/", {"ending": "csv"}).status_code == 403
    assert client.get("/exports/").status_code == 403
    assert "export" not in client.get("/statements/").content.decode().lower().replace("导出", "export")
    fetched(client, job, 404)


def test_only_its_owner_fetches_it(client, manager):  # EXP-07, EXP-15, SEC-06
    job = written(manager)
    fetched(client, job, 404)  # signed out
    client.force_login(f.user("manager"))
    fetched(client, job, 404)
    client.force_login(manager)
    assert client.get(f"/exports/{uuid.uuid4()}/").status_code == 404
    assert fetched(client, job)
    Job.objects.filter(pk=job.pk).update(expires_at=Now() - KEPT)
    fetched(client, job, 404)
    assert Job.objects.filter(pk=job.pk).exists()


def test_who_loses_the_role_gets_nothing_more(client, manager):  # EXP-08, SEC-12
    f.statement()
    job, waiting = written(manager), start_export(ordered("sort=company"), manager)
    standing = set(folder().iterdir())  # another test's worker may have ended its file late
    manager.role = "reader"
    manager.save()
    client.force_login(manager)
    fetched(client, job, 404)
    assert perform(waiting).state == State.FAILED
    assert set(folder().iterdir()) == standing


def test_stopped_or_failed_in_the_middle_nothing_is_left(manager, many, monkeypatch):
    job = start_export(ordered(ending="xlsx"), manager)
    cancel(job)
    assert perform(job).state == State.CANCELLED
    seen = []

    def interrupted(self, done, total=None, words=""):
        seen.append((done, total, [file.name.endswith(".part") for file in folder().iterdir()]))
        raise Cancelled

    monkeypatch.setattr("tanxun.jobs.attempt.Attempt.progress", interrupted)
    for ending in ("csv", "xlsx"):
        assert written(manager, ending=ending).state == State.CANCELLED
    assert [(done, total) for done, total, _names in seen] == [(5, 5), (5, 5)]
    assert seen[0][2] == [True]
    assert list(folder().iterdir()) == []


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
@pytest.mark.parametrize("scratch", [False, True])
def test_a_full_disk_is_a_reason_and_leaves_nothing(manager, disk_of, monkeypatch, ending, scratch):  # EXP-14
    small_disk = disk_of("64k")
    if scratch:
        monkeypatch.setenv("TMPDIR", str(small_disk))
    else:
        monkeypatch.setattr(exports, "folder", lambda: small_disk)
    company = f.company()
    for _number in range(4):
        f.statement(company=company, summary="".join(f"{uuid.uuid4()}" for _more in range(1_000)))
    job = written(manager, ending=ending, query="columns=summary")
    if scratch and ending == "csv":
        assert job.state == State.DONE  # it needs none
        return
    assert job.state == State.FAILED
    assert "磁盘" in job.error or "disk" in job.error
    assert list(small_disk.iterdir()) == []
    assert list(Path(settings.DATA_DIR, "exports").glob("*")) == []


def test_old_files_go_and_the_record_of_them_stays(signed_in, manager):  # EXP-17
    job, killed = written(manager), start_export(ordered(ending="xlsx"), manager)
    Job.objects.filter(pk=killed.pk).update(state=State.FAILED)
    (file,) = folder().iterdir()
    left_over = folder() / f"{killed.pk}-token.xlsx.part"
    left_over.touch()
    clean_up()
    assert file.exists()
    old = time.time() - KEPT.total_seconds() - 10
    for path in (file, left_over):
        os.utime(path, (old, old))
    clean_up()
    assert list(folder().iterdir()) == []
    fetched(signed_in, job, 404)
    assert Job.objects.get(pk=job.pk).result["words"]


def clean_up():
    """As every worker does by itself, whether or not anybody exports anything."""
    assert f"{remove_old.__module__}.remove_old" in settings.WORKER_DUTIES
    remove_old()


def test_a_file_that_another_worker_removes_in_that_moment_stops_no_cleaning(monkeypatch):
    folder().mkdir(exist_ok=True)
    gone, old = folder() / "gone.csv", folder() / "old.csv"
    old.touch()
    os.utime(old, (0, 0))
    with monkeypatch.context() as listed_before:
        listed_before.setattr(Path, "glob", lambda *_: iter([gone, old]))
        clean_up()
    assert not old.exists()


def test_a_whole_file_or_none(tmp_path):
    path = tmp_path / "list.csv"
    path.write_text("old")

    def fails():
        with whole(path) as unfinished:
            unfinished.write_text("half")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fails()
    assert path.read_text() == "old"
    with whole(path) as unfinished:
        unfinished.write_text("new")
    assert path.read_text() == "new"
    assert list(tmp_path.iterdir()) == [path]


def test_ticked_rows_are_the_file(signed_in, many):
    text = signed_in.get("/statements/?type=ghg_verification&sort=company").content.decode()
    for statement in many:
        assert f'name="id" value="{statement.pk}" form="selection"' in text
    form = text[text.index('<form id="selection"') :]
    assert 'name="type" value="ghg_verification"' in form
    assert 'name="sort" value="company"' in form
    query = f"id=0&id={many[3].pk}&id={many[1].pk}&type=ghg_verification&sort=company&columns=tier"
    rows = list(
        csv.reader(io.StringIO(b"".join(signed_in.get(f"/statements.csv?{query}").streaming_content).decode("utf-8-sig")))
    )
    assert {row[0] for row in rows[1:]} == {"第1级", "第3级"}
    f.statement_type("carbon_label")
    assert signed_in.get("/statements.csv?id=0").status_code == 400
    assert signed_in.get("/statements.csv?id=x").status_code == 400
    assert signed_in.get("/statements.csv?id=-1").status_code == 400
    assert b"".join(signed_in.get(f"/statements.csv?id={many[0].pk}&type=carbon_label").streaming_content).count(b"\r\n") == 1


def sheets(response):
    book = CalamineWorkbook.from_filelike(io.BytesIO(response.content))
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


def test_layouts_have_their_columns_their_order_and_their_rows(signed_in):

    today = timezone.localdate()
    company = f.company("苏州样例", credit_code="91320583MA1XY2345T")
    near, far = (today + dt.timedelta(days=days) for days in (20, 200))
    label = f.statement_type("carbon_label")
    for day in (near, far):
        f.statement(
            company=company,
            statement_type=label,
            valid_until=day,
            certificate_number=f"00{day}",
            products=[f.product(company, str(day))],
        )
    f.policy("样例政策", issuers=[f.issuing_body()])
    due, _about = sheets(signed_in.get("/statements/due.xlsx")).values()
    assert [due[0][0], *due[0][2:4]] == ["到期日", "企业", "类型"]
    assert [row[:3] for row in due[1:]] == [[near, 20.0, "苏州样例"]]
    customers, _about = sheets(signed_in.get("/companies/customers.xlsx")).values()
    row = dict(zip(customers[0], customers[1], strict=True))
    assert row["统一社会信用代码"] == "91320583MA1XY2345T"
    assert near in row.values()
    policies, _about = sheets(signed_in.get("/policies/overview.xlsx")).values()
    assert "样例政策" in policies[1]
    policies, statements, about = sheets(signed_in.get("/statements/weekly.xlsx")).values()
    assert len(policies) == 2
    assert len(statements) == 3
    assert "样例政策" in policies[1]
    year, week, _day = today.isocalendar()
    assert f"{year}-W{week:02}" in str(about)
    policies, statements, _about = sheets(signed_in.get("/statements/weekly.xlsx?week=2001-W01")).values()
    assert "样例政策" not in str(policies)


@pytest.mark.parametrize(
    "address",
    ["/statements/due.xlsx?columns=all", "/statements/due.xlsx?sort=company", "/statements/weekly.xlsx?type=ghg_verification"],
)
def test_what_a_layout_does_not_understand_is_refused(signed_in, address):
    assert signed_in.get(address).status_code == 400


@pytest.mark.parametrize("week", ["2026-W54", "2026-W00", "2026-3", "２０２６-W03", "9999-W99", "0000-W01"])
def test_a_week_is_an_iso_week(signed_in, week):
    assert signed_in.get("/statements/", {"week": week}).status_code == 400
