"""What a sentence says is held: statements, certificates, labels, titles, and of which type.

Whoever writes that something was got may take any word for it; the words that say it is *not* got (yet) are few.
So every mention of evidence counts unless such a word stands by it (a plan, a condition, a course), provided that
the sentence or the heading says anything that speaks of getting. Called by `frames`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tanxun.digest.reader import details
from tanxun.digest.reader.cleaning import Passage
from tanxun.digest.reader.reading import Read
from tanxun.digest.reader.vocabulary import Vocabulary

_ACT = r"(?:核查|核证|核验|验证|评价|审核|审定|鉴证|认定|评审|评定|盘查|核算)"
_DOCUMENT = (
    r"(?:声明(?!称|表示|:“)|陈述书?|证书|凭证|证明书?|标识|标签|称号|铭牌|牌匾"
    r"|认证(?!有限|集团|中心|公司|股份|服务|技术)|名单|EPD)"
)
_HEAD = re.compile(
    rf"(?:{_ACT}|认证|注册|登记)?{_DOCUMENT}(?:证书|[ ]?\(EPD\)|注册|登记)?(?!号|编号|机构|准则|体系)"
    rf"|{_ACT}(?!机构|报告|依据|范围|工作|标准|准则|员|服务|业务|按照|按|遵循|覆盖|周期|资格|对象|边界|采用|根据|结果|体系|自愿"
    rf"|规范|规则|办法|方法|指南|细则|能力|领域|要求|组|专家|人员|技术|公司|中心|院|平台|年度|期|过程|规模|中,|时|包括|涵盖|由|所|的)",
    re.IGNORECASE,
)
_CERTAIN = re.compile(_DOCUMENT, re.IGNORECASE)
_BOUND = re.compile(r"[,。;:!?\n]")
GOT = (
    r"获颁|获得|荣获|喜获|获授|获评|获批|获发|获|取得|拿到|拿下|拿回|收获|收到|摘得|斩获|捧回|捧得|揽获|领取|领到|喜提|赢得|迎来"
    r"|授予|颁发|签发|出具|核发|颁授|发放|颁|通过|入选|入列|列入|进入|登上|确认为|认定为|评为|成为|新增|再添|喜添|添"
)
GETS = re.compile(GOT)
_PHRASE_START = re.compile(rf"(?:{GOT})(?:了|到)?(?:的)?|的(?=[^的]*$)")
_POSITIVE = re.compile(
    rf"{GOT}|拿|收|摘|夺|揽|领|捧|荣|喜|交到|交付|送达|送到|送抵|到手|落袋|入账|入囊|囊中|花落|上榜|跻身|公布|确认|认定|评定|完成"
    r"|注册|发布|公示|手握|持有|手持|首[张份个枚块]|编号|注册号|过了|带上|贴上|加贴|亮出|达成|实现|拥有|批准|双双|被评|列为|挂牌"
    r"|见证下|凭|核查合格|给出|开出|递交|转交|授牌|名列|位列|其[一二三]|另一[张份个]|[一二三]是|上线|披露|纳入|一并|出炉|在列|新晋|晋级|升级为|换发|续|贺"
)
# The closed class: what has not happened, is only wished, ruled, conditional, denied, taught or past.
_NOT_HELD = re.compile(
    r"拟|计划|有望|力争|争取|申请|申报|鼓励|引导|推动|要求|即将|预计|预期|准备|筹备|着手|尚未|尚在|正在|未能|未获|未取得|没有"
    r"|将(?![^,。;为向给于在会]{0,20}(?:证书|声明|标识|标签|铭牌|牌匾|EPD)[^,。;]{0,16}(?:颁|授|交|送|递|发))"
    r"|启动|签约|签署|目标是|致力于|支持(?!下|的)|助推|推进|以便|确保|培训|能够|是否|若|一旦|如果|假如|为了|凡|对首次|对新"
    r"|首次评为|应当|应按|须|需要|需在|需于|可优先|可获|可凭|可以|可申|可推|即可|方可|不得|撤销|取消|吊销|注销证|暂停|收回|虚假|造假"
    r"|讲解|课程|学员|研讨|介绍如何|如何|希望|呼吁|建议|谋划|探索|规划|承诺|约定|商定|委托.{0,20}开展|开展(?=[^,。;]{0,20}$)"
    r"|下一步|下阶段|后续|年内|明年|届时|力促|冲刺|备战|挑战"
)
# Behind the noun, before another noun or company: what was held is over.
_OVER = re.compile(
    rf"(?:(?!{_DOCUMENT}|企业|[若如将]|一旦|否则|另|新)[^。;!?\n]){{0,24}}?"
    r"(?:已[^,。;]{0,10}(?:到期|失效|过期|作废|届满|终止)|失效|作废|未(?:能|及时|再)?续|尚未[^,。;]{0,6}(?:续|换|更新)"
    r"|[被遭](?:[^,。;]{0,6})?(?:撤销|暂停|吊销|取消|注销|收回|中止))"
)
# What a list is of that is no list of holders: of papers that are over or were refused, or of who is paid for them.
_REFUSED = re.compile(
    r"撤销|吊销|注销|取消|暂停|收回|失效|作废|过期|已到期|到期未|退回|驳回|不予|不符合|落选|未(?:能|获)?(?:获证|通过)|补贴|补助|奖补|资助|奖励"
)
_LISTS = re.compile(r"名单|如下|下列|以下")
_AS_PLANNED = re.compile(r"[ ]*(?:按照?|根据|依据)[^,。;]{0,8}(?:规划|计划|安排|路线图|部署|目标),")
_LONG_AGO = re.compile(r"此前|曾(?:获|经|于|在|取|被)|早在|去年|前年|往[年期]|历年|早已")
# 去年 alone may be the year whose emissions were checked.
_LONG_PAST = re.compile(
    r"此前|曾(?:获|经|于|在|取|被|按|依)|早在|往年|早已|(?:去年|前年)[^,。;]{0,4}(?:曾|就|已|获|取得|通过|按|依|凭)"
)
_PAST_REACH = 120
_OF_WHOM = re.compile(
    r"[^,。;]{0,10}?的(?:[^,。;的]{0,8}(?:企业|工厂|单位|园区|项目|公司|机构)|,|给予|予以|组织|可|按|每|一次性|最高|在)"
)
_SINGLED_OUT = re.compile(r"首家|首个|首批|第一家|唯一|成为|少数|率先|是[^,。;]{0,20}$")
_BEGINS = re.compile(
    r"[^,。;]{0,8}(?:启动|签约|培训|动员|推进会|工作(?!日)|试点|申报|申请|辅导|服务协议|合作|复核|有效期|要求|制度|标准|规则|建设|创建|培育|路线图|规划|方案|计划)"
)
_OF_PERSONS = re.compile(
    r"结业|毕业|结课|培训|技能|职业|从业|上岗|资格|学员|聘书|认可证书|资质|检验检测|绿色电力证书|绿电证书|绿证|专利|商标|登记证书"
)
_REWARDS = re.compile(
    r"(?:给予|奖励|补助|补贴|资助|奖补|奖补)[^。;]{0,40}(?:元|%)|(?:元|%)[^,。;]{0,8}(?:奖励|补助|补贴|资助|奖补)"
)
_FIELD = re.compile(
    r"碳|温室气体|隐含排放|CBAM"
    r"|绿色|环境|能源管理|ISO ?14|ISO ?50001|SBTi|LCA|气候|EPD|生命周期|供应链|ESG|可持续|回收|再生|GRS|能效",
    re.IGNORECASE,
)
_DONE = re.compile(r"通过|经|顺利|获|取得")
_COMPLETED = re.compile(r"完成")
_EMISSIONS = re.compile(r"温室气体排放|(?:组织|企业|年度)碳排放|排放总量")
_CONJUNCTION = re.compile(r"、|以及|(?<!中)和|及|与|,并|并|,|暨")
_REACH = 40
# More than a person would put into one sentence: the rest is not looked at.
_MOST_HEADS = 12


@dataclass(frozen=True)
class Evidence:
    """One mention of evidence that is held: its phrase, its head, and its types if the phrase names any.

    `is_document` tells a paper (声明, 证书, 称号) from an act (通过核查) or a state (绿色工厂);
    `is_got` where a verb of getting or giving stands in its own clause.
    """

    words: Passage
    head: Passage
    kinds: tuple[Read[str], ...]
    is_document: bool
    is_got: bool
    clause: Passage


def held(sentence: Passage, heading: Passage, vocabulary: Vocabulary) -> list[Evidence]:
    """The evidence that the sentence says somebody holds, in order; `heading` may be what says that it was got."""
    if _REWARDS.search(sentence.words) or sentence.match(_AS_PLANNED):
        return []
    if _LISTS.search(sentence.words) and _REFUSED.search(sentence.words):
        return []
    said = _POSITIVE.search(sentence.words) or (_POSITIVE.search(heading.words) and not _NOT_HELD.search(heading.words))
    return [one for one in _mentions(sentence, vocabulary) if _is_held(sentence, one)] if said else []


def denies(passage: Passage) -> bool:
    """Whether the words speak of what is planned, applied for, refused or over."""
    return _NOT_HELD.search(passage.words) is not None or _REFUSED.search(passage.words) is not None


def _mentions(sentence: Passage, vocabulary: Vocabulary) -> Iterator[Evidence]:
    """Every noun of evidence with the phrase before it; a cue of a listed type (绿色工厂) is a noun of its own."""
    end = sentence.start
    for head in _heads(sentence, vocabulary)[:_MOST_HEADS]:
        if head.start < end:
            continue
        bounds = [bound.end() for bound in sentence.part(end, head.start).finditer(_BOUND)]
        start = max([end, head.start - _REACH, *bounds[-1:]])
        phrase = sentence.part(start, head.end)
        kinds = types(_object(phrase, head), vocabulary) or types(phrase, vocabulary)
        is_paper = _is_paper(head)
        clause = _clause(sentence, head)
        is_got = (_POSITIVE if is_paper else GETS).search(clause.words) is not None
        yield Evidence(phrase, head, tuple(kinds), is_paper, is_got, clause)
        end = head.end


def _heads(sentence: Passage, vocabulary: Vocabulary) -> list[Passage]:
    nouns = [sentence.group(found) for found in sentence.finditer(_HEAD)]
    may_be_named = any("认证" in noun.words for noun in nouns)
    names = [found.span() for found in sentence.finditer(vocabulary.body_pattern)] if may_be_named else []
    nouns = [noun for noun in nouns if not any(start <= noun.start < end for start, end in names)]
    listed = [sentence.group(found) for found in sentence.finditer(vocabulary.listed_pattern)]
    apart = [one for one in listed if not any(_goes_on(one, noun, sentence) for noun in nouns)]
    return sorted((*nouns, *apart), key=lambda one: (one.start, -one.end))


def _goes_on(cue: Passage, noun: Passage, sentence: Passage) -> bool:
    """Whether the noun is the head of the cue's phrase (零碳工厂证书)."""
    return cue.start < noun.end and noun.start <= cue.end + 3 and not sentence.part(cue.end, noun.start).search(_BOUND)


