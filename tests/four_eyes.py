"""A site with the four-eyes setting on, for the tests of it: people with their browsers, and what they do."""

from types import SimpleNamespace

import pytest
from django.test import Client

from tanxun.records.models import Proposal
from tests import factory
from tests.test_admin_together import opened


def browser(user):
    client = Client()
    client.force_login(user)
    client.cookies["django_language"] = "en"
    return client


@pytest.fixture
def people(settings):
    """An editor and two managers: `editor.user`, and `editor.page` is the browser."""
    settings.FOUR_EYES = True
    roles = {"editor": ("editor", "张三"), "manager": ("manager", "李四"), "second": ("manager", "王五")}
    found = {}
    for key, (role, name) in roles.items():
        user = factory.user(role, username=f"four-{key}", display_name=name)
        found[key] = SimpleNamespace(user=user, page=browser(user))
    return SimpleNamespace(**found)


def save(who, obj, **changes):
    """The change form of `obj` opened and sent with something typed anew."""
    address, values = opened(who.page, obj)
    return who.page.post(address, values | changes)


def waiting():
    """The one proposal that waits."""
    return Proposal.objects.waiting().get()


def decide(who, proposal, action="approve", status=302, **values):
    response = who.page.post(proposal.get_absolute_url(), {"action": action, "digest": proposal.digest} | values)
    assert response.status_code == status, response.content.decode()[:3000]
    return response.content.decode()


def lines(proposal):
    return {f"{label}: {old} → {new}" for entry in proposal.told for label, old, new in entry["lines"]}
