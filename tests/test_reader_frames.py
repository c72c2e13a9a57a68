"""Who holds what, in whatever words: companies and evidence joined by elimination, and what only sounds like it."""

import datetime as dt
from decimal import Decimal

import pytest

from tests.test_reader_statements import GHG, MING, PCF, YUAN, item, rows

pytestmark = pytest.mark.any_engine

LI = "南通立铭精密制造有限公司"
NEUTRAL, LABEL, FACTORY, ZERO = "carbon_neutrality", "carbon_label", "green_factory", "zero_carbon_factory"


@pytest.mark.parametrize(
    ("heading", "body", "expected"),
    [
        (
            "远澜电池:证书到手",
            f"4月2日,一张由必维签发的产品碳足迹证书花落{YUAN},证书覆盖两款储能电芯。",
            [(YUAN, PCF, ["储能电芯"], "BV必维")],
        ),
        ("远澜电池:手握凭证", f"{YUAN}近日收到来自DNV的温室气体核查声明。", [(YUAN, GHG, [], "DNV")]),
        (
            "远澜电池:符合标准",
            f"经TÜV南德审核,{YUAN}生产的314Ah电芯符合ISO14067要求,获发证书。",
            [(YUAN, PCF, ["314Ah电芯"], "TÜV南德")],
        ),
        (
            "首批证书颁发",
            f"碳足迹标识认证首批证书3月15日在北京颁发,{YUAN}的动力电池位列其中,发证机构是CQC。",
            [(YUAN, LABEL, ["动力电池"], "中国质量认证中心")],
        ),
        (
            "SGS:为三家企业颁证",
            f"3月6日,SGS举行仪式。获证企业包括{YUAN}、{MING}和{LI},证书均为产品碳足迹证书。",
            [(YUAN, PCF, [], "SGS"), (MING, PCF, [], "SGS"), (LI, PCF, [], "SGS")],
        ),
        (
            "三企获证",
            f"SGS一口气发放两份产品碳足迹声明:{YUAN}(储能柜)、{LI}(燕麦片机)。",
            [(YUAN, PCF, ["储能柜"], "SGS"), (LI, PCF, ["燕麦片机"], "SGS")],
        ),
        ("三花智控:获声明", "DNV近日为三花智控签发2025年度温室气体核查声明。", [("三花智控", GHG, [], "DNV")]),
        (
            "碳标签:又添新成员",
            "海尔智家的一款滚筒洗衣机近日获颁碳标签,评价机构为中环联合认证中心。",
            [("海尔智家", LABEL, ["滚筒洗衣机"], "中环联合")],
        ),
        (
            "双证入袋",
            f"从无到有,{YUAN}用半年时间摘下碳足迹和碳中和双证书,颁发机构均为天祥。",
            [(YUAN, PCF, [], "Intertek天祥"), (YUAN, NEUTRAL, [], "Intertek天祥")],
        ),
        (
            "各获声明",
            f"3月9日,SGS为{YUAN}出具温室气体核查声明,为{MING}出具产品碳足迹声明。",
            [(YUAN, GHG, [], "SGS"), (MING, PCF, [], "SGS")],
        ),
        ("集团动态", f"远澜控股集团有限公司全资子公司{YUAN}的储能柜获得SGS颁发的碳标签。", [(YUAN, LABEL, ["储能柜"], "SGS")]),
        ("通过SBTi", f"{LI}的近期减排目标通过科学碳目标倡议(SBTi)审核。", [(LI, "other", [], None)]),
        (
            "核查完成",
            f"中国船级社质量认证有限公司的核查员完成了对{YUAN}温室气体排放的核查,并签发核查声明。",
            [(YUAN, GHG, [], "中国船级社")],
        ),
        (
            "绿研咨询:助力企业拿证",
            f"绿研咨询有限公司近日助力{YUAN}取得CTI华测出具的温室气体核查声明。",
            [(YUAN, GHG, [], "CTI华测")],
        ),
        (
            "联合颁证",
            f"{MING}获评五星级零碳工厂,证书由上海环境能源交易所与SGS联合颁发。",
            [(MING, ZERO, [], "上海环境能源交易所")],
        ),
        (
            "绿色工厂名单",
            f"工业和信息化部近日公布绿色工厂名单,宁波市的{YUAN}和南通市的{LI}入围。",
            [(YUAN, FACTORY, [], None), (LI, FACTORY, [], None)],
        ),
    ],
)
def test_any_word_for_getting_will_do(heading, body, expected):
    assert rows(item(heading, body)) == expected


