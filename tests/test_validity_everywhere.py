"""Each rule of validity a day before, on and after its border: computed, asked, listed, on the due board and on the page."""

import datetime as dt

import pytest
import time_machine
from django.http import QueryDict

from certifications.due import AHEAD, DUTY, OVERDUE
from certifications.models import ListStage, Programme, RegisterStatus, Standard, Validity, VerificationStatement
from certifications.models.memberships import NOT_YET
from certifications.models.validity import holds
from tanxun.listing.page import find
from tests import factory
from tests.reading import read, words

pytestmark = pytest.mark.django_db
TODAY = dt.date(2026, 3, 16)
BANDS = (OVERDUE, *AHEAD, DUTY)
DAY = dt.timedelta(days=1)


@pytest.fixture(autouse=True)
def _clock():
    with time_machine.travel(dt.datetime(2026, 3, 16, 4, tzinfo=dt.UTC), tick=False):  # noon in Shanghai
        yield


def keys(query):
    return set(find("statements").rows(QueryDict(query)).found.values_list("pk", flat=True))


def agreed(client, made, expected, band="", days=90):
    """The one answer, wherever it is asked; `band` is that of the due board, "" for none."""
    rows = VerificationStatement.objects.filter(pk=made.pk)
    assert rows.with_validity(days).get().validity == expected
    assert [each for each in Validity if rows.filter(holds(each, days)).exists()] == [expected]
    further = "" if days == 90 else f"&expiring_days={days}"
    assert [each for each in Validity if made.pk in keys(f"validity={each}{further}")] == [expected]
    assert [each for each in BANDS if made.pk in keys(f"due={each}")] == ([band] if band else [])
    if days == 90:
        assert VerificationStatement.objects.get(pk=made.pk).validity == expected
        page = words(read(client, made.get_absolute_url()))
        assert f'<span class="badge {expected}">' in page
        board = read(client, "/expiring/").split("<main")[1]
        assert (made.company.get_absolute_url() in board) == bool(band)


def certificate(days, **kwargs):
    kind = factory.statement_type("carbon_label")
    return factory.statement(statement_type=kind, valid_until=TODAY + dt.timedelta(days=days), **kwargs)


def membership(**kwargs):
    return factory.statement(statement_type=factory.statement_type("green_factory"), verification_body=None, **kwargs)


@pytest.mark.parametrize(
    ("days", "expected", "band"),
    [
        (-1, Validity.EXPIRED, OVERDUE),
        (0, Validity.EXPIRING, "30"),
        (1, Validity.EXPIRING, "30"),
        (89, Validity.EXPIRING, "90"),
        (90, Validity.EXPIRING, "90"),
        (91, Validity.VALID, ""),
    ],
)
def test_a_certificate_until_its_printed_date(client, days, expected, band):
    agreed(client, certificate(days), expected, band)


@pytest.mark.parametrize(("days", "expected"), [(29, Validity.EXPIRING), (30, Validity.EXPIRING), (31, Validity.VALID)])
def test_expiring_within_another_number_of_days(client, days, expected):
    agreed(client, certificate(days), expected, "30" if days < 31 else "60", days=30)


@pytest.mark.parametrize(
    ("offset", "expected", "band"),
    [(-1, Validity.EXPIRED, OVERDUE), (0, Validity.EXPIRING, "30"), (1, Validity.EXPIRING, "30")],
)
def test_a_statement_on_a_period_by_its_computed_day(client, offset, expected, band):
    """Due a cycle of twelve months after the end of its period, and marked as computed."""
    end = dt.date(2025, 3, 16) + offset * DAY
    made = factory.statement(period_start=end - 364 * DAY, period_end=end)
    assert made.due_on == TODAY + offset * DAY
    agreed(client, made, expected, band)
    assert "computed" in read(client, made.get_absolute_url())


@pytest.mark.parametrize(("offset", "expected"), [(89, Validity.EXPIRING), (90, Validity.EXPIRING), (91, Validity.VALID)])
def test_a_computed_day_ninety_days_ahead(client, offset, expected):
    due = TODAY + offset * DAY
    agreed(client, factory.statement(period_end=due.replace(year=due.year - 1)), expected, "90" if offset < 91 else "")


@pytest.mark.parametrize(("offset", "band"), [(-1, ""), (0, DUTY), (1, DUTY), (89, DUTY), (90, DUTY), (91, "")], ids=str)
def test_a_membership_with_its_yearly_duty_is_valid_and_never_overdue(client, offset, band):
    day = TODAY + offset * DAY
    agreed(client, membership(issued_on=day.replace(year=2023)), Validity.VALID, band)


@pytest.mark.parametrize(
    ("offset", "expected", "band"),
    [(-1, Validity.EXPIRED, ""), (0, Validity.EXPIRED, ""), (1, Validity.VALID, DUTY)],
)
def test_a_membership_until_the_day_of_its_removal(client, offset, expected, band):
    agreed(client, membership(issued_on=dt.date(2023, 4, 1), removed_on=TODAY + offset * DAY), expected, band)


