"""Statement items: one for each company and type, and nothing that has not happened yet."""

import datetime as dt
from dataclasses import replace
from decimal import Decimal

import pytest

from tanxun.digest.reader import read
from tanxun.digest.vocabulary import shipped

pytestmark = pytest.mark.any_engine


def item(heading, body, section="行业动态"):
    return read(f"{section}\n{heading}\n{body}", dt.date(2026, 3, 20), shipped()).items[0]


def rows(found):
    return [
        (
            one.company.value,
            one.statement_type.value,
            [product.value for product in one.products],
            one.body.value if one.body else None,
        )
        for one in found.statements
    ]


PCF, GHG = "product_carbon_footprint", "ghg_verification"


@pytest.mark.parametrize(
    ("heading", "body", "expected"),
    [
        (
            "远澜电池:获产品碳足迹声明",
            "近日,宁波远澜电池有限公司旗下一款储能电池产品获得德国莱茵TÜV颁发的产品碳足迹核查声明。",
            [("宁波远澜电池有限公司", PCF, ["储能电池"], "TÜV莱茵")],
        ),
        (
            "甲禾、乙谷:获碳足迹证书",
            "近日,浙江甲禾纺织有限公司、江西乙谷食品股份有限公司分别获得SGS、必维颁发的产品碳足迹证书。",
            [("浙江甲禾纺织有限公司", PCF, [], "SGS"), ("江西乙谷食品股份有限公司", PCF, [], "BV必维")],
        ),
        (
            "SGS为明轩电气颁发碳足迹证书",
            "3月2日,通标标准技术服务有限公司向江苏明轩电气有限公司的干式变压器、箱式变电站颁发产品碳足迹证书。",
            [("江苏明轩电气有限公司", PCF, ["干式变压器", "箱式变电站"], "SGS")],
        ),
        (
            "安泰化工:获双证书",
            "近日,山东安泰化工有限公司获得中国质量认证中心(CQC)颁发的产品碳足迹证书和温室气体核查声明。",
            [("山东安泰化工有限公司", PCF, [], "中国质量认证中心"), ("山东安泰化工有限公司", GHG, [], "中国质量认证中心")],
        ),
        (
            "海澜食品获碳中和证书",
            "日前,江阴海澜食品有限公司的燕麦奶通过BSI核查,获颁碳中和证书。",
            [("江阴海澜食品有限公司", "carbon_neutrality", ["燕麦奶"], "BSI")],
        ),
        (
            "立铭精密:获评国家级绿色工厂",
            "近日,昆山立铭精密制造有限公司成功入选国家级绿色工厂名单。",
            [("昆山立铭精密制造有限公司", "green_factory", [], None)],
        ),
        (
            "星野家居:获碳标签",
            "近日,星野家居获得赛西认证颁发的实木床产品碳标签证书。",
            [("星野家居", "carbon_label", ["实木床"], "中国电子技术标准化研究院")],
        ),
    ],
)
def test_who_got_what_from_whom(heading, body, expected):
    found = item(heading, body)
    assert found.kind.value == "statement"
    assert rows(found) == expected


YUAN, MING = "宁波远澜电池有限公司", "江苏明轩电气有限公司"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (f"近日,{YUAN}在绿研咨询有限公司的辅导下完成碳盘查,CTI华测为其出具了温室气体核查声明。", [(YUAN, GHG, [], "CTI华测")]),
        (f"近日,{YUAN}完成碳盘查。经审核,SGS向该公司颁发了温室气体核查声明。", [(YUAN, GHG, [], "SGS")]),
        (f"为落实双碳目标,必维为{YUAN}签发温室气体核查声明。", [(YUAN, GHG, [], "BV必维")]),
        (f"近日,DNV授予{YUAN}温室气体核查声明。", [(YUAN, GHG, [], "DNV")]),
        (f"近日,{YUAN}、{MING}完成碳盘查,DNV为两家企业出具温室气体核查声明。", [(YUAN, GHG, [], "DNV"), (MING, GHG, [], "DNV")]),
        (f"近日,蓝衡低碳科技有限公司为{YUAN}提供咨询服务,助其获得必维颁发的温室气体核查声明。", [(YUAN, GHG, [], "BV必维")]),
        (f"近日,{YUAN}获得SGS颁发的产品碳足迹声明,涉及的产品是路由器。", [(YUAN, PCF, ["路由器"], "SGS")]),
        (f"近日,{YUAN}获得SGS颁发的产品碳足迹声明。获证产品系储能柜、逆变器。", [(YUAN, PCF, ["储能柜", "逆变器"], "SGS")]),
        (
            f"近日,{YUAN}获得产品碳足迹证书,同时取得温室气体核查声明,均由DNV出具。",
            [(YUAN, PCF, [], "DNV"), (YUAN, GHG, [], "DNV")],
        ),
        (
            f"近日,{YUAN}获得产品碳足迹证书和温室气体核查声明,分别由SGS和必维颁发。",
            [(YUAN, PCF, [], "SGS"), (YUAN, GHG, [], "BV必维")],
        ),
        (
            f"近日,{YUAN}获得SGS颁发的产品碳足迹证书,其工厂另获得零碳工厂证书。",
            [(YUAN, PCF, [], "SGS"), (YUAN, "zero_carbon_factory", [], None)],
        ),
    ],
)
def test_giver_and_receiver_in_any_order(body, expected):
    assert rows(item("企业再获声明", body)) == expected


