"""Policy items: who issued what, where, when, and the targets and money in it."""

import datetime as dt
from decimal import Decimal

import pytest

from tanxun.digest.reader import read
from tanxun.digest.reader.gold import as_gold
from tanxun.digest.vocabulary import shipped

pytestmark = pytest.mark.any_engine


def policy(heading, body, reference=dt.date(2026, 3, 20)):
    item = read(f"{heading}\n{body}", reference, shipped()).items[0]
    assert item.kind.value == "policy"
    return item.policy


def issuers(found):
    return [one.value for one in found.issuers]


@pytest.mark.parametrize(
    ("body", "expected", "count"),
    [
        (
            "3月2日,工信部、国家发展改革委、市场监管总局等五部门印发《方案甲指南》。",
            ["工业和信息化部", "国家发展和改革委员会", "国家市场监督管理总局"],
            5,
        ),
        ("3月2日,生态环境部会同央行联合发布《气候投融资指引》。", ["生态环境部", "中国人民银行"], None),
        (
            "3月2日,安徽省发展改革委、省经信厅和省财政厅印发《节能工作要点》。",
            ["安徽省发展和改革委员会", "安徽省经济和信息化厅", "安徽省财政厅"],
            None,
        ),
        ("3月2日,湘西州发改委出台《碳账户工作方案》。", ["湘西州发展和改革委员会"], None),
        ("3月2日,凉山州发展改革委、州经济和信息化局印发《园区方案》。", ["凉山州发展和改革委员会", "凉山州经济和信息化局"], None),
        ("3月2日,中国人民银行、金融监管总局召开会议。", ["中国人民银行", "国家金融监督管理总局"], None),
        ("3月2日,常熟市政府办公室印发《常熟市节能方案》。", ["常熟市人民政府办公室"], None),
    ],
)
def test_issuing_bodies_in_full_and_in_order(body, expected, count):
    found = policy("安徽:印发文件" if "安徽" in body else "要闻:印发文件", body)
    assert issuers(found) == expected
    assert (found.declared_issuer_count.value if found.declared_issuer_count else None) == count


@pytest.mark.parametrize(
    ("heading", "body", "code", "name", "level"),
    [
        ("昆山:发布办法", "3月2日,昆山市人民政府印发《零碳工厂办法》。", "320583", "昆山市", "county"),
        ("恩施:发布方案", "3月2日,恩施州人民政府印发《碳达峰方案》。", "422800", "恩施土家族苗族自治州", "city"),
        ("朝阳区:发布名单", "3月2日,北京市朝阳区发改委公布名单。", "110105", "朝阳区", "county"),
        ("兵团:发布方案", "3月2日,新疆生产建设兵团发展改革委印发《节能方案》。", "650000", "新疆生产建设兵团", "province"),
        ("东湖高新区:发布办法", "3月2日,武汉东湖高新区管委会印发《双碳办法》。", "420100", "武汉东湖高新区", "park"),
        ("香港:发布指引", "3月2日,香港特区政府发布《可持续披露指引》。", "810000", "香港特别行政区", "province"),
        ("内蒙古:出台规划", "3月2日,自治区能源局印发《绿电规划》。", "150000", "内蒙古自治区", "province"),
    ],
)
def test_region_as_fine_as_the_text_says(heading, body, code, name, level):
    found = policy(heading, body)
    assert (found.lead_region.value.code, found.lead_region.value.name, found.level.value) == (code, name, level)


def test_ambiguous_place_is_left_open_with_candidates():
    found = policy("鼓楼区:印发方案", "3月2日,鼓楼区人民政府印发《节能方案》。")
    assert found.lead_region.confidence == "uncertain"
    assert len(found.lead_region.candidates) >= 3


def test_central_body_has_no_region():
    found = policy("商务部:举行发布会", "3月2日,商务部举行新闻发布会,介绍《绿色贸易目录》编制情况。")
    assert found.lead_region is None
    assert found.level.value == "national"
    assert [one.value.title for one in found.documents] == ["绿色贸易目录"]


