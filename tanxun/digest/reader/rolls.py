"""Companies listed one to a line (or clause) below the sentence that says what they all hold. Called by `frames`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from tanxun.digest.reader import companies
from tanxun.digest.reader.cleaning import Passage
from tanxun.digest.reader.evidence import Evidence
from tanxun.digest.reader.parties import Mention

_MARK = re.compile(rf"(?:{companies.LIST_MARK}|[^\w\s“”《》]|[ ①-⓿❶-➓㈠-㊰]|其中|分别[是为])*")
_BETWEEN = re.compile(r"(?:\([^()]{1,40}\)|[、,和与及/ ])+")
# Nothing is told of the company but its product: what says more than that is a sentence of its own.
_ENDS = re.compile(
    r"(?:\([^()]{1,40}\))?[ ]*(?:$|[:;。、|/\- ]|,?[^,。;:]{0,8}产品(?:名称|型号)?(?:分别|依次)?[为是系:]"
    r"|的[^,。;:]{2,20}[;。]?$)"
)
_LABELLED = re.compile(r"[^,。;:]{2,10}:")
_LISTS = re.compile(r"名单|如下|以下|下列|、$")
_OTHER_PART = re.compile(
    r"(?:客户|伙伴|供应商|用户|咨询|服务|支持|主办|承办|协办|签约)[^,。;]{0,6}$|(?:参[加会展与观]|出席)[^,。;]*$"
)


@dataclass(frozen=True)
class Sentence:
    """A sentence with the companies it names and the evidence that it says is held."""

    passage: Passage
    named: Sequence[Mention]
    got: Sequence[Evidence]

    @property
    def holders(self) -> tuple[Mention, ...]:
        return tuple(one for one in self.named if one.is_candidate)

    @property
    def is_entry(self) -> bool:
        """Whether it names companies and says no more of them."""
        if self.got or not self.named or len(self.holders) < len(self.named):
            return False
        first, last = self.named[0].words, self.named[-1].words
        gaps = (self.passage.part(one.words.end, other.words.start) for one, other in pairwise(self.named))
        return (
            _MARK.fullmatch(self.passage.folded, self.passage.start, first.start) is not None
            and all(_BETWEEN.fullmatch(gap.words) for gap in gaps)
            and _ENDS.match(self.passage.folded, last.end, self.passage.end) is not None
        )

    @property
    def is_detail(self) -> bool:
        """产品：光伏组件 below the company's line."""
        return not (self.got or self.named) and self.passage.match(_LABELLED) is not None


def below(told: Sequence[Sentence], at: int, is_first: bool) -> Sequence[Sentence]:
    """The entries of the list that the sentence at that place leads on to, with their details; none where it is no lead.

    Before anything is told (`is_first`) evidence of nobody named is the listed companies'; later only a lead that
    says 名单 or 如下 is one.
    """
    lead = told[at]
    words = lead.passage.words.rstrip(":")
    is_lead = lead.got and (_LISTS.search(words) or (is_first and not lead.holders)) and not _OTHER_PART.search(words)
    end = at + 1
    if is_lead and end < len(told) and told[end].is_entry:
        while end < len(told) and (told[end].is_entry or told[end].is_detail):
            end += 1
    return told[at + 1 : end]
