"""Kinds of rows that ask pages: a page, facets, many clients at once, queries of a page. Declared in rows.py."""

import html
import json
import re
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle

from .bench import Bench, by_turns, last_page
from .results import OURS, PEER, Goal, Result
from .sites import Side, Visitor, Wrong, inside

ROW = re.compile(r'data-id="(\d+)"')
COUNT = re.compile(r'class="count"[^>]*>.*?<strong[^>]*>\s*([\d,]+)(\+?)', re.S)
TURNS = re.compile(r'<nav class="turns".*?<ul>(.*?)</ul>', re.S)
FACET = re.compile(r'data-facet="(\w+)" data-counts="([^"]*)"')
PER_PAGE = 25


@dataclass(frozen=True)
class Shown:
    """What a page says: keys of its rows, and how many there are, or where `is_capped` at least."""

    keys: list[str]
    count: int
    is_capped: bool

    @classmethod
    def on(cls, text: str) -> "Shown":
        found = COUNT.search(text)
        if not found:
            raise Wrong("the page says no count")
        return cls(ROW.findall(text), int(found[1].replace(",", "")), bool(found[2]))


def turn(text: str, wanted: str) -> str:
    """Where the first, previous, next or last page is, as the page says. Raises Wrong where it names none."""
    places = TURNS.search(text)
    parts = re.findall(r"<li>(.*?)</li>", places[1], re.S) if places else [""] * 4
    link = re.search(r'href="([^"]*)"', parts[("first", "previous", "next", "last").index(wanted)])
    if not link:
        raise Wrong(f"no way to the {wanted} page")
    return html.unescape(link[1])


