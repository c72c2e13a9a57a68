"""Due dates ahead of time: each reminder once per item, date, lead and person, whatever the clock does; none after renewal."""

import datetime as dt
import re

import pytest
import time_machine
from django.core import mail
from django.core.exceptions import ValidationError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from certifications.models import StatementType, VerificationStatement
from policies.models import Policy
from tanxun.alerts import duties, planning
from tanxun.alerts.models import Mailbox, Message, Reminded, Subscription
from tests import factory as f

pytestmark = pytest.mark.django_db

DUE = dt.date(2026, 12, 1)
CST = dt.timezone(dt.timedelta(hours=8))


def morning(day, hour=9):
    return dt.datetime.combine(day, dt.time(hour), CST)


def before(days):
    return DUE - dt.timedelta(days=days)


@pytest.fixture
def clock():
    with time_machine.travel(morning(before(120)), tick=False) as travelling:
        yield travelling


@pytest.fixture
def person(clock):
    return person_of("li")


def person_of(name):
    user = f.user("consultant", username=name, email=f"{name}@example.com")
    Mailbox.objects.create(user=user, language="en", wants_weekly=False)
    return user


def follow(user, **target):
    return Subscription.objects.create(user=user, **target)


def expiring(due=DUE, **kwargs):
    kwargs.setdefault("statement_type", f.statement_type("product_carbon_footprint"))
    return f.statement(valid_until=due, **kwargs)


def run(clock, day, hour=9):
    clock.move_to(morning(day, hour))
    mail.outbox.clear()
    duties.run()
    return list(mail.outbox)


def days_with_mail(clock, days):
    """{day before DUE: the number of days left that its mail says}."""
    found = {}
    for ahead in days:
        for letter in run(clock, before(ahead)):
            found[ahead] = re.findall(r"(\d+) days? left|(today)|overdue", letter.body)
    return {ahead: [int(days or 0) for days, _today in said] for ahead, said in found.items()}


def test_each_lead_is_told_once_on_its_day(clock, person):
    """ALR-09"""
    follow(person, company=expiring().company)
    assert days_with_mail(clock, range(100, -12, -1)) == {90: [90], 30: [30], 7: [7]}
    assert Reminded.objects.count() == 3


def test_leads_are_those_of_the_type(clock, person):
    kind = f.statement_type("own-type", lead_days="60、１０, 0")
    follow(person, company=expiring(statement_type=kind).company)
    assert list(days_with_mail(clock, (95, 90, 61, 60, 59, 30, 11, 10, 9, 7, 1, 0, -1))) == [60, 10, 0]
    StatementType.objects.update(lead_days="")
    follow(person, company=expiring(due=DUE + dt.timedelta(days=100), statement_type=kind).company)
    assert days_with_mail(clock, (-4, -10, -40, -70, -90, -93, -100)) == {}


@pytest.mark.parametrize("text", ["x", "90; -3", "401", "90 30 7 x"])
def test_leads_that_are_none_are_refused(text):
    kind = f.statement_type("own-type")
    kind.lead_days = text
    with pytest.raises(ValidationError):
        kind.full_clean()


def test_missed_days_are_made_up_by_one_reminder(clock, person):
    follow(person, company=expiring().company)
    assert days_with_mail(clock, [100, 5, 4, 3]) == {5: [5]}
    assert [one.lead for one in Reminded.objects.all()] == [7]


def test_down_until_after_the_day_it_is_still_told(clock, person):
    follow(person, company=expiring().company)
    [letter] = run(clock, DUE + dt.timedelta(days=3))
    assert "overdue for 3 days" in letter.body


