"""★ Row 92: the weekly is made of the accepted records of its week, and of nothing else."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from certifications.models import VerificationStatement
from policies.models import Policy
from tanxun.digest import intake, review
from tanxun.digest.entry import open_draft
from tanxun.digest.issue import Choices, Issue, Week
from tanxun.digest.models import Draft, NewsItem, Newsletter
from tanxun.digest.publisher import compose, to_text
from tanxun.site import reference
from tests import factory

pytestmark = pytest.mark.django_db
WEEK = Week.parse("2026-W03")
DAY = dt.date(2026, 1, 16)
TEXT = """本周双碳要闻目录

1.甲电子:获产品碳足迹核查声明
2.昆山:发布零碳工厂建设方案
3.两家企业:获温室气体核查声明
4.工信部:印发绿色制造行动方案

01. 行业动态

甲电子:获产品碳足迹核查声明

近日,苏州甲电子有限公司的路由器产品获得SGS颁发的产品碳足迹核查声明。

02. 地方动态

昆山:发布零碳工厂建设方案

1月12日,昆山市人民政府印发《昆山市零碳工厂建设方案》。《方案》提出,到2028年,新增零碳工厂10家以上。

03. 行业动态

两家企业:获温室气体核查声明

近日,无锡乙材料有限公司、常州丙机械有限公司获得SGS颁发的温室气体核查声明。

04. 国家动态

工信部:印发绿色制造行动方案

