"""The companies of an item and the part that each plays: who may hold a statement, who only helps, owns or buys.

A company that has no other part may be a holder. Called by `statements` and `frames`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

from tanxun.digest.reader import companies, consultants, evidence, places
from tanxun.digest.reader.bodies import looks_like_body
from tanxun.digest.reader.cleaning import Passage
from tanxun.digest.reader.givers import gives_or_orders
from tanxun.digest.reader.vocabulary import Vocabulary, any_of, key

LIST = re.compile(r"、|/|和|与|及|,|&")
GROUP = re.compile(
    r"(?:\d+|[一二两三四五六七八九十百]+|多|数|首批|一批)(?:余)?(?:家|个|款)|(?:企业|产品|单位|工厂)们?$(?<![\u4e00-\u9fff]{4}工厂)"
)
# What stands before a heading's colon and names nobody: a group of firms, or the column.
_NO_SHORT_NAME = re.compile(
    rf"^{GROUP.pattern}|(?:企业|产品|单位|获证|广告|推广|观点|点评|评论|解读|干货|科普|问答|培训|招聘|福利|预告|喜报|快讯|重磅|专访|消息|动态)$"
)
# What the company of a heading does beside getting anything, and who else may be the one that gets it.
_DOES_ELSE = re.compile(r"助力|助推|赋能|辅导|帮助|协助|指导|签约|签署|发布|上线|举办|举行|推出|携手|联合")
_OTHER_SUBJECT = re.compile(
    rf"{_DOES_ELSE.pattern}|客户|供应商|经销商|伙伴|用户|学员|平台|系统|(?:\d+|[两三四五六七八九十百多数])余?家"
)
_OWNS = re.compile(
    r"(?:\([^()]{1,24}\))?(?:旗下|下属|所属|全资|控股|参股|直属|的|之|核心|重要|骨干|\d+家|[一二两三四五六七八九十]家)*"
    r"(?:子公司|分公司|成员企业|下属企业|企业|工厂|公司)?(?:的|[:、])?"
)
_ADVISES = re.compile(r"咨询|顾问")
_OWNED = re.compile(r"旗下|下属|所属|全资|控股|参股|直属|子公司|分公司|成员企业")
_OTHER_BEFORE = re.compile(
    r"(?:客户|买家|用户|采购方|采购商|供应给|供货给|配套给|交付|销往|出口至|提供给|合作伙伴|合作方|主办方|承办方|竞争对手"
    r"|供应链企业|下游|上游|落户|入驻|走进|走访|参观|牵手|携手|联手|会同)(?:企业|为|是|有|包括|如|:|、)*$"
)
_OTHER_AFTER = re.compile(
    r"(?:等)?(?:的(?:全资|控股)*(?:子公司|供应商|供应链|客户|采购|订单|生产线|经销商|合作伙伴)|采购|供货|报道|消息)"
)
_SUPPLIED = re.compile(r"(?:供货|供应|配套|出口|销售|交付|批量供)")
_AT = re.compile(r"(?:在|于|走进|来到)$")
_EVENT = re.compile(r"[^,。;]{0,14}?(?:举行|举办|召开|揭牌|开幕|签署|签约|启动)")
_RULE = re.compile(
    r"印发|出台|征求意见|下发|《[^《》\n]{2,60}(?:办法|方案|通知|计划|规划|措施|规定|条例|指南|细则|意见|政策|规范)"
)
_INSTITUTION = re.compile(
    r"(?:协会|学会|联盟|研究院|研究所|智库|大学|学院|学校|中心|交易所|商会|基金会|委员会|论坛|媒体|日报|电视台|新闻|网"
    r"|政府|办公室|部门|法院|厅|局|委|机构|平台|园区|开发区|高新区|峰会|大会|活动|会议|仪式|小组|会|部|院)$"
)
_NO_NAME = re.compile(
    r"公司|企业|某|单位|厂家|机构|产品|项目|证书|声明|标识|标签|核查|核算|认证|盘查|碳足迹|碳中和|碳标|温室气体|记者|标准|规范"
    r"|报告|名单|结果|获证|系列|数据|消息|方案|本次|此次|今年|去年|行业|全国|我国|全球|首个|首家|首批|首张|国内|省内"
    r"|稿|办法|计划|方案|政策|细则|规定|提出|明确|要求|工程|建设|培育|创建|储备|工作|实施|导则|指南|其中|目前|同时|此外|另外|经过|通过|完成|获|取得|负责人|专家|团队|介绍|表示|\d月|年度|绿色工厂|零碳工厂|EPD|原料|生产|制造"
    r"|颁发|授予|签发|核发|颁授|发放|印发|发布|祝贺|近日|日前|^[被由向]|助力|客户|广告|观点|点评|解读|干货|招聘|培训"
)
_POINTS = re.compile(r"(?:[该其本此这各]|[两三四五六七八九十多](?:家|个|款|项|份|张|大|名|种)|上述|前述|以上|公司$|双方|一家|\d)")
_GIVES = re.compile(r"[^,。;]{0,8}?(?:向|为|给|对|授予|颁给|与)(?=[\u4e00-\u9fffA-Za-z0-9()·&\-. ]{4})")
_SUBJECT = re.compile(
    r"(?P<name>[\u4e00-\u9fffA-Za-z0-9()·&\-、 ]{2,60}?)"
    r"(?=近日|日前|近期|本周|昨日|今日|再度|再次|率先|成功|顺利|正式|一次|一举|首次|双双|先后|分别|同时|分获|喜|荣|获|取得|拿|收到|收获"
    r"|通过|完成|入选|跻身|上榜|列入|凭|的(?=[\u4e00-\u9fff])|旗下|自主|生产|研发|为旗下|对旗下|于|在|新增|再添|迎来|捧|摘|斩|领|登|宣布"
    r"|手握|“|\d+款|[一二两三四五六七八九十多]款|系列|达成|实现|拥有|持有|被|已|也|均|全部|成为)"
)
_OPENING = re.compile(r"(?:[在经由按依据根]|近日,?在|凭借|历经|继)[^,。;]{2,60},")
_LEAD = re.compile(
    r"(?:近日|日前|近期|本周|据悉|据了解|获悉|此外|同时|另外|(?:\d{4}年)?\d{1,2}月(?:\d{1,2}日)?(?:上午|下午)?"
    rf"|{companies.LIST_MARK}|喜报[:!]?|祝贺|恭喜|国内|知名|企业|公司|[^\w\s“”‘’'\"《》()\[\]。;!?]|[ ①-⓿❶-➓㈠-㊰])+"
)
_FOREIGN_FORM = re.compile(r" ?(?:株式会社|Inc|Ltd|GmbH|AG|S\.A|Corp|LLC|PLC|N\.V|B\.V)\b", re.IGNORECASE)
_NO_SUBJECT = re.compile(r"对|经|由|在|凡|按|依|据|向|为|给|支持|鼓励|引导|推动|将|把|从|以|于|若|如|随着|通过")
_GIVEN = re.compile(
    r"(?:向|为|给|授予|颁给|颁发给|发给|交到|交给|送达|送到|送抵|花落|归属|落户)(?:了)?"
    r"(?P<name>[\u4e00-\u9fffA-Za-z0-9()·&\-、 ]{2,50}?)(?=颁|签|出具|授|核发|发放|交付|送|递|的|手中|,|。|;|$|旗下|两|三|及)"
)
# An item never names so many companies by short forms; beyond, only legal names are followed.
_MOST_ALIASES = 40
_MOST_HELPERS = 20
_NEAR = 24


@dataclass(frozen=True, eq=False)
class Firm:
    """One company under the fullest name printed; `short` is a short form that the text itself gives in brackets.
    `is_open` where the words leave it open where the name begins."""

    name: Passage
    is_legal: bool
    short: Passage | None = None
    is_open: bool = False

    @cached_property
    def key(self) -> str:
        """What all prints of the name share."""
        return key(str(self.name))


@dataclass(frozen=True)
class Mention:
    """One place where a company is named, by its name or a short form; `is_candidate` where it may hold what is said."""

    words: Passage
    firm: Firm
    is_candidate: bool = True


def names_in_heading(heading: Passage, vocabulary: Vocabulary) -> list[Passage]:
    """The short names before the colon of the heading; a place, a verification body, a group of firms (多家企业) or a column's
    name (观点) there is no company."""
    at = heading.words.find(":")
    if not 0 < at <= 40:
        return []
    names = heading.part(heading.start, heading.start + at).split(LIST)
    return [
        name
        for name in names
        if not (_is_place(name, vocabulary) or key(str(name)) in vocabulary.body_names)
        and not (_NO_SHORT_NAME.search(name.words) or _DOES_ELSE.search(name.words))
    ]


def mentions(heading: Passage, body: Passage, vocabulary: Vocabulary) -> list[Mention]:
    """Every place of the body that names a company in full or by a short form of such a name, in order. The full name may
    stand in the heading alone."""
    whole = [_receiver(name, vocabulary) for name in companies.legal_names(body)]
    headed, printed = names_in_heading(heading, vocabulary), Counter(map(str, whole))
    edged = [companies.true_edge(name, printed, headed, vocabulary) for name in whole]
    named = [name for name, _is_open in edged if not looks_like_body(name, vocabulary)]
    is_open = {key(str(name)) for name, is_open in edged if is_open}
    firms: dict[str, Firm] = {}
    for name in named:
        short, _end = companies.short_after(name, body)
        known = firms.get(key(str(name)))
        if known is None or (short and not known.short):
            firms[key(str(name))] = Firm(known.name if known else name, True, short, key(str(name)) in is_open)
    found = [Mention(name, firms[key(str(name))]) for name in named]
    firms |= {firm.key: firm for firm in _headed_firms(heading, vocabulary) if not _is_named(firm, firms.values(), vocabulary)}
    if len(firms) <= _MOST_ALIASES:
        found.extend(_by_short_forms(found, list(firms.values()), headed, body, vocabulary))
    return _with_parts(sorted(found, key=lambda one: one.words.start), body, vocabulary)


def _headed_firms(heading: Passage, vocabulary: Vocabulary) -> list[Firm]:
    """The companies that the heading names in full and that may be what it is about."""
    names = [_receiver(name, vocabulary) for name in companies.legal_names(heading)]
    shorts = [companies.short_after(name, heading)[0] for name in names]
    named = [Mention(name, Firm(name, True, short)) for name, short in zip(names, shorts, strict=True)]
    own = [one for one in named if not looks_like_body(one.words, vocabulary)]
    holders = [one for one in _with_parts(own, heading, vocabulary) if one.is_candidate]
    return [one.firm for one in holders if not _another_gets(heading.part(one.words.end, heading.end))]


def _another_gets(after: Passage) -> bool:
    """Whether the words between a heading's company and the verb of getting name another act or another subject."""
    gets = after.search(evidence.GETS)
    return after.part(after.start, gets.start() if gets else after.end).search(_OTHER_SUBJECT) is not None


