"""2,000 random policies with topics, industries, targets, money and persons' words, put beside the statements of a loaded
database; and, counted slowly from all rows, what the pages about them should say. Run for the rows of matched.py; prints JSON.

DATABASE_URL=… DJANGO_SETTINGS_MODULE=… python -m tests.benchmarks.policies
"""

import datetime as dt
import json
import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import django

SEED, COUNT = 11, 2_000
LEVELS = ("national", "province", "city", "county", "park")
OF_LEVELS = (5, 25, 40, 25, 5)
FIRST_DAY, DAYS = dt.date(2019, 1, 1), 2_800
TRADE = "C39"  # the industry of most companies
PLACED = LEVELS[:4]
ASKED = (*PLACED, *(f"{level}_trade" for level in PLACED))  # the first policies, of the topic with most statements


@dataclass
class Drawn:
    """A policy as it was drawn, with the keys of what hangs on it; `words` are (whether of a statement, key, concerns)."""

    key: int
    level: str
    region: str | None
    topics: list[int]
    industries: list[str]
    words: list[tuple[bool, int, bool]] = field(default_factory=list)

    def said(self, *, of_statement: bool, concerns: bool) -> set[int]:
        return {key for is_statement, key, yes in self.words if (is_statement, yes) == (of_statement, concerns)}


class Maker:
    """The same numbers of companies and statements give the same policies."""

    def __init__(self) -> None:
        from certifications.models import Company, StatementType, VerificationStatement
        from policies.models import Topic
        from tanxun.records.models import Industry
        from tanxun.regions.models import Region

        self.draw = random.Random(SEED)
        self.types = list(StatementType.objects.filter(slug__startswith="set-").order_by("pk").values_list("pk", flat=True))
        self.topics = list(Topic.objects.order_by("pk").values_list("pk", flat=True))[: len(self.types) + 4]
        self.industries = list(Industry.objects.order_by("pk").values_list("pk", flat=True))
        codes = Company.objects.filter(region__isnull=False).order_by().values_list("region", flat=True)
        levels = dict(Region.objects.values_list("pk", "level"))
        self.places: dict[str, Counter[str]] = {level: Counter() for level in PLACED[1:]}
        for code, count in sorted(Counter(codes.iterator()).items()):
            for place in dict.fromkeys((f"{code[:2]}0000", f"{code[:4]}00", code)):
                if levels.get(place) in self.places:
                    self.places[levels[place]][place] += count
        self.companies = Company.objects.latest("pk").pk
        self.statements = VerificationStatement.objects.latest("pk").pk

    def policies(self) -> list[Drawn]:
        """First those of ASKED: one for each level, then one more for each that names an industry; then any."""
        made = []
        for number in range(COUNT):
            is_asked = number < len(ASKED)
            level = PLACED[number % len(PLACED)] if is_asked else self.draw.choices(LEVELS, OF_LEVELS)[0]
            place = self.place(level, is_asked=is_asked)
            topics = self.topics[:1] if is_asked else self.draw.sample(self.topics, self.draw.randint(1, 3))
            trades = self.draw.sample(self.industries, self.draw.randint(1, 3)) if self.draw.random() < 0.3 else []
            if is_asked:
                trades = [TRADE] if number >= len(PLACED) else []
            made.append(Drawn(number + 1, level, place, topics, trades, self.words(1 if is_asked else 0)))
        return made

    def place(self, level: str, *, is_asked: bool) -> str | None:
        """Of a policy that pages are asked for the place of that level with most companies."""
        if level == "national":
            return None
        places = self.places["county" if level == "park" else level]
        return places.most_common(1)[0][0] if is_asked else self.draw.choice(list(places))

    def words(self, least: int) -> list[tuple[bool, int, bool]]:
        """What persons said, each pair once."""
        drawn = {
            (is_statement, self.draw.randint(1, self.statements if is_statement else self.companies)): self.draw.random() < 0.5
            for is_statement in (False, True)
            for _word in range(self.draw.randint(least, 3))
        }
        return [(is_statement, key, concerns) for (is_statement, key), concerns in drawn.items()]


def store(maker: Maker, drawn: list[Drawn]) -> None:
    """Into the tables, past history and search index. The types of the data set get topics; that makes kept figures old."""
    from certifications.models import CompanyPolicy, StatementPolicy, StatementType
    from policies.models import Incentive, Policy, Target

    from .dataset import write

    draw = maker.draw
    write(Policy, [policy(one, draw) for one in drawn])
    write(Policy.topics.through, numbered({"policy_id": one.key, "topic_id": topic} for one in drawn for topic in one.topics))
    trades = ({"policy_id": one.key, "industry_id": code} for one in drawn for code in one.industries)
    write(Policy.industries.through, numbered(trades))
    write(Target, list(numbered(target(one, draw) for one in drawn for _each in range(draw.randint(0, 3)))))
    money = list(numbered(incentive(one, draw) for one in drawn for _each in range(draw.randint(0, 2))))
    write(Incentive, money)
    own = [{"incentive_id": one["id"], "topic_id": draw.choice(maker.topics)} for one in money if draw.random() < 0.5]
    write(Incentive.topics.through, numbered(own))
    for model, name, is_statement in ((CompanyPolicy, "company_id", False), (StatementPolicy, "statement_id", True)):
        words = ((one.key, key, yes) for one in drawn for of_statement, key, yes in one.words if of_statement is is_statement)
        write(model, numbered({"policy_id": of, name: key, "concerns": yes} for of, key, yes in words))
    for kind, topic in zip(maker.types, maker.topics, strict=False):
        StatementType.objects.filter(pk=kind).update(topic=topic)


