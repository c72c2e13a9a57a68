"""One spelling for matching: width, case, variants and brackets made equal. Every name key and every search goes through here."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

import zhconv
from pypinyin import Style, lazy_pinyin

INVISIBLE = dict.fromkeys([0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF, 0xAD, 0xFE0F])
VARIANTS = str.maketrans("〔〕【】［］「」『』《》〈〉“”‘’—–―‐‑−〜~・•、。", '[][][][][]""""""""------~~··,.')
COMPANY_ENDING = re.compile(r"(股份有限公司|有限责任公司|集团有限公司|有限公司|股份公司|集团公司|集团|公司)$")


def fold(text: str) -> str:
    """`text` with width, case, traditional forms, brackets, quotes and dashes made equal; spaces run together as one."""
    plain = unicodedata.normalize("NFKC", text).translate(INVISIBLE).translate(VARIANTS)
    return re.sub(r"\s+", " ", zhconv.convert(plain, "zh-cn").lower()).strip()


def search_text(*texts: str) -> str:
    """`texts` as search reads them: folded and without blanks (2026 年 and 2026年 meet), one a line."""
    return "\n".join(filter(None, ("".join(fold(text).split()) for text in texts)))


def bare(text: str) -> str:
    """A number or name without blanks and signs: every spelling of TW23/00193GG and of 发改〔2025〕9号 is one."""
    return re.sub(r"[\W_]+", "", fold(text))


def match_key(name: str) -> str:
    """What two spellings of one company name share: folded, without spaces, punctuation and the legal ending.

    海尔智家股份有限公司 and 海尔智家 meet; 炘隆（苏州）科技 and 炘隆(苏州)科技 meet. Empty only where nothing is left.
    """
    key = bare(name)
    return COMPANY_ENDING.sub("", key) or key


def number_key(number: str) -> str:
    """A certificate or document number without spaces, case, width and bracket kind: TW23/00193GG."""
    return re.sub(r"[\s\[\]()]", "", fold(number)).upper()


@lru_cache(maxsize=32_768)
def syllables(name: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(syllables, their first letters) of a name: 海尔智家 → (hai er zhi jia, h e z j). Runs of other letters stay whole."""
    key = bare(name)
    return tuple(lazy_pinyin(key, style=Style.NORMAL)), tuple(lazy_pinyin(key, style=Style.FIRST_LETTER))


def pinyin_keys(name: str) -> tuple[str, str]:
    """(full, initials) in lower-case ASCII: 海尔智家 → ("haierzhijia", "hezj"). Other letters and digits stay."""
    spoken, initials = syllables(name)
    return "".join(spoken), "".join(initials)