@pytest.mark.parametrize(
    "body",
    [
        f"3月3日,{YUAN}与SGS签约,将按PAS 2060开展碳中和核查,预计年底取得声明。",
        f"3月3日,{YUAN}递交了碳足迹标识认证申请,有望成为首家获证企业。",
        f"{YUAN}表示,若通过核查,公司将获得碳中和声明。",
        f"3月3日,{MING}要求供应商在2027年前取得产品碳足迹证书。",
        f"{YUAN}收到欧洲客户通知,要求2027年前提供经核查的产品碳足迹声明。",
        f"{MING}提出2028年前实现运营碳中和,并委托SGS开展年度核查。",
        f"3月13日,{MING}与必维签署协议,双方将在产品碳足迹、EPD等领域合作。",
        f"{YUAN}发布ESG报告,称将申请产品碳足迹认证。",
        f"3月9日,无锡市工信局发布通知,对获得绿色工厂称号的{MING}等企业给予50万元奖励。",
        f"此前,{YUAN}曾获得温室气体核查声明。",
    ],
)
def test_what_is_wished_planned_ruled_or_long_past_is_not_held(body):
    assert item("企业动态", body).statements == ()


def test_words_go_to_the_companies_they_point_at():
    body = (
        f"3月18日,LRQA向三家企业颁发温室气体核查声明,分别是{YUAN}、{MING}和{LI}。核查均按ISO 14064-1:2018开展,"
        "其中远澜电池覆盖类别1至类别6,其余两家覆盖类别1、类别2。"
    )
    found = item("三家企业:拿到声明", body).statements
    assert [one.categories.value for one in found] == [(1, 2, 3, 4, 5, 6), (1, 2), (1, 2)]
    assert {one.standards[0].value for one in found} == {"ISO 14064-1:2018"}
    assert {one.announced_on.value for one in found} == {dt.date(2026, 3, 18)}
    body = (
        f"{YUAN}收到BSI颁发的温室气体核查声明,以及必维颁发的零碳工厂证书。温室气体核查遵循ISO 14064-1:2018,覆盖范围一、范围二;"
        "零碳工厂评价依据PAS 2060。两个项目均由绿研咨询有限公司提供技术支持。"
    )
    ghg, zero = item("远澜电池:两张证书", body).statements
    assert (ghg.body.value, zero.body.value) == ("BSI", "BV必维")
    assert [one.value for one in ghg.standards] == ["ISO 14064-1:2018"]
    assert (ghg.scopes.value, zero.scopes) == ((1, 2), None)
    assert ghg.consultant.value == zero.consultant.value == "绿研咨询有限公司"


def test_former_and_latter():
    body = f"{YUAN}、{MING}各获得SGS出具的温室气体核查声明。前者排放1.2万吨CO2e,后者排放900吨CO2e。"
    assert [one.result.value.value for one in item("双双获证", body).statements] == [Decimal("1.2"), 900]


def test_holders_of_a_published_list_hold_it_though_the_item_is_policy():
    body = (
        f"3月10日,无锡市工业和信息化局公布2025年度市级零碳工厂名单,{MING}、{LI}2家企业入列。名单有效期三年,发现造假的撤销称号。"
    )
    found = item("无锡:公布零碳工厂名单", body, "地方动态")
    assert found.kind.value == "policy"
    assert rows(found) == [(MING, ZERO, [], None), (LI, ZERO, [], None)]


@pytest.mark.parametrize(
    ("body", "products"),
    [
        (f"{YUAN}对外宣布,旗下储能柜、逆变器两款产品获得BSI颁发的碳标签。", ["储能柜", "逆变器"]),
        (f"{YUAN}披露,其储能柜通过BSI核查,取得碳标签证书。", ["储能柜"]),
        (f"{YUAN}获得BSI颁发的温室气体核查声明;公司的储能柜同时获得DNV颁发的碳标签证书。", ["储能柜"]),
        (f"{YUAN}对外公布两张证书。一张是必维颁发的碳标签证书。", []),
    ],
)
def test_product_behind_what_a_company_says(body, products):
    assert [one.value for one in item("碳标签到手", body).statements[-1].products] == products


def test_hidden_bodies_foreign_companies_and_what_is_left_out():
    body = f"{YUAN}完成温室气体核查,一家国际认证机构为其出具核查声明,覆盖范围一、范围二,范围三暂未纳入。"
    body += "绿研科技有限公司提供技术支持。"
    (one,) = item("远澜电池:获声明", body).statements
    assert (one.body, one.body_undisclosed.value, one.scopes.value) == (None, True, (1, 2))
    assert one.consultant.value == "绿研科技有限公司"
    body = "日本朝海化学株式会社宣布,其以渔网为原料生产的切片通过SGS核查,取得产品碳足迹声明。"
    found = item("朝海化学:获产品碳足迹声明", body)
    assert (found.kind.value, found.statements) == ("other", ())


def test_seat_that_stands_before_the_name():
    body = "总部位于湖州长兴的浙江远幕科技有限公司获得SGS颁发的产品碳足迹证书。"
    assert item("远幕科技:获证书", body).statements[0].region.value.code == "330522"


