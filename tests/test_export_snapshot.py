"""A file is of one moment, whatever is written while it is read; closing it ends the query (EXP-10, EXP-20)."""

import io
import threading

import pytest
from django.db import DatabaseError, connection, connections
from django.http import QueryDict
from python_calamine import CalamineWorkbook

from certifications.models import VerificationStatement
from tanxun.listing import export, workbook
from tanxun.listing.files import order
from tanxun.listing.page import find
from tests import factory as f
from tests.effort import examples
from tests.killing import multiply
from tests.working import shared_database

pytestmark = pytest.mark.django_db(transaction=True)
ROWS = 40
MANY = examples(6_001, 100_000)


@pytest.fixture
def database(tmp_path, monkeypatch):
    """Some rows in a database that others write to meanwhile; the file is read a few rows at a time."""
    company = f.company("苏州样例")
    for number in range(ROWS):
        f.statement(company=company, tier=f"第{number}级", certificate_number=f"N{number}")
    monkeypatch.setattr(export, "CHUNK", 4)
    monkeypatch.setattr(export, "BLOCK", 64)
    monkeypatch.setattr(workbook, "CHUNK", 4)
    with shared_database(tmp_path):
        yield


def write_meanwhile():
    """Another session changes every row and adds some; returns once that is committed."""

    place = connections["default"].settings_dict

    def write():
        connections["default"] = mine = connections.create_connection("default")
        mine.settings_dict = place
        try:
            VerificationStatement.objects.update(tier="neu")
            f.statement(company=f.company("后来"), certificate_number="later")
        finally:
            mine.close()

    thread = threading.Thread(target=write)
    thread.start()
    thread.join(20)
    assert not thread.is_alive(), "the writer waits for the reader"


def test_csv_is_of_one_moment(database):
    blocks = export.csv_blocks(find("statements").rows(QueryDict("columns=tier")), "zh-hans")
    text = next(blocks) + next(blocks)
    write_meanwhile()
    lines = (text + b"".join(blocks)).decode().split("\r\n")
    assert len(lines) == ROWS + 2
    assert "neu" not in "".join(lines)
    assert VerificationStatement.objects.count() == ROWS + 1
    assert not connection.in_atomic_block


@pytest.fixture
def many(tmp_path):
    """More than is fetched at once, of what the product really fetches at once; each of some size, so that blocks are full."""
    multiply(f.statement(company=f.company("苏州样例"), tier="alt"), MANY)
    with shared_database(tmp_path):
        yield


@pytest.mark.parametrize("ending", ["csv", "jsonl", "xlsx"])
def test_a_file_of_many_rows_is_of_one_moment(many, tmp_path, ending):
    """EXP-10: begun before somebody changes and adds rows, read to its end afterwards; as many rows as were counted first."""
    assert MANY > 2 * export.CHUNK
    written, path = [], tmp_path / "file"

    def progress(done, total):
        if not written:
            assert done < total
            written.append(total)
            write_meanwhile()

    done = order(find("statements"), ending, QueryDict("columns=tier,certificate_number")).write(path, "li", progress)
    assert (written, done) == ([MANY], MANY)
    assert VerificationStatement.objects.filter(tier="neu").count() >= MANY
    if ending == "xlsx":
        rows = CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()
        text = "\n".join(str(row) for row in rows[1:])
    else:
        text = (
            path.read_text(encoding="utf-8-sig")
            .rstrip("\n")
            .partition("\n" if ending == "csv" else "\0")[2 if ending == "csv" else 0]
        )
    assert len(text.splitlines()) == MANY
    assert "neu" not in text
    assert "later" not in text
    assert all("alt" in line for line in text.splitlines())


def test_a_workbook_of_several_sheets_is_of_one_moment(database):
    f.policy("样例政策")
    file, written = io.BytesIO(), []

    def progress(done, total):
        if not written:
            written.append(total)
            write_meanwhile()

    order(find("statements"), "xlsx", QueryDict("week="), layout="weekly").write(file, "li", progress)
    file.seek(0)
    book = CalamineWorkbook.from_filelike(file)
    assert written == [ROWS + 1]
    assert len(book.get_sheet_by_index(1).to_python()) == ROWS + 1
    assert "后来" not in str(book.get_sheet_by_index(1).to_python())


def test_closed_in_the_middle_the_query_and_its_transaction_end(database):
    blocks = export.csv_blocks(find("statements").rows(QueryDict("columns=tier")), "zh-hans")
    next(blocks)
    next(blocks)
    blocks.close()
    assert not connection.in_atomic_block
    if connection.vendor == "sqlite":
        assert not connection.connection.in_transaction
    else:
        assert connection.connection.info.transaction_status == 0
    write_meanwhile()


def break_off():
    """End what the database is reading for us, as an administrator or a lost server would."""
    if connection.vendor == "sqlite":
        connection.connection.interrupt()
        return
    other = connections.create_connection("default")
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_cancel_backend(%s)", [connection.connection.info.backend_pid])
    other.close()


def test_a_file_that_breaks_off_says_so_in_its_last_line(database):
    VerificationStatement.objects.update(summary="长" * 200_000)  # more than lies ready between the database and us
    blocks = export.csv_blocks(find("statements").rows(QueryDict("columns=summary")), "zh-hans")
    read = [next(blocks), next(blocks)]
    break_off()
    with pytest.raises(DatabaseError):
        read.extend(blocks)
    assert b"".join(read).decode().splitlines()[-1].startswith('"文件不完整')


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="only PostgreSQL has a time limit for statements")
def test_the_time_limit_for_statements_does_not_cut_a_file(database):
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 50")
    blocks = export.csv_blocks(find("statements").rows(QueryDict("columns=tier")), "zh-hans")
    try:
        assert sum(block.count(b"\r\n") for block in slowly(blocks)) == ROWS + 1
    finally:
        connection.close()  # and with it the limit of this session


def slowly(blocks):
    pause = threading.Event()
    for block in blocks:
        pause.wait(0.01)
        yield block
