"""Lines that stand alone: news counted line by line, facts below a heading."""

import datetime as dt

import pytest

from tanxun.digest.reader import read
from tanxun.digest.vocabulary import shipped

pytestmark = pytest.mark.any_engine

FRIDAY = dt.date(2026, 11, 20)

NEWS = (
    "生态环境部印发《碳排放核算通知》。",
    "国家能源局就《绿证交易规则》公开征求意见,截止日期2026年12月16日。",
    "台州市生态环境局推进碳普惠试点,覆盖三个区。",
    "宁波远澜电池有限公司获得SGS颁发的产品碳足迹证书。",
    "山东公布绿色工厂名单,共50家入选。",
    "欧盟:碳边境税规则再次简化。",
)


def items(text):
    return read(text, FRIDAY, shipped()).items


def headlines(text):
    return [item.headline.value for item in items(text)]


@pytest.mark.parametrize("mark", ["{}. ", "{}、", "({})", "{}️⃣ ", "No.{} "])
@pytest.mark.parametrize(
    "top",
    ["", "碳市早报\n2026年11月20日\n\n", "【双碳早餐】2026年11月20日\n", "绿能晨读\n", "今日速览\n", "早安,今天的消息:\n"],
)
def test_news_counted_line_by_line_is_an_item_a_line(top, mark):
    text = top + "\n".join(mark.format(at) + words for at, words in enumerate(NEWS, start=1))
    reading = read(text, FRIDAY, shipped())
    assert [item.headline.value for item in reading.items] == [words[:-1] for words in NEWS]
    assert [item.kind.value for item in reading.items][:4] == ["policy", "policy", "policy", "statement"]
    assert [len(item.statements) for item in reading.items] == [0, 0, 0, 1, 0, 0]
    assert reading.items[0].policy.issuers[0].value == "生态环境部"
    assert [item.policy.comment_by for item in reading.items[:3:2]] == [None, None]
    assert reading.items[1].policy.comment_by.value.day == dt.date(2026, 12, 16)


@pytest.mark.parametrize("anew", [True, False])
def test_news_counted_below_section_titles_beside_items_with_headings(anew):
    first = "\n".join(f"{at}. {words}" for at, words in enumerate(NEWS[:3], start=1))
    second = "\n".join(f"{at}. {words}" for at, words in enumerate(NEWS[3:], start=1 if anew else 4))
    headed = "远澜电池:获产品碳足迹证书\n近日,宁波远澜电池有限公司获得SGS颁发的产品碳足迹证书。"
    found = headlines(f"政策动态\n{first}\n行业动态\n{second}\n国际动态\n{headed}")
    assert found == [*(words[:-1] for words in NEWS), headed.partition("\n")[0]]


def test_a_line_below_a_counted_one_belongs_to_it():
    found = items(f"1. {NEWS[0]}\n《通知》提出,到2028年,培育零碳工厂30家以上。\n2. {NEWS[3]}")
    assert len(found) == 2
    assert found[0].policy.targets[0].value.value == 30


@pytest.mark.parametrize(
    "text",
    [
        "近日,宁波市财政局印发《碳核算补助办法》,内容如下:\n1. 市发展改革委公布名单。\n2. 企业获得证书的,补助5万元。",
        "宁波:出台碳核算补助办法\n1. 支持企业开展碳核算。\n2. 对获得声明的企业给予5万元奖励。\n3. 推动园区建设。",
        "地方政策\n宁波出台碳核算补助办法\n近日,宁波市财政局印发《补助办法》。\n1. 市财政局公布名单。\n2. 企业获得证书。",
    ],
)
def test_counted_points_of_one_item_are_no_items(text):
    assert len(items(text)) == 1


@pytest.mark.parametrize(
    "points",
    [
        ("会议指出,要加快碳市场建设。", "会议审议并通过《碳排放权登记管理办法》。", "会议表示,2027年启动扩围。"),
        ("每年公布名单。", "启动动态管理,举办培训班。", "发布产品碳足迹核算规则。"),
        ("年底前印发细则。", "定期召开调度会。", "2027年启动核查。"),
    ],
)
@pytest.mark.parametrize("top", ["生态环境部部务会议要点\n\n", "碳市早报\n"])
def test_points_in_which_nobody_acts_are_no_items(top, points):
    text = top + "\n".join(f"{at}. {words}" for at, words in enumerate(points, start=1))
    assert len(items(text)) <= 1