def test_documents_announced_are_kept_and_cited_ones_are_not():
    body = (
        "3月2日,宁波市发改委、宁波市能源局印发《宁波市绿电行动方案》(甬发改能源〔2026〕8号)和《宁波市绿证实施细则》。"
        "《行动方案》提出,落实《浙江省能源条例》,依据《绿证核发办法》开展核查。"
    )
    found = policy("宁波:推广绿电", body)
    assert [(one.value.title, one.value.number) for one in found.documents] == [
        ("宁波市绿电行动方案", "甬发改能源〔2026〕8号"),
        ("宁波市绿证实施细则", None),
    ]


@pytest.mark.parametrize(
    ("lead", "reference", "expected"),
    [
        ("12月28日,", dt.date(2026, 1, 9), dt.date(2025, 12, 28)),
        ("1月5日,", dt.date(2026, 1, 9), dt.date(2026, 1, 5)),
        ("2025年11月3日,", dt.date(2026, 1, 9), dt.date(2025, 11, 3)),
        ("1月5日至6日,", dt.date(2026, 1, 9), dt.date(2026, 1, 5)),
        ("2月29日,", dt.date(2026, 3, 9), dt.date(2024, 2, 29)),
        ("近日,", dt.date(2026, 1, 9), None),
    ],
)
def test_dates_are_completed_and_never_in_the_future(lead, reference, expected):
    found = policy("宁波:印发方案", f"{lead}宁波市发改委印发《节能方案》,自2026年2月1日起施行。", reference)
    assert (found.issued_on.value if found.issued_on else None) == expected


def test_deadline_is_no_date_of_issue():
    assert policy("宁波:启动申报", "宁波市经信局启动绿色工厂申报,截止时间为2026年3月1日。").issued_on is None


