"""What holds of every text: it reads without error, and every span points at the words it was read from."""

import dataclasses
import datetime as dt
import re
import sys
import time
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tanxun.digest.reader import Document, Read, Reading, clean, read
from tanxun.digest.reader.cleaning import fold
from tanxun.digest.reader.gold import as_gold
from tanxun.digest.reader.report import report
from tanxun.digest.vocabulary import shipped
from tests.effort import examples
from tests.layouts import Layout, laid_out, stories

pytestmark = pytest.mark.any_engine

FRIDAY = dt.date(2026, 3, 20)
PLACES = [
    "上海",
    "昆山市",
    "朝阳区",
    "财政部",
    "省发改委",
    "等五部门",
    "印发",
    "《节能方案》",
    "（试行）",
    "近日，",
    "3月1日，",
    "2月30日",
]
EVENTS = [
    "获得",
    "SGS",
    "颁发的",
    "产品碳足迹",
    "核查声明",
    "远澜电池有限公司",
    "权威认证机构",
    "证书编号",
    "A1234",
    "ISO 14064-1:2018",
]
AIMS = ["到2028年，", "新增", "绿色工厂", "30家以上", "给予", "20万元", "奖励", "分别", "和", "类别1至类别4"]
MARKS = ["。", "：", "、", "1.", "🟡", "目录", "地方动态", "—", "《", "（", "\n", "\n\n", "\u200b", "\ud800", "\0", " "]
WORDS = PLACES + EVENTS + AIMS + MARKS
TEXTS = st.one_of(st.text(), st.text(st.characters()), st.lists(st.sampled_from(WORDS), max_size=60).map("".join))


def reads(value):
    """Every `Read` inside a reading."""
    if isinstance(value, Read):
        yield value
    elif isinstance(value, tuple):
        for part in value:
            yield from reads(part)
    elif dataclasses.is_dataclass(value):
        for field in dataclasses.fields(value):
            yield from reads(getattr(value, field.name))


def folded(words):
    return re.sub(r"[\s《》]", "", fold(words)).lower()


def words_of(reading, one):
    return "".join(reading.text[span.start : span.end] for span in one.spans)


def figures(words):
    """The significant digits of every number printed: 50万 and 500000 are both 5, 0.60 is 6."""
    printed = re.findall(r"\d+(?:\.\d+)?", re.sub(r"(?<=\d),(?=\d{3})", "", fold(words)))
    return {number.replace(".", "").strip("0") for number in printed}


def says_figure(words, value):
    """Whether the words hold the number, in digits or, by and large, in Chinese numerals."""
    digits = f"{value:f}".replace(".", "").strip("0")
    return digits in figures(words) or re.search("[零〇一二两三四五六七八九十百千万亿半倍翻]", words) is not None


def says_day(words, day):
    return {day.month, day.day} <= {int(number) for number in re.findall(r"\d+", fold(words))}


def says_code(words, code):
    """Whether the words hold the numbers of a standard's code; its title alone holds none."""
    printed = set(re.findall(r"\d+", fold(words)))
    return not printed or set(re.findall(r"\d+", code)) <= printed


def says_place(words, region):
    """Whether a part of the words is a name of the division, of one above it or below it, or of its park."""
    words = fold(words)
    known = shipped().places
    if known.park_pattern.search(words) or "兵团" in words or region.name in words:
        return True
    parts = (words[at : at + size] for at in range(len(words)) for size in range(2, 16))
    return any(known.contains(one.code, region.code) for part in parts for one in known.lookup(part))


def says_body(words, name):
    """Whether the full name holds every character printed, or the vocabulary knows the words for it."""
    printed = re.sub(r"\W", "", fold(words))
    known = shipped().issuer_names.get(fold(words)) or shipped().issuer_names.get(fold(words).upper())
    return known == name or set(printed) <= set(name) or shipped().issuer_pattern.match(fold(words)) is not None


def check_values(reading: Reading) -> None:
    """Every value's own words say it, as far as folding and writing out allow."""
    for one in (found for item in reading.items for found in reads((item.policy, item.statements))):
        assert one.spans, one
        assert words_of(reading, one).strip(), one
    for policy in (item.policy for item in reading.items if item.policy):
        assert all(says_body(words_of(reading, one), one.value) for one in policy.issuers)
        assert all(says_figure(words_of(reading, one), one.value.value) for one in policy.targets if one.value.value is not None)
        paid = [one for one in policy.incentives if one.value.amount is not None]
        assert all(says_figure(words_of(reading, one), one.value.amount) for one in paid)
        assert policy.lead_region is None or says_place(words_of(reading, policy.lead_region), policy.lead_region.value)
        assert policy.issued_on is None or says_day(words_of(reading, policy.issued_on), policy.issued_on.value)
    for one in (one for item in reading.items for one in item.statements):
        assert NO_NAME.match(one.company.value) is None, one.company
        assert one.region is None or says_place(words_of(reading, one.region), one.region.value)
        assert one.result is None or says_figure(words_of(reading, one.result), one.result.value.value)
        assert all(says_code(words_of(reading, code), code.value) for code in one.standards)
        number = one.certificate_number
        assert number is None or folded(number.value) == folded(words_of(reading, number))