@pytest.mark.parametrize(
    "points", [["每年公布名单。"], ["每年公布名单。", "启动动态管理,举办培训班。"], ["公布名单。", "启动管理。", "召开会议。"]]
)
@pytest.mark.parametrize("lead", ["主要内容包括:", "内容如下:", "《通知》提出:"])
def test_points_counted_below_counted_news_belong_to_it(lead, points):
    below = "\n".join(f"{at}. {words}" for at, words in enumerate(points, start=1))
    found = headlines(f"碳市早报\n1. {NEWS[0]}{lead}\n{below}\n2. {NEWS[3]}\n3. {NEWS[4]}")
    assert found == [NEWS[0][:-1], NEWS[3][:-1], NEWS[4][:-1]]


@pytest.mark.parametrize("mark", ["· ", "● ", "▪ "])
def test_bulleted_news_that_opens_with_a_day_is_an_item(mark):
    lines = ("11月17日,国家能源局发布《绿证规则》。", "11月18日,气候大会闭幕。", "11月19日,台州市财政局发布《补助办法》。")
    assert headlines("政策\n" + "\n".join(mark + words for words in lines)) == [words[:-1] for words in lines]


@pytest.mark.parametrize("mark", ["⓫⓬", "⑨⑩", "㉑㉒", "➀➁", "🏆①🏆②", "📌 ❶📌 ❷"])
def test_circled_numbers_are_no_words_of_a_heading(mark):
    half = len(mark) // 2
    heads = ("远澜电池:获产品碳足迹证书", "甬江电缆:获产品碳足迹证书")
    text = "近日,宁波{{}}有限公司获得SGS颁发的产品碳足迹证书。"
    blocks = (f"{m} {h}\n{text.format(h[:4])}" for m, h in zip((mark[:half], mark[half:]), heads, strict=True))
    assert headlines("企业\n" + "\n".join(blocks)) == list(heads)


TITLED = "浙江省发展改革委印发《浙江省零碳园区建设办法》"
FACTS = "发布日期:2026-11-12{0}文号:浙发改〔2026〕12号{0}发文机关:浙江省发展改革委、浙江省能源局{0}实施日期:2027年1月1日"


@pytest.mark.parametrize("between", ["\n", "  ", " | ", "　"])
@pytest.mark.parametrize(
    "top", ["一、政策动态\n", "绿衡双周报(第22期)\n编制单位:绿衡咨询 | 发布日期:2026.11.20\n地方政策\n", "绿衡双周报\n地方\n"]
)
@pytest.mark.parametrize("mark", ["", "1.1 ", "● "])
def test_facts_below_a_heading_are_its_item(top, mark, between):
    reading = read(
        f"{top}{mark}{TITLED}\n{FACTS.format(between)}\n《办法》明确,到2030年建成园区20家,"
        "其中省级园区15家;对通过验收的园区给予一次性奖励,最高不超过200万元。\n"
        f"{mark}宁波:出台补助办法\n发布日期:2026/11/10\n近日,宁波市财政局印发《补助办法》。",
        FRIDAY,
        shipped(),
    )
    assert [item.headline.value for item in reading.items] == [TITLED, "宁波:出台补助办法"]
    assert reading.published_on is None or reading.published_on.value == FRIDAY
    first, second = (item.policy for item in reading.items)
    assert [(one.value.title, one.value.number) for one in first.documents] == [("浙江省零碳园区建设办法", "浙发改〔2026〕12号")]
    assert [one.value for one in first.issuers] == ["浙江省发展和改革委员会", "浙江省能源局"]
    assert (first.issued_on.value, first.in_force_on.value.day) == (dt.date(2026, 11, 12), dt.date(2027, 1, 1))
    assert second.issued_on.value == dt.date(2026, 11, 10)


