"""`/account/tokens/`: made, shown once, listed with their last use, revoked; kept as a hash alone (trust.md API-10)."""

import html
import io
import re
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tanxun.listing.keys import SAME_CLICK, AccessKey, hash_of
from tanxun.listing.tokens import MOST
from tests import factory as f
from tests.tokens import bearing, token

pytestmark = pytest.mark.django_db
ADDRESS = "/account/tokens/"


@pytest.fixture
def user(client):
    user = f.user("manager")
    client.force_login(user)
    client.cookies["django_language"] = "en"
    return user


def make(client, **data):
    return client.post(ADDRESS, {"label": "Weekly report", "scopes": ["read"], "days": "90"} | data)


def shown(answer):
    found = re.search(r'id="made-token"[^>]*value="([^"]+)"', answer.content.decode())
    return html.unescape(found[1]) if found else ""


def test_a_token_is_made_and_opens_the_api(client, user):
    answer = make(client, scopes=["read", "export"], days="30")
    text = shown(answer)
    assert len(text) == 43
    assert "never again" in answer.content.decode()
    assert "no-store" in answer.headers["Cache-Control"]
    key = AccessKey.objects.get()
    assert (key.user, key.kind, key.scopes, key.label) == (user, "token", ["read", "export"], "Weekly report")
    assert abs(key.expires_at - timezone.now() - timedelta(days=30)) < timedelta(minutes=1)
    client.logout()
    assert client.get("/api/v1/statements/", headers=bearing(text)).status_code == 200
    assert client.get("/statements.jsonl", headers=bearing(text)).status_code == 200


def test_it_is_shown_once_and_kept_nowhere(client, user):
    """API-10: no page shows it again, and no dump of the database holds it."""
    text = shown(make(client))
    client.get("/api/v1/statements/", headers=bearing(text))
    for address in (ADDRESS, f"{ADDRESS}{AccessKey.objects.get().pk}/revoke/"):
        assert text not in client.get(address).content.decode()
    dumped = io.StringIO()
    call_command("dumpdata", stdout=dumped)
    assert hash_of(text) in dumped.getvalue()
    assert text not in dumped.getvalue()
    assert text[10:30] not in dumped.getvalue()


def test_looking_at_the_page_waits_for_no_writer(client, user):
    """On SQLite a transaction is a writer's; a page that only shows begins none."""
    with CaptureQueriesContext(connection) as asked:
        client.get(ADDRESS)
    assert [query["sql"] for query in asked if not query["sql"].startswith("SELECT")] == []


def test_two_clicks_leave_one_token_the_one_that_is_shown(client, user):
    first, second = shown(make(client)), shown(make(client))
    assert AccessKey.objects.get().key_hash == hash_of(second) != hash_of(first)


def test_the_second_of_two_clicks_at_the_limit_is_no_token_too_many(client, user):
    for _program in range(MOST - 1):
        token(user)
    assert shown(make(client))
    assert shown(make(client))
    assert make(client, label="One more").status_code == 400


def test_a_token_in_use_is_not_replaced(client, user):
    text = shown(make(client))
    assert client.get("/api/v1/statements/", headers=bearing(text)).status_code == 200
    assert make(client).status_code == 400
    assert AccessKey.objects.get().key_hash == hash_of(text)


def test_the_same_form_sent_again_later_makes_no_second_one(client, user):
    """As by reloading the page that shows the token."""
    assert make(client).status_code == 200
    AccessKey.objects.update(created_at=timezone.now() - 2 * SAME_CLICK)
    answer = make(client)
    assert answer.status_code == 400
    assert not shown(answer)
    assert "a token of this name already" in answer.content.decode()
    assert AccessKey.objects.count() == 1


def test_its_last_use_is_shown(client, user):
    text = shown(make(client))
    assert "never" in client.get(ADDRESS).content.decode()
    client.get("/api/v1/statements/", headers=bearing(text))
    used = AccessKey.objects.get().last_used_at
    assert timezone.localtime(used).strftime("%Y-%m-%d %H:%M") in client.get(ADDRESS).content.decode()


def test_revoking_asks_first_and_holds_at_once(client, user):
    text = shown(make(client))
    key = AccessKey.objects.get()
    address = f"{ADDRESS}{key.pk}/revoke/"
    assert "cannot be undone" in client.get(address).content.decode()
    assert client.get("/api/v1/statements/", headers=bearing(text)).status_code == 200
    assert client.post(address).status_code == 302
    assert client.get("/api/v1/statements/", headers=bearing(text)).status_code == 401
    listed = client.get(ADDRESS).content.decode()
    assert "was revoked" in listed
    assert "Tokens that work" not in listed
    first = AccessKey.objects.get().revoked_at
    client.post(address)
    assert AccessKey.objects.get().revoked_at == first
    assert shown(make(client)), "its name is free again"


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"label": ""}, "label"),
        ({"label": "x" * 101}, "label"),
        ({"label": "a\0b"}, "label"),
        ({"scopes": []}, "scopes"),
        ({"scopes": ["admin"]}, "scopes"),
        ({"days": "3650"}, "days"),
        ({"days": "90.0"}, "days"),
        ({"days": ""}, "days"),
    ],
)
def test_what_is_not_offered_is_refused(client, user, data, field):
    answer = make(client, **data)
    assert answer.status_code == 400
    assert list(answer.context["form"].errors) == [field]
    assert not AccessKey.objects.exists()


@pytest.mark.parametrize("role", ["reader", "consultant", "editor"])
def test_who_may_not_export_makes_no_token_for_it(client, role):
    client.force_login(f.user(role))
    assert 'value="export"' not in client.get(ADDRESS).content.decode()
    assert make(client, scopes=["read", "export"]).status_code == 400
    assert make(client).status_code == 200


def test_there_is_an_end_to_how_many(client, user):
    for number in range(MOST):
        token(user)
        AccessKey.objects.filter(label="a program").update(label=f"program {number}")
    assert "the most" in make(client).content.decode()
    AccessKey.objects.first().revoke()
    assert shown(make(client))


def test_others_tokens_are_nobodys_business(client, user):
    """SEC-02, SEC-35."""
    token(f.user("manager"))
    key = AccessKey.objects.get()
    assert key.hint not in client.get(ADDRESS).content.decode()
    assert client.get(f"{ADDRESS}{key.pk}/revoke/").status_code == 404
    assert client.post(f"{ADDRESS}{key.pk}/revoke/").status_code == 404
    assert AccessKey.objects.working().exists()


def test_strangers_are_asked_to_sign_in(client, settings):
    settings.PUBLIC_READ = True
    assert client.get(ADDRESS).status_code == 302
    assert make(client).status_code == 401
    assert not AccessKey.objects.exists()


def test_superusers_see_and_revoke_everybodys_and_managers_do_not(client):
    text = token(f.user(username="wang"))
    key = AccessKey.objects.get()
    client.force_login(f.user("manager"))
    assert client.get("/admin/listing/accesskey/").status_code == 403
    client.force_login(f.superuser())
    listed = client.get("/admin/listing/accesskey/").content.decode()
    assert "wang" in listed
    assert key.key_hash not in listed
    assert client.get("/admin/listing/accesskey/add/").status_code == 403
    client.post("/admin/listing/accesskey/", {"action": "revoke", "_selected_action": [key.pk]})
    assert client.get("/api/v1/statements/", headers=bearing(text)).status_code == 401
    assert client.get(f"/admin/listing/accesskey/{key.pk}/change/").status_code == 200


def test_the_account_menu_leads_there(client, user):
    assert f'href="{ADDRESS}"' in client.get("/").content.decode()
