"""What an issue goes out as: `render(issue, name)` gives the bytes of one of FORMATS. Asked by the pages and `publish_digest`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from . import markdown, office, paper, plain, web
from .article import Article, article
from .paper import FormatError

__all__ = ["FORMATS", "Format", "FormatError", "render"]

if TYPE_CHECKING:
    from tanxun.digest.issue import Issue


@dataclass(frozen=True)
class Format:
    """One format: its words, media type, the ending of its files, and what makes it of an article."""

    label: Any
    media_type: str
    ending: str
    make: Callable[[Article], bytes] | None = None
    is_text: bool = True


FORMATS: dict[str, Format] = {
    "html": Format(_("Web page"), "text/html; charset=utf-8", "html", web.page),
    "wechat": Format(_("WeChat"), "text/html; charset=utf-8", "wechat.html", web.wechat),
    "markdown": Format(_("Markdown"), "text/markdown; charset=utf-8", "md", markdown.written),
    "docx": Format(_("Word"), office.MEDIA_TYPE, "docx", office.written, is_text=False),
    "text": Format(_("Plain text"), "text/plain; charset=utf-8", "txt"),
    "pdf": Format("PDF", "application/pdf", "pdf", paper.written, is_text=False),
}


def render(issue: Issue, name: str, corrections: Iterable[str] = ()) -> bytes:
    """The issue in the format `name`, with what is to be corrected in it before all else.

    Plain text is the publisher's own, which the reader reads back. Raises FormatError where this machine cannot make it.
    """
    make = FORMATS[name].make
    return make(article(issue, corrections)) if make else plain.written(issue, corrections)
