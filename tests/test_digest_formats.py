"""The formats of an issue: one text in all of them, read back by programs that are not ours; nothing hostile gets through."""

import io
import json
import re
import subprocess
from datetime import date

import docx
import lxml.html
import pytest
from django.template.loader import render_to_string
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from tanxun.digest.formats import FORMATS, FormatError, paper, render
from tanxun.digest.formats.article import article, one_line, without_links
from tanxun.digest.issue import Entry, Issue, Link, Week
from tanxun.digest.models import Section
from tanxun.digest.reader import read
from tanxun.digest.vocabulary import shipped

pytestmark = pytest.mark.any_engine

WEEK = Week.parse("2026-W03")
SCRIPT, RTL, LONG = "<script>alert(1)</script>", "\u202e文倒\u202c", "长" * 300
HOSTILE = f"{SCRIPT} ]]> &amp; <!-- --> \x00 {RTL} *b* _c_ `d` #e [x](http://evil.example) ![i](j) ~~f~~ |g| $h$ 1) \\"
NOTES = ["2026-02-03 更正：第1条“甲”，“乙”应为“丙”。"]


def issue(*entries, **kwargs):
    kwargs = {"title": "碳讯 2026年第3周", "lead": "碳讯丨甲，乙...", "published_on": date(2026, 1, 18)} | kwargs
    return Issue(WEEK, entries=entries, **kwargs)


def entry(headline="样例部:发布甲方案", *paragraphs, section=Section.NATIONAL, key="policy-1", links=(), note=""):
    return Entry(key, section, headline, paragraphs or ("推动零碳园区建设。",), tuple(links), (key,), note)


FULL = issue(
    entry(HOSTILE, "🟡 第一行\n1. 第二行", "# 像标题", "+ 像列表", HOSTILE, LONG, note=HOSTILE),
    entry(LONG, "2) 段", "正文。" + HOSTILE, key="policy-2", links=[Link("商务部", "https://example.cn/a?b=1&c=2")]),
    entry("外国动态", section=Section.OTHER, key="news-3", links=[Link("", "https://example.cn/a?b=1&c=2")]),
    entry(
        "又一条", section=Section.OTHER, key="news-4", links=[Link(SCRIPT, "javascript:alert(1)"), Link("坏", "//evil.example")]
    ),
)


def printed(made, corrections=()):
    return [line.text for line in article(made, corrections).lines()]


def lines_of(html):
    """The lines that a browser shows, by a parser that is not ours."""
    found = lxml.html.fromstring(html).xpath("//*[self::h1 or self::h2 or self::h3 or self::p or self::li[not(p)]]")
    return [" ".join(each.text_content().split()) for each in found]


def test_the_page_shows_every_line_once_and_in_order():
    page = render_to_string("digest/_article.html", {"article": article(FULL, NOTES)})
    assert lines_of(page) == printed(FULL, NOTES)
    assert lines_of(render(FULL, "html", NOTES).decode()) == printed(FULL, NOTES)


@pytest.mark.parametrize("name", ["html", "wechat"])
def test_nothing_hostile_becomes_markup(name):
    tree = lxml.html.fromstring(render(FULL, name, NOTES).decode())
    assert not tree.xpath("//script | //img | //iframe | //form | //link | //style | //*[@onclick or @onerror]")
    assert all(href.startswith(("https://example.cn/", "#")) for href in tree.xpath("//@href"))


def test_wechat_gets_styles_in_elements_and_no_class_script_link_or_address():
    html = render(FULL, "wechat", NOTES).decode()
    tree = lxml.html.fromstring(html)
    elements = [each for each in tree.iter() if isinstance(each.tag, str)]
    assert {each.tag for each in elements} <= {"section", "h1", "h2", "h3", "p", "html", "body", "div"}
    assert {name for each in elements for name in each.attrib} == {"style"}
    assert all(each.get("style") for each in tree.iter("h1", "h2", "h3", "p"))
    assert "url(" not in html
    assert "var(" not in html


def test_wechat_has_outside_links_as_numbered_footnotes_each_once():
    shown = lines_of(render(FULL, "wechat").decode())
    assert shown == [line.text for line in without_links(article(FULL)).lines()]
    assert shown[-2:] == ["链接", "[1] https://example.cn/a?b=1&c=2"]
    assert "来源：商务部 [1]" in shown
    assert "来源：https://example.cn/a?b=1&c=2 [1]" in shown
    assert "坏" in "".join(shown)
    assert "javascript:" not in "".join(shown)
    assert "evil.example\n" not in "\n".join(shown[-3:])


def markdown_lines(text):
    """The lines that a CommonMark reader shows."""
    return lines_of(MarkdownIt().render(text))


