"""Days to come as iCalendar, read back by a parser that has nothing to do with the one that wrote them."""

import datetime as dt

import pytest
import time_machine
import vobject
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tanxun.listing import agenda
from tests import factory

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)
HOSTILE = "逗号,分号;反斜\\线:冒号\"引号' <b>&amp; \u202e𠮷野家é\u0301" + "长" * 70


@pytest.fixture
def reader(client):
    client.force_login(factory.user())
    return client


@pytest.fixture
def soon():
    return timezone.localdate() + 40 * DAY


def read(client, address):
    """{uid: event}, after the lines of the document were found to be as RFC 5545 wants them."""
    answer = client.get(address)
    assert answer.status_code == 200, answer.content
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert answer.content.endswith(b"END:VCALENDAR\r\n")
    for line in answer.content.split(b"\r\n"):
        assert len(line) <= 75
        line.decode()  # no character is cut in two
        assert b"\n" not in line
    parsed = vobject.readOne(answer.content.decode())
    assert parsed.version.value == "2.0"
    return {event.uid.value: event for event in parsed.contents.get("vevent", [])}


def sequence(event):
    return int(event.sequence.value)


def uid(kind, record):
    return f"{kind}-{record.pk}@127.0.0.1"


def test_a_statement_ends_on_a_whole_day(reader, soon):
    """ALR-07: all-day dates, their end is the day after."""
    statement = factory.statement(valid_until=soon, company=factory.company("到期公司"), certificate_number="A-1")
    (event,) = read(reader, "/statements.ics").values()
    assert event.uid.value == uid("statement", statement)
    assert (event.dtstart.value, event.dtend.value) == (soon, soon + DAY)
    assert type(event.dtstart.value) is dt.date
    assert "到期公司" in event.summary.value
    assert "A-1" in event.description.value
    assert event.url.value == f"http://127.0.0.1:8000/statements/{statement.pk}/"
    assert event.status.value == "CONFIRMED"


def test_a_computed_day_says_that_it_is(reader):
    end = timezone.localdate() - 200 * DAY
    factory.statement(period_start=end - 364 * DAY, period_end=end)
    (event,) = read(reader, "/statements.ics").values()
    assert "推算" in event.summary.value or "computed" in event.summary.value


def test_deadlines_of_policies_and_of_their_money(reader, soon):
    policy = factory.policy("征求意见的政策", comment_by=soon)
    paying = factory.policy("给钱的政策")
    incentive = factory.incentive(paying, apply_by=soon + DAY, who_qualifies="零碳工厂")
    found = read(reader, "/policies.ics")
    assert set(found) == {uid("comment", policy), uid("incentive", incentive)}
    assert "零碳工厂" in found[uid("incentive", incentive)].summary.value
    assert set(read(reader, "/incentives.ics")) == {uid("incentive", incentive)}
    assert set(read(reader, "/policies.ics?q=征求意见")) == {uid("comment", policy)}


def test_the_due_board_holds_all_of_them(reader, soon):
    statement, policy = factory.statement(valid_until=soon), factory.policy(comment_by=soon)
    incentive = factory.incentive(apply_by=soon)
    listed_on = timezone.localdate() - 340 * DAY
    member = factory.statement(statement_type=factory.statement_type("green_factory"), issued_on=listed_on)
    everything = {uid("statement", statement), uid("comment", policy), uid("incentive", incentive), uid("duty", member)}
    assert set(read(reader, "/expiring.ics")) == everything
    assert set(read(reader, "/expiring.ics?kind=deadline")) == {uid("comment", policy), uid("incentive", incentive)}
    assert set(read(reader, "/expiring.ics?kind=expiry")) == {uid("statement", statement)}
    assert set(read(reader, "/expiring.ics?kind=duty")) == {uid("duty", member)}
    assert set(read(reader, "/expiring.ics?within=30")) == {uid("duty", member)}


def test_it_follows_the_parameters_of_its_list(reader, soon):
    kept = factory.statement(valid_until=soon, is_body_undisclosed=True)
    factory.statement(valid_until=soon)
    assert set(read(reader, "/statements.ics?body=undisclosed")) == {uid("statement", kept)}
    assert reader.get("/statements.ics?colour=red").status_code == 400
    assert reader.get("/companies.ics").status_code == 404


def test_the_uid_stays_and_the_sequence_grows_with_each_change(reader, soon):
    """ALR-08"""
    statement = factory.statement(valid_until=soon)
    first = read(reader, "/statements.ics")[uid("statement", statement)]
    again = read(reader, "/statements.ics")[uid("statement", statement)]
    assert (sequence(first), first.dtstamp.value) == (sequence(again), again.dtstamp.value)
    statement.valid_until = soon + DAY
    statement.save()
    moved = read(reader, "/statements.ics")[uid("statement", statement)]
    assert moved.dtstart.value == soon + DAY
    assert sequence(moved) > sequence(first)
    assert moved.last_modified.value >= first.last_modified.value


