"""Products that a statement is about. Called by `statements`."""

from __future__ import annotations

import re

from tanxun.digest.reader.cleaning import Passage
from tanxun.digest.reader.evidence import GOT
from tanxun.digest.reader.reading import Read
from tanxun.digest.reader.vocabulary import Vocabulary, key

_LEAD = re.compile(
    r"(?:(?:国内|国际|全国|全球|世界|我国|业内|行业|省内|全省|全市)?(?:首|第一)[张份批枚个例](?=[\u4e00-\u9fffA-Za-z“])"
    r"|之|的|其|旗下|下属|自主|研发|生产|制造|设计|开发|推出|打造|经营|自产|自有|品牌|主要|主营|核心|明星|拳头"
    r"|代表性?|系列|产品(?:名称|型号)?(?:分别|依次)?[为是:]?(?=[\u4e00-\u9fffA-Za-z“])|相关|多款|凭借|以|新一代|该|公司|全资|旗舰|所产|所|申报"
    r"|出口|和|与|及|、|,|[ ]|(?:首|第)?[一二两三四五六七八九十多\d]+(?:款|种|类|项|个|大|型)|共|等)+"
)
_TAIL = re.compile(
    r"(?:(?:等)?(?:[一二两三四五六七八九十多\d]+(?:余)?)?(?:款|种|类|项|个|大|型号|型)?(?:主要|主力|核心|重点"
    r"|典型|系列)?产品|等|均|分别|成功|顺利|正式|率先|再次|首次|一举|双双|全部|已|先后|于近日|近日|日前|在内"
    r"|近期|又|也|同时|共同|喜|也已|还|,|、|[ ]|(?:等)?[一二两三四五六七八九十多\d]+(?:款|种|类|项|个|型号)|并"
    r"|荣|的|(?:于|在)?(?:\d{4}年)?\d{1,2}月(?:\d{1,2}[日号])?|[于在]\d{4}年"
    r"|(?:于|在)?(?:二[〇零]|一九)[〇零一二三四五六七八九]{2}年(?:[一二三四五六七八九十]{1,2}月)?(?:[一二三四五六七八九十]{1,3}[日号])?)+$"
)
_NOT_PRODUCT = re.compile(
    r"完成|通过|开展|积极|助力|作为|凭借|坚持|在|经过|历时|持续|推动|根据|依据|按照|支持|辅导|公司|企业|集团"
    r"|单位|工厂|基地|园区|厂区|总部|大厦|核查|盘查|认证|声明|顺利|年度|组织|实现|获|位于|。|:|首家|专家|审核|机构"
    r"|手中|榜上有名|历时|用.{0,4}时间|抵消|排放|对外|证书|凭证|成为|共有|其中|目前|召开|举办|举行|介绍|宣布|发布|表示|成立"
)
# Where the words behind a company's name stop being its product.
_PREDICATE = re.compile(
    r"近日|日前|近期|本周|于(?=\d|近|本|今)|在(?!线)|经(?!济|编|典)|由(?!器)|获|取得|拿|收到|收获|通过(?!式)|完成|顺利|成功|正式|均(?=获|通|取|已|由|顺|成|在|为|达|被|完|凭|收|拿|按)|双双|分别|先后|相继|实现|达成|一并"
    r"|已|亦|再度|再次|再添|喜|荣|一次|一举|首次|首批|凭借|凭(?!证)|送[达到抵]|被(?=评|认|列|授|纳|正|确)|全部|率先|同时|也|入选|入列|列入|上榜|成为|符合|满足|遵循|依据|按照|覆盖"
    r"|达到|进行|开展|出具|颁发|签发|贴上|带上|新增|迎来|顺利|斩|摘|捧|领|揽|有了|拥有|手握|持有|过了|位列|在列|入围|榜上|(?=[,。;:])"
)
_SAYS = re.compile(r"(?:对外|正式|近日|日前|于?\d{1,2}月\d{1,2}日)*(?:宣布|公布|披露|表示|透露|介绍|称)(?:称|说)?[,:]?")
_BELONGS = re.compile(r"(?:的|旗下)[^,。;]{2,30}$")
_RELATIVE = re.compile(r"[^,。;]{0,24}(?:生产|制造|研发|推出|打造|出品|开发|设计|供应|自产|出口|销售)的")
_BY_MEANS = re.compile(r"(?:分别|均|各)?(?:凭借?|以)(?=[^,。;]{2,40}(?:获|取得|拿|通过|入选))")
_SPLIT = re.compile(r"、|以及|(?<!中)和(?!谐)|及(?!其)|与|;|/(?=[\u4e00-\u9fff])")
_IS = r"(?:为|是|系(?!列|统)|即|有|分别|依次|包括|包含|涵盖|涉及|主要|:)"
_LATER = re.compile(
    rf"(?:(?:获证|获评|获颁|获奖|认证|核查|核算|涉及|覆盖|评价|申报|参评|入选|对应|送检|持证)(?:的|对象)?(?:产品|型号|品种|单品|范围产品)?(?:系列)?"
    rf"(?:分别|依次)?{_IS}+|(?<=[,。;者的])产品(?:型号|名称)?(?:分别|依次)?{_IS}+"
    rf"|(?:涉及|涵盖|覆盖|包括)(?:的)?(?:产品)?{_IS}*(?!.{{0,6}}(?:类别|范围|排放|阶段|边界|环节|家)))"
    r"[ ]?(?:其|了)?(?P<list>[^。;,\n]{2,80})"
)
_GENERIC = re.compile(
    r"(?:其|由|该|一款|多款|相关|首个|首张|首份|全球|国内|权威|国际|产品|系列|年度|企业|组织|国家级?|省级|绿色"
    r"|低碳|\d+张|[一二两三四五六七八九十]张|首批|张|份|项|个|\d{4}年?|双|[一二两三四五六七八九十\d]+份|自主|第三方|认证机构|机构|核查|零碳"
    r"|碳)+"
)
_ITS = re.compile(
    r"(?:对|为|就|给|将|围绕|针对|向)(?:其|该公司|该企业|公司|企业)(?:的|旗下|生产的|自主研发的|申报的|送检的|\d+款|[一两三四五六七八九十]款)*"
    r"(?P<list>[^,。;:]{2,40}?)(?=的?(?:产品)?(?:碳足迹|全生命周期)|(?:完成|进行|开展|实施|颁发|出具|签发|核发|作出|做出|给出))"
)
_OWN = re.compile(r"(?:旗下|其|生产的|自主研发的|自产)(?P<list>[^,。;:的]{2,30}?)的?(?:产品)?(?:碳足迹|全生命周期)")
_CLAIMED = r"(?:产品)?(?:环境产品声明|EPD|碳足迹|Ⅲ型|III型|碳标签|碳标识)"
_RELEASED = re.compile(rf"(?:发布|公布|披露|亮出|晒出|编制)了?(?P<list>[^,。;:]{{2,60}}?)的?{_CLAIMED}")
_MADE_FOR = re.compile(rf"为(?P<list>[^,。;:]{{2,60}}?)(?:编制|出具|颁发|签发|核算|核查)的?{_CLAIMED}")
_BEFORE_FIRM = re.compile(
    r"(?:^|[,。;])(?P<list>(?!近日|日前)[^,。;:]{2,60}),?(?:为|让|使|助)[^,。;]{4,40}?公司(?:换|赢|带|拿|捧|争|摘|添|斩|获|收)"
)
_MODELS_OF = re.compile(
    r"(?<=[A-Za-z0-9)])(?:等)?(?:[两二三四五六七八九十]|\d{1,2})(?:款|种|个(?:规格|型号|系列))的?[\u4e00-\u9fff]{2,16}$"
)
_ISSUED = re.compile(r"颁|出具|签发|授予|核发|发放|签署")
_BRACKETS = re.compile(r"\((?P<list>(?!以下|下称|简称|股票|证券|代码|英文|原名|曾用名)[^()\d]{2,30})\)")
_PROCESS = re.compile(r"环节|阶段|流程|过程|领域")
_OBJECT_START = re.compile(rf"(?:{GOT})(?:了|到)?(?:的)?|的|(?:其[一二三]|[一另]一?[张份个])(?:为|是)")


