"""The pages of hooks: for managers, secrets shown once and addresses never whole, tests, pause, removal with a way back."""

import logging

import pytest
from django.urls import reverse

from tanxun.alerts.hooks.events import plan
from tanxun.alerts.models import Hook
from tanxun.listing.models import SavedFilter
from tests import factory
from tests.hooking import hook, round_of_duties
from tests.reading import read, words
from tests.receivers import Receiver

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("patient")]
ADDRESS = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=693a91f6-7xxx-4bc4-97a0-0ec2sifa5aaa"


@pytest.fixture
def manager():
    return factory.user("manager")


@pytest.fixture
def english_client(client, manager):
    client.force_login(manager)
    client.cookies["django_language"] = "en"
    return client


def form(**kwargs):
    return {
        "name": "Group",
        "format": "webhook",
        "address": "https://example.com/in",
        "events": ["statement.published"],
        "lead_days": 30,
    } | kwargs


def test_only_managers_see_and_change_hooks(client):
    made = hook("https://example.com/")
    addresses = [reverse("alerts:hooks"), reverse("alerts:hook_new"), made.get_absolute_url()]
    for role, status in (("reader", 403), ("consultant", 403), ("editor", 403), ("manager", 200)):
        client.force_login(factory.user(role))
        assert {client.get(address).status_code for address in addresses} == {status}
        if status == 403:
            assert client.post(made.get_absolute_url(), {"action": "remove"}).status_code == 403
            assert client.post(addresses[1], form()).status_code == 403
    client.logout()
    assert client.get(addresses[0]).status_code == 302
    assert Hook.objects.live().count() == 1


def test_without_hooks_the_page_says_what_to_do(client, manager):
    page = read(client, reverse("alerts:hooks"), manager)
    assert reverse("alerts:hook_new") in page
    assert "No hook yet" in page


def test_the_secret_is_shown_once_and_the_address_never_whole(english_client):
    answer = english_client.post(
        reverse("alerts:hook_new"), form(address="https://example.com/in/verysecrettoken?key=alsosecretkey")
    )
    made = Hook.objects.get()
    assert made.secret in answer.content.decode()
    assert "no-store" in answer["Cache-Control"]
    in_admin = (reverse("admin:alerts_hook_changelist"), reverse("admin:alerts_hook_change", args=[made.pk]))
    for address in (made.get_absolute_url(), reverse("alerts:hooks"), reverse("alerts:hook_new"), *in_admin):
        assert english_client.get(address).status_code == 200
        page = english_client.get(address).content.decode()
        assert made.secret not in page
        assert "verysecrettoken" not in page
        assert "alsosecretkey" not in page
    assert "example.com" in english_client.get(made.get_absolute_url()).content.decode()
    answer = english_client.post(made.get_absolute_url(), {"action": "new_secret"})
    before, after = made.secret, Hook.objects.get().secret
    assert before != after
    assert after in answer.content.decode()


def test_saving_without_address_and_secret_keeps_them(english_client):
    made = hook(ADDRESS, "dingtalk", secret="SEC1")
    english_client.post(made.get_absolute_url(), form(name="New name", format="dingtalk", address="", secret=""))
    now = Hook.objects.get()
    assert (now.name, now.address, now.secret) == ("New name", ADDRESS, "SEC1")
    assert now.marks == made.marks


@pytest.mark.parametrize(
    "address",
    ["http://127.0.0.1/", "http://10.0.0.5/hook", "ftp://example.com/", "https://user:word@example.com/", "http://[::1]/", ""],
)
def test_addresses_of_the_inside_are_refused_with_nothing_typed_lost(english_client, address):
    answer = english_client.post(reverse("alerts:hook_new"), form(address=address, name="My typed name"))
    assert answer.status_code == 422
    assert "My typed name" in answer.content.decode()
    assert not Hook.objects.exists()


def test_a_filter_that_no_list_understands_is_refused(english_client, manager):
    for bad in ("/statements/?nonsense=1", "/companies/?q=a", "hello", "/statements/?new=1", "/statements/?type=no-such"):
        answer = english_client.post(reverse("alerts:hook_new"), form(list_address=bad))
        assert answer.status_code == 422, bad
    stranger = SavedFilter.objects.create(owner=factory.user("manager"), page="statements", name="x", query="q=a")
    assert english_client.post(reverse("alerts:hook_new"), form(saved_filter=stranger.pk)).status_code == 422
    assert not Hook.objects.exists()
    english_client.post(reverse("alerts:hook_new"), form(list_address="http://127.0.0.1:8000/statements/?q=电池&per_page=50"))
    assert (Hook.objects.get().page, Hook.objects.get().query) == ("statements", "q=%E7%94%B5%E6%B1%A0")


def test_a_test_says_whether_it_arrived(english_client, settings):
    said = [(200, {}, b""), (503, {}, b"")]
    with Receiver(lambda request: said.pop(0)) as one:
        settings.OUTGOING_HOSTS = [f"127.0.0.1:{one.port}"]
        made = hook(one.url)
        answer = english_client.post(made.get_absolute_url(), {"action": "test"}, follow=True)
        assert "The receiver took the test." in answer.content.decode()
        answer = english_client.post(made.get_absolute_url(), {"action": "test"}, follow=True)
        assert "The receiver answered 503." in answer.content.decode()
        assert b'"is_test": true' in one.requests[0][3]


def test_deliveries_are_listed_with_what_went_wrong_and_can_be_tried_again(english_client, settings, caplog):
    caplog.set_level(logging.DEBUG)
    status = [500]
    with Receiver(lambda request: (status[0], {}, b"")) as one:
        settings.OUTGOING_HOSTS = [f"127.0.0.1:{one.port}"]
        made = hook(f"{one.url}in?token=verysecretvalue")
        factory.statement()
        round_of_duties()
        page = words(english_client.get(made.get_absolute_url()).content.decode())
        assert "500" in page
        assert "Try the one that failed again" in page
        status[0] = 200
        english_client.post(made.get_absolute_url(), {"action": "retry"})
        assert round_of_duties() == 1
    assert "verysecretvalue" not in caplog.text
    assert "s3cret" not in caplog.text


def test_paused_by_hand_it_catches_up(english_client):
    made = hook("https://example.com/")
    english_client.post(made.get_absolute_url(), {"action": "pause"})
    factory.statement()
    plan()
    assert not made.messages.exists()
    assert "paused" in english_client.get(reverse("alerts:hooks")).content.decode()
    english_client.post(made.get_absolute_url(), {"action": "go_on"})
    plan()
    assert made.messages.count() == 1


def test_removed_it_is_silent_and_can_be_brought_back(english_client):
    made = hook("https://example.com/")
    english_client.post(made.get_absolute_url(), {"action": "remove"})
    factory.statement()
    plan()
    assert not made.messages.exists()
    assert english_client.get(made.get_absolute_url()).status_code == 404
    assert "Bring back" in english_client.get(reverse("alerts:hooks")).content.decode()
    english_client.post(reverse("alerts:hook_restore", args=[made.pk]))
    made.refresh_from_db()
    assert made.paused_at
    assert not made.removed_at


def test_looking_writes_nothing(english_client):
    made = hook("https://example.com/")
    before = Hook.objects.values().get()
    for address in (reverse("alerts:hooks"), reverse("alerts:hook_new"), made.get_absolute_url()):
        english_client.get(address)
    assert english_client.get(reverse("alerts:hook_restore", args=[made.pk])).status_code == 405
    assert Hook.objects.values().get() == before
