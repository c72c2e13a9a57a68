"""Eight people write over HTTP at once to a server of four threads a process: nobody meets a fault, nothing is lost (DB-02).

WRITING_SECONDS is for how long; `.ci/run --nightly` sets 600 and prints what 95 of 100 writes stayed below (goal: 500 ms).
"""

import os
import time

from django.db import connection

from tests.killing import Rig
from tests.working import shared_database

SECONDS = float(os.environ.get("WRITING_SECONDS", "6"))


def test_eight_writers_meet_no_fault_and_lose_nothing(tmp_path, transactional_db):
    """DB-02"""
    with shared_database(tmp_path) as url, Rig(url, tmp_path, writers=8, threads=4) as rig:
        time.sleep(SECONDS)
        found = rig.verdict()
        log = rig.writers.log
    log.lasted = SECONDS
    print(f"\n{connection.vendor}, {SECONDS:g} s: {log.said('writes')}")
    assert log.errors == []
    assert (found.lost, found.half_done, found.twice) == (0, 0, 0)
    assert found.acknowledged > 8
    assert log.count("writes") == found.acknowledged
