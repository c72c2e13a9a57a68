"""What a search box understands: terms, phrases, exclusions, synonyms, spellings; what comes first; what is refused."""

import pytest
from django.core.exceptions import ValidationError
from django.http import QueryDict

from certifications.models import Company, CompanyName, VerificationStatement
from tanxun.listing.page import find
from tanxun.search import queries
from tanxun.search.lit import lit
from tanxun.search.models import Synonym
from tanxun.search.question import Term, parse
from tests import factory as f


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("昆山 纺织", [Term("昆山"), Term("纺织")]),
        ("昆山　纺织", [Term("昆山"), Term("纺织")]),
        ('"昆山 纺织"', [Term("昆山 纺织", is_phrase=True)]),
        ("“昆山 纺织”厂", [Term("昆山 纺织", is_phrase=True), Term("厂")]),
        ("-苏州", [Term("苏州", is_excluded=True)]),
        ("－苏州 纺织", [Term("苏州", is_excluded=True), Term("纺织")]),
        ('-"苏州 市"', [Term("苏州 市", is_phrase=True, is_excluded=True)]),
        ("ISO-14064", [Term("ISO-14064")]),
        ("-", [Term("-")]),
        ("- 苏州", [Term("-"), Term("苏州")]),
        ('"', [Term('"')]),
        ('""', []),
        ('"碳足', [Term("碳足")]),
        ("碳衡“样例”咨询", [Term("碳衡“样例”咨询")]),
        (" \u3000\u200b", []),
    ],
)
def test_terms(text, terms):
    assert parse(text) == terms


@pytest.mark.parametrize("text", ["\0", "a\0b", "\ud800", "字" * 201, "a " * 11, '"a" ' * 11])
def test_what_cannot_be_asked_is_refused(text):
    with pytest.raises(ValidationError):
        parse(text)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("3-5", {"3-5年"}),
        ('"3-5"', {"3-5年"}),
        ("1/2", {"1/2份"}),
        ("A3/70", {"A3-70"}),
        ('"A3/70"', set()),
        ("12/345", {"12-345"}),
        ('"12/345"', set()),
        ('"12-345"', {"12-345"}),
        ("1-2-345 -3-5", {"12-345"}),
        ("9135 0100 M000 100Y 43", {"91350100M000100Y43"}),
        ("1350 0100 M000 100Y 43", set()),
        ('9135 "0100 M000" 100Y 43', set()),
    ],
)
def test_signs_of_a_number_differ_only_where_it_can_be_nothing_else(text, found):
    made = {f.statement(summary=words).pk: words for words in ("3-5年", "35克5年", "1/2份", "12月2日", "91350100M000100Y43")}
    made |= {f.statement(certificate_number=number).pk: number for number in ("A3-70", "12-345")}
    assert {made[row.pk] for row in VerificationStatement.objects.search(text)} == found


@pytest.fixture
def names(db):
    for name in (
        "海尔智家股份有限公司",
        "青岛海尔电器有限公司",
        "海尔",
        "苏州电子科技有限公司",
        "昆山电子元件厂",
        "重庆长安汽车",
    ):
        f.company(name)
    return lambda text: [row.name for row in Company.objects.search(text)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("海尔", ["海尔", "海尔智家股份有限公司", "青岛海尔电器有限公司"]),
        ("haier", ["海尔", "海尔智家股份有限公司", "青岛海尔电器有限公司"]),
        ("hezj", ["海尔智家股份有限公司"]),
        ("haierzhijia", ["海尔智家股份有限公司"]),
        ("zhijia", ["海尔智家股份有限公司"]),
        ("ＨＡＩＥＲ", ["海尔", "海尔智家股份有限公司", "青岛海尔电器有限公司"]),
        ("海爾智家", ["海尔智家股份有限公司"]),
        ("智", ["海尔智家股份有限公司"]),
        ("电子", ["昆山电子元件厂", "苏州电子科技有限公司"]),
        ("电子 苏州", ["苏州电子科技有限公司"]),
        ("电子 -苏州", ["昆山电子元件厂"]),
        ("-海尔 -电子", ["重庆长安汽车"]),
        ("-电子科技 -海尔 昆山", ["昆山电子元件厂"]),
        ('"子科技"', ["苏州电子科技有限公司"]),
        ("子元", ["昆山电子元件厂"]),
        ("电科技", []),
        ("子电", []),
        ("电子技", []),
        ("chongqing", []),
        ("zhongqing", []),
        ("changan", ["重庆长安汽车"]),
    ],
)
def test_companies_are_found_in_order(names, text, found):
    if text in ("chongqing", "zhongqing"):  # one reading of 重 is right; which one, the library says
        assert names("chongqing") + names("zhongqing") == ["重庆长安汽车"]
    else:
        assert names(text) == found


@pytest.mark.parametrize(
    "text", ["TW23/00193GG", "tw23 / 00193gg", "TW2300193GG", "TW23-00193GG", "tw23", "00193", "００１９３ＧＧ"]
)
def test_a_number_is_found_in_any_spelling(db, text):
    made = f.statement(certificate_number="TW23/00193GG")
    f.statement(certificate_number="TW24/00190")
    assert [row.pk for row in VerificationStatement.objects.search(text)] == [made.pk]


