"""Passwords as people keep them: changed, lost and chosen anew by a link, never told or guessed (CWE-204, 208, 384, 613, 640)."""

import re
import time

import pytest
import time_machine
from django.contrib.auth.hashers import MD5PasswordHasher
from django.core import mail
from django.test import Client

from tanxun.alerts import duties
from tanxun.alerts.models import Message
from tests import factory

pytestmark = [pytest.mark.django_db, pytest.mark.any_engine]
OLD, NEW = "pass-word-1", "Kiefern-und-Moos-7"


@pytest.fixture
def user():
    return factory.user("reader", username="wang", email="wang@example.com")


def visitor(**headers):
    client = Client(headers=headers)
    client.cookies["django_language"] = "en"
    return client


def signed_in(password=OLD):
    client = visitor()
    client.post("/accounts/login/", {"username": "wang", "password": password})
    return client


def is_in(client):
    return client.get("/statements/").status_code == 200


def change(client, old=OLD, new=NEW, again=NEW):
    return client.post("/accounts/password/", {"old_password": old, "new_password1": new, "new_password2": again})


def ask(name, client=None):
    """Have a mail sent; gives the answer in words and the mails that went out."""
    answer = (client or visitor()).post("/accounts/lost/", {"name": name}, follow=True)
    mail.outbox.clear()
    duties.run()
    return answer.content.decode(), list(mail.outbox)


def link(letter):
    return re.search(r"http://127\.0\.0\.1:8000(/accounts/new/\S+)", letter.body)[1]


def choose(path, password=NEW):
    """Open the link and send its form, as a browser does."""
    client = visitor()
    page = client.get(path, follow=True)
    if not page.context.get("form"):
        return page
    return client.post(page.request["PATH_INFO"], {"new_password1": password, "new_password2": password}, follow=True)


def test_everybody_changes_their_own_and_is_signed_out_elsewhere(user):
    """SEC-30"""
    here, there = signed_in(), signed_in()
    assert is_in(here)
    assert is_in(there)
    assert change(here).status_code == 302
    assert is_in(here)
    assert not is_in(there)
    assert not is_in(signed_in(OLD))
    assert is_in(signed_in(NEW))


@pytest.mark.parametrize(
    ("old", "new", "again"),
    [
        ("wrong", NEW, NEW),
        (OLD, NEW, f"{NEW}x"),
        (OLD, "short", "short"),
        (OLD, "12345678901", "12345678901"),
        (OLD, "wang", "wang"),
    ],
)
def test_what_is_no_good_is_said_beside_its_field(user, old, new, again):
    client = signed_in()
    answer = change(client, old, new, again)
    assert answer.status_code == 200
    assert 'class="error"' in answer.content.decode()
    assert NEW not in answer.content.decode()
    assert is_in(signed_in(OLD))


def test_the_session_has_another_key_after_signing_in_and_none_after_signing_out(user):
    """SEC-30"""
    client = visitor()
    client.get("/accounts/login/")
    session = client.session
    session["planted"] = 1
    session.save()
    planted = client.cookies["sessionid"] = session.session_key
    client.post("/accounts/login/", {"username": "wang", "password": OLD})
    key = client.cookies["sessionid"].value
    assert key != planted
    thief = visitor()
    thief.cookies["sessionid"] = planted
    assert not is_in(thief)
    client.post("/accounts/logout/")
    thief.cookies["sessionid"] = key
    assert not is_in(thief)


@pytest.mark.parametrize("name", ["wang", "WANG@example.com"])
def test_who_lost_it_chooses_another_by_a_link_that_works_once(user, name):
    """SEC-34"""
    words, [letter] = ask(name)
    assert "If there is such an account" in words
    assert letter.to == ["wang@example.com"]
    assert "sign in with it" in choose(link(letter)).content.decode()
    assert is_in(signed_in(NEW))
    assert "used already" in choose(link(letter), "another-Word-8").content.decode()
    assert is_in(signed_in(NEW))


def test_a_link_ends_with_the_old_password_and_after_four_hours(user):
    """SEC-34"""
    _words, [letter] = ask("wang")
    with time_machine.travel(time.time() + 5 * 3600):
        assert "older than four hours" in choose(link(letter)).content.decode()
    change(signed_in())
    assert "used already" in choose(link(letter)).content.decode()


def test_the_host_of_the_link_is_ours_whatever_the_request_says(user, settings):
    """SEC-34"""
    settings.ALLOWED_HOSTS = ["*"]
    _words, [letter] = ask("wang", visitor(host="evil.example", x_forwarded_host="evil.example"))
    assert "evil" not in str(letter.message())


def in_main(page):
    return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", page.split("<main")[1])


def test_nobody_learns_whether_there_is_such_an_account(user):
    """SEC-32"""
    factory.user(username="gone", email="gone@example.com", is_active=False)
    factory.user(username="silent", email="")
    known, [_letter] = ask("wang")
    for name in ("nobody", "gone", "gone@example.com", "silent", "", "x" * 300, "wang\x00"):
        words, letters = ask(name)
        assert letters == []
        if len(name) == len("silent"):
            assert in_main(words) == in_main(known)


def test_the_answer_to_a_wrong_password_costs_the_same_for_any_name(user, monkeypatch):
    """SEC-32: hashing is nearly all that a sign-in takes; it is counted, since this suite measures no time."""
    hashed = []
    plain = MD5PasswordHasher.encode
    monkeypatch.setattr(MD5PasswordHasher, "encode", lambda *args: hashed.append(args) or plain(*args))
    pages = []
    for name in ("wang", "nobody"):
        before = len(hashed)
        answer = visitor().post("/accounts/login/", {"username": name, "password": "wrong"})
        pages.append((len(hashed) - before, answer.status_code, re.findall(r'role="alert".*?</div>', answer.content.decode())))
    assert pages[0] == pages[1]
    assert pages[0][0] == 1
    assert pages[0][2]


def test_a_mailbox_is_not_flooded(user):
    for _try in range(5):
        ask("wang")
    assert Message.objects.filter(kind="reset").count() == 3


def test_without_a_mail_server_there_is_no_such_page(user, settings):
    assert "/accounts/lost/" in visitor().get("/accounts/login/").content.decode()
    settings.EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
    assert visitor().get("/accounts/lost/").status_code == 404
    assert "/accounts/lost/" not in visitor().get("/accounts/login/").content.decode()
