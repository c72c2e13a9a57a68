"""A policy that ended, or is only a draft, offers nothing: neither on the lists, nor on the due board, nor beside evidence."""

import datetime as dt

import pytest
from django.utils import timezone

from policies.deadlines import deadlines
from policies.models import Incentive, PolicyLink
from tests import factory
from tests.reading import listed, read

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


def offering(**kwargs):
    """A policy whose money can be applied for until tomorrow."""
    policy = factory.policy(**kwargs)
    Incentive.objects.create(policy=policy, apply_by=timezone.localdate() + DAY, sentence="样例奖励")
    return policy


def offered():
    on_board = len(deadlines(30, 10))
    assert on_board == listed("/policies/?has=deadline") == listed("/incentives/?open=1")
    return on_board


@pytest.mark.parametrize(("stage", "wanted"), [("", 1), ("trial", 1), ("in_force", 1), ("repealed", 0), ("consultation", 0)])
def test_by_its_stage(stage, wanted):
    offering(stage=stage)
    assert offered() == wanted


@pytest.mark.parametrize(("days", "wanted"), [(-1, 0), (0, 1), (1, 1)])
def test_by_its_end(days, wanted):
    offering(expires_on=timezone.localdate() + days * DAY)
    assert offered() == wanted


@pytest.mark.parametrize(("kind", "wanted"), [("repeals", 0), ("replaces", 0), ("amends", 1), ("implements", 1)])
def test_by_what_another_does_to_it(kind, wanted):
    policy, other = offering(), factory.policy()
    PolicyLink.objects.create(policy=other, kind=kind, other=policy)
    assert offered() == wanted
    other.remove("entered by mistake")
    assert offered() == 1


def test_a_draft_still_asks_for_comments():
    factory.policy(stage="consultation", comment_by=timezone.localdate() + DAY)
    assert len(deadlines(30, 10)) == listed("/policies/?has=deadline") == 1


@pytest.mark.parametrize(("stage", "badge"), [("in_force", "valid"), ("consultation", "expiring"), ("repealed", "expired")])
def test_the_badge_of_a_stage_has_its_colour(client, stage, badge):
    page = read(client, factory.policy(stage=stage).get_absolute_url())
    assert f'<span class="badge {badge}">' in page
