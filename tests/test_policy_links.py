"""Links between policies: proposed by the text, taken by a person, tied to the other policy once it is known, shown both ways."""

import datetime as dt
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from policies import links
from policies.models import Policy, PolicyDocument, PolicyLink
from tanxun.digest import intake
from tanxun.digest.models import Draft
from tanxun.site.models import Role
from tests import factory
from tests.reading import read, words
from tests.test_intake import editor  # noqa: F401 - a fixture
from tests.test_review_desk import sent

pytestmark = pytest.mark.django_db

NATIONAL = "绿色工厂梯度培育及管理暂行办法"
LOCAL = "江苏省绿色工厂梯度培育管理实施细则"
ISSUE = f"""江苏:印发绿色工厂细则
2026年1月12日,江苏省工业和信息化厅印发《{LOCAL}》,自2026年2月1日起施行,有效期至2028年12月。细则落实《{NATIONAL}》,依据《工业节能监察办法》制定,《江苏省绿色工厂评价办法》同时废止。
"""


@pytest.fixture
def draft(editor):  # noqa: F811
    factory.region("320000")
    factory.issuing_body()
    for slug, name in (("green-factory", "绿色工厂"), ("energy-efficiency", "节能")):
        factory.topic(slug, name)
    issue = intake.bring_in("", ISSUE, reference_date=dt.date(2026, 1, 16), user=editor).newsletter
    draft = issue.drafts.get()
    draft.fields.pop("topics", None)  # the vocabulary of topics is not what is tested here
    draft.save()
    return draft


@pytest.fixture
def desk(client, editor, draft):  # noqa: F811
    client.force_login(editor)
    return client


def with_document(title, **kwargs):
    policy = factory.policy(**kwargs)
    PolicyDocument.objects.create(policy=policy, title=title)
    links.tie(policy)
    return policy


def linked(policy, other=None, kind="implements", title="", sentence=""):
    return PolicyLink.objects.create(policy=policy, other=other, kind=kind, title=title, sentence=sentence)


def told(policy):
    return {(link.kind, link.title): link.other for link in policy.links.all()}


# The desk


def test_the_desk_proposes_and_only_ticked_links_are_made(desk, draft):
    national = with_document(NATIONAL, headline="工信部印发绿色工厂办法")
    page = words(desk.get(f"{draft.newsletter.get_absolute_url()}?draft={draft.pk}").content.decode())
    assert "工信部印发绿色工厂办法" in page
    assert sent(desk, draft).status_code == 302
    policy = Policy.objects.exclude(pk=national.pk).get()
    assert told(policy) == {("local_version_of", NATIONAL): national, ("repeals", "江苏省绿色工厂评价办法"): None}
    assert "落实" in policy.links.get(other=national).sentence
    draft.refresh_from_db()
    read_rows, accepted = draft.corrections["links"]
    assert (len(read_rows), len(accepted)) == (3, 2)


def test_a_reviewer_ticks_what_the_text_only_lets_one_think_and_unticks_what_is_wrong(desk, draft):
    rows = {row["title"]: at for at, row in enumerate(draft.fields["links"]["value"])}
    basis = f"links-{rows['工业节能监察办法']}-take"
    sent(desk, draft, **{basis: "on", f"links-{rows[NATIONAL]}-take": "", f"links-{rows[NATIONAL]}-kind": "implements"})
    assert told(Policy.objects.get()) == {
        ("implements", "工业节能监察办法"): None,
        ("repeals", "江苏省绿色工厂评价办法"): None,
    }


def test_accept_all_takes_what_the_text_states_and_leaves_what_is_inferred(draft, editor):  # noqa: F811
    outcome = intake.accept_all(draft.newsletter, editor)
    assert outcome.accepted == 1, outcome.left
    assert told(Policy.objects.get()) == {("local_version_of", NATIONAL): None, ("repeals", "江苏省绿色工厂评价办法"): None}


