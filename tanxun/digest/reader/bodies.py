"""Verification bodies: which one the words name, and words that hide it. Called by `statements`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from tanxun.digest.reader.cleaning import Passage
from tanxun.digest.reader.reading import Read, Span
from tanxun.digest.reader.vocabulary import Vocabulary, key

HIDDEN = re.compile(
    r"(?:一|某|两|多)家(?:国际|国内|知名|专业|独立|权威|第三方|头部|的)*(?:检测|检验|认证|核查|鉴证|验证|评价)*机构|"
    r"(?:国际|国内|国家|全球|知名|专业|独立|权威|第三方|认可|的|、)*(?:权威|第三方|专业|知名|独立)(?:的|第三方"
    r"|国际|专业|认可|性)*(?:(?:检测|检验|认证|核查|鉴证|验证|评价|认可|机构|、|与|和|检验检测)*机构)"
)
_GENERIC = re.compile(
    r"国际|国内|全球|世界|知名|著名|领先|权威|专业|独立|第三方|认可|认证|核查|检验|检测|验证|鉴证|审定|机构"
    r"|公司|集团|大中华区|中国区|中国|大中华|有限|股份|责任|服务|技术|标准|总部|专家|团队|代表|高级|的|由|经"
    r"|与|和|及|联合|、|旗下|组织|测试|,|方|上海|北京|广州|深圳|质量|分公司|中心|评价"
)
# What calls a branch beside its place.
_BRANCH = re.compile(
    r"分中心|分支机构|分公司|分院|分部|办事处|代表处"
    r"|[华东西][东南西北中](?:区域|大区|地区|区)?|东北|亚太(?:区|地区)?|市|省"
)
_LEGAL_BODY = re.compile(
    r"[\u4e00-\u9fffA-Za-z0-9()·]{2,30}(?:认证(?:服务|技术"
    r"|检测)?(?:集团)?(?:\([\u4e00-\u9fff]{2,6}\))?(?:股份)?有限(?:责任)?公司|认证中心|检测认证集团"
    r"|检验认证集团|检验认证|认证集团|船级社|质检院|质量检验研究院|计量院|计量研究院|交易所|标准化研究院"
    r"|检测(?:技术)?(?:股份)?有限公司|核查中心|环境能源交易所|认证公司|检验集团|认证院|研究院|实验室|认证)"
)

_CERTIFIES = re.compile(
    r"(?:认证|检测认证|检验认证|质量认证|检验检测|鉴证|核查技术|标准技术服务)(?:服务|技术|中心|集团|\([\u4e00-\u9fff]+\))*(?:股份)?有限(?:责任)?公司$"
    r"|(?:认证|检验|检测|质检|鉴定)(?:中心|集团|研究院)$|船级社$"
)
_ISSUES = (
    r"(?:颁发|出具|签发|授予|核发|颁授|发放|颁布|颁|核查|审核|认证|核证|评审|验证|评价|审定|鉴证|评估"
    r"|完成|给出|开具|开出|实施|承担)"
)
_ACTS_AFTER = re.compile(
    rf"[^,。;:、]{{0,14}}?{_ISSUES}|[,、]?[^,。;:]{{0,24}}?(?:颁发|出具|签发|授予|核发|发放)|(?:的|为|向|给|对|将|把)|[^,。;]{{0,8}}之手"
)
_ACTS_BEFORE = re.compile(
    r"(?:由|经|经过|通过|获得?|取得|接受|委托|收到|来自|获颁|机构(?:均|都)?(?:为|是|:)|方(?:为|是|:)|自)[^,。;]{0,6}$"
)
_TAIL = re.compile(
    r"(?:\([^()]{2,12}\))?(?:(?:(?![向为给对由颁的与和及在经将把获出签授])[\u4e00-\u9fff]){0,8}?(?:有限责任公司|有限公司|集团|(?<!认证)中心|研究院|公司)(?:\([^()]{2,12}\))?)?"
)
_MAY_STAND_BEFORE = "由经获得的从受请托与和及或为是对向团构家司过自和让找"
_NAME = r"(?P<name>(?:(?![获的款由经某]|[一两多]家|产品|权威|第三方|取得|完成|通过)[^,。;:、\n]){2,40}?"
_CALLED = (
    re.compile(
        rf"(?:由|经|经过|获得?|取得|收到|委托|邀请|通过|来自|携手|[,。;]|与|和|、){_NAME}(?:认证|检验|检测|质检|核查|鉴证|核证)"
        r"(?:有限公司|公司|集团|中心|院|研究院|机构|技术|服务|股份|[()\u4e00-\u9fff]{0,6}(?:公司|集团|中心|院))*)"
        r"(?=的?(?:正式|联合|共同|现场|独立)*(?:审核|核查|向|为|给|对|将|把|颁发|出具|签发|授予|核发|发放))"
    ),
    re.compile(rf"(?:机构|发证方|核查方|认证方|出具方)(?:均|都)?(?:为|是|:){_NAME})(?=[,。;]|$)"),
    re.compile(rf"(?:由|经|经过|获得?|取得|收到|通过|来自){_NAME})(?:正式|联合|共同|现场|独立)*{_ISSUES}"),
)
# Who hands out the paper is its body under whatever name: 获得某公司颁发的, 某公司向…颁发.
_HANDS_OUT = r"(?:颁发|出具|签发|授予|核发|颁授|开具)(?!的?[^,。;]{0,20}(?:报告|发票))"
_GIVEN_BY = re.compile(
    r"(?:由|获颁|获得?|取得|收到|拿到)了?(?P<name>(?:(?![获的由经]|[一两多某]家|取得|完成|通过)[^,。;:、\n]){2,40}?)"
    rf"(?:正式|联合|共同|现场)*{_HANDS_OUT}"
)
_GIVES_TO = re.compile(rf"(?:近日|日前|正式|现场)*(?:向|为|给)[^,。;]{{2,80}}?{_HANDS_OUT}")
_NAMED = re.compile(
    r"[A-Z][A-Za-z0-9.&\- ]{1,40}"
    r"|[\u4e00-\u9fffA-Za-z0-9()·]{3,40}?(?:有限(?:责任)?公司|集团|研究[所院]|中心|协会|学会|联盟|实验室|[^构]院|署)"
    r"(?:\([^()]{2,20}\))?"
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
    left = re.sub(r"[\W_]", "", _GENERIC.sub("", _BRANCH.sub("", left)))
    left = "" if vocabulary.places.lookup(left) else left
    latin = any(one.words.isascii() for one in found)
    left = vocabulary.abroad_pattern.sub("", left) if latin or len(found) > 1 else left
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


def looks_like_body(name: Passage, vocabulary: Vocabulary) -> bool:
    """A body of the vocabulary, or a company whose name says that it certifies."""
    if key(str(name)) in vocabulary.body_names or _CERTIFIES.search(name.words):
        return True
    known = body(name, vocabulary) if name.match(vocabulary.body_pattern) else None
    return known is not None and known.confidence == "stated"


def issuers(passage: Passage, firms: Sequence[Passage], vocabulary: Vocabulary) -> list[Read[str]]:
    """The bodies that the passage names as giving or checking, in order; without such words all that it names.

    `firms` are names of companies, in which a body's short form means nothing (莱茵 in 莱茵生物).
    """
    acting: dict[str, Read[str]] = {}
    others: dict[str, Read[str]] = {}
    for words in _mentions(passage, firms, vocabulary):
        read = body(words, vocabulary)
        if read:
            acts = _ACTS_AFTER.match(passage.folded, words.end, passage.end)
            acts = acts or _ACTS_BEFORE.search(passage.folded[max(passage.start, words.start - 12) : words.start])
            (acting if acts else others).setdefault(read.value, read)
    for read in _unknown(passage, firms, vocabulary):
        if not any(_overlap(read.spans[0], one.spans[0]) for one in (*acting.values(), *others.values())):
            acting.setdefault(read.value, read)
    return sorted(acting.values(), key=lambda one: one.spans[0].start) or list(others.values())


def _overlap(one: Span, other: Span) -> bool:
    return one.start < other.end and other.start < one.end


def _unknown(passage: Passage, firms: Sequence[Passage], vocabulary: Vocabulary) -> Iterator[Read[str]]:
    """Who hands out the paper and is in no vocabulary, as printed."""
    named = [passage.group(found, "name") for found in passage.finditer(_GIVEN_BY)]
    named += [firm for firm in firms if _GIVES_TO.match(passage.folded, firm.end, passage.end)]
    for words in named:
        is_known = words.search(vocabulary.body_pattern) or words.search(HIDDEN)
        if not is_known and _NAMED.fullmatch(words.words) and _GENERIC.sub("", words.words):
            yield words.read(str(words), "uncertain", "机构不在机构表中，按原文填写")


def joint(found: Sequence[Read[str]], passage: Passage) -> bool:
    """Whether the bodies give one paper together (甲与乙联合颁发)."""
    if not all(one.spans for one in found):
        return False
    between = passage.folded[found[0].spans[0].end : found[-1].spans[-1].end + 8]
    return re.search(r"联合|共同|携手|联名", between) is not None


def _mentions(passage: Passage, firms: Sequence[Passage], vocabulary: Vocabulary) -> Iterator[Passage]:
    """Names of known bodies with what belongs to them, and phrases that plainly name an unknown one, in order."""
    known = [one for found in passage.finditer(vocabulary.body_pattern) if (one := _whole(passage.group(found), passage))]
    named = [passage.group(found, "name") for pattern in _CALLED for found in passage.finditer(pattern)]
    unknown = [one for one in named if not any(one.start < other.end and other.start < one.end for other in known)]
    free = (one for one in (*known, *unknown) if not any(firm.start <= one.start < firm.end for firm in firms))
    yield from sorted(free, key=lambda one: one.start)


def _whole(words: Passage, passage: Passage) -> Passage | None:
    """A known name with the legal form behind it; None where a short name is only the end of another word."""
    before = passage.folded[max(passage.start, words.start - 1) : words.start]
    is_short = len(words.words) <= 3 and not words.words.isascii()
    if is_short and "\u4e00" <= before <= "\u9fff" and before not in _MAY_STAND_BEFORE:
        return None
    tail = _TAIL.match(passage.folded, words.end, passage.end)
    return passage.part(words.start, tail.end() if tail else words.end)
