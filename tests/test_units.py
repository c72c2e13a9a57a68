"""Figures of policies in one unit for each kind, and the texts they are sorted by."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.units import normal, rank

pytestmark = pytest.mark.any_engine


@pytest.mark.parametrize(
    ("value", "unit", "wanted", "kind"),
    [
        ("30", "万千瓦", "300000", "千瓦"),
        ("0.3", "GW", "300000", "千瓦"),
        ("1.2", "亿千瓦", "120000000", "千瓦"),
        ("8000", "亿元", "800000000000", "元"),
        ("1.5", "万亿元", "1500000000000", "元"),
        ("20", "万", "20", "万"),
        ("4.5", "%", "4.5", "%"),
        ("4.5", "％", "4.5", "%"),
        ("3", "个百分点", "3", "百分点"),
        ("100", "家", "100", "家"),
        ("100", "万辆", "1000000", "辆"),
        ("5", "万吨", "50000", "吨"),
        ("600", "公斤", "0.6", "吨"),
        ("10", "亿千瓦时", "1000000000", "千瓦时"),
        ("3", "千克标准煤/吨", "3", "千克标准煤/吨"),
        ("7", "", "7", ""),
    ],
)
def test_a_figure_is_said_in_the_unit_of_its_kind(value, unit, wanted, kind):
    assert normal(Decimal(value), unit) == (Decimal(wanted), kind)


def test_a_figure_given_as_text_has_the_same_place():
    assert rank("12.50", "家") == rank(Decimal("12.5"), "家")


def test_no_figure_keeps_its_unit():
    assert normal(None, "万千瓦") == (None, "千瓦")
    assert rank(None, "千瓦") == ""


figures = st.decimals(min_value=-(10**20), max_value=10**20, places=6, allow_nan=False)


@given(st.lists(figures, min_size=2))
def test_texts_sort_as_the_figures_do(values):
    assert sorted(values) == [value for _text, value in sorted((rank(value, "家"), value) for value in values)]
