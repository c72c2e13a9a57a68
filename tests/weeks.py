"""Arbitrary weeks of valid records: plain values that `hypothesis` draws, and the records made of them.

A week is a list of items; an item is {"kind", "section", "headline", …} with the fields that a reader must find again.
"""

import datetime as dt
from decimal import Decimal

from hypothesis import strategies as st

from certifications.models import Company, StatementType, VerificationBody, VerificationStatement
from policies.models import Incentive, Policy, PolicyIssuer, Target, Topic
from policies.models import policies as policy_models
from tanxun.digest.models import NewsItem
from tanxun.digest.reader import clean, labels
from tests import factory

MONDAY, SUNDAY = dt.date(2026, 1, 12), dt.date(2026, 1, 18)
PLACES = {"province": ["320000", "330000", "310000"], "city": ["320500", "330100"], "county": ["320583"], "park": ["320500"]}
LETTERS = "甲乙丙丁国家级绿色工厂碳足迹核查声明证书获印发办法方案公司集团AZaz09、；：，。！？:;,.()（）「」【】《》“”-—/·… %　"
NASTY = [
    *(
        "无",
        "「",
        "」」",
        "【标题】",
        "【发文机关】无",
        "国家动态",
        "01. 地方动态",
        "目录",
        "往期推荐",
        "发布时间：2020年1月1日",
        "近日",
    ),
    *(
        "🟡 要点",
        "阅读原文",
        "1.",
        "2026年",
        "1月1日",
        "（一）",
        "一、二",
        "《方案》提出：",
        "印发《办法》的通知",
        "碳讯丨甲",
        "SGS",
    ),
    *(
        "获绿色工厂名单的股份有限公司",
        "苏州碳中和核查科技有限公司",
        "A、B；C：D",
        "TÜV莱茵",
        "到2030年达到30%以上",
        "(近)零碳工厂",
    ),
    *("给予20万元奖励", "近日，甲公司获得SGS颁发的产品碳足迹证书", "很长的" * 35, "江苏省苏州市昆山市人民政府"),
    *("https://example.org/a?b=c", "3.2mm镀膜光伏玻璃、1号线"),
]
TYPES = ("product_carbon_footprint", "ghg_verification", "epd", "green_factory", "carbon_label", "other")
STANDARDS = ("ISO 14064-1:2018", "GB/T 24067-2024", "PAS 2060", "A、B")
UNITS = ("kgCO2e/件", "tCO2e", "张、片")


def kept(text):
    """What a record keeps of it that a text can: no invisible letters, one blank for white space."""
    return " ".join(clean(text).split())


def words(longest=60):
    drawn = st.one_of(st.sampled_from(NASTY), st.text(LETTERS, min_size=1, max_size=25))
    return drawn.map(lambda text: kept(text)[:longest].strip()).filter(lambda text: len(text) > 1 or text == "无")


def days():
    return st.one_of(st.none(), st.dates(dt.date(2024, 1, 1), SUNDAY))


def figures():
    return st.one_of(st.none(), st.decimals(0, 10**9, places=2))


def slugs(table):
    return st.sampled_from(["", *table])


def targets():
    return st.fixed_dictionaries(
        {
            "indicator": words(),
            "comparator": st.sampled_from([">=", "~", "=", "<="]),
            "value": figures(),
            "unit": st.one_of(st.just(""), words(20)),
            "base": slugs(labels.BASES),
            "year": st.one_of(st.none(), st.integers(1990, 2100)),
        }
    )


def incentives():
    amounts = st.one_of(
        st.fixed_dictionaries({"amount": st.none(), "currency": st.just("")}),
        st.fixed_dictionaries({"amount": st.decimals(0, 10**9, places=2), "currency": st.sampled_from(list(labels.CURRENCIES))}),
    )
    others = st.fixed_dictionaries(
        {
            "kind": slugs(["one_off", "yearly", "share", "loan"]),
            "cap": figures(),
            "who_qualifies": st.one_of(st.just(""), words()),
            "evidence_needed": st.one_of(st.just(""), words()),
            "apply_by": days(),
            "sentence": words(),
        }
    )
    return st.builds(lambda amount, other: amount | other, amounts, others)


def policies():
    return st.fixed_dictionaries(
        {
            "kind": st.just("policy"),
            "section": st.sampled_from(["national", "local", "industry", "other"]),
            "headline": words(200),
            "place": st.sampled_from([("national", None), *((level, code) for level in PLACES for code in PLACES[level])]),
            "park_name": words(30),
            "issued_on": days(),
            "issuing_bodies": st.lists(words(), max_size=3, unique=True),
            "declared_issuer_count": st.one_of(st.none(), st.integers(1, 40)),
            "documents": st.lists(
                st.fixed_dictionaries({"title": words(), "number": st.one_of(st.just(""), words(40))}), max_size=2
            ),
            "key_points": st.lists(words(), max_size=3),
            "targets": st.lists(targets(), max_size=2),
            "incentives": st.lists(incentives(), max_size=2),
            "topics": st.sets(st.sampled_from(["green-factory", "product-carbon-footprint", "green-finance"])),
            "stage": slugs(labels.STAGES),
            "form": slugs(labels.FORMS),
            "content_type": slugs(labels.CONTENT_TYPES),
            "signed_on": days(),
            "comment_by": days(),
            "in_force_on": days(),
        }
    )


