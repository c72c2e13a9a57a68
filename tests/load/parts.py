"""The parts that people play: reading lists, writing, exporting, bringing sheets in. Given to a Crowd by the rows."""

import csv
import html
import io
import itertools
import random
import re
import time
import uuid
from collections.abc import Callable, Iterable
from pathlib import Path
from urllib.parse import urlencode

from tests.benchmarks.asking import turn
from tests.benchmarks.moving import statements_of
from tests.benchmarks.sites import Wrong

from .people import Person, Play

FOLLOWS = re.compile(r'hx-get="([^"]*)" hx-trigger="load"')  # what a page fetches by itself once it is there
CHOICE = re.compile(r'<input type="checkbox" name="(type|body|region|industry|validity)" value="([^"]+)"')
VERSION = re.compile(r'name="version" value="(\w+)"')
JOB = re.compile(r'class="badge job-(\w+)"')
FILE = re.compile(r'href="(/exports/[0-9a-f-]{36}/)"')
SHEET = re.compile(r'class="badge sheet-(\w+)"')
WORDS = ("碳", "电子", "江苏 电子", "dianzi", "xlcj", "科技", "纺织", '"电子科技"', "碳足迹 -电子", "汽车")
SORTS = {"statements": ("company", "-company", "type", "dated_on"), "companies": ("name", "-name")}
LISTS = ("statements", "statements", "statements", "companies")
READ = ("pages", "parts of pages", "pages turned to")
POLL_SECONDS, JOB_SECONDS = 2.0, 900
SHEET_ROWS = 2_000
SHEETS_A_DAY = 50  # that the site takes of one person
COLUMNS = "company,type,products,body,region,dated_on,validity,certificate_number,emissions"


def query(draw: random.Random, slug: str, choices: list[tuple[str, str]]) -> str:
    """Up to three random filters of those that the list offers, at times a search, an order, a longer page."""
    asked = draw.sample(choices, min(draw.randint(0, 3), len(choices)))
    if draw.random() < 0.2:
        asked.append(("q", draw.choice(WORDS)))
    if draw.random() < 0.2:
        asked.append(("sort", draw.choice(SORTS[slug])))
    if draw.random() < 0.1:
        asked.append(("per_page", "100"))
    return urlencode(asked)


def reads(person: Person) -> None:
    """Opens lists with random filters, with all that the page then fetches by itself; at times turns to the next page."""
    choices: dict[str, list[tuple[str, str]]] = {}
    while person.thinks():
        slug = person.draw.choice(LISTS)
        page = person.get("pages", f"/{slug}/?{query(person.draw, slug, choices.get(slug, []))}")
        if page and slug not in choices:
            choices[slug] = CHOICE.findall(page)
            if not choices[slug]:
                person.log.fail(f"the list of {slug} offers no filters")
        follow(person, page)
        if page and person.draw.random() < 0.25 and person.thinks():
            try:
                following = turn(page, "next")
            except Wrong:  # there is no next page
                continue
            begin = time.perf_counter()
            follow(person, person.get("pages", f"/{slug}/{following}"))
            person.log.note("pages turned to", time.perf_counter() - begin)


def follow(person: Person, page: str) -> None:
    for address in FOLLOWS.findall(page):
        person.get("parts of pages", html.unescape(address), **{"HX-Request": "true"})


def writes(companies: Iterable[int], statements: Iterable[int]) -> Play:
    """Writes notes on the companies in turn, and sets the status of one statement after the other, each with a token."""

    def play(person: Person) -> None:
        firms, left = itertools.cycle(companies), iter(statements)
        while person.thinks():
            token = uuid.uuid4().hex
            address = f"/companies/{next(firms)}/"
            person.get("company pages", address)
            if person.send("writes", address, {"action": "add", "text": token, "token": token}) is not None:
                person.log.keep("notes", token)
            if person.thinks() and (key := next(left, None)) is not None:
                change(person, key)

    return play


