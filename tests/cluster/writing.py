"""People who write all the time while servers fail, and the verdict on what became of it."""

import http.client
import os
import threading
import time
import uuid
from dataclasses import dataclass
from itertools import pairwise

from tests.benchmarks.sites import Side, signed_in

PATIENCE = 40  # seconds that a browser waits for an answer before it is sent again
MAKE = "from certifications.models import Company; print(Company.objects.get_or_create(name='被写企业')[0].pk)"
STORED = (
    "SELECT json_object_agg(text, n) FROM (SELECT text, count(*) AS n FROM certifications_companynote GROUP BY text) AS every"
)


def within(seconds):
    """The promise by night, when nothing else runs; three times that beside the rest of a suite, on cores shared with it."""
    return seconds if os.environ.get("NIGHTLY") else seconds * 3


@dataclass
class Verdict:
    """On one run: `gap` is the longest time in which nobody's write was acknowledged, `refused` the answers with 503,
    `unanswered` the requests that got none within PATIENCE or were cut off."""

    acknowledged: int
    lost: int
    doubled: int
    gap: float
    refused: int
    unanswered: list[str]
    strange: list[str]

    def __str__(self):
        words = [f"{self.acknowledged} acknowledged, {self.lost} lost, {self.doubled} twice, longest gap {self.gap:.1f} s"]
        words += [f"{self.refused} answers 503", f"{len(self.unanswered)} without an answer", *self.unanswered, *self.strange]
        return ", ".join(words)

    @property
    def is_good(self):
        """Each acknowledged write is there exactly once, and whoever asked was told of a success or a 503."""
        return self.acknowledged > 0 and not (self.lost or self.doubled or self.unanswered or self.strange)


class Writer(threading.Thread):
    """Writes one note after the other, and sends the same form again until it is told that it stands."""

    def __init__(self, writers):
        super().__init__(daemon=True)
        self.writers, self.visitor = writers, writers.side.visitor()

    def run(self):
        while not self.writers.stop.is_set():
            token = uuid.uuid4().hex
            while not self.wrote(token) and not self.writers.stop.wait(0.1):
                pass

    def wrote(self, token):
        self.visitor.connection.timeout = PATIENCE
        try:
            answer = self.visitor.post(self.writers.address, {"action": "add", "text": token, "token": token})
        except (OSError, http.client.HTTPException) as fault:
            self.visitor.connection.close()
            self.visitor = self.writers.side.visitor()
            self.writers.unanswered.append(repr(fault))
            return False
        if answer.status == http.client.FOUND and answer.headers["location"].startswith("/companies/"):
            self.writers.acknowledged.append((time.monotonic(), token))
            return True
        if answer.status == http.client.SERVICE_UNAVAILABLE:
            self.writers.refused.append(time.monotonic())
        else:
            self.writers.strange.append(f"{answer.status} {answer.headers.get('location', '')}")
        return False


class Writers:
    """`with Writers(site) as writers:` lets four people write at the site until the end of the block."""

    def __init__(self, site, count=4):
        self.stop = threading.Event()
        self.acknowledged, self.refused, self.strange, self.unanswered = [], [], [], []
        self.side = Side("written", site.port, 0)
        self.side.cookies = signed_in(self.side, "admin", site.accounts["admin"])
        self.address = f"/companies/{site.manage('shell', '-v', '0', '-c', MAKE).stdout.strip()}/"
        self.threads = [Writer(self) for _number in range(count)]

    def __enter__(self):
        try:
            for thread in self.threads:
                thread.start()
            self.until_more(20)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_exception):
        self.stop.set()
        for thread in self.threads:
            if thread.ident:  # it was begun
                thread.join()

    def until_more(self, count=40, seconds=90):
        """Until that many more writes were acknowledged."""
        wanted, end = len(self.acknowledged) + count, time.monotonic() + seconds
        while len(self.acknowledged) < wanted:
            assert time.monotonic() < end, f"no writes: {self.strange} {self.unanswered[-3:]}"
            time.sleep(0.05)

    def gap(self, since=0.0, until=float("inf")):
        """The longest time without an acknowledgement between these two moments."""
        moments = sorted(moment for moment, _token in list(self.acknowledged) if since <= moment <= until)
        return max((later - one for one, later in pairwise(moments)), default=0.0)

    def verdict(self, stored):
        """`stored`: {token: how often it stands in the database}; ask when nobody writes any more."""
        tokens = [token for _moment, token in self.acknowledged]
        lost = sum(token not in stored for token in tokens)
        doubled = sum(count > 1 for count in stored.values())
        return Verdict(len(tokens), lost, doubled, self.gap(), len(self.refused), self.unanswered, self.strange)


class Watch(threading.Thread):
    """Asks all nodes again and again who of them takes writes: `looks` that found one, `twice` the moments with more than one."""

    def __init__(self, rig):
        super().__init__(daemon=True)
        self.rig, self.over, self.looks, self.twice = rig, threading.Event(), 0, []

    def run(self):
        while not self.over.wait(0.3):
            takers = [node.name for node in self.rig.nodes if node.takes_writes()]
            self.looks += bool(takers)
            if len(takers) > 1:
                self.twice.append((time.monotonic(), takers))

    @property
    def saw_one_at_most(self):
        return self.looks > 0 and not self.twice

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_exception):
        self.over.set()
        self.join()
