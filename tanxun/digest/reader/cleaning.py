"""Clean text and passages of it: what every other module of the reader reads from.

`clean` drops what no reader sees; `fold` makes width and punctuation equal without moving a character,
so that a match in the folded text is a place in the printed text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeVar

from tanxun.digest.reader.reading import Confidence, Read, Span

T = TypeVar("T")

_LINE_ENDS = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff"
    "\ufff9-\uffff\ud800-\udfff\U000e0000-\U000e01ef]"
)
_SPACES = re.compile("[\t\xa0\u2000-\u200a\u202f\u205f]")

_FOLD = {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
_FOLD |= dict.fromkeys(map(ord, "‐‑‒–—―−─﹣"), "-")
_FOLD |= dict.fromkeys(map(ord, "〔【［﹝"), "[") | dict.fromkeys(map(ord, "〕】］﹞"), "]")
_FOLD |= dict.fromkeys(map(ord, "「『„‟＂"), "“") | dict.fromkeys(map(ord, "」』"), "”")
_FOLD |= dict.fromkeys(map(ord, "丨｜│┃"), "|") | dict.fromkeys(map(ord, "・•∙‧"), "·") | dict.fromkeys(map(ord, "〜∼"), "~")
_FOLD |= {0x3000: " ", ord("﹕"): ":", ord("∶"): ":", ord("﹐"): ",", ord("Ü"): "U", ord("ü"): "u", ord("₂"): "2", ord("²"): "2"}
_FOLD |= {ord("〈"): "《", ord("〉"): "》", ord("｡"): "。"}

_SLACK = 4
_NARROWEST, _WIDEST, _ENOUGH_BROKEN, _BROKEN_SHARE = 20, 90, 3, 6
_WIDE = re.compile("[\u1100-\u115f\u2e80-\uffdc]")
_CLOSED = re.compile(r"[。！？!?；;：:…]\s*$")
_DATED = re.compile(r"\s*(?:近日|日前|近期|本周|\d)")
_NEWS = re.compile(r"\s*(?:近日|日前|[\d０-９]{1,2}月[\d０-９]{1,2}日)[,，]")
_OWN_LINE = re.compile(
    r"\s*(?:[^\w\s《“(（]|\d{1,4}(?:[.、．]| ?[|｜丨/](?!\d))"
    r"|[一二三四五六七八九十百零]{1,5}、"
    r"|[(（][\d一二三四五六七八九十百零]{1,5}[)）])"
)

# No sentence is longer than this: what is read inside one stays cheap however long a text without full stops is.
_SENTENCE = re.compile(r"[^。!?;\n]{0,3000}[。!?;\n]{0,9}")


def clean(text: str) -> str:
    """Line ends become \\n, invisible and control characters and lone surrogates go, odd spaces become spaces,
    lines of a hard-wrapped text are joined. Cleaning twice changes nothing more."""
    return _unwrapped(_SPACES.sub(" ", _INVISIBLE.sub("", _LINE_ENDS.sub("\n", text))))


def _unwrapped(text: str) -> str:
    """A text whose lines all stop at one width was broken there by a program, not by its author: its paragraphs are
    joined. In any text a short line that ends with a comma goes on in the next (a heading over two lines). Where what is
    joined looks broken again, the text is left as it is: nothing then tells which line ends are the author's."""
    joined = _joined(text)
    return joined if joined == text or _joined(joined) == joined else text


def _joined(text: str) -> str:
    lines = text.split("\n")
    broken = max((_broken(lines, width_of, unit) for width_of, unit in ((len, 1), (_columns, 2))), key=sum)
    if sum(broken) < max(_ENOUGH_BROKEN, sum(map(bool, lines)) / _BROKEN_SHARE):
        broken = [_goes_on(line, after) for line, after in pairwise(lines)]
    joints = ("" if is_broken else "\n" for is_broken in [*broken, True])
    return "".join(line + joint for line, joint in zip(lines, joints, strict=True))


