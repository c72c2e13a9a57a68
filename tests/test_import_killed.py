"""Imports that are killed, that others write beside, and that LibreOffice or our own export wrote (IMP-13, IMP-14, IMP-17)."""

import html
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import time
from contextlib import closing

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection

from certifications.models import Company, VerificationStatement
from certifications.sheets import tasks
from certifications.sheets.views import stored
from tanxun.jobs.models import Job, State
from tests import factory
from tests.effort import IS_NIGHTLY, examples
from tests.killing import NAME, until_it_writes
from tests.running import ROOT
from tests.sheets import bring, counted, csv_file, row, vocabulary
from tests.working import Workers, shared_database, until, work_off

ROWS = examples(2_000, 5_000)
WRITERS = """
import sys, threading, django; django.setup()
from certifications.models import Company, StatementType, VerificationBody, VerificationStatement
kind, body = StatementType.objects.first(), VerificationBody.objects.first()
done, faults = [], []
def write(number):
    for turn in range(15):
        try:
            company = Company.objects.create(name=f"写者{number}-{turn}有限公司")
            done.append(VerificationStatement.objects.create(company=company, statement_type=kind, verification_body=body).pk)
        except Exception as fault:
            faults.append(repr(fault))
threads = [threading.Thread(target=write, args=(f"{sys.argv[1]}-{number}",)) for number in range(4)]
print("ready", flush=True)
sys.stdin.readline()
[each.start() for each in threads]; [each.join() for each in threads]
print(len(done), VerificationStatement.objects.filter(pk__in=done).count(), *faults)
"""


@pytest.fixture
def url(tmp_path, transactional_db):
    vocabulary()
    factory.superuser()
    with shared_database(tmp_path) as found:
        yield found


@pytest.fixture
def sheet(tmp_path):
    rows = [row(number=f"N-{number}", company=f"第{number % 400}有限公司", product=f"产品{number % 7}") for number in range(ROWS)]
    return csv_file(tmp_path, *rows)


def begun(url, *command):
    environment = os.environ | {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "tests.settings", "LANG": "en", "PGAPPNAME": NAME}
    pipe = subprocess.PIPE
    return subprocess.Popen([sys.executable, *command], cwd=ROOT, env=environment, stdin=pipe, stdout=pipe, stderr=pipe)


def counts():
    return VerificationStatement.objects.count(), VerificationStatement.history.count(), Company.objects.count()


def test_killed_at_any_moment_all_rows_are_there_or_none(url, sheet):  # IMP-13
    command, struck = ("manage.py", "import_statements", str(sheet)), 0
    for pause in (0, 0.1, 0.5, 1) if IS_NIGHTLY else (0, 0.5):
        process = begun(url, *command)
        until_it_writes(process)
        time.sleep(pause)
        struck += process.poll() is None
        process.kill()
        process.communicate()
        time.sleep(0.2)  # PostgreSQL's server may still carry out a commit that it was asked for
        assert counts() in ((0, 0, 0), (ROWS, ROWS, 400))
    assert struck
    assert begun(url, *command).wait() == 0
    assert counts() == (ROWS, ROWS, 400)
    assert VerificationStatement.products.through.objects.count() == ROWS


def test_a_killed_worker_leaves_the_import_to_the_next(url, sheet, tmp_path):  # OPS-02
    person = factory.superuser(username="starter")
    record = stored(SimpleUploadedFile(sheet.name, sheet.read_bytes()), person)
    job = tasks.start_work(tasks.bring_in, record, person)
    with Workers(url, tmp_path) as workers:
        first = workers.begin()
        until(lambda: Job.objects.filter(pk=job.pk, state=State.RUNNING).first())
        time.sleep(random.uniform(0.1, 1.0))
        first.kill()
        assert counts() in ((0, 0, 0), (ROWS, ROWS, 400))
        workers.begin()
        until(lambda: not Job.objects.open().filter(pk=job.pk).exists(), 120)
    job.refresh_from_db()
    assert (job.state, counts()) == (State.DONE, (ROWS, ROWS, 400))
    record.refresh_from_db()
    assert record.state == "written"
    record.report_path.unlink()


def test_an_import_whose_worker_dies_each_time_has_failed_and_can_be_run_again(url, sheet, tmp_path, client):  # IMP-13
    """Marked so after the third death, nothing written, the file still there; the same button then brings it in."""
    person = factory.superuser(username="starter")
    record = stored(SimpleUploadedFile(sheet.name, sheet.read_bytes()), person)
    assert work_off(tasks.start_work(tasks.check, record, person)).state == State.DONE
    job = tasks.start_work(tasks.bring_in, record, person)
    Job.objects.filter(pk=job.pk).update(attempt=2)  # as if two workers had died of it
    with Workers(url, tmp_path) as workers:
        first = workers.begin()
        until(lambda: Job.objects.filter(pk=job.pk, state=State.RUNNING, attempt=3).first())
        first.kill()
        workers.begin()
        until(lambda: not Job.objects.open().filter(pk=job.pk).exists(), 120)
        job.refresh_from_db()
        assert (job.state, counts()) == (State.FAILED, (0, 0, 0))
        assert job.error
        record.refresh_from_db()
        assert record.is_open
        client.force_login(person)
        assert job.error in html.unescape(client.get(record.get_absolute_url()).content.decode())
        assert client.post(record.get_absolute_url(), {"action": "bring_in"}).status_code == 302
        until(lambda: not Job.objects.open().exists(), 120)
    assert counts() == (ROWS, ROWS, 400)
    record.refresh_from_db()
    assert record.state == "written"
    record.report_path.unlink()


