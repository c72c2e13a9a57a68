"""Following a saved filter, a company or a policy: by whom, how it is paused, removed and brought back, and what it tells."""

import datetime as dt

import pytest
import time_machine
from django.core import mail
from django.db import OperationalError
from django.utils import timezone

from tanxun.alerts import duties, letters
from tanxun.alerts.models import Mailbox, Message, Subscription
from tanxun.listing.models import SavedFilter
from tanxun.site.models import User
from tests import factory as f

pytestmark = pytest.mark.django_db

MONDAY = dt.datetime(2026, 3, 2, 0, 30, tzinfo=dt.UTC)  # 08:30 in Shanghai


@pytest.fixture
def clock():
    with time_machine.travel(MONDAY - dt.timedelta(days=4), tick=False) as travelling:  # a Thursday
        yield travelling


@pytest.fixture
def reader(client, clock):
    user = f.user("consultant", username="chen", email="chen@example.com")
    client.force_login(user)
    client.cookies["django_language"] = "en"
    return user


def saved(owner, **kwargs):
    return SavedFilter.objects.create(owner=owner, **{"page": "statements", "name": "Jiangsu", "query": "region=320000"} | kwargs)


def follow(client, **target):
    cadence = target.pop("cadence", "weekly")
    [(name, record)] = target.items()
    return client.post("/alerts/follow/", {name: record.pk, "cadence": cadence})


def run(clock, moment):
    """One round of the worker at that moment; the mails that it sent."""
    clock.move_to(moment)
    mail.outbox.clear()
    duties.run()
    return list(mail.outbox)


def in_jiangsu(**kwargs):
    return f.statement(company=f.company(region=f.region("320000"), **kwargs))


def test_a_company_a_policy_and_a_filter_are_followed_once(client, reader):
    company, policy, own = f.company(), f.policy(), saved(reader)
    for _twice in range(2):
        assert follow(client, company=company).status_code == 302
        assert follow(client, policy=policy)["Location"] == policy.get_absolute_url()
        assert follow(client, saved_filter=own)["Location"] == "/saved/#subscriptions"
    assert Subscription.objects.filter(user=reader).count() == 3
    page = client.get("/saved/").content.decode()
    assert company.name in page
    assert policy.headline in page
    assert Mailbox.objects.get().language == "en"


def test_the_star_of_a_record_follows_and_unfollows(client, reader):
    company = f.company()
    assert f'name="company" value="{company.pk}"' in client.get(company.get_absolute_url()).content.decode()
    follow(client, company=company)
    one = Subscription.objects.get()
    assert f'action="/alerts/{one.pk}/"' in client.get(company.get_absolute_url()).content.decode()
    answer = client.post(f"/alerts/{one.pk}/", {"action": "remove", "next": "record"})
    assert answer["Location"] == company.get_absolute_url()
    assert not Subscription.objects.kept().exists()


def test_what_others_have_is_not_there(client, reader):
    """ALR-01: seen, opened (which runs it), edited, deleted, subscribed to."""
    other = f.user("consultant")
    private = saved(other, name="Secret of others")
    assert private.name not in client.get("/saved/").content.decode()
    assert [client.get(f"/saved/{private.pk}/{verb}").status_code for verb in ("", "edit/")] == [404, 404]
    assert [client.post(f"/saved/{private.pk}/{verb}/", {"name": "x"}).status_code for verb in ("edit", "delete")] == [404, 404]
    theirs = Subscription.objects.create(user=other, saved_filter=private)
    assert follow(client, saved_filter=private).status_code == 404
    assert client.post(f"/alerts/{theirs.pk}/", {"action": "remove"}).status_code == 404
    assert client.post("/alerts/follow/", {"saved_filter": "9" * 30}).status_code == 404
    assert client.post("/alerts/follow/", {}).status_code == 404
    theirs.refresh_from_db()
    assert theirs.removed_at is None
    private.people.add(reader)
    assert follow(client, saved_filter=private).status_code == 302


@pytest.mark.parametrize(("role", "may"), [("reader", False), ("consultant", True), ("editor", True), ("manager", True)])
def test_consultants_and_above_may_subscribe(client, clock, role, may):
    client.force_login(f.user(role))
    company = f.company()
    assert (follow(client, company=company).status_code == 302) is may
    assert (client.post("/alerts/mailbox/", {"language": "en"}).status_code == 302) is may
    assert ("/alerts/follow/" in client.get(company.get_absolute_url()).content.decode()) is False or may
    assert ('id="subscriptions"' in client.get("/saved/").content.decode()) is may


