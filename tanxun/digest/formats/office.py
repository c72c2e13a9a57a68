"""An issue as a Word file: headings that a navigation pane shows, Chinese fonts by name, links that lead outside."""

from __future__ import annotations

import io
from typing import Any

from docx import Document
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor
from docx.text.paragraph import Paragraph

from .article import Article, Line

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
TEXT_FONT, HEAD_FONT, LATIN_FONT = "SimSun", "Microsoft YaHei", "Arial"
GREEN, GREY = RGBColor(0x06, 0x62, 0x46), RGBColor(0x55, 0x65, 0x5E)
# Style, font and size in points of each kind of line; the others are plain text.
STYLES: dict[str, tuple[str, str, float]] = {
    "title": ("Title", HEAD_FONT, 20),
    "label": ("Heading 1", HEAD_FONT, 14),
    "section": ("Heading 1", HEAD_FONT, 14),
    "headline": ("Heading 2", HEAD_FONT, 12),
    "lead": ("Subtitle", HEAD_FONT, 12),
    "remark": ("Quote", TEXT_FONT, 10.5),
    "correction": ("Quote", TEXT_FONT, 10.5),
}


def written(article: Article) -> bytes:
    document = Document()
    prepare(document)
    lines = list(article.lines())
    document.core_properties.title = lines[0].text[:255]
    document.core_properties.author = ""
    document.core_properties.language = "zh-CN"
    styles = {kind: document.styles[style].style_id for kind, (style, _font, _size) in STYLES.items()}
    end = document.element.body.sectPr
    for line in lines:
        end.addprevious(paragraph(document, line, styles.get(line.kind)))
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def prepare(document: Any) -> None:
    """A4, and fonts that Chinese machines have: Word asks for those of East Asian signs by a name of their own."""
    page = document.sections[0]
    page.page_width, page.page_height = Cm(21), Cm(29.7)
    page.left_margin = page.right_margin = Cm(2.5)
    for name, font, size in (("Normal", TEXT_FONT, 10.5), *STYLES.values()):
        style = document.styles[name]
        style.font.name, style.font.size = LATIN_FONT, Pt(size)
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
            fonts.attrib.pop(qn(f"w:{theme}"), None)
        fonts.set(qn("w:eastAsia"), font)
        if name.startswith(("Title", "Heading")):
            style.font.color.rgb = GREEN
        style.paragraph_format.space_after = Pt(6)
    document.styles["Normal"].paragraph_format.line_spacing = 1.5


def paragraph(document: Any, line: Line, style: str | None) -> Any:
    """The element of a line. Made by hand: python-docx looks through all that there is for each new paragraph and its style."""
    made = Paragraph(OxmlElement("w:p"), document._body)
    if style:
        made._p.style = style
    if line.url:
        made._p.append(link(document, line))
        return made._p
    run = made.add_run(line.text)
    if line.kind == "paragraph":
        made.paragraph_format.first_line_indent = Pt(21)  # two signs, as Chinese text is set
    if line.kind in ("day", "source"):
        run.font.color.rgb = GREY
    return made._p


def link(document: Any, line: Line) -> Any:
    """A run that leads to `line.url`: python-docx has no word for it."""
    element = OxmlElement("w:hyperlink")
    element.set(qn("r:id"), document.part.relate_to(line.url, RELATIONSHIP_TYPE.HYPERLINK, is_external=True))
    run, look, colour, under, text = (OxmlElement(f"w:{name}") for name in ("r", "rPr", "color", "u", "t"))
    colour.set(qn("w:val"), str(GREEN))
    under.set(qn("w:val"), "single")
    text.text = line.text
    text.set(qn("xml:space"), "preserve")
    look.extend((colour, under))
    run.extend((look, text))
    element.append(run)
    return element