@pytest.mark.skipif(connection.vendor != "sqlite", reason="the disk of the PostgreSQL server is not ours to fill")
def test_a_full_disk_leaves_nothing_half_written(url, sheet, disk_of):  # IMP-15
    small_disk = disk_of("64m")
    source, place = url.removeprefix("sqlite:///"), small_disk / "site.sqlite3"
    connection.close()
    shutil.copy(source, place)
    free = os.statvfs(small_disk)
    filler = small_disk / "filler"
    filler.write_bytes(bytes(free.f_bavail * free.f_frsize - 600_000))
    command = ("manage.py", "import_statements", str(sheet), "--lang", "en")
    process = begun(f"sqlite:///{place}", *command)
    said = process.communicate()[1].decode()
    assert process.returncode == 1, said
    assert "disk is full" in said
    assert "Traceback" not in said
    filler.unlink()
    with closing(sqlite3.connect(place)) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert database.execute("SELECT count(*) FROM certifications_verificationstatement").fetchone() == (0,)
    assert begun(f"sqlite:///{place}", *command).wait() == 0
    with closing(sqlite3.connect(place)) as database:
        assert database.execute("SELECT count(*) FROM certifications_verificationstatement").fetchone() == (ROWS,)


def test_eight_writers_beside_an_import_lose_nothing(url, sheet):  # IMP-14
    """Four in each of two processes, as the server has them: threads of one know of each other, processes meet in the file."""
    writers = [begun(url, "-c", WRITERS, str(number)) for number in range(2)]
    for process in writers:
        assert process.stdout.readline() == b"ready\n"
    importing = begun(url, "manage.py", "import_statements", str(sheet))
    until_it_writes(importing)
    assert importing.poll() is None
    for process in writers:
        process.stdin.write(b"\n")
        process.stdin.flush()
    for process in writers:
        said, faults = process.communicate()
        assert said.decode().split() == ["60", "60"], faults.decode()
    assert importing.wait() == 0, importing.stderr.read()
    assert VerificationStatement.objects.count() == ROWS + 120


@pytest.mark.django_db
@pytest.mark.program("soffice")
def test_what_libreoffice_wrote_comes_in(tmp_path):
    vocabulary()
    rows = [row(), row(number="2", product="", issued="2026-02-03")]
    source = csv_file(tmp_path, *rows, encoding="utf-8-sig")
    command = [
        "soffice",
        "--headless",
        f"-env:UserInstallation=file://{tmp_path}/profile",
        "--convert-to",
        "xlsx",
        "--infilter=CSV:44,34,76,1",
    ]
    subprocess.run([*command, "--outdir", str(tmp_path), str(source)], check=True, capture_output=True, timeout=120)
    assert counted(bring(tmp_path / "sheet.xlsx")) == {"new": 2}
    assert {s.issued_on.isoformat() for s in VerificationStatement.objects.all()} == {"2026-01-05", "2026-02-03"}
    assert counted(bring(source)) == {"same": 2}


@pytest.mark.django_db
@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_an_export_comes_in_again_as_it_was(client, tmp_path, ending):  # IMP-17, EXP-03
    vocabulary()
    factory.region()
    industry = factory.industry()
    client.force_login(factory.user("manager"))
    for number in range(6):
        company = factory.company(f"往返{number}有限公司", region=factory.region(), industry=industry)
        factory.statement(
            company=company,
            statement_type=factory.statement_type("product_carbon_footprint"),
            certificate_number=f"=R-{number}" if number % 2 else f"R-{number}",
            issued_on="2026-01-05" if number else None,
            valid_until="2028-01-04",
            period_start="2025-01-01",
            period_end="2025-12-31",
            emissions_tco2e="-12.5",
            footprint_kgco2e="3.25",
            declared_unit="台",
            categories=[1, 2],
            scopes=[1],
            assurance_level="limited",
            engagement="verification",
            system_boundary="cradle_to_gate",
            summary="+1 与 @2",
            source_url="https://a.example/1",
            consultant=factory.company(f"往返咨询{number}"),
            products=[factory.product(company, name) for name in ("甲", "乙")],
            standards=[factory.standard("ISO 14067", "2018")],
        )
    before = exported(client, ending)
    path = tmp_path / f"export.{ending}"
    path.write_bytes(before)
    VerificationStatement.products.through.objects.all().delete()
    VerificationStatement.objects.all().delete()
    Company.objects.all().delete()
    outcome = bring(path)
    assert counted(outcome) == {"new": 6}, outcome.findings.lines
    path.write_bytes(exported(client, ending))
    assert counted(bring(path)) == {"same": 6}
    if ending == "csv":
        assert data(exported(client, ending)) == data(before)


def exported(client, ending):
    response = client.get(f"/statements.{ending}?columns=all&sort=company")
    assert response.status_code == 200
    return b"".join(response.streaming_content) if response.streaming else response.content


def data(content):
    """The cells, but for the source of the record, which is the sheet now, and its address."""
    import csv
    import io

    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    apart = ("来源", "链接", "Source", "Link", "日期", "Date", "日期精度", "Precision of the date")
    return [{name: value for name, value in each.items() if name not in apart} for each in rows]
