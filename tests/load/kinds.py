"""Kinds of rows: a crowd, searches, last pages, long histories, many exports. Declared in rows.py."""

import json
import random
import re
import secrets
import time
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlencode

from tests.benchmarks.asking import turn
from tests.benchmarks.databases import Database
from tests.benchmarks.dataset import rows_of
from tests.benchmarks.results import AtMost, Result
from tests.benchmarks.sites import Side, inside, signed_in

from . import parts
from .people import Crowd, Log, Person

P95, P95_WRITES, ERRORS, LOST = "p95 (ms)", "p95 of writes (ms)", "errors", "lost writes"
WRITTEN = ("notes", "changes", "exports", "sheets")
OWN = 2_000  # statements that each writer has to change


@dataclass
class Ground:
    """Where a row is measured: the site on a copy of `rows` statements, `folder` with their data set. `minutes` as asked."""

    side: Side
    database: Database
    folder: Path
    rows: int
    minutes: float | None
    password: str = ""  # of those who signed in

    def ask(self, *arguments: object) -> dict[str, int]:
        return dict(json.loads(inside(self.database, *arguments, module="tests.load.inside")))

    def seconds(self, minutes: float) -> float:
        return (self.minutes if self.minutes is not None else minutes) * 60

    def signed_in(self, readers: int, writers: int = 0) -> dict[str, list[dict[str, str]]]:
        """The cookies of so many people by role, each of whom signed in."""
        self.password = secrets.token_urlsafe(12)
        names = json.loads(inside(self.database, "people", self.password, readers, writers, module="tests.load.inside"))
        nobody = replace(self.side, cookies={})
        return {role: [signed_in(nobody, name, self.password) for name in those] for role, those in names.items()}

    def administrator(self) -> Person:
        """Somebody who asks one page after the other, for rows that need no crowd."""
        return Crowd(self.side).person(self.side.cookies)


def told(name: str, log: Log, figures: dict[str, float | None], note: str = "") -> Result:
    """A result with these figures and the errors of the log."""
    found = {words: [value] for words, value in figures.items() if value is not None}
    return Result(name, figures=found | {ERRORS: [len(log.errors)]}, note="; ".join(filter(None, (note, log.said()))))


@dataclass(frozen=True)
class Crowded:
    """So many readers for some minutes; with `writers`, also one who exports all and one who brings in sheet after sheet."""

    name: str
    what: str
    readers: int
    minutes: float
    goals: tuple[AtMost, ...]
    writers: int = 0

    def measure(self, ground: Ground) -> Result:
        seconds = ground.seconds(self.minutes)
        log = gathered(ground, seconds, self.readers, self.writers).stays(seconds)
        figures: dict[str, float | None] = {P95: log.p95("pages")}
        note = f"{log.lasted / 60:.1f} min"
        if self.writers:
            lost = lost_of(ground, log)
            figures |= {LOST: sum(lost.values()), P95_WRITES: log.p95("writes")}
            counts = ", ".join(f"{len(tokens):,} {kind}" for kind, tokens in log.acknowledged.items())
            note += f"; acknowledged: {counts or 'nothing'}; not in the database: {lost}"
        result = told(self.name, log, figures, note)
        missed = [kind for kind in WRITTEN if self.writers and not log.acknowledged.get(kind)]
        missed += [kind for kind in parts.READ if not log.count(kind)]
        result.wrong = f"there were no {', no '.join(missed)}" if missed else ""
        return result


def gathered(ground: Ground, seconds: float, readers: int, writers: int = 0) -> Crowd:
    """Readers, for so long; with writers also those who export and import."""
    cookies = ground.signed_in(readers, writers)
    crowd = reading(ground.side, cookies["reader"])
    if writers:
        keys = json.loads(inside(ground.database, "keys", OWN * writers, module="tests.load.inside"))
        for place, one in enumerate(cookies["editor"]):
            mine = (keys[name][place::writers] for name in ("companies", "statements"))
            crowd.joins(parts.writes(*mine), one)
        exporter, importer = cookies["manager"]
        crowd.joins(parts.exports, exporter)
        crowd.joins(parts.imports(ground.folder, seconds), importer)
    return crowd


def reading(side: Side, those: list[dict[str, str]], draw: int = 0) -> Crowd:
    crowd = Crowd(side, draw)
    for one in those:
        crowd.joins(parts.reads, one)
    return crowd


def lost_of(ground: Ground, log: Log) -> dict[str, int]:
    """What the site said that it has, and the database has not."""
    path = ground.database.data_dir / "acknowledged.json"
    path.write_text(json.dumps(log.acknowledged), encoding="utf-8")
    return ground.ask("missing", path, parts.SHEET_ROWS)


