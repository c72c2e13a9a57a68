"""RSS 0.9 to 2.0, RDF and Atom → entries. Called by the feeds' intake; knows no database.

A feed is a stranger's file: it is decoded by us, declares no entities, is parsed without a network, and what is not well-formed
is read as far as it goes.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from urllib.parse import urljoin, urlsplit

from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext as _
from lxml import etree

from tanxun.records.days import is_likely

from ..sources import SourceError, decoded, html_text

MOST_BYTES = 2_000_000
MOST_ENTRIES = 2_000
HEADING = 300
FIRST_WORDS = 60
MOST_TEXT = 200_000
XML_NAMES = {"amp", "lt", "gt", "quot", "apos"}
CDATA, CDATA_END = "<![CDATA[", "]]>"
ABOUT = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}about"
NAMED = re.compile(r"&([a-zA-Z][a-zA-Z0-9]{1,31});")
BARE = re.compile(r"&(?!#\d{1,7};|#x[0-9a-fA-F]{1,6};|[a-zA-Z][a-zA-Z0-9]{1,31};)")
DECLARED = re.compile(rb"""^\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
UNREADABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
MARKUP = re.compile(r"<[a-zA-Z/!]")
CHINESE_DAY = re.compile(r"(\d{4})\s*[年/.-]\s*(\d{1,2})\s*[月/.-]\s*(\d{1,2})")
# GB 2312 and GBK are parts of GB 18030, and texts that claim to be the smaller seldom are.
ENCODINGS = {"gb2312": "gb18030", "gbk": "gb18030", "gb18030": "gb18030", "big5": "big5", "utf-8": "utf-8", "utf8": "utf-8"}
DATES = ("pubDate", "published", "date", "issued", "created", "updated", "modified", "lastBuildDate")
TEXTS = ("encoded", "content", "description", "summary")


@dataclass(frozen=True)
class Entry:
    """One entry. `key` is the same whenever and from wherever it is read; `day` is None where none is told."""

    key: str
    heading: str
    text: str
    link: str
    day: dt.date | None

    @property
    def words_key(self) -> str:
        """By what a server cannot make it new that gives each of its entries another link every time; "" for one without a day:
        the same words may be another entry then.
        """
        words = f"{self.day} {self.heading}\n{self.text}"
        return hashlib.sha256(words.encode("utf-8", "replace")).hexdigest() if self.day else ""

    @property
    def keys(self) -> set[str]:
        return {self.key, self.words_key} - {""}


@dataclass(frozen=True)
class Feed:
    title: str
    entries: tuple[Entry, ...]