def _is_paper(head: Passage) -> bool:
    return head.search(_CERTAIN) is not None


def _object(phrase: Passage, head: Passage) -> Passage:
    """The phrase without what stands before its last verb of getting or giving, or its last 的."""
    start = phrase.start
    for found in phrase.part(phrase.start, head.start).finditer(_PHRASE_START):
        start = found.end()
    return phrase.part(start, phrase.end)


def _is_held(sentence: Passage, one: Evidence) -> bool:
    """Whether nothing in its clause says that it is not got, or is evidence of another kind."""
    clause = _clause_before(sentence, one.head)
    if _LONG_AGO.search(clause.words) or _LONG_AGO.match(sentence.words):
        return False
    rest = sentence.part(one.head.end, sentence.end)
    if rest.match(_OVER):
        return False
    if _NOT_HELD.search(clause.words) or _OF_PERSONS.search(one.words.words):
        return False
    if (rest.match(_OF_WHOM) and not _SINGLED_OUT.search(clause.words)) or rest.match(_BEGINS):
        return False
    if not one.kinds and not (one.is_document or _FIELD.search(sentence.words)):
        return False
    is_act = re.fullmatch(_ACT, one.head.words) is not None
    return not is_act or _DONE.search(clause.words) is not None or _COMPLETED.search(clause.words) is not None


