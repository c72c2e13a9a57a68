"""What an item is, by who did what: policy, statement, report or other; and its section where no title tells."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tanxun.digest.reader import places
from tanxun.digest.reader.cleaning import Passage
from tanxun.digest.reader.companies import is_foreign
from tanxun.digest.reader.organs import declared_count
from tanxun.digest.reader.parties import is_abroad
from tanxun.digest.reader.policies import names_authority
from tanxun.digest.reader.reading import Kind, PolicyReading, Read, Section, StatementReading
from tanxun.digest.reader.vocabulary import Vocabulary, key

_NUMBERED_ABROAD = re.compile(r"COP\d+|ISO(?:/IEC)?[ ]?\d")
_LOCAL_COMPANY = re.compile(r"[\u4e00-\u9fff]{2,12}有限公司")
_FOREIGN_STATE = re.compile(
    r"欧盟|欧委会|委员会|议会|国会|众议院|参议院|政府|当局|内阁|总统"
    r"|首相|理事会|[部署局厅](?:长|$)|海关|法院|央行|税务|产业省|环境省|秘书处"
)
# What somebody who watches a market or does research gives out: a publication, or a finding in its own words.
_PUBLICATION = (
    r"(?:报告(?!期)|简报|综述|白皮书|蓝皮书|绿皮书|指数|评估|统计|展望|数据|[周月季年]报|快报|公报|分析|观察|调查|榜单|排行榜?|排名"
    r"|预测|测算|研究|洞察|追踪|监测|更新)"
)
_FINDINGS = re.compile(
    rf"(?:发布|公布|推出|更新|披露|刊发|出版)[^,。;!?\n]{{0,40}}?{_PUBLICATION}(?:结果|成果|数据|报告|情况)?"
    r"(?=[\d()至-]{0,12}》|[,。;:!?\n )]|$|显示|指出|称|认为)"
    rf"|{_PUBLICATION}(?:结果)?[》”]?(?:显示|指出|发现|表明|认为|预计|测算|称|提示|中(?:预计|指出|称|表示))"
    r"|(?:研究|分析|团队|智库|机构|分析师)[^,。;《》]{0,8}(?:预计|测算|认为|发现|估计)|(?:收盘价|成交量|成交均价|综合价格|现货价|挂牌价)"
)
_PERIODICAL = re.compile(r"(?:周报|月报|季报|年报|周评|日报|行情|快报|蓝皮书|白皮书)$")
_OWN_REPORT = re.compile(
    r"ESG|社会责任|可持续发展(?:暨[^,。]{0,12})?报告|环境、社会|环境信息|零碳行动|碳中和(?:行动|进展|路线)?(?:报告|白皮书)|业绩|财报|自身|披露其"
)
_STATISTICS = re.compile(r"(?:统计|运行|装机|核发|交易|行业|月度|季度|进出口)(?:情况|数据|公报|快报)|数据显示|工业统计")
_MEETING = re.compile(r"发布会|吹风会|座谈会|推进会|工作会|通气会")
_RULE = re.compile(
    r"《[^《》]{2,80}(?:意见|方案|办法|通知|计划|规划|措施|规定|条例|指南|细则|目录|规则|清单|纲要|标准|公告"
    r"|决定|要点|政策|指引|规范|名单|行动|规程|草案|法)(?:\([^()]*\))?》"
)
_ACTS = re.compile(
    r"(?:近日|日前|近期|同时|此外|另外|同日|(?:\d{4}年)?\d{1,2}月\d{1,2}日|[ ])*(?P<who>[^,。;:!?\n《》]{2,40}?)"
    r"(?:近日|日前|正式|联合|共同|已|现)*(?:印发|发布|出台|公布|下发|颁布)(?:实施)?了?(?!的)"
    r"(?:《[^《》\n]{2,80}》|(?P<plain>[^,。;:!?\n《》]{2,40}?(?:意见|方案|办法|通知|计划|规划|措施|规定|条例|指南|细则|纲要"
    r"|要点|政策|指引|规范|规程))(?=[,。;!?\n]|$))"
)
_CLAUSE_END = re.compile(r"[,。;!?\n]")
_NO_RULE = re.compile(r"名单|公示|结果|获得|取得")
# What a company or an institution begins, or does for itself: no evidence that it holds, no finding about a market.
_BEGINS = re.compile(
    r"签约|签[署订]|签下|携手|达成合作|合作(?:协议|备忘录|开发)|(?:正式)?启动|培训|研修|骨干班|开班|结业|论坛|研讨|讲座|沙龙|年会|大会|峰会|交流会|揭牌|挂牌"
    r"|落成|开工|奠基|投产|投运|投入运行|交付|亮相|参展|招聘|入驻|走访|调研|成立|获批筹建|申报|申请|报名|颁奖|表彰|认可"
)
_GETS = re.compile(r"获|取得|通过|入选|荣|斩获|摘得|颁发|授予|上榜|跻身|拿下|认定")
_EVIDENCE = re.compile(r"声明|证书|认证|标签|标识|EPD|绿色工厂|零碳工厂|核查|碳中和|名单")
_NOT_YET = re.compile(r"启动|签约|签署|拟|将|计划|申请|培训|申报|开展|鼓励|引导|支持|推动|探索|实施细则|工作|标准")
_INSTITUTION = re.compile(
    r"(?:协会|学会|联盟|研究院|研究所|智库|大学|学院|中心|交易所|商会|基金会|银行|证券|咨询|资本|集团|公司"
    r"|资讯|机构|委员会\(|论坛|期货|信托)$"
)
_COMPANY = re.compile(r"公司|集团|股份|企业|工厂")
_PUBLISHES = re.compile(r"发布|公布|推出|更新|披露|刊发|出版|确认|宣布|通过|表决|就")
_UNNAMED = re.compile(r"(?:部门|政府|当局|机关|两地|三地|四地)[^,。;《》]{0,16}(?:印发|发布|出台|公布|下发|启动|推出|签署)")
_ACCREDITED = re.compile(r"认可(?!的)|资质|备案|机构资格|实验室")
_TAKEN_AS_GOOD = re.compile(r"(?:报告|证书|声明|标签|足迹|结果|数据)[^,。;]{0,4}[获受][^,。;]{0,12}认可")
_LEAD = 160


@dataclass(frozen=True)
class Facts:
    """What was read of an item both ways, before its kind is decided."""

    heading: Passage
    body: Passage
    area: Section | None
    policy: PolicyReading
    statements: tuple[StatementReading, ...]

    @property
    def subject(self) -> Passage:
        """The words before the heading's colon, else the whole heading."""
        at = self.heading.words.find(":")
        return self.heading.part(self.heading.start, self.heading.start + at).strip() if 0 < at <= 40 else self.heading

    @property
    def said(self) -> Passage:
        """The words behind the heading's colon, else the whole heading."""
        at = self.heading.words.find(":")
        return self.heading.part(self.heading.start + at + 1, self.heading.end) if 0 < at <= 40 else self.heading

    @property
    def lead(self) -> Passage:
        """The beginning of the text, where it says who did what."""
        return self.body.part(self.body.start, min(self.body.end, self.body.start + _LEAD))


