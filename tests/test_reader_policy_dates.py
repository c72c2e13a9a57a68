"""The dates of a policy beside that of its issue, how far it has come and what paper it is; nothing where no words say it."""

import datetime as dt

import pytest

from tanxun.digest.reader import read
from tanxun.digest.vocabulary import shipped

pytestmark = pytest.mark.any_engine

FRIDAY = dt.date(2026, 3, 20)
ISSUE = "3月2日,江苏省工业和信息化厅印发《江苏省零碳工厂培育办法》。"
DATES = ("signed_on", "in_force_on", "expires_on", "comment_by", "apply_by")


def policy(body, heading="江苏:印发文件", reference=FRIDAY):
    item = read(f"{heading}\n{body}", reference, shipped()).items[0]
    assert item.kind.value == "policy"
    return item.policy


def said(found):
    """{date: what is printed of it} of the dates that were read."""
    return {name: str(getattr(found, name).value) for name in DATES if getattr(found, name)}


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("办法自2026年5月1日起施行。", {"in_force_on": "2026-05-01"}),
        ("《办法》将于2026年5月1日起正式实施。", {"in_force_on": "2026-05-01"}),
        ("该办法2026.05.01起执行。", {"in_force_on": "2026-05-01"}),
        ("办法共20条,自5月1日起生效。", {"in_force_on": "2026-05-01"}),
        ("办法自明年1月1日起施行。", {"in_force_on": "2027-01-01"}),
        ("办法自1月20日起施行。", {"in_force_on": "2026-01-20"}),
        ("办法自2026年5月起施行。", {"in_force_on": "2026-05"}),
        ("办法自2027年起施行。", {"in_force_on": "2027"}),
        ("办法自印发之日起施行。", {"in_force_on": "2026-03-02"}),
        ("办法自5月1日起施行,有效期三年。", {"in_force_on": "2026-05-01", "expires_on": "2029-04-30"}),
        ("办法自发布之日起实施,有效期2年。", {"in_force_on": "2026-03-02", "expires_on": "2028-03-01"}),
        ("办法自2026年5月1日起施行,有效期18个月。", {"in_force_on": "2026-05-01", "expires_on": "2027-10-31"}),
        ("办法自2028年2月29日起施行,有效期1年。", {"in_force_on": "2028-02-29", "expires_on": "2029-02-27"}),
        ("办法有效期至2028年12月31日。", {"expires_on": "2028-12-31"}),
        ("政策有效期至2028年12月。", {"expires_on": "2028-12"}),
        ("措施执行至2028年底。", {"expires_on": "2028"}),
        ("有效期自2026年4月1日至2029年3月31日。", {"in_force_on": "2026-04-01", "expires_on": "2029-03-31"}),
        ("本政策有效期为2026年4月1日至2029年3月31日。", {"in_force_on": "2026-04-01", "expires_on": "2029-03-31"}),
        ("办法自公布之日起30日后施行。", {"in_force_on": "2026-04-01"}),
        ("公众可于2026年3月2日至4月1日提出意见。", {"comment_by": "2026-04-01"}),
        ("企业可于3月1日至3月31日登录系统申报。", {"apply_by": "2026-03-31"}),
        ("申报窗口期为2026年3月1日—3月31日。", {"apply_by": "2026-03-31"}),
        ("有关意见请于4月5日前书面反馈。", {"comment_by": "2026-04-05"}),
        ("意见反馈截止时间为2026年4月16日。", {"comment_by": "2026-04-16"}),
        ("现公开征求意见,截止4月20日。", {"comment_by": "2026-04-20"}),
        ("反馈意见截至2026年4月30日。", {"comment_by": "2026-04-30"}),
        ("征求意见时间为2026年3月3日至4月2日。", {"comment_by": "2026-04-02"}),
        ("意见反馈截止到2026年4月。", {"comment_by": "2026-04"}),
        ("意见征集期为即日起至2026年4月17日。", {"comment_by": "2026-04-17"}),
        ("征求意见时间:发布之日起至4月17日。", {"comment_by": "2026-04-17"}),
        ("申报截止时间为6月30日,逾期不再受理。", {"apply_by": "2026-06-30"}),
        ("申报材料须在2月10日前提交。", {"apply_by": "2026-02-10"}),
        ("申报材料由各设区市初审,5月20日前报送省厅。", {"apply_by": "2026-05-20"}),
        ("首阶段接受至9月30日的申请。", {"apply_by": "2026-09-30"}),
        ("申报时间为2026年4月1日至4月30日。", {"apply_by": "2026-04-30"}),
        ("2026年2月18日签署的省政府令公布了办法。", {"signed_on": "2026-02-18"}),
        ("办法签署日期为2月25日。", {"signed_on": "2026-02-25"}),
    ],
)
def test_a_date_counts_where_the_words_say_what_it_is_for(sentence, expected):
    assert said(policy(ISSUE + sentence)) == expected


@pytest.mark.parametrize(
    "sentence",
    [
        "认定有效期三年,期满须复核。",
        "证书有效期至2028年12月31日。",
        "绿证有效期由2年调整为3年。",
        "有效期三年。",
        "该机制将于2027年1月1日起实施。",
        "原办法自2020年5月1日起施行。",
        "办法自2024年1月1日起施行以来,已培育300家企业。",
        "征求意见稿提出,截至2025年底全国已有300家企业。",
        "截至6月底,全省已受理申请300家。",
        "受理申请截至6月底累计300家。",
        "各地须在12月31日前完成配额清缴。",
        "到2028年,培育零碳工厂100家。",
        "1月1日至12月31日期间获评绿色工厂的企业可以申报。",
        "3月1日,省厅与协会签署合作协议。",
        "办法自2026年13月45日起施行。",
    ],
)
def test_other_dates_are_none_of_these(sentence):
    assert said(policy(ISSUE + sentence)) == {}


