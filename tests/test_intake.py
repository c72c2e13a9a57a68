"""What a text becomes: drafts by item, resolved names, nothing twice, nothing half-written."""

import datetime as dt
import io
import zipfile

import pytest
from django.utils.translation import override

from certifications.models import Company, CompanyName, VerificationBody, VerificationStatement
from policies.models import Policy
from tanxun.digest import intake, sources
from tanxun.digest.models import Draft, NewsItem, Newsletter
from tanxun.site import reference
from tests import factory

FRIDAY = dt.date(2026, 3, 13)
POLICY = """浙江:出台零碳园区办法

3月10日,浙江省经济和信息化厅印发《浙江省零碳园区试行办法》。到2028年,新增零碳园区30家以上。对通过验收的园区给予50万元奖励。
"""
STATEMENT = """星河家电:获产品碳足迹核查声明

近日,苏州星河家电有限公司的洗衣机、烘干机两款产品获得SGS颁发的产品碳足迹核查声明。
"""
HIDDEN = """远山纺织:获温室气体核查声明

近日,浙江远山纺织有限公司获得权威认证机构颁发的温室气体核查声明。
"""
NEWS = """MSCI:发布一季度气候报告

近日,MSCI发布气候进展报告,统计了上市公司的减排目标。
"""
ISSUE = f"碳讯丨测试周报第一期\n\n01. 地方动态\n\n{POLICY}\n02. 行业动态\n\n{STATEMENT}\n{HIDDEN}\n{NEWS}"


@pytest.fixture
def editor(db):
    """An editor, and of the reference data what these texts name."""
    reference.load_topics()
    reference.load_statement_types()
    for slug in ("sgs", "tuv-rheinland"):
        factory.body(slug)
    for code in ("320500", "330000"):
        factory.region(code)
    return factory.user("editor")


def bring(text, user, **kwargs):
    return intake.bring_in("", text, **{"reference_date": FRIDAY, "user": user} | kwargs)


def test_every_item_becomes_a_draft_in_its_section_and_nothing_more(editor):
    result = bring(ISSUE, editor)
    drafts = result.newsletter.drafts.all()
    assert [(draft.kind, draft.section) for draft in drafts] == [
        ("policy", "local"), ("statement", "industry"), ("statement", "industry"), ("report", "industry"),
    ]  # fmt: skip
    assert result.created
    assert result.draft_count == 4
    assert [draft.questions for draft in drafts] == [[], [], [], []]
    assert not VerificationStatement.objects.exists()
    assert not Policy.objects.exists()
    assert not NewsItem.objects.exists()


def test_every_field_points_at_its_words(editor):
    draft = bring(ISSUE, editor).newsletter.drafts.get(order=2)
    (start, end), *_others = draft.fields["company"]["spans"]
    assert draft.newsletter.text[start:end] == "苏州星河家电有限公司"
    assert draft.fields["products"]["value"] == ["洗衣机", "烘干机"]


def test_accept_all_writes_the_records(editor):
    newsletter = bring(ISSUE, editor).newsletter
    outcome = intake.accept_all(newsletter, editor)
    assert (outcome.accepted, outcome.merged, outcome.left) == (4, 0, [])
    seen = VerificationStatement.objects.get(company__name="苏州星河家电有限公司")
    assert seen.verification_body.slug == "sgs"
    assert seen.region_id == "320500"
    assert {product.name for product in seen.products.all()} == {"洗衣机", "烘干机"}
    assert seen.source_on == seen.week_on == FRIDAY
    assert "第一期" in seen.source_note
    assert seen.company.is_legal_name
    assert seen.company.names.get().name == "星河家电"
    hidden = VerificationStatement.objects.get(company__name="浙江远山纺织有限公司")
    assert hidden.is_body_undisclosed
    assert hidden.verification_body is None
    policy = Policy.objects.get()
    assert policy.region_id == "330000"
    assert policy.issued_on == dt.date(2026, 3, 10)
    assert [document.title for document in policy.documents.all()] == ["浙江省零碳园区试行办法"]
    assert [(target.value, target.base, target.year) for target in policy.targets.all()] == [(30, "new", 2028)]
    assert policy.targets.get().sentence == "到2028年,新增零碳园区30家以上。"
    assert [(each.amount, each.currency) for each in policy.incentives.all()] == [(500000, "CNY")]
    assert NewsItem.objects.get().kind == "report"