@pytest.mark.parametrize("text", ["TW23/00193G", "ISO 14064"])
def test_words_between_signs_are_terms_in_their_order(db, text):
    f.statement(certificate_number="00193G/TW23", standards=[f.standard("14064 ISO", "")])
    made = f.statement(certificate_number="TW23/00193G", standards=[f.standard("ISO 14064-1", "2018")])
    assert made.pk in [row.pk for row in VerificationStatement.objects.search(text)]
    assert [row.pk for row in VerificationStatement.objects.search(f'"{text}"')] == [made.pk]


def test_every_name_of_a_company_ranks(names):
    other = f.company("不相干的名称")
    CompanyName.objects.create(company=other, name="海尔智家")
    assert names("海尔智家") == ["不相干的名称", "海尔智家股份有限公司"]


def test_where_there_are_many_the_order_of_the_list_holds(names, monkeypatch):
    monkeypatch.setattr(queries, "COMMON", 1)
    ordered = Company.objects.order_by("-pk")
    assert [row.name for row in ordered.search("海尔")[:2]] == ["海尔", "青岛海尔电器有限公司"]
    assert "EXISTS" in str(ordered.search("海尔")[:2].query)
    assert "EXISTS" not in str(ordered.search("海尔").query)
    assert ordered.search("海尔").count() == 3
    assert [row.name for row in ordered.search("海尔 -青岛")[:2]] == ["海尔", "海尔智家股份有限公司"]
    assert not ordered.search("海尔 -海尔")


def test_synonyms_are_found_both_ways_and_left_out_together(db):
    Synonym.objects.create(words="碳足迹=CFP=carbon footprint")
    rows = [f.statement(summary=text).pk for text in ("碳足迹报告", "cfp report", "a Carbon Footprint", "别的")]
    for text in ("碳足迹", "cfp", "carbon footprint", "ＣＦＰ"):
        assert sorted(row.pk for row in VerificationStatement.objects.search(text)) == rows[:3], text
    assert [row.pk for row in VerificationStatement.objects.search('"cfp"')] == [rows[1]]
    assert [row.pk for row in VerificationStatement.objects.search("-cfp")] == [rows[3]]


def test_synonyms_need_two_words():
    for words in ("碳足迹", "碳足迹=碳足跡", "="):
        with pytest.raises(ValidationError):
            Synonym(words=words).clean()
    kept = Synonym(words=" 碳足迹 ＝ CFP =")
    kept.clean()
    assert kept.words == "碳足迹=CFP"


SIGNS = [
    "'",
    '"',
    "*",
    "(",
    ")",
    ":",
    "^",
    "NEAR(a b)",
    "a AND",
    "OR",
    "NOT a",
    "{a}",
    "a:b",
    "\\",
    "!",
    "&|",
    "<->",
    "%s",
    "';--",
    "-- -",
]


@pytest.mark.parametrize(
    "text", [*SIGNS, "\ue100verificationbody1", "\x01", "😀", "a" * 196, "字" * 196, "_" * 196, "\u202e", "é" * 3]
)
def test_hostile_text_is_text(db, text):
    f.statement(summary="无关")
    assert list(VerificationStatement.objects.search(text)) == list(VerificationStatement.objects.search(f"{text} zzz")) == []


def test_the_hit_words_of_the_best_sentence_are_lit():
    text = "开头一句。其中，ＩＳＯ 14067：2018 证书与《碳足跡》有关；末句。"
    pieces = lit([text], ["碳足迹", "iso14067"])
    assert "".join(piece.text for piece in pieces) == "其中，ＩＳＯ 14067：2018 证书与《碳足跡》有关；"
    assert [piece.text for piece in pieces if piece.is_hit] == ["ＩＳＯ 14067", "碳足跡"]
    assert lit([text], ["没有"]) == []


def test_a_long_sentence_is_cut_around_its_hit():
    pieces = lit(["甲" * 300 + "目标" + "乙" * 300], ["目标"])
    assert [piece.text for piece in pieces if piece.is_hit] == ["目标"]
    assert pieces[0].text == pieces[-1].text == "…"
    assert sum(len(piece.text) for piece in pieces) < 130


@pytest.mark.parametrize(
    "text",
    [
        *("海", "海尔", "haier", "hez", "电子科", '"有限公司"', "公司 haier", "zhijia 海尔智"),
        *(
            "电子 -苏州",
            "-海尔",
            "公司 -电子科技 -青岛",
            '公司 -"子科技"',
            "海 -qingdao",
            "电子 -苏州 -智家",
        ),
    ],
)
def test_walking_collecting_and_sampling_agree(names, text, monkeypatch):
    few = set(names(text))
    assert few
    monkeypatch.setattr(queries, "COMMON", 0)
    rows = Company.objects.order_by("pk").search(text)
    assert {row.name for row in rows} == {row.name for row in rows[:100]} == few
    if (sampled := queries.sample(rows)) is not None:
        assert {row.name for row in sampled} <= few
    params = QueryDict(mutable=True)
    params.update({"q": text, "statements_min": "0"})
    page = find("companies").rows(params).one_page()
    assert page.count == len(page.rows) == len(few)
    monkeypatch.setattr("tanxun.listing.paging.COUNTED", 1)
    monkeypatch.setattr(queries, "COUNTED", 1)
    monkeypatch.setattr(queries, "COMMON", 1)
    assert queries.counted(Company.objects.search(text)) == min(len(few), 2)
    assert find("companies").rows(params).one_page().is_capped == (len(few) > 1)
