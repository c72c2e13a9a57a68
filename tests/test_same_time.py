"""How long a refusal takes does not tell whether there is such an account (SEC-32; CWE-208).

SIGN_IN_TRIES is how often each is asked; `.ci/run --nightly` sets 200 and holds them to the goal. The ordinary suite prints what
a few tries took and judges nothing: test_passwords.py counts what takes the time.
"""

import os
import random
import time
from statistics import NormalDist, median

import pytest
from django.test import Client

from tanxun.alerts.models import Message
from tanxun.settings import PASSWORD_HASHERS
from tests import factory as f
from tests.load.programs import deviations

pytestmark = [pytest.mark.django_db, pytest.mark.any_engine]
TRIES = int(os.environ.get("SIGN_IN_TRIES", "6"))
GOAL, ENOUGH = 0.1, 200  # a tenth; so many tries tell it


def measured(what, ask):
    """Asks for a name that is known and for one that is not, in an order that is drawn, so that what else the machine does meets
    both alike. Prints how far their medians are apart, and how likely chance makes their ranks so (Mann and Whitney)."""
    draw, seconds = random.Random(5), {True: [], False: []}
    ask(0, True), ask(0, False)
    for number in range(1, TRIES + 1):
        for is_known in draw.sample((True, False), 2):
            begin = time.perf_counter()
            ask(number, is_known)
            seconds[is_known].append(time.perf_counter() - begin)
    known, unknown = median(seconds[True]), median(seconds[False])
    apart = abs(known / unknown - 1)
    chance = 2 * NormalDist().cdf(-abs(deviations(seconds[True], seconds[False])))
    print(
        f"\n{what}, {TRIES} tries each: known {known * 1000:.1f} ms, unknown {unknown * 1000:.1f} ms,"
        f" {apart:.1%} apart (goal: below {GOAL:.0%}), p = {chance:.2f}"
    )
    if TRIES >= ENOUGH:
        assert apart < GOAL


def test_a_wrong_password_takes_as_long_for_any_name(settings):
    """SEC-32: with the hash that the site is shipped with."""
    settings.PASSWORD_HASHERS = PASSWORD_HASHERS
    for number in range(TRIES + 1):
        f.user(username=f"known-{number:04}")
    client = Client()

    def ask(number, is_known):
        name = f"{'known' if is_known else 'other'}-{number:04}"
        assert client.post("/accounts/login/", {"username": name, "password": "wrong-password-1"}).status_code == 200

    measured("A wrong password", ask)


def test_a_lost_password_takes_as_long_for_any_name():
    """SEC-32: though a mail is put into the outbox for one of them."""
    for number in range(TRIES + 1):
        f.user(username=f"known-{number:04}", email=f"known-{number:04}@example.com")
    client = Client()

    def ask(number, is_known):
        name = f"{'known' if is_known else 'other'}-{number:04}@example.com"
        assert client.post("/accounts/lost/", {"name": name}).status_code == 302

    measured("A lost password", ask)
    assert Message.objects.filter(kind="reset").count() == TRIES + 1
