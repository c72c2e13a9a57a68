"""Whole issues taken apart by their gold and laid out again as other editors would: the same items, another page."""

import dataclasses
import itertools
import json
import re
import unicodedata
from collections.abc import Mapping
from pathlib import Path

from tests.conftest import SHARED

SAMPLES = Path(__file__).parent / "samples"
SEEDS = {"seed-1": "000_bb581335c1506cd0", "seed-2": "003_d5932ec65ab4166c"}
TITLES = {"national": "国家动态", "local": "地方动态", "industry": "行业动态", "other": "国际动态"}
_CHINESE = ["", *"一二三四五六七八九十", *(f"十{digit}" for digit in "一二三四五六七八九"), "二十"]
_MARK = re.compile(r"\s*[●🟡◆▌■①-⑳]\s*")


@dataclasses.dataclass(frozen=True)
class Story:
    """One item: its heading, what the gold says of it, and the paragraphs below it; `points` are those that had bullets."""

    headline: str
    section: str
    kind: str
    paragraphs: tuple[str, ...]
    points: tuple[str, ...]


@dataclasses.dataclass(frozen=True)
class Layout:
    """One editor's habits. In the patterns `{words}` is the text, `{n}` counts, `{c}` counts in Chinese, `{o}` in
    circles, `{k}` is the number of the section; None leaves the part out."""

    top: str = ""
    contents_heading: str | None = "本周目录"
    contents: str | None = None
    section: str | None = "【{words}】"
    heading: str = "{words}"
    point: str = "● {words}"
    gap: str = "\n\n"
    under_heading: str = "\n\n"
    counts_anew: bool = False
    bottom: str = ""
    titles: Mapping[str, str] = dataclasses.field(default_factory=lambda: TITLES)


def stories(name):
    """The items of the sample (01 …) or seed (seed-1, seed-2), in sections; None where the seeds do not stand by."""
    folder = SHARED / "gold" if name in SEEDS else SAMPLES
    path = SHARED / "seeds" / f"{SEEDS[name]}.txt" if name in SEEDS else SAMPLES / f"{name}.txt"
    if not path.exists():
        return None
    gold = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))["items"]
    lines = [line.strip() for line in path.read_text(encoding="utf-8").split("\n") if line.strip()]
    starts = _starts(lines, gold)
    ends = [*starts[1:], len(lines)]
    found = []
    for item, start, end in zip(gold, starts, ends, strict=True):
        body = lines[start + 1 : end]
        while len(body[-1]) < 30 and not body[-1].endswith(("。", "；")):
            body.pop()  # the next section's title, or what the platform put in
        points = tuple(_MARK.sub("", line, count=1) for line in body if _MARK.match(line))
        plain = tuple(line for line in body if not _MARK.match(line))
        found.append(Story(item["headline"], item["section"], item["kind"], plain, points))
    return sorted(found, key=lambda story: [one.section for one in found].index(story.section))


def _starts(lines, gold):
    """The lines of the headings: from the last one up, since contents lists stand before the body."""
    starts, at = [], len(lines)
    for item in reversed(gold):
        at = max(number for number, line in enumerate(lines[:at]) if folded(line).endswith(folded(item["headline"])))
        starts.insert(0, at)
    return starts


def folded(words):
    """Words without width, spaces, numbering marks of case and invisible characters: what a headline is compared by."""
    return re.sub(r"[\s\u200b\ufeff]", "", unicodedata.normalize("NFKC", words))


def numbered(pattern, words, at, section=0):
    return pattern.format(words=words, n=at, c=_CHINESE[at], o="①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"[at - 1], k=section)


def laid_out(issue, layout, entries=None):
    """The text of the issue in that layout; `entries` are the words of the contents list (else the headlines)."""
    parts = [layout.top] if layout.top else []
    if layout.contents is not None:
        words = entries if entries is not None else [story.headline for story in issue]
        lines = [numbered(layout.contents, entry, at) for at, entry in enumerate(words, start=1)]
        parts.append("\n".join([*([layout.contents_heading] if layout.contents_heading else []), *lines]))
    count = itertools.count(1)
    for number, (section, group) in enumerate(itertools.groupby(issue, key=lambda story: story.section), start=1):
        if layout.section is not None:
            parts.append(numbered(layout.section, layout.titles[section], number))
        if layout.counts_anew:
            count = itertools.count(1)
        for story in group:
            heading = numbered(layout.heading, story.headline, next(count), number)
            points = [numbered(layout.point, point, at) for at, point in enumerate(story.points, start=1)]
            parts.append(heading + layout.under_heading + layout.gap.join([*story.paragraphs, *points]))
    return layout.gap.join([*parts, *([layout.bottom] if layout.bottom else [])])
