"""An issue as HTML: a page by itself, and what WeChat's editor takes. Styles stand in the elements, nothing is fetched."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import css_inline
import nh3
from django.template.loader import render_to_string

from .article import Article, without_links

CSS = Path(__file__).parent / "issue.css"
TAGS = {"section", "h1", "h2", "h3", "p"}


@cache
def styles() -> str:
    return CSS.read_text(encoding="utf-8")


def drawn(article: Article) -> str:
    """The page without its styles."""
    return render_to_string("digest/issue_file.html", {"article": article})


def page(article: Article) -> bytes:
    """A page that can be kept, mailed or put on any server."""
    return css_inline.inline(drawn(article), extra_css=styles(), load_remote_stylesheets=False).encode()


def wechat(article: Article) -> bytes:
    """What is pasted into WeChat's editor: it keeps styles in elements alone and refuses links to other sites, so that outside
    addresses are numbered and stand at the end as text. The last guard lets nothing through but a few elements and their style.
    """
    html = render_to_string("digest/_article.html", {"article": without_links(article)})
    styled = css_inline.inline_fragment(html, styles(), load_remote_stylesheets=False)
    return nh3.clean(styled, tags=TAGS, attributes={"*": {"style"}}, url_schemes=set()).encode()
