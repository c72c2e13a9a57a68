"""Makes the data set of the benchmarks: the same number and seed give the same files, byte for byte. Read by `dataset.load`.

    python -m tests.benchmarks.make_dataset FOLDER ROWS [SEED]

bodies.csv, types.csv, companies.csv (one for ten statements), statements.csv: UTF-8, one line of heads, an empty field is NULL.
From 1,000 rows on, 江苏炘隆超净科技有限公司 has exactly five statements, 电子 is common and 麒麟瑞兽 occurs nowhere.
"""

import csv
import datetime as dt
import itertools
import json
import random
import sys
from bisect import bisect
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

SEED = 7
WORDS: dict[str, Any] = json.loads((Path(__file__).parent / "words.json").read_text(encoding="utf-8"))
REGIONS, BODIES, TYPES, INDUSTRIES = (WORDS[name] for name in ("regions", "bodies", "types", "industries"))
OF_INDUSTRIES = [26, 20, 12, 5, 5, 7, 10, 4, 4, 4, 8, 4, 2, 5]
FIRST_DAY, LAST_DAY = dt.date(2019, 1, 1), dt.date(2026, 10, 31)
DAYS = (LAST_DAY - FIRST_DAY).days
NEEDLE = 7  # the company with five statements
OF_PRODUCTS = ("PCF", "ISO14067", "CLABEL", "EPD")
SUMMARY = (
    "依据{std}要求，{body}对{name}{year}年度{prod}的{scope}温室气体排放进行了独立核查，"
    "核定排放量为{em}吨二氧化碳当量，数据质量符合{lvl}保证等级，核查结论为{verdict}。"
)
HEADS = {
    "bodies": "id,code,name,short_name,country",
    "types": "id,code,name",
    "companies": "id,credit_code,legal_name,short_name,province_code,province,city_code,city,county_code,county,industry",
    "statements": "id,company_id,body_id,type_id,certificate_no,product_name,issued_on,valid_until,reporting_year,emissions,"
    "cat1,cat2,cat3,cat4,cat5,cat6,source_url,summary",
}
BRANDS, SECOND = sorted(set(WORDS["brand_a"])), sorted(set(WORDS["brand_b"]))
ENDINGS, BY_ENDING = [one[0] for one in WORDS["suffixes"]], list(itertools.accumulate(one[1] for one in WORDS["suffixes"]))
# GB 32100-2015: the letters and weights of the two check digits.
CODE_LETTERS, CODE_WEIGHTS = "0123456789ABCDEFGHJKLMNPQRTUWXY", [pow(3, place, 31) for place in range(17)]
OWN_LETTERS, OWN_WEIGHTS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", [3, 7, 9, 10, 5, 8, 4, 2]


def credit_code(region: str, serial: int) -> str:
    """A valid unified social credit code for one serial number."""
    own = f"MA{serial:06d}" if serial % 2 and serial < 10**6 else f"{serial:08d}"
    check = 11 - sum(weight * OWN_LETTERS.index(sign) for weight, sign in zip(OWN_WEIGHTS, own, strict=True)) % 11
    head = f"91{region}{own}" + {10: "X", 11: "0"}.get(check, str(check))
    total = sum(CODE_LETTERS.index(sign) * weight for sign, weight in zip(head, CODE_WEIGHTS, strict=True))
    return head + CODE_LETTERS[(31 - total % 31) % 31]


def sums(weights: Iterable[float]) -> list[float]:
    return list(itertools.accumulate(weights))


