"""What one line of an issue is: residue, section title, contents heading, bullet, heading or paragraph.

Called by `segments`, which puts the lines together. Every judgement here sees one line only.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from tanxun.digest.reader.cleaning import Passage
from tanxun.digest.reader.reading import Section

_CIRCLED = "①-⑳❶-❿⓪㈠-㈩⑴-⒇"
_BULLET = re.compile(
    r"[ ]*(?:[●■◆▌·○□◇▪▫►▶▷➤➢➡★☆✓✔√※◎◉⬛⬜⭕❖♦❤✅➣❥♻🌱🌿🍃🌍🌏📌📍💡🔍🔹🔸🔷🔶🔴🟠🟡🟢🔵🟣🟤🔺🔻👉📢📣]|[▎▍▋▊▉█]|["
    + _CIRCLED
    + r"]"
    r"|[-*>](?= ))[ ]*"
)
_NUMBER = re.compile(
    r"[ ]*(?:\[?\(?(?:第?[一二三四五六七八九十百零]{1,5}|\d{1,3}|[a-zA-Z])[\])]+[、.:]?"
    r"|\d{1,3}(?:[、.:](?!\d)|(?=[【《]))|0?\d{1,2}[ ]{1,3}(?=[^\d \-/年月日%万亿])|[一二三四五六七八九十百零]{1,5}[、.:]"
    r"|[a-zA-Z][、.](?![a-z])|\d\ufe0f?\u20e3)[ ]*"
)
_ENDS_SENTENCE = "。！？；!?;…"
_OPENING = re.compile(
    r"[ ]*(?:近日|日前|近期|本周|上周|昨日|今日|当日|据|近来|(?:\d{4}年)?\d{1,2}月(?:\d{1,2}日|[上中下]旬|底"
    r"|初)|\d{4}[-./]\d{1,2}[-./]\d{1,2}|\d{4}年,)"
)
_SUBJECT = re.compile(r"([^:,。;!?《》“”]{1,30}):[ ]*(?=\S)")
_NOT_SUBJECT = re.compile(
    r"(?:主要|总体|发展|工作|重点|具体|支持|保障|申报|评价|奖补|时间|地点|来源|编辑|作者|审核|校对|记者|电话"
    r"|联系|网址|链接|摘要|导语|原文|注|附件|主题|内容|对象|条件|标准|目标|措施|任务|范围"
    r"|期限|流程|要求|方向|原则|意义|背景|亮点|解读|结论|方式|其中|一是|二是|三是|四是|五是|同时|此外"
    r"|第[一二三四五六七八九十]).{0,6}"
)
_ORNAMENT = re.compile(r"[\W_]*|(?:part|no)?[ .]*\d{1,3}[ .、]*|[【\[]?\d{1,3}[】\]]?", re.IGNORECASE)
_RESIDUE = re.compile(
    r"[\W_]*(?:点击(?:上方|下方|蓝字|关注|阅读|图片|查看|这里|名片)|(?:请)?(?:长按|扫码|扫一扫|扫描)"
    r"|(?:欢迎)?关注(?:我们|公众号|本公众号|官方)|阅读原文|阅读(?:量)?\d|(?:点)?(?:分享|收藏|点赞|在看"
    r"|赞)(?:[、/· ]|$)"
    r"|图片(?:来源)?[\W\d]*$|图源|图[\W\d]*$|(?:the )?end[\W_]*$|全文完|来源[:/]|(?:文章|信息|资料|内容|素材"
    r"|文字|图文)来源|编辑[:/|]|责(?:任)?编(?:辑)?[:/|]|作者[:/|]|排版[:/|]|审核[:/|]|校对[:/|]|监制[:/|]"
    r"|整理[:/|]|撰稿[:/|]|供稿[:/|]|原创[\W_]*$|(?:微信)?公众号[:/]|微信号|免责声明|版权(?:声明|归)|声明:"
    r"|转载(?:请|须|自)|联系(?:我们|方式|电话)|(?:咨询|服务)?(?:热线|电话)[:/]|投稿|广告|商务合作"
    r"|加入.{0,8}(?:群|星球)"
    r"|图片\||\[图片\]|本文(?:来源|转自|由)|(?:左右|上下)?滑动(?:查看)?|喜欢.{0,6}(?:就|请)|https?://)",
    re.IGNORECASE,
)
_TAIL = re.compile(
    r"[\W_]*(?:往期(?:推荐|回顾|精选|文章|内容|周报|好文|要闻)|(?:相关|推荐|延伸|精彩|更多)(?:阅读|推荐|文章"
    r"|回顾|内容)|历史文章|上期回顾|猜你喜欢|关于(?:我们|碳讯)|(?:the )?end$)",
    re.IGNORECASE,
)
_CONTENTS = re.compile(r"[\W_]*.{0,14}(?:目录|导读|导览|提要|要闻速览|一览|速览|看点|contents)[\W_a-z]*", re.IGNORECASE)
_PUBLISHED = re.compile(r"[ ]*(?:发布|发表|推送|出刊|出版|更新|刊发)(?:时间|日期)[ ]*:?[ ]*(.{0,40})")
_MASTHEAD = re.compile(r"[\W_]*碳讯[\W_]*")

_AREAS: tuple[tuple[Section | None, str], ...] = (
    (None, r"国内|国家(?:及|与|和|·|/)地方|中央(?:及|与|和)地方|政策|要闻|综合|本周|重要|热点|双碳|低碳|碳|绿色|今日|头条"),
    ("national", r"国家|部委|中央|国务院|全国|顶层|宏观|国家部委|中央部委|部委层面|国家级"),
    ("local", r"地方|省市|各省市|各地|区域|地区|地市|省级|地方政府"),
    ("industry", r"行业|企业|产业|市场|公司|机构|业界|商业|认证|核查|声明|企业与市场|行业企业|行业与企业"),
    ("other", r"国际|海外|全球|境外|国外|世界|环球|域外"),
)
_KINDS = (
    r"(?:政策|动态|要闻|新闻|资讯|速递|快讯|快报|简讯|简报|消息|信息|动向|观察|热点|聚焦|关注|声音|时讯|进展"
    r"|篇|视野|视角|速览|之声|层面|板块|专栏|概览|扫描|看点|头条|前沿|案例"
    r"|实践|风采|事件|部分|行动|法规|文件|方面|市场|企业|行业|碳讯|双碳|低碳|绿色|碳中和|层级|一周|盘点|播报"
    r"|风向|风向标|瞭望|传真|一线|声明|认证|核查|获证|披露|产业|机构|与|及|和|·|/|&|\||:|-| )*"
)
_SECTIONS = tuple((area, re.compile(rf"(?:{words}){_KINDS}")) for area, words in reversed(_AREAS))
_BARE_SECTION = re.compile(
    r"(?:(?:国家|部委|中央|地方|各地|行业|企业|产业|国际|海外|全球|市场)(?:与|和|及|、|·|/|&)?)+(?<![与和及、·/&])"
)
_SECTION_WORD = re.compile(
    r"政策|动态|要闻|新闻|资讯|速递|快讯|简讯|消息|信息|动向|观察|热点|聚焦|声音|时讯|进展|篇|视野|视角|速览"
    r"|层面|板块|专栏|概览|扫描|看点|头条|前沿|实践|事件|播报|风向|瞭望|部委|法规"
)
_DECORATION = re.compile(
    r"^[\W_]*(?:(?:part|no)?[ .]*\d{1,2}|[一二三四五六七八九十]{1,2}(?=[、.: |])|第[一二三四五]部分)?[\W_]*"
    r"|[\W_]*[a-z &]*[\W_]*$",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Line:
    """One non-empty line; `after_blank` tells whether an empty line (or the text's start) stands before it."""

    words: Passage
    after_blank: bool

    @cached_property
    def bullet(self) -> str:
        found = self.words.match(_BULLET)
        return found.group().strip() if found else ""

    @cached_property
    def is_numbered(self) -> bool:
        return not self.bullet and self.words.match(_NUMBER) is not None

    @cached_property
    def bare(self) -> Passage:
        """The line without bullet and number."""
        rest = self.words
        for mark in (_BULLET, _NUMBER):
            found = rest.match(mark)
            if found and found.end() < rest.end:
                rest = rest.part(found.end(), rest.end).strip()
        return _unwrap(rest)

    @cached_property
    def length(self) -> int:
        return self.words.end - self.words.start

    @cached_property
    def is_residue(self) -> bool:
        short = self.length <= 60
        return short and (_ORNAMENT.fullmatch(self.words.words) is not None or self.words.match(_RESIDUE) is not None)

    @cached_property
    def starts_tail(self) -> bool:
        return self.length <= 24 and self.words.match(_TAIL) is not None

    @cached_property
    def is_contents_heading(self) -> bool:
        return self.length <= 24 and _CONTENTS.fullmatch(self.words.words) is not None

    @cached_property
    def is_masthead(self) -> bool:
        return self.length <= 20 and _MASTHEAD.fullmatch(self.words.words) is not None

    @cached_property
    def published(self) -> Passage | None:
        """What stands after 发布时间, if the line is that line."""
        found = self.words.match(_PUBLISHED) if self.length <= 50 else None
        return self.words.group(found, 1) if found else None

    @cached_property
    def section(self) -> tuple[Section | None] | None:
        """A one-tuple of the section that the line is the title of (None in it: told by content), else None."""
        if self.length > 30:
            return None
        words = _DECORATION.sub("", self.words.words.strip())
        if not 2 <= len(words) <= 16 or not (_BARE_SECTION.fullmatch(words) or _SECTION_WORD.search(words)):
            return None
        return next(((area,) for area, pattern in _SECTIONS if pattern.fullmatch(words)), None)

    @cached_property
    def opens(self) -> bool:
        """Starts as a news paragraph starts (近日, 1月7日, 据…)."""
        return self.words.match(_OPENING) is not None

    @cached_property
    def ends_sentence(self) -> bool:
        return str(self.words).rstrip('”"』」)）]】 ')[-1:] in tuple(_ENDS_SENTENCE)

    @cached_property
    def may_head(self) -> bool:
        """Short and no sentence: may be a heading or an entry of the contents list."""
        words = self.bare.words
        ellipsis = words.endswith(("...", "……"))
        return (
            2 <= len(words) <= 80
            and not self.opens
            and "。" not in words
            and (ellipsis or not self.ends_sentence)
            and not words.endswith((":", ","))
        )

    @cached_property
    def subject(self) -> Passage | None:
        """What stands before the colon of a heading 主语:事由."""
        found = self.bare.match(_SUBJECT)
        if not found or _NOT_SUBJECT.fullmatch(found.group(1).strip()):
            return None
        return self.bare.group(found, 1).strip()


def _unwrap(words: Passage) -> Passage:
    """Without a pair of brackets, quotes or asterisks around the whole line."""
    for opening, closing in (("[", "]"), ("**", "**"), ("#", ""), ("##", ""), ("###", "")):
        line = words.words
        if (
            line.startswith(opening)
            and line.endswith(closing)
            and len(line) > len(opening + closing)
            and line.count(opening) <= 2
        ):
            inner = words.part(words.start + len(opening), words.end - len(closing)).strip()
            if closing != "]" or "]" not in inner.words:
                words = inner
    return words


def lines(text: Passage) -> list[Line]:
    """The non-empty lines of the text in order."""
    found, at, blank = [], text.start, True
    for piece in text.folded[text.start : text.end].split("\n"):
        words = text.part(at, at + len(piece)).strip()
        if words:
            found.append(Line(words, blank))
        blank = not words
        at += len(piece) + 1
    return found
