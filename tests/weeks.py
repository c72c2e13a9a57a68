"""Arbitrary weeks of valid records: plain values that `hypothesis` draws; `weeks_stored` makes the records.

A week is a list of items; an item is {"kind", "section", "headline", …} with the fields that a reader must find again.
"""

import calendar
import datetime as dt
from decimal import Decimal

from hypothesis import strategies as st

from tanxun.digest.reader import clean, labels

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
# One a line.
ODD = """甲
A
0
无无
null
None
；；；
：
、
【】
（）
《》
“”
类别1
编者注：无
【编者注】甲
【来源】https://example.org
【记录】企业：甲；类型：乙
ＳＧＳ通标（上海）有限公司
Schneider Electric (China) Co., Ltd.
O'Neil & Söhne GmbH
3M中国有限公司
“双碳”服务中心
'单引号'
"双"引号
甲公司（原乙公司）
３．５％
1,234.5吨
≥98.5%
kgCO₂e／件
A/B型（2.0 kW）、C型
天合光能股份有限公司、晶科能源股份有限公司
丙级 丁级
名单（第三批）
《甲〈乙〉丙》
a；b：c、d
<b>甲</b>
&amp;
**甲**
# 甲
- 甲
> 甲
1) 甲
① 甲
甲：获证
昆山：印发方案"""
NAMES = [*ODD.splitlines(), "长" * 199, "Long Name " * 19]
LISTS = ("green_factory", "zero_carbon_factory", "green_industrial_park", "green_supply_chain", "zero_carbon_park")
# Columns as they are drawn: days known to the month or year, and those that a statement simply has.
LOOSE = ("issued_on", "signed_on", "comment_by", "in_force_on", "expires_on")
PLAIN = (
    *("announced_on", "issued_on", "valid_until", "period_start", "period_end", "assurance_level", "register_status"),
    *("tier", "batch", "list_stage", "removed_on", "summary"),
)
TYPES = (*LISTS, "product_carbon_footprint", "ghg_verification", "carbon_neutrality", "carbon_label", "epd", "other")
STANDARDS = ("ISO 14064-1:2018", "GB/T 24067-2024", "PAS 2060", "A、B")
TOPICS = ("green-factory", "product-carbon-footprint", "green-finance")
UNITS = ("kgCO2e/件", "tCO2e", "张、片", "", "kgCO2e/kWh；（一）", "万吨")


def kept(text):
    """What a record keeps of it that a text can: no invisible letters, one blank for white space."""
    return " ".join(clean(text).split())


def words(longest=60):
    """What a field of one line may hold, as it is stored."""
    drawn = st.one_of(st.sampled_from(NASTY), st.sampled_from(NAMES), st.text(LETTERS, min_size=1, max_size=25))
    return drawn.map(lambda text: kept(text)[:longest].strip()).filter(bool)


def optional(drawn):
    return st.one_of(st.just(""), drawn)


def texts():
    """What a field of several lines may hold; of its line ends a text keeps that there is a blank."""
    return st.lists(words(), min_size=1, max_size=3).map("\n".join)


def days(first=dt.date(1990, 1, 1), last=dt.date(2040, 12, 31)):
    """None, a day near the issue, or any."""
    return st.one_of(st.none(), st.dates(max(first, dt.date(2024, 1, 1)), min(last, max(first, SUNDAY))), st.dates(first, last))


def loose_days(ends=False):
    """(day, how exactly it is known): of a month or year the first day, the last where something ends then."""

    def loosened(day, precision):
        if day is None or precision == "day":
            return day, "day"
        month = day.month if precision == "month" else 12 if ends else 1
        return day.replace(month=month, day=calendar.monthrange(day.year, month)[1] if ends else 1), precision

    return st.builds(loosened, days(), st.sampled_from(["day", "day", "month", "year"]))


def figures(places=2, least=0):
    return st.one_of(st.none(), st.decimals(least, 10**9, places=places), st.sampled_from([0, 1, 10**12]).map(Decimal))


def slugs(table):
    return st.sampled_from(["", *table])


def targets():
    return st.fixed_dictionaries(
        {
            "indicator": words(200),
            "comparator": st.sampled_from([">=", "~", "=", "<="]),
            "value": figures(places=4, least=-1000),
            "unit": optional(words(40)),
            "base": slugs(labels.BASES),
            "year": st.one_of(st.none(), st.integers(1990, 2100)),
            "sentence": optional(texts()),
        }
    )