def numbers(found):
    return [(one.value.indicator, one.value.comparator, one.value.value, one.value.unit, one.value.year) for one in found.targets]


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        (
            "到2028年,新增省级绿色工厂50家以上、零碳园区5个左右,规上工业单位增加值能耗下降12%。",
            [
                ("新增省级绿色工厂", ">=", 50, "家", 2028),
                ("新增零碳园区", "~", 5, "个", 2028),
                ("规上工业单位增加值能耗下降", "=", 12, "%", 2028),
            ],
        ),
        (
            "到2027年,建成10个以上零碳园区;到2030年,累计达到30个。",
            [("零碳园区", ">=", 10, "个", 2027), ("零碳园区", "=", 30, "个", 2030)],
        ),
        ("每年实施节能改造项目不少于100个。", [("节能改造项目", ">=", 100, "个", None)]),
        (
            "力争2027年底前,绿色建筑、绿色建材占比分别达到80%、60%。",
            [("绿色建筑", "=", 80, "%", 2027), ("绿色建材占比", "=", 60, "%", 2027)],
        ),
        ("到2030年,碳排放总量控制在1200万吨以内。", [("碳排放总量", "<=", 1200, "万吨", 2030)]),
        (
            "到2027年,能耗下降8%至10%,培育零碳工厂10—15家。",
            [("能耗下降", ">=", 8, "%", 2027), ("零碳工厂", ">=", 10, "家", 2027)],
        ),
        ("到2027年,排放量控制在10至12万吨。", [("排放量", "<=", 12, "万吨", 2027)]),
        ("到2030年,储能装机由100万千瓦增加到200万千瓦。", [("储能装机", "=", 200, "万千瓦", 2030)]),
        ("2026—2028年,新增绿色工厂12家。", [("新增绿色工厂", "=", 12, "家", 2028)]),
        ("今年计划完成100款商品的碳标签评价。", [("商品的碳标签评价", "=", 100, "款", 2026)]),
        ("目前已建成绿色工厂85家,12家企业入选国家名单。", []),
        ("年综合能耗5000吨标准煤以上的企业应开展碳核算。", []),
        ("推动成立由3个部门组成的专班。", []),
        (
            "新型储能规模2028年、2030年分别达到25亿元、50亿元。",
            [("新型储能规模", "=", 25, "亿元", 2028), ("新型储能规模", "=", 50, "亿元", 2030)],
        ),
        (
            "2026年、2027年新能源利用率分别不低于95%、94%。",
            [("新能源利用率", ">=", 95, "%", 2026), ("新能源利用率", ">=", 94, "%", 2027)],
        ),
        ("相关贷款余额力争2027年末达到400亿元以上。", [("相关贷款余额", ">=", 400, "亿元", 2027)]),
        ('"十五五"末将储能装机提高到500兆瓦。', [("储能装机提高", "=", 500, "兆瓦", 2030)]),
        ("每家企业每年申报不超过5个产品。", []),
        ("重点排放单位每两年复核一次。", []),
        ("一季度绿证平均成交价回升至5.3元/个。", []),
        ("上半年全国核发绿证超过13亿个。", []),
        ("公告2026年第6号同时废止。", []),
    ],
)
def test_targets(sentence, expected):
    found = policy("宁波:印发方案", f"3月2日,宁波市发改委印发《节能方案》。方案提出,{sentence}")
    assert numbers(found) == [(name, sign, Decimal(value), unit, year) for name, sign, value, unit, year in expected]


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("对首次认定的绿色工厂给予20万元一次性奖励。", [(200_000, "CNY")]),
        ("分别给予零碳工厂、近零碳工厂40万元、20万元奖励。", [(400_000, "CNY"), (200_000, "CNY")]),
        ("对碳足迹认证按费用的50%给予补助,单个企业最高不超过8万元。", [(50, "%")]),
        ("每张证书补贴1万元,每家企业最高5万元。", [(10_000, "CNY")]),
        ("对示范项目给予最高300万元补助。", [(3_000_000, "CNY")]),
        ("资助额最高50万港元。", [(500_000, "HKD")]),
        ("对零碳园区内企业给予奖励。", [(None, None)]),
        ("对总投资5000万元以上的项目给予投资额10%的补助。", [(10, "%")]),
        ("向绿色基金注资20亿元。", []),
        ("对新建项目一次性给予200万元补助,其中首年100万元。", [(2_000_000, "CNY")]),
        ("按不超过总投资15%给予支持。", [(15, "%")]),
        ("对达到标杆水平的贷款,按实际支付利息的20%给予贴息。", [(20, "%")]),
        ("对累计减排前100名的居民,每人奖励价值500元的消费券。", [(500, "CNY")]),
        ("引导金融机构提供再贷款资金支持。", []),
    ],
)
def test_incentives_in_whole_currency(sentence, expected):
    found = policy("宁波:印发办法", f"3月2日,宁波市财政局印发《奖补办法》。{sentence}")
    assert [(one.value.amount, one.value.unit) for one in found.incentives] == expected


def test_topics_come_from_heading_and_repeated_words():
    body = "3月2日,宁波市经信局印发《办法》。支持企业核算产品碳足迹,完善标准。"
    slugs = {one.value for one in policy("宁波:建设零碳园区", body).topics}
    assert {"zero-carbon-park", "product-carbon-footprint"} <= slugs
    assert "standards" not in slugs


