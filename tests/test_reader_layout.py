"""The reader cuts an issue into items, whatever habits its editor has."""

import dataclasses
import datetime as dt
import re
from functools import cache

import pytest

from tanxun.digest.reader import clean, read
from tanxun.digest.vocabulary import shipped
from tests.layouts import Layout, folded, laid_out, stories

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


# Half of the issues stand with empty lines between all parts, half without any.
ISSUES = {"01": True, "02": False, "03": True, "04": False, "05": True, "06": False, "seed-1": False, "seed-2": True}


@cache
def story_list(name):
    return stories(name)


@dataclasses.dataclass(frozen=True)
class Issue:
    items: list
    is_airy: bool

    def changed(self, change):
        return dataclasses.replace(self, items=[change(one) for one in self.items])

    def text(self, layout, entries=None):
        tight = {} if self.is_airy else {"gap": "\n", "under_heading": "\n"}
        return laid_out(self.items, dataclasses.replace(layout, **tight), entries)

    def check(self, text, *, titled=True, kinds=True):
        """The items of the text are those of the issue: headlines without their marks, order, kinds, and sections where
        section titles tell."""
        found = [
            (folded(item.headline.value), titled and item.section.value, kinds and item.kind.value)
            for item in read(text, FRIDAY, shipped()).items
        ]
        assert found == [(folded(one.headline), titled and one.section, kinds and one.kind) for one in self.items]

    def check_layout(self, layout, entries=None, kinds=True):
        self.check(self.text(layout, entries), titled=layout.section is not None, kinds=kinds)


@pytest.fixture(params=ISSUES)
def issue(request):
    """The items of one issue, the base that every editor below lays out in another way."""
    found = story_list(request.param)
    if found is None:
        pytest.skip("the real issues do not stand beside this checkout")
    return Issue(found, ISSUES[request.param])


HEADINGS = (
    "{words}", "{n}.{words}", "{n}. {words}", "{n}、{words}", "{n}．{words}", "({n}){words}", "（{c}）{words}", "{c}、{words}",
    "{o}{words}", "【{words}】", "[{n}] {words}", "0{n} {words}", "{k}.{n} {words}", "No.{n} {words}", "▌{words}", "◆ {words}",
    "■{words}", "●{words}", "🟡 {words}", "· {words}", "▶ {words}", "**{words}**", "### {words}", "☆{words}☆",
    "▲{words}", "△ {words}", "▼{words}", "— {words}", "——{words}", "» {words}", "☞{words}", "〓 {words}", "◤{words}",
    "✦✦ {words}", "+ {words}",
    "{n}｜{words}", "{n}/ {words}", "{n}/{words}", "NO.{n} {words}", "NO.{n}｜{words}", "0{n} | {words}", "0{n}丨{words}",
)  # fmt: skip


@pytest.mark.parametrize("heading", HEADINGS)
def test_headings_of_every_style(issue, heading):
    issue.check_layout(Layout(heading=heading))
    issue.check_layout(Layout(heading=heading, section=None))
    issue.check_layout(Layout(heading=heading, counts_anew=True, contents="{n}.{words}"))


@pytest.mark.parametrize("heading", HEADINGS[::2])
@pytest.mark.parametrize("joint", ["", " ", "，"])
def test_headings_without_colon(issue, heading, joint):
    plain = issue.changed(lambda one: dataclasses.replace(one, headline=re.sub("[:：]", joint, one.headline, count=1)))
    plain.check_layout(Layout(heading=heading), kinds=False)
    plain.check_layout(Layout(heading=heading, contents="{n}、{words}"), kinds=False)


SECTIONS = (
    None, "{words}", "【{words}】", "0{k}. {words}", "0{k} {words}", "{k}.{words}", "{c}、{words}", "（{c}）{words}",
    "第{c}部分 {words}", "板块{c}：{words}", "PART 0{k} | {words}", "PART 0{k}\n{words}", "== {words} ==", "—— {words} ——",
    "▌{words}", "◆{words}◆", "# {words}", "「{words}」", "{words}（{n}条）", "{words} News",
)  # fmt: skip


