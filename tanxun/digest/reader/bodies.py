"""Verification bodies: which one the words name, and words that hide it. Called by `statements`."""

from __future__ import annotations

import re

from tanxun.digest.reader.cleaning import Passage
from tanxun.digest.reader.reading import Read
from tanxun.digest.reader.vocabulary import Vocabulary, key

HIDDEN = re.compile(
    r"(?:国际|国内|国家|全球|知名|专业|独立|权威|第三方|认可|的|、)*(?:权威|第三方|专业|知名|独立)(?:的|第三方"
    r"|国际|专业|认可|性)*(?:(?:检测|检验|认证|核查|鉴证|验证|评价|认可|机构|、|与|和|检验检测)*机构)"
)
_GENERIC = re.compile(
    r"国际|国内|全球|世界|知名|著名|领先|权威|专业|独立|第三方|认可|认证|核查|检验|检测|验证|鉴证|审定|机构"
    r"|公司|集团|大中华区|中国区|中国|大中华|有限|股份|责任|服务|技术|标准|总部|专家|团队|代表|高级|的|由|经"
    r"|与|和|及|联合|、|旗下|组织|测试|,|方|上海|北京|广州|深圳|质量|分公司|中心|评价"
)
_COUNTRIES = re.compile(r"德国|法国|英国|瑞士|美国|挪威|荷兰|意大利|丹麦|瑞典|日本|奥地利")
_LEGAL_BODY = re.compile(
    r"[\u4e00-\u9fffA-Za-z0-9()·]{2,30}(?:认证(?:服务|技术"
    r"|检测)?(?:集团)?(?:\([\u4e00-\u9fff]{2,6}\))?(?:股份)?有限(?:责任)?公司|认证中心|检测认证集团"
    r"|检验认证集团|检验认证|认证集团|船级社|质检院|质量检验研究院|计量院|计量研究院|交易所|标准化研究院"
    r"|检测(?:技术)?(?:股份)?有限公司|核查中心|环境能源交易所|认证公司|检验集团|认证院|研究院|实验室|认证)"
)


def body(words: Passage, vocabulary: Vocabulary) -> Read[str] | None:
    """The body that the phrase names: canonical where known, as printed where it plainly is a body, else None.

    Two bodies issuing together give the first, the other as a candidate.
    """
    words = words.strip(" ,、的")
    exact = vocabulary.body_names.get(key(str(words)))
    if exact:
        return _read(words, exact)
    found = [words.group(hit) for hit in words.finditer(vocabulary.body_pattern)]
    if found:
        return _known(words, found, vocabulary)
    hidden = words.match(HIDDEN)
    rest = words.part(hidden.end(), words.end).strip(" ,、的:-") if hidden else words
    plain = rest.match(_LEGAL_BODY)
    if plain and _GENERIC.sub("", plain.group()):
        name = rest.group(plain)
        return name.read(str(name), "uncertain", "机构不在机构表中，按原文填写")
    return None


def _known(words: Passage, found: list[Passage], vocabulary: Vocabulary) -> Read[str] | None:
    names = list(dict.fromkeys(vocabulary.body_names[key(str(one))] for one in found))
    left = words.words
    for one in found:
        left = left.replace(one.words, " ")
    left = re.sub(r"[\W_]", "", _GENERIC.sub("", left))
    latin = any(one.words.isascii() for one in found)
    left = _COUNTRIES.sub("", left) if latin or len(found) > 1 else left
    if left and not latin and len(left) > 1 and not words.search(HIDDEN):
        name = words.match(_LEGAL_BODY)
        return words.group(name).read(name.group(), "uncertain", "机构名与机构表不完全相符，按原文填写") if name else None
    if len(names) > 1:
        return Read(names[0], (found[0].span,), "inferred", "联合出具，取先列的一家", tuple(names))
    return _read(found[0], names[0])


def _read(words: Passage, name: str) -> Read[str]:
    return words.read(name, "stated", "" if str(words) == name else f"原文写作“{words}”")


def undisclosed(passage: Passage) -> Read[bool] | None:
    """权威认证机构 and the like, where nothing names the body."""
    found = passage.search(HIDDEN)
    return passage.group(found).read(True, "stated", "原文未点名机构") if found else None
