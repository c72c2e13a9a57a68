"""The second factor: turned on with a code, asked after the password, each code once, guessing ended, taken away by who may
(CWE-287, CWE-294, CWE-307, CWE-308, CWE-312)."""

import json
import re
from concurrent.futures import ThreadPoolExecutor

import pytest
import time_machine
from django.core import mail
from django.db import connection, connections
from django.test import Client

from tanxun.alerts import duties
from tests import factory as f
from tests.sso import code_of, needed

needed()
pytestmark = pytest.mark.django_db
LOGIN, STEP, OWN = "/accounts/login/", "/accounts/code/", "/accounts/factor/"
PASSWORD = "pass-word-1"


def letters():
    """The mails that go out now, in words."""
    mail.outbox.clear()
    duties.run()
    return [letter.body for letter in mail.outbox]


def visitor():
    client = Client()
    client.cookies["django_language"] = "en"
    return client


def give(client, password=PASSWORD, name="wang", **more):
    return client.post(LOGIN, {"username": name, "password": password} | more)


def secret_in(page):
    return re.search(r'<code class="secret">([A-Z2-7 ]+)</code>', page)[1]


def sealed_in(page):
    return re.search(r'name="secret" value="([^"]+)"', page)[1]


def turn_on(client, password=PASSWORD, code=None):
    """Scan, type, send: (answer in words, secret, recovery codes)."""
    page = client.get(OWN).content.decode()
    secret = secret_in(page)
    data = {"action": "on", "secret": sealed_in(page), "password": password, "code": code or code_of(secret)}
    words = client.post(OWN, data).content.decode()
    return words, secret, re.findall(r"<li><code>(\d{4} \d{4})</code></li>", words)


def is_in(client):
    return client.get("/statements/").status_code == 200


def test_the_password_alone_no_longer_opens_the_account(user, armed):
    """SEC-30: between the steps nobody is signed in, and the session after them has another key."""
    client = visitor()
    assert give(client, next="/policies/").url == STEP
    assert not is_in(client)
    between = client.cookies["sessionid"].value
    assert client.post(STEP, {"code": code_of(armed[0])}).url == "/policies/"
    assert is_in(client)
    assert client.cookies["sessionid"].value != between
    thief = visitor()
    thief.cookies["sessionid"] = between
    assert not is_in(thief)
    assert thief.get(STEP).url == LOGIN


def test_a_session_that_was_planted_takes_no_part(user, armed):
    """SEC-30"""
    client = visitor()
    session = client.session
    session["planted"] = 1
    session.save()
    planted = client.cookies["sessionid"] = session.session_key
    give(client)
    thief = visitor()
    thief.cookies["sessionid"] = planted
    assert thief.get(STEP).url == LOGIN


def test_a_code_opens_once(user, armed):
    secret, _codes = armed
    code = code_of(secret)
    first, second = visitor(), visitor()
    give(first)
    give(second)
    first.post(STEP, {"code": code})
    assert is_in(first)
    answer = second.post(STEP, {"code": code})
    assert "used already" in answer.content.decode()
    assert not is_in(second)
    # Nor does one from before it, which a shoulder surfer may have kept.
    second.post(STEP, {"code": code_of(secret, -1)})
    assert not is_in(second)


def test_the_code_that_turned_it_on_is_used(user):
    client = visitor()
    give(client)
    with time_machine.travel("2026-01-05 10:00", tick=False):
        _words, secret, _codes = turn_on(client)
        other = visitor()
        give(other)
        other.post(STEP, {"code": code_of(secret)})
        assert not is_in(other)


