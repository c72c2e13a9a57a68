"""The words of our own weekly's layout: titles of sections and labelled lines. Written by `publisher`, known to the reader."""

from __future__ import annotations

from typing import Final

CONTENTS: Final = "本周双碳要闻目录"
PUBLISHED: Final = "发布时间"
MASTHEAD: Final = "碳讯"
SECTION_TITLES: Final = {
    "national": "国家动态",
    "local": "地方动态",
    "industry": "行业动态",
    "other": "国际动态",
}