def _is_named(firm: Firm, others: Iterable[Firm], vocabulary: Vocabulary) -> bool:
    """Whether the text has the company in full already, or one that its short forms might mean as well."""
    own = stem(firm.name, vocabulary)
    return any(firm.key == other.key or (own and own in other.name.words) for other in others)


def _receiver(name: Passage, vocabulary: Vocabulary) -> Passage:
    """The name without the body that gives something to it (必维为甲公司…)."""
    for body in name.finditer(vocabulary.body_pattern):
        if body.start() > name.start and name.folded[body.start() - 1] in "经由受向":
            return name.part(body.start(), name.end)
        gives = _GIVES.match(name.folded, body.end(), name.end)
        if gives:
            return name.part(gives.end(), name.end)
    return name


def _by_short_forms(
    full: Sequence[Mention], firms: Sequence[Firm], headed: Sequence[Passage], body: Passage, vocabulary: Vocabulary
) -> Iterator[Mention]:
    """Where a company stands under its short form: brackets, the heading's, or the stem of its name and what follows."""
    forms: dict[str, Firm | None] = {}
    for firm in firms:
        given = [str(firm.short)] if firm.short else []
        given += _seats(firm.name, vocabulary) if len(firms) > 1 else []
        for form in {*given, *(str(one) for one in headed if abbreviates(str(one), str(firm.name))), stem(firm.name, vocabulary)}:
            if len(form) >= 2:
                forms[form] = None if form in forms and forms[form] is not firm else firm
    owners = {key(form): firm for form, firm in forms.items() if firm}
    taken = iter(full)
    current = next(taken, None)
    for hit in body.finditer(any_of(form for form, firm in forms.items() if firm)) if owners else ():
        while current and current.words.end <= hit.start():
            current = next(taken, None)
        if current is None or hit.end() <= current.words.start:
            firm = owners[key(hit.group())]
            yield Mention(_extended(body.group(hit), body, firm), firm)


