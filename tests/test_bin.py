"""The bin: what was removed, when and why; back again at once or later; DATA-10 and ADM-06 of the catalogue.

Nothing leaves it by itself: history, links and the record are kept until somebody purges it (test_purge_bin.py).
"""

import pytest
from django.urls import reverse

from certifications.models import Company, VerificationStatement
from policies.models import IssuingBody, Policy, Topic
from tests import factory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def english(client):
    client.cookies["django_language"] = "en"


def sign_in(client, role):
    user = factory.user(role, display_name=f"某{role}")
    client.force_login(user)
    return user


def remove(client, obj, reason="录入重复"):
    page = reverse(f"admin:{obj._meta.app_label}_{obj._meta.model_name}_delete", args=[obj.pk])
    return client.post(page, {"post": "yes", "reason": reason}, follow=True)


def key_of(obj):
    return f"{obj._meta.label_lower}-{obj.pk}"


def listed(client, **params):
    return list(client.get(reverse("bin"), params).context["rows"])


def test_what_when_why_and_for_managers_who(client):
    """SEC-07: who did it is for those who may see who did what."""
    editor = sign_in(client, "editor")
    statement, policy = factory.statement(), factory.policy(headline="样例方案出台")
    remove(client, statement)
    remove(client, policy, "不是政策")
    rows = listed(client)
    assert [(row.record, row.record.deleted_reason, row.who) for row in rows] == [
        (policy, "不是政策", None),
        (statement, "录入重复", None),
    ]
    assert (
        editor.display_name
        not in client.get(reverse("bin")).content.decode().replace(f"Account of {editor}", "").split("<main")[1]
    )
    sign_in(client, "manager")
    assert [row.who for row in listed(client)] == [editor, editor]
    assert [row.record for row in listed(client, kind="policies.policy")] == [policy]


def test_what_is_in_the_bin_is_not_removed_again(client):
    sign_in(client, "editor")
    statement = factory.statement()
    remove(client, statement)
    first, entries = listed(client)[0].record.deleted_at, statement.history.count()
    assert "This record is deleted (录入重复)" in remove(client, statement, "另一个原因").content.decode()
    record = listed(client)[0].record
    assert (record.deleted_reason, record.deleted_at, record.history.count()) == ("录入重复", first, entries)


def test_removing_offers_to_undo_it_at_once(client):
    sign_in(client, "editor")
    statement = factory.statement()
    page = remove(client, statement).content.decode()
    assert f'name="record" value="{key_of(statement)}"' in page
    assert f'action="{reverse("bin")}"' in page
    response = client.post(reverse("bin"), {"record": key_of(statement)})
    assert response.url == statement.get_absolute_url()
    assert VerificationStatement.objects.get().deleted_reason == ""


def test_from_the_bin_everything_comes_back_as_it_was(client):
    """DATA-10: links and history whole."""
    sign_in(client, "editor")
    company = factory.company()
    product, standard, policy = factory.product(company), factory.standard(), factory.policy()
    statement = factory.statement(company=company, products=[product], standards=[standard])
    statement.policy_links.create(policy=policy, note="写明")
    before = VerificationStatement.objects.filter(pk=statement.pk).values().get()
    entries = statement.history.count()
    remove(client, statement)
    assert statement.get_absolute_url()
    assert client.get(statement.get_absolute_url()).status_code == 404
    client.post(reverse("bin"), {"record": key_of(statement)})
    after = VerificationStatement.objects.filter(pk=statement.pk).values().get()
    assert before | {"updated_at": None} == after | {"updated_at": None}
    back = VerificationStatement.objects.get()
    assert (list(back.products.all()), list(back.standards.all())) == ([product], [standard])
    assert back.policy_links.get().note == "写明"
    assert back.history.count() == entries + 2
    assert client.get(statement.get_absolute_url()).status_code == 200


def test_several_come_back_together_and_a_second_click_changes_nothing(client):
    sign_in(client, "editor")
    gone = [factory.company(), factory.policy(), factory.issuing_body()]
    for one in gone:
        remove(client, one)
    keys = [key_of(one) for one in gone]
    for _click in range(2):
        assert client.post(reverse("bin"), {"record": keys}).url == reverse("bin")
    assert (Company.objects.count(), Policy.objects.count(), IssuingBody.objects.count()) == (1, 1, 1)
    assert gone[0].history.count() == 3


