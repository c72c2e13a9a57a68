"""Rows of tables: who holds what."""

import datetime as dt
import io
import zipfile

import pytest

from tanxun.digest.reader import read
from tanxun.digest.sources import text_of
from tanxun.digest.vocabulary import shipped

pytestmark = pytest.mark.any_engine

FRIDAY = dt.date(2026, 11, 20)


def items(text):
    return read(text, FRIDAY, shipped()).items


def headlines(text):
    return [item.headline.value for item in items(text)]


TABLE = (
    ("序号", "企业名称", "获证产品", "认证机构", "证书编号", "发证日期"),
    ("1", "浙江甬江新能源股份有限公司", "N型光伏组件、逆变器", "中国质量认证中心", "CQC-PCF-26-1021", "2026-10-09"),
    ("2", "宁波远澜电池有限公司", "储能电芯", "SGS", "—", "2026-10-12"),
    ("3", "卧山电气集团", "高效永磁电机", "DNV", "A26-3", "2026-10-15"),
)
ROWS = [
    ("浙江甬江新能源股份有限公司", ["N型光伏组件", "逆变器"], "中国质量认证中心", "CQC-PCF-26-1021", "2026-10-09"),
    ("宁波远澜电池有限公司", ["储能电芯"], "SGS", None, "2026-10-12"),
    ("卧山电气集团", ["高效永磁电机"], "DNV", "A26-3", "2026-10-15"),
]


def told(statement):
    return (
        statement.company.value,
        [one.value for one in statement.products],
        statement.body.value,
        statement.certificate_number and statement.certificate_number.value,
        dict(statement.more)["issued_on"].value,
    )


def drawn(joint, frame="{}", rule=""):
    head, *rows = (frame.format(joint.join(row)) for row in TABLE)
    return "\n".join([head, *([rule] if rule else []), *rows])


DRAWN = (drawn("\t"), drawn("|"), drawn(" | "), drawn(" | ", "| {} |", "|---|---|---|---|---|---|"), drawn("｜"))


@pytest.mark.parametrize("table", DRAWN)
@pytest.mark.parametrize("lead", ["", "近日,浙江甬江新能源股份有限公司等3家企业获得证书,名单如下:\n"])
@pytest.mark.parametrize("after", ["", "以上证书均在有效期内。\n"])
def test_a_table_gives_a_statement_a_row(table, lead, after):
    text = f"会员风采\n■ 产品碳足迹获证一览(2026年10月)\n{lead}{table}\n{after}\n"
    text += "■ 远景:获零碳工厂证书\n近日,远景有限公司获得DNV颁发的零碳工厂证书。"
    first, second = items(text)
    assert [told(one) for one in first.statements] == ROWS
    assert {one.statement_type.value for one in first.statements} == {"product_carbon_footprint"}
    assert [one.company.value for one in second.statements] == ["远景有限公司"]


def test_a_table_below_a_section_title_is_an_item_whose_type_a_person_tells():
    (item,) = items(f"本周获证企业动态\n{drawn(' | ')}")
    assert [told(one) for one in item.statements] == ROWS
    assert [one.statement_type for one in item.statements] == [None] * 3


@pytest.mark.parametrize(
    "table",
    [
        "日期 | 收盘价(元/吨) | 成交量(吨)\n2026-11-18 | 71.20 | 320,112\n2026-11-19 | 72.35 | 563,004",
        "企业名称 | 配额(吨) | 地区\n宁波远澜电池有限公司 | 3200 | 浙江\n浙江甬江电缆有限公司 | 5000 | 浙江",
        "序号 企业名称 证书编号\n一 些 别的 文字 在此",
    ],
)
def test_other_tables_give_no_statements(table):
    assert not any(item.statements for item in items(f"行业动态\n全国碳市场:一周行情\n11月20日,全国碳市场成交412万吨。\n{table}"))


def test_rows_of_a_page_are_lines():
    rows = "".join(f"<tr>{''.join(f'<td><p>{cell}</p></td>' for cell in row)}</tr>" for row in TABLE)
    long = "近日,宁波市财政局印发《宁波市碳核算补助办法》,对取得声明的企业给予5万元奖励。" * 2
    page = f"<table><tr><td>宁波:出台补助办法</td><td><p>{long}</p></td></tr></table><h3>碳足迹获证一览</h3><table>{rows}</table>"
    lines = text_of("week.html", f"<html><body>{page}</body></html>".encode()).split("\n")
    assert lines[:3] == ["宁波:出台补助办法", long, "碳足迹获证一览"]
    assert lines[3:] == [" | ".join(row) for row in TABLE]


def test_a_character_that_no_page_may_hold_stands_in_a_row():
    page = "<table><tr><td>企业\x01名称</td><td>碳足迹\x1b\x02</td></tr></table>" + "<p>已获证书。</p>" * 200
    assert text_of("week.html", page.encode()).split("\n")[0] == "企业\x01名称 | 碳足迹\x1b\x02"


