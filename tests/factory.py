"""Plain functions that build valid objects; every argument has a sensible default."""

import datetime as dt
import itertools

from django.utils import timezone

from certifications.models import Company, Product, Standard, StatementType, VerificationBody, VerificationStatement
from policies.models import Incentive, IssuingBody, Policy, PolicyIssuer, Target, Topic
from tanxun.digest.models import Digest
from tanxun.records.attachments.storing import Arriving, attach
from tanxun.records.models import Industry
from tanxun.regions.models import Region
from tanxun.site.models import Role, User

_serial = itertools.count(1)
NUMERALS = str.maketrans("0123456789", "〇一二三四五六七八九")

REGIONS = {
    "320000": ("江苏省", "江苏", "province", None),
    "320500": ("苏州市", "苏州", "city", "320000"),
    "320583": ("昆山市", "昆山", "county", "320500"),
    "330000": ("浙江省", "浙江", "province", None),
    "330100": ("杭州市", "杭州", "city", "330000"),
    "310000": ("上海市", "上海", "province", None),
}


def _numeral():
    """Another one each time, without a digit: a test that searches for a number shall not hit a sample's name."""
    return str(next(_serial)).translate(NUMERALS)


def region(code="320583"):
    name, short, level, parent = REGIONS[code]
    above = region(parent) if parent else None
    return Region.objects.get_or_create(code=code, defaults={"name": name, "short_name": short, "level": level, "parent": above})[
        0
    ]


def industry(code="C39", name="计算机、通信和其他电子设备制造业"):
    section = Industry.objects.get_or_create(code=code[0], defaults={"name": "制造业"})[0]
    return Industry.objects.get_or_create(code=code, defaults={"name": name, "parent": section})[0]


def topic(slug="product-carbon-footprint", name="产品碳足迹", **kwargs):
    return Topic.objects.get_or_create(slug=slug, defaults={"name": name, **kwargs})[0]


def statement_type(slug="ghg_verification", **kwargs):
    known = {
        "ghg_verification": ("温室气体核查", "GHG verification", "statement", "reporting_period", 12),
        "product_carbon_footprint": ("产品碳足迹", "Product carbon footprint", "statement", "printed_end", None),
        "green_factory": ("绿色工厂", "Green factory", "list_membership", "membership", None),
        "carbon_label": ("碳标识", "Carbon label", "label", "printed_end", None),
    }
    name, name_en, kind, rule, cycle = known.get(slug, (slug, slug, "certificate", "printed_end", None))
    values = {"name": name, "name_en": name_en, "evidence_kind": kind, "validity_rule": rule, "cycle_months": cycle}
    return StatementType.objects.get_or_create(slug=slug, defaults=values | kwargs)[0]


def body(slug="sgs", name=None, **kwargs):
    name = name or {"sgs": "SGS", "tuv-rheinland": "TÜV莱茵", "cti": "CTI华测"}.get(slug, slug)
    return VerificationBody.objects.get_or_create(slug=slug, defaults={"name": name, **kwargs})[0]


def standard(code="ISO 14064-1", edition="2018", **kwargs):
    return Standard.objects.get_or_create(code=code, edition=edition, defaults=kwargs)[0]


def company(name=None, **kwargs):
    return Company.objects.create(name=name or f"苏州样例{_numeral()}科技有限公司", **kwargs)


def product(of, name="路由器", **kwargs):
    return Product.objects.create(company=of, name=name, **kwargs)


def statement(products=(), standards=(), **kwargs):
    kwargs.setdefault("company", None)
    kwargs["company"] = kwargs["company"] or company()
    kwargs.setdefault("statement_type", statement_type())
    if "verification_body" not in kwargs and "is_body_undisclosed" not in kwargs:
        kwargs["verification_body"] = body()
    kwargs.setdefault("source_on", dt.date(2026, 1, 16))
    made = VerificationStatement.objects.create(**kwargs)
    made.products.set(products)
    made.standards.set(standards)
    return made


def issuing_body(name="江苏省工业和信息化厅", **kwargs):
    return IssuingBody.objects.get_or_create(name=name, defaults=kwargs)[0]


def policy(headline=None, issuers=(), topics=(), **kwargs):
    kwargs.setdefault("level", "national" if "region" not in kwargs else "province")
    kwargs.setdefault("source_on", dt.date(2026, 1, 16))
    made = Policy.objects.create(headline=headline or f"样例政策{_numeral()}", **kwargs)
    for position, issuer in enumerate(issuers):
        PolicyIssuer.objects.create(policy=made, body=issuer, position=position)
    made.topics.set(topics)
    return made


def target(of=None, topics=(), **kwargs):
    kwargs.setdefault("indicator", f"样例指标{_numeral()}")
    made = Target.objects.create(policy=of or policy(), **kwargs)
    made.topics.set(topics)
    return made


def incentive(of=None, topics=(), **kwargs):
    kwargs.setdefault("who_qualifies", f"样例申报单位{_numeral()}")
    made = Incentive.objects.create(policy=of or policy(), **kwargs)
    made.topics.set(topics)
    return made


def digest(week=None, headlines=("样例政策出台",), **kwargs):
    """A frozen issue of that week, else of one that has none, with these entries."""
    number = next(_serial)
    week = week or f"{1901 + number // 52 % 90}-W{number % 52 + 1:02}"
    entries = [
        {"key": f"news-{n}", "section": "industry", "headline": text, "paragraphs": [f"{text}。"], "links": [], "records": []}
        | {"note": ""}
        for n, text in enumerate(headlines, start=1)
    ]
    title, lead = kwargs.pop("title", f"碳讯 {week}"), kwargs.pop("lead", f"碳讯丨{headlines[0]}")
    day = dt.date.fromisocalendar(int(week[:4]), int(week[-2:]), 7)
    kept = {"week": week, "title": title, "lead": lead, "published_on": day.isoformat(), "entries": entries}
    kwargs.setdefault("frozen_at", timezone.now())
    values = {"frozen": kept, "entry_count": len(entries), "published_on": day, "title": title, "lead": lead}
    return Digest.objects.create(week=week, **values, **kwargs)


def attachment(of=None, content=b"%PDF-1.4\n%%EOF\n", name="证书.pdf", by=None, **kwargs):
    """With its file on the disk; `content` stored once however often it is asked for."""
    arrived = Arriving(name)
    arrived.write(content)
    arrived.finish()
    return attach(of or statement(), arrived, by or user(Role.EDITOR), **kwargs)


def user(role=Role.READER, **kwargs):
    return User.objects.create_user(
        kwargs.pop("username", f"{role}-{next(_serial)}"), password="pass-word-1", role=role, **kwargs
    )


def superuser(**kwargs):
    return User.objects.create_superuser(kwargs.pop("username", "root"), password="pass-word-1", **kwargs)
