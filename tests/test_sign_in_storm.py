"""Many wrong passwords: the account is closed to the address that they come from, and to nobody else (LOAD-10, CWE-307)."""

import time
from collections import Counter

import pytest
import time_machine
from axes.models import AccessAttempt

from tests import factory as f

pytestmark = pytest.mark.django_db
LOGIN = "/accounts/login/"
TRIES = 40


@pytest.fixture(autouse=True)
def guarded(settings):
    settings.AXES_ENABLED = True  # which the suite does without, as all of it comes from one address
    for name in ("wang", "li"):
        f.user(username=name)


def test_who_guesses_is_turned_away_and_the_right_login_works(client, settings):
    """LOAD-10: from elsewhere the account opens, and from there the other accounts do."""

    def signs_in(name, password, address):
        return client.post(LOGIN, {"username": name, "password": password}, REMOTE_ADDR=address).status_code

    statuses = Counter(signs_in("wang", f"wrong-{number}", "192.0.2.1") for number in range(TRIES))
    assert statuses == {200: settings.AXES_FAILURE_LIMIT - 1, 429: TRIES - settings.AXES_FAILURE_LIMIT + 1}
    assert signs_in("wang", "pass-word-1", "192.0.2.1") == 429
    assert signs_in("li", "pass-word-1", "192.0.2.1") == 302
    assert signs_in("wang", "pass-word-1", "192.0.2.2") == 302


@pytest.mark.parametrize(
    ("own", "others"),
    [
        ("2001:db8:0:7:{0:x}::{0:x}", ["2001:db8:0:8::1", "2001:db8:0:6:ffff::1", "192.0.2.1"]),
        ("::ffff:192.0.2.1", ["192.0.2.2", "::ffff:192.0.2.3", "::1"]),
        ("192.0.2.1:{}", ["192.0.2.2:1", "192.0.2.3"]),
        ("[2001:db8:0:7::{0:x}]:{0}", ["[2001:db8:0:8::1]:80"]),
    ],
)
def test_who_has_many_addresses_has_no_more_tries(client, settings, own, others):
    """LOAD-10: of IPv6 everybody has at least 2**64 addresses, so their network is counted; a port makes no other visitor."""
    settings.TRUSTED_PROXIES = ["127.0.0.1"]

    def signs_in(password, address):
        form = {"username": "wang", "password": password}
        return client.post(LOGIN, form, headers={"X-Forwarded-For": address}).status_code

    statuses = Counter(signs_in(f"wrong-{number}", own.format(number)) for number in range(1, TRIES + 1))
    assert statuses == {200: settings.AXES_FAILURE_LIMIT - 1, 429: TRIES - settings.AXES_FAILURE_LIMIT + 1}
    assert signs_in("pass-word-1", own.format(TRIES + 1)) == 429
    for address in others:
        assert signs_in("pass-word-1", address) == 302, address
        client.logout()


def test_whoever_a_proxy_gives_no_address_of_is_counted_with_the_rest_of_those(client, settings):
    """LOAD-10"""
    settings.TRUSTED_PROXIES = ["127.0.0.1"]
    for number in range(TRIES):
        headers = {"X-Forwarded-For": f"192.0.2.{number}, unknown-{number}"}
        status = client.post(LOGIN, {"username": "wang", "password": "wrong"}, headers=headers).status_code
    assert status == 429
    assert AccessAttempt.objects.get().ip_address == "127.0.0.1"


def test_who_is_turned_away_costs_no_look_at_a_password(client, settings, monkeypatch):
    """LOAD-10: hashing takes a processor some tens of milliseconds, which a storm must not have."""
    looked = []
    monkeypatch.setattr("tanxun.site.models.User.check_password", lambda self, raw: looked.append(raw))
    for number in range(TRIES):
        client.post(LOGIN, {"username": "wang", "password": f"wrong-{number}"})
    assert len(looked) == settings.AXES_FAILURE_LIMIT


def test_who_is_turned_away_leaves_nothing_behind_and_makes_it_no_longer(client, settings):
    """LOAD-10: else each try more is written into the one row, in the transaction that everybody's writing waits for."""

    def tries(count):
        for _number in range(count):
            client.post(f"{LOGIN}?next=/{'x' * 900}", {"username": "wang", "password": "wrong"})
        return AccessAttempt.objects.values("failures_since_start", "get_data", "post_data", "attempt_time").get()

    kept = tries(settings.AXES_FAILURE_LIMIT)
    assert kept["failures_since_start"] == settings.AXES_FAILURE_LIMIT
    with time_machine.travel(time.time() + 14 * 60):
        assert tries(TRIES - settings.AXES_FAILURE_LIMIT) == kept
    with time_machine.travel(time.time() + 16 * 60):
        assert client.post(LOGIN, {"username": "wang", "password": "pass-word-1"}).status_code == 302
