"""Charts over the current list: what is counted, what each bar, segment and tile leads to, and where it stands in its drawing.

A page declares them; templates draw them as SVG from the numbers here (attributes only, no styles). The number of a shape is
the number of rows of the list that it leads to.
"""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from django.http import QueryDict
from django.urls import reverse

from tanxun.regions.names import code_range, load

from .columns import in_language
from .facets import Figures
from .options import NONE
from .page import PLACES, Rows
from .parameters import Tally

WIDTH = 320
LEVELS = 5


@dataclass
class Shape:
    """A bar, segment or tile: what it says and where it leads. `level` is 1 to LEVELS by its share of the largest, 0 for none."""

    value: str
    label: str
    count: int
    href: str
    short: str = ""
    x: float = 0
    y: float = 0
    width: float = 0
    height: float = 0
    level: int = 0
    percent: int = 0

    @property
    def text(self) -> str:
        return f"{self.count:,}"

    @property
    def share(self) -> str:
        """The percent in words: what there is, is never 0%."""
        return f"{self.percent}%" if self.percent or not self.count else "<1%"

    @property
    def middle(self) -> float:
        return round(self.x + self.width / 2, 1)

    @property
    def end(self) -> float:
        return self.x + self.width


@dataclass
class Drawing:
    """A chart ready for its template: `shapes` are drawn, `table` says all of them, also those there was no room for."""

    kind: str
    name: str
    title: Any
    height: int
    shapes: list[Shape]
    table: list[Shape]
    width: int = WIDTH

    @property
    def left_out(self) -> int:
        return len(self.table) - len(self.shapes)

    @property
    def is_tight(self) -> bool:
        """Whether figures above the bars would run into each other."""
        step = self.width / max(len(self.shapes), 1)
        return any(sum(map(advance, shape.text)) > step for shape in self.shapes)


@dataclass(frozen=True)
class Chart:
    """Rows by the choices of the filter `name`."""

    name: str
    title: Any
    kind: ClassVar[str] = ""
    counts_each_row_once: ClassVar[bool] = False

    @property
    def key(self) -> str:
        """The name of what is counted: the facet's where it is the same."""
        return self.name

    def tally(self, rows: Rows) -> Tally:
        """What is counted where no facet counts it already."""
        return rows.filters.tally(self.name, rows.base(self.name))

    def drawing(self, rows: Rows, figures: Figures) -> Drawing | None:
        """None where there is nothing to draw."""
        shapes = list(self.shapes(rows, (figures.tallies | figures.drawn)[self.key]))
        return self.placed(shapes) if any(shape.count for shape in shapes) else None

    def shapes(self, rows: Rows, tally: Tally) -> Iterator[Shape]:
        """The choices that the current filter lets through, each with the list of it alone."""
        filter_ = rows.filters.filters[self.name]
        chosen, left_out = (rows.params.getlist(f"{self.name}{end}") for end in ("", "!"))
        for part in filter_.parts(tally):
            is_shown = (not chosen or filter_.covers(chosen, part.value)) and not filter_.covers(left_out, part.value)
            if part.count and is_shown:
                href = address(rows, {self.name: [part.value], f"{self.name}!": list(part.without)})
                yield Shape(part.value, part.words, part.count, href)

    def placed(self, shapes: list[Shape]) -> Drawing:
        raise NotImplementedError


@dataclass(frozen=True)
class BarChart(Chart):
    """Lying bars, the longest first; `always` names a choice that has its bar however short."""

    always: str = ""
    kind: ClassVar[str] = "bars"
    room: ClassVar[int] = 8
    step: ClassVar[int] = 25
    names: ClassVar[tuple[int, int]] = (112, 192)  # the room of the names: what they need, within this

    def placed(self, shapes: list[Shape]) -> Drawing:
        table = sorted(shapes, key=lambda shape: -shape.count)
        drawn = [shape for shape in table if shape.value == self.always][:1]
        drawn = sorted([*drawn, *(shape for shape in table if shape not in drawn)][: self.room], key=lambda shape: -shape.count)
        least, most = self.names
        names = min(max(least, *(sum(map(advance, shape.label)) + 8 for shape in drawn)), most)
        for row, shape in enumerate(drawn):
            shape.x, shape.y, shape.height = names, row * self.step + 4, self.step - 9
            shape.width = round(max(shape.count / table[0].count * (WIDTH - names - 52), 2), 1)
            shape.short = shortened(shape.label, names - 8)
        return Drawing(self.kind, self.name, self.title, len(drawn) * self.step + 4, drawn, table)


