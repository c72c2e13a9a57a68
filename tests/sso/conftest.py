"""What the tests of signing in share: the company's server, and a person with a second factor."""

import pytest
import time_machine

from tanxun.alerts.models import Mailbox
from tests import factory
from tests.sso import company as companies


@pytest.fixture
def company(settings):
    settings.SSO_NEWCOMERS = "reader"
    with companies.settled_with(settings) as running:
        yield running


@pytest.fixture
def user():
    made = factory.user("reader", username="wang", email="wang@example.com")
    Mailbox.objects.create(user=made, language="en")
    return made


@pytest.fixture
def armed(user):
    """(secret, recovery codes) of `user`, made a while ago: the code of now was not used yet."""
    from tests.sso.test_second_factor import give, turn_on, visitor

    client = visitor()
    give(client)
    with time_machine.travel("2026-01-05 10:00", tick=False):
        _words, secret, codes = turn_on(client)
    assert len(codes) == 10
    return secret, codes
