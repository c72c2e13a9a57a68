"""What a target's number counts: the noun phrase beside it, as printed, without years and verbs. Called by `targets`."""

from __future__ import annotations

import re

from tanxun.digest.reader.cleaning import Passage
from tanxun.digest.reader.figures import Figure

YEAR = re.compile(
    r"(?:(?:力争|确保|争取)?(?:到|至|在|截至|截止)?[ ]?(?P<year>20[2-9]\d)年?(?:底|末|前|年内|年底前|年底|年末|年前"
    r"|底前|末前|度|、)?)(?=[^\d.%]|$)"
)
PLAN = re.compile(r"[“\"]?(?P<plan>十[五六]五)[”\"]?(?:规划)?(?:时期|期间|末|期末|收官)?")
EACH_YEAR = re.compile(r"每年|逐年|年均|每一年|年度新增|按年")
THIS_YEAR = re.compile(r"今年|今明两年|(?<!\d)年(?:内|底前?|末前?)|全年(?!综合|用|耗|排)|本年度?")
BASE_YEAR = re.compile(r"(?:比|较|相比|对比|相较|与|同|以|自|从)[ ]?$")
DIRECTION = re.compile(r"新增|新建|新培育|新认定|新创建")

_VERBS = re.compile(
    r"(?:(?:全(?:省|市|县|区|国|州)(?=建成|培育|打造|新增|创建|完成|力争|实现)|我(?:省|市)|主要|目标|总体|提出"
    r"|明确|要求|指出|其中|并|且|同时|同期|再|还|再次|计划|将|拟|力争|确保|争取|努力|积极|加快|累计|分别|推动|推进"
    r"|组织|支持|鼓励|引导|实现|完成|建成|建设|打造|培育|创建|达到|形成|遴选|实施|开展|制定|制修订|修订|推广"
    r"|发布|配套|配建|开发|选育|新能源化"
    r"|发展"
    r"|布局|引进|投放|投运|投用|建立|构建|认定|评选|创新|选树|树立|使|让|对|每年|逐年|至少|不少于|超过|约|有|是|为|在|到|:|,"
    r"|、|以|今年|年内|全年|本年度|本年|力求|基本|全面|初步|滚动|动态|重点|梯度|分批|持续|年均|年度|研制|出台|编制|改造(?=\d)|的|底前?"
    r"|末前?|前)[ ]?)+"
)
_TAIL = re.compile(
    r"(?:[ ,]|总体|分别|均|全部|基本|累计|要|力争|确保|争取|将|再|稳定|保持|维持|控制在"
    r"|控制|达到?|提升到?|提升至|提高到|提高至|增长到|增长至|增加到|增加至|降至|降到|下降至|下降到|降低到"
    r"|降低至|压减到|扩大到|扩大至|超过|突破|为|至|到|在|约)+$"
)
_AGAINST = re.compile(r"(?:比|较)(?:20\d\d年|上年|同期)$|[由从]\d.*$")
_SAME_AGAIN = re.compile(
    r"[ ]*(?:再|累计|力争|将|并|进一步)*(?:建成|培育|打造|创建|完成|认定)?"
    r"(?:达到?|到|至|为|超过|突破|增至|升至|降至|提高|提升|增加|扩大|下降|不少于|不低于)*[ ]?$"
)
_NOUN = re.compile(r"[的]?[\u4e00-\u9fff()“”A-Za-z0-9/·+-]{2,30}")
_NOUN_ENDS = re.compile(r"(?:,|、|以及|并|和(?=\d)|,)")
_SHORTEST, _BASE = 3, 4


def indicator(clause: Passage, at: int, figure: Figure, previous: str, is_aim: bool) -> tuple[str, int]:
    """The noun before the number (from `at` on), or after it (培育100家绿色工厂), else the one before (再达到30家); and
    where its words end. `is_aim`: a verb of its own stands before the number, so nothing is carried over."""
    line = clause.part(at, figure.start)
    before, end = stripped(line), figure.end
    behind = clause.part(end, clause.end).match(_NOUN)
    kept = DIRECTION.search(before)
    if figure.counts and behind and (len(re.sub(r"\W", "", before)) < _SHORTEST or (kept and kept.end() == len(before))):
        noun = _NOUN_ENDS.split(behind.group().lstrip("的"))[0]
        return before + noun, end + behind.group().find(noun) + len(noun)
    if previous and _SAME_AGAIN.fullmatch(without_years(line).words) and not _noun(before_year(line)):
        return previous, end
    carried = DIRECTION.match(previous)
    if carried and before and not is_aim:
        before = carried.group() + before
    return before, end


def stripped(words: Passage) -> str:
    """The noun phrase as printed, without years and the verbs around it; the direction (新增, 下降) stays."""
    return _noun(without_years(words)) or _noun(before_year(words))


def _noun(words: Passage) -> str:
    lead = words.match(_VERBS)
    words = words.part(lead.end(), words.end) if lead else words
    tail = words.search(_TAIL)
    if tail:
        words = words.part(words.start, tail.start())
    return _AGAINST.sub("", str(words.strip(" ,:、和及与")))


def without_years(words: Passage) -> Passage:
    """What stands behind the last year, plan or 每年 that is no year of comparison."""
    return words.part(max((found.end() for found in _years(words)), default=words.start), words.end)


def before_year(words: Passage) -> Passage:
    """What stands before the first of them (装机2027年末达到…); nothing where there is none."""
    return words.part(words.start, min((found.start() for found in _years(words)), default=words.start))


def _years(words: Passage) -> list[re.Match[str]]:
    found = [hit for pattern in (YEAR, PLAN, EACH_YEAR, THIS_YEAR) for hit in words.finditer(pattern)]
    return [hit for hit in found if not BASE_YEAR.search(words.folded[max(words.start, hit.start() - _BASE) : hit.start()])]


def listed(words: Passage) -> list[str]:
    """The members of 甲、乙和丙 before 分别; a direction before the first is every member's."""
    found = [stripped(part) for part in words.split(re.compile("、|和|及|与"))]
    kept = DIRECTION.match(found[0]) if found else None
    return [name if at == 0 or not kept or DIRECTION.match(name) else kept.group() + name for at, name in enumerate(found)]