NO_NAME = re.compile(r"获得|荣获|取得|颁发|授予|印发|发布|通过|祝贺|近日|日前|其中|由|向|被|[在与和及把将](?=.{2,}公司)")


def check(reading: Reading) -> None:
    check_values(reading)
    size = len(reading.text)
    for one in reads(reading):
        assert all(0 <= span.start < span.end <= size for span in one.spans), one
        words = "".join(reading.text[span.start : span.end] for span in one.spans)
        if one.confidence == "stated" and isinstance(one.value, Document):
            assert folded(one.value.title) in folded(words)
        if one.confidence != "stated":
            assert one.reason, one
    for item in reading.items:
        printed = [item.headline, *(item.policy.key_points if item.policy else ())]
        printed += [value for one in item.statements for value in (one.short_name, one.consultant) if value]
        for one in printed:
            words = "".join(reading.text[span.start : span.end] for span in one.spans)
            assert folded(one.value) in folded(words), one
    for item in reading.items:
        assert reading.text[item.span.start : item.span.end].find(item.headline.value) >= 0
        assert item.span.start <= item.body.start <= item.body.end <= item.span.end
        for one in item.statements:
            assert all(product.value == reading.text[product.spans[0].start : product.spans[0].end] for product in one.products)
    as_gold(reading)
    report(reading, shipped().names)


@settings(max_examples=examples(250, 2500), deadline=None)
@given(TEXTS)
@example("")
@example("\ud800\udfff\0")
@example("印发有限公司新增绿色工厂")
@example("印发远澜电池有限公司获得SGS颁发的产品碳足迹核查声明。")
@example("发布时间:9999-99-99\n财政部:印发\n2月30日,财政部印发《法》。")
def test_any_text_reads_without_error_and_spans_point_at_their_words(text):  # NWS-12
    check(read(text, FRIDAY, shipped()))


@settings(max_examples=examples(100, 1000), deadline=None)
@given(TEXTS)
def test_cleaning_twice_changes_nothing(text):
    assert clean(clean(text)) == clean(text)


@settings(max_examples=examples(60, 600), deadline=None)
@given(TEXTS)
def test_no_completed_date_lies_after_the_reference_date(text):
    for item in read(text, FRIDAY, shipped()).items:
        issued = item.policy.issued_on if item.policy else None
        assert issued is None or issued.value <= FRIDAY or issued.confidence == "uncertain"


HOLDERS = ["宁波远澜电池有限公司", "江苏明轩电气股份有限公司", "昆山青禾纺织有限责任公司"]
LEADS = ["近日,", "3月2日,", "日前,由", "据悉,", "祝贺", "经SGS核查,", "3月2日,SGS向", "SGS为"]
HELD = [
    "获得SGS颁发的产品碳足迹证书",
    "颁发温室气体核查声明",
    "取得碳中和证书",
    "的产品碳足迹核查声明由SGS签发",
    "顺利通过温室气体核查",
]


@settings(max_examples=examples(150, 1500), deadline=None)
@given(
    st.lists(st.sampled_from(HOLDERS), min_size=1, unique=True),
    st.sampled_from(["、", "和", "与", "及", ","]),
    st.sampled_from(LEADS),
    st.sampled_from(HELD),
)
def test_who_holds_a_statement_is_a_company_that_the_text_names(named, joint, lead, held):
    reading = read(f"本周获证企业\n{lead}{joint.join(named)}{held}。", FRIDAY, shipped())
    check(reading)
    assert {one.company.value for item in reading.items for one in item.statements} <= set(named)


def test_every_value_of_the_samples_is_said_by_its_words():
    for source in sorted((Path(__file__).parent / "samples").glob("*.txt")):
        check(read(source.read_text(encoding="utf-8-sig"), FRIDAY, shipped()))


ITEMS = [
    "宁波:出台办法\n3月2日,宁波市经信局印发《宁波市零碳工厂办法》,到2028年,培育零碳工厂30家以上,每家奖励20万元。",
    "省发改委:推进节能\n3月3日,安徽省发展改革委、省财政厅印发《节能要点》。",
    "远澜电池:获声明\n近日,宁波远澜电池有限公司获得SGS颁发的产品碳足迹核查声明。",
    "明轩电气:获双证\n近日,江苏明轩电气有限公司获得权威认证机构颁发的温室气体核查声明。",
    "绿能智库:发布报告\n近日,绿能智库发布《储能报告》,报告显示装机增长20%。",
]


def contents(item):
    """An item's gold without its place in the issue."""
    return {name: value for name, value in item.items() if name != "order"}


