"""What the browser tests find on the site, entered through its models: `manage.py shell -c "... enter()"` on its data.

Nothing here is dated 2026-01-16 or of TÜV莱茵: the weekly walk counts those.
"""

import datetime as dt
import json

from django.contrib import admin
from django.contrib.auth.tokens import default_token_generator
from django.core import signing
from django.urls import reverse
from django.utils import timezone
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from certifications.models import (
    Company,
    CompanyName,
    CompanyNote,
    Programme,
    SheetImport,
    VerificationBody,
    VerificationStatement,
)
from policies.models import Incentive, Policy, Target, Topic
from tanxun.alerts.models import Hook, Message, Subscription
from tanxun.alerts.unsubscribing import ALL, SALT
from tanxun.digest.feeds.models import FeedSource
from tanxun.digest.models import Digest, NewsItem, Newsletter, ReaderWord
from tanxun.jobs.models import Job, State
from tanxun.listing.keys import AccessKey
from tanxun.listing.models import SavedFilter
from tanxun.records.models import Industry, Proposal
from tanxun.regions.models import Region
from tanxun.site.models import Role, User
from tests import factory as f
from tests.holdings import confirm_token

PASSWORD = "pass-word-1"
WEEK = "2026-W03"  # that of a sample issue
PENDING = "行业动态\n\n待审样例:完成碳盘查\n近日,昆山待审样例机械有限公司取得SGS颁发的温室气体核查声明。\n"
# Days from today to the end of the certificate of each; all of them stand in 昆山, one by another name.
TEXTILES = {
    "昆山样织甲纺织有限公司": -5,
    "昆山样织乙服饰有限公司": 20,
    "苏州样织丙实业有限公司": 80,
    "昆山样织丁纺织有限公司": 400,
}


def enter() -> None:
    """Accounts of every role, textile companies in 昆山, statements over years and provinces, a note, a saved filter."""
    for role in Role.values:
        f.user(role, username=f"walk-{role}")
    textile, label, today = Industry.objects.get(code="C17"), f.statement_type("carbon_label"), timezone.localdate()
    for name, days in TEXTILES.items():
        company = f.company(name, region=Region.objects.get(code="320583"), industry=textile)
        end = today + dt.timedelta(days=days)
        f.statement(company=company, statement_type=label, issued_on=dt.date(2024, 3, 5), valid_until=end)
    CompanyName.objects.create(company=company, name="海曜织造", kind="brand")
    spread()
    money_and_targets()
    scans(company)
    CompanyNote.objects.create(company=company, written_by=User.objects.get(username="walk-editor"), text="下周电话联系")
    SavedFilter.objects.create(
        owner=User.objects.get(username="admin"), page="statements", name="江苏的声明", query="region=320000"
    )
    NewsItem.objects.create(headline="样例市场综述", kind="other", section="industry", text="本周样例价格平稳。")
    Programme.objects.create(slug="walk-list", name="样例名录")
    going_out(User.objects.get(username="admin"))
    ReaderWord.objects.create(kind="abroad", word="样例国")
    work_in_hand(User.objects.get(username="admin"))


def going_out(owner: User) -> None:
    """A frozen issue, a hook, a feed, keys of both kinds, something followed, a message that waits."""
    f.digest("2025-W50", ("样例市场综述", "样例政策出台"))
    stopped = {"paused_at": timezone.now(), "pause_reason": "样例：十次失败"}
    Hook.objects.create(name="样例推送", address="https://hooks.example.com/a", owner=owner, **stopped)
    FeedSource.objects.create(name="样例部委", address="https://ministry.example.com/rss")
    for kind in AccessKey.Kind.values:
        AccessKey.make(owner, kind, "样例密钥", scopes=["read"], address="/statements.atom")
    Subscription.objects.create(user=owner, saved_filter=SavedFilter.objects.get(name="江苏的声明"))
    Message.objects.create(channel="mail", recipient=f"user-{owner.pk}", kind="digest", key="walk", subject="样例消息")


def work_in_hand(owner: User) -> None:
    """A job that runs and one that failed; a sheet that was checked, with a row to look at, and one whose heads are unknown."""
    job = {"owner": owner, "kind": "walk", "language": "zh-hans", "effect": "", "place": "/statements/"}
    Job.objects.create(title="样例任务甲", state=State.RUNNING, done=40, total=100, words="正在写入", **job)
    Job.objects.create(title="样例任务乙", state=State.FAILED, error="磁盘已满", finished_at=timezone.now(), **job)
    sheet = {"created_by": owner, "size": 9_000, "digest": "0" * 64}
    told = {"what": "changed", "kind": "企业", "name": "样例企业", "url": "/companies/1/", "lines": [["名称", "旧名", "新名"]]}
    editor = User.objects.get(username="walk-editor")
    Proposal.objects.create(
        proposer=editor, title="样例改动", path="/statements/", told=[told], language="zh-hans", reason="更正"
    )
    heads = [["企业名称", "company"], ["证书编号", "certificate_number"], ["谁发的", ""]]
    SheetImport.objects.create(name="无表头.csv", state="unmapped", heads=heads, problem="缺少对应的列：声明类型。", **sheet)
    line = {"row": 3, "state": "wrong", "field": "valid_until", "words": "“明年”不是完整的日期。"}
    SheetImport.objects.create(
        name="台账.xlsx", state="checked", heads=heads, counts={"new": 2, "wrong": 1}, lines=[line], **sheet
    )


