"""Figures as people read them: thousands apart, large Chinese ones as 万/亿. For pages only; exports keep the exact number."""

from __future__ import annotations

from decimal import Decimal

from django.utils.translation import get_language

MYRIADS: tuple[tuple[int, str], ...] = ((10**8, "亿"), (10**4, "万"))


def figure(value: Decimal | int) -> str:
    """1,234.5: exact, thousands apart, no idle zeros."""
    return f"{Decimal(value).normalize():,f}"


def short_figure(value: Decimal) -> str:
    """In Chinese 30万 or 1.25亿 from ten thousand up, rounded to two places; otherwise, and in English, as `figure`."""
    if (get_language() or "").startswith("zh"):
        for size, word in MYRIADS:
            if abs(value) >= size:
                return f"{figure(round(value / size, 2))}{word}"
    return figure(value)