@pytest.mark.parametrize(("steps", "opens"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_clocks_may_differ_by_half_a_minute(user, armed, steps, opens):
    client = visitor()
    with time_machine.travel("2026-01-06 10:00:10", tick=False):
        give(client)
        client.post(STEP, {"code": code_of(armed[0], steps)})
        assert is_in(client) is opens


def test_a_recovery_code_stands_in_for_the_phone_once(user, armed):
    for opens in (True, False):
        client = visitor()
        give(client)
        client.post(STEP, {"code": armed[1][3]})
        assert is_in(client) is opens


def test_new_recovery_codes_take_the_place_of_those_before(user, armed):
    client = visitor()
    give(client)
    client.post(STEP, {"code": armed[1][0]})
    words = client.post(OWN, {"action": "codes", "code": armed[1][1]}).content.decode()
    fresh = re.findall(r"<li><code>(\d{4} \d{4})</code></li>", words)
    assert len(set(fresh)) == 10
    for code, opens in ((armed[1][2], False), (fresh[0], True)):
        other = visitor()
        give(other)
        other.post(STEP, {"code": code})
        assert is_in(other) is opens


def test_guessing_ends_for_the_account_wherever_it_comes_from(user, armed):
    """SEC-33: after five the right one is not taken either, from no other address and in no other session; the person is told."""
    for number in range(5):
        client = visitor()
        give(client, REMOTE_ADDR=f"10.0.0.{number}")
        client.post(STEP, {"code": f"00000{number}"}, REMOTE_ADDR=f"10.0.0.{number}")
    other = visitor()
    give(other)
    answer = other.post(STEP, {"code": code_of(armed[0])}, REMOTE_ADDR="10.9.9.9")
    assert answer.status_code == 429
    assert not is_in(other)
    assert any("wrong codes" in letter for letter in letters())


def test_the_door_opens_again_after_a_quarter_of_an_hour(user, armed):
    with time_machine.travel("2026-01-06 10:00", tick=False) as clock:
        client = visitor()
        give(client)
        for _each in range(5):
            client.post(STEP, {"code": "000000"})
        clock.shift(16 * 60)
        again = visitor()
        give(again)
        again.post(STEP, {"code": code_of(armed[0])})
        assert is_in(again)


def test_wrong_passwords_are_counted_as_before(user, armed, settings):
    """SEC-33"""
    settings.AXES_ENABLED, settings.AXES_FAILURE_LIMIT = True, 3
    for _each in range(3):
        give(visitor(), "wrong")
    assert give(visitor()).status_code == 429


def test_wrong_passwords_on_the_page_of_the_factor_are_counted_too(user, settings):
    """SEC-33"""
    settings.AXES_ENABLED, settings.AXES_FAILURE_LIMIT = True, 3
    client = visitor()
    client.force_login(user)
    for _each in range(2):
        assert "not your password" in turn_on(client, "wrong")[0]
    assert "Too many attempts" in turn_on(client, "wrong")[0]
    assert give(visitor()).status_code == 429


def test_the_step_waits_ten_minutes(user, armed):
    client = visitor()
    with time_machine.travel("2026-01-06 10:00", tick=False) as clock:
        give(client)
        clock.shift(601)
        assert client.post(STEP, {"code": code_of(armed[0])}).url == LOGIN
        assert not is_in(client)


@pytest.mark.parametrize("change", ["password", "closed"])
def test_what_changed_between_the_steps_ends_them(user, armed, change):
    client = visitor()
    give(client)
    if change == "password":
        user.set_password("another-word-9")
    else:
        user.is_active = False
    user.save()
    client.post(STEP, {"code": code_of(armed[0])})
    assert not is_in(client)


def test_the_admin_is_no_way_around(armed, user):
    """SEC-33: its sign-in is the site's own."""
    user.role = "manager"
    user.save()
    client = visitor()
    answer = client.post("/admin/login/?next=/admin/", {"username": "wang", "password": PASSWORD})
    assert answer.url == "/accounts/login/?next=/admin/"
    assert client.get("/admin/").status_code == 302
    give(client, next="/admin/")
    assert client.get("/admin/").status_code == 302
    client.post(STEP, {"code": code_of(armed[0])})
    assert client.get("/admin/").status_code == 200


@pytest.mark.parametrize("elsewhere", ["//evil.example", "/\\evil.example", "https:evil.example", "data:text/html,x"])
def test_the_way_back_stays_here_through_both_steps(user, armed, elsewhere):
    """SEC-40"""
    client = visitor()
    give(client, next=elsewhere)
    assert client.post(STEP, {"code": code_of(armed[0])}).url == "/"


def test_to_turn_it_on_the_password_and_a_code_are_needed(user):
    client = visitor()
    client.force_login(user)
    assert "not your password" in turn_on(client, password="wrong")[0]
    assert "not right" in turn_on(client, code="000000")[0]
    assert turn_on(client)[2]
    assert "It is on" in client.get(OWN).content.decode()


def test_a_secret_from_elsewhere_is_not_taken(user):
    """Whoever gets somebody to send a form with a secret that they know too would have a phone of their own."""
    from tanxun.site.sso import factor

    other = f.user("reader", username="zhao")
    client = visitor()
    client.force_login(user)
    known = factor.new_secret()
    for sealed in (factor.sealed(other, known), known, "x" * 40):
        data = {"action": "on", "secret": sealed, "password": PASSWORD, "code": code_of(known)}
        assert "not right" in client.post(OWN, data).content.decode()
    assert factor.of(user) is None


def test_to_turn_it_off_a_code_is_needed_and_it_is_told(user, armed):
    client = visitor()
    give(client)
    client.post(STEP, {"code": armed[1][0]})
    client.post(OWN, {"action": "off", "code": "000000"})
    assert give(visitor()).url == STEP
    client.post(OWN, {"action": "off"})
    assert give(visitor()).url == STEP
    client.post(OWN, {"action": "off", "code": armed[1][1]})
    assert is_in(client)
    assert give(visitor()).url == "/"
    told = letters()
    assert [any(words in letter for letter in told) for words in ("was turned on", "was turned off")] == [True, True]


def test_nothing_in_the_database_or_a_page_tells_the_secret(user, armed):
    from allauth.mfa.models import Authenticator

    secret, codes = armed
    kept = json.dumps(list(Authenticator.objects.values_list("data", flat=True)))
    assert secret.replace(" ", "") not in kept
    assert not any(code.replace(" ", "") in kept for code in codes)
    client = visitor()
    client.force_login(user)
    page = client.get(OWN).content.decode()
    assert secret not in page
    assert "secret" not in re.findall(r'name="(\w+)"', page)
    root = visitor()
    root.force_login(f.superuser())
    for row in Authenticator.objects.all():
        page = root.get(f"/admin/sso/secondfactor/{row.pk}/change/", follow=True).content.decode()
        assert row.data.get("secret", row.data.get("seed")) not in page


def test_without_the_rule_nothing_is_asked_of_who_has_none(user):
    client = visitor()
    assert give(client, next="/policies/").url == "/policies/"
    assert is_in(client)


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_with_one_code_one_gets_in(user, armed):
    """The row is looked at under its lock: no cache of one process decides."""
    if connection.vendor == "sqlite":
        pytest.skip("SQLite locks no rows: one transaction writes at a time")  # and threads cannot wait for one in memory

    def come(code):
        try:
            client = visitor()
            give(client)
            client.post(STEP, {"code": code})
            return is_in(client)
        finally:
            connections.close_all()

    for code in (code_of(armed[0]), armed[1][5]):
        with ThreadPoolExecutor(4) as pool:  # fewer than shut the door
            assert sum(pool.map(come, [code] * 4)) == 1