def test_numbers_of_several_companies_go_by_order_or_stay_empty():
    paired = f"近日,{YUAN}、{MING}获得由SGS颁发的碳中和证书,证书编号分别为CN-0001、CN-0002,"
    paired += "抵消量分别为126吨二氧化碳当量、84吨二氧化碳当量。"
    found = item("两家企业获碳中和证书", paired).statements
    assert [one.certificate_number.value for one in found] == ["CN-0001", "CN-0002"]
    assert [one.result.value.value for one in found] == [126, 84]
    alone = item("两家企业获碳中和证书", f"近日,{YUAN}、{MING}获得由SGS颁发的碳中和证书,证书编号CN-0001。").statements
    assert [one.certificate_number for one in alone] == [None, None]


def test_heading_of_the_consultant_or_the_product_is_no_short_name():
    helped = f"近日,蓝衡低碳科技有限公司为{YUAN}提供咨询服务,助其获得必维颁发的温室气体核查声明。"
    assert item("蓝衡低碳:助力企业获声明", helped).statements[0].short_name is None
    assert item("储能柜:获碳标签", f"近日,{YUAN}的储能柜产品获得SGS颁发的碳标签证书。").statements[0].short_name is None


def test_undisclosed_body_stays_undisclosed():
    one = item("远澜电池:获温室气体核查声明", "近日,宁波远澜电池有限公司获权威认证机构颁发的温室气体核查声明。").statements[0]
    assert one.body is None
    assert one.body_undisclosed.value is True


def test_details_of_a_statement():
    body = (
        "3月6日,在绿研咨询有限公司的辅导下,无锡远洲重工有限公司获得DNV出具的温室气体核查声明,证书编号DNV-2026-0017。"
        "核查依据ISO 14064-1:2018,覆盖类别1至类别4及范围一、范围二,排放总量为1.25万吨二氧化碳当量。"
    )
    one = item("远洲重工:获温室气体核查声明", body).statements[0]
    assert [standard.value for standard in one.standards] == ["ISO 14064-1:2018"]
    assert one.categories.value == (1, 2, 3, 4)
    assert one.scopes.value == (1, 2)
    assert one.certificate_number.value == "DNV-2026-0017"
    assert (one.result.value.value, one.result.value.unit) == (Decimal("1.25"), "万吨二氧化碳当量")
    assert one.consultant.value == "绿研咨询有限公司"
    assert one.announced_on.value == dt.date(2026, 3, 6)
    assert one.short_name.value == "远洲重工"


@pytest.mark.parametrize(
    ("company", "code"),
    [
        ("苏州新澜科技有限公司", "320500"),
        ("新澜电子科技江苏有限公司", "320000"),
        ("新澜纺织(绍兴)有限公司", "330600"),
        ("湖北新澜襄阳轴承有限公司", "420600"),
        ("昆山新澜精密有限公司", "320583"),
        ("东方新澜科技有限公司", None),
        ("新澜控股有限公司", None),
    ],
)
def test_region_of_a_company_only_as_far_as_its_name_says(company, code):
    one = item("新澜:获产品碳足迹声明", f"近日,{company}获得SGS颁发的产品碳足迹核查声明。").statements[0]
    assert (one.region.value.code if one.region else None) == code