def without_numbers(lines):
    return [re.sub(r"^\d+\. ", "", line) for line in lines]


def test_markdown_is_read_back_as_the_same_text():
    found = markdown_lines(render(FULL, "markdown", NOTES).decode())
    assert without_numbers(found) == without_numbers(printed(FULL, NOTES))


TEXT = st.text(
    alphabet=st.one_of(st.sampled_from("\\`*_{}[]()#+-.!|<>&~=:/\"'0123456789 \t\n甲乙"), st.characters()), max_size=60
)


@settings(max_examples=150, deadline=None)
@given(headline=TEXT, paragraph=TEXT, note=TEXT)
def test_whatever_is_written_markdown_and_html_say_it_again(headline, paragraph, note):
    made = issue(entry(headline or "x", paragraph, note=note))
    wanted = [" ".join(line.split()) for line in printed(made)]
    found = markdown_lines(render(made, "markdown").decode())
    assert without_numbers(found) == without_numbers(wanted)
    assert lines_of(render(made, "html").decode()) == wanted
    assert docx_lines(render(made, "docx")) == wanted


def docx_lines(content):
    body = docx.Document(io.BytesIO(content)).element.body
    texts = ("".join(node.text or "" for node in p.iter() if node.tag.endswith("}t")) for p in body if p.tag.endswith("}p"))
    return [" ".join(text.split()) for text in texts]


def test_word_has_the_page_s_text_with_headings_chinese_fonts_and_links():
    content = render(FULL, "docx", NOTES)
    assert docx_lines(content) == printed(FULL, NOTES)
    document = docx.Document(io.BytesIO(content))
    styles = [paragraph.style.name for paragraph in document.paragraphs]
    assert styles[0] == "Title"
    assert styles.count("Heading 2") == 4
    fonts = document.styles["Normal"].element.rPr.rFonts
    assert fonts.get("{http://schemas.openxmlformats.org/wordprocessingml/2006/main}eastAsia") == "SimSun"
    outside = [rel.target_ref for rel in document.part.rels.values() if rel.is_external]
    assert set(outside) == {"https://example.cn/a?b=1&c=2"}


@pytest.mark.program("soffice")
def test_libreoffice_opens_the_word_file_with_the_page_s_text(tmp_path):
    path = tmp_path / "issue.docx"
    path.write_bytes(render(FULL, "docx", NOTES))
    profile = f"-env:UserInstallation=file://{tmp_path / 'profile'}"
    command = ["soffice", profile, "--headless", "--convert-to", "txt:Text (encoded):UTF8", "--outdir", str(tmp_path), str(path)]
    subprocess.run(command, check=True, capture_output=True, timeout=180)
    opened = (tmp_path / "issue.txt").read_text(encoding="utf-8-sig").splitlines()
    page = lines_of(render_to_string("digest/_article.html", {"article": article(FULL, NOTES)}))
    assert [" ".join(line.split()) for line in opened if line.strip()] == page


def test_pdf_is_made_or_says_what_is_missing(monkeypatch):
    pytest.importorskip("weasyprint", reason="the extra pdf is not installed")
    assert render(FULL, "pdf", NOTES).startswith(b"%PDF-")
    monkeypatch.setitem(__import__("sys").modules, "weasyprint", None)
    with pytest.raises(FormatError, match="pdf"):
        render(FULL, "pdf")
    with pytest.raises(ValueError, match="not fetched"):
        paper.refuse("https://evil.example/")


def test_corrections_stand_in_plain_text_where_no_item_is_read():
    made = issue(
        entry("样例部:发布甲方案", "1月15日，样例部发布消息。推动零碳园区建设。"), entry("样例部:发布乙方案", key="policy-2")
    )
    plain, noted = (render(made, "text", notes).decode() for notes in ((), NOTES))
    assert NOTES[0] in noted
    readings = [read(text, date(2026, 1, 18), shipped()) for text in (plain, noted)]
    without, with_notes = ([(item.headline.value, item.kind.value) for item in reading.items] for reading in readings)
    assert len(without) == 2
    assert without == with_notes


@pytest.mark.parametrize("name", [name for name in FORMATS if name != "pdf"])
def test_no_control_or_direction_mark_gets_into_a_file(name):
    content = render(FULL, name, NOTES)
    text = "\n".join(docx_lines(content)) if name == "docx" else content.decode()
    assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\u202a-\u202e\u2066-\u2069]", text)
    assert "文倒" in text


@given(text=st.text(max_size=40))
def test_a_printed_line_is_one_line_and_stays_so(text):
    line = one_line(text)
    assert one_line(line) == line
    assert "\n" not in line


def test_a_frozen_issue_is_the_same_after_its_way_through_json():
    assert Issue.from_json(json.loads(json.dumps(FULL.as_json()))) == FULL
