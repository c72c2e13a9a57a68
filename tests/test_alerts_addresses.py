"""A new e-mail address counts once who reads it confirmed it: signed out, by a button, not by a scanner that opens links."""

import re

import pytest
import time_machine
from django.core import mail, signing
from django.test import Client
from django.utils import timezone

from tanxun.alerts import duties
from tanxun.alerts.models import Mailbox, Message, Subscription
from tests import factory as f

pytestmark = pytest.mark.django_db


@pytest.fixture
def user(client):
    user = f.user("consultant", username="chen", email="old@example.com")
    client.force_login(user)
    client.cookies["django_language"] = "en"
    return user


def give(client, address):
    return client.post("/alerts/mailbox/", {"email": address, "language": "en", "wants_weekly": "on"}, follow=True)


def letters():
    mail.outbox.clear()
    duties.run()
    return list(mail.outbox)


def link(letter):
    return re.search(r"http://127\.0\.0\.1:8000(/alerts/confirm/\S+)", letter.body)[1]


def address_of(user):
    user.refresh_from_db()
    return user.email


def test_it_counts_when_it_was_confirmed_and_not_before(client, user):
    page = give(client, "new@example.com").content.decode()
    assert "new@example.com waits to be confirmed" in page
    [letter] = letters()
    assert letter.to == ["new@example.com"]
    assert "List-Unsubscribe" not in letter.extra_headers  # a stranger must not be able to stop somebody's mails
    stranger = Client(enforce_csrf_checks=True)
    for method in (stranger.get, stranger.head, stranger.get):
        assert method(link(letter)).status_code == 200
    assert address_of(user) == "old@example.com"
    for _twice in range(2):
        assert stranger.post(link(letter)).status_code == 200
        assert address_of(user) == "new@example.com"
    assert "_auth_user_id" not in stranger.session
    assert "waits to be confirmed" not in client.get("/saved/").content.decode()


def test_until_then_mails_go_to_the_old_one(client, user):
    Mailbox.objects.create(user=user, language="en", week_on="2020-01-06")
    Subscription.objects.create(user=user, company=f.statement().company)
    give(client, "new@example.com")
    with time_machine.travel(timezone.localtime().replace(hour=9), tick=False):
        assert {letter.to[0]: "confirm" in letter.body for letter in letters()} == {
            "new@example.com": True,
            "old@example.com": False,
        }


def test_who_stopped_all_mails_still_gets_the_one_they_ask_for(client, user):
    Mailbox.objects.create(user=user, language="en", is_stopped=True)
    client.post("/alerts/mailbox/", {"email": "new@example.com", "language": "en", "is_stopped": "on"})
    assert [letter.to for letter in letters()] == [["new@example.com"]]


def test_no_address_takes_effect_at_once_and_what_could_not_be_sent_follows_the_new_one(client, user):
    Mailbox.objects.create(user=user, language="en", week_on="2020-01-06")
    Subscription.objects.create(user=user, company=f.statement().company)
    give(client, "")
    assert address_of(user) == ""
    with time_machine.travel(timezone.localtime().replace(hour=9)):
        assert letters() == []
        assert Message.objects.get().state == "given_up"
        give(client, "new@example.com")
        [asking] = letters()
        client.post(link(asking))
        assert [letter.to for letter in letters()] == [["new@example.com"]]


def test_links_that_are_old_used_up_or_made_up_do_nothing(client, user):
    give(client, "first@example.com")
    give(client, "second@example.com")
    first, second = letters()
    assert client.post(link(second)).status_code == 200
    assert client.post(link(first)).status_code == 410  # meant for who had another address then
    assert address_of(user) == "second@example.com"
    give(client, "third@example.com")
    [third] = letters()
    with time_machine.travel(timezone.now() + timezone.timedelta(days=4)):
        for method in (client.get, client.post):
            assert method(link(third)).status_code == 410
    made_up = signing.dumps([user.pk, "second@example.com", "evil@example.com"], salt="tanxun.alerts.unsubscribe")
    for token in (made_up, "x", signing.dumps("x", salt="tanxun.alerts.confirm")):
        assert client.post(f"/alerts/confirm/{token}/").status_code == 404
    assert address_of(user) == "second@example.com"


def test_nobody_can_have_many_strangers_written_to(client, user):
    for number in range(8):
        page = give(client, f"stranger{number}@example.com").content.decode()
    assert "You gave many addresses today" in page
    assert len(letters()) == 5
    give(client, "stranger4@example.com")  # it waits already
    assert letters() == []