def test_dates_and_kinds_reach_the_record_with_their_precision(desk, draft):
    sent(desk, draft)
    policy = Policy.objects.get()
    assert (policy.in_force_on, policy.expires_on) == (dt.date(2026, 2, 1), dt.date(2028, 12, 31))
    assert policy.precisions == {"expires_on": "month"}
    assert (policy.stage, policy.content_type) == ("in_force", "measures")
    page = words(read(desk, policy.get_absolute_url(), factory.user()))
    assert ">2028-12<" in page.replace(" ", "")


# Tying


def test_a_policy_that_comes_in_later_ties_what_waits_for_its_title():
    local = with_document(LOCAL)
    waiting = linked(local, title=f"{NATIONAL}（试行）")
    other = linked(local, title=NATIONAL, kind="interprets")
    national = with_document(NATIONAL)
    waiting.refresh_from_db()
    other.refresh_from_db()
    assert (waiting.other, other.other, other.title) == (None, national, NATIONAL)


@pytest.mark.parametrize("printed", ["绿色工厂梯度培育及管理暂行办法(2026年)", "綠色工廠梯度培育及管理暫行辦法（2026年）"])
def test_titles_meet_whatever_the_width_and_the_characters(printed):
    local = with_document(LOCAL)
    link = linked(local, title="绿色工厂梯度培育及管理暂行办法（2026年）")
    national = with_document(printed)
    link.refresh_from_db()
    assert link.other == national


def test_many_links_that_wait_are_tied_by_as_many_queries_as_one():
    def waiting_for(title, count):
        for number in range(count):
            local = with_document(f"{title}实施细则{number}", headline=f"{title}{number}")
            linked(local, title=title)
        policy = factory.policy()
        PolicyDocument.objects.create(policy=policy, title=title)
        return policy

    counts = []
    for title, count in (("甲办法", 1), ("乙办法", 50)):
        policy = waiting_for(title, count)
        with CaptureQueriesContext(connection) as asked:
            links.tie(policy)
        counts.append(len(asked))
        assert PolicyLink.objects.filter(other=policy, title=title).count() == count
        assert all(link.history.count() == 2 for link in PolicyLink.objects.filter(other=policy))
    assert counts[0] == counts[1] <= 12
    ambiguous = waiting_for("丙办法", 50)
    waiting_for("丙办法", 0)
    with CaptureQueriesContext(connection) as asked:
        links.tie(ambiguous)
    assert len(asked) <= counts[0]
    assert not PolicyLink.objects.filter(title="丙办法").exclude(other=None).exists()


def test_two_policies_of_one_title_tie_nothing():
    link = linked(with_document(LOCAL), title=NATIONAL)
    first = factory.policy()
    PolicyDocument.objects.create(policy=first, title=NATIONAL)
    with_document(NATIONAL)
    link.refresh_from_db()
    assert link.other is None


def test_a_deleted_policy_is_not_meant():
    link = linked(with_document(LOCAL), title=NATIONAL)
    gone = factory.policy()
    PolicyDocument.objects.create(policy=gone, title=NATIONAL)
    gone.remove("twice")
    kept = with_document(NATIONAL)
    link.refresh_from_db()
    assert link.other == kept


def test_what_was_taken_back_and_comes_in_again_is_tied_again():
    link = linked(with_document(LOCAL), title=NATIONAL)
    first = with_document(NATIONAL)
    first.remove("taken back on the desk")
    again = with_document(NATIONAL)
    link.refresh_from_db()
    assert link.other == again


def test_a_new_edition_means_the_earlier_one_and_never_a_later_one():
    new = with_document(LOCAL, issued_on=dt.date(2026, 1, 1))
    link = linked(new, title=LOCAL, kind="amends")
    links.tie(new)
    with_document(LOCAL, issued_on=dt.date(2028, 1, 1))
    link.refresh_from_db()
    assert link.other is None
    Policy.objects.exclude(pk=new.pk).get().remove("another test")
    old = with_document(LOCAL, issued_on=dt.date(2024, 1, 1))
    link.refresh_from_db()
    assert link.other == old


