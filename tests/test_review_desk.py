"""The desk as a reviewer uses it: plain forms, each draft once, nothing typed is lost, nothing shown before it is accepted."""

import datetime as dt

import lxml.html
import pytest
from django.urls import reverse

from certifications.models import Company, VerificationStatement
from policies.models import Policy
from tanxun.digest import intake, review
from tanxun.digest.entry import open_draft
from tanxun.digest.models import Draft, NewsItem
from tanxun.site.models import Role
from tests import factory
from tests.reading import select
from tests.test_intake import FRIDAY, ISSUE, NEWS, STATEMENT, editor  # noqa: F401 - a fixture

pytestmark = pytest.mark.django_db


@pytest.fixture
def newsletter(editor):  # noqa: F811
    return intake.bring_in("", ISSUE, reference_date=FRIDAY, user=editor).newsletter


@pytest.fixture
def desk(client, editor, newsletter):  # noqa: F811
    client.force_login(editor)
    return client


def sent(client, draft, **changes):
    """The form of `draft` as a browser would send it, with some fields typed anew."""
    page = lxml.html.fromstring(client.get(address(draft)).content.decode())
    values = {}
    for name, value in page.get_element_by_id("entry").form_values():
        values.setdefault(name, []).append(value)
    return client.post(draft.newsletter.get_absolute_url(), values | {"action": "accept", "draft": draft.pk} | changes)


def address(draft):
    return f"{draft.newsletter.get_absolute_url()}?draft={draft.pk}"


def test_only_reviewers_may_enter(client, newsletter):
    for url in (reverse("digest:inbox"), newsletter.get_absolute_url()):
        client.logout()
        assert client.get(url).status_code == 302
        for role, status in ((Role.READER, 403), (Role.CONSULTANT, 403), (Role.EDITOR, 200), (Role.MANAGER, 200)):
            client.force_login(factory.user(role))
            assert client.get(url).status_code == status
            assert (client.post(url, {"action": "accept_all"}).status_code == 403) == (status == 403)


def test_the_desk_shows_source_items_and_words(desk, newsletter):
    page = lxml.html.fromstring(desk.get(address(newsletter.drafts.get(order=2))).content.decode())
    assert len(select(page, ".items .section")) == 2
    assert len(select(page, ".items .item")) == 4
    marked = {mark.text_content(): mark.get("data-fields") for mark in select(page, "#focused mark")}
    assert marked["SGS"] == "verification_body"
    assert "洗衣机" in marked
    company = next(mark for mark in select(page, "#focused mark") if "company" in mark.get("data-fields").split())
    assert company.text_content() in "苏州星河家电有限公司"


def test_doubtful_fields_come_first_with_their_reason(desk, newsletter):
    page = lxml.html.fromstring(desk.get(address(newsletter.drafts.get(order=2))).content.decode())
    first = select(page, ".doubts .field")[0]
    assert first.get("data-field") == "region"
    assert "320500" in select(first, "input")[0].get("value")
    assert select(first, ".reason")[0].text_content()


def test_getting_never_writes(desk, newsletter):
    before = list(Draft.objects.values())
    for draft in newsletter.drafts.all():
        desk.get(address(draft))
    assert list(Draft.objects.values()) == before


def test_accepting_leads_to_the_next_item_and_keeps_source_and_reviewer(desk, newsletter, editor):  # noqa: F811
    draft = newsletter.drafts.get(order=2)
    answer = sent(desk, draft)
    assert answer.url == address(newsletter.drafts.get(order=3))
    draft.refresh_from_db()
    assert (draft.status, draft.reviewed_by, draft.corrections) == ("accepted", editor, {})
    assert draft.statement.history.first().history_user == editor
    assert "2" in draft.statement.source_note


def test_an_edit_is_confirmed_and_kept_as_a_correction(desk, newsletter):
    draft = newsletter.drafts.get(order=2)
    sent(desk, draft, company_name="苏州星河智能家电有限公司", certificate_number="CN26/001", announced_on="2026-03-11")
    draft.refresh_from_db()
    assert draft.corrections["company"] == ["苏州星河家电有限公司", "苏州星河智能家电有限公司"]
    assert draft.corrections["announced_on"] == [None, "2026-03-11"]
    status = draft.statement.field_status
    assert (status["company"], status["certificate_number"], status["statement_type"]) == ("confirmed", "confirmed", "extracted")
    assert draft.statement.dated_on == dt.date(2026, 3, 11)


