"""The web server is killed again and again while people write: what was acknowledged stands (OPS-01; by night ten times)."""

import pytest

from tests.effort import examples
from tests.killing import WRITERS, Rig
from tests.working import shared_database

KILLS = examples(3, 10)


@pytest.fixture
def rig(tmp_path, transactional_db):
    with shared_database(tmp_path) as url, Rig(url, tmp_path) as made:
        yield made


def test_killed_under_four_writers_nothing_acknowledged_is_lost(rig):
    for _turn in range(KILLS):
        rig.kill_web()
    found = rig.verdict()
    assert (found.lost, found.half_done, found.twice, found.faults) == (0, 0, 0, [])
    assert found.acknowledged >= KILLS * WRITERS
