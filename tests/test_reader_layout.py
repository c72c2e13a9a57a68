"""The reader cuts an issue into items, whatever habits its editor has."""

import datetime as dt

import pytest

from tanxun.digest.reader import clean, read
from tanxun.digest.vocabulary import shipped

pytestmark = pytest.mark.any_engine

FRIDAY = dt.date(2026, 3, 20)

POLICY = "3月16日,宁波市经济和信息化局印发《宁波市零碳工厂培育办法》。办法提出,到2028年,培育零碳工厂30家以上。"
STATEMENT = "近日,宁波远澜电池有限公司旗下两款储能电池产品获得SGS颁发的产品碳足迹核查声明。"
HEADS = ("宁波:出台零碳工厂培育办法", "远澜电池:获产品碳足迹核查声明")


def outline(text):
    reading = read(text, FRIDAY, shipped())
    return [(item.section.value, item.kind.value, item.headline.value) for item in reading.items]


@pytest.mark.parametrize(
    "layout",
    [
        "01. 地方动态\n\n{0}\n\n{a}\n\n02. 行业动态\n\n{1}\n\n{b}",
        "【地方政策】\n{0}\n{a}\n【企业资讯】\n{1}\n{b}",
        "一、地方层面\n1、{0}\n{a}\n二、企业动态\n1、{1}\n{b}",
        "碳讯\n发布时间:2026-03-20\n目录\n1.{0}\n2.{1}\n地方\n● {0}\n{a}\n行业\n● {1}\n{b}",
        "(1){0}\r\n{a}\r\n(2){1}\r\n{b}\r\n点击阅读原文\r\n往期推荐\r\n某公司获声明\r\n",
        "\ufeff{0}\n\u200b{a}\n\xa0{1}\n{b}",
        "PART 01 地方动态\n▌{0}\n{a}\n图片\nPART 02 市场动态\n▌{1}\n{b}\n- END -\n编辑:小周",
    ],
)
def test_items_and_sections_do_not_depend_on_one_layout(layout):
    assert outline(layout.format(*HEADS, a=POLICY, b=STATEMENT)) == [
        ("local", "policy", HEADS[0]),
        ("industry", "statement", HEADS[1]),
    ]


def test_full_width_reads_like_half_width():
    wide = str.maketrans({",": "，", ":": "：", **{str(digit): chr(0xFF10 + digit) for digit in range(10)}})
    text = f"地方动态\n{HEADS[0]}\n{POLICY}"
    narrow, broad = read(text, FRIDAY, shipped()), read(text.translate(wide), FRIDAY, shipped())
    assert [target.value.value for target in broad.items[0].policy.targets] == [30]
    assert broad.items[0].policy.issued_on.value == narrow.items[0].policy.issued_on.value == dt.date(2026, 3, 16)


def test_headings_without_colon_and_without_contents_list():
    text = f"地方动态\n宁波出台零碳工厂培育办法\n{POLICY}\n企业\n远澜电池获产品碳足迹核查声明\n{STATEMENT}"
    assert [headline for _, _, headline in outline(text)] == ["宁波出台零碳工厂培育办法", "远澜电池获产品碳足迹核查声明"]


def test_hard_wrapped_lines_are_one_paragraph():
    body = "1月6日,湖州市经济和信息化局、湖州市财政局联合印发《湖州市制造业绿色升级计划》。"
    body += "计划提出,力争到2028年,新增国家级绿色工厂20家、省级绿色工厂60家。"
    lines = [body[at : at + 24] for at in range(0, len(body), 24)]
    reading = read("湖州:推动制造业升级\n" + "\n".join(lines), FRIDAY, shipped())
    assert [(target.value.value, target.value.year) for target in reading.items[0].policy.targets] == [(20, 2028), (60, 2028)]
    assert clean(reading.text) == reading.text


def test_heading_over_two_lines_is_one():
    tail = "支持企业做产品碳足迹"
    text = f"地方动态\n{HEADS[0]},\n{tail}\n{POLICY}\n行业动态\n{HEADS[1]}\n{STATEMENT}"
    assert [headline for _, _, headline in outline(text)] == [f"{HEADS[0]},{tail}", HEADS[1]]


