"""What looks beside the news and is not: an authority's act behind the word 广告, questions on a policy, labels within it.

`titles` says how an aside begins; here its words, its text and the item above decide. Called by `segments`.
"""

from __future__ import annotations

import re

from tanxun.digest.reader.cleaning import Passage
from tanxun.digest.reader.layout import Line

_REACH = 120
_DAY = r"(?:(?:(?:20\d\d年)?\d{1,2}月\d{1,2}日|近[日期]|日前|本周),?[ ]*)?"
# No company, school or association: what they give out beside the news is their own. Nor does what is done abroad rule here.
_NAME = r"(?:(?!国际|世界|全球|联合国|公司|集团|学[院会]|协会|联盟|大学|研究[院所]|论坛|期刊|杂志)[^\s,。;:《》()a-zA-Z])"
_ACTS = r"印发|发布|出台|公布|公示|公告|颁布|下发|征求|征集|召开|审议|启动|部署|批复|通报|修订|组织申报"
_AUTHORITY = re.compile(
    rf"{_DAY}{_NAME}{{1,24}}?(?:[部委厅局署省市县区州盟]|国务院|政府|[国央]办|办公室|央行|人民银行){_NAME}{{0,14}}?(?:{_ACTS})"
)
_EVIDENCE = re.compile(r"[^,。;《》]{2,24}?(?:获|取得|通过)[^,。;]{0,24}(?:证书|声明|标签|标识|认证)$")
_COMMERCIAL = re.compile(r"[\W_]*(?:商业|推广|广告|软文)")
_MARKED = re.compile(r"[^:|/\]]{1,12}[:|/\]][ ]*")
_OF_RULES = re.compile(rf"(?:{_ACTS}|就|关于)[^,。;《》]{{0,20}}《|答记者问")
_QUESTIONS = re.compile(r"[\W_]*问答[\W_]*")


def tells_news(row: Line, after: Line | None) -> bool:
    """Whether behind its mark (招聘:…) or in the text below the line an authority acts, or a company has got its evidence.
    An advert may say the latter of those that it sells to."""
    lead = _lead(row.bare)
    mark = _MARKED.match(lead)
    if mark is None:
        return False
    words = lead[mark.end() :]
    acts = _AUTHORITY.match(words) or (after is not None and not after.may_head and _AUTHORITY.match(_lead(after.bare)))
    return bool(acts or ("公司" in words and _EVIDENCE.match(words) and not _COMMERCIAL.match(lead)))


def is_of_authority(words: Passage) -> bool:
    """Whether the heading or paragraph is about what an authority does or rules."""
    lead = _lead(words)
    return bool(_OF_RULES.search(lead) or _AUTHORITY.match(lead))


def _lead(words: Passage) -> str:
    return words.part(words.start, min(words.end, words.start + _REACH)).words


def asks(row: Line) -> bool:
    """问答, or a question: what a policy is explained by."""
    return row.bare.words.endswith("?") or _QUESTIONS.fullmatch(row.words.words) is not None


def is_label(row: Line) -> bool:
    """A sentence behind a colon (培训报名:11月20日前登录…) right below another line."""
    return row.ends_sentence and not row.bare.words.endswith("?") and not row.after_blank and row.subject is not None