def test_a_year_that_had_to_be_completed_is_inferred_with_its_reason():
    found = policy(ISSUE + "办法自5月1日起施行。").in_force_on
    assert (found.confidence, "2026" in found.reason) == ("inferred", True)
    assert policy(ISSUE + "办法自2026年5月1日起施行。").in_force_on.confidence == "stated"


def test_a_year_is_completed_by_the_day_of_issue():
    body = "2025年12月20日,江苏省工业和信息化厅印发《江苏省零碳工厂培育办法》。办法自1月1日起施行,申报截止1月31日。"
    assert said(policy(body, reference=dt.date(2026, 1, 9))) == {"in_force_on": "2026-01-01", "apply_by": "2026-01-31"}


def test_several_dates_of_one_kind_are_left_to_a_person():
    found = policy(ISSUE + "办法自2026年5月1日起施行。方案自2026年7月1日起施行。").in_force_on
    assert (found.confidence, [str(one) for one in found.candidates]) == ("uncertain", ["2026-05-01", "2026-07-01"])


def test_the_span_holds_the_words():
    text = f"江苏:印发文件\n{ISSUE}办法自2026年5月1日起施行。"
    found = read(text, FRIDAY, shipped())
    (span,) = found.items[0].policy.in_force_on.spans
    assert found.text[span.start : span.end] == "自2026年5月1日起施行"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("3月2日,生态环境部就《碳市场管理办法(征求意见稿)》公开征求意见。", "consultation"),
        ("3月2日,生态环境部就碳市场管理办法向社会公开征求意见。", "consultation"),
        ("3月2日,江苏省工业和信息化厅印发《零碳工厂评价办法(试行)》。", "trial"),
        ("3月2日,江苏省工业和信息化厅印发《零碳工厂管理暂行办法》。", "trial"),
        ("3月2日,江苏省工业和信息化厅印发《零碳工厂评价办法》,自4月1日起试行。", "trial"),
        ("3月2日,江苏省工业和信息化厅印发《零碳工厂评价办法(2026年修订)》。", "amended"),
        ("3月2日,江苏省工业和信息化厅修订印发《零碳工厂评价办法》。", "amended"),
        ("3月2日,江苏省工业和信息化厅印发修订后的《零碳工厂评价办法》。", "amended"),
        ("3月2日,江苏省工业和信息化厅宣布废止《零碳工厂评价办法》。", "repealed"),
        ("3月2日,江苏省工业和信息化厅公告,《零碳工厂评价办法》自即日起废止。", "repealed"),
        ("3月2日,江苏省工业和信息化厅印发《零碳工厂评价办法》,自3月1日起施行。", "in_force"),
        ("3月2日,江苏省工业和信息化厅印发《零碳工厂评价办法》,自发布之日起施行。", "in_force"),
        ("3月2日,《江苏省零碳工厂评价办法》开始施行。", "in_force"),
        ("3月2日,江苏省工业和信息化厅印发《零碳工厂评价办法》。", None),
        ("3月2日,江苏省工业和信息化厅印发《零碳工厂评价办法》,《绿色工厂评价细则》同时废止。", None),
        ("3月2日,江苏省工业和信息化厅印发《关于修订评价流程的通知》。", None),
    ],
)
def test_stage_by_title_verb_and_day(body, expected):
    found = policy(body).stage
    assert (found.value if found else None) == expected


def test_in_force_from_a_day_to_come_is_inferred():
    assert policy(ISSUE + "办法自2026年10月1日起施行。").stage.confidence == "inferred"
    assert policy(ISSUE + "办法自2026年3月10日起施行。").stage.confidence == "stated"


@pytest.mark.parametrize(
    ("words", "content_type", "form"),
    [
        ("印发《零碳工厂行动方案(2026—2028年)》", "action_plan", None),
        ("印发《2026年节能工作要点》", "work_plan", None),
        ("印发《零碳工厂实施方案》", "implementation_plan", None),
        ("印发《零碳园区建设方案》", "construction_plan", None),
        ("印发《关于推进零碳工厂建设的指导意见》", "opinions", "opinion"),
        ("印发《零碳工厂管理办法(试行)》", "measures", None),
        ("印发《绿色低碳技术推广目录》", "catalogue", None),
        ("公布《2026年度绿色工厂名单》", "name_list", None),
        ("印发《产品碳足迹核算指南》", "guide", None),
        ("发布《零碳工厂评价规范》(DB32/T 5001-2026)", "standard", None),
        ("印发《“十五五”节能规划》", "planning", None),
        ("印发《关于印发〈零碳工厂实施方案〉的通知》", "implementation_plan", "notice"),
        ("印发《关于开展绿色工厂申报的通知》", None, "notice"),
        ("发布公告,公布《绿色工厂名单》", "name_list", "announcement"),
        ("举行新闻发布会,介绍节能工作", "press_conference", None),
        ("召开全省节能工作会议", "meeting", None),
    ],
)
def test_content_type_and_form(words, content_type, form):
    found = policy(f"3月2日,江苏省工业和信息化厅{words}。")
    assert (found.content_type.value if found.content_type else None) == content_type
    assert (found.form.value if found.form else None) == form
