"""Companies that issue, check or help, and those that only ordered it: none of them holds it. Called by `parties`."""

from __future__ import annotations

import re

from tanxun.digest.reader.cleaning import Passage

_BY_HAND = r"(?:正式|联合|共同|现场|独立|实地|负责|全程|悉心|专业|鼎力|倾力|全力|为期[^,。;]{1,6})*"
_ISSUES = re.compile(
    rf"{_BY_HAND}(?:(?:出具|颁发|签发|核发|开具|颁授)|(?:核查|审核|评价|验证|鉴证|认证|辅导|协助|陪跑|指导)(?!声明|证书|通过|合格|标识|完成))"
)
_ISSUES_TO = re.compile(
    r"(?:[^,。;获由经取]{0,12})(?:为|向|对|给)(?:[^。;获由经取]){2,50}?(?:出具|颁发|签发|核发|颁授)(?!的?[^,。;]{0,20}(?:报告|发票))"
)
_RECEIVES = re.compile(r"向|给|(?<!华)为|授予|对")
_CLIENT = re.compile(r"(?:受|应)[^,。;]{0,12}$")
_ASKED = re.compile(r"(?:的?(?:正式|书面)?)?(?:委托|邀请|聘请|请求)")
_FOR_THEM = re.compile(r"[^。!?\n]*?[为对向给](?:其|该|这家|上述)")
_AT_REQUEST = re.compile(r"(?:受|应)[^。;,]{2,50}(?:委托|邀请|聘请),[^,。;]{0,8}$")
_THANKED = re.compile(r"(?:感谢|鸣谢|致谢|得益于|归功于)[^,。;]{0,12}$")
_NEAR = 120
_CLAUSE_END = re.compile(r"[,。;!?\n]")
_LONGEST_CLAUSE = 3000  # as long as the sentences of `cleaning`: a hundred companies may stand between 为 and 颁发


def gives_or_orders(name: Passage, body: Passage) -> bool:
    """Who issues, checks or is thanked, and who only ordered it, unless the words go on with 为其, 向该公司."""
    before = body.part(max(body.start, name.start - _NEAR), name.start)
    after = body.part(name.end, min(body.end, name.end + _NEAR))
    if before.search(_THANKED) or after.match(_ISSUES_TO):
        return True
    if before.search(_CLIENT) and after.match(_ASKED):
        return _FOR_THEM.match(after.words) is None
    if before.search(_AT_REQUEST):
        return True
    return after.match(_ISSUES) is not None and not _RECEIVES.search(_clause_before(name, body))


def _clause_before(name: Passage, body: Passage) -> str:
    return _CLAUSE_END.split(body.folded[max(body.start, name.start - _LONGEST_CLAUSE) : name.start])[-1]