def test_a_deleted_record_is_called_off_and_comes_back(reader, soon):
    """ALR-08"""
    statement, numbers = factory.statement(valid_until=soon), []
    for act, status in (
        (lambda: None, "CONFIRMED"),
        (lambda: statement.remove("entered twice"), "CANCELLED"),
        (statement.restore, "CONFIRMED"),
    ):
        act()
        event = read(reader, "/statements.ics")[uid("statement", statement)]
        assert event.status.value == status
        numbers.append(sequence(event))
    assert numbers == sorted(set(numbers))


def test_what_was_called_off_long_ago_is_gone(reader):
    with time_machine.travel(timezone.now() - (agenda.KEPT_DAYS + 1) * DAY):
        statement = factory.statement(valid_until=timezone.localdate() + 900 * DAY)
        statement.remove("entered twice")
    assert read(reader, "/statements.ics") == {}


def test_a_renewed_one_is_called_off_and_its_sequence_grows(reader, soon):
    old = factory.statement(valid_until=soon)
    before = read(reader, "/statements.ics")[uid("statement", old)]
    new = factory.statement(company=old.company, statement_type=old.statement_type, valid_until=soon + 365 * DAY)
    found = read(reader, "/statements.ics")
    assert found[uid("statement", old)].status.value == "CANCELLED"
    assert sequence(found[uid("statement", old)]) > sequence(before)
    assert found[uid("statement", new)].status.value == "CONFIRMED"
    new.remove("a mistake")
    back = read(reader, "/statements.ics")[uid("statement", old)]
    assert back.status.value == "CONFIRMED"
    assert sequence(back) > sequence(found[uid("statement", old)])


def test_a_day_that_comes_and_ends_a_policy_is_a_change_too(reader, soon):
    """ALR-08: nothing is written on that day."""
    policy = factory.policy(comment_by=soon, expires_on=timezone.localdate())
    before = read(reader, "/policies.ics")[uid("comment", policy)]
    with time_machine.travel(timezone.now() + DAY, tick=False):
        after = read(reader, "/policies.ics")[uid("comment", policy)]
    assert (before.status.value, after.status.value) == ("CONFIRMED", "CANCELLED")
    assert sequence(after) > sequence(before)


def test_a_clock_that_goes_back_between_two_changes_makes_it_no_lower(reader, soon):
    """ALR-08"""
    statement, numbers = factory.statement(valid_until=soon), []
    noon = timezone.localtime().replace(hour=12)  # a clock that goes back over midnight takes a day from the number, too
    for back in (0, 1, 2, 3):
        with time_machine.travel(noon - back * dt.timedelta(seconds=20), tick=False):
            statement.valid_until += DAY
            statement.save()
            numbers.append(sequence(read(reader, "/statements.ics")[uid("statement", statement)]))
    assert numbers == sorted(set(numbers))


def test_the_sequence_rises_too_when_the_later_statement_turns_out_to_be_anothers(reader, soon):
    """ALR-08: it gives the day back, and is no longer there to say when."""
    with time_machine.travel(timezone.now() - DAY, tick=False) as clock:
        old = factory.statement(valid_until=soon)
        numbers = [sequence(read(reader, "/statements.ics")[uid("statement", old)])]
        clock.shift(60)
        new = factory.statement(company=old.company, statement_type=old.statement_type, valid_until=soon + 365 * DAY)
        called_off = read(reader, "/statements.ics")[uid("statement", old)]
        clock.shift(60)
        new.company = factory.company("另一家公司")
        new.save()
        back = read(reader, "/statements.ics")[uid("statement", old)]
        clock.shift(60)
        new.delete()
        gone = read(reader, "/statements.ics")[uid("statement", old)]
    numbers += [sequence(called_off), sequence(back)]
    assert (called_off.status.value, back.status.value) == ("CANCELLED", "CONFIRMED")
    assert numbers == sorted(set(numbers))
    assert sequence(gone) >= numbers[-1]


def test_a_date_that_was_taken_away_is_called_off_on_its_last_day(reader, soon):
    statement, policy = factory.statement(valid_until=soon), factory.policy(comment_by=soon)
    incentive = factory.incentive(apply_by=soon)
    statement.valid_until = policy.comment_by = incentive.apply_by = None
    statement.save(), policy.save(), incentive.save()
    (event,) = read(reader, "/statements.ics").values()
    assert (event.status.value, event.dtstart.value) == ("CANCELLED", soon)
    assert {event.status.value for event in read(reader, "/policies.ics").values()} == {"CANCELLED"}
    assert len(read(reader, "/policies.ics")) == 2


