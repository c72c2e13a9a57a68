"""Web server, worker, import, export and migrate are killed at random moments while four people write over HTTP.

Nothing that was acknowledged is lost, nothing stands half done (OPS-01, OPS-02, OPS-06, IMP-13, EXP-12). KILLS is how many
in all, a fifth for each kind; `.ci/run --nightly` sets 50. The table of what was found goes to the file that KILL_TABLE names.
"""

import os
import time
from pathlib import Path

import pytest
from django.db import connection
from django.http import QueryDict

from certifications.models import Company, VerificationStatement
from tanxun.digest import tasks
from tanxun.digest.models import Draft
from tanxun.jobs.models import Job, State
from tanxun.listing.exports import folder, start_export
from tanxun.listing.files import order
from tanxun.listing.page import find
from tanxun.records import sealing
from tests.killing import WRITERS, Rig
from tests.sheets import csv_file, row, vocabulary
from tests.test_intake import bring, editor  # noqa: F401 - a fixture
from tests.working import shared_database, until

KILLS = int(os.environ.get("KILLS", "5"))
SHEET, ITEMS = 300, 25
ROWS = 20_000  # that the second migration of tests.moving writes
HEAD = ("kind", "kills", "in the middle of its work", "acknowledged writes", "lost", "half done")


@pytest.fixture
def rig(tmp_path, transactional_db, editor):  # noqa: F811
    vocabulary()
    with shared_database(tmp_path) as url, Rig(url, tmp_path) as made:
        made.editor = editor
        yield made