def spread() -> None:
    """Forty statements of ten companies over years, provinces, types and bodies, some of an undisclosed body."""
    places = ("110000", "310000", "320500", "330100", "370200")
    for number in range(10):
        code = places[number % len(places)]
        company = f.company(f"远景样例{number}能源有限公司", region=Region.objects.get(code=code))
        for year in range(2022, 2026):
            body = (
                {"is_body_undisclosed": True}
                if number == year - 2020
                else {"verification_body": f.body(("sgs", "cti")[year % 2])}
            )
            period = {"period_start": dt.date(year - 1, 1, 1), "period_end": dt.date(year - 1, 12, 31)}
            kind = f.statement_type(("ghg_verification", "product_carbon_footprint")[number % 2])
            f.statement(company=company, statement_type=kind, issued_on=dt.date(year, 4, 1 + number), **period, **body)


def money_and_targets() -> None:
    """A policy of 江苏 with targets of several years and incentives, one of them to be applied for soon."""
    place, topic = Region.objects.get(code="320000"), Topic.objects.first()
    policy = f.policy("江苏样例零碳方案", region=place, topics=[topic], issued_on=timezone.localdate(), stage="trial")
    for year, value, unit, base in ((2027, 100, "家", "new"), (2028, 30, "万千瓦", "total"), (2030, None, "", "")):
        sentence = f"到{year}年，样例指标明显提高。"
        f.target(policy, indicator=f"样例指标{year}", value=value, unit=unit, base=base, year=year, sentence=sentence)
    soon = timezone.localdate() + dt.timedelta(days=20)
    f.incentive(policy, amount=200_000, currency="CNY", kind="one_off", apply_by=soon, sentence="一次性奖励20万元。")
    f.incentive(policy, amount=30, currency="%", kind="share", cap=5_000_000, who_qualifies="", evidence_needed="产品碳足迹声明")


def scans(company: Company) -> None:
    """On a record of each kind one that stands and one that was removed."""
    editor = User.objects.get(username="walk-editor")
    for record in (company, VerificationStatement.objects.earliest("pk"), Policy.objects.earliest("pk")):
        f.attachment(record, by=editor, note="原件扫描", audience="members")
        f.attachment(record, b"%PDF-1.4 2", "错页.pdf", editor).remove("误传")


def first(model, **which) -> int:
    return model._default_manager.filter(**which).order_by("pk").values_list("pk", flat=True)[0]


def addresses() -> dict[str, str]:
    """Address by name of every page that speaks of one record, with a record of its own kind that is there."""
    records: dict[str, int | str] = {
        "certifications:statement": first(VerificationStatement),
        "certifications:company": first(Company, name="昆山样织丁纺织有限公司"),
        "certifications:merge": first(Company, name="昆山样织丁纺织有限公司"),
        "certifications:body": first(VerificationBody, slug="sgs"),
        "policies:policy": first(Policy),
        "statements-attachments": first(VerificationStatement),
        "companies-attachments": first(Company, name="昆山样织丁纺织有限公司"),
        "policies-attachments": first(Policy),
        "policies:target": first(Target, indicator="样例指标2027"),
        "policies:incentive": first(Incentive, amount=200_000),
        "digest:review": first(Newsletter, drafts__status="pending"),
        "digest:news_item": first(NewsItem),
        "certifications:import": first(SheetImport, state="checked"),
        "alerts:hook": first(Hook),
        "alerts:confirm": confirm_token(User.objects.get(username="walk-reader"), "new@example.com"),
        "alerts:stop": signing.dumps([first(User, username="walk-reader"), ALL], salt=SALT),
        "digest:compose": WEEK,
        "digest:preview": WEEK,
        "digest:freeze": WEEK,
        "digest:issue": first(Digest),
        "approval": first(Proposal),
        "token-revoke": first(AccessKey, kind=AccessKey.Kind.TOKEN),
        "saved-edit": first(SavedFilter, owner__username="admin"),
        "admin:auth_user_password_change": first(User, username="walk-reader"),
    }
    for model in admin.site._registry:
        if rows := model._default_manager.order_by("pk").values_list("pk", flat=True)[:1]:
            for page in ("change", "history", "delete"):
                records[f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}"] = rows[0]
    lost = User.objects.get(username="walk-reader")
    link = [urlsafe_base64_encode(force_bytes(lost.pk)), default_token_generator.make_token(lost)]
    return {
        **{name: reverse(name, args=[key]) for name, key in records.items()},
        "password_reset_confirm": reverse("password_reset_confirm", args=link),
    }


def print_addresses() -> None:
    print(json.dumps(addresses()))
