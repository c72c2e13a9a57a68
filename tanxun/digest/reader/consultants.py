"""Firms in whose help a statement came about (在甲的辅导下, 由甲提供技术支持). Called by `parties` and `statements`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tanxun.digest.reader.cleaning import Passage
from tanxun.digest.reader.reading import Read
from tanxun.digest.reader.vocabulary import Vocabulary, key

_NAME = r"(?P<name>[^,。;:]{2,40}?)"
_SUPPORT = r"(?:技术|咨询|辅导|核算|建模|数据|顾问|服务|支持|支撑|碳|专业|指导|盘查)"
_ADVERBS = r"(?:全程|全流程|专业|独家|相关|全面|的|一站式)*"
_GIVES = rf"(?:提供|负责|承担|担任)(?:了)?{_ADVERBS}{_SUPPORT}"
_HELP = re.compile("提供|负责|承担|担任|助力|辅导|协助|支持|指导|帮助|服务|咨询|陪跑|编制|建模|代理|顾问")
_HELPED = (
    re.compile(rf"由{_NAME}(?:为其|为本次[^,。]{{2,12}}|为该[^,。]{{2,12}}|全程|为[^,。;]{{2,30}}?)?{_GIVES}"),
    re.compile(
        rf"(?:在|由|经|得益于|借助){_NAME}(?:的|提供的|全程|专业|专家|团队|悉心|倾力|大力|鼎力|技术)*"
        r"(?:助力|辅导|协助|支持|指导|帮助|服务|咨询|陪跑)(?:与|和|及|、)?(?:辅导|协助|支持|指导|帮助|服务|咨询|陪跑)*(?:下|之下|,)"
    ),
    re.compile(
        r"(?:咨询|辅导|技术支持|技术服务|核算服务|服务|顾问|建模|报告编制|碳盘查)(?:工作|机构|单位|方|服务)*"
        rf"(?:均|都|全部)?(?:为|是|由|:){_NAME}(?=承担|提供|完成|负责|担任|[,。;]|$)"
    ),
    re.compile(rf"{_NAME}(?:为其|为本次[^,。]{{2,16}}|为该[^,。]{{2,16}}|为此次[^,。]{{2,16}}|作为[^,。]{{2,16}},?){_GIVES}"),
    re.compile(
        rf"(?P<name>[^,。;:]{{2,40}}?公司)(?:近日|日前|全程|成功|先后|已)*(?:(?:为[^,。;:]{{2,40}}?)?{_GIVES}"
        r"|(?:助力|协助|帮助|辅导|指导|陪同)[^,。;:]{2,40}?(?:获得|取得|通过|完成|开展))"
    ),
    re.compile(
        rf"(?:委托|聘请|邀请|交由){_NAME}(?=(?:开展|进行|完成|编制|协助|提供)[^,。;]{{0,12}}(?:核算|编制|建模|盘查|辅导|咨询))"
    ),
)
_UNNAMED = re.compile(
    r"政府|局|委员会|部门|专家|团队|各方|双方|领导|机构$|政策|全体|数字|技术|平台|大力|有关|认证|公司$|多方|企业|自身"
)
_LEGAL_END = re.compile(r"(?:有限)?公司")
_LEAD = re.compile(
    r"(?:近日|日前|在|由|并|此次|本次|专业|咨询机构|咨询公司|服务商|合作伙伴|第三方|其中|,|同时|碳管理"
    r"|碳服务商|碳咨询机构|低碳服务机构|核算|核查|盘查|整个过程|过程|工作|项目)+"
)


def named(passage: Passage, vocabulary: Vocabulary) -> Iterator[Passage]:
    """The names of all firms that are said to help; a verification body is none."""
    if passage.search(_HELP) is None:
        return
    for sentence in passage.sentences():
        for pattern in _HELPED if sentence.search(_HELP) else ():
            for found in sentence.finditer(pattern):
                name = _bare(sentence.group(found, "name"), sentence)
                is_firm = str(name).endswith("有限公司") or not _UNNAMED.search(name.words)
                if 2 <= len(name.words) <= 30 and is_firm and key(str(name)) not in vocabulary.body_names:
                    yield name


def _bare(words: Passage, sentence: Passage) -> Passage:
    words = words.strip(" ,、“”")
    lead = words.match(_LEAD)
    words = words.part(lead.end(), words.end).strip(" ,、“”的") if lead else words
    legal = words.part(words.end, sentence.end).match(_LEGAL_END)
    return words.part(words.start, legal.end()) if legal else words


def consultants(passage: Passage, vocabulary: Vocabulary) -> Iterator[Read[str]]:
    """The firms that helped, as values."""
    return (name.read(str(name)) for name in named(passage, vocabulary))
