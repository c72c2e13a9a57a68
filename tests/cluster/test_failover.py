"""A primary that dies, one that is relieved, a consensus store that is away: no acknowledged write is lost or doubled, and writes
go on by themselves within the promised time. Real servers, a real site, four people who write. (HA group of the catalogue)"""

import signal
import time

import pytest

from tests.cluster.writing import Watch, Writers

pytestmark = pytest.mark.cluster
FROZEN_SECONDS, AWAY_SECONDS = 2, 22


def test_a_primary_that_dies_with_its_standbys_behind(rig, site, judge, tell):  # HA-01, HA-02, HA-08
    old = rig.whole()
    said = len(old.said())
    with Watch(rig) as watch, Writers(site) as writers:
        old.signal_senders(signal.SIGSTOP)
        time.sleep(FROZEN_SECONDS)
        old.kill()
        writers.until_more()
        begun = time.monotonic()
        old.start()
        assert rig.whole() is not old
        rejoined = time.monotonic() - begun
        writers.until_more()
    verdict = judge("HA-01/02, primary killed with frozen replication", writers)
    tell(f"HA-08, old primary follows the new one after {rejoined:.1f} s")
    assert verdict.is_good
    assert verdict.gap < 30
    assert rejoined < 60
    assert "running pg_rewind" in old.said()[said:]
    assert watch.saw_one_at_most, watch.twice


def test_a_planned_switchover(rig, site, judge):  # HA-03
    old = rig.whole()
    with Watch(rig) as watch, Writers(site) as writers:
        rig.switch_over()
        writers.until_more()
        assert rig.whole() is not old
    verdict = judge("HA-03, planned switchover", writers)
    assert verdict.is_good
    assert verdict.gap < 5
    assert watch.saw_one_at_most, watch.twice


def test_a_consensus_store_that_is_away(rig, site, judge):  # HA-07
    primary = rig.whole()
    with Watch(rig) as watch, Writers(site) as writers:
        rig.etcd.kill()
        time.sleep(AWAY_SECONDS)
        rig.etcd.start()
        writers.until_more()
        assert rig.whole() is primary
    verdict = judge("HA-07, etcd away for 22 s", writers)
    assert verdict.is_good
    assert verdict.gap < 1
    assert watch.saw_one_at_most, watch.twice
