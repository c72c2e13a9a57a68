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
