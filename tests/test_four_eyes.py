"""Four eyes (feature 5): with the setting on, what one person changes is no fact before a second person approved it.

DATA-12: what is approved stands in the history as one change, with both persons.
"""

import datetime as dt

import pytest
from django.urls import reverse

from certifications import merging
from certifications.models import Company, CompanyMerge, VerificationStatement
from policies.models import Policy
from tanxun.listing.models import SavedFilter
from tanxun.records.models import Proposal
from tanxun.records.proposals import unapproved
from tests import factory
from tests.four_eyes import browser, decide, lines, people, save, waiting  # noqa: F401 - a fixture
from tests.reading import words

pytestmark = pytest.mark.django_db


def test_a_changed_statement_waits_and_holds_once_approved(people):  # noqa: F811
    statement = factory.statement(summary="before")
    assert save(people.editor, statement, summary="after", change_reason="读了证书").status_code == 302
    statement.refresh_from_db()
    assert statement.summary == "before"
    assert not statement.history.filter(history_type="~").exists()
    proposal = waiting()
    assert "Summary: before → after" in lines(proposal)
    assert (proposal.proposer, proposal.reason) == (people.editor.user, "读了证书")
    shown = words(people.manager.page.get(proposal.get_absolute_url()).content.decode())
    assert "before" in shown
    assert "after" in shown
    decide(people.manager, proposal)
    statement.refresh_from_db()
    assert statement.summary == "after"
    entry = statement.history.first()
    assert entry.history_user == people.editor.user
    assert "读了证书" in entry.history_change_reason
    assert "李四" in entry.history_change_reason
    proposal.refresh_from_db()
    assert (proposal.state, proposal.decided_by) == ("approved", people.manager.user)
    told = words(
        people.manager.page.get(
            reverse("admin:certifications_verificationstatement_history", args=[statement.pk])
        ).content.decode()
    )
    assert "张三" in told
    assert "李四" in told


def test_what_no_field_takes_is_not_kept(people):  # noqa: F811
    """ADM-01: beside a form that is taken, NUL in something that the form does not know."""
    statement = factory.statement()
    assert save(people.editor, statement, summary="after", stray="a\0b").status_code == 302
    assert "stray" not in waiting().data or waiting().data["stray"] == []
    decide(people.manager, waiting())
    assert VerificationStatement.objects.get().summary == "after"


def test_with_the_setting_off_nothing_waits(people, settings):  # noqa: F811
    settings.FOUR_EYES = False
    statement = factory.statement()
    save(people.editor, statement, summary="after")
    statement.refresh_from_db()
    assert statement.summary == "after"
    assert not Proposal.objects.exists()
    assert statement.history.first().history_change_reason in (None, "")


@pytest.mark.parametrize("who", ["editor", "manager"])
def test_nobody_approves_their_own(people, who):  # noqa: F811
    statement = factory.statement()
    me = getattr(people, who)
    save(me, statement, summary="after")
    decide(me, waiting(), status=409)
    statement.refresh_from_db()
    assert statement.summary == ""
    other = browser(factory.user("editor"))
    assert other.get(waiting().get_absolute_url()).status_code == 404
    assert other.post(waiting().get_absolute_url(), {"action": "approve", "digest": waiting().digest}).status_code == 404
    decide(people.second, waiting())
    statement.refresh_from_db()
    assert statement.summary == "after"


def test_a_superuser_needs_a_second_person_too(people):  # noqa: F811
    root = factory.superuser(display_name="根")
    statement = factory.statement()
    page = browser(root)
    people.root = type(people.editor)(user=root, page=page)
    save(people.root, statement, summary="after")
    decide(people.root, waiting(), status=409)
    decide(people.manager, waiting())
    assert VerificationStatement.objects.get().summary == "after"


def test_who_alone_may_approve_is_not_held_and_the_history_says_so(people):  # noqa: F811
    people.second.user.is_active = False
    people.second.user.save()
    statement = factory.statement()
    save(people.manager, statement, summary="alone")
    statement.refresh_from_db()
    assert statement.summary == "alone"
    assert statement.history.first().history_change_reason == unapproved()
    save(people.editor, statement, summary="of the editor")
    assert VerificationStatement.objects.get().summary == "alone"
    decide(people.manager, waiting())
    assert VerificationStatement.objects.get().summary == "of the editor"


