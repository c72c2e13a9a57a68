"""Forms of other houses' issues: sections and headings in their own words, tables below a heading, who gives it out."""

import datetime as dt

import pytest

from tanxun.digest.reader import read
from tanxun.digest.vocabulary import shipped

pytestmark = pytest.mark.any_engine

FRIDAY = dt.date(2026, 11, 20)
POLICY = "11月17日,宁波市财政局印发《宁波市碳核算补助办法》,对取得声明的企业给予5万元奖励。"
STATEMENT = "11月18日,宁波远澜电池有限公司获得SGS颁发的产品碳足迹证书。"
TABLE = (
    "企业名称|证书类型|认证机构|日期\n"
    "宁波远澜电池有限公司|产品碳足迹证书|SGS|11月12日\n卧山电气集团|温室气体核查声明|DNV|11月13日"
)


def items(text):
    return read(text, FRIDAY, shipped()).items


@pytest.mark.parametrize("heading", ["本周获证企业一览", "本周获证一览", "企业获证情况", "近期获证企业"])
@pytest.mark.parametrize("above", ["", "▎宁波:出台补助办法\n" + POLICY + "\n\n"])
def test_a_table_below_its_heading_is_an_item_with_its_day(heading, above):
    text = f"甬碳周报\n\nPART 1 企业动态\n\n{above}▎{heading}\n\n{TABLE}\n\n▎远澜电池:获产品碳足迹证书\n\n{STATEMENT}"
    table = items(text)[-2]
    assert table.headline.value == heading
    assert [(one.company.value, one.statement_type.value, one.announced_on.value) for one in table.statements] == [
        ("宁波远澜电池有限公司", "product_carbon_footprint", dt.date(2026, 11, 12)),
        ("卧山电气集团", "ghg_verification", dt.date(2026, 11, 13)),
    ]


def test_a_table_below_a_paragraph_without_heading_is_kept():
    text = f"企业动态\n近日,一批企业获得证书。\n\n近日,新获证的企业如下。\n{TABLE}"
    assert [one.company.value for item in items(text) for one in item.statements] == ["宁波远澜电池有限公司", "卧山电气集团"]


@pytest.mark.parametrize("title", ["省内动态", "全市要闻", "园区动态"])
def test_a_title_behind_the_mark_of_the_others_ends_the_section_above(title):
    text = (
        "一、国家政策\n1.生态环境部印发通知\n11月16日,生态环境部印发《碳排放核算通知》。\n"
        f"二、{title}\n1.市财政局出台补助办法\n{POLICY}\n三、企业动态\n1.远澜电池获证书\n{STATEMENT}"
    )
    assert [item.section.value for item in items(text)] == ["national", "local", "industry"]


def test_who_gives_an_issue_out_and_to_whom_is_no_item():
    top = "甬江经济技术开发区《零碳园区月报》2026年11月号\n\n主办:甬江经开区管委会绿色发展办公室\n2026年11月20日印发"
    end = "报:省发展改革委、省生态环境厅\n送:各会员单位\n责任编辑:周敏"
    text = f"{top}\n\n■ 政策动态\n★ 宁波:出台补助办法\n{POLICY}\n\n■ 企业动态\n★ 远澜电池获产品碳足迹证书\n{STATEMENT}\n\n\n{end}"
    assert [item.headline.value for item in items(text)] == ["宁波:出台补助办法", "远澜电池获产品碳足迹证书"]


def test_a_title_with_the_days_of_the_week_is_the_issues():
    reading = read(
        f"甬碳咨询 · 一周碳观察(2026.11.14—11.20)\n\n编者按:补助办法落地,为您梳理。\n\n政策动态\n宁波:出台补助办法\n{POLICY}",
        FRIDAY,
        shipped(),
    )
    assert reading.title.value.startswith("甬碳咨询")
    assert [item.headline.value for item in reading.items] == ["宁波:出台补助办法"]


def test_a_line_of_the_contents_that_sums_up_a_section_is_no_entry():
    reading = read(
        "外贸碳讯\n本期要目\n国内政策:宁波\n企业出海:远澜电池、卧山电气\n\n"
        f"—— 国内政策 ——\n① 宁波:出台补助办法\n{POLICY}\n—— 企业出海 ——\n② 远澜电池:获产品碳足迹证书\n{STATEMENT}\n"
        "—— 海外动态 ——\n③ 欧盟:简化规则\n11月18日,欧盟委员会简化规则。",
        FRIDAY,
        shipped(),
    )
    assert reading.toc_only == ()
    assert len(reading.items) == 3


@pytest.mark.parametrize("lead", ["园区企业", "辖区内企业", "我市"])
def test_whose_firm_it_is_is_no_part_of_its_name(lead):
    found = items(f"丰和制药获产品碳足迹证书\n11月18日,{lead}丰和制药有限公司获得SGS颁发的产品碳足迹证书。")
    assert [one.company.value for item in found for one in item.statements] == ["丰和制药有限公司"]


def test_a_report_that_buyers_take_is_still_held():
    found = items(
        "东屿水产:冻虾仁碳足迹报告获英国商超认可\n11月18日,湛江东屿水产进出口有限公司的冻虾仁获得SGS出具的产品碳足迹核查声明。"
    )
    assert [(item.kind.value, len(item.statements)) for item in found] == [("statement", 1)]


def test_a_paper_of_no_known_type_is_a_statement_to_be_looked_at():
    found = items("明达紧固件:完成CBAM隐含排放核查\n11月18日,嘉兴明达紧固件股份有限公司收到DNV出具的CBAM隐含排放核查声明。")
    assert [(item.kind.value, item.statements[0].company.value) for item in found] == [
        ("statement", "嘉兴明达紧固件股份有限公司")
    ]


@pytest.mark.parametrize("park", ["综合保税区", "高新区", "经开区"])
def test_who_acts_before_the_name_of_a_park_is_the_issuer(park):
    found = items(f"浙江:启动零碳试点\n近日,浙江省人民政府启动{park}零碳物流试点。")
    assert [[one.value for one in item.policy.issuers] for item in found] == [["浙江省人民政府"]]


def test_a_share_of_what_each_has_is_no_target():
    found = items(
        "生态环境部:发布配额方案\n11月18日,生态环境部发布《配额方案》。2027年度预分配配额按照核定量的70%预分配,预支量不超过缺口量的50%。"
    )
    assert found[0].policy.targets == ()