def test_a_heading_with_nothing_but_facts_is_an_item_for_a_person():
    found = items(f"一、政策\n{TITLED}\n{FACTS.format(' ')}\n台州市发展改革委印发《台州市节能办法》\n文号:台发改〔2026〕3号\n")
    assert [item.policy.documents[0].value.number for item in found] == ["浙发改〔2026〕12号", "台发改〔2026〕3号"]
    assert all(item.needs_person for item in found)


def test_a_day_below_a_heading_that_is_not_that_of_the_text_stays_open():
    (item,) = items("地方\n宁波:出台补助办法\n发布日期:2026-11-12\n11月10日,宁波市财政局印发《补助办法》。")
    assert item.policy.issued_on.confidence == "uncertain"
    assert set(item.policy.issued_on.candidates) == {dt.date(2026, 11, 10), dt.date(2026, 11, 12)}


def test_a_number_below_a_heading_that_is_not_that_of_the_text_stays_open():
    (item,) = items(
        "地方\n宁波:出台补助办法\n文号:甬财〔2026〕41号\n11月10日,宁波市财政局印发《碳核算补助办法》(甬财〔2026〕40号)。"
    )
    (document,) = item.policy.documents
    assert document.confidence == "uncertain"
    assert {one.number for one in document.candidates} == {"甬财〔2026〕41号", "甬财〔2026〕40号"}


@pytest.mark.parametrize("text", ["公布时间:2026年12月31日\n{}", "{}\n公布时间:2026年12月31日", "{}\n发布时间:2026-10-02"])
def test_a_day_to_come_or_below_the_text_is_not_that_of_issue(text):
    (item,) = items("地方\n宁波:出台补助办法\n" + text.format("11月10日,宁波市财政局印发《碳核算补助办法》。"))
    assert item.policy.issued_on.value == dt.date(2026, 11, 10)
    assert item.policy.issued_on.confidence != "uncertain"


def test_the_day_of_an_issue_may_stand_below_what_it_is_about():
    reading = read(
        "碳讯\n\n一周要闻:宁波出台补助办法,远澜电池获证\n\n发布时间:2026-11-05\n\n国家动态\n\n"
        "生态环境部:印发核算通知\n\n11月4日,生态环境部印发《碳排放核算通知》。",
        FRIDAY,
        shipped(),
    )
    assert reading.title.value == "一周要闻:宁波出台补助办法,远澜电池获证"
    assert reading.published_on.value == dt.date(2026, 11, 5)
    assert len(reading.items) == 1


def test_the_day_of_a_statement_may_stand_below_its_heading():
    (item,) = items("企业\n远澜电池:获碳足迹证书\n发布日期:2026-11-13\n宁波远澜电池有限公司获得SGS颁发的产品碳足迹证书。")
    assert item.statements[0].announced_on.value == dt.date(2026, 11, 13)


@pytest.mark.parametrize("line", ["总体要求:2026年建成", "发布日期由省局另行通知。", "来源广泛:生物质、绿氢"])
def test_other_words_with_a_colon_are_no_facts(line):
    (item,) = items(f"地方\n宁波:出台补助办法\n11月10日,宁波市财政局印发《补助办法》。\n{line}\n支持企业核算。")
    assert item.body.end - item.body.start > len(line) + 20


@pytest.mark.parametrize(
    "day", ["【11月6日】", "2026年11月6日 | ", "2026-11-06 ", "[2026.11.06]", "11月6日·", "【本刊讯】11月6日,"]
)
def test_a_day_before_the_issuing_body_does_not_hide_it(day):
    (item,) = items(f"地方动态\n宁波出台补助办法\n{day}宁波市财政局印发《宁波市碳核算补助办法》,支持企业核算。")
    assert [one.value for one in item.policy.issuers] == ["宁波市财政局"]
    assert item.policy.issued_on.value == dt.date(2026, 11, 6)


@pytest.mark.parametrize("words", ["【国家】", "《方案》 | ", "[宁波市财政局原文]"])
def test_other_words_before_a_body_are_no_day(words):
    (item,) = items(f"地方动态\n宁波出台补助办法\n{words}宁波市财政局印发《宁波市碳核算补助办法》,支持企业核算。")
    assert item.policy.issuers == ()
