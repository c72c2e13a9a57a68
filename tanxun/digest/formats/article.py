"""An issue as the one text that every format prints: clean lines in one order. Asked by the formats and the pages of an issue."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from tanxun.digest.reader.labels import CONTENTS, PUBLISHED

if TYPE_CHECKING:
    from tanxun.digest.issue import Entry, Issue, Link

CORRECTIONS, REMARK, SOURCE, FOOTNOTES = "更正说明", "编者注", "来源", "链接"
# What XML and HTML cannot hold, and marks that turn the direction of what follows them: a name could then read as another.
UNPRINTABLE = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u061c\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff\ufdd0-\ufdef\ufffe\uffff\ud800-\udfff]"
)
ADDRESS = re.compile(r"https?://[^\s<>\"'\\^`{|}]+", re.I)


class Line(NamedTuple):
    """A line of the issue. `kind` says what it is, `url` where it leads outside, `anchor` which entry it leads to or begins."""

    kind: str
    text: str
    url: str = ""
    anchor: str = ""


@dataclass(frozen=True)
class Piece:
    """One entry as it is printed."""

    headline: Line
    body: tuple[Line, ...]


@dataclass(frozen=True)
class Part:
    """One section as it is printed."""

    heading: Line
    pieces: tuple[Piece, ...]


@dataclass(frozen=True)
class Article:
    """The whole issue as it is printed."""

    head: tuple[Line, ...]
    corrections: tuple[Line, ...]
    contents: tuple[Line, ...]
    parts: tuple[Part, ...]
    footnotes: tuple[Line, ...] = ()

    def lines(self) -> Iterator[Line]:
        """All of it in order: what a format without a form of its own prints."""
        yield from (*self.head, *self.corrections, *self.contents)
        for part in self.parts:
            yield part.heading
            for piece in part.pieces:
                yield piece.headline
                yield from piece.body
        yield from self.footnotes


def without_links(article: Article) -> Article:
    """The same with every outside address as a numbered footnote: equal addresses share one."""
    numbers: dict[str, int] = {}

    def noted(line: Line) -> Line:
        return Line(line.kind, f"{line.text} [{numbers.setdefault(line.url, len(numbers) + 1)}]") if line.url else line

    parts = tuple(
        replace(part, pieces=tuple(replace(piece, body=tuple(map(noted, piece.body))) for piece in part.pieces))
        for part in article.parts
    )
    notes = tuple(Line("footnote", f"[{number}] {url}") for url, number in numbers.items())
    return replace(article, parts=parts, footnotes=(Line("label", FOOTNOTES), *notes) if notes else ())


def article(issue: Issue, corrections: Iterable[str] = ()) -> Article:
    """The lines of an issue, and before them what is to be corrected in it."""
    notes = [Line("correction", line) for text in corrections for line in split(text)]
    entries = [entry for *_rest, found in issue.sections for entry in found]
    contents = [Line("contents", f"{n}. {heading(each)}", anchor=each.key) for n, each in enumerate(entries, start=1)]
    return Article(
        tuple(head(issue)),
        (Line("label", CORRECTIONS), *notes) if notes else (),
        (Line("label", CONTENTS), *contents) if contents else (),
        tuple(
            Part(Line("section", f"{number}. {label}"), tuple(piece(entry) for entry in found))
            for number, _section, label, found in issue.sections
        ),
    )


def head(issue: Issue) -> Iterator[Line]:
    yield Line("title", one_line(issue.title) or issue.week.code)
    if lead := one_line(issue.lead):
        yield Line("lead", lead)
    if issue.published_on:
        yield Line("day", f"{PUBLISHED}：{issue.published_on.isoformat()}")


def piece(entry: Entry) -> Piece:
    body = [Line("paragraph", line) for text in entry.paragraphs for line in split(text)]
    if note := one_line(entry.note):
        body.append(Line("remark", f"{REMARK}：{note}"))
    return Piece(Line("headline", heading(entry), anchor=entry.key), (*body, *map(source, entry.links)))


def heading(entry: Entry) -> str:
    """The headline; the key where nothing of it can be printed."""
    return one_line(entry.headline) or entry.key


def source(link: Link) -> Line:
    url = outside(link.url)
    return Line("source", f"{SOURCE}：{one_line(link.label) or url}", url)


def outside(url: str) -> str:
    """`url` where it is an http(s) address and nothing else, else "": nothing else may become a link."""
    return url if ADDRESS.fullmatch(url) and not UNPRINTABLE.search(url) else ""


def one_line(text: str) -> str:
    """Without what cannot be printed, and with one blank for any run of white space."""
    return " ".join(UNPRINTABLE.sub("", text).split())


def split(text: str) -> list[str]:
    """The lines of a text that say anything, each as `one_line`."""
    return [line for line in map(one_line, text.splitlines()) if line]