SECTION_TITLES = {"local": "地方动态", "national": "国家动态", "industry": "行业动态"}
SECTIONS = ["local", "local", "industry", "industry", "industry"]


def gold(text):
    """What is read of each item, without its place in the issue."""
    return [contents(item) for item in as_gold(read(text, FRIDAY, shipped()))["items"]]


@settings(max_examples=examples(25, 250), deadline=None)
@given(st.permutations(ITEMS))
def test_order_of_items_never_changes_what_is_read_inside_them(order):
    assert gold("\n\n".join(order)) == [gold(text)[0] for text in order]


@settings(max_examples=examples(25, 250), deadline=None)
@given(st.permutations(list(zip(ITEMS, SECTIONS, strict=True))), st.permutations(sorted(SECTION_TITLES)))
def test_an_item_in_its_section_reads_as_alone_under_its_title(order, sections):
    alone, text = [], ""
    for section in sections:
        inside = [item for item, place in order if place == section]
        title = f"【{SECTION_TITLES[section]}】"
        text += "\n".join([title, *inside]) + "\n"
        alone += [gold(f"{title}\n{item}")[0] for item in inside]
    assert gold(text) == alone


def test_an_item_of_a_sample_reads_as_alone_under_its_title():
    for name in ("01", "03", "04", "06"):
        items = stories(name)
        together = gold(laid_out(items, Layout()))
        assert together == [gold(laid_out([one], Layout()))[0] for one in items]


SPOTS = st.lists(st.integers(0, 10_000), max_size=40)
INVISIBLE = st.sampled_from(["\u200b", "\ufeff", "\u200d", "\u2060", "\xad"])


@settings(max_examples=examples(60, 600), deadline=None)
@given(SPOTS, INVISIBLE, st.booleans(), st.booleans(), st.sampled_from(["", " ", "\xa0", "\u3000", "\t "]))
def test_noise_of_width_and_space_changes_nothing_but_places(spots, invisible, is_wide, is_airy, edge):
    text = "\n".join(ITEMS)
    plain = gold(text)
    if is_wide:
        text = text.translate({code: code + 0xFEE0 for code in range(0x21, 0x7F)})
    for spot in sorted((spot % len(text) for spot in spots), reverse=True):
        text = text[:spot] + invisible + text[spot:]
    text = "\n".join(edge + line + edge for line in text.split("\n"))
    noisy = gold(text.replace("\n", "\n \n\n") if is_airy else text)
    assert [narrow(item) for item in noisy] == [narrow(item) for item in plain]


def narrow(value):
    """The value with all its text in half width and without spaces."""
    if isinstance(value, dict):
        return {name: narrow(part) for name, part in value.items()}
    if isinstance(value, list):
        return [narrow(part) for part in value]
    return folded(value) if isinstance(value, str) else value


HOSTILE = {
    "open brackets": "（",
    "angles": "<",
    "nested brackets": "(《【“",
    "open titles": "《",
    "got at once": "近日获得",
    "got again and again": "获得声明",
    "years again and again": "到2028年",
    "aims": "到2028年，新增绿色工厂30家，",
    "one-line items": "上海:印发\n",
    "items": "上海:印发办法\n近日，上海市印发《办法》。\n",
    "bodies": "发展改革委、",
    "companies": "宁波远澜电池有限公司、",
    "digits": "1234567890",
    "numbers with commas": "1,234,",
    "dates": "3月1日",
    "certificates": "证书编号A1234、B2345、",
    "one line without a stop": "近日宁波远澜电池有限公司和昆山市财政局联合印发绿色工厂与",
    "one-letter lines": "a\n",
    "wrapped lines": "碳" * 40 + "\n",
    "spaces": " ",
    "section titles": "地方动态\n",
    "points": "● 给予20万元奖励\n",
    "products counted": "三款",
    "companies counted": "两家企业",
    "statements": "近日，宁波远澜电池有限公司获得SGS颁发的声明。",
}


def steps(text):
    """The function calls, of Python and of C, that reading the text takes: a clock that other work does not disturb."""
    count = 0

    def profile(_frame, event, _arg):
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(profile)
    try:
        read(text, FRIDAY, shipped())
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize("unit", HOSTILE.values(), ids=HOSTILE)
def test_twice_the_text_takes_twice_the_steps(unit):  # NWS-11, NWS-12
    once, twice = (steps(unit * (size // len(unit))) for size in (8_000, 16_000))
    assert twice <= 2.6 * max(once, 2_000)


@pytest.mark.parametrize("unit", HOSTILE.values(), ids=HOSTILE)
def test_hostile_texts_of_200_kilobytes_are_read_in_seconds(unit):  # NWS-11
    """A quiet machine takes a second at most (three for 100,000 lines of one letter); a busy one gets ten, which no pattern
    that tries again at every place keeps."""
    text = unit * (200_000 // len(unit.encode()))
    start = time.process_time()
    reading = read(text, FRIDAY, shipped())
    assert time.process_time() - start < 10
    check(reading)