def statement():
    return st.fixed_dictionaries(
        {
            "company": words(80),
            "type": st.sampled_from(TYPES),
            "body": st.one_of(st.none(), st.sampled_from(["SGS", "TÜV莱茵", "CTI华测"]), words(40)),
            "products": st.lists(words(), max_size=3, unique=True),
            "standards": st.lists(st.sampled_from(STANDARDS), max_size=2, unique=True),
            "categories": st.sets(st.integers(1, 6)),
            "scopes": st.sets(st.integers(1, 3)),
            "certificate_number": st.one_of(st.just(""), words(40)),
            "result": st.one_of(st.none(), st.tuples(st.decimals(0, 10**6, places=3), st.sampled_from(UNITS))),
            "consultant": st.one_of(st.none(), words()),
            "announced_on": days(),
            "valid_until": st.one_of(st.none(), st.dates(dt.date(2026, 1, 1), dt.date(2030, 1, 1))),
            "region": st.sampled_from([None, "320583", "330100", "310000"]),
        }
    )


def held():
    return st.fixed_dictionaries(
        {
            "kind": st.just("statement"),
            "section": st.sampled_from(["local", "industry"]),
            "headline": words(200),
            "statements": st.lists(statement(), min_size=1, max_size=3),
        }
    )


def news():
    return st.fixed_dictionaries(
        {
            "kind": st.sampled_from(["report", "other"]),
            "section": st.sampled_from(["industry", "other"]),
            "headline": words(200),
            "text": st.lists(words(), min_size=1, max_size=3),
        }
    )


def weeks():
    return st.lists(st.one_of(policies(), held(), news()), min_size=1, max_size=4)


def store(items):
    """The records of a drawn week, as if accepted from one newsletter that is gone."""
    for order, item in enumerate(items, start=1):
        {"policy": _policy, "statement": _statements}.get(item["kind"], _news)(item, order)


def _place(item, order, part=1):
    place = {"source_on": SUNDAY, "week_on": SUNDAY, "source_order": f"{1:010}.{order:05}.{part:05}"}
    return place | {"section": item["section"], "headline": item["headline"]}


def _policy(item, order):
    level, code = item["place"]
    columns = ("issued_on", "declared_issuer_count", "stage", "form", "content_type", "signed_on", "comment_by", "in_force_on")
    made = Policy.objects.create(
        **_place(item, order),
        **{name: item[name] for name in columns},
        level=level,
        region=factory.region(code) if code else None,
        park_name=item["park_name"] if level == "park" else "",
    )
    for position, name in enumerate(item["issuing_bodies"]):
        PolicyIssuer.objects.create(policy=made, body=factory.issuing_body(name), position=position)
    rows = {
        policy_models.PolicyDocument: item["documents"],
        policy_models.KeyPoint: [{"text": text} for text in item["key_points"]],
        Target: item["targets"],
        Incentive: item["incentives"],
    }
    for model, children in rows.items():
        for position, values in enumerate(children):
            model.objects.create(policy=made, position=position, **values)
    made.topics.set(Topic.objects.filter(slug__in=item["topics"]))


def _statements(item, order):
    for part, one in enumerate(item["statements"], start=1):
        kind = StatementType.objects.get(slug=one["type"])
        region = factory.region(one["region"]) if one["region"] else None
        company = Company.objects.create(name=one["company"], region=region)
        body = (
            one["body"]
            and VerificationBody.objects.get_or_create(name=one["body"], defaults={"slug": f"drawn-{order}-{part}"})[0]
        )
        value = one["result"] and f"{Decimal(one['result'][0]):f} {one['result'][1]}"
        made = VerificationStatement.objects.create(
            **_place(item, order, part),
            company=company,
            statement_type=kind,
            verification_body=body or None,
            is_body_undisclosed=not body and kind.evidence_kind != "list_membership",
            certificate_number=f"{one['certificate_number']}{order}{part}" if one["certificate_number"] else "",
            categories=sorted(one["categories"]),
            scopes=sorted(one["scopes"]),
            consultant=Company.objects.create(name=one["consultant"]) if one["consultant"] else None,
            announced_on=one["announced_on"],
            valid_until=one["valid_until"],
            result_as_printed=value or "",
        )
        made.products.set(factory.product(company, name) for name in one["products"])
        made.standards.set(factory.standard(code, "") for code in one["standards"])


def _news(item, order):
    NewsItem.objects.create(**_place(item, order), kind=item["kind"], text="\n".join(item["text"]))
