"""Who has been given what: sentences in which a company already holds a statement, certificate or place on a list.

Called by `statements`. Plans, applications, conditions of a subsidy and signings to begin are no such events.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from tanxun.digest.reader.cleaning import Passage
from tanxun.digest.reader.reading import Read
from tanxun.digest.reader.vocabulary import Vocabulary

_GETS = re.compile(
    r"(?:获得|荣获|喜获|斩获|摘得|获颁|获授予?|获评为?|获批|获发|喜提|取得|拿到|收获|拿下|赢得|通过|入选|跻身"
    r"|上榜|登上|列入|进入|获(?![得益利悉奖证知取选胜批评授颁准])|获证|被(?:正式)?(?:认定|评定|评选|评|授予"
    r"|列入|纳入|确认)(?:为)?|认定为|完成|实现)(?:了|到)?"
)
_NOUN = re.compile(
    r"声明|证书|认证|标签|标识|称号|认定|名单|工厂|核查|核证|核验|验证|评价|EPD|注册|公示|等级|评级|荣誉|证明"
    r"|报告|审定|审核|陈述|绿码",
    re.IGNORECASE,
)
_STRONG_NOUN = re.compile(r"声明|证书|认证|标签|标识|工厂|核查|核证|验证|EPD|名单|证明|陈述|评价|审核|核验|认定", re.IGNORECASE)
_FIELD = re.compile(r"碳|温室气体|绿色|环境|能源管理|ISO ?14|ISO ?50001|SBTi|LCA|气候|EPD|生命周期", re.IGNORECASE)
_NOT_YET = re.compile(
    r"拟|计划|有望|力争|争取|申请|申报|鼓励|引导|推动|要求|即将|预计|准备|将(?:于|在|会|率先|全面|通过|获"
    r"|努力)|尚未|未能|启动|签约|签署|目标是|致力于|支持(?!下)|助推|推进|帮助.{0,12}$|协助企业|对(?:于|首次"
    r"|成功|已)?(?:新)?$|凡|首次评为|对[^,。]{0,12}(?:首次|新|成功|当年|年度)$|可$|应$|须$|需$|能$|企业应|如$"
    r"|若|一旦|为了|以便|确保|培训|能够|是否"
)
_CONDITION = re.compile(
    r"[^,。;]{0,40}?(?:声明|证书|认证|称号|标识|认定|核查|绿色工厂|零碳工厂|评价"
    r"|名单)(?:\([^()]{0,20}\))?的(?:[^,。;的]{0,8}(?:企业|工厂|单位)|企业|单位|工厂|园区|项目|产品|公司|,|给予|予以|组织|可|按|每|一次性|最高"
    r"|在)"
)
_OF_PERSONS = re.compile(r"结业|毕业|结课|培训|技能|职业|从业|上岗|资格|学员|聘书")
_MEANS = re.compile(r"开展|实施|建立|推动|组织|采用|优化|加强|发展|政策|数字")
_FIRST_TO = re.compile(r"首家|首个|首批|第一家|唯一|成为|少数")
_GIVES = re.compile(r"(?:正式|现场|成功|联合|共同|分别|隆重)*(?:颁发|授予|签发|出具|核发|颁授|发放|颁)(?:了)?")
_TO = re.compile(
    r"(?:正式|现场|联合|共同|分别|成功|近日|日前|在[^,。]{2,30}(?:上|中|期间))*(?<![作成认称因设])(?:为|向|给|对|授予)"
)
_AWARDS = re.compile(
    r"(?:^|[,;:。])?(?P<body>[^,。;:]{2,40}?)(?:正式|现场)?(?:授予|颁发给)(?:了)?(?P<who>[^,。;:]{2,50}?有限公司)(?!的)"
)
_ACTED = re.compile(r"公司|企业|集团|完成|开展|实施")
_PRONOUN = re.compile(
    r"其|(?:该|本|上述|以上|前述|这|两|[一二三四五六七八九十\d]+)[一二两三四五六七八九十\d]*(?:家|个)?(?:公司|企业|集团|单位|工厂)|公司|企业"
)
_ISSUED_BY = re.compile(
    r"(?:由|经|获得?了?|取得了?|通过了?|[^\w])(?P<body>[^,。;:由经]{2,60}?)(?:正式|联合|共同|现场|独立|审核"
    r"|核查|认证|并|[、,])*(?:颁发|出具|签发|授予|核发|颁授|发放|颁布)的?"
)
_CHECKED_BY = re.compile(
    r"(?:由|经过?|委托|邀请|通过)(?:了)?(?P<body>[^,。;:]{2,44}?)(?:的)?(?:严格|独立|现场|专业|第三方|专家"
    r"|审核组|按照|依据|依照|根据|的|全面|完成|对|进行)*(?:核查|审核|认证|核证|评审|验证|评价|审定|鉴证|颁发"
    r"|出具|评估|测评)"
)
_OF_BODY = re.compile(r"[ ]*(?:了)?(?P<body>[^,。;:的]{2,40})的[^,。;]{0,40}(?:核查|认证|审核|验证|评价|声明|证书)")
_CONJUNCTION = re.compile(r"、|以及|(?<!中)和|及|与|,并|并|,|暨")


# More verbs than a person would put into one sentence: the rest is not looked at.
_MOST_VERBS = 24


@dataclass(frozen=True)
class Event:
    """One acquisition: the words of who, of what, of the body if any, and the sentence."""

    sentence: Passage
    subject: Passage
    object: Passage
    body: Passage | None
    is_sure: bool = True


def events(body: Passage) -> list[Event]:
    """All events of the passage in the order of the text."""
    found: list[Event] = []
    for sentence in body.sentences():
        passive = _passive(sentence)
        found.extend([passive] if passive else _active(sentence))
    return found


def _active(sentence: Passage) -> Iterator[Event]:
    """甲公司获得…声明. Several in one sentence share it from left to right."""
    at = sentence.start
    verbs = list(islice(sentence.finditer(_GETS), _MOST_VERBS))
    for index, verb in enumerate(verbs):
        if verb.start() < at:
            continue
        stop = verbs[index + 1].start() if index + 1 < len(verbs) else sentence.end
        thing = _thing(sentence.part(verb.end(), sentence.end), stop)
        subject = sentence.part(at, verb.start())
        if thing is None or not _holds(sentence, subject, verb, thing):
            continue
        yield Event(sentence, subject, thing, _body(sentence, verb, thing), verb.group()[:2] not in ("完成", "实现"))
        at = thing.end


def _thing(rest: Passage, stop: int) -> Passage | None:
    """What is got: up to the end of the clause that closes with a fitting noun."""
    end = re.compile(r"[,。;!\n]").search(rest.folded, rest.start, rest.end)
    clause = rest.part(rest.start, end.start() if end else rest.end)
    nouns = [found for found in clause.finditer(_NOUN) if found.start() < max(stop, clause.start + 1) or stop > clause.end]
    if not nouns:
        return None
    return clause.part(clause.start, min(clause.end, max(nouns[-1].end(), clause.start)))


def _holds(sentence: Passage, subject: Passage, verb: re.Match[str], thing: Passage) -> bool:
    """Whether it has happened, to somebody, and is evidence of the field."""
    clause = re.split(r"[,;。]", subject.words)[-1]
    rest = sentence.part(verb.end(), sentence.end)
    if _NOT_YET.search(clause) or (rest.match(_CONDITION) and not _FIRST_TO.search(subject.words[-14:])):
        return False
    if re.match(r"[^,。;]{0,8}(?:启动|签约|培训|动员|推进会|工作|试点|申报)", sentence.part(thing.end, sentence.end).words):
        return False
    return _is_evidence(verb.group()[:2], thing, rest)


def _is_evidence(word: str, thing: Passage, rest: Passage) -> bool:
    """Whether what was got fits the verb: 通过 and 完成 are said of many things, 获得 of fewer."""
    if _OF_PERSONS.search(thing.words):
        return False
    if word in ("完成", "实现"):
        return re.search(r"认证|核证|核查|验证", thing.words) is not None and not re.search(r"获|取得|颁发", rest.words)
    if word in ("通过", "进入", "认定") and (not _STRONG_NOUN.search(thing.words) or _MEANS.match(thing.words)):
        return False
    return _FIELD.search(thing.words) is not None or re.search(r"声明|证书|认证|核查", thing.words) is not None


def _body(sentence: Passage, verb: re.Match[str], thing: Passage) -> Passage | None:
    """The words that should name the body: before 颁发的, after 由 or 经, or before 的…认证."""
    around = sentence.part(max(sentence.start, verb.start() - 1), thing.end)
    for pattern, where in ((_ISSUED_BY, around), (_CHECKED_BY, sentence)):
        found = where.search(pattern)
        if found:
            return sentence.group(found, "body")
    found = thing.match(_OF_BODY)
    return sentence.group(found, "body") if found else None


def _passive(sentence: Passage) -> Event | None:
    """SGS为甲公司颁发…声明 / 向甲公司颁发 / 授予甲公司…称号."""
    awarded = sentence.search(_AWARDS)
    thing = _thing(sentence.part(awarded.end(), sentence.end), sentence.end) if awarded else None
    if awarded and thing and not _NOT_YET.search(awarded["body"]) and _is_evidence("获得", thing, thing):
        return Event(sentence, sentence.group(awarded, "who"), thing, sentence.group(awarded, "body"))
    for gives in sentence.finditer(_GIVES):
        to = _dative(sentence.part(sentence.start, gives.start()))
        after = sentence.part(gives.end(), sentence.end)
        thing = _thing(after, sentence.end)
        if to is None or thing is None or after.words[:1] == "的" or to.end() >= gives.start():
            continue
        giver = sentence.part(sentence.start, to.start())
        who = sentence.part(to.end(), gives.start())
        if (
            _NOT_YET.search(giver.words)
            or not (_FIELD.search(thing.words) or _STRONG_NOUN.search(thing.words))
            or len(who.words) > 120
        ):
            continue
        clause = re.split("[,]", giver.words)[-1] or giver.words
        body = giver.part(giver.end - len(clause), giver.end)
        if who.strip().match(_PRONOUN):
            earlier = giver.part(giver.start, body.start)
            who = earlier if earlier.search(_ACTED) else who
        return Event(sentence, who, thing, body)
    return None


def _dative(before: Passage) -> re.Match[str] | None:
    """The 为, 向 or 给 of a giving: in the verb's own clause, else in the sentence before it."""
    at = max(before.folded.rfind(mark, before.start, before.end) for mark in ",:")
    return before.part(max(before.start, at + 1), before.end).search(_TO) or before.search(_TO)


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
    return part.part(-start, end).read(vocabulary.type_by_cue[cue.lower()])