def kind(facts: Facts, vocabulary: Vocabulary) -> Read[Kind]:
    """The first question that has an answer decides."""
    questions = (_from_abroad, _headed_by_authority, _company_begins, _company_holds, _authority_acts, _finding_published)
    found = (question(facts, vocabulary) for question in questions)
    return next((answer for answer in found if answer), None) or _rest(facts)


def aside(heading: Passage) -> Read[Kind]:
    """What a paper gives beside the news: nothing is read from it."""
    return _kind("other", heading, "广告、培训、问答或观点，不是消息")


def _from_abroad(facts: Facts, vocabulary: Vocabulary) -> Read[Kind] | None:
    """Is it news from abroad? What a state or a company there does is other; what research finds there is a report."""
    if _is_abroad(facts, vocabulary) or (facts.area == "other" and not _is_authority(facts.subject, vocabulary)):
        if _has_findings(facts) and not _FOREIGN_STATE.search(_publisher(facts)):
            return _kind("report", facts.heading, "国际机构发布的报告或数据")
        return _kind("other", facts.heading, "国际或境外消息")
    return None


def _headed_by_authority(facts: Facts, vocabulary: Vocabulary) -> Read[Kind] | None:
    """Is the heading's subject an issuing body or a place?"""
    if _is_authority(facts.subject, vocabulary):
        says = "" if facts.lead.search(_MEETING) else facts.lead.words
        has_figures = _STATISTICS.search(facts.heading.words + says) is not None
        if has_figures and not _RULE.search(facts.body.words) and not facts.statements:
            return _kind("report", facts.heading, "主管部门发布的统计数据")
        return _kind("policy", facts.subject)
    region = places.leading(facts.subject, vocabulary.places)
    if region is None or region.words.end < facts.subject.end:
        return None
    if facts.statements and not facts.policy.documents and (not facts.policy.issuers or _looks_like_statement(facts)):
        return _kind("statement", facts.heading, "企业已取得声明")
    return _kind("policy", facts.subject)