@pytest.mark.parametrize("section", SECTIONS)
def test_section_titles_of_every_style(issue, section):
    issue.check_layout(Layout(section=section))
    issue.check_layout(Layout(section=section, contents="{n}.{words}", contents_heading=None))


@pytest.mark.parametrize(
    "words",
    [
        ("国家政策", "地方政策", "行业资讯", "国际视野"),
        ("国家层面", "地方行动", "企业与市场", "海外观察"),
        ("部委动态", "各地要闻", "企业实践", "域外"),
        ("国家", "地方", "企业", "国际"),
        ("中央与部委", "省市速递", "行业与机构", "全球前沿"),
    ],
)
def test_section_titles_of_every_wording_in_any_order(issue, words):
    order = ("national", "local", "industry", "other")
    turned = dataclasses.replace(issue, items=sorted(issue.items, key=lambda one: -order.index(one.section)))
    for section in ("【{words}】", "0{k} {words}", "{words}"):
        turned.check_layout(Layout(section=section, titles=dict(zip(order, words, strict=True))))


POINTS = (
    "🟡{words}", "● {words}", "■ {words}", "◆{words}", "▌{words}", "·{words}", "{o}{words}", "- {words}", "{n}.{words}",
    "{n}、{words}", "（{n}）{words}", "{c}、{words}", "{c}是{words}", "✅ {words}", "{words}",
)  # fmt: skip


@pytest.mark.parametrize("point", POINTS)
def test_points_of_every_style_are_no_items(issue, point):
    issue.check_layout(Layout(point=point))
    issue.check_layout(Layout(point=point, heading="【{words}】", section=None))
    issue.check_layout(Layout(point=point, contents="{n}.{words}"))


ENTRIES = (
    "{n}.{words}", "{n}、{words}", "({n}){words}", "（{c}）{words}", "{o}{words}", "0{n} {words}", "{words}", "● {words}",
    "- {words}", "【{n}】{words}",
)  # fmt: skip


@pytest.mark.parametrize("entry", ENTRIES)
def test_contents_lists_of_every_style(issue, entry):
    for heading in ("本周目录", "CONTENTS", None):
        issue.check_layout(Layout(contents=entry, contents_heading=heading))
        issue.check_layout(Layout(contents=entry, contents_heading=heading, section=None))


DIFFERENT = {
    "shortened": lambda words: [re.split("[,，]", entry)[0] for entry in words],
    "other verbs": lambda words: [entry.replace("发布", "出台").replace("获", "喜获") for entry in words],
    "cut": lambda words: [f"{entry[:10]}..." for entry in words],
    "first left out": lambda words: words[1:],
    "third left out": lambda words: words[:2] + words[3:],
    "last left out": lambda words: words[:-1],
    "reversed": lambda words: words[::-1],
    "one more": lambda words: [*words[:1], "台州：只在目录里的一条政策", *words[1:]],
    "one more at the end": lambda words: [*words, "甬江电缆：获碳足迹证书"],
}


@pytest.mark.parametrize("entries", DIFFERENT.values(), ids=DIFFERENT)
def test_contents_lists_that_differ_from_the_body(issue, entries):
    words = entries([one.headline for one in issue.items])
    issue.check_layout(Layout(contents="{n}.{words}"), words)
    issue.check_layout(Layout(contents="{words}", section=None, contents_heading=None), words)


def wrapped(width):
    return lambda text: "\n".join(
        "\n".join(line[at : at + width] for at in range(0, len(line), width)) if line else "" for line in text.split("\n")
    )


def in_columns(text, width=66):
    """Wrapped as a mail program does, where a Chinese character takes two columns."""
    lines, used = [""], 0
    for char in text:
        columns = 0 if char == "\n" else 2 if ord(char) > 0x2E7F else 1
        if used + columns > width:
            lines.append("")
            used = 0
        lines[-1] += char
        used = 0 if char == "\n" else used + columns
    return "\n".join(lines)