@pytest.mark.parametrize(
    ("heading", "body", "kind"),
    [
        ("晨阳水务与SGS签约", "3月3日,晨阳水务集团有限公司与SGS签署协议,启动温室气体核查。", "other"),
        ("碳友学院:开班", "3月3日,碳友学院举办产品碳足迹培训班,学员可获得结业证书。", "other"),
        ("碳友学院:结业", "3月3日,碳友学院碳核查员培训班结业,30名学员取得结业证书。", "other"),
        ("湖州:表彰企业", "3月3日,湖州市经信局出台办法,对完成核算并取得产品碳足迹证书的纺织企业给予5万元奖励。", "policy"),
        ("绿能智库:碳市场周报", "上周全国碳市场收盘价为每吨70元。", "report"),
        ("北川电气:启动产品碳足迹核查", "3月3日,北川电气股份有限公司启动产品碳足迹核查,力争年内取得证书。", "other"),
        ("韩国三元电子:获碳足迹证书", "近日,韩国三元电子获得碳足迹证书。", "other"),
        ("绿能智库:储能报告发布", "近日,绿能智库发布《储能产业报告》,报告显示装机增长20%。", "report"),
        ("国家能源局:发布2月绿证核发数据", "3月3日,国家能源局发布2月绿证核发统计数据,核发2亿个。", "report"),
        ("湖州:奖励碳足迹认证", "3月3日,湖州市市场监管局出台办法,对获得产品碳足迹证书的企业给予5万元奖励。", "policy"),
    ],
)
def test_kind_by_who_did_what(heading, body, kind):
    found = item(heading, body)
    assert found.kind.value == kind
    assert found.statements == ()


def test_foreign_policy_in_an_international_section_is_other():
    assert item("欧盟:修订碳边境规则", "3月3日,欧盟委员会发布修订公告。", "国际动态").kind.value == "other"


def test_half_policy_half_statement_carries_both_and_asks_for_a_person():
    body = "3月3日,昆山市人民政府印发《零碳工厂奖励办法》。同日,昆山立铭精密制造有限公司获得SGS颁发的零碳工厂证书。"
    found = item("昆山:出台零碳工厂办法,首家企业获证", body, "地方动态")
    assert [one.value.title for one in found.policy.documents] == ["零碳工厂奖励办法"]
    assert rows(found) == [("昆山立铭精密制造有限公司", "zero_carbon_factory", [], "SGS")]
    assert "文件1份、声明1条" in found.needs_person


GOT = f"{MING}获得必维颁发的产品碳足迹核查声明"


@pytest.mark.parametrize(
    ("heading", "body", "act", "missing"),
    [
        ("", f"江苏省出台零碳园区培育方案,同时,{GOT}。", "江苏省出台零碳园区培育方案", "没有读出文件标题和发文机关"),
        (
            "明轩电气:获声明",
            f"3月2日,江苏省发展改革委印发零碳园区管理办法。同时,{GOT}。",
            "江苏省发展改革委印发零碳园区管理办法",
            "没有读出文件标题",
        ),
        ("明轩电气:获声明", f"近日{GOT}。同日,无锡市发布《零碳工厂实施意见》。", "无锡市发布《零碳工厂实施意见》", "发文机关"),
    ],
)
def test_an_authoritys_act_beside_a_statement_is_kept_and_what_lacks_is_said(heading, body, act, missing):
    found = read(f"{heading}\n{body}" if heading else body, dt.date(2026, 3, 20), shipped()).items[0]
    assert rows(found) == [(MING, PCF, [], "BV必维")]
    assert found.policy is not None
    assert act in found.needs_person
    assert missing in found.needs_person


@pytest.mark.parametrize(
    "body",
    [
        f"依据生态环境部发布的产品碳足迹核算指南,{GOT}。",
        f"工业和信息化部公布2025年度绿色工厂名单的通知,{MING}入选国家级绿色工厂名单。",
        f"江苏绿禾集团有限公司发布零碳行动方案,{GOT}。",
        f"{GOT},并发布减碳行动方案。",
    ],
)
def test_a_statement_that_cites_a_rule_is_no_policy(body):
    found = item("明轩电气:获声明", body)
    assert (found.kind.value, found.policy, found.needs_person) == ("statement", None, "")


def test_statement_that_cannot_be_read_needs_a_person():
    found = item("三家企业获产品碳足迹证书", "近日,三家企业获得产品碳足迹证书。")
    assert found.kind.value == "statement"
    assert found.statements == ()
    assert found.needs_person


