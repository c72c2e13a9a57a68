"""Row 91: RSS, RDF and Atom as sites really write them, and files that mean harm."""

import datetime as dt
import time
from contextlib import suppress
from pathlib import Path

import pytest
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from tanxun.digest.feeds.parsing import MOST_ENTRIES, parse, read_day
from tanxun.digest.sources import SourceError

pytestmark = pytest.mark.any_engine

SAMPLES = Path(__file__).parent / "samples" / "feeds"


@pytest.fixture(autouse=True)
def english():
    with override("en"):
        yield


def rss(items, head='<?xml version="1.0"?>'):
    return f"{head}<rss version='2.0'><channel><title>测试</title>{items}</channel></rss>".encode()


def test_rss_with_markup_entities_and_dates_of_two_zones():
    feed = parse((SAMPLES / "industry_ministry.xml").read_bytes(), "https://miit.example/zwgk/")
    first, second, third = feed.entries
    assert feed.title == "样例工业主管部门 · 政策文件"
    assert first.heading == "工业和信息化部关于印发《零碳工厂建设指南（样例）》的通知"
    assert first.text.splitlines()[0].endswith("（工信部节〔2026〕901号）。")
    assert "alert" not in first.text
    assert "<" not in first.text
    assert first.link == "https://miit.example/zwgk/art/2026/art_001.html?from=rss&id=1"
    assert [entry.day for entry in feed.entries] == [dt.date(2026, 3, 5), dt.date(2026, 3, 6), dt.date(2026, 3, 4)]
    assert second.text == "近日，苏州星河家电有限公司的洗衣机获得SGS颁发的产品碳足迹核查声明。"
    assert (third.link, third.text) == ("https://miit.example/zwgk/art_003.html", "")


def test_atom_with_elements_inside_and_an_evening_that_is_the_next_day_here():
    first, second = parse((SAMPLES / "ecology_department.atom").read_bytes()).entries
    assert first.heading == "浙江省生态环境厅印发“碳标签”管理办法"
    assert first.text.splitlines()[-1] == "对获得碳标签的企业给予10万元奖励。"
    assert first.link == "https://sthjt.example/a/1"
    assert first.day == dt.date(2026, 3, 3)
    assert (second.text, second.day) == ("一季度成交量同比上升12%。", dt.date(2026, 3, 6))


def test_rdf_that_says_gb2312_and_is_more():
    text = (SAMPLES / "city_commission.rdf").read_text(encoding="utf-8").replace('encoding="utf-8"', 'encoding="gb2312"')
    (entry,) = parse(text.encode("gb18030")).entries
    assert "陶喆（镕）" in entry.text
    assert entry.link == "https://fgw.example/n/7"


@pytest.mark.parametrize("declared", ["utf-8", "gb2312", "gbk", "iso-8859-1", "utf-16", "klingon", ""])
@pytest.mark.parametrize("real", ["utf-8", "gb18030", "utf-16"])
def test_the_encoding_is_found_whatever_is_declared(declared, real):
    text = (
        "<item><title>浙江省生态环境厅：印发零碳园区建设管理办法和配套的支持政策</title><link>https://a.example/1</link></item>"
    )
    head = f'<?xml version="1.0" encoding="{declared}"?>' if declared else '<?xml version="1.0"?>'
    data = rss(text, head).decode().encode(real)
    assert parse(data).entries[0].heading.startswith("浙江省生态环境厅")


BOMB = "<!DOCTYPE r [<!ENTITY a 'ha'>" + "".join(f"<!ENTITY {chr(98 + n)} '{f'&{chr(97 + n)};' * 10}'>" for n in range(9))
HARM = {
    "billion laughs": BOMB + "]><rss><channel><item><title>&j;</title></item></channel></rss>",
    "external entity": "<!DOCTYPE r [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><rss><channel><item><title>&x;</title></item></channel></rss>",
    "parameter entity": "<!DOCTYPE r [<!ENTITY % x SYSTEM 'http://127.0.0.1/x'>%x;]><rss/>",
    "spaces": "<!DOCTYPE r [<!ENTITY\n\tx 'y'>]><rss/>",
    "a sign in it that is taken out": "<!DOCTYPE r [<!EN\ufffeTITY x 'y'>]><rss><item><title>&x;</title></item></rss>",
}


@pytest.mark.parametrize("name", HARM)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_declared_entities_are_refused_in_every_encoding(name, encoding):
    began = time.monotonic()
    with pytest.raises(SourceError):
        parse(HARM[name].encode(encoding))
    assert time.monotonic() - began < 5