class Maker:
    """Draws companies and statements. `short` and `stems` are what statements need of each company."""

    def __init__(self, count: int, seed: int) -> None:
        self.count, self.seed = count, seed
        self.companies: list[tuple[Any, ...]] = []
        self.short: list[str] = []
        self.stems: list[list[str]] = []
        self.make_companies(max(20, count // 10))

    def make_companies(self, count: int) -> None:
        draw, seen = random.Random(self.seed), set()
        by_use, by_industry = sums(one[3] for one in REGIONS), sums(OF_INDUSTRIES)
        for key in range(1, count + 1):
            if key == min(NEEDLE, count):
                place = REGIONS[9], REGIONS[9][4][3], ("320583", "昆山市")
                industry, short, name = INDUSTRIES[0], "炘隆超净科技", "江苏炘隆超净科技有限公司"
            else:
                province = REGIONS[bisect(by_use, draw.random() * by_use[-1])]
                city = draw.choice(province[4])
                place = province, city, draw.choice(city[2])
                industry = INDUSTRIES[bisect(by_industry, draw.random() * by_industry[-1])]
                short, name = self.new_name(draw, place, industry, seen)
            seen.add(name)
            codes = (part for one in place for part in one[:2])
            self.companies.append((key, credit_code(place[2][0], key), name, short, *codes, industry[0]))
            self.short.append(short)
            self.stems.append(industry[2])

    def new_name(self, draw: random.Random, place: Any, industry: Any, seen: set[str]) -> tuple[str, str]:
        """(short name, legal name that no company has yet)."""
        while True:
            brand = draw.choice(BRANDS) + draw.choice(SECOND if draw.random() < 0.5 else BRANDS)
            if draw.random() < 0.25:
                brand += draw.choice(SECOND)
            word = draw.choice(industry[1])
            where = place[0][2] if draw.random() < 0.35 else place[1][1].rstrip("市").replace("回族自治州", "")
            end = draw.choices(ENDINGS, cum_weights=BY_ENDING)[0]
            name = f"{brand}{word}（{where}）{end}" if draw.random() < 0.12 else f"{where}{brand}{word}{end}"
            if name not in seen:
                return brand + word, name

    def statements(self) -> Iterator[tuple[Any, ...]]:
        """Rows of statements.csv in the order of their ids."""
        draw = random.Random(self.seed + 1)
        by_body, by_type = sums(1 / (place + 1) ** 0.9 for place in range(len(BODIES))), sums(one[2] for one in TYPES)
        dates = [(FIRST_DAY + dt.timedelta(day)).isoformat() for day in range(DAYS + 366 * 6)]
        needles = {max(1, self.count * part // 6) for part in range(1, 6)} if self.count >= 1000 else {1}
        for key in range(1, self.count + 1):
            company = self.company_of(draw, key in needles)
            body = bisect(by_body, draw.random() * by_body[-1])
            kind = bisect(by_type, draw.random() * by_type[-1])
            yield (key, company, body + 1, kind + 1, *self.rest(draw, key, company, BODIES[body], TYPES[kind], dates))

    def company_of(self, draw: random.Random, is_needle: bool) -> int:
        """Low ids are favoured a little: the square of a uniform draw."""
        count = len(self.companies)
        needle = min(NEEDLE, count)
        if is_needle:
            return needle
        drawn = draw.random()
        company = int(drawn * (0.35 + 0.65 * drawn) * count) + 1
        return company + 1 if company == needle < count else company

    def rest(self, draw: random.Random, key: int, company: int, body: Any, kind: Any, dates: list[str]) -> tuple[Any, ...]:
        """The columns of a statement after its keys. More statements each year."""
        day, short = int(draw.random() ** 0.55 * DAYS), self.short[company - 1]
        issued = dates[day]
        until = dates[day + 365 * kind[3] + (kind[3] >= 4)] if kind[3] else ""
        year = int(issued[:4]) - (1 if draw.random() < 0.8 else 0)
        if has_product := kind[0] in OF_PRODUCTS:
            product = draw.choice(self.stems[company - 1]) + draw.choice(WORDS["specs"])
            figure = round(2.718281828 ** draw.gauss(3.2, 1.9), 3)
            categories = [""] * 6
        else:
            product, figure = "", round(2.718281828 ** draw.gauss(9.0, 1.8), 3)
            one, three, four = draw.random() * 0.5, draw.random() * 0.2, draw.random() * 0.1
            left = 1 - one - three - four
            shares = (one, left * 0.4, three, left * 0.6, four * 0.8, four * 0.2)
            categories = [f"{figure * share:.3f}" for share in shares]
        summary = SUMMARY.format(
            std="ISO 14067:2018" if has_product else "ISO 14064-1:2018",
            body=body[2],
            name=short,
            year=year,
            prod=product or "组织层面",
            scope=WORDS["scopes"][(0 if draw.random() < 0.7 else 1) if has_product else 2],
            em=f"{figure:.3f}",
            lvl="合理" if draw.random() < 0.6 else "有限",
            verdict="无保留意见" if draw.random() < 0.93 else "保留意见",
        )
        number = f"{body[0]}-{kind[0]}-{issued[2:4]}{issued[5:7]}-{key:07d}"
        address = f"https://registry.example.cn/{body[0].lower()}/{issued[:4]}/{key}"
        return (number, product, issued, until, year, f"{figure:.3f}", *categories, address, summary)


def write(folder: Path, name: str, rows: Iterable[Iterable[Any]]) -> None:
    with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
        file.write(f"{HEADS[name]}\n")
        csv.writer(file, lineterminator="\n").writerows(rows)


def make(folder: Path, count: int, seed: int = SEED) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    maker = Maker(count, seed)
    write(folder, "bodies", ((key, *one) for key, one in enumerate(BODIES, 1)))
    write(folder, "types", ((key, *one[:2]) for key, one in enumerate(TYPES, 1)))
    write(folder, "companies", maker.companies)
    write(folder, "statements", maker.statements())


if __name__ == "__main__":
    make(Path(sys.argv[1]), *map(int, sys.argv[2:]))