def test_what_was_reached_before_they_followed_it_is_not_poured_out(clock, person):
    company = expiring().company
    clock.move_to(morning(before(50)))
    follow(person, company=company, since=before(50))
    assert list(days_with_mail(clock, (50, 49, 31, 30, 29, 8, 7, 6, 1, 0, -1))) == [30, 7]


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from([-1, 0, 1, 1, 1, 2]), min_size=10, max_size=20))
def test_clock_jumps_never_repeat_a_reminder_and_never_lose_the_last(clock, db, jumps):
    """ALR-09: the clock goes a day back or two ahead at any moment."""
    Message.objects.all().delete()
    Subscription.objects.all().delete()
    Mailbox.objects.all().delete()
    VerificationStatement.objects.all().delete()
    clock.move_to(morning(before(20)))
    user = f.user("consultant", email="a@example.com")
    Mailbox.objects.create(user=user, language="en", wants_weekly=False)
    kind = StatementType.objects.filter(slug="own-type").first() or f.statement_type("own-type", lead_days="9, 5, 2")
    follow(user, company=expiring(due=before(6), statement_type=kind).company)
    day, told, furthest = before(20), 0, before(20)
    for jump in [*jumps, *[1] * 6]:
        day += dt.timedelta(days=jump)
        furthest = max(day, furthest)
        told += len(run(clock, day))
    leads = list(Reminded.objects.filter(user=user).values_list("lead", flat=True))
    assert len(leads) == len(set(leads)) == told
    assert (2 in leads) is (furthest >= before(8))
    assert Message.objects.filter(state="sent").count() == told


def test_a_clock_that_was_a_year_ahead_does_not_silence_the_year(clock, person):
    follow(person, company=expiring().company)
    run(clock, DUE + dt.timedelta(days=400))
    assert list(days_with_mail(clock, (100, 91, 90, 89, 60, 31, 30, 29, 8, 7, 6, 1, 0, -1))) == [90, 30, 7]


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "Europe/Berlin", "America/New_York"])
def test_days_are_those_of_the_sites_zone(clock, person, settings, zone):
    """ALR-09: over both changes of the clock in 2026, hour by hour."""
    settings.TIME_ZONE = zone
    follow(person, company=expiring(due=dt.date(2026, 11, 8)).company)  # 7 days after the American change
    moment, found = dt.datetime(2026, 10, 30, tzinfo=dt.UTC), []
    while moment < dt.datetime(2026, 11, 4, tzinfo=dt.UTC):
        clock.move_to(moment)
        mail.outbox.clear()
        duties.run()
        found += [(moment, letter.body) for letter in mail.outbox]
        moment += dt.timedelta(hours=1)
    from zoneinfo import ZoneInfo

    # The first was due in 30 days before: made up when the site first runs, then one for a week ahead.
    assert [("7 days left" in body, when.astimezone(ZoneInfo(zone)).hour) for when, body in found][-1] == (True, 8)
    assert found[-1][0].astimezone(ZoneInfo(zone)).date() == dt.date(2026, 11, 1)
    assert len(found) == len({body for _when, body in found}) == 2


def test_days_left_near_midnight(clock, person):
    """ALR-09: 23:30 in Shanghai is still that day, though it is another one in UTC the hour before."""
    follow(person, company=expiring().company)
    [letter] = run(clock, before(30), hour=23)
    assert "30 days left" in letter.body
    clock.move_to(dt.datetime(2026, 11, 24, 0, 30, tzinfo=dt.UTC))  # 08:30 in Shanghai
    mail.outbox.clear()
    duties.run()
    assert "7 days left" in mail.outbox[0].body


def test_leap_day(clock, person):
    """ALR-09"""
    leap = dt.date(2028, 2, 29)
    clock.move_to(morning(leap - dt.timedelta(days=120)))
    follow(person, company=expiring(due=leap).company, since=leap - dt.timedelta(days=120))
    for days in (90, 30, 7):
        [letter] = run(clock, leap - dt.timedelta(days=days))
        assert f"due on 2028-02-29, {days} days left" in letter.body


