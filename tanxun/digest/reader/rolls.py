"""Companies listed one to a line (or clause) below the sentence that says what they all hold. Called by `frames`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from tanxun.digest.reader import companies, evidence
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
# Behind the company of an entry: what makes of its words a sentence, or says that it holds nothing.
_SAYS_MORE = re.compile(
    r"已|未(?!来)|待|将|曾|正在|(?:审核|申请|整改|公示)中|提供|负责|出席|参[加与]|退[回出还]|合作|签[约订署]|开展|完成"
)
_APART = re.compile(r"[ ]*[:|/\-(]|[ ]")
_CLAUSES = re.compile(r"[^,。;!?]*(?:[,;][ ]*(?:证书|编号|产品|型号|规格|有效期)[^。!?]*)?[;。]?")
_LABELLED = re.compile(r"[^,。;:]{2,10}:[ ]*[^\s]")
_LABEL = re.compile(r"[^,。;]{2,20}:\s*$")
# A label whose companies hold what was told before it: 获证企业:, 分别是:.
_OF_HOLDERS = re.compile(r"获|得|入选|入围|上榜|通过|持证|分别|依次|包括|[为是]:")
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
            and not self.is_denied
            and _CLAUSES.fullmatch(self.passage.folded, last.end, self.passage.end) is not None
        )

    @property
    def is_denied(self) -> bool:
        """Whether it begins with a company and says what that plans, or why it holds nothing (甲公司:计划明年核查)."""
        if self.got or not self.named or not _MARK.fullmatch(self.passage.folded, self.passage.start, self.named[0].words.start):
            return False
        rest = self.passage.part(self.named[-1].words.end, self.passage.end)
        if rest.match(_APART):
            return rest.search(_SAYS_MORE) is not None or evidence.denies(rest)
        return evidence.denies(rest.part(rest.start, rest.start + len(re.split(r"[,。;]", rest.words)[0])))

    @property
    def is_detail(self) -> bool:
        """产品：光伏组件 below the company's line, or a label of more holders (第二批获证企业：)."""
        return not (self.got or self.named) and (self.passage.match(_LABELLED) is not None or self.is_label_of_holders)

    @property
    def is_label(self) -> bool:
        """A line that only says who stands below it."""
        return not (self.got or self.named) and self.passage.match(_LABEL) is not None

    @property
    def is_label_of_holders(self) -> bool:
        """获证企业: and the like, but not 未获证企业: or 出席企业:."""
        words = self.passage.words.strip()
        is_of_others = _SAYS_MORE.search(words) or _OTHER_PART.search(words.rstrip(":")) or evidence.denies(self.passage)
        return self.is_label and not is_of_others and _OF_HOLDERS.search(words) is not None


def below(told: Sequence[Sentence], at: int, is_first: bool, is_pending: bool) -> Sequence[Sentence]:
    """The entries of the list that the sentence at that place leads on to, with their details; none where it is no lead.

    Before anything is told (`is_first`) evidence of nobody named is the listed companies'; later only a lead that
    says 名单 or 如下 is one. A label leads on where evidence waits for its holders (`is_pending`).
    """
    lead = told[at]
    words = lead.passage.words.rstrip(":")
    is_lead = lead.got and (_LISTS.search(words) or (is_first and not lead.holders)) and not _OTHER_PART.search(words)
    is_lead = is_lead or (is_pending and lead.is_label_of_holders)
    return told[at + 1 : _end(told, at + 1)] if is_lead else ()


def of_others(told: Sequence[Sentence], at: int) -> Sequence[Sentence]:
    """The entries below a label that leads on to no holders: nothing is told of them."""
    is_other = told[at].is_label and not told[at].is_label_of_holders
    return told[at + 1 : _end(told, at + 1)] if is_other else ()


def _end(told: Sequence[Sentence], at: int) -> int:
    """Where the list that begins there ends: at the first line that is neither an entry nor says more of one."""
    end = at
    if end < len(told) and told[end].is_entry:
        while end < len(told) and (told[end].is_entry or told[end].is_denied or told[end].is_detail):
            end += 1
    return end