def change(person: Person, key: int) -> None:
    """Looks at the difference, then writes it, as the form does."""
    token, address = uuid.uuid4().hex, "/statements/edit/"
    fields = {"id": str(key), "register_status": "suspended", "reason": token}
    shown = person.send("previews", address, fields, wanted=(200,))
    if shown and (found := VERSION.search(shown)):
        if person.send("writes", address, fields | {"version": found[1], "write": "1"}) is not None:
            person.log.keep("changes", token)
    elif shown:
        person.log.fail(f"statement {key}: no difference was shown")


def ask_for_file(person: Person, wanted: str) -> bool:
    """Has a workbook written in the background; whether that was taken."""
    fields = {"ending": "xlsx", "query": f"columns={COLUMNS}&{wanted}"}
    return person.send("asking for files", "/statements/export/", fields) is not None


def exports(person: Person) -> None:
    """Has the whole list written as a workbook, waits for it and fetches it, again and again."""
    while person.thinks():
        if not ask_for_file(person, ""):
            continue
        page = wait_for(person, "/exports/rows/", lambda page: not said(JOB, page) & {"waiting", "running"})
        if page and JOB.findall(page)[0] != "done":
            person.log.fail(f"an export ended as {JOB.findall(page)[0]}")
        elif page and (size := person.fetch("files", FILE.findall(page)[0])):
            person.log.keep("exports", str(size))


def imports(folder: Path, seconds: float) -> Play:
    """Uploads a sheet of new statements, looks at the check, brings it in, then the next one: in so long no more than it may."""

    def play(person: Person) -> None:
        begin = time.monotonic()
        for number in itertools.count():
            early = begin + number * seconds / SHEETS_A_DAY - time.monotonic()
            if person.stop.wait(max(0.0, early)) or not person.thinks():
                return
            prefix = f"L{number}-"
            person.arrive()  # a connection that nobody used for so long is closed by the server, and opened anew by a browser
            if person.upload("uploads", "/imports/", f"{prefix}.csv", sheet(folder, prefix)) is None:
                continue
            address = person.address
            checked = wait_for(person, address, lambda page: bool(said(SHEET, page) - {"new"}))
            if not checked:
                continue
            if 'value="bring_in"' not in checked:
                person.log.fail(f"{address}: the sheet was checked as {said(SHEET, checked)}, and nothing can be brought in")
                continue
            person.send("bringing in", address, {"action": "bring_in", "choices": "1"})
            if wait_for(person, address, lambda page: "written" in said(SHEET, page)):
                person.log.keep("sheets", prefix)

    return play


def said(words: re.Pattern[str], page: str) -> set[str]:
    return set(words.findall(page))


def wait_for(person: Person, address: str, is_over: Callable[[str], bool]) -> str:
    """The page once it says so, as a browser asks for it; "" where the others stop before, its job fails or takes too long."""
    end = time.monotonic() + JOB_SECONDS
    while not person.stop.wait(POLL_SECONDS):
        page = person.get("looks at a job", address)
        if page and is_over(page):
            return page
        if "failed" in said(JOB, page):
            person.log.fail(f"{address}: its job failed")
            return ""
        if time.monotonic() > end:
            person.log.fail(f"{address}: not over after {JOB_SECONDS // 60} minutes")
            return ""
    return ""


def sheet(folder: Path, prefix: str) -> bytes:
    """A CSV of SHEET_ROWS statements under numbers that begin so: known companies, types and bodies, all of them new."""
    named = (row for row in statements_of(folder, 10 * SHEET_ROWS) if row["核查机构"])
    rows = [row | {"声明编号": f"{prefix}{place}"} for place, row in enumerate(itertools.islice(named, SHEET_ROWS))]
    file = io.StringIO(newline="")
    out = csv.DictWriter(file, rows[0])
    out.writeheader()
    out.writerows(rows)
    return file.getvalue().encode("utf-8-sig")