def test_word_added_to_a_vocabulary_is_read():
    words = shipped()
    text = "行业动态\n远澜电池:获产品碳足迹声明\n近日,宁波远澜电池有限公司获得蓝衡检定颁发的产品碳足迹核查声明。"
    richer = replace(words, bodies={**words.bodies, "蓝衡检定": "蓝衡检验检定院"})
    assert read(text, dt.date(2026, 3, 20), richer).items[0].statements[0].body.value == "蓝衡检验检定院"


@pytest.mark.parametrize(
    ("printed", "number"),
    [
        ("ＡＢＣ－１２ ３４", "ABC-12 34"),
        ("CN 2026\u30000012", "CN 2026 0012"),
        ("KLM-0017 有效期三年", "KLM-0017"),
        ("KLM-0017 2026年3月生效", "KLM-0017"),
        ("KLM-0017 依据ISO 14067", "KLM-0017"),
        ("KLM-0017 ISO14067", "KLM-0017"),
    ],
)
def test_certificate_number_is_read_whole_in_half_width(printed, number):  # NWS-09
    body = f"近日，{YUAN}获得SGS颁发的产品碳足迹证书，证书编号：{printed}。"
    text = f"行业动态\n远澜电池:获证\n{body}"
    found = read(text, dt.date(2026, 3, 20), shipped())
    read_number = found.items[0].statements[0].certificate_number
    assert read_number.value == number
    (span,) = read_number.spans
    assert found.text[span.start : span.end] == printed[: len(number)]


@pytest.mark.parametrize("day", ["于2026年2月30日", "2月31日", "于2026年13月5日"])
def test_impossible_day_is_no_product_and_needs_a_person(day):  # NWS-08
    found = item("远澜电池:获证", f"1、{YUAN}的储能柜{day}获得SGS颁发的产品碳足迹证书。")
    assert rows(found) == [(YUAN, PCF, ["储能柜"], "SGS")]
    assert found.statements[0].announced_on is None
    assert day.removeprefix("于") in found.needs_person
    assert item("远澜电池:获证", f"{YUAN}{day}获得SGS颁发的产品碳足迹证书。").statements[0].products == ()


@pytest.mark.parametrize("form", ["{}、", "{}.", "({})"])
def test_numbered_lines_without_full_stops_stay_apart_beyond_99(form):
    numbers = range(95, 106)
    lines = [form.format(at) + f"宁波远澜电池{at}有限公司获得SGS颁发的产品碳足迹证书,获证产品为储能柜{at}" for at in numbers]
    found = item("多家企业:获产品碳足迹证书", "\n".join(lines))
    assert rows(found) == [(f"宁波远澜电池{at}有限公司", PCF, [f"储能柜{at}"], "SGS") for at in numbers]


def names(body, heading="获证消息"):
    return [one.company.value for one in item(f"{heading}:一则", body).statements]


@pytest.mark.parametrize(
    "lead",
    [
        "会上",
        "随着",
        "欣闻",
        "协会成员单位",
        "感谢各方,",
        "仪式现场",
        "经过努力的",
        "截至目前为止,收到消息的",
        "见证了",
        "由绿测检验中心向",
    ],
)
def test_name_of_a_company_begins_with_none_of_the_words_before_it(lead):
    assert names(f"{lead}{MING}获得SGS颁发的产品碳足迹证书。") == [MING]


@pytest.mark.parametrize(
    "mark",
    [
        "● ",
        "• ",
        "·",
        "◆",
        "▪ ",
        "📌",
        "①",
        "❷ ",
        "⓬ ",
        "㈠",
        "→ ",
        "- ",
        "* ",
        "1 ",
        "01 ",
        "2. ",
        "A. ",
        "B、",
        "NO.3 ",
        "(4)",
        "5）",
    ],
)
@pytest.mark.parametrize("lead", ["", "近日,多家企业获证。\n"])
def test_bullet_or_number_before_a_company_is_not_of_its_name(mark, lead):
    body = "\n".join(f"{mark}{name}获得SGS颁发的产品碳足迹证书。" for name in (MING, "远澜储能股份有限公司"))
    found = item("多家企业:获证", lead + body).statements
    assert [one.company.value for one in found] == [MING, "远澜储能股份有限公司"]
    assert found[0].region.value.code == "320000"
    assert names(f"{mark}海尔智家获得SGS颁发的碳标签。") == ["海尔智家"]


