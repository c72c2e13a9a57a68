"""The worker gives way to the web server: somebody waits for a page, and nobody for a job from second to second."""

from __future__ import annotations

import os
import resource
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

YIELDING, USUAL = 10, 0  # how nice, of 19: at 10 it gets a tenth of a processor that others want too
# Where Linux shares the processor among sessions it counts how nice those are, and one may take that back: sched(7).
SESSION = Path("/proc/self/autogroup")
TRIES, PAUSE = 3, 0.11  # the system takes ten such changes a second

gives_way = threading.Event()


def give_way() -> None:
    """From now on, as far as the system lets it be taken back for a while. As a service (a session of its own) only."""
    if os.getsid(0) == os.getpid():
        gives_way.set()
        _be(YIELDING)


@contextmanager
def unyielding() -> Iterator[None]:
    """Inside it gives way to nobody: around a long transaction, since who writes to SQLite waits for all of it."""
    if gives_way.is_set():
        _be(USUAL)
    try:
        yield
    finally:
        if gives_way.is_set():
            _be(YIELDING)


def _be(niceness: int) -> None:
    most = resource.getrlimit(resource.RLIMIT_NICE)[0]
    if most == resource.RLIM_INFINITY or most >= 20 - USUAL:
        os.setpriority(os.PRIO_PROCESS, 0, niceness)
    for _try in range(TRIES):
        try:
            SESSION.write_text(str(niceness), encoding="ascii")
        except BlockingIOError:
            time.sleep(PAUSE)
        except OSError:  # it shares it among processes
            return
        else:
            return