@pytest.mark.parametrize(
    ("heading", "body", "expected"),
    [
        (
            "嘉兴:碳足迹",
            "《嘉兴市碳足迹管理办法》近日由嘉兴市经信局、市生态环境局联合印发。",
            ["嘉兴市经济和信息化局", "嘉兴市生态环境局"],
        ),
        (
            "嘉兴:碳足迹",
            "为加快转型,嘉兴市经信局会同市财政局制定了《嘉兴市碳足迹管理办法》。",
            ["嘉兴市经济和信息化局", "嘉兴市财政局"],
        ),
        ("福建:改造", "按照国家发展改革委部署,福建省工信厅3月4日印发《改造方案》。", ["福建省工业和信息化厅"]),
        ("福建:改造", "在国家能源局指导下,福建省发展改革委编制了《改造方案》。", ["福建省发展和改革委员会"]),
        ("福建:改造", "记者从福建省生态环境厅获悉,《改造方案》已于3月4日印发。", ["福建省生态环境厅"]),
        ("榆林:条例", "3月2日,榆林市人民政府常务会议审议通过《榆林市降碳条例(草案)》。", ["榆林市人民政府"]),
        ("榆林:条例", "《榆林市降碳条例(草案)》经市政府常务会议审议通过。", ["榆林市人民政府"]),
        (
            "晋江:补贴",
            "晋江市工信局、晋江市商务局联合制定的《碳足迹若干措施》开始施行。",
            ["晋江市工业和信息化局", "晋江市商务局"],
        ),
        ("湖州:碳效", "湖州市发改委拿出真金白银,3月2日出台《碳效码管理办法》。", ["湖州市发展和改革委员会"]),
        ("宁德:锂电", "3月2日,宁德市工信局、市场监管局发布《锂电方案》。", ["宁德市工业和信息化局", "宁德市市场监督管理局"]),
        ("甘孜州:能源", "3月2日,甘孜藏族自治州人民政府与国家电投签署合作协议。", ["甘孜藏族自治州人民政府"]),
        ("江苏:意见", "中共江苏省委、江苏省人民政府印发《实施意见》。", ["中共江苏省委员会", "江苏省人民政府"]),
        ("江苏:意见", "省委办公厅、省政府办公厅印发《实施意见》。", ["中共江苏省委办公厅", "江苏省人民政府办公厅"]),
        (
            "内蒙古自治区:绿氢",
            "自治区发展改革委、工信厅印发《绿氢产业措施》。",
            ["内蒙古自治区发展和改革委员会", "内蒙古自治区工业和信息化厅"],
        ),
        ("经验交流", "在宁波市经信局召开的推进会上,各县交流了《零碳工厂办法》实施经验。", ["宁波市经济和信息化局"]),
        ("从江县:碳汇", "从江县林业局印发《林业碳汇方案》。", ["从江县林业局"]),
        ("青海:盐湖", "青海省政府新闻办举行新闻发布会,省工信厅负责人介绍盐湖产业。", ["青海省工业和信息化厅"]),
        ("准格尔旗:申报", "准格尔旗工信和科技局启动示范项目申报。", ["准格尔旗工信和科技局"]),
        ("兵团:碳盘查", "兵团工信局部署团场碳盘查。", ["新疆生产建设兵团工业和信息化局"]),
        (
            "浙江:外贸",
            "杭州海关、浙江省商务厅、国家税务总局浙江省税务局发布《应对指引》。",
            ["杭州海关", "浙江省商务厅", "国家税务总局浙江省税务局"],
        ),
    ],
)
def test_who_issues_is_told_by_the_place_in_the_clause(heading, body, expected):
    assert issuers(policy(heading, body)) == expected


@pytest.mark.parametrize(
    ("heading", "body", "expected"),
    [
        ("生态环境部:征求意见", "3月2日,生态环境部办公厅就《核算指南》公开征求意见。", ["生态环境部办公厅"]),
        ("财政部等:征求意见", "财政部办公厅会同商务部办公厅等部门起草了《披露指南》。", ["财政部办公厅", "商务部办公厅"]),
        ("工信部:公示", "3月2日,工业和信息化部节能与综合利用司公示《绿色制造名单》。", ["工业和信息化部节能与综合利用司"]),
        (
            "国家发改委:再选园区",
            "3月2日,国务院新闻办公室举行新闻发布会,国家发展改革委、国家能源局有关负责人介绍园区建设。",
            ["国家发展和改革委员会", "国家能源局"],
        ),
        ("能源局:绿证", "国务院新闻办公室举行发布会,国家能源局局长王某、副局长万某介绍绿证。", ["国家能源局"]),
        ("国常会:节能", "国务院总理主持召开国务院常务会议,审议通过《节约能源条例》。", ["国务院"]),
        ("商务部:碳关税", "在3月2日的记者会上,商务部部长王某表示,将妥善应对碳关税。", ["商务部"]),
        ("交通运输部:船舶", "航运现场会在宜昌召开,交通运输部水运局负责人作了讲话。", ["交通运输部"]),
        ("生态环境部:碳市场", "生态环境部召开例行新闻发布会,应对气候变化司司长夏某介绍碳市场。", ["生态环境部"]),
    ],
)
def test_the_text_names_the_exact_body_under_a_heading(heading, body, expected):
    assert issuers(policy(heading, body)) == expected