@dataclass(frozen=True)
class Page:
    """A page of a list, as a person gets it.

    `query` may speak of {middle}, the one {after} it and {last}, page numbers. `goes_on` follows that link once before
    measuring; the peer is asked for `peer_query` where that is another one. `same` is what both must agree in beside the
    count: rows, end (the last row) or count alone. There are rows where `finds`, none where it is False.
    """

    name: str
    query: str = ""
    goals: tuple[Goal, ...] = ()
    slug: str = "statements"
    goes_on: str = ""
    peer_query: str | None = None
    has_peer: bool = True
    same: str = "rows"
    finds: bool | None = True
    grows: bool = True

    def measure(self, bench: Bench) -> Result:
        ours, peer = bench.sites.ours.visitor(), bench.sites.peer.visitor()
        last = last_page(bench.rows, PER_PAGE)
        numbers = {"middle": last // 2, "after": last // 2 + 1, "last": last}
        address = f"/{self.slug}/?{self.query.format(**numbers)}"
        if self.goes_on:
            address = f"/{self.slug}/{turn(ours.get(address).text, self.goes_on)}"
        other = self.query if self.peer_query is None else self.peer_query
        other = f"/{self.slug}/?{other.format(**numbers)}"
        answers: dict[str, str] = {}

        def ask(who: str, visitor: Visitor, where: str) -> float:
            try:
                answer = visitor.get(where)
            except TimeoutError:
                return visitor.connection.timeout * 1000
            answers[who] = answer.text
            return answer.seconds * 1000

        measures = {OURS: lambda: ask(OURS, ours, address)}
        if self.has_peer:
            measures[PEER] = lambda: ask(PEER, peer, other)
        result = Result(self.name, figures=by_turns(bench.turns, measures))
        result.wrong = self.compare({who: Shown.on(text) for who, text in answers.items()})
        if self.has_peer and PEER not in answers:
            result.note = "textbook: no answer within 5 minutes"
        return result

    def compare(self, shown: dict[str, Shown]) -> str:
        """What is wrong, if anything."""
        ours = shown[OURS]
        if self.finds not in (None, bool(ours.keys)):
            return f"{len(ours.keys)} rows"
        if PEER not in shown:
            return ""
        peer = shown[PEER]
        if peer.count < ours.count or (peer.count > ours.count and not ours.is_capped):
            return f"{ours.count} found, textbook {peer.count}"
        if self.same == "rows" and ours.keys != peer.keys:
            return "other rows than textbook"
        if self.same == "end" and ours.keys[-1:] != peer.keys[-1:]:
            return "another last row than textbook"
        return ""


@dataclass(frozen=True)
class Facets:
    """The counts beside the filters, all of them: after a write (cold) or again (warm). The peer counts four filters."""

    name: str
    is_cold: bool
    goals: tuple[Goal, ...] = ()
    grows: bool = False
    writings = 3  # at most: each is a process of its own

    def measure(self, bench: Bench) -> Result:
        result = Result(self.name)
        turns = min(bench.turns, self.writings) if self.is_cold else bench.turns
        ours, peer = bench.sites.ours.visitor(), bench.sites.peer.visitor()
        figures: dict[str, list[float]] = {OURS: [], PEER: []}
        ours.get("/statements/overview/", **{"HX-Request": "true"})
        for number in range(turns):
            if self.is_cold:
                inside(bench.sites.database, "change")
            answer = ours.get("/statements/overview/", **{"HX-Request": "true"})
            figures[OURS].append(answer.seconds * 1000)
            if number == 0 or self.is_cold:
                other = peer.get("/statements/counts/")
                figures[PEER].append(other.seconds * 1000)
            result.wrong = result.wrong or self.compare(answer.text, json.loads(other.body))
        result.figures = figures
        return result

    def compare(self, text: str, peer: dict[str, dict[str, int]]) -> str:
        ours = {name: json.loads(html.unescape(counts)) for name, counts in FACET.findall(text)}
        for name in ("validity", "type", "body"):
            if {key: number for key, number in ours.get(name, {}).items() if number and key in peer[name]} != peer[name]:
                return f"{name} is counted otherwise than by textbook"
        return ""


@dataclass(frozen=True)
class Throughput:
    """Pages a second for so many clients that ask one after the other, each on a connection of its own."""

    name: str
    queries: tuple[str, ...]
    clients: int = 8
    goals: tuple[Goal, ...] = ()
    grows: bool = False
    rounds = 3

    def measure(self, bench: Bench) -> Result:
        figures: dict[str, list[float]] = {OURS: [], PEER: []}
        seconds = min(bench.turns, 6)
        addresses = [f"/statements/?{query}" for query in self.queries]
        for _round in range(min(bench.turns, self.rounds)):
            for name, side in ((OURS, bench.sites.ours), (PEER, bench.sites.peer)):
                figures[name].append(rate(side, addresses, self.clients, seconds))
        return Result(self.name, "pages/s", figures)


def rate(side: Side, addresses: list[str], clients: int, seconds: float, **headers: str) -> float:
    """What was answered by the end, over the time until then. Raises Wrong where anything failed."""
    end, done, failed = time.perf_counter() + seconds, [0] * clients, []

    def visit(place: int, addresses: Iterator[str]) -> None:
        visitor = side.visitor()
        try:
            while time.perf_counter() < end:
                visitor.get(next(addresses), **headers)
                done[place] += 1
        except (Wrong, OSError) as error:
            failed.append(error)

    begin = time.perf_counter()
    threads = [
        threading.Thread(target=visit, args=(place, cycle(addresses[place % len(addresses) :] + addresses)))
        for place in range(clients)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise Wrong(f"{side.name} under load: {failed[0]}")
    return sum(done) / (time.perf_counter() - begin)


@dataclass(frozen=True)
class Queries:
    """How many queries a page takes; the most of these pages, and of the same pages of the peer."""

    name: str
    queries: tuple[str, ...]
    goals: tuple[Goal, ...] = ()
    grows: bool = False

    def measure(self, bench: Bench) -> Result:
        addresses = [f"/statements/?{query}" for query in self.queries]
        ours = json.loads(inside(bench.sites.database, "queries", *addresses))
        theirs = json.loads(inside(bench.sites.database, "queries", *addresses, settings="tests.benchmarks.textbook.settings"))
        return Result(self.name, "queries", {OURS: [max(ours.values())], PEER: [max(theirs.values())]})


@dataclass(frozen=True)
class Resident:
    """What the process that answers holds after the rows before this one."""

    name: str
    goals: tuple[Goal, ...] = ()
    grows: bool = False

    def measure(self, bench: Bench) -> Result:
        held = {OURS: bench.sites.ours.memory(), PEER: bench.sites.peer.memory()}
        return Result(self.name, "MB", {who: [max(found.values())] for who, found in held.items() if found})