@pytest.mark.parametrize(
    ("lead", "form", "type_", "body"),
    [
        ("近日,SGS为三家企业颁发产品碳足迹证书,分别是:\n", "● {}", PCF, "SGS"),
        ("近日,以下企业获得必维颁发的温室气体核查声明:\n", "{at}. {}", GHG, "BV必维"),
        ("近日,3家企业取得DNV签发的温室气体核查声明。\n名单如下:\n", "{at}、{};", GHG, "DNV"),
        ("3月3日,南通市工信局公布绿色工厂名单:\n", "{}", FACTORY, None),
        ("近日,SGS为下列单位颁发产品碳足迹证书:", "{}、\n", PCF, "SGS"),
        ("近日,三家企业获得SGS颁发的产品碳足迹证书。其中,", "{}产品为电机;", PCF, "SGS"),
        (f"近日,{YUAN}等3家企业获得SGS颁发的产品碳足迹证书,名单如下:\n", "({at}){}", PCF, "SGS"),
    ],
)
def test_every_line_of_a_list_names_a_holder(lead, form, type_, body):
    lines = [form.format(name, at=at) for at, name in enumerate((YUAN, MING, LI), start=1)]
    joint = "\n" if lead.endswith("\n") else ""
    found = rows(item("多家企业:获证", lead + joint.join(lines)))
    products = ["电机"] if "电机" in form else []
    assert found == [(name, type_, products, body) for name in (YUAN, MING, LI)]


def test_lists_of_one_item_stay_apart_and_keep_their_details():
    body = (
        f"SGS碳足迹证书获证企业如下:\n1. {YUAN}(储能柜)\n证书编号:SGS-0011\n2. {MING}(变压器)\n证书编号:SGS-0012\n"
        f"碳中和证书获证企业名单:\n1. {LI}"
    )
    found = item("多家企业:获证", body)
    assert [row[:3] for row in rows(found)] == [(YUAN, PCF, ["储能柜"]), (MING, PCF, ["变压器"]), (LI, NEUTRAL, [])]
    assert [one.certificate_number and one.certificate_number.value for one in found.statements] == ["SGS-0011", "SGS-0012", None]


@pytest.mark.parametrize(
    "more",
    [
        f"\n合作伙伴名单:\n{YUAN}\n{LI}",
        f",服务的客户包括:\n{YUAN}\n{LI}",
        f"。\n{YUAN}\n{LI}为其客户。",
        f"。\n参加颁证仪式的企业如下:\n{YUAN}\n{LI}",
        f"。\n拟获得碳中和证书的企业名单:\n{YUAN}\n{LI}",
        f"。\n往期获得碳中和证书的企业名单:\n{YUAN}\n{LI}",
    ],
)
def test_a_list_of_others_holds_nothing(more):
    found = item("明轩电气:获证", f"近日,{MING}获得SGS颁发的产品碳足迹证书{more}")
    assert rows(found) == [(MING, PCF, [], "SGS")]


@pytest.mark.parametrize("count", [12, 45, 150])
@pytest.mark.parametrize("form", ["近日,{}等企业获得SGS颁发的产品碳足迹证书。", "近日,SGS为{}颁发产品碳足迹证书。"])
def test_no_company_of_a_long_list_is_lost(form, count):
    listed = [f"宁波远澜{'甲乙丙丁戊己庚辛壬癸'[at % 10]}{at}电池有限公司" for at in range(count)]
    assert rows(item("多家企业:获证", form.format("、".join(listed)))) == [(name, PCF, [], "SGS") for name in listed]


def test_the_body_is_not_the_product():
    assert rows(item("明轩电气:获证", f"{MING}获得SGS产品碳足迹证书。")) == [(MING, PCF, [], "SGS")]


@pytest.mark.parametrize(
    "aside",
    [
        "碳中和证书由DNV等机构颁发,碳标签由企业获得认证后加贴在产品上。",
        "零碳工厂证书由第三方机构审核后颁发。",
    ],
)
def test_what_papers_there_are_is_nobodys(aside):
    assert rows(item("远澜电池:获证", f"近日,{YUAN}获得SGS颁发的产品碳足迹证书。\n{aside}")) == [(YUAN, PCF, [], "SGS")]


@pytest.mark.parametrize("tie", ["同时,", "公司还", "", "3月9日,", "此外,"])
def test_a_further_paper_in_a_line_of_its_own(tie):
    found = rows(item("远澜电池:获证", f"近日,{YUAN}获得SGS颁发的产品碳足迹证书。\n{tie}获得DNV颁发的碳中和证书。"))
    assert found == [(YUAN, PCF, [], "SGS"), (YUAN, NEUTRAL, [], "DNV")]


