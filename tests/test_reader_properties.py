"""What holds of every text: it reads without error, and every span points at the words it was read from."""

import dataclasses
import datetime as dt
import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tanxun.digest.reader import Document, Read, Reading, clean, read
from tanxun.digest.reader.gold import as_gold
from tanxun.digest.reader.report import report
from tanxun.digest.vocabulary import shipped

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


def check(reading: Reading) -> None:
    size = len(reading.text)
    for one in reads(reading):
        assert all(0 <= span.start <= span.end <= size for span in one.spans)
        words = "".join(reading.text[span.start : span.end] for span in one.spans)
        if one.confidence == "stated" and isinstance(one.value, Document):
            assert one.value.title in words
    for item in reading.items:
        assert reading.text[item.span.start : item.span.end].find(item.headline.value) >= 0
        assert item.span.start <= item.body.start <= item.body.end <= item.span.end
        for one in item.statements:
            assert one.company.value == reading.text[one.company.spans[0].start : one.company.spans[0].end]
            assert all(product.value == reading.text[product.spans[0].start : product.spans[0].end] for product in one.products)
    as_gold(reading)
    report(reading, shipped().names)


@settings(max_examples=250, deadline=None)
@given(TEXTS)
@example("")
@example("\ud800\udfff\0")
@example("发布时间:9999-99-99\n财政部:印发\n2月30日,财政部印发《法》。")
def test_any_text_reads_without_error_and_spans_point_at_their_words(text):
    check(read(text, FRIDAY, shipped()))


@settings(max_examples=100, deadline=None)
@given(TEXTS)
def test_cleaning_twice_changes_nothing(text):
    assert clean(clean(text)) == clean(text)


@settings(max_examples=60, deadline=None)
@given(TEXTS)
def test_no_completed_date_lies_after_the_reference_date(text):
    for item in read(text, FRIDAY, shipped()).items:
        issued = item.policy.issued_on if item.policy else None
        assert issued is None or issued.value <= FRIDAY or issued.confidence == "uncertain"


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


@settings(max_examples=25, deadline=None)
@given(st.permutations(ITEMS))
def test_order_of_items_never_changes_what_is_read_inside_them(order):
    found = as_gold(read("\n\n".join(order), FRIDAY, shipped()))["items"]
    alone = [as_gold(read(text, FRIDAY, shipped()))["items"][0] for text in order]
    assert [contents(item) for item in found] == [contents(item) for item in alone]


@pytest.mark.parametrize(
    "text", ["（" * 50_000, "<" * 1_000_000, "近日获得" * 30_000, "《" * 60_000, "上海:印发\n" * 8_000, "发展改革委、" * 20_000]
)
def test_hostile_texts_take_linear_time(text):
    """Far above what a linear reader needs, far below what a quadratic one would."""
    start = time.process_time()
    check(read(text, FRIDAY, shipped()))
    assert time.process_time() - start < 12
