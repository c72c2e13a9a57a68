"""Two companies become one and two again (row 9): everything moves, nothing is lost, addresses and filters follow."""

import datetime as dt
import re

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from certifications import merging
from certifications.models import (
    Company,
    CompanyMerge,
    CompanyName,
    CompanyNote,
    CompanyPolicy,
    Product,
    VerificationStatement,
)
from tanxun.alerts.models import Subscription
from tanxun.digest.resolve import company as resolved
from tanxun.listing.models import SavedFilter
from tests import factory
from tests.test_admin_together import opened

pytestmark = pytest.mark.django_db
CODES = ("911100006000300020", "91350100M000100Y43")
TABLES = (Company, CompanyName, Product, VerificationStatement, CompanyNote, CompanyPolicy, Subscription)
MOMENTS = {"updated_at", "changed_at"}


@pytest.fixture
def editor(client):
    user = factory.user("editor")
    client.force_login(user)
    client.cookies["django_language"] = "en"
    return user


def pair():
    """A kept company and a second entry of it with something in every table."""
    kept = factory.company("昆山样例电子有限公司", region=factory.region("320583"), credit_code=CODES[0])
    gone = factory.company("样例电子（昆山）", region=factory.region("330100"), website="https://g.example/")
    CompanyName.objects.create(company=gone, name="样例")
    return kept, gone


def snapshot():
    """All rows of what a merge touches, but for the moments at which they were written."""
    rows = {}
    for model in TABLES:
        names = [field.attname for field in model._meta.concrete_fields if field.name not in MOMENTS]
        rows[model.__name__] = sorted(map(repr, model._base_manager.values(*names)))
    rows["products"] = sorted(VerificationStatement.products.through.objects.values_list("verificationstatement", "product"))
    return rows


def pages_of(client, kept, gone):
    return reverse("certifications:merge", args=[gone.pk]), {"with": kept.pk}


def merged(client, kept, gone, reason="同一家公司", **more):
    address, chosen = pages_of(client, kept, gone)
    page = client.get(address, chosen)
    assert page.status_code == 200
    form = {"with": kept.pk, "keep": kept.pk, "reason": reason, "seen": page.context["seen"]} | more
    return client.post(address, form, follow=True)


def test_everything_moves_to_the_kept_one(client, editor):
    kept, gone = pair()
    both = factory.product(gone, "路由器"), factory.product(kept, "路由器")
    alone = factory.product(gone, "网关")
    own = factory.statement(company=gone, products=[both[0], alone])
    helped = factory.statement(consultant=gone)
    removed = factory.statement(company=gone)
    removed.remove("重复")
    daughter = factory.company(parent=gone)
    note = CompanyNote.objects.create(company=gone, text="回访", written_by=editor, follow_up_on=dt.date(2026, 2, 1))
    policy, shared = factory.policy(), factory.policy()
    word = CompanyPolicy.objects.create(company=gone, policy=policy)
    CompanyPolicy.objects.create(company=gone, policy=shared, note="甲")
    CompanyPolicy.objects.create(company=kept, policy=shared, note="乙")
    follower = Subscription.objects.create(user=editor, company=gone)
    response = merged(client, kept, gone)
    assert response.redirect_chain[-1][0] == kept.get_absolute_url()
    for row in (own, daughter, note, word, follower, helped, alone):
        row.refresh_from_db()
    assert {own.company, helped.consultant, daughter.parent, note.company, word.company, follower.company, alone.company} == {
        kept
    }
    assert VerificationStatement.with_deleted.get(pk=removed.pk).company == kept
    assert set(own.products.all()) == {both[1], alone}
    assert (own.region_id, own.province_id) == ("320583", "320000")
    assert {name.name for name in kept.names.all()} == {"样例", "样例电子（昆山）"}
    kept.refresh_from_db()
    assert (kept.region_id, kept.website, kept.credit_code) == ("320583", "https://g.example/", CODES[0])
    assert "甲" not in [link.note for link in kept.policy_links.all()]  # the kept one's word stands, and that is said
    assert any("already" in str(message) for message in response.context["messages"])
    assert not Company.objects.filter(pk=gone.pk).exists()


