"""What the two real issues say in figures stands as rows: value, base, year and the sentence it was read from."""

import datetime as dt
from decimal import Decimal

import pytest

from policies.models import Incentive, Target
from tanxun.digest import intake
from tanxun.site import reference
from tests import factory

pytestmark = pytest.mark.django_db


@pytest.fixture
def accepted(seeds):
    """Both issues, every draft accepted."""
    reference.load()
    user = factory.superuser()
    for path, day in seeds:
        result = intake.bring_in(path.name, path.read_bytes(), reference_date=dt.date.fromisoformat(day), user=user)
        assert intake.accept_all(result.newsletter, user).left == []


def figures(place):
    rows = Target.objects.filter(policy__region__name=place).order_by("policy", "position")
    return [(one.indicator, one.comparator, one.value, one.unit, one.base, one.year) for one in rows]


@pytest.mark.usefixtures("accepted")
def test_targets_stand_with_base_year_and_sentence():
    assert figures("上海市") == [("新增国家级绿色工厂", ">=", Decimal(100), "家", "new", 2028)]
    factories, zero_carbon = figures("常州市")
    assert factories[1:] == (">=", Decimal(100), "家", "per_year", None)
    assert zero_carbon[1:4] == (">=", Decimal(10), "家")
    assert [row[1:] for row in figures("昆山市")] == [
        ("=", Decimal(20), "家", "new", 2026),
        ("=", Decimal(10), "家", "new", 2026),
        (">=", Decimal(25), "万千瓦", "new", 2026),
        ("=", Decimal(20), "个", "", 2026),
        ("~", Decimal("4.5"), "%", "", 2026),
    ]
    for target in Target.objects.all():
        assert str(target.value.normalize()) in target.sentence or f"{target.value:.0f}" in target.sentence, target.sentence


@pytest.mark.usefixtures("accepted")
def test_the_money_of_shanghai_stands_with_who_qualifies():
    money = Incentive.objects.get(policy__region__name="上海市", amount__isnull=False)
    assert (money.amount, money.currency, money.kind) == (200_000, "CNY", "one_off")
    assert "国家级绿色工厂" in money.who_qualifies + money.evidence_needed
    assert "20万" in money.sentence