@dataclass(frozen=True)
class ShareChart(Chart):
    """One band of segments; its table is its legend."""

    kind: ClassVar[str] = "share"

    def placed(self, shapes: list[Shape]) -> Drawing:
        total, x = sum(shape.count for shape in shapes), 0.0
        for shape in shapes:
            shape.x, shape.width, shape.height = round(x, 1), round(shape.count / total * WIDTH, 1), 14
            shape.percent = round(shape.count / total * 100)
            x += shape.width
        return Drawing(self.kind, self.name, self.title, 14, shapes, shapes)


@dataclass(frozen=True)
class ColumnChart(Chart):
    """Standing bars in the order of the choices, the last ones where there is no room for all; what has none has no bar."""

    kind: ClassVar[str] = "years"
    room: ClassVar[int] = 10
    base: ClassVar[int] = 138

    def shapes(self, rows: Rows, tally: Tally) -> Iterator[Shape]:
        return (shape for shape in super().shapes(rows, tally) if shape.value != NONE)

    def placed(self, shapes: list[Shape]) -> Drawing:
        drawn = shapes[-self.room :]
        step, largest = min(WIDTH / len(drawn), 52), max(shape.count for shape in drawn)
        for place, shape in enumerate(drawn):
            shape.width = round(step * 0.72, 1)
            shape.x = round(place * step + step * 0.14, 1)
            shape.height = round(max(shape.count / largest * (self.base - 22), 2), 1) if shape.count else 0
            shape.y = round(self.base - shape.height, 1)
        return Drawing(self.kind, self.name, self.title, self.base + 20, drawn, shapes)


@dataclass(frozen=True)
class YearChart(ColumnChart):
    """Standing bars by the year of the date at `path`; the filter `name` is a DateRangeFilter over the same date."""

    path: str = "dated_on"
    counts_each_row_once: ClassVar[bool] = True

    @property
    def key(self) -> str:
        return f"{self.name}:years"

    def tally(self, rows: Rows) -> Tally:
        years: Counter[str] = Counter()
        for day, count in rows.filters.by_value(rows.held, self.path, "pk"):
            years[str(day.year)] += count
        return dict(sorted(years.items()))

    def shapes(self, rows: Rows, tally: Tally) -> Iterator[Shape]:
        cleaned = rows.filters.form.cleaned_data
        after, before = cleaned[f"{self.name}_after"], cleaned[f"{self.name}_before"]
        for year, count in tally.items():
            first = max(dt.date(int(year), 1, 1), after or dt.date.min)
            last = min(dt.date(int(year), 12, 31), before or dt.date.max)
            span = {f"{self.name}_after": [first.isoformat()], f"{self.name}_before": [last.isoformat()]}
            yield Shape(year, year, count, address(rows, span))


# Column and row of each province on a map of tiles: neighbours stand beside each other as far as a grid allows. The letters are
# those of GB/T 2260 (ISO 3166-2:CN): English names are too long for a tile.
TILES = {
    "230000": (7, 0, "HL"), "650000": (0, 1, "XJ"), "150000": (4, 1, "NM"), "220000": (7, 1, "JL"), "620000": (1, 2, "GS"),
    "640000": (2, 2, "NX"), "140000": (4, 2, "SX"), "110000": (5, 2, "BJ"), "120000": (6, 2, "TJ"), "210000": (7, 2, "LN"),
    "540000": (0, 3, "XZ"), "630000": (1, 3, "QH"), "610000": (3, 3, "SN"), "410000": (4, 3, "HA"), "130000": (5, 3, "HE"),
    "370000": (6, 3, "SD"), "510000": (2, 4, "SC"), "500000": (3, 4, "CQ"), "420000": (4, 4, "HB"), "340000": (5, 4, "AH"),
    "320000": (6, 4, "JS"), "310000": (7, 4, "SH"), "530000": (2, 5, "YN"), "520000": (3, 5, "GZ"), "430000": (4, 5, "HN"),
    "360000": (5, 5, "JX"), "330000": (6, 5, "ZJ"), "450000": (3, 6, "GX"), "440000": (4, 6, "GD"), "350000": (5, 6, "FJ"),
    "710000": (7, 6, "TW"), "460000": (3, 7, "HI"), "820000": (4, 7, "MO"), "810000": (5, 7, "HK"),
}  # fmt: skip