def test_a_region_typed_for_a_company_that_has_another_is_not_dropped_without_a_word(desk, newsletter):
    company = factory.company("苏州星河家电有限公司", region=factory.region("320500"))
    answer = sent(desk, newsletter.drafts.get(order=2), region="330000")
    page = lxml.html.fromstring(desk.get(answer.url).content.decode())
    (warning,) = select(page, ".messages .warning")
    assert all(word in warning.text_content() for word in (company.name, "苏州市", "浙江省"))
    company.refresh_from_db()
    assert company.region_id == "320500"
    assert "region" not in VerificationStatement.objects.get().field_status


def test_nothing_of_a_policy_is_lost(desk, newsletter):
    draft = newsletter.drafts.get(order=1)
    bodies = "浙江省经济和信息化厅\n浙江省财政厅"
    rows = {"targets-0-value": "40", "targets-1-indicator": "碳强度下降", "targets-1-value": "4.5", "targets-1-unit": "%"}
    rows |= {"targets-1-comparator": "~", "key_points": "先建后验\n按期公布", "issuing_bodies": bodies}
    sent(desk, draft, **rows)
    policy = Policy.objects.get()
    assert [point.text for point in policy.key_points.all()] == ["先建后验", "按期公布"]
    assert [str(issuer) for issuer in policy.issuers.all()] == ["浙江省经济和信息化厅", "浙江省财政厅"]
    assert next((target.value, target.comparator) for target in policy.targets.all())[0] == 40
    assert policy.targets.last().comparator == "~"
    draft.refresh_from_db()
    assert {"key_points", "issuing_bodies", "targets"} <= set(draft.corrections)
    assert "documents" not in draft.corrections


def test_a_wrong_entry_stands_beside_its_field_and_everything_typed_stays(desk, newsletter):
    draft = newsletter.drafts.get(order=2)
    answer = sent(desk, draft, region="不存在的地方", short_name="星河之家", categories="9")
    page = lxml.html.fromstring(answer.content.decode())
    assert answer.status_code == 422
    for name in ("region", "categories"):
        assert select(page, f"[data-field={name}] .error")
    assert select(page, "[name=short_name]")[0].get("value") == "星河之家"
    assert select(page, "[name=region]")[0].get("value") == "不存在的地方"
    assert not VerificationStatement.objects.exists()
    assert not Company.objects.exists()


def test_rules_of_the_record_stand_beside_their_field(desk, newsletter):
    draft = newsletter.drafts.get(order=2)
    answer = sent(desk, draft, issued_on="2026-03-10", valid_until="2026-03-01")
    assert answer.status_code == 422
    assert not Company.objects.exists()


def test_a_body_is_named_or_undisclosed_never_both_nor_neither(desk, newsletter):
    draft = newsletter.drafts.get(order=3)
    assert sent(desk, draft, verification_body="SGS").status_code == 422
    assert sent(desk, draft, is_body_undisclosed=[]).status_code == 422
    assert sent(desk, draft, verification_body="SGS", is_body_undisclosed=[]).status_code == 302


def test_a_second_reviewer_gets_a_polite_no_and_keeps_the_text(desk, newsletter, editor):  # noqa: F811
    """NWS-14"""
    draft = newsletter.drafts.get(order=2)
    page = lxml.html.fromstring(desk.get(address(draft)).content.decode())
    values = dict(page.get_element_by_id("entry").form_values()) | {"action": "accept", "short_name": "另一个简称"}
    sent(desk, draft)
    desk.force_login(factory.user(Role.MANAGER, username="wang"))
    answer = desk.post(newsletter.get_absolute_url(), values)
    assert answer.status_code == 409
    assert str(editor) in answer.content.decode()
    assert "另一个简称" in answer.content.decode()
    assert VerificationStatement.objects.count() == 1


