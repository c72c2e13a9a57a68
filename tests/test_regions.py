"""Names and codes of divisions: what text and filters make of them."""

import csv

import pytest
from django.utils import translation

from tanxun.regions.models import Region, place_words
from tanxun.regions.names import BANNER, SHIPPED, code_range, load
from tanxun.site import reference

PLACES = load()


@pytest.fixture
def regions(db):
    return reference.load_regions()


def names(divisions):
    return [division.name for division in divisions]


@pytest.mark.parametrize(
    ("called", "bearers"),
    [
        ("昆山", ["昆山市"]),
        ("昆山市", ["昆山市"]),
        ("吉林", ["吉林省", "吉林市"]),
        ("吉林市", ["吉林市"]),
        ("海南", ["海南省"]),
        ("海南州", ["海南藏族自治州"]),
        ("海南区", ["海南区"]),
        ("朝阳", ["朝阳市"]),
        ("朝阳区", ["朝阳区", "朝阳区"]),
        ("鼓楼", ["鼓楼区"] * 4),
        ("东莞", ["东莞市"]),
        ("神农架", ["神农架林区"]),
        ("石河子", ["石河子市"]),
        ("恩施", ["恩施土家族苗族自治州"]),
        ("恩施州", ["恩施土家族苗族自治州"]),
        ("恩施市", ["恩施市"]),
        ("凉山", ["凉山彝族自治州"]),
        ("内蒙古", ["内蒙古自治区"]),
        ("广西自治区", ["广西壮族自治区"]),
        ("景宁县", ["景宁畲族自治县"]),
        ("浦东", ["浦东新区"]),
        ("易县", ["易县"]),
        ("泽州", ["泽州县"]),
        ("香港", ["香港特别行政区"]),
        ("襄樊市", ["襄阳市"]),
        ("易", []),
        ("碳讯", []),
    ],
)
def test_a_name_means_its_bearers_highest_first(called, bearers):
    assert names(PLACES.lookup(called)) == bearers


def test_inside_a_known_place_the_bare_name_is_enough():
    assert [d.code for d in PLACES.lookup("朝阳", within="110000")] == ["110105"]
    assert names(PLACES.prefix("余杭某某科技", within="330100")[1]) == ["余杭区"]
    assert PLACES.lookup("北京", within="110000") == ()


@pytest.mark.parametrize(
    ("text", "opening", "bearer"),
    [
        ("昆山市某某精密有限公司", "昆山市", "320583"),
        ("昆山某某精密有限公司", "昆山", "320583"),
        ("吉林市某某化纤", "吉林市", "220200"),
        ("内蒙古某某乳业", "内蒙古", "150000"),
        ("湘西州生态环境局", "湘西州", "433100"),
        ("光明区科技创新局", "光明区", "440311"),
        ("海南自由贸易港", "海南", "460000"),
    ],
)
def test_the_longest_name_at_the_head_of_a_text(text, opening, bearer):
    found, divisions = PLACES.prefix(text)
    assert (found, divisions[0].code) == (opening, bearer)


@pytest.mark.parametrize("text", ["光明乳业", "东方电气", "兴业银行", "某某科技", ""])
def test_a_word_that_is_no_place_names_none(text):
    assert PLACES.prefix(text) == ("", ())


def test_code_ranges():
    assert code_range("310000") == ("310000", "319999")
    assert code_range("320500") == ("320500", "320599")
    assert code_range("320583") == ("320583", "320583")
    for wrong in ("", "32", "32058x", "3205830", "３２０５８３"):
        with pytest.raises(ValueError, match="GB/T 2260"):
            code_range(wrong)


def test_the_range_of_a_code_is_exactly_the_division_and_all_below_it():
    divisions = list(PLACES)
    above = {division.code: {d.code for d in PLACES.chain(division.code)} for division in divisions}
    ranges = {division.code: code_range(division.code) for division in divisions if division.level != "county"}
    for inner in divisions:
        assert {outer for outer, (low, high) in ranges.items() if low <= inner.code <= high} == above[inner.code] - (
            {inner.code} if inner.level == "county" else set()
        )
        assert PLACES.contains(inner.code, inner.code)


