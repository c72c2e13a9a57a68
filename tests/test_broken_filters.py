"""FLT-23: a saved filter that a later version no longer understands: what rests on it is marked, its owner mailed once, and it
goes on by itself when the filter is set anew.
"""

import datetime as dt

import pytest
import time_machine
from django.core import mail

from tanxun.alerts import duties
from tanxun.alerts.models import Hook, Message, ScheduledExport, Subscription
from tanxun.listing.models import SavedFilter
from tests import factory as f

pytestmark = pytest.mark.django_db
MONDAY = dt.datetime(2026, 3, 2, 1, 0, tzinfo=dt.UTC)  # 09:00 in Shanghai
DAY = dt.timedelta(days=1)


@pytest.fixture
def clock():
    with time_machine.travel(MONDAY - DAY, tick=False) as travelling:
        yield travelling


@pytest.fixture
def manager(client, clock):
    user = f.user("manager", username="boss", email="boss@example.com")
    client.force_login(user)
    client.cookies["django_language"] = "en"
    return user


@pytest.fixture
def saved(client, manager):
    """Followed and sent as a file every Monday; then its list forgets the field."""
    saved = SavedFilter.objects.create(owner=manager, page="statements", name="Red ones", query="region=320000")
    client.post("/alerts/follow/", {"saved_filter": saved.pk, "cadence": "daily"})
    client.post("/alerts/mailbox/", {"language": "en", "email": "boss@example.com", "password": "pass-word-1"})
    client.post("/alerts/exports/add/", {"saved_filter": saved.pk, "weekday": 0, "ending": "csv", "recipients": [manager.pk]})
    assert (Subscription.objects.count(), ScheduledExport.objects.count()) == (1, 1)
    forget(saved)
    return saved


def forget(saved):
    SavedFilter.objects.filter(pk=saved.pk).update(query="colour=red")


def run(clock, moment):
    clock.move_to(moment)
    mail.outbox.clear()
    duties.run()
    return [letter for letter in mail.outbox if "stands still" in letter.subject]


def marks():
    return [one.broken_at for model in (Subscription, ScheduledExport) for one in model.objects.all()]


def test_it_opens_with_a_notice(client, saved):
    answer = client.get(f"/saved/{saved.pk}/", follow=True)
    assert answer.status_code == 400
    assert "Red ones" in answer.content.decode()


def test_what_rests_on_it_is_marked_and_the_owner_mailed_once(client, clock, saved):
    [letter] = run(clock, MONDAY)
    assert letter.to == ["boss@example.com"]
    assert "colour" in letter.body
    assert f"/saved/{saved.pk}/" in letter.body
    assert marks() == [MONDAY, MONDAY]
    for days in (1, 2, 7, 14):
        assert run(clock, MONDAY + days * DAY) == []
    assert Message.objects.filter(kind="broken").count() == 1
    assert marks() == [MONDAY, MONDAY]
    page = client.get("/saved/").content.decode()
    assert page.count("stands still") == 2
    assert page.count("since 2026-03-02") == 2
    assert "save it under the same name" in page


def test_it_heals_when_it_is_set_anew_under_its_name_and_is_told_anew_when_it_breaks_again(client, clock, saved):
    run(clock, MONDAY)
    asked = {"list": "statements", "query": "region=330000", "name": "Red ones"}
    page = client.post("/saved/add/", asked)
    assert page.status_code == 400
    assert "Replace the one I have" in page.content.decode()
    assert client.post("/saved/add/", asked | {"replace": "1"}).status_code == 302
    assert SavedFilter.objects.get().query == "region=330000"
    assert run(clock, MONDAY + dt.timedelta(minutes=1)) == []
    assert marks() == [None, None]
    assert "stands still" not in client.get("/saved/").content.decode()
    forget(saved)
    assert len(run(clock, MONDAY + DAY)) == 1
    assert run(clock, MONDAY + 2 * DAY) == []


def test_it_heals_when_the_list_understands_it_again(clock, saved):
    run(clock, MONDAY)
    SavedFilter.objects.update(query="region=320000")
    run(clock, MONDAY + DAY)
    assert marks() == [None, None]


def test_what_was_mended_before_the_mail_went_out_is_not_told(clock, saved):
    clock.move_to(MONDAY)
    for planner in duties.PLANNERS:
        duties.import_string(planner)()
    SavedFilter.objects.update(query="region=320000")
    assert run(clock, MONDAY + dt.timedelta(minutes=1)) == []
    assert marks() == [None, None]
    assert Message.objects.get(kind="broken").state == "dropped"


def test_a_list_that_is_no_more_and_a_filter_of_somebody_else(client, clock, saved):
    other = f.user("consultant", username="other", email="other@example.com")
    SavedFilter.objects.filter(pk=saved.pk).update(shared_with_role="consultant")
    client.force_login(other)
    client.post("/alerts/follow/", {"saved_filter": saved.pk, "cadence": "daily"})
    client.post("/alerts/mailbox/", {"language": "en", "email": "other@example.com", "password": "pass-word-1"})
    SavedFilter.objects.filter(pk=saved.pk).update(page="gone")
    told = {letter.to[0]: letter.body for letter in run(clock, MONDAY)}
    assert set(told) == {"boss@example.com", "other@example.com"}
    assert told["other@example.com"].rstrip().endswith("/saved/")
    assert "boss" in told["other@example.com"]
    assert "boss: ask them" not in told["boss@example.com"]
    page = client.get("/saved/").content.decode()
    assert "Ask boss" in page


def test_the_owner_of_a_hook_is_told_too(client, clock, manager):
    client.post("/alerts/mailbox/", {"language": "en", "email": "boss@example.com", "password": "pass-word-1"})
    saved = SavedFilter.objects.create(owner=manager, page="statements", name="Red ones", query="region=320000")
    form = {"name": "Group", "format": "webhook", "address": "https://example.com/in", "events": ["statement.published"]}
    client.post("/hooks/new/", form | {"lead_days": 30, "saved_filter": saved.pk})
    forget(saved)
    [letter] = run(clock, MONDAY)
    hook = Hook.objects.get()
    assert hook.paused_at
    assert hook.get_absolute_url() in letter.body
    assert run(clock, MONDAY + DAY) == []