def test_the_weekly_digest_tells_what_is_new_and_what_changed(client, reader, clock):
    follow(client, saved_filter=saved(reader))
    old = in_jiangsu(name="Old Ltd")
    clock.move_to(MONDAY - dt.timedelta(days=2))
    assert run(clock, MONDAY - dt.timedelta(days=1)) == []
    f.statement(company=f.company(name="Elsewhere Ltd", region=f.region("330000")))
    [letter] = run(clock, MONDAY)
    assert letter.to == ["chen@example.com"]
    assert "Old Ltd" in letter.body
    assert "Elsewhere Ltd" not in letter.body
    assert f"http://127.0.0.1:8000/statements/{old.pk}/" in letter.body
    assert "New" in letter.body
    assert run(clock, MONDAY + dt.timedelta(days=2)) == []
    old.summary = "Corrected"
    old.save()
    [letter] = run(clock, MONDAY + dt.timedelta(days=7))
    assert "Changed" in letter.body
    assert "New" not in letter.body
    assert run(clock, MONDAY + dt.timedelta(days=14)) == []  # nothing to tell: no mail


def test_as_it_happens_is_once_a_day_at_most_and_not_again_on_monday(client, reader, clock):
    follow(client, saved_filter=saved(reader), cadence="daily")
    follow(client, saved_filter=saved(reader, name="All", query=""))
    in_jiangsu(name="First Ltd")
    in_jiangsu(name="Second Ltd")
    friday = MONDAY - dt.timedelta(days=3)
    assert len(run(clock, friday)) == 1
    assert run(clock, friday + dt.timedelta(hours=1)) == []
    f.statement(company=f.company(name="Third Ltd", region=f.region("330000")))
    [digest] = run(clock, MONDAY)
    assert "Third Ltd" in digest.body
    assert "First Ltd" not in digest.body  # told on Friday


def test_an_item_of_two_subscriptions_stands_once(client, reader, clock):
    follow(client, saved_filter=saved(reader))
    follow(client, saved_filter=saved(reader, name="All", query=""))
    statement = in_jiangsu(name="Once Ltd")
    [letter] = run(clock, MONDAY)
    assert letter.body.count(f"/statements/{statement.pk}/") == 1


def test_nobody_is_written_to_before_eight(client, reader, clock):
    follow(client, saved_filter=saved(reader), cadence="daily")
    in_jiangsu()
    assert run(clock, MONDAY - dt.timedelta(hours=1)) == []
    assert len(run(clock, MONDAY)) == 1


def test_a_monday_on_which_the_site_was_down_is_made_up(client, reader, clock):
    follow(client, saved_filter=saved(reader))
    in_jiangsu()
    [letter] = run(clock, MONDAY + dt.timedelta(days=1))
    assert "W10" in letter.subject
    assert run(clock, MONDAY + dt.timedelta(days=2)) == []


def test_a_clock_that_was_wrong_for_a_day_costs_no_news(client, reader, clock):
    """ALR-09: it wrote to them under the number of a day that is still to come; on that day nothing is lost."""
    follow(client, saved_filter=saved(reader), cadence="daily")
    ahead = MONDAY + dt.timedelta(days=9)
    in_jiangsu(name="Early Ltd")
    assert len(run(clock, ahead)) == 1
    for days in range(9):
        run(clock, MONDAY + dt.timedelta(days=days))
    in_jiangsu(name="Late Ltd")
    letters = [*run(clock, ahead), *run(clock, ahead + dt.timedelta(days=1))]
    assert ["Late Ltd" in letter.body for letter in letters] == [True]


def test_one_person_whose_news_fail_keeps_nobody_else_from_theirs(client, reader, clock, monkeypatch):
    follow(client, saved_filter=saved(reader))
    other = f.user("consultant", email="other@example.com")
    client.force_login(other)
    follow(client, saved_filter=saved(other))
    in_jiangsu()
    has_something = letters.has_something

    def fails(user, *rest):
        if user.pk == reader.pk:
            raise OperationalError("canceling statement due to statement timeout")
        return has_something(user, *rest)

    monkeypatch.setattr(letters, "has_something", fails)
    assert [letter.to for letter in run(clock, MONDAY)] == [["other@example.com"]]
    monkeypatch.undo()
    assert [letter.to for letter in run(clock, MONDAY)] == [["chen@example.com"]]


