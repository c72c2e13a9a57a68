"""No form takes a day from the ends of the calendar, and a record that bears one is shown nevertheless (ADM-08)."""

import datetime as dt

import pytest
from django import forms
from django.core.exceptions import ValidationError
from django.urls import reverse

import tanxun.digest.forms  # noqa: F401 - for the forms that they declare
from certifications.sheets import cells
from tanxun.records import days
from tests import factory as f

ENDS = ["0001-01-01", "1899-12-31", "2101-01-01", "9999-12-31"]
OURS = ("certifications.forms", "policies.forms", "tanxun.digest.forms")


def forms_below(base):
    for one in base.__subclasses__():
        yield one
        yield from forms_below(one)


def date_fields():
    every = {form for form in forms_below(forms.BaseForm) if form.__module__ in OURS}
    return [
        pytest.param(field, id=f"{form.__name__}.{name}")
        for form in sorted(every, key=lambda form: form.__name__)
        for name, field in getattr(form, "base_fields", {}).items()
        if isinstance(field, forms.DateField)
    ]


@pytest.mark.any_engine
@pytest.mark.parametrize("field", date_fields())
def test_the_desk_refuses_the_ends_of_the_calendar(field):
    for text in ENDS:
        with pytest.raises(ValidationError, match=r"1990|2100"):
            field.clean(text)
    assert field.clean("1990-01-01") == dt.date(1990, 1, 1)
    assert field.clean("2100-12-31") == dt.date(2100, 12, 31)


@pytest.mark.any_engine
def test_a_sheet_is_held_to_the_same_years():
    assert len(date_fields()) > 12
    for text in ENDS:
        with pytest.raises(ValidationError):
            cells.day(text)
    assert cells.day("2100-12-31") == dt.date(2100, 12, 31)


@pytest.mark.any_engine
def test_a_span_ends_where_the_calendar_ends():
    assert days.around(dt.date(2026, 1, 16), 31) == (dt.date(2025, 12, 16), dt.date(2026, 2, 16))
    assert days.around(dt.date.min, 31) == (dt.date.min, dt.date(1, 2, 1))
    assert days.around(dt.date.max, 31) == (dt.date(9999, 11, 30), dt.date.max)


@pytest.mark.django_db
@pytest.mark.parametrize("day", [dt.date.min, dt.date.max])
def test_what_was_stored_with_such_a_day_is_shown(client, day):
    statement = f.statement(announced_on=day, valid_until=day, source_on=day)
    policy = f.policy(issued_on=day, comment_by=day)
    client.force_login(f.superuser())
    pages = [record.get_absolute_url() for record in (statement, statement.company, policy)]
    pages += [
        f"{pages[0].rstrip('/')}.jsonld",
        "/statements/",
        "/policies/",
        "/statements.csv",
        "/",
        "/statistics/",
    ]
    pages += ["/statements.ics", "/policies.ics", "/statements.atom", reverse("admin:index")]
    found = {page: client.get(page).status_code for page in pages}
    assert set(found.values()) == {200}, found
