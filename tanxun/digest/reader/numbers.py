"""Numbers as Chinese text prints them. Called by the readers of targets, incentives, counts and values."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

_DIGITS = {char: value for value, char in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_PLACES = {"十": 10, "百": 100, "千": 1000}

CHINESE = r"[零〇一二两三四五六七八九十百千]{1,7}"
ARABIC = r"(?<![\d.])\d{1,3}(?:,\d{3})+(?:\.\d{1,6})?(?!\d)|(?<![\d.])\d{1,12}(?:\.\d{1,6})?(?![\d])"


def number(words: str) -> Decimal | None:
    """`1,200`, `4.5`, `二十三` as a number; None where the words are none."""
    try:
        return Decimal(words.replace(",", ""))
    except InvalidOperation:
        return _chinese(words)


def _chinese(words: str) -> Decimal | None:
    total, digit = 0, None
    for char in words:
        if char in _DIGITS:
            digit = _DIGITS[char]
        elif char in _PLACES:
            total += (1 if digit is None else digit) * _PLACES[char]
            digit = None
        else:
            return None
    return Decimal(total + (digit or 0)) if words else None