def test_the_flip_itself_is_conditional(newsletter, editor, monkeypatch):  # noqa: F811
    """Even where both have read the draft as pending, only one update takes."""
    draft = newsletter.drafts.get(order=2)
    entry = open_draft(draft).as_sent()
    Draft.objects.filter(pk=draft.pk).update(status="rejected")
    monkeypatch.setattr(Draft, "is_pending", True)
    assert entry.form.is_valid()
    with pytest.raises(review.AlreadyReviewed):
        review.accept(draft, entry, editor)
    assert not VerificationStatement.objects.exists()
    assert not Company.objects.exists()


def test_skipping_keeps_the_reason_and_can_be_taken_back(desk, newsletter):
    draft = newsletter.drafts.get(order=4)
    url = newsletter.get_absolute_url()
    desk.post(url, {"action": "skip", "draft": draft.pk, "reason": "与双碳无关"})
    draft.refresh_from_db()
    assert (draft.status, draft.corrections) == ("rejected", {"reason": "与双碳无关"})
    desk.post(url, {"action": "undo", "draft": draft.pk})
    draft.refresh_from_db()
    assert draft.status == "pending"


def test_taking_back_an_accepted_item_hides_its_record(desk, newsletter):
    draft = newsletter.drafts.get(order=2)
    sent(desk, draft)
    desk.post(newsletter.get_absolute_url(), {"action": "undo", "draft": draft.pk})
    draft.refresh_from_db()
    assert (draft.status, draft.statement) == ("pending", None)
    assert not VerificationStatement.objects.exists()
    assert VerificationStatement.with_deleted.get().deleted_reason
    assert sent(desk, draft).status_code == 302
    assert VerificationStatement.objects.count() == 1


def test_taking_back_what_people_worked_on_names_their_work_and_asks(desk, newsletter):
    """A number typed, a summary, a scan: none of it goes unasked, nor what came after the question was put."""
    draft = newsletter.drafts.get(order=2)
    sent(desk, draft)
    made = VerificationStatement.objects.get()
    made.certificate_number = "CN26/001"
    made.save()
    factory.attachment(made, name="核查声明扫描件.pdf")
    desk.cookies["django_language"] = "en"
    taken = {"action": "undo", "draft": draft.pk}

    def asked(**values):
        answer = desk.post(newsletter.get_absolute_url(), taken | values)
        page = lxml.html.fromstring(answer.content.decode())
        assert answer.status_code == 409
        assert VerificationStatement.objects.get() == made
        return select(page, ".reviewed")[0].text_content(), select(page, "[name=mark]")[0].get("value")

    words, mark = asked()
    assert "Certificate number" in words
    assert "核查声明扫描件.pdf" in words
    made.summary = "三号线的产品"
    made.save()
    words, newer = asked(mark=mark)
    assert "Summary" in words
    assert desk.post(newsletter.get_absolute_url(), taken | {"mark": newer}).status_code == 302
    assert not VerificationStatement.objects.exists()


def test_likely_duplicates_stand_side_by_side_and_merge_fills_what_is_ticked(desk, newsletter, editor):  # noqa: F811
    sent(desk, newsletter.drafts.get(order=2), consultant="碳衡样例咨询")
    known = VerificationStatement.objects.get()
    later = f"碳讯丨测试周报第五期\n\n01. 行业动态\n\n{STATEMENT}".replace("洗衣机、烘干机两款产品", "洗衣机").replace(
        "近日", "4月8日"
    )
    draft = intake.bring_in("", later, reference_date=dt.date(2026, 4, 10), user=editor).newsletter.drafts.get()
    page = lxml.html.fromstring(desk.get(address(draft)).content.decode())
    assert "洗衣机；烘干机" in select(page, ".twin .compare")[0].text_content()
    answer = sent(desk, draft, action=f"merge:{known.pk}", **{f"take-{known.pk}": "products"})
    assert answer.status_code == 302
    draft.refresh_from_db()
    known.refresh_from_db()
    assert (draft.status, draft.statement) == ("merged", known)
    assert [product.name for product in known.products.all()] == ["洗衣机"]
    assert known.announced_on == dt.date(2026, 4, 8)
    assert known.consultant.name == "碳衡样例咨询"
    assert VerificationStatement.objects.count() == 1