WIDE = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}
NOISE = {
    "CRLF": lambda text: text.replace("\n", "\r\n"),
    "zero width": lambda text: re.sub("(.{3})", "\\1\u200b", text) + "\ufeff",
    "no-break spaces": lambda text: "\n".join(f"\xa0\u3000{line}\xa0 " for line in text.split("\n")),
    "full width": lambda text: text.translate(WIDE),
    "empty lines twice": lambda text: text.replace("\n\n", "\n\n\n \n"),
    "30 characters": wrapped(30),
    "38 characters": wrapped(38),
    "45 characters": wrapped(45),
    "66 columns": in_columns,
}


@pytest.mark.parametrize("noise", NOISE.values(), ids=NOISE)
def test_line_ends_widths_and_spaces_change_nothing(issue, noise):
    for heading in ("{words}", "{n}、{words}", "▌{words}", "【{words}】"):
        issue.check(noise(issue.text(Layout(heading=heading))))
        issue.check(noise(issue.text(Layout(heading=heading, contents="{n}.{words}"))))


RESIDUE = (
    "点击蓝字 关注我们", "图片", "[图片]", "▲点击上方蓝字关注我们", "来源：公开信息", "编辑：小李 | 审核：老王", "阅读原文",
    "分享、点赞、在看", "长按识别二维码关注", "图1 会议现场", "------", "声明：本文仅供参考", "本文转载自网络", "左滑查看更多",
    "阅读 1024", "· · ·", "图源：网络",
)  # fmt: skip


@pytest.mark.parametrize("words", RESIDUE)
def test_what_the_platform_puts_in_is_no_item_and_no_text(issue, words):
    issue.check_layout(Layout(top=words, bottom=f"{words}\nEND\n往期推荐\n某地出台办法\n某公司获声明"))
    between = issue.changed(
        lambda one: dataclasses.replace(one, paragraphs=tuple(part for each in one.paragraphs for part in (each, words)))
    )
    between.check_layout(Layout())
    assert points(between.text(Layout())) == points(issue.text(Layout()))


def points(text):
    """The key points of all items."""
    items = read(text, FRIDAY, shipped()).items
    return [[point.value for point in item.policy.key_points] for item in items if item.policy]


TOPS = (
    "碳讯", "碳讯丨本周双碳要闻\n发布时间：2026-03-20", "发布时间：", "碳讯\n发布时间：2026年3月20日 18:00", "绿色周刊·第18期",
    "2026年3月20日 星期五", "各位读者，大家好！本周要闻如下：",
    "绿能观潮｜第7期\n\n2026-03-18 17:42", "减排内参 NO.23\n2026年3月20日 星期五", "碳价周报（总第88期）\n2026.03.20",
)  # fmt: skip


@pytest.mark.parametrize("top", TOPS)
def test_what_stands_above_the_items_is_no_item(issue, top):
    issue.check_layout(Layout(top=top))
    issue.check_layout(Layout(top=top, section=None))
    issue.check_layout(Layout(top=top, contents="{n}.{words}", section=None))


def with_sub_head(paragraphs, words):
    """The paragraphs with that line after the first sentence of each that has several."""
    for paragraph in paragraphs:
        first, stop, rest = paragraph.partition("。")
        yield from [first + stop, words, rest] if rest else [paragraph]


SUB_HEADS = (
    "主要目标", "（一）主要目标", "一、总体要求", "1.主要目标", "01 重点任务", "【政策要点】", "◆ 支持措施", "▌重点内容",
    "支持措施：", "具体奖补措施如下",
)  # fmt: skip


@pytest.mark.parametrize("sub_head", SUB_HEADS)
def test_sub_heads_inside_an_item_open_no_item(issue, sub_head):
    divided = issue.changed(
        lambda one: (
            dataclasses.replace(one, paragraphs=tuple(with_sub_head(one.paragraphs, sub_head))) if one.kind == "policy" else one
        )
    )
    for heading in ("{words}", "{n}）{words}"):
        divided.check_layout(Layout(heading=heading), kinds=False)
        divided.check_layout(Layout(heading=heading, contents="{n}.{words}"), kinds=False)


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