@pytest.mark.parametrize(
    "name",
    [
        "3M中国有限公司",
        "360数智科技有限公司",
        "58远澜电池有限公司",
        "A.O.史密斯(中国)热水器有限公司",
        "E.ON远澜(天津)有限公司",
        "T-三能源有限公司",
        "C·H远澜货运(中国)有限公司",
        "H&M远澜(上海)商业有限公司",
        "浙江**新能源有限公司",
    ],
)
@pytest.mark.parametrize("mark", ["", "● ", "1. ", "近日,"])
def test_signs_and_digits_of_a_name_stay_in_it(mark, name):
    assert names(f"{mark}{name}获得SGS颁发的产品碳足迹证书。") == [name]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (f"{YUAN}收到北京绿评碳服科技有限公司出具的温室气体核查声明。", [YUAN]),
        (f"{YUAN}的两款电芯经中国检验认证集团江苏有限公司核查,获得产品碳足迹声明。", [YUAN]),
        (f"{YUAN}获得SGS颁发的产品碳足迹证书,感谢深圳绿陪咨询服务有限公司全程辅导。", [YUAN]),
        (f"北京绿评碳服科技有限公司向{YUAN}、{MING}颁发温室气体核查声明。", [YUAN, MING]),
        (f"受{YUAN}委托,南京绿评环境研究院有限公司出具温室气体核查声明。", []),
        (f"受{YUAN}委托,南京绿评环境研究院有限公司为其出具温室气体核查声明。", [YUAN]),
        (f"{YUAN}与其母公司明澜控股集团有限公司获得SGS颁发的温室气体核查声明。", [YUAN, "明澜控股集团有限公司"]),
    ],
)
def test_who_issues_helps_or_orders_holds_nothing(body, expected):
    assert names(body) == expected


@pytest.mark.parametrize(
    "given",
    ["DNV向{}颁发", "SGS为{}签发", "近日,BSI给{}出具", "必维授予{}", "由CQC向{}颁发的", "经DNV核查,{}获得"],
)
@pytest.mark.parametrize("name", ["TCL远澜光电有限公司", "GE远洲航空(苏州)有限公司", "3M远澜有限公司", "A.O.远澜热水器有限公司"])
def test_a_company_with_a_latin_name_is_given_something(given, name):
    found = item("获证:一则", given.format(name) + "温室气体核查声明。").statements
    assert [one.company.value for one in found] == [name]
    assert found[0].body.value in {"DNV", "SGS", "BSI", "BV必维", "中国质量认证中心"}
    both = item("获证:一则", f"近日,SGS为{name}、{MING}颁发温室气体核查声明。").statements
    assert [one.company.value for one in both] == [name, MING]


@pytest.mark.parametrize(
    ("heading", "body", "expected"),
    [
        (f"{MING}获SGS碳标签", "近日,明轩电气获得SGS颁发的碳标签证书。", [MING]),
        (f"{MING}获SGS碳标签", "近日,公司获得SGS颁发的碳标签证书。", [MING]),
        (f"明轩电气:{MING}(简称“明轩电气”)获碳标签", "近日,明轩电气的变压器获得SGS颁发的碳标签证书。", [MING]),
        (f"SGS为{MING}颁发碳标签", "近日,明轩电气通过SGS核查,取得碳标签证书。", [MING]),
        (f"{MING}、{YUAN}获碳标签", "近日,明轩电气、远澜电池获得SGS颁发的碳标签证书。", [MING, YUAN]),
        ("绿研咨询有限公司助力明轩电气获碳标签", "近日,明轩电气获得SGS颁发的碳标签证书。", ["明轩电气"]),
        ("明轩控股股份有限公司:子公司获碳标签", f"近日,{MING}获得SGS颁发的碳标签证书。", [MING]),
        (f"{MING}与SGS签约", "近日,明轩电气与SGS签署协议,启动碳标签核查。", []),
    ],
)
def test_full_name_that_stands_in_the_heading_alone(heading, body, expected):
    assert [one.company.value for one in item(heading, body).statements] == expected


def test_open_edge_of_a_name_is_uncertain_unless_it_is_printed_again():
    body = "远能江苏瀚海发电有限公司获得SGS颁发的温室气体核查声明。"
    assert item("获证:一则", body).statements[0].company.confidence == "uncertain"
    again = f"{body}远能江苏瀚海发电有限公司位于南通。"
    assert item("获证:一则", again).statements[0].company.confidence == "stated"
    shorter = "某某江苏瀚海发电有限公司获得SGS颁发的温室气体核查声明。江苏瀚海发电有限公司位于南通。"
    assert names(shorter) == ["江苏瀚海发电有限公司"]


