"""DATA-13: a moment is stored in UTC and shown as in Shanghai; a day is the same day in every file, whatever the clock says."""

import csv
import datetime as dt
import io
import json

import pytest
import time_machine
from django.db import connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, example, given
from hypothesis import settings as effort
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from certifications.models import VerificationStatement
from tests import factory
from tests.sheets import bring, csv_file, row, vocabulary, workbook
from tests.tokens import bearing, token

pytestmark = pytest.mark.django_db
SHANGHAI = dt.timezone(dt.timedelta(hours=8))
DAYS = st.dates(dt.date(1990, 1, 1), dt.date(2098, 12, 31))
NOW = st.datetimes(dt.datetime(2026, 1, 1), dt.datetime(2027, 12, 31), timezones=st.just(dt.UTC))
# One second before and at midnight in Shanghai; at midnight of UTC; the last second of a year there.
EDGES = [dt.datetime(2026, 6, 30, 15, 59, 59, tzinfo=dt.UTC), dt.datetime(2026, 6, 30, 16, tzinfo=dt.UTC)]
EDGES += [dt.datetime(2026, 7, 1, tzinfo=dt.UTC), dt.datetime(2026, 12, 31, 15, 59, 59, tzinfo=dt.UTC)]
FEW = effort(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck))
SUMMER = dt.date(1990, 4, 15)  # Shanghai put its clocks forward on this day: an hour is missing
COLUMNS = ("issued_on", "valid_until", "announced_on", "period_start", "period_end")


def cells_of(answer):
    body = b"".join(answer) if answer.streaming else answer.content
    assert answer.status_code == 200, body[:500]
    return body


@FEW
@example(SUMMER, EDGES[0])
@example(dt.date(2026, 7, 1), EDGES[0])
@example(dt.date(2026, 6, 30), EDGES[1])
@example(dt.date(2096, 2, 29), EDGES[3])
@given(DAYS, NOW)
def test_a_day_is_the_same_day_wherever_it_is_read(client, settings, day, now):
    """DATA-13: page, CSV, XLSX, JSON Lines, API."""
    settings.API_BURST = 10_000
    days = [day + dt.timedelta(days=n) for n in range(5)]
    with time_machine.travel(now, tick=False), transaction.atomic():
        VerificationStatement.with_deleted.all().delete()
        values = dict(zip(COLUMNS, days, strict=True)) | {"valid_until": days[1] + dt.timedelta(days=365)}
        statement = factory.statement(**values)
        manager = factory.user("manager")
        client.force_login(manager)
        lines = cells_of(client.get("/statements.jsonl?columns=all")).decode().splitlines()
        told = [json.loads(line) for line in lines]
        told += client.get("/api/v1/statements/?columns=all", headers=bearing(token(manager))).json()["results"]
        wanted = {value.isoformat() for value in values.values()}
        for record in told:
            assert wanted <= set(map(str, record.values())), record
        rows = list(csv.reader(io.StringIO(cells_of(client.get("/statements.csv?columns=all")).decode("utf-8-sig"))))
        assert wanted <= set(rows[1])
        book = io.BytesIO(cells_of(client.get("/statements.xlsx?columns=all")))
        sheet = CalamineWorkbook.from_filelike(book).get_sheet_by_index(0)
        found = {str(cell)[:10] for line in sheet.to_python() for cell in line if isinstance(cell, dt.date)}
        assert wanted <= found
        page = client.get(statement.get_absolute_url()).content.decode()
        assert all(each in page for each in wanted)
        transaction.set_rollback(True)


@FEW
@example(SUMMER, EDGES[0])
@example(dt.date(2026, 2, 28), EDGES[1])
@given(st.dates(dt.date(1990, 1, 1), dt.date(2025, 12, 31)), NOW)
def test_a_day_of_a_sheet_is_stored_as_that_day(tmp_path_factory, day, now):
    """DATA-13: as a text and as a date of the workbook."""
    until = day + dt.timedelta(days=400)
    folder = tmp_path_factory.mktemp("sheet")
    with time_machine.travel(now, tick=False), transaction.atomic():
        vocabulary()
        bring(csv_file(folder, row(issued=day.isoformat(), until=f"{until.year}年{until.month}月{until.day}日")))
        bring(workbook(folder, row(number="2", company="乙有限公司", issued=day, until=until)))
        stored = set(VerificationStatement.objects.values_list("issued_on", "valid_until"))
        count = VerificationStatement.objects.count()
        transaction.set_rollback(True)
    assert (stored, count) == ({(day, until)}, 2)


@FEW
@example(EDGES[0])
@example(EDGES[1])
@example(EDGES[2])
@given(NOW)
def test_a_moment_is_stored_in_utc_and_shown_as_in_shanghai(client, now):
    """DATA-13: what was saved at 23:59:59 in UTC was saved the next morning at 07:59:59 here."""
    now = now.replace(microsecond=0)
    with time_machine.travel(now, tick=False), transaction.atomic():
        assert timezone.localdate() == now.astimezone(SHANGHAI).date()
        statement = factory.statement()
        statement.remove("test")
        with connection.cursor() as cursor:
            cursor.execute("SELECT created_at FROM certifications_verificationstatement WHERE id = %s", [statement.pk])
            (raw,) = cursor.fetchone()
        stored = dt.datetime.fromisoformat(raw) if isinstance(raw, str) else raw
        assert stored.replace(tzinfo=stored.tzinfo or dt.UTC) == now
        client.force_login(factory.user("manager"))
        assert f"{now.astimezone(SHANGHAI):%Y-%m-%d %H:%M}" in client.get("/bin/").content.decode()
        past = f"/admin/certifications/verificationstatement/{statement.pk}/history/"
        assert f"{now.astimezone(SHANGHAI):%Y-%m-%d %H:%M}" in client.get(past).content.decode()
        transaction.set_rollback(True)