def test_a_duplicate_that_only_the_edit_made_is_shown_before_it_is_written(desk, newsletter):
    sent(desk, newsletter.drafts.get(order=2))
    draft = newsletter.drafts.get(order=3)
    twin = {"company_name": "苏州星河家电有限公司", "statement_type": "product_carbon_footprint", "is_body_undisclosed": []}
    answer = sent(desk, draft, **twin, verification_body="SGS")
    assert answer.status_code == 409
    page = lxml.html.fromstring(answer.content.decode())
    assert select(page, ".twin")
    seen = select(page, "[name=seen]")[0].get("value")
    assert sent(desk, draft, **twin, verification_body="SGS", seen=seen).status_code == 302
    assert VerificationStatement.objects.count() == 2


def test_an_item_may_be_recorded_as_something_else(desk, newsletter):
    draft = newsletter.drafts.get(order=4)
    page = lxml.html.fromstring(desk.get(f"{address(draft)}&as=policy").content.decode())
    values = dict(page.get_element_by_id("entry").form_values())
    assert values["kind"] == "policy"
    values |= {"action": "accept", "level": "national", "issuing_bodies": "生态环境部"}
    assert desk.post(newsletter.get_absolute_url(), values).status_code == 302
    draft.refresh_from_db()
    assert (draft.kind, str(draft.policy)) == ("policy", "MSCI:发布一季度气候报告")
    assert not NewsItem.objects.exists()


def test_accept_all_says_what_it_left(desk, newsletter):
    factory.company("苏州星河家电有限责任公司")
    factory.company("苏州星河家电股份有限公司")
    answer = desk.post(newsletter.get_absolute_url(), {"action": "accept_all"}, follow=True)
    page = lxml.html.fromstring(answer.content.decode())
    assert len(select(page, ".messages li")) == 2
    assert select(page, ".items [aria-current] .words")[0].text_content().startswith("2.")
    assert newsletter.drafts.filter(status="pending").count() == 1
    assert len(select(page, "[name=company]")) == 3


def test_choosing_one_of_the_candidates(desk, newsletter):
    factory.company("苏州星河家电有限责任公司")
    chosen = factory.company("苏州星河家电股份有限公司")
    assert sent(desk, newsletter.drafts.get(order=2), company=chosen.pk).status_code == 302
    assert VerificationStatement.objects.get().company == chosen
    assert Company.objects.count() == 2


def test_of_several_companies_with_one_name_one_must_be_chosen(desk, newsletter):
    """Of the printed name as of one that the reviewer types: the desk offers them, and makes no further one."""
    draft = newsletter.drafts.get(order=2)
    for name in ("苏州星河家电有限公司", "苏州银河家电有限公司"):
        twins = [factory.company(name) for _number in range(2)]
        answer = sent(desk, draft, company_name=name, company="")
        page = lxml.html.fromstring(answer.content.decode())
        assert answer.status_code == 422
        assert select(page, "[data-field=company] .error")
        offered = [radio.get("value") for radio in select(page, "[type=radio]") if radio.get("name") == "company"]
        assert {str(twin.pk) for twin in twins} <= set(offered)
    assert Company.objects.count() == 4
    assert sent(desk, draft, company_name=name, company=twins[0].pk).status_code == 302
    assert VerificationStatement.objects.get().company == twins[0]
    assert Company.objects.count() == 4


def test_a_reissue_shows_what_changed(desk, newsletter, editor):  # noqa: F811
    changed = ISSUE.replace("洗衣机、烘干机两款", "洗衣机、冰箱两款")
    draft = intake.bring_in("", changed, reference_date=FRIDAY, user=editor).newsletter.drafts.get()
    page = lxml.html.fromstring(desk.get(address(draft)).content.decode())
    assert "".join(each.text_content() for each in select(page, ".changes del")) == "烘干机"
    assert "".join(each.text_content() for each in select(page, ".changes ins")) == "冰箱"


def test_drafts_show_nowhere_but_on_the_desk(desk, newsletter):
    for page in ("statements", "companies", "bodies", "policies", "statements-csv", "policies-csv", "home"):
        desk.force_login(factory.user(Role.MANAGER))
        body = b"".join(desk.get(reverse(page)))
        assert "星河".encode() not in body
        assert "零碳园区试行".encode() not in body