def numbered(rows: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    return ({"id": number, **row} for number, row in enumerate(rows, 1))


def policy(one: Drawn, draw: random.Random) -> dict[str, Any]:
    day = FIRST_DAY + dt.timedelta(days=draw.randrange(DAYS))
    headline = f"样例政策{one.key}号"
    return {"id": one.key, "headline": headline, "level": one.level, "region_id": one.region, "issued_on": day}


def target(one: Drawn, draw: random.Random) -> dict[str, Any]:
    indicator = draw.choice(("新增绿色工厂", "新增零碳工厂", "新增分布式光伏装机容量", "产品碳足迹证书"))
    values = {"base": draw.choice(("new", "total", "per_year")), "year": draw.randint(2026, 2030)}
    return {"policy_id": one.key, "indicator": indicator, "value": draw.randint(1, 500), "unit": "家", **values}


def incentive(one: Drawn, draw: random.Random) -> dict[str, Any]:
    until = None if draw.random() < 0.5 else FIRST_DAY + dt.timedelta(days=draw.randrange(DAYS * 2))
    amount = draw.randint(1, 100) * 10_000
    return {"policy_id": one.key, "amount": amount, "currency": "CNY", "who_qualifies": "样例企业", "apply_by": until}


# What the pages should say, counted row by row --------------------------------------------------------------------------


def lies_in(region: str | None, place: str | None) -> bool:
    """Whether the place of a company is that of a policy or below it, by the digits of the code."""
    digits = 2 if place and place.endswith("0000") else 4 if place and place.endswith("00") else 6
    return bool(region and place) and str(region)[:digits] == str(place)[:digits]


class Plain:
    """All companies and statements in memory, and the rules told without the database. Every statement of the data set is in
    force but for its printed end.
    """

    def __init__(self) -> None:
        from django.utils import timezone

        from certifications.models import Company, StatementType, VerificationStatement

        topic_of, today = dict(StatementType.objects.values_list("pk", "topic")), timezone.localdate()
        self.companies = {key: one for key, *one in Company.objects.values_list("pk", "region", "industry")}
        self.statements: dict[int, tuple[int, int | None]] = {}
        self.shown: dict[int | None, set[int]] = defaultdict(set)  # companies with a statement that is good today, by topic
        rows = VerificationStatement.objects.order_by().values_list("pk", "company", "statement_type", "valid_until")
        for key, company, kind, until in rows.iterator():
            self.statements[key] = company, topic_of[kind]
            if until is None or until >= today:
                self.shown[topic_of[kind]].add(company)
        self.stated = {company for company, _topic in self.statements.values()}

    def touches(self, one: Drawn, company: int) -> bool:
        if company in one.said(of_statement=False, concerns=True):
            return True
        if company in one.said(of_statement=False, concerns=False):
            return False
        region, trade = self.companies[company]
        is_there = one.level == "national" or (one.level != "park" and lies_in(region, one.region))
        return is_there and (not one.industries or bool({trade, (trade or "")[:1]} & set(one.industries)))

    def of_policy(self, one: Drawn) -> dict[str, int]:
        touched = {company for company in self.companies if self.touches(one, company)}
        proven = touched & {company for topic in one.topics for company in self.shown[topic]}
        yes = one.said(of_statement=False, concerns=True)
        ruled = {key for key, (at, topic) in self.statements.items() if at in touched and (topic in one.topics or at in yes)}
        concerned = (ruled | one.said(of_statement=True, concerns=True)) - one.said(of_statement=True, concerns=False)
        return {
            "companies": len(touched & self.stated),
            "all": len(touched),
            "with": len(proven),
            "without": len((touched & self.stated) - proven),
            "all_without": len(touched - proven),
            "statements": len(concerned),
        }


def of_topic(model: Any, topic: int) -> int:
    """Targets or incentives of a topic: its own, else those of its policy."""
    own, of_policy = defaultdict(set), defaultdict(set)
    for key, one in model.objects.filter(topics__isnull=False).values_list("pk", "topics"):
        own[key].add(one)
    for key, one in model.objects.values_list("pk", "policy__topics"):
        of_policy[key].add(one)
    return sum(topic in (own[key] or of_policy[key]) for key in list(of_policy))


def main() -> dict[str, Any]:
    """{"keys": what the addresses name, "counts": what the pages should say of it}."""
    from django.db import connection, transaction

    from policies.models import Incentive, Policy, Target, Topic

    maker = Maker()
    drawn = maker.policies()
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # `write` makes indexes anew, which waits for no check
        store(maker, drawn)
    with connection.cursor() as cursor:
        for model in (Policy, Policy.topics.through, Policy.industries.through, Target, Incentive, Incentive.topics.through):
            cursor.execute(f"ANALYZE {connection.ops.quote_name(model._meta.db_table)}")
    plain, company = Plain(), 1
    asked = dict(zip(ASKED, drawn, strict=False))
    keys = {name: one.key for name, one in asked.items()}
    counts = {f"{name}_{what}": count for name, one in asked.items() for what, count in plain.of_policy(one).items()}
    counts |= {"policies": len(drawn), "targets": Target.objects.count(), "incentives": Incentive.objects.count()}
    counts["policies_of_company"] = sum(plain.touches(one, company) for one in drawn)
    counts |= {"targets_of_topic": of_topic(Target, maker.topics[0]), "incentives_of_topic": of_topic(Incentive, maker.topics[0])}
    others = [one.key for one in drawn if one.level == "national" and one.key != keys["national"]]
    topic = Topic.objects.get(pk=maker.topics[0]).slug
    return {"keys": keys | {"company": company, "topic": topic}, "counts": counts, "nationwide": [keys["national"], *others]}


if __name__ == "__main__":
    django.setup()
    print(json.dumps(main()))
