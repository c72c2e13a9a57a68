"""Of each reward: how it is paid, the most of it, who gets it, what must be shown. Of each target: what it counts from."""

import datetime as dt
from decimal import Decimal

import pytest

from tanxun.digest.reader import read
from tanxun.digest.vocabulary import shipped

pytestmark = pytest.mark.any_engine


def policy(sentence):
    body = f"3月2日,昆山市人民政府印发《昆山市零碳工厂若干措施》。{sentence}"
    return read(f"昆山:发布措施\n{body}", dt.date(2026, 3, 20), shipped()).items[0].policy


def rewards(sentence):
    return [one.value for one in policy(sentence).incentives]


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("对通过核查的企业一次性奖励5万元。", [("one_off", None)]),
        ("对首次获评绿色工厂的企业奖励50万元。", [("one_off", None)]),
        ("对绿色工厂每年奖励10万元。", [("yearly", None)]),
        ("对取得产品碳足迹证书的企业,按认证费用的50%给予补助,每家最高10万元。", [("share", Decimal(100000))]),
        ("商务楼宇完成改造的,按年减碳量每吨奖励800元。", [(None, None)]),
        ("对零碳项目贷款按利率的2%给予贴息。", [("loan", None)]),
        ("对通过核查的企业给予最高10万元补贴。", [(None, Decimal(100000))]),
        ("对通过核查的企业给予补助3万元。", [(None, None)]),
        (
            "每张证书补助1万元,每家最高5万元;建成能碳平台的,按投入的20%给予资助,最高不超过30万元。",
            [(None, Decimal(50000)), ("share", Decimal(300000))],
        ),
        ("按每吨800元奖励,每家不超过30%。", [(None, None)]),
    ],
)
def test_how_it_is_paid_and_at_most_how_much(sentence, expected):
    assert [(one.kind, one.cap) for one in rewards(sentence)] == expected


@pytest.mark.parametrize(
    ("sentence", "who", "evidence", "topics"),
    [
        (
            "对首次获评国家级绿色工厂的企业,给予一次性奖励50万元。",
            "首次获评国家级绿色工厂的企业",
            "首次获评国家级绿色工厂",
            ("green-factory",),
        ),
        ("首次评为国家级绿色工厂的,给予20万元奖励。", "首次评为国家级绿色工厂", "首次评为国家级绿色工厂", ("green-factory",)),
        (
            "措施提出,对取得产品碳足迹证书的纺织企业,按认证费用的50%给予补助。",
            "取得产品碳足迹证书的纺织企业",
            "取得产品碳足迹证书",
            ("product-carbon-footprint",),
        ),
        (
            "首次入选零碳工厂名单的企业,由市级财政奖励150万元。",
            "首次入选零碳工厂名单的企业",
            "首次入选零碳工厂名单",
            ("zero-carbon-factory",),
        ),
        (
            "对完成电解铜碳足迹核算并通过第三方核查的企业,最高给予20万元补助。",
            "完成电解铜碳足迹核算并通过第三方核查的企业",
            "完成电解铜碳足迹核算并通过第三方核查",
            ("product-carbon-footprint",),
        ),
        (
            "对国家级、省级绿色工厂分别给予50万元、30万元奖励。",
            "国家级、省级绿色工厂",
            "国家级、省级绿色工厂",
            ("green-factory",),
        ),
        ("对在本市注册的中小企业给予5万元补助。", "在本市注册的中小企业", "", ()),
        (
            "对通过验收的零碳园区,省级财政按核定投入的10%给予补助。",
            "通过验收的零碳园区",
            "通过验收",
            (),
        ),
        ("省财政对建成的零碳园区给予2000万元奖补。", "建成的零碳园区", "", ()),
        ("碳足迹管理类项目按照服务费用的60%予以补助。", "", "", ()),
        ("企业参与制定国家标准,每项奖励30万元。", "", "", ()),
        ("对绿氢就地消纳按每公斤2元补贴。", "", "", ()),
    ],
)
def test_who_gets_it_for_showing_what(sentence, who, evidence, topics):
    for one in rewards(sentence):
        assert (one.who, one.evidence, one.topics) == (who, evidence, topics)
    assert rewards(sentence)


def test_two_rewards_of_one_sentence_keep_their_own_conditions():
    found = rewards("对获评绿色工厂的企业奖励20万元,对通过ISO 14064核查的企业奖励5万元。")
    assert [(one.amount, one.who) for one in found] == [
        (Decimal(200000), "获评绿色工厂的企业"),
        (Decimal(50000), "通过ISO 14064核查的企业"),
    ]


@pytest.mark.parametrize(
    ("sentence", "base"),
    [
        ("到2028年,新增零碳工厂100家。", "new"),
        ("到2028年,新培育零碳工厂100家。", "new"),
        ("每年新增零碳工厂100家。", "per_year"),
        ("到2028年,累计建成零碳工厂100家。", "total"),
        ("到2028年,零碳工厂总数达到100家。", "total"),
        ("到2028年,零碳工厂达到100家。", "total"),
        ("到2028年,绿电占比达到30%。", None),
        ("到2028年,培育零碳工厂100家。", None),
    ],
)
def test_what_a_target_counts_from(sentence, base):
    (target,) = policy(sentence).targets
    assert target.value.base == base