def _broken(lines: list[str], width_of: Callable[[str], int], unit: int) -> list[bool]:
    """For each line but the last whether it goes on in the next, where all lines (but one in fifty) stop at one width.
    `unit` is the width of one Chinese character."""
    widths = [width_of(line) for line in lines]
    width = sorted(widths)[-1 - len(widths) // 50]
    if not _NARROWEST * unit <= width <= _WIDEST * unit:
        return []
    return [
        widths[at] > width - _SLACK * unit
        and bool(lines[at + 1].strip())
        and _CLOSED.search(lines[at]) is None
        and _OWN_LINE.match(lines[at + 1]) is None
        and ("。" in lines[at] or _NEWS.match(lines[at + 1]) is None)
        for at in range(len(lines) - 1)
    ]


def _columns(line: str) -> int:
    """The width on a screen, where a Chinese character takes two columns."""
    return len(line) + len(_WIDE.findall(line))


def _goes_on(line: str, after: str) -> bool:
    return (
        len(line) <= _WIDEST
        and line.endswith((",", "，"))
        and bool(after.strip())
        and _OWN_LINE.match(after) is None
        and _DATED.match(after) is None
    )


def fold(text: str) -> str:
    """The same number of characters with full width, dashes, brackets and quotes made equal."""
    return text.translate(_FOLD)


@dataclass(slots=True)
class Passage:
    """The range [start, end) of a cleaned text, with its folded twin for matching. Never changed once made
    (not `frozen` only because thousands are made for one issue)."""

    text: str
    folded: str
    start: int
    end: int

    @classmethod
    def whole(cls, text: str) -> Passage:
        return cls(text, fold(text), 0, len(text))

    def __str__(self) -> str:
        return self.text[self.start : self.end]

    def __bool__(self) -> bool:
        return self.end > self.start

    @property
    def words(self) -> str:
        """The folded characters of the passage."""
        return self.folded[self.start : self.end]

    @property
    def span(self) -> Span:
        return Span(self.start, self.end)

    def part(self, start: int, end: int) -> Passage:
        """The range between two places of the whole text."""
        return Passage(self.text, self.folded, start, end if end > start else start)

    def without(self, parts: Iterable[Passage]) -> Passage:
        """The same range, in which no match finds the words of `parts`; the printed text and all places stay."""
        pieces, at = [], 0
        for part in parts:
            pieces += [self.folded[at : part.start], " " * (part.end - part.start)]
            at = part.end
        return Passage(self.text, "".join([*pieces, self.folded[at:]]), self.start, self.end)

    def finditer(self, pattern: re.Pattern[str]) -> Iterator[re.Match[str]]:
        return pattern.finditer(self.folded, self.start, self.end)

    def search(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        return pattern.search(self.folded, self.start, self.end)

    def match(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        return pattern.match(self.folded, self.start, self.end)

    def group(self, found: re.Match[str], name: int | str = 0) -> Passage:
        return self.part(*found.span(name))

    def strip(self, characters: str = " \n") -> Passage:
        start, end, folded = self.start, self.end, self.folded
        while start < end and folded[start] in characters:
            start += 1
        while start < end and folded[end - 1] in characters:
            end -= 1
        return self if end - start == self.end - self.start else Passage(self.text, folded, start, end)

    def sentences(self) -> list[Passage]:
        """Sentences with their closing mark; a line end closes one too."""
        found = (self.group(m).strip() for m in self.finditer(_SENTENCE) if m.end() > m.start())
        return [sentence for sentence in found if sentence]

    def split(self, pattern: re.Pattern[str]) -> list[Passage]:
        """The parts between the matches of `pattern`, stripped, empty ones left out."""
        parts, at = [], self.start
        for found in self.finditer(pattern):
            parts.append(self.part(at, found.start()).strip())
            at = found.end()
        parts.append(self.part(at, self.end).strip())
        return [part for part in parts if part]

    def read(self, value: T, confidence: Confidence = "stated", reason: str = "", candidates: tuple[T, ...] = ()) -> Read[T]:
        """`value` as said by this passage."""
        return Read(value, (self.span,) if self else (), confidence, reason, candidates)
