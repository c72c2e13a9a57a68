"""A record as linked data (JSON-LD): the address of it, and the block in its page. Apps say what it holds (`linked` modules).

The block is what search engines and reference managers read; browsers never run it, and the site's policy for scripts does not
touch it, as it is data by its type (HTML, 4.12.1: data block). The address gives the same to programs.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import override
from django.views import View
from django.views.generic.detail import SingleObjectMixin

from tanxun.replicas import may_read_replica

from .access import may_read
from .answers import refused, sign_in_first

TYPE = "application/ld+json"
ESCAPES = {ord("<"): "\\u003C", ord(">"): "\\u003E", ord("&"): "\\u0026", 0x2028: "\\u2028", 0x2029: "\\u2029"}
Description = dict[str, Any]


class NotSaidError(Exception):
    """The record does not hold what such a document must say. Its text says what."""


class LinkedData(SingleObjectMixin, View):
    """One record as JSON-LD to whoever may read its page; 409 with the reason where it lacks what the document must say."""

    http_method_names = ("get", "head")
    describe: Callable[[Any], Description]

    @classmethod
    def as_view(cls, **initkwargs: Any) -> Any:
        """Without the sign-in wall: programs are answered 401."""
        view: Any = may_read_replica(super().as_view(**initkwargs))
        view.login_required = False
        return view

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        if not may_read(request):
            return sign_in_first()
        try:
            told = description(self.describe, self.get_object())
        except NotSaidError as error:
            return refused(409, str(error))
        return HttpResponse(json.dumps(told, ensure_ascii=False, indent=1), content_type=TYPE)


def description(describe: Callable[[Any], Description], record: Any) -> Description:
    """In LANGUAGE_CODE, as files: the same to whoever asks."""
    with override(settings.LANGUAGE_CODE):
        return describe(record)


def data_block(told: Description) -> SafeString:
    """The block for a page: no text of a record can end it."""
    text = SafeString(json.dumps(told, ensure_ascii=False).translate(ESCAPES))
    return format_html('<script type="{}">{}</script>', TYPE, text)


def said(**values: Any) -> Description:
    """Only what is known: empty values are left out. A name in Python's way, with `at_` for `@`."""
    known = {name: value for name, value in values.items() if value not in (None, "", [], {}, ())}
    return {f"@{name.removeprefix('at_')}" if name.startswith("at_") else name: value for name, value in known.items()}


def number(value: Decimal | None) -> float | int | str | None:
    """A number where JSON readers keep all its digits, else its text."""
    if value is None:
        return None
    near = int(value) if value == value.to_integral_value() and abs(value) < 2**53 else float(value)
    return near if Decimal(str(near)) == value else format(value, "f")