ENDLESS = {
    "openings of CDATA": "<![CDATA[" * 200_000,
    "empty CDATA": "<![CDATA[]]>" * 150_000,
    "attributes": "<item {}><title>t</title></item>".format(" ".join(f'a{n}="1"' for n in range(120_000))),
    "ampersands": f"<item><title>{'&' * 1_900_000}</title></item>",
    "markup in markup": f"<item><description><![CDATA[{'<div>' * 350_000}]]></description></item>",
    "comments": f"<item><description><![CDATA[{'<!--' * 400_000}]]></description></item>",
}


@pytest.mark.parametrize("name", ENDLESS)
def test_what_is_made_to_take_for_ever_takes_a_moment(name):
    """Each of these would keep a worker busy for minutes or hours where time grew with the square of the size."""
    with suppress(SourceError):
        parse(rss(ENDLESS[name]))


def test_an_external_document_type_is_not_fetched():
    data = b"<!DOCTYPE rss SYSTEM 'http://127.0.0.1:1/rss.dtd'><rss><channel><item><title>a title</title></item></channel></rss>"
    assert parse(data).entries[0].heading == "a title"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "feed"), (b"{}", "feed"), (b"\x89PNG\r\n\x1a\n" + bytes(100), "encoding|feed"),
        (b"<html><body>RSS</body></html>", "web page"),
        (b"<!DOCTYPE html><html><head><title>x</title></head></html>", "web page"), (b"<opml/>", "no RSS"),
        (b"x" * 2_000_001, "2 MB"),
    ],
)  # fmt: skip
def test_what_is_no_feed_is_refused_in_words(data, words):
    with pytest.raises(SourceError, match=words):
        parse(data)


def test_broken_xml_is_read_as_far_as_it_goes():
    data = rss("<item><title>A & B &nbsp;碳&mdash;标签</title><link>https://a.example/?x=1&y=2</link></item><item><title>第二条")
    first, *_rest = parse(data).entries
    assert (first.heading, first.link) == ("A & B 碳—标签", "https://a.example/?x=1&y=2")


def test_links_that_are_no_pages_are_left_out():
    items = "".join(
        f"<item><title>标题{n}</title><link>{link}</link></item>"
        for n, link in enumerate(("javascript:alert(1)", "data:x", "http://", "http://[::1"))
    )
    assert [entry.link for entry in parse(rss(items)).entries] == ["", "", "", ""]


def test_the_same_entry_has_the_same_key_wherever_it_is_read():
    one = parse(rss("<item><title>标题</title><link>http://a.example/1</link></item>")).entries[0]
    same = parse(rss("<item><title>改了的标题</title><link>https://a.example/1</link></item>")).entries[0]
    numbered = parse(rss("<item><title>标题</title><guid>1</guid><link>http://a.example/1</link></item>")).entries[0]
    elsewhere = parse(rss("<item><title>标题</title><guid>1</guid><link>http://b.example/1</link></item>")).entries[0]
    assert one.key == same.key
    assert len({one.key, numbered.key, elsewhere.key}) == 3
    twice = "<item><title>标题</title><link>http://a.example/1</link></item>" * 2
    assert len(parse(rss(twice)).entries) == 1


def test_a_feed_of_very_many_entries_is_cut_off():
    items = "".join(f"<item><title>t{n}</title></item>" for n in range(MOST_ENTRIES + 50))
    assert len(parse(rss(items)).entries) == MOST_ENTRIES


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("Thu, 05 Mar 2026 23:30:00 +0800", dt.date(2026, 3, 5)), ("Thu, 05 Mar 2026 23:30:00 GMT", dt.date(2026, 3, 6)),
        ("2026-03-05", dt.date(2026, 3, 5)), ("2026-03-05T23:30:00Z", dt.date(2026, 3, 6)),
        ("2026-03-05 08:00:00", dt.date(2026, 3, 5)), ("2026-02-30", None),
        ("2026年3月5日", dt.date(2026, 3, 5)), ("2026/3/5 10:00", dt.date(2026, 3, 5)), ("", None), ("昨天", None),
        ("9999-99-99", None),
    ],
)  # fmt: skip
def test_days_as_they_are_written(text, day):
    assert read_day(text) == day


@given(st.binary(max_size=400) | st.text(max_size=300).map(lambda text: rss(f"<item><title>{text}</title></item>")))
def test_no_bytes_make_it_fall_over(data):
    with suppress(SourceError):
        parse(data)
