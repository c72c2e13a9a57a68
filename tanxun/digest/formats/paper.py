"""An issue as PDF, where the extra `pdf` is installed: the page that stands by itself, printed on A4."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from . import web
from .article import Article

MOST = 500  # entries: beyond, laying it out takes minutes


class FormatError(Exception):
    """The issue cannot be made in this format here; the text says what is missing."""


def written(article: Article) -> bytes:
    """Raises FormatError for a very long issue, without the extra, or without the libraries that it needs."""
    if sum(len(part.pieces) for part in article.parts) > MOST:
        raise FormatError(_("A PDF holds at most %(count)s entries: print the page from your browser instead.") % {"count": MOST})
    try:
        from weasyprint import CSS, HTML
    except (ImportError, OSError) as error:
        words = _(
            "PDF needs the extra “pdf” (uv run --extra pdf …) and Pango (Debian: libpango-1.0-0 libpangoft2-1.0-0): %(why)s"
        )
        raise FormatError(words % {"why": str(error).splitlines()[0][:200]}) from error
    return HTML(string=web.drawn(article), url_fetcher=refuse).write_pdf(stylesheets=[CSS(string=web.styles())])


def refuse(url: str, *args: Any, **kwargs: Any) -> Any:
    """Nothing is fetched for a file."""
    raise ValueError(f"not fetched: {url}")
