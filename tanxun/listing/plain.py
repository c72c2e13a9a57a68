"""Text for other programs: feeds and calendars must be read by any parser, whatever a record holds. Called by both."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from django.conf import settings

# What XML 1.0 may not hold, not even escaped; calendars may hold no control character either. Surrogates have no UTF-8.
FORBIDDEN = re.compile("[^\t\n\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
LINE_ENDS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")


def plain_text(text: object) -> str:
    """`text` with line ends as \\n and without the characters that no XML document may hold."""
    return FORBIDDEN.sub("", LINE_ENDS.sub("\n", str(text)))


def one_line(text: object) -> str:
    """The same on one line: for titles."""
    return " ".join(plain_text(text).split())


def host() -> str:
    """The host of SITE_URL: what makes a name of a record unique in the world."""
    return urlsplit(settings.SITE_URL).hostname or "localhost"