def test_pause_resume_remove_and_bring_back(client, reader, clock):
    follow(client, saved_filter=saved(reader), cadence="daily")
    one = Subscription.objects.get()
    client.post(f"/alerts/{one.pk}/", {"action": "pause"})
    in_jiangsu(name="Meanwhile Ltd")
    assert run(clock, MONDAY) == []
    client.post(f"/alerts/{one.pk}/", {"action": "resume"})
    assert run(clock, MONDAY + dt.timedelta(days=1)) == []  # what came meanwhile is not poured out
    client.post(f"/alerts/{one.pk}/", {"action": "remove"})
    in_jiangsu(name="After Ltd")
    assert run(clock, MONDAY + dt.timedelta(days=2)) == []
    assert "Bring back" in client.get("/saved/").content.decode()
    client.post(f"/alerts/{one.pk}/", {"action": "restore"})
    [letter] = run(clock, MONDAY + dt.timedelta(days=3))
    assert "After Ltd" in letter.body
    assert client.post(f"/alerts/{one.pk}/", {"action": "nonsense"}).status_code == 404


def test_contents_follow_the_rights_of_the_day(client, reader, clock):
    other = f.user("consultant")
    shared = saved(other, shared_with_role="consultant")
    follow(client, saved_filter=shared)
    in_jiangsu()
    SavedFilter.objects.filter(pk=shared.pk).update(shared_with_role="manager")
    assert run(clock, MONDAY) == []
    SavedFilter.objects.filter(pk=shared.pk).update(shared_with_role="consultant")
    User.objects.filter(pk=reader.pk).update(is_active=False)
    in_jiangsu()
    assert run(clock, MONDAY + dt.timedelta(days=7)) == []


def test_rights_lost_between_queueing_and_sending_count(client, reader, clock):
    follow(client, saved_filter=saved(reader))
    in_jiangsu()
    clock.move_to(MONDAY)
    from tanxun.alerts import planning

    planning.plan()
    assert Message.objects.get().state == "waiting"
    reader.role = "reader"
    reader.save()
    assert run(clock, MONDAY) == []
    assert Message.objects.get().state == "dropped"


def test_editors_hear_of_drafts_that_wait(client, clock):
    from tests.test_intake import bring

    editor = f.user("editor", email="ed@example.com")
    client.force_login(editor)
    client.cookies["django_language"] = "en"
    client.post("/alerts/mailbox/", {"email": "ed@example.com", "language": "en", "wants_weekly": "on"})
    assert run(clock, MONDAY) == []
    bring("碳讯丨周报\n\n01. 行业动态\n\n近日,苏州星河家电有限公司的洗衣机获得SGS颁发的产品碳足迹核查声明。", editor)
    [letter] = run(clock, MONDAY + dt.timedelta(days=7))
    assert "Waiting for review" in letter.body
    assert "/review/" in letter.body


def test_ones_own_language_and_an_address_that_is_none(client, reader, clock):
    answer = client.post("/alerts/mailbox/", {"email": "not an address", "language": "en"})
    assert answer.status_code == 400
    client.post("/alerts/mailbox/", {"email": "chen@example.com", "language": "zh-hans", "wants_weekly": "on"})
    follow(client, saved_filter=saved(reader))
    in_jiangsu()
    [letter] = run(clock, MONDAY)
    assert '<html lang="zh-hans"' in letter.alternatives[0].content


def test_who_has_no_address_is_asked_for_one_and_nothing_is_lost(client, reader, clock):
    User.objects.filter(pk=reader.pk).update(email="")
    follow(client, saved_filter=saved(reader))
    assert "no e-mail address" in client.get("/saved/").content.decode()
    in_jiangsu(name="Kept Ltd")
    assert run(clock, MONDAY) == []
    assert Message.objects.get().state == "given_up"
    User.objects.filter(pk=reader.pk).update(email="late@example.com")
    Message.objects.try_again()
    [letter] = run(clock, MONDAY)
    assert "Kept Ltd" in letter.body


def test_reading_writes_nothing(client, reader):
    company = f.company()
    before = Mailbox.objects.count(), Subscription.objects.count()
    for address in ("/saved/", company.get_absolute_url()):
        assert client.get(address).status_code == 200
    assert (Mailbox.objects.count(), Subscription.objects.count()) == before
    assert client.get("/alerts/follow/").status_code == 405
    assert timezone.localdate() == dt.date(2026, 2, 26)
