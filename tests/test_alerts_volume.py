"""A filter that 100,000 new records match: one mail, 200 lines and a link; and a person's limits (ALR-10)."""

import datetime as dt
import re
import tracemalloc

import pytest
import time_machine
from django.core import mail
from django.db import connection

from certifications.models import VerificationStatement
from tanxun.alerts import duties
from tanxun.alerts.models import Mailbox, Message, Subscription
from tanxun.listing.models import SavedFilter
from tanxun.site.tables import set_last_key
from tests import factory as f

pytestmark = pytest.mark.django_db

MONDAY = dt.datetime(2026, 3, 2, 1, 0, tzinfo=dt.UTC)
MANY = 100_000


def many(company, count, **values):
    """Statements with their entries in the history, as an import leaves them: copied in the database, for speed."""
    first = f.statement(company=company, statement_type=f.statement_type("product_carbon_footprint"), **values)
    end = first.pk + count - 1
    numbers = f"WITH RECURSIVE steps(n) AS (SELECT {first.pk} + 1 UNION ALL SELECT n + 1 FROM steps WHERE n < {end})"  # noqa: S608
    for model in (VerificationStatement, VerificationStatement.history.model):
        table = model._meta.db_table
        names = [field.column for field in model._meta.concrete_fields if field.column != "history_id"]
        columns, copied = (", ".join(shown(name) for name in names) for shown in ('"{}"'.format, column_of_a_copy))
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO {table} ({columns}) {numbers} SELECT {copied} FROM {table} t, steps WHERE t.id = {first.pk}"  # noqa: S608
            )
    set_last_key(VerificationStatement, end, "default")
    return first


def as_a_worker():
    """Its connection has no time limit for statements (tests/test_jobs_killed.py), as what answers a page has."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = 0")


def column_of_a_copy(name):
    return "n" if name == "id" else f't."{name}"'


@pytest.fixture
def person():
    user = f.user("consultant", email="a@example.com")
    Mailbox.objects.create(user=user, language="en", week_on=dt.date(2026, 2, 23))
    return user


def watch(user, **kwargs):
    saved = SavedFilter.objects.create(owner=user, **{"page": "statements", "name": "all", "query": ""} | kwargs)
    return Subscription.objects.create(user=user, saved_filter=saved, since=dt.date(2020, 1, 1))


def test_a_hundred_thousand_new_records_are_one_short_mail(person, django_assert_max_num_queries):
    """ALR-10"""
    one = watch(person)
    many(f.company(), MANY)
    assert VerificationStatement.objects.count() == MANY
    as_a_worker()
    tracemalloc.start()
    with time_machine.travel(MONDAY, tick=False), django_assert_max_num_queries(80):
        duties.run()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    [letter] = mail.outbox
    links = re.findall(r"/statements/\d+/", letter.body)
    assert len(links) == len(set(links)) == 200
    assert "10,000+" in letter.body
    assert f"http://127.0.0.1:8000/saved/{one.saved_filter_id}/" in letter.body
    assert len(letter.message().as_bytes()) < 400_000
    assert peak < 40_000_000
    mail.outbox.clear()
    with time_machine.travel(MONDAY + dt.timedelta(days=7), tick=False):
        duties.run()
    assert mail.outbox == []


def test_many_due_dates_on_one_day_are_one_mail_and_none_comes_again(person):
    """ALR-10"""
    watch(person)
    Mailbox.objects.update(wants_weekly=False)
    Subscription.objects.update(seen=10**9)
    company = f.company()
    for part in range(3):  # of one company and type the one that is good for longer would follow the others up
        many(f.company() if part else company, 300, valid_until=dt.date(2026, 4, 1))
    with time_machine.travel(MONDAY, tick=False):
        duties.run()
    [letter] = mail.outbox
    assert len(re.findall(r"/statements/\d+/", letter.body)) == 200
    assert "Falls due (900)" in letter.body
    mail.outbox.clear()
    for days in (1, 2, 6):
        with time_machine.travel(MONDAY + dt.timedelta(days=days), tick=False):
            duties.run()
    assert mail.outbox == []
    assert Message.objects.count() == 1


def test_more_than_fifty_subscriptions_are_refused(client, person):
    client.force_login(person)
    companies = [f.company() for _each in range(51)]
    for company in companies:
        client.post("/alerts/follow/", {"company": company.pk})
    assert Subscription.objects.filter(user=person).count() == 50


def test_fifty_subscriptions_of_one_list_are_one_mail(person):
    for number in range(50):
        watch(person, name=f"filter {number}")
    made = f.statement()
    with time_machine.travel(MONDAY, tick=False):
        duties.run()
    [letter] = mail.outbox
    assert letter.body.count(f"/statements/{made.pk}/") == 1