def test_type_and_body_of_one_company_are_not_its_neighbours():
    body = f"经上海环境能源交易所评价,{MING}获评零碳工厂,{YUAN}被列入浙江省绿色低碳工厂名单。"
    first, second = item("明轩电气、远澜电池:零碳工厂", body).statements
    assert (first.statement_type.confidence, first.body.value) == ("stated", "上海环境能源交易所")
    assert (second.statement_type.confidence, second.body) == ("inferred", None)


@pytest.mark.parametrize(
    "tail", ["已于5月到期,尚未续证", "已失效", "到期未续", "被发证机构撤销", "于3月被暂停", "已过期,公司未及时续"]
)
def test_what_is_over_is_not_held(tail):
    assert names(f"{MING}2023年获得的产品碳足迹声明{tail}。") == []


@pytest.mark.parametrize("tail", ["有效期至2028年5月", "若数据造假将被撤销", "原证书已到期"])
def test_what_may_end_one_day_is_held(tail):
    assert names(f"{MING}获得SGS颁发的产品碳足迹证书,{tail}。") == [MING]


@pytest.mark.parametrize("past", ["此前曾按PAS 2060完成核查,此次", "去年就按PAS 2060获证,今年"])
def test_standard_of_long_ago_is_not_this_statements(past):
    one = item("获证:一则", f"{MING}{past}获得SGS颁发的产品碳足迹证书,依据ISO 14067:2018。").statements[0]
    assert [standard.value for standard in one.standards] == ["ISO 14067:2018"]


@pytest.mark.parametrize(
    "branch", ["中国质量认证中心(CQC)宁波分中心", "中国船级社质量认证公司江苏分公司", "必维大中华区", "SGS华东公司"]
)
def test_branch_of_a_known_body_is_that_body(branch):
    one = item("获证:一则", f"{MING}获得{branch}颁发的产品碳足迹证书。").statements[0]
    assert one.body.confidence == "stated"
    assert one.body.value in {"中国质量认证中心", "中国船级社", "BV必维", "SGS"}


@pytest.mark.parametrize(
    ("body", "printed"),
    [
        (f"{MING}的变压器获得Verdissia颁发的产品碳足迹证书。", "Verdissia"),
        (f"{MING}获得北京碳澜科技有限公司签发的产品碳足迹证书。", "北京碳澜科技有限公司"),
        (f"{MING}取得由江北钢铁工业协会授予的产品碳足迹证书。", "江北钢铁工业协会"),
        (f"北京碳澜科技有限公司近日向{MING}颁发产品碳足迹证书。", "北京碳澜科技有限公司"),
        (f"{MING}获得江北电子产品第八研究所颁发的产品碳足迹证书。", "江北电子产品第八研究所"),
    ],
)
def test_a_body_that_no_table_knows_is_kept_as_printed_for_a_person(body, printed):
    (one,) = item("明轩电气:获证", body).statements
    assert (one.company.value, one.body.value, one.body.confidence, one.body_undisclosed) == (MING, printed, "uncertain", None)


@pytest.mark.parametrize(
    "body",
    [
        f"{MING}获得国际知名认证公司颁发的产品碳足迹证书。",
        f"{MING}获得权威第三方机构颁发的产品碳足迹证书。",
        f"{MING}收到客户颁发的产品碳足迹证书。",
        f"绿研咨询有限公司为{MING}出具核算报告,{MING}的变压器获得产品碳足迹证书。",
    ],
)
def test_whoever_has_no_name_or_gives_no_paper_is_no_body(body):
    assert [one.body for one in item("明轩电气:获证", body).statements] == [None]


@pytest.mark.parametrize("printed", ["389.12 kg eq CO2/kWc", "389.12kgeq.CO2/kWc", "389.12 kg CO2 eq/kWc"])
def test_equivalents_before_and_behind_the_gas(printed):
    (one,) = item("远澜电池:获证", f"{YUAN}获得SGS颁发的产品碳足迹证书,碳足迹值为{printed}。").statements
    assert (one.result.value.value, one.result.value.unit) == (Decimal("389.12"), printed.removeprefix("389.12").strip())


def test_version_behind_a_registration_number_is_of_it():
    (one,) = item("远澜电池:取得EPD", f"{YUAN}的储能柜取得EPD,注册号EPD-IES-0030417:002,有效期至2031年3月13日。").statements
    assert one.certificate_number.value == "EPD-IES-0030417:002"