def incentives():
    amounts = st.one_of(
        st.fixed_dictionaries({"amount": st.none(), "currency": st.just("")}),
        st.fixed_dictionaries({"amount": st.decimals(0, 10**9, places=2), "currency": st.sampled_from(list(labels.CURRENCIES))}),
    )
    others = st.fixed_dictionaries(
        {
            "kind": slugs(labels.GIFTS),
            "cap": figures(),
            "who_qualifies": optional(words(200)),
            "evidence_needed": optional(words(200)),
            "apply_by": days(),
            "topics": st.sets(st.sampled_from(TOPICS), max_size=2),
            "sentence": texts(),
        }
    )
    return st.builds(lambda amount, other: amount | other, amounts, others)


def links():
    return st.fixed_dictionaries(
        {"kind": st.sampled_from(list(labels.LINKS)), "title": words(300), "sentence": optional(texts())}
    )


def policies():
    return st.fixed_dictionaries(
        {
            "kind": st.just("policy"),
            "section": st.sampled_from(["national", "local", "industry", "other"]),
            "headline": words(200),
            "place": st.sampled_from([("national", None), *((level, code) for level in PLACES for code in PLACES[level])]),
            "park_name": optional(words(100)),
            "issued_on": loose_days(),
            "issuing_bodies": st.lists(words(200), max_size=3, unique=True),
            "declared_issuer_count": st.one_of(st.none(), st.integers(1, 40)),
            "documents": st.lists(st.fixed_dictionaries({"title": words(300), "number": optional(words(80))}), max_size=2),
            "key_points": st.lists(texts(), max_size=3),
            "targets": st.lists(targets(), max_size=2),
            "incentives": st.lists(incentives(), max_size=2),
            "links": st.lists(links(), max_size=2),
            "topics": st.sets(st.sampled_from(TOPICS)),
            "stage": slugs(labels.STAGES),
            "form": slugs(labels.FORMS),
            "content_type": slugs(labels.CONTENT_TYPES),
            "signed_on": loose_days(),
            "comment_by": loose_days(ends=True),
            "in_force_on": loose_days(),
            "expires_on": loose_days(ends=True),
        }
    ).filter(lambda one: not (one["in_force_on"][0] and one["expires_on"][0]) or one["in_force_on"][0] <= one["expires_on"][0])


def statement():
    """Periods and terms are drawn in their order, and the words of a list for lists alone."""
    return st.fixed_dictionaries(
        {
            "company": words(200),
            "shorts": st.lists(words(20), max_size=1),
            "type": st.sampled_from(TYPES),
            "body": st.one_of(st.none(), st.sampled_from(["SGS", "TÜV莱茵", "CTI华测"]), words(100)),
            "products": st.lists(st.tuples(words(200), optional(words(20))), max_size=3, unique_by=called),
            "standards": st.lists(st.sampled_from(STANDARDS), max_size=2, unique=True),
            "categories": st.sets(st.integers(1, 6)),
            "scopes": st.sets(st.integers(1, 3)),
            "certificate_number": optional(words(60)),
            "result": st.one_of(st.none(), st.tuples(st.decimals(-100, 10**6, places=3), st.sampled_from(UNITS))),
            "is_printed": st.booleans(),
            "consultant": st.one_of(st.none(), words(200)),
            "announced_on": days(),
            "issued_on": days(last=SUNDAY),
            "valid_until": days(first=SUNDAY),
            "period_start": days(last=dt.date(2025, 1, 1)),
            "period_end": days(first=dt.date(2025, 1, 1)),
            "assurance_level": slugs(labels.ASSURANCE),
            "register_status": st.sampled_from(["unknown", *labels.REGISTER]),
            "programme": st.booleans(),
            "tier": slugs(labels.TIERS),
            "batch": optional(words(40)),
            "list_stage": slugs(labels.LIST_STAGES),
            "removed_on": days(),
            "summary": optional(texts()),
            "region": st.sampled_from([None, "320583", "330100", "310000"]),
        }
    )


def called(product):
    return " ".join(filter(None, product))


def held():
    return st.fixed_dictionaries(
        {
            "kind": st.just("statement"),
            "section": st.sampled_from(["local", "industry"]),
            "headline": words(300),
            "statements": st.lists(statement(), min_size=1, max_size=3),
        }
    )


def halves():
    """One item that is policy and statement at once."""
    return st.builds(lambda policy, item: policy | {"kind": "both", "statements": item["statements"]}, policies(), held())


def news():
    return st.fixed_dictionaries(
        {
            "kind": st.sampled_from(["report", "other"]),
            "section": st.sampled_from(["industry", "other"]),
            "headline": words(300),
            "announced_on": days(),
            "text": st.lists(words(), min_size=1, max_size=3),
        }
    )


def weeks():
    return st.lists(st.one_of(policies(), held(), halves(), news()), min_size=1, max_size=4)


def rewordings():
    """An editor's headlines for the entries of a week, some of them."""
    return st.lists(optional(words(300)), max_size=4)
