"""What one line of an issue looks like: its mark, its words without it, and what it can be.

Called by `segments`, which puts the lines together. Every judgement here sees one line only: residue, the tail
of the page, contents heading, masthead, publication line, section title, a possible heading, or a paragraph.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from functools import cached_property

from tanxun.digest.reader import factlines, titles
from tanxun.digest.reader.cleaning import Passage
from tanxun.digest.reader.numbers import number
from tanxun.digest.reader.reading import Section

_CIRCLED = "①-⒛⓪-⓾❶-➓㈠-㈩㉑-㉟㊱-㊿"
# Geometric shapes, dingbats and pictures stand before a line as nothing but a bullet. Any other sign may be one if the issue
# repeats it, but not what opens a quote, a title or a bracket, and not what stands before an amount.
_SHAPES = "\u2580-\u27bf\u2b00-\u2bff\u3013\U0001f300-\U0001faff"
_BULLET = re.compile(rf"[ ]*(?:(?P<shape>[{_SHAPES}·√※])(?P=shape)*|[{_CIRCLED}]|[-*>](?= ))[ ]*")
_SIGN = re.compile(r"[ ]*(?P<sign>[^\w\s“”‘’\"'《》()\[\]{}#.,:;!?。、%$¥€£°…])(?P=sign){0,2}(?! ?\d)[ ]*(?=\S)")
_NUMBER = re.compile(
    r"[ ]*(?:\[?\(?(?:第?[一二三四五六七八九十百零]{1,5}|\d{1,3}|[a-zA-Z])[\])]+[、.:]?"
    r"|(?:no|vol)\.?[ ]?\d{1,3}(?:[ ]?[.:、|/]|[ ]|(?=[^\W\d_a-z]))"
    r"|第[一二三四五六七八九十百\d]{1,3}条[:、 ]|\d{1,2}[.-]\d{1,2}[ ]{1,3}(?=[^\d \-/年月日%万亿家项个]|日本)"
    r"|\d{1,3}[ ]?(?:\||/(?!\d))"
    r"|\d{1,3}(?:[、.:](?!\d)|(?=[\[《]))|0?\d{1,2}[ ]{1,3}(?=[^\d \-/年月日%万亿]|日本)|[一二三四五六七八九十百零]{1,5}[、.:]"
    rf"|[a-zA-Z][、.](?![a-z])|\d\ufe0f?\u20e3|[{_CIRCLED}])[ ]*",
    re.IGNORECASE,
)
_ENDS_SENTENCE = "。！？；!?;…"
_OPENING = re.compile(
    r"[ ]*(?:近日|日前|当日|据|近来|(?:近期|本周|上周|昨日|今日)(?![^,。;:!?]{0,24}$)"
    r"|(?:\d{4}年)?\d{1,2}月(?:\d{1,2}日|[上中下]旬|底"
    r"|初)|\d{4}[-./]\d{1,2}[-./]\d{1,2}|\d{4}年,)"
)
_SUBJECT = re.compile(r"([^:,。;!?《》“”]{1,30}):[ ]*(?=\S)")
_NOT_SUBJECT = re.compile(
    r"(?:主要|总体|发展|工作|重点|具体|支持|保障|申报|评价|奖补|时间|地点|来源|编辑|作者|审核|校对|记者|电话"
    r"|联系|网址|链接|摘要|导语|原文|注|附件|主题|内容|对象|条件|标准|目标|措施|任务|范围"
    r"|期限|流程|要求|方向|原则|意义|背景|亮点|解读|结论|方式|其中|一是|二是|三是|四是|五是|同时|此外"
    r"|第[一二三四五六七八九十]).{0,6}|[问答QA][\d一二三四五六七八九十]{0,3}",
    re.IGNORECASE,
)
_ORNAMENT = re.compile(r"[\W_]*(?:(?:part|no|vol)?[ .]*\d{1,3}[\W_]*)?", re.IGNORECASE)
_BYLINE = r"(?:作者|来源|编辑|责(?:任)?编(?:辑)?|排版|审核|校对|监制|撰[稿文]|供稿|摄影|制图|图表|视觉|策划|统筹|文|图)[ ]*[:/|]"
_RESIDUE = re.compile(
    rf"[\W_]*(?:{_BYLINE}"
    r"|(?:文章|信息|资料|内容|素材|文字|图文)来源|本文(?:来源|转自|转载|综合|整理|根据|由)|转载(?:请|须|自)|免责声明|声明:|版权(?:声明|归)"
    r"|点击(?:上方|下方|蓝字|关注|阅读|图片|查看|观看|这里|名片)|(?:请)?(?:长按|扫码|扫一扫|扫描|微信扫)|轻触|预览时|(?:向?[上下左右]{1,2}滑动?|滑动)(?:查看|看|$)"
    r"|(?:欢迎)?关注(?:我们|公众号|本公众号|官方)|更多精彩|设为星标|收录于|喜欢(?:此内容|.{0,6}(?:就|请))|知道了$|写?留言$"
    r"|(?:点)?(?:分享|收藏|点赞|在看|赞)(?:[、/· ]|在看|$)|阅读原文|阅读(?:量)?[ ]?\d"
    r"|图片来源|图片\|?[\W\d]*$|\[图片\]|图源|图[ ]?\d+[ :.]|图[\W\d]*$|视频号?[\W_]*$|(?:the )?end[\W_]*$|全文完"
    r"|(?:(?:主|承|协)办|(?:编|刊)印|(?:主|抄)?(?:报|送))(?:单位|机关)?[:/]|整理[:/|]|原创(?:[\W_]|$)|(?:微信)?公众号[:/]|微信号|添加微信|加入.{0,8}(?:群|星球)|碳讯编辑部"
    r"|联系(?:我们|方式|电话)|(?:咨询|服务)?(?:热线|电话)[:/]|投稿(?:邮箱|[:/]|$)|(?:广告|推广)(?:合作|[\W_]*$)|商务合作|https?://"
    r"|(?:20\d\d年)?\d{1,2}月\d{1,2}日[ ]*(?:星期|周)?[一二三四五六日天]?$)",
    re.IGNORECASE,
)
_TAIL = re.compile(
    r"[\W_]*(?:往期(?:推荐|回顾|精选|文章|内容|周报|好文|要闻)|(?:相关|推荐|延伸|精彩|更多)(?:阅读|推荐|文章"
    r"|回顾|内容)|历史文章|上期回顾|猜你喜欢|关于(?:我们|碳讯)|(?:the )?end$)",
    re.IGNORECASE,
)
_CONTENTS = re.compile(r"[\W_]*.{0,14}(?:目[ ]*录|要目|导读|导览|提要|要闻速览|一览|速览|看点|contents)[\W_a-z]*", re.IGNORECASE)
_PUBLISHED = re.compile(r"(?:[^。;《》\n]{1,30}[| ])?[ ]*(?:发布|发表|推送|出刊|出版|更新|刊发)(?:时间|日期)[ ]*:?[ ]*(.{0,40})")
_BARE_DATE = re.compile(
    r"[\W_]*20\d\d(?:年[ ]?\d{1,2}月[ ]?\d{1,2}日?|([-./])\d{1,2}\1\d{1,2})[\W_]*(?:(?:星期|周)[一二三四五六日天])?"
    r"[\W_]*(?:\d{1,2}:\d{2}(?::\d{2})?)?[\W_]*"
)
_MASTHEAD = re.compile(r"[\W_]*碳讯[\W_]*")
_CIRCLE = re.compile(f"[{_CIRCLED}]")
_NUMERAL = re.compile("[一二三四五六七八九十百零]+")
_DIGITS = re.compile(r"\d+")
_COUNT = re.compile(f"{_DIGITS.pattern}|{_NUMERAL.pattern}|{_CIRCLE.pattern}")
_REPEATED, _LONGEST_WRAPPED, _LONGEST_QUESTION = 2, 120, 40
# A pair around the whole line, with no bracket of its kind inside; `#` and its like may stand in front alone.
_WRAPPED = re.compile(
    r"[ ]*(?:\[(?P<square>[^\[\]]+)\]|“(?P<quoted>[^“”]+)”|<(?P<angled>[^<>]+)>|\*\*(?P<bold>[^*]+)\*\*"
    r"|#+[ ]*(?P<hash>[^#]+?)[ ]*#*"
    r"|(?P<rule>[-=~_]{2,}|[☆★◆◇■□●○▲△|])[ ]*(?P<ruled>[^-=~_☆★◆◇■□●○▲△|]+)[ ]*(?P=rule))[ ]*$"
)


@dataclass(frozen=True)
class Line:
    """One non-empty line; `after_blank` tells whether an empty line (or the text's start) stands before it.

    `mark` is the style of its bullet, number and brackets, the same for all lines of one list: "●", "①", "N、", "(C)",
    "[]"; N stands for digits, C for Chinese numerals, ① for circled ones. `is_cells` is set for a row of a table.
    """

    words: Passage
    after_blank: bool
    bare: Passage
    bullet: str
    is_numbered: bool
    mark: str
    number: int | None = None
    stands_as_title: bool = False
    is_cells: bool = False

    @classmethod
    def of(cls, words: Passage, after_blank: bool, signs: frozenset[str] = frozenset()) -> Line:
        """`signs` are those that the issue uses as bullets."""
        inside, outer = _unwrap(words)
        sign = inside.match(_SIGN)
        bullet = sign if sign and sign["sign"] in signs else inside.match(_BULLET)
        rest = inside.part(bullet.end(), inside.end) if bullet and bullet.end() < inside.end else inside
        count = rest.match(_NUMBER)
        bare, inner = _unwrap(rest.part(count.end(), rest.end) if count and count.end() < rest.end else rest)
        printed = bullet.group().strip() if bullet else ""
        marks = printed + (count.group().strip() if count else "")
        style = _CIRCLE.sub("①", _NUMERAL.sub("C", _DIGITS.sub("N", marks)))
        return cls(words, after_blank, bare, printed, count is not None and not bullet, outer + style + inner, _counted(marks))

    @property
    def length(self) -> int:
        return self.words.end - self.words.start

    @cached_property
    def is_residue(self) -> bool:
        """The platform's words and ornaments, which no item is made of."""
        short = self.length <= 60
        return short and (_ORNAMENT.fullmatch(self.words.words) is not None or self.words.match(_RESIDUE) is not None)

    @property
    def starts_tail(self) -> bool:
        """往期推荐 and the like: what stands below is not of this issue."""
        return self.length <= 24 and self.words.match(_TAIL) is not None

    @property
    def is_contents_heading(self) -> bool:
        return self.length <= 24 and _CONTENTS.fullmatch(self.words.words) is not None

    @property
    def is_masthead(self) -> bool:
        return self.length <= 20 and _MASTHEAD.fullmatch(self.words.words) is not None

    @property
    def published(self) -> Passage | None:
        """What stands after 发布时间, if the line is that line (or names the publisher before it)."""
        found = self.words.match(_PUBLISHED) if self.length <= 60 else None
        return self.words.group(found, 1) if found else None

    @property
    def is_bare_date(self) -> bool:
        """A day with its year and nothing else but the weekday and the time."""
        return self.length <= 40 and _BARE_DATE.fullmatch(self.words.words) is not None

    @cached_property
    def is_facts(self) -> bool:
        """发布日期:… 文号:…, which say something of the item above."""
        return factlines.is_facts(self.bare)

    @cached_property
    def title_words(self) -> str:
        """What the line says as a section title, see `titles`; empty where it is too long."""
        return titles.title_words(self.words.words)

    @cached_property
    def section(self) -> tuple[Section | None] | None:
        """A one-tuple of the section that the line is the title of (None in it: told by content), else None."""
        is_title = self.stands_as_title or titles.is_title(self.title_words)
        return (titles.area(self.title_words),) if is_title else None

    @cached_property
    def is_aside(self) -> bool:
        """Opens what is no news: an advert, a course, questions of readers."""
        return titles.opens_aside(self.bare.words) or titles.opens_aside(self.words.words)

    @cached_property
    def opens(self) -> bool:
        """Starts as a news paragraph starts (近日, 1月7日, 据…)."""
        return (self.words.match(_OPENING) or self.bare.match(_OPENING)) is not None

    @cached_property
    def ends_sentence(self) -> bool:
        return str(self.words).rstrip('”"』」)）]】 ')[-1:] in tuple(_ENDS_SENTENCE)

    @property
    def introduces(self) -> bool:
        """Ends as a line that leads on to the next ones: 措施如下, 提出:."""
        return self.words.words.endswith((":", "如下"))

    @cached_property
    def may_head(self) -> bool:
        """Short and no sentence: may be a heading or an entry of the contents list."""
        words = self.bare.words
        ellipsis = words.endswith(("...", "……")) or (words.endswith("?") and len(words) <= _LONGEST_QUESTION and self.after_blank)
        return (
            2 <= len(words) <= 80
            and not self.opens
            and not (self.is_facts or self.is_cells)
            and "。" not in words
            and (ellipsis or not self.ends_sentence)
            and not words.endswith(",")
            and not self.introduces
        )

    @cached_property
    def subject(self) -> Passage | None:
        """What stands before the colon of a heading 主语:事由."""
        found = self.bare.match(_SUBJECT)
        if not found or _NOT_SUBJECT.fullmatch(found.group(1).strip()):
            return None
        return self.bare.group(found, 1).strip()


def _unwrap(words: Passage) -> tuple[Passage, str]:
    """Without brackets, quotes or ornaments around the whole line, and which pairs they were."""
    found = words.match(_WRAPPED) if words.end - words.start <= _LONGEST_WRAPPED else None
    if not found:
        return words.strip(), ""
    name = found.lastgroup or ""
    inner, again = _unwrap(words.group(found, name))
    return inner, f"{words.words[0]}{again}"


def _counted(marks: str) -> int | None:
    """The last number in the marks (1.2 → 2, 十二 → 12, ③ → 3), None where there is none."""
    printed = _COUNT.findall(marks)
    if not printed:
        return None
    found = number(printed[-1]) or unicodedata.numeric(printed[-1][-1])
    return int(found)


def lines(text: Passage) -> list[Line]:
    """The non-empty lines of the text in order."""
    found, at, blank = [], text.start, True
    for piece in text.folded[text.start : text.end].split("\n"):
        words = text.part(at, at + len(piece)).strip()
        if words:
            found.append((words, blank))
        blank = not words
        at += len(piece) + 1
    used = Counter(sign["sign"] for words, _ in found if (sign := words.match(_SIGN)))
    signs = frozenset(sign for sign, times in used.items() if times >= _REPEATED)
    return [Line.of(words, after_blank, signs) for words, after_blank in found]