@dataclass(frozen=True)
class TileMap(Chart):
    """A tile for every province; the filter `name` is a RegionFilter."""

    kind: ClassVar[str] = "tiles"
    side: ClassVar[int] = 40
    deep: ClassVar[int] = 23

    def drawing(self, rows: Rows, figures: Figures) -> Drawing | None:
        filter_ = rows.filters.filters[self.name]
        # Where the list asks what applies in a place, it holds what lies above that place: no map of places.
        return super().drawing(rows, figures) if filter_.reach == "within" else None

    def shapes(self, rows: Rows, tally: Tally) -> Iterator[Shape]:
        chosen = widest(code for code in rows.params.getlist(self.name) if code != NONE)
        left_out = widest(code for code in rows.params.getlist(f"{self.name}!") if code != NONE)
        for code, (_column, _row, letters) in TILES.items():
            inside = [code] if is_in(code, chosen) or not rows.params.getlist(self.name) else within(code, chosen)
            count = sum(self.rest(place, left_out, tally) for place in inside)
            division = load().get(code)
            if division:
                href = address(rows, {self.name: inside}) if count else ""
                short = in_language(division.short_name, letters)
                yield Shape(code, in_language(division.name, division.name_en), count, href, short)

    def rest(self, code: str, left_out: list[str], tally: Tally) -> int:
        """The rows of a place without those of the places in it that are left out."""
        return 0 if is_in(code, left_out) else tally.get(code, 0) - sum(tally.get(gone, 0) for gone in within(code, left_out))

    def placed(self, shapes: list[Shape]) -> Drawing:
        largest = max(shape.count for shape in shapes)
        for shape in shapes:
            column, row, _letters = TILES[shape.value]
            shape.x, shape.y, shape.width, shape.height = column * self.side, row * self.deep, self.side - 3, self.deep - 3
            shape.level = min(int((shape.count / largest) ** 0.5 * LEVELS) + 1, LEVELS) if shape.count else 0
        table = sorted((shape for shape in shapes if shape.count), key=lambda shape: -shape.count)
        # Every province stands on the map; the table leaves out where there is nothing.
        return Drawing(self.kind, self.name, self.title, 8 * self.deep, shapes, table)


def drawings(rows: Rows, figures: Figures) -> list[Drawing]:
    """The page's charts, in the order of the declaration."""
    return [made for chart in rows.page.charts if (made := chart.drawing(rows, figures))]


def address(rows: Rows, changes: dict[str, list[str]]) -> str:
    """The list with some parameters set anew; an empty list takes one away. From its beginning."""
    params: QueryDict = rows.params.copy()
    for name in (*PLACES, *changes):
        params.pop(name, None)
    for name, values in changes.items():
        if values:
            params.setlist(name, values)
    return f"{reverse(rows.page.slug)}?{params.urlencode()}"


def is_in(code: str, places: Iterable[str]) -> bool:
    """Whether `code` is one of `places` or lies in one."""
    return any(low <= code <= high for low, high in map(code_range, places))


def within(code: str, places: Iterable[str]) -> list[str]:
    """Those of `places` that lie in `code`."""
    return [place for place in places if is_in(place, [code])]


def widest(places: Iterable[str]) -> list[str]:
    """`places` without those that lie in another of them."""
    found = set(places)
    return sorted(code for code in found if not is_in(code, found - {code}))


def advance(character: str) -> int:
    """About how wide it is drawn, in units of the drawing."""
    return 12 if unicodedata.east_asian_width(character) in "WF" else 7


def shortened(text: str, room: int) -> str:
    """`text` cut to about so many units; the whole stands in the shape's title."""
    used = 0
    for place, character in enumerate(text):
        used += advance(character)
        if used > room:
            return f"{text[: place - 1]}…"
    return text