def _company_begins(facts: Facts, vocabulary: Vocabulary) -> Read[Kind] | None:
    """Does the heading tell what a company or an institution begins, agrees on, holds a meeting about or is accredited for?"""
    said = _TAKEN_AS_GOOD.sub("", facts.said.words)
    begins = _BEGINS.search(said) is not None and _GETS.search(said) is None
    if facts.policy.issuers or not (begins or _ACCREDITED.search(said)):
        return None
    return None if _PERIODICAL.search(facts.heading.words) else _kind("other", facts.heading, "只是启动、签约、培训或自身动态")


def _company_holds(facts: Facts, vocabulary: Vocabulary) -> Read[Kind] | None:
    """Does a company hold evidence, and is the item about that rather than about the authority that lists it?"""
    if facts.statements and (_subject_holds(facts) or not facts.policy.issuers or _looks_like_statement(facts)):
        return _kind("statement", facts.heading)
    return None


def _authority_acts(facts: Facts, vocabulary: Vocabulary) -> Read[Kind] | None:
    """The heading does not tell: does an issuing body act in the text, or does a section of policies hold a document?"""
    official = facts.area in ("national", "local")
    if facts.policy.issuers and (facts.policy.documents or official or not _company_subject(facts)):
        return _kind("policy", facts.heading)
    if facts.policy.documents and (official or facts.lead.search(_UNNAMED)):
        return _kind("policy", facts.heading, "没有点名发文机关")
    return None


def _finding_published(facts: Facts, vocabulary: Vocabulary) -> Read[Kind] | None:
    """Does somebody publish what is found about a market, and not about itself?"""
    if not _has_findings(facts) or _looks_like_statement(facts):
        return None
    is_own = _OWN_REPORT.search(facts.lead.words) is not None and _COMPANY.search(_publisher(facts)) is not None
    return _kind("other", facts.heading, "企业自身的报告") if is_own else _kind("report", facts.heading)


def _rest(facts: Facts) -> Read[Kind]:
    if facts.statements:
        return _kind("statement", facts.heading)
    if _looks_like_statement(facts):
        return _kind("statement", facts.heading, "像是声明，但没有读出企业或种类", uncertain=True)
    return _kind("other", facts.heading)


def _kind(value: Kind, words: Passage, reason: str = "", uncertain: bool = False) -> Read[Kind]:
    return words.read(value, "uncertain" if uncertain else "inferred" if reason else "stated", reason)


def _is_authority(subject: Passage, vocabulary: Vocabulary) -> bool:
    """A body, several, or a place with a body (上海市经信委); for a heading without colon its beginning."""
    if names_authority(subject, vocabulary):
        return True
    if subject.match(vocabulary.issuer_pattern):
        return True
    return declared_count(subject) is not None and "企业" not in subject.words


