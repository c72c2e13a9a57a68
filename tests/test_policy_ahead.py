"""What a policy still asks for stands at the top of its page: by when to comment, by when to apply; nothing that has passed."""

import datetime as dt

import pytest
from django.utils import timezone

from policies.models import Incentive
from tests import factory
from tests.reading import read, words

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("days", "is_ahead"), [(-1, False), (0, True), (1, True)])
def test_days_to_come_stand_in_the_head(client, days, is_ahead):
    day = timezone.localdate() + dt.timedelta(days=days)
    policy = factory.policy(comment_by=day)
    for number in (1, 2):  # two rewards by one day are one line
        Incentive.objects.create(policy=policy, apply_by=day, sentence=f"样例奖励{number}")
    head = words(read(client, policy.get_absolute_url())).split('class="detail"')[0].split('class="page-head"')[1]
    assert head.count(f'<time datetime="{day}">') == (2 if is_ahead else 0)


def test_money_comes_before_targets_and_the_family(client):
    policy = factory.policy()
    Incentive.objects.create(policy=policy, amount=200_000, currency="CNY", sentence="样例奖励")
    policy.targets.create(indicator="样例指标", value=5, unit="家")
    page = read(client, policy.get_absolute_url())
    places = [page.index(f"<h2>{head}</h2>") for head in ("Key points", "Incentives", "Targets")]
    assert places == sorted(places)
