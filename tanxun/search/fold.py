"""One spelling for matching: width, case, variants and brackets made equal. Every name key and every search goes through here."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from functools import cache, lru_cache
from operator import add

from zhconv.zhconv import convert, getdict

INVISIBLE = dict.fromkeys([0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF, 0xAD, 0xFE0F])
VARIANTS = INVISIBLE | str.maketrans("〔〕【】［］「」『』《》〈〉“”‘’—–―‐‑−〜~・•、。", '[][][][][]""""""""------~~··,.')
HAN = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]")
RUN = re.compile(f"{HAN.pattern}+|[^{HAN.pattern[1:]}+")
COMPANY_ENDING = re.compile(r"(股份有限公司|有限责任公司|集团有限公司|有限公司|股份公司|集团公司|集团|公司)$")


def fold(text: str) -> str:
    """`text` with width, case, traditional forms, brackets, quotes and dashes made equal; spaces run together as one."""
    if text.isascii():  # many are numbers
        return " ".join(text.lower().split())
    plain = unicodedata.normalize("NFKC", text).translate(VARIANTS)
    return " ".join(simplified(plain).lower().split())


def simplified(text: str) -> str:
    """`text` in the characters and words of the mainland. Most is so already, which is quicker seen than done."""
    letters, pairs = telling()
    if letters.isdisjoint(text) and pairs.isdisjoint(map(add, text, text[1:])):
        return text
    return convert(text, "zh-cn")


@cache
def telling() -> tuple[frozenset[str], frozenset[str]]:
    """Characters that the conversion changes, and the first two of every longer word that it changes without one of them."""
    changed = [word for word, other in getdict("zh-cn").items() if word != other]
    letters = frozenset(word for word in changed if len(word) == 1)
    return letters, frozenset(word[:2] for word in changed if letters.isdisjoint(word))


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


@cache
def speech() -> tuple[Callable[[str], Iterable[str]], Callable[[str], list[str]]]:
    """What cuts a run of characters into words, and what says a word. Loaded with the first name: their dictionaries are a
    fifth of the start of every command.
    """
    from pypinyin import lazy_pinyin
    from pypinyin.seg.mmseg import seg

    return seg.cut, lazy_pinyin


@lru_cache(maxsize=32_768)
def syllables(name: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(syllables, their first letters) of a name: 海尔智家 → (hai er zhi jia, h e z j). Runs of other letters stay whole."""
    spoken: list[str] = []
    initials: list[str] = []
    cut, _say = speech()
    for run in RUN.findall(bare(name)):
        if HAN.match(run):
            said = [syllable for word in cut(run) for syllable in _said(word)]
            spoken += said
            initials += [syllable[0] for syllable in said]
        else:
            spoken.append(run)
            initials.append(run)
    return tuple(spoken), tuple(initials)


@lru_cache(maxsize=65_536)
def _said(word: str) -> tuple[str, ...]:
    """The syllables of one word of the dictionary: names are made of few words, and looking one up is slow."""
    _cut, say = speech()
    return tuple(say(word))


def pinyin_keys(name: str) -> tuple[str, str]:
    """(full, initials) in lower-case ASCII: 海尔智家 → ("haierzhijia", "hezj"). Other letters and digits stay."""
    spoken, initials = syllables(name)
    return "".join(spoken), "".join(initials)