def _seats(name: Passage, vocabulary: Vocabulary) -> list[str]:
    """What a company is called beside its sisters: 北京公司, 绵阳工厂."""
    inner = re.search(r"\(([\u4e00-\u9fff]{2,6})\)", name.words)
    place = places.leading(name, vocabulary.places)
    printed = inner.group(1) if inner else place.words.words if place else ""
    short = re.sub(r"[省市县区]$", "", printed)
    return [short + ending for ending in ("公司", "工厂", "基地", "厂区")] if len(short) >= 2 else []


def _extended(words: Passage, body: Passage, firm: Firm) -> Passage:
    """A short form with the further characters of the name behind it (瑞川 → 瑞川制药) and 集团, 公司, 股份."""
    rest = iter(firm.name.words[firm.name.words.find(words.words[-1]) + 1 :])
    end = words.end
    while end < body.end and body.folded[end] in rest:
        end += 1
    tail = re.compile(r"(?:集团|股份|科技|公司)*").match(body.folded, end, body.end)
    return body.part(words.start, tail.end() if tail else end)


def stem(name: Passage, vocabulary: Vocabulary) -> str:
    """The word that makes a company's name its own: the first two characters behind the place."""
    place = places.leading(name, vocabulary.places)
    rest = name.part(place.words.end if place else name.start, name.end)
    rest = rest.part(rest.start + len(re.match(r"[市省县区]?", rest.words).group()), rest.end)  # type: ignore[union-attr]
    latin = re.match(r"[A-Za-z]{2,}", rest.words)
    own = latin.group() if latin else re.match(r"[\u4e00-\u9fff]{0,2}", rest.words).group()  # type: ignore[union-attr]
    common = own in ("中国", "国际", "中华", "环境", "科技", "有限", "股份", "集团", "新能") or vocabulary.places.lookup(own)
    return "" if common else own