@pytest.mark.parametrize(
    ("heading", "body"),
    [
        ("广告:SGS碳足迹认证", "SGS多年来已助力宝钢、海尔等企业获得产品碳足迹证书。"),
        ("干货:如何获得碳足迹证书", "产品碳足迹证书由SGS、DNV等机构颁发。"),
        ("碳衡观点:抢占先机", "建议企业尽早获得产品碳足迹证书。"),
    ],
)
def test_a_column_is_no_company(heading, body):
    assert item(heading, body).statements == ()


@pytest.mark.parametrize("subject", ["多家企业", "三家企业", "企业获证", "喜报"])
def test_a_group_or_a_column_is_no_short_name(subject):
    (one,) = item(f"{subject}:获碳足迹证书", f"近日,{YUAN}获得SGS颁发的产品碳足迹证书。").statements
    assert one.short_name is None


def test_papers_in_order_of_which_one_has_no_type_of_ours():
    body = f"近日,{YUAN}、{MING}分别获得DNV颁发的再生料来源证书及SGS颁发的聚酯纤维产品碳足迹证书。"
    first, second = item("两家企业获证", body).statements
    assert (first.company.value, first.statement_type.value, first.statement_type.confidence) == (YUAN, "other", "uncertain")
    assert (second.company.value, second.statement_type.value) == (MING, PCF)
    assert (first.body.value, second.body.value) == ("DNV", "SGS")
    assert ([one.value for one in first.products], [one.value for one in second.products]) == ([], ["聚酯纤维"])


def test_type_that_the_sentence_before_told():
    body = f"首批轮胎产品碳足迹标识认证证书3月9日颁发。{YUAN}、{MING}2家企业获得由CQC颁发的证书。"
    found = item("首批获证企业公布", body)
    assert [(row[0], row[1], row[3]) for row in rows(found)] == [(name, LABEL, "中国质量认证中心") for name in (YUAN, MING)]
    assert {one.statement_type.confidence for one in found.statements} == {"inferred"}


@pytest.mark.parametrize("lead", ["首批", "国内首张", "全国首份", "行业首个"])
def test_what_came_first_is_not_of_the_product(lead):
    assert rows(item("远澜电池:获证", f"{YUAN}获得SGS颁发的{lead}乙烯产品碳足迹证书。")) == [(YUAN, PCF, ["乙烯"], "SGS")]


def test_what_is_told_of_the_company_itself_is_no_product():
    body = f"近日,SGS颁发两张产品碳足迹证书。{YUAN}成立于2001年,获证产品为储能柜。"
    assert rows(item("远澜电池:获证", body)) == [(YUAN, PCF, ["储能柜"], "SGS")]


def test_product_behind_the_particle_of_possession():
    assert rows(item("远澜电池:获证", f"{YUAN}之储能柜产品获得SGS颁发的碳标签证书。")) == [(YUAN, LABEL, ["储能柜"], "SGS")]


def test_an_act_before_the_paper_has_no_turn_of_its_own():
    body = f"近日,{YUAN}的储能柜和{MING}的变压器分别通过CQC审核,取得产品碳足迹证书。"
    found = [(YUAN, PCF, ["储能柜"], "中国质量认证中心"), (MING, PCF, ["变压器"], "中国质量认证中心")]
    assert rows(item("两家企业:获证", body)) == found


@pytest.mark.parametrize(
    ("heading", "body"),
    [
        (f"{YUAN}助力客户获产品碳足迹证书", "近日,客户获得SGS颁发的产品碳足迹证书。"),
        (f"{YUAN}发布报告:超百家供应商获碳足迹证书", "报告显示,超百家供应商获得产品碳足迹证书。"),
        (f"{YUAN}与SGS签约 多家供应商获碳足迹证书", "近日,多家供应商获得产品碳足迹证书。"),
        (f"{YUAN}碳管理平台上线,已获碳足迹证书1000张", "近日,平台已获得产品碳足迹证书1000张。"),
        (f"{YUAN}举办活动 三家企业获碳足迹证书", "近日,三家企业获得SGS颁发的产品碳足迹证书。"),
    ],
)
def test_the_company_of_the_heading_is_not_the_one_that_gets_it(heading, body):
    assert item(heading, body).statements == ()


@pytest.mark.parametrize("heading", [f"{YUAN}获产品碳足迹证书", f"喜报:{YUAN}储能柜斩获碳足迹证书", f"SGS为{YUAN}颁发碳足迹证书"])
def test_the_company_that_only_the_heading_names(heading):
    assert [row[:2] for row in rows(item(heading, "近日,公司获得SGS颁发的产品碳足迹证书。"))] == [(YUAN, PCF)]


def test_what_a_company_does_is_no_part_of_its_short_name():
    (one,) = item("远澜电池发布报告:获碳足迹证书", f"近日,{YUAN}获得SGS颁发的产品碳足迹证书。").statements
    assert one.short_name is None
