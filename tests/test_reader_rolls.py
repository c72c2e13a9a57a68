"""Lists of companies below the sentence that says what they hold: who of them holds it, and where the list ends."""

import pytest

from tests.test_reader_statements import GHG, MING, PCF, YUAN, item, rows

pytestmark = pytest.mark.any_engine

LI = "南通立铭精密制造有限公司"
LEAD = "近日,SGS颁发首批产品碳足迹证书,获证企业如下:"


@pytest.mark.parametrize(
    "label", ["正在审核的企业:", "未通过企业:", "技术支持:", "出席企业:", "活动由以下单位支持:", "合作单位:", "申报企业:"]
)
def test_a_list_ends_at_the_label_of_another_group(label):
    assert rows(item("首批证书颁发", f"{LEAD}\n{YUAN}\n{label}\n{MING}\n{LI}")) == [(YUAN, PCF, [], "SGS")]


@pytest.mark.parametrize("label", ["出席企业:", "技术支持:", "正在审核的企业:"])
def test_a_label_of_others_takes_no_evidence_told_before(label):
    assert item("首批证书颁发", f"近日,SGS颁发首批产品碳足迹证书。\n{label}\n{MING}\n{LI}").statements == ()


@pytest.mark.parametrize("label", ["第一批获证单位:", "首批获证的有:", "分别是:"])
def test_a_label_of_holders_leads_on(label):
    body = f"近日,SGS颁发首批产品碳足迹证书。\n{label}\n{MING}\n{LI}"
    assert rows(item("首批证书颁发", body)) == [(MING, PCF, [], "SGS"), (LI, PCF, [], "SGS")]


def test_a_label_of_more_holders_does_not_end_the_list():
    body = f"{LEAD}\n{YUAN}\n{LI}\n第二批获证的企业是:\n{MING}"
    assert [row[0] for row in rows(item("首批证书颁发", body))] == [YUAN, LI, MING]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (":计划明年启动温室气体核查。", ":与SGS签约,开展产品碳足迹核算。"),
        (":拟申请碳标签。", ":提供场地支持。"),
        (" | 审核中", " | 已退回申请"),
        ("计划明年启动核查。", "正在筹备申报。"),
    ],
)
def test_what_a_line_says_of_a_company_is_not_taken_for_its_paper(first, second):
    assert item("一批企业获证", f"近日,一批企业获得产品碳足迹证书。\n{MING}{first}\n{LI}{second}").statements == ()


@pytest.mark.parametrize("ending", [":计划明年启动核查", " | 已退回申请", "(审核中)", "(未通过)", " - 拟认定", " 待公示"])
def test_only_the_company_that_holds_nothing_is_left_out_of_its_list(ending):
    body = f"{LEAD}\n{YUAN}\n{MING}{ending}\n{LI}"
    assert rows(item("首批证书颁发", body)) == [(YUAN, PCF, [], "SGS"), (LI, PCF, [], "SGS")]


@pytest.mark.parametrize("ending", ["(储能柜)", " | 对二甲苯", "(正极材料)", "(未来牌电机)"])
def test_a_product_behind_the_company_is_no_denial(ending):
    found = rows(item("首批证书颁发", f"{LEAD}\n{YUAN}{ending}\n{LI}"))
    assert [row[0] for row in found] == [YUAN, LI]


@pytest.mark.parametrize(
    "lead",
    [
        "下列企业此前获得的产品碳足迹证书被撤销,名单如下:",
        "近日,市场监管局撤销一批产品碳足迹证书,企业名单如下:",
        "以下企业的产品碳足迹证书已失效:",
        "近日,一批产品碳足迹证书获得财政补贴,名单如下:",
        "以下企业未通过产品碳足迹认证:",
        "近日,两家企业的绿色工厂称号被取消,名单公布如下:",
    ],
)
def test_a_list_of_papers_that_are_over_or_paid_for_is_no_list_of_holders(lead):
    assert item("一批证书:有变动", f"{lead}\n{YUAN}\n{MING}").statements == ()
    first = f"近日,{LI}获得SGS颁发的温室气体核查声明。"
    assert rows(item("一批证书:有变动", f"{first}\n{lead}\n{YUAN}\n{MING}")) == [(LI, GHG, [], "SGS")]