1月13日,工业和信息化部印发《绿色制造行动方案》。《方案》提出,推动企业创建绿色工厂。
"""


@pytest.fixture
def week():
    """A newsletter that came in, all of it accepted."""
    reference.load()
    user = factory.superuser()
    newsletter = intake.bring_in("week.txt", TEXT.encode(), reference_date=DAY, user=user).newsletter
    assert intake.accept_all(newsletter, user).left == []
    return newsletter


def headlines(issue):
    return [entry.headline for entry in issue.entries]


@pytest.mark.usefixtures("week")
def test_entries_stand_by_section_then_as_in_their_newsletter():
    issue = compose(WEEK)
    assert headlines(issue) == [
        "工信部:印发绿色制造行动方案",
        "昆山:发布零碳工厂建设方案",
        "甲电子:获产品碳足迹核查声明",
        "两家企业:获温室气体核查声明",
    ]
    assert [(number, label, len(entries)) for number, _section, label, entries in issue.sections] == [
        ("01", "国家动态", 1),
        ("02", "地方动态", 1),
        ("03", "行业动态", 2),
    ]
    assert len(issue.entries[3].records) == 2  # one item of the newsletter is one heading


@pytest.mark.usefixtures("week")
def test_it_is_the_same_byte_for_byte_without_the_newsletters():
    before = to_text(compose(WEEK))
    Newsletter.objects.update(text="", title="", report={})
    assert to_text(compose(WEEK)) == before
    Draft.objects.all().delete()
    Newsletter.objects.all().delete()
    assert to_text(compose(WEEK)) == before


@pytest.mark.usefixtures("week")
@pytest.mark.parametrize(
    ("model", "column", "value", "printed"),
    [
        (VerificationStatement, "certificate_number", "CN-2026-77", "CN-2026-77"),
        (VerificationStatement, "announced_on", dt.date(2026, 1, 14), "1月14日"),
        (Policy, "issued_on", dt.date(2026, 1, 11), "1月11日"),
        (Policy, "headline", "江苏昆山：有了零碳方案", "江苏昆山：有了零碳方案"),
        (Policy, "section", "other", "国际动态"),
    ],
)
def test_a_changed_field_of_a_record_changes_it(model, column, value, printed):
    record = model.objects.order_by("pk").first()
    assert printed not in to_text(compose(WEEK))
    setattr(record, column, value)
    record.save()
    assert printed in to_text(compose(WEEK))


def test_what_is_pending_deleted_or_of_another_week_is_out(week):
    assert compose(Week.parse("2026-W04")).entries == ()
    Policy.objects.order_by("pk").last().remove("doubled")
    draft = week.drafts.order_by("order").first()
    review.undo(draft, week.created_by)
    assert headlines(compose(WEEK)) == ["昆山:发布零碳工厂建设方案", "两家企业:获温室气体核查声明"]
    review.accept(draft, accepted(draft), week.created_by)
    assert len(headlines(compose(WEEK))) == 3


def accepted(draft):
    draft.refresh_from_db()
    entry = open_draft(draft).as_sent()
    assert entry.form.is_valid()
    return entry


@pytest.mark.usefixtures("week")
def test_what_was_entered_by_hand_or_sheet_comes_last_in_its_section():
    made = factory.statement(company=factory.company("杭州丁科技有限公司"), week_on=WEEK.sunday)
    factory.policy("手工录入的政策", week_on=WEEK.monday)
    issue = compose(WEEK)
    assert headlines(issue)[1] == "手工录入的政策"
    assert issue.entries[-1].key == f"statement-{made.pk}"
    assert issue.entries[-1].headline == "杭州丁科技有限公司：获温室气体核查声明"
    assert "杭州丁科技有限公司获得权威认证机构SGS颁发的温室气体核查声明" in issue.entries[-1].paragraphs[0]


@pytest.mark.usefixtures("week")
def test_the_editor_orders_words_notes_and_leaves_out():
    first, second, third, fourth = (entry.key for entry in compose(WEEK).entries)
    choices = Choices(
        order=(fourth, third),
        left_out=frozenset({second}),
        headlines={first: "工信部：绿色制造有了方案"},
        notes={third: "本刊注"},
    )
    issue = compose(WEEK, choices)
    assert [entry.key for entry in issue.entries] == [first, fourth, third]
    assert issue.entries[0].headline == "工信部：绿色制造有了方案"
    assert issue.entries[2].note == "本刊注"
    assert "【编者注】本刊注" in to_text(issue)


@pytest.mark.usefixtures("week")
def test_what_was_chosen_of_an_entry_holds_when_the_first_of_its_records_goes():
    key = compose(WEEK).entries[3].key
    VerificationStatement.objects.get(company__name="无锡乙材料有限公司").remove("重复")
    assert len(headlines(compose(WEEK, Choices(left_out=frozenset({key}))))) == 3
    last = compose(WEEK, Choices(headlines={key: "一家企业获证"}, notes={key: "本刊注"})).entries[3]
    assert (last.headline, last.note, len(last.records)) == ("一家企业获证", "本刊注", 1)


@pytest.mark.usefixtures("week")
def test_the_number_of_queries_does_not_grow_with_the_week():
    def count():
        with CaptureQueriesContext(connection) as queries:
            compose(WEEK)
        return len(queries)

    for number in range(2):
        add(number)
    before = count()
    for number in range(2, 12):
        add(number)
    assert count() == before


def add(number):
    place = {"week_on": DAY}
    company = factory.company(f"样例{number}有限公司", region=factory.region())
    factory.statement(company=company, products=[factory.product(company)], standards=[factory.standard()], **place)
    policy = factory.policy(f"样例政策{number}", issuers=[factory.issuing_body(f"样例{number}局")], **place)
    factory.target(policy)
    factory.incentive(policy, topics=[factory.topic()])
    policy.documents.create(title=f"样例{number}办法")
    policy.key_points.create(text="推动")
    NewsItem.objects.create(headline=f"消息{number}", kind="other", section="industry", text="消息", **place)


def test_an_issue_survives_its_json(week):
    issue = compose(WEEK, published_on=DAY)
    assert Issue.from_json(issue.as_json()) == issue


@pytest.mark.parametrize("code", ["2026-W3", "2026-W54", "2026W03", "2025-W53", "0000-W01", "", "２０２６-W03", "2026-W03 "])
def test_a_week_is_written_in_one_way(code):
    with pytest.raises(ValueError, match=r".+"):
        Week.parse(code)


@pytest.mark.parametrize("code", ["2026-W01", "2026-W53", "2020-W53", "2024-W09"])
def test_a_week_knows_its_days(code):
    week = Week.parse(code)
    assert (week.code, week.monday.isoweekday(), (week.sunday - week.monday).days) == (code, 1, 6)
    assert {Week.of(week.monday), Week.of(week.sunday)} == {week}