def test_bullets_are_key_points_and_not_items():
    points = "🟡 支持企业开展碳核算\n🟡 建设零碳园区\n🟡 对获得声明的企业给予5万元奖励"
    reading = read(f"地方动态\n{HEADS[0]}\n{POLICY}\n{points}\n{HEADS[1]}\n{STATEMENT}", FRIDAY, shipped())
    assert [item.headline.value for item in reading.items] == list(HEADS)
    assert [point.value for point in reading.items[0].policy.key_points] == [line[2:] for line in points.split("\n")]


def test_contents_list_is_checked_against_the_body():
    contents = "本期目录\n1.宁波:发布零碳工厂培育办法\n2.台州:只在目录里的一条\n"
    text = f"{contents}地方动态\n{HEADS[0]}\n{POLICY}\n行业动态\n{HEADS[1]}\n{STATEMENT}"
    reading = read(text, FRIDAY, shipped())
    assert [entry.value for entry in reading.toc_only] == ["台州:只在目录里的一条"]
    notes = " ".join(reading.notes)
    assert "台州" not in notes  # said once
    assert "正文有、目录没有：远澜电池" in notes
    assert "措辞不同：目录“宁波:发布" in notes


def test_title_and_publication_date():
    reading = read(f"碳讯丨一周要闻\n发布时间:2026年3月18日 09:30\n地方动态\n{HEADS[0]}\n{POLICY}", None, shipped())
    assert reading.title.value == "碳讯丨一周要闻"
    assert reading.published_on.value == reading.reference_date == dt.date(2026, 3, 18)
    assert read(f"碳讯\n发布时间:\n{HEADS[0]}\n{POLICY}", FRIDAY, shipped()).title is None


def test_text_without_items_says_so():
    reading = read("各位读者好\n本周休刊", FRIDAY, shipped())
    assert reading.items == ()
    assert reading.notes == ("没有读出任何条目",)


BLOCKS = (
    ("嵊州", "嵊州市发展和改革委员会办公室编制的《绿电直连项目管理细则》自2026年1月1日起施行。"),
    ("阿拉尔石化园", "新疆生产建设兵团第一师对园区年节能量500吨以上的项目按每吨300元补助。"),
    ("宁波:出台零碳工厂培育办法", POLICY),
    ("某梁场", "宁波海曙预制梁场通过绿色建材产品认证，认证由国家建筑材料检测中心开展。"),
    ("远澜电池", STATEMENT),
)


@pytest.mark.parametrize("top", ["", "各位读者好，本周精选如下。\n\n"])
def test_blocks_between_empty_lines_are_items_however_short_their_headings(top):
    text = top + "\n\n".join(f"{heading}\n{paragraph}" for heading, paragraph in BLOCKS)
    assert [headline for _, _, headline in outline(text)] == [heading for heading, _ in BLOCKS]


@pytest.mark.parametrize("mark", ["{}、", "{}.", "({})", "第{}条 "])
def test_a_number_that_counts_on_is_trusted_and_begins_anew_in_every_section(mark):
    def counted(blocks):
        return "\n".join(f"{mark.format(at)}{heading}\n{paragraph}" for at, (heading, paragraph) in enumerate(blocks, start=1))

    text = f"地方政策\n{counted(BLOCKS[:3])}\n· 推广电炉\n企业动态\n{counted(BLOCKS[3:])}"
    assert [headline for _, _, headline in outline(text)] == [heading for heading, _ in BLOCKS]
    contents = "本周导读\n(1)嵊州细则\n(2)某梁场的证书\n(3)海外一则\n"
    assert [headline for _, _, headline in outline(contents + text)] == [heading for heading, _ in BLOCKS]


def test_numbered_sub_heads_of_one_item_do_not_open_items():
    inside = "1.总体安排\n到2030年建成体系。\n2.奖补政策\n对达标企业给予10万元奖励。"
    text = f"地方政策\n{HEADS[0]}\n{POLICY}\n{inside}\n{HEADS[1]}\n{STATEMENT}"
    assert [headline for _, _, headline in outline(text)] == list(HEADS)


@pytest.mark.parametrize("sign", ["-5", "“三新”", "《办法》", "+12%", "¥300"])
def test_signs_that_belong_to_the_words_are_no_bullets(sign):
    heads = [f"{sign}：{words}" for words in ("宁波立下新规", "台州立下新规")]
    text = "\n\n".join(f"{heading}\n{POLICY}" for heading in heads)
    assert [headline for _, _, headline in outline(text)] == heads