def test_the_history_names_the_reviewer_and_why(editor):
    intake.accept_all(bring(ISSUE, editor).newsletter, editor)
    for record in (VerificationStatement.objects.first(), Policy.objects.get(), Company.objects.first()):
        assert record.history.first().history_user == editor
    assert "1" in Policy.objects.get().history.first().history_change_reason


def test_how_sure_each_field_is_stands_in_the_record(editor):
    intake.accept_all(bring(ISSUE, editor).newsletter, editor)
    statuses = VerificationStatement.objects.get(company__name="苏州星河家电有限公司").field_status
    assert statuses["company"] == "extracted"
    assert statuses["region"] == "inferred"
    assert statuses["certificate_number"] == "unknown"


def test_the_same_text_again_adds_nothing(editor):  # NWS-06
    first = bring(ISSUE, editor)
    again = bring(ISSUE.replace("\n\n", "\n\n\n"), editor, reference_date=dt.date(2026, 3, 20))
    assert again.newsletter == first.newsletter
    assert not again.created
    assert Newsletter.objects.count() == 1
    assert Draft.objects.count() == 4


def test_two_at_the_same_instant_get_one_newsletter(editor, monkeypatch):  # NWS-07
    """The second importer passed the first look-up before the first had written."""
    first = bring(ISSUE, editor)
    real = Newsletter.objects.filter
    monkeypatch.setattr(Newsletter.objects, "filter", lambda **kwargs: real(pk=0))
    again = bring(ISSUE, editor)
    assert again.newsletter == first.newsletter
    assert not again.created
    assert Draft.objects.count() == 4


def test_an_edited_reissue_brings_only_what_changed(editor):  # NWS-06
    first = bring(ISSUE, editor).newsletter
    result = bring(ISSUE.replace("洗衣机、烘干机两款", "洗衣机、冰箱两款"), editor)
    assert (result.draft_count, result.changed, result.unchanged) == (1, 1, 3)
    changed = result.newsletter.drafts.get()
    assert result.newsletter.replaces == first
    assert changed.fields["products"]["value"] == ["洗衣机", "冰箱"]
    assert changed.changed_from.newsletter == first
    assert changed.changed_from.status == "superseded"
    third = bring(ISSUE.replace("洗衣机、烘干机两款", "洗衣机、空调两款"), editor)
    assert third.newsletter.drafts.get().changed_from == changed


def test_a_change_to_an_accepted_item_is_a_question_and_never_a_second_record(editor):
    intake.accept_all(bring(ISSUE, editor).newsletter, editor)
    newsletter = bring(ISSUE.replace("洗衣机、烘干机两款", "洗衣机、冰箱两款"), editor).newsletter
    outcome = intake.accept_all(newsletter, editor)
    assert outcome.accepted == 0
    assert len(outcome.left) == 1
    assert newsletter.drafts.get().questions[0]["field"] == "duplicate"
    assert VerificationStatement.objects.count() == 2


def test_items_that_left_the_reissue_are_named(editor):
    bring(ISSUE, editor)
    result = bring(ISSUE.replace(NEWS, ""), editor)
    assert result.draft_count == 0
    assert result.newsletter.report["gone"] == ["MSCI:发布一季度气候报告"]


def test_another_week_with_other_items_is_no_reissue(editor):
    bring(ISSUE, editor)
    other = ISSUE.replace("星河", "银河").replace("远山", "青山").replace("浙江", "江苏").replace("MSCI", "彭博")
    assert bring(other, editor, reference_date=dt.date(2026, 3, 20)).newsletter.replaces is None


def test_a_certain_duplicate_is_merged_and_fills_only_what_is_empty(editor):
    intake.accept_all(bring(ISSUE, editor).newsletter, editor)
    statement = VerificationStatement.objects.get(verification_body__slug="sgs")
    policy = Policy.objects.get()
    policy.headline = "由编辑改过的标题"
    policy.save()
    other = ISSUE.replace("第一期", "另一家的转载").replace("近日,苏州", "本周,苏州")
    other = (
        other.replace("颁发的产品", "按ISO 14067颁发的产品")
        .replace("对通过验收", "文件说,对通过验收")
        .replace("浙江远山纺织有限公司获得", "浙江远山纺织有限公司已获得")
    )
    newsletter = bring(other, editor).newsletter
    outcome = intake.accept_all(newsletter, editor)
    assert outcome.left == []
    assert outcome.merged == 4
    assert VerificationStatement.objects.count() == 2
    assert Policy.objects.count() == 1
    assert NewsItem.objects.count() == 1
    assert Policy.objects.get().headline == "由编辑改过的标题"
    assert [str(each.code) for each in statement.standards.all()] == ["ISO 14067"]
    assert statement.drafts.count() == 2
    assert statement.drafts.filter(status="merged").exists()