def test_nothing_after_renewal(clock, person):
    old = expiring()
    follow(person, company=old.company)
    assert list(days_with_mail(clock, [90])) == [90]
    expiring(due=DUE + dt.timedelta(days=365), company=old.company)
    assert days_with_mail(clock, (89, 31, 30, 29, 8, 7, 6, 1, 0, -1, -7)) == {}


def test_renewed_between_queueing_and_sending_it_is_silent(clock, person):
    old = expiring()
    follow(person, company=old.company)
    clock.move_to(morning(before(30)))
    planning.plan()
    assert Message.objects.get().state == "waiting"
    expiring(due=DUE + dt.timedelta(days=365), company=old.company)
    assert run(clock, before(30)) == []
    assert Message.objects.get().state == "dropped"


@pytest.mark.parametrize("how", ["moved", "removed", "revoked", "unfollowed"])
def test_what_is_no_longer_so_is_not_told(clock, person, how):
    gone, stays = expiring(), expiring()
    one = follow(person, company=gone.company)
    follow(person, company=stays.company)
    clock.move_to(morning(before(30)))
    planning.plan()
    if how == "moved":
        gone.valid_until = DUE + dt.timedelta(days=2)
        gone.save()
    elif how == "removed":
        gone.remove("entered twice")
    elif how == "revoked":
        gone.register_status = "revoked"
        gone.save()
    else:
        one.removed_at = dt.datetime.now(dt.UTC)
        one.save()
    [letter] = run(clock, before(30))
    assert f"/statements/{stays.pk}/" in letter.body
    assert f"/statements/{gone.pk}/" not in letter.body


def test_a_due_date_that_moves_is_reminded_of_anew(clock, person):
    statement = expiring()
    follow(person, company=statement.company)
    assert len(run(clock, before(30))) == 1
    statement.valid_until = DUE + dt.timedelta(days=10)
    statement.save()
    # The new day's lead of 90 is long reached: made up at once.
    assert days_with_mail(clock, (29, 28, 21, 20, 19, 7, 0, -2, -3, -4, -10, -11)) == {29: [39], 20: [30], -3: [7]}


def test_seen_by_two_subscriptions_it_is_told_once_and_to_each_person(clock, person):
    from tanxun.listing.models import SavedFilter

    statement = expiring()
    follow(person, company=statement.company)
    follow(person, saved_filter=SavedFilter.objects.create(owner=person, page="statements", name="all", query=""))
    follow(person, saved_filter=SavedFilter.objects.create(owner=person, page="companies", name="all", query=""))
    other = person_of("wang")
    follow(other, company=statement.company)
    letters = run(clock, before(30))
    assert sorted(letter.to[0] for letter in letters) == ["li@example.com", "wang@example.com"]
    assert all(letter.body.count(f"/statements/{statement.pk}/") == 1 for letter in letters)


def test_the_computed_due_date_of_a_period_says_that_it_is_computed(clock, person):
    statement = f.statement(period_start=dt.date(2025, 1, 1), period_end=dt.date(2025, 12, 1))
    assert statement.due_on == DUE
    follow(person, company=statement.company)
    [letter] = run(clock, before(90))
    assert "computed: due on 2026-12-01" in letter.body


def test_deadlines_of_policies(clock, person):
    policy = f.policy(comment_by=DUE)
    f.incentive(policy, apply_by=DUE + dt.timedelta(days=3), sentence="奖励50万元")
    follow(person, policy=policy)
    said = {}
    for ahead in (40, 31, 30, 29, 28, 27, 26, 8, 7, 6, 5, 4, 3, 1, 0, -1, -3, -4):
        for letter in run(clock, before(ahead)):
            said[ahead] = ("comment by" in letter.body, "apply by" in letter.body)
    assert said == {30: (True, False), 27: (False, True), 7: (True, False), 4: (False, True)}
    policy = Policy.objects.get(pk=policy.pk)
    later = f.policy(comment_by=DUE + dt.timedelta(days=60), stage="repealed")
    follow(person, policy=later)
    assert run(clock, before(-30)) == []  # repealed: nobody waits for comments
