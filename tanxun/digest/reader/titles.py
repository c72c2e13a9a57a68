"""Section titles: which short lines are one, and which section they open. Called by `layout` and `segments`.

A title is made of area words (国家, 地方, 企业, 国际 …), words for news (政策, 动态 …) and joints, in any order.
"""

from __future__ import annotations

import re

from tanxun.digest.reader.reading import Section

_LONGEST_LINE, _SHORTEST, _LONGEST, _LIKELY = 30, 2, 16, 8
_AREA_WORDS: dict[Section, str] = {
    "other": r"国际|海外|全球|境外|国外|世界|环球|域外|港澳台",
    "national": r"国家(?:部委|级)?|中央(?:部委)?|部委|国务院|全国|顶层|宏观",
    "local": r"[省市区县州]内|[本我全][省市区县州]|地方(?:政府)?|各?省市|各地|区域|地区|地市|省级|市级",
    "industry": r"行业|企业|会员(?:单位)?|成员单位|产业|市场|公司|机构|业界|商业|认证|核查|声明|获证",
}
_AREA = re.compile("|".join(f"(?P<{area}>{words})" for area, words in _AREA_WORDS.items()))
_NEWS = (
    r"政策|动态|要闻|新闻|资讯|速递|快递|快讯|快报|简讯|简报|消息|信息|动向|观察|热点|聚焦|声音|之声|时讯|进展|篇|视野|视角"
    r"|速览|纵览|层面|层级|板块|专栏|概览|扫描|看点|头条|前沿|风采|事件|播报|风向标?|瞭望|传真|法规|盘点|集锦|精选|追踪|动静"
)
_WEAK = (
    r"行动|实践|案例|关注|方面|部分|一线|披露|文件|创新|故事|发展|国内外?|本周|上周|一周|今日|本期|重要|重点|综合|最新|双碳|低碳"
    r"|碳中和|碳|绿色|节能|环保|气候|能源|可持续|ESG|其他|其它"
)
_JOINT = r"与|及|和|暨|·|/|&|、|\||:|-| "
_WORDS = re.compile(rf"(?:{_AREA.pattern}|{_NEWS}|{_WEAK}|{_JOINT})+")
_NEWS_WORD = re.compile(_NEWS)
_ONLY_AREAS = re.compile(rf"(?:{re.sub(r'[?]P<[a-z]+>', '?:', _AREA.pattern)}|{_JOINT})+")
_JOINED = re.compile(_JOINT)
_DECORATION = re.compile(
    r"^[\W_]*(?:(?:part|no|vol)?[ .]*\d{1,2}|[一二三四五六七八九十]{1,2}(?=[、.:| )\]])"
    r"|第[一二三四五六七八九十\d](?:部分|板块|篇章?|章)|(?:板块|栏目)[一二三四五六七八九十\d])?[\W_]*"
    r"|[\W_]*\(\d{1,3}[条则]?\)[\W_]*$|[\W_]*[a-z &]*[\W_]*$",
    re.IGNORECASE,
)

_ISSUE = re.compile(
    r"20\d\d[年.]\d{1,2}[月.]\d{1,2}日?[ ]?[-~至到][ ]?(?:20\d\d[年.])?\d{1,2}[月.]\d{1,2}"
    r"|(?:第|总第?)[ ]?[\d一二三四五六七八九十百零]{1,5}[ ]?[期刊辑]|(?:no|vol)\.?[ ]?\d{1,4}(?!\d)"
    r"|(?:双?[日周旬月季年]|内|快|简|晨|早|晚|专|期|半月)[报刊](?:$|[\W_])|(?:内参|通讯|周览|周记|月刊|季刊)(?:$|[\W_])",
    re.IGNORECASE,
)

# What a paper gives beside the news: adverts, courses, questions of readers, opinions.
_ASIDES = (
    r"广告|商业推广|推广信息|软文|(?:招聘|诚聘)(?:信息|启事|专栏)?|招生(?:信息|简章)?"
    r"|(?:活动|课程|培训|会议|展会|直播|讲座|研修班?|考试)(?:预告|报名|推荐|通知|信息|课程|日历|招生)"
    r"|(?:读者|用户|粉丝|有奖|互动|双?碳)?问答|(?:在线|专家)?答疑|读者(?:来信|留言|互动)|留言(?:互动|精选)|(?:粉丝|读者)?福利|抽奖|互动话题"
    r"|干货(?:分享|推荐)?|(?:小知识|知识点)|(?!文件|政策|方案)[\u4e00-\u9fff]{0,4}观点|FAQ|Q&A"
)
_ASIDE = re.compile(rf"[\W_]*(?:(?:{_ASIDES})(?:[\W_]*$|[ ]*[:|/])|\[(?:{_ASIDES}|培训)\])", re.IGNORECASE)


def opens_aside(line: str) -> bool:
    """Whether a folded line is the title of what is no news (广告, 活动预告, 读者问答), or begins with it: 招聘|碳核查员3名."""
    return _ASIDE.match(line[:_LONGEST_LINE]) is not None


def names_issue(line: str) -> bool:
    """Whether a folded line is the name of a periodical or of one issue of it: 第12期, 总第88期, No. 3, …周报, …内参."""
    return len(line) <= _LONGEST_LINE and _ISSUE.search(line) is not None


def title_words(line: str) -> str:
    """What a folded line says as a section title, without number and ornament; empty where it is too long for one."""
    words = _DECORATION.sub("", line.strip()) if len(line) <= _LONGEST_LINE else ""
    return words if _SHORTEST <= len(words) <= _LONGEST else ""


def is_title(words: str) -> bool:
    """Whether the words are a section title whatever stands around them: 地方动态, 企业与市场, 政策法规."""
    whole = _WORDS.fullmatch(words) is not None and (_NEWS_WORD.search(words) or _ONLY_AREAS.fullmatch(words))
    return bool(whole) and _JOINED.fullmatch(words[-1]) is None


def may_be_title(words: str, is_marked: bool) -> bool:
    """Whether the words (地方行动, 企业创新成果) are a section title if they stand as the others of the issue do; behind the
    mark of those also words that the issue has for itself (园区动态)."""
    return (len(words) <= _LIKELY and _AREA.match(words) is not None) or (
        is_marked and sounds_as_title(words) and not opens_aside(words)
    )


def sounds_as_title(words: str) -> bool:
    """Whether the words are a section title, or may be one that an issue has for itself (园区动态)."""
    return is_title(words) or (len(words) <= _LIKELY and re.search(f"(?:{_NEWS})$", words) is not None)


def area(words: str) -> Section | None:
    """The section that the title names; None where it names several (国家及地方) or none (政策法规): the content tells.

    Without a joint the last word is the matter (地方企业), but whatever is 国际 stays abroad (国际企业).
    """
    named = [found.lastgroup for found in _AREA.finditer(words)]
    several = len(set(named)) > 1 and (_JOINED.search(words) or {"national", "local"} <= set(named))
    if not named or several or ("other" in named and "国内" in words):
        return None
    return "other" if "other" in named else named[-1]  # type: ignore[return-value]
