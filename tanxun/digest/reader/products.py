"""Products that a statement is about. Called by `statements`."""

from __future__ import annotations

import re

from tanxun.digest.reader.cleaning import Passage
from tanxun.digest.reader.reading import Read
from tanxun.digest.reader.vocabulary import Vocabulary

_LEAD = re.compile(
    r"(?:的|其|旗下|下属|自主|研发|生产|制造|设计|开发|推出|打造|经营|自产|自有|品牌|主要|主营|核心|明星|拳头"
    r"|代表性?|系列|产品(?=[\u4e00-\u9fffA-Za-z“])|相关|多款|凭借|以|新一代|该|公司|全资|旗舰|所产|所|申报"
    r"|出口|和|与|及|、|,|[ ]|(?:首|第)?[一二两三四五六七八九十多\d]+(?:款|种|类|项|个|大|型)|共|等)+"
)
_TAIL = re.compile(
    r"(?:(?:等)?(?:[一二两三四五六七八九十多\d]+(?:余)?)?(?:款|种|类|项|个|大|型号|型)?(?:主要|主力|核心|重点"
    r"|典型|系列)?产品|等|均|分别|成功|顺利|正式|率先|再次|首次|一举|双双|全部|已|先后|于近日|近日|日前|在内"
    r"|近期|又|也|同时|共同|喜|也已|还|,|、|[ ]|(?:等)?[一二两三四五六七八九十多\d]+(?:款|种|类|项|个|型号)|并"
    r"|荣|的|(?:于|在)?(?:\d{4}年)?\d{1,2}月(?:\d{1,2}[日号])?|[于在]\d{4}年)+$"
)
_NOT_PRODUCT = re.compile(
    r"完成|通过|开展|积极|助力|作为|凭借|坚持|在|经过|历时|持续|推动|根据|依据|按照|支持|辅导|公司|企业|集团"
    r"|工厂|基地|园区|厂区|总部|大厦|核查|盘查|认证|声明|顺利|年度|组织|实现|获|位于|。|:|首家|专家|审核|机构"
    r"|成为|共有|其中|目前|召开|举办|举行|介绍|宣布|发布|表示"
)
_ENDS = re.compile(
    r"(?<=产品)(?=在|经|由|顺利|成功|正式|完成|均|于|通过|已|凭借)|(?<=”)(?=在|经|由|顺利|成功|正式|完成|于|通过|已|凭借)"
)
_SPLIT = re.compile(r"、|以及|(?<!中)和(?!谐)|及(?!其)|与|;|/(?=[\u4e00-\u9fff])")
_IS = r"(?:为|是|系(?!列|统)|即|有|分别|包括|包含|涵盖|涉及|主要|:)"
_LATER = re.compile(
    rf"(?:(?:获证|认证|核查|核算|涉及|覆盖|评价|申报|参评)(?:的)?产品(?:系列)?(?:分别)?{_IS}+"
    rf"|(?:涉及|涵盖|覆盖|包括)(?:的)?(?:产品)?{_IS}*(?!.{{0,6}}(?:类别|范围|排放|阶段|边界|环节|家)))"
    r"[ ]?(?:其|了)?(?P<list>[^。;,\n]{2,80})"
)
_GENERIC = re.compile(
    r"(?:其|该|一款|多款|相关|首个|首张|首份|全球|国内|权威|国际|产品|系列|年度|企业|组织|国家级?|省级|绿色"
    r"|低碳|\d+张|[一二两三四五六七八九十]张|首批|张|份|项|个|\d{4}年?|双|自主|第三方|认证机构|机构|核查|零碳"
    r"|碳)+"
)
_BODY_END = re.compile(r"颁发的?|出具的?|签发的?|授予的?|核发的?|颁授的?|发放的?|的(?=[^的]*$)")


def in_subject(words: Passage) -> tuple[Read[str], ...]:
    """Products between the company's name and the verb (旗下一款路由器产品, 甲、乙两款产品)."""
    clause = re.split("[,。;]", words.words.lstrip(", "))
    first = words.part(words.end - len(words.words.lstrip(", ")), words.end)
    first = first.part(first.start, first.start + len(clause[0]))
    stop = first.search(_ENDS)
    first = first.part(first.start, stop.start()) if stop else first
    return _listed(first)


def in_object(thing: Passage, vocabulary: Vocabulary) -> tuple[Read[str], ...]:
    """A product before the type's words (颁发的锂电池产品碳足迹证书)."""
    cue = thing.search(vocabulary.type_pattern)
    if not cue:
        return ()
    start = thing.start
    for end in thing.part(thing.start, cue.start()).finditer(_BODY_END):
        start = end.end()
    if start == thing.start and thing.part(start, cue.start()).search(vocabulary.body_pattern):
        return ()
    return _listed(thing.part(start, cue.start()))


def named_later(scope: Passage) -> tuple[Read[str], ...]:
    """Products named in a sentence of their own (获证产品包括…)."""
    found = scope.search(_LATER)
    return _listed(scope.group(found, "list")) if found else ()


def _listed(words: Passage) -> tuple[Read[str], ...]:
    found = []
    for part in _bare(words).split(_SPLIT):
        name = _bare(part).strip("“”\"' ")
        if 2 <= len(name.words) <= 30 and not _NOT_PRODUCT.search(name.words) and not _GENERIC.fullmatch(name.words):
            found.append(name.read(str(name)))
    return tuple(found)


def _bare(words: Passage) -> Passage:
    """Without what leads in and the counting words at the end."""
    words = words.strip(" ,、")
    lead = words.match(_LEAD)
    if lead and lead.end() < words.end:
        words = words.part(lead.end(), words.end)
    tail = words.search(_TAIL)
    return words.part(words.start, tail.start()) if tail else words
