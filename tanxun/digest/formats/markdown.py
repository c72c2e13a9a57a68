"""An issue as Markdown: what CommonMark would take for a sign of its own is escaped, so that it is read back the same."""

from __future__ import annotations

import re

from .article import Article, Line

SIGNS = re.compile(r"[\\`*_\[\]<>&~|$]")
AT_START = re.compile(r"^(?:[#+=:-]|\d{1,9}(?=[.)]))")
PREFIX = {"title": "# ", "label": "## ", "section": "## ", "headline": "### "}


def written(article: Article) -> bytes:
    return ("\n\n".join(map(block, article.lines())) + "\n").encode()


def block(line: Line) -> str:
    """One line as a block of its own."""
    text = escaped(line.text)
    if line.kind == "contents":  # its number is that of the list
        number, _dot, words = line.text.partition(". ")
        return f"{number}. {escaped(words)}"
    if line.kind in ("remark", "correction"):
        return f"> {text}"
    if line.url:
        return f"[{text}](<{line.url}>)"
    return PREFIX.get(line.kind, "") + text


def escaped(text: str) -> str:
    """`text` so that nothing in it means anything."""
    text = SIGNS.sub(lambda found: f"\\{found[0]}", text)
    if text.endswith("#"):  # the end of a heading
        text = f"{text[:-1]}\\#"
    return AT_START.sub(lambda found: f"{found[0]}\\" if found[0].isdigit() else f"\\{found[0]}", text)
