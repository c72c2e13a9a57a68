"""Names and codes of China's administrative divisions: what the text reader, the sheet intake and the filters ask.

Pure: reads regions.csv (GB/T 2260 codes, full, short, former and other usual names) and imports no Django.
"""

import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

SHIPPED = Path(__file__).with_name("regions.csv")
RANK = {"province": 0, "city": 1, "county": 2}
# How an autonomous unit is called once the peoples' names are dropped: 恩施州, 景宁县, 鄂温克旗.
AUTONOMOUS = {"自治区": "自治区", "自治州": "州", "自治县": "县", "自治旗": "旗"}
# How the wing of a banner is called: the first character of its tribe and the side, 科右中旗 for 科尔沁右翼中旗.
BANNER = re.compile(r"(?P<tribe>[\u4e00-\u9fff])[\u4e00-\u9fff]+?(?P<side>[左右]|(?=[前中后]))翼?(?P<place>[前中后]?)旗")


@dataclass(frozen=True)
class Division:
    """One division; `level` is province, city or county, `parent` the code above it ("" for a province). Counties have no
    `name_en`.
    """

    code: str
    name: str
    short_name: str
    level: str
    parent: str
    name_en: str


def code_range(code: str) -> tuple[str, str]:
    """Lowest and highest GB/T 2260 code of that division and all below it: 310000 → 310000, 319999.

    Works on the digits alone (a province ends in 0000, a prefecture in 00), so a retired code has its range too and a
    list filter is one index range. Raises ValueError for anything but six digits.
    """
    if len(code) != 6 or not (code.isascii() and code.isdigit()):
        raise ValueError(f"not a GB/T 2260 code: {code!r}")
    stem = code[:2] if code.endswith("0000") else code[:4] if code.endswith("00") else code
    return code, stem.ljust(6, "9")


class Gazetteer:
    """Divisions by code and by name. Several may bear one name: answers are tuples, highest level first, then by code."""

    def __init__(self, rows: Iterable[dict[str, str]]) -> None:
        self._by_code: dict[str, Division] = {}
        names: dict[str, set[Division]] = {}
        leading: dict[str, set[Division]] = {}
        bare: dict[str, set[Division]] = {}
        for row in rows:
            division = Division(row["code"], row["name"], row["short_name"], row["level"], row["parent"], row["name_en"])
            self._by_code[division.code] = division
            known = f"{row['former_names']};{row['usual_names']}".split(";")
            for form in {*_forms(division), *filter(None, known)}:
                names.setdefault(form, set()).add(division)
                weak = form == division.short_name != division.name and (row["is_word"] == "1" or _is_district(division))
                if not weak:
                    leading.setdefault(form, set()).add(division)
            if division.level == "county" and len(division.name) > 2 and "自治" not in division.name:
                bare.setdefault(division.name[:-1], set()).add(division)
        self._names, self._leading, self._bare = _sorted(names), _sorted(leading), _sorted(bare)
        self._longest = max(map(len, self._names), default=0)

    def __iter__(self) -> Iterator[Division]:
        return iter(self._by_code.values())

    def get(self, code: str) -> Division | None:
        """The division with exactly that code."""
        return self._by_code.get(code)

    def lookup(self, name: str, within: str = "") -> tuple[Division, ...]:
        """All divisions called exactly `name`, in full (昆山市), short (昆山, 恩施, 恩施州) or by a former name (襄樊市).

        With `within` (a code) only those in that division, and there the bare form counts even where a better known
        place owns it elsewhere: 朝阳 alone is 朝阳市, within 110000 it is 朝阳区.
        """
        found = self._names.get(name, ())
        if not within:
            return found
        merged = {*found, *self._bare.get(name, ())}
        return _in_order(d for d in merged if d.code != within and self.contains(within, d.code))

    def lookup_path(self, name: str, within: str = "") -> tuple[Division, ...]:
        """As `lookup`, also where `name` begins with names of what the division lies in: 江苏昆山, 江苏省苏州市昆山市."""
        if found := self.lookup(name, within):
            return found
        first, above = self.prefix(name, within)
        rest = name.removeprefix(first)
        return _in_order({below for place in above for below in self.lookup_path(rest, place.code)}) if rest != name else ()

    def prefix(self, text: str, within: str = "") -> tuple[str, tuple[Division, ...]]:
        """The longest division name that `text` begins with, and its bearers; "" and () if none.

        Meant for running text and company names (光明乳业, 东方电气), so the short form of a city district, and of a county
        that is an everyday word (`is_word` in the file), counts only with `within`; the exact `lookup` has no such doubt.
        """
        for length in range(min(self._longest, len(text)), 1, -1):
            name = text[:length]
            found = self.lookup(name, within) if within else self._leading.get(name, ())
            if found:
                return name, found
        return "", ()

    def chain(self, code: str) -> tuple[Division, ...]:
        """From the province down to the division itself; () for a code that is not in the table."""
        above: list[Division] = []
        division = self.get(code)
        while division is not None:
            above.append(division)
            division = self.get(division.parent)
        return tuple(reversed(above))

    def full_name(self, code: str) -> str:
        """江苏省苏州市昆山市; "" for a code that is not in the table."""
        return "".join(division.name for division in self.chain(code))

    def contains(self, outer: str, inner: str) -> bool:
        """Whether `inner` is `outer` or lies below it, by code."""
        low, high = code_range(outer)
        return low <= inner <= high

    def resolve_code(self, code: str) -> Division | None:
        """The division of a code; a retired code keeps the prefecture, else the province, that its digits name."""
        if len(code) != 6:
            return None
        return self.get(code) or self.get(code[:4] + "00") or self.get(code[:2] + "0000")


@cache
def load(path: Path = SHIPPED) -> Gazetteer:
    """The gazetteer of a file with the columns of regions.csv; read once per process."""
    with path.open(encoding="utf-8", newline="") as file:
        return Gazetteer(csv.DictReader(file))


def _forms(division: Division) -> set[str]:
    """Every way to write the division's own name: full, short, for autonomous units short plus the plain unit, and for
    the wing of a banner its first character and side."""
    forms = {division.name, division.short_name}
    for unit, plain in AUTONOMOUS.items():
        if division.name.endswith(unit) and division.short_name != division.name:
            stem = division.short_name.removesuffix(plain)
            forms |= {stem + plain, stem + unit}
    if division.name.endswith("特别行政区"):
        forms.add(division.short_name + "特区")
    wing = BANNER.fullmatch(division.name)
    if wing:
        forms.add(f"{wing['tribe']}{wing['side']}{wing['place']}旗")
    return forms


def _is_district(division: Division) -> bool:
    return division.level == "county" and division.name.endswith("区") and not division.name.endswith(("新区", "林区", "矿区"))


def _in_order(divisions: Iterable[Division]) -> tuple[Division, ...]:
    return tuple(sorted(divisions, key=lambda division: (RANK[division.level], division.code)))


def _sorted(index: dict[str, set[Division]]) -> dict[str, tuple[Division, ...]]:
    return {name: _in_order(divisions) for name, divisions in index.items()}
