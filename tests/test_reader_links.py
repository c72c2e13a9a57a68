"""What a policy does to other documents, in the words of the text; a title that is only mentioned is linked to nothing."""

import datetime as dt

import pytest

from tanxun.digest.reader import read
from tanxun.digest.vocabulary import shipped

pytestmark = pytest.mark.any_engine

ISSUE = "3月2日,江苏省工业和信息化厅印发《江苏省绿色工厂梯度培育管理实施细则》。"
NATIONAL = "绿色工厂梯度培育及管理暂行办法"


def links(body, heading="江苏:印发文件"):
    item = read(f"{heading}\n{body}", dt.date(2026, 3, 20), shipped()).items[0]
    return {(one.value.kind, one.value.title): one.confidence for one in item.policy.links}


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("细则落实《江苏省节约能源条例》。", {("implements", "江苏省节约能源条例"): "stated"}),
        ("为贯彻《中华人民共和国节约能源法》,细则作出安排。", {("implements", "中华人民共和国节约能源法"): "stated"}),
        ("细则贯彻落实国务院印发的《节能降碳行动方案》。", {("implements", "节能降碳行动方案"): "stated"}),
        (
            "细则落实《节能降碳行动方案》《绿色制造指导意见》。",
            {("implements", "节能降碳行动方案"): "stated", ("implements", "绿色制造指导意见"): "stated"},
        ),
        ("省厅另印发《关于落实〈江苏省节约能源条例〉的通知》。", {("implements", "江苏省节约能源条例"): "stated"}),
        ("省厅公布《关于废止〈江苏省节能规定〉的决定》。", {("repeals", "江苏省节能规定"): "stated"}),
        ("省厅公布《关于修改〈江苏省节能规定〉的决定》。", {("amends", "江苏省节能规定"): "stated"}),
        ("省厅根据国务院印发的《节能降碳行动方案》制定本细则。", {("implements", "节能降碳行动方案"): "inferred"}),
        ("细则替代此前印发的《江苏省绿色工厂评价办法》。", {("replaces", "江苏省绿色工厂评价办法"): "stated"}),
        ("细则依据《工业节能监察办法》制定。", {("implements", "工业节能监察办法"): "inferred"}),
        ("对《江苏省绿色工厂评价办法》进行了修订。", {("amends", "江苏省绿色工厂评价办法"): "stated"}),
        ("细则修改《江苏省节能规定》。", {("amends", "江苏省节能规定"): "stated"}),
        ("细则代替《江苏省绿色工厂评价办法》。", {("replaces", "江苏省绿色工厂评价办法"): "stated"}),
        ("细则取代原《江苏省绿色工厂评价办法》。", {("replaces", "江苏省绿色工厂评价办法"): "stated"}),
        ("细则施行后,《江苏省绿色工厂评价办法》同时废止。", {("repeals", "江苏省绿色工厂评价办法"): "stated"}),
        (
            "同时废止《江苏省绿色工厂评价办法》和《江苏省节能规定》。",
            {("repeals", "江苏省绿色工厂评价办法"): "stated", ("repeals", "江苏省节能规定"): "stated"},
        ),
        ("省厅同步发布《江苏省节能规定》解读。", {("interprets", "江苏省节能规定"): "stated"}),
        ("省厅发布《关于〈江苏省节能规定〉的解读》。", {("interprets", "江苏省节能规定"): "stated"}),
        ("有关负责人就《江苏省节能规定》答记者问。", {("interprets", "江苏省节能规定"): "stated"}),
        (f"细则落实《{NATIONAL}》。", {("local_version_of", NATIONAL): "inferred"}),
    ],
)
def test_a_verb_beside_the_title_says_what_is_done_to_it(sentence, expected):
    assert links(ISSUE + sentence) == expected


@pytest.mark.parametrize(
    "sentence",
    [
        "《江苏省节能规定》已实施三年。",
        "细则与《江苏省节能规定》相衔接。",
        "《细则》落实《办法》要求。",
        "企业依据《温室气体 产品碳足迹 量化要求和指南》开展核算。",
        "细则落实节能要求。",
        "去年印发的《江苏省节能规定》提出了目标。",
    ],
)
def test_a_title_that_is_only_mentioned_is_linked_to_nothing(sentence):
    assert links(ISSUE + sentence) == {}


def test_a_new_edition_amends_the_earlier_one_of_the_same_title():
    body = "3月2日,财政部修订印发《节能减排补助资金管理办法》,原办法同时废止。"
    assert links(body, "财政部:修订资金办法") == {("amends", "节能减排补助资金管理办法"): "stated"}


def test_a_national_paper_has_no_local_version_in_a_national_one():
    body = f"3月2日,工业和信息化部印发《绿色工厂梯度培育管理实施细则》,落实《{NATIONAL}》。"
    assert links(body, "工业和信息化部:印发细则") == {("implements", NATIONAL): "stated"}


def test_each_link_points_at_its_words():
    text = f"江苏:印发文件\n{ISSUE}细则落实《江苏省节约能源条例》。"
    found = read(text, dt.date(2026, 3, 20), shipped())
    (link,) = found.items[0].policy.links
    assert found.text[link.spans[0].start : link.spans[0].end] == "落实《江苏省节约能源条例》"


@pytest.mark.parametrize(
    "text", ["《" * 4000, "落实《" * 2000, "《甲》、" * 3000, "落实" * 5000 + "《江苏省节约能源条例》", "自2026年" * 3000]
)
def test_hostile_text_is_read_in_good_time(text):
    read(f"江苏:印发文件\n{ISSUE}{text}", dt.date(2026, 3, 20), shipped())
