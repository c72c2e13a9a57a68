"""What an item is and where it belongs: told by who did what, whatever the heading looks like."""

import datetime as dt

import pytest

from tanxun.digest.reader import read
from tanxun.digest.vocabulary import shipped

pytestmark = pytest.mark.any_engine


def item(heading, body):
    return read(f"{heading}\n{body}", dt.date(2026, 3, 20), shipped()).items[0]


@pytest.mark.parametrize(
    ("heading", "body", "section"),
    [
        ("商务部:回应碳关税", "3月5日,商务部新闻发言人表示,反对将气候问题贸易化。", "national"),
        ("粗钢核算标准征求意见", "3月3日,生态环境部办公厅就《粗钢碳足迹核算方法》公开征求意见。数据质量另有要求。", "national"),
        ("泉州引导鞋企摸清“碳家底”", "3月3日,泉州市工信局发布《鞋业碳足迹若干措施》,建设数据库。", "local"),
        ("武义电动工具企业可拿补贴", "“即日受理。”武义县经济商务局日前就绿色出口资金申报作出说明。", "local"),
        ("绿色认证互认有了目录", "江苏省、浙江省市场监管部门3月2日联合发布《长三角绿色认证互认目录》。", "local"),
        ("广东:培训核查员", "3月2日,广东省生态环境厅举办重点企业碳核查培训班。", "local"),
        ("江阴:12家企业获评绿色工厂", "3月2日,江阴市工信局公布市级绿色工厂名单,12家企业入选。", "local"),
    ],
)
def test_what_an_authority_does_is_policy(heading, body, section):
    found = item(heading, body)
    assert (found.kind.value, found.section.value) == ("policy", section)


@pytest.mark.parametrize(
    ("heading", "body"),
    [
        ("国际能源署:电动车", "国际能源署(IEA)3月2日在巴黎发布《全球电动汽车展望2026》。"),
        ("Ember:风光发电增长", "近日,智库Ember发布季度电力评估。评估显示,发电量同比增长17%。"),
        ("彭博:碳价走高", "3月2日,彭博研究团队预计,碳价均价将升至每吨80欧元。"),
        ("MSCI:范围三披露过半", "MSCI最新追踪数据表明,披露范围三的公司占52%。"),
        ("中汽数据:新车碳足迹下降", "3月2日,中汽数据有限公司发布《乘用车低碳年度报告》,单车碳足迹下降6%。"),
        ("中电联:绿电交易增长四成", "3月2日,中国电力企业联合会发布电力市场月报,2月成交286亿千瓦时。"),
        ("上海环境能源交易所:2月成交", "3月2日,上海环境能源交易所公布2月行情,成交均价71元/吨。"),
    ],
)
def test_what_is_found_about_a_market_is_a_report(heading, body):
    assert item(heading, body).kind.value == "report"


@pytest.mark.parametrize(
    ("heading", "body"),
    [
        ("欧盟:公布证书价格", "3月2日,欧盟委员会公布一季度碳边境调节机制证书价格,依据拍卖数据计算。"),
        ("日本:配额规则出台", "3月2日,日本经济产业省公布配额分配规则。"),
        ("英国:就碳关税征求意见", "3月2日,英国税务海关总署就实施细则征求意见。"),
        ("德国:扩大招标", "3月2日,德国联邦经济部启动碳差价合约招标,预算60亿欧元。"),
        ("印度塔塔钢铁:获EPD", "塔塔钢铁日前宣布,其热轧卷板取得环境产品声明。"),
        ("远帆乳业:首份ESG报告", "3月2日,呼和浩特远帆乳业股份有限公司发布2025年度ESG报告,披露排放数据。"),
        ("华垦纸业:申报零碳工厂", "近日,广西华垦纸业有限公司提交申报材料,正编制碳排放核算报告。"),
        ("纬峰锂电:签署备忘录", "3月2日,惠州纬峰锂电科技有限公司与欧测国际签署备忘录,为电池护照做数据准备。"),
        ("绿衡检测:与云峰钢管签订协议", "3月2日,双方签订协议,启动温室气体核查,预计明年出具报告。"),
        ("中环联合:举办核查员培训班", "近日,中环联合认证中心发布通知,定于4月办班,课程涵盖报告编制与数据选取。"),
        ("凌科检测:获核查机构认可", "3月2日,无锡凌科检测认证有限公司收到CNAS颁发的认可证书。"),
        ("SGS:在苏州设立实验室", "3月2日,SGS在苏州的碳中和实验室揭牌。"),
        ("十家供应商获表彰", "3月2日,某家电集团向十家供应商颁奖,明年将碳足迹数据列为评分指标。"),
    ],
)
def test_beginnings_own_news_and_foreign_acts_are_other(heading, body):
    found = item(heading, body)
    assert (found.kind.value, found.policy, found.statements) == ("other", None, ())


@pytest.mark.parametrize(
    ("heading", "body"),
    [
        ("明岳股份:入选国家级绿色工厂", "3月2日,工业和信息化部公布绿色工厂名单,明岳股份有限公司入选。"),
        ("浙江:首张产品碳标签颁发", "3月2日,浙江省市场监管局向杭州青岚家纺有限公司颁发产品碳标签证书。"),
    ],
)
def test_a_company_that_holds_evidence_is_a_statement(heading, body):
    assert item(heading, body).kind.value == "statement"


def test_the_reason_says_which_question_decided():
    assert item("欧盟:公布价格", "3月2日,欧盟委员会公布价格。").kind.reason == "国际或境外消息"
    assert "签约" in item("绿衡检测:签约", "3月2日,绿衡检测与云峰钢管签约。").kind.reason
