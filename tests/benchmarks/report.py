"""The findings of a run as lines for a terminal and as a Markdown table for the README."""

import datetime as dt
import os
import platform
import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from .databases import Engine
from .results import CLIENT, OURS, PEER, Result, Results, Verdict
from .rows import GROWTH, ROWS, Row

MARKS = {True: "met", False: "missed", None: ""}


@dataclass(frozen=True)
class Run:
    """All rows of one engine and size; `smaller` are the findings of a smaller size, for what grows."""

    engine: Engine
    rows: int
    turns: int
    results: Results
    smaller: Results
    smaller_rows: int


def amount(found: float | None, unit: str) -> str:
    if found is None:
        return ""
    if unit == "ms" and found >= 10_000:
        return f"{found / 1000:,.1f} s"
    return f"{found:,.0f} {unit}" if found >= 100 or unit == "queries" else f"{found:.1f} {unit}"


def peer_amount(result: Result, run: Run) -> str:
    """Of the peer, with a word where it was too slow to be asked again."""
    text, times = amount(result.median(PEER), result.unit), len(result.figures.get(PEER, ()))
    return f"{text} (once)" if text and times == 1 < min(run.turns, len(result.figures[OURS])) else text


def verdicts(row: Row, result: Result, run: Run) -> list[Verdict]:
    found = [goal.judge(result, run.results, run.engine.name) for goal in row.goals]
    before = run.smaller.get(row.name)
    if row.grows and before and (ours := result.median()) and (was := before.median()):
        words = f"≤ {GROWTH:g}× of {run.smaller_rows:,} rows"
        found.append(Verdict(words, f"{ours / was:.1f}×", ours / was <= GROWTH))
    return found


def line(result: Result, row: Row, run: Run) -> str:
    """One row on the terminal."""
    parts = [f"{result.name:<34}", f"{amount(result.median(), result.unit):>14}"]
    if high := result.high():
        parts.append(f"95 %: {amount(high, result.unit)}")
    others = {PEER: peer_amount(result, run), CLIENT: amount(result.median(CLIENT), result.unit)}
    parts += [f"{name}: {text}" for name, text in others.items() if text]
    parts += [f"{verdict.goal}: {verdict.found} {MARKS[verdict.is_met]}".rstrip() for verdict in verdicts(row, result, run)]
    parts += [extra] if (extra := beside(result, "  ".join(parts))) else []
    parts += [f"WRONG: {result.wrong}"] if result.wrong else []
    return "  ".join([*parts, *([f"({result.note})"] if result.note else [])])


def beside(result: Result, said: str) -> str:
    """What was measured along with it, each with its unit in its name, but for what was `said`."""
    names = [name for name in result.figures if name not in (OURS, PEER, CLIENT) and name not in said]
    return "; ".join(f"{name} {result.median(name):,.0f}" for name in names)


def markdown(runs: list[Run]) -> str:
    return "\n".join([*machine("tablib"), *(text for run in runs for text in table(run))]) + "\n"


def machine(*more: str) -> list[str]:
    """Where it was measured, with whose versions: `more` of those that the peer alone needs."""
    names = ("django", "django-tables2", "django-filter", *more, "granian")
    versions = ", ".join(f"{name} {version(name)}" for name in names)
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    cpu = re.search(r"model name\s*:\s*(.+)", Path("/proc/cpuinfo").read_text()) if Path("/proc/cpuinfo").exists() else None
    name = cpu[1] if cpu else platform.processor() or platform.machine()
    load = os.getloadavg()[1]
    return [
        f"Measured on {dt.date.today():%Y-%m-%d}: {name}, {os.cpu_count()} cores, {memory:.0f} GiB, {platform.system()}; "
        f"Python {platform.python_version()}, {versions}. Load of the machine meanwhile: {load:.1f}.",
        "",
    ]


def table(run: Run) -> Iterator[str]:
    """Medians; files, memory and first bytes in the columns of their goals."""
    yield f"**{run.engine.version()}, {run.rows:,} statements** ({run.turns} turns, one side after the other)"
    yield ""
    yield "| work | ours | 95 % | textbook | client | goal: found |"
    yield "| --- | --- | --- | --- | --- | --- |"
    for row in ROWS:
        if (result := run.results.get(row.name)) is None:
            continue
        goals = "; ".join(f"{one.goal}: {one.found} {MARKS[one.is_met]}".rstrip() for one in verdicts(row, result, run))
        ours, client = (amount(result.median(name), result.unit) for name in (OURS, CLIENT))
        high = amount(result.high(), result.unit)
        extra = beside(result, goals)
        said = "; ".join(part for part in (goals, extra, result.note, result.wrong and f"WRONG: {result.wrong}") if part)
        yield f"| {row.name} | {ours} | {high} | {peer_amount(result, run)} | {client} | {said} |"
    yield ""
