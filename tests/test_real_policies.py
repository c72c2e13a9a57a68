"""What the two real issues say in figures stands as rows: value, base, year and the sentence it was read from."""

import datetime as dt
from decimal import Decimal

import pytest

from policies.models import Incentive, Target
from tanxun.digest import intake
from tanxun.listing.columns import number_text
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
def test_targets_stand_with_indicator_base_and_year():
    assert figures("上海市") == [("新增国家级绿色工厂", ">=", Decimal(100), "家", "new", 2028)]
    assert figures("常州市") == [
        ("市级以上绿色工厂", ">=", Decimal(100), "家", "per_year", None),
        ("零碳(近零碳)工厂", ">=", Decimal(10), "家", "per_year", None),
    ]
    assert figures("昆山市") == [
        ("新增省级以上绿色工厂", "=", Decimal(20), "家", "new", 2026),
        ("新增(近)零碳工厂", "=", Decimal(10), "家", "new", 2026),
        ("新增分布式光伏装机容量", ">=", Decimal(25), "万千瓦", "new", 2026),
        ("绿色化节能改造项目", "=", Decimal(20), "个", "", 2026),
        ("规上工业单位增加值碳排放强度下降", "~", Decimal("4.5"), "%", "", 2026),
    ]


@pytest.mark.usefixtures("accepted")
def test_each_figure_stands_in_the_sentence_that_it_was_read_from(seeds):
    texts = ["".join(path.read_text("utf-8").split()) for path, _day in seeds]
    for target in Target.objects.all():
        sentence = "".join(target.sentence.split())
        assert f"{number_text(target.value)}{target.unit}" in sentence, target.sentence
        assert sum(sentence in text for text in texts) == 1, target.sentence


@pytest.mark.usefixtures("accepted")
def test_the_money_of_shanghai_stands_with_who_qualifies():
    money = Incentive.objects.get(policy__region__name="上海市", amount__isnull=False)
    assert (money.amount, money.currency, money.kind) == (200_000, "CNY", "one_off")
    assert (money.who_qualifies, money.evidence_needed) == ("首次评为国家级绿色工厂", "首次评为国家级绿色工厂")
    assert "20万" in money.sentence