@pytest.mark.parametrize("title", ["绿能观潮｜第7期", "减排内参 NO.23", "碳价周报（总第88期）", "零碳双周刊", "节能月报 Vol.3"])
@pytest.mark.parametrize("date", ["", "2026-03-18 17:42", "2026年3月18日 星期三", "2026.3.18"])
@pytest.mark.parametrize("below", ["【地方政策】", "本期目录\n1." + HEADS[0] + "\n2." + HEADS[1], "读者朋友们好，请看这一周。"])
def test_the_name_of_the_issue_is_its_title_and_a_bare_date_below_its_day(title, date, below):
    reading = read(f"{title}\n\n{date}\n\n{below}\n\n{HEADS[0]}\n{POLICY}\n\n{HEADS[1]}\n{STATEMENT}", FRIDAY, shipped())
    assert [item.headline.value for item in reading.items] == list(HEADS)
    assert reading.title.value == title
    assert (reading.published_on and reading.published_on.value) == (dt.date(2026, 3, 18) if date else None)


@pytest.mark.parametrize("gap", ["\n", "\n\n"])
@pytest.mark.parametrize("section", ["", "地方动态\n\n"])
def test_paragraphs_without_headings_are_items_of_their_own(section, gap):
    more = "3月10日,台州市财政局发布《台州市碳核算补助办法》。"
    provision = "支持企业开展碳核算,补助最高10万元。"
    found = read(section + gap.join([POLICY, STATEMENT, more, provision]), FRIDAY, shipped()).items
    assert [item.kind.value for item in found] == ["policy", "statement", "policy"]
    assert found[-1].body.end - found[-1].body.start == len(more + gap + provision)


def test_a_short_line_that_is_no_heading_stays_with_its_paragraph():
    assert len(outline("行业动态\n企业再添一张\n近日,宁波远澜电池有限公司完成碳盘查,DNV出具了声明。")) == 1


FIRST = "近日,宁波甬江电缆有限公司获得SGS颁发的产品碳足迹证书,证书编号为SGS26001。"
PREFACES = (
    "各位读者好,本周宁波远澜电池有限公司获得SGS颁发的产品碳足迹核查声明,更多消息如下。",
    "本周,宁波市经济和信息化局印发《宁波市零碳工厂培育办法》,多家企业获得声明,详见下文。",
    "本周,国家能源局出台绿电新规,多家企业获得碳足迹证书,详见下文。",
)


@pytest.mark.parametrize("title", ["", "零碳双周刊\n", "零碳双周刊\n\n", "减排内参 NO.23\n2026年3月18日\n\n"])
@pytest.mark.parametrize("section", ["", "行业动态\n"])
def test_a_paragraph_above_the_first_heading_is_not_lost(title, section):
    reading = read(f"{title}{FIRST}\n\n{section}{HEADS[1]}\n{STATEMENT}", FRIDAY, shipped())
    assert [item.headline.value for item in reading.items] == [FIRST[:-1], HEADS[1]]
    assert reading.items[0].statements[0].certificate_number.value == "SGS26001"


def test_a_short_line_that_is_no_heading_may_stand_above_the_first_paragraph():
    reading = read(f"零碳双周刊\n\n喜报\n{FIRST}\n\n行业动态\n{HEADS[1]}\n{STATEMENT}", FRIDAY, shipped())
    assert [item.headline.value for item in reading.items] == ["喜报", HEADS[1]]


@pytest.mark.parametrize("preface", PREFACES)
@pytest.mark.parametrize("title", ["零碳双周刊\n", "零碳双周刊\n\n", ""])
def test_what_the_editor_says_of_the_items_above_them_is_no_item(title, preface):
    text = f"{title}{preface}\n\n地方动态\n{HEADS[0]}\n{POLICY}\n行业动态\n{HEADS[1]}\n{STATEMENT}"
    assert [headline for _, _, headline in outline(text)] == list(HEADS)


SECTIONS = ("政策法规", "园区动态", "企业动态")