def test_a_doubtful_duplicate_waits_for_a_person(editor):
    intake.accept_all(bring(ISSUE, editor).newsletter, editor)
    later = f"碳讯丨测试周报第五期\n\n01. 行业动态\n\n{STATEMENT}".replace("近日", "日前")
    outcome = intake.accept_all(bring(later, editor, reference_date=dt.date(2026, 4, 10)).newsletter, editor)
    assert outcome.accepted == 0
    assert [draft.order for draft, _why in outcome.left] == [1]


def test_a_source_that_names_the_hidden_body_is_a_question(editor):
    intake.accept_all(bring(ISSUE, editor).newsletter, editor)
    later = f"碳讯丨测试周报第二期\n\n01. 行业动态\n\n{HIDDEN}".replace("权威认证机构", "TÜV莱茵")
    outcome = intake.accept_all(bring(later, editor, reference_date=dt.date(2026, 3, 20)).newsletter, editor)
    assert outcome.accepted == 0
    assert len(outcome.left) == 1


def test_a_name_in_other_width_or_without_legal_ending_is_the_known_company(editor):
    known = factory.company("苏州星河家电股份有限公司")
    intake.accept_all(bring(ISSUE, editor).newsletter, editor)
    assert VerificationStatement.objects.get(verification_body__slug="sgs").company == known


def test_two_companies_of_one_name_are_a_question_never_a_guess(editor):
    factory.company("苏州星河家电有限责任公司")
    factory.company("苏州星河家电股份有限公司")
    newsletter = bring(ISSUE, editor).newsletter
    asked = newsletter.drafts.get(order=2).questions
    assert [question["field"] for question in asked] == ["company"]
    assert len(asked[0]["candidates"]) == 2
    assert all(each["reason"] for each in asked[0]["candidates"])
    assert [draft.order for draft, _why in intake.accept_all(newsletter, editor).left] == [2]


def test_accept_all_never_makes_a_third_company_of_one_name(editor):
    for _number in range(2):
        factory.company("苏州星河家电有限公司")
    newsletter = bring(ISSUE, editor).newsletter
    ((left, _why),) = intake.accept_all(newsletter, editor).left
    assert (left.order, [asked["field"] for asked in left.questions]) == (2, ["company"])
    assert Company.objects.filter(name="苏州星河家电有限公司").count() == 2


def test_the_short_name_alone_merges_nothing(editor):
    other = factory.company("上海星河家电贸易有限公司", is_legal_name=True)
    CompanyName.objects.create(company=other, name="星河家电")
    intake.accept_all(bring(ISSUE, editor).newsletter, editor)
    assert VerificationStatement.objects.get(verification_body__slug="sgs").company != other


def test_an_unknown_body_becomes_a_new_unconfirmed_one(editor):
    draft = bring(ISSUE, editor).newsletter.drafts.get(order=2)
    draft.fields["verification_body"]["value"] = "晨星认证中心"
    draft.save()
    intake.accept_all(draft.newsletter, editor)
    body = VerificationBody.objects.get(name="晨星认证中心")
    assert not body.is_confirmed
    assert body.slug == "chenxingrenzhengzhongxin"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("", ""),
        ("", "  \n\t\n"),
        ("", "🌱🌱🌱"),
        ("", "。，！？……"),
        ("a.txt", b""),
        ("a.docx", b"\xff\xd8\xff\xe0" + b"photo" * 200),
        ("a.pdf", b"%PDF-1.7"),
        ("", "碳" * 400_000),
        ("a.txt", b"a" * 1_000_001),
    ],
    ids=["empty", "blanks", "emoji", "punctuation", "empty file", "photo named docx", "pdf", "pasted 1.2 MB", "file over 1 MB"],
)
def test_what_holds_no_item_is_refused_in_words_and_stores_nothing(editor, name, content):  # NWS-01
    with pytest.raises(sources.SourceError) as refused:
        intake.bring_in(name, content, reference_date=None, user=editor)
    assert str(refused.value)
    assert not Newsletter.objects.exists()


