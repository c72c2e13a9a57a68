"""The benchmark judges what it measures: a goal met by a hair is met, missed by one is missed, not measured is neither."""

import pytest

from tests.benchmarks.make_dataset import Maker
from tests.benchmarks.results import CLIENT, OURS, PEER, AtLeast, AtMost, Faster, OfClient, Result, Times, Within

pytestmark = pytest.mark.any_engine


def result(unit="ms", **figures):
    return Result("row", unit, {name: list(values) for name, values in figures.items()})


@pytest.mark.parametrize(
    ("goal", "found", "engine", "is_met"),
    [
        (Faster(8), result(**{OURS: [9, 10, 500], PEER: [80, 80, 1]}), "sqlite", True),
        (Faster(8), result(**{OURS: [10], PEER: [79.9]}), "sqlite", False),
        (Faster(8), result(**{OURS: [10]}), "sqlite", None),
        (Faster(10), result("pages/s", **{OURS: [100], PEER: [10]}), "sqlite", True),
        (Faster(10), result("pages/s", **{OURS: [10], PEER: [100]}), "sqlite", False),
        (Within(2, "other"), result(**{OURS: [40]}), "sqlite", True),
        (Within(2, "other"), result(**{OURS: [41]}), "sqlite", False),
        (Within(2, "absent"), result(**{OURS: [1]}), "sqlite", None),
        (Times(4, "bare"), result(**{OURS: [8], "bare": [2]}), "sqlite", True),
        (Times(4, "bare"), result(**{OURS: [8.1], "bare": [2]}), "sqlite", False),
        (Times(4, "bare"), result(**{OURS: [8]}), "sqlite", None),
        (OfClient(postgresql=1.5, sqlite=2.5), result(**{OURS: [2], CLIENT: [1]}), "sqlite", True),
        (OfClient(postgresql=1.5, sqlite=2.5), result(**{OURS: [2], CLIENT: [1]}), "postgresql", False),
        (AtMost(32, "memory"), result(**{OURS: [1], "memory": [32]}), "sqlite", True),
        (AtMost(32, "memory"), result(**{OURS: [1]}), "sqlite", None),
        (AtLeast(3_000, 5_000), result("rows/s", **{OURS: [4_000]}), "postgresql", True),
        (AtLeast(3_000, 5_000), result("rows/s", **{OURS: [4_000]}), "sqlite", False),
    ],
)
def test_a_goal_is_judged_by_medians(goal, found, engine, is_met):
    assert goal.judge(found, {"other": result(**{OURS: [20]})}, engine).is_met is is_met


def test_the_data_set_has_its_needles_and_is_always_the_same():
    one, other = list(Maker(1_000, 7).statements()), list(Maker(1_000, 7).statements())
    assert one == other != list(Maker(1_000, 8).statements())
    companies = Maker(1_000, 7).companies
    rare = [row[0] for row in companies if "炘隆超净" in row[2]]
    assert len([row for row in one if row[1] in rare]) == 5
    assert not [row for row in (*one, *companies) if any("麒麟瑞兽" in str(cell) for cell in row)]
