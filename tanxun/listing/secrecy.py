"""Keys of secret addresses and of links of mails stand in paths, and paths in logs: they are covered there. Named in
settings.LOGGING.
"""

from __future__ import annotations

import logging
import re

KEY = re.compile(r"(/(?:feeds|accounts/new/[^/\s]+|alerts/(?:confirm|stop))/)[^/\s]+")


class HideKeys(logging.Filter):
    """Lets every line pass, without the keys in it."""

    def filter(self, record: logging.LogRecord) -> bool:
        text = record.getMessage()
        if (covered := KEY.sub(r"\1…", text)) != text:
            record.msg, record.args = covered, ()
        return True
