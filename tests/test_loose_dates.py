"""Dates of a policy that are known to the month or year only: what is typed, stored and shown."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError

from policies.dates import LooseDateField, parsed
from policies.forms import PolicyEntryForm
from policies.models import Policy
from tests import factory
from tests.reading import read, words


@pytest.mark.parametrize(
    ("typed", "first", "last", "precision"),
    [
        ("2026-03-05", (2026, 3, 5), (2026, 3, 5), "day"),
        ("2026/3/5", (2026, 3, 5), (2026, 3, 5), "day"),
        ("2026年3月5日", (2026, 3, 5), (2026, 3, 5), "day"),
        (" ２０２６年 ３月 ", (2026, 3, 1), (2026, 3, 31), "month"),
        ("2026-02", (2026, 2, 1), (2026, 2, 28), "month"),
        ("2028.2", (2028, 2, 1), (2028, 2, 29), "month"),
        ("2026", (2026, 1, 1), (2026, 12, 31), "year"),
        ("2026年", (2026, 1, 1), (2026, 12, 31), "year"),
    ],
)
def test_a_month_stands_on_its_first_day_and_an_end_on_its_last(typed, first, last, precision):
    assert parsed(typed) == (dt.date(*first), precision)
    assert parsed(typed, ends=True) == (dt.date(*last), precision)


@pytest.mark.parametrize("typed", ["昨天", "2026-13", "2026-02-30", "26-03", "2026-03-05-01", "0000", "2026年3日", "20260305"])
def test_anything_else_is_refused(typed):
    with pytest.raises(ValueError, match=r"[a-z0-9年日昨天]"):
        parsed(typed)


def test_the_field_knows_what_changed():
    field = LooseDateField(ends=True)
    assert not field.has_changed("2026-03", "2026年3月")
    assert field.has_changed("2026-03", "2026-03-31")
    assert not field.has_changed(dt.date(2026, 3, 5), "2026-03-05")
    assert field.has_changed(None, "nonsense")
    with pytest.raises(ValidationError):
        field.clean("nonsense")


def filled(**values):
    rows = {f"{name}-{count}": "0" for name in PolicyEntryForm().rows for count in ("TOTAL_FORMS", "INITIAL_FORMS")}
    return PolicyEntryForm({"headline": "样例政策", "level": "national"} | rows | values)


@pytest.mark.django_db
def test_a_policy_keeps_the_precision_of_each_date_and_loses_it_with_the_day():
    form = filled(issued_on="2026年3月", in_force_on="2026-05-01", expires_on="2028")
    assert form.is_valid(), form.errors
    policy = form.write(Policy())
    policy.refresh_from_db()
    assert policy.precisions == {"issued_on": "month", "expires_on": "year"}
    assert (policy.issued_on, policy.expires_on) == (dt.date(2026, 3, 1), dt.date(2028, 12, 31))
    assert (policy.dated_on, policy.dated_precision) == (dt.date(2026, 3, 1), "month")
    again = filled(issued_on="2026-03-09", expires_on="")
    assert again.is_valid()
    policy = again.write(policy, ["issued_on"])
    assert policy.precisions == {"expires_on": "year"}
    assert policy.dated_precision == "day"


@pytest.mark.django_db
def test_it_cannot_expire_before_it_is_in_force():
    assert "expires_on" in filled(in_force_on="2027", expires_on="2026-12").errors
    assert filled(in_force_on="2026-12", expires_on="2026-12").is_valid()


@pytest.mark.django_db
def test_the_page_shows_no_day_that_nobody_printed(client):
    policy = factory.policy(
        signed_on=dt.date(2026, 3, 1), expires_on=dt.date(2028, 12, 31), precisions={"signed_on": "month", "expires_on": "year"}
    )
    page = words(read(client, policy.get_absolute_url())).replace(" ", "")
    assert ">2026-03<" in page
    assert ">2028<" in page
    assert "2028-12-31" not in page