def test_rows_of_a_word_file_are_lines():
    def paragraph(words):
        return f"<w:p><w:r><w:t>{words}</w:t></w:r></w:p>"

    rows = "".join(f"<w:tr>{''.join(f'<w:tc>{paragraph(cell)}</w:tc>' for cell in row)}</w:tr>" for row in TABLE)
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"
    names = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("_rels/.rels", f'<R><Relationship Type="{kind}" Target="word/document.xml"/></R>')
        body = f"{paragraph('碳足迹获证一览')}<w:tbl>{rows}</w:tbl>{paragraph('完')}"
        archive.writestr("word/document.xml", f"<w:document {names}><w:body>{body}</w:body></w:document>")
    assert text_of("week.docx", packed.getvalue()).split("\n") == ["碳足迹获证一览", *map(" | ".join, TABLE), "完"]


def test_rows_of_a_table_of_prices_open_no_item():
    rows = "日期 | 收盘价(元/吨) | 成交量(吨)\n2026-11-18 | 71.20 | 320,112\n2026-11-19 | 72.35 | 563,004"
    text = f"二、市场\n2.1 全国碳市场行情\n11月20日,全国碳市场累计成交412万吨。\n{rows}\n"
    text += "2.2 减排项目公示\n11月13日,注册登记系统公示12个项目。"
    assert headlines(text) == ["全国碳市场行情", "减排项目公示"]


JIA, YI = "宁波远澜电池有限公司", "浙江甬江电缆有限公司"


def held(text):
    return [
        (one.company.value, one.company.confidence, one.statement_type and one.statement_type.value)
        for item in items(text)
        for one in item.statements
    ]


def types(text):
    return [
        (one.company.value, one.statement_type.value, one.statement_type.confidence)
        for item in items(text)
        for one in item.statements
    ]


BEFORE = ("企业动态", "■ 宁波:召开碳市场工作会", "11月10日,宁波召开碳市场工作会,部署明年工作。", "")


def listed(header, *rows, head="碳足迹一周获证名单", lead=""):
    return "\n".join([*BEFORE, f"■ {head}", *([lead] if lead else []), header, *rows])


STATED = [(JIA, "stated", "product_carbon_footprint")]


@pytest.mark.parametrize(
    "status", ["拟申请", "已撤销", "证书暂停", "申请已受理", "不予通过", "待审核", "已退回", "2026年7月注销", "正在整改"]
)
@pytest.mark.parametrize("column", ["备注", "状态", "进展"])
def test_a_row_whose_status_says_otherwise_holds_nothing(column, status):
    table = listed(
        f"企业名称 | 认证机构 | 产品 | {column} | 地区",
        f"{JIA} | SGS | 电芯 | 有效 | 宁波",
        f"{YI} | SGS | 电缆 | {status} | 宁波",
    )
    assert held(table) == STATED


@pytest.mark.parametrize(
    ("head", "lead"),
    [
        ("碳足迹一周", "下列企业申请产品碳足迹认证,正在审核:"),
        ("碳足迹一周", "近日,又有企业提出产品碳足迹认证申请。名单如下:"),
        ("碳足迹一周", "下列企业此前获得的产品碳足迹证书被撤销,名单如下:"),
        ("碳足迹一周", "经核实,下列企业的产品碳足迹证书已失效:"),
        ("碳足迹一周", "近日,甬江集团有限公司获得产品碳足迹证书。\n正在审核的企业如下:"),
        ("一周签约:产品碳足迹核算项目", ""),
        ("市场监管总局:撤销一批产品碳足迹证书", ""),
        ("产品碳足迹证书暂停公告", "名单如下:"),
    ],
)
def test_rows_below_words_of_what_is_not_held_give_nothing(head, lead):
    found = held(listed("企业名称 | 认证机构 | 产品", f"{JIA} | SGS | 电芯", f"{YI} | SGS | 电缆", head=head, lead=lead))
    assert not {JIA, YI} & {name for name, *_ in found}


@pytest.mark.parametrize(
    "lead",
    [
        "为支持企业申报,近日又有企业获得产品碳足迹证书,名单如下:",
        "市里计划培育更多产品碳足迹企业。本周获证企业如下:",
        "各地正在推进相关工作。近日,SGS为下列企业颁发产品碳足迹证书:",
    ],
)
def test_a_plan_before_the_words_of_getting_takes_no_row(lead):
    assert held(listed("企业名称 | 认证机构 | 产品", f"{JIA} | SGS | 电芯", lead=lead)) == STATED


@pytest.mark.parametrize(
    ("head", "lead"),
    [
        ("撤销一批产品碳足迹证书", "经查,下列企业取得产品碳足迹证书后没有按要求保持体系:"),
        ("碳足迹一周", "近日,一批企业获得产品碳足迹证书,另有企业正在审核:"),
    ],
)
def test_words_that_say_both_leave_the_rows_open(head, lead):
    found = held(listed("企业名称 | 认证机构 | 产品", f"{JIA} | SGS | 电芯", head=head, lead=lead))
    assert found == [(JIA, "uncertain", "product_carbon_footprint")]