def test_nothing_acknowledged_is_lost_and_nothing_half_done(rig):
    lines, half_done = [], 0
    for kind in (web, worker, importing, exporting, migrating):
        before, halves = rig.writers.acknowledged(), [kind(rig, number) for number in range(KILLS // 5)]
        until(lambda before=before: rig.writers.acknowledged() > before)
        struck = rig.struck[COMMANDS[kind]] if kind in COMMANDS else ""
        lines.append([kind.__name__, len(halves), struck, rig.writers.acknowledged() - before, "", sum(halves)])
        half_done += sum(halves)
    found = rig.verdict()
    lines.append(["all", sum(line[1] for line in lines), "", found.acknowledged, found.lost, half_done + found.half_done])
    tell(lines)
    assert (found.lost, found.half_done, found.twice, half_done) == (0, 0, 0, 0), lines
    assert found.faults == []
    assert found.acknowledged > KILLS * WRITERS
    assert rig.struck["import_statements"]  # the first kill comes within a tenth of a second of its first write


def tell(lines):
    table = "\n".join(f"| {' | '.join(map(str, line))} |" for line in (HEAD, ["---"] * len(HEAD), *lines))
    print(f"\n{connection.vendor}\n{table}")
    if path := os.environ.get("KILL_TABLE"):
        with Path(path).open("a", encoding="utf-8") as file:
            file.write(f"{connection.vendor}\n\n{table}\n\n")


def web(rig, number):
    rig.kill_web()
    return 0  # what it leaves is seen in the verdict


def over(job):
    until(lambda: not Job.objects.open().filter(pk=job.pk).exists())
    job.refresh_from_db()
    return job


def worker(rig, number):
    """In the middle of accepting a newsletter: each draft with its record and all that goes with it, or still to do."""
    items = "".join(
        f"第{item}家:获产品碳足迹核查声明\n\n近日,苏州杀{number}第{item}号家电有限公司的洗衣机获得SGS颁发的产品碳足迹核查声明。\n\n"
        for item in range(ITEMS)
    )
    issue = bring(f"碳讯丨测试周报第{number}期\n\n01. 行业动态\n\n{items}", rig.editor).newsletter
    job = tasks.start_accepting(issue, rig.editor)
    until(lambda: not Job.objects.filter(pk=job.pk, state=State.WAITING).exists())  # it may be over before it is seen running
    time.sleep(rig.draw.uniform(0, 1))
    rig.kill_worker()
    left = accepted(issue, number)
    rig.new_worker()
    assert over(job).state == State.DONE
    assert accepted(issue, number) == (ITEMS, ITEMS, ITEMS, ITEMS)
    return int(len(set(left)) > 1)


def accepted(issue, number):
    mine = Company.objects.filter(name__startswith=f"苏州杀{number}第")
    statements = VerificationStatement.objects.filter(company__in=mine)
    history = VerificationStatement.history.filter(id__in=statements.values("pk"), history_type="+")
    return Draft.objects.filter(newsletter=issue, status="accepted").count(), statements.count(), history.count(), mine.count()


def importing(rig, number):
    """All rows with their history, or none; the same command again makes it whole."""
    rows = [row(number=f"K{number}-{each}", company=f"第{number}-{each % 60}有限公司", product="") for each in range(SHEET)]
    path = csv_file(rig.folder, *rows, name=f"sheet-{number}.csv")
    mine = VerificationStatement.objects.filter(certificate_number__startswith=f"K{number}-")
    history = VerificationStatement.history.filter(certificate_number__startswith=f"K{number}-", history_type="+")
    rig.killed("import_statements", path)
    left = mine.count(), history.count()
    rig.managed("import_statements", path)
    assert (mine.count(), history.count()) == (SHEET, SHEET)
    return int(left not in {(0, 0), (SHEET, SHEET)})


def exporting(rig, number):
    """The worker that writes a file: none is offered, or a whole one; the next worker offers one."""
    ending, page = ("csv", "xlsx")[number % 2], find("statements")
    job = start_export(order(page, ending, QueryDict("columns=all")), rig.people[0])
    rig.side.cookies = rig.cookies[0]
    until(lambda: not Job.objects.filter(pk=job.pk, state=State.WAITING).exists())
    time.sleep(rig.draw.uniform(0, 0.4))
    rig.kill_worker()
    offered = Job.objects.get(pk=job.pk).result.get("file")
    half = bool(offered) and not is_whole(folder() / offered)
    rig.new_worker()
    assert over(job).state == State.DONE
    files = list(folder().glob(f"{job.pk}*"))
    assert [file.name for file in files] == [job.result["file"]]
    assert is_whole(files[0])
    assert rig.side.visitor().get(f"/exports/{job.pk}/").body == files[0].read_bytes()
    files[0].unlink()
    return int(half)


def is_whole(file):
    content = file.read_bytes()
    if file.suffix == ".csv":
        return content.count(b"\r\n") == VerificationStatement.objects.count() + 1 and content.endswith(b"\r\n")
    return content[-22:].startswith(b"PK\x05\x06")  # the end of the archive


def migrating(rig, number):
    """Each migration stands whole or not at all; a second run ends with the last one, and histories are sealed again."""
    rig.killed("migrate", "moving", "-v0")
    half = shape() != SHAPES[done()]
    rig.managed("migrate", "moving", "-v0")
    assert (done(), shape()) == (5, SHAPES[5])
    assert set(sealing.histories()) == sealing.standing("default")
    with connection.cursor() as cursor:  # for the next turn
        cursor.execute("DROP TABLE moving_thing")
        cursor.execute("DELETE FROM django_migrations WHERE app = 'moving'")
    return int(half)


COMMANDS = {importing: "import_statements", migrating: "migrate"}


def done():
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM django_migrations WHERE app = 'moving'")
        return cursor.fetchone()[0]


# After so many migrations: is there a table, how many rows, how many with a length, is there the index, is there the constraint.
SHAPES = {
    0: (False, 0, 0, False, False),
    1: (True, 0, 0, False, False),
    2: (True, ROWS, 0, False, False),
    3: (True, ROWS, ROWS, False, False),
    4: (True, ROWS, ROWS, True, False),
    5: (True, ROWS, ROWS, True, True),
}


def shape():
    with connection.cursor() as cursor:
        if "moving_thing" not in connection.introspection.table_names(cursor):
            return SHAPES[0]
        constraints = connection.introspection.get_constraints(cursor, "moving_thing")
        columns = {column.name for column in connection.introspection.get_table_description(cursor, "moving_thing")}
        cursor.execute(f"SELECT count(*), {'count(length)' if 'length' in columns else '0'} FROM moving_thing")  # noqa: S608 - our own names
        names = ("moving_by_length", "moving_no_longer_than")
        return (True, *cursor.fetchone(), *(name in constraints for name in names))