def test_a_new_company_with_its_names_is_made_by_the_approval(people):  # noqa: F811
    form = people.editor.page.get(reverse("admin:certifications_company_add"))
    values = {"form_token": form.context["form_token"], "name": "昆山样例新企业有限公司"}
    for inline in form.context["inline_admin_formsets"]:
        values |= {field.html_name: field.value() for field in inline.formset.management_form}
    prefix = form.context["inline_admin_formsets"][0].formset.prefix
    values |= {f"{prefix}-TOTAL_FORMS": "1", f"{prefix}-0-name": "样新", f"{prefix}-0-kind": "short"}
    for _again in range(2):  # a double click is one proposal
        answer = people.editor.page.post(reverse("admin:certifications_company_add"), values)
        assert answer.status_code == 302
    assert not Company.objects.exists()
    decide(people.manager, waiting())
    company = Company.objects.get()
    assert [one.name for one in company.names.all()] == ["样新"]
    assert people.editor.page.post(reverse("admin:certifications_company_add"), values).status_code == 302
    assert Company.objects.count() == 1


def test_removing_and_taking_out_of_the_bin_wait(people):  # noqa: F811
    policy = factory.policy(headline="样例方案")
    people.editor.page.post(reverse("admin:policies_policy_delete", args=[policy.pk]), {"post": "yes", "reason": "重复"})
    assert Policy.objects.filter(pk=policy.pk).exists()
    assert waiting().told[0]["what"] == "removed"
    decide(people.manager, waiting())
    assert not Policy.objects.filter(pk=policy.pk).exists()
    assert Policy.with_deleted.get().deleted_reason == "重复"
    people.editor.page.post("/bin/", {"record": f"policies.policy-{policy.pk}"})
    assert not Policy.objects.filter(pk=policy.pk).exists()
    assert waiting().told[0]["what"] == "restored"
    decide(people.manager, waiting())
    assert Policy.objects.filter(pk=policy.pk).exists()


def test_actions_on_many_and_confirmations_wait(people):  # noqa: F811
    made = [factory.statement(issued_on=dt.date(2026, 1, 9)) for _n in range(3)]
    keys = [str(one.pk) for one in made]
    address = reverse("admin:certifications_verificationstatement_changelist")
    people.editor.page.post(address, {"action": "mark_checked", "_selected_action": keys})
    assert not VerificationStatement.objects.filter(register_checked_on__isnull=False).exists()
    assert len(waiting().told) == 3
    decide(people.manager, waiting())
    assert VerificationStatement.objects.filter(register_checked_on__isnull=False).count() == 3
    people.editor.page.post(f"/confirm/certifications.company/{made[0].company_id}/")
    assert Company.objects.get(pk=made[0].company_id).confirmed_on is None
    decide(people.manager, waiting())
    assert Company.objects.get(pk=made[0].company_id).confirmed_on


def test_a_merge_of_companies_waits(people):  # noqa: F811
    kept, gone = factory.company("苏州样例甲有限公司"), factory.company("苏州样例乙有限公司")
    statement = factory.statement(company=gone)
    address = f"/companies/{kept.pk}/merge/"
    seen = people.editor.page.get(f"{address}?with={gone.pk}").context["seen"]
    people.editor.page.post(address, {"with": gone.pk, "keep": kept.pk, "seen": seen, "reason": "同一家"})
    statement.refresh_from_db()
    assert statement.company == gone
    decide(people.manager, waiting())
    statement.refresh_from_db()
    assert statement.company == kept
    assert not Company.objects.filter(pk=gone.pk).exists()


def test_what_is_no_fact_does_not_wait(people):  # noqa: F811
    """A filter, a note about a company, a skipped item: nobody else's fact is changed."""
    company = factory.company()
    people.manager.page.post("/saved/add/", {"list": "statements", "query": "", "name": "我的"})
    people.manager.page.post(f"/companies/{company.pk}/", {"action": "add", "text": "下周打电话"})
    assert SavedFilter.objects.exists()
    assert company.notes.exists()
    assert not Proposal.objects.exists()


def test_another_row_of_the_same_name_is_shown(people):  # noqa: F811
    one, two = factory.company("同名有限公司"), factory.company("同名有限公司")
    statement = factory.statement(company=one)
    save(people.editor, statement, company=two.pk, save_anyway="on")
    assert f"Company: 同名有限公司 #{one.pk} → 同名有限公司 #{two.pk}" in lines(waiting())


def test_what_makes_a_row_of_a_known_name_is_approved_at_once(people):  # noqa: F811
    """The number of the new row is another each time: it is not what the manager approves."""
    kept, gone = factory.company("昆山样例电子有限公司"), factory.company("样例电子（昆山）")
    gateway, own = factory.product(gone, "网关"), factory.statement(company=kept)
    merging.merge(kept, gone, people.second.user, "同一家")
    own.products.set([gateway])
    people.editor.page.post(reverse("certifications:undo-merge", args=[CompanyMerge.objects.get().pk]))
    assert f"Products: 网关 #{gateway.pk} → 网关 (new)" in lines(waiting())
    decide(people.manager, waiting())
    assert [product.company for product in own.products.all()] == [kept]