def test_each_table_has_the_words_above_it():
    table = listed("企业名称 | 产品 | 认证机构", f"{JIA} | 电芯 | SGS", lead="已获证企业:")
    assert held(f"{table}\n正在审核企业:\n企业名称 | 产品 | 认证机构\n{YI} | 电缆 | SGS") == STATED


@pytest.mark.parametrize("names", ["委托单位", "申请企业", "申报单位名称", "委托人"])
@pytest.mark.parametrize(("more", "confidence"), [(" | ", "uncertain"), (" | 2026-10-12", "stated")])
def test_who_asks_holds_only_with_a_paper(names, more, confidence):
    table = listed(f"{names} | 认证机构 | 产品 | 发证日期", f"{JIA} | SGS | 电芯{more}")
    assert held(table) == [(JIA, confidence, "product_carbon_footprint")]


def test_a_list_of_bodies_names_no_holders():
    rows = ("中国质量认证中心 | P-1 | 2028-01-01", "方圆标志认证集团有限公司 | P-2 | 2028-01-01", f"{JIA} | P-3 | 2028-01-01")
    assert held(listed("单位名称 | 证书编号 | 有效期至", *rows, head="产品碳足迹认证机构一览")) == []


@pytest.mark.parametrize(
    ("cell", "told"),
    [
        ("质量管理体系认证", [("other", "uncertain")]),
        ("", [("product_carbon_footprint", "inferred")]),
        ("—", [("product_carbon_footprint", "inferred")]),
        ("产品碳足迹", [("product_carbon_footprint", "stated")]),
        ("产品碳足迹、碳中和", [("product_carbon_footprint", "stated"), ("carbon_neutrality", "stated")]),
    ],
)
def test_the_type_of_a_row_is_what_its_cell_says(cell, told):
    table = listed("企业名称 | 认证类型 | 认证机构", f"{JIA} | {cell} | SGS", head="产品碳足迹获证名单")
    assert types(table) == [(JIA, *one) for one in told]


@pytest.mark.parametrize("joint", ["、", ";", "/", "和", " ", ",", "与"])
def test_several_companies_in_one_cell_are_several(joint):
    *_, item = items(listed("企业名称 | 认证机构 | 证书编号", f"{JIA}{joint}{YI} | SGS | A-1、A-2"))
    assert [(one.company.value, one.certificate_number.value) for one in item.statements] == [(JIA, "A-1"), (YI, "A-2")]


def test_one_number_of_several_companies_is_nobodys():
    *_, item = items(listed("企业名称 | 认证机构 | 证书编号", f"{JIA}、{YI} | SGS | A-1"))
    assert [(one.company.value, one.certificate_number) for one in item.statements] == [(JIA, None), (YI, None)]


@pytest.mark.parametrize("cell", [f"{JIA}/宁波工厂", "联系:宁波远澜电池有限公司", f"据悉。{JIA}"])
def test_a_cell_that_is_no_list_of_companies_names_none(cell):
    assert held(listed("企业名称 | 认证机构", f"{cell} | SGS")) == []


POLICY = "■ 安徽:支持绿色工厂 发布办法\n11月9日,安徽省财政厅印发《安徽省绿色工厂奖补办法》,给予5万元奖励。 全文见官网。"


@pytest.mark.parametrize("between", ["", "\n", "更多信息 请关注本号\n", f"{YI} 获SGS颁发的证书。\n"])
@pytest.mark.parametrize("joint", [" ", "\t", " | "])
def test_a_table_ends_where_the_lines_are_no_rows(joint, between):
    rows = (f"企业名称{joint}认证机构", f"{JIA}{joint}SGS")
    *_, first, last = items(listed(*rows) + "\n" + between + POLICY)
    assert JIA in {one.company.value for one in first.statements}
    assert "安徽:支持绿色工厂" not in {one.company.value for one in first.statements}
    assert last.kind.value == "policy"
    assert [one.value.title for one in last.policy.documents] == ["安徽省绿色工厂奖补办法"]


def test_rows_and_sentences_of_one_company_stand_beside_each_other_where_the_types_differ():
    lead = f"近日,{JIA}获得TÜV南德颁发的温室气体核查声明。获证产品如下:"
    table = listed("企业名称 | 认证类型 | 认证机构", f"{JIA} | 产品碳足迹 | SGS", head="企业一周", lead=lead)
    assert {name for *_, name in held(table)} == {"ghg_verification", "product_carbon_footprint"}
    *_, item = items(table)
    assert len(item.statements) == 2


def test_a_row_of_no_type_has_that_of_the_sentence_on_its_company():
    after = f"其中,{JIA}获得SGS颁发的产品碳足迹证书。"
    table = listed("企业名称 | 产品 | 证书编号", f"{JIA} | 电芯 | A-1", after, head="企业一周", lead="一批企业的证书编号如下:")
    *_, item = items(table)
    (only,) = item.statements
    assert (only.statement_type.value, only.statement_type.confidence) == ("product_carbon_footprint", "inferred")
    assert only.certificate_number.value == "A-1"
