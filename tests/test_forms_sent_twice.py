"""ADM-03, ADM-04: hand-made forms make one thing however often they are sent; two who change one see it and lose nothing."""

import re
import threading

import pytest
from django.db import connection, connections
from django.test import Client
from django.urls import reverse
from lxml import html

from tanxun.alerts.models import Hook, ScheduledExport
from tanxun.listing.models import AccessKey, SavedFilter
from tanxun.records.models import FormToken
from tests import factory as f

pytestmark = pytest.mark.django_db
NEW = {
    "name": "Group",
    "format": "webhook",
    "address": "https://example.com/in",
    "events": ["statement.published"],
    "lead_days": 30,
}


def browser(user):
    client = Client()
    client.force_login(user)
    client.cookies["django_language"] = "en"
    return client


@pytest.fixture
def manager(client):
    user = f.user("manager", username="boss")
    client.force_login(user)
    client.cookies["django_language"] = "en"
    return user


def hidden(client, address, name):
    return html.fromstring(client.get(address).content.decode()).xpath(f"//input[@name='{name}']/@value")[0]


def test_two_clicks_make_one_hook_and_show_its_secret(client, manager):
    form = NEW | {"form_token": hidden(client, reverse("alerts:hook_new"), "form_token")}
    answers = [client.post(reverse("alerts:hook_new"), form) for _click in range(2)]
    made = Hook.objects.get()
    assert all(made.secret in answer.content.decode() for answer in answers)
    Hook.objects.update(created_at=made.created_at.replace(year=2025))
    assert client.post(reverse("alerts:hook_new"), form).url == made.get_absolute_url()
    other = browser(f.user("manager", username="other"))
    assert made.secret not in other.post(reverse("alerts:hook_new"), form, follow=True).content.decode()
    assert client.post(reverse("alerts:hook_new"), NEW | {"form_token": "0" * 32}).status_code == 200
    assert Hook.objects.count() == 2


def test_a_refused_form_keeps_its_token(client, manager):
    token = hidden(client, reverse("alerts:hook_new"), "form_token")
    page = client.post(reverse("alerts:hook_new"), NEW | {"form_token": token, "name": ""})
    assert page.status_code == 422
    assert f'value="{token}"' in page.content.decode()
    assert not FormToken.objects.exists()


def test_two_clicks_send_one_export(client, manager):
    saved = SavedFilter.objects.create(owner=manager, page="statements", name="江苏", query="region=320000")
    form = {"saved_filter": saved.pk, "weekday": 0, "ending": "csv", "recipients": [manager.pk]}
    form["form_token"] = hidden(client, "/saved/", "form_token")
    assert [client.post("/alerts/exports/add/", form).status_code for _click in range(2)] == [302, 302]
    assert ScheduledExport.objects.count() == 1


def test_two_clicks_save_one_filter_and_say_so(client, manager):
    form = {"list": "statements", "query": "region=320000", "name": " 江苏 "}
    first, second = (client.post("/saved/add/", form) for _click in range(2))
    assert first.status_code == second.status_code == 302
    assert SavedFilter.objects.count() == 1
    page = client.post("/saved/add/", form | {"query": "region=330000"})
    assert page.status_code == 400
    assert SavedFilter.objects.get().query == "region=320000"


def test_two_clicks_leave_one_secret_address_the_one_that_is_shown(client, manager):
    first, second = (client.post("/account/addresses/add/", {"address": "/statements.atom"}) for _click in range(2))
    keys = [re.search(r"/feeds/([\w-]+)/", answer.content.decode())[1] for answer in (first, second)]
    assert AccessKey.objects.working().count() == 1
    assert client.get(f"/feeds/{keys[1]}/statements.atom").status_code == 200
    assert client.get(f"/feeds/{keys[0]}/statements.atom").status_code == 404


def test_two_who_change_one_hook_see_each_other_and_lose_nothing(client, manager):
    client.post(reverse("alerts:hook_new"), NEW)
    hook = Hook.objects.get()
    page, other = hook.get_absolute_url(), browser(f.user("manager", username="other"))
    mine, theirs = hidden(client, page, "seen"), hidden(other, page, "seen")
    assert hook.secret not in mine
    assert "example.com" not in mine
    change = NEW | {"address": "", "secret": ""}
    assert other.post(page, change | {"seen": theirs, "name": "Theirs", "lead_days": 60}).status_code == 302
    refused = client.post(page, change | {"seen": mine, "name": "Mine", "events": ["policy.published"]})
    words = refused.content.decode()
    assert refused.status_code == 422
    assert "Name: Group → Theirs" in words
    assert "Days ahead: 30 → 60" in words
    assert "Owner: boss → other" in words
    shown = html.fromstring(words)
    assert shown.xpath("//input[@name='name']/@value") == ["Mine"]
    assert shown.xpath("//input[@name='events'][@checked]/@value") == ["policy.published"]
    assert Hook.objects.get().name == "Theirs"
    again = change | {"seen": shown.xpath("//input[@name='seen']/@value")[0], "name": "Mine", "events": ["policy.published"]}
    assert client.post(page, again).status_code == 302
    saved = Hook.objects.get()
    assert (saved.name, saved.events, saved.secret, saved.address) == ("Mine", ["policy.published"], hook.secret, hook.address)


def test_another_secret_is_told_without_showing_it(client, manager):
    client.post(reverse("alerts:hook_new"), NEW)
    page = Hook.objects.get().get_absolute_url()
    mine = hidden(client, page, "seen")
    client.post(page, {"action": "new_secret"})
    words = client.post(page, NEW | {"address": "", "seen": mine}).content.decode()
    assert "Secret: another one" in words
    assert Hook.objects.get().secret not in words


@pytest.mark.parametrize("seen", ["", "x", "[]", "7", '{"name": 7}', "\0", "{" * 300])
def test_what_no_form_ever_held_is_no_fault(client, manager, seen):
    client.post(reverse("alerts:hook_new"), NEW)
    page = Hook.objects.get().get_absolute_url()
    assert client.post(page, NEW | {"address": "", "seen": seen}).status_code in (302, 422)


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(
    connection.vendor != "postgresql", reason="SQLite in memory has one connection; its writers wait in a row anyway"
)
def test_two_clicks_at_the_same_moment_make_one_hook(manager):
    clients = [browser(manager) for _click in range(4)]
    form = NEW | {"form_token": "a" * 32}

    def click(client):
        try:
            client.post(reverse("alerts:hook_new"), form)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=click, args=[client]) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Hook.objects.count() == 1