def test_a_company_that_statements_point_to_is_refused_with_the_list(client):
    """ADM-06."""
    sign_in(client, "editor")
    statement = factory.statement(consultant=factory.company("碳样例咨询"))
    for company in (statement.company, statement.consultant):
        assert statement.get_absolute_url() in remove(client, company).content.decode()
    assert Company.objects.count() == 2
    assert not listed(client)


def test_what_a_record_in_the_bin_names_is_not_deleted_for_good(client):
    """ADM-06, DATA-10: it comes back with all that it named."""
    sign_in(client, "editor")
    company = factory.company()
    product, standard = factory.product(company), factory.standard()
    statement = factory.statement(company=company, products=[product], standards=[standard])
    policies = [factory.policy(topics=[factory.topic("a", "主题一")])]
    policies += [factory.target(topics=[factory.topic("b", "主题二")]).policy]
    policies += [factory.incentive(topics=[factory.topic("c", "主题三")]).policy]
    named = {product: company.name, standard: company.name}
    named |= {topic: policy.headline for topic, policy in zip(Topic.objects.order_by("slug"), policies, strict=True)}
    for _in_the_bin in range(2):
        for one, holder in named.items():
            answer = client.get(reverse(f"admin:{one._meta.app_label}_{one._meta.model_name}_delete", args=[one.pk]))
            assert holder in " ".join(map(str, answer.context["protected"])), one
            assert remove(client, one).status_code == 200
            assert type(one).objects.filter(pk=one.pk).exists(), one
        for record in (statement, *policies):
            record.remove("测试")
    link = reverse("admin:certifications_verificationstatement_change", args=[statement.pk])
    assert f'<a href="{link}">{company} · GHG verification (deleted)</a>' in remove(client, product).content.decode()
    client.post(reverse("bin"), {"record": [key_of(statement), *map(key_of, policies)]})
    back = VerificationStatement.objects.get()
    assert (list(back.products.all()), list(back.standards.all())) == ([product], [standard])


def test_the_statement_of_a_removed_company_waits_for_its_company(client):
    sign_in(client, "editor")
    statement = factory.statement()
    remove(client, statement)
    remove(client, statement.company)
    response = client.post(reverse("bin"), {"record": key_of(statement)}, follow=True)
    assert str(statement.company) in " ".join(map(str, response.context["messages"]))
    assert not VerificationStatement.objects.exists()
    client.post(reverse("bin"), {"record": [key_of(statement.company)]})
    client.post(reverse("bin"), {"record": [key_of(statement)]})
    assert VerificationStatement.objects.get() == statement


def test_a_number_taken_meanwhile_is_said_and_nothing_breaks(client):
    sign_in(client, "editor")
    first = factory.statement(certificate_number="A1")
    remove(client, first)
    factory.statement(certificate_number="A1")
    response = client.post(reverse("bin"), {"record": key_of(first)}, follow=True)
    assert response.status_code == 200
    assert VerificationStatement.objects.count() == 1


def test_a_long_reason_is_kept_whole(client):
    """Longer than an entry of a history takes: PostgreSQL would refuse it."""
    sign_in(client, "editor")
    reason = "因" * 200
    remove(client, factory.statement(), reason)
    assert listed(client)[0].record.deleted_reason == reason


@pytest.mark.parametrize("key", ["", "x", "site.user-1", "certifications.company-0", "certifications.company-" + "9" * 30, "\0"])
def test_what_is_no_removed_record_changes_nothing(client, key):
    sign_in(client, "editor")
    factory.company()
    assert client.post(reverse("bin"), {"record": key}).status_code == 302
    assert client.get(reverse("bin"), {"kind": key, "page": "x"}).status_code == 200


@pytest.mark.parametrize("role", ["reader", "consultant"])
def test_it_is_for_editors(client, role):
    sign_in(client, role)
    statement = factory.statement()
    statement.remove("重复")
    assert client.get(reverse("bin")).status_code == 403
    assert client.post(reverse("bin"), {"record": key_of(statement)}).status_code == 403
    assert not VerificationStatement.objects.exists()
    client.logout()
    assert client.get(reverse("bin")).status_code == 302


def test_a_full_bin_is_paged_and_asks_as_often_as_an_empty_one(client, django_assert_max_num_queries):  # LOAD-07
    sign_in(client, "manager")
    for _ in range(60):
        factory.statement().remove("测试")
    with django_assert_max_num_queries(14):
        assert len(listed(client)) == 50
    assert len(listed(client, page=2)) == 10