def _with_parts(found: Sequence[Mention], body: Passage, vocabulary: Vocabulary) -> list[Mention]:
    """Take away from the candidates who helps, owns, buys or only is the host."""
    helpers = {key(str(name)) for name in islice(consultants.named(body, vocabulary), _MOST_HELPERS)} if found else set()
    ends = [*(one.words.start for one in found[1:]), body.end][: len(found)]
    parts = []
    others = {one.firm for one in found if not _ADVISES.search(one.firm.name.words)}
    for at, (one, end) in enumerate(zip(found, ends, strict=True)):
        before = body.part(max(found[at - 1].words.end if at else body.start, one.words.start - _NEAR), one.words.start)
        after = body.part(one.words.end, min(end, one.words.end + _NEAR * 2))
        named = one.firm.key
        helps = (one.firm not in others and bool(others)) or any(
            helper in named or abbreviates(helper, named) for helper in helpers
        )
        owns = at + 1 < len(found) and found[at + 1].firm is not one.firm and _is_owner(after, end)
        other = _plays_other_part(before, after) or gives_or_orders(one.words, body)
        parts.append(Mention(one.words, one.firm, not (helps or owns or other)))
    return parts


def _is_owner(after: Passage, next_name: int) -> bool:
    between = after.match(_OWNS)
    return between is not None and between.end() == next_name and _OWNED.search(between.group()) is not None


