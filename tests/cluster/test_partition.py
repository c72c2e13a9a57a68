"""A primary that is cut off from the consensus store and its standbys while clients still reach it, on networks of their own: by
night, as it takes two minutes, and as root, who alone may make networks."""

import os
import shutil
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.cluster.conftest import site_on
from tests.cluster.rig import Etcd, Node, Rig
from tests.cluster.writing import STORED, Watch, Writers
from tests.working import until

pytestmark = [
    pytest.mark.cluster,
    pytest.mark.skipif(not os.environ.get("NIGHTLY"), reason="two minutes that `.ci/run --nightly` spends"),
]
TTL = 20
MARK = f"{os.getpid():x}"[-6:]
# Two networks: among the servers, and from them to whoever asks them.
SERVERS, CLIENTS = "10.213.1", "10.213.2"


def ip(*words, check=True):
    return subprocess.run(["ip", *words], check=check, capture_output=True, text=True)


@pytest.fixture
def networks(can_fail_over):
    """Three machines, as far as networks go: {name of the space: its end of the servers' network}."""
    spaces = {f"t{MARK}n{number}": f"s{MARK}{number}" for number in (1, 2, 3)}
    if os.geteuid() or not shutil.which("ip") or ip("netns", "add", next(iter(spaces)), check=False).returncode:
        pytest.skip("only root may make networks, and not in every container")  # else no server can be cut off alone
    bridges = {f"b{MARK}s": SERVERS, f"b{MARK}c": CLIENTS}
    try:
        for bridge, network in bridges.items():
            ip("link", "add", bridge, "type", "bridge")
            ip("addr", "add", f"{network}.254/24", "dev", bridge)
            ip("link", "set", bridge, "up")
        for number, space in enumerate(spaces, 1):
            if number > 1:
                ip("netns", "add", space)
            ip("-n", space, "link", "set", "lo", "up")
            for bridge, network in bridges.items():
                end = f"{bridge[-1]}{MARK}{number}"
                ip("link", "add", end, "type", "veth", "peer", "name", f"eth{bridge[-1]}", "netns", space)
                ip("link", "set", end, "master", bridge, "up")
                ip("-n", space, "addr", "add", f"{network}.{number}/24", "dev", f"eth{bridge[-1]}")
                ip("-n", space, "link", "set", f"eth{bridge[-1]}", "up")
        yield spaces
    finally:
        for space in spaces:
            ip("netns", "del", space, check=False)
        for bridge in bridges:
            ip("link", "del", bridge, check=False)


@contextmanager
def rig_on(networks, home):
    home.mkdir(mode=0o755)
    programs = max(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    nodes = []
    for number, space in enumerate(networks, 1):
        node = Node(f"n{number}", home, programs, f"{SERVERS}.{number}", f"{CLIENTS}.{number}", "10.213.0.0/16")
        node.inside = ("ip", "netns", "exec", space)
        nodes.append(node)
    with Rig(home, Etcd(home, f"{SERVERS}.254"), nodes) as rig:
        yield rig


def test_a_primary_that_is_cut_off_steps_down_before_another_takes_over(networks, home, capsys):  # HA-14
    with rig_on(networks, home / "apart") as rig, site_on(rig, home / "apart") as site:
        old = rig.whole()
        link = list(networks.values())[rig.nodes.index(old)]
        with Watch(rig) as watch, Writers(site) as writers:
            ip("link", "set", link, "down")
            cut = time.monotonic()
            assert old.takes_writes()  # clients reach it as before
            until(lambda: not old.takes_writes(), 60)
            stepped_down = time.monotonic() - cut
            writers.until_more()
            ip("link", "set", link, "up")
            assert rig.whole() is not old
            writers.until_more()
        verdict = writers.verdict(rig.whole().ask(STORED, "tanxun"))
    with capsys.disabled():
        print(f"\nHA-14, primary cut off: stepped down after {stepped_down:.1f} s; {verdict}")
    assert verdict.is_good
    assert stepped_down < TTL
    assert watch.saw_one_at_most, watch.twice