@pytest.mark.parametrize(
    ("heading", "body"),
    [
        ("香港:资助", "3月2日,香港特别行政区政府环境及生态局公布碳审计资助计划。"),
        ("香港:资助", "3月2日,香港环境及生态局公布碳审计资助计划。"),
        ("特区:资助", "3月2日,香港特区政府公布碳审计资助计划。"),
    ],
)
def test_bureaus_of_a_special_region_sit_there(heading, body):
    found = policy(heading, body)
    assert (found.lead_region.value.code, found.level.value) == ("810000", "province")


def test_a_name_that_many_places_bear_is_settled_by_the_text_around_it():
    found = policy("鼓楼区:印发方案", "3月2日,鼓楼区人民政府印发《南京市鼓楼区节能方案》。")
    assert (found.lead_region.value.code, found.lead_region.confidence) == ("320106", "inferred")
    assert "南京市" in found.lead_region.reason


def test_a_document_that_comes_out_is_announced_and_one_spoken_of_is_not():
    found = policy("佛山:陶瓷", "佛山市政府印发的《陶瓷达峰方案》3月2日公布。市工信局发布的《陶瓷标准》另有规定。")
    assert [one.value.title for one in found.documents] == ["陶瓷达峰方案"]


def test_a_document_issued_earlier_is_not_announced_again():
    found = policy("苏州:公布名单", "3月2日,苏州市工信局公布《零碳工厂名单》,此前已印发《零碳工厂培育办法》。")
    assert [one.value.title for one in found.documents] == ["零碳工厂名单"]


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("印发《方案》。主要任务有:\n—— 改造锅炉。\n—— 建设光伏。\n—— 核算碳足迹。", 3),
        ("印发《方案》。标准如下:\n新建工厂奖励80万元;\n改建工厂奖励40万元;", 2),
        ("印发《方案》。\n主要目标\n到2027年建成零碳工厂5家。\n重点任务\n改造锅炉。支持光伏。\n保障措施\n安排资金。", 4),
        ("印发《方案》。对工厂奖励80万元;对园区奖励40万元。有效期三年。", 2),
    ],
)
def test_key_points_are_announced_lines_or_sentences_but_no_subheads(text, count):
    assert len(policy("宁波:节能", f"3月2日,宁波市发改委{text}").key_points) == count


@pytest.mark.parametrize(
    "repealed",
    [
        "《绿色建材目录(2019年版)》同时废止",
        "原《绿色建材目录》(建规〔2019〕7号)自本办法施行之日起停止执行",
        "《绿色建材目录》和《绿色建材细则》即行失效",
        "《绿色建材目录》《绿色建材细则》等两个文件一并废止",
        "《绿色建材目录》于3月31日正式作废",
    ],
)
def test_a_document_whose_time_is_over_is_not_announced(repealed):
    found = policy("宁波:印发办法", f"3月2日,宁波市住建局印发《绿色建材管理办法》,{repealed}。")
    assert [one.value.title for one in found.documents] == ["绿色建材管理办法"]


def test_a_document_that_repeals_another_is_announced():
    found = policy("宁波:印发办法", "3月2日,宁波市住建局印发《绿色建材管理办法》自4月1日起,同时废止旧目录。")
    assert [one.value.title for one in found.documents] == ["绿色建材管理办法"]


def test_a_region_left_open_is_no_value_in_the_gold_form():
    text = "鼓楼区:印发方案\n3月2日,鼓楼区人民政府印发《节能方案》。"
    found = as_gold(read(text, dt.date(2026, 3, 20), shipped()))["items"][0]["policy"]
    assert (found["lead_region"], found["level"]) == (None, "county")


