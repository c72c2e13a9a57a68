"""Kinds of rows that ask the API, beside the list page of the same rows. Declared in rows.py."""

import json
from dataclasses import dataclass

from .asking import Shown, rate
from .bench import Bench, by_turns
from .databases import Database
from .results import OURS, Goal, Result
from .sites import inside

PAGE, PAGES = "list page (ms)", "list page (pages/s)"


def headers(database: Database) -> dict[str, str]:
    """Those of a program with a token of the administrator."""
    return {"Authorization": f"Bearer {json.loads(inside(database, 'token'))}"}


@dataclass(frozen=True)
class Resource:
    """A page of the API and the list page of the same rows."""

    name: str
    query: str = ""
    goals: tuple[Goal, ...] = ()
    grows: bool = True

    def measure(self, bench: Bench) -> Result:
        site, sent, texts = bench.sites.ours.visitor(), headers(bench.sites.database), {}

        def ask(who: str, address: str, **given: str) -> float:
            answer = site.get(address, **given)
            texts[who] = answer.text
            return answer.seconds * 1000

        measures = {
            OURS: lambda: ask(OURS, f"/api/v1/statements/?{self.query}", **sent),
            PAGE: lambda: ask(PAGE, f"/statements/?{self.query}"),
        }
        result = Result(self.name, figures=by_turns(bench.turns, measures))
        if [str(row["id"]) for row in json.loads(texts[OURS])["results"]] != Shown.on(texts[PAGE]).keys:
            result.wrong = "other rows than the list page"
        return result


@dataclass(frozen=True)
class ResourceThroughput:
    """Answers a second for so many programs at once, and list pages for as many people."""

    name: str
    clients: int = 8
    goals: tuple[Goal, ...] = ()
    grows: bool = False
    rounds = 3

    def measure(self, bench: Bench) -> Result:
        figures: dict[str, list[float]] = {OURS: [], PAGES: []}
        seconds, sent = min(bench.turns, 6), headers(bench.sites.database)
        for _round in range(min(bench.turns, self.rounds)):
            figures[OURS].append(rate(bench.sites.ours, ["/api/v1/statements/"], self.clients, seconds, **sent))
            figures[PAGES].append(rate(bench.sites.ours, ["/statements/"], self.clients, seconds))
        return Result(self.name, "answers/s", figures)