def test_who_and_why_stand_in_the_history_of_each_row(client, editor):
    """DATA-12: one entry for each moved row, with the actor."""
    kept, gone = pair()
    statement = factory.statement(company=gone)
    before = statement.history.count()
    merged(client, kept, gone, "同一信用代码")
    entry = statement.history.latest()
    assert statement.history.count() == before + 1
    assert (entry.history_user, "同一信用代码" in entry.history_change_reason) == (editor, True)
    assert kept.history.latest().history_user == editor
    assert Company.with_deleted.get(pk=gone.pk).history.latest().deleted_reason == "同一信用代码"
    made = CompanyMerge.objects.get()
    assert (made.merged_by, made.reason) == (editor, "同一信用代码")


def test_old_addresses_filters_names_and_search_follow_there_and_back(client, editor):
    kept, gone = pair()
    old, new = factory.statement(company=gone), factory.statement(company=kept)
    factory.statement()
    saved = SavedFilter.objects.create(owner=editor, page="statements", name="我的", query=f"company={gone.pk}")

    def found(query):
        response = client.get(f"/statements/?{query}")
        assert response.status_code == 200
        return {int(key) for key in re.findall(r'href="/statements/(\d+)/"', response.content.decode())}

    assert found(saved.query) == {old.pk}
    merged(client, kept, gone)
    assert found(saved.query) == found(f"company={kept.pk}") == {old.pk, new.pk}
    assert found("q=样例电子（昆山）") >= {old.pk, new.pk}
    assert client.get(gone.get_absolute_url()).url == kept.get_absolute_url()
    assert resolved("样例电子（昆山）").chosen == str(kept.pk)  # a draft that names the old one
    assert client.get(f"/policies/?company={gone.pk}").status_code == 200
    merging.undo(CompanyMerge.objects.get().pk, editor)
    assert found(saved.query) == {old.pk}
    assert client.get(gone.get_absolute_url()).status_code == 200
    assert resolved("样例电子（昆山）").chosen == str(gone.pk)


def test_two_codes_are_two_companies(client, editor):
    kept, gone = pair()
    gone.credit_code = CODES[1]
    gone.save()
    before = snapshot()
    assert "codes differ" in merged(client, kept, gone).content.decode()
    assert snapshot() == before
    assert not CompanyMerge.objects.exists()


def test_the_only_code_goes_with_the_company_and_comes_back(client, editor):
    gone, kept = pair()
    before = snapshot()
    merged(client, kept, gone)
    assert Company.objects.get(pk=kept.pk).credit_code == CODES[0]
    merging.undo(CompanyMerge.objects.get().pk, editor)
    assert snapshot() == before


def test_undoing_leaves_what_was_changed_since_and_says_so(client, editor):
    kept, gone = pair()
    elsewhere = factory.company()
    moved, stays, corrected = (factory.statement(company=gone) for _ in range(3))
    merged(client, kept, gone)
    since = factory.statement(company=kept)
    stays = VerificationStatement.objects.get(pk=stays.pk)
    stays.company = elsewhere
    stays.save()
    corrected = VerificationStatement.objects.get(pk=corrected.pk)
    corrected.summary = "更正"
    corrected.save()
    Company.objects.get(pk=kept.pk)
    response = client.post(reverse("certifications:undo-merge", args=[CompanyMerge.objects.get().pk]), follow=True)
    assert response.redirect_chain[-1][0] == gone.get_absolute_url()
    told = " ".join(map(str, response.context["messages"]))
    assert "moved elsewhere since" in told
    companies = dict(VerificationStatement.objects.values_list("pk", "company"))
    assert companies == {moved.pk: gone.pk, corrected.pk: gone.pk, stays.pk: elsewhere.pk, since.pk: kept.pk}
    assert VerificationStatement.objects.get(pk=corrected.pk).summary == "更正"
    again = client.post(reverse("certifications:undo-merge", args=[CompanyMerge.objects.get().pk]), follow=True)
    assert "already" in " ".join(map(str, again.context["messages"]))


