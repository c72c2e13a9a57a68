"""A file or pasted text as plain text. Called by the commands and the upload page, before the reader."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from itertools import islice
from pathlib import PurePath

from django.utils.translation import gettext as _
from lxml import etree, html

# A text has 1 MB at most; a file that carries pictures beside its text (.docx, .html) may have 20 MB.
MAX_BYTES = 1_000_000
MAX_FILE_BYTES = 20_000_000
_MAX_ENTRIES = 2_000
_MAX_UNPACKED = 100_000_000
_MAX_PART = 8_000_000
# How much everyday Chinese a decoding must give to be believed, and by how much it must lead.
_SURE, _CLEAR = 0.85, 0.15
# A cell with more characters, or more elements, is a column of the page rather than of a table.
_MAX_CELL = 60
_BROKEN_NAME = re.compile("(?<=[\u4e00-\u9fff])\n(?=[\u4e00-\u9fff])")
_CONTROL = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_EMBEDDED = re.compile("data:[a-z]+/[a-z0-9.+-]{1,40};base64,[A-Za-z0-9+/=%\\s]*", re.IGNORECASE)
_ILLUSTRATED = (".docx", ".html", ".htm")
_BLOCKS = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "body",
        "br",
        "center",
        "dd",
        "div",
        "dl",
        "dt",
        "figcaption",
        "figure",
        "footer",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "li",
        "main",
        "nav",
        "ol",
        "p",
        "pre",
        "section",
        "table",
        "td",
        "th",
        "tr",
        "ul",
    ]
)
_UNREAD = ("script", "style", "noscript", "template", "head", "svg", "iframe", "object", "mp-style-type")
_WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


class SourceError(Exception):
    """The data cannot be taken as a text; the message says why, for a person."""


def text_of(name: str, data: bytes | str) -> str:
    """The text of a file's bytes by the ending of `name` (.txt, .md, .html, .htm, .docx; none is plain text).

    A pasted str is text already and taken as it is: the reader cleans it. Raises SourceError for what is empty or too large,
    for a file that is not what its name says, and for bytes of no known encoding. What counts as the size of a .docx or
    .html is its text; the file itself, pictures and all, has a limit of its own.
    """
    ending = PurePath(name).suffix.lower()
    illustrated = isinstance(data, bytes) and ending in _ILLUSTRATED
    _check_size(data, MAX_FILE_BYTES if illustrated else MAX_BYTES)
    if isinstance(data, str):
        text = data
    elif ending == ".docx":
        text = _from_docx(data)
    elif ending in (".html", ".htm"):
        text = html_text(decoded(data))
    elif ending in (".txt", ".md", ".markdown", ""):
        text = decoded(data)
    else:
        raise SourceError(_("Only .txt, .md, .html and .docx files are read."))
    if illustrated:
        _check_size(text, MAX_BYTES)
    if not text.strip():
        raise SourceError(_("The text is empty."))
    return text


def _check_size(data: bytes | str, limit: int) -> None:
    if len(data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data) > limit:
        raise SourceError(_("The text is larger than %(limit)s MB (the limit).") % {"limit": limit // 1_000_000})


def decoded(data: bytes) -> str:
    """Bytes as text: by byte order mark, else UTF-8, UTF-16 where its zero bytes or its Chinese show it, GB18030, Big5."""
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if data.startswith(mark):
            return _decode(data, encoding) or _refuse()
    text = _decode(data, "utf-8")
    if text is not None and _reads_well(text):
        return text
    shares: dict[str, float] = {}
    for encoding in ("utf-16-le", "utf-16-be", "gb18030", "big5"):
        guess = _decode(data, encoding)
        shares[encoding] = _common_share(guess) if guess is not None and _reads_well(guess) else 0.0
    second, best = sorted(shares, key=lambda encoding: shares[encoding])[-2:]
    if shares[best] < _SURE or shares[best] - shares[second] < _CLEAR:
        _refuse()
    return data.decode(best)


def _common_share(text: str) -> float:
    """The share of everyday Chinese characters (first level of GB 2312 or Big5) among all letters that are not ASCII."""
    letters = [char for char in text if ord(char) > 127 and char.isalpha()]
    return sum(map(_is_common, letters)) / len(letters) if letters else 0.0


def _is_common(char: str) -> bool:
    levels = (("gb2312", 0xB0, 0xD7), ("big5", 0xA4, 0xC6))
    return any(low <= char.encode(encoding, "ignore")[:1].ljust(1, b"\0")[0] <= high for encoding, low, high in levels)


def _decode(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return None


def _reads_well(text: str) -> bool:
    """No control characters but a stray few, as in no picture, archive or wrong decoding."""
    return len(_CONTROL.findall(text)) * 200 <= len(text)


def _refuse() -> str:
    raise SourceError(_("The encoding is not known: save the text as UTF-8 and try again."))


def html_text(source: str) -> str:
    """Lines as a browser breaks them, without scripts, styles, the head and pictures within the page."""
    source = _EMBEDDED.sub("", source)
    if not source.strip():
        return ""
    try:
        tree = html.document_fromstring(
            source.encode(), parser=html.HTMLParser(encoding="utf-8", no_network=True, huge_tree=False)
        )
    except (etree.ParserError, etree.XMLSyntaxError, ValueError) as error:
        raise SourceError(_("This is no readable HTML.")) from error
    etree.strip_elements(tree, etree.Comment, etree.ProcessingInstruction, *_UNREAD, with_tail=False)
    pieces: list[str] = []
    walk = etree.iterwalk(tree, events=("start", "end"))
    for event, node in walk:
        block = node.tag in _BLOCKS
        if event == "end":
            pieces += ["\n" if block else "", _one_line(node.tail)]
        elif node.tag == "tr" and (row := _row_of(node)):
            pieces += ["\n", row]
            walk.skip_subtree()
        else:
            pieces += ["\n" if block else "", _one_line(node.text)]
    lines = (line.strip() for line in "".join(pieces).split("\n"))
    return "\n".join(line for line in lines if line)


def _row_of(row: etree._Element) -> str | None:
    """One line of a row of short cells; None for one that only lays out the page, whose cells are long."""
    return _row([_cell(cell, ("table",)) for cell in row if cell.tag in ("td", "th")])


def _cell(cell: etree._Element, tables: tuple[str, ...]) -> str | None:
    """The words of a cell that has few, and no table of its own; else None."""
    nodes = list(islice(cell.iter(), _MAX_CELL))
    if len(nodes) == _MAX_CELL or any(node.tag in tables for node in nodes):
        return None
    pieces = (" ".join(text.split()) for text in cell.itertext() if not text.isspace())
    words = _BROKEN_NAME.sub("", "\n".join(pieces)).replace("\n", " ")
    return words if len(words) <= _MAX_CELL else None


def _row(cells: list[str | None]) -> str | None:
    """The cells on one line, which the reader takes apart again; None where they are no row of a table."""
    short = [cell for cell in cells if cell is not None]
    return " | ".join(short) if len(short) == len(cells) > 1 and sum(map(bool, short)) > 1 else None


def _one_line(text: str | None) -> str:
    return " ".join(text.split()) if text and not text.isspace() else ""


def _from_docx(data: bytes) -> str:
    """Paragraphs and rows of tables in their order, one a line."""
    _check_archive(data)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            body = _part(archive, _main_part(archive)).find(f"{_WORD}body")
    except (zipfile.BadZipFile, zlib.error, etree.XMLSyntaxError, KeyError, ValueError, OSError, EOFError, RuntimeError) as error:
        raise SourceError(_("This is no Word file (.docx).")) from error
    if body is None:
        raise SourceError(_("This is no Word file (.docx)."))
    lines, joined = [], set()
    for part in body.iter(f"{_WORD}p", f"{_WORD}tr"):
        if part.tag == f"{_WORD}p":
            lines += [] if part in joined else [_paragraph(part)]
        elif row := _row([_cell(cell, (f"{_WORD}tbl",)) for cell in part.iterchildren(f"{_WORD}tc")]):
            lines.append(row)
            joined.update(part.iter(f"{_WORD}p"))
    return "\n".join(lines)


def _part(archive: zipfile.ZipFile, name: str) -> etree._Element:
    """One XML part; nothing that the archive holds besides (pictures, fonts) is unpacked."""
    return etree.fromstring(archive.read(name), etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False))


def _main_part(archive: zipfile.ZipFile) -> str:
    """The name of the part that holds the document (ECMA-376 part 2: the package's relationship officeDocument)."""
    for relationship in _part(archive, "_rels/.rels"):
        if relationship.get("Type", "").endswith("/officeDocument"):
            return relationship.get("Target", "").lstrip("/")
    raise KeyError("officeDocument")


def _paragraph(paragraph: etree._Element) -> str:
    words = []
    for node in paragraph.iter(f"{_WORD}t", f"{_WORD}br", f"{_WORD}tab"):
        words.append(node.text or "" if node.tag == f"{_WORD}t" else "\n" if node.tag == f"{_WORD}br" else " ")
    return "".join(words)


def _check_archive(data: bytes) -> None:
    """Refuse what is no archive, or declares more than a newsletter needs, before a byte is unpacked."""
    try:
        entries = zipfile.ZipFile(io.BytesIO(data)).infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise SourceError(_("This is no Word file (.docx).")) from error
    parts = [entry for entry in entries if entry.filename.endswith((".xml", ".rels"))]
    if (
        len(entries) > _MAX_ENTRIES
        or sum(entry.file_size for entry in entries) > _MAX_UNPACKED
        or any(entry.file_size > _MAX_PART for entry in parts)
    ):
        raise SourceError(_("This Word file unpacks to more than is accepted."))