@dataclass(frozen=True)
class Searches:
    """Searches for so many characters of a summary, of which the first is Chinese, others each time, one after the other: the
    list and the search page.
    """

    name: str
    what: str
    lengths: tuple[int, ...]
    goals: tuple[AtMost, ...]
    times: int = 60

    def measure(self, ground: Ground) -> Result:
        draw, person = random.Random(3), ground.administrator()
        texts = [row["summary"] for row in rows_of(ground.folder, "statements")]
        figures: dict[str, float | None] = {}
        for length in self.lengths:
            pattern = re.compile(rf"(?=([\u4e00-\u9fff]\S{{{length - 1}}}))")
            found = sorted({part for text in draw.sample(texts, min(len(texts), 5_000)) for part in pattern.findall(text)})
            asked = draw.sample(found, min(2 * self.times, len(found)))
            for place, (words, address) in enumerate((("list", "/statements/"), ("search page", "/search/"))):
                kind = f"{words}, {length} characters"
                for text in asked[place::2]:
                    person.get(kind, f"{address}?{urlencode({'q': text})}")
                figures[f"{P95}, {kind}"] = person.log.p95(kind)
        return told(self.name, person.log, figures)


@dataclass(frozen=True)
class LastPages:
    """The last page of all statements in several orders, by the link of the first one and by its number."""

    name: str
    what: str
    goals: tuple[AtMost, ...]
    times: int = 25

    def measure(self, ground: Ground) -> Result:
        person = ground.administrator()
        for number in range(self.times):
            for asked in ("", "sort=company", "sort=-dated_on", "per_page=100"):
                first = person.get("first pages", f"/statements/?{asked}")
                if first:
                    person.get("last pages", f"/statements/{turn(first, 'last')}")
            if number < 5:
                size = 25
                person.get("last pages by number", f"/statements/?page={-(-ground.rows // size)}")
        figures = {P95: person.log.p95("last pages"), f"{P95}, by number": person.log.p95("last pages by number")}
        return told(self.name, person.log, figures)


@dataclass(frozen=True)
class LongHistory:
    """History pages of statements in the admin, with so many entries for each of them."""

    name: str
    what: str
    each: int
    goals: tuple[AtMost, ...]
    times: int = 100

    def measure(self, ground: Ground) -> Result:
        entries = json.loads(inside(ground.database, "audit", self.each * ground.rows, module="tests.load.inside"))
        keys = json.loads(inside(ground.database, "keys", ground.rows, module="tests.load.inside"))["statements"]
        draw, person = random.Random(8), ground.administrator()
        wrong = ""
        for key in draw.sample(keys, min(self.times, len(keys))):
            page = person.get("history pages", f"/admin/certifications/verificationstatement/{key}/history/")
            if page and page.count(f"load {self.each} of") < 1:
                wrong = f"the history of statement {key} does not show its entries"
        result = told(self.name, person.log, {P95: person.log.p95("history pages")}, f"{entries:,} entries")
        result.wrong = wrong
        return result


@dataclass(frozen=True)
class ManyExports:
    """So many workbooks asked for at once by one person, while others read; before it the same readers by themselves."""

    name: str
    what: str
    count: int
    readers: int
    goals: tuple[AtMost, ...]
    quiet_minutes: float = 0.5

    def measure(self, ground: Ground) -> Result:
        cookies = ground.signed_in(self.readers)
        before = reading(ground.side, cookies["reader"], draw=1).stays(ground.seconds(self.quiet_minutes))
        asks = Crowd(ground.side).person(cookies["manager"][0])
        begin = time.monotonic()
        taken = sum(parts.ask_for_file(asks, f"expiring_days={number + 1}") for number in range(self.count))
        during = reading(ground.side, cookies["reader"]).stays(parts.JOB_SECONDS, until=lambda: self.are_over(asks))
        lasted = time.monotonic() - begin
        found = ground.ask("queue")
        during.errors += asks.log.errors
        figures = {
            P95: during.p95("pages"),
            "unfinished exports": found["unfinished"] + self.count - taken,
            "exports out of order": found["out of order"],
        }
        alone = before.p95("pages")
        note = f"{found['asked for']} exports in {lasted:.0f} s; without them p95 {alone:.0f} ms" if alone else ""
        return told(self.name, during, figures, note)

    @staticmethod
    def are_over(person: Person) -> bool:
        time.sleep(parts.POLL_SECONDS)
        page = person.get("looks at a job", "/exports/rows/")
        return bool(page) and not parts.said(parts.JOB, page) & {"waiting", "running"}
