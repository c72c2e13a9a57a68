"""Kinds of rows that ask what belongs with a policy, a company or a topic, among 2,000 policies. Declared in rows.py.

What a page says is held against a plain count of all rows (policies.py); its time against that of the list's bare page.
"""

import re
from dataclasses import dataclass
from itertools import cycle

from .asking import Shown
from .bench import Bench, by_turns
from .results import OURS, Goal, Result
from .sites import Wrong

BARE = "first page (ms)"
FIGURE = re.compile(r'<li><a href="[^"]+">[^<]*</a>\s*<span class="number"[^>]*>([\d,]+)(\+?)<')
OF_COMPANY = re.compile(r'class="card concerning">.*?<h2>[^<]*<a href="[^"]+">[^<\d]*([\d,]+)(\+?)', re.S)


def is_right(found: tuple[str, str], count: int) -> bool:
    """Whether a figure of a page, and the + behind it, say that count."""
    shown = int(found[0].replace(",", ""))
    return shown < count if found[1] else shown == count


@dataclass(frozen=True)
class Matched:
    """A list that is asked for what belongs with a record. `query` speaks of the keys of policies.py in braces; `count` names
    what the page should find.
    """

    name: str
    slug: str
    query: str
    count: str
    goals: tuple[Goal, ...] = ()
    grows: bool = True

    def measure(self, bench: Bench) -> Result:
        ours, texts = bench.sites.ours.visitor(), {}
        bare = f"/{self.slug}/"

        def ask(address: str) -> float:
            answer = ours.get(address)
            texts[address] = answer.text
            return answer.seconds * 1000

        asked = f"{bare}?{self.query.format(**bench.policies['keys'])}"
        figures = by_turns(bench.turns, {OURS: lambda: ask(asked), BARE: lambda: ask(bare)})
        shown, count = Shown.on(texts[asked]), bench.policies["counts"][self.count]
        wrong = "" if is_right((str(shown.count), "+" * shown.is_capped), count) else f"{shown.count} found instead of {count}"
        return Result(self.name, "ms", figures, f"{count:,} rows", wrong)


@dataclass(frozen=True)
class PolicyPage:
    """The page of a nationwide policy with whom it touches, of another one in every turn: nothing of it is kept yet."""

    name: str
    goals: tuple[Goal, ...] = ()
    grows: bool = True

    def measure(self, bench: Bench) -> Result:
        ours, texts = bench.sites.ours.visitor(), []
        keys = cycle(bench.policies["nationwide"])

        def ask() -> float:
            answer = ours.get(f"/policies/{next(keys)}/")
            texts.append(answer.text)
            return answer.seconds * 1000

        figures = by_turns(bench.turns, {OURS: ask, BARE: lambda: ours.get("/policies/").seconds * 1000})
        found, counts = FIGURE.findall(texts[0]), bench.policies["counts"]
        wanted = [counts[f"national_{name}"] for name in ("all", "with", "all_without", "statements")]
        if len(found) != len(wanted):
            raise Wrong("the page does not say whom it touches")
        wrong = "" if all(map(is_right, found, wanted)) else f"{found} instead of {wanted}"
        return Result(self.name, "ms", figures, "", wrong)


@dataclass(frozen=True)
class CompanyPage:
    """The page of a company with the policies that concern it and their open incentives."""

    name: str
    goals: tuple[Goal, ...] = ()
    grows: bool = True

    def measure(self, bench: Bench) -> Result:
        ours, texts = bench.sites.ours.visitor(), {}

        def ask(address: str) -> float:
            answer = ours.get(address)
            texts[address] = answer.text
            return answer.seconds * 1000

        address = f"/companies/{bench.policies['keys']['company']}/"
        figures = by_turns(bench.turns, {OURS: lambda: ask(address), BARE: lambda: ask("/companies/")})
        found, count = OF_COMPANY.search(texts[address]), bench.policies["counts"]["policies_of_company"]
        wrong = "" if found and is_right(found.groups(), count) else f"{found and found.groups()} policies instead of {count}"
        return Result(self.name, "ms", figures, f"{count:,} policies", wrong)