def _plays_other_part(before: Passage, after: Passage) -> bool:
    """A customer, partner, host or source, by the words right beside the name."""
    in_brackets = before.words.rfind("(") > before.words.rfind(")")
    if in_brackets or before.search(_OTHER_BEFORE) or after.match(_OTHER_AFTER):
        return True
    if re.search(r"(?:向|为|给|对)$", before.words) and re.match(r"[^,。;]{0,6}" + _SUPPLIED.pattern, after.words):
        return True
    return before.search(_AT) is not None and after.match(_EVENT) is not None


def may_be_bare(heading: Passage, body: Passage) -> bool:
    """Whether a company may stand without its legal form: not in the news of a rule or of a company abroad."""
    return not (body.search(_RULE) or heading.search(_RULE) or body.search(_FOREIGN_FORM))


def bare_firms(heading: Passage, body: Passage, vocabulary: Vocabulary) -> list[Firm]:
    """Companies that the heading names in full, or before its colon without legal form, then as the body prints them if it
    does."""
    found = _headed_firms(heading, vocabulary)
    in_full = [str(firm.name) for firm in found]
    for name in names_in_heading(heading, vocabulary):
        if is_company(name, vocabulary) and not any(abbreviates(str(name), other) for other in in_full):
            at = body.folded.find(name.words, body.start, body.end)
            if is_abroad(name, body):
                continue
            found.append(Firm(body.part(at, at + len(name.words)) if at >= 0 else name, False))
    return found


def is_abroad(name: Passage, body: Passage) -> bool:
    """Whether the body prints the name with a country before it or a foreign legal form behind it."""
    at = body.folded.find(name.words, body.start, body.end)
    end = at + len(name.words)
    if at < 0:
        return False
    before = body.folded[max(body.start, at - 6) : at]
    return companies.is_foreign(body.part(at, end), before) or _FOREIGN_FORM.match(body.folded, end, body.end) is not None


def bare_mentions(sentence: Passage, vocabulary: Vocabulary) -> list[Mention]:
    """Companies without legal form where a company must stand: the subject of the sentence, or who is given something."""
    for found in (_subject(sentence), sentence.search(_GIVEN)):
        if found:
            names = [companies.bare_name(one) for one in sentence.group(found, "name").split(LIST)]
            firms = [name for name in names if name and is_company(name, vocabulary)]
            if firms and len(firms) == len(names):
                return [Mention(name, Firm(name, False)) for name in firms]
    return []


def _subject(sentence: Passage) -> re.Match[str] | None:
    """The words a sentence begins with, or those behind its opening phrase (经…核查,甲…)."""
    opening = sentence.match(_OPENING)
    start = opening.end() if opening else sentence.start
    lead = sentence.part(start, sentence.end).match(_LEAD)
    rest = sentence.part(lead.end() if lead else start, sentence.end)
    return None if rest.match(_NO_SUBJECT) else rest.match(_SUBJECT)


def is_company(name: Passage, vocabulary: Vocabulary) -> bool:
    """Whether a bare name can be a company's: no place, authority, body, institution, group of firms, product or thing."""
    words = name.words
    if not 2 <= len(words) <= 16 or GROUP.search(words) or _POINTS.match(words) or _NO_NAME.search(words):
        return False
    if _INSTITUTION.search(words) or companies.is_foreign(name) or name.match(vocabulary.issuer_pattern):
        return False
    return not _is_place(name, vocabulary) and not looks_like_body(name, vocabulary)


def _is_place(name: Passage, vocabulary: Vocabulary) -> bool:
    place = places.leading(name, vocabulary.places)
    if place is None or place.words.end >= name.end:
        return place is not None
    return bool(vocabulary.places.lookup(name.part(place.words.end, name.end).words, place.region.code))


def abbreviates(short: str, name: str) -> bool:
    """Whether all characters of the short name stand in the long one in order."""
    rest = iter(key(name))
    return len(key(short)) >= 2 and all(char in rest for char in key(short))