def test_a_chain_of_merges_leads_to_its_end_and_is_undone_from_there(client, editor):
    first, second, third = (factory.company(name) for name in ("甲公司", "乙公司", "丙公司"))
    before = snapshot()
    merging.merge(second, first, editor, "一")
    merging.merge(third, second, editor, "二")
    assert client.get(first.get_absolute_url()).url == third.get_absolute_url()
    early, late = CompanyMerge.objects.order_by("pk")
    client.post(reverse("certifications:undo-merge", args=[early.pk]))
    assert CompanyMerge.objects.standing().count() == 2  # the later one first
    merging.undo(late.pk, editor)
    assert client.get(first.get_absolute_url()).url == second.get_absolute_url()
    merging.undo(early.pk, editor)
    assert snapshot() == before


def test_a_merged_company_comes_back_by_undoing_the_merge_alone(client, editor):
    kept, gone = pair()
    merged(client, kept, gone)
    row = client.get(reverse("bin")).context["rows"][0]
    assert row.merge == CompanyMerge.objects.get()
    client.post(reverse("bin"), {"record": row.key})
    assert not Company.objects.filter(pk=gone.pk).exists()


def test_what_was_looked_at_is_what_is_merged(client, editor):
    """ADM-03."""
    kept, gone = pair()
    stale = merging.stamp(kept, gone)
    gone.website = "https://other.example/"
    gone.save()
    assert "meanwhile" in merged(client, kept, gone, seen=stale).content.decode()
    for wrong in ({"keep": "0"}, {"reason": " "}, {"reason": "因" * 201}):
        address, _chosen = pages_of(client, kept, gone)
        assert client.post(address, {"with": kept.pk, "keep": kept.pk, "reason": "一", "seen": ""} | wrong).status_code == 422
    assert Company.objects.count() == 2
    assert client.post(reverse("certifications:merge", args=[gone.pk]), {"with": gone.pk, "keep": gone.pk}).status_code == 422


@pytest.mark.parametrize("key", ["0", "x", "9" * 40, "\0", ""])
def test_a_company_that_is_not_there_is_not_found(client, editor, key):
    company = factory.company()
    address = reverse("certifications:merge", args=[company.pk])
    assert client.get(address, {"with": key}).status_code == 404
    assert client.post(address, {"with": key, "keep": company.pk, "reason": "一"}).status_code == 404
    assert client.get(address, {"q": key}).status_code in (200, 400)
    assert client.get(reverse("certifications:merge", args=[2**63])).status_code == 404
    assert client.post(reverse("certifications:undo-merge", args=[2**63])).status_code == 404


def test_the_other_one_is_offered_or_searched(client, editor):
    company, twin = factory.company("昆山样例电子有限公司"), factory.company("昆山样例电子股份有限公司")
    third = factory.company("杭州样例照明有限公司")
    address = reverse("certifications:merge", args=[company.pk])
    assert list(client.get(address).context["found"]) == [twin]
    assert list(client.get(address, {"q": "照明"}).context["found"]) == [third]


@pytest.mark.parametrize("role", ["reader", "consultant"])
def test_it_is_for_editors(client, role):
    kept, gone = pair()
    made = merging.merge(kept, gone, None, "一")
    client.force_login(factory.user(role))
    for address in (reverse("certifications:merge", args=[kept.pk]), reverse("certifications:undo-merge", args=[made.pk])):
        assert client.get(address).status_code == 403
        assert client.post(address, {"with": gone.pk}).status_code == 403
    assert "/merge" not in client.get(kept.get_absolute_url()).content.decode()
    client.logout()
    assert client.get(reverse("certifications:merge", args=[kept.pk])).status_code in (302, 403)
    assert CompanyMerge.objects.standing().count() == 1


