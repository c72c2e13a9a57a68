"""Text on its ground keeps the contrast of WCAG 2.2 AA (4.5 : 1), in light and in dark."""

import re

import pytest
from django.conf import settings

pytestmark = pytest.mark.any_engine

CSS = (settings.BASE_DIR / "tanxun/static/tanxun/site.css").read_text(encoding="utf-8")
TOKENS = {name: pair for name, *pair in re.findall(r"--([\w-]+): light-dark\((#\w{6}), (#\w{6})\)", CSS)}
GROUNDS = {
    "text": "page surface raised accent-soft warn-soft danger-soft info-soft mark",
    "muted": "page surface raised",
    "accent": "page surface",
    "accent-strong": "page surface raised accent-soft",
    "on-accent": "accent accent-strong",
    "warn": "page surface warn-soft",
    "danger": "page surface danger-soft",
}


def luminance(colour):
    """Relative luminance of #rrggbb (WCAG 2.2, definition)."""
    shares = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    linear = [share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares]
    return sum(weight * share for weight, share in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one, other):
    darker, lighter = sorted(map(luminance, (one, other)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize(("text", "ground"), [(text, ground) for text, grounds in GROUNDS.items() for ground in grounds.split()])
@pytest.mark.parametrize("mode", [0, 1], ids=["light", "dark"])
def test_text_is_readable(text, ground, mode):
    assert contrast(TOKENS[text][mode], TOKENS[ground][mode]) >= 4.5


def test_black_on_white_is_the_greatest_contrast():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