@pytest.mark.parametrize(
    ("offset", "expected", "band"),
    [(-1, Validity.EXPIRED, OVERDUE), (0, Validity.EXPIRING, "30"), (1, Validity.EXPIRING, "30")],
)
def test_a_membership_that_a_body_certified_until_a_printed_day(client, offset, expected, band):
    agreed(client, membership(issued_on=dt.date(2024, 3, 1), valid_until=TODAY + offset * DAY), expected, band)


@pytest.mark.parametrize("stage", [*NOT_YET, ListStage.ACCEPTED])
@pytest.mark.parametrize(("offset", "band"), [(-1, ""), (0, DUTY), (90, DUTY), (91, "")], ids=str)
def test_only_who_was_accepted_owes_the_list_its_yearly_report(client, stage, offset, band):
    day = TODAY + offset * DAY
    made = membership(issued_on=day.replace(year=2023), list_stage=stage)
    agreed(client, made, Validity.VALID, band if stage == ListStage.ACCEPTED else "")


def in_programme(company, slug, days=None, **kwargs):
    """Of the same type whatever the programme; good until so many days from today, else listed later and without an end."""
    programme = Programme.objects.get_or_create(slug=slug, defaults={"name": slug})[0] if slug else None
    until = None if days is None else TODAY + days * DAY
    day = dt.date(2025, 7, 1) if days is None else dt.date(2025, 5, 1)
    return membership(company=company, programme=programme, valid_until=until, issued_on=day, **kwargs)


@pytest.mark.parametrize(
    ("mine", "other", "is_followed_up"), [("a", "a", True), ("a", "b", False), ("a", "", False), ("", "a", False), ("", "", True)]
)
@pytest.mark.parametrize("days", [400, None])
def test_a_membership_is_followed_up_by_one_of_its_own_programme(client, mine, other, is_followed_up, days):
    company = factory.company()
    old = in_programme(company, mine, days=10)
    in_programme(company, other, days=days)
    agreed(client, old, Validity.EXPIRING, "" if is_followed_up else "30")


@pytest.mark.parametrize("other", [*NOT_YET, ListStage.ACCEPTED, ""])
@pytest.mark.parametrize("mine", [ListStage.CONSTRUCTION, ListStage.ACCEPTED, ""])
def test_who_is_only_on_the_way_follows_up_no_membership(client, mine, other):
    company = factory.company()
    old = in_programme(company, "a", days=10, list_stage=mine)
    in_programme(company, "a", days=400, list_stage=other)
    is_followed_up = other not in NOT_YET or mine in NOT_YET
    agreed(client, old, Validity.EXPIRING, "" if is_followed_up else "30")


@pytest.mark.parametrize("status", [RegisterStatus.SUSPENDED, RegisterStatus.REVOKED, RegisterStatus.CANCELLED])
@pytest.mark.parametrize("offset", [-1, 0, 1, 91])
def test_the_register_comes_before_every_day(client, status, offset):
    agreed(client, certificate(offset, register_status=status), Validity(status.value))
    agreed(client, membership(removed_on=TODAY + offset * DAY, register_status=status), Validity(status.value))


@pytest.mark.parametrize("status", [RegisterStatus.VALID, RegisterStatus.UNKNOWN])
@pytest.mark.parametrize(("offset", "expected", "band"), [(-1, Validity.EXPIRED, OVERDUE), (0, Validity.EXPIRING, "30")])
def test_a_register_that_says_valid_does_not_move_the_printed_day(client, status, offset, expected, band):
    agreed(client, certificate(offset, register_status=status), expected, band)


def test_without_any_day_it_is_undated(client):
    kind = factory.statement_type("product_carbon_footprint")
    agreed(client, factory.statement(statement_type=kind, period_end=dt.date(2020, 12, 31)), Validity.UNDATED)


@pytest.mark.parametrize(("offset", "expected"), [(-1, True), (0, True), (1, False)])
def test_a_standard_is_withdrawn_from_its_day_on_and_old_statements_stay_good(client, offset, expected):
    standard = factory.standard("PAS 2060", "2014", withdrawn_on=TODAY + offset * DAY)
    assert Standard.objects.get(pk=standard.pk).is_withdrawn is expected
    made = certificate(200, standards=[standard])
    agreed(client, made, Validity.VALID)
    page = words(read(client, made.get_absolute_url()))
    assert ("withdrawn on" in page) is expected


def test_a_site_that_runs_over_midnight_says_what_holds_on_the_new_day(client):
    made = certificate(0)
    agreed(client, made, Validity.EXPIRING, "30")
    with time_machine.travel(dt.datetime(2026, 3, 17, 4, tzinfo=dt.UTC), tick=False):
        agreed(client, made, Validity.EXPIRED, OVERDUE)