def test_too_large_names_the_limit(editor):  # NWS-02
    with pytest.raises(sources.SourceError, match="1 MB"):
        bring("碳" * 400_000, editor)


def test_a_text_without_items_says_what_it_has(editor):  # NWS-01
    with override("en"), pytest.raises(sources.SourceError, match="1 lines, a title and 0 lines of contents"):
        bring("碳讯丨只有一行标题", editor)


def test_control_characters_and_lone_surrogates_are_cleaned(editor):  # NWS-04
    dirty = ISSUE.replace("洗衣机", "洗\x00衣\ud800机\ufffe").replace("烘干机", "烘\x0b干机")
    result = bring(dirty, editor)
    text = result.newsletter.text
    assert not any(char in text for char in "\x00\x0b\ufffe\ud800?")
    assert result.draft_count == 4
    (note,) = result.newsletter.report["notes"]
    assert "3" in note


@pytest.mark.parametrize("dirt", ["\x00", "\x0b", "\x01\x02", "\ud800"], ids=["NUL", "tab", "controls", "half character"])
def test_a_short_paste_is_text_whatever_stands_in_it(editor, dirt):  # NWS-04
    """The share of odd characters tells a picture from a text in a file; what was pasted is text."""
    result = bring(f"01. 行业动态\n\n{STATEMENT}{dirt}", editor)
    assert result.draft_count == 1
    assert bool(result.newsletter.report["notes"]) == (dirt != "\x0b")  # a vertical tab is the end of a line


def test_what_is_invisible_by_design_is_not_noted(editor):
    assert bring(ISSUE.replace("洗衣机", "洗\u200b衣\ufe0f机\ufeff"), editor).newsletter.report["notes"] == []


def test_a_paste_of_half_characters_is_measured_too(editor):  # NWS-04
    with pytest.raises(sources.SourceError, match="1 MB"):
        bring("\ud800" * 400_000, editor)


def test_markup_stays_text(editor):  # NWS-05
    result = bring(ISSUE.replace("MSCI:发布", "<script>alert(1)</script>MSCI:发布"), editor)
    assert "<script>" in result.newsletter.drafts.get(order=4).headline


def test_a_word_file_reads_like_its_text(editor):
    paragraphs = "".join(f"<w:p><w:r><w:t>{line}</w:t></w:r></w:p>" for line in ISSUE.splitlines())
    space = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    relations = "http://schemas.openxmlformats.org/package/2006/relationships"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"
    main = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    types = "http://schemas.openxmlformats.org/package/2006/content-types"
    rels = "application/vnd.openxmlformats-package.relationships+xml"
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(
            "[Content_Types].xml",
            f'<Types xmlns="{types}"><Default Extension="rels" ContentType="{rels}"/>'
            f'<Override PartName="/word/document.xml" ContentType="{main}"/></Types>',
        )
        target = f'<Relationship Id="r1" Type="{office}" Target="word/document.xml"/>'
        archive.writestr("_rels/.rels", f'<Relationships xmlns="{relations}">{target}</Relationships>')
        archive.writestr("word/document.xml", f'<w:document xmlns:w="{space}"><w:body>{paragraphs}</w:body></w:document>')
    result = intake.bring_in("周报.docx", packed.getvalue(), reference_date=FRIDAY, user=editor)
    assert result.draft_count == 4


def test_the_two_real_issues_leave_nothing_behind(editor, seeds):
    reference.load()
    sections = {}
    for path, day in seeds:
        result = intake.bring_in(path.name, path.read_bytes(), reference_date=dt.date.fromisoformat(day), user=editor)
        drafts = result.newsletter.drafts
        sections[day] = [drafts.filter(section=name).count() for name in ("national", "local", "industry", "other")]
        assert intake.accept_all(result.newsletter, editor).left == []
    assert sections == {"2026-01-16": [4, 4, 4, 0], "2026-02-06": [0, 6, 3, 0]}
    statements = VerificationStatement.objects.all()
    assert statements.count() == 6
    assert statements.values("company").distinct().count() == 6
    assert statements.filter(is_body_undisclosed=True).count() == 2
    assert Policy.objects.count() == 14
    assert [(item.kind, item.headline[:4]) for item in NewsItem.objects.all()] == [("report", "MSCI")]