@pytest.mark.parametrize("entry", ["{} {}", "{} ...... {}", "▶ {} {}条", "{}……{}", "{}"])
@pytest.mark.parametrize("heading", ["目 录", "本期导读"])
def test_a_contents_list_of_sections_swallows_no_item(heading, entry):
    contents = "\n".join(entry.format(words, 2 * at + 1) for at, words in enumerate(SECTIONS))
    first = "江苏省发展改革委关于印发《零碳园区管理办法》的通知"
    letter = "各设区市发展改革委:\n现将《零碳园区管理办法》印发给你们,请认真贯彻执行。\n2026年3月10日"
    rest = f"{SECTIONS[1]}\n\n{HEADS[0]}\n{POLICY}\n\n{SECTIONS[2]}\n\n{HEADS[1]}\n{STATEMENT}"
    reading = read(f"低碳通讯\n第9期\n{heading}\n{contents}\n\n{SECTIONS[0]}\n\n{first}\n{letter}\n\n{rest}", FRIDAY, shipped())
    assert [item.headline.value for item in reading.items] == [first, *HEADS]
    assert reading.items[0].kind.value == "policy"
    assert (reading.toc, reading.toc_only) == ((), ())


@pytest.mark.parametrize("page", [" {}", " ...... {}", "······{}"])
def test_pages_of_a_contents_list_are_no_words_of_its_entries(page):
    contents = "\n".join(f"{head}{page.format(at)}" for at, head in enumerate(HEADS, start=2))
    reading = read(f"目录\n{contents}\n地方动态\n{HEADS[0]}\n{POLICY}\n行业动态\n{HEADS[1]}\n{STATEMENT}", FRIDAY, shipped())
    assert [entry.value for entry in reading.toc] == list(HEADS)
    assert (reading.toc_only, reading.notes) == ((), ())


ASIDES = (
    "活动预告\n11月28日至29日,绿衡学院将举办ISO 14067产品碳足迹核查员培训班,考核合格者获得SGS颁发的证书。",
    "📢 广告\nSGS已助力宝钢、海尔等企业获得产品碳足迹证书。",
    "广告：SGS碳足迹认证\nSGS已助力宝钢、海尔等企业获得产品碳足迹证书。",
    "招聘｜碳核查工程师三名,有SGS颁发的证书者优先。",
    "【培训】12月3日,绿衡学院举办碳足迹培训班,学员可取得SGS证书。",
    "读者问答\nQ:证书多久更新?\nA:取得SGS颁发的产品碳足迹证书后应每年更新。",
    "📚 干货：证书与标签有什么区别?\n产品碳足迹证书由SGS颁发,碳标签由企业获得认证后加贴在产品上。",
    "绿衡观点：华鑫董事长谈碳足迹\n企业应尽早取得SGS颁发的产品碳足迹证书。",
)


@pytest.mark.parametrize("aside", ASIDES)
@pytest.mark.parametrize("gap", ["\n", "\n\n"])
def test_adverts_courses_questions_and_opinions_end_the_item_above_and_give_nothing(aside, gap):
    news = f"{HEADS[1]}\n{STATEMENT}"
    more = "甬江电缆:获碳足迹证书\n近日,宁波甬江电缆有限公司获得DNV颁发的产品碳足迹证书。"
    found = read(gap.join(["企业动态", news, aside, more]), FRIDAY, shipped()).items
    assert [item.kind.value for item in found] == ["statement", "other", "statement"]
    alone = read(f"企业动态\n{news}", FRIDAY, shipped()).items[0].statements
    assert [(one.company.value, one.standards, one.announced_on) for one in found[0].statements] == [
        (one.company.value, one.standards, one.announced_on) for one in alone
    ]
    assert not found[1].statements
    assert not found[1].policy


@pytest.mark.parametrize("title", ["三、培训课程", "三、专家观点", "三、招聘信息"])
def test_a_section_of_what_is_no_news_gives_nothing(title):
    lines = "张明:企业要取得证书\n他说,企业应取得SGS颁发的产品碳足迹证书。\n李华:再谈标签\n近日,宁波甬江电缆有限公司获得碳标签。"
    found = outline(
        f"一、行业动态\n1. {HEADS[1]}\n{STATEMENT}\n{title}\n{lines}\n四、国际动态\n1. 欧盟:简化规则\n近日,欧盟通过法案。"
    )
    assert [kind for _, kind, _ in found] == ["statement", "other", "other", "other"]


@pytest.mark.parametrize("line", ["(三)培训", "四、政策观点", "福利企业优先", "广告业减排目标", "2.培训:组织企业参加碳核算培训"])
def test_points_of_a_policy_that_only_sound_so_stay_in_it(line):
    (found,) = read(f"地方动态\n{HEADS[0]}\n{POLICY}\n{line}\n支持企业核算,补助5万元。", FRIDAY, shipped()).items
    assert found.kind.value == "policy"
    assert found.policy.incentives