@pytest.mark.parametrize(
    ("body", "named", "level"),
    [
        ("3月2日,兴安盟青山中旗人民政府办公室印发《绿电方案》。", "青山中旗", "county"),
        ("3月2日,宁波市东山县发展改革局印发《绿电方案》。", "东山县", "county"),
        ("3月2日,安徽省青云市财政局印发《绿电方案》。", "青云市", "city"),
        ("3月2日,成都市西麓区生态环境局印发《绿电方案》。", "西麓区", "county"),
    ],
)
def test_a_division_that_no_table_knows_leaves_the_region_open(body, named, level):
    found = policy("要闻:绿电", body)
    region = found.lead_region
    assert (region.confidence, found.level.value) == ("uncertain", level)
    assert named in region.reason
    assert region.candidates == (region.value,)


@pytest.mark.parametrize(
    "office",
    ["城市管理局", "市场监管局", "县域经济办公室", "城区改造办公室", "园区发展服务中心", "社区治理委员会", "区域合作办公室"],
)
def test_an_office_that_speaks_of_towns_and_districts_names_no_division(office):
    found = policy("宁波:绿电", f"3月2日,宁波市{office}印发《绿电方案》。")
    assert (found.lead_region.value.code, found.lead_region.confidence) == ("330200", "stated")


@pytest.mark.parametrize(
    ("printed", "code", "level"),
    [
        ("科右中旗", "152222", "county"),
        ("兴安盟科右中旗", "152222", "county"),
        ("内蒙古达茂旗", "150223", "county"),
        ("和林县", "150123", "county"),
        ("巴州", "652800", "city"),
        ("新疆克州", "653000", "city"),
        ("青海省海西州", "632800", "city"),
        ("锡盟", "152500", "city"),
        ("第八师石河子市", "659001", "county"),
        ("兵团第十师北屯市", "659005", "county"),
        ("巴中市巴州区", "511902", "county"),
    ],
)
def test_short_forms_of_divisions_are_known(printed, code, level):
    found = policy("要闻:绿电", f"3月2日,{printed}人民政府办公室印发《绿电方案》。")
    assert (found.lead_region.value.code, found.level.value) == (code, level)


def in_section(heading, body):
    (item,) = read(f"地方政策\n{heading}\n{body}", dt.date(2026, 3, 20), shipped()).items
    return item.policy


@pytest.mark.parametrize(
    ("heading", "body", "titles", "named"),
    [
        (
            "江苏省工信厅、省财政厅印发《江苏省碳账户管理办法》",
            "《办法》共五章,自2026年4月1日起施行。",
            ["江苏省碳账户管理办法"],
            ["江苏省工业和信息化厅", "江苏省财政厅"],
        ),
        (
            "湖州市发展改革委等三部门联合发布《湖州市碳普惠实施方案》",
            "方案提出三项任务。要求各区县抓好落实。",
            ["湖州市碳普惠实施方案"],
            ["湖州市发展和改革委员会"],
        ),
        ("昆山市工信局关于组织申报绿色工厂的通知", "3月9日前报送材料。", [], ["昆山市工业和信息化局"]),
        ("湖州市发展改革委落实《江苏省碳账户管理办法》", "3月9日,召开推进会,部署相关工作。", [], []),
        ("湖州:出台碳普惠方案", "3月9日,湖州市发展改革委印发《碳普惠方案》。", ["碳普惠方案"], ["湖州市发展和改革委员会"]),
    ],
)
def test_bodies_and_document_that_only_the_heading_names(heading, body, titles, named):
    found = in_section(heading, body)
    assert ([one.value.title for one in found.documents] if found else []) == titles
    assert (issuers(found) if found else []) == named


ISSUED = "3月9日,湖州市发展改革委印发"