def in_subject(words: Passage) -> tuple[Read[str], ...]:
    """Products between the company's name and what is said of it (旗下一款路由器产品, 甲、乙两款产品)."""
    words = words.strip(" ")
    says = words.match(_SAYS)
    words = words.part(says.end(), words.end) if says else words
    means = words.match(_BY_MEANS)
    words = words.part(means.end(), words.end) if means else words
    stop = words.search(_PREDICATE)
    if stop is None and not words.match(_BELONGS):
        return ()
    named = words.part(words.start, stop.start()) if stop else words
    made = named.match(_RELATIVE)
    return _listed(named.part(made.end(), named.end) if made else named)


def in_brackets(words: Passage, name: str) -> tuple[Read[str], ...]:
    """A product in brackets behind the company's name (甲公司(燕麦片)), if it is no short name of it."""
    found = words.match(_BRACKETS)
    listed = _listed(words.group(found, "list")) if found else ()
    return tuple(one for one in listed if not all(char in name for char in one.value))


def in_object(thing: Passage, vocabulary: Vocabulary) -> tuple[Read[str], ...]:
    """A product before the type's words (颁发的锂电池产品碳足迹证书)."""
    cue = thing.search(vocabulary.type_pattern)
    if not cue:
        return ()
    starts = [end.end() for end in thing.part(thing.start, cue.start()).finditer(_OBJECT_START)]
    parts = [thing.part(start, cue.start()) for start in reversed(starts)]
    found = next((found for part in parts if not part.search(_ISSUED) and (found := _listed(part))), ())
    return tuple(one for one in found if key(one.value) not in vocabulary.body_names)


def told(passage: Passage) -> tuple[Read[str], ...]:
    """Products that a passage names elsewhere: 获证产品包括…, 对其…完成核查, 涉及该公司一款…."""
    for pattern in (_LATER, _ITS, _OWN, _RELEASED, _MADE_FOR, _BEFORE_FIRM):
        for found in passage.finditer(pattern):
            listed = _listed(passage.group(found, "list"))
            if listed and not _PROCESS.search(found["list"]):
                return listed
    return ()


def _listed(words: Passage) -> tuple[Read[str], ...]:
    """The members of a list. Models before the noun that they share (A1、A2两款变压器) are named by themselves."""
    found = []
    bare = _bare(words)
    noun = bare.search(_MODELS_OF)
    for part in (bare.part(bare.start, noun.start()) if noun else bare).split(_SPLIT):
        name = _without_type(_bare(part)).strip("“”\"' ")
        if 2 <= len(name.words) <= 30 and not _NOT_PRODUCT.search(name.words) and not _GENERIC.fullmatch(name.words):
            found.append(name.read(str(name)))
    return tuple(found)


def _without_type(words: Passage) -> Passage:
    """油浸式变压器EPD is an EPD of the transformer."""
    return words.part(words.start, words.end - 3).strip() if words.words.endswith("EPD") else words


def _bare(words: Passage) -> Passage:
    """Without what leads in and the counting words at the end."""
    words = words.strip(" ,、")
    lead = words.match(_LEAD)
    if lead and lead.end() < words.end:
        words = words.part(lead.end(), words.end)
    tail = words.search(_TAIL)
    return words.part(words.start, tail.start()) if tail else words