words = st.sampled_from(["样例", "样例电子", "昆山样例电子有限公司", "SAMPLE"])
side = st.fixed_dictionaries(
    {
        "names": st.sets(words),
        "products": st.sets(st.sampled_from(["路由器", "网关", "电池"])),
        "statements": st.lists(st.sets(st.sampled_from(["路由器", "网关", "电池"])), max_size=3),
        "policies": st.sets(st.integers(0, 1)),
        "has_code": st.booleans(),
        "region": st.sampled_from([None, "320583", "330100"]),
        "website": st.sampled_from(["", "https://a.example/"]),
        "follows": st.booleans(),
        "is_consultant": st.booleans(),
    }
)


def build(name, what, code, policies, user):
    region = what["region"] and factory.region(what["region"])
    company = factory.company(name, region=region, website=what["website"], credit_code=code if what["has_code"] else None)
    for each in sorted(what["names"]):
        CompanyName.objects.create(company=company, name=each)
    products = {each: factory.product(company, each) for each in sorted(what["products"])}
    for named in what["statements"]:
        factory.statement(company=company, products=[products[each] for each in sorted(named & set(products))])
    for number in what["policies"]:
        CompanyPolicy.objects.create(company=company, policy=policies[number], note=name)
    if what["follows"]:
        Subscription.objects.create(user=user, company=company, since=timezone.localdate())
    if what["is_consultant"]:
        factory.statement(consultant=company)
    return company


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(one=side, other=side, tie=st.sampled_from(["", "parent", "child", "between", "beneath"]), with_code=st.booleans())
def test_a_merge_undone_leaves_every_row_as_it_was(django_db_blocker, one, other, tie, with_code):
    """For all companies: merge, then undo, and the rows are those of before."""
    from django.db import transaction

    with transaction.atomic():
        user, policies = factory.user("editor"), [factory.policy(), factory.policy()]
        kept = build("昆山样例电子有限公司", one, CODES[0], policies, user)
        gone = build("样例电子", other | {"has_code": with_code and not one["has_code"]}, CODES[0], policies, user)
        third = factory.company("苏州样例控股有限公司")
        ties = {"parent": [(gone, kept)], "child": [(kept, gone)]}
        ties |= {"between": [(kept, third), (third, gone)], "beneath": [(gone, third), (third, kept)]}
        for child, parent in ties.get(tie, ()):
            child.parent = parent
            child.save()
        before = snapshot()
        made = merging.merge(kept, gone, user, "同一家")
        assert not merging.rows_of(VerificationStatement._meta.get_field("company"), gone).exists()
        assert not [one for one in Company.objects.all() if one.parent_id and one.pk in Company.chain_from(one.parent_id)]
        assert merging.undo(made.pk, user)[1] == []
        assert snapshot() == before
        transaction.set_rollback(True)


def test_no_company_stands_above_its_own_parent():
    top, middle, low = (factory.company() for _number in range(3))
    low.parent, middle.parent = middle, top
    middle.save()
    low.save()
    top.parent = low
    with pytest.raises(ValidationError, match=r"parent|上级"):
        top.full_clean()
    low.parent = top
    low.full_clean()


def test_undone_every_statement_names_products_of_its_own_company(client, editor):
    kept, gone = factory.company("昆山样例电子有限公司"), factory.company("样例电子（昆山）")
    gateway = factory.product(gone, "网关")
    moved, own = factory.statement(company=gone, products=[gateway]), factory.statement(company=kept)
    merging.merge(kept, gone, editor, "同一家")
    own.products.set([gateway])
    moved.products.add(Product.objects.create(company=kept, name="新品"))
    _made, told = merging.undo(CompanyMerge.objects.get().pk, editor)
    found = {one: {(each.name, each.company) for each in one.products.all()} for one in (moved, own)}
    assert found == {moved: {("网关", gone), ("新品", gone)}, own: {("网关", kept)}}
    assert len(told) == 2
    address, values = opened(client, own)
    assert client.post(address, values | {"summary": "补充"}).status_code == 302