@pytest.mark.parametrize(
    ("body", "number"),
    [
        (f"{ISSUED}《湖州市碳普惠办法》(湖发改〔2026〕12 号)。", "湖发改〔2026〕12号"),
        (f"{ISSUED}《湖州市碳普惠办法》(以下简称《办法》,湖发改〔2026〕12号)。", "湖发改〔2026〕12号"),
        (f"{ISSUED}《湖州市碳普惠办法》(湖发改〔2026〕12号,以下简称《办法》)。", "湖发改〔2026〕12号"),
        (f"{ISSUED}《湖州市碳普惠办法》湖发改〔2026〕12号。", "湖发改〔2026〕12号"),
        (f"{ISSUED}湖发改〔2026〕12号文《湖州市碳普惠办法》。", "湖发改〔2026〕12号"),
        ("3月9日,湖州市发展改革委以湖发改〔2026〕12号文印发《湖州市碳普惠办法》。", "湖发改〔2026〕12号"),
        (f"{ISSUED}《湖州市碳普惠办法》,文号为湖发改〔2026〕12号。", "湖发改〔2026〕12号"),
        (f"{ISSUED}《湖州市碳普惠办法》。\n文号:湖发改〔2026〕12号", "湖发改〔2026〕12号"),
        (f"{ISSUED}《湖州市碳普惠办法》的通知(湖发改〔2026〕12号)。", "湖发改〔2026〕12号"),
        ("3月9日,生态环境部发布《碳普惠公告》公告2026年第12号。", "公告2026年第12号"),
        (f"{ISSUED}《湖州市碳普惠办法》(湖州市人民政府令(2026年)第5号)。", "湖州市人民政府令(2026年)第5号"),
        (f"{ISSUED}《湖州市碳普惠办法》,落实《碳普惠意见》(国办发〔2026〕1号)。", None),
        (f"{ISSUED}《湖州市碳普惠办法》,细化国办发〔2026〕1号文件要求。", None),
    ],
)
def test_the_number_of_a_document_wherever_it_stands(body, number):
    assert [one.value.number for one in in_section("湖州:出台碳普惠办法", body).documents] == [number]


def test_the_number_that_the_heading_gives_its_document():
    heading = "湖州市发展改革委关于印发《湖州市碳普惠办法》的通知(湖发改〔2026〕12号)"
    for body in (f"{ISSUED}《湖州市碳普惠办法》。", "《办法》共五章,自4月1日起施行。"):
        assert [one.value.number for one in in_section(heading, body).documents] == ["湖发改〔2026〕12号"]


@pytest.mark.parametrize(
    "body",
    [
        "湖州市发展改革委根据国办发〔2026〕12号文,印发《湖州市碳普惠管理办法》。",
        "湖州市发展改革委转发浙发改〔2026〕41号文,发布《湖州市碳普惠管理办法》。",
        "湖州市发展改革委落实浙政〔2026〕3号印发《湖州市碳普惠管理办法》。",
        "湖州市发展改革委印发《湖州市碳普惠管理办法》,依据浙政〔2025〕3号。",
        "湖州市发展改革委印发《湖州市碳普惠管理办法》。上位文件《浙江省碳普惠管理办法》文号:浙发改〔2026〕41号。",
    ],
)
def test_the_number_of_what_a_document_rests_on_is_not_its_own(body):
    assert [one.value.number for one in in_section("湖州:出台碳普惠办法", body).documents] == [None]


@pytest.mark.parametrize(
    "heading",
    ["湖州市:落实浙政〔2026〕3号 印发《湖州市碳普惠管理办法》", "湖州市:印发《湖州市碳普惠管理办法》依据浙政〔2025〕3号"],
)
def test_a_number_of_another_document_in_the_heading(heading):
    first = "宁波:出台办法\n宁波市发展改革委印发《宁波市碳普惠管理办法》。\n"
    found = read(f"国内政策\n{first}{heading}\n湖州市发展改革委印发《湖州市碳普惠管理办法》。", dt.date(2026, 3, 20), shipped())
    assert [one.value.number for item in found.items for one in item.policy.documents] == [None, None]
