"""A question that the database is stopped at: a page in words, with the form to narrow it, and no fault of the site."""

import pytest
from django.db import connection
from django.db.models import BooleanField
from django.db.models.expressions import RawSQL

from certifications.pages import StatementPage
from tests import factory as f

pytestmark = pytest.mark.django_db


def test_a_list_that_takes_too_long_says_so_and_keeps_what_was_asked(client, monkeypatch):  # DB-12
    if connection.vendor != "postgresql":  # the page in words answers an error that only PostgreSQL raises
        pytest.skip("SQLite has no time limit for statements, so nothing is ever given up there")
    f.statement()
    client.force_login(f.user("reader"))
    client.cookies["django_language"] = "en"
    prepare, sleeps = StatementPage.prepare, RawSQL("(SELECT true FROM pg_sleep(3))", [], output_field=BooleanField())
    monkeypatch.setattr(StatementPage, "prepare", lambda *args: prepare(*args).filter(sleeps))
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 300")
    response = client.get("/statements/?type=ghg_verification")
    html = response.content.decode()
    assert response.status_code == 503
    assert "This list would take too long" in html
    assert 'name="type" value="ghg_verification" checked' in html
    assert "<tbody" not in html
    assert "sqlstate" not in html.lower()
