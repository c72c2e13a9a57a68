"""How a receiver wants to hear of an event, and whether its answer means that it did.

企业微信 and 钉钉 answer 200 to everything; what counts is `errcode` in the body. Their texts are cut at what WeCom takes.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.core.serializers.json import DjangoJSONEncoder
from django.utils.translation import gettext as _

from tanxun.web import Answer

from ..models import Format, Hook
from .telling import Telling

MOST_BYTES = 2_000  # WeCom refuses texts above 2,048
MOST_CHARACTERS = 120  # of one line without its address
MOST_WORDS = 100
SIGNATURE = "X-Tanxun-Signature"


@dataclass(frozen=True)
class Letter:
    """What is sent."""

    url: str
    body: bytes
    headers: dict[str, str] = field(default_factory=lambda: {"Content-Type": "application/json; charset=utf-8"})


def letter(hook: Hook, telling: Telling, delivery: str) -> Letter:
    """`delivery` is the same for every try of one message."""
    if hook.format == Format.WEBHOOK:
        return signed(hook, telling, delivery)
    content = {"msgtype": "text", "text": {"content": text(telling)}}
    return Letter(dingtalk_address(hook) if hook.format == Format.DINGTALK else hook.address, encoded(content))


def signed(hook: Hook, telling: Telling, delivery: str) -> Letter:
    """Signed over the moment and the body, so that an old letter cannot be sent again as a new one."""
    names = ("event", "title", "at", "count", "url", "records", "is_test")
    body = encoded({"delivery": delivery} | {name: getattr(telling, name) for name in names})
    now = str(int(time.time()))
    letter = Letter(hook.address, body)
    letter.headers.update(
        {
            "X-Tanxun-Event": telling.event,
            "X-Tanxun-Delivery": delivery,
            SIGNATURE: f"t={now},v1={signature(hook.secret, now, body)}",
        }
    )
    return letter


def signature(secret: str, moment: str, body: bytes) -> str:
    return hmac.new(secret.encode(), f"{moment}.".encode() + body, hashlib.sha256).hexdigest()


def dingtalk_address(hook: Hook) -> str:
    """With moment and signature, where the robot was given a secret (加签)."""
    if not hook.secret:
        return hook.address
    moment = str(int(time.time() * 1000))
    digest = hmac.new(hook.secret.encode(), f"{moment}\n{hook.secret}".encode(), hashlib.sha256).digest()
    query = urlencode({"timestamp": moment, "sign": base64.b64encode(digest).decode()})
    return f"{hook.address}{'&' if '?' in hook.address else '?'}{query}"


def text(telling: Telling) -> str:
    """【碳讯】 and the title, a line and an address for each, and where the rest is; as many as there is room for."""
    head = f"【{_('Tanxun')}】{telling.title}"
    lines = [f"{shortened(words)}\n{url}" for words, url in telling.named]
    while True:
        rest = telling.count - len(lines)
        more = [_("%(count)s more: %(url)s") % {"count": rest, "url": telling.url}] if rest > 0 else []
        found = "\n".join([head, *lines, *more, *([telling.url] if telling.is_test else [])])
        if not lines or len(found.encode()) <= MOST_BYTES:
            return found.encode()[:MOST_BYTES].decode(errors="ignore")
        lines.pop()


def shortened(words: str) -> str:
    words = " ".join(words.split())
    return words if len(words) <= MOST_CHARACTERS else f"{words[: MOST_CHARACTERS - 1]}…"


def encoded(content: dict[str, Any]) -> bytes:
    return json.dumps(content, cls=DjangoJSONEncoder, ensure_ascii=False).encode("utf-8", "replace")


def fault_of(hook: Hook, answer: Answer) -> str:
    """Why the answer is no yes, in words; "" where it is one."""
    if not 200 <= answer.status < 300:
        return _("The receiver answered %(status)s.") % {"status": answer.status}
    if hook.format == Format.WEBHOOK:
        return ""
    try:
        said = json.loads(answer.body)
        code, words = said["errcode"], str(said.get("errmsg", ""))
    except (ValueError, KeyError, TypeError, AttributeError):
        return _("The receiver gave an answer that no group robot gives: is the address right?")
    return "" if code == 0 else _("The group robot refused it: %(words)s") % {"words": f"{code} {words[:MOST_WORDS]}"}