def _is_abroad(facts: Facts, vocabulary: Vocabulary) -> bool:
    """The subject is a foreign or international body, or a company called by its foreign country."""
    subject = facts.subject
    if places.leading(subject, vocabulary.places) or key(str(subject)) in vocabulary.body_names:
        return False
    if _names_abroad(subject, vocabulary):
        return not any(one.company.value.endswith("公司") for one in facts.statements)
    return (is_foreign(subject) or is_abroad(subject, facts.body)) and not facts.statements


def _names_abroad(subject: Passage, vocabulary: Vocabulary) -> bool:
    """It begins with a foreign country or an international body that is not the first part of a Chinese company's name."""
    found = subject.match(vocabulary.abroad_pattern) or subject.match(_NUMBERED_ABROAD)
    return found is not None and not subject.part(found.end(), subject.end).match(_LOCAL_COMPANY)


def _has_findings(facts: Facts) -> bool:
    return facts.heading.search(_PERIODICAL) is not None or facts.lead.search(_FINDINGS) is not None


def _publisher(facts: Facts) -> str:
    """The words up to the verb of publishing: who gives it out."""
    found = facts.lead.search(_PUBLISHES)
    return str(facts.lead.part(facts.lead.start, found.start())) if found else facts.subject.words


def _subject_holds(facts: Facts) -> bool:
    """Whether the heading is about the company that holds the statement."""
    shorts = {one.short_name.value for one in facts.statements if one.short_name} | {
        one.company.value for one in facts.statements
    }
    return any(key(short) in key(facts.heading.words) for short in shorts)


def _company_subject(facts: Facts) -> bool:
    return _INSTITUTION.search(facts.subject.words) is not None or facts.area == "industry"


def _looks_like_statement(facts: Facts) -> bool:
    """The heading says that somebody got evidence, and not that somebody begins to."""
    said = facts.said.words
    return bool(_GETS.search(said) and _EVIDENCE.search(said) and not _NOT_YET.search(said) and not _ACCREDITED.search(said))


def looks_like_both(facts: Facts, chosen: Kind, vocabulary: Vocabulary) -> bool:
    """An item of authority and company at once: a policy that names who holds what, or beside a company's statement a
    document and its issuing body or an authority's act."""
    if chosen not in ("policy", "statement") or not facts.statements:
        return False
    if chosen == "policy":
        return True
    return bool(facts.policy.documents and facts.policy.issuers) or act_of_authority(facts, vocabulary) is not None


def act_of_authority(facts: Facts, vocabulary: Vocabulary) -> Passage | None:
    """The clause in which an issuing body or a place gives out a rule (某省发布建设方案), with or without 《》."""
    for clause in facts.body.split(_CLAUSE_END):
        found = clause.match(_ACTS)
        if not found or (found["plain"] and _NO_RULE.search(found["plain"])):
            continue
        who = clause.group(found, "who")
        place = places.leading(who, vocabulary.places)
        if (place and place.words.end == who.end) or names_authority(who, vocabulary):
            return clause.group(found).strip()
    return None


def looks_like_policy(facts: Facts) -> bool:
    """Something is 印发 or 出台, but no body of the vocabulary and no place does it."""
    return (
        facts.area != "other"
        and bool(facts.policy.documents)
        and re.search(r"印发|出台|下发", facts.body.words[:_LEAD]) is not None
    )


def section(facts: Facts, chosen: Kind, title: Passage | None, vocabulary: Vocabulary) -> Read[Section]:
    """The section title's word; without one, by content: central bodies, places, companies and market."""
    if facts.area and title:
        return title.read(facts.area)
    level, is_official = facts.policy.level, chosen == "report" and bool(facts.policy.issuers)
    if chosen == "policy" or is_official:
        value: Section = (
            "national" if level and level.value == "national" else "local" if facts.policy.lead_region else "national"
        )
    else:
        value = "other" if chosen == "other" and _names_abroad(facts.subject, vocabulary) else "industry"
    return Read(value, (), "inferred", "没有栏目标题，按内容归类")