def test_an_incentive_that_was_taken_out_is_called_off(reader, soon):
    incentive = factory.incentive(apply_by=soon)
    name = uid("incentive", incentive)
    before = read(reader, "/policies.ics")[name]
    incentive.delete()
    for page in ("policies", "incentives"):
        after = read(reader, f"/{page}.ics")[name]
        assert after.status.value == "CANCELLED"
        assert sequence(after) > sequence(before)


def test_a_policy_that_was_repealed_asks_for_no_comments(reader, soon):
    policy = factory.policy(comment_by=soon)
    factory.incentive(policy, apply_by=soon)
    before = read(reader, "/policies.ics")
    policy.stage = "repealed"
    policy.save()
    after = read(reader, "/policies.ics")
    assert set(after) == set(before)
    for name, event in after.items():
        assert event.status.value == "CANCELLED"
        assert sequence(event) > sequence(before[name])


def test_a_changed_rule_of_a_type_moves_the_day_and_the_sequence(reader):
    end = timezone.localdate() - 200 * DAY
    with time_machine.travel(timezone.now() - DAY, tick=False):
        statement = factory.statement(period_start=end - 364 * DAY, period_end=end)
    before = read(reader, "/statements.ics")[uid("statement", statement)]
    kind = statement.statement_type
    kind.cycle_months += 1
    kind.save()
    after = read(reader, "/statements.ics")[uid("statement", statement)]
    assert after.dtstart.value > before.dtstart.value
    assert sequence(after) > sequence(before)


def test_days_that_are_over_leave(reader):
    today = timezone.localdate()
    kept = factory.statement(valid_until=today - 10 * DAY)
    factory.statement(valid_until=today - 100 * DAY)
    assert set(read(reader, "/statements.ics")) == {uid("statement", kept)}


def test_five_hundred_entries_with_hostile_texts_are_read_back_equal(reader, soon):
    """ALR-07; done-when of issue 7"""
    wanted, policies = {}, [factory.policy(f"{number}{HOSTILE}"[:200]) for number in range(25)]
    for number in range(500):
        who = f"{HOSTILE[number % len(HOSTILE) :]}{'甲' * (number % 40)}{number}"
        one = factory.incentive(
            policies[number % len(policies)],
            who_qualifies=who,
            apply_by=soon + number * DAY,
            evidence_needed=f"第一行\r\n第二行\\n {HOSTILE}"[:200],
        )
        wanted[uid("incentive", one)] = (one.apply_by, " ".join(who.split()), one)
    found = read(reader, "/incentives.ics")
    assert set(found) == set(wanted)
    for name, (day, who, one) in wanted.items():
        event = found[name]
        assert (event.dtstart.value, event.dtend.value) == (day, day + DAY)
        assert event.summary.value.endswith(who)
        lines = event.description.value.split("\n")
        assert lines[0] == one.policy.headline
        assert lines[-3:-1] == one.evidence_needed.split("\r\n")


def test_it_is_bounded_and_says_so(reader, soon, monkeypatch):
    for number in range(5):
        factory.statement(valid_until=soon + number * DAY)
    for module in ("tanxun.listing.agenda", "certifications.agenda"):
        monkeypatch.setattr(f"{module}.LIMIT", 3)
    found = read(reader, "/statements.ics")
    assert sorted(event.dtstart.value for event in found.values()) == [soon + number * DAY for number in range(3)]
    assert "X-WR-CALDESC" in reader.get("/statements.ics").content.decode()


def test_a_reminder_on_request(reader, soon):
    factory.statement(valid_until=soon)
    assert "valarm" not in next(iter(read(reader, "/statements.ics").values())).contents
    (event,) = read(reader, "/statements.ics?remind=30").values()
    assert event.valarm.trigger.value == dt.timedelta(days=-30)
    for wrong in ("0", "367", "ten", "-1", "１", "30&remind=7"):
        assert set(reader.get(f"/statements.ics?remind={wrong}").json()) == {"remind"}


def test_the_same_queries_whatever_its_length(reader, soon):
    counts = []
    for _round in range(2):
        for _more in range(4):
            factory.statement(valid_until=soon), factory.incentive(apply_by=soon), factory.policy(comment_by=soon)
        with CaptureQueriesContext(connection) as asked:
            read(reader, "/statements.ics"), read(reader, "/expiring.ics"), read(reader, "/policies.ics")
        counts.append(len(asked))
    assert counts[0] == counts[1]