def is_past(passage: Passage, at: int) -> bool:
    """Whether the clause before `at`, or its sentence as a whole, tells of what was long ago."""
    before = passage.folded[max(passage.start, at - _PAST_REACH) : at]
    clause, sentence = _BOUND.split(before)[-1], re.split(r"[。;!?\n]", before)[-1]
    return _LONG_PAST.search(clause) is not None or _LONG_PAST.match(sentence) is not None


def _clause_before(sentence: Passage, head: Passage) -> Passage:
    bounds = [bound.end() for bound in sentence.part(sentence.start, head.start).finditer(_BOUND)]
    return sentence.part(bounds[-1] if bounds else sentence.start, head.start)


def _clause(sentence: Passage, head: Passage) -> Passage:
    """The clause around a noun."""
    end = sentence.part(head.end, sentence.end).search(_BOUND)
    return sentence.part(_clause_before(sentence, head).start, end.start() if end else sentence.end)


def guessed(passage: Passage, heading: Passage, vocabulary: Vocabulary, is_last: bool = False) -> list[Read[str]]:
    """The types of evidence that names none: the heading's, else the standard's; at last `other`, where the field is right."""
    found = types(heading, vocabulary) or _of_standard(passage, vocabulary) or _of_subject(passage)
    if found:
        return [Read(one.value, one.spans, "inferred", "由小标题、上下文或标准判断类型") for one in found]
    return [passage.read("other", "uncertain", "没有说明是哪一种声明")] if is_last and passage.search(_FIELD) else []