def test_the_table_is_a_tree_with_a_complete_name_for_everybody():
    levels = ["province", "city", "county"]
    for division in PLACES:
        parent = PLACES.get(division.parent)
        assert (parent is None) == (division.level == "province")
        assert parent is None or levels.index(parent.level) < levels.index(division.level)
        assert len(division.short_name) >= 2
        assert division in PLACES.lookup(division.name)
        assert division in PLACES.lookup(division.short_name)


def test_counties_right_below_a_province_have_no_city_between():
    assert names(PLACES.chain("429004")) == ["湖北省", "仙桃市"]
    assert PLACES.contains("420000", "429021")
    assert not PLACES.contains("420100", "429021")
    assert PLACES.chain("999999") == ()


def test_a_retired_code_keeps_its_city_or_province():
    assert PLACES.resolve_code("110100").name == "北京市"
    assert PLACES.resolve_code("320586").name == "苏州市"
    assert PLACES.resolve_code("320583").name == "昆山市"
    assert PLACES.resolve_code("990000") is None
    assert PLACES.resolve_code("32") is None


@pytest.mark.parametrize(
    ("code", "pinyin", "initials"),
    [
        ("500000", "chongqing", "cq"),
        ("350200", "xiamen", "xm"),
        ("341500", "luan", "la"),
        ("340300", "bengbu", "bb"),
        ("341600", "bozhou", "bz"),
        ("331000", "taizhou", "tz"),
        ("331100", "lishui", "ls"),
        ("411100", "luohe", "lh"),
        ("131025", "daicheng", "dc"),
        ("211300", "chaoyang", "cy"),
        ("510100", "chengdu", "cd"),
    ],
)
def test_place_names_are_read_as_the_place_reads_them(code, pinyin, initials, regions):
    region = Region.objects.get(pk=code)
    assert (region.pinyin, region.pinyin_initials) == (pinyin, initials)


def test_a_region_knows_its_full_name_and_what_lies_within(regions, django_assert_num_queries):
    kunshan = Region.objects.get(pk="320583")
    with django_assert_num_queries(0):
        assert kunshan.full_name == "江苏省苏州市昆山市"
        assert Region(code="310115", name="浦东新区").full_name == "上海市浦东新区"
        assert Region(code="320599", name="某新设区").full_name == "某新设区"
    within = set(Region.objects.filter(code__range=code_range("320500")).values_list("code", flat=True))
    assert {"320500", "320583"} <= within
    assert within == {"320500", *Region.objects.filter(parent="320500").values_list("code", flat=True)}


def test_the_shipped_table_is_read_once():
    assert load() is PLACES


def test_a_usual_name_means_one_division_unless_the_place_around_it_tells():
    with SHIPPED.open(encoding="utf-8", newline="") as file:
        usual = {name: row["code"] for row in csv.DictReader(file) for name in row["usual_names"].split(";") if name}
    assert usual["博州"] == "652700"
    for name, code in usual.items():
        assert [d.code for d in PLACES.prefix(name)[1]] == [code], name
        rivals = [d.code for d in PLACES.lookup(name) if d.code != code]
        assert all(PLACES.get(code).parent != PLACES.get(rival).parent for rival in rivals), name
    assert [d.code for d in PLACES.lookup("巴州", within="511900")] == ["511902"]


def test_the_wing_of_a_banner_is_called_by_its_first_character_and_side():
    wings = {d.name for d in PLACES if BANNER.fullmatch(d.name)}
    assert {"科尔沁右翼中旗", "阿拉善左旗", "乌拉特前旗"} <= wings
    for short, full in {
        "科右前旗": "科尔沁右翼前旗",
        "阿左旗": "阿拉善左旗",
        "乌中旗": "乌拉特中旗",
        "察右后旗": "察哈尔右翼后旗",
    }.items():
        assert names(PLACES.lookup(short)) == [full]
    assert not BANNER.fullmatch("正蓝旗")


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("zh-hans", ["江苏省", "江苏省苏州市", "江苏省苏州市昆山市", ""]),
        ("en", ["Jiangsu", "Suzhou", "江苏省苏州市昆山市", ""]),
    ],
)
def test_a_place_is_called_in_the_readers_language_where_it_has_a_name_there(language, words):
    with translation.override(language):
        assert [place_words(code) for code in ("320000", "320500", "320583", "999999")] == words


def test_a_name_added_by_hand_is_told_as_it_is():
    with translation.override("en"):
        assert Region(code="320599", name="旧区").full_name == "旧区"