def parse(data: bytes, base: str = "") -> Feed:
    """Read a feed; `base` completes relative links. Raises SourceError, in words for whoever brought it."""
    if len(data) > MOST_BYTES:
        raise SourceError(_("The feed is larger than %(count)s MB (the limit).") % {"count": MOST_BYTES // 1_000_000})
    root = tree_of(text_of(data))
    name = local(root)
    if name == "html":
        raise SourceError(_("This is a web page, not a feed: look on it for the address of its RSS or Atom."))
    if name not in ("rss", "RDF", "feed"):
        raise SourceError(_("This is no RSS or Atom feed."))
    found = [entry for node in items(root) if (entry := entry_of(node, base))]
    return Feed(heading_of(root), tuple({entry.key: entry for entry in found}.values()))


def text_of(data: bytes) -> str:
    """By the byte order mark, else as it declares if that fits, else as it looks."""
    declared = DECLARED.match(data)
    encoding = ENCODINGS.get(declared[1].decode().lower(), "") if declared else ""
    if encoding and not data.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            pass  # it says one thing and is another
    return decoded(data)


def tree_of(text: str) -> etree._Element:
    """The elements of a text. Raises SourceError for what is no XML at all, and for one that declares entities."""
    text = DECLARATION.sub("", UNREADABLE.sub("", text)).strip("\ufeff \n\r\t")
    if "<!ENTITY" in text:
        raise SourceError(_("This feed declares entities of its own: that is not read, for safety."))
    parser = etree.XMLParser(
        recover=True, resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, encoding="utf-8",
        remove_comments=True, remove_pis=True,
    )  # fmt: skip
    try:
        root = etree.fromstring("".join(mended(text)).encode(), parser)
    except (etree.XMLSyntaxError, ValueError):
        root = None
    if root is None:
        raise SourceError(_("This is no RSS or Atom feed."))
    return root


def mended(text: str) -> Iterator[str]:
    """The text with its names of characters as XML takes them; what stands in CDATA is as it is. Each sign is looked at once."""
    done = 0
    while (start := text.find(CDATA, done)) >= 0:
        end = text.find(CDATA_END, start)
        if end < 0:
            break
        yield plain(text[done:start])
        done = end + len(CDATA_END)
        yield text[start:done]
    yield plain(text[done:])


def plain(text: str) -> str:
    """Names of characters that HTML knows and XML does not, and a bare &, as XML takes them."""
    text = BARE.sub("&amp;", text)
    return NAMED.sub(lambda found: found[0] if found[1] in XML_NAMES else html.escape(html.unescape(found[0])), text)


def local(node: etree._Element) -> str:
    return etree.QName(node).localname if isinstance(node.tag, str) else ""


def items(root: etree._Element) -> Iterator[etree._Element]:
    """In the order of the feed."""
    count = 0
    for node in root.iter("{*}item", "{*}entry"):
        if (count := count + 1) > MOST_ENTRIES:
            return
        yield node


def heading_of(root: etree._Element) -> str:
    """The name of the feed itself."""
    channel = next((node for node in root if local(node) == "channel"), root)
    return words(next((node for node in channel if local(node) == "title"), None))[:HEADING]


def entry_of(node: etree._Element, base: str) -> Entry | None:
    """None where it says nothing."""
    named: dict[str, list[etree._Element]] = {}
    for child in node:
        named.setdefault(local(child), []).append(child)
    texts = [body(child) for name in TEXTS for child in named.get(name, ())]
    text = max(texts, key=len, default="")[:MOST_TEXT]
    heading = words(next(iter(named.get("title", ())), None))[:HEADING] or first_words(text)
    if not heading:
        return None
    guid = next((child.text or "" for name in ("guid", "id") for child in named.get(name, ())), "").strip()
    guid = guid or node.get(ABOUT, "")
    whole = link_of(named, guid, "")  # a file does not know where it came from: what is relative is no part of the key
    return Entry(key_of(guid, whole, heading, text), heading, text, link_of(named, guid, base), day_of(named))


def link_of(named: dict[str, list[etree._Element]], guid: str, base: str) -> str:
    """The page of the entry, if it has one on the web."""
    found = [node.get("href") or node.text or "" for node in named.get("link", ()) if node.get("rel", "alternate") == "alternate"]
    for text in (*found, guid):
        link = urljoin(base, text.strip()) if text.strip() else ""
        try:
            if urlsplit(link).scheme in ("http", "https") and urlsplit(link).hostname and len(link) <= 500:
                return link
        except ValueError:
            continue
    return ""


def key_of(guid: str, link: str, heading: str, text: str) -> str:
    """By its guid where that is one of the world, else by its link, else by its words. http and https are one."""
    if ":" in guid or "/" in guid:
        known = guid
    elif link:
        known = f"{guid} {link}" if guid else link
    else:
        known = f"{guid}\n{heading}\n{text}"
    return hashlib.sha256(re.sub(r"^https?://", "", known).encode()).hexdigest()


def day_of(named: dict[str, list[etree._Element]]) -> dt.date | None:
    """The day in the zone of the site; of several dates the first that can be read and is no program's "none". No day to come."""
    for name in DATES:
        for node in named.get(name, ()):
            if (day := read_day((node.text or "").strip()[:100])) and is_likely(day):
                return min(day, timezone.localdate())
    return None


def read_day(text: str) -> dt.date | None:
    """RFC 822, ISO 8601, or a day as Chinese sites write it."""
    moment = None
    try:
        moment = parse_datetime(text) or parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        moment = None
    try:
        if moment is not None:
            return timezone.localtime(moment).date() if timezone.is_aware(moment) else moment.date()
        if found := CHINESE_DAY.match(text):
            return dt.date(*map(int, found.groups()))
        return parse_date(text)
    except (ValueError, OverflowError):
        return None


def body(node: etree._Element) -> str:
    """The text of an entry: markup in it, as text or as elements (XHTML), becomes lines."""
    inner = "".join([node.text or "", *(etree.tostring(child, encoding="unicode") for child in node)])
    if not MARKUP.search(inner):
        return html.unescape(inner).strip()
    try:
        return html_text(f"<div>{inner}</div>")
    except SourceError:
        return ""


def words(node: etree._Element | None) -> str:
    return " ".join(body(node).split()) if node is not None else ""


def first_words(text: str) -> str:
    """The first clause stands for the heading that an entry lacks."""
    return re.split(r"[。；;！!？?\n]", text.strip(), maxsplit=1)[0][:FIRST_WORDS]
