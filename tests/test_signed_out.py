"""What was typed is not lost by being signed out meanwhile: the form comes back, and goes out after signing in (CWE-352)."""

import html
import re

import pytest
from django.test import Client

from policies.models import Policy
from tests import factory as f
from tests.holdings import World

pytestmark = pytest.mark.django_db
HERE = {"Origin": "http://testserver"}
TEXT = "第一行\r\n<b>“二” & 'drei'</b>\r\n"


def browser():
    """Tokens of forms are looked at, as for everybody."""
    client = Client(enforce_csrf_checks=True)
    client.cookies["django_language"] = "en"
    client.get("/accounts/login/")
    return client


def token_of(page):
    return re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)[1]


def held(answer):
    """(action, {name: [values]}) of the form that an answer holds."""
    form = re.search(
        r'<form method="post" action="([^"]*)">\s*(<input type="hidden" name="csrf.*?)</form>', answer.content.decode(), re.S
    )
    fields = {}
    for name, value in re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', form[2]):
        fields.setdefault(html.unescape(name), []).append(html.unescape(value))
    return html.unescape(form[1]), fields


def sign_in(client, user):
    page = client.get("/accounts/login/").content.decode()
    data = {"username": user.username, "password": "pass-word-1", "csrfmiddlewaretoken": token_of(page)}
    assert client.post("/accounts/login/", data, headers=HERE).status_code == 302


def test_a_form_without_a_session_is_kept_and_goes_out_again(settings):
    """ADM-14: signed out and in again in another tab, then sent from the first."""
    user, record = f.user("editor", username="wang"), f.company()
    client = browser()
    sign_in(client, user)
    page = client.get(record.get_absolute_url()).content.decode()
    typed = {"action": "add", "text": TEXT, "csrfmiddlewaretoken": token_of(page)}
    client.post("/accounts/logout/", {"csrfmiddlewaretoken": token_of(page)}, headers=HERE)
    answer = client.post(record.get_absolute_url(), typed, headers=HERE)
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Session")
    assert "Nothing typed is lost" in answer.content.decode()
    assert 'href="/accounts/login/" target="_blank"' in answer.content.decode()
    action, fields = held(answer)
    sign_in(client, user)
    # Signing in gave the forms of the site new tokens: the page of before comes back once more, with a good one.
    answer = client.post(action, fields, headers=HERE)
    assert answer.status_code == 403
    action, fields = held(answer)
    assert client.post(action, fields, headers=HERE).status_code == 302
    assert record.notes.get().text.replace("\r", "") == TEXT.replace("\r", "").strip()


@pytest.mark.parametrize("place", ["admin", "desk", "newsletter"])
def test_every_form_of_the_site_is_kept(place):
    """ADM-14"""
    user = f.user("editor", username="wang")
    world = World()
    client = browser()
    paths = {"admin": "/admin/policies/policy/add/", "desk": f"/review/{world.newsletter.pk}/", "newsletter": "/review/"}
    page = client.get("/accounts/login/").content.decode()
    data = {"csrfmiddlewaretoken": token_of(page), "title": TEXT, "topics": ["1", "2"], "empty": "", "text": "中" * 300_000}
    answer = client.post(f"{paths[place]}?a=1&b=2", data, headers=HERE)
    assert answer.status_code == 401
    action, fields = held(answer)
    assert action == f"{paths[place]}?a=1&b=2"
    fields.pop("csrfmiddlewaretoken")
    assert fields == {"title": [TEXT], "topics": ["1", "2"], "empty": [""], "text": ["中" * 300_000]}
    assert not Policy.objects.filter(headline__contains="drei").exists()
    # Signed in again, it comes back once more with a token that holds, and nothing of it is lost on the way.
    sign_in(client, user)
    answer = client.post(action, fields, headers=HERE)
    assert answer.status_code == 403
    again = held(answer)
    assert again[1].pop("csrfmiddlewaretoken")
    assert again == (action, fields)


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://testserver.evil.example", "https://testserver", None])
def test_a_form_of_a_foreign_page_is_never_offered_again(origin):
    """SEC-28: a page of ours with their form in it, and a button, would be their click."""
    user, record = f.user("editor", username="wang"), f.company()
    client = browser()
    sign_in(client, user)
    typed = {"action": "add", "text": TEXT, "csrfmiddlewaretoken": "a" * 64}
    answer = client.post(record.get_absolute_url(), typed, headers={"Origin": origin} if origin else {})
    assert answer.status_code == 403
    assert "drei" not in answer.content.decode()
    assert not record.notes.exists()


def test_passwords_and_files_are_not_written_into_a_page():
    client = browser()
    token = token_of(client.get("/accounts/login/").content.decode())
    data = {"old_password": "geheim", "new_password1": "x", "new_password2": "x", "csrfmiddlewaretoken": token}
    answer = client.post("/accounts/password/", data, headers=HERE)
    assert answer.status_code == 302
    assert answer.url.startswith("/accounts/login/")


def test_an_empty_form_and_a_page_lead_to_the_sign_in_page_as_before():
    client = browser()
    token = token_of(client.get("/accounts/login/").content.decode())
    assert client.post("/review/", {"csrfmiddlewaretoken": token}, headers=HERE).url == "/accounts/login/?next=/review/"
    assert client.get("/review/").url == "/accounts/login/?next=/review/"


@pytest.mark.parametrize("role", ["reader", "editor"])
def test_who_signs_in_as_somebody_else_sends_it_as_that_one(role):
    """ADM-14: the role of who is signed in then counts, not of who typed."""
    record, other, typist = f.company(), f.user(role, username="li"), f.user("editor", username="wang")
    client = browser()
    sign_in(client, typist)
    page = client.get(record.get_absolute_url()).content.decode()
    client.post("/accounts/logout/", {"csrfmiddlewaretoken": token_of(page)}, headers=HERE)
    token = token_of(client.get("/accounts/login/").content.decode())
    answer = client.post(record.get_absolute_url(), {"action": "add", "text": TEXT, "csrfmiddlewaretoken": token}, headers=HERE)
    sign_in(client, other)
    action, fields = held(answer)
    action, fields = held(client.post(action, fields, headers=HERE))
    assert client.post(action, fields, headers=HERE).status_code == (302 if role == "editor" else 403)
    assert list(record.notes.values_list("written_by", flat=True)) == ([other.pk] if role == "editor" else [])