def test_one_link_is_made_once_however_often_it_is_taken():
    policy = with_document(LOCAL)
    row = {"kind": "implements", "title": f"《{NATIONAL}》", "sentence": "落实"}
    assert len(links.add(policy, [row, row])) == 1
    assert links.add(policy, [row]) == []
    assert policy.links.get().title == NATIONAL


def test_saving_in_the_admin_ties_too(client):
    link = linked(with_document(LOCAL), title=NATIONAL)
    client.force_login(factory.superuser())
    page = client.get(reverse("admin:policies_policy_add")).content.decode()
    data = {
        "headline": "工信部印发办法",
        "level": "national",
        "source_on": "2026-01-16",
        "issued_on": "2025-12",
        "expires_on": "2028",
        "documents-0-title": NATIONAL,
        "documents-0-position": "0",
    }
    data |= management_forms(page) | {"documents-TOTAL_FORMS": "1"}
    response = client.post(reverse("admin:policies_policy_add"), data)
    assert response.status_code == 302, response.context["adminform"].form.errors
    national = Policy.objects.get(headline="工信部印发办法")
    link.refresh_from_db()
    assert link.other == national
    assert (national.issued_on, national.expires_on) == (dt.date(2025, 12, 1), dt.date(2028, 12, 31))
    assert national.precisions == {"issued_on": "month", "expires_on": "year"}
    assert national.dated_precision == "month"
    form = client.get(reverse("admin:policies_policy_change", args=[national.pk])).content.decode()
    assert 'value="2025-12"' in form
    assert 'value="2028"' in form


def management_forms(page):
    """The counts of every inline that the page has, none of them filled."""
    names = re.findall(r'name="([\w-]+)-TOTAL_FORMS"', page)
    return {f"{name}-{count}": "0" for name in names for count in ("TOTAL_FORMS", "INITIAL_FORMS")}


# Policies accepted before links were read


@pytest.fixture
def standing(draft, editor):  # noqa: F811
    """A policy whose draft was read by a reader that knew no links."""
    draft.fields.pop("links")
    draft.save()
    assert intake.accept_all(draft.newsletter, editor).accepted == 1
    return Policy.objects.get()


def test_reviewers_see_the_proposals_of_a_standing_policy_and_readers_do_not(client, standing):
    assert "Proposed links" not in read(client, standing.get_absolute_url())
    page = words(read(client, standing.get_absolute_url(), factory.user(Role.EDITOR)))
    assert "Proposed links" in page
    assert NATIONAL in page
    assert standing.links.count() == 0


def test_what_is_ticked_is_taken_and_the_rest_is_not_asked_again(client, standing, editor):  # noqa: F811
    national = with_document(NATIONAL)
    client.force_login(editor)
    draft = Draft.objects.get()
    url = reverse("digest:links", args=[draft.pk])
    assert client.post(url, {"take": [f"local_version_of {NATIONAL}", "implements 捏造"]}).status_code == 302
    assert told(standing) == {("local_version_of", NATIONAL): national}
    assert standing.links.get().history.get().history_user == editor
    assert "Proposed links" not in read(client, standing.get_absolute_url(), editor)
    client.force_login(editor)
    client.post(url, {"take": ["repeals 江苏省绿色工厂评价办法"]})
    assert standing.links.count() == 1


def test_the_admin_leads_to_the_page_where_they_are_decided(client, standing):
    url = reverse("admin:policies_policy_change", args=[standing.pk])
    assert f'<a href="{standing.get_absolute_url()}">The source of this policy' in read(client, url, factory.superuser())
    standing.drafts.update(fields={"links": {"value": [], "spans": [], "confidence": "stated", "each": [], "reason": ""}})
    assert "The source of this policy" not in read(client, url, factory.superuser(username="root-2"))


def test_only_reviewers_may_decide(client, standing):
    client.force_login(factory.user())
    assert client.post(reverse("digest:links", args=[Draft.objects.get().pk]), {"take": []}).status_code == 403
    client.force_login(factory.user(Role.EDITOR))
    assert client.post(reverse("digest:links", args=[10**9]), {}).status_code == 404