RULED = "11月10日,{}印发《碳核算管理办法》,给予20万元奖励。"


@pytest.mark.parametrize("gap", ["\n", "\n\n"])
def test_an_authority_or_evidence_behind_the_name_of_an_aside_is_news(gap):
    blocks = (
        ("广告:市场监管总局发布绿色广告指引", RULED.format("市场监管总局")),
        ("招聘:浙江出台双碳人才办法", RULED.format("浙江省人力资源和社会保障厅")),
        ("会议信息:生态环境部审议碳市场办法", "11月9日,生态环境部召开部务会议,审议通过《碳市场管理办法》。"),
        ("活动信息:宁波远澜电池有限公司获得产品碳足迹证书", STATEMENT),
    )
    found = outline(gap.join(["国家动态", *(line for block in blocks for line in block)]))
    assert [(kind, heading) for _, kind, heading in found] == list(
        zip(["policy", "policy", "policy", "statement"], (heading for heading, _ in blocks), strict=True)
    )


@pytest.mark.parametrize("gap", ["\n", "\n\n"])
def test_a_course_that_an_authority_rules_on_is_news(gap):
    found = read(
        gap.join(["国家动态", f"【培训】{RULED.format('人力资源社会保障部')}", *HEADS[:1], POLICY]), FRIDAY, shipped()
    ).items
    assert [item.kind.value for item in found] == ["policy", "policy"]
    assert [one.value.title for one in found[0].policy.documents] == ["碳核算管理办法"]


def test_an_aside_with_a_text_ends_the_aside_above():
    found = outline(
        "行业动态\n\n活动预告:十一月碳管理沙龙\n\n11月28日在杭州举行,欢迎报名。\n\n"
        "专家观点:国际能源署谈展望\n\n国际能源署发布《世界能源展望》。"
    )
    assert [(kind, heading) for _, kind, heading in found] == [
        ("other", "活动预告:十一月碳管理沙龙"),
        ("other", "专家观点:国际能源署谈展望"),
    ]


@pytest.mark.parametrize(
    "line",
    ["\n培训报名:11月20日前登录平台报名。", "\n会议通知:另行发布。", "\n\n问答\n\n问:何时实施?答:自2027年1月1日起施行。\n"],
)
def test_what_belongs_to_a_policy_takes_nothing_from_it(line):
    (found,) = read(f"地方动态\n\n{HEADS[0]}\n\n{POLICY}{line}\n支持企业核算,给予20万元奖励。", FRIDAY, shipped()).items
    assert found.kind.value == "policy"
    assert found.policy.incentives


def test_a_question_may_be_a_heading():
    asked = "证书与标签有什么区别?\n产品碳足迹证书由SGS颁发,碳标签由企业获得认证后加贴在产品上。"
    found = read(f"企业动态\n\n{HEADS[1]}\n{STATEMENT}\n\n{asked}", FRIDAY, shipped()).items
    assert [item.headline.value for item in found] == [HEADS[1], "证书与标签有什么区别?"]
    assert [one.statement_type.value for one in found[0].statements] == ["product_carbon_footprint"]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("问:办法出台的背景是什么?", "企业如何开展核算?"),
        ("Q:谁来核查?", "哪些企业可以获得补贴?"),
        ("问1:何时实施?", "零碳工厂是什么?"),
        ("记者:为什么出台这一办法?", "下一步怎么落实?"),
    ],
)
def test_questions_on_a_policy_belong_to_it(first, second):
    answer = "答:宁波市经济和信息化局印发了《宁波市零碳工厂培育办法》。"
    asked = f"{first}\n\n{answer}\n\n{second}\n\n3月18日起,宁波市经济和信息化局公布名单。"
    spoken = "3月16日,宁波市经济和信息化局有关负责人就《宁波市零碳工厂培育办法》答记者问。"
    for paragraph in (POLICY, spoken):
        found = outline(f"地方动态\n\n{HEADS[0]}\n\n{paragraph}\n\n{asked}\n\n{HEADS[1]}\n\n{STATEMENT}")
        assert [(kind, heading) for _, kind, heading in found] == [("policy", HEADS[0]), ("statement", HEADS[1])]
