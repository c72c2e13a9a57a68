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
FORM = {"password": "pass-word-1", "language": "en", "wants_weekly": "on"}


@pytest.fixture
def user(client):
    user = f.user("consultant", username="chen", email="old@example.com")
    client.force_login(user)
    client.cookies["django_language"] = "en"
    return user


def give(client, address):
    return client.post(
        "/alerts/mailbox/", {"email": address, "password": "pass-word-1", "language": "en", "wants_weekly": "on"}, follow=True
    )


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
    client.post("/alerts/mailbox/", {"email": "new@example.com", "password": "pass-word-1", "language": "en", "is_stopped": "on"})
    assert [letter.to for letter in letters()] == [["new@example.com"]]


def test_no_address_takes_effect_at_once_and_what_could_not_be_sent_follows_the_new_one(client, user):
    Mailbox.objects.create(user=user, language="en", week_on="2020-01-06")
    Subscription.objects.create(user=user, company=f.statement().company)
    give(client, "")
    assert address_of(user) == ""
    assert [letter.to for letter in letters()] == [["old@example.com"]]  # which is told
    with time_machine.travel(timezone.localtime().replace(hour=9)):
        assert letters() == []
        assert Message.objects.exclude(kind="notice").get().state == "given_up"
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
    letters()
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


def test_another_address_needs_the_password(client, user):
    """It opens the account to whoever says that they lost it, so an open session is not enough."""
    form = {"email": "new@example.com", "language": "en", "wants_weekly": "on"}
    for wrong in ({}, {"password": "wrong"}):
        answer = client.post("/alerts/mailbox/", form | wrong)
        assert (answer.status_code, "This is not your password." in answer.content.decode()) == (400, True)
        assert client.post("/alerts/mailbox/", form | wrong | {"email": ""}).status_code == 400
    assert client.post("/alerts/mailbox/", form | {"email": "old@example.com", "language": "zh-hans"}).status_code == 302
    assert letters() == []
    assert address_of(user) == "old@example.com"
    user.set_unusable_password()  # who comes from the company's server has none
    user.save()
    client.force_login(user)
    assert client.post("/alerts/mailbox/", form).status_code == 302
    assert [letter.to for letter in letters()] == [["new@example.com"]]


def test_the_address_before_is_told_and_a_link_counts_once(client, user):
    give(client, "new@example.com")
    [there] = letters()
    for _twice in range(2):
        client.post(link(there))
    [told] = letters()
    assert told.to == ["old@example.com"]
    assert "another address now" in told.body
    give(client, "old@example.com")
    client.post(link(letters()[0]))
    assert [client.get(link(there)).status_code, client.post(link(there)).status_code] == [410, 410]
    assert address_of(user) == "old@example.com"
    letters()
    give(client, "")
    [told] = letters()
    assert (told.to, "no e-mail address" in told.body) == (["old@example.com"], True)


def test_the_address_before_is_told_in_the_language_of_its_mails(client, user):
    give(client, "new@example.com")
    [there] = letters()
    client.cookies["django_language"] = "zh-hans"
    client.post(link(there))
    [told] = letters()
    assert "another address now" in told.body
