"""A real mail server that is down, slow, refuses or is asked hostile things: others are served, and the queue shows the rest."""

import datetime as dt
import re
import unicodedata
from email import message_from_bytes, policy
from importlib import import_module
from urllib.parse import urlsplit

import pytest
import time_machine
from django.core.mail import EmailMultiAlternatives
from django.utils import timezone, translation
from hypothesis import given
from hypothesis import strategies as st
from lxml import html

from tanxun.alerts import sending
from tanxun.alerts.mail import one_line
from tanxun.alerts.models import Mailbox, Message, Subscription
from tanxun.alerts.models.outbox import LEASE_SECONDS
from tanxun.listing.models import SavedFilter
from tests import factory as f
from tests.mailing import mail_server, speak_to
from tests.running import free_port

pytestmark = pytest.mark.django_db

MONDAY = dt.datetime(2026, 3, 2, 1, 0, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def queue_in_english():
    """What stands in the queue for managers is in the language of the process that sends."""
    with translation.override("en"):
        yield


@pytest.fixture
def server(settings):
    with mail_server() as (url, handler):
        speak_to(settings, url)
        yield handler


def person(name, **kwargs):
    user = f.user("consultant", username=name, email=f"{name}@example.com")
    Mailbox.objects.create(user=user, language="en", week_on=dt.date(2026, 2, 23), **kwargs)
    return user


def tell(*people, company_name="苏州样例科技有限公司", name="全部", query=""):
    """A weekly digest with one new statement waits for each of them."""
    for user in people:
        saved = SavedFilter.objects.create(owner=user, page="statements", name=name, query=query)
        Subscription.objects.create(user=user, saved_filter=saved)
    with time_machine.travel(MONDAY, tick=False):
        made = f.statement(company=f.company(company_name))
        from tanxun.alerts import planning

        planning.plan()
    assert Message.objects.open().count() >= len(people)
    return made


def states():
    return {message.recipient: message.state for message in Message.objects.all()}


def test_a_mail_has_both_parts_absolute_links_and_the_headers_to_stop_it(server):
    user = person("chen")
    made = tell(user)
    assert sending.send_all() == 1
    [letter] = server.letters
    text = letter.get_body(("plain",)).get_content()
    markup = letter.get_body(("html",)).get_content()
    for part in (text, markup):
        assert f"http://127.0.0.1:8000/statements/{made.pk}/" in part
        assert "苏州样例科技有限公司" in part
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert re.fullmatch(r"<http://127\.0\.0\.1:8000/alerts/stop/[^>\s]+>", letter["List-Unsubscribe"].replace(" ", ""))
    assert letter["Message-ID"]
    page = html.fromstring(markup)
    assert not page.xpath("//script|//link|//style|//img|//@class[not(.)]")
    assert all(address.startswith("http://127.0.0.1:8000/") for address in page.xpath("//@href"))
    assert page.xpath("//li[@style]")
    assert page.xpath("//h2[@style]")


def test_one_address_that_is_refused_keeps_nobody_else_from_theirs(server):
    """ALR-04"""
    people = [person(name) for name in ("ann", "bad", "later", "dan")]
    server.refuses = {"bad@example.com": "550 no such user", "later@example.com": "451 try later"}
    tell(*people)
    assert sending.send_all() == 2
    assert sorted(server.recipients) == ["ann@example.com", "dan@example.com"]
    kept = {message.recipient_key: message for message in Message.objects.all()}
    assert (kept[people[1].pk].state, kept[people[1].pk].error) == ("given_up", "The mail server said: 550 no such user")
    assert kept[people[2].pk].state == "failed"
    assert kept[people[2].pk].not_before > timezone.now()
    server.refuses = {}
    assert sending.send_all() == 0  # not before its time
    Message.objects.filter(state="failed").update(not_before=timezone.now())
    assert sending.send_all() == 1
    assert server.recipients[-1] == "later@example.com"


def test_a_server_that_is_down_for_an_hour_costs_one_try_a_round_and_nothing_is_lost(settings):
    """ALR-04"""
    port = free_port()
    speak_to(settings, f"smtp://127.0.0.1:{port}")
    people = [person(f"p{number}") for number in range(5)]
    tell(*people)
    for round_ in range(1, 4):
        assert sending.send_all() == 0
        assert sum(message.attempts for message in Message.objects.all()) == round_
    assert "cannot be reached" in Message.objects.filter(state="failed").first().error
    with time_machine.travel(timezone.now(), tick=False) as clock:
        for _minute in range(60):
            clock.shift(60)
            sending.send_all()
        with mail_server(port) as (_url, handler):
            for _hour in range(2):  # what was tried four times waits for two
                clock.shift(60 * 60)
                sending.send_all()
        assert sorted(handler.recipients) == sorted(user.email for user in people)


def test_tries_come_less_and_less_often_and_end_in_sight(settings):
    """ALR-04"""
    speak_to(settings, f"smtp://127.0.0.1:{free_port()}")
    tell(person("ann"))
    pauses = []
    with time_machine.travel(MONDAY, tick=False) as clock:
        while Message.objects.get().state != "given_up":
            assert len(pauses) < 20
            sending.send_all()
            message = Message.objects.get()
            if message.state == "failed":
                pauses.append(message.not_before - timezone.now())
                clock.move_to(message.not_before + dt.timedelta(seconds=1))
    assert pauses == sorted(pauses)
    assert message.attempts == 8
    assert dt.timedelta(days=2) < sum(pauses, dt.timedelta()) < dt.timedelta(days=3)


def test_a_slow_server_is_waited_for_and_hanging_up_repeats_the_same_message_id(server, settings):
    """ALR-04"""
    site = import_module("tanxun.settings")  # what the site waits, beside what is waited here
    assert 60 < site.EMAIL_TIMEOUT < LEASE_SECONDS
    tell(person("ann"))
    server.pause = 2
    assert sending.send_all() == 1
    tell(person("bob"), name="b")
    settings.EMAIL_TIMEOUT = 1
    assert sending.send_all() == 0
    assert Message.objects.filter(state="failed").count() == 1
    settings.EMAIL_TIMEOUT, server.pause = 5, 0
    Message.objects.update(not_before=None)
    assert sending.send_all() == 1
    assert server.recipients == ["ann@example.com", "bob@example.com", "bob@example.com"]
    assert len({letter["Message-ID"] for letter in server.letters}) == 2  # the twin is known for one


def test_a_mail_that_is_too_large_for_the_server_is_given_up_and_the_next_goes_out(settings):
    """ALR-04: the server says so before it takes it; that is no fault of the others."""
    place = f.region("320000")
    large, small = person("large"), person("small")
    saved = SavedFilter.objects.create(owner=large, page="statements", name="all", query="region=320000")
    Subscription.objects.create(user=large, saved_filter=saved)
    for _each in range(60):
        f.statement(company=f.company(region=place))
    tell(small, name="one", query="region!=320000")
    with mail_server(most_bytes=20_000) as (url, handler):
        speak_to(settings, url)
        assert sending.send_all() == 1
    assert handler.recipients == ["small@example.com"]
    assert states() == {f"user-{large.pk}": "given_up", f"user-{small.pk}": "sent"}


def test_no_to_the_mail_itself_is_final_and_not_now_is_not(server):
    tell(person("ann"))
    server.answers = ["451 not now"]
    assert sending.send_all() == 0
    assert set(states().values()) == {"failed"}
    Message.objects.update(not_before=None)
    server.answers = ["554 spam"]
    sending.send_all()
    assert set(states().values()) == {"given_up"}


@pytest.mark.parametrize("nasty", ["a\r\nBcc: evil@example.com", "a\nb", "a\u2028b", "a\u0085b", "\u202eevil", "=?utf-8?q?=0a?="])
def test_line_breaks_in_names_never_reach_a_header(server, nasty):
    """ALR-05"""
    user = person("ann")
    day = timezone.localdate() + dt.timedelta(days=5)
    company = f.company(f"公司{nasty}")
    one = f.statement(company=company, statement_type=f.statement_type("product_carbon_footprint"), valid_until=day)
    saved = SavedFilter.objects.create(owner=user, page="statements", name=f"筛选{nasty}", query="")
    Subscription.objects.create(user=user, saved_filter=saved, since=day - dt.timedelta(days=60))
    from tanxun.alerts import planning

    Mailbox.objects.update(wants_weekly=False)
    with time_machine.travel(dt.datetime.combine(timezone.localdate(), dt.time(9), dt.timezone(dt.timedelta(hours=8)))):
        planning.plan()
        assert sending.send_all() == 1
    [letter] = server.letters
    assert letter["Bcc"] is None
    assert letter["To"] == "ann@example.com"
    assert "due on" in letter["Subject"]  # a single reminder says of what
    assert not re.search(r"[\r\n\u2028\u0085\u202e]", letter["Subject"])
    assert f"/statements/{one.pk}/" in letter.get_body(("plain",)).get_content()


@given(st.text(alphabet=st.characters(), max_size=400))
def test_no_text_makes_a_header_of_its_own(text):
    """ALR-05: for whatever a title or the name of a filter holds."""
    written = EmailMultiAlternatives(one_line(text), "body", to=["ann@example.com"]).message().as_bytes()
    letter = message_from_bytes(written, policy=policy.default)
    plain = EmailMultiAlternatives("plain", "body", to=["ann@example.com"]).message()
    assert sorted(letter.keys()) == sorted(plain.keys())
    assert not any(unicodedata.category(sign) in ("Cc", "Cf", "Cs", "Zl", "Zp") for sign in letter["Subject"])


def test_markup_in_names_is_text(server):
    tell(person("ann"), company_name="<script>alert(1)</script><img src=x onerror=1>", name="<b>x</b>")
    sending.send_all()
    page = html.fromstring(server.letters[0].get_body(("html",)).get_content())
    assert not page.xpath("//script|//img|//b")


def test_managers_see_the_queue_and_try_again_and_nobody_else(server, client):
    """ALR-04"""
    server.refuses = {"bad@example.com": "550 no such user"}
    tell(person("bad"))
    sending.send_all()
    message = Message.objects.get()
    for role in ("consultant", "editor"):
        client.force_login(f.user(role))
        assert client.get("/admin/alerts/message/").status_code in (302, 403)
    client.force_login(f.user("manager"))
    client.cookies["django_language"] = "en"
    page = client.get("/admin/alerts/message/").content.decode()
    assert "550 no such user" in page
    assert ">bad<" in page  # by name, not by key
    server.refuses = {}
    assert client.get(f"/admin/alerts/message/{message.pk}/change/").status_code == 200
    assert client.post(f"/admin/alerts/message/{message.pk}/delete/", {"post": "yes"}).status_code == 403
    client.post("/admin/alerts/message/", {"action": "try_again", "_selected_action": [message.pk]})
    assert sending.send_all() == 1


def link(letter):
    return urlsplit(letter["List-Unsubscribe"].replace(" ", "").strip("<>")).path


def test_a_scanner_that_opens_the_link_ends_nothing_and_a_post_does_signed_out(server, client):
    """ALR-11"""
    user = person("ann")
    tell(user)
    sending.send_all()
    address = link(server.letters[0])
    for method in (client.get, client.head, client.options):
        method(address)
    assert not Mailbox.objects.get().is_stopped
    assert client.get(address).status_code == 200
    # As RFC 8058 has it: from the mail program, without a cookie.
    client.cookies.clear()
    assert client.post(address, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert Mailbox.objects.get().is_stopped
    assert client.post(address).status_code == 200  # twice is once
    f.statement()
    with time_machine.travel(MONDAY + dt.timedelta(days=7), tick=False):
        from tanxun.alerts import duties

        assert duties.run() == 0


def test_the_page_posts_without_csrf_trouble_and_ends_one_subscription_alone(server):
    """ALR-11"""
    from django.test import Client

    user = person("ann")
    tell(user, name="Jiangsu")
    sending.send_all()
    body = server.letters[0].get_body(("html",)).get_content()
    address = next(url for url in re.findall(r'href="http://127\.0\.0\.1:8000(/alerts/stop/[^"]+)"', body))
    strict = Client(enforce_csrf_checks=True)
    form = html.fromstring(strict.get(address).content.decode()).xpath("//main//form")[0]
    assert form.get("action") == address
    assert strict.post(address).status_code == 200
    assert Subscription.objects.get().removed_at
    assert not Mailbox.objects.get().is_stopped
    assert 'method="post"' not in strict.get(address).content.decode().split("<main")[1]


def test_the_token_opens_nothing_else_and_cannot_be_made_up(server, client):
    """ALR-11"""
    user = person("ann")
    tell(user)
    sending.send_all()
    token = link(server.letters[0]).split("/")[-2]
    for address in ("/saved/", "/statements/", "/alerts/mailbox/"):
        assert client.get(address, {"token": token}, headers={"Authorization": f"Bearer {token}"}).status_code in (302, 400, 405)
    from django.core import signing

    other = signing.dumps([user.pk, 0], salt="another purpose")
    for wrong in (token[:-2] + "xx", other, "x", signing.dumps("x", salt="tanxun.alerts.unsubscribe")):
        assert client.post(f"/alerts/stop/{wrong}/").status_code == 404
    assert "_auth_user_id" not in client.session
    assert not Mailbox.objects.get().is_stopped