def _of_standard(passage: Passage, vocabulary: Vocabulary) -> list[Read[str]]:
    """The type that a standard of the passage is made for."""
    for standard in details.standards(passage, vocabulary):
        for code, slug in vocabulary.standard_types.items():
            if standard.value.startswith(code):
                return [Read(slug, standard.spans)]
    return []


def _of_subject(passage: Passage) -> list[Read[str]]:
    """What is checked are an organisation's emissions."""
    found = passage.search(_EMISSIONS)
    return [passage.group(found).read("ghg_verification")] if found else []


def types(thing: Passage, vocabulary: Vocabulary) -> list[Read[str]]:
    """The statement types that a phrase names, one for each member of a list; cues of words before cues of standards."""
    found: dict[str, Read[str]] = {}
    for part in thing.split(_CONJUNCTION):
        hit = _last(part, vocabulary)
        if hit:
            found.setdefault(hit.value, hit)
    return list(found.values())


def _last(part: Passage, vocabulary: Vocabulary) -> Read[str] | None:
    """A Chinese phrase has its head last: of several cues the one that ends last, of those the longest."""
    hits: list[tuple[int, int, int, str]] = []
    for found in part.finditer(vocabulary.type_anywhere):
        worded = not any(char.isdigit() for char in found.group(1))
        hits.append((worded, found.end(1), -found.start(1), found.group(1)))
    if not hits:
        return None
    _, end, start, cue = max(hits)
    return part.part(-start, end).read(vocabulary.type_of(cue))