def test_the_record_shows_its_sentences_and_only_reviewers_get_the_way_back(desk, newsletter):
    draft = newsletter.drafts.get(order=2)
    sent(desk, draft)
    draft.refresh_from_db()
    for role, links in ((Role.READER, 0), (Role.EDITOR, 1)):
        desk.force_login(factory.user(role))
        html = desk.get(draft.statement.get_absolute_url()).content.decode()
        assert "旗下" not in html
        assert "<mark>SGS</mark>" in html
        assert html.count(f"?draft={draft.pk}") == links
    company = desk.get(draft.statement.company.get_absolute_url()).content.decode()
    assert "第一期" in company


def test_a_news_item_has_its_page(desk, newsletter):
    sent(desk, newsletter.drafts.get(order=4))
    item = NewsItem.objects.get()
    html = desk.get(item.get_absolute_url()).content.decode()
    assert NEWS.splitlines()[2] in html
    desk.logout()
    assert desk.get(item.get_absolute_url()).status_code == 302


@pytest.mark.parametrize("query", ["draft=0", "draft=abc", "draft=99999999999999999999999", "as=nothing", "draft=%00", "page=x"])
def test_odd_addresses_open_the_desk(desk, newsletter, query):
    assert desk.get(f"{newsletter.get_absolute_url()}?{query}").status_code == 200
    assert desk.get(f"{reverse('digest:inbox')}?{query}").status_code == 200


@pytest.mark.parametrize(
    "values",
    [
        {"action": "accept", "draft": "abc"},
        {"action": "accept", "draft": "99999999999999999999"},
        {"action": "accept", "draft": "9" * 5000},
        {"action": "accept", "draft": "١"},
        {"action": "merge:x"},
        {"action": "merge:1", "kind": "x"},
        {"action": "nothing"},
        {"action": "undo"},
        {"action": "accept", "kind": "policy", "targets-TOTAL_FORMS": "x"},
        {"action": "accept", "company": "7", "company_name": "\x00"},
        {},
    ],
)
def test_tampered_forms_write_nothing_and_break_nothing(desk, newsletter, values):
    draft = newsletter.drafts.get(order=2)
    answer = desk.post(newsletter.get_absolute_url(), {"draft": draft.pk} | values)
    assert answer.status_code in (302, 404, 409, 422)
    assert newsletter.drafts.filter(status="pending").count() == 4
    assert not VerificationStatement.objects.exists()


def test_the_desk_asks_few_questions_whatever_the_number_of_items(desk, newsletter, editor, django_assert_max_num_queries):  # noqa: F811
    many = "".join(STATEMENT.replace("星河家电", f"星河{number}号家电") for number in range(40))
    issue = intake.bring_in(
        "", f"碳讯丨大号\n\n01. 行业动态\n\n{many}", reference_date=dt.date(2026, 5, 1), user=editor
    ).newsletter
    assert issue.drafts.count() == 40
    with django_assert_max_num_queries(30):
        desk.get(issue.get_absolute_url())
    with django_assert_max_num_queries(10):
        desk.get(reverse("digest:inbox"))


def test_one_key_never_doubles_what_is_certainly_recorded(desk, newsletter, editor):  # noqa: F811
    """As accept-all merges a certain duplicate, so accepting it by hand asks first, and keeps both only when told again."""
    intake.accept_all(newsletter, editor)
    elsewhere = ISSUE.replace("第一期", "另一家的转载").replace("近日,", "本周,")
    again = intake.bring_in("", elsewhere, reference_date=FRIDAY, user=editor).newsletter
    draft = again.drafts.get(headline=STATEMENT.splitlines()[0])
    twin = open_draft(draft).as_sent().twins[0]
    assert twin.is_certain
    before = VerificationStatement.objects.count()
    assert sent(desk, draft).status_code == 409
    assert VerificationStatement.objects.count() == before
    assert sent(desk, draft, seen=twin.record.pk).status_code == 302
    assert VerificationStatement.objects.count() == before + 1
